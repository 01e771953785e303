//! What a project remembers, all of it by content: migrations by document, layouts by tree, originals by blob.
//!
//! Only what was read without an error is remembered: what is missing or damaged now may be mended later.

use std::sync::Arc;

use super::layout::Layout;
use super::{LoadError, Project};
use crate::git::{self, EntryKind, ObjectId, Reader};
use crate::migrate::{Bounded, Memory, MemoryFigures, Weigh};

/// How often a project's memory could answer, and what it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProjectFigures {
    /// Documents migrated; a miss was parsed and migrated.
    pub migrations: MemoryFigures,
    /// Base paths found and listed; a miss was read from Git's trees, and its marker parsed.
    pub layouts: MemoryFigures,
    /// Documents as Git holds them; a miss was read from Git.
    pub originals: MemoryFigures,
    /// Objects, or headers of objects, looked up in the repository by anyone.
    pub objects_read: u64,
}

/// A base path in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Base {
    pub(super) path: String,
    /// `None` where there is no such folder.
    pub(super) tree: Option<ObjectId>,
}

pub(super) struct ProjectMemory {
    pub(super) migrations: Memory,
    /// By the commit's tree.
    bases: Bounded<ObjectId, Arc<Base>>,
    layouts: Bounded<Base, Arc<Layout>>,
    originals: Bounded<ObjectId, Arc<[u8]>>,
}

impl ProjectMemory {
    /// Half for migrations; layouts and originals share the rest.
    pub(super) fn new(bytes: u64) -> ProjectMemory {
        ProjectMemory {
            migrations: Memory::new(bytes / 2),
            bases: Bounded::new(bytes / 16, 256),
            layouts: Bounded::new(bytes / 8, 2048),
            originals: Bounded::new(bytes - bytes / 2 - bytes / 16 - bytes / 8, 4096),
        }
    }

    fn figures(&self) -> ProjectFigures {
        let (bases, layouts) = (self.bases.figures(), self.layouts.figures());
        ProjectFigures {
            migrations: self.migrations.figures(),
            layouts: MemoryFigures {
                hits: bases.hits + layouts.hits,
                misses: bases.misses + layouts.misses,
                bytes: bases.bytes + layouts.bytes,
            },
            originals: self.originals.figures(),
            objects_read: 0,
        }
    }
}

impl Project {
    /// How often the memory of results could answer, and what was read from the repository.
    pub fn memory_figures(&self) -> ProjectFigures {
        ProjectFigures {
            objects_read: self.repository().objects_read(),
            ..self.memory().figures()
        }
    }

    /// The base path in a commit's tree, found by `find` if it isn't known.
    pub(super) fn base_in(
        &self,
        tree: ObjectId,
        find: impl FnOnce() -> Result<Base, LoadError>,
    ) -> Result<Arc<Base>, LoadError> {
        let bases = &self.memory().bases;
        if let Some(base) = bases.get(&tree) {
            return Ok(base);
        }
        let base = Arc::new(find()?);
        bases.insert(tree, base.clone());
        Ok(base)
    }

    /// What lies in a base path.
    pub(super) fn layout(&self, reader: &Reader, base: &Base) -> Result<Arc<Layout>, LoadError> {
        let layouts = &self.memory().layouts;
        if let Some(layout) = layouts.get(base) {
            return Ok(layout);
        }
        let layout = Layout::read(reader, self.catalog(), &base.path, base.tree)?;
        let layout = Arc::new(layout);
        layouts.insert(base.clone(), layout.clone());
        Ok(layout)
    }

    /// A blob of at most `limit` bytes.
    pub(super) fn original(&self, id: ObjectId, limit: u64) -> Result<Arc<[u8]>, git::Error> {
        let originals = &self.memory().originals;
        if let Some(bytes) = originals.get(&id) {
            return Ok(bytes);
        }
        let mut bytes = Vec::new();
        self.read_with(|reader| reader.blob_into(id, limit, &mut bytes))?;
        let bytes: Arc<[u8]> = bytes.into();
        originals.insert(id, bytes.clone());
        Ok(bytes)
    }
}

impl Base {
    /// The base path in a tree; nothing but a folder can be one.
    pub(super) fn find(
        reader: &Reader,
        tree: Option<ObjectId>,
        path: String,
    ) -> Result<Base, LoadError> {
        let entry = match tree {
            Some(tree) => reader.entry(tree, &path)?,
            None => None,
        };
        match entry {
            None => Ok(Base { path, tree: None }),
            Some(entry) if entry.kind == EntryKind::Tree => Ok(Base {
                path,
                tree: Some(entry.id),
            }),
            Some(entry) => Err(LoadError::NotAFolder {
                base_path: path,
                found: super::entries::describe(entry.kind),
            }),
        }
    }
}

impl Weigh for Arc<Base> {
    fn weight(&self) -> usize {
        64 + self.path.len()
    }
}

impl Weigh for Arc<Layout> {
    fn weight(&self) -> usize {
        let documents = self.documents.iter();
        let documents: usize = documents
            .map(|document| 96 + document.slug.len() + document.path.len())
            .sum();
        let paths = self.unclaimed.iter().chain(&self.nested);
        256 + documents + paths.map(|path| 32 + path.len()).sum::<usize>()
    }
}

impl Weigh for Arc<[u8]> {
    fn weight(&self) -> usize {
        self.len()
    }
}
