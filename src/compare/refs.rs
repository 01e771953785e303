//! The refs of a question over many, and what of them is worth loading once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;

use crate::git::{ObjectId, RefPattern, RefScope};
use crate::project::{
    Cases, LoadError, LoadOptions, Loaded, NotLoaded, Project, Warning, for_each,
};

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

/// A base path of a case, and what became of it.
pub(crate) struct Looked<T> {
    /// The folder of the project's documents; of a case without any, the one that is looked for.
    pub(crate) base_path: String,
    pub(crate) found: Found<T>,
}

/// What became of a base path.
pub(crate) enum Found<T> {
    /// What is kept of its documents.
    Documents(T),
    /// There is no project; what is told of that.
    Nothing(Vec<String>),
    Failed(Unloaded),
}

/// Why a project can't be loaded.
pub(crate) enum Unloaded {
    Load(Box<LoadError>),
    /// The case can't be read as a whole.
    Broken(String),
}

impl fmt::Display for Unloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Broken(reason) => f.write_str(reason),
        }
    }
}

/// Messages, each once with the refs that it is about.
#[derive(Default)]
pub(crate) struct Told<'m>(BTreeMap<Cow<'m, str>, Vec<ComparedRef>>);

impl<'m> Told<'m> {
    pub(crate) fn add(&mut self, message: impl Into<Cow<'m, str>>, reference: ComparedRef) {
        self.0.entry(message.into()).or_default().push(reference);
    }

    pub(crate) fn into_vec(self) -> Vec<(Vec<ComparedRef>, String)> {
        let told = self.0.into_iter();
        told.map(|(text, refs)| (refs, text.into_owned())).collect()
    }
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

    /// Loads every case, on all processors if it takes long: what `of` makes of each base path that has documents.
    pub(crate) fn look<T: Send + Sync>(
        &self,
        of: impl Fn(&Loaded) -> T + Sync,
    ) -> Vec<Vec<Looked<T>>> {
        let looked: Vec<OnceLock<Vec<Looked<T>>>> = std::iter::repeat_with(OnceLock::new)
            .take(self.cases.len())
            .collect();
        for_each(looked.len(), |case| {
            looked[case].get_or_init(|| self.look_at(case, &of));
        });
        let looked = looked.into_iter();
        looked
            .map(|looked| looked.into_inner().unwrap_or_default())
            .collect()
    }

    fn look_at<T>(&self, case: usize, of: &impl Fn(&Loaded) -> T) -> Vec<Looked<T>> {
        if self.project().is_given_up() {
            return Vec::new();
        }
        let looked = self.cases.load(case, |base_path, loaded| Looked {
            base_path: base_path.to_owned(),
            found: match loaded {
                Err(error) => Found::Failed(Unloaded::Load(Box::new(error))),
                Ok(loaded) if loaded.plan().branch_version == 0 => {
                    Found::Nothing(elsewhere(&loaded))
                }
                Ok(loaded) => Found::Documents(of(&loaded)),
            },
        });
        looked.unwrap_or_else(|nothing| {
            let found = match nothing {
                NotLoaded::NotACommit(_) => Found::Nothing(Vec::new()),
                NotLoaded::Broken(reason) => Found::Failed(Unloaded::Broken(reason)),
            };
            let base_path = self.project().folder().to_owned();
            vec![Looked { base_path, found }]
        })
    }
}

/// Where the project is instead. Whoever chose one of several knows that not all refs have it.
fn elsewhere(loaded: &Loaded) -> Vec<String> {
    let warnings = loaded.warnings().iter();
    let told = warnings.filter(|warning| matches!(warning, Warning::NothingThere { .. }));
    match loaded.project().base_path() {
        None => told.map(ToString::to_string).collect(),
        Some(_) => Vec::new(),
    }
}
