//! The refs of a question over many, and what of them is worth loading once.

use std::collections::HashMap;

use crate::git::{ObjectId, RefPattern, RefScope};
use crate::project::{Cases, LoadError, LoadOptions, Loaded, NotLoaded, Project};

/// A ref that was compared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ComparedRef {
    /// The full name; a revision that names no ref goes by its own text.
    #[serde(rename = "ref")]
    pub name: String,
    /// The commit it points to; `None` where it points to none.
    pub commit: Option<ObjectId>,
    /// The environment that it is, where it was added as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// Refs, some by the names of environments.
pub(crate) struct NamedCases {
    cases: Cases,
    /// By the places of refs.
    environments: HashMap<usize, String>,
}

impl NamedCases {
    pub(crate) fn new(project: &Project, options: LoadOptions) -> NamedCases {
        NamedCases {
            cases: Cases::new(project, options),
            environments: HashMap::new(),
        }
    }

    /// The project that they are of.
    pub(crate) fn project(&self) -> &Project {
        self.cases.project()
    }

    pub(crate) fn add_scope(&mut self, scope: RefScope) -> Result<(), LoadError> {
        self.cases.add_refs(scope, &mut |_| {}, |_| true)
    }

    pub(crate) fn add_matching(&mut self, patterns: &[RefPattern]) -> Result<(), LoadError> {
        self.cases.add_matching(patterns, &mut |_| {})
    }

    /// Adds anything that Git can resolve, and gives its place.
    pub(crate) fn add_revision(&mut self, revision: &str) -> Result<usize, LoadError> {
        self.cases.add_revision(revision)?;
        Ok(self.refs_len() - 1)
    }

    pub(crate) fn add_environment(&mut self, name: &str, revision: &str) -> Result<(), LoadError> {
        let place = self.add_revision(revision)?;
        self.environments.insert(place, name.to_owned());
        Ok(())
    }

    /// How many refs there are.
    pub(crate) fn refs_len(&self) -> usize {
        self.cases.refs.len()
    }

    /// The ref at a place, in the order in which they were added.
    pub(crate) fn reference(&self, place: usize) -> ComparedRef {
        ComparedRef {
            name: self.cases.refs.name(place).to_owned(),
            commit: self.cases.refs.commit(place),
            environment: self.environments.get(&place).cloned(),
        }
    }

    /// The case of the ref at a place.
    pub(crate) fn case(&self, place: usize) -> usize {
        self.cases.refs.case(place)
    }

    /// How many cases there are.
    pub(crate) fn len(&self) -> usize {
        self.cases.len()
    }

    /// Loads what is in a case, base path by base path. `of` makes what is kept of each.
    pub(crate) fn load<T>(
        &self,
        case: usize,
        of: impl FnMut(&str, Result<Loaded, LoadError>) -> T,
    ) -> Result<Vec<T>, NotLoaded> {
        self.cases.load(case, of)
    }
}
