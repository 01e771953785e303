//! A MariaDB with the rules that MySQL has by default, and stricter ones where MariaDB has them: what its owner may set.

use std::sync::OnceLock;

use ocl_migrate::store::Store;

use crate::store_room::{fizz, project, quick};
use crate::support::mariadb::{MariaDb, own_mariadb};
use crate::support::servers::DatabaseServer;

const SETTINGS: [&str; 10] = [
    // Words in double quotes are names, `||` puts texts together, a backslash is a character, and a wrong value is an error.
    "--sql-mode=ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY,PAD_CHAR_TO_FULL_LENGTH",
    "--innodb-force-primary-key=ON",
    "--innodb-strict-mode=ON",
    "--innodb-default-row-format=compact",
    // The nearest to MySQL's own, in which letters of either case and with any accents are equal.
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_520_ci",
    "--lower-case-table-names=1",
    "--explicit-defaults-for-timestamp=ON",
    "--transaction-isolation=SERIALIZABLE",
    "--default-time-zone=+05:45",
];

/// One server for all of these tests.
fn strict() -> Option<&'static MariaDb> {
    static SERVER: OnceLock<Option<MariaDb>> = OnceLock::new();
    SERVER.get_or_init(|| own_mariadb(&SETTINGS)).as_ref()
}

crate::store_room::servers::laws_and_tables_on!(strict());

#[test]
fn it_is_as_strict_as_it_is_meant_to_be() {
    let Some(server) = strict() else { return };
    let address = server.database();
    let store = server.store(&address, quick());
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let set = "SELECT @@global.sql_mode LIKE '%ANSI_QUOTES%' AND @@global.sql_mode LIKE '%STRICT_ALL_TABLES%'
                 AND @@global.innodb_force_primary_key AND @@global.collation_server LIKE '%unicode_520_ci'";
    assert_eq!(server.sql(&address, set), "1");
}
