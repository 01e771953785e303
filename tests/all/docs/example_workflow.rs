//! The shell of the workflows in `docs/examples`, run as their runner would: on a clone of a bare repository, at a pull
//! request's commit. Only the call that puts the comment there is a stand-in. The hooks for commits are run by Git.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{Sandbox, isolated, project, write_program};

const WORKFLOW: &str = "docs/examples/preview-pull-request.yml";
const CHECK: &str = "docs/examples/check-pull-request.yml";

/// Answers for GitHub: keeps the comment in a file, as the one with the number 7.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
method=GET endpoint= body=
shift # api
while [ $# -gt 0 ]; do
  case "$1" in
    --method) method=$2; shift ;;
    --paginate) ;;
    --jq) shift ;;
    -F) method=${method/GET/POST}; body=${2#body=@}; shift ;;
    *) endpoint=$1 ;;
  esac
  shift
done
echo "$method $endpoint" >> "$GH_LOG"
if [ "$method" = GET ]; then
  test ! -f "$GH_LOG.comment" || echo 7
else
  cp "$body" "$GH_LOG.comment"
fi
"#;

/// The shell of a step, without the indent that YAML takes away.
fn shell_of(workflow: &str, step: &str) -> String {
    let text = std::fs::read_to_string(project().join(workflow)).unwrap();
    let (_, step) = text.split_once(&format!("- name: {step}\n")).unwrap();
    let (_, shell) = step.split_once("        run: |\n").unwrap();
    let lines = shell.lines();
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with("          "));
    let lines = lines.map(|line| line.get(10..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// A runner with a checkout of one commit.
struct Runner {
    repo: Sandbox,
}

impl Runner {
    /// A pull request from a branch that a script makes.
    fn new(script: &str) -> Option<Runner> {
        let tools = isolated("jq", project()).arg("--version").output();
        if tools.is_err() {
            crate::support::skipped("there is no jq");
            return None;
        }
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "set -e; git commit -q --allow-empty -m Begin; git switch -q -c feature; {script}
            git init -q --bare -b main hosted.git; git push -q ./hosted.git main feature
            git clone -q hosted.git checkout; cd checkout; git switch -q --detach origin/feature; cd ..
            mkdir temp bin"
        ));
        write_program(&repo.path().join("bin/gh"), GH);
        Some(Runner { repo })
    }

    /// Runs a step: how it ends.
    fn run(&self, step: &str) -> bool {
        let done = self.done(WORKFLOW, step);
        assert_eq!(String::from_utf8_lossy(&done.stderr), "");
        done.status.success()
    }

    fn done(&self, workflow: &str, step: &str) -> Output {
        let script = self.repo.path().join("step.sh");
        std::fs::write(&script, shell_of(workflow, step)).unwrap();
        isolated("bash", &self.repo.path().join("checkout"))
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&script)
            .env("PATH", path_with_program(&self.repo.path().join("bin")))
            .env("BASE", "origin/main")
            .env("RUNNER_TEMP", self.repo.path().join("temp"))
            .env("GITHUB_OUTPUT", self.repo.path().join("output"))
            .env("GH_LOG", self.repo.path().join("calls"))
            .env("REPOSITORY", "ada/shop")
            .env("NUMBER", "3")
            .output()
            .unwrap()
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.repo.path().join(file)).unwrap()
    }
}

/// The search path with a folder and the program before all else.
fn path_with_program(folder: &Path) -> OsString {
    let program = Path::new(env!("CARGO_BIN_EXE_ocl-migrate"));
    let mut path: Vec<PathBuf> = vec![folder.to_owned()];
    path.push(program.parent().unwrap().to_owned());
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    std::env::join_paths(path).unwrap()
}

/// A project of the shipped catalog's at version 9.
const PROJECT: &str = "mkdir -p .octopus/runbooks; printf 'version = 9' > .octopus/schema_version.ocl
    printf 'name = \"Backup\"\\n\\nrun_retention_policy {\\n    quantity_to_keep = 100\\n}\\n' > .octopus/runbooks/backup.ocl
    git add -A; git commit -qm Project";

#[test]
fn a_pull_request_gets_one_comment_that_is_kept_up_to_date() {
    let Some(runner) = Runner::new(PROJECT) else {
        return;
    };
    assert!(runner.run("Preview"));
    assert_eq!(runner.read("output"), "status=0\n");
    assert!(runner.run("Comment"));
    assert!(runner.run("Comment"));
    assert_eq!(
        runner.read("calls"),
        "GET repos/ada/shop/issues/3/comments\nPOST repos/ada/shop/issues/3/comments\n\
         GET repos/ada/shop/issues/3/comments\nPATCH repos/ada/shop/issues/comments/7\n"
    );
    let comment = runner.read("calls.comment");
    assert!(
        comment.starts_with("<!-- ocl-migrate -->\nWhat migrating"),
        "{comment}"
    );
    let body = comment.split_once("\n\n").unwrap().1;
    assert!(body.contains("version 9 -> 14"), "{comment}");
    assert!(body.contains("    +    type = \"Default\""), "{comment}");
    assert!(
        body.lines().all(|line| line.starts_with("    ")),
        "{comment}"
    );
    assert!(!comment.contains('\u{1b}'), "{comment}");
}

#[test]
fn every_project_of_the_repository_is_in_it() {
    let script = format!(
        "{PROJECT}; git mv .octopus one; mkdir .octopus; cp -r one \".octopus/one two\"; git mv one .octopus/web
        printf 'name = \"\\n' > .octopus/web/runbooks/backup.ocl; git add -A; git commit -qm Two"
    );
    let Some(runner) = Runner::new(&script) else {
        return;
    };
    assert!(runner.run("Preview"));
    // One can't be migrated: the last step fails the check, after the comment is there.
    assert_eq!(runner.read("output"), "status=1\n");
    let comment = runner.read("temp/comment");
    assert!(
        comment.contains(".octopus/one two: version 9 -> 14"),
        "{comment}"
    );
    assert!(
        comment.contains(".octopus/web: version 9 -> 14"),
        "{comment}"
    );
    assert!(
        comment.contains("     --> .octopus/web/runbooks/backup.ocl:1:8"),
        "{comment}"
    );
}

#[test]
fn a_long_preview_is_cut_to_what_a_comment_may_hold() {
    let script = format!(
        "{PROJECT}; cd .octopus/runbooks; for i in $(seq 400); do cp backup.ocl \"backup-$i.ocl\"; done; cd ../..
        git add -A; git commit -qm Many"
    );
    let Some(runner) = Runner::new(&script) else {
        return;
    };
    assert!(runner.run("Preview"));
    let comment = runner.read("temp/comment");
    assert!(comment.len() < 65_536, "{}", comment.len());
    assert!(
        comment.ends_with("The rest is left out; `ocl-migrate preview` shows it.\n"),
        "{comment}"
    );
}

/// A runbook at the newest version whose retention is written so.
fn runbook(retention: &str) -> String {
    format!(
        "mkdir -p .octopus/runbooks; printf 'version = 14' > .octopus/schema_version.ocl
        printf 'name = \"Backup\"\\n\\nrun_retention_policy {{\\n    {retention} = \"Default\"\\n}}\\n' > .octopus/runbooks/backup.ocl
        git add -A"
    )
}

#[test]
fn a_misspelt_attribute_is_annotated_at_its_line() {
    let wrong = runbook("tpye");
    let script = format!("{wrong}; git commit -qm Wrong");
    let Some(runner) = Runner::new(&script) else {
        return;
    };
    let done = runner.done(CHECK, "Check");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(!done.status.success(), "{said}");
    assert!(
        said.contains("::error file=.octopus/runbooks/backup.ocl,line=4"),
        "{said}"
    );
    assert!(said.contains("did you mean `type`?"), "{said}");

    // What the base branch has already isn't this pull request's.
    let script = format!(
        "{wrong}; git commit -qm Wrong; git branch -f main; git commit -q --allow-empty -m More"
    );
    let Some(runner) = Runner::new(&script) else {
        return;
    };
    let done = runner.done(CHECK, "Check");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    assert!(!said.contains("::error"), "{said}");
}

/// The command of a hook for pre-commit.
fn hook(id: &str) -> String {
    let text = std::fs::read_to_string(project().join(".pre-commit-hooks.yaml")).unwrap();
    let (_, hook) = text.split_once(&format!("- id: {id}\n")).unwrap();
    let (_, entry) = hook.split_once("  entry: >-\n").unwrap();
    let lines = entry.lines().map_while(|line| line.strip_prefix("    "));
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_hook_refuses_a_commit_that_brings_in_a_mistake() {
    let repo = Sandbox::empty();
    repo.shell("mkdir -p bin .git/hooks");
    let script = repo.path().join(".git/hooks/pre-commit");
    write_program(&script, &format!("#!/bin/sh\n{}\n", hook("ocl-check")));
    let commit = |documents: &str| {
        repo.shell(documents);
        let mut git = isolated("git", repo.path());
        let git = git.args(["commit", "-qm", "Documents"]);
        git.env("PATH", path_with_program(&repo.path().join("bin")));
        let done = git.output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    };
    // There is no commit yet to compare with.
    let (done, said) = commit(&runbook("tpye"));
    assert!(!done, "{said}");
    assert!(said.contains(".octopus/runbooks/backup.ocl:4:5"), "{said}");
    let (done, said) = commit(&runbook("type"));
    assert!(done, "{said}");
    let (done, said) = commit(&runbook("tipe"));
    assert!(!done, "{said}");
    assert!(said.contains("did you mean `type`?"), "{said}");
    // What is only in the work tree isn't committed.
    let (done, said) = commit(
        "git add -A; git reset -q --hard; echo > other; git add other
        printf 'name = ' > .octopus/runbooks/backup.ocl",
    );
    assert!(done, "{said}");
    // The last commit's mistakes are not this one's.
    repo.shell(&format!(
        "git reset -q --hard; {}; git commit -qnm Wrong; echo more > other; git add other",
        runbook("tpye")
    ));
    let (done, said) = commit(":");
    assert!(done, "{said}");
}
