//! One document's story, as data.

use std::sync::Arc;

use super::last_write::LastWrite;
use crate::catalog::DocumentName;
use crate::engine::Asked;
use crate::git::{HistoryEnd, ObjectId};
use crate::migrate::MigrationError;
use crate::plan::{PlannedImport, Source};
use crate::store::RecordedEffect;

/// One document's story.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its name.
    pub name: DocumentName,
    /// Where its content is.
    pub origin: StoryOrigin,
    /// The schema version that its content states.
    pub shape: u32,
    /// The import that once brought it from the server into this project, as far as the store recorded it.
    pub recorded: Option<RecordedStory>,
    /// The steps that its text has missed though its branch states a version above them: it came in by a merge, say.
    pub missed: Vec<u32>,
    /// The steps up to the branch's version that would still change values of it, though it was written at that version.
    pub looks_older: Vec<u32>,
    /// Every step of its kind, in run order.
    pub steps: Vec<StepStory>,
    /// Every question to the server, with the answer of now.
    pub asked: Vec<Asked>,
}

/// Where a document's content is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum StoryOrigin {
    /// Git holds it.
    Git {
        /// Its path in the repository.
        path: String,
        /// What lies there.
        blob: Option<ObjectId>,
        /// The commit that last wrote it. It can't be told where the file's name isn't UTF-8.
        written: Option<LastWrite>,
        /// Where that commit can't be told: the history that is here ends before it.
        #[serde(skip_serializing_if = "Option::is_none")]
        history_ends: Option<HistoryEnd>,
    },
    /// When migrating down, a remove brings it back.
    BroughtBack {
        /// From where.
        source: Source,
        /// The version of the remove.
        remove_version: u32,
        /// The commit that held it last, where it comes from the branch's history.
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<ObjectId>,
    },
    /// An import brings it in.
    Store {
        /// Where the store has it.
        source: Source,
        /// The version of the import.
        import_version: u32,
    },
}

impl StoryOrigin {
    /// What an import brings in.
    pub(crate) fn of_import(import: &PlannedImport) -> StoryOrigin {
        StoryOrigin::Store {
            source: import.source,
            import_version: import.version,
        }
    }
}

/// An import that the store recorded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RecordedStory {
    /// The version of the import.
    pub import_version: u32,
    /// When: seconds since 1970.
    pub seconds: i64,
    /// What ran beside it, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<RecordedEffect>,
}

/// What became of one step.
#[derive(Debug, Clone)]
pub struct StepStory {
    /// The step's place in [`Catalog::steps`](crate::catalog::Catalog::steps).
    pub step: usize,
    /// What happened.
    pub happened: Happened,
}

/// What happened with a step.
#[derive(Debug, Clone)]
pub enum Happened {
    /// The branch states that it ran before.
    RanBefore,
    /// It lies above the version asked for.
    AboveTarget,
    /// It changed the text.
    Changed {
        /// The text before.
        before: Arc<[u8]>,
        /// The text after; `None` if it removed the document.
        after: Option<Arc<str>>,
    },
    /// It ran and changed nothing.
    NothingToDo,
    /// Migrating down: an import that is undone, which leaves the document out, or a remove, which brings it back.
    Undone,
    /// It moved the document.
    Moved {
        /// The path before, below the base path.
        from: String,
        /// The path after.
        to: String,
    },
    /// It brought the document in.
    BroughtIn,
    /// It brings in others: Git holds this one.
    PassedOver,
    /// The document's content is in a newer shape already.
    AlreadyInShape,
    /// A later step removes what it would bring in.
    RemovedLater,
    /// It is about another document of this name: one that is imported later, or was there before.
    AnotherLife,
    /// It failed.
    Failed(Arc<MigrationError>),
    /// One before it failed.
    NotReached,
}
