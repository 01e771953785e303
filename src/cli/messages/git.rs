//! What the repository's errors say.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use crate::git::{Error, ObjectKind, UncleanFile};

use super::{Messages, git_dir, id, refused};

#[test]
fn of_the_repository() {
    let mut messages = Messages::new("show main fizz");
    let path = || PathBuf::from("/srv/shop/.git/refs/heads/main");
    messages.fails(Error::RepositoryNotFound {
        dir: "/srv".into(),
        reason: "no .git there".into(),
    });
    messages.fails(Error::NotOwner {
        path: "/srv/shop".into(),
    });
    messages.fails(Error::Unsupported {
        git_dir: git_dir(),
        feature: "reftable".into(),
        remedy: "run: git refs migrate --ref-format=files".into(),
    });
    messages.fails(Error::RevisionNotFound {
        revision: "mian".into(),
        git_dir: git_dir(),
        reason: "no ref or object has this name".into(),
        is_cut_off: false,
    });
    messages.fails(Error::InvalidRevision {
        revision: "a..b".into(),
        reason: "it is a range".into(),
    });
    messages.fails(Error::Ambiguous {
        prefix: "abc".into(),
        candidates: vec!["abc1 (commit)".into(), "abc2 (tag)".into()],
    });
    messages.fails(Error::WrongKind {
        id: id(1),
        expected: ObjectKind::Commit,
        found: ObjectKind::Tree,
        git_dir: git_dir(),
    });
    messages.fails(Error::ObjectNotFound {
        id: id(1),
        git_dir: git_dir(),
        remedy: "fetch it",
    });
    messages.fails(Error::LeftOutOfPartialClone {
        id: id(1),
        git_dir: git_dir(),
    });
    messages.fails(Error::CutOffHistory {
        commit: id(1),
        git_dir: git_dir(),
    });
    messages.fails(Error::BlobTooLarge {
        id: id(1),
        size: 99,
        limit: 64,
    });
    messages.fails(Error::TreeTooLarge {
        id: id(1),
        what: "levels",
        limit: 128,
        path: "a/b".into(),
    });
    messages.fails(Error::InvalidPath {
        path: "a/../b".into(),
        reason: "it has a part `..`",
    });
    messages.fails(Error::Corrupt {
        what: "object 01".into(),
        git_dir: git_dir(),
        reason: "its checksum differs".into(),
    });
    messages.fails(Error::Io {
        action: "write",
        path: path(),
        source: refused(),
    });
    for kind in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem] {
        messages.fails(Error::Io {
            action: "write",
            path: path(),
            source: kind.into(),
        });
    }
    messages.fails(Error::Storage {
        action: "list refs".into(),
        git_dir: git_dir(),
        reason: "out of handles".into(),
    });
    messages.fails(Error::Storage {
        action: "list refs".into(),
        git_dir: git_dir(),
        reason: "Permission denied (os error 13)".into(),
    });
    messages.fails(Error::Storage {
        action: "write a blob".into(),
        git_dir: git_dir(),
        reason: "No space left on device (os error 28)".into(),
    });
    messages.fails(Error::MovedButNotFlushed {
        name: "refs/heads/main".into(),
        new: id(2),
        source: Box::new(Error::Io {
            action: "flush",
            path: path(),
            source: refused(),
        }),
    });
    messages.fails(Error::Remote {
        remote: "origin".into(),
        source: "pre-receive hook declined".into(),
    });
    messages.fails(Error::RefusedByRemote {
        remote: "ssh://git@example.com/shop.git".into(),
        name: "refs/heads/main".into(),
        reason: "[remote rejected] (pre-receive hook declined); remote: no work on Sundays".into(),
    });
    messages.fails(Error::InvalidRemote {
        url: "ext::sh".into(),
        reason: "`ext::` would let it choose a program to run".into(),
    });
    messages.fails(Error::NotItsMirror {
        folder: "/srv/mirror".into(),
        remote: "ssh://git@example.com/shop.git".into(),
        reason: "it is the mirror of git://example.com/shop.git; name another folder".into(),
    });
    messages.fails(Error::Locked {
        lock_file: path(),
        age: Duration::from_secs(7),
    });
    messages.fails(Error::RefNameClash {
        name: "refs/heads/a/b".into(),
        existing: "refs/heads/a".into(),
    });
    messages.fails(Error::SymbolicRef {
        name: "refs/heads/alias".into(),
        target: "refs/heads/main".into(),
    });
    let branch = || "refs/heads/main".to_owned();
    let work_tree = || PathBuf::from("/home/ada/shop");
    let file = |number: u32, state| UncleanFile {
        path: format!("{number}.ocl"),
        state,
        is_outside_sparse_checkout: false,
    };
    let outside = |number: u32, state| UncleanFile {
        is_outside_sparse_checkout: true,
        ..file(number, state)
    };
    for files in [
        vec![file(1, "modified"), file(2, "staged")],
        vec![file(1, "ignored")],
        vec![file(1, "modified"), outside(2, "marked skip-worktree")],
        (1..8).map(|number| file(number, "deleted")).collect(),
    ] {
        messages.fails(Error::NotClean {
            branch: branch(),
            work_tree: work_tree(),
            files,
        });
    }
    messages.fails(Error::InProgress {
        branch: branch(),
        work_tree: work_tree(),
        operation: "a merge",
    });
    messages.fails(Error::SeveralWorkTrees {
        branch: branch(),
        work_trees: vec![work_tree(), "/home/ada/other".into()],
    });
    messages.fails(Error::NotClean {
        branch: branch(),
        work_tree: work_tree(),
        files: vec![
            file(1, "marked assume-unchanged"),
            file(2, "marked skip-worktree"),
        ],
    });
    // A folder that is there, and one that is gone.
    for (work_tree, files) in [
        (PathBuf::from("/"), vec![]),
        (
            PathBuf::from("/"),
            vec![file(1, "deleted"), file(2, "deleted")],
        ),
        (PathBuf::from("/"), vec![file(1, "modified")]),
        (work_tree(), vec![]),
    ] {
        messages.fails(Error::NotFollowed {
            branch: branch(),
            work_tree,
            reason: "`git` can't be run: No such file or directory".into(),
            is_locked: false,
            files,
        });
    }
    messages.fails(Error::NotMerged {
        reason: "`git` can't be run: No such file or directory".into(),
    });
    messages.fails(Error::LeftStaged {
        work_tree: work_tree(),
        reason: "No space left on device".into(),
        source: Box::new(Error::Io {
            action: "rename",
            path: path(),
            source: refused(),
        }),
    });
    messages.of_another("upgrade main -m Migrate", |messages| {
        messages.fails(Error::NotSigned {
            program: "gpg".into(),
            reason: "gpg: signing failed: No secret key".into(),
        });
    });
    messages.fails(Error::InvalidRefName {
        name: "a..b".into(),
        reason: "it has two dots in a row".into(),
    });
    messages.fails(Error::TreeClash {
        path: "a/b".into(),
        reason: "`a` is a file".into(),
    });
    messages.fails(Error::NoIdentity {
        role: "author",
        what: "email",
    });
    messages.fails(Error::InvalidValue {
        what: "date".into(),
        value: "yesterday".into(),
        reason: "no such form".into(),
    });
    messages.covers("src/git/error.rs", "Error");
    messages.show("repository");
}
