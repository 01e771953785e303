//! `restore`: what can't be restored is said as it is, with a way that works.

use super::pasted_hints::{paste, refused};
use crate::support::Sandbox;

/// A project that was moved after its first commit; `later` passed an import since, and `bare` has no project.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e
        git commit -q --allow-empty -m Empty; git branch bare
        mkdir -p .octopus/one; cd .octopus; echo 'version = 6' > one/schema_version.ocl; echo 'name = "A"' > one/deployment_settings.ocl
        git add -A; git commit -qm One; git tag old
        git mv one two; git commit -qm Moved; echo 'name = "B"' > two/deployment_settings.ocl; git commit -qam Two; git branch later
        git switch -q later; mkdir two/runbooks; echo 'version = 9' > two/schema_version.ocl; echo 'name = "R"' > two/runbooks/r.ocl
        git add -A; git commit -qm Later; git switch -q --detach"#,
    );
    repo
}

#[test]
fn a_commit_that_has_the_project_elsewhere_says_where() {
    let repo = repository();
    for wrong in [&[][..], &["--from-base-path", "nosuch"]] {
        let restore = ["restore", "main", "--from", "old", "-m", "Restore"];
        let restore = [&restore[..], wrong].concat();
        let told = repo.run_plain(&restore);
        assert!(told.contains("error: old has no project at "), "{told}");
        assert!(!told.contains("warning"), "{told}");
        let hint = &refused(&repo, &restore)[0];
        assert!(hint.ends_with(" --from-base-path .octopus/one"), "{hint}");
    }
    let odd = repo.run_plain(&[
        "restore",
        "main",
        "--from",
        "old",
        "--from-base-path",
        "../x",
    ]);
    assert!(
        odd.contains("a base path is a folder in the repository"),
        "{odd}"
    );
    paste(
        &repo,
        &refused(
            &repo,
            &["restore", "main", "--from", "old", "-m", "Restore"],
        )[0],
        &[],
    );
    let shown = repo.shell("git show main:.octopus/two/deployment_settings.ocl");
    assert_eq!(shown, "name = \"A\"\n");
    let nothing = repo.run_plain(&["restore", "main", "--from", "bare"]);
    assert!(
        nothing.contains("error: bare has no project at \".octopus/two\"\n"),
        "{nothing}"
    );
    let hint = &refused(&repo, &["restore", "main", "--from", "bare"])[0];
    paste(&repo, hint, &[]);
}

#[test]
fn a_branch_without_a_project_is_said_to_have_none() {
    let repo = repository();
    let told = repo.run_plain(&["restore", "bare", "--from", "old", "-m", "Restore"]);
    assert!(
        told.contains("error: bare has no project at \".octopus\"\n"),
        "{told}"
    );
    let json = repo.command(&["--format", "json", "restore", "bare", "--from", "old"]);
    let json = String::from_utf8(json.stderr).unwrap();
    assert!(json.contains("\"base-path-without-project\""), "{json}");
}

/// A restoration reads no store: what the server kept then is nowhere in that commit.
#[test]
fn what_was_not_in_git_yet_is_not_looked_for_in_a_store() {
    let repo = repository();
    for document in [&["runbook/r"][..], &["runbook/r", "name"]] {
        let restore = ["restore", "later", "--from", "main"];
        let told = repo.run_plain(&[&restore[..], document].concat());
        assert!(!told.contains("values already"), "{told}");
        assert!(!told.contains("--store"), "{told}");
    }
    let unknown = repo.run_plain(&["restore", "later", "--from", "main", "runbook/gone"]);
    assert!(
        unknown.contains(
            "was not in Git there, since the server kept its kind itself before version 9"
        ),
        "{unknown}"
    );
    assert!(!unknown.contains("--store"), "{unknown}");
    let whole = repo.run_plain(&["restore", "later", "--from", "main", "runbook/r"]);
    assert!(
        whole.contains("error: there is nothing to restore from main\n"),
        "{whole}"
    );
    let value = ["restore", "later", "--from", "main", "runbook/r", "name"];
    let told = paste(&repo, &refused(&repo, &value)[0], &[]);
    assert!(told.contains("Later"), "{told}");
}

/// Below an import, no step removed the document.
#[test]
fn a_document_that_the_server_keeps_at_the_version_asked_for() {
    let repo = repository();
    let set = [
        "commit",
        "later",
        "-m",
        "x",
        "--to",
        "6",
        "--set",
        "runbook/r name=S",
    ];
    let told = repo.run_plain(&set);
    assert!(
        told.contains("the server keeps `runbook` itself before version 9"),
        "{told}"
    );
    assert!(!told.contains("a step removed it"), "{told}");
    // What the branch alone has is in the way, whatever another import would bring in.
    let down = repo.run_plain(&["downgrade", "later", "-m", "x", "--to", "4"]);
    assert!(
        down.contains("below version 9 the server keeps `runbook` itself"),
        "{down}"
    );
    let up = repo.run_plain(&["upgrade", "later", "-m", "x", "--to", "6"]);
    assert!(
        up.contains("downgrade later --to 6 -m TEXT --dry-run"),
        "{up}"
    );
}

/// Only a branch can be written to, also where nothing would change.
#[test]
fn a_tag_is_no_branch() {
    let repo = repository();
    let restore = ["restore", "refs/tags/old", "--from", "old", "-m", "x"];
    let told = repo.run_plain(&restore);
    assert!(
        told.contains("error: refs/tags/old is not a branch"),
        "{told}"
    );
    let set = ["deployment_settings name=C", "refs/tags/old"];
    let commit = ["commit", set[1], "-m", "x", "--to", "6", "--set", set[0]];
    let hint = &refused(&repo, &commit)[0];
    paste(&repo, hint, &[("NAME", "new")]);
    let shown = repo.shell("git show new:.octopus/one/deployment_settings.ocl");
    assert_eq!(shown, "name = \"C\"\n");
}

#[test]
fn a_base_path_that_the_branch_itself_does_not_have_is_replaced() {
    let repo = repository();
    let restore = [
        "restore",
        "main",
        "--from",
        "main",
        "--from-base-path",
        "zz",
    ];
    let hint = &refused(&repo, &[&restore[..], &["-m", "x"]].concat())[0];
    assert!(hint.ends_with(" --from-base-path .octopus/two"), "{hint}");
}

#[test]
fn what_comes_back_may_still_be_run_and_what_goes_is_told() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .octopus/runbooks; cd .octopus; echo 'version = 14' > schema_version.ocl; echo 'name = \"S\"' > runbooks/s.ocl
        chmod +x runbooks/s.ocl; git add -A; git commit -qm One; git tag old
        git mv runbooks/s.ocl runbooks/t.ocl; git commit -qm Two; git switch -q --detach",
    );
    let told = repo.run_plain(&[
        "restore",
        "main",
        "--from",
        "old",
        "-m",
        "x",
        "runbook/s",
        "runbook/t",
    ]);
    assert!(told.ends_with("--- exit 0"), "{told}");
    let removed = "warning: runbook/t is removed: old doesn't have it\n";
    assert!(told.contains(removed), "{told}");
    let files = repo.shell("git ls-tree -r main .octopus/runbooks/");
    assert!(
        files.starts_with("100755") && files.ends_with("runbooks/s.ocl\n"),
        "{files}"
    );
}
