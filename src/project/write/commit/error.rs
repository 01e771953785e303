//! Why a change was not committed, classed by what helps.

use std::path::PathBuf;

use super::fault::Interrupted;
use super::told::{
    DoubledDocument, FailedDocument, MissingLookup, SHOWN, can_be_written, doubled, failed,
    intents, missing, not_a_branch, set_aside, versions_are,
};
use crate::catalog::DocumentName;
use crate::git::{self, ObjectId};
use crate::project::error::{LoadError, and_there_are};
use crate::project::read::loaded::Loaded;
use crate::project::remedy::Remedy;
use crate::project::write::draft_error::DraftError;
use crate::project::write::effect::EffectFailure;
use crate::project::write::settled::SettledIntent;
use crate::store::{self, IntentId};
use crate::text;

/// Why a change was not committed. Unless said otherwise, neither Git nor the store shows anything of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// What was loaded is a tag, a remote's branch, or a commit.
    #[error(
        "{}, and only a branch can be written to: name {}, or begin a branch there",
        not_a_branch(.named.as_deref()), .branch.as_deref().unwrap_or("a branch")
    )]
    NotABranch {
        /// The full name of what was loaded, if it has one.
        named: Option<String>,
        /// A branch of the same short name.
        branch: Option<String>,
    },
    /// What was loaded is below the branch's version, and nobody asked for writing that.
    #[error(
        "version {target} is below the branch's version {branch}: a change is written at the branch's version or above; \
         only `downgrade` goes below"
    )]
    Downward {
        /// The branch version.
        branch: u32,
        /// The version that would be written.
        target: u32,
    },
    /// A downgrade was asked for to a version that isn't lower.
    #[error(
        "the branch is at version {branch}, and {target} is not below it: there is nothing to downgrade"
    )]
    NotDownward {
        /// The branch version.
        branch: u32,
        /// The version asked for.
        target: u32,
    },
    /// Below an import the documents are the server's, and what was edited since is in the branch only.
    #[error(
        "below version {import} the server keeps `{kind}` itself, and newer edits are in this branch only: version \
         {target} can be shown, but not written; {} can be written",
        can_be_written(*.lowest, *.branch)
    )]
    BelowImport {
        /// The kind.
        kind: String,
        /// The import's version.
        import: u32,
        /// The version asked for.
        target: u32,
        /// The branch's version.
        branch: u32,
        /// The lowest version below the branch's that can be written, if there is one.
        lowest: Option<u32>,
    },
    /// The branch has no document of a kind, and going up again might bring some in.
    #[error(
        "the branch has no `{kind}`, and migrating up again from version {target} would not give the same: the import at \
         version {import} {what}"
    )]
    ComesInAgain {
        /// The kind.
        kind: String,
        /// The import's version.
        import: u32,
        /// The version asked for.
        target: u32,
        /// What that would do: bring in which documents, or fail.
        what: String,
    },
    /// The lower version has no place for some values.
    #[error("{}", set_aside(.values))]
    SetAside {
        /// Each with its document and place.
        values: Vec<String>,
    },
    /// The branch has no project at the base path, and there are some elsewhere: a second one would be begun beside them. Where the
    /// base path was chosen, that is meant.
    #[error(
        "the branch has no project at {:?}, and a change would begin one there{}",
        text::folder(.base_path), and_there_are(.base_paths)
    )]
    ProjectElsewhere {
        /// The base path.
        base_path: String,
        /// Those of the projects.
        base_paths: Vec<String>,
    },
    /// The catalog has no steps, so there is no version that a marker could state.
    #[error(
        "the catalog has no steps yet, so there is no version to write: a branch states one from 1 on, and the first step begins it"
    )]
    NoSteps {
        /// A kind that the catalog declares, if there is one.
        kind: Option<String>,
    },
    /// The message of a commit is empty, or holds blanks alone.
    #[error("the commit's message is empty: say what the commit is for")]
    EmptyMessage,
    /// The draft doesn't change anything.
    #[error(
        "there is no change to commit{}",
        if *.is_migrated { "" } else { "; a migration alone is only written when somebody asks for it" }
    )]
    NoChange {
        /// Whether there is no migration to write either.
        is_migrated: bool,
    },
    /// An upgrade was asked for, and the branch is at the target already.
    #[error("the branch is at version {version} already: there is nothing to upgrade")]
    NothingToUpgrade {
        /// The branch's version.
        version: u32,
    },
    /// The branch is checked out, and the project's refs have [nothing](git::MoveRef::work_trees) that lets work trees follow.
    #[error(
        "{branch} is checked out in {}, and its files would not be updated: commit to a branch that isn't checked out",
        .work_tree.display()
    )]
    CheckedOut {
        /// The branch.
        branch: String,
        /// The work tree.
        work_tree: PathBuf,
    },
    /// The catalog doesn't say what some of the versions change, and the caller didn't accept those by number.
    #[error(
        "{} not in this catalog, so the result may be incomplete: accept that by number to write it nevertheless",
        versions_are(.versions)
    )]
    UnknownVersions {
        /// The versions not accepted.
        versions: Vec<u32>,
    },
    /// Names stand more than once in documents, and which of them counts isn't certain.
    #[error("{}", doubled(.documents))]
    DoubledNames {
        /// The documents, each with one such name.
        documents: Vec<DoubledDocument>,
    },
    /// The server has no answer to some lookups, and the caller didn't accept the steps' defaults by name.
    #[error("{}", missing(.lookups))]
    MissingLookups {
        /// The lookups not accepted, each with the documents that depend on it.
        lookups: Vec<MissingLookup>,
    },
    /// Documents couldn't be migrated, and the change neither replaces nor removes them.
    #[error("{}", failed(.documents))]
    FailedDocuments {
        /// The documents, each with its error.
        documents: Vec<FailedDocument>,
    },
    /// An import would be written past without a store to import from.
    #[error(
        "{} would be imported, and there is no store to import from: say where the store is, or create one",
        text::list(.kinds)
    )]
    NoStore {
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// There is no store that could catch up.
    #[error("there is no store to bring up to date: say where the store is")]
    NoStoreToAdopt,
    /// An import would be written past, and the store has never heard of the project.
    #[error(
        "{} would be imported, and the store doesn't know the project `{project}`: initialise it there, which says \
         that the rows put there are all there is to import",
        text::list(.kinds)
    )]
    UnknownProject {
        /// What the store was asked for.
        project: String,
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// The branch passed imports that the store knows nothing of, and rows would leave it that no branch has.
    #[error(
        "the branch is at version {branch} and the store at {store}: to catch up, the store would take {} out of \
         its table, but the branch doesn't have that; adopt the branch to allow it",
        text::some_of(.rows, SHOWN)
    )]
    StoreBehind {
        /// The branch's version.
        branch: u32,
        /// The project's version in the store.
        store: u32,
        /// The rows that are in no branch.
        rows: Vec<DocumentName>,
    },
    /// The branch isn't where it was when it was loaded.
    #[error("{branch} has moved since it was loaded: load it again and repeat the change")]
    BranchMoved {
        /// The branch.
        branch: String,
        /// Where it was; `None`: it didn't exist.
        expected: Option<ObjectId>,
        /// Where it is; `None`: it doesn't exist, or that isn't known.
        found: Option<ObjectId>,
    },
    /// What is imported isn't what it was when the branch was loaded.
    #[error("what is imported has changed since the branch was loaded ({}): load it again and repeat the change",
        text::some_of(.changed, SHOWN))]
    ImportChanged {
        /// What changed: documents or kinds.
        changed: Vec<String>,
    },
    /// The server answers a step's question otherwise than when the branch was loaded.
    #[error(
        "the server's {table} has another answer for {key:?} than when the branch was loaded: load it again and repeat \
         the change"
    )]
    LookupChanged {
        /// The lookup table.
        table: String,
        /// The key.
        key: String,
    },
    /// Another writer settled this one's intent before the ref moved.
    #[error(
        "another commit to this project came first: load the branch again and repeat the change"
    )]
    Overtaken,
    /// The branch may point to the new commit or not: the answer was lost, or the disk hasn't confirmed it. What the store
    /// has to record stays in an intent, and the next writer settles that.
    #[error(
        "it isn't known whether {branch} is at the new commit {commit} ({source}): load it again later, and repeat the \
         change only if it isn't there"
    )]
    Unconfirmed {
        /// The branch.
        branch: String,
        /// The new commit.
        commit: ObjectId,
        /// What failed.
        source: Box<git::Error>,
    },
    /// Another writer's commit would take other rows of a kind, and whether it is visible can't be told now.
    #[error(
        "the rows of {kind} can't be taken yet: another writer was moving {branch} to {commit}, and it isn't known \
         whether that happened ({source}); try again later"
    )]
    Unsettled {
        /// The other writer's branch.
        branch: String,
        /// The other writer's commit.
        commit: ObjectId,
        /// The document kind.
        kind: String,
        /// Why it can't be told.
        source: Box<git::Error>,
    },
    /// What others left was settled, which stays; then the commit was refused.
    #[error("{source}; before that, {} settled that other writers had left", intents(.settled.len()))]
    AfterSettling {
        /// What was settled.
        settled: Vec<SettledIntent>,
        /// Why the commit was refused.
        source: Box<CommitError>,
    },
    /// An intent in the store isn't what its writer wrote.
    #[error("the store's intent {id} is damaged ({reason}): restore the store from a backup")]
    DamagedIntent {
        /// The intent.
        id: IntentId,
        /// What is wrong with it.
        reason: String,
    },
    /// The marker or the base path can't be placed.
    #[error("{what} can't be put into Git: {reason}")]
    Path {
        /// The base path, or that it is the marker.
        what: String,
        /// Why.
        reason: String,
    },
    /// Another project of the same merge can't be committed.
    #[error("in the project {}: {source}", text::visible_line(text::folder(.base_path)))]
    InProject {
        /// Its base path.
        base_path: String,
        /// Why not.
        source: Box<CommitError>,
    },
    /// A merge of several projects takes rows of more than one of them out of the store, which is one transaction for each.
    #[error(
        "{} would each import documents from the store in this commit, and one commit can take the rows of one project only: bring \
         all but one of them past their imports on the branch first, each by a commit of its own",
        text::list(.base_paths.iter().map(|path| text::visible_line(text::folder(path))))
    )]
    SeveralImports {
        /// Their base paths.
        base_paths: Vec<String>,
    },
    /// A change couldn't be taken into the draft.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// An import has an effect that isn't registered here.
    #[error(
        "the import of {kind} at version {import} has the effect {effect}, which this program doesn't have: commit through \
         the server that does"
    )]
    UnknownEffect {
        /// The effect.
        effect: String,
        /// The kind that is imported.
        kind: String,
        /// The import's version.
        import: u32,
    },
    /// An import's effect failed.
    #[error("the effect {effect} of the import of {kind} at version {import} failed: {source}")]
    EffectFailed {
        /// The effect.
        effect: String,
        /// The kind that is imported.
        kind: String,
        /// The import's version.
        import: u32,
        /// What the effect said.
        source: EffectFailure,
    },
    /// Something couldn't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A test's hook said so.
    #[cfg(feature = "fault-injection")]
    #[error("interrupted at {point}: {source}")]
    Interrupted {
        /// Where.
        point: super::fault::CommitPoint,
        /// What the hook said.
        source: std::io::Error,
    },
}

impl From<Interrupted> for CommitError {
    #[cfg(feature = "fault-injection")]
    fn from(Interrupted { point, source }: Interrupted) -> CommitError {
        CommitError::Interrupted { point, source }
    }

    #[cfg(not(feature = "fault-injection"))]
    fn from(interrupted: Interrupted) -> CommitError {
        match interrupted {}
    }
}

impl CommitError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            CommitError::BranchMoved { .. }
            | CommitError::ImportChanged { .. }
            | CommitError::LookupChanged { .. }
            | CommitError::Overtaken
            | CommitError::Unsettled { .. } => Remedy::LoadAgain,
            CommitError::Unconfirmed { .. } => Remedy::CheckOutcome,
            CommitError::AfterSettling { source, .. } | CommitError::InProject { source, .. } => {
                source.remedy()
            }
            CommitError::FailedDocuments { documents } => {
                let errors = documents
                    .iter()
                    .map(|document| Remedy::of_migration(&document.error));
                errors.max().unwrap_or(Remedy::Mend)
            }
            CommitError::Draft(error) => error.remedy(),
            CommitError::Load(error) => error.remedy(),
            CommitError::Store(error) => Remedy::of_store(error),
            _ => Remedy::Mend,
        }
    }

    /// The same about a project beside the one that was asked for.
    pub(super) fn in_project(self, loaded: &Loaded) -> CommitError {
        CommitError::InProject {
            base_path: loaded.base_path().to_owned(),
            source: Box::new(self),
        }
    }

    /// The refusal itself, where it came after settling, or is about one project of several.
    pub fn cause(&self) -> &CommitError {
        match self {
            CommitError::AfterSettling { source, .. } | CommitError::InProject { source, .. } => {
                source.cause()
            }
            error => error,
        }
    }

    /// The base path of the project that the refusal is about, where the commit would change several.
    pub fn base_path(&self) -> Option<&str> {
        match self {
            CommitError::AfterSettling { source, .. } => source.base_path(),
            CommitError::InProject { base_path, .. } => Some(base_path),
            _ => None,
        }
    }

    /// What was settled before the commit was refused, which stays.
    pub fn settled(&self) -> &[SettledIntent] {
        match self {
            CommitError::AfterSettling { settled, .. } => settled,
            CommitError::InProject { source, .. } => source.settled(),
            _ => &[],
        }
    }
}
