//! A project: documents of a repository, their catalog and their store, put together.
//!
//! [`Project::load_migrated`] is the way in: it takes anything Git can resolve and gives the documents at the server's
//! schema, in memory. Nothing is written.

#[path = "write/adopt.rs"]
mod adopt;
#[path = "read/ahead.rs"]
mod ahead;
#[path = "read/around.rs"]
mod around;
#[path = "write/commit/mod.rs"]
mod commit;
#[path = "survey/doctor/mod.rs"]
mod doctor;
#[path = "read/document.rs"]
mod document;
#[path = "write/draft.rs"]
mod draft;
#[path = "read/entries.rs"]
mod entries;
mod error;
#[path = "survey/explain.rs"]
mod explain;
#[path = "read/layout.rs"]
mod layout;
#[path = "read/loaded.rs"]
mod loaded;
#[path = "read/marker.rs"]
mod marker;
#[path = "read/memory.rs"]
mod memory;
#[path = "write/new_branch.rs"]
mod new_branch;
#[path = "read/newer.rs"]
mod newer;
#[path = "read/readers.rs"]
mod readers;
#[path = "survey/rehearse/mod.rs"]
mod rehearse;
mod remedy;
#[path = "write/restore.rs"]
mod restore;
#[path = "read/results.rs"]
mod results;
#[path = "read/returned.rs"]
mod returned;
#[path = "write/settle.rs"]
mod settle;
#[path = "survey/shape.rs"]
mod shape;
#[path = "survey/status.rs"]
mod status;
#[path = "read/stored.rs"]
mod stored;
#[path = "read/suspicious.rs"]
mod suspicious;

use std::path::Path;
use std::sync::Arc;

pub use adopt::{Adopted, Adoption};
pub use commit::{
    CommitError, CommitHook, CommitPoint, CommitRequest, Committed, FailedDocument, FileChange,
    FileVersion, Prepared, PreparedCommit, Standing, StoreEffect, StoreOutcome, TakenRow, Written,
};
pub use doctor::{Diagnosis, Finding, Severity};
pub use document::{DocumentOutcome, MigratedDocument, Warning};
pub use draft::{Draft, DraftError, EditFailure};
pub use error::{LoadError, ReadError};
pub use explain::{Happened, RecordedStory, StepStory, Story, StoryOrigin};
pub use loaded::{LoadOptions, Loaded};
pub use marker::{BranchVersion, MarkerError};
pub use memory::ProjectFigures;
pub use new_branch::NewBranch;
pub use newer::leave_steps;
pub use rehearse::{
    Rehearsal, RehearsalGroup, RehearsalGroups, RehearsalMember, RehearsalProgress, Rehearsed,
    RehearsedDocument, RehearsedFailure, RehearsedOutcome, RehearsedProject, RehearsedRef, Spread,
};
pub use remedy::Remedy;
pub use restore::Restoration;
pub use settle::SettledIntent;
pub use shape::LastWrite;
pub use status::{RefState, RefStatus, StatusReader};

use self::commit::fault::Faults;
use self::memory::ProjectMemory;
use self::newer::NewerSteps;
use self::readers::Readers;
use crate::catalog::{Catalog, check_relative_path};
use crate::git::{LocalRefs, MoveRef, Reader, Repository};
use crate::store::{ProjectKey, Store};

/// What a project remembers of migrations, in bytes, unless its builder says otherwise.
const MEMORY_BYTES: u64 = 256 << 20;

/// One project, or, as long as no base path is chosen, whichever one a ref holds.
///
/// Cheap to clone; clones share what they remember.
#[derive(Clone)]
pub struct Project {
    inner: Arc<Inner>,
}

struct Inner {
    repository: Repository,
    catalog: Arc<Catalog>,
    store: Option<Arc<dyn Store>>,
    base_path: Option<String>,
    key: Option<ProjectKey>,
    memory: ProjectMemory,
    readers: Readers,
    newer_steps: NewerSteps,
    refs: Arc<dyn MoveRef>,
    faults: Faults,
}

/// Puts a [`Project`] together.
pub struct ProjectBuilder {
    repository: Repository,
    catalog: Arc<Catalog>,
    store: Option<Arc<dyn Store>>,
    base_path: Option<String>,
    key: Option<ProjectKey>,
    memory_bytes: u64,
    refs: Option<Arc<dyn MoveRef>>,
    faults: Faults,
}

impl Project {
    /// The project in the repository at or above a folder, with the catalog that comes with this crate and no store.
    ///
    /// # Errors
    /// Where there is no repository, or one that can't be read.
    pub fn open(folder: &Path) -> Result<Project, LoadError> {
        let repository = Repository::discover(folder)?;
        Project::builder(repository, Arc::new(Catalog::builtin())).build()
    }

    /// Begins with a repository and a catalog.
    pub fn builder(repository: Repository, catalog: Arc<Catalog>) -> ProjectBuilder {
        ProjectBuilder {
            repository,
            catalog,
            store: None,
            base_path: None,
            key: None,
            memory_bytes: MEMORY_BYTES,
            refs: None,
            faults: Faults::default(),
        }
    }

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
        self.read_with(|reader| {
            let resolved = reader.resolve(revision)?;
            Loaded::new(self, reader, resolved.into(), options)
        })
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.inner.repository
    }

    /// The catalog.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.inner.catalog
    }

    /// The store, if there is one.
    pub fn store(&self) -> Option<&Arc<dyn Store>> {
        self.inner.store.as_ref()
    }

    /// The base path that was chosen.
    pub fn base_path(&self) -> Option<&str> {
        self.inner.base_path.as_deref()
    }

    /// What the store calls the project at a base path.
    pub fn key(&self, base_path: &str) -> ProjectKey {
        self.inner
            .key
            .clone()
            .unwrap_or_else(|| ProjectKey::new(base_path))
    }

    fn memory(&self) -> &ProjectMemory {
        &self.inner.memory
    }

    /// The same project at one base path.
    fn at(&self, base_path: &str) -> Project {
        match self.base_path() == Some(base_path) {
            true => self.clone(),
            false => self.with(self.inner.catalog.clone(), Some(base_path.to_owned())),
        }
    }

    /// The same project with another catalog or base path, which has a memory of its own.
    fn with(&self, catalog: Arc<Catalog>, base_path: Option<String>) -> Project {
        let inner = &*self.inner;
        Project {
            inner: Arc::new(Inner {
                repository: inner.repository.clone(),
                catalog,
                store: inner.store.clone(),
                base_path,
                key: inner.key.clone(),
                memory: ProjectMemory::new(MEMORY_BYTES),
                readers: Readers::default(),
                newer_steps: NewerSteps::default(),
                refs: inner.refs.clone(),
                faults: inner.faults.clone(),
            }),
        }
    }

    /// Runs something with a reader.
    fn read_with<T>(&self, run: impl FnOnce(&Reader) -> T) -> T {
        self.inner.readers.with(&self.inner.repository, run)
    }

    fn refs(&self) -> &dyn MoveRef {
        &*self.inner.refs
    }

    fn faults(&self) -> &Faults {
        &self.inner.faults
    }
}

impl ProjectBuilder {
    /// Chooses the base path. Without one, the project is whichever one a ref holds.
    #[must_use]
    pub fn base_path(mut self, base_path: impl Into<String>) -> ProjectBuilder {
        self.base_path = Some(base_path.into());
        self
    }

    /// Gives the project a store: the server's database.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> ProjectBuilder {
        self.store = Some(store);
        self
    }

    /// What the store calls the project; its base path, unless said otherwise.
    #[must_use]
    pub fn key(mut self, key: ProjectKey) -> ProjectBuilder {
        self.key = Some(key);
        self
    }

    /// The most that the memory of results may hold, in bytes; 256 MiB, unless said otherwise, and with 0 nothing is
    /// remembered.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> ProjectBuilder {
        self.memory_bytes = bytes;
        self
    }

    /// How branches are moved: in this repository, unless said otherwise. A server that works on a remote puts its push,
    /// with lease, here.
    #[must_use]
    pub fn refs(mut self, refs: Arc<dyn MoveRef>) -> ProjectBuilder {
        self.refs = Some(refs);
        self
    }

    /// Calls a hook at every step of committing, whose error is what that step meets there. For tests.
    #[must_use]
    pub fn commit_hook(mut self, hook: CommitHook) -> ProjectBuilder {
        self.faults = Faults(Some(hook));
        self
    }

    /// The project.
    ///
    /// # Errors
    /// Where the base path can't be one.
    pub fn build(self) -> Result<Project, LoadError> {
        let base_path = match self.base_path {
            None => None,
            Some(base_path) => {
                let trimmed = base_path.trim_end_matches('/');
                check_relative_path(trimmed)
                    .map_err(|reason| LoadError::InvalidBasePath { reason })?;
                Some(trimmed.to_owned())
            }
        };
        let refs = self
            .refs
            .unwrap_or_else(|| Arc::new(LocalRefs::new(self.repository.clone())));
        Ok(Project {
            inner: Arc::new(Inner {
                refs,
                faults: self.faults,
                repository: self.repository,
                catalog: self.catalog,
                store: self.store,
                base_path,
                key: self.key,
                memory: ProjectMemory::new(self.memory_bytes),
                readers: Readers::default(),
                newer_steps: NewerSteps::default(),
            }),
        })
    }
}
