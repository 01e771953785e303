//! The versions of the tables in MariaDB and MySQL.

use crate::store::server::version::{Schema, versions};

versions! {
    next: "ALTER TABLE oclm_projects ADD COLUMN note VARBINARY(16)",
    upgrade: "ALTER TABLE oclm_projects ADD COLUMN note VARBINARY(16)",
}
