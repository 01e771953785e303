//! What the store's errors say.

use std::path::PathBuf;
use std::time::Duration;

use ocl_migrate::store::{Error, ProjectKey, RowsChanged};

use super::{Reel, refused};

#[test]
fn of_the_store() {
    let mut reel = Reel::new("store put runbook/backup backup.ocl");
    let path = || PathBuf::from("/srv/state.db");
    reel.fails(Error::Absent { path: path() });
    reel.fails(Error::UnknownProject {
        project: ProjectKey::new(".octopus"),
    });
    reel.fails(Error::RowsChanged(RowsChanged {
        kind: "runbook".into(),
        edited: vec!["backup".into()],
        added: vec!["new".into()],
        removed: Vec::new(),
    }));
    reel.fails(Error::AlreadyRecorded {
        kind: "runbook".into(),
        import_version: 9,
    });
    reel.fails(Error::NotInSnapshot {
        kind: "runbook".into(),
        slug: "backup".into(),
    });
    reel.fails(Error::Invalid {
        what: "the slug".into(),
        why: "it has 300 bytes; at most 200".into(),
    });
    reel.fails(Error::Aborted);
    reel.fails(Error::Locked {
        store: "/srv/state.db".into(),
        waited: Duration::from_secs(5),
    });
    reel.fails(Error::ReadOnly {
        path: path(),
        why: "a commit needs to write",
    });
    reel.fails(Error::Full { path: path() });
    reel.fails(Error::Newer {
        path: path(),
        found: 3,
        known: 1,
    });
    reel.fails(Error::NotAStore {
        path: path(),
        why: "it is no SQLite database".into(),
    });
    reel.fails(Error::Corrupt {
        path: path(),
        why: "a page is missing".into(),
    });
    reel.fails(Error::Exists { path: path() });
    reel.fails(Error::File {
        doing: "open",
        path: path(),
        source: refused(),
    });
    reel.fails(Error::Database {
        doing: "read the rows",
        source: "disk I/O error".into(),
    });
    reel.covers("src/store/error.rs", "Error");
    reel.show("store");
}
