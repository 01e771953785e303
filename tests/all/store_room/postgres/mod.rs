//! The store in PostgreSQL, on a real server.

mod faults;
mod laws;
mod many_nodes;
mod tables;
