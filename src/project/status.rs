//! Where every ref stands.

use std::collections::HashMap;

use super::layout::{Layout, projects_below};
use super::{LoadError, Project};
use crate::git::{EntryKind, ObjectId, Reader, RefScope, RefTarget};

/// A ref's state at one base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefStatus<'a> {
    /// The full name of the ref.
    pub ref_name: &'a str,
    /// The commit it points to; `None` where it points to none.
    pub commit: Option<ObjectId>,
    /// The folder of the project's documents.
    pub base_path: &'a str,
    /// Where it stands.
    pub state: RefState<'a>,
    /// The number of steps between its version and the server's.
    pub pending: usize,
}

/// Where a ref stands at one base path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefState<'a> {
    /// At the server version.
    Current(u32),
    /// Below the server version.
    Behind(u32),
    /// Above the server version.
    Ahead(u32),
    /// There is no marker and there are no documents.
    Uninitialised,
    /// Its version can't be told.
    Invalid(&'a str),
}

impl RefState<'_> {
    /// As the JSON output calls it.
    pub fn name(&self) -> &'static str {
        match self {
            RefState::Current(_) => "current",
            RefState::Behind(_) => "behind",
            RefState::Ahead(_) => "ahead",
            RefState::Uninitialised => "uninitialised",
            RefState::Invalid(_) => "invalid",
        }
    }

    /// The version that the marker states.
    pub fn version(&self) -> Option<u32> {
        match self {
            RefState::Current(version) | RefState::Behind(version) | RefState::Ahead(version) => {
                Some(*version)
            }
            RefState::Uninitialised | RefState::Invalid(_) => None,
        }
    }
}

/// What a tree says at one base path.
type Found = (String, Result<Option<u32>, String>);

/// Tells where refs stand, looking at each distinct folder once.
pub struct StatusReader<'p> {
    project: &'p Project,
    reader: Reader,
    /// By the tree at the folder where projects begin; `None` where there is no such folder.
    by_folder: HashMap<Option<ObjectId>, Vec<Found>>,
}

impl Project {
    /// A reader of refs' states.
    pub fn status(&self) -> StatusReader<'_> {
        StatusReader {
            project: self,
            reader: self.repository().reader(),
            by_folder: HashMap::new(),
        }
    }
}

impl StatusReader<'_> {
    /// Calls `visit` for every ref of the scope and every project in it, in the order of the refs' names.
    ///
    /// # Errors
    /// Where the repository can't be read, and those of `visit`. What is wrong with one ref is that ref's state.
    pub fn every_ref<E: From<LoadError>>(
        &mut self,
        scope: RefScope,
        mut visit: impl FnMut(&RefStatus<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let refs = self
            .reader
            .refs(scope)
            .map_err(|error| E::from(LoadError::Git(error)))?;
        for found in &refs {
            self.one_ref(&found.name, &found.target, &mut visit)?;
        }
        Ok(())
    }

    /// Calls `visit` for every project of one revision. A revision that names no ref goes by its own text.
    ///
    /// # Errors
    /// Where the revision names no commit, and those of `visit`.
    pub fn revision<E: From<LoadError>>(
        &mut self,
        revision: &str,
        mut visit: impl FnMut(&RefStatus<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let resolved = self
            .reader
            .resolve(revision)
            .map_err(|error| E::from(LoadError::Git(error)))?;
        let name = resolved.ref_name.as_deref().unwrap_or(revision);
        self.one_ref(name, &RefTarget::Commit(resolved.commit), &mut visit)
    }

    fn one_ref<E: From<LoadError>>(
        &mut self,
        name: &str,
        target: &RefTarget,
        visit: &mut impl FnMut(&RefStatus<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let folder = self
            .project
            .base_path()
            .unwrap_or(self.project.catalog().base_path());
        let invalid =
            |message: &str, commit, visit: &mut dyn FnMut(&RefStatus<'_>) -> Result<(), E>| {
                visit(&RefStatus {
                    ref_name: name,
                    commit,
                    base_path: folder,
                    state: RefState::Invalid(message),
                    pending: 0,
                })
            };
        let commit = match target {
            RefTarget::Commit(commit) => *commit,
            RefTarget::NotACommit { kind } => {
                return invalid(
                    &format!("it points to a {kind}, not to a commit"),
                    None,
                    visit,
                );
            }
            RefTarget::Broken(message) => return invalid(message, None, visit),
        };
        let folder_tree = match self.folder_tree(commit) {
            Ok(tree) => tree,
            Err(error) => return invalid(&error.to_string(), Some(commit), visit),
        };
        if !self.by_folder.contains_key(&folder_tree) {
            let found = self.look(folder_tree);
            self.by_folder.insert(folder_tree, found);
        }
        let server = self.project.catalog().server_version();
        for (base_path, version) in &self.by_folder[&folder_tree] {
            let state = match version {
                Err(message) => RefState::Invalid(message),
                Ok(None) => RefState::Uninitialised,
                Ok(Some(version)) => match version.cmp(&server) {
                    std::cmp::Ordering::Less => RefState::Behind(*version),
                    std::cmp::Ordering::Equal => RefState::Current(*version),
                    std::cmp::Ordering::Greater => RefState::Ahead(*version),
                },
            };
            let pending = match state {
                RefState::Invalid(_) => 0,
                state => self.pending_from(state.version().unwrap_or(0)),
            };
            visit(&RefStatus {
                ref_name: name,
                commit: Some(commit),
                base_path,
                state,
                pending,
            })?;
        }
        Ok(())
    }

    fn pending_from(&self, version: u32) -> usize {
        let steps = self.project.catalog().steps().iter();
        steps.filter(|step| step.version() > version).count()
    }

    /// The tree at the folder where projects begin.
    fn folder_tree(&self, commit: ObjectId) -> Result<Option<ObjectId>, crate::git::Error> {
        let folder = self
            .project
            .base_path()
            .unwrap_or(self.project.catalog().base_path());
        let tree = self.reader.tree_of(commit)?;
        let entry = self.reader.entry(tree, folder)?;
        Ok(entry
            .filter(|entry| entry.kind == EntryKind::Tree)
            .map(|entry| entry.id))
    }

    fn look(&self, folder_tree: Option<ObjectId>) -> Vec<Found> {
        let catalog = self.project.catalog();
        let folder = self.project.base_path().unwrap_or(catalog.base_path());
        let projects = match folder_tree {
            None => Ok(Vec::new()),
            Some(tree) => projects_below(&self.reader, catalog, folder, tree),
        };
        let mut found: Vec<Found> = match projects {
            Err(error) => return vec![(folder.to_owned(), Err(error.to_string()))],
            Ok(projects) => projects
                .into_iter()
                .filter(|project| {
                    self.project
                        .base_path()
                        .is_none_or(|chosen| chosen == project.base_path)
                })
                .map(|project| {
                    let version = project.version.map(Some).map_err(|error| error.to_string());
                    (project.base_path, version)
                })
                .collect(),
        };
        if found.is_empty() {
            // Nothing states a version; documents without a marker are a mistake to be told.
            let layout = Layout::read(&self.reader, catalog, folder, folder_tree);
            found.push((
                folder.to_owned(),
                layout.map(|_| None).map_err(|error| error.to_string()),
            ));
        }
        found
    }
}
