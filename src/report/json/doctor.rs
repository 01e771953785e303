//! The JSON of `doctor`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::catalog::DocumentName;
use crate::ocl::DoubledName;
use crate::project::{Diagnosis, DoctorFinding, DoctorSeverity};

/// `doctor`.
#[derive(Debug, Serialize)]
pub struct DiagnosisReport {
    format_version: u32,
    refs: usize,
    read: usize,
    branches: usize,
    findings: Vec<FindingReport>,
}

/// A finding.
#[derive(Debug, Serialize)]
struct FindingReport {
    check: &'static str,
    severity: &'static str,
    message: String,
    mend: String,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    ref_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<DocumentName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    documents: Vec<DocumentName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubled_names: Vec<DoubledName>,
    /// Base paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    elsewhere: Vec<String>,
    /// Pairs of addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same_scope: Vec<(String, String)>,
    /// The same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubled_blocks: Vec<(String, String)>,
}

impl DiagnosisReport {
    /// What was found; `mend` says what to do about a finding.
    pub fn new(diagnosis: &Diagnosis, mend: impl Fn(&DoctorFinding) -> String) -> DiagnosisReport {
        let findings = diagnosis.findings.iter();
        DiagnosisReport {
            format_version: FORMAT_VERSION,
            refs: diagnosis.refs,
            read: diagnosis.read,
            branches: diagnosis.branches,
            findings: findings
                .map(|finding| FindingReport::new(finding, mend(finding)))
                .collect(),
        }
    }
}

impl FindingReport {
    fn new(finding: &DoctorFinding, mend: String) -> FindingReport {
        FindingReport {
            check: finding.check(),
            severity: match finding.severity() {
                DoctorSeverity::Note => "note",
                DoctorSeverity::Problem => "problem",
            },
            message: finding.to_string(),
            mend,
            ref_name: match finding {
                DoctorFinding::Invalid { ref_name, .. }
                | DoctorFinding::ProjectElsewhere { ref_name, .. }
                | DoctorFinding::LeftOut { ref_name, .. }
                | DoctorFinding::Ahead { ref_name, .. }
                | DoctorFinding::Retired { ref_name, .. }
                | DoctorFinding::Deprecated { ref_name, .. }
                | DoctorFinding::BrokenDocument { ref_name, .. }
                | DoctorFinding::RefusedPath { ref_name, .. }
                | DoctorFinding::SamePath { ref_name, .. }
                | DoctorFinding::InTheWay { ref_name, .. }
                | DoctorFinding::DoubledNames { ref_name, .. }
                | DoctorFinding::SameScope { ref_name, .. }
                | DoctorFinding::DoubledBlocks { ref_name, .. }
                | DoctorFinding::MixedShape { ref_name, .. }
                | DoctorFinding::SameBasePath { ref_name, .. }
                | DoctorFinding::LooksOlder { ref_name, .. }
                | DoctorFinding::BlankInBasePath { ref_name, .. }
                | DoctorFinding::ProjectUnknown { ref_name, .. }
                | DoctorFinding::StoreBehind { ref_name, .. }
                | DoctorFinding::UnsettledIntent { ref_name, .. } => Some(ref_name.clone()),
                _ => None,
            },
            document: match finding {
                DoctorFinding::BrokenDocument { document, .. }
                | DoctorFinding::RefusedPath { document, .. }
                | DoctorFinding::SamePath { document, .. }
                | DoctorFinding::DoubledNames { document, .. }
                | DoctorFinding::SameScope { document, .. }
                | DoctorFinding::DoubledBlocks { document, .. }
                | DoctorFinding::MixedShape { document, .. }
                | DoctorFinding::LooksOlder { document, .. } => Some(document.clone()),
                _ => None,
            },
            documents: match finding {
                DoctorFinding::NeverRead { documents, .. } => documents.clone(),
                _ => Vec::new(),
            },
            doubled_names: match finding {
                DoctorFinding::DoubledNames { names, .. } => names.clone(),
                _ => Vec::new(),
            },
            elsewhere: match finding {
                DoctorFinding::ProjectElsewhere { base_paths, .. } => base_paths.clone(),
                _ => Vec::new(),
            },
            same_scope: match finding {
                DoctorFinding::SameScope { values, .. } => values.clone(),
                _ => Vec::new(),
            },
            doubled_blocks: match finding {
                DoctorFinding::DoubledBlocks { blocks, .. } => blocks.clone(),
                _ => Vec::new(),
            },
        }
    }
}
