//! No text from a repository, a store or a catalog can change the structure of a page.

mod hostile;
mod well_formed;

use super::compared::{ComparedView, DocumentRows, ValueRow};
use super::documents::Outcome;
use super::lanes::Lane;
use super::page::{Head, SCRIPT, STYLE};
use super::values::Shown;
use super::{HtmlPage, PlanView};
use crate::catalog::{Catalog, DocumentName};
use hostile::{
    ESCAPED, hostile_blame, hostile_comparison, hostile_diff, hostile_document, hostile_head,
    hostile_lanes, hostile_log, hostile_map, hostile_pages_of_values, hostile_plan,
    hostile_versions,
};
use well_formed::assert_well_formed;

/// Every field shows its text, and shows it escaped wherever it stands.
fn assert_escaped(page: &HtmlPage, fields: &[&str]) {
    let html = page.to_string();
    for field in fields {
        let marker = format!("@{field}@");
        let shown = format!("{ESCAPED}{marker}");
        assert!(html.contains(&marker), "{field} isn't shown");
        assert_eq!(
            html.matches(&marker).count(),
            html.matches(&shown).count(),
            "{field}"
        );
    }
}

#[test]
fn hostile_text_is_escaped_in_every_field_of_a_plan() {
    let fields = [
        "title",
        "fact",
        "warning",
        "cell_step",
        "cell_what",
        "document",
        "lane_kind",
        "path_before",
        "path_after",
        "document_step",
        "loss",
        "error",
        "step_name",
        "step_document",
        "decision",
        "description",
        "unchanged",
    ];
    assert_escaped(&hostile_plan(), &fields);
}

#[test]
fn hostile_text_is_escaped_in_every_field_of_a_map() {
    let fields = [
        "catalog",
        "warning",
        "outcome_title",
        "outcome_detail",
        "outcome_example",
        "repository",
        "ref",
        "base_path",
    ];
    let page = hostile_map();
    assert_escaped(&page, &fields);
    assert!(page.to_string().contains("&lt;b&gt;0"));
}

#[test]
fn hostile_text_is_escaped_in_every_field_of_a_page_of_values() {
    let changes = |prefix: &str| ["address", "old", "new"].map(|field| format!("{prefix}_{field}"));
    let head = ["title", "fact", "warning"];
    let with = |fields: &[&str], prefix: Option<&str>| -> Vec<String> {
        let fields = fields.iter().chain(&head).map(ToString::to_string);
        let changes = prefix.into_iter().flat_map(changes);
        fields.chain(changes).collect()
    };
    let assert_escaped = |page: HtmlPage, fields: Vec<String>| {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        assert_escaped(&page, &fields);
    };
    let diff = ["document", "rename", "error", "lines_address"];
    assert_escaped(hostile_diff(), with(&diff, Some("diff")));
    let log = [
        "subject",
        "author",
        "day",
        "error",
        "pending",
        "lines_address",
    ];
    assert_escaped(hostile_log(), with(&log, Some("log")));
    let blame = [
        "document", "address", "value", "commit", "author", "day", "subject", "error", "pending",
    ];
    assert_escaped(hostile_blame(), with(&blame, None));
    let compare = [
        "document",
        "address",
        "value",
        "default",
        "not_read",
        "ref",
        "failed_ref",
        "reason",
    ];
    for columns in [3, 30] {
        assert_escaped(hostile_comparison(columns), with(&compare, None));
    }
}

#[test]
fn what_most_refs_have_does_not_stand_out() {
    let value = |text: &str| {
        Some(Shown {
            text: text.to_owned(),
            kind: None,
            of: None,
        })
    };
    let row = |values| ValueRow {
        address: "a".to_owned(),
        values,
        defaults: Vec::new(),
        overriding: Vec::new(),
    };
    let view = ComparedView {
        head: Head::default(),
        columns: ["x", "y", "z"].map(|name| vec![name.to_owned()]).into(),
        documents: vec![DocumentRows {
            name: "d".to_owned(),
            failed: Vec::new(),
            rows: vec![
                row(vec![(value("5"), vec![0, 2]), (value("7"), vec![1])]),
                row(vec![(value("1"), vec![0]), (None, vec![1])]),
            ],
            left_out: 0,
        }],
        only_overrides: false,
        failed: Vec::new(),
    };
    let page = view.page().to_string();
    let usual = "<td><code>5</code></td>";
    let row = format!("{usual}<td class=\"other\"><code>7</code></td>{usual}");
    assert!(page.contains(&row));
    let row = "<td><code>1</code></td><td><span class=\"dim\">not there</span></td>\
               <td><span class=\"dim\">can&#39;t be read</span></td>";
    assert!(page.contains(&row.replace("&#39;", "'")));
}

#[test]
fn hostile_content_is_escaped_however_its_words_are_cut() {
    let plan = hostile_plan().to_string();
    assert!(plan.contains("content_before") && plan.contains("content_after"));
    let diff = hostile_diff().to_string();
    assert!(diff.contains("lines_before") && diff.contains("lines_after"));
    for page in [hostile_plan()]
        .into_iter()
        .chain(hostile_pages_of_values())
    {
        nothing_is_left_open(&page.to_string());
    }
}

fn nothing_is_left_open(html: &str) {
    let mut rest = html.replace(STYLE, "").replace(SCRIPT, "");
    rest = rest
        .replacen("<script></script>", "", 1)
        .replacen("<style></style>", "", 1);
    for word in [
        "<script",
        "<img",
        "</script",
        "</style",
        "onerror=alert(1)>",
        "\u{202e}",
    ] {
        assert!(!rest.contains(word), "{word}");
    }
}

#[test]
fn pages_are_well_formed_and_link_only_within() {
    let paper = {
        let catalog = Catalog::builtin();
        let plan = crate::plan::Plan::new(&crate::plan::Request {
            catalog: &catalog,
            branch_version: 0,
            target: catalog.server_version(),
            held: Default::default(),
            store: None,
        });
        HtmlPage::plan_on_paper(&plan.unwrap(), &catalog)
    };
    for outcome in [
        Outcome::Failed,
        Outcome::Changed,
        Outcome::ImportedFromTable,
        Outcome::ImportedFromSnapshot,
        Outcome::Removed,
    ] {
        let page = PlanView {
            head: hostile_head(),
            versions: hostile_versions(),
            lanes: hostile_lanes(),
            steps: Vec::new(),
            documents: Some(vec![hostile_document(outcome)]),
        };
        assert_well_formed(&page.page());
    }
    let pages = [hostile_plan(), hostile_map(), paper];
    for page in pages.into_iter().chain(hostile_pages_of_values()) {
        assert_well_formed(&page);
    }
}

#[test]
fn documents_to_which_the_same_happens_share_a_lane_where_there_are_many() {
    let lane = |index: usize| Lane {
        name: DocumentName::new("runbook", &index.to_string()),
        in_git: true,
        is_document: true,
        cells: Vec::new(),
    };
    let page = |count| {
        let view = PlanView {
            head: Head::default(),
            versions: hostile_versions(),
            lanes: (0..count).map(lane).collect(),
            steps: Vec::new(),
            documents: None,
        };
        view.page().to_string()
    };
    assert!(page(60).contains("title=\"runbook/59\""));
    let many = page(61);
    assert!(many.contains("runbook (61 documents)") && !many.contains("title=\"runbook/59\""));
    assert!(
        many.contains("<bdi>runbook/59</bdi>"),
        "its name is still told"
    );
}
