//! Writing objects.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gix::objs::Write as _;

use super::commit::Signature;
use super::error::{Error, Result};
use super::fault::{FaultPoint, Faults};
use super::flush;
use super::object_id::{ObjectId, ObjectKind};
use super::reader::Reader;
use super::repository::Repository;
use super::signing::Signer;

/// Writes blobs, trees and commits, as loose objects. What it writes is invisible until a ref leads there, and safe
/// from a power cut after [`flush`](Writer::flush).
///
/// An object that is there already isn't written again, but made new for `git gc`, which deletes what is old and
/// unreachable. Not done: hooks, `core.sharedRepository`.
pub(crate) struct Writer {
    reader: Reader,
    faults: Faults,
    /// The loose objects that later objects or a ref may lead to.
    unflushed: RefCell<BTreeSet<ObjectId>>,
}

/// A commit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitDraft {
    /// Its tree.
    pub(crate) tree: ObjectId,
    /// Its parents, first parent first.
    pub(crate) parents: Vec<ObjectId>,
    /// Who made the change.
    pub(crate) author: Signature,
    /// Who makes the commit.
    pub(crate) committer: Signature,
    /// The message; a final line end is added if it is missing.
    pub(crate) message: String,
}

impl Repository {
    /// A writer for this thread.
    pub(crate) fn writer(&self) -> Writer {
        Writer {
            reader: self.reader(),
            faults: Faults::default(),
            unflushed: RefCell::default(),
        }
    }

    /// The id of the blob with this content, be it there or not.
    ///
    /// # Errors
    /// For content that is made to have the id of another one.
    pub(crate) fn blob_id(&self, content: &[u8]) -> Result<ObjectId> {
        ObjectId::of(ObjectKind::Blob, content)
            .map_err(|error| Error::from_gix("name a blob", self.git_dir(), &error))
    }
}

impl Writer {
    /// The same writer, with steps that a test lets fail.
    #[cfg(all(test, feature = "fault-injection"))]
    pub(crate) fn with_faults(self, hook: super::fault::FaultHook) -> Writer {
        let faults = Faults { hook: Some(hook) };
        Writer { faults, ..self }
    }

    /// A reader of the repository that finds what this has written.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Writes a file's content.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn blob(&self, content: &[u8]) -> Result<ObjectId> {
        self.store(ObjectKind::Blob, content)
    }

    /// Writes a commit, signed if somebody is to sign it.
    ///
    /// # Errors
    /// Those of the signer;
    /// [`Error::InvalidValue`] if a name, address, time or the message can't stand in a commit;
    /// [`Error::ObjectNotFound`], [`Error::WrongKind`] if the tree or a parent isn't one.
    pub(crate) fn commit(
        &self,
        draft: &CommitDraft,
        signer: Option<&dyn Signer>,
    ) -> Result<ObjectId> {
        self.reader.expect(draft.tree, ObjectKind::Tree)?;
        let mut head = format!("tree {}\n", draft.tree);
        for parent in &draft.parents {
            self.reader.expect(*parent, ObjectKind::Commit)?;
            head += &format!("parent {parent}\n");
        }
        head += &format!("author {}\n", draft.author.encode()?);
        head += &format!("committer {}\n", draft.committer.encode()?);
        if draft.message.contains('\0') {
            return Err(Error::InvalidValue {
                what: "the commit message".to_owned(),
                value: draft.message.escape_default().to_string(),
                reason: "it holds a NUL character".to_owned(),
            });
        }
        let line_end = if draft.message.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let message = &draft.message;
        if let Some(signer) = signer {
            let content = format!("{head}\n{message}{line_end}");
            let signature = signer.sign(content.as_bytes())?;
            let lines: Vec<&str> = signature.trim_end().lines().collect();
            head += &format!("gpgsig {}\n", lines.join("\n "));
        }
        let content = format!("{head}\n{message}{line_end}");
        self.store(ObjectKind::Commit, content.as_bytes())
    }

    /// Waits until everything written, and the folders it is in, are on the disk.
    ///
    /// # Errors
    /// If the system can't tell so; no ref may be moved then. Calling it again tries again.
    pub(crate) fn flush(&self) -> Result<()> {
        let pending = self.unflushed.borrow().clone();
        let objects: Vec<(ObjectId, PathBuf)> = pending
            .iter()
            .map(|id| (*id, self.loose_path(*id)))
            .collect();
        let (faults, repository) = (&self.faults, self.reader.repository());
        flush::each(&objects, |(id, path)| {
            faults.before(FaultPoint::FlushObject, path)?;
            match flush::file(path) {
                Ok(()) => Ok(()),
                // Packed meanwhile, by a Git that flushes its packs.
                Err(error)
                    if error.kind() == ErrorKind::NotFound
                        && repository.reader().kind(*id)?.is_some() =>
                {
                    Ok(())
                }
                Err(error) => Err(Error::io("flush", path, error)),
            }
        })?;
        let mut folders: BTreeSet<&Path> = objects
            .iter()
            .filter_map(|(_, path)| path.parent())
            .collect();
        let objects_dir = self.objects_dir();
        if !folders.is_empty() {
            folders.insert(&objects_dir);
        }
        let folders: Vec<&Path> = folders.into_iter().collect();
        flush::each(&folders, |folder| {
            faults.before(FaultPoint::FlushObjectDirectory, folder)?;
            match flush::folder(folder) {
                // What was in it is in a pack now.
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                flushed => flushed.map_err(|error| Error::io("flush", folder, error)),
            }
        })?;
        self.unflushed
            .borrow_mut()
            .retain(|id| !pending.contains(id));
        Ok(())
    }

    /// Writes an object unless it is there.
    pub(super) fn store(&self, kind: ObjectKind, content: &[u8]) -> Result<ObjectId> {
        let failed = |error: gix::Error| {
            Error::from_gix(format!("write a {kind}"), self.reader.git_dir(), &error)
        };
        let id = ObjectId::of(kind, content).map_err(failed)?;
        if self.unflushed.borrow().contains(&id) {
            return Ok(id);
        }
        if !self.renew_loose(id, kind, content) {
            if self.renew_packed(id)? {
                return Ok(id);
            }
            self.faults
                .before(FaultPoint::WriteObject, &self.loose_path(id))?;
            self.reader
                .gix()
                .objects
                .write_buf_with_known_id(kind.to_gix(), content, id.to_gix())
                .map_err(failed)?;
        }
        // One that was there may have been written by a Git that flushes no loose objects.
        self.unflushed.borrow_mut().insert(id);
        Ok(id)
    }

    /// Makes a loose object new for `git gc`. `false` if there is none, or if a power cut has emptied it.
    fn renew_loose(&self, id: ObjectId, kind: ObjectKind, content: &[u8]) -> bool {
        if !renew(&self.loose_path(id)) {
            return false;
        }
        let mut buffer = Vec::new();
        let store = gix::odb::loose::Store::at(self.objects_dir(), gix::hash::Kind::Sha1);
        let found = store.try_find(&id.to_gix(), &mut buffer);
        matches!(found, Ok(Some(object)) if object.kind == kind.to_gix() && object.data == content)
    }

    /// Makes the pack that holds an object new for `git gc`, as Git does. `false` if none of this repository does: a
    /// pack of old, unreachable objects (one with `.mtimes`) doesn't count, and one of an alternate isn't ours.
    fn renew_packed(&self, id: ObjectId) -> Result<bool> {
        let objects = &self.reader.gix().objects;
        if !objects.exists_without_refresh(&id.to_gix()) {
            return Ok(false);
        }
        let folder = self.objects_dir().join("pack");
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Error::io("read", &folder, error)),
        };
        for index in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if index.extension().is_none_or(|extension| extension != "idx")
                || index.with_extension("mtimes").exists()
            {
                continue;
            }
            let holds_it = gix::odb::pack::index::File::at(&index, gix::hash::Kind::Sha1)
                .is_ok_and(|index| index.lookup(id.to_gix()).is_some());
            if holds_it && renew(&index.with_extension("pack")) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn objects_dir(&self) -> PathBuf {
        self.reader.gix().objects.store_ref().path().to_owned()
    }

    fn loose_path(&self, id: ObjectId) -> PathBuf {
        let hex = id.to_string();
        self.objects_dir().join(&hex[..2]).join(&hex[2..])
    }
}

/// Sets a file's time to now. `false` if that can't be done.
fn renew(path: &Path) -> bool {
    File::open(path)
        .and_then(|file| file.set_modified(SystemTime::now()))
        .is_ok()
}
