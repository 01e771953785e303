//! Real documents, each changed in one place so that it is wrong: how much of that the shipped contracts catch.

use std::collections::BTreeMap;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::contract::Contracts;
use ocl_migrate::ocl::{Dialect, Document, Kind, Node};

use super::corpus::all_lifted;
use crate::support::corpus;

/// At most so many changes of a sort are tried in one document: it would be the same places over and over.
const MOST: usize = 12;

/// A change: its sort, and the text of the document with it.
type Change = (&'static str, String);

fn replaced(text: &str, node: Node<'_>, new: &str) -> String {
    let span = node.span().unwrap();
    format!("{}{new}{}", &text[..span.start], &text[span.end..])
}

/// A name with two letters swapped, or one doubled where they are alike.
fn misspelt(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let middle = letters.len() / 2;
    if middle > 0 && letters[middle - 1] != letters[middle] {
        letters.swap(middle - 1, middle);
    } else {
        letters.insert(middle, letters[middle]);
    }
    letters.into_iter().collect()
}

/// Whether a node stands where a step's own matter is: its properties, and the inputs of step packages.
fn is_open(node: Node<'_>) -> bool {
    let mut node = Some(node);
    while let Some(here) = node {
        if ["properties", "inputs", "display_settings"].contains(&&*here.name()) {
            return true;
        }
        node = here.parent();
    }
    false
}

/// What only some values fit.
const ENUMERATIONS: [&str; 12] = [
    "condition",
    "start_trigger",
    "package_requirement",
    "acquisition_location",
    "git_credential_type",
    "default_guided_failure_mode",
    "skip_machine_behavior",
    "environment_scope",
    "multi_tenancy_mode",
    "failure_encoding",
    "type",
    "unit",
];

fn changes(document: &Document) -> Vec<Change> {
    let text = document.text();
    let mut all = Vec::new();
    for node in document.root().subtree().filter(|node| !is_open(*node)) {
        let name = node.name();
        let source = node.source();
        match node.kind() {
            Kind::Attribute => {
                let value = node.value().unwrap();
                let other = source.replacen(&*name, &misspelt(&name), 1);
                all.push(("a misspelt attribute", replaced(text, node, &other)));
                let other = match value.kind() {
                    Kind::String | Kind::Heredoc => "7",
                    Kind::Number => "\"seven\"",
                    Kind::Bool => "\"true\"",
                    _ => "false",
                };
                all.push(("a changed type", replaced(text, value, other)));
                let is_text = value.kind() == Kind::String;
                if is_text && ENUMERATIONS.contains(&&*name) {
                    let wrong = replaced(text, value, "\"Sometimes\"");
                    all.push(("a wrong value of an enumeration", wrong));
                }
            }
            Kind::Block => {
                let other = source.replacen(&*name, &misspelt(&name), 1);
                all.push(("a misspelt block", replaced(text, node, &other)));
                let is_inner = node
                    .parent()
                    .is_some_and(|parent| parent.parent().is_some());
                let moved = if is_inner {
                    let rest = replaced(text, node, "");
                    format!("{rest}\n{source}\n")
                } else {
                    // No block holds blocks of its own type.
                    replaced(text, node, &format!("{name} \"x\" {{\n{source}\n}}"))
                };
                all.push(("a block in the wrong place", moved));
            }
            _ => {}
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let totals = all.iter().fold(BTreeMap::new(), |mut totals, (sort, _)| {
        *totals.entry(*sort).or_insert(0_usize) += 1;
        totals
    });
    // Spread over the document.
    all.retain(|(sort, _)| {
        let count = counts.entry(sort).or_default();
        *count += 1;
        (*count - 1).is_multiple_of(totals[sort].div_ceil(MOST))
    });
    all
}

#[test]
fn nine_in_ten_mistakes_are_found() {
    if corpus().is_none() {
        return;
    }
    let catalog = Catalog::builtin();
    let contracts = Contracts::of(&catalog).unwrap();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut missed: BTreeMap<String, usize> = BTreeMap::new();
    // Every fourth document: with all of them the rates are the same.
    for (real, document) in all_lifted(&catalog).iter().step_by(4) {
        let contract = contracts.at(real.kind(), 14).unwrap();
        if !contract.check(document).unwrap().is_empty() {
            continue;
        }
        for (sort, text) in changes(document) {
            let Ok(changed) = Document::parse(text.as_str(), Dialect::Current) else {
                panic!("{}: {sort}\n{text}", real.path);
            };
            let is_found = !contract.check(&changed).unwrap().is_empty();
            let (found, all) = counts.entry(sort).or_default();
            *all += 1;
            *found += usize::from(is_found);
            if !is_found {
                let lines = document.text().lines().zip(text.lines());
                let line = lines.into_iter().find(|(old, new)| old != new);
                let line = line.map_or("", |(_, new)| new).trim().to_owned();
                *missed.entry(format!("{sort}: {line}")).or_default() += 1;
            }
        }
    }
    assert_eq!(counts.len(), 5);
    for (sort, (found, all)) in &counts {
        println!("{sort}: {found} of {all}");
        assert!(
            found * 10 >= all * 9,
            "{sort}: {found} of {all}\n{missed:#?}"
        );
    }
}
