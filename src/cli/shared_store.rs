//! A store of the user's choice, which other repositories may share.
//!
//! A project goes by its folder there, and folders are what the repository has: one that has a folder of another project's
//! name must not get at that project's rows. So only the project that the user means is asked about; of all others the store
//! knows nothing here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{
    Error, LookupEntry, ProjectKey, ProjectVersion, ReadTransaction, Row, Scope, Store,
    StoredCatalog, WriteTransaction,
};

use super::failure::quoted;
use super::invocation::Invocation;

/// A store that answers about one project.
pub(super) struct SharedStore {
    store: Arc<dyn Store>,
    project: ProjectKey,
    withheld: Noted,
    must_stay: bool,
}

/// Names to be told when a command ends. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted(Arc<Mutex<BTreeSet<String>>>);

impl Noted {
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The names, which are then told by who takes them.
    pub(super) fn take(&self) -> BTreeSet<String> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *names)
    }

    pub(super) fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_owned());
    }
}

/// What to tell of a project that a shared store was not asked about.
pub(super) fn not_asked(name: &str, called: &Invocation) -> String {
    let command = called.again(&format!("--base-path {}", quoted(name)));
    format!(
        "the store was not asked about {name}: only the repository claims that name, and other repositories may share the \
         store; to use it, name it yourself: {command}"
    )
}

impl SharedStore {
    pub(super) fn new(store: Arc<dyn Store>, project: ProjectKey, withheld: Noted) -> SharedStore {
        SharedStore {
            store,
            project,
            withheld,
            must_stay: false,
        }
    }

    /// The same for a process that lives long and has seen the store: without it nothing is read.
    pub(super) fn must_stay(self, must_stay: bool) -> SharedStore {
        SharedStore { must_stay, ..self }
    }

    /// What the store says; that it isn't there, as what it is.
    fn seen<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| match error {
            Error::Absent { store } if self.must_stay => Error::Unreachable {
                store,
                why: "it isn't there now, and was when the service began".into(),
            },
            error => error,
        })
    }

    /// The store, if the project is the one that is meant.
    fn for_project(&self, project: &ProjectKey) -> Result<&dyn Store, Error> {
        if *project == self.project {
            return Ok(&*self.store);
        }
        self.withheld.add(&project.to_string());
        Err(Error::UnknownProject {
            project: project.clone(),
        })
    }
}

impl Store for SharedStore {
    fn read(&self, project: &ProjectKey) -> Result<Box<dyn ReadTransaction>, Error> {
        match self.for_project(project) {
            Ok(store) => self.seen(store.read(project)),
            // No project has an empty name.
            Err(_) => self.seen(self.store.read(&ProjectKey::new(""))),
        }
    }

    fn write(&self, project: &ProjectKey) -> Result<Box<dyn WriteTransaction + '_>, Error> {
        self.seen(self.for_project(project)?.write(project))
    }

    fn init(&self, project: &ProjectKey) -> Result<bool, Error> {
        self.for_project(project)?.init(project)
    }

    fn projects(&self) -> Result<Vec<ProjectVersion>, Error> {
        self.seen(self.store.projects())
    }

    fn put_documents(&self, project: &ProjectKey, rows: &[Row]) -> Result<(), Error> {
        self.for_project(project)?.put_documents(project, rows)
    }

    fn remove_document(&self, project: &ProjectKey, kind: &str, slug: &str) -> Result<bool, Error> {
        let store = self.for_project(project)?;
        store.remove_document(project, kind, slug)
    }

    fn put_lookups(&self, scope: &Scope, entries: &[LookupEntry]) -> Result<(), Error> {
        self.store.put_lookups(scope, entries)
    }

    fn remove_lookup(&self, scope: &Scope, table: &str, key: &str) -> Result<bool, Error> {
        self.store.remove_lookup(scope, table, key)
    }

    fn lookup_entries(&self, project: &ProjectKey) -> Result<Vec<LookupEntry>, Error> {
        match self.for_project(project) {
            Ok(store) => self.seen(store.lookup_entries(project)),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn put_catalog(&self, catalog: &StoredCatalog) -> Result<bool, Error> {
        self.seen(self.store.put_catalog(catalog))
    }

    fn catalogs(&self, least_version: u32) -> Result<Vec<StoredCatalog>, Error> {
        self.seen(self.store.catalogs(least_version))
    }

    fn check(&self) -> Result<(), Error> {
        self.seen(self.store.check())
    }
}
