//! `uses`: a row for each place in each document of each ref that refers to a thing, or defines one.

use std::sync::Arc;

use super::row::{Arguments, Field, Rows};
use super::walk::{DocumentTable, DocumentWalk};
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::sources::Place;
use crate::query::table::uses::{
    ADDRESS, BASE_PATH, CERTAINTY, KIND, LINE, NAME, PATH, REVISION, ROLE,
};
use crate::references::Certainty;

pub(super) struct UseRows {
    walk: DocumentWalk,
    /// Those of the document that the walk is at.
    places: Option<Arc<[Place]>>,
    /// Which of them is next.
    next: usize,
}

impl UseRows {
    pub(super) fn open(
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
    ) -> Result<UseRows, QueryError> {
        let catalog = shared.sources().project().catalog().clone();
        if catalog.thing_kinds().next().is_none() {
            return Err(QueryError::NoThings);
        }
        let table = DocumentTable {
            base_path: BASE_PATH,
            path: PATH,
            revision: REVISION,
            has_kind: false,
            with_defaults: false,
        };
        Ok(UseRows {
            walk: DocumentWalk::open(shared, conditions, arguments, table)?,
            places: None,
            next: 0,
        })
    }

    fn place(&self) -> &Place {
        let places = self.places.as_ref();
        let places = places.expect("a column is asked for only on a row");
        &places[self.next - 1]
    }
}

impl Rows for UseRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        loop {
            if let Some(places) = &self.places {
                let conditions = self.walk.conditions();
                let is_wanted = |place: &Place| {
                    conditions.admit(KIND, Some(&place.kind))
                        && conditions.admit(NAME, Some(&place.name))
                };
                if let Some(found) = places[self.next..].iter().position(is_wanted) {
                    self.next += found + 1;
                    return Ok(true);
                }
            }
            (self.places, self.next) = (None, 0);
            if !self.walk.advance()? {
                return Ok(false);
            }
            let walk = &self.walk;
            let mut sources = walk.shared().sources();
            self.places = sources.places(walk.number(), walk.base(), walk.document(), walk.name());
        }
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        let place = self.place();
        Ok(match column {
            ADDRESS => Field::text(&place.address),
            LINE => Field::number(place.line),
            KIND => Field::text(&place.kind),
            NAME => Field::text(&place.name),
            ROLE => Field::text(place.certainty.map_or("definition", |_| "use")),
            CERTAINTY => Field::some(place.certainty.map(Certainty::name)),
            column => self.walk.field(column),
        })
    }

    fn id(&self) -> i64 {
        self.walk.id_of(self.next - 1)
    }
}
