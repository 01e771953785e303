//! The rows of each table.

mod changes;
mod commits;
mod documents;
mod leaves;
mod refs;
mod row;
mod walk;

use std::sync::Arc;

pub(super) use row::{Arguments, Field, Rows};

use super::condition::Conditions;
use super::error::QueryError;
use super::shared::Shared;
use super::table::{CHANGES, COMMITS, DOCUMENTS, LEAVES, TableInfo};

/// The rows of a table that fit some conditions, and perhaps others.
pub(super) fn open(
    table: &TableInfo,
    shared: &Arc<Shared>,
    conditions: Conditions,
    arguments: &Arguments,
) -> Result<Box<dyn Rows>, QueryError> {
    let shared = shared.clone();
    Ok(match table.name {
        name if name == LEAVES.name => {
            Box::new(leaves::LeafRows::open(shared, conditions, arguments)?)
        }
        name if name == DOCUMENTS.name => Box::new(documents::DocumentRows::open(
            shared, conditions, arguments,
        )?),
        name if name == COMMITS.name => Box::new(commits::CommitRows::open(shared, arguments)?),
        name if name == CHANGES.name => {
            Box::new(changes::ChangeRows::open(shared, conditions, arguments)?)
        }
        _ => Box::new(refs::RefRows::open(shared, conditions)?),
    })
}
