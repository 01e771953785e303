//! What a catalog would do to every ref: all of them migrated, in memory.
//!
//! Refs are told apart by the tree of the folder where projects begin, and each distinct one is migrated once; what
//! those share they have from the project's memory. All cores work.

mod group;
mod result;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use group::{RehearsalGroup, RehearsalGroups, RehearsalMember, Spread};
pub use result::{RehearsedDocument, RehearsedFailure, RehearsedOutcome, RehearsedProject};

use super::layout::projects_below;
use super::loaded::{At, LoadOptions, Loaded};
use super::memory::Base;
use super::status::Folders;
use super::{LoadError, Project};
use crate::git::{NoTip, ObjectId, ObjectKind, Reader, RefPattern, RefScope, Tip};

/// How far a rehearsal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RehearsalProgress {
    /// So many refs were listed; how many there are is not known yet.
    Listed(usize),
    /// So many distinct trees were migrated.
    Migrated {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
}

/// The refs to rehearse. Begins with [`Project::rehearsal`].
pub struct Rehearsal<'p> {
    project: &'p Project,
    options: LoadOptions,
    threads: Option<NonZeroUsize>,
    progress: Box<dyn FnMut(RehearsalProgress) + 'p>,
    refs: RefList,
    seen: Folders,
    folders: Vec<Folder>,
    by_key: HashMap<FolderKey, u32>,
    /// What lies behind a commit matters, not only its tree.
    history_matters: bool,
}

/// Every ref with what became of it.
pub struct Rehearsed {
    refs: RefList,
    /// By the refs' folders.
    projects: Vec<Vec<RehearsedProject>>,
}

/// A ref that was rehearsed.
#[derive(Debug, Clone, Copy)]
pub struct RehearsedRef<'r> {
    /// The full name; a revision that names no ref goes by its own text.
    pub name: &'r str,
    /// The commit; `None` where it leads to none.
    pub commit: Option<ObjectId>,
    /// Its projects, at least one.
    pub projects: &'r [RehearsedProject],
}

/// Names one after the other: there may be a million.
#[derive(Default)]
struct RefList {
    names: String,
    rows: Vec<RefRow>,
}

struct RefRow {
    name_end: usize,
    folder: u32,
    commit: ObjectId,
}

/// What a ref's result depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum FolderKey {
    /// The tree of the folder where projects begin; `None` where there is no such folder. And the commit, where what a
    /// remove brings back depends on what lies behind it.
    Tree(Option<ObjectId>, Option<ObjectId>),
    NotACommit(ObjectKind),
    Broken(String),
}

struct Folder {
    key: FolderKey,
    /// A commit that has it.
    tip: Option<Tip>,
}

/// How often the listing of refs tells how far it is.
const TELL_EVERY: usize = 1024;

impl Project {
    /// A rehearsal, of no refs yet.
    pub fn rehearsal(&self, options: LoadOptions) -> Rehearsal<'_> {
        Rehearsal {
            project: self,
            options,
            threads: None,
            progress: Box::new(|_| {}),
            refs: RefList::default(),
            seen: Folders::default(),
            folders: Vec::new(),
            by_key: HashMap::new(),
            history_matters: super::returned::history_matters(self, options),
        }
    }
}

impl<'p> Rehearsal<'p> {
    /// Calls `progress` now and then, on this thread.
    #[must_use]
    pub fn on_progress(mut self, progress: impl FnMut(RehearsalProgress) + 'p) -> Rehearsal<'p> {
        self.progress = Box::new(progress);
        self
    }

    /// Works with so many threads; with one for each core, unless said otherwise.
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
            }),
            None => Ok(()),
        }
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
            Err(NoTip::NotACommit { kind }) => FolderKey::NotACommit(*kind),
            Err(NoTip::Broken(reason)) => FolderKey::Broken(reason.clone()),
            Ok(tip) => match self.seen.find(self.project, reader, tip.tree) {
                Ok(folder) => FolderKey::Tree(folder, self.history_matters.then_some(tip.commit)),
                Err(error) => FolderKey::Broken(error.to_string()),
            },
        };
        let folders = &mut self.folders;
        let folder = *self.by_key.entry(key).or_insert_with_key(|key| {
            let (key, tip) = (key.clone(), tip.as_ref().ok().copied());
            folders.push(Folder { key, tip });
            u32::try_from(folders.len() - 1)
                .expect("memory ends before four thousand million trees")
        });
        let commit = tip.map_or(NO_COMMIT, |tip| tip.commit);
        self.refs.push(name, folder, commit);
        if self.refs.rows.len().is_multiple_of(TELL_EVERY) {
            (self.progress)(RehearsalProgress::Listed(self.refs.rows.len()));
        }
    }

    /// Migrates all that was added. Nothing is written. What is wrong with one ref is that ref's result.
    pub fn run(mut self) -> Rehearsed {
        let of = self.folders.len();
        let results: Vec<OnceLock<Vec<RehearsedProject>>> =
            std::iter::repeat_with(OnceLock::new).take(of).collect();
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (project, options, folders) = (self.project, self.options, &self.folders);
        let work = |tell: &mut dyn FnMut(usize)| {
            project.read_with(|reader| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(folder) = folders.get(index) else {
                        break;
                    };
                    results[index].get_or_init(|| rehearse(project, reader, folder, options));
                    tell(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        };
        let threads = self.threads.or(std::thread::available_parallelism().ok());
        let threads = threads.map_or(1, NonZeroUsize::get).min(of);
        let progress = &mut self.progress;
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| work(&mut |_| {}));
            }
            work(&mut |done| progress(RehearsalProgress::Migrated { done, of }));
        });
        let projects = results.into_iter().map(|result| {
            result
                .into_inner()
                .expect("every folder was taken by a thread that has ended")
        });
        Rehearsed {
            projects: projects.collect(),
            refs: self.refs,
        }
    }
}

/// Stands in the list for no commit.
const NO_COMMIT: ObjectId = ObjectId::from_bytes([0; 20]);

fn rehearse(
    project: &Project,
    reader: &Reader,
    folder: &Folder,
    options: LoadOptions,
) -> Vec<RehearsedProject> {
    let path = project.folder();
    let result = |base_path: &str| RehearsedProject::new(project, base_path, options);
    let tree = match &folder.key {
        FolderKey::Tree(tree, _) => *tree,
        FolderKey::NotACommit(kind) => {
            return vec![
                result(path).nothing_in(&format!("it points to a {kind}, not to a commit")),
            ];
        }
        FolderKey::Broken(reason) => return vec![result(path).failed_as_a_whole(reason)],
    };
    let bases = match bases(project, reader, tree) {
        Ok(bases) => bases,
        Err(error) => return vec![result(path).failed_as_a_whole(&error.to_string())],
    };
    let at = || At::of(folder.tip);
    let loaded =
        bases.iter().map(
            |base| match Loaded::at_base(project, reader, at(), base, options) {
                Ok(loaded) => result(&base.path).of(&loaded),
                Err(error) => result(&base.path).failed_as_a_whole(&error.to_string()),
            },
        );
    loaded.collect()
}

/// The base paths at or below the folder where projects begin; that itself where there are none.
fn bases(
    project: &Project,
    reader: &Reader,
    tree: Option<ObjectId>,
) -> Result<Vec<Base>, LoadError> {
    let folder = project.folder();
    let found = match tree {
        None => Vec::new(),
        Some(tree) => projects_below(reader, project.catalog(), folder, tree)?,
    };
    let found = found.into_iter().filter(|found| {
        let chosen = project.base_path();
        chosen.is_none_or(|chosen| chosen == found.base_path)
    });
    let mut bases: Vec<Base> = found
        .map(|found| Base {
            path: found.base_path,
            tree: Some(found.tree),
        })
        .collect();
    if bases.is_empty() {
        let path = folder.to_owned();
        bases.push(Base { path, tree });
    }
    Ok(bases)
}

impl Rehearsed {
    /// How many refs there are.
    pub fn len(&self) -> usize {
        self.refs.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.refs.rows.is_empty()
    }

    /// The refs, in the order in which they were added.
    pub fn refs(&self) -> impl ExactSizeIterator<Item = RehearsedRef<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The ref at a place in that order.
    ///
    /// # Panics
    /// Where there is none.
    pub fn get(&self, index: usize) -> RehearsedRef<'_> {
        let row = &self.refs.rows[index];
        RehearsedRef {
            name: self.refs.name(index),
            commit: (row.commit != NO_COMMIT).then_some(row.commit),
            projects: &self.projects[row.folder as usize],
        }
    }
}

impl RefList {
    fn push(&mut self, name: &str, folder: u32, commit: ObjectId) {
        self.names.push_str(name);
        self.rows.push(RefRow {
            name_end: self.names.len(),
            folder,
            commit,
        });
    }

    fn name(&self, index: usize) -> &str {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.rows[before].name_end);
        &self.names[start..self.rows[index].name_end]
    }
}
