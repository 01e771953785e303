//! Migrating many refs, in memory.
//!
//! Refs are told apart by what their result depends on, and each distinct case is migrated once; documents that those share
//! come from the project's cache. All cores work, in one session.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use super::project::RehearsedProject;
use super::refs::Rehearsed;
use crate::git::{RefPattern, RefScope};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::load::LoadOptions;
use crate::project::read::parallel;
use crate::project::survey::cases::{Cases, NotLoaded};
use crate::project::survey::progress::{LISTED_AT_ONCE, SurveyProgress};

/// The refs to rehearse. Begins with [`Project::rehearsal`].
pub struct Rehearsal<'p> {
    project: &'p Project,
    options: LoadOptions,
    threads: Option<NonZeroUsize>,
    progress: Box<dyn FnMut(SurveyProgress) + 'p>,
    cases: Cases,
}

impl<'p> Rehearsal<'p> {
    pub(crate) fn new(project: &'p Project, options: LoadOptions) -> Rehearsal<'p> {
        Rehearsal {
            project,
            options,
            threads: None,
            progress: Box::new(|_| {}),
            cases: Cases::new(project, options),
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
        let Rehearsal {
            cases, progress, ..
        } = self;
        cases.add_refs(scope, &mut |count| listed(progress, count), |_| true)
    }

    /// Adds every ref that fits any of the patterns.
    ///
    /// # Errors
    /// [`LoadError::NothingFits`] for a pattern that no ref fits, and where the refs can't be read.
    pub fn add_matching(&mut self, patterns: &[RefPattern]) -> Result<(), LoadError> {
        let Rehearsal {
            cases, progress, ..
        } = self;
        cases.add_matching(patterns, &mut |count| listed(progress, count))
    }

    /// Adds anything that Git can resolve.
    ///
    /// # Errors
    /// Where it names no commit.
    pub fn add_revision(&mut self, revision: &str) -> Result<(), LoadError> {
        self.cases.add_revision(revision)
    }

    /// Migrates all that was added. Nothing is written. What is wrong with one ref is that ref's result.
    pub fn run(mut self) -> Rehearsed {
        let of = self.cases.len();
        let results: Vec<OnceLock<Vec<RehearsedProject>>> =
            std::iter::repeat_with(OnceLock::new).take(of).collect();
        let (project, options, cases) = (self.project, self.options, &self.cases);
        let progress = &mut self.progress;
        parallel::for_each_telling(
            of,
            self.threads,
            &mut |done| progress(SurveyProgress::Trees { done, of }),
            |index| {
                results[index].get_or_init(|| rehearse(project, cases, index, options));
            },
        );
        let projects = results.into_iter().map(|result| {
            result
                .into_inner()
                .expect("every case was taken by a thread that has ended")
        });
        Rehearsed::new(self.cases.refs, projects.collect())
    }
}

fn listed(progress: &mut dyn FnMut(SurveyProgress), count: usize) {
    if count.is_multiple_of(LISTED_AT_ONCE) {
        progress(SurveyProgress::Listed(count));
    }
}

fn rehearse(
    project: &Project,
    cases: &Cases,
    case: usize,
    options: LoadOptions,
) -> Vec<RehearsedProject> {
    let path = project.folder();
    let result = |base_path: &str| RehearsedProject::new(project, base_path, options);
    if project.is_given_up() {
        return vec![result(path).failed_as_a_whole(Project::GIVEN_UP)];
    }
    let projects = cases.load(case, |base_path, loaded| match loaded {
        Ok(loaded) => result(base_path).of(&loaded),
        Err(error) => result(base_path).failed_as_a_whole(&error.to_string()),
    });
    projects.unwrap_or_else(|nothing| {
        vec![match nothing {
            NotLoaded::NotACommit(kind) => {
                result(path).nothing_in(&format!("it points to a {kind}, not to a commit"))
            }
            NotLoaded::Broken(reason) => result(path).failed_as_a_whole(&reason),
        }]
    })
}
