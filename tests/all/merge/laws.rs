//! What holds for every merge: checked on random documents, on small ones exhaustively, and on real ones.

use std::collections::BTreeSet;

use ocl_migrate::catalog::Identity;
use ocl_migrate::merge::{MarkedText, MergeError, Side};
use ocl_migrate::ocl::{Dialect, Document, Kind};
use ocl_migrate::values::{Value, Values};

use super::marked::{SIDES, marked, settled};
use super::{described, merged, says_the_same, swapped};

/// All laws, for three documents. Whether they could be merged without a conflict.
pub fn hold(identity: &Identity, documents: &[Document; 3]) -> bool {
    let [base, ours, theirs] = documents;
    for [side, other] in [[ours, theirs], [theirs, ours]] {
        an_unchanged_side_gives_the_other(identity, base, side);
        an_unchanged_side_gives_the_other(identity, other, side);
    }
    swapping_sides_mirrors_the_merge(identity, documents);
    what_is_open_is_settled_by_any_of_the_three(identity, documents);
    let Some(result) = merged_or_refused(identity, documents) else {
        return false;
    };
    every_leaf_comes_from_a_side(identity, documents, &result);
    true
}

/// A document that says the same, and whose text is another one.
fn respaced(document: &Document) -> Document {
    let text = format!("# Written anew.\n\n{document}\n\n# The end.\n");
    Document::parse(text, Dialect::Current).unwrap()
}

fn an_unchanged_side_gives_the_other(identity: &Identity, base: &Document, side: &Document) {
    let unchanged = respaced(base);
    for documents in [
        [base.clone(), unchanged.clone(), side.clone()],
        [base.clone(), side.clone(), unchanged],
    ] {
        let shown = || format!("{}\n--- side\n{}", base, side);
        match merged(identity, &documents) {
            Ok(merged) => {
                let conflicts = merged.conflicts();
                assert!(conflicts.is_empty(), "{}\n{}", conflicts[0], shown());
                let result = merged.document();
                assert!(
                    says_the_same(identity, result, side),
                    "{}\n--- merged\n{result}",
                    shown()
                );
            }
            Err(error) => assert!(
                is_refused(identity, &error, &documents),
                "{error}\n{}",
                shown()
            ),
        }
    }
}

/// Nothing is written with a name twice in one block or dictionary, as nobody would know which of them counts. Which of several
/// blocks with one key is which is a guess, and a guess that doesn't stand the check is refused.
fn is_refused(identity: &Identity, error: &MergeError, documents: &[Document; 3]) -> bool {
    let is_doubled = documents
        .iter()
        .any(|document| !document.doubled_names().is_empty());
    match error {
        MergeError::Edit(error) => error.to_string().contains("there is already"),
        MergeError::Lost { selector } => {
            is_doubled || documents.iter().any(|it| has_alike(identity, it, selector))
        }
        _ => false,
    }
}

/// Whether a document has several blocks with one key, told apart by their places alone, at an address or around it.
fn has_alike(identity: &Identity, document: &Document, lost: &str) -> bool {
    let lost = placeless(lost);
    let alike = alike(identity, document);
    alike.iter().any(|address| lost.starts_with(address))
}

/// An address without places: `["1"]` is a label, `[1]` a place; keys may ignore case.
fn placeless(selector: &str) -> String {
    let parts = selector.split_inclusive(']');
    let named = parts.map(|part| match part.rsplit_once('[') {
        Some((name, place)) if place.trim_end_matches(']').parse::<usize>().is_ok() => name,
        _ => part,
    });
    named.collect::<String>().to_lowercase()
}

/// The addresses, without places, that several blocks of a document have.
fn alike(identity: &Identity, document: &Document) -> Vec<String> {
    let mut blocks: Vec<_> = Values::of(document, identity).root().members().collect();
    let (mut seen, mut alike) = (BTreeSet::new(), Vec::new());
    while let Some(block) = blocks.pop() {
        if block.node().kind() == Kind::Block {
            blocks.extend(block.members());
            let address = placeless(&block.to_string());
            if !seen.insert(address.clone()) {
                alike.push(address);
            }
        }
    }
    alike
}

pub fn swapping_sides_mirrors_the_merge(identity: &Identity, documents: &[Document; 3]) {
    let [base, ours, theirs] = documents;
    let mirror = [base.clone(), theirs.clone(), ours.clone()];
    let shown = || format!("{base}\n--- ours\n{ours}\n--- theirs\n{theirs}");
    match (merged(identity, documents), merged(identity, &mirror)) {
        (Ok(merged), Ok(mirrored)) => {
            let conflicts: BTreeSet<_> = merged.conflicts().iter().map(described).collect();
            let swapped: BTreeSet<_> = mirrored.conflicts().iter().map(swapped).collect();
            assert_eq!(conflicts, swapped, "{}", shown());
            if conflicts.is_empty() {
                let [a, b] = [merged.document(), mirrored.document()];
                assert!(
                    says_the_same(identity, a, b),
                    "{}\n--- merged\n{a}\n--- mirrored\n{b}",
                    shown()
                );
            }
        }
        (merged, mirrored) => {
            for outcome in [merged, mirrored] {
                match outcome {
                    Ok(_) => {}
                    Err(error) => assert!(
                        is_refused(identity, &error, documents),
                        "{error}\n{}",
                        shown()
                    ),
                }
            }
        }
    }
}

/// The text with markers is read back as it is, and settled for one side it is that side's merge. What is settled for the base
/// has nothing of either side: merged with a side, it gives that side's merge.
pub fn what_is_open_is_settled_by_any_of_the_three(identity: &Identity, documents: &[Document; 3]) {
    let Ok(merge) = merged(identity, documents) else {
        return;
    };
    let [base, ours, theirs] = documents;
    let shown = || format!("{base}\n--- ours\n{ours}\n--- theirs\n{theirs}");
    let outcomes = SIDES.map(|side| match settled(identity, documents, side) {
        Ok(outcome) => Some(outcome),
        Err(error) => {
            assert!(
                is_refused(identity, &error, documents),
                "{side:?} {error}\n{}",
                shown()
            );
            None
        }
    });
    let [Some(for_base), Some(for_ours), Some(for_theirs)] = outcomes else {
        return;
    };
    match marked(identity, documents) {
        Ok(marked) => {
            let text = marked.text.to_string();
            let read = MarkedText::parse(&text).unwrap();
            assert!(read.open().eq(marked.text.open()), "{text}");
            assert_eq!(read.to_string(), text);
            for (side, outcome) in SIDES.into_iter().zip([&for_base, &for_ours, &for_theirs]) {
                assert_eq!(read.settled(side), outcome.text(), "{side:?}\n{text}");
            }
            let has_open = marked.text.open().next().is_some();
            let is_one_outcome = for_ours.text() == for_theirs.text();
            assert!(
                has_open || merge.conflicts().is_empty() || is_one_outcome,
                "{}",
                shown()
            );
        }
        Err(error) => assert!(matches!(error, MergeError::Marker { .. }), "{error}"),
    }
    // Where blocks stand that are open, or that both added in one place, is as ours has it: places don't count.
    let leaves = |document: &Document| {
        let leaves = Values::of(document, identity).leaves();
        let leaves = leaves.map(|leaf| leaf.to_string());
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let placeless = leaves.map(|leaf| {
            let parts = leaf.split(['[', ']']).filter(|part| !digits(part));
            parts.collect::<Vec<_>>().join("[]")
        });
        placeless.collect::<BTreeSet<_>>()
    };
    let mirror = [base.clone(), theirs.clone(), ours.clone()];
    if let Ok(mirrored) = settled(identity, &mirror, Side::Base) {
        assert_eq!(leaves(&for_base), leaves(&mirrored), "{}", shown());
    }
}

fn merged_or_refused(identity: &Identity, documents: &[Document; 3]) -> Option<Document> {
    let merged = merged(identity, documents).ok()?;
    let is_whole = merged.conflicts().is_empty();
    is_whole.then(|| merged.document().clone())
}

/// No value is invented: it stands in a side under the same name, or its lines do.
fn every_leaf_comes_from_a_side(
    identity: &Identity,
    [_, ours, theirs]: &[Document; 3],
    result: &Document,
) {
    let leaves = |document: &Document| -> BTreeSet<String> {
        let leaves = Values::of(document, identity).leaves();
        leaves
            .flat_map(|leaf| {
                let name = leaf.element().name().into_owned();
                match leaf.value() {
                    Value::String(text) if text.contains('\n') => text
                        .lines()
                        .map(|line| format!("{name} {line:?}"))
                        .collect(),
                    value => vec![format!("{name} {value}")],
                }
            })
            .collect()
    };
    let sides: BTreeSet<String> = leaves(ours).union(&leaves(theirs)).cloned().collect();
    for leaf in leaves(result) {
        // That something is empty now is what both sides made of it.
        let is_empty = leaf.ends_with("{}") || leaf.ends_with("[]");
        assert!(
            is_empty || sides.contains(&leaf),
            "{leaf} is in no side:\n{ours}\n--- theirs\n{theirs}\n--- merged\n{result}"
        );
    }
}
