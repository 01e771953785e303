//! The versions of the tables in CockroachDB.

use crate::store::server::version::{Schema, versions};

versions! {
    next: "ALTER TABLE oclm_projects ADD COLUMN IF NOT EXISTS note BYTEA",
    upgrade: "ALTER TABLE oclm_projects ADD COLUMN IF NOT EXISTS note BYTEA",
}
