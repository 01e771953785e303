//! The check of every merge: what one side changed is in the result, and nothing else is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::count::Count;
use super::error::MergeError;
use super::member::Three;
use super::merger::{Found, is_hollow};
use crate::values::{Element, Leaf, Values};

/// Counts the leaves of all four documents, by place and value. It knows nothing of how these were matched: a position isn't part
/// of a place.
///
/// What a conflict is about isn't counted.
pub(super) fn check(
    documents: &Three<Values<'_>>,
    result: Values<'_>,
    found: &Found<'_>,
) -> Result<(), MergeError> {
    let mut counts: HashMap<u64, Count> = HashMap::new();
    let Three { base, ours, theirs } = documents;
    let alike = in_all([base, ours, theirs, &result]);
    visit(base, &alike, found, &mut |leaf, _| {
        counts.entry(leaf).or_default().base += 1
    });
    visit(ours, &alike, found, &mut |leaf, _| {
        counts.entry(leaf).or_default().ours += 1
    });
    visit(theirs, &alike, found, &mut |leaf, _| {
        counts.entry(leaf).or_default().theirs += 1
    });
    visit(&result, &alike, found, &mut |leaf, _| {
        counts.entry(leaf).or_default().result += 1
    });
    let is_right = counts.values().all(|count| count.is_right());
    let mut wrong = None;
    let to_tell = [base, ours, theirs, &result];
    for values in to_tell.into_iter().filter(|_| !is_right) {
        visit(values, &alike, found, &mut |leaf, element| {
            let count = counts.get(&leaf).copied().unwrap_or_default();
            if wrong.is_none() && !count.is_right() {
                wrong = Some(element.to_string());
            }
        });
    }
    let mut missing = found.texts.clone();
    if !missing.is_empty() {
        result.leaves().for_each(|leaf| {
            let place = leaf.element().place();
            if missing
                .get(&place)
                .is_some_and(|text| leaf.value().as_str() == Some(text))
            {
                missing.remove(&place);
            }
        });
    }
    let unwritten = if missing.is_empty() {
        None
    } else {
        let mut leaves = ours.leaves();
        leaves.find(|leaf| missing.contains_key(&leaf.element().place()))
    };
    let wrong = wrong.or(unwritten.map(|leaf| leaf.element().to_string()));
    match wrong {
        Some(selector) => Err(MergeError::Lost { selector }),
        None => Ok(()),
    }
}

/// What stands directly in each of the documents, in the same bytes, and how often in each. Counted or not, it adds as much to each of
/// the four counts, so that what they say of a merge is the same.
fn in_all<'a>(documents: [&Values<'a>; 4]) -> HashMap<Cow<'a, str>, usize> {
    let [first, others @ ..] = documents;
    let reads_alike = |other: &&Values<'_>| std::ptr::eq(first.identity(), other.identity());
    if !others.iter().all(reads_alike) {
        return HashMap::new();
    }
    let parts = |values: &Values<'a>| {
        let mut parts: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for child in values.document().root().children() {
            *parts.entry(child.source()).or_default() += 1;
        }
        parts
    };
    let mut alike = parts(first);
    for other in others {
        let there = parts(other);
        alike.retain(|part, count| {
            *count = (*count).min(there.get(part).copied().unwrap_or_default());
            *count > 0
        });
    }
    alike
}

/// Visits the leaves that are counted, but for those that are `alike` in all documents, each with a number for its place and value.
fn visit<'a>(
    values: &Values<'a>,
    alike: &HashMap<Cow<'_, str>, usize>,
    found: &Found<'_>,
    counted: &mut dyn FnMut(u64, &Element<'a>),
) {
    if found.open.contains(&0) {
        return;
    }
    let mut left = alike.clone();
    for member in values.root().members() {
        match left.get_mut(&*member.node().source()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => visit_in(&member, member.place_in(0), found, counted),
        }
    }
}

fn visit_in<'a>(
    element: &Element<'a>,
    place: u64,
    found: &Found<'_>,
    counted: &mut dyn FnMut(u64, &Element<'a>),
) {
    if found.open.contains(&place) {
        return;
    }
    let (leaf, members) = element.leaf_and_members();
    // That something holds nothing follows from what it holds.
    let leaf = leaf.filter(|leaf| !is_hollow(leaf));
    let is_told = found.open_values.contains(&place) || found.texts.contains_key(&place);
    if let Some(leaf) = leaf.filter(|_| !is_told) {
        counted(number(place, &leaf), element);
    }
    for member in &members {
        visit_in(member, member.place_in(place), found, counted);
    }
}

fn number(place: u64, leaf: &Leaf<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    // The item of a set is its place, however it is spelt.
    if !leaf.element().is_item_of_set() {
        leaf.value().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Identity;
    use crate::ocl::{Dialect, Document};

    /// The address that is wrong in a result.
    fn wrong(documents: [&str; 3], result: &str) -> Option<String> {
        let parse = |text: &str| Document::parse(text, Dialect::Current).unwrap();
        let identity = Identity::parse("set \"s\" {}").unwrap();
        let [base, ours, theirs] = documents.map(parse);
        let [base, ours, theirs] =
            [&base, &ours, &theirs].map(|document| Values::of(document, &identity));
        let documents = Three { base, ours, theirs };
        let result = parse(result);
        let found = check(
            &documents,
            Values::of(&result, &identity),
            &Found::default(),
        );
        found.err().map(|error| match error {
            MergeError::Lost { selector } => selector,
            other => panic!("{other}"),
        })
    }

    #[test]
    fn what_is_lost_doubled_or_invented_is_found() {
        let base = "a = 1\nb = 2\nc = 3\nl = [1, 2]\ns = [\"x\"]\nblock \"k\" {\n    v = 1\n}\n";
        let ours = base.replace("a = 1", "a = 11").replace("c = 3\n", "");
        let theirs = base
            .replace("b = 2", "b = 22")
            .replace("[1, 2]", "[1, 2, 3]")
            .replace("\"x\"", "\"x\", \"y\"")
            .replace("v = 1", "v = 2");
        let right = theirs.replace("a = 1", "a = 11").replace("c = 3\n", "");
        let wrong = |result: &str| wrong([base, &ours, &theirs], result);
        assert_eq!(wrong(&right), None);
        for (from, to, expected) in [
            // A change that isn't there, of ours and of theirs.
            ("a = 11", "a = 1", "a"),
            ("b = 22", "b = 2", "b"),
            ("b = 22", "b = 22\nc = 3", "c"),
            (", 3]", "]", "l[2]"),
            (", \"y\"", "", "s{y}"),
            ("v = 2", "v = 1", "block[\"k\"].v"),
            // More than they made of it, and what neither did.
            (", 3]", ", 3, 3]", "l[2]"),
            ("b = 22", "b = 222", "b"),
            ("\"k\"", "\"j\"", "block[\"k\"].v"),
            ("a = 11", "a = 11\nd = 4", "d"),
        ] {
            let result = right.replace(from, to);
            assert_ne!(result, right);
            assert_eq!(wrong(&result).as_deref(), Some(expected), "{result}");
        }
    }
}
