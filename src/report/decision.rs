//! A plan's decisions in words.

use crate::catalog::{Action, Step};
use crate::plan::{Decision, Direction, PlanRow, Source};
use crate::text::some_of;

/// A row names no more documents than these.
const SHOWN: usize = 5;

/// Whether a pending step runs or is undone, from where, and why not.
pub fn describe_decision(row: &PlanRow, step: &Step) -> String {
    let action = step.action();
    let mut text = match (row.decision, row.source, action) {
        (Decision::ImportedThenRemoved, ..) => {
            "skip: imported, then removed again before the target".to_owned()
        }
        (Decision::AlreadyInShape, ..) => {
            "skip: what is imported is in a newer shape already".to_owned()
        }
        (Decision::OneWay, ..) => "refuse: this step can't be undone".to_owned(),
        (Decision::LeftOut, ..) => "skip: the server keeps the documents itself".to_owned(),
        (Decision::NotBroughtBack, ..) => "skip: nothing brings back what was removed".to_owned(),
        (Decision::Run, _, Action::Import(_)) if row.direction == Direction::Down => {
            "undo, the server keeps the documents itself again".to_owned()
        }
        (Decision::Run, _, Action::Rename(from)) if row.direction == Direction::Down => {
            format!("undo, back to {from}")
        }
        (Decision::Run, Some(Source::History), _) => {
            "undo, the documents come back as the branch's history has them".to_owned()
        }
        (Decision::Run, Some(Source::Step), _) => {
            "undo, the document comes back from the step".to_owned()
        }
        (Decision::Run, ..) if row.direction == Direction::Down => "undo".to_owned(),
        (Decision::Run, Some(Source::Table), _) => "run, from the table".to_owned(),
        (Decision::Run, Some(Source::Snapshot), _) => "run, from the snapshot".to_owned(),
        (Decision::Run, Some(Source::Unknown), _) => "run, from an unknown store".to_owned(),
        (Decision::Unknown, _, Action::Import(_)) => {
            "unknown: depends on what is in the store".to_owned()
        }
        (Decision::Unknown, ..) => "unknown: depends on the shape in the store".to_owned(),
        (Decision::Run, None, Action::Rename(from)) => format!("run, from {from}"),
        (Decision::Run, None, _) => "run".to_owned(),
    };
    let is_run = row.direction == Direction::Up && row.decision == Decision::Run;
    if is_run && let Some(effect) = step.effect() {
        text.push_str(&format!("; with the effect {effect}"));
    }
    if is_run && step.one_way().is_some() {
        text.push_str("; one-way");
    }
    if !row.kept.is_empty() {
        text.push_str(&format!(
            "; passes over {} in Git",
            some_of(&row.kept, SHOWN)
        ));
    }
    if !row.left_out.is_empty() {
        text.push_str(&format!("; leaves out {}", some_of(&row.left_out, SHOWN)));
    }
    if !row.skipped_for.is_empty() {
        let shape = match row.direction {
            Direction::Up => "a newer",
            Direction::Down => "an older",
        };
        text.push_str(&format!(
            "; not on {}, in {shape} shape already",
            some_of(&row.skipped_for, SHOWN)
        ));
    }
    text
}
