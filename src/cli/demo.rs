//! `demo`: a small repository with branches at several versions, their previews, and a document on its way from the
//! database to Git.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::git::GitProgram;
use crate::report::FORMAT_VERSION;
use include_dir::{Dir, include_dir};
use tempfile::TempDir;

use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::output::Output;

/// The demo's branches: a folder each, holding its `.octopus`.
static BRANCHES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/demo");

/// Two branches that come from one commit, a folder each, and that commit's in `base`.
static TO_MERGE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/demo-merge");

/// What the server's database holds.
static DATABASE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/demo-database");

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate demo                 in a temporary folder
  ocl-migrate demo ~/shop          in a folder to go on with")]
pub(super) struct Arguments {
    /// A folder that is empty or doesn't exist (default: a temporary one)
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs a command line, given as its words.
type RunLine = dyn Fn(Vec<String>, &mut Output) -> Result<(), Failure>;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    run_line: &RunLine,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if global.host.own().is_some() {
        let message = "the demo is about the catalog that ocl-migrate ships with";
        return Err(Failure::Usage(message.into()));
    }
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => temporary_folder()?.keep(),
    };
    let taken = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        let path = folder.display();
        return Err(Failure::Usage(format!(
            "{path} is not empty: name a folder that is, or a new one"
        )));
    }
    make_repository(&folder)?;
    let repo = folder.to_string_lossy().into_owned();
    if global.format == Format::Json {
        let made = serde_json::json!({
            "format_version": FORMAT_VERSION,
            "repository": folder.to_string_lossy(),
            "branches": branches(),
        });
        output.json(&made)?;
        return Ok(Exit::Done);
    }
    let mut demo = Demo {
        repo,
        global,
        run_line,
        output,
    };
    let shown = quoted(&demo.repo);
    demo.say(&format!("A repository whose branches are at several versions is in {shown}; REPO stands for its path below."))?;
    demo.command("status")?;
    demo.command("preview release/2023")?;
    demo.command("preview feature/backups")?;
    demo.say("What really differs between branches that are nine versions apart, and where else it does.")?;
    demo.command("diff release/2023 main deployment_process")?;
    demo.command("compare deployment_process")?;
    demo.say("The server's database holds a runbook that no branch has yet.")?;
    demo.command("store init")?;
    demo.command("store put runbook/restart-shop REPO/database/restart-shop.ocl --shape 9")?;
    demo.say(
        "A user asks for one branch to be migrated for good. The runbook moves from the database to Git.",
    )?;
    demo.command("upgrade release/2023 -m \"Migrate to version 14\" --accept-unknown 11,12")?;
    demo.command("store list")?;
    demo.say("Other branches get it from the snapshot, whenever they are read.")?;
    demo.command("preview release/2024")?;
    demo.say("Two branches, five versions apart, changed the same step. `git merge` stops at a conflict there.")?;
    make_branches_to_merge(&folder)?;
    demo.command("merge feature/web --into hotfix/timeout -m \"Merge feature/web\"")?;
    demo.command("diff hotfix/timeout~1 hotfix/timeout")?;
    #[cfg(feature = "serve")]
    demo.say("Such a repository in a browser: ocl-migrate serve --demo")?;
    Ok(Exit::Done)
}

/// Runs the very command lines that it prints.
struct Demo<'a> {
    repo: String,
    global: &'a Global,
    run_line: &'a RunLine,
    output: &'a mut Output,
}

impl Demo<'_> {
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.output.line("")?;
        Ok(self.output.aside(format_args!("# {text}"))?)
    }

    fn command(&mut self, line: &str) -> Result<(), Failure> {
        self.output.line("")?;
        self.output
            .heading(format_args!("$ ocl-migrate --repo REPO {line}"))?;
        let mut words: Vec<String> = vec!["ocl-migrate".into(), "--repo".into(), self.repo.clone()];
        if let Some(catalog) = &self.global.catalog {
            words.extend(["--catalog".into(), catalog.to_string_lossy().into_owned()]);
        }
        // Text within quotes is one word.
        for (index, part) in line.split('"').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                let parts = part.split_whitespace();
                words.extend(parts.map(|word| word.replace("REPO", &self.repo)));
            }
        }
        (self.run_line)(words, self.output)
    }
}

/// The demo's repository, with the branches to merge, in a folder that goes when it is dropped.
#[cfg(feature = "serve")]
pub(super) fn repository() -> Result<TempDir, Failure> {
    let folder = temporary_folder()?;
    make_repository(folder.path())?;
    make_branches_to_merge(folder.path())?;
    Ok(folder)
}

fn temporary_folder() -> Result<TempDir, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("ocl-migrate-demo-")
        .tempdir();
    folder.map_err(|error| Failure::File {
        path: std::env::temp_dir().display().to_string(),
        error,
    })
}

/// The names of the branches; a folder's `--` stands for a `/`.
fn branches() -> Vec<String> {
    let mut names: Vec<String> = BRANCHES
        .dirs()
        .map(|dir| dir.path().to_string_lossy().replace("--", "/"))
        .collect();
    names.sort();
    names
}

/// Makes the repository from one stream, with fixed authors and dates: the same commits everywhere.
fn make_repository(folder: &Path) -> Result<(), Failure> {
    let file_error = |error| Failure::File {
        path: folder.display().to_string(),
        error,
    };
    std::fs::create_dir_all(folder).map_err(file_error)?;
    git(folder, &["init", "--quiet", "--initial-branch=main"], &[])?;
    let mut stream = Vec::new();
    for name in branches() {
        let files = BRANCHES.get_dir(name.replace('/', "--"));
        write_commit(&mut stream, &name, files)?;
    }
    git(folder, &["fast-import", "--quiet"], &stream)?;
    git(folder, &["config", "user.name", "Demo"], &[])?;
    git(folder, &["config", "user.email", "demo@example.com"], &[])?;
    git(folder, &["reset", "--quiet", "--hard"], &[])?;
    // What isn't the repository's doesn't show in `git status`.
    let exclude = folder.join(".git/info/exclude");
    std::fs::write(&exclude, "/database/\n").map_err(file_error)?;
    let database = folder.join("database");
    std::fs::create_dir_all(&database).map_err(file_error)?;
    for file in DATABASE.files() {
        std::fs::write(database.join(file.path()), file.contents()).map_err(file_error)?;
    }
    Ok(())
}

/// The two branches come from one commit.
fn make_branches_to_merge(folder: &Path) -> Result<(), Failure> {
    let (one, other) = ("hotfix/timeout", "feature/web");
    let mut stream = Vec::new();
    write_commit(&mut stream, one, TO_MERGE.get_dir("base"))?;
    write!(
        stream,
        "reset refs/heads/{other}\nfrom refs/heads/{one}\n\n"
    )?;
    for name in [one, other] {
        let files = TO_MERGE.get_dir(name.replace('/', "--"));
        write_commit(&mut stream, name, files)?;
    }
    git(folder, &["fast-import", "--quiet"], &stream)
}

/// Writes a commit of a branch's documents, on the branch as it is, as `git fast-import` reads it.
fn write_commit(stream: &mut Vec<u8>, name: &str, files: Option<&Dir<'_>>) -> Result<(), Failure> {
    let message = format!("Documents of {name}\n");
    write!(
        stream,
        "commit refs/heads/{name}\ncommitter Demo <demo@example.com> 1700000000 +0000\ndata {}\n{message}\n",
        message.len()
    )?;
    let mut folders: Vec<&Dir<'_>> = files.into_iter().collect();
    while let Some(dir) = folders.pop() {
        folders.extend(dir.dirs());
        for file in dir.files() {
            let whole = file.path().to_string_lossy();
            let path = whole.split_once('/').map_or(&*whole, |(_, path)| path);
            // The fixtures' folder is not hidden; a project's base path is.
            let path = path.replacen("octopus/", ".octopus/", 1);
            write!(
                stream,
                "M 100644 inline {path}\ndata {}\n",
                file.contents().len()
            )?;
            stream.extend_from_slice(file.contents());
            stream.push(b'\n');
        }
    }
    Ok(())
}

fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<(), Failure> {
    let failed = |what: String| {
        Failure::Other(format!(
            "the demo needs `git`, and `git {}` failed: {what}",
            arguments[0]
        ))
    };
    let mut command = Command::new("git");
    for variable in GitProgram::REPOSITORY_VARIABLES {
        command.env_remove(variable);
    }
    let mut child = command
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(input)
            .map_err(|error| failed(error.to_string()))?;
    }
    let done = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(failed(String::from_utf8_lossy(&done.stderr).into_owned()))
    }
}
