//! What a catalog declares: keys of blocks, and lists that are sets.

use crate::catalog::selector::Selector;

/// How blocks are known: `key "variable.value" { ... }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyRule {
    pub(crate) selector: Selector,
    pub(crate) by: By,
    /// What takes the place of labels where a block has none.
    pub(crate) otherwise: Option<Otherwise>,
    /// Lists in the key are sets.
    pub(crate) as_set: bool,
    pub(crate) ignore_case: bool,
    /// The order of these blocks matters.
    pub(crate) ordered: bool,
    /// Where the block's own value stands: the first of these that is there.
    pub(crate) value: Vec<Holder>,
    /// Which attribute of the key decides first where several blocks apply: positions in `by`.
    pub(crate) precedence: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// All its labels.
    Label,
    /// Attributes; one that is absent is part of the key by that.
    Attributes(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Otherwise {
    Attribute(String),
    /// The labels of the block that it stands in.
    Parent,
}

/// Where a block holds its own value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The first label.
    Label,
    Attribute(String),
}

/// A list that is a set: `set "environments" {}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetRule {
    pub(crate) selector: Selector,
    pub(crate) ignore_case: bool,
}

/// One declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    Key(KeyRule),
    Set(SetRule),
}

/// Why declarations don't fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clash {
    /// Two, by their positions, are about the same blocks or lists.
    Overlap(usize, usize),
    /// Together they have more states than are allowed.
    TooMany,
}

impl KeyRule {
    /// The attributes of the key, in the order in which it is written.
    pub(crate) fn attributes(&self) -> &[String] {
        match (&self.by, &self.otherwise) {
            (By::Attributes(names), _) => names,
            (By::Label, Some(Otherwise::Attribute(name))) => std::slice::from_ref(name),
            (By::Label, _) => &[],
        }
    }
}

impl Rule {
    pub(crate) fn selector(&self) -> &Selector {
        match self {
            Self::Key(key) => &key.selector,
            Self::Set(set) => &set.selector,
        }
    }
}
