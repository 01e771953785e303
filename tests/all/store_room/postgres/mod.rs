//! The store in PostgreSQL, on a real server.

mod faults;
mod laws;
mod standby;
mod tables;

use crate::support::postgres::postgres;

super::servers::laws_and_tables_on!(postgres());
super::servers::faults_on!(postgres());
