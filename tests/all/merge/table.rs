//! What comes out of every operation on one side and every operation on the other, in everything that holds others.
//!
//! The tables are snapshots. Each line is checked in both directions: the mirrored merge has the mirrored outcome.

use std::fmt::Write as _;

use ocl_migrate::catalog::Identity;
use ocl_migrate::values::Values;

use super::{described, identity, merged, parse, says_the_same, swapped};

/// A thing in something that holds several: what it is known by, and its value as it is written.
type Thing = (&'static str, &'static str);

/// What is done to `a`, `b` and `c`.
const OPERATIONS: [(&str, &[Thing]); 15] = [
    ("nothing", &[("a", "1"), ("b", "2"), ("c", "3")]),
    ("set b", &[("a", "1"), ("b", "21"), ("c", "3")]),
    ("set b otherwise", &[("a", "1"), ("b", "22"), ("c", "3")]),
    ("set c", &[("a", "1"), ("b", "2"), ("c", "31")]),
    (
        "insert d",
        &[("a", "1"), ("b", "2"), ("d", "4"), ("c", "3")],
    ),
    (
        "insert d otherwise",
        &[("a", "1"), ("b", "2"), ("d", "41"), ("c", "3")],
    ),
    (
        "insert e there",
        &[("a", "1"), ("b", "2"), ("e", "5"), ("c", "3")],
    ),
    (
        "insert e in front",
        &[("e", "5"), ("a", "1"), ("b", "2"), ("c", "3")],
    ),
    ("remove b", &[("a", "1"), ("c", "3")]),
    ("rename b to m", &[("a", "1"), ("m", "2"), ("c", "3")]),
    ("rename b to n", &[("a", "1"), ("n", "2"), ("c", "3")]),
    ("move b to the front", &[("b", "2"), ("a", "1"), ("c", "3")]),
    ("move b to the end", &[("a", "1"), ("c", "3"), ("b", "2")]),
    ("reverse all", &[("c", "3"), ("b", "2"), ("a", "1")]),
    ("make b a list", &[("a", "1"), ("b", "[2]"), ("c", "3")]),
];

/// How things are written in one document.
type Writer = fn(&[Thing]) -> String;

fn each(things: &[Thing], line: impl Fn(&Thing) -> String) -> String {
    things.iter().map(line).collect()
}

/// Every pair of operations once, and what comes out.
fn table(identity: &Identity, write: Writer) -> String {
    let mut table = String::new();
    let base = parse(&write(OPERATIONS[0].1));
    for (at, (ours, our_things)) in OPERATIONS.iter().enumerate() {
        for (theirs, their_things) in &OPERATIONS[at..] {
            let [our, their] = [our_things, their_things].map(|things| parse(&write(things)));
            let documents = [base.clone(), our.clone(), their.clone()];
            let mirror = [base.clone(), their, our];
            let (merged, mirrored) = (merged(identity, &documents), merged(identity, &mirror));
            let (merged, mirrored) = (merged.unwrap(), mirrored.unwrap());
            let told: Vec<_> = merged.conflicts().iter().map(described).collect();
            let mut back: Vec<_> = mirrored.conflicts().iter().map(swapped).collect();
            back.sort();
            let mut sorted = told.clone();
            sorted.sort();
            assert_eq!(sorted, back, "{ours} / {theirs}");
            let _ = write!(table, "{ours} / {theirs}:");
            if told.is_empty() {
                assert!(
                    says_the_same(identity, merged.document(), mirrored.document()),
                    "{ours} / {theirs}: {} or {}",
                    merged.document(),
                    mirrored.document()
                );
                for leaf in Values::of(merged.document(), identity).leaves() {
                    let _ = write!(table, "  {leaf}");
                }
            } else {
                for conflict in merged.conflicts() {
                    let _ = write!(table, "  CONFLICT {conflict}");
                }
            }
            table.push('\n');
        }
    }
    table
}

#[test]
fn blocks_known_by_a_key() {
    let write: Writer = |things| {
        each(things, |(key, value)| {
            format!("variable \"{key}\" {{\n    type = {value}\n}}\n\n")
        })
    };
    insta::assert_snapshot!("unordered", table(&identity("variables"), write));
}

#[test]
fn blocks_whose_order_matters() {
    let write: Writer = |things| {
        each(things, |(key, value)| {
            format!("step \"{key}\" {{\n    x = {value}\n}}\n\n")
        })
    };
    insta::assert_snapshot!("ordered", table(&identity("deployment_process"), write));
}

#[test]
fn a_dictionary() {
    let write: Writer = |things| {
        let entries = each(things, |(key, value)| format!("    {key} = {value}\n"));
        format!("d = {{\n{entries}}}\n")
    };
    insta::assert_snapshot!("dictionary", table(&Identity::none(), write));
}

#[test]
fn a_list() {
    let write: Writer = |things| {
        let items = things
            .iter()
            .map(|(key, value)| format!("    \"{key}{value}\""));
        format!("l = [\n{}\n]\n", items.collect::<Vec<_>>().join(",\n"))
    };
    insta::assert_snapshot!("list", table(&Identity::none(), write));
}

#[test]
fn a_list_that_is_a_set() {
    let write: Writer = |things| {
        let items = things
            .iter()
            .map(|(key, value)| format!("\"{key}{value}\""));
        format!("s = [{}]\n", items.collect::<Vec<_>>().join(", "))
    };
    let identity = Identity::parse("set \"s\" {}").unwrap();
    insta::assert_snapshot!("set", table(&identity, write));
}

#[test]
fn blocks_that_nothing_tells_apart() {
    let write: Writer = |things| {
        each(things, |(key, value)| {
            format!("x {{\n    {key} = {value}\n}}\n")
        })
    };
    insta::assert_snapshot!("alike", table(&Identity::none(), write));
}

#[test]
fn the_lines_of_a_text() {
    let write: Writer = |things| {
        let lines = each(things, |(key, value)| format!("    {key} {value}\n"));
        format!("h = <<-EOT\n{lines}EOT\n")
    };
    insta::assert_snapshot!("heredoc", table(&Identity::none(), write));
}

#[test]
fn values_that_their_blocks_hold_themselves() {
    let write: Writer = |things| {
        let values = each(things, |(key, value)| {
            let value = value.trim_matches(['[', ']']);
            format!("    value \"{value}\" {{\n        environment = [\"{key}\"]\n    }}\n\n")
        });
        format!("variable \"V\" {{\n{values}}}\n")
    };
    insta::assert_snapshot!("own_values", table(&identity("variables"), write));
}
