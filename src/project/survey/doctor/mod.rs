//! What is wrong with a repository, its store and its catalog. Reads only; [`diagnose`](diagnose::diagnose) is the entry.

pub(crate) mod diagnose;
mod documents;
pub(crate) mod finding;
mod in_store;
mod message;
mod refs;
pub(crate) mod report;
mod text;
