//! Reads and writes the user's Git repository, and is the only user of `gix`.
//!
//! [`Repository`] finds and opens a repository, and may be shared between threads. Reading writes nothing. A commit
//! first adds objects that no ref leads to; [`MoveRef`] is the one step that makes them visible. [`LocalRefs`] does it for a
//! local repository, and [`RemoteRefs`] pushes to one that lives elsewhere, of which there is a [`Mirror`] here.
//!
//! Reading and writing objects is not public: this room is no second Git library. A server that needs more than
//! [`Repository`] offers opens the folder with a Git library of its own.
//!
//! What a caller should know:
//! - Work trees and the index are never looked at: all content comes from the object database. Where a branch that is checked
//!   out moves, [`WorkTrees`] lets its files follow.
//! - Commits, refs and packs made by other processes are seen at once, and a concurrent `git gc` hides nothing.
//! - Replacement objects (`refs/replace/*`) are honoured as Git honours them, in the state they had when the
//!   repository was opened; `core.useReplaceRefs = false` turns them off. Grafts (`info/grafts`) are not read: Git
//!   deprecated them for replacement objects.
//! - A shallow clone works for what is there. An answer that may lie before its boundary is [`Error::CutOffHistory`], never a
//!   guess.
//! - Refused with a reason: `reftable` refs, SHA-256 repositories, unknown repository extensions.

mod ancestry;
mod checkouts;
mod commit;
mod encoding;
mod error;
mod fault;
mod flush;
mod follow;
mod format;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod git_program;
pub(crate) mod glob;
mod history;
mod identity;
mod local_refs;
mod lock_files;
mod loose_refs;
mod merge_base;
mod merge_trees;
mod move_ref;
mod object_id;
mod ownership;
mod packed_refs;
mod path;
mod path_history;
mod portable_name;
mod reader;
mod ref_lock;
mod ref_name;
mod ref_pattern;
mod ref_store;
mod reflog;
mod refs;
mod remote;
mod repository;
mod resolve;
mod signing;
mod sparse_checkout;
#[cfg(test)]
mod tests;
mod tree;
mod tree_diff;
mod tree_edit;
mod tree_entries;
mod tree_index;
mod unclean_files;
mod whole_history;
mod work_trees;
mod writer;

pub use checkouts::Checkout;
pub use commit::Signature;
pub use error::{Error, ErrorKind, UncleanFile};
#[cfg(feature = "fault-injection")]
pub use fault::{FaultHook, FaultPoint};
pub use git_program::GitProgram;
pub use history::{HistoryEnd, HistoryEndCause};
pub use identity::{Identity, Timestamp};
pub use local_refs::LocalRefs;
pub use move_ref::{MoveOutcome, MoveRef, NotMoved, PastMove, RefUpdate, Visibility};
pub use object_id::{InvalidObjectId, ObjectId, ObjectKind};
pub use ref_pattern::RefPattern;
pub use refs::RefScope;
pub use remote::{FetchState, Mirror, RemoteRefs, RemoteUrl};
pub use repository::{DiscoverOptions, Repository};
pub use signing::{SignatureFormat, Signer, SigningConfig};
pub use tree_entries::{EntryKind, Target};
pub use work_trees::{KeptFile, WorkTrees};

pub(crate) use checkouts::to_follow;
pub(crate) use error::Result;
pub(crate) use history::LastChange;
pub(crate) use path_history::{Before, PathHistory, PathParent, PathState, Stop, Watched};
pub(crate) use portable_name::check_portable_name;
pub(crate) use reader::{Reader, Tip};
pub(crate) use ref_name::{check_branch_name, check_new_branch_name};
pub(crate) use refs::{Head, NoTip, RefTarget};
pub(crate) use resolve::Resolved;
pub(crate) use tree::{Entry, Visit, WalkLimits};
pub(crate) use tree_diff::FileDifference;
pub(crate) use whole_history::PastCommit;
pub(crate) use writer::{CommitDraft, Writer};
