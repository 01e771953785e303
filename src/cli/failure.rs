//! Why a command ended, with which exit code, and what the user can do.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::catalog::{Catalog, CatalogError, Problem};
use crate::git;
use crate::ocl::ParseError;
use crate::plan::{NeverRead, PlanError};
use crate::project::{CommitError, DraftError, LoadError, MergeBranchError, ReadError, Remedy};
use crate::query::QueryError;
use crate::references::UnknownKind;
use crate::store;
use crate::text::is_hidden;
use crate::values::FindError;
use crate::verify::FilesError;

/// How a command can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Done,
    /// A failure that the user can mend.
    Failure,
    /// The command was called wrongly.
    Usage,
    /// Changes are pending, and `--exit-code` asked.
    Pending,
    /// The branch or an import changed meanwhile.
    TryAgain,
    /// Git asked for a merge, and has to stop.
    NotMerged,
    /// A defect of this program.
    Bug,
}

impl Exit {
    pub(super) fn number(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::Pending => 3,
            Exit::TryAgain => 4,
            Exit::NotMerged => 129,
            Exit::Bug => 101,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.number())
    }
}

/// Why a command ended before its end.
#[derive(Debug)]
pub(super) enum Failure {
    Load(LoadError),
    Catalog(CatalogError),
    Plan(PlanError),
    Commit(Box<CommitError>),
    Merge(Box<MergeBranchError>),
    Store(store::Error),
    /// A file of settings can't be used.
    Settings(Problem),
    /// A file of the user's.
    File {
        path: String,
        error: io::Error,
    },
    /// The arguments don't fit together.
    Usage(String),
    /// The catalog declares no such kind of things.
    UnknownKind(UnknownKind),
    /// What was to be settled isn't open.
    NothingOpen {
        address: String,
    },
    /// What was asked for is not there; `list` is the command that shows what is.
    Missing {
        message: String,
        list: &'static str,
        /// Its name, if it is a document.
        document: Option<String>,
    },
    /// A file isn't the output of a command over many repositories, or of another one.
    FleetOutput {
        /// The file, as the message says it: with the option that named it.
        shown: String,
        path: String,
        line: usize,
        why: String,
    },
    /// No import would read a row.
    NeverRead {
        document: String,
        why: NeverRead,
    },
    /// A selector doesn't select what was asked for.
    Find {
        error: FindError,
        document: String,
        /// Where it was looked for, if that is one ref: as it was asked for.
        revision: Option<String>,
    },
    /// A document that was asked for can't be read.
    Unread(Box<Unread>),
    /// A query can't be answered.
    Query(Box<QueryError>),
    /// A text isn't OCL.
    Ocl {
        path: String,
        error: Box<ParseError>,
    },
    /// A file of answers to lookups can't be used.
    Answers {
        path: String,
        /// Line and column, where it isn't JSON.
        position: Option<(usize, usize)>,
        message: String,
    },
    /// An environment is named where a branch is written to.
    Environment {
        name: String,
        revision: String,
        /// Whether it stands for a branch.
        is_branch: bool,
    },
    /// There is no document: none at all in the ref, or none of this name.
    NoDocument {
        name: Option<String>,
        message: String,
        /// The Git folder, where the name may have been meant as a ref.
        git_dir: Option<PathBuf>,
    },
    /// A format can't hold what would be exported.
    NotExportable {
        revision: String,
        /// The documents that have such values.
        documents: BTreeSet<String>,
        message: String,
    },
    /// Refused for a reason that scripts tell apart.
    Refused(Refusal, String),
    /// Something else, in words.
    Other(String),
    /// The reader of the output closed it. That is not an error: what is known by then tells how the command ends.
    ClosedPipe,
}

/// A document that can't be read.
#[derive(Debug)]
pub(super) struct Unread {
    /// The ref, as it was asked for, where that is known.
    pub(super) revision: Option<String>,
    /// Its path in the repository, if Git holds it.
    pub(super) path: Option<String>,
    pub(super) error: ReadError,
    pub(super) message: String,
}

/// Why a command refuses what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A repository among the files of another one.
    EmbeddedRepository,
    /// A file would be overwritten, and nobody asked for that.
    FileExists,
    /// Git's environment leads to a place that can't be written to.
    GitEnvironment,
    /// Git doesn't say which commits it merges.
    MergeUnknown,
    /// Two refs have no commit in common.
    NoMergeBase,
    /// No document defines a thing of that name, or refers to one.
    NoSuchThing,
    /// The catalog doesn't declare what refers to what.
    NoThings,
    /// A document can't be merged.
    NotMerged,
    /// Restoring would change nothing.
    NothingToRestore,
    /// The output can't be written.
    Output,
    /// On paper, an import couldn't read what is in the store.
    PlanImport,
    /// Steps that would be retired are needed.
    StillNeeded,
    /// Recorded snapshots can't be used, or no snapshot can be made.
    Snapshots,
    /// A recorded snapshot differs.
    SnapshotDiffers,
    /// The repository's own store leads to another place.
    StoreElsewhere,
}

impl Failure {
    /// What went wrong with a file of the user's.
    pub(super) fn of_file(path: impl AsRef<Path>, error: io::Error) -> Failure {
        Failure::File {
            path: path.as_ref().display().to_string(),
            error,
        }
    }

    /// Whether it is about documents as they were read for a change, and not about what is written.
    pub(super) fn is_of_what_is_read(&self) -> bool {
        let Failure::Commit(error) = self else {
            return false;
        };
        matches!(
            error.cause(),
            CommitError::FailedDocuments { .. }
                | CommitError::DoubledNames { .. }
                | CommitError::BelowImport { .. }
                | CommitError::ComesInAgain { .. }
                | CommitError::SetAside { .. }
                | CommitError::Path { .. }
                | CommitError::Draft(
                    DraftError::Load(_)
                        | DraftError::Path { .. }
                        | DraftError::NoSuchKind { .. }
                        | DraftError::NothingToEdit { .. }
                        | DraftError::Value { .. }
                )
        )
    }

    /// Whether steps asked the store what it doesn't answer.
    pub(super) fn is_of_missing_lookups(&self) -> bool {
        match self {
            Failure::Commit(error) => match error.cause() {
                CommitError::MissingLookups { .. } => true,
                CommitError::FailedDocuments { documents } => {
                    let mut documents = documents.iter();
                    documents.any(|document| !document.missing_lookups.is_empty())
                }
                CommitError::Draft(
                    DraftError::NothingToEdit {
                        missing_lookups, ..
                    }
                    | DraftError::NotRestored {
                        missing_lookups, ..
                    },
                ) => !missing_lookups.is_empty(),
                _ => false,
            },
            Failure::Merge(error) => matches!(**error, MergeBranchError::NotLifted { .. }),
            _ => false,
        }
    }

    /// Whether the store doesn't know the project.
    pub(super) fn is_of_unknown_project(&self) -> bool {
        let Failure::Commit(error) = self else {
            return false;
        };
        matches!(error.cause(), CommitError::UnknownProject { .. })
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) | Failure::UnknownKind(_) => Exit::Usage,
            Failure::ClosedPipe => Exit::Done,
            _ => match self.remedy() {
                Remedy::LoadAgain => Exit::TryAgain,
                Remedy::ReportBug => Exit::Bug,
                _ => Exit::Failure,
            },
        }
    }

    /// What helps.
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Failure::Load(error) => error.remedy(),
            Failure::Commit(error) => error.remedy(),
            Failure::Merge(error) => error.remedy(),
            Failure::Store(error) => Remedy::of_store(error),
            Failure::Unread(unread) => unread.error.remedy(),
            Failure::Query(error) if matches!(**error, QueryError::Defect(_)) => Remedy::ReportBug,
            Failure::Plan(PlanError::BranchAhead { .. })
            | Failure::NeverRead {
                why: NeverRead::AboveServer { .. },
                ..
            } => Remedy::UpgradeServer,
            _ => Remedy::Mend,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Failure::Load(error) if error.fetch_command().is_some() => without_command(error),
            Failure::Load(LoadError::Store(error)) => with_causes(error),
            Failure::Load(error) => error.to_string(),
            Failure::Catalog(error) => error.to_string(),
            Failure::Plan(error) => error.to_string(),
            Failure::Commit(error) => {
                let text = error.to_string();
                // The hint has the command.
                LoadError::without_fetch_command(&text).map_or(text.clone(), |(said, _)| said)
            }
            Failure::Merge(error) => error.to_string(),
            Failure::Store(error) => with_causes(error),
            Failure::Find { error, .. } => error.to_string(),
            Failure::Unread(unread) => unread.message.clone(),
            Failure::UnknownKind(error) => error.to_string(),
            Failure::Query(error) => error.to_string(),
            Failure::Settings(problem) => problem.to_string(),
            Failure::NothingOpen { address } => format!("nothing is open at {address}"),
            Failure::File { path, error } => format!("{path}: {error}"),
            Failure::NeverRead { document, why } => {
                format!("nothing would ever read {document} there: {why}")
            }
            Failure::Ocl { path, error } => error.render(path),
            Failure::Environment { name, revision, .. } => format!(
                "`{name}` is an environment, a name under which `{revision}` is read: nothing is written under it"
            ),
            Failure::FleetOutput {
                shown, line, why, ..
            } => format!("{shown}:{line}: {why}"),
            // What is wrong with JSON says its place itself.
            Failure::Answers { path, message, .. } => format!("{path}: {message}"),
            Failure::Usage(message)
            | Failure::Refused(_, message)
            | Failure::Other(message)
            | Failure::NoDocument { message, .. }
            | Failure::NotExportable { message, .. }
            | Failure::Missing { message, .. } => message.clone(),
            Failure::ClosedPipe => String::new(),
        }
    }
}

/// What a partial clone left out, without the command that fetches it: that is the hint.
fn without_command(error: &LoadError) -> String {
    let text = error.to_string();
    let command = error.fetch_command().unwrap_or_default();
    let said = text.strip_suffix(&command).unwrap_or(&text);
    let end = said.rfind(['\n', ';']).unwrap_or(said.len());
    said[..end].to_owned()
}

/// An error with what caused it, on one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

/// Refuses a version that the catalog doesn't have.
pub(super) fn expect_version(option: &str, version: u32, catalog: &Catalog) -> Result<(), Failure> {
    let (lowest, server) = (catalog.lowest_version(), catalog.server_version());
    if (lowest..=server).contains(&version) {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{option} {version}: the versions of this catalog are {lowest} to {server}"
    )))
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    if is_plain(word) {
        word.to_owned()
    } else if word.chars().any(is_hidden) {
        quoted_visibly(word)
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A word with characters that can't be shown, as most shells read it: `$'a\nb'`.
fn quoted_visibly(word: &str) -> String {
    let mut text = "$'".to_owned();
    for c in word.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\'' | '\\' => text.extend(['\\', c]),
            c if is_hidden(c) => {
                // In octal, since a hexadecimal escape may go on.
                let mut buffer = [0; 4];
                let bytes = c.encode_utf8(&mut buffer).bytes();
                text.extend(bytes.map(|byte| format!("\\{byte:03o}")));
            }
            c => text.push(c),
        }
    }
    text.push('\'');
    text
}

/// A branch as people name it to a command: without `refs/heads/`.
pub(super) fn short_name(ref_name: &str) -> &str {
    ref_name.strip_prefix("refs/heads/").unwrap_or(ref_name)
}

/// Whether a shell takes a word as it is. (At its beginning, `~` and `=` stand for other paths.)
pub(super) fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@~^+=,%".contains(c);
    !word.is_empty() && !word.starts_with(['~', '=']) && word.chars().all(plain)
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        Failure::Load(error)
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Failure {
        Failure::Commit(Box::new(error))
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Failure {
        CommitError::Draft(error).into()
    }
}

impl From<MergeBranchError> for Failure {
    fn from(error: MergeBranchError) -> Failure {
        match error {
            MergeBranchError::Draft(DraftError::Load(error)) => error.into(),
            MergeBranchError::Draft(error) => error.into(),
            MergeBranchError::Git(error) => error.into(),
            MergeBranchError::NotABranch(error) => Failure::Commit(error),
            error @ MergeBranchError::TwoSides { .. } => Failure::Usage(error.to_string()),
            error => Failure::Merge(Box::new(error)),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        match error {
            ReadError::Load(error) => Failure::Load(error),
            error => Failure::Unread(Box::new(Unread {
                revision: None,
                path: None,
                message: error.to_string(),
                error,
            })),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Failure {
        Failure::Store(error)
    }
}

impl From<git::Error> for Failure {
    fn from(error: git::Error) -> Failure {
        Failure::Load(LoadError::Git(error))
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Failure {
        Failure::Catalog(error)
    }
}

impl From<FilesError> for Failure {
    fn from(error: FilesError) -> Failure {
        Failure::File {
            path: error.path.display().to_string(),
            error: error.error,
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Failure {
        Failure::Plan(error)
    }
}

impl From<io::Error> for Failure {
    /// An error of the output: files say which they are with [`Failure::File`].
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::ClosedPipe
        } else {
            let message = format!("the output can't be written: {error}");
            Failure::Refused(Refusal::Output, message)
        }
    }
}
