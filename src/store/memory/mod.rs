//! A store in memory, for tests.

mod state;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;

use self::state::{Project, State, lookup_key};
use super::error::Error;
use super::laws::{self, Begin};
use super::limits;
use super::model::{
    Intent, IntentId, LookupEntry, ProjectKey, ProjectVersion, RecordedEffect, RecordedImport, Row,
    Scope, StoredCatalog,
};
use super::options::Options;
use super::traits::{ReadTransaction, Store, WriteTransaction};

/// A store that is gone when it is dropped. It keeps the laws of every [`Store`]; a write
/// transaction holds the whole store.
#[derive(Debug, Default)]
pub struct MemoryStore {
    options: Options,
    committed: Mutex<Arc<State>>,
    has_writer: Mutex<bool>,
    writer_left: Condvar,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with [`Options`].
    pub fn with_options(options: Options) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// What is replaced is one pointer, so a panic elsewhere can't have left half a change behind.
    fn committed(&self) -> MutexGuard<'_, Arc<State>> {
        self.committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn become_writer(&self) -> Result<Turn<'_>, Error> {
        let deadline = Instant::now() + self.options.busy_timeout;
        let mut has_writer = self
            .has_writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while *has_writer {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Locked {
                    store: "the store in memory".to_owned(),
                    waited: self.options.busy_timeout,
                });
            }
            has_writer = self
                .writer_left
                .wait_timeout(has_writer, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *has_writer = true;
        Ok(Turn { store: self })
    }

    /// Applies a change at once.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, Error>) -> Result<T, Error> {
        let _turn = self.become_writer()?;
        let mut state = State::clone(&self.committed());
        let result = change(&mut state)?;
        *self.committed() = Arc::new(state);
        Ok(result)
    }
}

impl Store for MemoryStore {
    fn read(&self, project: &ProjectKey) -> Result<Box<dyn ReadTransaction>, Error> {
        Ok(Box::new(MemoryRead {
            state: Arc::clone(&self.committed()),
            project: project.clone(),
        }))
    }

    fn write(&self, project: &ProjectKey) -> Result<Box<dyn WriteTransaction + '_>, Error> {
        limits::check_project(project)?;
        let turn = self.become_writer()?;
        let state = State::clone(&self.committed());
        state.project(project)?;
        Ok(Box::new(MemoryWrite {
            turn,
            state,
            project: project.clone(),
        }))
    }

    fn init(&self, project: &ProjectKey) -> Result<bool, Error> {
        limits::check_project(project)?;
        self.change(|state| {
            let is_new = !state.projects.contains_key(project);
            state.projects.entry(project.clone()).or_default();
            Ok(is_new)
        })
    }

    fn projects(&self) -> Result<Vec<ProjectVersion>, Error> {
        let projects = &self.committed().projects;
        Ok(projects
            .iter()
            .map(|(project, data)| ProjectVersion {
                project: project.clone(),
                version: data.version,
            })
            .collect())
    }

    fn put_documents(&self, project: &ProjectKey, rows: &[Row]) -> Result<(), Error> {
        limits::check_project(project)?;
        limits::check_rows(rows)?;
        self.change(|state| {
            let documents = &mut state.project_mut(project)?.documents;
            for row in rows {
                documents.insert((row.kind.clone(), row.slug.clone()), row.clone());
            }
            Ok(())
        })
    }

    fn remove_document(&self, project: &ProjectKey, kind: &str, slug: &str) -> Result<bool, Error> {
        limits::check_project(project)?;
        let key = (kind.to_owned(), slug.to_owned());
        self.change(|state| {
            let documents = &mut state.project_mut(project)?.documents;
            Ok(documents.remove(&key).is_some())
        })
    }

    fn put_lookups(&self, scope: &Scope, entries: &[LookupEntry]) -> Result<(), Error> {
        limits::check_scope(scope)?;
        limits::check_lookups(entries)?;
        self.change(|state| {
            state.check_known(scope)?;
            for LookupEntry { table, key, value } in entries {
                let key = lookup_key(scope, table, key);
                state.lookups.insert(key, value.clone());
            }
            Ok(())
        })
    }

    fn remove_lookup(&self, scope: &Scope, table: &str, key: &str) -> Result<bool, Error> {
        limits::check_scope(scope)?;
        self.change(|state| {
            state.check_known(scope)?;
            Ok(state
                .lookups
                .remove(&lookup_key(scope, table, key))
                .is_some())
        })
    }

    fn put_catalog(&self, catalog: &StoredCatalog) -> Result<bool, Error> {
        limits::check_catalog(catalog)?;
        self.change(|state| {
            let key = (catalog.version, catalog.digest.clone());
            let is_new = !state.catalogs.keys().any(|(_, digest)| *digest == key.1);
            if is_new {
                state.catalogs.insert(key, catalog.content.clone());
            }
            Ok(is_new)
        })
    }

    fn catalogs(&self, least_version: u32) -> Result<Vec<StoredCatalog>, Error> {
        let state = self.committed();
        let found = state.catalogs.range((least_version, String::new())..);
        Ok(found
            .map(|((version, digest), content)| StoredCatalog {
                digest: digest.clone(),
                version: *version,
                content: content.clone(),
            })
            .collect())
    }
}

/// The right to write, given back when dropped.
#[derive(Debug)]
struct Turn<'a> {
    store: &'a MemoryStore,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut has_writer = self
            .store
            .has_writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *has_writer = false;
        self.store.writer_left.notify_one();
    }
}

struct MemoryRead {
    state: Arc<State>,
    project: ProjectKey,
}

struct MemoryWrite<'a> {
    turn: Turn<'a>,
    state: State,
    project: ProjectKey,
}

impl MemoryWrite<'_> {
    fn data(&mut self) -> Result<&mut Project, Error> {
        self.state.project_mut(&self.project)
    }
}

macro_rules! read_from_state {
    ($transaction:ty) => {
        impl ReadTransaction for $transaction {
            fn version(&mut self) -> Result<Option<u32>, Error> {
                let project = self.state.projects.get(&self.project);
                Ok(project.map(|project| project.version))
            }

            fn documents(&mut self, kind: &str) -> Result<Vec<Row>, Error> {
                let project = self.state.projects.get(&self.project);
                Ok(project.map_or_else(Vec::new, |project| project.documents(kind)))
            }

            fn all_documents(&mut self) -> Result<Vec<Row>, Error> {
                let project = self.state.projects.get(&self.project);
                Ok(project.map_or_else(Vec::new, |project| {
                    project.documents.values().cloned().collect()
                }))
            }

            fn snapshots(
                &mut self,
                kind: &str,
                import_version: u32,
            ) -> Result<Option<Vec<Row>>, Error> {
                let key = (kind.to_owned(), import_version);
                let project = self.state.projects.get(&self.project);
                Ok(project
                    .and_then(|project| project.snapshots.get(&key))
                    .map(|snapshot| snapshot.rows.clone()))
            }

            fn recorded_imports(&mut self) -> Result<Vec<RecordedImport>, Error> {
                let project = self.state.projects.get(&self.project);
                let snapshots = project.into_iter().flat_map(|project| &project.snapshots);
                Ok(snapshots
                    .map(|((kind, import_version), snapshot)| RecordedImport {
                        kind: kind.clone(),
                        import_version: *import_version,
                        documents: u32::try_from(snapshot.rows.len()).unwrap_or(u32::MAX),
                        time: snapshot.time,
                    })
                    .collect())
            }

            fn lookup(&mut self, table: &str, key: &str) -> Result<Option<Value>, Error> {
                Ok(self.state.lookup(&self.project, table, key))
            }

            fn intents(&mut self) -> Result<Vec<(IntentId, Intent)>, Error> {
                let project = self.state.projects.get(&self.project);
                let intents = project.into_iter().flat_map(|project| &project.intents);
                Ok(intents.map(|(id, intent)| (*id, intent.clone())).collect())
            }

            fn effects(&mut self) -> Result<Vec<RecordedEffect>, Error> {
                let project = self.state.projects.get(&self.project);
                Ok(project.map_or_else(Vec::new, |project| {
                    project.effects.values().cloned().collect()
                }))
            }
        }
    };
}

read_from_state!(MemoryRead);
read_from_state!(MemoryWrite<'_>);

impl WriteTransaction for MemoryWrite<'_> {
    fn put_intent(&mut self, intent: &Intent) -> Result<IntentId, Error> {
        limits::check_intent(intent)?;
        self.state.last_intent += 1;
        let id = IntentId(self.state.last_intent);
        self.data()?.intents.insert(id, intent.clone());
        Ok(id)
    }

    fn delete_intent(&mut self, id: IntentId) -> Result<bool, Error> {
        Ok(self.data()?.intents.remove(&id).is_some())
    }

    fn take(
        &mut self,
        kind: &str,
        import_version: u32,
        expected: &[Row],
        time: i64,
    ) -> Result<(), Error> {
        limits::check_import(kind, import_version, expected)?;
        let project = self.data()?;
        let found = project.documents(kind);
        laws::check_take(kind, import_version, expected, &found, || {
            Ok(project.is_recorded(kind, import_version))
        })?;
        project.record(kind, import_version, expected, time);
        project.documents.retain(|_, row| row.kind != kind);
        Ok(())
    }

    fn record_snapshot(
        &mut self,
        kind: &str,
        import_version: u32,
        rows: &[Row],
        time: i64,
    ) -> Result<bool, Error> {
        limits::check_import(kind, import_version, rows)?;
        Ok(self.data()?.record(kind, import_version, rows, time))
    }

    fn remove_document_if(&mut self, row: &Row) -> Result<bool, Error> {
        let project = self.data()?;
        let key = (row.kind.clone(), row.slug.clone());
        let is_in_table = project.documents.get(&key) == Some(row);
        let is_in_snapshot = || {
            let mut snapshots = project.snapshots.values();
            Ok(snapshots.any(|snapshot| snapshot.rows.contains(row)))
        };
        let leaves = laws::leaves(row, is_in_table, is_in_snapshot)?;
        if leaves {
            project.documents.remove(&key);
        }
        Ok(leaves)
    }

    fn raise_version(&mut self, version: u32) -> Result<u32, Error> {
        let project = self.data()?;
        project.version = project.version.max(version);
        Ok(project.version)
    }

    fn begin_effect(
        &mut self,
        kind: &str,
        import_version: u32,
        effect: &str,
        time: i64,
    ) -> Result<bool, Error> {
        limits::check_effect(kind, import_version, effect)?;
        let key = (kind.to_owned(), import_version);
        let project = self.data()?;
        let noted = project.noted(&key);
        match laws::begin_effect(kind, import_version, effect, noted.as_ref())? {
            Begin::Known => return Ok(true),
            Begin::Add | Begin::Replace => {}
        }
        let begun = RecordedEffect {
            kind: kind.to_owned(),
            import_version,
            effect: effect.to_owned(),
            outcome: None,
            time,
        };
        project.effects.insert(key, begun);
        Ok(false)
    }

    fn record_effect(
        &mut self,
        kind: &str,
        import_version: u32,
        outcome: &str,
        time: i64,
    ) -> Result<(), Error> {
        limits::check_outcome(kind, import_version, outcome)?;
        let key = (kind.to_owned(), import_version);
        let project = self.data()?;
        laws::check_outcome(kind, import_version, project.noted(&key).as_ref())?;
        if let Some(begun) = project.effects.get_mut(&key) {
            (begun.outcome, begun.time) = (Some(outcome.to_owned()), time);
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        let store = self.turn.store;
        store.options.before_commit()?;
        *store.committed() = Arc::new(self.state);
        // `self.turn` ends only now, so the next writer starts from what was committed.
        Ok(())
    }
}
