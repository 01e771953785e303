//! `documents`: a row for each document of each ref.

use std::sync::Arc;

use super::row::{Arguments, Field, Rows};
use super::walk::{DocumentTable, DocumentWalk};
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::sources::Cell;
use crate::query::table::documents::{BASE_PATH, ERROR, ORIGIN, OUTCOME, PATH, REVISION};

pub(super) struct DocumentRows {
    walk: DocumentWalk,
}

impl DocumentRows {
    pub(super) fn open(
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
    ) -> Result<DocumentRows, QueryError> {
        let table = DocumentTable {
            base_path: BASE_PATH,
            path: PATH,
            revision: REVISION,
            has_kind: true,
            with_defaults: false,
        };
        Ok(DocumentRows {
            walk: DocumentWalk::open(shared, conditions, arguments, table)?,
        })
    }

    fn cell(&self) -> Cell {
        let walk = &self.walk;
        let mut sources = walk.shared().sources();
        let (number, base) = (walk.number(), walk.base());
        let cell = sources.cell(number, base, walk.document(), walk.name());
        match cell {
            // Whether it can be parsed is known once it was.
            Cell::Text { text, .. } => match sources.table(number, base, walk.name(), text) {
                Ok(_) => cell,
                Err(message) => Cell::Failed(message.into()),
            },
            cell => cell,
        }
    }

    fn outcome(&self) -> &'static str {
        let walk = &self.walk;
        let mut sources = walk.shared().sources();
        let outcome = sources.outcome(walk.number(), walk.base(), walk.name());
        outcome.unwrap_or("failed")
    }
}

impl Rows for DocumentRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        self.walk.advance()
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        Ok(match column {
            OUTCOME => match self.cell() {
                Cell::Failed(_) => Field::text("failed"),
                _ => Field::text(self.outcome()),
            },
            ORIGIN => match self.cell() {
                Cell::Text { own: true, .. } => Field::text("own"),
                Cell::Text { own: false, .. } => Field::text("store"),
                _ => Field::Null,
            },
            ERROR => match self.cell() {
                Cell::Failed(message) => Field::owned(message.to_string()),
                _ => Field::Null,
            },
            column => self.walk.field(column),
        })
    }

    fn id(&self) -> i64 {
        i64::try_from(self.walk.slot()).unwrap_or(i64::MAX)
    }
}
