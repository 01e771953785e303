//! Where the values of a document were before its migration.

use super::befores::before;
use super::loaded::Loaded;
use crate::engine::MigratedDocument;
use crate::migrate::{Input, origins};
use crate::ocl::{Document, NodeId, Origins};

/// A document as it was before its migration, and which of its nodes those after it were.
#[derive(Debug)]
pub(crate) struct Before {
    document: Document,
    origins: Origins,
}

impl Before {
    /// Runs the steps of a document once more. `None` where they changed nothing, or that can't be told.
    pub(crate) fn of(loaded: &Loaded, migrated: &MigratedDocument, text: &str) -> Option<Before> {
        let (document, shape) = before(loaded, &migrated.name)?;
        let lift = loaded.lift();
        let place = lift.position(&migrated.name)?;
        let entry = &lift.entries()[place];
        let input = Input {
            kind: migrated.name.kind(),
            slug: migrated.name.slug(),
            shape,
            bytes: document.text().as_bytes(),
        };
        let steps = (entry.direction, &*entry.steps);
        let catalog = loaded.project().catalog();
        let origins = lift.with_context(place, |context| {
            origins(catalog, steps, (input, &document), text, context)
        })?;
        Some(Before { document, origins })
    }

    /// The document.
    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    /// The node that a node of the result was.
    pub(crate) fn of_node(&self, node: NodeId) -> Option<NodeId> {
        self.origins.of(node)
    }
}
