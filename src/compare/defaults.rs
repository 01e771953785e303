//! What the defaults of the compared documents say.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cells::{Cell, Documents, Texts};
use super::document::LiftedDocument;
use super::effective::{defaults_of, filled};
use super::refs::{self, Looked};
use crate::catalog::{Catalog, DocumentName};
use crate::ocl::Document;
use crate::values::Filled;

/// The documents that the catalog names as defaults of kinds.
pub(super) fn kind_defaults(catalog: &Catalog) -> Vec<DocumentName> {
    let kinds = catalog.kinds().iter();
    let names: BTreeSet<&String> = kinds.filter_map(|kind| kind.defaults.as_ref()).collect();
    let names = names.into_iter().map(|name| DocumentName::new(name, ""));
    names.collect()
}

/// What the defaults of documents are put together from.
pub(super) struct Defaults<'f> {
    catalog: &'f Catalog,
    texts: &'f HashMap<DocumentName, Texts>,
    /// Of the ref that holds everybody's defaults, by base path.
    base: HashMap<&'f str, HashMap<&'f DocumentName, &'f Cell>>,
}

/// The defaults of one document.
#[derive(Default)]
pub(super) struct Found {
    pub(super) documents: Vec<Filled>,
    /// By column: one of them.
    pub(super) of_columns: BTreeMap<usize, usize>,
    /// Columns whose defaults can't be put together, with the reason.
    pub(super) failed: Vec<(Vec<usize>, String)>,
}

impl<'f> Defaults<'f> {
    /// `base` is what the ref of everybody's defaults holds, with its base paths.
    pub(super) fn new(
        catalog: &'f Catalog,
        texts: &'f HashMap<DocumentName, Texts>,
        base: &'f [Looked<Documents>],
    ) -> Defaults<'f> {
        let base = base.iter().filter_map(|looked| match &looked.found {
            refs::Found::Documents(Documents {
                cells, defaults, ..
            }) => {
                let cells = cells.iter().chain(defaults);
                let cells = cells.map(|(name, cell)| (name, cell)).collect();
                Some((looked.base_path.as_str(), cells))
            }
            _ => None,
        });
        Defaults {
            catalog,
            texts,
            base: base.collect(),
        }
    }

    /// The defaults of a document, and which column has which. A column comes with its base path and its kind's defaults.
    pub(super) fn of<'c>(
        &self,
        name: &DocumentName,
        columns: impl Iterator<Item = (&'c str, Option<&'f Cell>)>,
    ) -> Found {
        let mut known: HashMap<Vec<*const Document>, usize> = HashMap::new();
        let mut found = Found::default();
        let kind = defaults_of(self.catalog, name);
        for (column, (base_path, own)) in columns.enumerate() {
            let base = self.base.get(base_path);
            let of_base = |name| base.and_then(|base| base.get(name).copied());
            let kind = kind.as_ref();
            let sources = [
                kind.and_then(|kind| self.text(kind, own)),
                self.text(name, of_base(name)),
                kind.and_then(|kind| self.text(kind, of_base(kind))),
            ];
            let sources: Vec<&Document> = sources
                .into_iter()
                .flatten()
                .map(LiftedDocument::document)
                .collect();
            if sources.is_empty() {
                continue;
            }
            let key = sources.iter().map(|document| std::ptr::from_ref(*document));
            let place = match known.entry(key.collect()) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(free) => match filled(self.catalog, name, sources) {
                    Ok(filled) => {
                        found.documents.push(filled);
                        *free.insert(found.documents.len() - 1)
                    }
                    Err(error) => {
                        let message = format!("the defaults of {name}: {error}");
                        found.failed.push((vec![column], message));
                        continue;
                    }
                },
            };
            found.of_columns.insert(column, place);
        }
        found
    }

    fn text(&self, name: &DocumentName, cell: Option<&Cell>) -> Option<&'f LiftedDocument> {
        match cell? {
            Cell::Text(place) => self.texts.get(name)?.texts.get(*place)?.as_ref().ok(),
            Cell::Failed(_) => None,
        }
    }
}
