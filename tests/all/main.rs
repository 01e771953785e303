//! What a user sees, room by room. One program: tests of all rooms run beside each other, and one is quick to link.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod architecture;
mod browser;
mod catalog;
mod cli;
mod compare;
mod contract;
mod docs;
mod export;
mod goals;
mod history;
mod merge;
mod ocl;
mod project;
mod query;
mod references;
#[cfg(unix)]
mod remote;
#[cfg(unix)]
mod serve;
mod store_room;
mod support;
mod template;
mod values;
mod verify;
mod way_back;
