//! Documentation: what a page shows is what happens.

mod embed;
mod example_fleet;
mod example_workflow;
mod guide;
mod options;
mod pages;
mod picture;
mod questions;
mod readme;
#[cfg(unix)]
mod release;
#[cfg(unix)]
mod server_database;
#[cfg(unix)]
mod service;
mod service_clients;
mod service_example;
#[cfg(unix)]
mod two_nodes;
mod write_a_step;
