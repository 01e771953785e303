//! What the store says of one project, each thing asked once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::{Answer, ContentId, Lookups, Rows, StoredRow, StoredRows};
use crate::plan::LiveImport;
use crate::store::{self, ProjectKey, ReadTransaction, Row, Store};

/// The rows for some imports, or why there are none.
pub(crate) enum ImportRows {
    NoStore,
    UnknownProject,
    Known(StoredRows),
}

/// What the store says of one project: in one transaction, as long as that isn't closed. Answers to lookups stay.
pub(crate) struct StoreView {
    key: ProjectKey,
    transaction: Option<Box<dyn ReadTransaction>>,
    /// There is no store to use: nothing more is asked.
    is_gone: bool,
    /// The project's version; the inner one is `None` where the store doesn't know the project.
    version: Option<Option<u32>>,
    tables: HashMap<String, Rows>,
    snapshots: HashMap<(String, u32), Option<Rows>>,
    /// By table and key.
    lookups: HashMap<String, HashMap<String, Arc<Answer>>>,
    /// What identifies the answers to lookups, by what identifies those.
    answers: HashMap<ContentId, ContentId>,
}

impl StoreView {
    pub(crate) fn new(key: ProjectKey) -> StoreView {
        StoreView {
            key,
            transaction: None,
            is_gone: false,
            version: None,
            tables: HashMap::new(),
            snapshots: HashMap::new(),
            lookups: HashMap::new(),
            answers: HashMap::new(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.transaction.is_some()
    }

    /// Ends the transaction. The project's version and its rows belong together, so another transaction reads them all anew.
    pub(crate) fn close(&mut self) {
        self.transaction = None;
        self.version = None;
        self.tables.clear();
        self.snapshots.clear();
    }

    /// What a lookup table has under a key.
    pub(crate) fn lookup(
        &mut self,
        store: &dyn Store,
        table: &str,
        key: &str,
    ) -> Result<Arc<Answer>, store::Error> {
        let known = self.lookups.get(table).and_then(|table| table.get(key));
        if let Some(answer) = known {
            return Ok(answer.clone());
        }
        let value = self.ask(store, |read| read.lookup(table, key))?;
        let answer = Arc::new(Answer::new(value.flatten()));
        let known = self.lookups.entry(table.to_owned()).or_default();
        known.insert(key.to_owned(), answer.clone());
        Ok(answer)
    }

    /// Identifies the answers to some lookups.
    pub(crate) fn answers_id(
        &mut self,
        store: &dyn Store,
        lookups: &Lookups,
    ) -> Result<ContentId, store::Error> {
        if let Some(id) = self.answers.get(&lookups.id()) {
            return Ok(*id);
        }
        let id = lookups.answers_id(|table, key| self.lookup(store, table, key))?;
        self.answers.insert(lookups.id(), id);
        Ok(id)
    }

    /// The project's version and its rows for some imports, all of one moment.
    pub(crate) fn rows(
        &mut self,
        store: &dyn Store,
        imports: &[LiveImport],
    ) -> Result<ImportRows, store::Error> {
        let version = match self.version {
            Some(version) => version,
            None => match self.ask(store, |read| read.version())? {
                Some(version) => *self.version.insert(version),
                None => return Ok(ImportRows::NoStore),
            },
        };
        let Some(version) = version else {
            return Ok(ImportRows::UnknownProject);
        };
        let mut rows = StoredRows::new(version);
        for LiveImport { kind, version } in imports {
            let table = match self.tables.get(kind) {
                Some(table) => table.clone(),
                None => {
                    let table = self.ask(store, |read| read.documents(kind))?;
                    let table = shared(table.unwrap_or_default());
                    self.tables.insert(kind.clone(), table.clone());
                    table
                }
            };
            let place = (kind.clone(), *version);
            let snapshot = match self.snapshots.get(&place) {
                Some(snapshot) => snapshot.clone(),
                None => {
                    let snapshot = self.ask(store, |read| read.snapshots(kind, *version))?;
                    let snapshot = snapshot.flatten().map(shared);
                    self.snapshots.insert(place, snapshot.clone());
                    snapshot
                }
            };
            rows.add(kind, table, snapshot);
        }
        Ok(ImportRows::Known(rows))
    }

    /// Asks in the transaction, which is opened if it isn't yet. `None` where there is no store.
    fn ask<T>(
        &mut self,
        store: &dyn Store,
        ask: impl FnOnce(&mut dyn ReadTransaction) -> Result<T, store::Error>,
    ) -> Result<Option<T>, store::Error> {
        if self.is_gone {
            return Ok(None);
        }
        if self.transaction.is_none() {
            match store.read(&self.key) {
                Err(store::Error::Absent { .. }) => {
                    self.is_gone = true;
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

    /// Asks no more. Answers to lookups were given, and stay.
    pub(crate) fn give_up(&mut self) {
        self.close();
        self.is_gone = true;
    }
}

/// The rows for some imports, as a transaction has them; `None` where the store doesn't know the project.
pub(crate) fn rows_in(
    read: &mut dyn ReadTransaction,
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
