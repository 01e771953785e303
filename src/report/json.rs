//! The JSON contract: what scripts rely on.

use serde::Serialize;

use crate::catalog::{Catalog, DocumentName};
use crate::git::ObjectId;
use crate::migrate::SetAside;
use crate::ocl::Document;
use crate::plan::{Direction, Plan};
use crate::project::{
    DocumentOutcome, LoadError, Loaded, MigratedDocument, RefState, RefStatus, Warning,
};

use super::FileDiff;

/// Raised when a reader of the JSON would have to change.
pub const FORMAT_VERSION: u32 = 1;

/// `plan`.
#[derive(Debug, Serialize)]
pub struct PlanReport {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: Option<String>,
    commit: Option<ObjectId>,
    base_path: Option<String>,
    branch_version: Option<u32>,
    project_version: Option<u32>,
    server_version: u32,
    target_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    newer_steps: Option<String>,
    steps: Vec<StepReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A pending step for one kind.
#[derive(Debug, Serialize)]
pub struct StepReport {
    version: u32,
    name: String,
    document: String,
    action: &'static str,
    decision: &'static str,
    source: Option<String>,
    reason: Option<&'static str>,
    kept: Vec<DocumentName>,
    skipped_for: Vec<DocumentName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<DocumentName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_way: Option<String>,
}

/// A value that the older shape has no place for.
#[derive(Debug, Serialize)]
pub(super) struct SetAsideReport {
    version: u32,
    name: String,
    place: String,
    value: Option<String>,
    back: Option<String>,
}

/// `show` and `preview`.
#[derive(Debug, Serialize)]
pub struct RefReport {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: Option<String>,
    commit: ObjectId,
    base_path: String,
    branch_version: Option<u32>,
    target_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    newer_steps: Option<String>,
    /// The documents.
    pub documents: Vec<DocumentReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A document in `show` and `preview`.
#[derive(Debug, Serialize)]
pub struct DocumentReport {
    document: DocumentName,
    path: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    kept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<SetAsideReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// `status`: a line per ref and base path.
#[derive(Debug, Serialize)]
pub struct StatusReport<'a> {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: &'a str,
    commit: Option<ObjectId>,
    base_path: &'a str,
    branch_version: Option<u32>,
    project_version: Option<u32>,
    server_version: u32,
    pending: usize,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl PlanReport {
    /// The plan of a loaded ref.
    pub fn of_ref(loaded: &Loaded) -> PlanReport {
        let report = PlanReport::on_paper(loaded.plan(), loaded.project().catalog());
        PlanReport {
            ref_name: loaded.ref_name().map(str::to_owned),
            commit: Some(loaded.commit()),
            base_path: Some(loaded.base_path().to_owned()),
            newer_steps: loaded.newer_steps().map(str::to_owned),
            warnings: loaded.warnings().iter().map(ToString::to_string).collect(),
            ..report
        }
    }

    /// A plan without a ref.
    pub fn on_paper(plan: &Plan, catalog: &Catalog) -> PlanReport {
        let steps = plan.rows.iter().map(|row| {
            let step = &catalog.steps()[row.step];
            StepReport {
                version: step.version(),
                name: step.name().to_owned(),
                document: row.kind.clone(),
                action: step.action().name(),
                decision: row.decision.name(),
                source: row.source.map(|source| source.to_string()),
                reason: row.decision.reason(),
                kept: row.kept.clone(),
                skipped_for: row.skipped_for.clone(),
                direction: (row.direction == Direction::Down).then(|| row.direction.name()),
                left_out: row.left_out.clone(),
                one_way: step.one_way().map(str::to_owned),
            }
        });
        PlanReport {
            format_version: FORMAT_VERSION,
            ref_name: None,
            commit: None,
            base_path: None,
            branch_version: initialised(plan),
            project_version: plan.project_version,
            server_version: plan.server_version,
            target_version: plan.target,
            newer_steps: None,
            steps: steps.collect(),
            warnings: Vec::new(),
        }
    }
}

/// An uninitialised branch has no version, whatever number planning starts from.
fn initialised(plan: &Plan) -> Option<u32> {
    (plan.branch_version > 0).then_some(plan.branch_version)
}

impl RefReport {
    /// A loaded ref, without its documents.
    pub fn new(loaded: &Loaded) -> RefReport {
        RefReport {
            format_version: FORMAT_VERSION,
            ref_name: loaded.ref_name().map(str::to_owned),
            commit: loaded.commit(),
            base_path: loaded.base_path().to_owned(),
            branch_version: initialised(loaded.plan()),
            target_version: loaded.plan().target,
            newer_steps: loaded.newer_steps().map(str::to_owned),
            documents: Vec::new(),
            warnings: loaded.warnings().iter().map(ToString::to_string).collect(),
        }
    }
}

impl RefReport {
    /// Adds a warning, if there is one.
    pub fn warn(&mut self, warning: Option<&Warning>) {
        self.warnings.extend(warning.map(ToString::to_string));
    }

    /// Says that the documents are as Git holds them.
    pub fn is_raw(&mut self, loaded: &Loaded) {
        self.target_version = loaded.plan().branch_version;
        self.warnings.clear();
    }
}

impl DocumentReport {
    fn new(loaded: &Loaded, document: &MigratedDocument) -> DocumentReport {
        DocumentReport {
            document: document.name.clone(),
            path: document.path.clone(),
            outcome: document.outcome.name(),
            source: match document.outcome {
                DocumentOutcome::Imported { source } | DocumentOutcome::BroughtBack { source } => {
                    Some(source.to_string())
                }
                _ => None,
            },
            kept: document.kept,
            content: None,
            diff: None,
            error: document.failure(loaded.base_path()),
            set_aside: document.set_aside.iter().map(SetAsideReport::of).collect(),
            warnings: document.losses.iter().map(ToString::to_string).collect(),
        }
    }

    /// With its content in the plain JSON view.
    ///
    /// A document that can't be read as OCL counts as failed, also where no step touches it.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn with_content(
        loaded: &Loaded,
        document: &MigratedDocument,
    ) -> Result<DocumentReport, LoadError> {
        let mut report = DocumentReport::new(loaded, document);
        if let Some(bytes) = loaded.content(document)? {
            let shape = if document.changes().is_empty() {
                loaded.shape_of(document)
            } else {
                loaded.plan().target
            };
            match Document::from_bytes(bytes, loaded.project().catalog().dialect_at(shape)) {
                Ok(parsed) => report.content = Some(parsed.root().to_json()),
                Err(error) => report.fail(error.render(&full_path(loaded, document))),
            }
        }
        Ok(report)
    }

    /// With what Git holds, in the plain JSON view: `show --raw`.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn raw(
        loaded: &Loaded,
        document: &MigratedDocument,
    ) -> Result<Option<DocumentReport>, LoadError> {
        let Some(path) = &document.path_before else {
            return Ok(None);
        };
        let mut report = DocumentReport {
            document: document.name.clone(),
            path: path.clone(),
            outcome: DocumentOutcome::Unchanged.name(),
            source: None,
            kept: false,
            content: None,
            diff: None,
            error: None,
            set_aside: Vec::new(),
            warnings: Vec::new(),
        };
        if let Some(bytes) = loaded.before(document)? {
            let dialect = loaded
                .project()
                .catalog()
                .dialect_at(loaded.plan().branch_version);
            match Document::from_bytes(bytes, dialect) {
                Ok(parsed) => report.content = Some(parsed.root().to_json()),
                Err(error) => report.fail(error.render(&full_path(loaded, document))),
            }
        }
        Ok(Some(report))
    }

    /// With the diff of its migration.
    pub fn with_diff(
        loaded: &Loaded,
        document: &MigratedDocument,
        diff: &FileDiff,
    ) -> DocumentReport {
        let mut report = DocumentReport::new(loaded, document);
        if report.error.is_none() {
            report.diff = Some(diff.to_string());
        }
        report
    }

    fn fail(&mut self, error: String) {
        self.outcome = "failed";
        self.content = None;
        self.error = Some(error);
    }

    /// Whether it couldn't be migrated or read.
    pub fn failed(&self) -> bool {
        self.error.is_some()
    }
}

impl SetAsideReport {
    fn of(set_aside: &SetAside) -> SetAsideReport {
        SetAsideReport {
            version: set_aside.version,
            name: set_aside.step.clone(),
            place: set_aside.place.clone(),
            value: set_aside.value.clone(),
            back: set_aside.back.clone(),
        }
    }
}

fn full_path(loaded: &Loaded, document: &MigratedDocument) -> String {
    let path = document.path_before.as_deref().unwrap_or(&document.path);
    format!("{}/{path}", loaded.base_path())
}

impl<'a> StatusReport<'a> {
    /// A ref's state at one base path.
    pub fn new(
        status: &'a RefStatus<'_>,
        project_version: Option<u32>,
        server_version: u32,
    ) -> StatusReport<'a> {
        StatusReport {
            format_version: FORMAT_VERSION,
            ref_name: status.ref_name,
            commit: status.commit,
            base_path: status.base_path,
            branch_version: status.state.version(),
            project_version,
            server_version,
            pending: status.pending,
            state: status.state.name(),
            error: match status.state {
                RefState::Invalid(message) => Some(message),
                _ => None,
            },
        }
    }
}
