//! What has been seen of documents: which names stand where, how often, and with what values.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::ocl::{Kind, Node};

/// Lists and dictionaries that nest deeper may hold anything.
const DEEPEST: usize = 16;

/// What stands beside each other: in documents, in the blocks of one type in one place, or in the dictionaries in one place.
#[derive(Debug, Default)]
pub(super) struct Holder {
    /// How many there were.
    pub(super) count: usize,
    /// The fewest and the most labels.
    pub(super) labels: (usize, usize),
    /// By name, in the order in which they came.
    pub(super) members: IndexMap<String, Member>,
}

/// What goes by one name in a holder.
#[derive(Debug, Default)]
pub(super) struct Member {
    /// In how many of the holders it is.
    pub(super) present: usize,
    /// In how many it is something other than null.
    pub(super) filled: usize,
    pub(super) blocks: Option<Holder>,
    pub(super) value: Option<Value>,
    /// The last holder that had it, counted from 1, and the last where it wasn't null.
    last: (usize, usize),
}

/// The values that were seen in one place.
#[derive(Debug, Default)]
pub(super) struct Value {
    pub(super) scalars: BTreeSet<Scalar>,
    /// Of lists, what their items were.
    pub(super) list: Option<Box<Value>>,
    pub(super) dictionary: Option<Box<Holder>>,
    /// Whether some of it nests too deeply to be looked at.
    pub(super) is_anything: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scalar {
    Null,
    Bool,
    /// Of 64 bits.
    Integer,
    /// With a fraction, an exponent or more digits.
    Number,
    String,
}

impl Holder {
    /// Adds a document, a block or a dictionary.
    pub(super) fn add(&mut self, node: Node<'_>) {
        self.add_at(node, 0);
    }

    fn add_at(&mut self, node: Node<'_>, depth: usize) {
        let labels = node.labels().count();
        let fewest = if self.count == 0 {
            labels
        } else {
            self.labels.0
        };
        self.labels = (fewest.min(labels), self.labels.1.max(labels));
        self.count += 1;
        for child in node.children() {
            let member = self.members.entry(child.name().into_owned()).or_default();
            let value = child.value();
            if member.last.0 != self.count {
                (member.last.0, member.present) = (self.count, member.present + 1);
            }
            if value.is_none_or(|value| !value.is_null()) && member.last.1 != self.count {
                (member.last.1, member.filled) = (self.count, member.filled + 1);
            }
            match value {
                Some(value) => member.value.get_or_insert_default().add(value, depth),
                None => member.blocks.get_or_insert_default().add(child),
            }
        }
    }

    /// Whether every one of several had the same names.
    pub(super) fn is_uniform(&self) -> bool {
        let mut members = self.members.values();
        self.count > 1 && members.len() > 0 && members.all(|it| it.present == self.count)
    }
}

impl Member {
    /// Its values, where it has any but null.
    pub(super) fn value_without_null(&self) -> Value {
        let mut all = Value::default();
        if let Some(value) = &self.value {
            all.merge(value);
        }
        all.scalars.remove(&Scalar::Null);
        all
    }
}

impl Value {
    fn add(&mut self, node: Node<'_>, depth: usize) {
        let scalar = match node.kind() {
            Kind::List | Kind::Dictionary if depth == DEEPEST => {
                self.is_anything = true;
                return;
            }
            Kind::List => {
                let items = self.list.get_or_insert_default();
                for item in node.children() {
                    items.add(item, depth + 1);
                }
                return;
            }
            Kind::Dictionary => {
                let dictionary = self.dictionary.get_or_insert_default();
                return dictionary.add_at(node, depth + 1);
            }
            Kind::Null => Scalar::Null,
            Kind::Bool => Scalar::Bool,
            Kind::Number => match node.as_number().unwrap_or_default().parse::<i64>() {
                Ok(_) => Scalar::Integer,
                Err(_) => Scalar::Number,
            },
            _ => Scalar::String,
        };
        self.scalars.insert(scalar);
    }

    /// What was seen of any of several.
    pub(super) fn merge(&mut self, other: &Value) {
        self.scalars.extend(&other.scalars);
        self.is_anything |= other.is_anything;
        if let Some(items) = &other.list {
            self.list.get_or_insert_default().merge(items);
        }
        if let Some(dictionary) = &other.dictionary {
            self.dictionary.get_or_insert_default().merge(dictionary);
        }
    }
}

impl Holder {
    fn merge(&mut self, other: &Holder) {
        self.count += other.count;
        for (name, member) in &other.members {
            let own = self.members.entry(name.clone()).or_default();
            own.present += member.present;
            own.filled += member.filled;
            if let Some(value) = &member.value {
                own.value.get_or_insert_default().merge(value);
            }
        }
    }

    /// What was seen under any name of a dictionary.
    pub(super) fn values(&self) -> Value {
        let mut all = Value::default();
        for value in self.members.values().filter_map(|it| it.value.as_ref()) {
            all.merge(value);
        }
        all
    }
}
