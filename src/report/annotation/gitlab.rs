//! GitLab's code quality report.

use serde_json::{Value, json};

use super::describe::{fingerprint, whole_message};
use crate::check::{Checked, Severity};

/// Everything that was found, as the file that a GitLab job leaves as `artifacts:reports:codequality`.
pub fn gitlab_report(checked: &Checked) -> Value {
    let mut alike = std::collections::HashMap::new();
    let issues = checked.findings.iter().map(|finding| {
        let fingerprint = fingerprint(finding);
        // Each issue has its own.
        let times: &mut usize = alike.entry(fingerprint.clone()).or_default();
        *times += 1;
        let fingerprint = match times {
            1 => fingerprint,
            times => format!("{fingerprint}-{times}"),
        };
        json!({
            "description": whole_message(finding),
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
            },
            "location": {
                "path": finding.path,
                "lines": { "begin": finding.place.map_or(1, |(line, _)| line) },
            },
        })
    });
    issues.collect()
}
