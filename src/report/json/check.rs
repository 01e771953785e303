//! The JSON of `check`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::check::{Finding, Rule, Severity};
use crate::compare::ComparedRef;

/// `check`: a line per finding and ref.
#[derive(Debug, Serialize)]
pub struct CheckReport<'c> {
    format_version: u32,
    #[serde(flatten)]
    reference: &'c ComparedRef,
    base_path: &'c str,
    document: Option<&'c str>,
    path: &'c str,
    line: Option<usize>,
    column: Option<usize>,
    address: &'c str,
    severity: Severity,
    rule: Rule,
    message: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'c str>,
}

impl<'c> CheckReport<'c> {
    /// A finding in one of its refs.
    pub fn new(finding: &'c Finding, reference: &'c ComparedRef) -> CheckReport<'c> {
        CheckReport {
            format_version: FORMAT_VERSION,
            reference,
            base_path: &finding.base_path,
            document: finding.document.as_ref().map(|name| name.as_str()),
            path: &finding.path,
            line: finding.place.map(|(line, _)| line),
            column: finding.place.map(|(_, column)| column),
            address: &finding.address,
            severity: finding.severity,
            rule: finding.rule,
            message: &finding.message,
            help: finding.help.as_deref(),
        }
    }
}
