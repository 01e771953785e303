//! The values of a document that differ between refs, and which of them override a default.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use foldhash::fast::RandomState;

use super::document::EMPTY;
use super::table::ComparedDocument;
use crate::project::for_each;
use crate::values::{
    Element, FindError, Leaf, Overrides, Row, Selector, Value, Values, side_by_side,
};

/// A value that differs.
#[derive(Debug, Clone)]
pub struct ComparedRow<'a> {
    /// Its address.
    pub element: Element<'a>,
    /// What it is, and in which columns; `None` where it isn't there. Columns that couldn't read the document are in none.
    pub values: Vec<(Option<Leaf<'a>>, Vec<usize>)>,
    /// What the defaults say, and for which columns; empty where they say nothing.
    pub defaults: Vec<(Leaf<'a>, Vec<usize>)>,
    /// The columns that override a default here, ascending. A list is one value: a column whose list is shorter than the default
    /// or empty overrides the items that it leaves out.
    pub overriding: Vec<usize>,
}

/// A text, its defaults, and the columns that have both.
struct Pair {
    text: usize,
    defaults: usize,
    overrides: Overrides,
    columns: Vec<usize>,
}

impl ComparedDocument {
    /// The values that differ, in document order; with a selector, only what it selects in any of the refs.
    ///
    /// # Errors
    /// [`FindError::Nothing`] if the selector selects nothing in any of them.
    pub fn rows(&self, selector: &Selector) -> Result<Vec<ComparedRow<'_>>, FindError> {
        let Some(first) = self.texts.first() else {
            return Ok(Vec::new());
        };
        let identity = first.identity();
        let texts = self.texts.iter();
        let mut documents: Vec<Values<'_>> = texts
            .map(|text| Values::of(text.document(), identity))
            .collect();
        // What isn't there has no values.
        if self.columns.values().any(Option::is_none) {
            documents.push(Values::of(&EMPTY, identity));
        }
        let mut columns = vec![Vec::new(); documents.len()];
        for (column, text) in &self.columns {
            columns[text.unwrap_or(self.texts.len())].push(*column);
        }
        let defaults = self.defaults.iter();
        documents.extend(defaults.map(|filled| Values::of(filled.document(), identity)));
        let pairs = self.pairs(&documents, columns.len());
        let in_order = self.columns.iter();
        let in_order: Vec<(usize, usize)> = in_order
            .map(|(column, text)| (*column, text.unwrap_or(self.texts.len())))
            .collect();
        let rows = side_by_side(&documents, selector)?;
        let compared: Vec<OnceLock<ComparedRow<'_>>> = std::iter::repeat_with(OnceLock::new)
            .take(rows.len())
            .collect();
        for_each(rows.len(), |place| {
            let row = &rows[place];
            let new = || ComparedRow::new(row, &columns, &in_order, &self.defaults_of, &pairs);
            compared[place].get_or_init(new);
        });
        let rows = compared.into_iter().filter_map(OnceLock::into_inner);
        // A text may be in no column any more, as where two texts say the same.
        Ok(rows
            .filter(|row| {
                if self.overrides {
                    !row.overriding.is_empty()
                } else {
                    row.values.len() > 1
                }
            })
            .collect())
    }

    /// What each text overrides of its defaults. Those stand among the documents from `first_defaults` on.
    fn pairs(&self, documents: &[Values<'_>], first_defaults: usize) -> Vec<Pair> {
        let mut columns: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (column, text) in &self.columns {
            if let (Some(text), Some(defaults)) = (text, self.defaults_of.get(column)) {
                let pair = (*text, first_defaults + defaults);
                columns.entry(pair).or_default().push(*column);
            }
        }
        let pairs = columns.into_iter();
        let pairs = pairs.map(|((text, defaults), columns)| Pair {
            text,
            defaults,
            overrides: Overrides::of(documents[text], documents[defaults]),
            columns,
        });
        pairs.collect()
    }
}

impl<'a> ComparedRow<'a> {
    /// Puts columns together that have one value. `columns` are those of each document; the documents after these are defaults.
    /// `in_order` is every column, ascending, with its document: most rows are in few of them.
    fn new(
        row: &Row<'a>,
        columns: &[Vec<usize>],
        in_order: &[(usize, usize)],
        defaults_of: &BTreeMap<usize, usize>,
        pairs: &[Pair],
    ) -> ComparedRow<'a> {
        let overriding = overriding(row, pairs);
        let mut places: HashMap<Value<'a>, usize, RandomState> =
            HashMap::with_capacity_and_hasher(row.leaves.len(), RandomState::default());
        let mut values: Vec<(Option<Leaf<'a>>, Vec<usize>)> =
            Vec::with_capacity(row.leaves.len() + 1);
        let mut defaults: Vec<(Leaf<'a>, Vec<usize>)> = Vec::new();
        let mut is_there = vec![false; columns.len()];
        for (document, leaf) in &row.leaves {
            let document = *document;
            if let Some(default) = document.checked_sub(columns.len()) {
                let of = defaults_of.iter().filter(|(_, of)| **of == default);
                defaults.push((leaf.clone(), of.map(|(column, _)| *column).collect()));
                continue;
            }
            is_there[document] = true;
            let place = *places.entry(leaf.value()).or_insert(values.len());
            if place == values.len() {
                values.push((Some(leaf.clone()), Vec::new()));
            }
            values[place].1.extend_from_slice(&columns[document]);
        }
        for (_, columns) in &mut values {
            columns.sort_unstable();
        }
        let mut others = Vec::with_capacity(in_order.len());
        let lacking = in_order.iter().filter(|(_, of)| !is_there[*of]);
        others.extend(lacking.map(|(column, _)| *column));
        values.push((None, others));
        values.retain(|(_, columns)| !columns.is_empty());
        values.sort_by_key(|(_, columns)| columns[0]);
        ComparedRow {
            element: row.element.clone(),
            values,
            defaults,
            overriding,
        }
    }
}

/// The columns that override a default in a row, ascending.
fn overriding(row: &Row<'_>, pairs: &[Pair]) -> Vec<usize> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let leaves = row.leaves.iter().map(|(document, leaf)| (*document, leaf));
    let leaves: HashMap<usize, &Leaf<'_>> = leaves.collect();
    let leaf = |document: usize| leaves.get(&document).copied();
    let overriding = pairs
        .iter()
        .filter(|pair| pair.overrides.at(leaf(pair.text), leaf(pair.defaults)));
    let mut overriding: Vec<usize> = overriding.flat_map(|pair| &pair.columns).copied().collect();
    overriding.sort_unstable();
    overriding
}
