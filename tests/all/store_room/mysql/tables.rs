//! The tables: what differs is found, and a change that was broken off goes on.

use std::collections::BTreeSet;

use ocl_migrate::store::{Error, Inspect, Store};

use crate::store_room::servers::{refusals, tables as shared};
use crate::store_room::{project, quick};
use crate::support::mariadb::mariadb;
use crate::support::postgres::postgres;
use crate::support::servers::{DatabaseServer, database_name};

/// Each difference is found, and named by its table and its own name.
#[test]
fn validate_finds_every_difference() {
    let Some(server) = mariadb() else { return };
    let changes = [
        (
            "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid",
            "constraint oclm_documents_shape_valid of oclm_documents is missing: CHECK (shape between 1",
        ),
        (
            "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid;
             ALTER TABLE oclm_documents ADD CONSTRAINT oclm_documents_shape_valid CHECK (shape > 0)",
            "constraint oclm_documents_shape_valid of oclm_documents is CHECK (shape > 0), and should be CHECK (shape between 1",
        ),
        (
            "ALTER TABLE oclm_documents MODIFY content LONGBLOB",
            "column content of oclm_documents is longblob DEFAULT NULL, and should be longblob NOT NULL",
        ),
        (
            "ALTER TABLE oclm_projects ALTER version SET DEFAULT 1",
            "column version of oclm_projects is bigint(20) NOT NULL DEFAULT 1, and should be bigint(20) NOT NULL DEFAULT 0",
        ),
        (
            "ALTER TABLE oclm_tenants MODIFY name VARCHAR(4096) CHARACTER SET utf8mb4 NOT NULL",
            "column name of oclm_tenants is varchar(4096)",
        ),
        (
            "ALTER TABLE oclm_lookups DROP FOREIGN KEY oclm_lookups_tenant_exists, DROP KEY oclm_lookups_of_tenant",
            "constraint oclm_lookups_of_tenant of oclm_lookups is missing",
        ),
        (
            "ALTER TABLE oclm_projects DROP FOREIGN KEY oclm_projects_tenant_exists",
            "constraint oclm_projects_tenant_exists of oclm_projects is missing: FOREIGN KEY (tenant_id)",
        ),
        (
            "DROP INDEX oclm_documents_of_kind ON oclm_documents",
            "index oclm_documents_of_kind of oclm_documents is missing",
        ),
        ("DROP TABLE oclm_catalogs", "table oclm_catalogs is missing"),
        (
            "ALTER TABLE oclm_tenants ADD COLUMN mine TEXT",
            "column mine of oclm_tenants is there, and shouldn't be: blob",
        ),
        (
            "CREATE TABLE oclm_mine (a INT)",
            "table oclm_mine is there, and shouldn't be",
        ),
        (
            "ALTER TABLE oclm_catalogs ENGINE = MyISAM",
            "kind of oclm_catalogs is ENGINE=MyISAM",
        ),
        (
            "CREATE TRIGGER mine BEFORE INSERT ON oclm_documents FOR EACH ROW SET NEW.shape = 1",
            "trigger mine of oclm_documents is there, and shouldn't be",
        ),
    ];
    shared::validate_finds_every_difference(server, &changes, |_| {});
}

/// Each statement that makes a table is a transaction of its own here, so a crash leaves some of them.
#[test]
fn tables_that_were_made_in_part_are_refused_until_the_rest_is_made() {
    let Some(server) = mariadb() else { return };
    for (broken_off, is_migrated) in [
        ("DELETE FROM oclm_history", true),
        ("DELETE FROM oclm_history; DROP TABLE oclm_catalogs, oclm_intents", true),
        (
            "DELETE FROM oclm_history; DROP TABLE oclm_effects, oclm_catalogs, oclm_intents, oclm_lookups, oclm_snapshots, oclm_documents,
             oclm_projects, oclm_tenants",
            false,
        ),
    ] {
        let address = server.database();
        let store = server.store(&address, quick());
        store.init(&project()).unwrap();
        server.sql(&address, broken_off);
        for refused in [
            store.read(&project()).map(drop),
            store.write(&project()).map(drop),
            store.status().map(drop),
        ] {
            let error = refused.unwrap_err();
            assert!(
                matches!(error, Error::Outdated { found: 0, known: 2, .. }),
                "{error:?}"
            );
        }
        let planned = store.migrate(None, true).unwrap();
        assert_eq!((planned.found, planned.version), (None, 2));
        if is_migrated {
            assert_eq!(store.migrate(None, false).unwrap(), planned);
        } else {
            // As does whoever comes first.
            assert!(store.init(&project()).unwrap());
        }
        assert_eq!(store.validate().unwrap(), Vec::<String>::new());
        assert_eq!(store.server().unwrap().unwrap().history.len(), 1);
    }
    // A table that is gone later is damage.
    let address = server.database();
    let store = server.store(&address, quick());
    store.init(&project()).unwrap();
    server.sql(&address, "DROP TABLE oclm_intents");
    let error = store
        .write(&project())
        .unwrap()
        .intents()
        .map(drop)
        .unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("oclm_intents"), "{error}");
}

/// These databases call every primary key PRIMARY, and give NOT NULL no name; all else is called as in PostgreSQL.
#[test]
fn constraints_and_indexes_have_the_same_names_in_every_database() {
    let (Some(mariadb), Some(postgres)) = (mariadb(), postgres()) else {
        return;
    };
    let theirs = DatabaseServer::place(postgres);
    let ours = mariadb.database();
    mariadb.store(&ours, quick()).init(&project()).unwrap();
    let found = mariadb.sql(
        &ours,
        "SELECT constraint_name FROM information_schema.table_constraints
           WHERE table_schema = DATABASE() AND constraint_name <> 'PRIMARY'
         UNION SELECT index_name FROM information_schema.statistics
           WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY'",
    );
    let found: BTreeSet<String> = found.lines().map(str::to_owned).collect();
    let expected = postgres_names(postgres, &theirs);
    assert_eq!(found, expected);
}

fn postgres_names(server: &dyn DatabaseServer, address: &str) -> BTreeSet<String> {
    let store = server.store(address, quick());
    store.init(&project()).unwrap();
    let names = server.sql(
        address,
        "SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'p'
           AND contype <> 'n' AND conname NOT LIKE '%\\_given'
         UNION SELECT indexname::text FROM pg_indexes WHERE schemaname = current_schema()
           AND indexname NOT LIKE '%\\_key'",
    );
    names.lines().map(str::to_owned).collect()
}

#[test]
fn a_user_who_may_not_make_tables_is_told_so_and_one_who_may_only_read_reads() {
    let Some(server) = mariadb() else { return };
    if server.cluster().is_none() {
        return;
    }
    let address = server.database();
    let name = database_name(&address);
    let grant = format!("GRANT SELECT ON {name}.* TO reader@localhost");
    // Without any right in it, a user isn't even told of the database.
    server.run(&format!("CREATE USER reader@localhost; {grant}"));
    refusals::a_user_who_may_not_make_tables_is_told_so_and_one_who_may_only_read_reads(
        server,
        &address,
        &address.replacen("root@", "reader@", 1),
        &grant,
    );
}
