//! One document's story: where it came from, every step and what it did, what the server would be asked.

use std::borrow::Cow;
use std::sync::Arc;

use super::last_write::{LastWrite, last_write};
use super::story::{Happened, RecordedStory, StepStory, Story, StoryOrigin};
use crate::catalog::{Action, Step};
use crate::engine::{DocumentOutcome, Entry, Lift, MigratedDocument, Original, join};
use crate::migrate::{Extent, FailedStep, Input, MigrationErrorKind, StepChange, run};
use crate::plan::{Decision, Direction, Origin};
use crate::project::error::LoadError;
use crate::project::read::loaded::Loaded;
use crate::project::read::shape::{steps_it_looks_older_than, steps_not_applied};
use crate::project::read::source::GitSource;
use crate::store;

/// One document's story: see [`Loaded::explain`](crate::project::Loaded::explain).
pub(crate) fn explain(loaded: &Loaded, name: &str) -> Result<Story, LoadError> {
    let document = loaded.document(name)?;
    let entry = loaded
        .entry(&document.name)
        .ok_or_else(|| loaded.no_such_document(name))?;
    let told = Told {
        loaded,
        entry,
        document,
        changes: changes(loaded, entry, document)?,
    };
    let origin = told.origin()?;
    let asked = document.recorded.as_deref();
    let (missed, looks_older) = told.missed(&origin)?;
    Ok(Story {
        name: document.name.clone(),
        shape: loaded.shape_of(document),
        recorded: told.recorded()?,
        missed,
        looks_older,
        steps: told.steps()?,
        asked: asked.map_or_else(Vec::new, |recorded| recorded.asked.clone()),
        origin,
    })
}

/// The document whose story is told.
struct Told<'l> {
    loaded: &'l Loaded,
    entry: &'l Entry<Lift<GitSource>>,
    document: &'l MigratedDocument,
    changes: Cow<'l, [StepChange]>,
}

/// What steps changed of a document. Where one failed, what those before it did is discarded: they are run again to tell it.
fn changes<'l>(
    loaded: &Loaded,
    entry: &Entry<Lift<GitSource>>,
    document: &'l MigratedDocument,
) -> Result<Cow<'l, [StepChange]>, LoadError> {
    let known = Cow::Borrowed(document.changes());
    let Some(failed) = document.error().and_then(|error| error.step.as_ref()) else {
        return Ok(known);
    };
    let (catalog, lift) = (loaded.project().catalog(), loaded.lift());
    let before = (entry.steps.iter()).position(|step| is_of(failed, &catalog.steps()[*step]));
    let (Some(before), Some(place)) = (before, lift.position(&entry.name)) else {
        return Ok(known);
    };
    let Some(bytes) = loaded.before(document)? else {
        return Ok(known);
    };
    let input = Input {
        kind: entry.name.kind(),
        slug: entry.name.slug(),
        shape: loaded.shape_of(document),
        bytes: &bytes,
    };
    let steps = (&entry.steps[..before], Extent::Part);
    let again = lift.with_context(place, |context| {
        run(catalog, entry.direction, steps, input, context)
    });
    Ok(again.map_or(known, |migrated| Cow::Owned(migrated.changes)))
}

fn is_of(failed: &FailedStep, step: &Step) -> bool {
    failed.version == step.version() && failed.name == step.name()
}

impl Told<'_> {
    fn origin(&self) -> Result<StoryOrigin, LoadError> {
        let (loaded, entry, kind) = (self.loaded, self.entry, self.entry.name.kind());
        let plan = loaded.plan();
        if let Some(import) = loaded.pending_import(&entry.name) {
            return Ok(StoryOrigin::of_import(import));
        }
        let mut returns = plan.returns.iter();
        if let (Origin::BroughtBack { .. }, Some(back)) =
            (entry.origin, returns.find(|back| back.kind == kind))
        {
            return Ok(StoryOrigin::BroughtBack {
                source: back.source,
                remove_version: back.version,
                commit: match &entry.original {
                    Original::Past(past) => past.source().tip.map(|tip| tip.commit),
                    _ => None,
                },
            });
        }
        let (project, base_path) = (loaded.project(), loaded.base_path());
        let below = self.document.path_before.as_ref();
        let path = join(base_path, below.unwrap_or(&self.document.path));
        let last = match (loaded.tip(), below) {
            (Some(tip), Some(below)) => {
                let reader = project.repository().reader();
                let catalog = project.catalog();
                // Under a name that isn't UTF-8 no commit has it: what is shown of that isn't its name.
                match reader.entry(tip.tree, &path)? {
                    Some(_) => Some(last_write(&reader, catalog, tip.commit, base_path, below)?),
                    None => None,
                }
            }
            _ => None,
        };
        let (written, history_ends) = match last {
            Some(Ok(written)) => (Some(written), None),
            Some(Err(end)) => (None, Some(end)),
            None => (None, None),
        };
        Ok(StoryOrigin::Git {
            path,
            blob: match entry.original {
                // The import's refusal is no word about what Git holds.
                Original::Held(_) | Original::Refused(MigrationErrorKind::Import(_)) => {
                    loaded.file(&entry.name).map(|file| file.id)
                }
                _ => None,
            },
            written,
            history_ends,
        })
    }

    /// What the store knows of the import that brought the document in.
    fn recorded(&self) -> Result<Option<RecordedStory>, LoadError> {
        let (project, name) = (self.loaded.project(), &self.entry.name);
        let Some(store) = project.store() else {
            return Ok(None);
        };
        let source = self.loaded.lift().source();
        if source.shared.unusable().is_some() {
            return Ok(None);
        }
        let mut read = match store.read(source.key()) {
            Err(store::Error::Absent { .. }) => return Ok(None),
            other => other?,
        };
        for import in read.recorded_imports()? {
            if import.kind != name.kind() {
                continue;
            }
            let rows = read.snapshots(&import.kind, import.import_version)?;
            let mut rows = rows.iter().flatten();
            if rows.any(|row| row.slug == name.slug()) {
                let mut effects = read.effects()?.into_iter();
                let effect = effects.find(|effect| {
                    effect.kind == import.kind && effect.import_version == import.import_version
                });
                return Ok(Some(RecordedStory {
                    import_version: import.import_version,
                    seconds: import.time,
                    effect,
                }));
            }
        }
        Ok(None)
    }

    /// The steps above the version at which the document was last written that never ran on it; and where there are none,
    /// those that would still change values.
    fn missed(&self, origin: &StoryOrigin) -> Result<(Vec<u32>, Vec<u32>), LoadError> {
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
        let Some(bytes) = self.loaded.before(self.document)? else {
            return Ok(nothing);
        };
        let branch = self.loaded.plan().branch_version;
        let catalog = self.loaded.project().catalog();
        let input = Input {
            kind: self.entry.name.kind(),
            slug: self.entry.name.slug(),
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

    fn steps(&self) -> Result<Vec<StepStory>, LoadError> {
        let (loaded, entry) = (self.loaded, self.entry);
        let catalog = loaded.project().catalog();
        let before = loaded.before(self.document)?;
        let mut before: Arc<[u8]> = before.unwrap_or_default().into();
        let mut failed = false;
        let mut stories = Vec::new();
        let mut steps: Vec<_> = catalog.steps().iter().enumerate().collect();
        if entry.direction == Direction::Down {
            steps.reverse();
        }
        for (step, declared) in steps {
            if !declared.concerns(entry.name.kind()) {
                continue;
            }
            let happened = if entry.steps.contains(&step) {
                let happened = self.ran(step, &before, failed);
                if let Happened::Changed {
                    after: Some(after), ..
                } = &happened
                {
                    before = after.as_bytes().into();
                }
                failed |= matches!(happened, Happened::Failed(_) | Happened::NotReached);
                happened
            } else {
                self.did_not_run(step)
            };
            stories.push(StepStory { step, happened });
        }
        Ok(stories)
    }

    /// What a step did that the plan runs on the document.
    fn ran(&self, step: usize, before: &Arc<[u8]>, failed: bool) -> Happened {
        let (entry, document) = (self.entry, self.document);
        let catalog = self.loaded.project().catalog();
        let declared = &catalog.steps()[step];
        if let DocumentOutcome::Failed(error) = &document.outcome {
            match &error.step {
                Some(at) if is_of(at, declared) => return Happened::Failed(error.clone()),
                _ if failed || error.step.is_none() => return Happened::NotReached,
                _ => {}
            }
        }
        if let (Action::Rename(_), Some(_)) = (declared.action(), &document.path_before) {
            let kind = &catalog.kinds()[entry.kind];
            let place = |version| catalog.path_at(kind, version).path_of(entry.name.slug());
            let version = declared.version();
            if let (Ok(from), Ok(to)) = (place(version.saturating_sub(1)), place(version)) {
                return match entry.direction {
                    Direction::Up => Happened::Moved { from, to },
                    Direction::Down => Happened::Moved { from: to, to: from },
                };
            }
        }
        match self.changes.iter().find(|change| change.step == step) {
            Some(change) => Happened::Changed {
                before: before.clone(),
                after: change.text.clone(),
            },
            None => Happened::NothingToDo,
        }
    }

    /// Why a step doesn't run on the document.
    fn did_not_run(&self, step: usize) -> Happened {
        let (entry, document) = (self.entry, self.document);
        let kind = entry.name.kind();
        let declared = &self.loaded.project().catalog().steps()[step];
        let plan = self.loaded.plan();
        if declared.version() <= plan.branch_version {
            let is_undone = match declared.action() {
                Action::Import(_) => matches!(document.outcome, DocumentOutcome::LeftOut),
                Action::Remove => matches!(document.outcome, DocumentOutcome::BroughtBack { .. }),
                _ => false,
            };
            if is_undone && declared.version() > plan.target {
                return Happened::Undone;
            }
            return Happened::RanBefore;
        }
        if declared.version() > plan.target {
            return Happened::AboveTarget;
        }
        let row = plan
            .rows
            .iter()
            .find(|row| row.step == step && row.kind == kind);
        if let Some(row) = row {
            match row.decision {
                Decision::ImportedThenRemoved => return Happened::RemovedLater,
                Decision::AlreadyInShape => return Happened::AlreadyInShape,
                Decision::Run if row.skipped_for.contains(&document.name) => {
                    return Happened::AlreadyInShape;
                }
                Decision::Run | Decision::Unknown => {}
                // Only when migrating down, where the branch is past the step.
                Decision::LeftOut | Decision::NotBroughtBack | Decision::OneWay => {
                    return Happened::RanBefore;
                }
            }
        }
        let import = plan.import_of(kind);
        let is_live = import.is_some_and(|import| import.step == step);
        let imported = matches!(entry.origin, Origin::Imported { .. });
        if imported && plan.is_before_import(kind, step) {
            return Happened::AlreadyInShape;
        }
        match (&document.outcome, is_live, imported) {
            (DocumentOutcome::Failed(error), true, true) if error.step.is_none() => {
                Happened::Failed(error.clone())
            }
            (DocumentOutcome::Failed(error), true, false)
                if matches!(error.kind, MigrationErrorKind::Import(_)) =>
            {
                Happened::Failed(error.clone())
            }
            (_, true, true) => Happened::BroughtIn,
            (_, true, false) => Happened::PassedOver,
            _ => Happened::AnotherLife,
        }
    }
}
