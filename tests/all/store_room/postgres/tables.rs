//! The tables: made once, never changed by opening, and compared with what they should be.

use ocl_migrate::store::{Error, Inspect, Store};

use crate::store_room::servers::{refusals, tables as shared};
use crate::store_room::{buzzes, project, quick};
use crate::support::postgres::{database_name, postgres, server_store, sql};

#[test]
fn a_migration_that_fails_half_way_changes_nothing() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let store = server_store(&address, quick());
    store.init(&project()).unwrap();
    // The history takes no second version: the last statement of the migration fails.
    sql(
        &address,
        "ALTER TABLE oclm_history ADD CONSTRAINT no CHECK (version < 3)",
    );
    let new = server_store(&address, quick()).of_next_release();
    let error = new.migrate(None, false).unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error:?}");
    assert_eq!(
        store.validate().unwrap().len(),
        1,
        "the constraint, and no column"
    );
    assert_eq!(store.status().unwrap().schema, 2);
}

#[test]
fn the_first_release_s_tables_become_the_newest_and_keep_what_they_hold() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let first = server_store(&address, quick()).of_first_release();
    first.init(&project()).unwrap();
    first.put_documents(&project(), &buzzes()).unwrap();
    let newest = server_store(&address, quick());
    let refused = newest.read(&project()).map(drop).unwrap_err();
    assert!(
        matches!(refused, Error::Outdated { found: 1, .. }),
        "{refused:?}"
    );
    assert_eq!(newest.migrate(None, false).unwrap().found, Some(1));
    assert_eq!(newest.validate().unwrap(), Vec::<String>::new());
    let mut read = newest.read(&project()).unwrap();
    assert_eq!(read.all_documents().unwrap(), buzzes());
    assert_eq!(read.effects().unwrap(), []);
    let old = first.read(&project()).unwrap().all_documents().unwrap();
    assert_eq!(old, buzzes(), "the tables say that it may read");
    assert!(matches!(
        first.write(&project()).map(drop),
        Err(Error::Newer { .. })
    ));
}

/// Each difference is found, and named by its table and its own name.
#[test]
fn validate_finds_every_difference() {
    let Some(server) = postgres() else { return };
    let changes = [
        (
            "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid",
            "constraint oclm_documents_shape_valid of oclm_documents is missing: CHECK (shape >= 1",
        ),
        (
            "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid;
             ALTER TABLE oclm_documents ADD CONSTRAINT oclm_documents_shape_valid CHECK (shape > 0)",
            "constraint oclm_documents_shape_valid of oclm_documents is CHECK (shape > 0), and should be CHECK (shape >= 1",
        ),
        (
            "ALTER TABLE oclm_snapshots RENAME CONSTRAINT oclm_snapshots_key TO mine",
            "constraint mine of oclm_snapshots is there, and shouldn't be",
        ),
        (
            "ALTER TABLE oclm_documents ALTER content DROP NOT NULL",
            "column oclm_documents.content is bytea, and should be bytea not null",
        ),
        (
            "ALTER TABLE oclm_projects ALTER version SET DEFAULT 1",
            "column oclm_projects.version is bigint not null default 1, and should be bigint not null default 0",
        ),
        (
            "ALTER TABLE oclm_projects ALTER id DROP IDENTITY",
            "column oclm_projects.id is bigint not null, and should be bigint not null identity d",
        ),
        (
            "ALTER TABLE oclm_lookups DROP CONSTRAINT oclm_lookups_of_tenant",
            "constraint oclm_lookups_of_tenant of oclm_lookups is missing: UNIQUE (tenant_id, entry_key)",
        ),
        (
            "ALTER TABLE oclm_projects DROP CONSTRAINT oclm_projects_tenant_exists;
             ALTER TABLE oclm_projects ADD CONSTRAINT oclm_projects_tenant_exists
               FOREIGN KEY (tenant_id) REFERENCES oclm_tenants (id) NOT VALID",
            "constraint oclm_projects_tenant_exists of oclm_projects is ",
        ),
        (
            "DROP INDEX oclm_intents_of_project",
            "index oclm_intents_of_project of oclm_intents is missing: CREATE INDEX",
        ),
        (
            "DROP TABLE oclm_catalogs",
            "table oclm_catalogs is missing: a table",
        ),
        (
            "ALTER TABLE oclm_tenants ADD COLUMN mine TEXT",
            "column oclm_tenants.mine is there, and shouldn't be: text",
        ),
        (
            "ALTER TABLE oclm_documents SET UNLOGGED",
            "table oclm_documents: a crash of the server would empty it (UNLOGGED)",
        ),
        (
            "ALTER TABLE oclm_documents ENABLE ROW LEVEL SECURITY",
            "table oclm_documents is a table with row security, and should be a table",
        ),
        (
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER mine BEFORE INSERT ON oclm_documents FOR EACH ROW EXECUTE FUNCTION nothing()",
            "trigger mine of oclm_documents is there, and shouldn't be",
        ),
    ];
    shared::validate_finds_every_difference(server, &changes, |address| {
        let temporary =
            "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'oclm%'";
        assert_eq!(sql(address, temporary), "0");
    });
}

#[test]
fn every_constraint_and_index_has_a_name_of_ours() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    server_store(&address, quick()).init(&project()).unwrap();
    let names = sql(
        &address,
        "SELECT relname || ' ' || conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
         WHERE relname LIKE 'oclm%' AND conname NOT LIKE relname || '\\_%'
         UNION ALL SELECT tables.relname || ' ' || indexes.relname FROM pg_index
         JOIN pg_class AS tables ON tables.oid = indrelid JOIN pg_class AS indexes ON indexes.oid = indexrelid
         WHERE tables.relname LIKE 'oclm%' AND indexes.relname NOT LIKE tables.relname || '\\_%'",
    );
    assert_eq!(
        names, "",
        "these names were chosen by the server, or say nothing"
    );
    let made_up = sql(
        &address,
        "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
         WHERE relname LIKE 'oclm%' AND (conname LIKE '%\\_check' OR conname LIKE '%\\_fkey' OR conname LIKE '%\\_pkey')",
    );
    assert_eq!(made_up, "");
}

#[test]
fn half_a_schema_is_damage_and_named() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let store = server_store(&address, quick());
    store.init(&project()).unwrap();
    sql(&address, "DROP TABLE oclm_lookups, oclm_intents");
    let error = store
        .write(&project())
        .unwrap()
        .intents()
        .map(drop)
        .unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("oclm_intents"), "{error}");
    let differences = store.validate().unwrap();
    assert!(
        differences
            .iter()
            .any(|it| it.contains("table oclm_lookups is missing")),
        "{differences:?}"
    );
    sql(&address, "DELETE FROM oclm_history");
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(error.to_string().contains("names no version"), "{error}");
    sql(&address, "DROP TABLE oclm_tenants CASCADE");
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(error.to_string().contains("oclm_tenants"), "{error}");
}

#[test]
fn a_user_who_may_not_make_tables_is_told_so_and_one_who_may_only_read_reads() {
    let Some(server) = postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let address = server.database();
    let name = database_name(&address);
    let role = format!("reader_{name}");
    // Before PostgreSQL 15, everybody may make tables in a new database.
    let set_up = format!("CREATE ROLE {role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    sql(&address, &set_up);
    let socket = cluster.folder().display().to_string().replace('/', "%2F");
    let theirs = format!("postgres://{role}@{socket}:{}/{name}", cluster.port());
    let grant = format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    refusals::a_user_who_may_not_make_tables_is_told_so_and_one_who_may_only_read_reads(
        server, &address, &theirs, &grant,
    );
    let error = server_store(&theirs, quick())
        .write(&project())
        .map(drop)
        .unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error:?}");
}
