//! What the store's errors say.

use std::path::PathBuf;
use std::time::Duration;

use crate::store::{Error, Location, ProjectKey, RowsChanged};

use super::{Messages, refused};

#[test]
fn of_the_store() {
    let mut messages = Messages::new("store put runbook/backup backup.ocl");
    let path = || PathBuf::from("/srv/state.db");
    messages.fails(Error::Absent {
        store: path().into(),
    });
    messages.fails(Error::ProjectExists {
        project: ProjectKey::of_tenant("north", "shop"),
    });
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
        store: path().into(),
        why: "a commit needs to write",
    });
    messages.fails(Error::Full {
        store: path().into(),
    });
    messages.fails(Error::Newer {
        store: path().into(),
        found: 3,
        known: 1,
    });
    messages.fails(Error::NotAStore {
        store: path().into(),
        why: "it is no SQLite database".into(),
    });
    messages.fails(Error::Corrupt {
        store: path().into(),
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
    let server = || Location::Server("postgres://ocl@db/ocl".into());
    messages.fails(Error::NotAStore {
        store: server(),
        why: "something else has the tables oclm_projects there, and there is no oclm_history beside them".into(),
    });
    messages.fails(Error::Corrupt {
        store: server(),
        why: "of its tables, oclm_lookups is missing".into(),
    });
    messages.fails(Error::ReadOnly {
        store: server(),
        why: "the server takes no changes",
    });
    messages.fails(Error::Address {
        why: "it names no database: write postgres://USER@HOST:PORT/DATABASE".into(),
    });
    messages.fails(Error::Unreachable {
        store: server(),
        why: "error connecting to server: Connection refused (os error 111)".into(),
    });
    messages.fails(Error::Denied {
        store: server(),
        why: "password authentication failed for user \"ocl\"".into(),
    });
    let mysql = || Location::Server("mysql://ocl@db:3307/ocl".into());
    messages.fails(Error::Unreachable {
        store: mysql(),
        why: "Could not connect to address `db:3307': Connection refused (os error 111)".into(),
    });
    messages.fails(Error::Unreachable {
        store: mysql(),
        why: "Unknown database 'ocl'".into(),
    });
    messages.fails(Error::Unreachable {
        store: server(),
        why: "database \"ocl\" does not exist".into(),
    });
    messages.fails(Error::Denied {
        store: mysql(),
        why: "Access denied for user 'ocl'@'localhost' (using password: NO)".into(),
    });
    messages.fails(Error::NotAStore {
        store: mysql(),
        why: "something else has the tables oclm_projects there, and there is no oclm_history beside them".into(),
    });
    messages.fails(Error::Denied {
        store: server(),
        why: "permission denied for schema public".into(),
    });
    messages.fails(Error::Unsupported {
        store: server(),
        why: "it is PostgreSQL 12.22, and 13 or newer is needed".into(),
    });
    messages.fails(Error::Outdated {
        store: server(),
        found: 1,
        known: 2,
    });
    messages.fails(Error::NoSuchVersion {
        store: server(),
        wanted: 1,
        why: "they are those of version 2, and there is no way down".into(),
    });
    messages.fails(Error::OutcomeUnknown {
        store: server(),
        why: "connection closed".into(),
    });
    messages.fails(Error::CopyDiffers {
        store: server(),
        what: "project shop: it is in use there, at version 9, and 7 in the source".into(),
    });
    messages.fails(Error::Database {
        doing: "read the rows",
        source: "disk I/O error".into(),
    });
    messages.covers("src/store/error.rs", "Error");
    messages.show("store");
}
