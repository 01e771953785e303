//! What really differs between two refs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::document::{EMPTY, LiftedDocument, failure};
use crate::catalog::{Catalog, DocumentName};
use crate::project::{LoadError, Loaded, MigratedDocument, ReadError, no_such_document};
use crate::values::{Difference, FindError, Selector, Values, difference, difference_in};

/// What really differs between two refs: an iterator over the documents that do.
///
/// Documents are migrated, read and compared when they come; those with one text are passed over unread. What can't be
/// compared is an error in its place, and the others go on.
pub struct Diff<'l> {
    old: &'l Loaded,
    new: &'l Loaded,
    catalog: &'l Arc<Catalog>,
    names: std::vec::IntoIter<&'l DocumentName>,
}

/// A document that two refs have in different texts, or that only one has.
///
/// It may have no difference: formatting is none.
#[derive(Debug)]
pub struct DocumentDiff<'l> {
    name: &'l DocumentName,
    catalog: &'l Catalog,
    old: Option<LiftedDocument>,
    new: Option<LiftedDocument>,
}

/// One of the two refs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first.
    Old,
    /// The second.
    New,
}

/// A document that can't be compared, as one side of it or both can't be lifted.
#[derive(Debug)]
pub struct NotCompared {
    /// Its name.
    pub name: DocumentName,
    /// Why: for each side that it is about a message, which names the file and shows the line if the text is wrong.
    pub failures: Vec<(Side, String)>,
}

/// The two refs were loaded for different versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "one ref was loaded for version {old}, the other for version {new}: compare them in one version"
)]
pub struct DifferentVersions {
    /// The version of the first.
    pub old: u32,
    /// The version of the second.
    pub new: u32,
}

/// What really differs between two refs that were loaded for one version: see [`Diff`].
///
/// # Errors
/// [`DifferentVersions`].
pub fn diff<'l>(old: &'l Loaded, new: &'l Loaded) -> Result<Diff<'l>, DifferentVersions> {
    let versions = (old.plan().target, new.plan().target);
    if versions.0 != versions.1 {
        return Err(DifferentVersions {
            old: versions.0,
            new: versions.1,
        });
    }
    // Where one was read with a newer server's steps, the other has this server's own catalog.
    let ours = if old.newer_steps().is_none() {
        old
    } else {
        new
    };
    let catalog = ours.project().catalog();
    let place = |name: &DocumentName| {
        let mut kinds = catalog.kinds().iter();
        kinds.position(|kind| kind.name == name.kind())
    };
    let names = old.names().chain(new.names());
    let names = names.map(|name| ((place(name), name.slug()), name));
    let names: BTreeMap<_, _> = names.collect();
    Ok(Diff {
        old,
        new,
        catalog,
        names: names.into_values().collect::<Vec<_>>().into_iter(),
    })
}

impl<'l> Diff<'l> {
    /// The same for one document only.
    ///
    /// # Errors
    /// [`LoadError::NoSuchDocument`] if neither ref has it.
    pub fn only(self, name: &str) -> Result<Diff<'l>, LoadError> {
        let found = self.names.clone().find(|known| *known == name);
        match found {
            Some(found) => Ok(Diff {
                names: vec![found].into_iter(),
                ..self
            }),
            None => Err(no_such_document(
                &[self.new, self.old],
                name,
                self.names.cloned().collect(),
            )),
        }
    }

    /// Compares a document; `None` if both have one text, or neither has it.
    fn compare(&self, name: &'l DocumentName) -> Option<Result<DocumentDiff<'l>, NotCompared>> {
        let (old, new) = (
            self.old.document(name.as_str()).ok(),
            self.new.document(name.as_str()).ok(),
        );
        if let (Some(old), Some(new)) = (old, new)
            && let (Ok(Some(old)), Ok(Some(new))) =
                (self.old.content_key(old), self.new.content_key(new))
            && old == new
        {
            return None;
        }
        let mut failures = Vec::new();
        let mut lift = |side, loaded: &Loaded, document: Option<&MigratedDocument>| {
            let document = document?;
            let failed =
                |error: ReadError| failures.push((side, failure(loaded, document, &error)));
            LiftedDocument::of(loaded, document).map_err(failed).ok()?
        };
        let old = lift(Side::Old, self.old, old);
        let new = lift(Side::New, self.new, new);
        if !failures.is_empty() {
            let name = name.clone();
            return Some(Err(NotCompared { name, failures }));
        }
        if old.is_none() && new.is_none() {
            return None;
        }
        Some(Ok(DocumentDiff {
            name,
            catalog: self.catalog,
            old,
            new,
        }))
    }
}

impl<'l> Iterator for Diff<'l> {
    type Item = Result<DocumentDiff<'l>, NotCompared>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let name = self.names.next()?;
            if let Some(found) = self.compare(name) {
                return Some(found);
            }
        }
    }
}

impl DocumentDiff<'_> {
    /// Its name.
    pub fn name(&self) -> &DocumentName {
        self.name
    }

    /// The document in the first ref; `None` if that doesn't have it.
    pub fn in_old(&self) -> Option<&LiftedDocument> {
        self.old.as_ref()
    }

    /// The document in the second ref; `None` if that doesn't have it.
    pub fn in_new(&self) -> Option<&LiftedDocument> {
        self.new.as_ref()
    }

    fn sides(&self) -> (Values<'_>, Values<'_>) {
        let identity = self.catalog.identity(self.name.kind());
        let [old, new] = [&self.old, &self.new].map(|side| {
            let document = side.as_ref().map_or(&*EMPTY, LiftedDocument::document);
            Values::of(document, identity)
        });
        (old, new)
    }

    /// What differs in it. All of a document that only one ref has was added or removed.
    pub fn difference(&self) -> Difference<'_> {
        let (old, new) = self.sides();
        difference(old, new)
    }

    /// What differs in what a selector selects, in either ref.
    ///
    /// # Errors
    /// [`FindError::Nothing`] if it selects nothing in either.
    pub fn difference_in(&self, selector: &Selector) -> Result<Difference<'_>, FindError> {
        let (old, new) = self.sides();
        difference_in(old, new, selector)
    }
}

impl Side {
    /// As the JSON output calls it.
    pub fn name(self) -> &'static str {
        match self {
            Side::Old => "old",
            Side::New => "new",
        }
    }
}

impl fmt::Display for NotCompared {
    /// The messages one after the other, each once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (_, message)) in self.failures.iter().enumerate() {
            let is_told = self.failures[..index]
                .iter()
                .any(|(_, told)| told == message);
            if !is_told {
                let separator = if index == 0 { "" } else { "\n" };
                write!(f, "{separator}{message}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for NotCompared {}
