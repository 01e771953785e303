//! What the repository's errors say.

use std::path::PathBuf;
use std::time::Duration;

use ocl_migrate::git::{Error, ObjectKind};

use super::{Reel, git_dir, id, refused};

#[test]
fn of_the_repository() {
    let mut reel = Reel::new("show main fizz");
    let path = || PathBuf::from("/srv/shop/.git/refs/heads/main");
    reel.fails(Error::RepositoryNotFound {
        dir: "/srv".into(),
        reason: "no .git there".into(),
    });
    reel.fails(Error::NotOwner {
        path: "/srv/shop".into(),
    });
    reel.fails(Error::Unsupported {
        git_dir: git_dir(),
        feature: "reftable".into(),
        remedy: "run: git refs migrate --ref-format=files".into(),
    });
    reel.fails(Error::RevisionNotFound {
        revision: "mian".into(),
        git_dir: git_dir(),
        reason: "no ref or object has this name".into(),
    });
    reel.fails(Error::InvalidRevision {
        revision: "a..b".into(),
        reason: "it is a range".into(),
    });
    reel.fails(Error::Ambiguous {
        prefix: "abc".into(),
        candidates: vec!["abc1 (commit)".into(), "abc2 (tag)".into()],
    });
    reel.fails(Error::WrongKind {
        id: id(1),
        expected: ObjectKind::Commit,
        found: ObjectKind::Tree,
        git_dir: git_dir(),
    });
    reel.fails(Error::ObjectNotFound {
        id: id(1),
        git_dir: git_dir(),
        remedy: "fetch it",
    });
    reel.fails(Error::LeftOutOfPartialClone {
        id: id(1),
        git_dir: git_dir(),
    });
    reel.fails(Error::BlobTooLarge {
        id: id(1),
        size: 99,
        limit: 64,
    });
    reel.fails(Error::TreeTooLarge {
        id: id(1),
        what: "levels",
        limit: 128,
        path: "a/b".into(),
    });
    reel.fails(Error::InvalidPath {
        path: "a/../b".into(),
        reason: "it has a part `..`",
    });
    reel.fails(Error::Corrupt {
        what: "object 01".into(),
        git_dir: git_dir(),
        reason: "its checksum differs".into(),
    });
    reel.fails(Error::Io {
        action: "write",
        path: path(),
        source: refused(),
    });
    reel.fails(Error::Storage {
        action: "list refs".into(),
        git_dir: git_dir(),
        reason: "out of handles".into(),
    });
    reel.fails(Error::MovedButNotFlushed {
        name: "refs/heads/main".into(),
        new: id(2),
        source: Box::new(Error::Io {
            action: "flush",
            path: path(),
            source: refused(),
        }),
    });
    reel.fails(Error::Remote {
        remote: "origin".into(),
        source: "pre-receive hook declined".into(),
    });
    reel.fails(Error::Locked {
        lock_file: path(),
        age: Duration::from_secs(7),
    });
    reel.fails(Error::RefNameClash {
        name: "refs/heads/a/b".into(),
        existing: "refs/heads/a".into(),
    });
    reel.fails(Error::SymbolicRef {
        name: "refs/heads/alias".into(),
        target: "refs/heads/main".into(),
    });
    reel.fails(Error::InvalidRefName {
        name: "a..b".into(),
        reason: "it has two dots in a row".into(),
    });
    reel.fails(Error::TreeClash {
        path: "a/b".into(),
        reason: "`a` is a file".into(),
    });
    reel.fails(Error::NoIdentity {
        role: "author",
        what: "email",
    });
    reel.fails(Error::InvalidValue {
        what: "date".into(),
        value: "yesterday".into(),
        reason: "no such form".into(),
    });
    reel.covers("src/git/error.rs", "Error");
    reel.show("repository");
}
