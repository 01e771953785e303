//! A project: documents of a repository, their catalog and their store, put together.
//!
//! Begin with [`Project::load_migrated`]: it takes anything Git can resolve and gives the documents at the server's schema, in
//! memory. It writes nothing.
//!
//! What a project and a loaded ref can do is listed here; three rooms do it: `read` loads, `write` commits, `survey` looks at
//! many refs or closely at one document.

mod error;
mod not_imported;
mod open;
mod read;
mod remedy;
mod survey;
mod write;

pub use error::{LoadError, ReadError};
pub use not_imported::{NotImported, StoreSilent};
pub use open::{Project, ProjectBuilder};
#[cfg(feature = "serve")]
pub(crate) use read::at::At;
#[cfg(feature = "cli")]
pub(crate) use read::befores::Befores;
pub use read::cache::{CacheStats, SharedCache};
pub(crate) use read::content_key::ContentKey;
pub use read::load::LoadOptions;
pub use read::loaded::Loaded;
pub(crate) use read::loaded::{failure, no_such_document};
pub use read::marker::BranchVersion;
pub use read::merge_side::{ConflictSide, LiftFailure, MergeSide};
pub use read::merge_sides::{MergeSides, NotLifted, ThreeDocuments};
pub use read::merge_sides_error::MergeSidesError;
pub use read::newer::leave_steps;
pub(crate) use read::origins::Before;
pub(crate) use read::parallel::for_each;
pub use read::session::Session;
pub use read::warning::{Obstacle, Warning};
pub use remedy::Remedy;
pub(crate) use survey::cases::{Cases, NotLoaded};
pub use survey::doctor::finding::{DoctorFinding, DoctorSeverity};
pub use survey::doctor::report::Diagnosis;
pub use survey::last_write::LastWrite;
pub use survey::merges::AuditedMerges;
pub use survey::merges::finding::{MergeFault, MergeFinding, NotAudited, ProjectFault, ValueFault};
pub use survey::mixed::MixedShape;
pub use survey::progress::SurveyProgress;
pub use survey::rehearse::group::{RehearsalGroup, RehearsalGroups, RehearsalMember, Spread};
pub use survey::rehearse::project::{
    RehearsedDocument, RehearsedFailure, RehearsedOutcome, RehearsedProject,
};
pub use survey::rehearse::refs::{Rehearsed, RehearsedRef};
pub use survey::rehearse::run::Rehearsal;
pub use survey::retired::{Retired, RetiredRef, RetiredRow};
pub use survey::status::{RefState, RefStatus, StatusReader};
pub use survey::story::{Happened, RecordedStory, StepStory, Story, StoryOrigin};
pub use write::adopt::{Adopted, Adoption};
pub use write::commit::error::CommitError;
#[cfg(feature = "fault-injection")]
pub use write::commit::fault::{CommitHook, CommitPoint};
pub use write::commit::model::{
    CommitRequest, Committed, CommittedBeside, FileChange, FileVersion, Prepared, PreparedBeside,
    PreparedCommit, StoreOutcome,
};
pub use write::commit::record::{Standing, StoreEffect, TakenRow};
pub use write::commit::told::{DoubledDocument, DoubledIn, FailedDocument, MissingLookup};
pub use write::commit::write::Written;
pub use write::draft::Draft;
pub use write::draft_error::{DraftError, EditFailure, RemovedKind};
pub use write::draft_warning::DraftWarning;
pub use write::effect::{Effect, EffectFailure, EffectRun, ImportEffect};
pub use write::emptied::record_emptied;
pub use write::merge::{
    FileConflict, MergeBranchError, MergeConflict, MergeOptions, MergedBeside, MergedRow, Merging,
    NotRaised,
};
pub use write::merged_in::OtherFile;
pub use write::new_branch::NewBranch;
pub use write::restore::{Restoration, RestoreFrom};
pub use write::settled::SettledIntent;

pub(crate) use read::one_document::OneDocument;

pub(crate) use crate::engine::join;

pub use crate::engine::{
    Asked, CacheCounts, DocumentOutcome, DocumentWarning, LookupKey, MigratedDocument,
};

use crate::git::ObjectId;
use crate::store;
use crate::values::Address;

/// Reading.
impl Project {
    /// The documents of a ref at the server's schema. Takes anything Git can resolve: a branch, a tag, a commit's id,
    /// `main~3`.
    ///
    /// Documents are read and migrated when they are first asked for. Nothing is written, neither in Git nor in the
    /// store.
    ///
    /// # Errors
    /// Where the revision, the marker or the plan is wrong. What is wrong with one document is that document's own
    /// outcome.
    pub fn load_migrated(&self, revision: &str) -> Result<Loaded, LoadError> {
        self.load(revision, LoadOptions::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As for [`load_migrated`](Project::load_migrated).
    pub fn load(&self, revision: &str, options: LoadOptions) -> Result<Loaded, LoadError> {
        self.session().load(revision, options)
    }

    /// What two revisions and the commit that both come from hold, read at one version: the highest of the three, or
    /// `options.target`. The base path is that of the project in `ours`.
    ///
    /// # Errors
    /// [`MergeSidesError`]. What is wrong with one document is told when it is asked for.
    pub fn merge_sides(
        &self,
        ours: &str,
        theirs: &str,
        options: LoadOptions,
    ) -> Result<MergeSides, MergeSidesError> {
        read::merge_sides::merge_sides(self, None, ours, theirs, options)
    }

    /// The same with another base than the merge base, as for a cherry-pick or a rebase.
    ///
    /// # Errors
    /// As for [`merge_sides`](Project::merge_sides).
    pub fn merge_sides_since(
        &self,
        base: &str,
        ours: &str,
        theirs: &str,
        options: LoadOptions,
    ) -> Result<MergeSides, MergeSidesError> {
        read::merge_sides::merge_sides(self, Some(base), ours, theirs, options)
    }

    /// A session, for loading several refs that see the store at one moment.
    pub fn session(&self) -> Session {
        Session::new(self)
    }
}

impl Session {
    /// The documents of a ref at the server's schema: see [`Project::load_migrated`].
    ///
    /// # Errors
    /// As for [`Project::load_migrated`].
    pub fn load_migrated(&self, revision: &str) -> Result<Loaded, LoadError> {
        self.load(revision, LoadOptions::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As for [`Project::load_migrated`].
    pub fn load(&self, revision: &str, options: LoadOptions) -> Result<Loaded, LoadError> {
        read::load::load(self, revision, options)
    }

    /// The same for who asks for single documents: it is no error that a partial clone left out others. One that was left out fails
    /// when it is asked for; [`Loaded::refuse_left_out`] says which were.
    ///
    /// # Errors
    /// As for [`Project::load_migrated`], but for [`LoadError::LeftOut`] of documents.
    pub fn load_partly(&self, revision: &str, options: LoadOptions) -> Result<Loaded, LoadError> {
        read::load::load_partly(self, revision, options)
    }

    /// Where a revision stands.
    #[cfg(feature = "serve")]
    pub(crate) fn find(&self, revision: &str) -> Result<At, LoadError> {
        Ok(self.git(|reader| reader.resolve(revision))?.into())
    }

    /// Loads what was found as [`load_partly`](Session::load_partly) does, wherever its revision stands by now.
    #[cfg(feature = "serve")]
    pub(crate) fn load_found(&self, at: At, options: LoadOptions) -> Result<Loaded, LoadError> {
        read::load::load_partly_at(self, at, options)
    }
}

/// Writing.
impl Project {
    /// Begins a change on a branch that doesn't exist yet, `main` or `refs/heads/main`. With nothing to start from, this
    /// converts the project to version control: everything is imported.
    ///
    /// # Errors
    /// [`DraftError::BranchExists`], [`DraftError::NeedsParent`], a name that no branch can have, and what loading can
    /// fail with.
    pub fn draft_new_branch(&self, name: &str, options: NewBranch) -> Result<Draft, DraftError> {
        write::new_branch::draft_new_branch(self, name, options)
    }

    /// Begins a change that gives documents of a branch the values that they had in an old commit, migrated up or down to the
    /// branch's own version. Without names, all documents.
    ///
    /// A `git revert` across a migration would bring the old shape back, which isn't that of the branch's version.
    ///
    /// # Errors
    /// Where either can't be loaded, a document of the old commit can't be brought to the branch's version, or only by
    /// setting values aside, or a name is in neither.
    pub fn restore<'f>(
        &self,
        branch: &str,
        from: impl Into<RestoreFrom<'f>>,
        names: &[String],
    ) -> Result<Restoration, DraftError> {
        write::restore::restore(self, branch, from.into(), names)
    }

    /// The same for one value, block or item: the old document is migrated to the branch's own version, and what it has at this
    /// address is taken over. What it doesn't have there is removed. The rest of the document stays as it is.
    ///
    /// # Errors
    /// As for [`Project::restore`]; where one of the two doesn't have the document, and [`DraftError::ValueNotRestored`].
    pub fn restore_value<'f>(
        &self,
        branch: &str,
        from: impl Into<RestoreFrom<'f>>,
        address: &Address,
    ) -> Result<Restoration, DraftError> {
        write::restore::restore_value(self, branch, from.into(), address)
    }

    /// Begins a merge of a revision into a branch: documents value by value, at the highest version of the two sides and of the commit
    /// that both come from; other files as Git merges them; the marker as it must be. Its draft becomes a commit with two parents,
    /// by the same protocol as any other. Where the branch has nothing of its own, it moves forward to the other side's commit.
    ///
    /// ```no_run
    /// # use ocl_migrate::git::{GitProgram, Signature};
    /// # use ocl_migrate::project::{CommitRequest, MergeOptions, Project};
    /// # fn merge(project: &Project, ada: Signature) -> Result<(), Box<dyn std::error::Error>> {
    /// let options = MergeOptions {
    ///     ours: vec![r#"variables variable["Retries"]"#.parse()?],
    ///     git: Some(GitProgram::default()),
    ///     ..MergeOptions::default()
    /// };
    /// let merging = project.merge("main", "feature/x", &options)?;
    /// for conflict in &merging.conflicts {
    ///     println!("{} {}", conflict.kind.name(), conflict.address());
    /// }
    /// if let Some(draft) = &merging.draft {
    ///     println!("{} is merged", draft.commit(CommitRequest::new("Merge", ada))?.commit);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`MergeBranchError`]; a conflict is none.
    pub fn merge(
        &self,
        branch: &str,
        theirs: &str,
        options: &MergeOptions,
    ) -> Result<Merging, MergeBranchError> {
        write::merge::merge(self, branch, theirs, options)
    }

    /// Leaves this server's steps in the store, for older servers on the same store: with them they read what this one
    /// writes. Every write does so by itself, before anything of its version can be seen; a server that calls this as it
    /// starts has them there sooner. Returns whether they are new there.
    ///
    /// # Errors
    /// Where the store can't be written.
    pub fn leave_steps(&self) -> Result<bool, store::Error> {
        match self.store() {
            Some(store) => leave_steps(self.catalog(), &**store),
            None => Ok(false),
        }
    }
}

impl Loaded {
    /// Begins a change to this ref.
    pub fn edit(self) -> Draft {
        Draft::of(self)
    }

    /// What the store would have to do to catch up with this branch: take the rows that its imports have passed, those
    /// in no branch too. Nothing, if the store isn't behind. `time` is now, in seconds since 1970.
    ///
    /// # Errors
    /// Where this isn't a branch, or there is no store that knows the project.
    pub fn adopt(&self, time: i64) -> Result<Adoption<'_>, CommitError> {
        write::adopt::adopt(self, time)
    }
}

/// Looking at many refs, or closely at one document.
impl Project {
    /// A reader of refs' versions.
    pub fn status(&self) -> StatusReader<'_> {
        StatusReader::new(self)
    }

    /// A rehearsal, of no refs yet: it migrates many refs in memory and tells what becomes of each.
    pub fn rehearsal(&self, options: LoadOptions) -> Rehearsal<'_> {
        Rehearsal::new(self, options)
    }

    /// Refuses a base path that was chosen and at which no ref has a project, unless it is the catalog's own or the store knows
    /// the project and it was never persisted: then it is about to begin. Loading doesn't ask this, since a server knows where
    /// its projects are; a person may have mistyped it.
    ///
    /// # Errors
    /// [`LoadError::NoProjectAt`], and where the refs or the store can't be read.
    pub fn check_base_path(&self) -> Result<(), LoadError> {
        survey::base_path::check_base_path(self)
    }

    /// The same also where no base path was chosen, and the commit that is checked out has projects, but none where they are looked
    /// for.
    #[cfg(feature = "cli")]
    pub(crate) fn expect_project(&self) -> Result<(), LoadError> {
        survey::base_path::expect_project(self)
    }

    /// The documents of a merge that came as they are from a parent at another version, with its shape: Git takes a file that only
    /// one side changed as it is. `tree` is the outcome, committed or not.
    ///
    /// # Errors
    /// Where a side can't be loaded.
    pub fn mixed_shapes(
        &self,
        tree: ObjectId,
        parents: &[ObjectId],
    ) -> Result<Vec<MixedShape>, LoadError> {
        survey::mixed::mixed_shapes(self, tree, parents)
    }

    /// Why projects of a merge state no version that can be read: stated twice, or not at all beside documents, or no number, or only
    /// where a newer server looks. What a parent has so is left out. `tree` is the outcome, committed or not.
    ///
    /// # Errors
    /// Where the outcome or a parent can't be read.
    pub fn without_version(
        &self,
        tree: ObjectId,
        parents: &[ObjectId],
    ) -> Result<Vec<LoadError>, LoadError> {
        survey::mixed::without_version(self, tree, parents)
    }

    /// Looks through the history of revisions, or of all branches if none is given, for merges, squashes, picks and reverts that
    /// mixed shapes, and for merges that dropped or doubled values. Calls `progress` from time to time, on this thread.
    ///
    /// Only commits that changed something below the base path are opened. A text that no commit at another version has is judged by
    /// what it looks like: see [`MergeFault::LooksOlder`].
    ///
    /// # Errors
    /// Where a revision, a commit or a tree can't be read.
    pub fn audit_merges(
        &self,
        revisions: &[String],
        mut progress: impl FnMut(SurveyProgress),
    ) -> Result<AuditedMerges, LoadError> {
        survey::merges::audit_merges(self, revisions, &mut progress)
    }

    /// What the catalog's baseline leaves behind here: every ref, and all that the store has, is looked at. Nothing without a
    /// baseline.
    ///
    /// # Errors
    /// Where the refs or the store can't be read.
    pub fn retired(&self) -> Result<Retired, LoadError> {
        survey::retired::retired(self)
    }

    /// Checks the repository and the store, under the catalog.
    ///
    /// # Errors
    /// Where the repository or the store can't be read at all.
    pub fn diagnose(&self) -> Result<Diagnosis, LoadError> {
        self.diagnose_telling(|_| {})
    }

    /// The same; calls `progress` from time to time, on this thread.
    ///
    /// # Errors
    /// As for [`diagnose`](Project::diagnose).
    pub fn diagnose_telling(
        &self,
        mut progress: impl FnMut(SurveyProgress),
    ) -> Result<Diagnosis, LoadError> {
        survey::doctor::diagnose::diagnose(self, &mut progress)
    }
}

impl Loaded {
    /// One document's story. Reads the history of its path.
    ///
    /// # Errors
    /// [`LoadError::NoSuchDocument`], and where Git or the store can't be read. That it couldn't be migrated is part of
    /// the story.
    pub fn explain(&self, name: &str) -> Result<Story, LoadError> {
        survey::explain::explain(self, name)
    }

    /// References that led to a thing before the migration and lead nowhere after it: a step changed the name of the one or of the
    /// other, or took the thing away. A warning for each name, as [`Warning::LeadsNowhere`].
    ///
    /// The catalog declares what refers to what in the newest shape, so nothing is told of a migration that ends at an older one,
    /// nor of names that stood elsewhere in the older shape, nor where a document can't be migrated. Every document is migrated
    /// for this, and read before and after.
    pub fn dangling(&self) -> Vec<Warning> {
        survey::dangling::dangling(self)
    }
}
