//! Repositories made by short shell scripts, with fixed names and dates and no configuration but their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::git::{ObjectId, Reader, Repository};
use tempfile::TempDir;

pub(crate) struct Sandbox {
    dir: TempDir,
}

/// Before every script: stop at the first failure, and a commit in one word.
const PRELUDE: &str = r#"
set -eu
commit() { # commit MESSAGE [PATH=CONTENT ..]
    message=$1; shift
    for file in "$@"; do
        mkdir -p "$(dirname "${file%%=*}")"; printf '%s' "${file#*=}" > "${file%%=*}"
    done
    git add -A; tick; git commit -q --allow-empty -m "$message"
}
tick() { # one minute for each commit
    CLOCK=$(( $(cat "$SANDBOX/clock" 2>/dev/null || echo 1700000000) + 60 )); echo $CLOCK > "$SANDBOX/clock"
    export GIT_AUTHOR_DATE="$CLOCK +0100" GIT_COMMITTER_DATE="$CLOCK +0100"
}
"#;

impl Sandbox {
    /// Runs `script` in a folder `repo` that is a new repository with the branch `main`.
    pub(crate) fn new(script: &str) -> Sandbox {
        let sandbox = Sandbox::empty();
        sandbox.run("git init -q -b main repo");
        sandbox.run(&format!("cd repo\n{script}"));
        sandbox
    }

    pub(crate) fn empty() -> Sandbox {
        Sandbox {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// Runs a shell script in the sandbox, and returns what it printed.
    pub(crate) fn run(&self, script: &str) -> String {
        let output = self.try_run(script);
        assert!(
            output.status.success(),
            "{script}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    pub(crate) fn try_run(&self, script: &str) -> Output {
        let mut shell = Command::new("bash");
        shell.arg("-c").arg(format!("{PRELUDE}{script}"));
        isolate(&mut shell, self.dir.path()).output().unwrap()
    }

    /// Runs one Git command in the repository.
    pub(crate) fn git(&self, arguments: &str) -> String {
        self.run(&format!("git -C repo {arguments}"))
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        self.git(&format!("rev-parse --verify '{revision}'"))
            .parse()
            .unwrap()
    }

    pub(crate) fn repository(&self) -> Repository {
        Repository::discover(&self.path("repo")).unwrap()
    }

    pub(crate) fn reader(&self) -> Reader {
        self.repository().reader()
    }
}

/// Gives a command of Git nothing to read but the repository.
pub(crate) fn isolate<'a>(command: &'a mut Command, sandbox: &Path) -> &'a mut Command {
    command
        .current_dir(sandbox)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", sandbox)
        .env("SANDBOX", sandbox)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ada")
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_COMMITTER_NAME", "Ada")
        .env("GIT_COMMITTER_EMAIL", "ada@example.com")
        .env("GIT_AUTHOR_DATE", "1700000000 +0100")
        .env("GIT_COMMITTER_DATE", "1700000000 +0100")
}
