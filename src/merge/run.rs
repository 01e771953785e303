//! A merge, from three documents to its outcome.

use super::check::check;
use super::conflict::{Conflict, Side};
use super::edit::{Sources, write};
use super::error::MergeError;
use super::member::{Matchers, Three};
use super::merger::{Found, Merger};
use super::origin::Origins;
use crate::ocl::{Document, Splice};
use crate::values::Values;

/// The outcome of a merge.
#[derive(Debug, Clone)]
pub struct Merged<'a> {
    document: Document,
    splices: Vec<Splice>,
    conflicts: Vec<Conflict<'a>>,
}

impl<'a> Merged<'a> {
    /// One of the documents, as it is.
    fn whole(
        documents: &Three<Values<'a>>,
        document: &Document,
        conflicts: Vec<Conflict<'a>>,
    ) -> Merged<'a> {
        let (old, new) = (documents.ours.document().text(), document.text());
        let splice = (old != new).then(|| Splice {
            old: 0..old.len(),
            new: new.to_owned(),
        });
        Merged {
            document: document.clone(),
            splices: splice.into_iter().collect(),
            conflicts,
        }
    }

    /// Ours with what theirs changed. Where there is a conflict, it is as in ours, so it is the whole outcome only if there is none.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The same as changes of the text of ours: in order and without overlaps.
    #[must_use]
    pub fn splices(&self) -> &[Splice] {
        &self.splices
    }

    /// What a person must decide.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict<'a>] {
        &self.conflicts
    }
}

/// Merges two documents that come from one. All three must be in one shape and seen by one identity; where there is no base, it
/// is an empty document.
///
/// Every value that one side changed is in the result or in a conflict: that is checked each time, by counting what the
/// documents say. Time grows as n log n with the documents' size, as for [`difference`](crate::values::difference).
///
/// # Errors
/// [`MergeError`]. A conflict is no error.
pub fn merge<'a>(
    base: Values<'a>,
    ours: Values<'a>,
    theirs: Values<'a>,
) -> Result<Merged<'a>, MergeError> {
    merge_settled(base, ours, theirs, &|_| None)
}

/// Merges as [`merge()`] does, with conflicts settled: for each, `settle` says which side is right, the base
/// included, or that it is left open.
///
/// # Errors
/// As for [`merge()`].
pub fn merge_settled<'a>(
    base: Values<'a>,
    ours: Values<'a>,
    theirs: Values<'a>,
    settle: &dyn Fn(&Conflict<'a>) -> Option<Side>,
) -> Result<Merged<'a>, MergeError> {
    let documents = Three { base, ours, theirs };
    let dialect = ours.document().dialect();
    if base.document().dialect() != dialect || theirs.document().dialect() != dialect {
        return Err(MergeError::Shapes);
    }
    if let Some(document) = unmerged(&documents) {
        return Ok(Merged::whole(&documents, document, Vec::new()));
    }
    let mut merger = Merger {
        matchers: Matchers::of(&documents),
        origins: documents.as_ref().map(Origins::of),
        settle,
        found: Found::default(),
    };
    let roots = documents.as_ref().map(Values::root);
    merger.merge(roots.as_ref());
    let mut found = merger.found;
    let whole = match found.whole {
        Some(Side::Theirs) => Some(theirs.document()),
        Some(Side::Base) => Some(base.document()),
        Some(Side::Ours) | None => None,
    };
    if let Some(document) = whole {
        return Ok(Merged::whole(&documents, document, found.conflicts));
    }
    let mut editor = ours.document().clone().edit();
    let mut sources = Sources {
        theirs: theirs.document().clone().edit(),
        base: base.document().clone().edit(),
    };
    write(
        &mut editor,
        &mut sources,
        std::mem::take(&mut found.edits),
        &found.removals,
    )?;
    let splices = editor.splices();
    let document = Document::parse(editor.text(), dialect)
        .map_err(|error| MergeError::Parse(Box::new(error)))?;
    let result = Values::of(&document, ours.identity());
    check(&documents, result, &found)?;
    Ok(Merged {
        document,
        splices,
        conflicts: found.conflicts,
    })
}

/// The outcome where a side has the text of the base, or both have one text: as a whole, as Git takes it.
fn unmerged<'a>(documents: &Three<Values<'a>>) -> Option<&'a Document> {
    let Three { base, ours, theirs } = documents.map(|values| values.document());
    if base.text() == theirs.text() || ours.text() == theirs.text() {
        return Some(ours);
    }
    (base.text() == ours.text()).then_some(theirs)
}
