//! `doctor` reads the documents of every ref, and its commands work from wherever it is called.

use std::fs;

use super::pasted_hints::{done, paste};
use crate::support::{Sandbox, project};

/// A document that is no OCL in an older commit, and main without it.
fn broken_before() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; printf 'version = 14' > .octopus/schema_version.ocl
        printf 'name = \n' > .octopus/deployment_settings.ocl; git add -A; git commit -qm Bad; git branch bad
        printf 'name = "A"\n' > .octopus/deployment_settings.ocl; git commit -qam Good"#,
    );
    repo
}

#[test]
fn documents_of_tags_of_requests_and_of_remotes_are_read() {
    for name in ["refs/tags/v1", "refs/pull/1/head", "refs/remotes/origin/x"] {
        let repo = broken_before();
        repo.shell(&format!("git update-ref {name} bad; git branch -qD bad"));
        let told = repo.run_plain(&["doctor"]);
        let problem = format!("problem: {name}: .octopus/deployment_settings.ocl can't be read");
        assert!(told.contains(&problem), "{told}");
        assert!(told.contains("2 refs looked at: 1 problem"), "{told}");
        let begin = format!("begins there: git branch mended {name}\n");
        let is_of_remote = name.starts_with("refs/remotes/");
        assert_eq!(told.contains(&begin), !is_of_remote, "{told}");
        assert!(told.ends_with("--- exit 1"), "{told}");
    }
}

#[test]
fn what_is_on_a_branch_and_elsewhere_is_told_of_the_branch() {
    let repo = broken_before();
    repo.shell("git tag v1 bad; git update-ref refs/pull/1/head bad; git update-ref refs/a/b bad");
    let told = repo.run_plain(&["doctor"]);
    let problem = "problem: refs/heads/bad: .octopus/deployment_settings.ocl can't be read";
    assert!(told.contains(problem), "{told}");
    assert!(told.contains(" (the same on 3 other refs)\n"), "{told}");
}

/// As in CI: no local branch, or no ref at all.
#[test]
fn what_is_checked_out_is_read() {
    let repo = broken_before();
    repo.shell(
        "git checkout -q --detach bad; git update-ref refs/remotes/pull/1/merge HEAD; git branch -qD main bad",
    );
    let told = repo.run_plain(&["doctor"]);
    assert!(
        told.contains("problem: refs/remotes/pull/1/merge: "),
        "{told}"
    );
    assert!(told.contains("1 ref looked at: 1 problem"), "{told}");
    repo.shell("git update-ref -d refs/remotes/pull/1/merge");
    let told = repo.run_plain(&["doctor"]);
    assert!(told.contains("problem: HEAD: .octopus/"), "{told}");
}

#[test]
fn refs_without_a_project_are_counted_apart() {
    let repo = broken_before();
    repo.shell(
        "git branch -qD bad; git switch -q --orphan new; git commit -q --allow-empty -m New",
    );
    let told = repo.run_plain(&["doctor"]);
    let looked = "2 refs looked at, with the documents of 1: nothing is wrong\n";
    assert!(told.contains(looked), "{told}");
}

/// A shape that a merge mixed is told of what goes on: a tag stays as it is.
#[test]
fn a_mixed_shape_of_a_remote_branch_is_mended_on_a_branch_here() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .config; printf 'version = 3' > .config/schema_version.ocl
        printf 'colour = "red"\n' > .config/fizz.ocl; git add -A; git commit -qm Old
        printf 'version = 6' > .config/schema_version.ocl; git commit -qam 'Marker alone'
        git tag v1; git switch -q --detach; git branch -qD main; git checkout -q --orphan none; git reset -q --hard"#,
    );
    let told = repo.run(&["doctor"]);
    assert!(told.contains("1 ref looked at: nothing is wrong"), "{told}");
    repo.shell("git update-ref refs/remotes/origin/x v1");
    let report = repo.pretty(&["doctor"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let mixed = &report["findings"][0];
    assert_eq!(mixed["check"], "mixed_shape", "{report:#}");
    assert_eq!(mixed["ref"], "refs/remotes/origin/x");
    let mend = mixed["mend"].as_str().unwrap();
    assert!(
        mend.starts_with("git branch x refs/remotes/origin/x && "),
        "{mend}"
    );
    let scratch = repo.path().join("mended.ocl").display().to_string();
    let mend = mend.replace("/tmp/mended.ocl", &scratch);
    let mend = mend.replace("PROJECT", &project().display().to_string());
    paste(&repo, &mend, &[]);
    let mended = repo.shell("git show x:.config/fizz.ocl");
    assert_eq!(mended, "color = \"red\"\n");
}

#[test]
fn a_tag_of_a_file_is_nothing_wrong() {
    let repo = broken_before();
    repo.shell("git branch -qD bad; git tag -a key -m Key $(git hash-object -w --stdin <<< KEY); git tag tree HEAD^{tree}");
    let told = repo.run_plain(&["doctor"]);
    assert!(
        told.contains("3 refs looked at, with the documents of 1: nothing is wrong\n"),
        "{told}"
    );
    done(&repo, &["status", "--fail-on", "invalid"]);
}

#[test]
fn a_symbolic_ref_that_leads_nowhere_is_taken_away() {
    let repo = broken_before();
    repo.shell("git branch -qD bad; git symbolic-ref refs/heads/old refs/heads/gone");
    let report = repo.pretty_plain(&["doctor"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let mend = report["findings"][0]["mend"].as_str().unwrap();
    let (_, command) = mend.split_once(": ").unwrap();
    paste(&repo, command, &[]);
    done(&repo, &["doctor"]);
}

#[test]
fn a_broken_head_is_found_and_mended() {
    let repo = broken_before();
    repo.shell("git branch -qD bad");
    for head in ["garbage\n", "", "ref: nowhere\n"] {
        fs::write(repo.path().join(".git/HEAD"), head).unwrap();
        let report = repo.pretty_plain(&["doctor"]);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let finding = &report["findings"][0];
        assert_eq!(finding["check"], "broken_head", "{report}");
        let mend = finding["mend"]
            .as_str()
            .unwrap()
            .replace("REPO", &repo.path().display().to_string());
        let (_, command) = mend.split_once(": ").unwrap();
        paste(&repo, command, &[("BRANCH", "main")]);
        done(&repo, &["doctor"]);
        repo.shell("git status");
    }
}

/// The commands name the repository, as ocl-migrate's own do.
#[test]
fn commands_of_git_name_the_repository_that_was_named() {
    let repo = broken_before();
    let elsewhere = Sandbox::empty();
    let path = repo.path().display().to_string();
    for option in ["--repo", "-C"] {
        let done = elsewhere.command(&[option, &path, "doctor", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let mend = report["findings"][0]["mend"].as_str().unwrap();
        let (_, command) = mend.split_once(": ").unwrap();
        let log = paste(&elsewhere, command, &[]);
        assert!(log.contains("    Bad\n"), "{mend}\n{log}");
    }
}

#[test]
fn an_environment_without_its_ref_is_a_problem() {
    let repo = broken_before();
    repo.shell(
        "git branch -qD bad; echo 'environment \"staging\" { ref = \"nope\" }' > .ocl-migrate.hcl",
    );
    let told = repo.run_plain(&["doctor"]);
    let problem = "problem: the environment `staging` of the repository's .ocl-migrate.hcl has the ref `nope`, which isn't there\n";
    assert!(told.contains(problem), "{told}");
    assert!(told.ends_with("--- exit 1"), "{told}");
    repo.shell("echo 'environment \"staging\" { ref = \"main\" }' > .ocl-migrate.hcl");
    done(&repo, &["doctor"]);
}

/// Nobody commits on a tag, a pull request or a branch of a remote.
#[test]
fn a_path_on_what_no_commit_can_be_put_on_is_mended_on_a_branch() {
    for (name, branch) in [
        ("refs/tags/v1", "mended"),
        ("refs/pull/1/head", "mended"),
        ("refs/remotes/origin/x", "x"),
    ] {
        let repo = broken_before();
        repo.shell(&format!(
            r#"set -e; git branch -qD bad; git switch -q --detach; mkdir .octopus/runbooks
            for name in a A; do printf 'name = "A"\n' > .octopus/runbooks/$name.ocl; done
            git add -A; git commit -qm Both; git update-ref {name} HEAD; git switch -q main"#
        ));
        let report = repo.pretty_plain(&["doctor"]);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let finding = &report["findings"][0];
        assert_eq!(finding["check"], "same_path", "{report:#}");
        let mend = finding["mend"].as_str().unwrap();
        assert!(mend.starts_with("no commit can be put on "), "{mend}");
        let (_, command) = mend.split_once("begins there: ").unwrap();
        let command = command.replace(" NEW", " .octopus/runbooks/b.ocl");
        repo.shell(&format!("set -e; {command}; git commit -qm Mend"));
        assert_eq!(repo.shell("git branch --show-current").trim(), branch);
        let files = repo.shell("git ls-files .octopus/runbooks");
        assert_eq!(files.lines().count(), 2, "{files}");
        assert!(files.contains("b.ocl"), "{files}");
    }
}
