//! Fields, and the types of their values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::place::Place;
use crate::ocl::{Kind, Node};

/// The segment of a path that stands for every entry of a dictionary.
pub(in super::super) const EACH: &str = "*";

/// How deep fields are followed: documents nest no deeper than 128, and people don't that deep.
const DEEPEST: usize = 24;

/// The most fields that are listed.
const MOST_FIELDS: usize = 5_000;

/// The types of values, as documents have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Type {
    Null,
    Boolean,
    /// A number without a fraction.
    Whole,
    /// Any other.
    Fraction,
    Text,
    /// Of blocks or of values; a block alone is one too.
    List,
    Dictionary,
}

/// The types that something may have; `None` is any.
pub(crate) type Types = Option<BTreeSet<Type>>;

/// What stands at one path.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) types: Types,
    /// Of the items of a list; blocks are dictionaries here.
    pub(crate) items: Types,
    /// The texts that it may be; `None` if there are others.
    pub(crate) texts: Option<BTreeSet<String>>,
    /// Whether its holder can't be without it.
    pub(crate) required: bool,
    /// Whether it may hold names that aren't listed.
    pub(crate) open: bool,
    /// The keywords of a JSON Schema that bound its values, those of a list's items with `items/` before them.
    pub(crate) limits: BTreeMap<String, Value>,
    /// Which label of its block it is, if it is one.
    pub(crate) label: Option<usize>,
    /// Those that a block has there.
    pub(crate) labels: Labels,
    pub(crate) place: Place,
}

/// How many labels a block has. A schema counts them, where a message names each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Labels {
    /// So many it can't be without.
    pub(crate) fewest: usize,
    /// `None` if there may be any number.
    pub(crate) most: Option<usize>,
}

impl Labels {
    /// Whether a block may have the label at this place.
    pub(super) fn allow(self, index: usize) -> bool {
        self.most.is_none_or(|most| index < most)
    }

    /// Whether no block is without the label at this place.
    pub(super) fn need(self, index: usize) -> bool {
        index < self.fewest
    }
}

/// The fields of a contract by their paths; that of the document is empty.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    by_path: BTreeMap<Vec<String>, Field>,
    /// Whether there are more than can be listed.
    cut: bool,
}

impl Fields {
    pub(super) fn add(&mut self, path: &[String], field: Field) -> bool {
        if path.len() > DEEPEST || self.by_path.len() >= MOST_FIELDS {
            self.cut = true;
            return false;
        }
        self.by_path.insert(path.to_vec(), field);
        true
    }

    /// Every field with its path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[String], &Field)> {
        let fields = self.by_path.iter();
        fields.map(|(path, field)| (&**path, field))
    }

    /// What stands at a path.
    pub(crate) fn get(&self, path: &[String]) -> Option<&Field> {
        self.by_path.get(path)
    }

    /// Whether there are more fields than could be listed.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }
}

impl Type {
    /// The type of a value, or of a block among those of its type.
    pub(super) fn of(node: Node<'_>) -> Type {
        match node.kind() {
            Kind::Null => Type::Null,
            Kind::Bool => Type::Boolean,
            Kind::Number => {
                let text = node.as_number().unwrap_or_default();
                let is_whole = !text.contains('.');
                if is_whole {
                    Type::Whole
                } else {
                    Type::Fraction
                }
            }
            Kind::String | Kind::Heredoc | Kind::Label => Type::Text,
            Kind::List | Kind::Block => Type::List,
            Kind::Dictionary | Kind::Document | Kind::Attribute | Kind::Entry => Type::Dictionary,
        }
    }

    pub(in super::super) fn noun(self) -> &'static str {
        match self {
            Type::Null => "null",
            Type::Boolean => "a boolean",
            Type::Whole => "a whole number",
            Type::Fraction => "a number",
            Type::Text => "a string",
            Type::List => "a block or list",
            Type::Dictionary => "a dictionary",
        }
    }
}
