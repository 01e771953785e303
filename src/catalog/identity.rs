//! What tells the parts of a document apart: the keys and sets that a catalog declares.
//!
//! A declaration names blocks or lists by the path of names that leads to them from the document. All paths of one kind
//! are compiled into one table of states, so that walking a document costs one look-up for each block, dictionary and list.

mod table;

use std::sync::Arc;

use super::problem::CatalogError;
use super::read;
use super::selector::Selector;
pub(crate) use table::State;
use table::Table;

/// What tells blocks and list items of one document kind apart, at the newest version.
///
/// Where nothing is declared, a block is known by its labels and a list's item by its position.
///
/// ```
/// use ocl_migrate::catalog::{Catalog, Identity};
///
/// let identity = Identity::parse(r#"
///     key "variable" {
///       by          = label
///       ignore_case = true
///     }
///     set "variable.environments" {}
/// "#)?;
/// assert_ne!(identity, Identity::none());
///
/// // A catalog has one for each of its kinds.
/// let catalog = Catalog::builtin();
/// assert_ne!(*catalog.identity("variables"), *catalog.identity("deployment_settings"));
/// # Ok::<(), ocl_migrate::catalog::CatalogError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Those of the kind, then those for all kinds.
    rules: Vec<Rule>,
    table: Table,
}

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

impl Identity {
    /// Nothing declared: blocks are known by their labels, items by their positions.
    #[must_use]
    pub fn none() -> Identity {
        Identity::default()
    }

    /// Reads declarations, as they stand in a catalog's `document` block.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once, each with its place.
    pub fn parse(text: &str) -> Result<Identity, CatalogError> {
        read::identity(text)
    }

    /// Puts declarations together: those of the kind come before those for all kinds, which they override. The clashes are
    /// all that there are.
    pub(crate) fn new(own: &[Rule], shared: &[Rule]) -> Result<Identity, Vec<Clash>> {
        Ok(Identity {
            table: Table::new(own, shared)?,
            rules: [own, shared].concat(),
        })
    }

    /// The state that a document is in.
    pub(crate) fn start(&self) -> State {
        self.table.start()
    }

    /// The state of what has a name in something of a state.
    pub(crate) fn step(&self, from: State, name: &str) -> State {
        self.table.step(from, name)
    }

    /// The key of blocks of a state.
    pub(crate) fn key(&self, state: State) -> Option<&KeyRule> {
        match self.rules.get(self.table.key(state)?)? {
            Rule::Key(key) => Some(key),
            Rule::Set(_) => None,
        }
    }

    /// What is declared of lists of a state.
    pub(crate) fn set(&self, state: State) -> Option<&SetRule> {
        match self.rules.get(self.table.set(state)?)? {
            Rule::Set(set) => Some(set),
            Rule::Key(_) => None,
        }
    }
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

/// The identities of a catalog's kinds.
#[derive(Debug, Clone, Default)]
pub(super) struct Identities {
    kinds: Arc<Vec<(String, Identity)>>,
}

static NONE: Identity = Identity {
    rules: Vec::new(),
    table: Table::empty(),
};

impl Identities {
    pub(super) fn new(kinds: Vec<(String, Identity)>) -> Identities {
        let kinds = Arc::new(kinds);
        Identities { kinds }
    }

    pub(super) fn of(&self, kind: &str) -> &Identity {
        let found = self.kinds.iter().find(|(name, _)| name == kind);
        found.map_or(&NONE, |(_, identity)| identity)
    }
}
