//! What can go wrong with a repository.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::object_id::{ObjectId, ObjectKind};
use crate::text::{excerpt, list, some_of};

/// The room's result.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// As many files of a work tree an error names.
const FILES_SHOWN: usize = 5;

/// What went wrong, where, and what to do about it. [`kind`](Error::kind) classes errors by the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the folder nor one above it is a Git repository.
    #[error(
        "no Git repository at {} or in a folder above it: {reason}; give the path of a repository",
        .dir.display()
    )]
    RepositoryNotFound {
        /// Where the search began.
        dir: PathBuf,
        /// What Git's rules say is missing.
        reason: String,
    },
    /// The repository belongs to another user, and `safe.directory` doesn't list it.
    #[error(
        "the repository at {} belongs to another user; if you trust it, run: git config --global --add safe.directory {}",
        .path.display(), .path.display()
    )]
    NotOwner {
        /// The repository.
        path: PathBuf,
    },
    /// The repository uses a feature that can't be read here.
    #[error("the repository at {} uses {feature}, which can't be read here: {remedy}", .git_dir.display())]
    Unsupported {
        /// The repository.
        git_dir: PathBuf,
        /// The feature.
        feature: String,
        /// What to do.
        remedy: String,
    },
    /// The revision names nothing.
    #[error(
        "'{revision}' is not a branch, tag or commit of {}: {reason}{}",
        .git_dir.display(), perhaps_cut_off(*.is_cut_off, .git_dir)
    )]
    RevisionNotFound {
        /// What was asked for.
        revision: String,
        /// The repository.
        git_dir: PathBuf,
        /// Why.
        reason: String,
        /// Whether the clone is shallow, so that the rest of its history may have it.
        is_cut_off: bool,
    },
    /// The revision is not written as Git's grammar wants it, or names more than one commit.
    #[error("'{revision}' doesn't name one commit: {reason}")]
    InvalidRevision {
        /// What was asked for.
        revision: String,
        /// Why.
        reason: String,
    },
    /// A short id fits several objects.
    #[error("'{prefix}' matches several objects: {}; give more digits", .candidates.join(", "))]
    Ambiguous {
        /// The digits given.
        prefix: String,
        /// The full ids that fit, each with its kind.
        candidates: Vec<String>,
    },
    /// An object is of another kind than is needed.
    #[error("{id} is a {found}, not a {expected}, in {}", .git_dir.display())]
    WrongKind {
        /// The object.
        id: ObjectId,
        /// What is needed.
        expected: ObjectKind,
        /// What it is.
        found: ObjectKind,
        /// The repository.
        git_dir: PathBuf,
    },
    /// The object is not in the repository.
    #[error("object {id} is missing from {}: {remedy}", .git_dir.display())]
    ObjectNotFound {
        /// The object.
        id: ObjectId,
        /// The repository.
        git_dir: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// A partial clone left the object out, and objects aren't fetched on demand.
    #[error(
        "object {id} was left out of the partial clone at {}; fetch it with: {}",
        .git_dir.display(), fetch(.git_dir, .id)
    )]
    LeftOutOfPartialClone {
        /// The object.
        id: ObjectId,
        /// The repository.
        git_dir: PathBuf,
    },
    /// An answer lies in history that a shallow clone is without.
    #[error(
        "the clone at {} is shallow: its history ends at commit {commit}, and what is asked for may lie before; fetch the rest \
         with: {}",
        .git_dir.display(), unshallow(.git_dir)
    )]
    CutOffHistory {
        /// The commit at which it ends.
        commit: ObjectId,
        /// The repository.
        git_dir: PathBuf,
    },
    /// A blob is larger than the caller takes.
    #[error(
        "blob {id} has {size} bytes, more than the {limit} allowed; make the file smaller or raise the limit"
    )]
    BlobTooLarge {
        /// The blob.
        id: ObjectId,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A tree is deeper, or has more entries below it, than the caller takes.
    #[error(
        "tree {id} has more than {limit} {what} below it, at '{path}'; make it smaller or raise the limit"
    )]
    TreeTooLarge {
        /// The tree the walk began at.
        id: ObjectId,
        /// What there is too much of: `levels` or `entries`.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// Where the walk stopped.
        path: String,
    },
    /// A path that no tree can hold.
    #[error("'{path}' is not a path in a Git tree: {reason}")]
    InvalidPath {
        /// The path.
        path: String,
        /// Why.
        reason: &'static str,
    },
    /// Something in the repository is not what its format says.
    #[error("{what} in {} is damaged: {reason}; run: git -C {} fsck", .git_dir.display(), .git_dir.display())]
    Corrupt {
        /// What is damaged.
        what: String,
        /// The repository.
        git_dir: PathBuf,
        /// How.
        reason: String,
    },
    /// The system refused to read or write.
    #[error("can't {action} {}: {source}", .path.display())]
    Io {
        /// What was tried: `read`, `write`, `flush`, ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Git's storage failed in another way.
    #[error("can't {action} in {}: {reason}", .git_dir.display())]
    Storage {
        /// What was tried.
        action: String,
        /// The repository.
        git_dir: PathBuf,
        /// What `gix` says.
        reason: String,
    },
    /// The ref was moved, but that may be lost in a power cut.
    #[error("{name} has been moved to {new}, but may move back if the power fails now: {source}")]
    MovedButNotFlushed {
        /// The ref's full name.
        name: String,
        /// Where it is now.
        new: ObjectId,
        /// What failed.
        source: Box<Error>,
    },
    /// Another repository refused something, or couldn't be asked: by [`RemoteRefs`](super::RemoteRefs), or another
    /// [`MoveRef`](super::MoveRef) that works on one.
    #[error("{remote}: {source}")]
    Remote {
        /// The repository, by its name or address.
        remote: String,
        /// What it said, or why it couldn't be asked.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another repository was asked to move a ref, and refuses. Repeating the same doesn't help.
    #[error("{remote} refuses the push to {name}: {reason}")]
    RefusedByRemote {
        /// The repository, by its address.
        remote: String,
        /// The ref's full name.
        name: String,
        /// What it says.
        reason: String,
    },
    /// An address that no remote can have.
    #[error("'{url}' can't be the address of a remote: {reason}")]
    InvalidRemote {
        /// The address, without what may be secret in it.
        url: String,
        /// Why.
        reason: String,
    },
    /// A folder that isn't the mirror of a remote.
    #[error("{} can't be the mirror of {remote}: {reason}", .folder.display())]
    NotItsMirror {
        /// The folder.
        folder: PathBuf,
        /// The remote's address.
        remote: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Another process holds a lock file.
    #[error(
        "{} has been held for {} s by another Git process; wait for it, or, if none is running any more, delete that file",
        .lock_file.display(), .age.as_secs()
    )]
    Locked {
        /// The lock file.
        lock_file: PathBuf,
        /// How long it has been there.
        age: Duration,
    },
    /// A ref can't be made because another one's name is a folder of its name, or the other way round.
    #[error(
        "can't create {name}: {existing} exists, and a ref can't be a folder of refs as well; choose another name"
    )]
    RefNameClash {
        /// The ref to make.
        name: String,
        /// The ref in the way.
        existing: String,
    },
    /// The ref is an alias of another.
    #[error(
        "{name} is a symbolic ref to {target}, which isn't moved through its alias; name {target} itself"
    )]
    SymbolicRef {
        /// The ref's full name.
        name: String,
        /// What it points to.
        target: String,
    },
    /// The branch is checked out, and files to write are not as the branch has them.
    #[error(
        "{branch} is checked out in {}, where {} would be overwritten: commit that, set it aside or take it away first",
        .work_tree.display(), some_of(.files, FILES_SHOWN)
    )]
    NotClean {
        /// The branch's full name.
        branch: String,
        /// The work tree.
        work_tree: PathBuf,
        /// The files, by path.
        files: Vec<UncleanFile>,
    },
    /// The branch is checked out, and Git is in the middle of something there.
    #[error(
        "{branch} is checked out in {}, where {operation} is in progress: finish or abort that first",
        .work_tree.display()
    )]
    InProgress {
        /// The branch's full name.
        branch: String,
        /// The work tree.
        work_tree: PathBuf,
        /// What Git is in the middle of, as `a merge`.
        operation: &'static str,
    },
    /// The branch is checked out more than once.
    #[error(
        "{branch} is checked out in several work trees, of which only one could follow it: switch the others to \
         something else ({})", list(.work_trees.iter().map(|path| path.display()))
    )]
    SeveralWorkTrees {
        /// The branch's full name.
        branch: String,
        /// The work trees.
        work_trees: Vec<PathBuf>,
    },
    /// The files of a work tree can't be brought to the new commit.
    #[error(
        "{branch} has not been moved, because the files of {}, where it is checked out, can't be brought to the new commit: \
         {reason}{}",
        .work_tree.display(), left_behind(.files)
    )]
    NotFollowed {
        /// The branch's full name.
        branch: String,
        /// The work tree.
        work_tree: PathBuf,
        /// What Git says.
        reason: String,
        /// Whether the work tree's folder is gone, and Git keeps it as a locked one.
        is_locked: bool,
        /// The files, by path, that Git has left neither as the branch has them nor as they were.
        files: Vec<UncleanFile>,
    },
    /// Git's program can't merge files.
    #[error("the files that aren't documents can't be merged as Git does: {reason}")]
    NotMerged {
        /// What Git says.
        reason: String,
    },
    /// The branch could not be moved, and its work tree has the new commit's files.
    #[error(
        "{source}; the branch has not been moved, and its work tree {} holds the change staged ({reason})",
        .work_tree.display()
    )]
    LeftStaged {
        /// The work tree.
        work_tree: PathBuf,
        /// Why the files could not be brought back.
        reason: String,
        /// Why the branch could not be moved.
        source: Box<Error>,
    },
    /// Not a name that a branch can have.
    #[error("'{name}' can't be the name of a branch: {reason}")]
    InvalidRefName {
        /// The name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A tree can't hold the changes asked for.
    #[error("can't put '{path}' into the tree: {reason}")]
    TreeClash {
        /// The path.
        path: String,
        /// Why.
        reason: String,
    },
    /// Neither configuration nor environment says who commits.
    #[error(
        "no {what} for the commit's {role}; run: git config --global user.{what} \"...\", or set GIT_{}_{}",
        .role.to_uppercase(), .what.to_uppercase()
    )]
    NoIdentity {
        /// `author` or `committer`.
        role: &'static str,
        /// `name` or `email`.
        what: &'static str,
    },
    /// The commit could not be signed.
    #[error(
        "the commit can't be signed, and nothing is written without the signature: {program}: {reason}"
    )]
    NotSigned {
        /// What was to sign it.
        program: String,
        /// What it says.
        reason: String,
    },
    /// A value of a commit, a date or a setting can't be used.
    #[error("{what} '{value}' can't be used: {reason}")]
    InvalidValue {
        /// What it is.
        what: String,
        /// Its value.
        value: String,
        /// Why.
        reason: String,
    },
}

/// A file of a work tree that isn't as the branch has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncleanFile {
    /// Its path from the work tree's top.
    pub path: String,
    /// What it is: `modified`, `staged`, `untracked`, ...
    pub state: &'static str,
    /// Whether the work tree's sparse checkout leaves its path out: Git's own `stash` doesn't take it away then.
    pub is_outside_sparse_checkout: bool,
}

impl fmt::Display for UncleanFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outside = if self.is_outside_sparse_checkout {
            ", outside of the sparse checkout"
        } else {
            ""
        };
        write!(f, "{} ({}{outside})", self.path, self.state)
    }
}

fn left_behind(files: &[UncleanFile]) -> String {
    if files.is_empty() {
        return String::new();
    }
    format!(
        "; not as the branch has them now: {}",
        some_of(files, FILES_SHOWN)
    )
}

/// Classes of errors, by what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No such repository, revision or object.
    NotFound,
    /// A short id fits several objects.
    Ambiguous,
    /// A feature of Git that this library has not.
    Unsupported,
    /// Another process works on it: wait.
    Locked,
    /// Not allowed, or more than the caller's limits.
    Refused,
    /// The caller's input must change.
    Invalid,
    /// The file system.
    Io,
    /// Another repository, or the way there.
    Remote,
    /// The repository is damaged.
    Corrupt,
}

fn fetch(git_dir: &Path, id: &ObjectId) -> String {
    format!("git -C {} cat-file -e {id}", git_dir.display())
}

fn unshallow(git_dir: &Path) -> String {
    format!("git -C {} fetch --unshallow", git_dir.display())
}

fn perhaps_cut_off(is_cut_off: bool, git_dir: &Path) -> String {
    if !is_cut_off {
        return String::new();
    }
    let fetch = unshallow(git_dir);
    format!("; the clone is shallow, and the rest of its history may have it: {fetch}")
}

impl Error {
    /// The command that fetches what a partial or a shallow clone is without, at the end of the message.
    pub fn fetch_command(&self) -> Option<String> {
        match self {
            Error::LeftOutOfPartialClone { id, git_dir } => Some(fetch(git_dir, id)),
            Error::CutOffHistory { git_dir, .. } => Some(unshallow(git_dir)),
            _ => None,
        }
    }

    /// The class, by what helps.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::RepositoryNotFound { .. }
            | Error::RevisionNotFound { .. }
            | Error::ObjectNotFound { .. } => ErrorKind::NotFound,
            Error::Ambiguous { .. } => ErrorKind::Ambiguous,
            Error::Unsupported { .. }
            | Error::LeftOutOfPartialClone { .. }
            | Error::CutOffHistory { .. } => ErrorKind::Unsupported,
            Error::Locked { .. } => ErrorKind::Locked,
            Error::NotOwner { .. }
            | Error::BlobTooLarge { .. }
            | Error::TreeTooLarge { .. }
            | Error::NotClean { .. }
            | Error::InProgress { .. }
            | Error::SeveralWorkTrees { .. }
            | Error::NotSigned { .. }
            | Error::NotItsMirror { .. }
            | Error::RefusedByRemote { .. }
            | Error::SymbolicRef { .. } => ErrorKind::Refused,
            Error::InvalidRevision { .. }
            | Error::InvalidRemote { .. }
            | Error::WrongKind { .. }
            | Error::InvalidPath { .. }
            | Error::InvalidRefName { .. }
            | Error::RefNameClash { .. }
            | Error::TreeClash { .. }
            | Error::NoIdentity { .. }
            | Error::InvalidValue { .. } => ErrorKind::Invalid,
            Error::Io { .. }
            | Error::Storage { .. }
            | Error::NotFollowed { .. }
            | Error::NotMerged { .. }
            | Error::LeftStaged { .. }
            | Error::MovedButNotFlushed { .. } => ErrorKind::Io,
            Error::Remote { .. } => ErrorKind::Remote,
            Error::Corrupt { .. } => ErrorKind::Corrupt,
        }
    }

    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Classes an error of `gix` that no rule of ours foresaw.
    pub(super) fn from_gix(action: impl Into<String>, git_dir: &Path, error: &gix::Error) -> Error {
        let (git_dir, reason) = (git_dir.to_owned(), explain(error));
        if error.is_corrupted() {
            let what = format!("something needed to {}", action.into());
            return Error::Corrupt {
                what,
                git_dir,
                reason,
            };
        }
        Error::Storage {
            action: action.into(),
            git_dir,
            reason,
        }
    }
}

/// The longest cause that is shown whole, in columns.
const LONGEST_CAUSE: usize = 300;

/// The messages of an error of `gix` and its causes on one line.
pub(super) fn explain(error: &gix::Error) -> String {
    let mut text = String::new();
    for cause in error.iter_errors() {
        // `gix` quotes what it can't read: of a binary file, all of it.
        let message = excerpt(&cause.to_string(), 0..0, LONGEST_CAUSE).line;
        if message.is_empty() || text.contains(&message) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        let is_cut = message.ends_with("...");
        text.push_str(if is_cut {
            &message
        } else {
            message.trim_end_matches('.')
        });
    }
    text
}
