//! Documents that steps remove.

use std::collections::HashMap;

use super::loaded::Loaded;
use crate::catalog::{Action, DocumentName, Step};
use crate::engine::DocumentOutcome;
use crate::plan::{Decision, Direction};

/// The documents that Git holds and that a step removes, each with that step, the last one of its kind that runs.
pub(crate) fn removed_by_steps(loaded: &Loaded) -> Vec<(&DocumentName, &Step)> {
    let steps = loaded.project().catalog().steps();
    let rows = loaded.plan().rows.iter();
    let runs = rows.filter(|row| row.decision == Decision::Run && row.direction == Direction::Up);
    let removing = runs.map(|row| (&*row.kind, &steps[row.step]));
    let removing = removing.filter(|(_, step)| matches!(step.action(), Action::Remove));
    let removing: HashMap<&str, &Step> = removing.collect();
    let files = loaded.files().filter_map(|(name, _)| {
        let step = *removing.get(name.kind())?;
        let document = loaded.document(name.as_str()).ok()?;
        let is_removed = matches!(document.outcome, DocumentOutcome::Removed);
        is_removed.then_some((name, step))
    });
    files.collect()
}
