//! A project: a repository, a catalog and a store, put together.

use std::path::Path;
use std::sync::Arc;

use super::error::LoadError;
use super::read::cache::{Cache, CacheStats, SharedCache};
use super::read::newer_steps::NewerSteps;
use super::read::readers::Readers;
#[cfg(feature = "fault-injection")]
use super::write::commit::fault::CommitHook;
use super::write::commit::fault::Faults;
use super::write::effect::{Effect, Effects};
use crate::catalog::{Catalog, check_relative_path};
use crate::git::{LocalRefs, MoveRef, Reader, Repository};
use crate::store::{ProjectKey, Store};
use crate::text::folder;

/// What a project caches, in bytes, unless its builder says otherwise.
const CACHE_BYTES: u64 = 256 << 20;

/// Whether nobody waits any more for what is read.
type IsGivenUp = Arc<dyn Fn() -> bool + Send + Sync>;

/// One project, or, as long as no base path is chosen, whichever one a ref holds.
///
/// Cheap to clone; clones share their cache.
#[derive(Clone)]
pub struct Project {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    repository: Repository,
    catalog: Arc<Catalog>,
    store: Option<Arc<dyn Store>>,
    base_path: Option<Arc<str>>,
    tenant: String,
    key: Option<ProjectKey>,
    cache: Arc<Cache>,
    readers: Arc<Readers>,
    newer_steps: Arc<NewerSteps>,
    refs: Arc<dyn MoveRef>,
    effects: Effects,
    faults: Faults,
    is_given_up: Option<IsGivenUp>,
}

/// Puts a [`Project`] together.
pub struct ProjectBuilder {
    repository: Repository,
    catalog: Arc<Catalog>,
    store: Option<Arc<dyn Store>>,
    base_path: Option<String>,
    tenant: String,
    key: Option<ProjectKey>,
    cache_bytes: u64,
    shared_cache: Option<SharedCache>,
    refs: Option<Arc<dyn MoveRef>>,
    effects: Effects,
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
            tenant: String::new(),
            key: None,
            cache_bytes: CACHE_BYTES,
            shared_cache: None,
            refs: None,
            effects: Effects::default(),
            faults: Faults::default(),
        }
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

    /// What the store calls the project at a base path: `.`, if that is the repository's top.
    pub fn key(&self, base_path: &str) -> ProjectKey {
        self.inner
            .key
            .clone()
            .unwrap_or_else(|| ProjectKey::of_tenant(&self.inner.tenant, folder(base_path)))
    }

    /// How often the cache could answer, and what was read from the repository.
    pub fn cache_stats(&self) -> CacheStats {
        CacheStats {
            objects_read: self.repository().objects_read(),
            ..self.cache().stats()
        }
    }

    /// The same project at one base path.
    pub(crate) fn at(&self, base_path: &str) -> Project {
        if self.base_path() == Some(base_path) {
            return self.clone();
        }
        self.with(|inner| inner.base_path = Some(base_path.into()))
    }

    /// Another project of the same repository. A name that was chosen for the store is not its name.
    pub(super) fn beside(&self, base_path: &str) -> Project {
        self.at(base_path).with(|inner| inner.key = None)
    }

    /// The same project by a name in the store.
    pub(super) fn known_as(&self, key: ProjectKey) -> Project {
        self.with(|inner| inner.key = Some(key))
    }

    /// Whether one project's name in the store was chosen, whatever its base path.
    pub(super) fn has_chosen_key(&self) -> bool {
        self.inner.key.is_some()
    }

    /// The same project with another catalog.
    pub(super) fn with_catalog(&self, catalog: Arc<Catalog>) -> Project {
        self.with(|inner| inner.catalog = catalog)
    }

    /// The same project with a small cache of its own, so that a long walk neither fills the shared one nor grows with its length.
    pub(super) fn with_small_cache(&self) -> Project {
        let cache = Arc::new(self.cache().smaller());
        self.with(|inner| inner.cache = cache)
    }

    /// The same project, for somebody who may give up waiting: what takes long ends early then, with whatever it has.
    #[cfg(feature = "serve")]
    pub(crate) fn until(&self, is_given_up: IsGivenUp) -> Project {
        self.with(|inner| inner.is_given_up = Some(is_given_up))
    }

    /// What is said of what wasn't read for that reason; there is nobody to read it.
    pub(crate) const GIVEN_UP: &str = "nobody waits any more for what is in it";

    /// Whether nobody waits any more for what is read. What takes long asks this from time to time.
    pub(crate) fn is_given_up(&self) -> bool {
        self.inner.is_given_up.as_ref().is_some_and(|it| it())
    }

    fn with(&self, change: impl FnOnce(&mut Inner)) -> Project {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Project {
            inner: Arc::new(inner),
        }
    }

    /// The base path that was chosen; cheap to clone.
    pub(super) fn chosen_base_path(&self) -> Option<&Arc<str>> {
        self.inner.base_path.as_ref()
    }

    /// The folder at or below which projects lie.
    pub(crate) fn folder(&self) -> &str {
        self.base_path().unwrap_or(self.catalog().base_path())
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    pub(super) fn newer_steps(&self) -> &NewerSteps {
        &self.inner.newer_steps
    }

    /// Lends a reader.
    pub(super) fn read_with<T>(&self, run: impl FnOnce(&Reader) -> T) -> T {
        self.inner.readers.with(&self.inner.repository, run)
    }

    pub(super) fn refs(&self) -> &dyn MoveRef {
        &*self.inner.refs
    }

    pub(super) fn effects(&self) -> &Effects {
        &self.inner.effects
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.inner.faults
    }
}

impl ProjectBuilder {
    /// Chooses the base path; `.` is the repository's top. Without one, the project is whichever one a ref holds.
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

    /// Whose projects these are, in a store that several tenants share: nobody's in particular, unless said otherwise. Each is
    /// called by its base path there.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> ProjectBuilder {
        self.tenant = tenant.into();
        self
    }

    /// What the store calls the project, whatever its tenant and its base path.
    #[must_use]
    pub fn key(mut self, key: ProjectKey) -> ProjectBuilder {
        self.key = Some(key);
        self
    }

    /// The most that the cache may hold, in bytes; 256 MiB, unless said otherwise. With 0, nothing is cached.
    #[must_use]
    pub fn cache_bytes(mut self, bytes: u64) -> ProjectBuilder {
        self.cache_bytes = bytes;
        self
    }

    /// Lets the project share its migrated documents with those of other repositories: what one has migrated, no other migrates
    /// again. Each blob is held to its id before others get it, and a repository with replacement objects keeps a cache of its own.
    /// Otherwise takes the place of [`cache_bytes`](ProjectBuilder::cache_bytes).
    #[must_use]
    pub fn shared_cache(mut self, cache: &SharedCache) -> ProjectBuilder {
        self.shared_cache = Some(cache.clone());
        self
    }

    /// How branches are moved: in this repository, unless said otherwise. A server that works on a remote puts its push,
    /// with lease, here.
    #[must_use]
    pub fn refs(mut self, refs: Arc<dyn MoveRef>) -> ProjectBuilder {
        self.refs = Some(refs);
        self
    }

    /// Registers the effect that imports name so: see [`Effect`].
    #[must_use]
    pub fn effect(
        mut self,
        name: impl Into<String>,
        effect: impl Effect + 'static,
    ) -> ProjectBuilder {
        self.effects.insert(name.into(), Arc::new(effect));
        self
    }

    /// Calls a hook at every step of committing, whose error is what that step meets there. For tests.
    #[cfg(feature = "fault-injection")]
    #[must_use]
    pub fn commit_hook(mut self, hook: CommitHook) -> ProjectBuilder {
        self.faults.hook = Some(hook);
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
                let trimmed = match base_path.as_str() {
                    "" | "." | "./" => "",
                    other => other.trim_end_matches('/'),
                };
                if !trimmed.is_empty() || base_path.starts_with('/') {
                    check_relative_path(trimmed)
                        .map_err(|reason| LoadError::InvalidBasePath { reason })?;
                }
                Some(trimmed.into())
            }
        };
        let cache = match &self.shared_cache {
            // An id stands for another content there.
            Some(shared) if !self.repository.has_replacements() => Cache::sharing(shared),
            _ => Cache::new(self.cache_bytes),
        };
        let refs = self
            .refs
            .unwrap_or_else(|| Arc::new(LocalRefs::new(self.repository.clone())));
        Ok(Project {
            inner: Arc::new(Inner {
                refs,
                effects: self.effects,
                faults: self.faults,
                repository: self.repository,
                catalog: self.catalog,
                store: self.store,
                base_path,
                tenant: self.tenant,
                key: self.key,
                cache: Arc::new(cache),
                readers: Arc::default(),
                newer_steps: Arc::default(),
                is_given_up: None,
            }),
        })
    }
}
