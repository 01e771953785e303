//! The part of a difference that a selector is about.

use std::collections::HashSet;

use super::difference::{Change, Difference, Rename, difference};
use super::document::Values;
use super::element::Element;
use super::find::FindError;
use crate::catalog::selector::Selector;
use crate::ocl::NodeId;

/// What differs in what a selector selects in either document: see [`difference`].
///
/// ```
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{Values, difference_in};
///
/// let catalog = Catalog::builtin();
/// let identity = catalog.identity("deployment_process");
/// let old = Document::parse("step \"a\" {\n    name = \"A\"\n}\nstep \"b\" {\n    name = \"B\"\n}\n", Dialect::Current)?;
/// let new = Document::parse("step \"a\" {\n    name = \"1\"\n}\nstep \"b\" {\n    name = \"2\"\n}\n", Dialect::Current)?;
/// let (old, new) = (Values::of(&old, identity), Values::of(&new, identity));
///
/// let difference = difference_in(old, new, &"step[\"b\"]".parse()?)?;
/// let changes: Vec<String> = difference.changes().iter().map(ToString::to_string).collect();
/// assert_eq!(changes, [r#"~ step["b"].name: "B" -> "2""#]);
///
/// let nothing = difference_in(old, new, &"step[\"c\"]".parse()?);
/// assert_eq!(nothing.unwrap_err().to_string(), "`step[\"c\"]` selects nothing: there is no `step[\"c\"]`; did you mean `step[\"a\"]`?");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FindError::Nothing`] if it selects nothing in either.
pub fn difference_in<'a>(
    old: Values<'a>,
    new: Values<'a>,
    selector: &Selector,
) -> Result<Difference<'a>, FindError> {
    let ids = |values: &Values<'a>| -> HashSet<NodeId> {
        values.select(selector).iter().map(Element::id).collect()
    };
    let (in_old, in_new) = (ids(&old), ids(&new));
    if in_old.is_empty() && in_new.is_empty() {
        // What there is instead is told of the new document, unless that is empty.
        let told = if new.root().members().next().is_some() {
            new
        } else {
            old
        };
        told.find(selector)?;
    }
    let Difference { changes, renames } = difference(old, new);
    let holds = |old: Option<&Element<'_>>, new: Option<&Element<'_>>| {
        old.is_some_and(|old| is_in(old, &in_old)) || new.is_some_and(|new| is_in(new, &in_new))
    };
    let changes = changes.into_iter().filter(|change| match change {
        Change::Changed { old, new } => holds(Some(old.element()), Some(new.element())),
        Change::Added { new, .. } => holds(None, Some(new.element())),
        Change::Removed { old, .. } => holds(Some(old.element()), None),
        Change::Moved { old, new } | Change::Respelled { old, new } => holds(Some(old), Some(new)),
    });
    let renames = renames.into_iter();
    Ok(Difference {
        changes: changes.collect(),
        renames: renames
            .filter(|Rename { old, new, .. }| holds(Some(old), Some(new)))
            .collect(),
    })
}

/// The addresses of what a selector selects in some documents.
pub(crate) struct Selected {
    selector: Selector,
    addresses: HashSet<String>,
}

impl Selected {
    pub(crate) fn in_documents<'a>(
        selector: &Selector,
        documents: impl IntoIterator<Item = Values<'a>>,
    ) -> Selected {
        let documents = documents.into_iter();
        let found = documents.flat_map(|values| values.select(selector));
        Selected {
            addresses: found
                .map(|element| element.selector().to_string())
                .collect(),
            selector: selector.clone(),
        }
    }

    /// Whether an address, as it prints, is selected, or lies below one that is. One that no document has is selected by itself.
    pub(crate) fn covers(&self, address: &Selector) -> bool {
        let segments = address.segments();
        let is_selected = |length: usize| {
            let above = Selector::new(segments[..length].to_vec());
            self.addresses.contains(&above.to_string())
        };
        segments.starts_with(self.selector.segments()) || (0..=segments.len()).any(is_selected)
    }
}

/// Whether an element is one of these, or within one.
fn is_in(element: &Element<'_>, selected: &HashSet<NodeId>) -> bool {
    let mut above = Some(element);
    while let Some(element) = above {
        if selected.contains(&element.id()) {
            return true;
        }
        above = element.parent();
    }
    false
}
