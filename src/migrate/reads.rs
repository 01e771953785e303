//! The documents that a step reads, as they stand at its point of the run order.

use std::sync::Arc;

use super::{Input, MigrationError, Surroundings, migrate};
use crate::catalog::{Catalog, ReadDocument};
use crate::ocl::Document;
use crate::plan::{Origin, Plan};

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

/// The shape that a document went in with which a step reads; `None` where it isn't there yet.
///
/// # Errors
/// In words: where the reading step doesn't know that shape.
fn shape_before(
    catalog: &Catalog,
    plan: &Plan,
    kind: &str,
    before_step: usize,
    name: &str,
    origin: Origin,
) -> Result<Option<u32>, String> {
    let reading = &catalog.steps()[before_step];
    let Origin::Imported { shape } = origin else {
        return Ok(Some(plan.branch_version));
    };
    let import = plan.import_of(kind);
    if import.is_some_and(|import| import.step >= before_step) {
        return Ok(None);
    }
    if shape > reading.version() && !reading.reads_any_shape() {
        return Err(format!(
            "it reads `{name}`, which was imported in shape {shape}, above this step's version: \
             say `reads_any_shape = true` if the step can read that"
        ));
    }
    Ok(Some(shape))
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
    let reading = &catalog.steps()[before_step];
    let (name, origin) = (readable.name, readable.origin);
    let Some(shape) = shape_before(catalog, plan, kind, before_step, name, origin)? else {
        return Ok(None);
    };
    let bytes = (readable.bytes)().map_err(|error| format!("{name}: {error}"))?;
    let input = Input {
        kind,
        slug: readable.slug,
        shape,
        bytes: &bytes,
    };
    let steps = readable.steps.iter().copied();
    let steps: Vec<usize> = steps.filter(|step| *step < before_step).collect();
    let migrated = migrate(catalog, &steps, input, surroundings)
        .map_err(|error| format!("it reads `{name}`, which can't be migrated: {error}"))?;
    let Some(text) = migrated.text else {
        return Ok(None);
    };
    // The dialect in force just before the step.
    let dialect = catalog.dialect_at(shape.max(reading.version().saturating_sub(1)));
    let document = Document::parse(&*text, dialect).map_err(|error| format!("{name}: {error}"))?;
    Ok(Some(ReadDocument {
        kind: kind.to_owned(),
        slug: readable.slug.to_owned(),
        document: Arc::new(document),
    }))
}
