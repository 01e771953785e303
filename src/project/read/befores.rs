//! Three documents of a merge as they were before they were brought to one version.

use super::loaded::Loaded;
use super::merge_side::MergeSide;
use super::merge_sides::MergeSides;
use crate::catalog::{DocumentName, Identity};
use crate::ocl::Document;
use crate::values::Values;

/// A document as it was before its migration, and the version whose shape it had; `None` where that changed nothing.
pub(crate) fn before(loaded: &Loaded, name: &DocumentName) -> Option<(Document, u32)> {
    let document = loaded.document(name.as_str()).ok()?;
    if document.changes().is_empty() {
        return None;
    }
    let shape = loaded.shape_of(document);
    let dialect = loaded.project().catalog().dialect_at(shape);
    let before = Document::from_bytes(loaded.before(document).ok()??, dialect).ok()?;
    Some((before, shape))
}

/// What base, ours and theirs were before, each with the version whose shape it had; `None` where that changed nothing.
#[derive(Default)]
pub(crate) struct Befores([Option<(Document, u32)>; 3]);

impl Befores {
    /// By the names that the document has on the three sides.
    pub(crate) fn of(sides: &MergeSides, names: [Option<&DocumentName>; 3]) -> Befores {
        let [base, ours, theirs] = names;
        let before =
            |side, name: Option<&DocumentName>| before(sides.unmerged(side, name?)?, name?);
        Befores([
            before(MergeSide::Base, base),
            before(MergeSide::Ours, ours),
            before(MergeSide::Theirs, theirs),
        ])
    }

    /// The same of three that are loaded; `None` for one that isn't there.
    pub(crate) fn of_loaded(loaded: [Option<&Loaded>; 3], name: &DocumentName) -> Befores {
        Befores(loaded.map(|loaded| before(loaded?, name)))
    }

    /// The values of the three, which know of it.
    pub(crate) fn values<'a>(
        &'a self,
        documents: [&'a Document; 3],
        identity: &'a Identity,
    ) -> [Values<'a>; 3] {
        let [base, ours, theirs] = documents.map(|document| Values::of(document, identity));
        let [before_base, before_ours, before_theirs] = self.0.each_ref().map(Option::as_ref);
        let lifted = |values: Values<'a>, before: Option<&'a (Document, u32)>| match before {
            Some((document, shape)) => values.lifted_from(document, *shape),
            None => values,
        };
        [
            lifted(base, before_base),
            lifted(ours, before_ours),
            lifted(theirs, before_theirs),
        ]
    }
}
