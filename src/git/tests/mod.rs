//! The Git room against real Git: repositories are made by short scripts, and every answer is compared with Git's.

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
#[allow(unreachable_pub)]
#[path = "../../../tests/all/support/corpus.rs"]
mod support;
mod threads;
mod trees;
mod writing;
