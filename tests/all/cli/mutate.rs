//! `verify --mutate`: would the cases notice a mistake in a step?

use crate::support::Sandbox;

/// A catalog with one step: what it does is seen by its case, but for what `modify` says.
fn catalog(modify: &str, before: &str, after: &str) -> Sandbox {
    let repo = Sandbox::empty();
    let write = |path: &str, text: &str| {
        let path = repo.path().join("lamps").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "catalog.hcl",
        "catalog \"lamps\" { base_path = \".lamps\" }\ndocument \"lamp\" { path = \"lamp.ocl\" }\n",
    );
    let import = "description = \"Lamps\"\ndocument    = \"lamp\"\n\nimport {}\n";
    write("0001_lamps/step.hcl", import);
    let step =
        format!("description = \"Watts\"\ndocument    = \"lamp\"\n\nmodify {{\n{modify}}}\n");
    write("0002_watts/step.hcl", &step);
    write("0002_watts/cases/usual/before.ocl", before);
    write("0002_watts/cases/usual/after.ocl", after);
    write("snapshots/arrivals/v1/lamp.ocl", "power = 5\n");
    for (version, lamp) in [(1, "power = 5\n"), (2, "watts = 5\n")] {
        write(&format!("snapshots/v{version}/lamp.ocl"), lamp);
        let marker = format!("version = {version}");
        write(&format!("snapshots/v{version}/schema_version.ocl"), &marker);
    }
    repo
}

fn mutate(repo: &Sandbox) -> String {
    repo.run_plain(&["--catalog", "lamps", "verify", "--mutate"])
}

const COLORS: &str = "  rename  = { power = \"watts\" }\n  convert = { color = replace(value, \"wite\", \"white\") } # mutant \"white\": it is right\n";

#[test]
fn what_no_case_notices_is_listed_with_its_place() {
    let red = "color = \"red\"\n";
    let repo = catalog(
        COLORS,
        &format!("power = 5\n{red}"),
        &format!("watts = 5\n{red}"),
    );
    insta::assert_snapshot!(mutate(&repo));
    insta::assert_snapshot!(repo.pretty_plain(&["--catalog", "lamps", "verify", "--mutate"]));
}

#[test]
fn a_case_in_which_the_step_does_something_notices_all() {
    let repo = catalog(
        COLORS,
        "power = 5\ncolor = \"wite\"\n",
        "watts = 5\ncolor = \"white\"\n",
    );
    insta::assert_snapshot!(mutate(&repo));
}

#[test]
fn a_catalog_that_is_not_sound_is_verified_first() {
    let modify = "  rename = { power = \"watts\" }\n";
    let repo = catalog(modify, "power = 5\n", "watts = 6\n");
    insta::assert_snapshot!(mutate(&repo));
}

#[test]
fn one_step_is_named_by_its_folder_or_its_name() {
    let repo = catalog(
        "  rename = { power = \"watts\" }\n",
        "power = 5\n",
        "watts = 5\n",
    );
    let of =
        |step: &str| repo.run_plain(&["--catalog", "lamps", "verify", "--mutate", "--step", step]);
    assert_eq!(of("watts"), mutate(&repo));
    assert_eq!(of("0002_watts"), mutate(&repo));
    insta::assert_snapshot!(of("wats"));
    let unknown = of("0003");
    assert!(
        unknown.contains(
            "no step \"0003\" that is written in HCL; it has 0001_lamps and 0002_watts\n"
        ),
        "{unknown}"
    );
}
