//! What the store's errors say.

use std::path::PathBuf;
use std::time::Duration;

use crate::store::{Error, ProjectKey, RowsChanged};

use super::{Messages, refused};

#[test]
fn of_the_store() {
    let mut messages = Messages::new("store put runbook/backup backup.ocl");
    let path = || PathBuf::from("/srv/state.db");
    messages.fails(Error::Absent { path: path() });
    messages.fails(Error::UnknownProject {
        project: ProjectKey::new(".octopus"),
    });
    messages.fails(Error::RowsChanged(RowsChanged {
        kind: "runbook".into(),
        edited: vec!["backup".into()],
        added: vec!["new".into()],
        removed: Vec::new(),
    }));
    messages.fails(Error::AlreadyRecorded {
        kind: "runbook".into(),
        import_version: 9,
    });
    messages.fails(Error::NotInSnapshot {
        kind: "runbook".into(),
        slug: "backup".into(),
    });
    messages.fails(Error::Invalid {
        what: "the slug".into(),
        why: "it has 300 bytes; at most 200".into(),
    });
    messages.fails(Error::Aborted);
    messages.fails(Error::Locked {
        store: "/srv/state.db".into(),
        waited: Duration::from_secs(5),
    });
    messages.fails(Error::ReadOnly {
        path: path(),
        why: "a commit needs to write",
    });
    messages.fails(Error::Full { path: path() });
    messages.fails(Error::Newer {
        path: path(),
        found: 3,
        known: 1,
    });
    messages.fails(Error::NotAStore {
        path: path(),
        why: "it is no SQLite database".into(),
    });
    messages.fails(Error::Corrupt {
        path: path(),
        why: "a page is missing".into(),
    });
    messages.fails(Error::NoPermission {
        path: path(),
        is_needed: true,
        source: refused(),
    });
    messages.fails(Error::Exists { path: path() });
    messages.fails(Error::OwnBackup { path: path() });
    messages.fails(Error::File {
        doing: "open",
        path: path(),
        source: refused(),
    });
    messages.fails(Error::Database {
        doing: "read the rows",
        source: "disk I/O error".into(),
    });
    messages.covers("src/store/error.rs", "Error");
    messages.show("store");
}
