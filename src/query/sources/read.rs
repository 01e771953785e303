//! Reading refs and documents, each distinct one once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::unsync::Cache;
use sha2::{Digest as _, Sha256};

use super::entries::{Entries, Entry};
use super::held::{Held, HeldBase, HeldProject};
use super::leaf_table::LeafTable;
use crate::catalog::DocumentName;
use crate::compare::{Doubled, Origin};
use crate::git::ObjectId;
use crate::project::{Cases, ContentKey, LoadError, LoadOptions, Loaded, NotLoaded, Project};
use crate::query::options::QueryOptions;
use crate::query::problem::{Problems, QueryProblem};

/// So many refs stay loaded: a query that joins refs goes back and forth between them.
const MOST_LOADED: usize = 8;

/// Where more refs than this are to be resolved, they are listed all at once.
const FEW: usize = 16;

/// The name of a document, and the texts that it is filled in from, in their order.
pub(super) type Combination = (DocumentName, Vec<(Origin, u32)>);

/// What the tables are made of.
pub(in crate::query) struct Sources {
    pub(super) project: Project,
    target: u32,
    pub(super) entries: Entries,
    /// The ref of everybody's defaults.
    pub(super) defaults: Option<u32>,
    /// By entry: its place in the list of `cases`; `None` where it isn't resolved yet.
    places: Vec<Option<Result<usize, String>>>,
    cases: Cases,
    /// By case.
    held: HashMap<usize, Arc<Held>>,
    /// By case: the same with the documents that only the defaults have.
    pub(super) held_with_defaults: HashMap<usize, Arc<Held>>,
    loaded: VecDeque<(usize, Arc<Vec<Option<Loaded>>>)>,
    /// The names of documents, each once.
    names: HashSet<DocumentName>,
    /// By case and base path: what was found out about the documents.
    pub(super) cells: HashMap<(usize, usize), Vec<Option<Cell>>>,
    pub(super) texts: HashMap<(DocumentName, TextKey), (u32, Doubled)>,
    /// By case, base path and document: what a reader of it should know, where there is anything.
    pub(super) told: HashMap<(usize, usize, DocumentName), Arc<[String]>>,
    /// What is filled in from several texts is a text too.
    pub(super) combinations: HashMap<Combination, u32>,
    pub(super) next_text: u32,
    pub(super) tables: Cache<u32, Arc<LeafTable>, Weight>,
    /// By entry, base path and how many documents there are: the number of the first document.
    slots: HashMap<(u32, usize, usize), u64>,
    next_slot: u64,
    /// The entries of which it was noted what can't be read of them as a whole.
    noted: HashSet<u32>,
    pub(super) problems: Problems,
    pub(super) warnings: Problems,
}

/// A document in a ref.
#[derive(Debug, Clone)]
pub(in crate::query) enum Cell {
    /// Its text, and whether Git holds the document.
    Text {
        text: u32,
        own: bool,
    },
    /// It isn't there at the version of the query.
    Absent,
    Failed(Arc<str>),
}

/// The values of a document in a ref.
pub(in crate::query) struct Leaves {
    pub(in crate::query) table: Arc<LeafTable>,
    /// Whether Git holds the document.
    pub(in crate::query) own: bool,
    /// What its defaults say, where they were asked for and there are any.
    pub(in crate::query) defaults: Option<Arc<LeafTable>>,
}

/// Identifies a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum TextKey {
    Blob(ObjectId),
    Digest([u8; 32]),
}

#[derive(Debug, Clone)]
pub(super) struct Weight;

impl Weighter<u32, Arc<LeafTable>> for Weight {
    fn weight(&self, _: &u32, table: &Arc<LeafTable>) -> u64 {
        table.weight()
    }
}

impl Sources {
    pub(in crate::query) fn new(
        project: &Project,
        options: &QueryOptions,
    ) -> Result<Sources, LoadError> {
        let target = LoadOptions {
            target: options.target,
        };
        let mut entries = Entries::list(project, options)?;
        let defaults = match &options.defaults {
            Some(revision) => Some(entries.existing(project, revision)?),
            None => None,
        };
        Ok(Sources {
            project: project.clone(),
            target: options.target.unwrap_or(project.catalog().server_version()),
            places: vec![None; entries.len()],
            entries,
            defaults,
            cases: Cases::new(project, target),
            held: HashMap::new(),
            held_with_defaults: HashMap::new(),
            loaded: VecDeque::new(),
            names: HashSet::new(),
            cells: HashMap::new(),
            texts: HashMap::new(),
            told: HashMap::new(),
            combinations: HashMap::new(),
            next_text: 0,
            tables: Cache::with_weighter(1024, options.cache_bytes, Weight),
            slots: HashMap::new(),
            next_slot: 0,
            noted: HashSet::new(),
            problems: Problems::default(),
            warnings: Problems::default(),
        })
    }

    pub(in crate::query) fn project(&self) -> &Project {
        &self.project
    }

    pub(in crate::query) fn target(&self) -> u32 {
        self.target
    }

    /// What couldn't be read so far.
    pub(in crate::query) fn take_problems(&mut self) -> Vec<QueryProblem> {
        self.noted.clear();
        self.problems.take()
    }

    /// What a reader of the refs that were read should know.
    pub(in crate::query) fn take_warnings(&mut self) -> Vec<QueryProblem> {
        self.noted.clear();
        self.warnings.take()
    }

    pub(in crate::query) fn add_problem(
        &mut self,
        reference: &str,
        document: Option<&str>,
        message: &str,
    ) {
        self.problems.add(reference, document, message);
    }

    pub(in crate::query) fn add_warning(
        &mut self,
        reference: &str,
        document: Option<&str>,
        message: &str,
    ) {
        self.warnings.add(reference, document, message);
    }

    /// The listed refs that are wanted; only those of some names, if names are given.
    pub(in crate::query) fn listed(
        &mut self,
        names: Option<&[String]>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Vec<u32> {
        let found = match names {
            Some(names) => self.entries.named(names),
            None => self.entries.listed().collect(),
        };
        let is_wanted = |entry: &u32| wanted(self.entries.get(*entry));
        found.into_iter().filter(is_wanted).collect()
    }

    /// What an argument names.
    pub(in crate::query) fn argument(&mut self, argument: &str) -> u32 {
        let found = self.entries.argument(&self.project, argument);
        self.places.resize(self.entries.len(), None);
        found
    }

    /// What Git is asked for, where a history begins at what an argument names.
    pub(in crate::query) fn revision(&mut self, argument: &str) -> String {
        let entry = self.argument(argument);
        self.entries.get(entry).revision.clone()
    }

    pub(in crate::query) fn entry(&self, entry: u32) -> Arc<Entry> {
        self.entries.get(entry).clone()
    }

    /// Finds the commits of refs that are about to be read, faster than one by one.
    pub(in crate::query) fn prepare(&mut self, entries: &[u32]) -> Result<(), LoadError> {
        let unresolved = entries
            .iter()
            .filter(|entry| self.places[**entry as usize].is_none());
        let mut wanted: HashMap<String, Vec<u32>> = HashMap::new();
        for entry in unresolved {
            if let Some(name) = &self.entries.get(*entry).full_name {
                wanted.entry(name.clone()).or_default().push(*entry);
            }
        }
        if wanted.len() <= FEW {
            return Ok(());
        }
        let before = self.cases.refs.len();
        let scope = self.entries.scope;
        self.cases
            .add_refs(scope, &mut |_| {}, |name| wanted.contains_key(name))?;
        for place in before..self.cases.refs.len() {
            for entry in wanted
                .get(self.cases.refs.name(place))
                .into_iter()
                .flatten()
            {
                self.places[*entry as usize] = Some(Ok(place));
            }
        }
        Ok(())
    }

    /// The place of an entry among the refs of the cases; why it names no commit, if it doesn't.
    fn place(&mut self, entry: u32) -> Result<usize, String> {
        if let Some(known) = &self.places[entry as usize] {
            return known.clone();
        }
        let found = self.entries.get(entry).clone();
        let place = self.cases.refs.len();
        let place = match &found.full_name {
            Some(name) => {
                self.cases.add_ref(name);
                Ok(place)
            }
            None => match self.cases.add_revision(&found.revision) {
                Ok(()) => Ok(place),
                Err(error) => Err(error.to_string()),
            },
        };
        self.places[entry as usize] = Some(place.clone());
        place
    }

    /// The case of an entry: what can't differ is one.
    pub(super) fn case(&mut self, entry: u32) -> Result<usize, String> {
        let place = self.place(entry)?;
        Ok(self.cases.refs.case(place))
    }

    /// The commit of a ref.
    pub(in crate::query) fn commit(&mut self, entry: u32) -> Option<ObjectId> {
        let place = self.place(entry).ok()?;
        self.cases.refs.commit(place)
    }

    /// What a ref holds. What can't be read is noted.
    pub(in crate::query) fn held(&mut self, entry: u32) -> Arc<Held> {
        let held = match self.case(entry) {
            Err(error) => Arc::new(Held {
                bases: Vec::new(),
                error: Some(error),
            }),
            Ok(case) => match self.held.get(&case) {
                Some(held) => held.clone(),
                None => self.load(case).0,
            },
        };
        if !self.noted.insert(entry) {
            return held;
        }
        let name = &self.entries.get(entry).name;
        if let Some(error) = &held.error {
            self.problems.add(name, None, error);
        }
        for base in &held.bases {
            match &base.project {
                Err(error) => self.problems.add(name, None, error),
                Ok(project) => {
                    for warning in &project.warnings {
                        self.warnings.add(name, None, warning);
                    }
                }
            }
        }
        held
    }

    /// Loads a case.
    fn load(&mut self, case: usize) -> (Arc<Held>, Arc<Vec<Option<Loaded>>>) {
        let target = self.target;
        let names = &mut self.names;
        let mut all = Vec::new();
        let found = self.cases.load(case, |base_path, loaded| {
            let project = match &loaded {
                Ok(loaded) => Ok(project_of(loaded, target, names)),
                Err(error) => Err(error.to_string()),
            };
            all.push(loaded.ok());
            HeldBase {
                path: base_path.to_owned(),
                project,
            }
        });
        let (bases, error) = match found {
            Ok(bases) => (bases, None),
            Err(NotLoaded::NotACommit(_)) => (Vec::new(), None),
            Err(NotLoaded::Broken(reason)) => (Vec::new(), Some(reason)),
        };
        let held = self
            .held
            .entry(case)
            .or_insert_with(|| Arc::new(Held { bases, error }))
            .clone();
        let loaded = Arc::new(all);
        self.loaded.truncate(MOST_LOADED - 1);
        self.loaded.push_front((case, loaded.clone()));
        (held, loaded)
    }

    pub(super) fn loaded(&mut self, case: usize) -> Arc<Vec<Option<Loaded>>> {
        let known = self.loaded.iter().position(|(known, _)| *known == case);
        if let Some(entry) = known.and_then(|place| self.loaded.remove(place)) {
            let loaded = entry.1.clone();
            self.loaded.push_front(entry);
            return loaded;
        }
        self.load(case).1
    }

    /// The number of the first document of a ref: no other document has the same.
    pub(in crate::query) fn slot(&mut self, entry: u32, base: usize, documents: usize) -> u64 {
        let next = &mut self.next_slot;
        let slots = self.slots.entry((entry, base, documents));
        *slots.or_insert_with(|| {
            let slot = *next;
            *next += documents as u64;
            slot
        })
    }
}

fn project_of(loaded: &Loaded, target: u32, known: &mut HashSet<DocumentName>) -> HeldProject {
    let branch = loaded.plan().branch_version;
    let warnings = loaded.warnings().iter().map(ToString::to_string).collect();
    if branch == 0 {
        return HeldProject::new(None, 0, Vec::new(), warnings);
    }
    let names = loaded.names().map(|name| match known.get(name) {
        Some(known) => known.clone(),
        None => {
            known.insert(name.clone());
            name.clone()
        }
    });
    let names = names.collect();
    let steps = loaded.project().catalog().steps().iter();
    let (from, to) = (branch.min(target), branch.max(target));
    let pending = steps.filter(|step| from < step.version() && step.version() <= to);
    HeldProject::new(Some(branch), pending.count(), names, warnings)
}

impl TextKey {
    pub(super) fn of(key: ContentKey) -> TextKey {
        match key {
            ContentKey::Blob(id) => TextKey::Blob(id),
            ContentKey::Text(text) => TextKey::Digest(Sha256::digest(text.as_bytes()).into()),
            ContentKey::Bytes(bytes) => TextKey::Digest(Sha256::digest(&bytes).into()),
        }
    }
}
