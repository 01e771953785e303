//! One document's story: where it came from, every step and what it did, what the server would be asked.

use std::sync::Arc;

use super::LoadError;
use super::document::{DocumentOutcome, MigratedDocument};
use super::entries::{Entry, Original};
use super::loaded::Loaded;
use super::marker::join;
use super::shape::{LastWrite, last_write, steps_it_looks_older_than, steps_not_applied};
use crate::catalog::Action;
use crate::git::ObjectId;
use crate::migrate::{Asked, Input, MigrationError};
use crate::plan::{Decision, Direction, Origin, Source};
use crate::store;

/// One document's story.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its name.
    pub name: String,
    /// Where its content is.
    pub origin: StoryOrigin,
    /// The schema version that its content states.
    pub shape: u32,
    /// The import that once brought it from the server into this project, as far as the store recorded it.
    pub recorded: Option<RecordedStory>,
    /// The steps that its text has missed though its branch states a version above them: it came in by a merge, say.
    pub missed: Vec<u32>,
    /// The steps up to the branch's version that would still change values of it, though it was written at that version.
    pub looks_older: Vec<u32>,
    /// Every step of its kind, in run order.
    pub steps: Vec<StepStory>,
    /// Every question to the server, with the answer of now.
    pub asked: Vec<Asked>,
}

/// Where a document's content is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum StoryOrigin {
    /// Git holds it.
    Git {
        /// Its path in the repository.
        path: String,
        /// What lies there.
        blob: Option<ObjectId>,
        /// The commit that last wrote it.
        written: Option<LastWrite>,
    },
    /// On the way down, a remove brings it back.
    BroughtBack {
        /// From where.
        source: Source,
        /// The version of the remove.
        remove_version: u32,
        /// The commit that held it last, where it comes from the branch's history.
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<ObjectId>,
    },
    /// An import brings it in.
    Store {
        /// Where the store has it.
        source: Source,
        /// The version of the import.
        import_version: u32,
    },
}

/// An import that the store recorded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RecordedStory {
    /// The version of the import.
    pub import_version: u32,
    /// When: seconds since 1970.
    pub seconds: i64,
}

/// What became of one step.
#[derive(Debug, Clone)]
pub struct StepStory {
    /// The step's place in [`Catalog::steps`](crate::catalog::Catalog::steps).
    pub step: usize,
    /// What happened.
    pub happened: Happened,
}

/// What happened with a step.
#[derive(Debug, Clone)]
pub enum Happened {
    /// The branch states that it ran before.
    RanBefore,
    /// It lies above the version asked for.
    AboveTarget,
    /// It changed the text.
    Changed {
        /// The text before.
        before: Arc<[u8]>,
        /// The text after; `None` if it removed the document.
        after: Option<Arc<str>>,
    },
    /// It ran, and nothing in the document concerned it.
    NothingToDo,
    /// It moved the document.
    Moved {
        /// The path before, below the base path.
        from: String,
        /// The path after.
        to: String,
    },
    /// It brought the document in.
    BroughtIn,
    /// It brings in others: Git holds this one.
    PassedOver,
    /// The document's content is in a newer shape already.
    AlreadyInShape,
    /// A later step removes what it would bring in.
    RemovedLater,
    /// It is about what is imported later under this name, or was there before.
    AnotherLife,
    /// It failed.
    Failed(Arc<MigrationError>),
    /// One before it failed.
    NotReached,
}

impl Loaded {
    /// One document's story. Reads the history of its path.
    ///
    /// # Errors
    /// [`LoadError::NoSuchDocument`], and where Git or the store can't be read. That it couldn't be migrated is part of
    /// the story.
    pub fn explain(&self, name: &str) -> Result<Story, LoadError> {
        let document = self.document(name)?;
        let found = self.entries().iter().find(|entry| entry.name == name);
        let Some(entry) = found else {
            return Err(LoadError::NoSuchDocument {
                name: name.to_owned(),
                known: self.names().map(str::to_owned).collect(),
            });
        };
        let origin = self.origin_of(entry, document)?;
        let asked = document.remembered.as_deref();
        let (missed, looks_older) = self.missed(document, &origin)?;
        Ok(Story {
            name: name.to_owned(),
            shape: self.shape_of(document),
            recorded: self.recorded(document)?,
            missed,
            looks_older,
            steps: self.step_stories(entry, document)?,
            asked: asked.map_or_else(Vec::new, |remembered| remembered.asked.clone()),
            origin,
        })
    }

    fn origin_of(
        &self,
        entry: &Entry,
        document: &MigratedDocument,
    ) -> Result<StoryOrigin, LoadError> {
        let project = self.project();
        if let (Origin::Imported { .. }, Some(import)) =
            (entry.origin, self.plan().import_of(&document.kind))
        {
            return Ok(StoryOrigin::Store {
                source: import.source,
                import_version: import.version,
            });
        }
        let mut returns = self.plan().returns.iter();
        if let (Origin::BroughtBack { .. }, Some(back)) = (
            entry.origin,
            returns.find(|back| back.kind == document.kind),
        ) {
            return Ok(StoryOrigin::BroughtBack {
                source: back.source,
                remove_version: back.version,
                commit: match &entry.original {
                    Original::Past(past) => Some(past.commit()),
                    _ => None,
                },
            });
        }
        let below = entry.path_before.as_deref().unwrap_or(&document.path);
        let path = join(self.base_path(), below);
        let reader = project.repository().reader();
        let written = match self.at.commit {
            Some((commit, _)) => {
                last_write(&reader, project.catalog(), commit, self.base_path(), &path)?
            }
            None => None,
        };
        Ok(StoryOrigin::Git {
            path,
            blob: match entry.original {
                Original::Blob(id) => Some(id),
                _ => None,
            },
            written,
        })
    }

    /// What the store knows of the import that brought the document in.
    fn recorded(&self, document: &MigratedDocument) -> Result<Option<RecordedStory>, LoadError> {
        let Some(store) = self.project().store() else {
            return Ok(None);
        };
        let mut read = match store.read(&self.project().key(self.base_path())) {
            Err(store::Error::Absent { .. }) => return Ok(None),
            other => other?,
        };
        for import in read.recorded_imports()? {
            if import.kind != document.kind {
                continue;
            }
            let rows = read.snapshots(&import.kind, import.import_version)?;
            let mut rows = rows.iter().flatten();
            if rows.any(|row| row.slug == document.slug) {
                return Ok(Some(RecordedStory {
                    import_version: import.import_version,
                    seconds: import.time,
                }));
            }
        }
        Ok(None)
    }

    /// The steps that the commit which last wrote the document hadn't seen and that nothing did since; and where it had
    /// seen all, those that would still change values.
    fn missed(
        &self,
        document: &MigratedDocument,
        origin: &StoryOrigin,
    ) -> Result<(Vec<u32>, Vec<u32>), LoadError> {
        let nothing = (Vec::new(), Vec::new());
        let StoryOrigin::Git {
            written:
                Some(LastWrite {
                    version: Some(written_at),
                    ..
                }),
            ..
        } = origin
        else {
            return Ok(nothing);
        };
        let Some(bytes) = self.before(document)? else {
            return Ok(nothing);
        };
        let branch = self.plan().branch_version;
        let catalog = self.project().catalog();
        let input = Input {
            kind: &document.kind,
            slug: &document.slug,
            shape: (*written_at).min(branch),
            bytes: &bytes,
        };
        Ok(if *written_at < branch {
            (steps_not_applied(catalog, &input, branch), Vec::new())
        } else {
            (
                Vec::new(),
                steps_it_looks_older_than(catalog, &input, branch),
            )
        })
    }

    fn step_stories(
        &self,
        entry: &Entry,
        document: &MigratedDocument,
    ) -> Result<Vec<StepStory>, LoadError> {
        let catalog = self.project().catalog();
        let mut before: Arc<[u8]> = self.before(document)?.unwrap_or_default().into();
        let mut failed = false;
        let mut stories = Vec::new();
        let mut steps: Vec<_> = catalog.steps().iter().enumerate().collect();
        if entry.direction == Direction::Down {
            steps.reverse();
        }
        for (step, declared) in steps {
            if !declared.concerns(&document.kind) {
                continue;
            }
            let happened = if entry.steps.contains(&step) {
                let happened = self.ran(step, entry, document, &before, failed);
                if let Happened::Changed {
                    after: Some(after), ..
                } = &happened
                {
                    before = after.as_bytes().into();
                }
                failed |= matches!(happened, Happened::Failed(_) | Happened::NotReached);
                happened
            } else {
                self.did_not_run(step, entry, document)
            };
            stories.push(StepStory { step, happened });
        }
        Ok(stories)
    }

    /// What a step did that the plan runs on the document.
    fn ran(
        &self,
        step: usize,
        entry: &Entry,
        document: &MigratedDocument,
        before: &Arc<[u8]>,
        failed: bool,
    ) -> Happened {
        let catalog = self.project().catalog();
        let declared = &catalog.steps()[step];
        if let DocumentOutcome::Failed(error) = &document.outcome {
            return match &error.step {
                Some(at) if at.version == declared.version() && at.name == declared.name() => {
                    Happened::Failed(error.clone())
                }
                // What steps before it did is given up with the rest.
                _ if failed || error.step.is_none() => Happened::NotReached,
                _ => Happened::NothingToDo,
            };
        }
        if let (Action::Rename(_), Some(_)) = (declared.action(), &entry.path_before) {
            let kind = &catalog.kinds()[entry.kind];
            let place = |version| catalog.path_at(kind, version).path_of(&document.slug);
            let version = declared.version();
            if let (Ok(from), Ok(to)) = (place(version.saturating_sub(1)), place(version)) {
                return match entry.direction {
                    Direction::Up => Happened::Moved { from, to },
                    Direction::Down => Happened::Moved { from: to, to: from },
                };
            }
        }
        match document.changes().iter().find(|change| change.step == step) {
            Some(change) => Happened::Changed {
                before: before.clone(),
                after: change.text.clone(),
            },
            None => Happened::NothingToDo,
        }
    }

    /// Why a step doesn't run on the document.
    fn did_not_run(&self, step: usize, entry: &Entry, document: &MigratedDocument) -> Happened {
        let declared = &self.project().catalog().steps()[step];
        let plan = self.plan();
        if declared.version() <= plan.branch_version {
            return Happened::RanBefore;
        }
        if declared.version() > plan.target {
            return Happened::AboveTarget;
        }
        let row = plan
            .rows
            .iter()
            .find(|row| row.step == step && row.kind == document.kind);
        if let Some(row) = row {
            match row.decision {
                Decision::ImportedThenRemoved => return Happened::RemovedLater,
                Decision::AlreadyInShape => return Happened::AlreadyInShape,
                Decision::Run if row.skipped_for.contains(&document.name) => {
                    return Happened::AlreadyInShape;
                }
                Decision::Run => {}
                // On the way down only, where the branch is past the step.
                Decision::LeftOut | Decision::NotBroughtBack | Decision::OneWay => {
                    return Happened::RanBefore;
                }
            }
        }
        let is_live = plan
            .import_of(&document.kind)
            .is_some_and(|import| import.step == step);
        let imported = matches!(entry.origin, Origin::Imported { .. });
        match (&document.outcome, is_live, imported) {
            (DocumentOutcome::Failed(error), true, true) if error.step.is_none() => {
                Happened::Failed(error.clone())
            }
            (_, true, true) => Happened::BroughtIn,
            (_, true, false) => Happened::PassedOver,
            _ => Happened::AnotherLife,
        }
    }
}
