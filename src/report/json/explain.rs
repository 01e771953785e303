//! The JSON of `explain`.

use serde::Serialize;

use super::documents::DocumentTold;
use super::head::Head;
use crate::catalog::DocumentName;
use crate::project::{
    Asked, DocumentWarning, Happened, Loaded, MigratedDocument, RecordedStory, Story, StoryOrigin,
    join,
};
use crate::report::diff::FileDiff;

/// `explain`.
#[derive(Debug, Serialize)]
pub struct ExplainReport<'s> {
    #[serde(flatten)]
    head: Head<'s>,
    document: &'s DocumentName,
    outcome: &'static str,
    shape: u32,
    origin: &'s StoryOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<&'s RecordedStory>,
    missed: &'s [u32],
    looks_older: &'s [u32],
    steps: Vec<ExplainedStep<'s>>,
    asked: &'s [Asked],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    told: DocumentTold<'s>,
}

#[derive(Debug, Serialize)]
struct ExplainedStep<'s> {
    version: u32,
    name: &'s str,
    action: &'static str,
    happened: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

impl<'s> ExplainReport<'s> {
    /// A document's story.
    ///
    /// A document that isn't OCL counts as failed, also where no step touches it.
    pub fn new(
        loaded: &'s Loaded,
        document: &'s MigratedDocument,
        story: &'s Story,
    ) -> ExplainReport<'s> {
        let catalog = loaded.project().catalog();
        let path = &join(loaded.base_path(), &document.path);
        let not_parsed = loaded.document_warnings(document);
        let not_parsed = not_parsed.iter().find_map(DocumentWarning::failure);
        let ref_warnings = loaded.warnings().iter().map(ToString::to_string);
        let mut told = DocumentTold::new(loaded, document);
        told.warnings.splice(..0, ref_warnings);
        let steps = story.steps.iter().map(|told| {
            let step = &catalog.steps()[told.step];
            ExplainedStep {
                version: step.version(),
                name: step.name(),
                action: step.action().name(),
                happened: name(&told.happened),
                diff: FileDiff::of_step(&told.happened, path).map(|diff| diff.to_string()),
            }
        });
        ExplainReport {
            head: Head::new(loaded),
            document: &story.name,
            outcome: match not_parsed {
                Some(_) => "failed",
                None => document.outcome.name(),
            },
            shape: story.shape,
            origin: &story.origin,
            recorded: story.recorded.as_ref(),
            missed: &story.missed,
            looks_older: &story.looks_older,
            steps: steps.collect(),
            asked: &story.asked,
            error: document.failure(loaded.base_path()).or(not_parsed),
            told,
        }
    }
}

impl ExplainReport<'_> {
    /// What became of the document.
    pub fn outcome(&self) -> &'static str {
        self.outcome
    }

    /// Whether it couldn't be migrated or read.
    pub fn failed(&self) -> bool {
        self.error.is_some()
    }
}

fn name(happened: &Happened) -> &'static str {
    match happened {
        Happened::RanBefore => "ran_before",
        Happened::AboveTarget => "above_target",
        Happened::Changed { .. } => "changed",
        Happened::NothingToDo => "nothing_to_do",
        Happened::Undone => "undone",
        Happened::Moved { .. } => "moved",
        Happened::BroughtIn => "brought_in",
        Happened::PassedOver => "passed_over",
        Happened::AlreadyInShape => "already_in_shape",
        Happened::RemovedLater => "removed_later",
        Happened::AnotherLife => "another_life",
        Happened::Failed(_) => "failed",
        Happened::NotReached => "not_reached",
    }
}
