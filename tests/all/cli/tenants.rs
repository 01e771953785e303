//! `--tenant`: projects of one name, each of its own tenant.

use crate::support::Sandbox;

/// A branch at version 4, to which the rows of a team come from the store.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .config; printf 'version = 4\\n' > .config/schema_version.ocl; git add .; git commit -qm x; git switch -qd;
         printf 'name = \"North\"\\n' > north.ocl; printf 'name = \"South\"\\n' > south.ocl",
    );
    for tenant in ["north", "south"] {
        let file = format!("{tenant}.ocl");
        for arguments in [
            &["store", "init"][..],
            &["store", "put", "team/gold", &file, "--shape", "5"],
        ] {
            let said = repo.run(&[&["--tenant", tenant], arguments].concat());
            assert!(said.ends_with("--- exit 0"), "{said}");
        }
    }
    repo
}

#[test]
fn each_tenant_has_its_own_rows() {
    let repo = repository();
    insta::assert_snapshot!(repo.run(&["store", "tenants"]));
    insta::assert_snapshot!(repo.run(&["--tenant", "north", "store", "status"]));
    for (tenant, name) in [("north", "North"), ("south", "South")] {
        let said = repo.run(&["--tenant", tenant, "store", "get", "team/gold"]);
        assert!(said.contains(name), "{said}");
        let said = repo.run(&["--tenant", tenant, "show", "main", "team/gold"]);
        assert!(said.contains(name), "{said}");
    }
    // Without a name it is another tenant, which knows no project.
    let said = repo.run(&["store", "list"]);
    assert!(said.contains("doesn't know the project"), "{said}");
    // All that a catalog would do is tried with one tenant's rows.
    let tried = repo.run(&["--tenant", "south", "rehearse"]);
    assert!(
        !tried.contains("no store") && tried.ends_with("--- exit 0"),
        "{tried}"
    );
}

#[test]
fn a_commit_takes_the_rows_of_its_tenant_alone() {
    let repo = repository();
    let done = repo.run(&["--tenant", "north", "upgrade", "main", "-m", "x"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let listed = |tenant: &str| repo.run(&["--tenant", tenant, "store", "list"]);
    assert!(
        listed("north").contains("snapshot of   5 team/gold"),
        "{}",
        listed("north")
    );
    assert!(!listed("south").contains("snapshot"), "{}", listed("south"));
}

#[test]
fn a_project_moves_between_tenants() {
    let repo = repository();
    let moved = |arguments: &[&str]| {
        repo.run(&[&["--tenant", "north", "store", "move"], arguments].concat())
    };
    insta::assert_snapshot!("taken", moved(&["--to-tenant", "south"]));
    insta::assert_snapshot!(
        "moved",
        moved(&["--to-tenant", "south", "--to-project", "second"])
    );
    insta::assert_snapshot!("tenants_afterwards", repo.run(&["store", "tenants"]));
    let said = repo.run(&[
        "--tenant",
        "south",
        "--project",
        "second",
        "store",
        "get",
        "team/gold",
    ]);
    assert!(said.contains("North"), "{said}");
    assert!(moved(&["--to-tenant", "west"]).contains("doesn't know the project"));
    assert!(moved(&[]).ends_with("--- exit 2"));
}

#[test]
fn the_tenant_is_named_as_other_options_are_but_never_by_the_repository() {
    let repo = repository();
    let get = "store get team/gold";
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    let catalog = catalog.display();
    let said = repo.shell(&format!(
        "OCL_MIGRATE_TENANT=north {program} --catalog {catalog} {get}"
    ));
    assert!(said.contains("North"), "{said}");
    let folder = repo.path().display().to_string();
    repo.shell(&format!(
        "printf 'repository \"{folder}\" {{\\n tenant = \"south\"\\n}}\\n' > settings.hcl"
    ));
    let said = repo.shell(&format!(
        "OCL_MIGRATE_CONFIG=settings.hcl {program} --catalog {catalog} {get}"
    ));
    assert!(said.contains("South"), "{said}");
    repo.shell("printf 'tenant = \"south\"\\n' > .ocl-migrate.hcl");
    let refused = repo.run(&["store", "list"]);
    assert!(refused.contains("can't choose the tenant"), "{refused}");
}

/// A tenant's own project of another name is stray; the others' belong to other repositories.
#[test]
fn the_projects_of_other_tenants_are_not_stray() {
    let repo = repository();
    let init = |tenant: &str, base_path: &str| {
        repo.run(&[
            "--tenant",
            tenant,
            "--base-path",
            base_path,
            "store",
            "init",
        ])
    };
    for (tenant, base_path) in [("south", "theirs"), ("north", "mine")] {
        let done = init(tenant, base_path);
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    let doctor = repo.run(&["--tenant", "north", "doctor"]);
    assert!(
        doctor.contains("the store knows the project mine of tenant north"),
        "{doctor}"
    );
    assert!(!doctor.contains("theirs"), "{doctor}");
}
