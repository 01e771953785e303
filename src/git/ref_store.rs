//! Looks up refs as Git does, while other processes write them.
//!
//! Invariant: a ref's own file is read before `packed-refs`. `git pack-refs` writes `packed-refs` first and deletes the
//! file afterwards, so in the other order a ref could be missed or an old value be seen. (`gix` reads in the other
//! order, and notices a new `packed-refs` by its time alone.)

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::error::{Error, Result};
use super::loose_refs::{self, RefValue};
use super::packed_refs::PackedRefs;

/// As many symbolic refs as Git follows.
const MAX_SYMBOLIC_DEPTH: usize = 5;

/// A file changed so short before it was read could change again without a trace in its metadata.
const TOO_FRESH: Duration = Duration::from_secs(2);

pub(super) struct RefStore {
    git_dir: PathBuf,
    common_dir: PathBuf,
    packed: Mutex<Option<CachedPackedRefs>>,
}

struct CachedPackedRefs {
    stamp: Stamp,
    refs: Arc<PackedRefs>,
}

/// Tells one state of a file from another.
#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode and change time, where there are such things.
    identity: (u64, u64, i64, i64),
    is_settled: bool,
}

/// Where following symbolic refs ends.
pub(super) enum Followed {
    /// At this ref, with its value: never symbolic.
    Ref { name: String, value: RefValue },
    /// At a ref that isn't there: an unborn branch, or a dangling symbolic ref.
    Missing { name: String },
}

impl RefStore {
    pub(super) fn new(git_dir: PathBuf, common_dir: PathBuf) -> RefStore {
        RefStore {
            git_dir,
            common_dir,
            packed: Mutex::new(None),
        }
    }

    /// The value of the ref with this full name (`refs/heads/main`, `HEAD`).
    pub(super) fn find(&self, name: &str) -> Result<Option<RefValue>> {
        let found = self.find_each(std::iter::once(name.to_owned()))?;
        Ok(found.into_iter().next().map(|(_, value)| value))
    }

    /// Those of some refs that are there, with their values. `packed-refs` is looked at once.
    fn find_each(&self, names: impl Iterator<Item = String>) -> Result<Vec<(String, RefValue)>> {
        let names = names.filter(|name| gix::validate::reference::name((&**name).into()).is_ok());
        let read = names.map(|name| {
            let value = loose_refs::read(&self.file_of(&name))?;
            Ok((name, value))
        });
        let read: Vec<(String, Option<RefValue>)> = read.collect::<Result<_>>()?;
        let is_needed = read.iter().any(|(_, value)| value.is_none());
        let packed = is_needed.then(|| self.packed_refs()).transpose()?;
        let found = read.into_iter().filter_map(|(name, value)| {
            let packed = || {
                let packed = packed.as_ref()?.find(name.as_bytes())?;
                Some(RefValue::Id {
                    id: packed.id,
                    peeled: packed.peeled,
                })
            };
            let value = value.or_else(packed)?;
            Some((name, value))
        });
        Ok(found.collect())
    }

    /// Follows symbolic refs from `name` to a ref that isn't one. `None` if there is no ref `name`.
    pub(super) fn follow(&self, name: &str) -> Result<Option<Followed>> {
        let followed = self.follow_each(std::iter::once(name.to_owned()))?;
        Ok(followed.into_iter().next().map(|(_, followed)| followed))
    }

    /// Follows symbolic refs from each of the names that there are.
    pub(super) fn follow_each(
        &self,
        names: impl Iterator<Item = String>,
    ) -> Result<Vec<(String, Followed)>> {
        let found = self.find_each(names)?.into_iter();
        let followed = found.map(|(name, value)| {
            let followed = self.follow_value(name.clone(), value)?;
            Ok((name, followed))
        });
        followed.collect()
    }

    fn follow_value(&self, mut name: String, mut value: RefValue) -> Result<Followed> {
        for _ in 0..MAX_SYMBOLIC_DEPTH {
            let RefValue::Symbolic(target) = value else {
                return Ok(Followed::Ref { name, value });
            };
            name = target;
            value = match self.find(&name)? {
                Some(value) => value,
                None => return Ok(Followed::Missing { name }),
            };
        }
        let value = match value {
            RefValue::Symbolic(_) => RefValue::Broken("too many symbolic refs in a row".to_owned()),
            value => value,
        };
        Ok(Followed::Ref { name, value })
    }

    /// The file that holds the ref if it isn't packed.
    pub(super) fn file_of(&self, name: &str) -> PathBuf {
        if loose_refs::is_of_one_work_tree(name) {
            self.git_dir.join(name)
        } else {
            self.common_dir.join(name)
        }
    }

    /// The refs with files of their own below `scopes`; ask before [`packed_refs`](RefStore::packed_refs).
    pub(super) fn loose_refs(&self, scopes: &[&str]) -> Result<Vec<(Vec<u8>, RefValue)>> {
        loose_refs::list(&self.git_dir, &self.common_dir, scopes)
    }

    /// `packed-refs` as it is now; empty if there is none.
    pub(super) fn packed_refs(&self) -> Result<Arc<PackedRefs>> {
        let path = self.common_dir.join("packed-refs");
        let mut cached = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = fs::metadata(&path).map(|metadata| Stamp::of(&metadata));
        if let (Some(cached), Ok(stamp)) = (cached.as_ref(), &stamp)
            && cached.stamp == *stamp
            && stamp.is_settled
        {
            return Ok(cached.refs.clone());
        }
        let (stamp, bytes) = match read_with_stamp(&path) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                *cached = None;
                return Ok(Arc::new(self.parse_packed(Vec::new())?));
            }
            Err(error) => return Err(Error::io("read", &path, error)),
        };
        let refs = Arc::new(self.parse_packed(bytes)?);
        *cached = Some(CachedPackedRefs {
            stamp,
            refs: refs.clone(),
        });
        Ok(refs)
    }

    fn parse_packed(&self, bytes: Vec<u8>) -> Result<PackedRefs> {
        PackedRefs::parse(bytes).map_err(|reason| Error::Corrupt {
            what: "the file of packed refs".to_owned(),
            git_dir: self.common_dir.clone(),
            reason,
        })
    }
}

fn read_with_stamp(path: &Path) -> io::Result<(Stamp, Vec<u8>)> {
    let mut file = File::open(path)?;
    let stamp = Stamp::of(&file.metadata()?);
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.length).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    Ok((stamp, bytes))
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        let modified = metadata.modified().ok();
        let age = modified.and_then(|time| SystemTime::now().duration_since(time).ok());
        Stamp {
            length: metadata.len(),
            modified,
            identity: identity(metadata),
            is_settled: age.is_some_and(|age| age > TOO_FRESH),
        }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (
        metadata.dev(),
        metadata.ino(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    )
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64, i64, i64) {
    (0, 0, 0, 0)
}
