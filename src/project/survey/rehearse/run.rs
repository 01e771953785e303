//! Migrating many refs, in memory.
//!
//! Refs are told apart by what their result depends on, and each distinct case is migrated once; documents that those share
//! come from the project's cache. All cores work, in one session.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::OnceLock;

use super::project::RehearsedProject;
use super::refs::{RefList, Rehearsed};
use crate::git::{NoTip, ObjectId, ObjectKind, Reader, RefPattern, RefScope, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::history;
use crate::project::read::left_out::told_together;
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::parallel;
use crate::project::read::session::Session;
use crate::project::survey::folders::{Folders, bases};
use crate::project::survey::progress::{LISTED_AT_ONCE, SurveyProgress};

/// The refs to rehearse. Begins with [`Project::rehearsal`].
pub struct Rehearsal<'p> {
    project: &'p Project,
    options: LoadOptions,
    threads: Option<NonZeroUsize>,
    progress: Box<dyn FnMut(SurveyProgress) + 'p>,
    refs: RefList,
    known: Folders,
    cases: Vec<Case>,
    by_key: HashMap<CaseKey, u32>,
    /// Whether results depend on older commits too.
    history_matters: bool,
    session: Session,
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

impl<'p> Rehearsal<'p> {
    pub(crate) fn new(project: &'p Project, options: LoadOptions) -> Rehearsal<'p> {
        let session = Session::new(project);
        Rehearsal {
            project,
            options,
            threads: None,
            progress: Box::new(|_| {}),
            refs: RefList::default(),
            known: Folders::default(),
            cases: Vec::new(),
            by_key: HashMap::new(),
            history_matters: history::matters(project, &session, options.target),
            session,
        }
    }

    /// Calls `progress` from time to time, on this thread.
    #[must_use]
    pub fn on_progress(mut self, progress: impl FnMut(SurveyProgress) + 'p) -> Rehearsal<'p> {
        self.progress = Box::new(progress);
        self
    }

    /// The number of threads; by default one for each core.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Rehearsal<'p> {
        self.threads = Some(threads);
        self
    }

    /// Adds every ref of the scope.
    ///
    /// # Errors
    /// Where the refs can't be read. What is wrong with one ref is that ref's result.
    pub fn add_scope(&mut self, scope: RefScope) -> Result<(), LoadError> {
        self.add_refs(scope, |_| true)
    }

    /// Adds every ref that fits any of the patterns.
    ///
    /// # Errors
    /// [`LoadError::NothingFits`] for a pattern that no ref fits, and where the refs can't be read.
    pub fn add_matching(&mut self, patterns: &[RefPattern]) -> Result<(), LoadError> {
        let mut fitted = vec![false; patterns.len()];
        self.add_refs(RefScope::All, |name| {
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
        let names = self.project.repository().ref_names(RefScope::All)?;
        let mut deeper = deeper.iter();
        let fitting = deeper.find(|deeper| names.iter().any(|name| deeper.fits(name)));
        Ok(fitting.map(|deeper| deeper.as_str().to_owned()))
    }

    /// Adds anything that Git can resolve.
    ///
    /// # Errors
    /// Where it names no commit.
    pub fn add_revision(&mut self, revision: &str) -> Result<(), LoadError> {
        let project = self.project;
        project.read_with(|reader| {
            let resolved = reader.resolve(revision)?;
            let name = resolved.ref_name.as_deref().unwrap_or(revision);
            let (commit, tree) = (resolved.commit, resolved.tree);
            self.add(reader, name, Ok(Tip { commit, tree }));
            Ok(())
        })
    }

    fn add_refs(
        &mut self,
        scope: RefScope,
        mut wanted: impl FnMut(&str) -> bool,
    ) -> Result<(), LoadError> {
        let project = self.project;
        project.read_with(|reader| {
            reader.for_each_tip(scope, |name, tip| {
                if wanted(name) {
                    self.add(reader, name, tip);
                }
                Ok::<(), LoadError>(())
            })
        })
    }

    fn add(&mut self, reader: &Reader, name: &str, tip: Result<Tip, NoTip>) {
        let key = match &tip {
            Err(NoTip::NotACommit { kind }) => CaseKey::NotACommit(*kind),
            Err(NoTip::Broken(reason)) => CaseKey::Broken(reason.clone()),
            Ok(tip) => match self.known.find(self.project, reader, tip.tree) {
                Ok(folder) => {
                    let is_empty = self.known.is_empty(self.project, reader, folder);
                    CaseKey::Trees {
                        folder,
                        commit_tree: is_empty.then_some(tip.tree),
                        commit: self.history_matters.then_some(tip.commit),
                    }
                }
                Err(error) => {
                    let folder = self.project.folder();
                    let error = told_together(reader, tip.tree, folder, error.into());
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
        if self.refs.len().is_multiple_of(LISTED_AT_ONCE) {
            (self.progress)(SurveyProgress::Listed(self.refs.len()));
        }
    }

    /// Migrates all that was added. Nothing is written. What is wrong with one ref is that ref's result.
    pub fn run(mut self) -> Rehearsed {
        let of = self.cases.len();
        let results: Vec<OnceLock<Vec<RehearsedProject>>> =
            std::iter::repeat_with(OnceLock::new).take(of).collect();
        let (project, options) = (self.project, self.options);
        let (session, cases) = (&self.session, &self.cases);
        let progress = &mut self.progress;
        parallel::for_each_telling(
            of,
            self.threads,
            &mut |done| progress(SurveyProgress::Trees { done, of }),
            |index| {
                results[index].get_or_init(|| rehearse(project, session, &cases[index], options));
            },
        );
        let projects = results.into_iter().map(|result| {
            result
                .into_inner()
                .expect("every case was taken by a thread that has ended")
        });
        Rehearsed::new(self.refs, projects.collect())
    }
}

fn rehearse(
    project: &Project,
    session: &Session,
    case: &Case,
    options: LoadOptions,
) -> Vec<RehearsedProject> {
    let path = project.folder();
    let result = |base_path: &str| RehearsedProject::new(project, base_path, options);
    let folder = match &case.key {
        CaseKey::Trees { folder, .. } => *folder,
        CaseKey::NotACommit(kind) => {
            return vec![
                result(path).nothing_in(&format!("it points to a {kind}, not to a commit")),
            ];
        }
        CaseKey::Broken(reason) => return vec![result(path).failed_as_a_whole(reason)],
    };
    let bases = session.git(|reader| {
        bases(project, reader, folder).map_err(|error| match case.tip {
            Some(tip) => told_together(reader, tip.tree, path, error),
            None => error,
        })
    });
    let bases = match bases {
        Ok(bases) => bases,
        Err(error) => return vec![result(path).failed_as_a_whole(&error.to_string())],
    };
    let loaded = bases.iter().map(|base| {
        match load_base(project, session, At::commit(case.tip), base, options) {
            Ok(loaded) => result(&base.path).of(&loaded),
            Err(error) => result(&base.path).failed_as_a_whole(&error.to_string()),
        }
    });
    loaded.collect()
}
