use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ocl_migrate::store::{
    Error, MemoryStore, Options, Row, SqliteStore, Store, WriteTransaction, conformance,
};
use proptest::prelude::*;

use super::{TIME, buzzes, fizz, project, quick};
use crate::support::scratch;

#[test]
fn memory_keeps_the_laws() {
    conformance::check(&|| Box::new(MemoryStore::with_options(quick())))
        .unwrap_or_else(|broken| panic!("{broken}"));
}

#[test]
fn sqlite_keeps_the_laws() {
    check_sqlite(quick());
}

#[test]
fn sqlite_keeps_the_laws_where_it_keeps_its_connections() {
    check_sqlite(quick().keep_connections(true));
}

fn check_sqlite(options: Options) {
    let directory = scratch::folder();
    let count = std::cell::Cell::new(0);
    let new = || -> Box<dyn Store> {
        count.set(count.get() + 1);
        let name = format!("{}.db", count.get());
        Box::new(SqliteStore::with_options(
            directory.path().join(name),
            options.clone(),
        ))
    };
    conformance::check(&new).unwrap_or_else(|broken| panic!("{broken}"));
}

/// A store that forgets what was there, so that the suite itself is tested.
#[test]
fn the_suite_notices_a_broken_store() {
    struct Forgetful(MemoryStore);
    impl Store for Forgetful {
        fn read(
            &self,
            project: &super::ProjectKey,
        ) -> Result<Box<dyn ocl_migrate::store::ReadTransaction>, Error> {
            self.0.read(project)
        }
        fn write(
            &self,
            project: &super::ProjectKey,
        ) -> Result<Box<dyn WriteTransaction + '_>, Error> {
            self.0.init(project)?;
            self.0.write(project)
        }
        fn init(&self, project: &super::ProjectKey) -> Result<bool, Error> {
            self.0.init(project)
        }
        fn projects(&self) -> Result<Vec<ocl_migrate::store::ProjectVersion>, Error> {
            self.0.projects()
        }
        fn put_documents(&self, project: &super::ProjectKey, rows: &[Row]) -> Result<(), Error> {
            self.0.put_documents(project, rows)
        }
        fn remove_document(
            &self,
            project: &super::ProjectKey,
            kind: &str,
            slug: &str,
        ) -> Result<bool, Error> {
            self.0.remove_document(project, kind, slug)
        }
        fn put_lookups(
            &self,
            scope: &ocl_migrate::store::Scope,
            entries: &[ocl_migrate::store::LookupEntry],
        ) -> Result<(), Error> {
            self.0.put_lookups(scope, entries)
        }
        fn remove_lookup(
            &self,
            scope: &ocl_migrate::store::Scope,
            table: &str,
            key: &str,
        ) -> Result<bool, Error> {
            self.0.remove_lookup(scope, table, key)
        }
        fn put_catalog(&self, catalog: &ocl_migrate::store::StoredCatalog) -> Result<bool, Error> {
            self.0.put_catalog(catalog)
        }
        fn catalogs(
            &self,
            least_version: u32,
        ) -> Result<Vec<ocl_migrate::store::StoredCatalog>, Error> {
            self.0.catalogs(least_version)
        }
    }
    let broken = conformance::check(&|| Box::new(Forgetful(MemoryStore::with_options(quick()))))
        .expect_err("writing makes a project known");
    let laws: Vec<_> = broken.laws().map(|(law, _)| law).collect();
    assert_eq!(laws, ["only `init` makes a project known"]);
    assert!(
        broken.to_string().contains("write: was not refused"),
        "{broken}"
    );
}

#[test]
fn a_failed_commit_changes_nothing() {
    let directory = scratch::folder();
    let fails = Arc::new(AtomicBool::new(true));
    let options = || {
        let fails = Arc::clone(&fails);
        quick().on_commit(move || {
            if fails.load(Ordering::SeqCst) {
                Err(Error::Aborted)
            } else {
                Ok(())
            }
        })
    };
    let stores: [Box<dyn Store>; 2] = [
        Box::new(MemoryStore::with_options(options())),
        Box::new(SqliteStore::with_options(
            directory.path().join("state.db"),
            options(),
        )),
    ];
    for store in stores {
        fails.store(true, Ordering::SeqCst);
        store.init(&project()).expect("only writers call the hook");
        store.put_documents(&project(), &[fizz()]).expect("a row");
        let take = || {
            let mut write = store.write(&project())?;
            write.take("fizz", 3, &[fizz()], TIME)?;
            write.raise_version(3)?;
            write.commit()
        };
        assert!(matches!(take(), Err(Error::Aborted)));
        let mut read = store.read(&project()).expect("readable");
        assert_eq!(read.version().expect("a version"), Some(0));
        assert_eq!(read.documents("fizz").expect("rows"), [fizz()]);
        assert_eq!(read.snapshots("fizz", 3).expect("none"), None);
        drop(read);
        fails.store(false, Ordering::SeqCst);
        take().expect("the lock was given back");
    }
}

#[test]
fn options_wait_five_seconds_unless_told() {
    let options = Options::default();
    assert_eq!(options.busy_timeout.as_secs(), 5);
}

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Put(Row),
    Take { version: u32, stale: bool },
    Record { version: u32, row: Row },
    RemoveIf(Row),
    Raise(u32),
    Commit,
    Rollback,
}

fn any_row() -> impl Strategy<Value = Row> {
    (0..3_u8, 0..3_u8, 1..3_u32).prop_map(|(slug, content, shape)| {
        Row::new("buzz", format!("s{slug}"), format!("x = {content}"), shape)
    })
}

pub(super) fn any_operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => any_row().prop_map(Operation::Put),
        3 => (1..4_u32, any::<bool>()).prop_map(|(version, stale)| Operation::Take { version, stale }),
        1 => (1..4_u32, any_row()).prop_map(|(version, row)| Operation::Record { version, row }),
        3 => any_row().prop_map(Operation::RemoveIf),
        1 => (0..5_u32).prop_map(Operation::Raise),
        4 => Just(Operation::Commit),
        1 => Just(Operation::Rollback),
    ]
}

/// What a store must hold.
#[derive(Clone, Default)]
struct Model {
    table: BTreeMap<String, Row>,
    snapshots: BTreeMap<u32, BTreeSet<Row>>,
    version: u32,
}

impl Model {
    fn has_snapshot_of(&self, row: &Row) -> bool {
        self.snapshots.values().any(|rows| rows.contains(row))
    }

    fn apply(&mut self, write: &mut dyn WriteTransaction, operation: &Operation) {
        match operation {
            Operation::Take { version, stale } => {
                let mut expected: Vec<Row> = self.table.values().cloned().collect();
                if *stale {
                    expected.pop();
                }
                let is_stale = expected.len() < self.table.len();
                match write.take("buzz", *version, &expected, TIME) {
                    Ok(()) => {
                        assert!(!is_stale, "stale rows were taken");
                        let taken = std::mem::take(&mut self.table).into_values().collect();
                        assert!(self.snapshots.insert(*version, taken).is_none());
                    }
                    Err(Error::RowsChanged(_)) => assert!(is_stale),
                    Err(Error::AlreadyRecorded { .. }) => {
                        assert!(self.snapshots.contains_key(version));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Operation::Record { version, row } => {
                let recorded = write
                    .record_snapshot("buzz", *version, std::slice::from_ref(row), TIME)
                    .expect("a valid row");
                assert_eq!(recorded, !self.snapshots.contains_key(version));
                let rows = || BTreeSet::from([row.clone()]);
                self.snapshots.entry(*version).or_insert_with(rows);
            }
            Operation::RemoveIf(row) => {
                let is_there = self.table.get(&row.slug) == Some(row);
                match write.remove_document_if(row) {
                    Ok(removed) => {
                        assert_eq!(removed, is_there);
                        assert!(!removed || self.has_snapshot_of(row));
                        if removed {
                            self.table.remove(&row.slug);
                        }
                    }
                    Err(Error::NotInSnapshot { .. }) => {
                        assert!(is_there && !self.has_snapshot_of(row));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Operation::Raise(version) => {
                self.version = self.version.max(*version);
                let raised = write.raise_version(*version).expect("a version");
                assert_eq!(raised, self.version);
            }
            Operation::Put(_) | Operation::Commit | Operation::Rollback => {}
        }
    }

    fn check(&self, store: &dyn Store) {
        let mut read = store.read(&project()).expect("readable");
        let table: Vec<Row> = self.table.values().cloned().collect();
        assert_eq!(read.all_documents().expect("rows"), table);
        assert_eq!(read.version().expect("a version"), Some(self.version));
        for version in 1..4 {
            let expected = self
                .snapshots
                .get(&version)
                .map(|rows| rows.iter().cloned().collect::<Vec<_>>());
            assert_eq!(read.snapshots("buzz", version).expect("rows"), expected);
        }
    }
}

pub(super) fn run(store: &dyn Store, operations: &[Operation]) {
    store.init(&project()).expect("a store");
    store.put_documents(&project(), &buzzes()).expect("rows");
    let mut committed = Model::default();
    for row in buzzes() {
        committed.table.insert(row.slug.clone(), row);
    }
    let mut pending: Vec<Operation> = Vec::new();
    for operation in operations {
        match operation {
            Operation::Put(row) => {
                store
                    .put_documents(&project(), std::slice::from_ref(row))
                    .expect("a row");
                committed.table.insert(row.slug.clone(), row.clone());
            }
            Operation::Commit | Operation::Rollback => {
                let mut within = committed.clone();
                let mut write = store.write(&project()).expect("a known project");
                for operation in pending.drain(..) {
                    within.apply(write.as_mut(), &operation);
                }
                if matches!(operation, Operation::Commit) {
                    write.commit().expect("room on the disk");
                    // Invariant 5: nothing leaves the table that is not in a snapshot.
                    for row in committed.table.values() {
                        assert!(
                            within.table.values().any(|r| r == row) || within.has_snapshot_of(row)
                        );
                    }
                    committed = within;
                } else {
                    write.rollback();
                }
            }
            operation => pending.push(operation.clone()),
        }
        committed.check(store);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_operations_keep_the_laws_in_memory(operations in prop::collection::vec(any_operation(), 1..40)) {
        run(&MemoryStore::with_options(quick()), &operations);
    }

    #[test]
    fn any_operations_keep_the_laws_in_sqlite(operations in prop::collection::vec(any_operation(), 1..24)) {
        let directory = scratch::folder();
        run(&SqliteStore::with_options(directory.path().join("state.db"), quick()), &operations);
    }
}
