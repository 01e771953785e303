//! Plans: the rules as a table, and their laws.

mod baseline_laws;
mod case;
mod down_laws;
mod laws;
mod lives;
mod never_read;
mod random;
mod table;
