//! The documents that a step reads, as they stand at its point of the run order.

use std::sync::Arc;

use super::{Input, Migrated, MigrationError, Surroundings, migrate, migrate_down};
use crate::catalog::{Catalog, ReadDocument};
use crate::ocl::{Dialect, Document};
use crate::plan::{Direction, Origin, Plan};

/// A document of a project, as far as others may read it.
pub(crate) struct Readable<'a> {
    pub(crate) name: &'a str,
    pub(crate) slug: &'a str,
    pub(crate) origin: Origin,
    /// All steps that run on it.
    pub(crate) steps: &'a [usize],
    /// Its bytes before any of them.
    pub(crate) bytes: &'a dyn Fn() -> Result<Vec<u8>, MigrationError>,
}

/// The shape that a document went in with which a step reads, or `None` where it isn't there at that point.
///
/// # Errors
/// In words: where the reading step doesn't know that shape.
pub(crate) fn shape_before(
    catalog: &Catalog,
    plan: &Plan,
    kind: &str,
    before_step: usize,
    name: &str,
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
        if undone.any(|row| row.kind == kind && row.step > before_step) {
            return Ok(None);
        }
        if shape < reading.version() {
            return Err(format!(
                "it reads `{name}`, which is in shape {shape}, below this step's version"
            ));
        }
    } else if origin != Origin::Git {
        let import = plan.import_of(kind);
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
pub(crate) fn steps_before(
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
pub(crate) fn dialect_before(
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
fn is_undone(catalog: &Catalog, plan: &Plan, step: usize) -> bool {
    catalog.steps()[step].version() > plan.target
}

/// Runs or undoes steps on a document.
pub(crate) fn carry_out(
    catalog: &Catalog,
    direction: Direction,
    steps: &[usize],
    input: Input<'_>,
    surroundings: &dyn Surroundings,
) -> Result<Migrated, MigrationError> {
    match direction {
        Direction::Up => migrate(catalog, steps, input, surroundings),
        Direction::Down => migrate_down(catalog, steps, input, surroundings),
    }
}

/// One of the documents of a kind, just before the step at `before_step`; `None` where it isn't there then.
///
/// # Errors
/// In words: where it can't be migrated so far, or is in a shape that the reading step doesn't know.
pub(crate) fn document_before(
    catalog: &Catalog,
    plan: &Plan,
    kind: &str,
    before_step: usize,
    readable: &Readable<'_>,
    surroundings: &dyn Surroundings,
) -> Result<Option<ReadDocument>, String> {
    let (name, origin) = (readable.name, readable.origin);
    let Some(shape) = shape_before(catalog, plan, kind, before_step, name, origin)? else {
        return Ok(None);
    };
    let bytes = (readable.bytes)().map_err(|error| format!("{name}: {error}"))?;
    let input = Input {
        kind,
        slug: readable.slug,
        shape: plan.shape_of(origin),
        bytes: &bytes,
    };
    let direction = plan.direction_of(origin);
    let steps = steps_before(catalog, plan, direction, readable.steps, Some(before_step));
    let migrated = carry_out(catalog, direction, &steps, input, surroundings)
        .map_err(|error| format!("it reads `{name}`, which can't be migrated: {error}"))?;
    let Some(text) = migrated.text else {
        return Ok(None);
    };
    let dialect = dialect_before(catalog, plan, direction, shape, before_step);
    let document = Document::parse(&*text, dialect).map_err(|error| format!("{name}: {error}"))?;
    Ok(Some(ReadDocument {
        kind: kind.to_owned(),
        slug: readable.slug.to_owned(),
        document: Arc::new(document),
    }))
}
