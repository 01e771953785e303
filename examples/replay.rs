//! Migrates what Octopus Server itself once migrated, and compares the results.
//!
//! `cargo run --release --example replay [-- CORPUS]` goes through `CORPUS/migrations`: each holds a base path before
//! and after a commit in which the server raised its version. Exits with 1 if a document has other values than the
//! server gave it. See `docs/replay.md`.

#![allow(clippy::print_stdout, clippy::print_stderr)] // an example prints

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::Repository;
use ocl_migrate::ocl::Document;
use ocl_migrate::project::{LoadOptions, Project};
use ocl_migrate::report::FileDiff;

/// Commits that no rule explains, with the reason. They are shown but not counted.
const EXCUSED: [(&str, &str); 2] = [
    (
        "e2b5f5a0",
        "the server moved an end tag so that a value changed",
    ),
    ("668821ce", "made by a developer's build of the server"),
];

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let corpus = std::env::args_os()
        .nth(1)
        .map_or_else(default_corpus, PathBuf::from);
    match Replay::run(&corpus) {
        Ok(replay) => {
            println!("{replay}");
            ExitCode::from(u8::from(!replay.agrees()))
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where the corpus lies: `OCL_CORPUS`, else beside the repository.
pub(crate) fn default_corpus() -> PathBuf {
    std::env::var_os("OCL_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    )
}

/// All migrations of a corpus, replayed.
pub(crate) struct Replay {
    migrations: Vec<Migration>,
}

/// One commit of the server, and what this crate makes of its parent.
struct Migration {
    name: String,
    excuse: Option<&'static str>,
    /// Documents with the same values as the server's.
    equal: usize,
    /// Of those, the ones with the same bytes too.
    identical: usize,
    /// What differs in the others.
    differences: Vec<String>,
    /// Lines added and removed, by this crate and by the server.
    lines: (usize, usize),
}

impl Replay {
    pub(crate) fn run(corpus: &Path) -> Result<Replay, Failure> {
        let folder = corpus.join("migrations");
        let mut cases = Vec::new();
        let entries = fs::read_dir(&folder)
            .map_err(|error| format!("no migrations at {}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.join("origin.json").exists() {
                cases.push(Case::read(&path)?);
            }
        }
        cases.sort_by(|a, b| a.name.cmp(&b.name));

        let sandbox = tempfile::tempdir()?;
        import(sandbox.path(), &cases)?;
        let catalog = Arc::new(Catalog::builtin());
        let repository = Repository::discover(sandbox.path())?;
        let project = Project::builder(repository, catalog.clone())
            .base_path(".octopus")
            .build()?;
        let migrations: Result<_, Failure> = cases
            .iter()
            .map(|case| {
                case.compare(&project, &catalog)
                    .map_err(|error| format!("{}: {error}", case.name).into())
            })
            .collect();
        Ok(Replay {
            migrations: migrations?,
        })
    }

    /// Whether every document that isn't excused has the server's values, in no more changed lines than the server's.
    pub(crate) fn agrees(&self) -> bool {
        let mut counted = self.counted();
        counted.all(|migration| {
            migration.differences.is_empty() && migration.lines.0 <= migration.lines.1
        })
    }

    /// How many migrations there are.
    #[allow(dead_code)] // asked by the test that shares this file
    pub(crate) fn len(&self) -> usize {
        self.migrations.len()
    }

    fn counted(&self) -> impl Iterator<Item = &Migration> {
        let migrations = self.migrations.iter();
        migrations.filter(|migration| migration.excuse.is_none())
    }
}

/// A migration of the server, as the corpus holds it.
struct Case {
    name: String,
    commit: String,
    target: u32,
    before: BTreeMap<String, Vec<u8>>,
    after: BTreeMap<String, Vec<u8>>,
}

impl Case {
    fn read(folder: &Path) -> Result<Case, Failure> {
        let origin: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("origin.json"))?)?;
        let text = |key: &str| origin[key].as_str().unwrap_or_default().to_owned();
        let target = origin["to"].as_u64().ok_or("origin.json lacks `to`")?;
        let mut case = Case {
            name: file_name(folder),
            commit: text("commit"),
            target: u32::try_from(target)?,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
        };
        read_files(&folder.join("before"), "", &mut case.before)?;
        read_files(&folder.join("after"), "", &mut case.after)?;
        Ok(case)
    }

    fn compare(&self, project: &Project, catalog: &Catalog) -> Result<Migration, Failure> {
        let excuse = EXCUSED
            .iter()
            .find(|(commit, _)| self.commit.starts_with(commit));
        let mut migration = Migration {
            name: self.name.clone(),
            excuse: excuse.map(|(_, reason)| *reason),
            equal: 0,
            identical: 0,
            differences: Vec::new(),
            lines: (0, 0),
        };
        let loaded = project.load(
            &self.name,
            LoadOptions {
                target: Some(self.target),
            },
        )?;
        let mut expected: BTreeMap<&str, &[u8]> = self
            .after
            .iter()
            .filter(|(path, _)| catalog.classify(path, self.target).is_some())
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
            .collect();
        for document in loaded.documents() {
            if let Some(error) = document.error() {
                let difference = format!("{}: {error}", document.name);
                migration.differences.push(difference);
                continue;
            }
            let before = loaded.before(document)?.unwrap_or_default();
            let ours = loaded.content(document)?.unwrap_or_default();
            let Some(servers) = expected.remove(document.path.as_str()) else {
                let difference = format!("{}: the server has none", document.path);
                migration.differences.push(difference);
                continue;
            };
            let view = |bytes: &[u8]| -> Result<serde_json::Value, Failure> {
                let dialect = catalog.dialect_at(self.target);
                Ok(Document::from_bytes(bytes.to_vec(), dialect)?
                    .root()
                    .to_json())
            };
            match first_difference(&view(&ours)?, &view(servers)?, "") {
                None => migration.equal += 1,
                Some(difference) => {
                    let difference = format!("{}{difference}", document.name);
                    migration.differences.push(difference);
                }
            }
            migration.identical += usize::from(ours == servers);
            migration.lines.0 += changed_lines(&before, &ours);
            migration.lines.1 += changed_lines(&before, servers);
        }
        for path in expected.into_keys() {
            migration
                .differences
                .push(format!("{path}: only the server has one"));
        }
        Ok(migration)
    }
}

/// Lines added and removed.
fn changed_lines(before: &[u8], after: &[u8]) -> usize {
    let stat = FileDiff::new(Some(("document", before)), Some(("document", after))).stat();
    stat.added + stat.removed
}

/// The first place at which two plain views differ.
fn first_difference(
    ours: &serde_json::Value,
    servers: &serde_json::Value,
    place: &str,
) -> Option<String> {
    use serde_json::Value::{Array, Object};
    if ours == servers {
        return None;
    }
    let inner = match (ours, servers) {
        (Object(ours), Object(servers)) => {
            let keys = ours.keys().chain(servers.keys());
            keys.clone()
                .filter_map(|key| {
                    let (Some(a), Some(b)) = (ours.get(key), servers.get(key)) else {
                        let holder = if ours.contains_key(key) {
                            "we"
                        } else {
                            "the server"
                        };
                        return Some(format!("{place}.{key}: only {holder} have it"));
                    };
                    first_difference(a, b, &format!("{place}.{key}"))
                })
                .next()
        }
        (Array(ours), Array(servers)) if ours.len() == servers.len() => {
            let pairs = ours.iter().zip(servers).enumerate();
            pairs
                .filter_map(|(at, (a, b))| first_difference(a, b, &format!("{place}[{at}]")))
                .next()
        }
        _ => None,
    };
    inner.or_else(|| Some(format!("{place}: {ours} here, {servers} from the server")))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn read_files(
    folder: &Path,
    below: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{below}{}", file_name(&path));
        if path.is_dir() {
            read_files(&path, &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}

/// Makes a bare repository with a branch for every case.
fn import(folder: &Path, cases: &[Case]) -> Result<(), Failure> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(arguments);
        git
    };
    let made = git(&["init", "-q", "--bare"]).status()?;
    let mut import = git(&["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut stream = import.stdin.take().ok_or("git takes no input")?;
    for case in cases {
        writeln!(stream, "commit refs/heads/{}", case.name)?;
        writeln!(stream, "committer Replay <replay@example.invalid> 0 +0000")?;
        writeln!(stream, "data 0")?;
        for (path, bytes) in &case.before {
            writeln!(
                stream,
                "M 100644 inline \".octopus/{path}\"\ndata {}",
                bytes.len()
            )?;
            stream.write_all(bytes)?;
            writeln!(stream)?;
        }
    }
    drop(stream);
    if made.success() && import.wait()?.success() {
        Ok(())
    } else {
        Err("git couldn't make the repository".into())
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:24} {:>9} {:>9} {:>9} {:>6} {:>6}",
            "migration", "equal", "identical", "differing", "lines", "server"
        )?;
        for migration in &self.migrations {
            writeln!(
                f,
                "{:24} {:>9} {:>9} {:>9} {:>6} {:>6}  {}",
                migration.name,
                migration.equal,
                migration.identical,
                migration.differences.len(),
                migration.lines.0,
                migration.lines.1,
                migration
                    .excuse
                    .map_or(String::new(), |excuse| format!("excused: {excuse}")),
            )?;
            for difference in &migration.differences {
                writeln!(f, "    {difference}")?;
            }
        }
        let sum = |of: fn(&Migration) -> usize| self.counted().map(of).sum::<usize>();
        writeln!(
            f,
            "\n{} migrations, {} of them excused. Without those:",
            self.migrations.len(),
            self.migrations.len() - self.counted().count(),
        )?;
        writeln!(
            f,
            "documents with the server's values: {} ({} to the byte); with others: {}",
            sum(|migration| migration.equal),
            sum(|migration| migration.identical),
            sum(|migration| migration.differences.len()),
        )?;
        let ours = sum(|migration| migration.lines.0);
        let servers = sum(|migration| migration.lines.1);
        let more = self.counted();
        let more = more.filter(|migration| migration.lines.0 > migration.lines.1);
        write!(
            f,
            "lines changed: {ours} here, {servers} by the server; migrations that change more lines than the server's: {}",
            more.count()
        )
    }
}
