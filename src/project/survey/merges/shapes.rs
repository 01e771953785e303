//! Documents that a commit has in the shape of another version than its marker states.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::finding::MergeFault;
use super::walk::{Change, State, Walk, Written, WrittenDocument};
use crate::catalog::DocumentName;
use crate::git::{ObjectId, Tip};
use crate::migrate::Input;
use crate::ocl::Document;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::loaded::Loaded;
use crate::project::read::shape::steps_it_looks_older_than;
use crate::project::read::source::original;
use crate::project::survey::mixed::{load_at_version, mixed_in, otherwise_there};
use crate::values::{Values, difference};

/// Looks at the shapes of documents.
pub(super) struct Shapes<'w> {
    project: &'w Project,
    walk: &'w Walk,
    /// By text, kind and version: the steps that it looks older than.
    older: HashMap<(ObjectId, String, u32), BTreeSet<u32>>,
    /// By commit, base path and version.
    loaded: HashMap<(ObjectId, String, u32), Rc<Loaded>>,
}

/// At most so many commits are kept loaded.
const MOST_LOADED: usize = 8;

/// A document, or the whole project, with what is wrong, and its path below the base path.
pub(super) type Found = (Option<DocumentName>, String, MergeFault);

impl<'w> Shapes<'w> {
    pub(super) fn new(project: &'w Project, walk: &'w Walk) -> Shapes<'w> {
        Shapes {
            project,
            walk,
            older: HashMap::new(),
            loaded: HashMap::new(),
        }
    }

    /// What a change mixed.
    pub(super) fn look(&mut self, change: &Change) -> Result<Vec<Found>, LoadError> {
        let mut found = BTreeMap::new();
        let Some(State { version, .. }) = change.state else {
            return Ok(Vec::new());
        };
        let mut before = change.before.iter();
        if before.any(|before| before.state.version != version) {
            self.of_parents(change, &mut found)?;
        }
        // What a first commit holds came from nowhere else, as far as can be told.
        if !change.before.is_empty() {
            for document in &change.written {
                if found.contains_key(&document.name) {
                    continue;
                }
                let fault = match self.of_origin(change, document)? {
                    Some(fault) => Some(fault),
                    None => self.by_looks(change, document)?,
                };
                if let Some(fault) = fault {
                    found.insert(document.name.clone(), (document.path.clone(), fault));
                }
            }
        }
        let found = found.into_iter();
        Ok(found
            .map(|(name, (path, fault))| (Some(name), path, fault))
            .collect())
    }

    /// What came as it is from a parent at another version.
    fn of_parents(
        &self,
        change: &Change,
        found: &mut BTreeMap<DocumentName, (String, MergeFault)>,
    ) -> Result<(), LoadError> {
        let tip = Tip {
            commit: change.commit,
            tree: change.tree,
        };
        let parents: Vec<Tip> = change.before.iter().map(|before| before.tip()).collect();
        let at = (&*change.base_path, tip, change.version());
        for mixed in mixed_in(self.project, at, &parents)? {
            let below = mixed.path.strip_prefix(&change.base_path);
            let path = below.unwrap_or(&mixed.path).trim_start_matches('/');
            let fault = MergeFault::MixedShape {
                version: mixed.version,
                written_at: mixed.written_at,
                origin: mixed.parent,
                origin_base_path: change.base_path.clone(),
                origin_document: mixed.document.clone(),
                not_mended: mixed.mended.err(),
            };
            found.insert(mixed.document, (path.to_owned(), fault));
        }
        Ok(())
    }

    /// What another commit wrote first, at another version.
    fn of_origin(
        &mut self,
        change: &Change,
        document: &WrittenDocument,
    ) -> Result<Option<MergeFault>, LoadError> {
        let here = Written { change, document };
        let walk = self.walk;
        let (of_version, elsewhere): (Vec<_>, Vec<_>) = walk
            .origins(document)
            .into_iter()
            .partition(|it| it.change.version() == change.version());
        let first_here = of_version.first().copied().unwrap_or(here);
        for first in elsewhere {
            let Some(mended) = self.otherwise(first, change.version())? else {
                continue;
            };
            if self.is_first(first, first_here, &mended)? {
                return Ok(Some(MergeFault::MixedShape {
                    version: change.version(),
                    written_at: first.change.version(),
                    origin: first.change.commit,
                    origin_base_path: first.change.base_path.clone(),
                    origin_document: first.document.name.clone(),
                    not_mended: mended.err(),
                }));
            }
        }
        Ok(None)
    }

    /// Of two that wrote a text at two versions, whether the text comes from the first: if the other has it in its history. Where
    /// neither has, the text itself tells, and then which of the two is the smaller edit of what was there. Where that doesn't tell
    /// either, nothing is said.
    fn is_first(
        &mut self,
        first: Written<'_>,
        other: Written<'_>,
        lifted: &Result<Vec<u8>, String>,
    ) -> Result<bool, LoadError> {
        let ancestry = &self.walk.ancestry;
        let (commit, of_other) = (first.change.commit, other.change.commit);
        if ancestry.comes_from(commit, of_other) {
            return Ok(false);
        }
        if ancestry.comes_from(of_other, commit) {
            return Ok(true);
        }
        // What the migration of its own parent gives comes from nowhere else, though another version has the same text.
        if self.changed_values(other)? == Some(0) {
            return Ok(false);
        }
        let lowered = self.otherwise(other, first.change.version())?;
        Ok(match (lifted, lowered) {
            (_, None) | (Ok(_), Some(Err(_))) => true,
            (Err(_), Some(Ok(_))) => false,
            _ => match (self.changed_values(first)?, self.changed_values(other)?) {
                (Some(by_first), Some(by_other)) => by_first < by_other,
                _ => false,
            },
        })
    }

    /// How many values a change gave a document; `None` where there was nothing before.
    fn changed_values(&mut self, written: Written<'_>) -> Result<Option<usize>, LoadError> {
        let Written { change, document } = written;
        let catalog = self.project.catalog();
        let dialect = catalog.dialect_at(change.version());
        let identity = catalog.identity(document.name.kind());
        let parse = |bytes: Vec<u8>| Document::from_bytes(bytes, dialect).ok();
        let Some(now) = parse(original(self.project, document.blob)?.to_vec()) else {
            return Ok(None);
        };
        let mut least = None;
        for before in &change.before {
            let loaded = self.load(&change.base_path, before.tip(), change.version())?;
            let Ok(then) = loaded.document(document.name.as_str()) else {
                continue;
            };
            let Some(then) = loaded.content(then)?.and_then(parse) else {
                continue;
            };
            let (then, now) = (Values::of(&then, identity), Values::of(&now, identity));
            let count = difference(then, now).changes().len();
            least = Some(least.map_or(count, |least: usize| least.min(count)));
        }
        Ok(least)
    }

    /// What a text that a change wrote is at another version, where it isn't the same there.
    fn otherwise(
        &mut self,
        written: Written<'_>,
        version: u32,
    ) -> Result<Option<Result<Vec<u8>, String>>, LoadError> {
        let change = written.change;
        let tip = Tip {
            commit: change.commit,
            tree: change.tree,
        };
        let loaded = self.load(&change.base_path, tip, version)?;
        let name = &written.document.name;
        if loaded.document(name.as_str()).is_err() {
            return Ok(None);
        }
        otherwise_there(&loaded, name)
    }

    /// A commit at a version. Documents of one commit are asked for one after the other.
    fn load(&mut self, base_path: &str, tip: Tip, version: u32) -> Result<Rc<Loaded>, LoadError> {
        let key = (tip.commit, base_path.to_owned(), version);
        if let Some(known) = self.loaded.get(&key) {
            return Ok(known.clone());
        }
        if self.loaded.len() >= MOST_LOADED {
            self.loaded.clear();
        }
        let loaded = Rc::new(load_at_version(self.project, base_path, tip, version)?);
        self.loaded.insert(key, loaded.clone());
        Ok(loaded)
    }

    /// What looks older than anything that the parents have of it.
    fn by_looks(
        &mut self,
        change: &Change,
        document: &WrittenDocument,
    ) -> Result<Option<MergeFault>, LoadError> {
        let version = change.version();
        let mut steps = self.looks_older(&document.name, document.blob, version)?;
        if steps.is_empty() {
            return Ok(None);
        }
        for before in &change.before {
            let tip = before.tip();
            let loaded = self.load(&change.base_path, tip, version)?;
            for known in self.looks_older_in(&loaded, &document.name)? {
                steps.remove(&known);
            }
        }
        let steps: Vec<u32> = steps.into_iter().collect();
        Ok((!steps.is_empty()).then_some(MergeFault::LooksOlder { version, steps }))
    }

    fn looks_older(
        &mut self,
        name: &DocumentName,
        blob: ObjectId,
        version: u32,
    ) -> Result<BTreeSet<u32>, LoadError> {
        let key = (blob, name.kind().to_owned(), version);
        if let Some(known) = self.older.get(&key) {
            return Ok(known.clone());
        }
        let bytes = original(self.project, blob)?;
        let steps = self.older_than(name, &bytes, version);
        self.older.insert(key, steps.clone());
        Ok(steps)
    }

    fn looks_older_in(
        &self,
        loaded: &Loaded,
        name: &DocumentName,
    ) -> Result<BTreeSet<u32>, LoadError> {
        let Ok(document) = loaded.document(name.as_str()) else {
            return Ok(BTreeSet::new());
        };
        let text = loaded.content(document)?.unwrap_or_default();
        Ok(self.older_than(name, &text, loaded.plan().target))
    }

    fn older_than(&self, name: &DocumentName, bytes: &[u8], version: u32) -> BTreeSet<u32> {
        let input = Input {
            kind: name.kind(),
            slug: name.slug(),
            shape: version,
            bytes,
        };
        let steps = steps_it_looks_older_than(self.project.catalog(), &input, version);
        steps.into_iter().collect()
    }
}
