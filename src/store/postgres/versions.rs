//! The versions of the tables in PostgreSQL.

use crate::store::server::version::Schema;

const V1: Schema = Schema {
    version: 1,
    readable_by: 1,
    whole: include_str!("schema_v1.sql"),
    upgrade: &[],
};

const V2: Schema = Schema {
    version: 2,
    readable_by: 1,
    whole: concat!(include_str!("schema_v1.sql"), include_str!("schema_v2.sql")),
    upgrade: &[include_str!("schema_v2.sql")],
};

/// Every released version, oldest first.
pub(super) const SCHEMAS: &[Schema] = &[V1, V2];

/// What the next release may bring: a column more, which readers of today need not know.
#[cfg(feature = "fault-injection")]
pub(super) const NEXT: &[Schema] = &[
    V1,
    V2,
    Schema {
        version: 3,
        readable_by: 1,
        whole: concat!(
            include_str!("schema_v1.sql"),
            include_str!("schema_v2.sql"),
            "ALTER TABLE oclm_projects ADD COLUMN note BYTEA"
        ),
        upgrade: &["ALTER TABLE oclm_projects ADD COLUMN IF NOT EXISTS note BYTEA"],
    },
];
