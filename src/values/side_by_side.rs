//! The values of several documents of one shape, side by side.

use std::collections::HashSet;

use foldhash::fast::RandomState;
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
    /// What documents have there, by their positions; the others don't have it.
    pub leaves: Vec<(usize, Leaf<'a>)>,
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
/// let found: Vec<String> = rows[0].leaves.iter().map(|(_, leaf)| leaf.value().to_string()).collect();
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
    let roots = documents.iter().map(Values::root).enumerate().collect();
    let mut rows = Vec::new();
    table.compare(roots, false, &mut rows);
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

/// An element of a document, which is named by its position.
type InDocument<'a> = (usize, Element<'a>);

impl Table {
    /// Compares what is one element in these documents; the others don't have it.
    fn compare<'a>(&self, elements: Vec<InDocument<'a>>, is_in: bool, rows: &mut Vec<Row<'a>>) {
        let is_everywhere = elements.len() == self.selected.len();
        if is_everywhere && self.are_read_alike && are_alike(&elements) {
            return;
        }
        let is_selected =
            |(document, element): &InDocument<'a>| self.selected[*document].contains(&element.id());
        let is_in = is_in || elements.iter().any(is_selected);
        let mut leaves = Vec::new();
        let mut groups: IndexMap<Place<'a>, Vec<InDocument<'a>>, RandomState> = IndexMap::default();
        for (document, element) in &elements {
            let expanded = element.expand();
            leaves.extend(expanded.own.map(|leaf| (*document, leaf)));
            for member in expanded.members {
                let group = groups.entry(Place::of(&member)).or_default();
                group.push((*document, member));
            }
        }
        let are_equal = leaves.len() == self.selected.len()
            && leaves.windows(2).all(|pair| pair[0].1.equals(&pair[1].1));
        if is_in && !leaves.is_empty() && !are_equal {
            rows.push(Row {
                element: leaves[0].1.element().clone(),
                leaves,
            });
        }
        for group in groups.into_values() {
            self.compare(group, is_in, rows);
        }
    }
}

/// Whether all are written in the same bytes.
fn are_alike(elements: &[InDocument<'_>]) -> bool {
    elements
        .windows(2)
        .all(|pair| pair[0].1.node().source() == pair[1].1.node().source())
}
