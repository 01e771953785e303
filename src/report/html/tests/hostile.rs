//! Pages with hostile text in every field.

use crate::catalog::{Catalog, DocumentName};
use crate::history::Cause;
use crate::report::html::blamed::{BlamedRow, BlamedView, Giver};
use crate::report::html::compare::Comparison;
use crate::report::html::compared::{ComparedView, DocumentRows, ValueRow};
use crate::report::html::differing::{DiffPage, DiffedDocument};
use crate::report::html::documents::{DocumentView, Outcome};
use crate::report::html::lanes::{Cell, Lane, Mark, Versions};
use crate::report::html::log::{LogPage, LoggedCommit};
use crate::report::html::outcome::{RefEntry, RefOutcome, RefTone};
use crate::report::html::page::Head;
use crate::report::html::refs::RefMap;
use crate::report::html::steps::StepRow;
use crate::report::html::values::{ChangeRow, Shown};
use crate::report::html::{HtmlPage, PlanView};

/// Ends every context that text stands in, and tries to run.
const HOSTILE: &str =
    "\"'></style></script><script>alert(1)</script><img src=x onerror=alert(1)>&#60;\u{202e}";
pub(super) const ESCAPED: &str = "&quot;&#39;&gt;&lt;/style&gt;&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;\
     &lt;img src=x onerror=alert(1)&gt;&amp;#60;\\u{202e}";

/// Hostile text that tells which field it came from.
fn hostile(field: &str) -> String {
    format!("{HOSTILE}@{field}@")
}

pub(super) fn hostile_versions() -> Versions {
    Versions {
        branch: Some(2),
        project: Some(4),
        target: 5,
        server: 6,
        unknown: vec![3],
    }
}

pub(super) fn hostile_head() -> Head {
    Head {
        command: "preview",
        title: hostile("title"),
        is_name: true,
        facts: vec![("commit", hostile("fact"))],
        warnings: vec![hostile("warning")],
        diffs: true,
        forms: false,
    }
}

fn every_mark() -> Vec<Mark> {
    vec![
        Mark::Runs,
        Mark::Idle,
        Mark::FromTable,
        Mark::FromSnapshot,
        Mark::FromUnknown,
        Mark::PassedOver,
        Mark::Moved,
        Mark::Removed,
        Mark::InShape,
        Mark::Passing,
        Mark::LeftOut,
        Mark::Failed,
        Mark::NotReached,
    ]
}

pub(super) fn hostile_lanes() -> Vec<Lane> {
    let cells = every_mark()
        .into_iter()
        .enumerate()
        .map(|(index, mark)| Cell {
            version: 3 + u32::try_from(index / 4).unwrap(),
            step: hostile("cell_step"),
            mark,
            what: hostile("cell_what"),
        });
    let lane = |name: &str, is_document| Lane {
        name: DocumentName::new(&hostile(name), ""),
        in_git: is_document,
        is_document,
        cells: cells.clone().collect(),
    };
    vec![lane("document", true), lane("lane_kind", false)]
}

pub(super) fn hostile_document(outcome: Outcome) -> DocumentView {
    let before = format!("same\n{} old\n", hostile("content_before"));
    let after = format!("same\n{} new", hostile("content_after"));
    DocumentView {
        name: hostile("document"),
        path_before: Some(hostile("path_before")),
        path_after: Some(hostile("path_after")),
        outcome,
        kept: true,
        steps: vec![hostile("document_step")],
        losses: vec![hostile("loss")],
        error: Some(hostile("error")),
        comparison: Comparison::new(before.as_bytes(), after.as_bytes()),
    }
}

pub(super) fn hostile_plan() -> HtmlPage {
    let step = StepRow {
        version: 3,
        name: hostile("step_name"),
        action: "modify",
        document: hostile("step_document"),
        runs: true,
        decision: hostile("decision"),
        description: hostile("description"),
    };
    let unchanged = DocumentView {
        name: hostile("unchanged"),
        ..DocumentView::default()
    };
    PlanView {
        head: hostile_head(),
        versions: hostile_versions(),
        lanes: hostile_lanes(),
        steps: vec![step],
        documents: Some(vec![hostile_document(Outcome::Changed), unchanged]),
    }
    .page()
}

pub(super) fn hostile_map() -> HtmlPage {
    let mut map = RefMap::of_status(&Catalog::builtin());
    map.catalog_name = hostile("catalog");
    map.warnings.push(hostile("warning"));
    for (index, tone) in RefTone::ALL.into_iter().enumerate() {
        let outcome = RefOutcome {
            tone,
            version: None,
            title: hostile("outcome_title"),
            details: vec![hostile("outcome_detail")],
            example: Some(hostile("outcome_example")),
        };
        let entry = RefEntry {
            repository: Some(hostile("repository")),
            name: format!("refs/heads/{}", hostile("ref")),
            commit: Some(format!("<b>{index}")),
            base_path: format!("{}{index}", hostile("base_path")),
            version: Some(3),
        };
        map.add(outcome, entry);
    }
    map.page()
}

fn hostile_value(field: &str) -> Shown {
    Shown {
        text: hostile(field),
        kind: Some("number"),
        of: Some(9_000),
    }
}

fn hostile_change(prefix: &str) -> ChangeRow {
    ChangeRow {
        change: "changed",
        address: hostile(&format!("{prefix}_address")),
        old: Some(hostile_value(&format!("{prefix}_old"))),
        new: Some(hostile_value(&format!("{prefix}_new"))),
        lines: None,
    }
}

/// The changes of a page: one on a line, one of several lines.
fn hostile_changes(prefix: &str) -> Vec<ChangeRow> {
    let lines = Comparison::new(
        format!("same\n{}\n", hostile("lines_before")).as_bytes(),
        format!("same\n{}\n", hostile("lines_after")).as_bytes(),
    );
    let of_lines = ChangeRow {
        lines: Some(lines),
        ..hostile_change("lines")
    };
    let added = ChangeRow {
        change: "added",
        old: None,
        ..hostile_change(prefix)
    };
    vec![hostile_change(prefix), of_lines, added]
}

pub(super) fn hostile_diff() -> HtmlPage {
    let document = |whole| DiffedDocument {
        name: format!("{}{whole:?}", hostile("document")),
        whole,
        changes: hostile_changes("diff"),
        left_out: 3,
        renames: vec![hostile("rename")],
        error: Some(hostile("error")),
    };
    let whole = [None, Some("added"), Some("removed")];
    let page = DiffPage {
        head: hostile_head(),
        documents: whole.map(document).into(),
        values: 9,
        rows: 9,
    };
    page.page()
}

pub(super) fn hostile_log() -> HtmlPage {
    let causes = [Cause::Edit, Cause::Migration, Cause::Both];
    let versions = [None, Some(3), Some(4)];
    let commits = causes.into_iter().zip(versions);
    let commits = commits
        .enumerate()
        .map(|(index, (cause, version))| LoggedCommit {
            id: format!("{}{index}", hostile("id")),
            cause,
            versions: (Some(2), version),
            subject: hostile("subject"),
            author: hostile("author"),
            day: hostile("day"),
            nothing: "No value changed.",
            changes: hostile_changes("log"),
            left_out: 1,
        });
    let page = LogPage {
        head: hostile_head(),
        told: Default::default(),
        commits: commits.collect(),
        errors: vec![hostile("error")],
        pending: Some(hostile("pending")),
        rows: 9,
        left_out: 4,
    };
    page.page()
}

pub(super) fn hostile_blame() -> HtmlPage {
    let row = BlamedRow {
        address: hostile("address"),
        value: hostile_value("value"),
        giver: Some(Giver {
            commit: hostile("commit"),
            author: hostile("author"),
            day: hostile("day"),
            subject: hostile("subject"),
            history_ends: true,
            is_before_unread: false,
        }),
    };
    let page = BlamedView {
        head: hostile_head(),
        document: hostile("document"),
        rows: vec![row],
        left_out: 2,
        errors: vec![hostile("error")],
        pending: Some(hostile("pending")),
    };
    page.page()
}

/// With a column for each, and with so many that the values are told with their refs.
pub(super) fn hostile_comparison(columns: usize) -> HtmlPage {
    let row = ValueRow {
        address: hostile("address"),
        values: vec![
            (Some(hostile_value("value")), vec![0]),
            (None, (1..columns - 1).collect()),
        ],
        defaults: vec![(hostile_value("default"), (0..columns - 1).collect())],
        overriding: vec![0],
    };
    let document = DocumentRows {
        name: hostile("document"),
        failed: vec![(vec![columns - 1], hostile("not_read"))],
        rows: vec![row],
        left_out: 2,
    };
    let names = |column: usize| vec![format!("{}{column}", hostile("ref"))];
    let page = ComparedView {
        head: hostile_head(),
        columns: (0..columns).map(names).collect(),
        documents: vec![document],
        only_overrides: false,
        failed: vec![(hostile("failed_ref"), hostile("reason"))],
    };
    page.page()
}

pub(super) fn hostile_pages_of_values() -> Vec<HtmlPage> {
    vec![
        hostile_diff(),
        hostile_log(),
        hostile_blame(),
        hostile_comparison(3),
        hostile_comparison(30),
    ]
}
