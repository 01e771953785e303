//! The JSON of `doctor`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::catalog::DocumentName;
use crate::ocl::DoubledName;
use crate::project::{Diagnosis, Finding, Severity};

/// `doctor`.
#[derive(Debug, Serialize)]
pub struct DiagnosisReport {
    format_version: u32,
    refs: usize,
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
    doubled_names: Vec<DoubledName>,
}

impl DiagnosisReport {
    /// What was found; `mend` says what to do about a finding.
    pub fn new(diagnosis: &Diagnosis, mend: impl Fn(&Finding) -> String) -> DiagnosisReport {
        let findings = diagnosis.findings.iter();
        DiagnosisReport {
            format_version: FORMAT_VERSION,
            refs: diagnosis.refs,
            findings: findings
                .map(|finding| FindingReport::new(finding, mend(finding)))
                .collect(),
        }
    }
}

impl FindingReport {
    fn new(finding: &Finding, mend: String) -> FindingReport {
        FindingReport {
            check: finding.check(),
            severity: match finding.severity() {
                Severity::Note => "note",
                Severity::Problem => "problem",
            },
            message: finding.to_string(),
            mend,
            ref_name: match finding {
                Finding::Invalid { ref_name, .. }
                | Finding::Ahead { ref_name, .. }
                | Finding::BrokenDocument { ref_name, .. }
                | Finding::DoubledNames { ref_name, .. }
                | Finding::MixedShape { ref_name, .. }
                | Finding::SameBasePath { ref_name, .. }
                | Finding::LooksOlder { ref_name, .. }
                | Finding::BlankInBasePath { ref_name, .. }
                | Finding::ProjectUnknown { ref_name, .. }
                | Finding::StoreBehind { ref_name, .. }
                | Finding::UnsettledIntent { ref_name, .. } => Some(ref_name.clone()),
                _ => None,
            },
            document: match finding {
                Finding::BrokenDocument { document, .. }
                | Finding::DoubledNames { document, .. }
                | Finding::MixedShape { document, .. }
                | Finding::LooksOlder { document, .. } => Some(document.clone()),
                _ => None,
            },
            doubled_names: match finding {
                Finding::DoubledNames { names, .. } => names.clone(),
                _ => Vec::new(),
            },
        }
    }
}
