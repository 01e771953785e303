//! Blocks that got another key on one side, taken for the same.

use super::conflict::{Conflict, ConflictKind};
use super::error::MergeError;
use super::run::{Merged, merge};
use crate::ocl::{Document, Kind, Literal, Node, NodeId};
use crate::values::{Element, Values};

/// A part of a block's key in one of the three documents.
enum KeyEdit {
    Label {
        block: NodeId,
        at: usize,
        text: String,
    },
    Value {
        at: NodeId,
        value: Literal,
    },
}

/// Base, ours and theirs with each block under the key that one side alone seems to have given it, so that the other side's changes
/// to it are merged with it. `None` where there is no such block. That the blocks are the same is for a person to say.
///
/// What got another number of labels, or other attributes as its key, isn't followed; nor what would leave more to decide than
/// before.
///
/// # Errors
/// As for [`merge()`].
pub fn follow_renames(
    base: Values<'_>,
    ours: Values<'_>,
    theirs: Values<'_>,
) -> Result<Option<[Document; 3]>, MergeError> {
    let identity = ours.identity();
    let befores = [base, ours, theirs].map(|values| values.before());
    let merge_of = |documents: &[Document; 3]| {
        let values = |at: usize| {
            let values = Values::of(&documents[at], identity);
            befores[at].map_or(values, |it| values.lifted_from(it.document, it.shape))
        };
        let merged = merge(values(0), values(1), values(2))?;
        Ok::<_, MergeError>((merged.conflicts().len(), edits(&merged)))
    };
    let mut documents = [base, ours, theirs].map(|values| values.document().clone());
    let (mut open, mut found) = merge_of(&documents)?;
    let mut has_followed = false;
    // Each round leaves less to decide.
    while found.iter().any(|edits| !edits.is_empty()) {
        let mut followed = documents.clone();
        for (document, edits) in followed.iter_mut().zip(found) {
            if !edits.is_empty() {
                *document = edited(document, edits)?;
            }
        }
        let (still_open, found_again) = merge_of(&followed)?;
        if still_open >= open {
            break;
        }
        (documents, open, found) = (followed, still_open, found_again);
        has_followed = true;
    }
    Ok(has_followed.then_some(documents))
}

/// What gives base and the side that kept a key the other side's.
fn edits(merged: &Merged<'_>) -> [Vec<KeyEdit>; 3] {
    let mut edits = [Vec::new(), Vec::new(), Vec::new()];
    let conflicts = merged.conflicts().iter();
    for conflict in conflicts.filter(|conflict| conflict.kind == ConflictKind::Identity) {
        let Conflict {
            base: Some(base),
            ours: Some(ours),
            theirs: Some(theirs),
            ..
        } = conflict
        else {
            continue;
        };
        let has_key_of_base = |side: &Element<'_>| side.selector() == base.selector();
        let (renamed, kept, place) = match (has_key_of_base(ours), has_key_of_base(theirs)) {
            (false, true) => (ours, theirs, 2),
            (true, false) => (theirs, ours, 1),
            _ => continue,
        };
        if let (Some(of_base), Some(of_kept)) = (key_of(base, renamed), key_of(kept, renamed)) {
            edits[0].extend(of_base);
            edits[place].extend(of_kept);
        }
    }
    edits
}

/// What gives an element the key of another one; `None` where they aren't written alike.
fn key_of(element: &Element<'_>, renamed: &Element<'_>) -> Option<Vec<KeyEdit>> {
    let (old, new) = (element.key_nodes(), renamed.key_nodes());
    let name = |node: &Node<'_>| node.parent().map(|holder| holder.name().into_owned());
    let is_alike = |(old, new): (&Node<'_>, &Node<'_>)| {
        old.kind() == Kind::Label && new.kind() == Kind::Label
            || old.kind() != Kind::Label && new.kind() != Kind::Label && name(old) == name(new)
    };
    if old.len() != new.len() || !old.iter().zip(&new).all(is_alike) {
        return None;
    }
    let edits = old.iter().zip(&new).enumerate();
    let edits = edits.map(|(at, (old, new))| match old.kind() {
        Kind::Label => KeyEdit::Label {
            block: element.node().id(),
            at,
            text: new.as_str().unwrap_or_default().into_owned(),
        },
        _ => KeyEdit::Value {
            at: old.id(),
            value: Literal::from(*new),
        },
    });
    Some(edits.collect())
}

fn edited(document: &Document, edits: Vec<KeyEdit>) -> Result<Document, MergeError> {
    let mut editor = document.clone().edit();
    for edit in edits {
        match edit {
            KeyEdit::Label { block, at, text } => editor.set_label(block, at, &text)?,
            KeyEdit::Value { at, value } => editor.replace(at, value)?,
        }
    }
    let text = editor.text();
    Document::parse(text, document.dialect()).map_err(|error| MergeError::Parse(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::ocl::Dialect;

    #[test]
    fn changes_reach_a_block_under_its_new_key() {
        let catalog = Catalog::builtin();
        let identity = catalog.identity("deployment_process");
        let parse = |text: &str| Document::parse(text, Dialect::Current).unwrap();
        let base = "step \"a\" {\n    name = \"A\"\n    x = 1\n    y = 1\n    z = 1\n}\n";
        let renamed = base
            .replace("step \"a\"", "step \"b\"")
            .replace("y = 1", "y = 2");
        let changed = base.replace("x = 1", "x = 2");
        let expected = "step \"b\" {\n    name = \"A\"\n    x = 2\n    y = 2\n    z = 1\n}\n";
        for [ours, theirs] in [[&renamed, &changed], [&changed, &renamed]] {
            let documents = [base, ours, theirs].map(parse);
            let values = documents
                .each_ref()
                .map(|document| Values::of(document, identity));
            let [base, ours, theirs] = values;
            assert_eq!(merge(base, ours, theirs).unwrap().conflicts().len(), 1);
            let followed = follow_renames(base, ours, theirs).unwrap().unwrap();
            let [base, ours, theirs] = followed
                .each_ref()
                .map(|document| Values::of(document, identity));
            let merged = merge(base, ours, theirs).unwrap();
            assert!(merged.conflicts().is_empty());
            assert_eq!(merged.document().text(), expected);
        }
        // Both gave it another key: nobody can tell.
        let other = base.replace("step \"a\"", "step \"c\"");
        let documents = [base, &renamed, &other].map(parse);
        let [base, ours, theirs] = documents
            .each_ref()
            .map(|document| Values::of(document, identity));
        assert!(follow_renames(base, ours, theirs).unwrap().is_none());
    }
}
