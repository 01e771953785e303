//! A bare repository, made and looked at with the `git` command.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ocl_migrate::git::{Repository, Signature};
use ocl_migrate::project::CommitRequest;

/// The time of everything.
pub const TIME: i64 = 1_700_000_000;

pub struct Repo {
    path: PathBuf,
}

/// Ada, who commits.
pub fn ada() -> Signature {
    Signature {
        name: "Ada".into(),
        email: "ada@example.com".into(),
        seconds: TIME,
        offset_minutes: 0,
    }
}

/// A commit by Ada.
pub fn request(message: &str) -> CommitRequest {
    CommitRequest::new(message, ada())
}

/// Writes a program, by another process: one of this test's that is just being started may have inherited a file that is open here,
/// and what may still be written to can't be run.
pub fn write_program(path: &Path, text: &str) {
    let mut writer = Command::new("sh")
        .args(["-c", "cat >\"$0\" && chmod +x \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = writer.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    assert!(writer.wait().unwrap().success());
}

impl Repo {
    /// A new bare repository in a folder.
    pub fn bare(path: &Path) -> Repo {
        let repo = Repo::at(path);
        std::fs::create_dir_all(path).unwrap();
        repo.git(&["init", "-q", "--bare", "--initial-branch=main"]);
        repo
    }

    /// The repository in a folder.
    pub fn at(path: &Path) -> Repo {
        let path = path.to_owned();
        Repo { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(&self) -> Repository {
        Repository::discover(&self.path).unwrap()
    }

    /// Commits onto a branch (`None`: removes the file), which begins at `from` if it is new.
    pub fn commit(
        &self,
        branch: &str,
        from: Option<&str>,
        files: &[(&str, Option<&str>)],
    ) -> String {
        let changes: String = files
            .iter()
            .map(|(path, text)| match text {
                Some(text) => format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len()),
                None => format!("D {path}\n"),
            })
            .collect();
        self.fast_import(branch, from, &changes)
    }

    /// The same with changes as `git fast-import` reads them. One process of Git, or two for a new branch: most tests begin here.
    pub fn fast_import(&self, branch: &str, from: Option<&str>, changes: &str) -> String {
        let mut script = format!(
            "commit refs/heads/{branch}\nmark :1\ncommitter Ada <ada@example.com> {TIME} +0000\ndata 4\nfile\n"
        );
        let loose = std::fs::read_to_string(self.path.join("refs/heads").join(branch));
        let loose = loose.ok().map(|id| id.trim_end().to_owned());
        let is_id = |id: &String| id.len() == 40 && id.bytes().all(|it| it.is_ascii_hexdigit());
        let tip = loose.filter(is_id).or_else(|| self.tip(branch));
        let parent = tip.or_else(|| from.map(|from| self.git(&["rev-parse", from])));
        if let Some(parent) = parent {
            script += &format!("from {parent}\n");
        }
        script += changes;
        script += "\nget-mark :1\n";
        let id = self.git_with(&["fast-import", "--quiet", "--date-format=raw"], &script);
        id.trim_end().to_owned()
    }

    /// All files of a revision with their contents.
    pub fn files(&self, revision: &str) -> BTreeMap<String, String> {
        let names = self.git(&["ls-tree", "-r", "--name-only", revision]);
        let names = names.lines().map(str::to_owned);
        names
            .map(|name| {
                let text = self.git_raw(&["cat-file", "-p", &format!("{revision}:{name}")]);
                (name, text)
            })
            .collect()
    }

    /// The files of a revision on one line each.
    pub fn text(&self, revision: &str) -> String {
        let files = self.files(revision).into_iter();
        let lines = files.map(|(name, text)| {
            format!("{name}: {}", text.replace('\r', "CR").replace('\n', "; "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    pub fn tip(&self, branch: &str) -> Option<String> {
        self.try_git(&[
            "rev-parse",
            "--verify",
            "-q",
            &format!("refs/heads/{branch}"),
        ])
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_raw(arguments).trim_end().to_owned()
    }

    fn git_raw(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, "")
    }

    /// What Git prints; `None` where it fails.
    pub fn try_git(&self, arguments: &[&str]) -> Option<String> {
        let output = self.command(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.trim_end().to_owned())
    }

    fn git_with(&self, arguments: &[&str], input: &str) -> String {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Installs a hook, a shell script whose folder is the repository's. One that waits gives up in the end.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.path.join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let functions = "
            until_there() { for i in $(seq 400); do [ -e $1 ] && return; sleep 0.05; done; }
            kill_once() { [ -e killed ] || { touch killed kill-the-client; until_there go; }; }";
        write_program(&path, &format!("#!/bin/sh{functions}\n{script}\n"));
    }

    /// Makes a file that a hook waits for.
    pub fn touch(&self, name: &str) {
        std::fs::write(self.path.join(name), "").unwrap();
    }

    /// Waits for a file that a hook makes, or removes.
    pub fn wait_for(&self, name: &str, is_there: bool) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while self.path.join(name).exists() != is_there {
            assert!(
                std::time::Instant::now() < deadline,
                "{name}: {is_there} in vain"
            );
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Git in this repository, with nothing of this machine's settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.path)
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Ada")
                .env(format!("GIT_{role}_EMAIL"), "ada@example.com")
                .env(format!("GIT_{role}_DATE"), format!("{TIME} +0000"));
        }
        command
    }
}
