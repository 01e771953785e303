//! A repository with several projects: what is told of one of them names it, and leads to it.

use super::pasted_hints::{done, paste, refused};
use crate::support::Sandbox;

/// The projects `one` and `two`, at a version below imports; `left` changed both.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e
        for p in one two; do
            mkdir -p .octopus/$p; echo 'version = 4' > .octopus/$p/schema_version.ocl; echo 'name = "A"' > .octopus/$p/deployment_settings.ocl
        done
        git add -A; git commit -qm Base; git branch right
        git switch -qc left; for p in one two; do echo 'name = "B"' > .octopus/$p/deployment_settings.ocl; done; git commit -qam Left
        git switch -q right; echo notes > notes.txt; git add -A; git commit -qm Right; git switch -q --detach"#,
    );
    repo
}

// The rows are in the newest shape, above versions that nobody knows.
const MERGE: [&str; 10] = [
    "merge",
    "left",
    "--into",
    "right",
    "-m",
    "Merge",
    "--to",
    "10",
    "--accept-unknown",
    "11,12",
];

#[test]
fn each_project_of_a_merge_is_made_known_to_the_store() {
    let repo = repository();
    let told = repo.run_plain(&MERGE);
    let warning = "warning: .octopus/one and .octopus/two: nothing was imported: there is no store to import variables and \
                   runbook from\n";
    assert!(told.contains(warning), "{told}");
    let asked = "warning: --accept-unknown 11: nothing asked for it\n";
    assert!(told.contains(asked), "{told}");
    assert_eq!(told.matches("warning: ").count(), 3, "{told}");
    repo.shell("echo 'name = \"X\"' > x.ocl");
    for project in ["one", "two"] {
        let told = repo.run_plain(&MERGE);
        let named = format!("error: in the project .octopus/{project}: ");
        assert!(told.contains(&named), "{told}");
        let known = refused(&repo, &MERGE);
        paste(&repo, &known[0], &[]);
        let row = [("DOC", "runbook/x"), ("FILE", "x.ocl")];
        if project == "two" {
            paste(&repo, &known[1], &row);
        }
    }
    done(&repo, &MERGE);
    let shown = repo.shell(
        "git show right:.octopus/two/runbooks/x.ocl; git ls-tree -r right .octopus/one/runbooks",
    );
    assert_eq!(shown, "name = \"X\"\n");
}

/// Its rows are those of the project that the store knows by the former place.
/// The version that is told is that of the first project, which nobody may have touched.
#[test]
fn a_merge_names_the_project_whose_version_it_tells() {
    let repo = repository();
    repo.shell(
        "git branch start main && git switch -q left && echo 'version = 5' > .octopus/two/schema_version.ocl && git commit -qam Up
         git checkout -q --detach",
    );
    let merge = ["merge", "left", "--into", "start", "-m", "x"];
    let would = repo.run_plain(&[&merge[..], &["--dry-run"]].concat());
    let version = "refs/heads/start would move to version 4 in .octopus/one\n";
    assert!(would.contains(version), "{would}");
    let told = repo.run_plain(&merge);
    assert!(
        told.contains(" now, at version 4 in .octopus/one\n"),
        "{told}"
    );
    let merge = ["merge", "left", "--into", "right", "-m", "x"];
    let told = repo.run_plain(&merge);
    assert!(
        told.contains(" now, at version 4 in .octopus/one\n"),
        "{told}"
    );
}

#[test]
fn a_moved_project_is_known_by_its_former_name() {
    let repo = repository();
    repo.shell(
        r#"set -e; git switch -qc alone main; git rm -rq .octopus/two; git commit -qm Alone
        git switch -qc moved; git mv .octopus/one .octopus/three; git commit -qm Moved
        git switch -q alone; echo 'name = "B"' > .octopus/one/deployment_settings.ocl; git commit -qam Changed; git switch -q --detach
        echo 'name = "X"' > x.ocl"#,
    );
    done(&repo, &["--base-path", ".octopus/one", "store", "init"]);
    let put = [
        "--base-path",
        ".octopus/one",
        "store",
        "put",
        "runbook/x",
        "x.ocl",
    ];
    done(&repo, &put);
    let merge = [
        "merge",
        "alone",
        "--into",
        "moved",
        "-m",
        "Merge",
        "--to",
        "10",
        "--accept-unknown",
        "11,12",
    ];
    for command in [
        &merge[..],
        &[
            "upgrade",
            "moved",
            "-m",
            "Migrate",
            "--to",
            "10",
            "--accept-unknown",
            "11,12",
        ],
    ] {
        let hint = refused(&repo, command);
        assert!(hint[0].ends_with(" --project .octopus/one"), "{hint:?}");
    }
    paste(&repo, &refused(&repo, &merge)[0], &[]);
    let shown = repo.shell("git show moved:.octopus/three/runbooks/x.ocl");
    assert_eq!(shown, "name = \"X\"\n");
}

#[test]
fn what_doctor_tells_to_do_is_done_to_the_project_that_it_is_about() {
    let repo = repository();
    done(&repo, &["--base-path", ".octopus/one", "store", "init"]);
    let mends = || -> Vec<String> {
        let told = repo.pretty_plain(&["doctor"]);
        let told: serde_json::Value =
            serde_json::from_str(told.split("\n---").next().unwrap()).unwrap();
        let findings = told["findings"].as_array().unwrap().iter();
        findings
            .map(|it| it["mend"].as_str().unwrap().to_owned())
            .collect()
    };
    let found = mends();
    assert_eq!(found.len(), 2, "{found:?}");
    for mend in found {
        paste(&repo, &mend, &[]);
        paste(&repo, &mend.replace("--dry-run ", ""), &[]);
    }
    // `two` is known now, and behind.
    for mend in mends() {
        paste(&repo, &mend.replace("--dry-run ", ""), &[]);
    }
    assert_eq!(mends(), Vec::<String>::new());
    // A name of its own in the store is repeated.
    let named = ["--base-path", ".octopus/one", "--project", "shop"];
    let told = repo.run_plain(&[&named[..], &["doctor"]].concat());
    assert!(
        told.contains("    ocl-migrate --base-path .octopus/one --project shop store init\n"),
        "{told}"
    );
}

/// Whoever puts something into the store says for which project, as for every other command.
#[test]
fn the_store_is_not_told_of_a_project_that_nobody_chose() {
    let repo = repository();
    repo.shell("echo 'name = \"X\"' > x.ocl");
    let commands: [&[&str]; 4] = [
        &["store", "init"],
        &["store", "put", "runbook/x", "x.ocl"],
        &["store", "lookup", "put", "environments", "Test", "test"],
        &["store", "list"],
    ];
    let several = "error: the ref holds several projects (.octopus/one and .octopus/two): choose one by its base path\n";
    // What is checked out says it, else the branches, else those of remotes.
    for refs in [
        "git checkout -q left; git update-ref refs/pull/1/head main",
        "git symbolic-ref HEAD refs/heads/none; rm -r .octopus",
        "git update-ref refs/remotes/origin/left left; git branch -qD main left right",
    ] {
        repo.shell(refs);
        for command in commands {
            let told = repo.run_plain(command);
            assert!(told.contains(several), "{refs}\n{told}");
            let chosen = format!(
                "\n    ocl-migrate {} --base-path .octopus/two\n",
                command.join(" ")
            );
            assert!(told.contains(&chosen), "{refs}\n{told}");
        }
    }
    assert!(!repo.path().join(".git/ocl-migrate").exists());
    for command in commands {
        done(&repo, &[&["--base-path", ".octopus/two"], command].concat());
    }
    // One that the store knows is no better chosen.
    done(&repo, &["--base-path", ".octopus", "store", "init"]);
    let told = repo.run_plain(&["store", "list"]);
    assert!(told.contains(several), "{told}");
}

/// A request from long ago has a project where the catalog's base path is; what is checked out has one elsewhere.
#[test]
fn the_store_is_told_of_the_project_of_the_branches() {
    for elsewhere in [".octopus/one", "deploy"] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "set -e; mkdir .octopus; echo 'version = 4' > .octopus/schema_version.ocl; git add -A; git commit -qm Old
            git update-ref refs/pull/1/head HEAD; git rm -rq .octopus; mkdir -p {elsewhere}
            echo 'version = 4' > {elsewhere}/schema_version.ocl; git add -A; git commit -qm Moved"
        ));
        let told = repo.run_plain(&["store", "init"]);
        assert!(
            told.contains("error: no ref has a project at \".octopus\""),
            "{told}"
        );
        let named = format!("ocl-migrate store init --base-path {elsewhere}\n");
        assert!(told.contains(&named), "{told}");
        done(&repo, &["store", "init", "--base-path", ".octopus"]);
    }
}

#[test]
fn a_store_begins_before_any_project_does() {
    let repo = Sandbox::empty();
    done(&repo, &["store", "init"]);
    repo.shell("git commit -q --allow-empty -m Nothing");
    done(&repo, &["store", "list"]);
}
