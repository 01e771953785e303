//! Reads the files of a catalog from its folder.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::contracts::{CONTRACTS_FOLDER, ContractLanguage, DeclaredContract};
use super::model::Catalog;
use super::problem::{CatalogError, Problem, SourceFile};
use super::read::{self, CATALOG_FILE};
use super::step::Step;

pub(super) const STEP_FILE: &str = "step.hcl";

/// The folder in which a catalog may keep the snapshots for its verification.
pub(crate) const SNAPSHOTS_FOLDER: &str = "snapshots";

/// The maximum size of a catalog's file, in bytes.
const LARGEST_FILE: u64 = 1 << 20;

/// The name of a step's folder: its version and the step's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepFolder {
    /// The schema version.
    pub version: u32,
    /// The step's name.
    pub name: String,
}

impl StepFolder {
    /// Reads `0010_runbook_retention_type`.
    pub fn parse(folder: &str) -> Option<StepFolder> {
        let (number, name) = folder.split_once('_')?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let version = digits.then(|| number.parse().ok()).flatten()?;
        let named = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        (named && version > 0).then(|| StepFolder {
            version,
            name: name.to_owned(),
        })
    }
}

pub(super) fn from_folder(folder: &Path) -> Result<Catalog, CatalogError> {
    let mut gathered = Gathered::default();
    match step_folders(folder, &mut gathered) {
        Err(error) => {
            let message = format!("the catalog's folder can't be read: {error}");
            gathered.problem(Problem::of_file(folder.display().to_string(), message));
        }
        Ok(names) => {
            let steps = names.iter().map(|name| format!("{name}/{STEP_FILE}"));
            for path in std::iter::once(CATALOG_FILE.to_owned()).chain(steps) {
                match read_text(&folder.join(&path)) {
                    Ok(text) => gathered.file(path, &text),
                    Err(_) if is_no_step(folder, &path) => {
                        let name = path.trim_end_matches(STEP_FILE).trim_end_matches('/');
                        let message = "this folder is no step: its name has no version, and there is no step.hcl in it";
                        let help = "a step's folder is a number and a name: `0010_name`; keep all else outside of the catalog, or in a \
                                    folder whose name begins with `.`";
                        gathered.problem(Problem::of_file(name, message).help(help));
                    }
                    Err(message) => {
                        let is_lacking_step = message == MISSING && path != CATALOG_FILE;
                        let problem = Problem::of_file(path, message);
                        gathered.problem(if is_lacking_step {
                            problem.help("write it, or remove the folder")
                        } else {
                            problem
                        });
                    }
                }
            }
        }
    }
    let catalog = gathered.catalog(|_| None)?;
    with_contract_files(
        catalog,
        |path| read_text(&folder.join(path)),
        || protobuf_files(folder),
    )
}

/// A catalog from its files' paths and texts.
#[cfg(any(fuzzing, test))]
pub(super) fn from_texts(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
    let mut gathered = Gathered::default();
    for (path, text) in files {
        gathered.file((*path).to_owned(), text);
    }
    gathered.catalog(|_| None)
}

/// The same catalog with the texts of its contracts. `beside` has the protobuf files in their folder.
pub(super) fn with_contract_files(
    mut catalog: Catalog,
    text_of: impl Fn(&str) -> Result<String, String>,
    beside: impl FnOnce() -> Result<Vec<SourceFile>, Problem>,
) -> Result<Catalog, CatalogError> {
    let mut problems = Vec::new();
    let is_protobuf = |it: &DeclaredContract| matches!(it.language, ContractLanguage::Protobuf(_));
    let mut protobuf: Arc<[SourceFile]> = [].into();
    if catalog.contracts.iter().any(is_protobuf) {
        match beside() {
            Ok(files) => protobuf = files.into(),
            Err(problem) => problems.push(problem),
        }
    }
    for contract in &mut catalog.contracts {
        match text_of(&contract.path) {
            Ok(text) => {
                contract.file = Some(SourceFile {
                    path: contract.path.as_str().into(),
                    text: text.into(),
                });
            }
            Err(message) => {
                let mut problem = contract.declaration.clone();
                problem.message = format!("the contract {:?}: {message}", contract.path);
                problems.push(problem);
            }
        }
        if is_protobuf(contract) {
            contract.beside = protobuf.clone();
        }
    }
    if problems.is_empty() {
        Ok(catalog)
    } else {
        Err(CatalogError { problems })
    }
}

/// How many protobuf files a catalog may have.
const MOST_PROTOBUF_FILES: usize = 500;

/// How large they may be together, in bytes.
const LARGEST_TOGETHER: usize = 8 << 20;

/// How deep folders of them may nest.
const DEEPEST_FOLDER: usize = 16;

/// Every protobuf file in the catalog's folder of contracts, by path.
fn protobuf_files(catalog: &Path) -> Result<Vec<SourceFile>, Problem> {
    let mut files = Vec::new();
    let mut total = 0;
    let mut open = vec![(CONTRACTS_FOLDER.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let unreadable =
            |error: io::Error| Problem::of_file(folder.clone(), format!("can't be read: {error}"));
        for entry in fs::read_dir(catalog.join(&folder)).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            // A link to a folder may lead round in circles, or out of the catalog.
            if entry.file_type().map_err(unreadable)?.is_dir() {
                if depth < DEEPEST_FOLDER {
                    open.push((path, depth + 1));
                }
                continue;
            }
            if !path.ends_with(".proto") {
                continue;
            }
            if files.len() == MOST_PROTOBUF_FILES {
                let message = format!("holds more than {MOST_PROTOBUF_FILES} protobuf files");
                return Err(Problem::of_file(CONTRACTS_FOLDER, message));
            }
            let text = within(catalog, &path)
                .and_then(|()| read_text(&catalog.join(&path)))
                .map_err(|message| Problem::of_file(path.clone(), message))?;
            total += text.len();
            if total > LARGEST_TOGETHER {
                let message = format!(
                    "its protobuf files are larger than {} MiB together",
                    LARGEST_TOGETHER >> 20
                );
                return Err(Problem::of_file(CONTRACTS_FOLDER, message));
            }
            files.push(SourceFile {
                path: path.into(),
                text: text.into(),
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// An error if a link leads out of the catalog.
fn within(catalog: &Path, path: &str) -> Result<(), String> {
    let whole =
        |path: &Path| fs::canonicalize(path).map_err(|error| format!("can't be read: {error}"));
    if whole(&catalog.join(path))?.starts_with(whole(catalog)?) {
        Ok(())
    } else {
        Err("this link leads out of the catalog's folder".to_owned())
    }
}

/// Whether the folder of a step's file has neither that file nor a step's name.
fn is_no_step(catalog: &Path, path: &str) -> bool {
    let folder = path
        .strip_suffix(STEP_FILE)
        .map(|it| it.trim_end_matches('/'));
    folder.is_some_and(|folder| StepFolder::parse(folder).is_none())
        && fs::symlink_metadata(catalog.join(path)).is_err()
}

pub(super) const NOT_UTF8: &str = "this file is not UTF-8";
pub(super) const MISSING: &str = "this file is missing";

/// The names of the folders with a step, sorted: all but hidden ones, the snapshots and the contracts.
fn step_folders(catalog: &Path, gathered: &mut Gathered) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(catalog)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || [SNAPSHOTS_FOLDER, CONTRACTS_FOLDER].contains(&&*name) {
            continue;
        }
        // Follow symbolic links: a step that is one must not be skipped.
        match fs::metadata(entry.path()) {
            Ok(metadata) if metadata.is_dir() && name != CATALOG_FILE => names.push(name),
            Ok(_) if name != CATALOG_FILE && name.ends_with(".hcl") => {
                let help = format!("a step is a folder: `0010_name/{STEP_FILE}`");
                gathered.problem(Problem::of_file(name, "this file belongs to no step").help(help));
            }
            Ok(_) if StepFolder::parse(&name).is_some() => {
                let help = format!("a step is a folder: `{name}/{STEP_FILE}`");
                let message = "this file has the name of a step's folder";
                gathered.problem(Problem::of_file(name, message).help(help));
            }
            Ok(_) => {}
            // `catalog.hcl` is read, and reported, below.
            Err(_) if name == CATALOG_FILE => {}
            Err(error) => {
                gathered.problem(Problem::of_file(name, format!("can't be read: {error}")))
            }
        }
    }
    names.sort();
    Ok(names)
}

fn read_text(path: &Path) -> Result<String, String> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => MISSING.to_owned(),
        _ => format!("can't be read: {error}"),
    };
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("this is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut limited = File::open(path).map_err(unreadable)?.take(LARGEST_FILE + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!(
            "this file is larger than {} KiB",
            LARGEST_FILE >> 10
        ));
    }
    String::from_utf8(bytes).map_err(|_| NOT_UTF8.to_owned())
}

/// The texts of a catalog: `catalog.hcl` and every `NNNN_name/step.hcl`.
#[derive(Default)]
pub(super) struct Gathered {
    files: Vec<SourceFile>,
    problems: Vec<Problem>,
}

impl Gathered {
    pub(super) fn file(&mut self, path: String, text: &str) {
        self.files.push(SourceFile {
            path: path.into(),
            // Editors on Windows begin files with a byte order mark.
            text: text.strip_prefix('\u{feff}').unwrap_or(text).into(),
        });
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The catalog. `known` has steps whose files need not be read now.
    pub(super) fn catalog(
        mut self,
        known: impl Fn(&SourceFile) -> Option<Step>,
    ) -> Result<Catalog, CatalogError> {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        read::catalog(&self.files, self.problems, known)
    }
}
