//! `leaves`: a row for each value of each document of each ref. `effective`: the same with those that defaults fill in.

use std::sync::Arc;

use super::row::{Arguments, Field, Rows};
use super::walk::{DocumentTable, DocumentWalk};
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::sources::{LeafTable, Leaves};
use crate::query::table::effective;
use crate::query::table::leaves::{ADDRESS, BASE_PATH, ORIGIN, PATH, REVISION, TYPE, VALUE};

pub(super) struct LeafRows {
    walk: DocumentWalk,
    document: Option<OpenDocument>,
    is_effective: bool,
    /// Whether addresses are tested one by one.
    is_address_tested: bool,
}

/// The document that the walk is at.
struct OpenDocument {
    leaves: Leaves,
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
        let table = DocumentTable {
            base_path: BASE_PATH,
            path: PATH,
            revision: REVISION,
            has_kind: true,
            with_defaults: false,
        };
        LeafRows::of(table, shared, conditions, arguments)
    }

    /// The rows of `effective`.
    pub(super) fn open_effective(
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
    ) -> Result<LeafRows, QueryError> {
        if !shared.sources().has_defaults() {
            return Err(QueryError::NoDefaults);
        }
        let table = DocumentTable {
            base_path: effective::BASE_PATH,
            path: effective::PATH,
            revision: effective::REVISION,
            has_kind: true,
            with_defaults: true,
        };
        LeafRows::of(table, shared, conditions, arguments)
    }

    fn of(
        table: DocumentTable,
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
    ) -> Result<LeafRows, QueryError> {
        Ok(LeafRows {
            is_effective: table.with_defaults,
            is_address_tested: !conditions.leaves_open(ADDRESS),
            walk: DocumentWalk::open(shared, conditions, arguments, table)?,
            document: None,
        })
    }

    /// The values of the document that the walk is at; `None` if it has none, or they can't be read, which is noted.
    fn open_document(&self) -> Option<OpenDocument> {
        let walk = &self.walk;
        let mut sources = walk.shared().sources();
        let (number, base) = (walk.number(), walk.base());
        let leaves = if self.is_effective {
            sources.effective(number, base, walk.name())?
        } else {
            sources.leaves(number, base, walk.document(), walk.name())?
        };
        let table = &leaves.table;
        let rest = match walk.conditions().texts(ADDRESS) {
            Some(addresses) => {
                let found = addresses.iter().flat_map(|address| table.at(address));
                let mut found: Vec<u32> = found.copied().collect();
                found.sort_unstable();
                found.dedup();
                Rest::Some(found.into_iter())
            }
            None => Rest::All(0..table.len()),
        };
        Some(OpenDocument {
            leaves,
            rest,
            leaf: 0,
        })
    }

    fn document(&self) -> &OpenDocument {
        let document = self.document.as_ref();
        document.expect("a column is asked for only on a row")
    }
}

impl OpenDocument {
    fn next(&mut self) -> Option<usize> {
        match &mut self.rest {
            Rest::All(range) => range.next(),
            Rest::Some(leaves) => leaves.next().map(|leaf| leaf as usize),
        }
    }

    fn table(&self) -> &LeafTable {
        &self.leaves.table
    }

    fn origin(&self) -> &'static str {
        if self.table().is_default(self.leaf) {
            "default"
        } else if self.leaves.own {
            "own"
        } else {
            "store"
        }
    }

    /// What the defaults say at the address of the leaf; `None` for null too.
    fn default_value(&self) -> Option<&str> {
        let defaults = self.leaves.defaults.as_deref()?;
        let leaf = defaults.at(self.table().address(self.leaf)).first()?;
        defaults.value(*leaf as usize)
    }
}

impl Rows for LeafRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        loop {
            if let Some(document) = &mut self.document {
                while let Some(leaf) = document.next() {
                    let conditions = self.walk.conditions();
                    if !self.is_address_tested
                        || conditions.admit(ADDRESS, Some(document.table().address(leaf)))
                    {
                        document.leaf = leaf;
                        return Ok(true);
                    }
                }
            }
            if !self.walk.advance()? {
                self.document = None;
                return Ok(false);
            }
            self.document = self.open_document();
        }
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        let document = self.document();
        Ok(match column {
            ADDRESS => Field::text(document.table().address(document.leaf)),
            VALUE => Field::some(document.table().value(document.leaf)),
            TYPE => Field::text(document.table().type_name(document.leaf)),
            ORIGIN => Field::text(document.origin()),
            effective::DEFAULT_VALUE if self.is_effective => Field::some(document.default_value()),
            column => self.walk.field(column),
        })
    }

    fn id(&self) -> i64 {
        self.walk.id_of(self.document().leaf)
    }
}
