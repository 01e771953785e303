//! The versions of the tables in MariaDB and MySQL.

use crate::store::server::version::Schema;

/// Every released version, oldest first.
pub(super) const SCHEMAS: &[Schema] = &[Schema {
    version: 1,
    readable_by: 1,
    whole: include_str!("schema_v1.sql"),
    upgrade: &[],
}];

/// What the next release may bring: a column more, which readers of today need not know.
#[cfg(feature = "fault-injection")]
pub(super) const NEXT: &[Schema] = &[
    Schema {
        version: 1,
        readable_by: 1,
        whole: include_str!("schema_v1.sql"),
        upgrade: &[],
    },
    Schema {
        version: 2,
        readable_by: 1,
        whole: concat!(
            include_str!("schema_v1.sql"),
            "ALTER TABLE oclm_projects ADD COLUMN note VARBINARY(16)"
        ),
        upgrade: &["ALTER TABLE oclm_projects ADD COLUMN note VARBINARY(16)"],
    },
];
