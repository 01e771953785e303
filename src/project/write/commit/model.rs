//! What a commit is made of: the request, what it would write, and what became of it.

use std::collections::BTreeSet;

use super::error::CommitError;
use super::record::StoreEffect;
use crate::catalog::DocumentName;
use crate::engine::LookupKey;
use crate::git::{EntryKind, ObjectId, Signature};
use crate::project::write::draft::Draft;
use crate::project::write::merged_in::OtherFile;
use crate::project::write::settled::SettledIntent;

/// How to commit. The caller says all of it: the library knows neither the time nor the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRequest {
    /// The commit's message.
    pub message: String,
    /// Who made the change.
    pub author: Signature,
    /// Who commits; the time of it is also the store's.
    pub committer: Signature,
    /// With a message here, the migration is a commit of its own, before the change.
    pub migration_message: Option<String>,
    /// Unknown versions that may be crossed all the same.
    pub accept_unknown_versions: BTreeSet<u32>,
    /// Lookups without an answer whose default may be written all the same.
    pub accept_missing_lookups: BTreeSet<LookupKey>,
}

impl CommitRequest {
    /// One commit, by one person, crossing nothing unknown and accepting no default in place of an answer.
    pub fn new(message: impl Into<String>, author: Signature) -> CommitRequest {
        CommitRequest {
            message: message.into(),
            committer: author.clone(),
            author,
            migration_message: None,
            accept_unknown_versions: BTreeSet::new(),
            accept_missing_lookups: BTreeSet::new(),
        }
    }
}

/// What a commit would write. Nothing is written yet.
#[must_use = "nothing is written before `write` and `publish`"]
pub struct Prepared<'d> {
    pub(super) draft: &'d Draft,
    pub(super) request: CommitRequest,
    pub(super) branch: String,
    pub(super) commits: Vec<PreparedCommit>,
}

/// One commit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedCommit {
    /// Its message.
    pub message: String,
    /// The files that differ from its first parent's, the documents in their order and the marker last.
    pub files: Vec<FileChange>,
    /// Of a merge, the second parent.
    pub merged: Option<ObjectId>,
    /// Files that aren't documents and that a merge changes, by path.
    pub other_files: Vec<OtherFile>,
}

/// A file that a commit adds, changes, moves or removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The document's name; `None` for the marker.
    pub document: Option<DocumentName>,
    /// The file in the commit's parent.
    pub before: Option<FileVersion>,
    /// The file in the commit.
    pub after: Option<FileVersion>,
}

/// A file in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    /// Its path in the repository.
    pub path: String,
    /// Its bytes; a symbolic link's are the path it points to, a submodule has none.
    pub content: Vec<u8>,
    /// What it is.
    pub mode: EntryKind,
}

/// A change that is committed: the branch points to it.
#[must_use = "the store may be pending, and rows may have to be reported"]
#[derive(Debug)]
pub struct Committed {
    /// The branch's new commit.
    pub commit: ObjectId,
    /// The commit with the migration, where it is one of its own: the new commit's parent.
    pub migration_commit: Option<ObjectId>,
    /// The branch, by its full name.
    pub branch: String,
    /// The branch's version now.
    pub version: u32,
    /// What became of the store.
    pub store: StoreOutcome,
    /// What writers that died had left, and what became of it.
    pub settled: Vec<SettledIntent>,
    /// The base path of the project that the above is about.
    pub base_path: String,
    /// Of a merge: the other projects that the commit changes.
    pub beside: Vec<CommittedBeside>,
}

/// Another project that a merge's commit changes.
#[derive(Debug)]
pub struct CommittedBeside {
    /// Its base path.
    pub base_path: String,
    /// Its version now.
    pub version: u32,
    /// What became of its part of the store.
    pub store: StoreOutcome,
}

/// Another project that a merge's commit would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedBeside {
    /// Its base path.
    pub base_path: String,
    /// Its version afterwards.
    pub version: u32,
    /// What the store would have to do; `None` where there is no store that knows it.
    pub effect: Option<StoreEffect>,
}

/// What became of the store.
#[derive(Debug)]
pub enum StoreOutcome {
    /// There is none, or none that knows the project, and no import needed one.
    None,
    /// It had nothing to record.
    Unchanged,
    /// It has followed.
    Followed(StoreEffect),
    /// The commit was made, but the store could not be updated: the next commit to the project updates it.
    Pending {
        /// What it has still to do.
        effect: StoreEffect,
        /// What failed.
        error: Box<CommitError>,
    },
}

impl Draft {
    /// Commits the change: computes, writes and publishes.
    ///
    /// # Errors
    /// [`CommitError`], each with what helps.
    pub fn commit(&self, request: CommitRequest) -> Result<Committed, CommitError> {
        self.prepare(request)?.write()?.publish()
    }
}

impl Prepared<'_> {
    /// The base path of the project.
    pub fn base_path(&self) -> &str {
        self.draft.loaded.base_path()
    }

    /// The branch that would move, by its full name.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// The commits that would be written, in order: one, or the migration's and the change's. None where a merge only moves the
    /// branch forward.
    pub fn commits(&self) -> &[PreparedCommit] {
        &self.commits
    }

    /// The branch's version afterwards.
    pub fn version(&self) -> u32 {
        self.draft.loaded.plan().target
    }

    /// The draft of the project and those of the others that a merge changes.
    pub(super) fn drafts(&self) -> impl Iterator<Item = &Draft> {
        std::iter::once(self.draft).chain(&self.draft.beside)
    }
}
