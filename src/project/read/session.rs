//! What a piece of work reads in common: a Git reader that is lent, and the store as it is at one moment.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::store_view::{ImportRows, StoreView};
use crate::engine::{Answer, ContentId, Lookups};
use crate::git::Reader;
use crate::plan::LiveImport;
use crate::project::open::Project;
use crate::store::{self, ProjectKey, Store, StoredCatalog};

/// Loads that see the store at one moment: a request that looks at several branches, or a survey of all.
///
/// A load opens a session of its own; where many refs are loaded, one session for all of them spares the store most of the
/// questions. While a session is alive, what it reads from the store is read in one transaction, which is opened when
/// something is first asked. So drop it when the work is done. A [`Loaded`](super::loaded::Loaded) keeps the answers, and opens
/// a transaction again only where a document asks for more.
///
/// `Send` and `Sync`; clones are the same session.
///
/// ```no_run
/// # fn sizes(project: &ocl_migrate::project::Project) -> Result<(), ocl_migrate::project::LoadError> {
/// let session = project.session();
/// for branch in ["main", "feature/x"] {
///     let loaded = session.load_migrated(branch)?;
///     println!("{branch}: {} documents", loaded.documents().len());
/// }
/// # Ok(()) }
/// ```
pub struct Session {
    shared: Arc<Shared>,
}

/// What a session leaves to those who were loaded in it: the answers so far.
pub(crate) struct Shared {
    project: Project,
    /// How many sessions are alive.
    sessions: AtomicUsize,
    views: Mutex<BTreeMap<ProjectKey, Arc<View>>>,
    /// Views with an open transaction, the one opened last at the end.
    open: Mutex<Vec<Arc<View>>>,
    /// Newer servers' steps, by the least version asked for.
    catalogs: Mutex<BTreeMap<u32, Arc<[StoredCatalog]>>>,
    /// Why the store can't be used, once that was met: from then on there is none.
    unusable: OnceLock<store::Error>,
}

/// Base paths are projects of their own in the store, each with its own transaction: no more of them at a time.
const MOST_OPEN: usize = 8;

/// One project in the store.
struct View {
    store: Mutex<StoreView>,
}

impl Session {
    pub(crate) fn new(project: &Project) -> Session {
        let shared = Arc::new(Shared {
            project: project.clone(),
            sessions: AtomicUsize::new(0),
            views: Mutex::default(),
            open: Mutex::default(),
            catalogs: Mutex::default(),
            unusable: OnceLock::new(),
        });
        shared.session()
    }

    /// The project that it reads.
    pub fn project(&self) -> &Project {
        &self.shared.project
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether the store was asked for anything: otherwise what was loaded depends on Git alone.
    #[cfg(feature = "serve")]
    pub(crate) fn has_asked_store(&self) -> bool {
        !lock(&self.shared.views).is_empty() || !lock(&self.shared.catalogs).is_empty()
    }

    /// Lends a Git reader.
    pub(crate) fn git<T>(&self, run: impl FnOnce(&Reader) -> T) -> T {
        self.shared.project.read_with(run)
    }

    /// The steps that servers of at least this version left in the store.
    pub(crate) fn catalogs(
        &self,
        least_version: u32,
    ) -> Result<Arc<[StoredCatalog]>, store::Error> {
        let Some(store) = self.shared.project.store() else {
            return Ok(Arc::default());
        };
        let mut known = lock(&self.shared.catalogs);
        if let Some(catalogs) = known.get(&least_version) {
            return Ok(catalogs.clone());
        }
        let catalogs: Arc<[StoredCatalog]> = match store.catalogs(least_version) {
            Err(store::Error::Absent { .. }) => Arc::default(),
            other => other?.into(),
        };
        known.insert(least_version, catalogs.clone());
        Ok(catalogs)
    }
}

impl Clone for Session {
    fn clone(&self) -> Session {
        self.shared.session()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.shared.sessions.fetch_sub(1, Ordering::AcqRel) == 1 {
            let open = std::mem::take(&mut *lock(&self.shared.open));
            open.iter().for_each(|view| view.close());
        }
    }
}

impl Shared {
    /// A session that goes on from the answers so far.
    pub(crate) fn session(self: &Arc<Shared>) -> Session {
        self.sessions.fetch_add(1, Ordering::AcqRel);
        Session {
            shared: self.clone(),
        }
    }

    /// What a lookup table has under a key.
    pub(crate) fn lookup(
        &self,
        key: &ProjectKey,
        table: &str,
        entry: &str,
    ) -> Result<Arc<Answer>, store::Error> {
        let answer = self.ask(key, |view, store| view.lookup(store, table, entry))?;
        Ok(answer.unwrap_or_else(|| Arc::new(Answer::new(None))))
    }

    /// Identifies the answers to some lookups.
    pub(crate) fn answers_id(
        &self,
        key: &ProjectKey,
        lookups: &Lookups,
    ) -> Result<ContentId, store::Error> {
        match self.ask(key, |view, store| view.answers_id(store, lookups))? {
            Some(id) => Ok(id),
            None => lookups.answers_id(|_, _| Ok(Arc::new(Answer::new(None)))),
        }
    }

    /// The rows for some imports of a project.
    pub(crate) fn rows(
        &self,
        key: &ProjectKey,
        imports: &[LiveImport],
    ) -> Result<ImportRows, store::Error> {
        let import_rows = self.ask(key, |view, store| view.rows(store, imports))?;
        Ok(import_rows.unwrap_or(ImportRows::NoStore))
    }

    /// Asks the store about a project; `None` where there is no store.
    fn ask<T>(
        &self,
        key: &ProjectKey,
        ask: impl Fn(&mut StoreView, &dyn Store) -> Result<T, store::Error>,
    ) -> Result<Option<T>, store::Error> {
        let Some(store) = self.project.store() else {
            return Ok(None);
        };
        let view = self.view(key);
        let mut locked = lock(&view.store);
        if self.unusable.get().is_some() {
            locked.give_up();
        }
        let mut answer = ask(&mut locked, &**store);
        if let Err(error) = &answer
            && let Some(error) = error.unusable()
        {
            self.unusable.get_or_init(|| error);
            locked.give_up();
            answer = ask(&mut locked, &**store);
        }
        let is_open = locked.is_open();
        // Closing others takes their locks: none may be held.
        drop(locked);
        if is_open {
            self.keep_few_open(&view);
        }
        answer.map(Some)
    }

    /// Why the store can't be used, as far as that was met.
    pub(crate) fn unusable(&self) -> Option<&store::Error> {
        self.unusable.get()
    }

    fn view(&self, key: &ProjectKey) -> Arc<View> {
        let mut views = lock(&self.views);
        if let Some(view) = views.get(key) {
            return view.clone();
        }
        let view = Arc::new(View {
            store: Mutex::new(StoreView::new(key.clone())),
        });
        views.insert(key.clone(), view.clone());
        view
    }

    /// Notes that a view has its transaction open, and closes the oldest if they are too many. Without a session, none stays.
    fn keep_few_open(&self, view: &Arc<View>) {
        if self.sessions.load(Ordering::Acquire) == 0 {
            return view.close();
        }
        let mut open = lock(&self.open);
        if open.iter().any(|known| Arc::ptr_eq(known, view)) {
            return;
        }
        open.push(view.clone());
        let oldest = (open.len() > MOST_OPEN).then(|| open.remove(0));
        drop(open);
        if let Some(oldest) = oldest {
            oldest.close();
        }
    }
}

impl View {
    fn close(&self) {
        lock(&self.store).close();
    }
}

/// What is kept is put in whole: a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
