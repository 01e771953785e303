//! `leaves`: a row for each value of each document of each ref.

use std::sync::Arc;

use super::row::{Arguments, Field, Rows};
use super::walk::DocumentWalk;
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::sources::{Cell, LeafTable};
use crate::query::table::leaves::{ADDRESS, BASE_PATH, ORIGIN, PATH, REVISION, TYPE, VALUE};

pub(super) struct LeafRows {
    walk: DocumentWalk,
    /// The values of the document.
    table: Option<Table>,
    /// Whether addresses are tested one by one.
    is_address_tested: bool,
}

struct Table {
    leaves: Arc<LeafTable>,
    own: bool,
    /// The leaves that are still to come.
    rest: Rest,
    leaf: usize,
}

/// Which leaves of a document.
enum Rest {
    All(std::ops::Range<usize>),
    Some(std::vec::IntoIter<u32>),
}

impl LeafRows {
    pub(super) fn open(
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
    ) -> Result<LeafRows, QueryError> {
        let walk = DocumentWalk::open(shared, conditions, arguments, BASE_PATH)?;
        let is_address_tested = !walk.conditions().leaves_open(ADDRESS);
        Ok(LeafRows {
            walk,
            table: None,
            is_address_tested,
        })
    }

    /// The values of the document that the walk is at; `None` if it has none, or they can't be read, which is noted.
    fn open_document(&self) -> Option<Table> {
        let walk = &self.walk;
        let mut sources = walk.shared().sources();
        let (number, base) = (walk.number(), walk.base());
        let cell = sources.cell(number, base, walk.document(), walk.name());
        let Cell::Text { text, own } = cell else {
            return None;
        };
        let leaves = match sources.table(number, base, walk.name(), text) {
            Ok(leaves) => leaves,
            Err(message) => {
                let document = Some(walk.name().as_str());
                sources.add_problem(&walk.entry().name, document, &message);
                return None;
            }
        };
        let rest = match walk.conditions().texts(ADDRESS) {
            Some(addresses) => {
                let found = addresses.iter().flat_map(|address| leaves.at(address));
                let mut found: Vec<u32> = found.copied().collect();
                found.sort_unstable();
                found.dedup();
                Rest::Some(found.into_iter())
            }
            None => Rest::All(0..leaves.len()),
        };
        Some(Table {
            leaves,
            own,
            rest,
            leaf: 0,
        })
    }

    fn table(&self) -> &Table {
        let table = self.table.as_ref();
        table.expect("a column is asked for only on a row")
    }
}

impl Table {
    fn next(&mut self) -> Option<usize> {
        match &mut self.rest {
            Rest::All(range) => range.next(),
            Rest::Some(leaves) => leaves.next().map(|leaf| leaf as usize),
        }
    }
}

impl Rows for LeafRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        loop {
            if let Some(table) = &mut self.table {
                while let Some(leaf) = table.next() {
                    let conditions = self.walk.conditions();
                    if !self.is_address_tested
                        || conditions.admit(ADDRESS, Some(table.leaves.address(leaf)))
                    {
                        table.leaf = leaf;
                        return Ok(true);
                    }
                }
            }
            if !self.walk.advance()? {
                self.table = None;
                return Ok(false);
            }
            self.table = self.open_document();
        }
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        let table = self.table();
        Ok(match column {
            ADDRESS => Field::text(table.leaves.address(table.leaf)),
            VALUE => Field::some(table.leaves.value(table.leaf)),
            TYPE => Field::text(table.leaves.type_name(table.leaf)),
            ORIGIN => Field::text(if table.own { "own" } else { "store" }),
            BASE_PATH => Field::text(self.walk.base_path()),
            PATH => self.walk.path().map_or(Field::Null, Field::owned),
            REVISION => Field::some(self.walk.entry().argument.as_deref()),
            column => self.walk.field(column),
        })
    }

    fn id(&self) -> i64 {
        // Documents are counted as they are met, and 2^31 of them take more memory than there is.
        let leaf = self.table().leaf as u64;
        i64::try_from(self.walk.slot() << 32 | leaf).unwrap_or(i64::MAX)
    }
}
