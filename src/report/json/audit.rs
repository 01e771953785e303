//! The JSON of `doctor --merges`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use super::merge::SideReport;
use crate::catalog::DocumentName;
use crate::git::ObjectId;
use crate::project::{ConflictSide, DoctorSeverity, MergeFault, MergeFinding, NotAudited};

/// What is wrong with a document of a commit.
#[derive(Debug, Serialize)]
pub struct MergeFindingReport<'f> {
    format_version: u32,
    check: &'static str,
    severity: &'static str,
    commit: ObjectId,
    parents: &'f [ObjectId],
    committed: i64,
    subject: &'f str,
    base_path: &'f str,
    document: Option<&'f str>,
    path: &'f str,
    #[serde(rename = "ref")]
    still_on: Option<&'f str>,
    message: String,
    mend: String,
    #[serde(flatten)]
    fault: FaultReport<'f>,
}

/// What is known of it, by the check.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum FaultReport<'f> {
    Mixed {
        version: u32,
        written_at: u32,
        origin: ObjectId,
    },
    Older {
        version: u32,
        steps: &'f [u32],
    },
    Project {
        documents: &'f [DocumentName],
    },
    Value {
        address: String,
        base: Option<SideReport<'f>>,
        ours: Option<SideReport<'f>>,
        theirs: Option<SideReport<'f>>,
        merge: Option<SideReport<'f>>,
    },
}

/// A commit that couldn't be looked at.
#[derive(Debug, Serialize)]
pub struct NotAuditedReport<'f> {
    format_version: u32,
    commit: ObjectId,
    base_path: &'f str,
    error: &'f str,
}

impl<'f> MergeFindingReport<'f> {
    /// A finding, and what to do about it.
    pub fn new(finding: &'f MergeFinding, mend: String) -> MergeFindingReport<'f> {
        MergeFindingReport {
            format_version: FORMAT_VERSION,
            check: finding.fault.check(),
            severity: match finding.severity() {
                DoctorSeverity::Note => "note",
                DoctorSeverity::Problem => "problem",
            },
            commit: finding.commit,
            parents: &finding.parents,
            committed: finding.seconds,
            subject: &finding.subject,
            base_path: &finding.base_path,
            document: finding.document.as_ref().map(DocumentName::as_str),
            path: &finding.path,
            still_on: finding.still_on.as_deref(),
            message: finding.to_string(),
            mend,
            fault: FaultReport::new(&finding.fault),
        }
    }
}

impl<'f> FaultReport<'f> {
    fn new(fault: &'f MergeFault) -> FaultReport<'f> {
        match fault {
            MergeFault::MixedShape {
                version,
                written_at,
                origin,
                ..
            } => FaultReport::Mixed {
                version: *version,
                written_at: *written_at,
                origin: *origin,
            },
            MergeFault::LooksOlder { version, steps } => FaultReport::Older {
                version: *version,
                steps,
            },
            MergeFault::Project(project) => FaultReport::Project {
                documents: &project.documents,
            },
            MergeFault::Value(value) => {
                let side = |side: &'f Option<ConflictSide>| side.as_ref().map(SideReport::new);
                FaultReport::Value {
                    address: value.selector.to_string(),
                    base: side(&value.base),
                    ours: side(&value.ours),
                    theirs: side(&value.theirs),
                    merge: side(&value.result),
                }
            }
        }
    }
}

impl<'f> NotAuditedReport<'f> {
    /// A commit that couldn't be looked at.
    pub fn new(not_audited: &'f NotAudited) -> NotAuditedReport<'f> {
        NotAuditedReport {
            format_version: FORMAT_VERSION,
            commit: not_audited.commit,
            base_path: &not_audited.base_path,
            error: &not_audited.reason,
        }
    }
}
