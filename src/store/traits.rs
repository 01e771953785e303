//! What a store can do: the traits that a server may put its own tables behind.

use std::any::Any;

use super::error::Error;
use super::location::Location;
use super::model::{
    Intent, IntentId, LookupEntry, Migration, ProjectKey, ProjectVersion, RecordedEffect,
    RecordedImport, Row, Scope, ServerTables, Status, StoredCatalog,
};

/// A server's database. See the laws in the [module's documentation](super).
///
/// Every method that writes checks what it is given, and fails with [`Error::Invalid`] on names, kinds and slugs
/// that are too long or hold control characters, on contents that are too large, and on shapes and versions of 0.
pub trait Store: Send + Sync {
    /// Opens one consistent read transaction. Writes nothing and creates nothing.
    ///
    /// A project that the store doesn't know is no error here: its [`ReadTransaction::version`] is none.
    ///
    /// # Errors
    /// [`Error::Absent`] where there is no store at all, which callers treat as having none.
    fn read(&self, project: &ProjectKey) -> Result<Box<dyn ReadTransaction>, Error>;

    /// Opens a transaction that holds the project's row: other writers of the project wait.
    ///
    /// # Errors
    /// [`Error::UnknownProject`]; [`Error::Locked`] if others hold it for too long; [`Error::Absent`].
    fn write(&self, project: &ProjectKey) -> Result<Box<dyn WriteTransaction + '_>, Error>;

    /// Makes a project known, at version 0 and with no rows, which says that there is nothing to import but what
    /// is put there. Creates the store if need be. Returns whether the project is new.
    fn init(&self, project: &ProjectKey) -> Result<bool, Error>;

    /// Every known project, by tenant and name.
    fn projects(&self) -> Result<Vec<ProjectVersion>, Error>;

    /// Adds or replaces rows of `documents`, all or none: the server's own data changes. A store knows no steps:
    /// [`never_read`](crate::plan::never_read) tells whether any import reads such a row.
    ///
    /// # Errors
    /// [`Error::UnknownProject`]; [`Error::Invalid`] also where two rows have one kind and slug.
    fn put_documents(&self, project: &ProjectKey, rows: &[Row]) -> Result<(), Error>;

    /// Deletes a row of `documents`: a person's wish, never the engine's. Returns whether there was one.
    fn remove_document(&self, project: &ProjectKey, kind: &str, slug: &str) -> Result<bool, Error>;

    /// Adds or replaces entries of lookups, all or none. A project must be known; a tenant need not be.
    ///
    /// # Errors
    /// [`Error::UnknownProject`]; [`Error::Invalid`] also where two entries have one table and key.
    fn put_lookups(&self, scope: &Scope, entries: &[LookupEntry]) -> Result<(), Error>;

    /// The same for one entry.
    fn put_lookup(
        &self,
        scope: &Scope,
        table: &str,
        key: &str,
        value: &serde_json::Value,
    ) -> Result<(), Error> {
        let entry = LookupEntry {
            table: table.to_owned(),
            key: key.to_owned(),
            value: value.clone(),
        };
        self.put_lookups(scope, &[entry])
    }

    /// Removes a lookup's entry. Returns whether there was one.
    fn remove_lookup(&self, scope: &Scope, table: &str, key: &str) -> Result<bool, Error>;

    /// The lookup entries that a project has itself, by table and key; none for a store that doesn't list them. Writes nothing.
    fn lookup_entries(&self, _project: &ProjectKey) -> Result<Vec<LookupEntry>, Error> {
        Ok(Vec::new())
    }

    /// Leaves a server's steps for servers that know less. Returns whether they are new: what is there under the digest
    /// stays as it is. Creates no store.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the digest isn't 64 digits of lower-case hex; [`Error::Absent`].
    fn put_catalog(&self, catalog: &StoredCatalog) -> Result<bool, Error>;

    /// The steps that servers of at least this version left, by version and digest.
    ///
    /// # Errors
    /// [`Error::Absent`] where there is no store.
    fn catalogs(&self, least_version: u32) -> Result<Vec<StoredCatalog>, Error>;

    /// Looks for damage in all that is stored, and for tables that aren't there. Writes nothing. A store that leaves this to its
    /// database finds nothing.
    ///
    /// # Errors
    /// [`Error::Corrupt`]; [`Error::Absent`] where there is no store.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A store that a person can look into, and that can be copied.
pub trait Inspect: Store {
    /// Where it is.
    fn location(&self) -> Location;

    /// What it holds, at one moment. Writes nothing.
    fn status(&self) -> Result<Status, Error>;

    /// The names of all tenants, those with no project but lookups included. Writes nothing.
    fn tenants(&self) -> Result<Vec<String>, Error>;

    /// The lookup entries that a project or a tenant has itself, by table and key. Writes nothing.
    fn lookups(&self, scope: &Scope) -> Result<Vec<LookupEntry>, Error>;

    /// Gives a project to another tenant, or another name, with all that belongs to it. What a tenant's lookups say stays theirs.
    ///
    /// # Errors
    /// [`Error::UnknownProject`]; [`Error::ProjectExists`] where the store knows one of the new name already; those of
    /// [`Store::write`], whose transactions this waits for.
    fn rename(&self, project: &ProjectKey, to: &ProjectKey) -> Result<(), Error>;

    /// The server that the store is in, and its tables' history; none where it is in a file. Writes nothing.
    fn server(&self) -> Result<Option<ServerTables>, Error>;

    /// Brings the tables to a version, to the newest one unless another is named, in one transaction. With `dry_run`, nothing is
    /// changed.
    ///
    /// A server's tables are made where there are none, and changed by nothing else than this; programs of the release before
    /// can't write from then on, nor read unless the new tables say so. Tables of a version before the newest are for programs of
    /// an older release, as long as those are in use. A file's are brought up to date by whoever writes next.
    ///
    /// # Errors
    /// [`Error::NoSuchVersion`] where this release doesn't know the version, or the tables are newer: there is no way down;
    /// [`Error::Newer`]; [`Error::NotAStore`] where something else has a table of the same name; [`Error::Denied`] where this
    /// user may not change tables; [`Error::Absent`] where there is no file.
    fn migrate(&self, to: Option<u32>, dry_run: bool) -> Result<Migration, Error>;

    /// What isn't as this release makes it; nothing where all is right. Of a server's tables each column, constraint and index
    /// is compared, with temporary tables that are gone afterwards, so the server must take writers. A file is looked through for
    /// damage, which is an error.
    ///
    /// # Errors
    /// [`Error::Absent`], [`Error::NotAStore`], [`Error::Corrupt`], [`Error::Newer`], [`Error::Outdated`].
    fn validate(&self) -> Result<Vec<String>, Error>;
}

/// A read transaction on one project: everything is as it was when the transaction was opened. It owns what it needs, so that
/// a session can keep it while work is under way.
pub trait ReadTransaction: Send {
    /// The highest version ever persisted for the project; none if the store doesn't know the project.
    fn version(&mut self) -> Result<Option<u32>, Error>;

    /// The rows of a kind in `documents`, by slug.
    fn documents(&mut self, kind: &str) -> Result<Vec<Row>, Error>;

    /// All rows in `documents`, by kind and slug.
    fn all_documents(&mut self) -> Result<Vec<Row>, Error>;

    /// The snapshot of an import, by slug: none if it was never recorded, empty if there was nothing to import.
    fn snapshots(&mut self, kind: &str, import_version: u32) -> Result<Option<Vec<Row>>, Error>;

    /// Every recorded import, by kind and version.
    fn recorded_imports(&mut self) -> Result<Vec<RecordedImport>, Error>;

    /// The value of a key: the project's own entry, else its tenant's, else none.
    fn lookup(&mut self, table: &str, key: &str) -> Result<Option<serde_json::Value>, Error>;

    /// The intents not settled yet, oldest first.
    fn intents(&mut self) -> Result<Vec<(IntentId, Intent)>, Error>;

    /// The effects of imports that were begun, by kind and version.
    fn effects(&mut self) -> Result<Vec<RecordedEffect>, Error> {
        Ok(Vec::new())
    }
}

/// A write transaction on one project. It sees its own changes; nobody else does before [`WriteTransaction::commit`].
///
/// Dropping it without a commit rolls it back. [`Error::RowsChanged`], [`Error::AlreadyRecorded`],
/// [`Error::NotInSnapshot`] and [`Error::Invalid`] are said before anything was touched, and the transaction can
/// go on; after any other error it can't be committed any more ([`Error::Aborted`]).
///
/// A store whose server has no imports with effects may leave out what is about them.
pub trait WriteTransaction: ReadTransaction {
    /// Writes an intent.
    fn put_intent(&mut self, intent: &Intent) -> Result<IntentId, Error>;

    /// Deletes an intent. Returns whether there was one.
    fn delete_intent(&mut self, id: IntentId) -> Result<bool, Error>;

    /// Moves the rows of a kind from `documents` to the import's snapshot; where there are none, records that
    /// there was nothing. `expected` are the rows, in any order; `time` is now, in Unix seconds.
    ///
    /// # Errors
    /// [`Error::RowsChanged`] if the kind's rows are not exactly the expected ones; [`Error::AlreadyRecorded`]
    /// if the import has a snapshot. Nothing has changed then.
    fn take(
        &mut self,
        kind: &str,
        import_version: u32,
        expected: &[Row],
        time: i64,
    ) -> Result<(), Error>;

    /// Records the snapshot of an import from the rows given, for settling an intent. Returns whether it was
    /// recorded: an existing snapshot is left as it is. `documents` stays as it is in either case.
    fn record_snapshot(
        &mut self,
        kind: &str,
        import_version: u32,
        rows: &[Row],
        time: i64,
    ) -> Result<bool, Error>;

    /// Removes a row from `documents` if it is exactly this one, for settling an intent. Returns whether it was:
    /// a row edited since stays, and is the caller's to report.
    ///
    /// # Errors
    /// [`Error::NotInSnapshot`] if no snapshot of the project holds the row; it stays then.
    fn remove_document_if(&mut self, row: &Row) -> Result<bool, Error>;

    /// Raises the project's version; a lower one changes nothing. Returns the version afterwards.
    fn raise_version(&mut self, version: u32) -> Result<u32, Error>;

    /// Notes that the effect of an import is about to run. Returns whether the same was noted before: it may have run then.
    /// Where another effect was noted and has no outcome, this one takes its place.
    ///
    /// # Errors
    /// [`Error::AlreadyRecorded`] if the import has an outcome.
    fn begin_effect(
        &mut self,
        kind: &str,
        import_version: u32,
        effect: &str,
        time: i64,
    ) -> Result<bool, Error> {
        let _ = (import_version, time);
        Err(Error::Invalid {
            what: format!("the effect {effect} of {kind}"),
            why: "this store records no effects".to_owned(),
        })
    }

    /// The driver's connection, in this transaction, for an effect: `rusqlite::Connection` or `postgres::Client`, or what a
    /// server's own store has. Whoever gets it must neither commit nor roll back, nor deallocate what is prepared. None where there
    /// is no such thing.
    ///
    /// # Errors
    /// Where the database refuses.
    fn connection(&mut self) -> Result<Option<&mut dyn Any>, Error> {
        Ok(None)
    }

    /// Records the outcome of an effect that was begun.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it wasn't begun, or the outcome is too large; [`Error::AlreadyRecorded`] if it has one; any other
    /// where whoever got the connection has ended the transaction.
    fn record_effect(
        &mut self,
        kind: &str,
        import_version: u32,
        outcome: &str,
        time: i64,
    ) -> Result<(), Error> {
        let _ = (import_version, outcome, time);
        Err(Error::Invalid {
            what: format!("the outcome of an effect of {kind}"),
            why: "this store records no effects".to_owned(),
        })
    }

    /// Makes all changes visible and durable.
    ///
    /// # Errors
    /// Whatever stopped it. Whether the changes are there may be unknown then, as after a power failure.
    fn commit(self: Box<Self>) -> Result<(), Error>;

    /// Gives all changes up, as dropping does.
    fn rollback(self: Box<Self>) {}
}
