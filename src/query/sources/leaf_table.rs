//! The values of one text, as rows: made once for all refs that have it, and only what is asked for.

use std::sync::OnceLock;

use crate::compare::LiftedDocument;
use crate::values::Value;

/// The values of a text.
#[derive(Debug)]
pub(in crate::query) struct LeafTable {
    lifted: LiftedDocument,
    addresses: OnceLock<Texts>,
    /// The places of the leaves, by their addresses.
    by_address: OnceLock<Vec<u32>>,
    values: OnceLock<Values>,
    len: OnceLock<usize>,
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
    pub(super) fn new(lifted: LiftedDocument) -> LeafTable {
        LeafTable {
            lifted,
            addresses: OnceLock::new(),
            by_address: OnceLock::new(),
            values: OnceLock::new(),
            len: OnceLock::new(),
        }
    }

    /// About how many bytes it takes, once all of it was asked for.
    pub(super) fn weight(&self) -> u64 {
        let text = self.lifted.document().text().len() as u64;
        text * 8 + 1024
    }

    /// How many leaves there are.
    pub(in crate::query) fn len(&self) -> usize {
        *self
            .len
            .get_or_init(|| self.lifted.values().leaves().count())
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

    fn addresses(&self) -> &Texts {
        self.addresses.get_or_init(|| {
            let mut texts = Texts::default();
            for leaf in self.lifted.values().leaves() {
                texts.push(&leaf.element().to_string());
            }
            texts
        })
    }

    fn values(&self) -> &Values {
        self.values.get_or_init(|| {
            let mut values = Values::default();
            for leaf in self.lifted.values().leaves() {
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
