//! Why a ref couldn't be loaded.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::not_imported::NotImported;
use super::remedy::Remedy;
use crate::catalog::{DocumentName, MarkerError, PortableError};
use crate::engine::LiftError;
use crate::git::{self, ObjectId};
use crate::migrate::MigrationError;
use crate::plan::PlanError;
use crate::store;
use crate::text;

/// What stands before the command that fetches what was left out.
const FETCH_ALL: &str = "fetch all of it with: ";

/// Why a ref couldn't be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The repository, or something in it, couldn't be read.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// A partial clone left out documents, and objects aren't fetched on demand.
    // The first line is the same for refs that lack the same; `diff-tree` fetches all that it compares at once.
    #[error(
        "the partial clone left out {}\n{FETCH_ALL}{}",
        text::some_of(.paths, 5), fetch(.git_dir, .trees, .folder)
    )]
    LeftOut {
        /// The repository.
        git_dir: PathBuf,
        /// The trees that the folder is in.
        trees: Vec<ObjectId>,
        /// The folder.
        folder: String,
        /// The paths of what was left out: of files, and of folders, with a `/` at the end.
        paths: Vec<String>,
    },
    /// The marker states no version.
    #[error(transparent)]
    Marker(#[from] MarkerError),
    /// Documents lie in the base path, and nothing states their version.
    #[error(
        "the version of {} is unknown, as there is no marker: state it in {marker}, as `{attribute} = N`",
        list(.documents)
    )]
    DocumentsWithoutMarker {
        /// Where the marker should be.
        marker: String,
        /// The attribute that holds the version.
        attribute: String,
        /// The documents.
        documents: Vec<String>,
    },
    /// The ref is newer than this server, and the steps that a newer server left in the store can't be used.
    #[error(
        "the store holds a newer server's steps, up to version {version}, and they can't be used: {error}"
    )]
    NewerSteps {
        /// The highest version of the steps.
        version: u32,
        /// Under which they are kept.
        digest: String,
        /// Why they can't.
        error: PortableError,
    },
    /// The commit that a remove brings documents back from, when migrating down, can't be loaded.
    #[error(
        "migrating down, version {version} brings `{kind}` back as commit {commit} held it, and that can't be loaded: {reason}"
    )]
    NotBroughtBack {
        /// The kind.
        kind: String,
        /// The version of the remove.
        version: u32,
        /// The commit.
        commit: String,
        /// Why not.
        reason: String,
    },
    /// There is no plan for the ref.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The ref holds several projects, and none was chosen.
    #[error("the ref holds several projects ({}): choose one by its base path", text::list(.base_paths.iter().map(|path| text::folder(path))))]
    SeveralProjects {
        /// Their base paths.
        base_paths: Vec<String>,
    },
    /// No ref matches a pattern.
    #[error(
        "no ref matches the pattern `{pattern}`{}: patterns are compared with full names, and with names without refs/heads/ \
         or refs/tags/, and `*` stops at `/`",
        meant.as_ref().map(|meant| format!(", but `{meant}` fits")).unwrap_or_default()
    )]
    NothingFits {
        /// The pattern.
        pattern: String,
        /// A pattern one folder deeper, if a ref matches that.
        meant: Option<String>,
    },
    /// The base path can't be one.
    #[error("{reason}: a base path is a folder in the repository, such as `.octopus`")]
    InvalidBasePath {
        /// What is wrong with it.
        reason: String,
    },
    /// No ref has a project at the base path that was chosen.
    #[error("no ref has a project at {:?}{}", text::folder(.base_path), and_there_are(.base_paths))]
    NoProjectAt {
        /// The base path.
        base_path: String,
        /// The base paths of the projects that there are.
        base_paths: Vec<String>,
    },
    /// The base path is something else than a folder.
    #[error("{base_path} is a {found} in this commit, not a folder")]
    NotAFolder {
        /// The base path.
        base_path: String,
        /// What it is.
        found: &'static str,
    },
    /// The store couldn't be read. (Where there is no store to use, loading goes on without:
    /// [`Warning::StoreUnusable`](crate::project::Warning::StoreUnusable).)
    #[error(transparent)]
    Store(#[from] store::Error),
    /// There is no such document.
    #[error(
        "there is no document `{name}` here{}{}; {}{}",
        .version.map(|it| format!(" at version {it}")).unwrap_or_default(),
        .not_imported.as_ref().map(|it| format!(": {it}")).unwrap_or_default(),
        there_are(.known),
        instead(.elsewhere)
    )]
    NoSuchDocument {
        /// What was asked for.
        name: String,
        /// The documents that there are.
        known: Vec<DocumentName>,
        /// The version at which it was looked for, if not the server's.
        version: Option<u32>,
        /// Where a store may have it, why that says nothing.
        not_imported: Option<NotImported>,
        /// Where there is no project at all: the base paths of those that the commit has elsewhere.
        elsewhere: Vec<String>,
    },
}

/// Why a document's values couldn't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The ref or the document couldn't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The document couldn't be migrated.
    #[error("{0} couldn't be migrated: {1}")]
    Failed(DocumentName, Arc<MigrationError>),
    /// A step removed the document.
    #[error("{0} was removed by a step")]
    Removed(DocumentName),
    /// Undoing an import leaves the document out.
    #[error(
        "{name} is not in Git at version {version}, where the server keeps it itself: read it without `--to`, or at a later version"
    )]
    LeftOut {
        /// The document.
        name: DocumentName,
        /// The version asked for.
        version: u32,
    },
    /// The document doesn't have the shape that the caller expects.
    #[error("{0} doesn't have the expected shape: {1}")]
    Shape(DocumentName, String),
}

impl ReadError {
    /// The document that couldn't be read, where the error names it.
    pub fn document(&self) -> Option<&DocumentName> {
        match self {
            ReadError::Load(_) => None,
            ReadError::Failed(name, _)
            | ReadError::Removed(name)
            | ReadError::LeftOut { name, .. }
            | ReadError::Shape(name, _) => Some(name),
        }
    }
}

impl From<LiftError<LoadError>> for LoadError {
    fn from(error: LiftError<LoadError>) -> LoadError {
        match error {
            LiftError::Source(error) => error,
            LiftError::Plan(error) => LoadError::Plan(error),
            LiftError::Past {
                kind,
                version,
                past,
                reason,
            } => LoadError::NotBroughtBack {
                kind,
                version,
                commit: past,
                reason,
            },
        }
    }
}

impl LoadError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            LoadError::Plan(PlanError::BranchAhead { .. }) | LoadError::NewerSteps { .. } => {
                Remedy::UpgradeServer
            }
            LoadError::Store(error) => Remedy::of_store(error),
            _ => Remedy::Mend,
        }
    }
}

impl ReadError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            ReadError::Load(error) => error.remedy(),
            ReadError::Failed(_, error) => Remedy::of_migration(error),
            ReadError::Removed(_) | ReadError::LeftOut { .. } | ReadError::Shape(..) => {
                Remedy::Mend
            }
        }
    }
}

impl LoadError {
    /// The command that fetches what a partial clone left out, at the end of the message.
    pub fn fetch_command(&self) -> Option<String> {
        match self {
            LoadError::LeftOut {
                git_dir,
                trees,
                folder,
                ..
            } => Some(fetch(git_dir, trees, folder)),
            LoadError::Git(error) => error.fetch_command(),
            _ => None,
        }
    }

    /// What a message that was kept says without the command that fetches what was left out, and the command.
    #[cfg(feature = "cli")]
    pub(crate) fn without_fetch_command(message: &str) -> Option<(String, &str)> {
        let is_it = |line: &&str| line.starts_with(FETCH_ALL);
        let command = message.lines().find(is_it)?.strip_prefix(FETCH_ALL)?;
        let said: Vec<&str> = message.lines().filter(|line| !is_it(line)).collect();
        Some((said.join("\n"), command))
    }
}

/// Which projects there are instead.
pub(super) fn and_there_are(base_paths: &[String]) -> String {
    match base_paths {
        [] => String::new(),
        [only] => format!("; there is one at {:?}", text::folder(only)),
        several => {
            let several = several
                .iter()
                .map(|path| format!("{:?}", text::folder(path)));
            format!("; there are some at {}", text::some_of(several, 20))
        }
    }
}

/// Where projects are, in which a document may be.
fn instead(base_path: &[String]) -> String {
    match base_path {
        [] => String::new(),
        several => {
            let several = several.iter();
            let several = several.map(|path| format!("{:?}", text::folder(path)));
            format!(", but a project at {}", text::some_of(several, 20))
        }
    }
}

fn fetch(git_dir: &Path, trees: &[ObjectId], folder: &str) -> String {
    let below = if folder.is_empty() {
        String::new()
    } else {
        format!(" -- '{}'", folder.replace('\'', "'\\''"))
    };
    let git_dir = git_dir.display().to_string().replace('\'', "'\\''");
    let (git, empty) = (
        format!("git -C '{git_dir}' diff-tree"),
        ObjectId::EMPTY_TREE,
    );
    match trees {
        [tree] => format!("{git} -r --numstat {empty} {tree}{below}"),
        trees => {
            let pairs: String = trees
                .iter()
                .map(|tree| format!(" '{empty} {tree}'"))
                .collect();
            format!("printf '%s\\n'{pairs} | {git} --stdin -r --numstat{below}")
        }
    }
}

fn there_are(names: &[impl Display]) -> String {
    match names {
        [only] => format!("there is {}", text::visible_line(&only.to_string())),
        names => format!("there are {}", list(names)),
    }
}

fn list(names: &[impl Display]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        let names = names.iter().map(ToString::to_string);
        let names: Vec<String> = names
            .map(|name| text::visible_line(&name).into_owned())
            .collect();
        text::some_of(names, 20)
    }
}
