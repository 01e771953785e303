//! The JSON of `plan`.

use serde::Serialize;

use super::head::{FORMAT_VERSION, stated};
use crate::catalog::{Catalog, DocumentName};
use crate::git::ObjectId;
use crate::plan::{Direction, Plan, PlanRow, Source};
use crate::project::{Loaded, Warning};

/// `plan`.
#[derive(Debug, Serialize)]
pub struct PlanReport<'p> {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: Option<&'p str>,
    commit: Option<ObjectId>,
    base_path: Option<&'p str>,
    branch_version: Option<u32>,
    project_version: Option<u32>,
    server_version: u32,
    target_version: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    elsewhere: &'p [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    newer_steps: Option<&'p str>,
    steps: Vec<PendingStep<'p>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A pending step for one kind.
#[derive(Debug, Serialize)]
struct PendingStep<'p> {
    version: u32,
    name: &'p str,
    document: &'p str,
    action: &'static str,
    decision: &'static str,
    source: Option<Source>,
    reason: Option<&'static str>,
    kept: &'p [DocumentName],
    skipped_for: &'p [DocumentName],
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    left_out: &'p [DocumentName],
    #[serde(skip_serializing_if = "Option::is_none")]
    one_way: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'p str>,
}

impl<'p> PlanReport<'p> {
    /// The plan of a loaded ref.
    pub fn of_ref(loaded: &'p Loaded) -> PlanReport<'p> {
        PlanReport {
            ref_name: loaded.ref_name(),
            commit: Some(loaded.commit()),
            base_path: Some(loaded.base_path()),
            elsewhere: loaded.projects_elsewhere(),
            newer_steps: loaded.newer_steps(),
            warnings: loaded.warnings().iter().map(ToString::to_string).collect(),
            ..PlanReport::on_paper(loaded.plan(), loaded.project().catalog())
        }
    }

    /// A plan without a ref.
    pub fn on_paper(plan: &'p Plan, catalog: &'p Catalog) -> PlanReport<'p> {
        let steps = plan.rows.iter().map(|row| PendingStep::new(row, catalog));
        let versions = plan.unknown_versions.clone();
        let unknown = (!versions.is_empty()).then_some(Warning::UnknownVersions { versions });
        PlanReport {
            format_version: FORMAT_VERSION,
            ref_name: None,
            commit: None,
            base_path: None,
            branch_version: stated(plan.branch_version),
            project_version: plan.project_version,
            server_version: plan.server_version,
            target_version: plan.target,
            elsewhere: &[],
            newer_steps: None,
            steps: steps.collect(),
            warnings: unknown
                .map(|warning| warning.to_string())
                .into_iter()
                .collect(),
        }
    }
}

impl<'p> PendingStep<'p> {
    fn new(row: &'p PlanRow, catalog: &'p Catalog) -> PendingStep<'p> {
        let step = &catalog.steps()[row.step];
        PendingStep {
            version: step.version(),
            name: step.name(),
            document: &row.kind,
            action: step.action().name(),
            decision: row.decision.name(),
            source: row.source,
            reason: row.decision.reason(),
            kept: &row.kept,
            skipped_for: &row.skipped_for,
            direction: (row.direction == Direction::Down).then(|| row.direction.name()),
            left_out: &row.left_out,
            one_way: step.one_way(),
            effect: step.effect(),
        }
    }
}
