//! Reads and writes the user's Git repository (sections 3, 7 and 8 of the design), and is the only user of `gix`.
//!
//! [`Repository`] finds and opens a repository, and may be shared between threads. Everything is read through a
//! [`Reader`], one per thread: revisions to commits, refs, trees, blobs, ancestry. Reading writes nothing.
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
mod commit;
mod error;
mod format;
mod history;
mod loose_refs;
mod object_id;
mod packed_refs;
mod path;
mod reader;
mod ref_store;
mod refs;
mod repository;
mod resolve;
mod tree;

pub use commit::{Commit, Signature};
pub use error::{Error, ErrorKind, Result};
pub use history::History;
pub use object_id::{InvalidObjectId, ObjectId};
pub use path::GitPath;
pub use reader::{MAX_BLOB_BYTES, ObjectKind, Reader};
pub use refs::{Ref, RefScope, RefTarget};
pub use repository::{DiscoverOptions, Repository};
pub use resolve::Resolved;
pub use tree::{Entry, EntryKind, Visit, WalkLimits};
