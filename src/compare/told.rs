//! What a reader of many refs should know, each thing once however many of them share it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::refs::{ComparedRef, NamedCases};
use crate::catalog::DocumentName;
use crate::project::{Loaded, MigratedDocument};
use crate::text::{some_of, visible_line};

/// A message names at most this many documents.
const SHOWN: usize = 5;

/// What a reader of one project of a ref should know.
#[derive(Debug, Default)]
pub(crate) struct RefWarnings {
    project: Vec<String>,
    documents: Vec<(DocumentName, Arc<[String]>)>,
}

impl RefWarnings {
    /// What a load tells, without its documents.
    pub(crate) fn of(loaded: &Loaded) -> RefWarnings {
        let warnings = loaded.warnings().iter();
        RefWarnings {
            project: warnings.map(ToString::to_string).collect(),
            documents: Vec::new(),
        }
    }

    /// Adds something about the project.
    pub(crate) fn add(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.project.extend(warnings);
    }

    /// Adds what is told of a document. Refs that share the document share `told`.
    pub(crate) fn add_document(&mut self, name: &DocumentName, told: Arc<[String]>) {
        if !told.is_empty() {
            self.documents.push((name.clone(), told));
        }
    }
}

/// What a text that no step touched tells of itself; `None` where steps looked at it, as they tell more.
pub(crate) type Doubled = Option<Arc<[String]>>;

/// [`Loaded::told_of`] without reading the text again, which was read for this document or another one.
pub(crate) fn told_of(
    loaded: &Loaded,
    document: &MigratedDocument,
    doubled: &Doubled,
) -> Arc<[String]> {
    match doubled {
        Some(doubled) if document.is_untouched() => doubled.clone(),
        _ => loaded.told_of(document),
    }
}

/// Gathers what is told of refs.
#[derive(Default)]
pub(crate) struct GatheredWarnings<'t> {
    of_projects: BTreeMap<&'t str, Vec<usize>>,
    /// By where the texts lie: refs that share a document share them.
    of_documents: HashMap<(&'t DocumentName, *const String), (&'t [String], Vec<usize>)>,
}

impl<'t> GatheredWarnings<'t> {
    /// Adds what is told of a project of the ref at a place.
    pub(crate) fn add(&mut self, place: usize, told: &'t RefWarnings) {
        self.add_texts(place, &told.project);
        for (name, texts) in &told.documents {
            let found = self.of_documents.entry((name, texts.as_ptr()));
            let (_, places) = found.or_insert_with(|| (texts, Vec::new()));
            places.push(place);
        }
    }

    /// The same of one that has no documents.
    pub(crate) fn add_texts(&mut self, place: usize, told: &'t [String]) {
        for text in told {
            self.of_projects.entry(text).or_default().push(place);
        }
    }

    /// Each text with its refs: those about projects first. Documents that have a text in the same refs are named together.
    pub(crate) fn in_words(self, cases: &NamedCases) -> Vec<(Vec<ComparedRef>, String)> {
        let mut by_name: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for ((name, _), (texts, places)) in self.of_documents {
            for text in texts {
                let found = by_name.entry((text, name.as_str())).or_default();
                found.extend_from_slice(&places);
            }
        }
        let mut by_refs: BTreeMap<(&str, Vec<usize>), Vec<Cow<'_, str>>> = BTreeMap::new();
        for ((text, name), mut places) in by_name {
            places.sort_unstable();
            places.dedup();
            let names = by_refs.entry((text, places)).or_default();
            names.push(visible_line(name));
        }
        let of_documents = by_refs.into_iter().map(|((text, places), names)| {
            let names = some_of(names, SHOWN);
            (places, format!("{names}: {text}"))
        });
        let of_projects = self.of_projects.into_iter().map(|(text, mut places)| {
            // A ref may have several projects.
            places.dedup();
            (places, text.to_owned())
        });
        let refs = |places: Vec<usize>| places.into_iter().map(|place| cases.reference(place));
        let told = of_projects.chain(of_documents);
        told.map(|(places, text)| (refs(places).collect(), text))
            .collect()
    }
}
