//! Many refs, told apart by what loading them depends on: those that can't differ are one case.

use std::collections::HashMap;

use super::folders::{Folders, bases};
use super::ref_list::RefList;
#[cfg(feature = "query")]
use crate::git;
use crate::git::{NoTip, ObjectId, ObjectKind, Reader, RefPattern, RefScope, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::base::Base;
use crate::project::read::history;
use crate::project::read::left_out::told_together;
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::loaded::Loaded;
use crate::project::read::session::Session;

/// Refs, and what of them is worth loading once.
pub(crate) struct Cases {
    options: LoadOptions,
    known: Folders,
    cases: Vec<Case>,
    by_key: HashMap<CaseKey, u32>,
    /// Whether results depend on older commits too.
    history_matters: bool,
    session: Session,
    pub(crate) refs: RefList,
}

/// What a ref's result depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum CaseKey {
    Trees {
        /// The tree of the folder at or below which projects lie; `None` where there is no such folder.
        folder: Option<ObjectId>,
        /// The commit's tree, where that folder is empty.
        commit_tree: Option<ObjectId>,
        /// The commit, where a remove brings documents back from history.
        commit: Option<ObjectId>,
    },
    NotACommit(ObjectKind),
    Broken(String),
}

/// Refs that have one result.
struct Case {
    key: CaseKey,
    /// The commit of one of them.
    tip: Option<Tip>,
}

/// Why a case has nothing to load.
pub(crate) enum NotLoaded {
    NotACommit(ObjectKind),
    /// It can't be read as a whole.
    Broken(String),
}

impl Cases {
    pub(crate) fn new(project: &Project, options: LoadOptions) -> Cases {
        let session = Session::new(project);
        Cases {
            options,
            known: Folders::default(),
            cases: Vec::new(),
            by_key: HashMap::new(),
            history_matters: history::matters(project, &session, options.target),
            session,
            refs: RefList::default(),
        }
    }

    /// The project that they are of.
    pub(crate) fn project(&self) -> &Project {
        self.session.project()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.cases.len()
    }

    /// Adds every ref of the scope that is wanted; `tell` gets how many refs there are so far.
    pub(crate) fn add_refs(
        &mut self,
        scope: RefScope,
        tell: &mut dyn FnMut(usize),
        mut wanted: impl FnMut(&str) -> bool,
    ) -> Result<(), LoadError> {
        let project = self.project().clone();
        project.read_with(|reader| {
            reader.for_each_tip(scope, |name, tip| {
                if wanted(name) {
                    self.add(reader, name, tip);
                    tell(self.refs.len());
                }
                Ok::<(), LoadError>(())
            })
        })
    }

    /// Adds every ref that fits any of the patterns.
    pub(crate) fn add_matching(
        &mut self,
        patterns: &[RefPattern],
        tell: &mut dyn FnMut(usize),
    ) -> Result<(), LoadError> {
        let mut fitted = vec![false; patterns.len()];
        self.add_refs(RefScope::All, tell, |name| {
            let mut any = false;
            for (pattern, fitted) in patterns.iter().zip(&mut fitted) {
                let fits = pattern.fits(name);
                (*fitted, any) = (*fitted || fits, any || fits);
            }
            any
        })?;
        match fitted.iter().position(|fitted| !fitted) {
            Some(index) => Err(LoadError::NothingFits {
                pattern: patterns[index].as_str().to_owned(),
                meant: self.one_folder_deeper(&patterns[index])?,
            }),
            None => Ok(()),
        }
    }

    /// The pattern for refs one folder deeper, if any fits.
    fn one_folder_deeper(&self, pattern: &RefPattern) -> Result<Option<String>, LoadError> {
        let pattern = pattern.as_str();
        let deeper = [format!("{pattern}/*"), format!("*/{pattern}")].map(RefPattern::new);
        let names = self.project().repository().ref_names(RefScope::All)?;
        let mut deeper = deeper.iter();
        let fitting = deeper.find(|deeper| names.iter().any(|name| deeper.fits(name)));
        Ok(fitting.map(|deeper| deeper.as_str().to_owned()))
    }

    /// Adds anything that Git can resolve.
    pub(crate) fn add_revision(&mut self, revision: &str) -> Result<(), LoadError> {
        let project = self.project().clone();
        project.read_with(|reader| {
            let resolved = reader.resolve(revision)?;
            let name = resolved.ref_name.as_deref().unwrap_or(revision);
            let (commit, tree) = (resolved.commit, resolved.tree);
            self.add(reader, name, Ok(Tip { commit, tree }));
            Ok(())
        })
    }

    /// Adds a ref by its full name. That it leads to no commit, or can't be read, is told of its case.
    #[cfg(feature = "query")]
    pub(crate) fn add_ref(&mut self, name: &str) {
        let project = self.project().clone();
        project.read_with(|reader| {
            let tip = match reader.resolve(name) {
                Ok(resolved) => Ok(Tip {
                    commit: resolved.commit,
                    tree: resolved.tree,
                }),
                Err(git::Error::WrongKind { found, .. }) => Err(NoTip::NotACommit { kind: found }),
                Err(error) => Err(NoTip::Broken(error.to_string())),
            };
            self.add(reader, name, tip);
        });
    }

    fn add(&mut self, reader: &Reader, name: &str, tip: Result<Tip, NoTip>) {
        let project = self.project().clone();
        let key = match &tip {
            Err(NoTip::NotACommit { kind }) => CaseKey::NotACommit(*kind),
            Err(NoTip::Broken(reason)) => CaseKey::Broken(reason.clone()),
            Ok(tip) => match self.known.find(&project, reader, tip.tree) {
                Ok(folder) => {
                    let is_empty = self.known.is_empty(&project, reader, folder);
                    CaseKey::Trees {
                        folder,
                        commit_tree: is_empty.then_some(tip.tree),
                        commit: self.history_matters.then_some(tip.commit),
                    }
                }
                Err(error) => {
                    let folder = project.folder();
                    let error = told_together(reader, tip.tree, folder, error);
                    CaseKey::Broken(error.to_string())
                }
            },
        };
        let cases = &mut self.cases;
        let case = *self.by_key.entry(key).or_insert_with_key(|key| {
            let (key, tip) = (key.clone(), tip.as_ref().ok().copied());
            cases.push(Case { key, tip });
            u32::try_from(cases.len() - 1).expect("there are fewer than 2^32 trees")
        });
        self.refs.push(name, case, tip.ok().map(|tip| tip.commit));
    }

    /// Loads what is in a case, base path by base path. `of` makes what is kept of each.
    pub(crate) fn load<T>(
        &self,
        case: usize,
        mut of: impl FnMut(&str, Result<Loaded, LoadError>) -> T,
    ) -> Result<Vec<T>, NotLoaded> {
        let Case { key, tip } = &self.cases[case];
        let folder = match key {
            CaseKey::Trees { folder, .. } => *folder,
            CaseKey::NotACommit(kind) => return Err(NotLoaded::NotACommit(*kind)),
            CaseKey::Broken(reason) => return Err(NotLoaded::Broken(reason.clone())),
        };
        let project = self.project();
        let found = self.session.git(|reader| {
            bases(project, reader, folder).map_err(|error| match tip {
                Some(tip) => told_together(reader, tip.tree, project.folder(), error),
                None => error,
            })
        });
        let found = found.map_err(|error| NotLoaded::Broken(error.to_string()))?;
        let load = |base: &Base| {
            let loaded = load_base(project, &self.session, At::commit(*tip), base, self.options);
            of(&base.path, loaded)
        };
        Ok(found.iter().map(load).collect())
    }
}
