//! A ref's documents with their defaults filled in.

use std::sync::Arc;

use super::document::LiftedDocument;
use crate::catalog::{Catalog, DocumentName, Identity};
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::ocl::{Document, ParseError};
use crate::project::{Loaded, ReadError};
use crate::values::{Filled, Leaf, Values, fill_in};

/// A document with what it leaves out from its defaults. It is never written: values and defaults stay apart.
#[derive(Debug, Clone)]
pub struct EffectiveDocument {
    name: DocumentName,
    catalog: Arc<Catalog>,
    filled: Filled,
    origins: Vec<Origin>,
}

/// Where an effective value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The ref's own document.
    Own,
    /// The document that the catalog names as the kind's defaults.
    KindDefaults,
    /// The ref of everybody's defaults.
    RefDefaults,
}

impl EffectiveDocument {
    /// A document filled in from those after it, all seen as its kind.
    ///
    /// # Errors
    /// All together are larger than a document may be.
    pub(crate) fn of<'d>(
        catalog: &Arc<Catalog>,
        name: &DocumentName,
        documents: impl IntoIterator<Item = (Origin, &'d Document)>,
    ) -> Result<EffectiveDocument, ParseError> {
        let documents = documents.into_iter();
        let (origins, documents): (Vec<Origin>, Vec<&Document>) = documents.unzip();
        Ok(EffectiveDocument {
            name: name.clone(),
            catalog: catalog.clone(),
            filled: filled(catalog, name, documents)?,
            origins,
        })
    }

    /// Its name.
    pub fn name(&self) -> &DocumentName {
        &self.name
    }

    /// What its values are told apart by.
    pub fn identity(&self) -> &Identity {
        self.catalog.identity(self.name.kind())
    }

    /// Its text means nothing but its values.
    pub(crate) fn document(&self) -> &Document {
        self.filled.document()
    }

    /// Its values.
    pub fn values(&self) -> Values<'_> {
        Values::of(self.document(), self.identity())
    }

    /// Where one of its values comes from.
    pub fn origin(&self, leaf: &Leaf<'_>) -> Origin {
        let origin = self.filled.origin(leaf.node());
        self.origins.get(origin).copied().unwrap_or(Origin::Own)
    }
}

impl Origin {
    /// In one word: `own`, or `default`.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Own => "own",
            Origin::KindDefaults | Origin::RefDefaults => "default",
        }
    }
}

impl Loaded {
    /// A document with its defaults: the document of its kind's defaults, then the same two of `defaults`, a ref loaded for the same
    /// version. `None` where no side has it.
    ///
    /// # Errors
    /// Where one of these documents can't be migrated or read.
    pub fn effective(
        &self,
        name: &DocumentName,
        defaults: Option<&Loaded>,
    ) -> Result<Option<EffectiveDocument>, ReadError> {
        let catalog = self.project().catalog();
        let own = lifted(self, name)?;
        let of_ref = defaults.map(|loaded| lifted(loaded, name)).transpose()?;
        let of_ref = of_ref.flatten();
        if own.is_none() && of_ref.is_none() {
            return Ok(None);
        }
        let mut sources: Vec<(Origin, LiftedDocument)> = Vec::new();
        sources.extend(own.map(|own| (Origin::Own, own)));
        let kind_defaults = defaults_of(catalog, name);
        if let Some(kind_defaults) = &kind_defaults {
            let found = lifted(self, kind_defaults)?;
            sources.extend(found.map(|found| (Origin::KindDefaults, found)));
        }
        sources.extend(of_ref.map(|of_ref| (Origin::RefDefaults, of_ref)));
        if let (Some(kind_defaults), Some(defaults)) = (&kind_defaults, defaults) {
            let found = lifted(defaults, kind_defaults)?;
            sources.extend(found.map(|found| (Origin::RefDefaults, found)));
        }
        let documents = sources
            .iter()
            .map(|(origin, lifted)| (*origin, lifted.document()));
        let filled = EffectiveDocument::of(catalog, name, documents).map_err(|error| {
            let error = MigrationError::before_any_step(MigrationErrorKind::Parse(error));
            ReadError::Failed(name.clone(), Arc::new(error))
        })?;
        Ok(Some(filled))
    }

    /// The names of this ref's documents, and of those that `defaults` alone has.
    pub fn effective_names(&self, defaults: Option<&Loaded>) -> Vec<DocumentName> {
        let mut names: Vec<DocumentName> = self.names().cloned().collect();
        for name in defaults.into_iter().flat_map(Loaded::names) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let catalog = self.project().catalog();
        let place = |name: &DocumentName| {
            let mut kinds = catalog.kinds().iter();
            kinds.position(|kind| kind.name == name.kind())
        };
        names.sort_by(|a, b| (place(a), a.slug()).cmp(&(place(b), b.slug())));
        names
    }
}

/// The document that the catalog names as the defaults of a document.
pub(crate) fn defaults_of(catalog: &Catalog, name: &DocumentName) -> Option<DocumentName> {
    let defaults = catalog.kind(name.kind())?.defaults.as_deref()?;
    Some(DocumentName::new(defaults, ""))
}

/// A document filled in from those after it, all seen as the first one's kind.
pub(super) fn filled<'d>(
    catalog: &Catalog,
    name: &DocumentName,
    documents: impl IntoIterator<Item = &'d Document>,
) -> Result<Filled, ParseError> {
    let identity = catalog.identity(name.kind());
    let values = documents.into_iter();
    let values = values.map(|document| Values::of(document, identity));
    fill_in(&values.collect::<Vec<_>>())
}

/// `None` where the ref doesn't have it.
fn lifted(loaded: &Loaded, name: &DocumentName) -> Result<Option<LiftedDocument>, ReadError> {
    if !loaded.names().any(|known| known == name) {
        return Ok(None);
    }
    LiftedDocument::of(loaded, loaded.document(name.as_str())?)
}
