//! What the steps of a loaded ref's documents may ask: other documents, and the server's lookup tables.

use std::sync::Arc;

use super::entries::{Entry, Original};
use super::loaded::Loaded;
use crate::catalog::{Lookup, ReadDocument};
use crate::migrate::{
    ContentId, Migrated, MigrationError, MigrationErrorKind, Remembered, Surroundings,
    dialect_before, identify, shape_before,
};
use crate::ocl::Document;
use crate::plan::Origin;
use crate::store;

/// What the steps of a loaded ref's documents may ask.
pub(super) struct Around<'l> {
    loaded: &'l Loaded,
}

impl<'l> Around<'l> {
    pub(super) fn new(loaded: &'l Loaded) -> Around<'l> {
        Around { loaded }
    }
}

impl Surroundings for Around<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let catalog = self.loaded.project().catalog();
        let plan = self.loaded.plan();
        let mut documents = Vec::new();
        for (entry, shape, remembered) in self.read(kind, before_step)? {
            let Ok(Migrated {
                text: Some(text), ..
            }) = &remembered.outcome
            else {
                continue;
            };
            let direction = match &entry.original {
                Original::Past(past) => past.plan().direction(),
                _ => entry.direction,
            };
            let dialect = dialect_before(catalog, plan, direction, shape, before_step);
            let document = Document::parse(&**text, dialect)
                .map_err(|error| format!("{}: {error}", entry.name))?;
            documents.push(ReadDocument {
                kind: kind.to_owned(),
                slug: entry.slug.clone(),
                document: Arc::new(document),
            });
        }
        Ok(documents)
    }

    fn content_of(&self, kind: &str, before_step: usize) -> Result<ContentId, String> {
        let read = self.read(kind, before_step)?;
        Ok(identify(read.iter().filter_map(
            |(entry, _, remembered)| Some((&*entry.slug, remembered.text_id()?)),
        )))
    }
}

impl Around<'_> {
    /// The documents of a kind just before a step: each with the shape of what went in, and what came out.
    fn read(
        &self,
        kind: &str,
        before_step: usize,
    ) -> Result<Vec<(&Entry, u32, Arc<Remembered>)>, String> {
        let catalog = self.loaded.project().catalog();
        let mut read = Vec::new();
        for entry in self.loaded.entries() {
            if catalog.kinds()[entry.kind].name != kind {
                continue;
            }
            let Some(shape) = self.shape_of(entry, before_step)? else {
                continue;
            };
            let failed = |error: &MigrationError| match error.kind {
                MigrationErrorKind::Read(_) => format!("{}: {error}", entry.name),
                _ => format!(
                    "it reads `{}`, which can't be migrated: {error}",
                    entry.name
                ),
            };
            let remembered = self.loaded.recall(entry, Some(before_step), self);
            let remembered = remembered.map_err(|error| failed(&error))?;
            if let Err(error) = &remembered.outcome {
                return Err(failed(error));
            }
            read.push((entry, shape, remembered));
        }
        Ok(read)
    }
}

impl Around<'_> {
    /// The shape with which a document went in; `None` where it isn't there just before a step.
    fn shape_of(&self, entry: &Entry, before_step: usize) -> Result<Option<u32>, String> {
        let catalog = self.loaded.project().catalog();
        let kind = &*catalog.kinds()[entry.kind].name;
        let (plan, origin) = match &entry.original {
            Original::Past(past) => {
                // Above the remove that brings it back it isn't there.
                let mut returns = self.loaded.plan().returns.iter();
                if returns.any(|back| back.kind == kind && back.step <= before_step) {
                    return Ok(None);
                }
                (past.plan(), Origin::Git)
            }
            _ => (self.loaded.plan(), entry.origin),
        };
        shape_before(catalog, plan, kind, before_step, &entry.name, origin)
    }
}

impl Lookup for Around<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        let Some(store) = self.loaded.project().store() else {
            return Ok(None);
        };
        let project = self.loaded.project().key(self.loaded.base_path());
        let read = || store.read(&project)?.lookup(table, key);
        match read() {
            Err(store::Error::Absent { .. }) => Ok(None),
            other => other.map_err(|error| format!("the store can't answer: {error}")),
        }
    }
}
