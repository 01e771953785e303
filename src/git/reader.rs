//! Reading objects.

use std::cell::{OnceCell, Ref, RefCell, RefMut};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

use gix::objs::{Exists as _, Find as _, FindHeader as _};

use super::commit;
use super::commit::Commit;
use super::error::{Error, Result};
use super::object_id::{ObjectId, ObjectKind};
use super::repository::Repository;
use super::tree_index::TreeIndexes;

/// The size in bytes up to which [`Reader::blob`] reads a blob: no configuration document comes near it.
pub(crate) const MAX_BLOB_BYTES: u64 = 64 << 20;

/// The memory in bytes that each reader may use to cache the bases of deltas.
const PACK_CACHE_BYTES: usize = 2 << 20;

/// How often an object is looked for. While another process packs, its file may go after the packs were searched.
const ATTEMPTS: usize = 4;

/// For how many commits each reader caches the tree.
const MOST_TIPS: usize = 4096;

/// How many trees each reader caches, and how large they may be, in bytes.
const MOST_TREES: usize = 8;
const LARGEST_TREE: usize = 64 << 10;

/// After this time a handle and its caches are replaced. The cache of delta bases is keyed by numbers of packs, and
/// `gix` gives a number to another pack once its slots (see [`Repository`]) have gone round; that takes much longer.
const MAX_HANDLE_AGE: Duration = Duration::from_secs(30);

/// A commit and its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tip {
    /// The commit.
    pub(crate) commit: ObjectId,
    /// Its tree.
    pub(crate) tree: ObjectId,
}

/// What a walk over commits needs of one.
#[derive(Debug, Clone)]
pub(super) struct Links {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// The committer's time, in seconds since 1970.
    pub(super) time: i64,
}

/// One thread's view of a repository; made by [`Repository::reader`]. It can be sent to another thread, and sees what
/// other processes write.
pub(crate) struct Reader {
    repository: Repository,
    handle: RefCell<Handle>,
    buffer: RefCell<Vec<u8>>,
    /// Commits that were looked at: many refs may point to one.
    tips: RefCell<HashMap<ObjectId, ObjectId>>,
    /// The trees read last: looking for several files in a folder reads it several times.
    trees: RefCell<VecDeque<(ObjectId, Box<[u8]>)>>,
    indexes: RefCell<TreeIndexes>,
}

struct Handle {
    gix: gix::Repository,
    graph: OnceCell<Option<gix::commitgraph::Graph>>,
    made: Instant,
}

impl Handle {
    fn new(repository: &Repository) -> Handle {
        let mut gix = repository.to_thread_local();
        gix.objects.set_pack_cache(|| {
            Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(
                PACK_CACHE_BYTES,
            ))
        });
        let made = Instant::now();
        Handle {
            gix,
            graph: OnceCell::new(),
            made,
        }
    }

    /// The commit-graph file, if there is one and no replacement object speaks against it. One that can't be read is
    /// only a lost shortcut.
    fn graph(&self) -> Option<&gix::commitgraph::Graph> {
        self.graph
            .get_or_init(|| self.gix.commit_graph_if_enabled().ok().flatten())
            .as_ref()
    }
}

impl Repository {
    /// A reader for this thread, with caches of its own.
    pub(crate) fn reader(&self) -> Reader {
        Reader::new(self.clone())
    }
}

impl Reader {
    fn new(repository: Repository) -> Reader {
        Reader {
            handle: RefCell::new(Handle::new(&repository)),
            repository,
            buffer: RefCell::default(),
            tips: RefCell::default(),
            trees: RefCell::default(),
            indexes: RefCell::default(),
        }
    }

    /// The repository this reads.
    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Whether the object is there, and what it is.
    ///
    /// # Errors
    /// If it can't be looked up.
    pub(crate) fn kind(&self, id: ObjectId) -> Result<Option<ObjectKind>> {
        Ok(self.header(id)?.map(|(kind, _)| kind))
    }

    /// Those of some objects that aren't there.
    ///
    /// # Errors
    /// If they can't be looked up.
    pub(crate) fn absent(&self, ids: impl Iterator<Item = ObjectId>) -> Result<HashSet<ObjectId>> {
        let mut absent: HashSet<ObjectId> = ids.collect();
        // Others may have packed meanwhile: what isn't found is looked for again, all of it with one new handle.
        let remove_found = |absent: &mut HashSet<ObjectId>| {
            let gix = self.gix();
            absent.retain(|id| !gix.objects.exists(&id.to_gix()));
        };
        remove_found(&mut absent);
        if !absent.is_empty() {
            self.renew_handle();
            remove_found(&mut absent);
        }
        Ok(absent)
    }

    /// Refuses objects that aren't there, where a partial clone may have left some out.
    ///
    /// # Errors
    /// [`Error::LeftOutOfPartialClone`], of the first one.
    pub(crate) fn refuse_left_out(&self, ids: impl Iterator<Item = ObjectId>) -> Result<()> {
        if !self.repository.is_partial_clone() {
            return Ok(());
        }
        match self.absent(ids)?.into_iter().min() {
            Some(id) => Err(self.missing(id)),
            None => Ok(()),
        }
    }

    /// The commit's tree, parents, signatures and message.
    ///
    /// # Errors
    /// [`Error::ObjectNotFound`], [`Error::WrongKind`], [`Error::Corrupt`].
    pub(crate) fn commit(&self, id: ObjectId) -> Result<Commit> {
        self.with_object(id, ObjectKind::Commit, commit::parse)
    }

    /// The commit's tree; reads nothing else of the commit, and only the commit-graph file where that has it.
    ///
    /// # Errors
    /// As for [`commit`](Reader::commit).
    pub(crate) fn tree_of(&self, commit: ObjectId) -> Result<ObjectId> {
        if let Some(graph) = self.handle.borrow().graph()
            && let Some(found) = graph.commit_by_id(commit.to_gix())
        {
            return Ok(ObjectId::from_gix(found.root_tree_id()));
        }
        self.with_object(commit, ObjectKind::Commit, commit::tree)
    }

    /// What a walk over commits needs of one. With `use_graph`, only the commit-graph file is read where that has it: its parents
    /// are not those of a shallow clone.
    ///
    /// # Errors
    /// As for [`commit`](Reader::commit).
    pub(super) fn links(&self, commit: ObjectId, use_graph: bool) -> Result<Links> {
        if use_graph && let Some(links) = self.links_in_graph(commit) {
            return Ok(links);
        }
        self.with_object(commit, ObjectKind::Commit, |data| {
            let tree = commit::tree(data)?;
            let (parents, time) = commit::parents_and_time(data)?;
            Ok(Links {
                tree,
                parents,
                time,
            })
        })
    }

    fn links_in_graph(&self, commit: ObjectId) -> Option<Links> {
        let handle = self.handle.borrow();
        let graph = handle.graph()?;
        let found = graph.commit_by_id(commit.to_gix())?;
        let mut parents = Vec::new();
        for parent in found.iter_parents() {
            let id = graph.id_at(parent.ok()?);
            parents.push(ObjectId::from_gix(id));
        }
        Some(Links {
            tree: ObjectId::from_gix(found.root_tree_id()),
            parents,
            time: i64::try_from(found.committer_timestamp()).ok()?,
        })
    }

    /// The commit that `id` leads to through annotated tags, with its tree. A commit's object is read once, and not at
    /// all where the commit-graph file has it.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for what leads to a tree or a blob, and those of [`commit`](Reader::commit).
    pub(crate) fn tip(&self, mut id: ObjectId) -> Result<Tip> {
        loop {
            if let Some(tree) = self.tips.borrow().get(&id) {
                return Ok(Tip {
                    commit: id,
                    tree: *tree,
                });
            }
            if let Some(graph) = self.handle.borrow().graph()
                && let Some(found) = graph.commit_by_id(id.to_gix())
            {
                let tree = ObjectId::from_gix(found.root_tree_id());
                return Ok(Tip { commit: id, tree });
            }
            // The header first: what a ref points to may be a blob of any size.
            match self.header(id)?.ok_or_else(|| self.missing(id))?.0 {
                ObjectKind::Tag => {
                    id = self.with_object(id, ObjectKind::Tag, commit::tag_target)?;
                }
                found => {
                    self.expect_kind(id, ObjectKind::Commit, found)?;
                    let tree = self.with_object(id, ObjectKind::Commit, commit::tree)?;
                    let mut tips = self.tips.borrow_mut();
                    if tips.len() >= MOST_TIPS {
                        tips.clear();
                    }
                    tips.insert(id, tree);
                    return Ok(Tip { commit: id, tree });
                }
            }
        }
    }

    /// The blob's bytes, if there are no more than [`MAX_BLOB_BYTES`].
    ///
    /// # Errors
    /// As for [`blob_into`](Reader::blob_into).
    pub(crate) fn blob(&self, id: ObjectId) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.blob_into(id, MAX_BLOB_BYTES, &mut bytes)?;
        Ok(bytes)
    }

    /// Replaces what is in `bytes` by the blob's bytes. A symbolic link's bytes are the path it points to.
    ///
    /// # Errors
    /// [`Error::BlobTooLarge`], before it is inflated, if it has more than `limit` bytes; [`Error::ObjectNotFound`],
    /// [`Error::WrongKind`], [`Error::Corrupt`].
    pub(crate) fn blob_into(&self, id: ObjectId, limit: u64, bytes: &mut Vec<u8>) -> Result<()> {
        let size = self.blob_size(id)?;
        if size > limit {
            return Err(Error::BlobTooLarge { id, size, limit });
        }
        self.find(id, bytes)?;
        Ok(())
    }

    /// Refuses bytes that aren't those of a blob's id.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub(crate) fn expect_content(&self, id: ObjectId, bytes: &[u8]) -> Result<()> {
        let kind = ObjectKind::Blob;
        match ObjectId::of(kind, bytes) {
            Ok(found) if found == id => Ok(()),
            Ok(found) => {
                Err(self.corrupt(id, kind, format!("its content is that of the blob {found}")))
            }
            Err(error) => Err(self.corrupt(id, kind, error.to_string())),
        }
    }

    /// The blob's size in bytes; reads only its header.
    ///
    /// # Errors
    /// [`Error::ObjectNotFound`], [`Error::WrongKind`].
    pub(crate) fn blob_size(&self, id: ObjectId) -> Result<u64> {
        let (found, size) = self.header(id)?.ok_or_else(|| self.missing(id))?;
        self.expect_kind(id, ObjectKind::Blob, found)?;
        Ok(size)
    }

    /// Follows annotated tags from `id` to an object that is none.
    ///
    /// # Errors
    /// [`Error::ObjectNotFound`], [`Error::Corrupt`].
    pub(super) fn peel(&self, mut id: ObjectId) -> Result<(ObjectId, ObjectKind)> {
        loop {
            let (kind, _) = self.header(id)?.ok_or_else(|| self.missing(id))?;
            if kind != ObjectKind::Tag {
                return Ok((id, kind));
            }
            id = self.with_object(id, ObjectKind::Tag, commit::tag_target)?;
        }
    }

    /// Calls `parse` with the object's bytes, in a buffer used again and again.
    pub(super) fn with_object<T>(
        &self,
        id: ObjectId,
        expected: ObjectKind,
        parse: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T> {
        let mut buffer = self.buffer.take();
        let result = self.find(id, &mut buffer).and_then(|found| {
            self.expect_kind(id, expected, found)?;
            parse(&buffer).map_err(|reason| self.corrupt(id, expected, reason))
        });
        self.buffer.replace(buffer);
        result
    }

    /// The same for a tree, which may be cached.
    pub(super) fn with_tree<T>(
        &self,
        id: ObjectId,
        parse: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T> {
        let trees = self.trees.borrow();
        if let Some((_, data)) = trees.iter().find(|(known, _)| *known == id) {
            return parse(data).map_err(|reason| self.corrupt(id, ObjectKind::Tree, reason));
        }
        drop(trees);
        self.with_object(id, ObjectKind::Tree, |data| {
            if data.len() <= LARGEST_TREE {
                let mut trees = self.trees.borrow_mut();
                trees.truncate(MOST_TREES - 1);
                trees.push_front((id, data.into()));
            }
            parse(data)
        })
    }

    pub(super) fn indexes(&self) -> RefMut<'_, TreeIndexes> {
        self.indexes.borrow_mut()
    }

    /// Refuses what isn't there, and what is something else.
    pub(super) fn expect(&self, id: ObjectId, expected: ObjectKind) -> Result<()> {
        let found = self.kind(id)?.ok_or_else(|| self.missing(id))?;
        self.expect_kind(id, expected, found)
    }

    /// Reads an object into `buffer`.
    pub(super) fn find(&self, id: ObjectId, buffer: &mut Vec<u8>) -> Result<ObjectKind> {
        if id == ObjectId::EMPTY_TREE {
            buffer.clear();
            return Ok(ObjectKind::Tree);
        }
        let found = self.attempt(id, |gix| {
            let data = gix.objects.try_find(&id.to_gix(), buffer)?;
            Ok(data.map(|data| data.kind))
        })?;
        found
            .map(ObjectKind::from_gix)
            .ok_or_else(|| self.missing(id))
    }

    fn header(&self, id: ObjectId) -> Result<Option<(ObjectKind, u64)>> {
        if id == ObjectId::EMPTY_TREE {
            return Ok(Some((ObjectKind::Tree, 0)));
        }
        let header = self.attempt(id, |gix| gix.objects.try_header(&id.to_gix()))?;
        Ok(header.map(|header| (ObjectKind::from_gix(header.kind), header.size)))
    }

    /// Looks for an object, again with a new handle if it isn't found: `gix` tells states of the packs apart by
    /// addresses that it uses again, so that an old handle may take an old state for the present one.
    fn attempt<T>(
        &self,
        id: ObjectId,
        mut look: impl FnMut(&gix::Repository) -> gix::Result<Option<T>>,
    ) -> Result<Option<T>> {
        self.repository.count_object_read();
        if self.handle.borrow().made.elapsed() > MAX_HANDLE_AGE {
            self.renew_handle();
        }
        let mut last = look(&self.handle.borrow().gix);
        for _ in 1..ATTEMPTS {
            if let Ok(Some(_)) = last {
                break;
            }
            self.renew_handle();
            last = look(&self.handle.borrow().gix);
        }
        last.map_err(|error| Error::from_gix(format!("read object {id}"), self.git_dir(), &error))
    }

    /// Begins with the packs and refs as they are now. No borrow of [`gix`](Reader::gix) may be held.
    pub(super) fn renew_handle(&self) {
        self.handle.replace(Handle::new(&self.repository));
    }

    fn expect_kind(&self, id: ObjectId, expected: ObjectKind, found: ObjectKind) -> Result<()> {
        if found == expected {
            return Ok(());
        }
        Err(Error::WrongKind {
            id,
            expected,
            found,
            git_dir: self.git_dir().to_owned(),
        })
    }

    fn corrupt(&self, id: ObjectId, kind: ObjectKind, reason: String) -> Error {
        Error::Corrupt {
            what: format!("{kind} {id}"),
            git_dir: self.git_dir().to_owned(),
            reason,
        }
    }

    pub(super) fn missing(&self, id: ObjectId) -> Error {
        let git_dir = self.git_dir().to_owned();
        if self.repository.is_partial_clone() {
            return Error::LeftOutOfPartialClone { id, git_dir };
        }
        let remedy = if self.repository.is_shallow() {
            "this is a shallow clone; run git fetch --unshallow, or check with git fsck"
        } else {
            "fetch it again, or look for the damage with git fsck"
        };
        Error::ObjectNotFound {
            id,
            git_dir,
            remedy,
        }
    }

    /// The error of a search that ends at a shallow clone's boundary.
    pub(super) fn cut_off(&self, commit: ObjectId) -> Error {
        Error::CutOffHistory {
            commit,
            git_dir: self.git_dir().to_owned(),
        }
    }

    pub(super) fn git_dir(&self) -> &Path {
        self.repository.git_dir()
    }

    /// The handle, borrowed: nothing that reads objects through `self` may run meanwhile.
    pub(super) fn gix(&self) -> Ref<'_, gix::Repository> {
        Ref::map(self.handle.borrow(), |handle| &handle.gix)
    }
}
