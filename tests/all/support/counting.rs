//! A store that counts what is asked of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ocl_migrate::store::{
    Error, Intent, IntentId, LookupEntry, ProjectKey, ProjectVersion, ReadTransaction,
    RecordedImport, Row, Scope, Store, StoredCatalog, WriteTransaction,
};
use serde_json::Value;

/// What was asked of a store so far.
#[derive(Default)]
pub struct Counts {
    opened: AtomicUsize,
    open: AtomicUsize,
    lookups: AtomicUsize,
}

impl Counts {
    /// Read transactions that were opened.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Read transactions that are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

/// A store that counts what is asked of it.
pub struct CountingStore<S> {
    inner: S,
    pub counts: Arc<Counts>,
}

impl<S> CountingStore<S> {
    pub fn new(inner: S) -> CountingStore<S> {
        CountingStore {
            inner,
            counts: Arc::default(),
        }
    }
}

impl<S: Store> Store for CountingStore<S> {
    fn read(&self, project: &ProjectKey) -> Result<Box<dyn ReadTransaction>, Error> {
        let inner = self.inner.read(project)?;
        self.counts.opened.fetch_add(1, Ordering::SeqCst);
        self.counts.open.fetch_add(1, Ordering::SeqCst);
        let counts = self.counts.clone();
        Ok(Box::new(CountingRead { inner, counts }))
    }

    fn write(&self, project: &ProjectKey) -> Result<Box<dyn WriteTransaction + '_>, Error> {
        self.inner.write(project)
    }

    fn init(&self, project: &ProjectKey) -> Result<bool, Error> {
        self.inner.init(project)
    }

    fn projects(&self) -> Result<Vec<ProjectVersion>, Error> {
        self.inner.projects()
    }

    fn put_documents(&self, project: &ProjectKey, rows: &[Row]) -> Result<(), Error> {
        self.inner.put_documents(project, rows)
    }

    fn remove_document(&self, project: &ProjectKey, kind: &str, slug: &str) -> Result<bool, Error> {
        self.inner.remove_document(project, kind, slug)
    }

    fn put_lookups(&self, scope: &Scope, entries: &[LookupEntry]) -> Result<(), Error> {
        self.inner.put_lookups(scope, entries)
    }

    fn remove_lookup(&self, scope: &Scope, table: &str, key: &str) -> Result<bool, Error> {
        self.inner.remove_lookup(scope, table, key)
    }

    fn put_catalog(&self, catalog: &StoredCatalog) -> Result<bool, Error> {
        self.inner.put_catalog(catalog)
    }

    fn catalogs(&self, least_version: u32) -> Result<Vec<StoredCatalog>, Error> {
        self.inner.catalogs(least_version)
    }

    fn check(&self) -> Result<(), Error> {
        self.inner.check()
    }
}

struct CountingRead {
    inner: Box<dyn ReadTransaction>,
    counts: Arc<Counts>,
}

impl Drop for CountingRead {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ReadTransaction for CountingRead {
    fn version(&mut self) -> Result<Option<u32>, Error> {
        self.inner.version()
    }

    fn documents(&mut self, kind: &str) -> Result<Vec<Row>, Error> {
        self.inner.documents(kind)
    }

    fn all_documents(&mut self) -> Result<Vec<Row>, Error> {
        self.inner.all_documents()
    }

    fn snapshots(&mut self, kind: &str, import_version: u32) -> Result<Option<Vec<Row>>, Error> {
        self.inner.snapshots(kind, import_version)
    }

    fn recorded_imports(&mut self) -> Result<Vec<RecordedImport>, Error> {
        self.inner.recorded_imports()
    }

    fn lookup(&mut self, table: &str, key: &str) -> Result<Option<Value>, Error> {
        self.counts.lookups.fetch_add(1, Ordering::SeqCst);
        self.inner.lookup(table, key)
    }

    fn intents(&mut self) -> Result<Vec<(IntentId, Intent)>, Error> {
        self.inner.intents()
    }
}
