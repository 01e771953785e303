//! What a project caches, all of it by content: results by document, layouts by tree, originals by blob.
//!
//! Only what was read without an error is cached: what is missing or damaged now may be mended later.

use std::fmt;
use std::sync::Arc;

use super::base::Base;
use super::layout::Layout;
use crate::catalog::Digest;
use crate::engine::{Bounded, CacheCounts, ResultCache, Weigh};
use crate::git::ObjectId;

/// The bound of a small cache: still some documents as large as they get.
const SMALL_BYTES: u64 = 16 << 20;

/// What a project keeps of its own where it shares the rest.
const OWN_BYTES: u64 = 3 << 20;

/// Most documents have a few kilobytes.
const ORIGINAL_BYTES: u64 = 4096;

/// How often a project's cache could answer, and what was read from the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStats {
    /// Documents migrated; a miss was parsed and migrated.
    pub migrations: CacheCounts,
    /// Base paths found and listed; a miss was read from Git's trees, and its marker parsed.
    pub layouts: CacheCounts,
    /// Documents as Git holds them; a miss was read from Git.
    pub originals: CacheCounts,
    /// Objects, or headers of objects, looked up in the repository by anyone.
    pub objects_read: u64,
}

/// One bound for all of it, and for all catalogs that a project uses.
pub(crate) struct Cache {
    /// The bound, in bytes.
    bytes: u64,
    pub(crate) results: Arc<ResultCache>,
    pub(crate) bases: Bounded<BaseKey, Arc<Base>>,
    /// The folders with markers in trees that have none where it belongs, by the tree and by how far down it is.
    pub(crate) base_paths: Bounded<(Digest, ObjectId, u32), BasePaths>,
    pub(crate) layouts: Bounded<(Digest, Base), Arc<Layout>>,
    pub(crate) originals: Arc<Bounded<ObjectId, Arc<[u8]>>>,
    /// Whether other repositories use the results and originals too.
    pub(crate) is_shared: bool,
}

/// Migrated documents by content, for projects of several repositories: see [`ProjectBuilder::shared_cache`]. Clones are one cache.
///
/// [`ProjectBuilder::shared_cache`]: super::super::ProjectBuilder::shared_cache
#[derive(Clone)]
pub struct SharedCache {
    results: Arc<ResultCache>,
    originals: Arc<Bounded<ObjectId, Arc<[u8]>>>,
    own_bytes: u64,
}

impl SharedCache {
    /// An empty one, which holds at most about this many bytes.
    pub fn new(bytes: u64) -> SharedCache {
        SharedCache {
            results: Arc::new(ResultCache::new(bytes / 2)),
            originals: Arc::new(Bounded::new(bytes - bytes / 2, ORIGINAL_BYTES)),
            own_bytes: OWN_BYTES,
        }
    }

    /// How many bytes each project that uses it caches besides, of its own: where documents lie in its trees. 3 MiB unless this says
    /// otherwise.
    pub fn own_bytes(mut self, bytes: u64) -> SharedCache {
        self.own_bytes = bytes;
        self
    }

    /// How often it could answer; layouts and objects are each project's own.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            migrations: self.results.counts(),
            originals: self.originals.counts(),
            ..CacheStats::default()
        }
    }
}

impl fmt::Debug for SharedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCache").finish_non_exhaustive()
    }
}

/// What decides where a ref's project is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct BaseKey {
    pub(crate) catalog: Digest,
    /// The one that was chosen.
    pub(crate) base_path: Option<Arc<str>>,
    /// The commit's tree.
    pub(crate) tree: ObjectId,
}

/// The base paths of projects, from a folder on.
pub(crate) type BasePaths = Arc<[String]>;

impl Cache {
    /// Half for results; layouts and originals share the rest.
    pub(crate) fn new(bytes: u64) -> Cache {
        Cache {
            bytes,
            results: Arc::new(ResultCache::new(bytes / 2)),
            bases: Bounded::new(bytes / 32, 256),
            base_paths: Bounded::new(bytes / 32, 256),
            layouts: Bounded::new(bytes / 8, 2048),
            originals: Arc::new(Bounded::new(
                bytes - bytes / 2 - bytes / 16 - bytes / 8,
                ORIGINAL_BYTES,
            )),
            is_shared: false,
        }
    }

    /// One that shares what it holds by a document's content. Where things lie in a tree stays the repository's own.
    pub(crate) fn sharing(shared: &SharedCache) -> Cache {
        Cache {
            bytes: SMALL_BYTES,
            results: shared.results.clone(),
            originals: shared.originals.clone(),
            bases: Bounded::new(shared.own_bytes / 6, 256),
            base_paths: Bounded::new(shared.own_bytes / 6, 256),
            layouts: Bounded::new(shared.own_bytes - shared.own_bytes / 6 * 2, 2048),
            is_shared: true,
        }
    }

    /// An empty one, for work that looks at much and comes back to little.
    pub(crate) fn smaller(&self) -> Cache {
        Cache::new(self.bytes.min(SMALL_BYTES))
    }

    pub(crate) fn stats(&self) -> CacheStats {
        let (bases, layouts) = (self.bases.counts(), self.layouts.counts());
        CacheStats {
            migrations: self.results.counts(),
            layouts: CacheCounts {
                hits: bases.hits + layouts.hits,
                misses: bases.misses + layouts.misses,
                bytes: bases.bytes + layouts.bytes,
            },
            originals: self.originals.counts(),
            objects_read: 0,
        }
    }
}

impl Weigh for Arc<Base> {
    fn weight(&self) -> usize {
        64 + self.path.len()
    }
}

impl Weigh for BasePaths {
    fn weight(&self) -> usize {
        self.iter().map(|path| 32 + path.len()).sum()
    }
}

impl Weigh for Arc<Layout> {
    fn weight(&self) -> usize {
        let documents = self.held.documents.iter();
        let documents: usize = documents
            .map(|document| 160 + 2 * document.path.len())
            .sum();
        let paths = self.held.unclaimed.iter().chain(&self.held.nested);
        256 + documents + paths.map(|path| 32 + path.len()).sum::<usize>()
    }
}

impl Weigh for Arc<[u8]> {
    fn weight(&self) -> usize {
        self.len()
    }
}
