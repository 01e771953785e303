//! Plans: the rules as a table, and their laws.

mod down_laws;
mod laws;
mod never_read;
mod table;
