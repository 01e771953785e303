//! The values of one text, as rows: made once for all refs that have it, and only what is asked for.

use std::sync::{Arc, OnceLock};

use super::places::{self, Place};
use crate::catalog::{Catalog, DocumentName};
use crate::compare::{EffectiveDocument, LiftedDocument, Origin};
use crate::ocl::Document;
use crate::values::{Leaf, Value, Values};

/// The values of a text.
#[derive(Debug)]
pub(in crate::query) struct LeafTable {
    source: Source,
    addresses: OnceLock<Vec<Box<str>>>,
    /// The places of the leaves, by their addresses.
    by_address: OnceLock<Vec<u32>>,
    values: OnceLock<Vec<TypedText>>,
    len: OnceLock<usize>,
    /// By leaf, whether defaults fill it in.
    defaults: OnceLock<Vec<bool>>,
    places: OnceLock<Result<Arc<[Place]>, String>>,
}

/// Where the text comes from.
#[derive(Debug)]
enum Source {
    Lifted(LiftedDocument),
    Effective(EffectiveDocument),
}

/// A value as text, and its type in one word.
#[derive(Debug)]
struct TypedText {
    text: Box<str>,
    type_name: &'static str,
}

impl LeafTable {
    pub(super) fn of_lifted(lifted: LiftedDocument) -> LeafTable {
        LeafTable::new(Source::Lifted(lifted))
    }

    pub(super) fn of_effective(effective: EffectiveDocument) -> LeafTable {
        LeafTable::new(Source::Effective(effective))
    }

    fn new(source: Source) -> LeafTable {
        LeafTable {
            source,
            addresses: OnceLock::new(),
            by_address: OnceLock::new(),
            values: OnceLock::new(),
            len: OnceLock::new(),
            defaults: OnceLock::new(),
            places: OnceLock::new(),
        }
    }

    pub(super) fn document(&self) -> &Document {
        match &self.source {
            Source::Lifted(lifted) => lifted.document(),
            Source::Effective(effective) => effective.document(),
        }
    }

    fn document_values(&self) -> Values<'_> {
        match &self.source {
            Source::Lifted(lifted) => lifted.values(),
            Source::Effective(effective) => effective.values(),
        }
    }

    /// About how many bytes it takes, once all of it was asked for.
    pub(super) fn weight(&self) -> u64 {
        let text = self.document().text().len() as u64;
        text * 8 + 1024
    }

    /// How many leaves there are.
    pub(in crate::query) fn len(&self) -> usize {
        *self
            .len
            .get_or_init(|| self.document_values().leaves().count())
    }

    pub(in crate::query) fn address(&self, leaf: usize) -> &str {
        &self.addresses()[leaf]
    }

    /// `None` for null.
    pub(in crate::query) fn value(&self, leaf: usize) -> Option<&str> {
        let value = &self.values()[leaf];
        (value.type_name != "null").then_some(&*value.text)
    }

    pub(in crate::query) fn type_name(&self, leaf: usize) -> &'static str {
        self.values()[leaf].type_name
    }

    /// The leaves at an address: one, if any.
    pub(in crate::query) fn at(&self, address: &str) -> &[u32] {
        let addresses = self.addresses();
        let sorted = self.by_address.get_or_init(|| {
            let count = u32::try_from(self.len()).expect("a text has fewer than 2^32 values");
            let mut sorted: Vec<u32> = (0..count).collect();
            sorted.sort_by_key(|leaf| &addresses[*leaf as usize]);
            sorted
        });
        let of = |leaf: &u32| &*addresses[*leaf as usize];
        let begin = sorted.partition_point(|leaf| of(leaf) < address);
        let length = sorted[begin..].partition_point(|leaf| of(leaf) == address);
        &sorted[begin..begin + length]
    }

    /// Whether defaults fill a leaf in.
    pub(in crate::query) fn is_default(&self, leaf: usize) -> bool {
        let Source::Effective(effective) = &self.source else {
            return false;
        };
        let defaults = self.defaults.get_or_init(|| {
            let leaves = effective.values().leaves();
            leaves
                .map(|leaf| effective.origin(&leaf) != Origin::Own)
                .collect()
        });
        defaults[leaf]
    }

    /// What the document refers to and defines.
    ///
    /// # Errors
    /// Why that can't be told.
    pub(super) fn places(
        &self,
        name: &DocumentName,
        catalog: &Catalog,
    ) -> Result<Arc<[Place]>, String> {
        let places = self.places.get_or_init(|| {
            let found = places::places(self.document_values(), name, catalog);
            found.map(Arc::from).map_err(|error| error.to_string())
        });
        places.clone()
    }

    fn addresses(&self) -> &[Box<str>] {
        self.addresses.get_or_init(|| {
            let leaves = self.document_values().leaves();
            leaves
                .map(|leaf| leaf.element().to_string().into())
                .collect()
        })
    }

    fn values(&self) -> &[TypedText] {
        self.values.get_or_init(|| {
            let typed = |leaf: Leaf<'_>| {
                let value = leaf.value();
                TypedText {
                    type_name: value.type_name(),
                    text: match value {
                        Value::String(text) => text.into(),
                        value => value.to_string().into(),
                    },
                }
            };
            self.document_values().leaves().map(typed).collect()
        })
    }
}
