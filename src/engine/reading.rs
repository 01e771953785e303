//! The documents of one kind, as a step that reads them finds them.

use std::sync::{Arc, OnceLock};

use super::cache::Recorded;
use super::content::{ContentHasher, ContentId};
use crate::catalog::{BlockPath, Catalog, DocumentName, ReadDocument, doubled_blocks};
use crate::ocl::{Dialect, Document, DoubledName};
use crate::plan::{Direction, Origin, Plan};

/// The documents of one kind, as a step that reads them finds them.
pub(crate) struct Reading {
    texts: Vec<ReadText>,
    id: ContentId,
    /// Parsed when a step first reads them.
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
    /// Of results so far, each with the document's name and the dialect of its text.
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
            // A step may have removed it by then.
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
    /// In words: where one of them can't be parsed.
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

/// The shape that a document had at first which a step reads, or `None` where it isn't there at that point.
///
/// # Errors
/// In words: where the reading step doesn't know that shape.
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
            // Above the remove that brings it back it isn't there.
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

/// Of a document's steps, those that come before another step.
pub(super) fn steps_before(
    catalog: &Catalog,
    plan: &Plan,
    direction: Direction,
    steps: &[usize],
    before_step: Option<usize>,
) -> Vec<usize> {
    let comes_before = |step: &usize| match direction {
        Direction::Up => before_step.is_none_or(|read| *step < read),
        // A step that isn't undone itself reads what has arrived at the target.
        Direction::Down => before_step
            .filter(|read| is_undone(catalog, plan, *read))
            .is_none_or(|read| *step > read),
    };
    steps.iter().copied().filter(comes_before).collect()
}

/// The dialect of a document just before a step that reads it, whether that is run or undone.
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

/// Whether the step at this place of the catalog is undone by a plan, wherever it is.
pub(super) fn is_undone(catalog: &Catalog, plan: &Plan, step: usize) -> bool {
    catalog.steps()[step].version() > plan.target
}
