//! Documents that a commit has in the shape of another version than its marker states.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::finding::MergeFault;
use super::walk::{Change, State, Walk, WrittenDocument};
use crate::catalog::DocumentName;
use crate::git::{ObjectId, Tip};
use crate::migrate::Input;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::loaded::Loaded;
use crate::project::read::shape::steps_it_looks_older_than;
use crate::project::read::source::original;
use crate::project::survey::mixed::{load_at_version, mixed_in, otherwise_there};

/// Looks at the shapes of documents.
pub(super) struct Shapes<'w> {
    project: &'w Project,
    walk: &'w Walk,
    /// By text, kind and version: the steps that it looks older than.
    older: HashMap<(ObjectId, String, u32), BTreeSet<u32>>,
}

/// A document, or the whole project, with what is wrong, and its path below the base path.
pub(super) type Found = (Option<DocumentName>, String, MergeFault);

impl<'w> Shapes<'w> {
    pub(super) fn new(project: &'w Project, walk: &'w Walk) -> Shapes<'w> {
        Shapes {
            project,
            walk,
            older: HashMap::new(),
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
                not_mended: mixed.mended.err(),
            };
            found.insert(mixed.document, (path.to_owned(), fault));
        }
        Ok(())
    }

    /// What another commit wrote first, at another version.
    fn of_origin(
        &self,
        change: &Change,
        document: &WrittenDocument,
    ) -> Result<Option<MergeFault>, LoadError> {
        let Some((first, is_open)) = self.walk.origin(change, document) else {
            return Ok(None);
        };
        let Some(mended) = self.otherwise(first, change, document)? else {
            return Ok(None);
        };
        // Of two at one time, the one in whose shape the text is was first.
        if is_open && self.otherwise(change, first, document)?.is_some() {
            return Ok(None);
        }
        Ok(Some(MergeFault::MixedShape {
            version: change.version(),
            written_at: first.version(),
            origin: first.commit,
            not_mended: mended.err(),
        }))
    }

    /// What a text that one change wrote is at the version of another, where it isn't the same there.
    fn otherwise(
        &self,
        from: &Change,
        to: &Change,
        document: &WrittenDocument,
    ) -> Result<Option<Result<Vec<u8>, String>>, LoadError> {
        let (blob, kind) = (document.blob, document.name.kind());
        let mut written = from.written.iter();
        let Some(same) = written.find(|it| it.blob == blob && it.name.kind() == kind) else {
            return Ok(None);
        };
        let tip = Tip {
            commit: from.commit,
            tree: from.tree,
        };
        let loaded = load_at_version(self.project, &from.base_path, tip, to.version())?;
        if loaded.document(same.name.as_str()).is_err() {
            return Ok(None);
        }
        otherwise_there(&loaded, &same.name)
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
            let loaded = load_at_version(self.project, &change.base_path, tip, version)?;
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
