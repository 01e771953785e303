//! A project that lies elsewhere than the catalog says: it is told, and no second one is begun beside it unasked.

use super::pasted_hints::{done, paste, refused};
use crate::support::Sandbox;

/// `main` has the project where it belongs, `moved` in `conf`; further folders have none.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .octopus src/deep; cd .octopus; echo 'version = 9' > schema_version.ocl; echo 'name = \"A\"' > deployment_settings.ocl
        cd ..; echo x > src/deep/x; git add -A; git commit -qm Begin; git switch -qc moved; git mv .octopus conf; git commit -qm Move
        git branch other; git switch -q --detach",
    );
    repo
}

const TOLD: &str = "there is no project at \".octopus\", so this is treated as one that isn't in Git yet; there is one at \"conf\"\n";

#[test]
fn every_command_that_reads_the_ref_says_where_the_project_is() {
    let repo = repository();
    for command in [
        &["preview", "moved"][..],
        &["plan", "moved"],
        &["show", "moved"],
        &["diff", "main", "moved"],
        &["log", "moved", "deployment_settings"],
        &["rehearse", "moved"],
        &["compare", "--refs", "main", "moved"],
        &["check", "moved"],
        &["status", "moved"],
    ] {
        let told = repo.run_plain(command);
        let told = told.replace("conf\" (1 ref)", "conf\"");
        assert!(told.contains(TOLD), "{command:?}\n{told}");
    }
    let told = repo.run_plain(&["show", "moved", "deployment_settings"]);
    assert!(
        told.ends_with(
            "error: there is no document `deployment_settings` here; there are none, but a project at \"conf\"\n\
             hint: look there: ocl-migrate show moved deployment_settings --base-path conf\n--- exit 1"
        ),
        "{told}"
    );
    // Where somebody chose it, and where it is.
    for command in [
        &["--base-path", "conf", "preview", "moved"][..],
        &["preview", "main"],
        &["status", "main"],
    ] {
        let told = repo.run_plain(command);
        assert!(!told.contains("no project at"), "{command:?}\n{told}");
    }
}

#[test]
fn status_and_doctor_name_it_with_a_command_that_looks_there() {
    let repo = repository();
    insta::assert_snapshot!(repo.run_plain(&["status"]), @r#"
    --- stdout
    REF               BASE PATH  VERSION  STATE (server 14)
    refs/heads/main   .octopus         9  behind, 3 steps pending
    refs/heads/moved  .octopus         -  uninitialised, 13 steps pending
    refs/heads/other  .octopus         -  uninitialised, 13 steps pending
    --- stderr
    warning: refs/heads/moved and 1 more: there is no project at ".octopus", so this is treated as one that isn't in Git yet; there is one at "conf"
    hint: look there: ocl-migrate --base-path conf status
    --- exit 0
    "#);
    let json = repo.run_plain(&["status", "moved", "--format", "json"]);
    assert!(json.contains(r#""elsewhere":["conf"]"#), "{json}");
    let json = repo.run_plain(&["preview", "moved", "--format", "json"]);
    assert!(json.contains(r#""elsewhere":["conf"]"#), "{json}");
    insta::assert_snapshot!(repo.run_plain(&["doctor"]), @r#"
    --- stdout
    problem: refs/heads/moved: there is no project at ".octopus", and what lies elsewhere wasn't looked at; there is one at "conf" (the same on another branch)
        look at it there: ocl-migrate --base-path conf doctor
    3 refs looked at, with the documents of 1: 1 problem, 0 notes
    --- exit 1
    "#);
    let json = repo.run_plain(&["doctor", "--format", "json"]);
    assert!(json.contains("\"project_elsewhere\""), "{json}");
    assert!(json.contains(r#""elsewhere":["conf"]"#), "{json}");
    assert_eq!(
        paste(&repo, "ocl-migrate --base-path conf doctor", &[]),
        "3 refs looked at, with the documents of 2: nothing is wrong\n"
    );
}

#[test]
fn a_second_project_is_begun_only_where_somebody_chose_its_place() {
    let repo = repository();
    let put = "deployment_settings=s.ocl";
    repo.shell("echo 'name = \"B\"' > s.ocl");
    done(&repo, &["--base-path", ".octopus", "store", "init"]);
    for command in [
        &["upgrade", "moved", "-m", "Migrate"][..],
        &["upgrade", "moved", "-m", "Migrate", "--dry-run"],
        &["commit", "moved", "-m", "Change", "--put", put],
        &["upgrade", "new", "-m", "M", "--new", "--from", "moved"],
    ] {
        let told = repo.run_plain(command);
        let error = "error: the branch has no project at \".octopus\", and a change would begin one there; there is one at \"conf\"\n";
        assert!(told.contains(error), "{told}");
    }
    let json = repo.run_plain(&["upgrade", "moved", "-m", "M", "--format", "json"]);
    assert!(json.contains("\"project-elsewhere\""), "{json}");
    assert!(
        json.contains(r#""places":[{"ref":"moved","file":"conf"}]"#),
        "{json}"
    );
    let commit = ["commit", "moved", "-m", "Change", "--put", put];
    let unknown = ["--accept-unknown", "11,12"];
    let hint = refused(&repo, &[&commit[..], &unknown].concat());
    let [there, nevertheless] = &hint[..] else {
        panic!("{hint:?}")
    };
    done(&repo, &["--base-path", "conf", "store", "init"]);
    paste(&repo, there, &[]);
    let files = || repo.shell("git ls-tree -r --name-only moved");
    assert!(!files().contains(".octopus/"), "{}", files());
    assert_eq!(
        repo.shell("git show moved:conf/deployment_settings.ocl"),
        "name = \"B\"\n"
    );
    paste(&repo, nevertheless, &[]);
    assert!(
        files().contains(".octopus/schema_version.ocl"),
        "{}",
        files()
    );
}

/// One tree may hold another one many times, and what lies far down isn't looked for.
#[test]
fn many_projects_elsewhere_are_told_in_few_words() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e
        blob=$(echo 'version = 9' | git hash-object -w --stdin)
        tree=$(printf '100644 blob %s\tschema_version.ocl\n' $blob | git mktree)
        for level in 1 2 3 4 5 6 7 8 9; do
            tree=$(for name in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\t%s\n' $tree $name; done | git mktree)
            git update-ref refs/heads/level-$level $(git commit-tree $tree -m Many)
        done"#,
    );
    let json = repo.run_plain(&["status", "level-8", "--format", "json"]);
    assert_eq!(json.matches("\"0/0/0/0/0/0/").count(), 20, "{json}");
    let told = repo.run_plain(&["preview", "level-8"]);
    assert!(told.contains("; there are some at \"0/0/0/"), "{told}");
    let told = repo.run_plain(&["preview", "level-9"]);
    assert!(!told.contains("there are some"), "{told}");
}
