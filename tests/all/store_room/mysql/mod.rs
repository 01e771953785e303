//! The store in MariaDB, on a real server.

mod faults;
mod galera;
mod strict;
mod tables;

use crate::support::mariadb::mariadb;

super::servers::laws_and_tables_on!(mariadb());
super::servers::faults_on!(mariadb());
