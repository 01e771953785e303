//! The program as Git's alias and in its hooks: what Git hands on in the environment counts.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Sandbox, isolated, write_program};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ocl-migrate");

/// A project at version 14.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 14' > schema_version.ocl
         printf 'step \"a\" {\\n    name = \"A\"\\n}\\n' > deployment_process.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    repo
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = isolated(PROGRAM, folder);
    command.args(arguments);
    command
}

fn stderr(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

const COMMIT: &str = "commit main -m Rename --set 'deployment_process step[\"a\"].name=B'";

#[test]
fn what_git_is_told_for_one_command_counts_in_its_aliases() {
    let repo = repository();
    repo.shell(&format!(
        "git config alias.ocl \"!'{PROGRAM}'\" && git config user.name Configured && git config commit.gpgSign true
         unset GIT_AUTHOR_NAME GIT_COMMITTER_NAME
         git -c user.name=\"Eve's twin\" -c commit.gpgSign=false -c url.https://a/.insteadOf=c ocl {COMMIT}"
    ));
    assert_eq!(
        repo.shell("git log -1 --format=%an/%cn main"),
        "Eve's twin/Eve's twin\n"
    );
    // As releases of Git before 2.31 write it.
    repo.shell(&format!(
        "unset GIT_AUTHOR_NAME; GIT_CONFIG_PARAMETERS=\"'user.name=Old' 'commit.gpgsign=false'\" '{PROGRAM}' {}",
        COMMIT.replace("=B", "=C")
    ));
    assert_eq!(repo.shell("git log -1 --format=%an main"), "Old\n");
}

#[test]
fn git_dir_names_the_repository() {
    let (repo, other) = (repository(), Sandbox::empty());
    let git_dir = repo.path().join(".git");
    let status = |arguments: &[&str]| {
        let done = program(other.path(), arguments)
            .env("GIT_DIR", &git_dir)
            .output()
            .unwrap();
        format!("{}{}", String::from_utf8_lossy(&done.stdout), stderr(&done))
    };
    assert!(
        status(&["status", "--all"]).contains("main"),
        "{}",
        status(&["status", "--all"])
    );
    // What is named on the command line comes before it.
    assert!(!status(&["-C", ".", "status", "--all"]).contains("main"));
}

#[test]
fn no_repository_is_looked_for_above_a_ceiling() {
    let repo = repository();
    repo.shell("mkdir -p a/b");
    let run = |ceiling: &Path| {
        let mut command = program(&repo.path().join("a/b"), &["status", "--all"]);
        command
            .env("GIT_CEILING_DIRECTORIES", ceiling)
            .output()
            .unwrap()
    };
    let done = run(&repo.path().join("a"));
    assert!(
        stderr(&done).contains("GIT_CEILING_DIRECTORIES"),
        "{}",
        stderr(&done)
    );
    assert!(!done.status.success());
    assert!(run(&repo.path().join("a/b")).status.success());
    assert!(run(repo.path().parent().unwrap()).status.success());
}

/// Git moves the objects of a push to where they stay only after this hook.
#[test]
fn a_hook_that_decides_about_a_push_sees_its_objects_and_writes_nothing() {
    let repo = repository();
    let hook = format!(
        "#!/bin/sh
         while read old new name; do
             '{PROGRAM}' check \"$new\" --base \"$old\" || exit 1
         done
         '{PROGRAM}' {COMMIT} && exit 1
         ls -d \"$TMPDIR\"/* && exit 1
         exit 0"
    );
    repo.shell("git clone -q --bare . server.git && mkdir tmp");
    let path = repo.path().join("server.git/hooks/pre-receive");
    write_program(&path, &hook);
    let push = |name: &str, edit: &str| {
        let script = format!(
            "export TMPDIR=$PWD/tmp; git fetch -q server.git main && git switch -qc {name} FETCH_HEAD && {edit} && git commit -qam x && git push -q server.git {name}:main 2>&1 || true"
        );
        repo.shell(&script)
    };
    let told = push("good", "sed -i s/A/B/ .octopus/deployment_process.ocl");
    assert!(told.contains("1 ref, 1 document: 0 new errors"), "{told}");
    assert!(told.contains("GIT_QUARANTINE_PATH is set"), "{told}");
    let pushed = repo.shell("git -C server.git rev-parse main; git rev-parse good");
    let (server, good) = pushed.split_once('\n').unwrap();
    assert_eq!(server, good.trim(), "{told}");
    let told = push("bad", "echo x >> .octopus/deployment_process.ocl");
    assert!(told.contains("error[syntax]"), "{told}");
    assert!(told.contains("pre-receive hook declined"), "{told}");
}

#[test]
fn another_work_tree_or_a_namespace_is_not_written_to() {
    let repo = repository();
    for (variable, value) in [("GIT_WORK_TREE", "elsewhere"), ("GIT_NAMESPACE", "other")] {
        let mut command = program(
            repo.path(),
            &[
                "commit",
                "main",
                "-m",
                "x",
                "--remove",
                "deployment_process",
            ],
        );
        let done = command.env(variable, value).output().unwrap();
        let told = stderr(&done);
        assert!(
            told.contains(&format!("{variable} ")) && told.contains("unset it"),
            "{told}"
        );
    }
}
