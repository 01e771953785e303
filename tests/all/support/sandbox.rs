//! A repository made by a script of `fixtures/repositories/`, and the command run on it with nothing of this machine's
//! own settings.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::scratch;

/// A repository in a temporary folder.
pub struct Sandbox {
    folder: TempDir,
}

/// The project's own folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program without this machine's settings, and with fixed authors and dates.
pub fn isolated(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Ann")
        .env("GIT_AUTHOR_EMAIL", "ann@example.com")
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_NAME", "Ann")
        .env("GIT_COMMITTER_EMAIL", "ann@example.com")
        .env("GIT_COMMITTER_DATE", "1700000000 +0000");
    command
}

impl Sandbox {
    /// A repository that the named script has filled: a copy of one that it filled once.
    pub fn new(script: &str) -> Sandbox {
        let sandbox = Sandbox {
            folder: scratch::folder(),
        };
        copy(&filled_by(script), sandbox.path());
        sandbox
    }

    /// A repository without commits.
    pub fn empty() -> Sandbox {
        let sandbox = Sandbox {
            folder: scratch::folder(),
        };
        sandbox.shell("git init -q -b main .");
        sandbox
    }

    /// Runs a script in which `ocl-migrate` is this program, with this catalog: what it says, and the code with which it ends.
    pub fn script(&self, catalog: &Path, script: &str) -> (String, i32) {
        let program = env!("CARGO_BIN_EXE_ocl-migrate");
        let done = isolated("bash", self.path())
            .env("OCL_MIGRATE_CATALOG", catalog)
            .args([
                "-c",
                &format!("exec 2>&1; ocl-migrate() {{ '{program}' \"$@\"; }}; set -e; {script}"),
            ])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let text = text
            .replace(program, "PROGRAM")
            .replace(&self.path().display().to_string(), "REPO")
            .replace(&project().display().to_string(), "PROJECT");
        (text, done.status.code().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a shell script in the repository; it must succeed.
    pub fn shell(&self, script: &str) -> String {
        let done = isolated("bash", self.path())
            .args(["-c", script])
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{script}\n{}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8(done.stdout).unwrap()
    }

    /// Runs the command with the catalog "fizz": what it prints on both streams and how it ends, as one text.
    pub fn run(&self, arguments: &[&str]) -> String {
        let catalog = project().join("fixtures/catalogs/fizz");
        let catalog = catalog.to_str().unwrap();
        self.run_plain(&[&["--catalog", catalog], arguments].concat())
    }

    /// The same with the built-in catalog.
    pub fn run_plain(&self, arguments: &[&str]) -> String {
        let done = self.command(arguments);
        let mut text = String::new();
        for (stream, bytes) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            if !bytes.is_empty() {
                text.push_str(&format!("--- {stream}\n{}", String::from_utf8_lossy(bytes)));
                if !text.ends_with('\n') {
                    text.push_str("\n(no newline at the end)\n");
                }
            }
        }
        let home = self.path().display().to_string();
        let text = text
            .replace(&home, "REPO")
            .replace(&project().display().to_string(), "PROJECT");
        format!("{text}--- exit {}", done.status.code().unwrap())
    }

    pub fn command(&self, arguments: &[&str]) -> Output {
        isolated(env!("CARGO_BIN_EXE_ocl-migrate"), self.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// What the command prints on stdout as JSON, one value per line, each laid out for reading.
    pub fn pretty(&self, arguments: &[&str]) -> String {
        let catalog = project().join("fixtures/catalogs/fizz");
        let global = ["--catalog", catalog.to_str().unwrap()];
        self.pretty_plain(&[&global, arguments].concat())
    }

    /// The same with the built-in catalog.
    pub fn pretty_plain(&self, arguments: &[&str]) -> String {
        let done = self.command(&[&["--format", "json"], arguments].concat());
        let text = String::from_utf8(done.stdout).unwrap();
        let values = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let pretty: Vec<String> = values
            .map(|value| serde_json::to_string_pretty(&value).unwrap())
            .collect();
        let home = self.path().display().to_string();
        pretty
            .join("\n")
            .replace(&home, "REPO")
            .replace(&project().display().to_string(), "PROJECT")
    }
}

/// The folder that a script has filled. It is kept beside the build for as long as the script stays the same.
fn filled_by(name: &str) -> PathBuf {
    let script = project()
        .join("fixtures/repositories")
        .join(format!("{name}.sh"));
    let mut hasher = DefaultHasher::new();
    std::fs::read(&script).unwrap().hash(&mut hasher);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = kept.join(format!("{name}-{:016x}", hasher.finish()));
    if !folder.exists() {
        let sandbox = Sandbox {
            folder: TempDir::new_in(kept).unwrap(),
        };
        sandbox.shell(&format!(
            "set -e; git init -q -b main .; . '{}'",
            script.display()
        ));
        // Another process, or thread, may have been faster, and its folder is as good.
        let _ = std::fs::rename(sandbox.path(), &folder);
        assert!(folder.exists());
    }
    folder
}

/// Copies what is in a folder, and has Git look at the copied files, which are others than those that its index knows.
fn copy(from: &Path, to: &Path) {
    copy_files(from, to);
    let refresh = ["update-index", "-q", "--refresh"];
    let done = isolated("git", to).args(refresh).output().unwrap();
    assert!(
        done.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (entry, kind) = entry
            .and_then(|entry| entry.file_type().map(|kind| (entry, kind)))
            .unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if kind.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_files(&from, &to);
        } else if kind.is_file() {
            std::fs::copy(&from, &to).unwrap();
        } else {
            #[cfg(unix)]
            std::os::unix::fs::symlink(std::fs::read_link(&from).unwrap(), &to).unwrap();
        }
    }
}

/// Every file below a folder with its bytes, its length and its time of change.
pub fn everything_in(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            if entry.file_type().unwrap().is_dir() {
                found.insert(entry.path(), (Vec::new(), modified));
                pending.push(entry.path());
            } else {
                found.insert(
                    entry.path(),
                    (std::fs::read(entry.path()).unwrap(), modified),
                );
            }
        }
    }
    found
}
