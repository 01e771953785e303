//! A plan's decisions in words.

use crate::catalog::Action;
use crate::plan::{Decision, Row, Source};

/// Whether a pending step runs, from where, and why not.
pub fn explain(row: &Row, action: &Action) -> String {
    let mut text = match (row.decision, row.source, action) {
        (Decision::ImportedThenRemoved, ..) => {
            "skip: imported, then removed again before the target".to_owned()
        }
        (Decision::AlreadyInShape, ..) => {
            "skip: what is imported is in a newer shape already".to_owned()
        }
        (Decision::Run, Some(Source::Table), _) => "run, from the table".to_owned(),
        (Decision::Run, Some(Source::Snapshot), _) => "run, from the snapshot".to_owned(),
        (Decision::Run, Some(Source::Unknown), _) => "run, from an unknown store".to_owned(),
        (Decision::Run, None, Action::Rename(from)) => format!("run, from {from}"),
        (Decision::Run, None, _) => "run".to_owned(),
    };
    if !row.kept.is_empty() {
        text.push_str(&format!("; passes over {} in Git", row.kept.join(", ")));
    }
    if !row.skipped_for.is_empty() {
        text.push_str(&format!(
            "; not on {}, in a newer shape already",
            row.skipped_for.join(", ")
        ));
    }
    text
}
