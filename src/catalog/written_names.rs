//! Names of documents' values that the files of a catalog write: in the expressions of steps, and in the paths of `catalog.hcl`.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl::edit::Span;
use hcl::edit::structure::Block;

use super::action::{Action, Body, Modify};
use super::expression::{Expression, ExpressionKind};
use super::model::Catalog;
use super::modify::{Item, OperationKind, Selection};
use super::problem::Problem;
use super::selector::{Segment, Selector};
use super::written::{each_block, items_of};

/// A name that is read.
pub(crate) struct WrittenName {
    pub(crate) name: String,
    pub(crate) reader: NameReader,
    /// File, line and column.
    pub(crate) place: String,
}

/// What reads a name.
pub(crate) enum NameReader {
    /// An expression of the step of this index in [`Catalog::steps`].
    Step(usize),
    /// A path of `catalog.hcl`.
    Path,
    /// What `catalog.hcl` names as an attribute.
    Attribute,
    /// A condition of `catalog.hcl`.
    Condition,
}

/// Blocks of `catalog.hcl` with attributes that are paths.
const PATHS: [(&str, &[&str]); 4] = [
    ("document", &["single"]),
    ("thing", &["at", "used_by"]),
    ("reference", &["at"]),
    ("template", &["at", "scripts"]),
];

/// Blocks of `catalog.hcl` with attributes that name attributes.
const ATTRIBUTES: [(&str, &[&str]); 2] = [("key", &["by", "else", "value"]), ("thing", &["name"])];

/// Blocks whose label is a path.
const LABELLED: [&str; 2] = ["key", "set"];

impl Catalog {
    /// The names that expressions of steps read of a document.
    pub(crate) fn names_read(&self) -> Vec<WrittenName> {
        let is_collection = |kind: &str| self.is_collection(kind);
        let mut found = Vec::new();
        for (step, body) in self.bodies() {
            let Some(source) = self.steps[step].source() else {
                continue;
            };
            let mut note = |name: &str, span: &Range<usize>| {
                found.push(WrittenName {
                    name: name.to_owned(),
                    reader: NameReader::Step(step),
                    place: Problem::at(source, span.clone(), "").place(),
                });
            };
            body.each_expression(&mut |expression| {
                expression.each_name_read(&is_collection, &mut note)
            });
        }
        found
    }

    fn is_collection(&self, kind: &str) -> bool {
        self.kind(kind)
            .is_some_and(|kind| kind.path.is_collection())
    }

    /// Every word that steps write themselves: what one makes, another may read.
    pub(crate) fn words_of_steps(&self) -> BTreeSet<&str> {
        let mut words = BTreeSet::new();
        for (_, body) in self.bodies() {
            body.each_expression(&mut |expression: &Expression| {
                expression.walk(&mut |part| {
                    if let ExpressionKind::String(word) = &part.kind {
                        words.insert(word.as_str());
                    }
                });
            });
            words_made(body, &mut words);
        }
        words
    }

    /// The names that `catalog.hcl` looks for; none for a catalog that was put together in Rust.
    pub(crate) fn names_declared(&self) -> Vec<WrittenName> {
        let mut found = Vec::new();
        let Some((file, body)) = self.own_file() else {
            return found;
        };
        let mut note = |name: &str, reader: NameReader, span: Range<usize>| {
            found.push(WrittenName {
                name: name.to_owned(),
                reader,
                place: Problem::at(file, span, "").place(),
            });
        };
        each_block(&body, &mut |block| {
            paths_of(block, &mut |path, span| {
                let selector = Selector::parse_plain(path).ok();
                for segment in selector.iter().flat_map(Selector::segments) {
                    if let Segment::Child {
                        name: Some(name), ..
                    } = segment
                    {
                        note(name, NameReader::Path, span.clone());
                    }
                }
            });
            strings_of(block, &ATTRIBUTES, &mut |name, span| {
                note(name, NameReader::Attribute, span);
            });
        });
        for when in self
            .things()
            .references
            .iter()
            .filter_map(|it| it.when.as_ref())
        {
            when.each_name_read(&|kind| self.is_collection(kind), &mut |name, span| {
                note(name, NameReader::Condition, span.clone());
            });
        }
        found
    }

    /// The declared bodies of steps, each with the index of its step; those that undo them included.
    fn bodies(&self) -> impl Iterator<Item = (usize, &Selection)> {
        self.steps.iter().enumerate().flat_map(|(index, step)| {
            let own = match &step.action {
                Action::Modify(body) => Some(body),
                _ => None,
            };
            let bodies = own.into_iter().chain(step.reverse().body());
            bodies.filter_map(move |Modify(body)| match body {
                Body::Declared(body) => Some((index, body.selection())),
                Body::Native(_) => None,
            })
        })
    }
}

/// The names that renames and moves give.
fn words_made<'s>(selection: &'s Selection, words: &mut BTreeSet<&'s str>) {
    for item in &selection.items {
        match item {
            Item::In(inner) => words_made(inner, words),
            Item::Operation(operation) => match &operation.kind {
                OperationKind::Rename(names) => {
                    words.extend(names.iter().map(|(_, new)| new.as_str()));
                }
                OperationKind::Move(moves) | OperationKind::MoveBack(moves) => {
                    words.extend(moves.iter().map(|(_, to)| to.name.as_str()));
                }
                _ => {}
            },
        }
    }
}

fn paths_of(block: &Block, visit: &mut dyn FnMut(&str, Range<usize>)) {
    if LABELLED.contains(&block.ident.as_str())
        && let Some(label) = block.labels.first()
    {
        visit(label.as_str(), label.span().unwrap_or_default());
    }
    strings_of(block, &PATHS, visit);
}

/// The strings of the attributes that are listed for a block.
fn strings_of(
    block: &Block,
    listed: &[(&str, &[&str])],
    visit: &mut dyn FnMut(&str, Range<usize>),
) {
    let of_block = listed.iter().filter(|(name, _)| block.has_ident(name));
    for name in of_block.flat_map(|(_, names)| *names) {
        for item in items_of(block, name) {
            if let Some(text) = item.as_str() {
                visit(text, item.span().unwrap_or_default());
            }
        }
    }
}
