//! The values of several documents of one shape, side by side.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::document::Values;
use super::element::{Element, Sibling};
use super::find::FindError;
use super::leaf::Leaf;
use crate::catalog::selector::Selector;
use crate::ocl::{Kind, NodeId};

/// A value that several documents don't all have, or not all have the same.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Its address, in the first document that has it.
    pub element: Element<'a>,
    /// What each document has there, in the order of the documents.
    pub leaves: Vec<Option<Leaf<'a>>>,
}

/// The values that differ between documents, in document order; what some of them lack counts. All must be in one shape and
/// seen by one identity.
///
/// Blocks, entries and items of sets stand beside each other by their keys, items of other lists and blocks that no key tells
/// apart by their positions. With a selector, only what it selects in any of them.
///
/// ```
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{Values, side_by_side};
///
/// let catalog = Catalog::builtin();
/// let documents = ["5", "5", "7"].map(|value| {
///     let text = format!("variable \"Retries\" {{\n    value \"{value}\" {{}}\n}}\nvariable \"Same\" {{\n    value \"1\" {{}}\n}}");
///     Document::parse(text, Dialect::Current).unwrap()
/// });
/// let values: Vec<Values> = documents.iter().map(|document| Values::of(document, catalog.identity("variables"))).collect();
///
/// let rows = side_by_side(&values, &"".parse()?)?;
/// assert_eq!(rows.len(), 1);
/// assert_eq!(rows[0].element.to_string(), r#"variable["Retries"].value{}"#);
/// let found: Vec<String> = rows[0].leaves.iter().flatten().map(|leaf| leaf.value().to_string()).collect();
/// assert_eq!(found, [r#""5""#, r#""5""#, r#""7""#]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FindError::Nothing`] if the selector selects nothing in any of them.
pub fn side_by_side<'a>(
    documents: &[Values<'a>],
    selector: &Selector,
) -> Result<Vec<Row<'a>>, FindError> {
    let selected = documents.iter().map(|values| -> HashSet<NodeId> {
        values.select(selector).iter().map(Element::id).collect()
    });
    let dialects = documents.windows(2);
    let mut dialects =
        dialects.map(|pair| (pair[0].document().dialect(), pair[1].document().dialect()));
    let table = Table {
        selected: selected.collect(),
        are_read_alike: dialects.all(|(one, next)| one == next),
    };
    if let (true, Some(first)) = (
        table.selected.iter().all(HashSet::is_empty),
        documents.first(),
    ) {
        // What there is instead is told of one that isn't empty.
        let mut holding = documents.iter();
        let told = holding.find(|values| values.root().members().next().is_some());
        told.unwrap_or(first).find(selector)?;
    }
    let roots: Vec<Option<Element<'a>>> =
        documents.iter().map(|values| Some(values.root())).collect();
    let mut rows = Vec::new();
    table.compare(&roots, false, &mut rows);
    Ok(rows)
}

struct Table {
    /// What the selector selects, by document.
    selected: Vec<HashSet<NodeId>>,
    /// Whether what is the same to the byte says the same in all documents.
    are_read_alike: bool,
}

/// What an element stands beside in the other documents. Within one document each has its own.
#[derive(PartialEq, Eq, Hash)]
struct Place<'a> {
    is_block: bool,
    sibling: Sibling<'a>,
    /// The position among siblings that nothing else tells apart; an only one is the first.
    alike: u32,
}

impl<'a> Place<'a> {
    fn of(element: &Element<'a>) -> Place<'a> {
        Place {
            is_block: element.node().kind() == Kind::Block,
            sibling: element.sibling(),
            alike: element.alike.unwrap_or(0),
        }
    }
}

impl Table {
    /// Compares what is one element in all documents; none where a document doesn't have it.
    fn compare<'a>(&self, elements: &[Option<Element<'a>>], is_in: bool, rows: &mut Vec<Row<'a>>) {
        let Some(first) = elements.iter().flatten().next() else {
            return;
        };
        if self.are_read_alike && are_alike(elements) {
            return;
        }
        let mut with_selected = elements.iter().zip(&self.selected);
        let is_in = is_in
            || with_selected.any(|(element, selected)| {
                element
                    .as_ref()
                    .is_some_and(|element| selected.contains(&element.id()))
            });
        let mut leaves = Vec::with_capacity(elements.len());
        let mut groups: IndexMap<Place<'a>, Vec<Option<Element<'a>>>> = IndexMap::new();
        for (document, element) in elements.iter().enumerate() {
            let expanded = element.as_ref().map(Element::expand);
            let (leaf, members) = match expanded {
                Some(expanded) => (expanded.own, expanded.members),
                None => (None, Vec::new()),
            };
            leaves.push(leaf);
            for member in members {
                let group = groups.entry(Place::of(&member)).or_default();
                if group.len() <= document {
                    group.resize(document, None);
                    group.push(Some(member));
                }
            }
        }
        if is_in && leaves.iter().any(Option::is_some) && !are_equal(&leaves) {
            rows.push(Row {
                element: first.clone(),
                leaves,
            });
        }
        for mut group in groups.into_values() {
            group.resize(elements.len(), None);
            self.compare(&group, is_in, rows);
        }
    }
}

/// Whether all documents have an element, written in the same bytes.
fn are_alike(elements: &[Option<Element<'_>>]) -> bool {
    let mut sources = elements
        .iter()
        .map(|element| Some(element.as_ref()?.node().source()));
    let Some(Some(first)) = sources.next() else {
        return false;
    };
    sources.all(|source| source.as_deref() == Some(&*first))
}

fn are_equal(leaves: &[Option<Leaf<'_>>]) -> bool {
    leaves.windows(2).all(|pair| match pair {
        [Some(a), Some(b)] => a.equals(b),
        [a, b] => a.is_none() && b.is_none(),
        _ => true,
    })
}
