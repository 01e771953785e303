//! Blocks beside each other of which only one can be meant: those of one key, and those that define a thing by one name.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use super::definitions::Defining;
use super::line::Lines;
use super::model::Definition;
use crate::catalog::{Catalog, DocumentName};
use crate::ocl::NodeId;
use crate::values::{Element, Values, doubled_keys};

/// A block that an earlier one beside it can't be told from.
#[derive(Debug, Clone)]
pub(crate) struct DoubledBlock<'a> {
    /// The earlier one.
    pub(crate) first: Element<'a>,
    pub(crate) again: Element<'a>,
    /// The kind and the name of the thing that both define, where their keys differ.
    thing: Option<(&'a str, String)>,
}

impl DoubledBlock<'_> {
    /// The addresses of both.
    pub(crate) fn addresses(&self) -> (String, String) {
        (self.first.to_string(), self.again.to_string())
    }

    /// What it has in common with the earlier one.
    pub(crate) fn message(&self) -> String {
        let first = &self.first;
        match &self.thing {
            None => format!("it has the same key as `{first}`"),
            Some((kind, name)) => format!("it defines the {kind} `{name}`, as `{first}` does"),
        }
    }
}

/// Pairs of addresses of such blocks in a document, in words.
pub(crate) struct DoubledPairs<'p> {
    pub(crate) document: &'p DocumentName,
    pub(crate) pairs: &'p [(String, String)],
}

impl fmt::Display for DoubledPairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DoubledPairs { document, pairs } = self;
        let (one, other) = pairs.first().map_or(("", ""), |(a, b)| (&**a, &**b));
        write!(
            f,
            "`{document} {one}` and `{other}` have one key, or one name: which of them is meant can't be told"
        )?;
        match pairs.len().saturating_sub(1) {
            0 => Ok(()),
            1 => write!(f, "; and so have two more"),
            more => write!(f, "; and so have {more} more pairs"),
        }
    }
}

/// What is doubled in a document in the newest shape, by what a catalog declares, in document order.
pub(crate) fn doubled_blocks<'a>(
    values: Values<'a>,
    document: &DocumentName,
    catalog: &'a Catalog,
) -> Vec<DoubledBlock<'a>> {
    let defining = Defining::new(catalog.things(), document.kind(), document.slug(), None);
    if !defining.is_in_blocks() && !values.identity().has_keys() {
        return Vec::new();
    }
    let mut lines = Lines::new(values.document().text());
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    let mut found = Vec::new();
    let mut open = vec![(values.root(), 0)];
    while let Some((element, depth)) = open.pop() {
        names.truncate(depth);
        if element.parent().is_some() && !element.name().is_empty() {
            names.push(element.name());
        }
        let depth = names.len();
        let members: Vec<Element<'a>> = element.members().collect();
        let mut again: HashSet<NodeId> = HashSet::new();
        for (first, later) in doubled_keys(&members) {
            again.insert(members[later].node().id());
            found.push(DoubledBlock {
                first: members[first].clone(),
                again: members[later].clone(),
                thing: None,
            });
        }
        if defining.is_in_blocks() {
            let mut definitions = Vec::new();
            for member in &members {
                names.truncate(depth);
                names.push(member.name());
                defining.look(member, &names, &mut lines, &mut definitions);
            }
            found.extend(defined_again(definitions, &again));
        }
        open.extend(members.into_iter().rev().map(|member| (member, depth)));
    }
    found.sort_by_key(|doubled| doubled.again.node().span().map(|span| span.start));
    found
}

/// Things that blocks beside each other define by one name.
fn defined_again<'a>(
    definitions: Vec<Definition<'a>>,
    known: &HashSet<NodeId>,
) -> Vec<DoubledBlock<'a>> {
    let mut first: HashMap<(&str, String), Element<'a>> = HashMap::new();
    let mut found = Vec::new();
    for definition in definitions {
        if known.contains(&definition.element.node().id()) {
            continue;
        }
        let mut is_told = false;
        for name in &definition.names {
            for key in name.keys() {
                let at = (definition.kind, key.clone());
                let earlier = first
                    .entry(at)
                    .or_insert_with(|| definition.element.clone());
                if earlier.node().id() != definition.element.node().id() && !is_told {
                    is_told = true;
                    found.push(DoubledBlock {
                        first: earlier.clone(),
                        again: definition.element.clone(),
                        thing: Some((definition.kind, name.text().to_owned())),
                    });
                }
            }
        }
    }
    found
}
