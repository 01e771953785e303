//! What the documents of a project name, and what each name means among them.

use std::collections::{HashMap, HashSet};

use crate::catalog::{Catalog, DocumentName};
use crate::ocl::Document;
use crate::references::model::{ConditionError, Definition, Reference, References};
use crate::references::place::ThingPlace;
use crate::values::Values;

/// The documents of a project, with what they name.
pub(super) struct Named<'a> {
    pub(super) documents: Vec<NamedDocument<'a>>,
    /// The keys of what is defined, by kind.
    defined: HashMap<&'a str, HashSet<String>>,
}

pub(super) struct NamedDocument<'a> {
    pub(super) name: &'a DocumentName,
    pub(super) values: Values<'a>,
    pub(super) found: References<'a>,
}

impl<'a> Named<'a> {
    pub(super) fn of(
        documents: &'a [(DocumentName, Document)],
        catalog: &'a Catalog,
    ) -> Result<Named<'a>, ConditionError> {
        let mut named = Named {
            documents: Vec::with_capacity(documents.len()),
            defined: HashMap::new(),
        };
        for (name, document) in documents {
            let values = Values::of(document, catalog.identity(name.kind()));
            let found = References::of(values, name, catalog)?;
            for definition in &found.definitions {
                let keys = definition.names.iter().flat_map(|name| name.keys());
                let of_kind = named.defined.entry(definition.kind).or_default();
                of_kind.extend(keys.cloned());
            }
            named.documents.push(NamedDocument {
                name,
                values,
                found,
            });
        }
        Ok(named)
    }

    pub(super) fn is_defined(&self, kind: &str, key: &str) -> bool {
        let of_kind = self.defined.get(kind);
        of_kind.is_some_and(|keys| keys.contains(key))
    }

    /// Whether anything is defined that is an item of what has this key: `X[a]` of `X`.
    pub(super) fn has_items(&self, kind: &str, key: &str) -> bool {
        let mut keys = self.defined.get(kind).into_iter().flatten();
        keys.any(|defined| {
            defined
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with('['))
        })
    }

    /// The key of what a reference means; `None` where only the server knows.
    pub(super) fn meant<'r>(&self, reference: &'r Reference<'_>) -> Option<&'r str> {
        let is_defined = |key: &str| self.is_defined(reference.kind, key);
        reference.name.key(is_defined)
    }

    pub(super) fn definitions(&self) -> impl Iterator<Item = (usize, &Definition<'a>)> {
        let documents = self.documents.iter().enumerate();
        documents.flat_map(|(index, document)| {
            let definitions = document.found.definitions.iter();
            definitions.map(move |definition| (index, definition))
        })
    }

    pub(super) fn references(&self) -> impl Iterator<Item = (usize, &Reference<'a>)> {
        let documents = self.documents.iter().enumerate();
        documents.flat_map(|(index, document)| {
            let references = document.found.references.iter();
            references.map(move |reference| (index, reference))
        })
    }

    pub(super) fn place_of(&self, (document, reference): (usize, &Reference<'_>)) -> ThingPlace {
        ThingPlace::of(self.documents[document].name, reference)
    }

    pub(super) fn place_of_definition(
        &self,
        (document, definition): (usize, &Definition<'_>),
        name: usize,
    ) -> ThingPlace {
        ThingPlace::of_definition(self.documents[document].name, definition, name)
    }
}

impl Definition<'_> {
    /// Which of its names has this key.
    pub(super) fn name_with(&self, key: &str) -> Option<usize> {
        let mut names = self.names.iter();
        names.position(|name| name.keys().iter().any(|known| known == key))
    }
}
