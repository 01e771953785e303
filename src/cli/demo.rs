//! `demo`: a small repository with branches at several versions, and their previews.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use include_dir::{Dir, include_dir};

use super::failure::{Exit, Failure, quoted};
use super::output::Output;
use super::{Format, Global, preview, status};

/// The demo's branches: a folder each, holding its `.octopus`.
static BRANCHES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/demo");

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A folder that is empty or doesn't exist; a temporary one without
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("ocl-migrate-demo-{}", std::process::id())),
    };
    let taken = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        let path = folder.display();
        return Err(Failure::Usage(format!(
            "{path} is not empty: name a folder that is, or a new one"
        )));
    }
    make_repository(&folder)?;
    let shown = quoted(&folder.to_string_lossy());
    output.line(format_args!(
        "A repository with branches at several versions is in {shown}."
    ))?;
    let global = Global {
        repo: folder.clone(),
        base_path: None,
        catalog: global.catalog.clone(),
        store: None,
        project: None,
        format: Format::Text,
        color: global.color,
    };
    let mut say = |command: &str, output: &mut Output| -> Result<(), Failure> {
        output.line("")?;
        output.heading(format_args!("$ ocl-migrate --repo {shown} {command}"))?;
        Ok(())
    };
    say("status", output)?;
    status::run(&global, &status::Arguments::default(), output)?;
    for branch in branches() {
        say(&format!("preview {branch}"), output)?;
        preview::run(&global, &preview::Arguments::of(&branch), output)?;
    }
    Ok(Exit::Done)
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
        let from = BRANCHES.get_dir(name.replace('/', "--"));
        let message = format!("Documents of {name}\n");
        write!(
            stream,
            "commit refs/heads/{name}\ncommitter Demo <demo@example.com> 1700000000 +0000\ndata {}\n{message}\n",
            message.len()
        )?;
        let mut folders: Vec<&Dir<'_>> = from.into_iter().collect();
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
    }
    git(folder, &["fast-import", "--quiet"], &stream)
}

fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<(), Failure> {
    let failed = |what: String| {
        Failure::Other(format!(
            "the demo needs `git`, and `git {}` failed: {what}",
            arguments[0]
        ))
    };
    let mut child = Command::new("git")
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
