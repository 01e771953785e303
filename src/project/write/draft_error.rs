//! Why a change was not taken into a draft.

use crate::catalog::DocumentName;
use crate::engine::LookupKey;
use crate::migrate::MigrationError;
use crate::ocl::ParseError;
use crate::project::error::{LoadError, and_there_are};
use crate::project::remedy::Remedy;
use crate::references::RenameThingError;
use crate::text::list;
use crate::values::{TakeError, ValueEditError};

/// Why a change was not taken into a draft.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The ref, or a document of it, couldn't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The ref from which something is taken, or where a new branch begins, couldn't be loaded.
    #[error("{revision} can't be read: {source}")]
    LoadFrom {
        /// What was asked for.
        revision: String,
        /// Why not.
        source: LoadError,
    },
    /// The text is not OCL.
    #[error("{}", .error.render(.path))]
    InvalidOcl {
        /// The document.
        name: DocumentName,
        /// Its path in the repository.
        path: String,
        /// What is wrong with it, and where.
        error: Box<ParseError>,
    },
    /// Neither a document's name nor a document's path.
    #[error(
        "`{name}` is neither a document's name nor a document's path; the kinds are {}",
        list(.kinds)
    )]
    NoSuchKind {
        /// What was asked for.
        name: String,
        /// The kinds, each with its path.
        kinds: Vec<String>,
    },
    /// The document can't be placed.
    #[error("{name} can't be put into Git: {reason}")]
    Path {
        /// The document.
        name: DocumentName,
        /// Why.
        reason: String,
    },
    /// Documents of this kind are not kept in Git at the version that the draft writes.
    #[error("{name} can't be put into Git at version {target}: {reason}")]
    NotInGit {
        /// The document.
        name: DocumentName,
        /// The version.
        target: u32,
        /// Since when, or until when.
        reason: String,
        /// If it is because a step removes its kind.
        removed: Option<RemovedKind>,
    },
    /// There is nothing to edit: the document failed to migrate, or was removed.
    #[error("{name} can't be edited: {reason}; put a whole new text in its place, or remove it")]
    NothingToEdit {
        /// The document.
        name: DocumentName,
        /// Its path in the repository, if Git holds it.
        path: Option<String>,
        /// Why.
        reason: String,
        /// What is wrong with it where it is, if that is the cause.
        failed: Option<Box<MigrationError>>,
        /// What its steps asked the store that has no answer.
        missing_lookups: Vec<LookupKey>,
    },
    /// A commit has no project at the base path.
    #[error("{revision} has no project at {base_path:?}{}", and_there_are(.base_paths))]
    NoProject {
        /// What was asked for.
        revision: String,
        /// Whether that is what is restored from, and not the branch.
        is_from: bool,
        /// The base path.
        base_path: String,
        /// Those of the projects that it has.
        base_paths: Vec<String>,
    },
    /// An old commit doesn't have the document in Git.
    #[error(
        "{name} can't be restored from {commit}: it was not in Git there{}",
        .import.map(|version| format!(", since the server kept its kind itself before version {version}")).unwrap_or_default()
    )]
    NotHeld {
        /// The document.
        name: DocumentName,
        /// The old commit.
        commit: String,
        /// The import of its kind, if the commit is from before that.
        import: Option<u32>,
        /// Whether the branch has it.
        is_on_branch: bool,
    },
    /// An old commit's document can't take the branch's shape.
    #[error("{name} of {commit} can't be restored: {reason}")]
    NotRestored {
        /// The document.
        name: DocumentName,
        /// The old commit, as it was named.
        commit: String,
        /// Where the cause shows, as it was named: the old commit, or the branch.
        seen_in: String,
        /// The document's path there, in the repository, where it can be told.
        path: Option<String>,
        /// The version at which it was asked for: the branch's.
        version: u32,
        /// Why.
        reason: String,
        /// How its migration there failed, where that is the cause.
        failed: Option<Box<MigrationError>>,
        /// What its steps there asked the store that has no answer.
        missing_lookups: Vec<LookupKey>,
        /// The version of the old commit, where that is above the branch's and the way down is the cause: a branch that was brought
        /// there first could have it.
        upgrade_to: Option<u32>,
    },
    /// A value of an old commit's document has no place: the branch doesn't have the document.
    #[error(
        "no value of {name} can be restored from {commit}: the branch doesn't have the document any more"
    )]
    NothingToRestoreInto {
        /// The document.
        name: DocumentName,
        /// The old commit, as it was named.
        commit: String,
    },
    /// A value of an old commit's document can't be taken over.
    #[error("the value in {name} of {commit} can't be restored: {source}")]
    ValueNotRestored {
        /// The document.
        name: DocumentName,
        /// The old commit, as it was named.
        commit: String,
        /// The version at which it was asked for: the branch's.
        version: u32,
        /// Why.
        source: TakeError,
    },
    /// The edit itself failed.
    #[error("{name} was not changed: {source}")]
    Edit {
        /// The document.
        name: DocumentName,
        /// What the edit said.
        source: EditFailure,
    },
    /// A value can't be changed.
    #[error("{name} was not changed: {source}")]
    Value {
        /// The document.
        name: DocumentName,
        /// Why.
        source: ValueEditError,
    },
    /// A thing can't be renamed.
    #[error(transparent)]
    NotRenamed(Box<RenameThingError>),
    /// What refers to what is declared for the newest version only.
    #[error(
        "what documents refer to is known for version {newest}, and this was loaded at version {target}: load it at {newest}"
    )]
    OlderShape {
        /// The version that was loaded.
        target: u32,
        /// The newest.
        newest: u32,
    },
    /// The branch to begin exists.
    #[error("the branch {branch} exists already: load it and edit that, or choose another name")]
    BranchExists {
        /// Its full name.
        branch: String,
    },
    /// The project is under version control, so a branch should start from another.
    #[error(
        "the project was converted to version control before, so the new branch {branch} should start from another \
         one: name it, or ask for a branch without a parent explicitly"
    )]
    NeedsParent {
        /// Its full name.
        branch: String,
    },
}

/// A kind that a step removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovedKind {
    /// The version of the step.
    pub version: u32,
    /// The last version before that at which the branch could have documents of the kind; `None` where it is past them all.
    pub last: Option<u32>,
}

/// What an edit can fail with.
pub type EditFailure = Box<dyn std::error::Error + Send + Sync>;

impl DraftError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            DraftError::Load(error) | DraftError::LoadFrom { source: error, .. } => error.remedy(),
            _ => Remedy::Mend,
        }
    }
}
