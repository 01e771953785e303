//! Names that expressions of steps, and what `catalog.hcl` declares, look for, and that no document has: probably misspelt.

use std::collections::BTreeSet;

use super::cases::Case;
use super::report::{Check, Finding};
use super::snapshots::Snapshots;
use crate::catalog::{Catalog, NameReader as Reader};
use crate::ocl::{Dialect, Document};
use crate::text::{is_one_letter_off, nearest};

/// `has_run` tells of the index of a step whether it ran on any document: of others that is told.
pub(super) fn findings(
    catalog: &Catalog,
    snapshots: &Snapshots,
    cases: &[Case],
    has_run: impl Fn(usize) -> bool,
) -> Vec<Finding> {
    let met = met(catalog, snapshots, cases);
    // Without a document nothing can be told.
    if met.is_empty() {
        return Vec::new();
    }
    let of_steps = catalog.words_of_steps();
    let mut known: BTreeSet<&str> = met.iter().map(String::as_str).collect();
    known.extend(of_steps);
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for read in catalog.names_read() {
        let Reader::Step(index) = read.reader else {
            continue;
        };
        if !has_run(index) {
            continue;
        }
        let step = &catalog.steps()[index];
        let name = read.name.as_str();
        // Keys of dictionaries are too many for cases to have them all.
        if !is_word(name) || known.contains(name) || !told.insert(read.place.clone()) {
            continue;
        }
        let mut message = format!(
            "no snapshot and no case has `{name}`, which this expression reads: it is null in every one of them"
        );
        if let Some(near) = nearest(name, known.iter().copied()) {
            message += &format!("; did you mean `{near}`?");
        }
        let finding = Finding::of_step(Check::Unreached, step, message);
        findings.push(finding.at(Some(read.place)).into_warning());
    }
    for written in catalog.names_declared() {
        let name = written.name.as_str();
        // What documents may have, and these don't, is no mistake by itself; nor is one of what others have several of.
        let is_meant = |other: &&&str| is_one_letter_off(name, other) && !is_plural(name, other);
        let near = known.iter().find(is_meant);
        if let Some(near) = near.filter(|_| !known.contains(name)) {
            let then = match written.reader {
                Reader::Path => "so this path leads nowhere",
                Reader::Attribute => "which is named here as an attribute",
                Reader::Step(_) | Reader::Condition => "which this condition reads",
            };
            let message =
                format!("no snapshot and no case has `{name}`, {then}: did you mean `{near}`?");
            let finding = Finding::new(Check::Unreached, "catalog.hcl", message);
            findings.push(finding.at(Some(written.place)).into_warning());
        }
    }
    findings
}

fn is_plural(one: &str, other: &str) -> bool {
    one.strip_suffix('s') == Some(other) || other.strip_suffix('s') == Some(one)
}

fn is_word(name: &str) -> bool {
    name.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// The names in all snapshots, arrivals and cases.
fn met(catalog: &Catalog, snapshots: &Snapshots, cases: &[Case]) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    let mut gather = |bytes: &[u8]| {
        // The dialect is about the values of strings alone.
        if let Ok(document) = Document::from_bytes(bytes.to_owned(), Dialect::Current) {
            let nodes = document.root().subtree();
            met.extend(nodes.map(|node| node.name().into_owned()));
        }
    };
    for version in snapshots.versions() {
        for (path, bytes) in snapshots.at(version).into_iter().flat_map(|it| it.iter()) {
            if catalog.classify(path, version).is_some() {
                gather(bytes);
            }
        }
    }
    for arrival in snapshots.arrivals(catalog) {
        gather(arrival.row.content.as_bytes());
    }
    for case in cases {
        case.before()
            .into_iter()
            .chain(case.after())
            .chain(case.read_texts().map(str::as_bytes))
            .for_each(&mut gather);
    }
    met
}
