//! The documents of one kind, as a step reads them.

use std::sync::{Arc, OnceLock};

use super::content::{ContentHasher, ContentId};
use super::recorded::Recorded;
use crate::catalog::{Action, BlockPath, Catalog, DocumentName, ReadDocument, doubled_blocks};
use crate::ocl::{Dialect, Document, DoubledName};
use crate::plan::{Decision, Direction, Origin, Plan, PlanRow};

/// The documents of one kind, as a step reads them.
pub(crate) struct Reading {
    texts: Vec<ReadText>,
    id: ContentId,
    /// Parsed on the first read.
    documents: OnceLock<Result<Vec<ReadDocument>, String>>,
}

struct ReadText {
    name: DocumentName,
    dialect: Dialect,
    text: Arc<str>,
    doubled: Vec<DoubledName>,
    /// The blocks of which there should be one, where anything is doubled.
    single: Vec<BlockPath>,
}

impl Reading {
    /// Made from the documents' results just before the step, each with the document's name and the dialect of its text.
    pub(super) fn new(
        catalog: &Catalog,
        results: Vec<(DocumentName, Dialect, Arc<Recorded>)>,
    ) -> Reading {
        let mut hasher = ContentHasher::default();
        let mut texts = Vec::new();
        for (name, dialect, recorded) in results {
            let Ok(migrated) = &recorded.outcome else {
                continue;
            };
            // A step before may have removed it.
            if let (Some(text), Some(id)) = (migrated.text.clone(), recorded.text_id()) {
                hasher.name(name.slug());
                hasher.content(id);
                let doubled = migrated.doubled.clone();
                let kind = catalog.kind(name.kind()).filter(|_| !doubled.is_empty());
                texts.push(ReadText {
                    single: kind.map_or_else(Vec::new, |kind| kind.single.clone()),
                    name,
                    dialect,
                    text,
                    doubled,
                });
            }
        }
        Reading {
            texts,
            id: hasher.finish(),
            documents: OnceLock::new(),
        }
    }

    /// Identifies them by their slugs and texts.
    pub(super) fn id(&self) -> ContentId {
        self.id
    }

    /// The documents.
    ///
    /// # Errors
    /// A message, if one of them can't be parsed.
    pub(super) fn documents(&self) -> Result<Vec<ReadDocument>, String> {
        let parse = |read: &ReadText| {
            let mut document = Document::parse(&*read.text, read.dialect)
                .map_err(|error| format!("{}: {error}", read.name))?;
            if !read.doubled.is_empty() {
                let blocks = doubled_blocks(&read.single, &document);
                document.note_doubled_of(&read.doubled, &blocks);
            }
            Ok(ReadDocument {
                kind: read.name.kind().to_owned(),
                slug: read.name.slug().to_owned(),
                document: Arc::new(document),
            })
        };
        let parsed = self
            .documents
            .get_or_init(|| self.texts.iter().map(parse).collect());
        parsed.clone()
    }
}

/// Refuses to read documents of a kind whose import is skipped because a later step removes it again: the step would find
/// nothing where it finds them on a branch that is migrated one version at a time.
pub(super) fn refuse_skipped_import(
    catalog: &Catalog,
    plan: &Plan,
    kind: &str,
    before_step: usize,
) -> Result<(), String> {
    let rows = || plan.rows.iter().filter(|row| row.kind == kind);
    let action = |row: &PlanRow| catalog.steps()[row.step].action();
    let skipped = rows().rfind(|row| {
        row.step < before_step
            && row.decision == Decision::ImportedThenRemoved
            && matches!(action(row), Action::Import(_))
    });
    let Some(import) = skipped else {
        return Ok(());
    };
    let removal =
        rows().find(|row| row.step > import.step && matches!(action(row), Action::Remove));
    match removal {
        Some(removal) if removal.step > before_step => {
            let version = |row: &PlanRow| catalog.steps()[row.step].version();
            Err(format!(
                "it reads `{kind}`, whose import at version {} is skipped because version {} removes `{kind}` again: \
                 migrate to version {} first, then further",
                version(import),
                version(removal),
                catalog.steps()[before_step].version()
            ))
        }
        _ => Ok(()),
    }
}

/// The original shape of a document that a step reads, or `None` if it doesn't exist at that point.
///
/// # Errors
/// A message, if the reading step doesn't know that shape.
pub(super) fn shape_before(
    catalog: &Catalog,
    plan: &Plan,
    before_step: usize,
    name: &DocumentName,
    origin: Origin,
) -> Result<Option<u32>, String> {
    let reading = &catalog.steps()[before_step];
    let shape = plan.shape_of(origin);
    if is_undone(catalog, plan, before_step) {
        if let Origin::BroughtBack { shape } = origin {
            // Above the remove that brings it back it doesn't exist.
            return Ok((shape >= reading.version()).then_some(shape));
        }
        let mut undone = plan.undone_imports(catalog);
        if undone.any(|row| row.kind == name.kind() && row.step > before_step) {
            return Ok(None);
        }
        if shape < reading.version() {
            return Err(format!(
                "it reads `{name}`, which is in shape {shape}, below this step's version"
            ));
        }
    } else if origin != Origin::Git {
        let import = plan.import_of(name.kind());
        if import.is_some_and(|import| import.step >= before_step) {
            return Ok(None);
        }
        // What comes from above the target arrives at it.
        let shape = shape.min(plan.target);
        if shape > reading.version() && !reading.reads_any_shape() {
            return Err(format!(
                "it reads `{name}`, which was imported in shape {shape}, above this step's version: \
                 say `reads_any_shape = true` if the step can read that"
            ));
        }
    }
    Ok(Some(shape))
}

/// The steps of a document that come before another step.
pub(super) fn steps_before(
    catalog: &Catalog,
    plan: &Plan,
    direction: Direction,
    steps: &[usize],
    before_step: Option<usize>,
) -> Vec<usize> {
    let comes_before = |step: &usize| match direction {
        Direction::Up => before_step.is_none_or(|read| *step < read),
        // A step that isn't undone itself reads documents that have arrived at the target.
        Direction::Down => before_step
            .filter(|read| is_undone(catalog, plan, *read))
            .is_none_or(|read| *step > read),
    };
    steps.iter().copied().filter(comes_before).collect()
}

/// The dialect of a document just before a step that reads it, in either direction.
pub(super) fn dialect_before(
    catalog: &Catalog,
    plan: &Plan,
    direction: Direction,
    shape: u32,
    before_step: usize,
) -> Dialect {
    let version = catalog.steps()[before_step].version();
    catalog.dialect_at(match direction {
        Direction::Up => shape.max(version.saturating_sub(1)),
        Direction::Down => version.max(plan.target),
    })
}

/// Whether the plan undoes the step at this index of the catalog.
pub(super) fn is_undone(catalog: &Catalog, plan: &Plan, step: usize) -> bool {
    catalog.steps()[step].version() > plan.target
}
