//! The values of one text, as rows: made once for all refs that have it, and only what is asked for.

use std::sync::{Arc, OnceLock};

use super::places::{self, Place};
use crate::catalog::{Catalog, DocumentName};
use crate::compare::{EffectiveDocument, LiftedDocument, Origin};
use crate::ocl::Document;
use crate::values::{Value, Values as DocumentValues};

/// The values of a text.
#[derive(Debug)]
pub(in crate::query) struct LeafTable {
    source: Source,
    addresses: OnceLock<Texts>,
    /// The places of the leaves, by their addresses.
    by_address: OnceLock<Vec<u32>>,
    values: OnceLock<Values>,
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

#[derive(Debug, Default)]
struct Values {
    texts: Texts,
    types: Vec<&'static str>,
}

/// Texts one after the other.
#[derive(Debug, Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
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

    fn document_values(&self) -> DocumentValues<'_> {
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
        self.addresses().get(leaf)
    }

    /// `None` for null.
    pub(in crate::query) fn value(&self, leaf: usize) -> Option<&str> {
        let values = self.values();
        (values.types[leaf] != "null").then(|| values.texts.get(leaf))
    }

    pub(in crate::query) fn type_name(&self, leaf: usize) -> &'static str {
        self.values().types[leaf]
    }

    /// The leaves at an address: one, if any.
    pub(in crate::query) fn at(&self, address: &str) -> &[u32] {
        let addresses = self.addresses();
        let sorted = self.by_address.get_or_init(|| {
            let count = u32::try_from(self.len()).expect("a text has fewer than 2^32 values");
            let mut sorted: Vec<u32> = (0..count).collect();
            sorted.sort_by_key(|leaf| addresses.get(*leaf as usize));
            sorted
        });
        let of = |leaf: &u32| addresses.get(*leaf as usize);
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

    fn addresses(&self) -> &Texts {
        self.addresses.get_or_init(|| {
            let mut texts = Texts::default();
            for leaf in self.document_values().leaves() {
                texts.push(&leaf.element().to_string());
            }
            texts
        })
    }

    fn values(&self) -> &Values {
        self.values.get_or_init(|| {
            let mut values = Values::default();
            for leaf in self.document_values().leaves() {
                let value = leaf.value();
                values.types.push(value.type_name());
                match &value {
                    Value::String(text) => values.texts.push(text),
                    value => values.texts.push(&value.to_string()),
                }
            }
            values
        })
    }
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, place: usize) -> &str {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[begin..self.ends[place]]
    }
}
