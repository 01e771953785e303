//! Which commits changed what lies in a project.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::ancestry::Ancestry;
use super::finding::NotAudited;
use crate::catalog::DocumentName;
use crate::engine::document_at;
use crate::git::{self, EntryKind, FileDifference, ObjectId, PastCommit, Reader};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::layout::{FoundProject, projects_below};
use crate::project::survey::folders::Folders;

/// What the parents of a commit have: their ids, their trees, and the folders where projects begin.
type Parents = [(ObjectId, ObjectId, Option<ObjectId>)];

/// A commit that changed what lies in a project.
pub(super) struct Change {
    pub(super) commit: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) time: i64,
    /// All parents of the commit.
    pub(super) parents: Vec<ObjectId>,
    pub(super) base_path: String,
    /// The project as the commit has it; `None` of a merge that doesn't have what a parent has.
    pub(super) state: Option<State>,
    /// As the parents have it that have it.
    pub(super) before: Vec<Before>,
    /// The documents that are as in none of the parents.
    pub(super) written: Vec<WrittenDocument>,
}

/// A project at a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    /// The tree of its folder.
    pub(super) folder: ObjectId,
    pub(super) version: u32,
}

/// A project at a parent, or at another commit of a merge.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Before {
    /// Where it is; a side of a merge may have moved it.
    pub(super) base_path: String,
    pub(super) commit: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) state: State,
}

/// A document that a commit wrote.
pub(super) struct WrittenDocument {
    pub(super) name: DocumentName,
    /// Its path below the base path.
    pub(super) path: String,
    pub(super) blob: ObjectId,
}

/// Where a text was first written at a version: no other change that wrote it there comes before.
#[derive(Clone, Copy)]
struct Origin {
    version: u32,
    generation: usize,
    /// The place of the change in [`Walk::changes`], and that of the document in what it wrote.
    change: usize,
    document: usize,
}

/// A change that wrote a document.
#[derive(Clone, Copy)]
pub(super) struct Written<'w> {
    pub(super) change: &'w Change,
    pub(super) document: &'w WrittenDocument,
}

/// The changes of a history, and where each text comes from.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) changes: Vec<Change>,
    /// By text and kind, one for each version.
    origins: HashMap<(ObjectId, String), Vec<Origin>>,
    pub(super) ancestry: Ancestry,
    /// Merges of a project of which no version can be read.
    pub(super) not_read: Vec<NotAudited>,
    /// Commits of which something isn't here.
    pub(super) left_out: usize,
}

impl Walk {
    /// Walks behind the tips. The changes come newest first.
    pub(super) fn of(
        project: &Project,
        reader: &Reader,
        tips: &[ObjectId],
    ) -> Result<Walk, LoadError> {
        let history = reader.whole_history(tips.iter().copied())?;
        let mut walk = Walk {
            ancestry: Ancestry::of(&history),
            ..Walk::default()
        };
        let mut states = States {
            project,
            reader,
            folders: Folders::default(),
            projects: HashMap::new(),
        };
        let trees: HashMap<ObjectId, ObjectId> =
            history.iter().map(|it| (it.commit, it.tree)).collect();
        for past in &history {
            match walk.look(&mut states, past, &trees) {
                Err(LoadError::Git(git::Error::LeftOutOfPartialClone { .. })) => walk.left_out += 1,
                done => done?,
            }
            walk.left_out += usize::from(past.is_cut_off);
        }
        Ok(walk)
    }

    fn look(
        &mut self,
        states: &mut States<'_>,
        past: &PastCommit,
        trees: &HashMap<ObjectId, ObjectId>,
    ) -> Result<(), LoadError> {
        let folder = states.folder(past.tree)?;
        let mut parents = Vec::with_capacity(past.parents.len());
        for parent in &past.parents {
            if let Some(tree) = trees.get(parent) {
                parents.push((*parent, *tree, states.folder(*tree)?));
            }
        }
        if !parents.is_empty() && parents.iter().all(|(_, _, before)| *before == folder) {
            return Ok(());
        }
        let projects = match folder {
            Some(folder) => states.projects(folder)?,
            None => Rc::default(),
        };
        for found in projects.iter() {
            let version = match &found.version {
                Ok(version) => *version,
                Err(error) => {
                    // Of another commit, it is told where the ref is read.
                    if past.parents.len() > 1 {
                        self.not_read.push(NotAudited {
                            commit: past.commit,
                            base_path: found.base_path.clone(),
                            reason: error.to_string(),
                        });
                    }
                    continue;
                }
            };
            let state = State {
                folder: found.tree,
                version,
            };
            let before = states.before(&parents, &found.base_path)?;
            let is_everywhere = !before.is_empty() && before.len() == parents.len();
            if is_everywhere && before.iter().all(|before| before.state == state) {
                continue;
            }
            self.add(states, past, &found.base_path, Some(state), before)?;
        }
        // A commit may remove a project; a merge has to have it from its sides.
        if past.parents.len() < 2 {
            return Ok(());
        }
        let mut gone = BTreeSet::new();
        for (_, _, folder) in &parents {
            if let Some(folder) = *folder {
                let before = states.projects(folder)?;
                gone.extend(before.iter().map(|it| it.base_path.clone()));
            }
        }
        for base_path in gone {
            if projects.iter().any(|it| it.base_path == base_path) {
                continue;
            }
            let before = states.before(&parents, &base_path)?;
            if !before.is_empty() {
                self.add(states, past, &base_path, None, before)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        states: &States<'_>,
        past: &PastCommit,
        base_path: &str,
        state: Option<State>,
        before: Vec<Before>,
    ) -> Result<(), LoadError> {
        let written = match state {
            Some(state) => states.written(state, &before)?,
            None => Vec::new(),
        };
        let version = state.map_or(0, |state| state.version);
        for (at, document) in written.iter().enumerate() {
            let origin = Origin {
                version,
                generation: self.ancestry.generation(past.commit),
                change: self.changes.len(),
                document: at,
            };
            let origins = self.origins.entry(document.key()).or_default();
            match origins.iter_mut().find(|it| it.version == origin.version) {
                Some(known) if known.generation < origin.generation => {}
                Some(known) => *known = origin,
                None => origins.push(origin),
            }
        }
        self.changes.push(Change {
            commit: past.commit,
            tree: past.tree,
            time: past.time,
            parents: past.parents.clone(),
            base_path: base_path.to_owned(),
            state,
            before,
            written,
        });
        Ok(())
    }

    /// The changes that first wrote a text, one for each version at which some did, those nearest to the beginning first.
    pub(super) fn origins(&self, document: &WrittenDocument) -> Vec<Written<'_>> {
        let mut origins = self
            .origins
            .get(&document.key())
            .cloned()
            .unwrap_or_default();
        origins.sort_by_key(|it| it.generation);
        let origins = origins.into_iter();
        let origins = origins.map(|it| {
            let change = &self.changes[it.change];
            Written {
                change,
                document: &change.written[it.document],
            }
        });
        origins.collect()
    }
}

impl Change {
    /// The version of the project; where the merge doesn't have it, that of the first parent that does.
    pub(super) fn version(&self) -> u32 {
        let before = self.before.first().map(|before| before.state);
        self.state.or(before).map_or(0, |state| state.version)
    }
}

impl WrittenDocument {
    fn key(&self) -> (ObjectId, String) {
        (self.blob, self.name.kind().to_owned())
    }
}

/// What lies where in trees.
struct States<'r> {
    project: &'r Project,
    reader: &'r Reader,
    folders: Folders,
    /// By the tree of the folder at or below which projects lie.
    projects: HashMap<ObjectId, Rc<Vec<FoundProject>>>,
}

impl States<'_> {
    fn folder(&mut self, tree: ObjectId) -> Result<Option<ObjectId>, LoadError> {
        match self.folders.find(self.project, self.reader, tree) {
            // Told where the ref is read: of the past, what counts is that there was no project.
            Err(LoadError::NotAFolder { .. }) => Ok(None),
            found => found,
        }
    }

    fn projects(&mut self, folder: ObjectId) -> Result<Rc<Vec<FoundProject>>, LoadError> {
        if let Some(known) = self.projects.get(&folder) {
            return Ok(known.clone());
        }
        let (catalog, path) = (self.project.catalog(), self.project.folder());
        let mut found = projects_below(self.reader, catalog, path, folder)?;
        if let Some(chosen) = self.project.base_path() {
            found.retain(|it| it.base_path == chosen);
        }
        let found = Rc::new(found);
        self.projects.insert(folder, found.clone());
        Ok(found)
    }

    /// A project at the parents that have it.
    fn before(&mut self, parents: &Parents, base_path: &str) -> Result<Vec<Before>, LoadError> {
        let mut before = Vec::new();
        for (commit, tree, folder) in parents {
            let Some(folder) = *folder else {
                continue;
            };
            let projects = self.projects(folder)?;
            let mut projects = projects.iter();
            if let Some(project) = projects.find(|it| it.base_path == base_path)
                && let Ok(version) = project.version
            {
                before.push(Before {
                    base_path: base_path.to_owned(),
                    commit: *commit,
                    tree: *tree,
                    state: State {
                        folder: project.tree,
                        version,
                    },
                });
            }
        }
        Ok(before)
    }

    /// The documents of a project that are as in none of the parents.
    fn written(&self, state: State, before: &[Before]) -> Result<Vec<WrittenDocument>, LoadError> {
        let mut folders: Vec<Option<ObjectId>> =
            before.iter().map(|it| Some(it.state.folder)).collect();
        if folders.is_empty() {
            folders.push(None);
        }
        let mut files: Option<BTreeMap<String, ObjectId>> = None;
        for folder in folders {
            let differences = self.reader.differences(folder, Some(state.folder))?;
            let differences = differences.into_iter().filter_map(file);
            files = Some(match files {
                None => differences.collect(),
                Some(mut known) => {
                    let paths: HashSet<String> = differences.map(|(path, _)| path).collect();
                    known.retain(|path, _| paths.contains(path));
                    known
                }
            });
        }
        let catalog = self.project.catalog();
        let files = files.unwrap_or_default().into_iter();
        let documents = files.filter_map(|(path, blob)| {
            let (_, name) = document_at(catalog, state.version, &path)?;
            Some(WrittenDocument { name, path, blob })
        });
        Ok(documents.collect())
    }
}

/// The path of a file that is there afterwards.
fn file(difference: FileDifference) -> Option<(String, ObjectId)> {
    let (blob, kind) = difference.to?;
    let is_file = matches!(kind, EntryKind::Blob | EntryKind::Executable);
    let path = difference.path.as_str().filter(|_| is_file)?;
    Some((path.to_owned(), blob))
}
