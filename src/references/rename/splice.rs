//! Writes names anew, and nothing else.

use std::collections::BTreeMap;
use std::ops::Range;

use super::model::{Refused, RenameRefusal};
use super::named::Named;
use super::plan::{Changes, Place};
use crate::catalog::DocumentName;
use crate::ocl::{Document, Node, NodeId};
use crate::references::place::ThingPlace;
use crate::template::{Reading, Template};

/// What is written in one string: where in its decoded text, and for which place.
type OfString = Vec<(Range<usize>, ThingPlace)>;

/// The documents with the new name in all those places.
pub(super) fn apply(
    documents: &[(DocumentName, Document)],
    before: &Named<'_>,
    changes: &Changes,
    new: &str,
) -> Result<Vec<(DocumentName, Document)>, Refused> {
    let mut strings: Vec<BTreeMap<NodeId, OfString>> = vec![BTreeMap::new(); documents.len()];
    let mut names: Vec<DocumentName> = documents.iter().map(|(name, _)| name.clone()).collect();
    for (document, holder, place) in &changes.holders {
        match holder {
            Place::Slug => {
                let kind = names[*document].kind().to_owned();
                names[*document] = DocumentName::new(&kind, new);
            }
            Place::Node(id) => {
                let text = documents[*document]
                    .1
                    .node(*id)
                    .as_str()
                    .unwrap_or_default();
                let start = text.len() - text.trim_start().len();
                let name = start..start + text.trim().len();
                let of_string = strings[*document].entry(*id).or_default();
                of_string.push((name, place.clone()));
            }
        }
    }
    for (document, reference, length) in &changes.references {
        let place = || {
            let references = &before.documents[*document].found.references;
            before.place_of((*document, &references[*reference]))
        };
        let reference = &before.documents[*document].found.references[*reference];
        let start = reference.place.start;
        let of_string = strings[*document].entry(reference.node.id()).or_default();
        of_string.push((start..start + length, place()));
    }
    let mut unwritable = Vec::new();
    let mut result = Vec::with_capacity(documents.len());
    for (((_, document), strings), name) in documents.iter().zip(strings).zip(names) {
        let renamed = in_document(document, strings, new, &mut unwritable);
        result.push((name, renamed));
    }
    Refused::unless_empty(RenameRefusal::NotWritable, unwritable)?;
    Ok(result)
}

/// A document with the new name in these strings. Where that can't be written, the place is told, and the document is as before.
fn in_document(
    document: &Document,
    strings: BTreeMap<NodeId, OfString>,
    new: &str,
    unwritable: &mut Vec<ThingPlace>,
) -> Document {
    let known = unwritable.len();
    let mut splices: Vec<(Range<usize>, String)> = Vec::new();
    let mut expected = Vec::new();
    let mut places = Vec::new();
    for (id, mut of_string) in strings {
        // Several declarations may say the same.
        of_string.sort_by_key(|(name, _)| (name.start, name.end));
        of_string.dedup_by(|a, b| a.0 == b.0);
        let node = document.node(id);
        match in_string(node, &of_string, new) {
            Some((in_source, text)) => {
                splices.extend(in_source);
                expected.push((id, text));
                places.extend(of_string.into_iter().map(|(_, place)| place));
            }
            None => unwritable.extend(of_string.into_iter().map(|(_, place)| place)),
        }
    }
    if splices.is_empty() || unwritable.len() > known {
        return document.clone();
    }
    splices.sort_by_key(|(place, _)| place.start);
    let text = document.text();
    let mut written = String::with_capacity(text.len());
    let mut at = 0;
    for (place, new) in splices {
        written.push_str(&text[at..place.start]);
        written.push_str(&new);
        at = place.end;
    }
    written.push_str(&text[at..]);
    // An end tag of a heredoc may be such a name.
    let is_as_expected = |document: &Document| {
        let node =
            |(id, text): &(NodeId, String)| document.node(*id).as_str().as_deref() == Some(text);
        expected.iter().all(node)
    };
    let count = |document: &Document| document.root().subtree().count();
    match Document::parse(written, document.dialect()) {
        Ok(renamed) if count(&renamed) == count(document) && is_as_expected(&renamed) => renamed,
        _ => {
            unwritable.extend(places);
            document.clone()
        }
    }
}

/// What is written in a string, in the source, and its text then. `None` where the text's form would be another one.
fn in_string(
    node: Node<'_>,
    names: &OfString,
    new: &str,
) -> Option<(Vec<(Range<usize>, String)>, String)> {
    let text = node.as_str()?;
    let places = node.places()?;
    let mut written = String::with_capacity(text.len());
    let mut splices = Vec::with_capacity(names.len());
    let mut at = 0;
    for (name, _) in names {
        splices.push((places.of(name)?, places.written(new)));
        written.push_str(text.get(at..name.start)?);
        written.push_str(new);
        at = name.end;
    }
    written.push_str(&text[at..]);
    let has_same_form =
        |reading| Template::read(&text, reading).has_form_of(&Template::read(&written, reading));
    let is_kept = has_same_form(Reading::Value) && has_same_form(Reading::Script);
    is_kept.then_some((splices, written))
}
