//! Pushing conditions down never changes the rows.

use proptest::prelude::*;

use ocl_migrate::project::Project;
use ocl_migrate::query::QueryOptions;

use super::rows;
use crate::support::Sandbox;

const COLUMNS: [&str; 7] = [
    "ref",
    "environment",
    "document",
    "kind",
    "slug",
    "address",
    "base_path",
];

/// A condition on the columns above.
#[derive(Debug, Clone)]
enum Condition {
    Equal(usize, String),
    In(usize, Vec<String>),
    Glob(usize, String),
    Like(usize, String),
    NoCase(usize, String),
    IsNull(usize),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

use Condition::{And, Equal, Glob, In, IsNull, Like, NoCase, Not, Or};

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Condition {
    fn sql(&self) -> String {
        match self {
            Equal(column, text) => format!("{} = {}", COLUMNS[*column], quoted(text)),
            In(column, texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                format!("{} IN ({})", COLUMNS[*column], texts.join(", "))
            }
            Glob(column, begin) => {
                format!("{} GLOB {}", COLUMNS[*column], quoted(&format!("{begin}*")))
            }
            Like(column, begin) => {
                format!("{} LIKE {}", COLUMNS[*column], quoted(&format!("{begin}%")))
            }
            NoCase(column, text) => {
                format!("{} = {} COLLATE NOCASE", COLUMNS[*column], quoted(text))
            }
            IsNull(column) => format!("{} IS NULL", COLUMNS[*column]),
            Not(inner) => format!("NOT ({})", inner.sql()),
            And(a, b) => format!("({}) AND ({})", a.sql(), b.sql()),
            Or(a, b) => format!("({}) OR ({})", a.sql(), b.sql()),
        }
    }

    /// True, false, or unknown.
    fn of(&self, row: &[Option<String>]) -> Option<bool> {
        match self {
            Equal(column, text) => row[*column].as_ref().map(|it| it == text),
            In(_, texts) if texts.is_empty() => Some(false),
            In(column, texts) => row[*column].as_ref().map(|it| texts.contains(it)),
            Glob(column, begin) => row[*column].as_ref().map(|it| it.starts_with(begin)),
            Like(column, begin) => row[*column].as_ref().map(|it| {
                let (it, begin) = (it.to_ascii_lowercase(), begin.to_ascii_lowercase());
                it.starts_with(&begin)
            }),
            NoCase(column, text) => row[*column]
                .as_ref()
                .map(|it| it.eq_ignore_ascii_case(text)),
            IsNull(column) => Some(row[*column].is_none()),
            Not(inner) => inner.of(row).map(|it| !it),
            And(a, b) => match (a.of(row), b.of(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Or(a, b) => match (a.of(row), b.of(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}

/// Texts that the columns have, parts of them, and others.
fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "main",
        "MAIN",
        "ma",
        "feature/timeout",
        "feature/",
        "v1",
        "production",
        "prod",
        "variables",
        "runbook/backup",
        "runbook",
        "Runbook",
        "run",
        "backup",
        "",
        "name",
        ".octopus",
        "variable[\"Retries\"].value{}",
        "variable",
        "x",
    ])
    .prop_map(str::to_owned)
    // Wildcards of either language would mean something else.
    .prop_filter("no wildcard", |text| !text.contains(['*', '?', '_', '%']))
}

fn pattern() -> impl Strategy<Value = String> {
    text().prop_filter("no wildcard", |text| !text.contains('['))
}

fn condition() -> impl Strategy<Value = Condition> {
    let column = 0..COLUMNS.len();
    let leaf = prop_oneof![
        (column.clone(), text()).prop_map(|(column, text)| Equal(column, text)),
        (column.clone(), prop::collection::vec(text(), 0..4))
            .prop_map(|(column, texts)| In(column, texts)),
        (column.clone(), pattern()).prop_map(|(column, text)| Glob(column, text)),
        (column.clone(), pattern()).prop_map(|(column, text)| Like(column, text)),
        (column.clone(), text()).prop_map(|(column, text)| NoCase(column, text)),
        column.prop_map(IsNull),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| Not(Box::new(it))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Or(Box::new(a), Box::new(b))),
        ]
    })
}

#[test]
fn rows_are_those_that_the_conditions_say() {
    let repo = Sandbox::new("history");
    repo.shell("git tag v1 main~2");
    let project = Project::open(repo.path()).unwrap();
    let options = QueryOptions {
        environments: vec![
            ("production".into(), "main".into()),
            ("prod2".into(), "main".into()),
            ("old".into(), "main~1".into()),
        ],
        defaults: Some("feature/timeout".into()),
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    for table in ["leaves", "effective", "uses", "documents"] {
        let columns = COLUMNS.join(", ");
        let columns = match table {
            "documents" => columns.replace("address", "path AS address"),
            "uses" => columns.replace("slug", "name AS slug"),
            _ => columns,
        };
        let read = |condition: &str| {
            let sql = format!("SELECT {columns} FROM {table} {condition}");
            let mut found = rows(&query, &sql);
            found.sort();
            found
        };
        let all = read("");
        assert!(all.len() > 8);
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
        let checked = runner.run(&condition(), |condition| {
            let sql = condition.sql();
            let sql = match table {
                "documents" => sql.replace("address", "path"),
                "uses" => sql.replace("slug", "name"),
                _ => sql,
            };
            let wanted: Vec<Vec<String>> = all
                .iter()
                .filter(|row| {
                    let row: Vec<Option<String>> = row
                        .iter()
                        .map(|it| Some(it.clone()).filter(|it| it != "NULL"))
                        .collect();
                    condition.of(&row) == Some(true)
                })
                .cloned()
                .collect();
            prop_assert_eq!(read(&format!("WHERE {sql}")), wanted, "{}", sql);
            Ok(())
        });
        checked.unwrap();
    }
}

#[test]
fn a_join_is_told_what_the_other_table_knows() {
    let repo = Sandbox::new("history");
    let project = Project::open(repo.path()).unwrap();
    let query = super::query(&project);
    let sql = "SELECT a.address, a.value, b.value FROM leaves a JOIN leaves b ON b.ref = 'feature/timeout' \
               AND b.document = a.document AND b.address = a.address WHERE a.ref = 'main' AND a.value <> b.value";
    assert_eq!(super::lines(&query, sql), ["name | Back up | Backup"]);
    let plan = query.explain(sql).unwrap();
    let texts: Vec<&str> = plan.iter().map(|line| &*line.text).collect();
    assert_eq!(
        texts,
        [
            "SCAN a, told: ref =",
            "SCAN b, told: ref =, document =, address ="
        ]
    );
    let patterns =
        "SELECT 1 FROM leaves('main') WHERE address GLOB 'a*' AND kind LIKE 'r%' AND value = 'x'";
    let plan = query.explain(patterns).unwrap();
    let told = &plan[0].text;
    assert!(
        told.starts_with("SCAN leaves, told: revision =, "),
        "{told}"
    );
    assert!(
        told.contains("address GLOB") && told.contains("kind LIKE"),
        "{told}"
    );
    assert!(!told.contains("value"), "{told}");
    assert_eq!(
        query.explain("SELECT 1 FROM refs").unwrap()[0].text,
        "SCAN refs, all of it"
    );
}
