//! The rows of each table.

mod changes;
mod commits;
mod documents;
mod leaves;
mod refs;
mod row;
mod uses;
mod walk;

use std::sync::Arc;

pub(super) use row::{Arguments, Field, Rows};

use super::condition::Conditions;
use super::error::QueryError;
use super::shared::Shared;
use super::table::{CHANGES, COMMITS, DOCUMENTS, EFFECTIVE, LEAVES, TableInfo, USES};

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
        name if name == EFFECTIVE.name => Box::new(leaves::LeafRows::open_effective(
            shared, conditions, arguments,
        )?),
        name if name == USES.name => Box::new(uses::UseRows::open(shared, conditions, arguments)?),
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
