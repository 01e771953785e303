//! The Git room against real Git: repositories are made by short scripts, and every answer is compared with Git's.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod ancestry;
mod corpus;
mod crashes;
mod formats;
mod identity;
mod moving;
mod refs;
mod repositories;
mod resolve;
mod script;
mod threads;
mod trees;
mod writing;
