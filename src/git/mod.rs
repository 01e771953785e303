//! Reads and writes the user's Git repository (sections 3, 7 and 8 of the design), and is the only user of `gix`.
//!
//! [`Repository`] finds and opens a repository, and may be shared between threads. Everything is read through a
//! [`Reader`], one per thread: revisions to commits, refs, trees, blobs, ancestry. Reading writes nothing. A [`Writer`]
//! adds objects that nobody sees; [`MoveRef`] is the one step at which they are, for a local repository
//! [`LocalRefs`].
//!
//! What a caller should know:
//! - Work trees and the index are never looked at: all content comes from the object database.
//! - Commits, refs and packs made by other processes are seen at once, and a concurrent `git gc` hides nothing.
//! - Replacement objects (`refs/replace/*`) are honoured as Git honours them, in the state they had when the
//!   repository was opened; `core.useReplaceRefs = false` turns them off. Grafts (`info/grafts`) are not read: Git
//!   deprecated them for replacement objects.
//! - A shallow clone works for what is there: its boundary commits have no parents.
//! - Refused with a reason: `reftable` refs, SHA-256 repositories, unknown repository extensions.

mod ancestry;
mod checkouts;
mod commit;
mod error;
mod fault;
mod flush;
mod format;
mod history;
mod identity;
mod local_refs;
mod lock_files;
mod loose_refs;
mod move_ref;
mod object_id;
mod packed_refs;
mod path;
mod portable_name;
mod reader;
mod ref_lock;
mod ref_name;
mod ref_pattern;
mod ref_store;
mod reflog;
mod refs;
mod repository;
mod resolve;
mod tree;
mod tree_edit;
mod writer;

pub use commit::{Commit, Signature};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "fault-injection")]
pub use fault::{FaultHook, FaultPoint};
pub use history::History;
pub use identity::{Identity, Timestamp};
pub use local_refs::LocalRefs;
pub use lock_files::LockFile;
pub use move_ref::{MoveOutcome, MoveRef, NotMoved, PastMove, RefUpdate, Visibility};
pub use object_id::{InvalidObjectId, ObjectId};
pub use path::GitPath;
pub(crate) use portable_name::check_portable_name;
pub use reader::{MAX_BLOB_BYTES, ObjectKind, Reader, Tip};
pub use ref_name::check_branch_name;
pub use ref_pattern::RefPattern;
pub use refs::{NoTip, Ref, RefScope, RefTarget};
pub use repository::{DiscoverOptions, Repository};
pub use resolve::Resolved;
pub use tree::{Entry, EntryKind, Visit, WalkLimits};
pub use writer::{CommitDraft, Writer};
