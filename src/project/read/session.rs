//! What a piece of work reads in common: a Git reader that is lent, and the store as it is at one moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::{Answer, Rows, StoredRow, StoredRows};
use crate::git::Reader;
use crate::plan::LiveImport;
use crate::project::open::Project;
use crate::store::{self, ProjectKey, Read, Row, Store, StoredCatalog};

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
}

/// Base paths are projects of their own in the store, each with its own transaction: no more of them at a time.
const MOST_OPEN: usize = 8;

/// The rows for some imports, or why there are none.
pub(crate) enum Standing {
    NoStore,
    UnknownProject,
    Known(StoredRows),
}

/// What the store says of one project.
struct View {
    state: Mutex<ViewState>,
}

#[derive(Default)]
struct ViewState {
    transaction: Option<Box<dyn Read>>,
    /// There is no store at all.
    is_absent: bool,
    /// The project's version; the inner one is `None` where the store doesn't know the project.
    version: Option<Option<u32>>,
    /// By table and key.
    lookups: HashMap<String, HashMap<String, Arc<Answer>>>,
    tables: HashMap<String, Rows>,
    snapshots: HashMap<(String, u32), Option<Rows>>,
}

impl Session {
    pub(crate) fn new(project: &Project) -> Session {
        let shared = Arc::new(Shared {
            project: project.clone(),
            sessions: AtomicUsize::new(0),
            views: Mutex::default(),
            open: Mutex::default(),
            catalogs: Mutex::default(),
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

    /// The rows for some imports of a project.
    pub(crate) fn rows(
        &self,
        key: &ProjectKey,
        imports: &[LiveImport],
    ) -> Result<Standing, store::Error> {
        self.shared.rows(key, imports)
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
        let Some(store) = self.project.store() else {
            return Ok(Arc::new(Answer::new(None)));
        };
        let view = self.view(key);
        let mut state = lock(&view.state);
        if let Some(answer) = state.lookups.get(table).and_then(|table| table.get(entry)) {
            return Ok(answer.clone());
        }
        let value = state.ask(&**store, key, |read| read.lookup(table, entry))?;
        let answer = Arc::new(Answer::new(value.flatten()));
        let known = state.lookups.entry(table.to_owned()).or_default();
        known.insert(entry.to_owned(), answer.clone());
        self.keep_few_open(&view, state);
        Ok(answer)
    }

    fn rows(&self, key: &ProjectKey, imports: &[LiveImport]) -> Result<Standing, store::Error> {
        let Some(store) = self.project.store() else {
            return Ok(Standing::NoStore);
        };
        let view = self.view(key);
        let mut state = lock(&view.state);
        let standing = state.rows(&**store, key, imports);
        self.keep_few_open(&view, state);
        standing
    }

    fn view(&self, key: &ProjectKey) -> Arc<View> {
        let mut views = lock(&self.views);
        if let Some(view) = views.get(key) {
            return view.clone();
        }
        let view = Arc::new(View {
            state: Mutex::default(),
        });
        views.insert(key.clone(), view.clone());
        view
    }

    /// Notes that a view has its transaction open, and closes what is too much; without a session, that one as well.
    fn keep_few_open(&self, view: &Arc<View>, state: MutexGuard<'_, ViewState>) {
        let is_open = state.transaction.is_some();
        // Closing others takes their locks: none may be held.
        drop(state);
        if !is_open {
            return;
        }
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
        lock(&self.state).close();
    }
}

impl ViewState {
    /// Ends the transaction. The project's version and its rows belong together, so another transaction reads them all anew.
    fn close(&mut self) {
        self.transaction = None;
        self.version = None;
        self.tables.clear();
        self.snapshots.clear();
    }

    /// Asks in the transaction, which is opened if it isn't yet. `None` where there is no store.
    fn ask<T>(
        &mut self,
        store: &dyn Store,
        key: &ProjectKey,
        ask: impl FnOnce(&mut dyn Read) -> Result<T, store::Error>,
    ) -> Result<Option<T>, store::Error> {
        if self.is_absent {
            return Ok(None);
        }
        if self.transaction.is_none() {
            match store.read(key) {
                Err(store::Error::Absent { .. }) => {
                    self.is_absent = true;
                    return Ok(None);
                }
                opened => self.transaction = Some(opened?),
            }
        }
        let Some(transaction) = &mut self.transaction else {
            return Ok(None);
        };
        let answer = ask(&mut **transaction);
        if answer.is_err() {
            // The transaction may be of no use any more.
            self.close();
        }
        answer.map(Some)
    }

    fn rows(
        &mut self,
        store: &dyn Store,
        key: &ProjectKey,
        imports: &[LiveImport],
    ) -> Result<Standing, store::Error> {
        let version = match self.version {
            Some(version) => version,
            None => match self.ask(store, key, |read| read.version())? {
                Some(version) => *self.version.insert(version),
                None => return Ok(Standing::NoStore),
            },
        };
        let Some(version) = version else {
            return Ok(Standing::UnknownProject);
        };
        let mut rows = StoredRows::new(version);
        for LiveImport { kind, version } in imports {
            let table = match self.tables.get(kind) {
                Some(table) => table.clone(),
                None => {
                    let table = self.ask(store, key, |read| read.documents(kind))?;
                    let table = shared(table.unwrap_or_default());
                    self.tables.insert(kind.clone(), table.clone());
                    table
                }
            };
            let place = (kind.clone(), *version);
            let snapshot = match self.snapshots.get(&place) {
                Some(snapshot) => snapshot.clone(),
                None => {
                    let snapshot = self.ask(store, key, |read| read.snapshots(kind, *version))?;
                    let snapshot = snapshot.flatten().map(shared);
                    self.snapshots.insert(place, snapshot.clone());
                    snapshot
                }
            };
            rows.add(kind, table, snapshot);
        }
        Ok(Standing::Known(rows))
    }
}

/// The rows for some imports, as a transaction has them; `None` where the store doesn't know the project.
pub(crate) fn rows_in(
    read: &mut dyn Read,
    imports: &[LiveImport],
) -> Result<Option<StoredRows>, store::Error> {
    let Some(version) = read.version()? else {
        return Ok(None);
    };
    let mut rows = StoredRows::new(version);
    for LiveImport { kind, version } in imports {
        let table = shared(read.documents(kind)?);
        let snapshot = read.snapshots(kind, *version)?.map(shared);
        rows.add(kind, table, snapshot);
    }
    Ok(Some(rows))
}

fn shared(rows: Vec<Row>) -> Rows {
    let rows = rows.into_iter();
    rows.map(|row| Arc::new(StoredRow::new(row.slug, row.shape, &row.content)))
        .collect()
}

/// What is kept is put in whole: a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
