//! The version of every ref.

use std::collections::HashMap;

use super::folders::Folders;
use crate::catalog::Deprecation;
use crate::git::{self, NoTip, ObjectId, Reader, RefScope, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::base::Base;
use crate::project::read::elsewhere::projects_anywhere;
use crate::project::read::layout::projects_below;
use crate::project::read::left_out::{told_together, told_together_in};
use crate::project::read::newer::with_newer_marker;
use crate::project::read::session::Session;
use crate::project::read::source::layout;

/// A ref's state at one base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefStatus<'a> {
    /// The full name of the ref.
    pub ref_name: &'a str,
    /// The commit it points to; `None` where it points to none.
    pub commit: Option<ObjectId>,
    /// The folder of the project's documents.
    pub base_path: &'a str,
    /// Its version, or why it has none.
    pub state: RefState<'a>,
    /// The number of steps between its version and the server's.
    pub pending: usize,
    /// Whether its version is deprecated: until when, and why.
    pub deprecation: Option<&'a Deprecation>,
    /// Where no base path was chosen, and it has no project at the catalog's: the base paths of those that its commit has elsewhere.
    pub elsewhere: &'a [String],
}

/// The version of a ref at one base path, compared with the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefState<'a> {
    /// At the server version.
    Current(u32),
    /// Below the server version.
    Behind(u32),
    /// Below the version at which the catalog begins.
    Retired(u32),
    /// Above the server version.
    Ahead(u32),
    /// There is no marker and there are no documents; or it leads to no commit, but to a file or a folder.
    Uninitialised,
    /// It states no version that can be read.
    Invalid(&'a str),
}

impl RefState<'_> {
    /// As the JSON output calls it.
    pub fn name(&self) -> &'static str {
        match self {
            RefState::Current(_) => "current",
            RefState::Behind(_) => "behind",
            RefState::Retired(_) => "retired",
            RefState::Ahead(_) => "ahead",
            RefState::Uninitialised => "uninitialised",
            RefState::Invalid(_) => "invalid",
        }
    }

    /// The version that the marker states.
    pub fn version(&self) -> Option<u32> {
        match self {
            RefState::Current(version)
            | RefState::Behind(version)
            | RefState::Retired(version)
            | RefState::Ahead(version) => Some(*version),
            RefState::Uninitialised | RefState::Invalid(_) => None,
        }
    }
}

/// What a tree says at one base path.
type Found = (String, Result<Option<u32>, String>);

/// Tells the versions of refs, looking at each distinct folder once.
pub struct StatusReader<'p> {
    project: &'p Project,
    /// Asks the store for the steps of newer servers, once for all refs.
    session: Session,
    folders: Folders,
    /// By the tree at the folder where projects begin; `None` where there is no such folder.
    by_folder: HashMap<Option<ObjectId>, Vec<Found>>,
}

/// Why a listing ended early.
enum Ended<E> {
    Visit(E),
    Git(git::Error),
}

impl<E> From<git::Error> for Ended<E> {
    fn from(error: git::Error) -> Ended<E> {
        Ended::Git(error)
    }
}

impl<'p> StatusReader<'p> {
    pub(crate) fn new(project: &'p Project) -> StatusReader<'p> {
        StatusReader {
            project,
            session: Session::new(project),
            folders: Folders::default(),
            by_folder: HashMap::new(),
        }
    }

    /// Calls `visit` for every ref of the scope and every project in it, in the order of the refs' names.
    ///
    /// # Errors
    /// Where the repository can't be read, and those of `visit`. What is wrong with one ref is that ref's state.
    pub fn every_ref<E: From<LoadError>>(
        &mut self,
        scope: RefScope,
        mut visit: impl FnMut(&RefStatus<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // What `visit` says ends the listing as an error of its own.
        let project = self.project;
        project
            .read_with(|reader| {
                reader.for_each_tip(scope, |name, tip| {
                    self.one_ref(reader, name, tip, &mut visit)
                        .map_err(Ended::Visit)
                })
            })
            .map_err(|ended| match ended {
                Ended::Visit(error) => error,
                Ended::Git(error) => E::from(LoadError::Git(error)),
            })
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
        let project = self.project;
        project.read_with(|reader| {
            let resolved = reader
                .resolve(revision)
                .map_err(|error| E::from(LoadError::Git(error)))?;
            let name = resolved.ref_name.as_deref().unwrap_or(revision);
            let (commit, tree) = (resolved.commit, resolved.tree);
            self.one_ref(reader, name, Ok(Tip { commit, tree }), &mut visit)
        })
    }

    fn one_ref<E: From<LoadError>>(
        &mut self,
        reader: &Reader,
        name: &str,
        tip: Result<Tip, NoTip>,
        visit: &mut impl FnMut(&RefStatus<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let folder = self.project.folder();
        let nothing = |state, commit, visit: &mut dyn FnMut(&RefStatus<'_>) -> Result<(), E>| {
            visit(&RefStatus {
                ref_name: name,
                commit,
                base_path: folder,
                state,
                pending: 0,
                deprecation: None,
                elsewhere: &[],
            })
        };
        let Tip { commit, tree } = match tip {
            Ok(tip) => tip,
            // It can't have a project, and nothing is wrong with that.
            Err(NoTip::NotACommit { .. }) => return nothing(RefState::Uninitialised, None, visit),
            Err(NoTip::Broken(message)) => {
                return nothing(RefState::Invalid(&message), None, visit);
            }
        };
        let folder_tree = match self.folders.find(self.project, reader, tree) {
            Ok(tree) => tree,
            Err(error) => {
                let error = told_together(reader, tree, folder, error);
                let error = error.to_string();
                return nothing(RefState::Invalid(&error), Some(commit), visit);
            }
        };
        if !self.by_folder.contains_key(&folder_tree) {
            let found = self.look(reader, folder_tree);
            self.by_folder.insert(folder_tree, found);
        }
        let catalog = self.project.catalog();
        let server = catalog.server_version();
        for (base_path, version) in &self.by_folder[&folder_tree] {
            let state = match version {
                Err(message) => RefState::Invalid(message),
                Ok(None) => RefState::Uninitialised,
                Ok(Some(version)) => match version.cmp(&server) {
                    _ if catalog.retires(*version).is_some() => RefState::Retired(*version),
                    std::cmp::Ordering::Less => RefState::Behind(*version),
                    std::cmp::Ordering::Equal => RefState::Current(*version),
                    std::cmp::Ordering::Greater => RefState::Ahead(*version),
                },
            };
            let pending = match state {
                RefState::Invalid(_) | RefState::Retired(_) => 0,
                state => self.pending_from(state.version().unwrap_or(0)),
            };
            let deprecation = state.version();
            let deprecation = deprecation.and_then(|version| catalog.deprecation(version));
            // Whoever chose one of several knows that not all refs have it.
            let is_missing =
                matches!(state, RefState::Uninitialised) && self.project.base_path().is_none();
            let elsewhere = is_missing.then(|| projects_anywhere(self.project, reader, tree));
            visit(&RefStatus {
                ref_name: name,
                commit: Some(commit),
                base_path,
                state,
                pending,
                deprecation,
                elsewhere: elsewhere.as_deref().unwrap_or_default(),
            })?;
        }
        Ok(())
    }

    fn pending_from(&self, version: u32) -> usize {
        let steps = self.project.catalog().steps().iter();
        steps.filter(|step| step.version() > version).count()
    }

    fn look(&self, reader: &Reader, folder_tree: Option<ObjectId>) -> Vec<Found> {
        let catalog = self.project.catalog();
        let folder = self.project.folder();
        let whole = |error: LoadError| match folder_tree {
            Some(tree) => told_together_in(reader, tree, folder, error),
            None => error,
        };
        let projects = match folder_tree {
            None => Ok(Vec::new()),
            Some(tree) => projects_below(reader, catalog, folder, tree),
        };
        let mut found: Vec<Found> = match projects {
            Err(error) => {
                let error = whole(error.into());
                return vec![(folder.to_owned(), Err(error.to_string()))];
            }
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
            let version = self.without_marker(reader, folder_tree);
            let version = version.map_err(|error| whole(error).to_string());
            found.push((folder.to_owned(), version));
        }
        found
    }

    /// The version of the folder where projects begin, where no marker that this server knows states one: that of a marker which a
    /// newer server has renamed. Documents without any are an error.
    fn without_marker(
        &self,
        reader: &Reader,
        folder_tree: Option<ObjectId>,
    ) -> Result<Option<u32>, LoadError> {
        let base = Base {
            path: self.project.folder().to_owned(),
            tree: folder_tree,
        };
        if let Some(newer) = with_newer_marker(self.project, &self.session, reader, &base)? {
            return Ok(Some(newer.version));
        }
        layout(self.project, reader, &base).map(|_| None)
    }
}
