//! SARIF 2.1.0, the format for results of analyses.

use serde_json::{Value, json};

use super::describe::{fingerprint, whole_message};
use crate::check::{Checked, Finding, Rule, Severity};

/// Everything that was found, as a SARIF log of one run.
pub fn sarif(checked: &Checked) -> Value {
    let rules: Vec<Rule> = Rule::all().collect();
    let described = rules.iter().map(|rule| {
        json!({
            "id": rule,
            "shortDescription": { "text": rule.summary() },
            "defaultConfiguration": { "level": rule.severity().name() },
        })
    });
    let results = checked
        .findings
        .iter()
        .map(|finding| result(finding, &rules));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "ocl-migrate",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": described.collect::<Vec<_>>(),
                }
            },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn result(finding: &Finding, rules: &[Rule]) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&finding.path) } });
    if let Some((line, column)) = finding.place {
        physical["region"] = json!({ "startLine": line, "startColumn": column });
    }
    let mut location = json!({ "physicalLocation": physical });
    if let Some(document) = &finding.document {
        let name = format!("{document} {}", finding.address);
        location["logicalLocations"] = json!([{ "fullyQualifiedName": name.trim_end() }]);
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.rule),
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": { "text": whole_message(finding) },
        "locations": [location],
        "partialFingerprints": { "finding/v1": fingerprint(finding) },
    })
}

/// A path as a relative reference: what isn't plain is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_is_a_reference() {
        assert_eq!(uri(".octopus/a b/é:x.ocl"), ".octopus/a%20b/%C3%A9%3Ax.ocl");
    }
}
