//! What tells the parts of a document apart: the keys and sets that a catalog declares.
//!
//! A declaration names blocks or lists by the path of names that leads to them from the document. All paths of one kind
//! are compiled into one table of states, so that walking a document costs one look-up for each block, dictionary and list.

mod rule;
mod table;

use std::sync::Arc;

pub(crate) use rule::{By, Clash, Holder, KeyRule, Otherwise, Rule, SetRule};
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

impl Identity {
    /// Nothing declared: blocks are known by their labels, items by their positions.
    #[must_use]
    pub fn none() -> Identity {
        Identity::default()
    }

    /// Puts declarations together: those of the kind come before those for all kinds, which they override. The clashes are
    /// all that there are.
    pub(crate) fn new(own: &[Rule], shared: &[Rule]) -> Result<Identity, Vec<Clash>> {
        Ok(Identity {
            table: Table::new(own, shared)?,
            rules: [own, shared].concat(),
        })
    }

    /// Whether blocks of one name may differ in their scope only, so that one of them applies: the values of a variable.
    pub(crate) fn has_scopes(&self) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| matches!(rule, Rule::Key(key) if !key.precedence.is_empty()))
    }

    /// Whether any blocks have a key that tells each from those beside it.
    pub(crate) fn has_keys(&self) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| matches!(rule, Rule::Key(key) if key.precedence.is_empty()))
    }

    /// The types of scope that decide which of such blocks applies, each once, the most specific first.
    #[must_use]
    pub fn scope_types(&self) -> Vec<&str> {
        let mut types = Vec::new();
        for rule in &self.rules {
            let Rule::Key(key) = rule else { continue };
            for name in key.precedence.iter().map(|at| &*key.attributes()[*at]) {
                if !types.contains(&name) {
                    types.push(name);
                }
            }
        }
        types
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

/// The identities of a catalog's kinds.
#[derive(Debug, Clone, Default)]
pub(super) struct Identities {
    kinds: Arc<Vec<(String, Arc<Identity>)>>,
}

static NONE: Identity = Identity {
    rules: Vec::new(),
    table: Table::empty(),
};

impl Identities {
    pub(super) fn new(kinds: Vec<(String, Arc<Identity>)>) -> Identities {
        let kinds = Arc::new(kinds);
        Identities { kinds }
    }

    pub(super) fn of(&self, kind: &str) -> &Identity {
        let found = self.kinds.iter().find(|(name, _)| name == kind);
        found.map_or(&NONE, |(_, identity)| identity)
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::{Catalog, PortableCatalog};

    const CATALOG: &str = "catalog \"c\" { base_path = \"\" }\ndocument \"a\" {\n  path = \"a.ocl\"\n  key \"b\" { by = label }\n}\n";

    #[test]
    fn declarations_travel_with_the_portable_catalog() {
        let catalog = Catalog::from_texts(&[("catalog.hcl", CATALOG)]).unwrap();
        let portable = catalog.portable().unwrap();
        let arrived = Catalog::from_portable(&portable).unwrap();
        assert_eq!(arrived.identity("a"), catalog.identity("a"));
        assert_ne!(*arrived.identity("a"), super::Identity::none());
        // They are also part of what its digest is over.
        let content = portable.content.replace("by = label", "by = labels");
        let changed = PortableCatalog {
            content,
            ..portable
        };
        assert!(Catalog::from_portable(&changed).is_err());
    }
}
