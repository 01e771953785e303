//! A document before its migration and after it.

use std::sync::Arc;

use super::loss::{Fate, LeafFate, Loss, LossCause};
use super::set_aside::SetAside;
use crate::catalog::Catalog;
use crate::ocl::DoubledName;

/// A document before its migration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    /// Its kind.
    pub(crate) kind: &'a str,
    /// Its slug; empty for a single document.
    pub(crate) slug: &'a str,
    /// The schema version of the content.
    pub(crate) shape: u32,
    /// Its text.
    pub(crate) bytes: &'a [u8],
}

/// A document after its migration.
#[derive(Debug, Clone, Default)]
pub(crate) struct Migrated {
    /// Its text; `None` if a step removed it.
    pub(crate) text: Option<Arc<str>>,
    /// The steps that changed it, in run order.
    pub(crate) changes: Vec<StepChange>,
    /// After migrating down: the values that the older shape can't hold.
    pub(crate) set_aside: Vec<SetAside>,
    /// The names, and the blocks of which there should be one, that stand more than once in the document as it was before its
    /// migration. No step has touched them.
    pub(crate) doubled: Vec<DoubledName>,
}

/// What one step did to a document. Steps that left every byte as it was are not among the changes.
#[derive(Debug, Clone)]
pub struct StepChange {
    /// The index of the step in [`Catalog::steps`].
    pub step: usize,
    /// The text after it; `None` if it removed the document.
    pub text: Option<Arc<str>>,
    /// What happened to the values that it touched.
    pub fates: Vec<LeafFate>,
}

impl Migrated {
    /// The values that steps overwrote without reading them, unless the step says `overwrites = true`.
    pub(crate) fn losses(&self, catalog: &Catalog) -> Vec<Loss> {
        let mut losses = Vec::new();
        for change in &self.changes {
            let step = &catalog.steps()[change.step];
            if step.may_overwrite() {
                continue;
            }
            let overwritten = change
                .fates
                .iter()
                .filter(|fate| fate.fate == Fate::Overwritten);
            losses.extend(overwritten.map(|fate| Loss {
                cause: LossCause::Overwritten,
                version: step.version(),
                step: step.name().to_owned(),
                place: fate.place.clone(),
                text: fate.text.clone(),
            }));
        }
        losses
    }

    /// The values that a step removed without reading them, together with others that it wrote elsewhere: one of them was probably
    /// forgotten. Each with the index of its step, unless that says `overwrites = true`.
    pub(crate) fn left_behind(&self, catalog: &Catalog) -> Vec<(usize, &LeafFate)> {
        let changes = self.changes.iter();
        changes
            .filter(|change| !catalog.steps()[change.step].may_overwrite())
            .flat_map(|change| change.fates.iter().map(|fate| (change.step, fate)))
            .filter(|(_, fate)| fate.fate == Fate::LeftBehind)
            .collect()
    }
}
