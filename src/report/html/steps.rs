//! The rows of a plan as a table.

use super::markup::Html;
use crate::catalog::Catalog;
use crate::plan::Plan;
use crate::report::decision::describe_decision;

/// A pending step for one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct StepRow {
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) action: &'static str,
    pub(super) document: String,
    pub(super) runs: bool,
    pub(super) decision: String,
    pub(super) description: String,
}

pub(super) fn rows(plan: &Plan, catalog: &Catalog) -> Vec<StepRow> {
    let mut described = None;
    plan.rows
        .iter()
        .map(|row| {
            let step = &catalog.steps()[row.step];
            // A step for all kinds is described once.
            let again = described.replace(row.step) == Some(row.step);
            StepRow {
                version: step.version(),
                name: step.name().to_owned(),
                action: step.action().name(),
                document: row.kind.clone(),
                runs: row.decision.reason().is_none(),
                decision: describe_decision(row, step),
                description: if again {
                    String::new()
                } else {
                    step.describe().to_owned()
                },
            }
        })
        .collect()
}

pub(super) fn table(rows: &[StepRow], are_undone: bool, html: &mut Html) {
    if rows.is_empty() {
        return;
    }
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Steps\"><table class=\"steps\">\n");
    html.raw(if are_undone {
        "<caption>Steps to undo, in the order in which that happens</caption>\n"
    } else {
        "<caption>Pending steps, in the order in which they run</caption>\n"
    });
    html.raw("<thead><tr><th scope=\"col\">Version</th><th scope=\"col\">Step</th><th scope=\"col\">Action</th><th scope=\"col\">Document</th><th scope=\"col\">Decision</th></tr></thead>\n<tbody>\n");
    for row in rows {
        html.raw(if row.runs {
            "<tr>"
        } else {
            "<tr class=\"skipped\">"
        });
        html.element("<td class=\"number\">", row.version, "</td>");
        html.element("<th scope=\"row\">", &row.name, "");
        if !row.description.is_empty() {
            html.element("<small>", &row.description, "</small>");
        }
        html.element("</th><td>", row.action, "</td>");
        html.element("<td>", &row.document, "</td>");
        html.element("<td>", &row.decision, "</td></tr>\n");
    }
    html.raw("</tbody></table></div>\n");
}
