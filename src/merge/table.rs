//! What the documents of a merge have beside each other.

use std::collections::{HashMap, HashSet};

use super::merger::Found;
use super::seen::Seen;
use crate::catalog::selector::Selector;
use crate::values::{Leaf, Values};

/// A value that the documents of a merge don't all have: what each has there, as it prints; several, where only their order in a list
/// tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedValue {
    /// Where.
    pub selector: Selector,
    /// In the document that both sides come from.
    pub base: Vec<String>,
    /// In ours.
    pub ours: Vec<String>,
    /// In theirs.
    pub theirs: Vec<String>,
    /// In the outcome.
    pub result: Vec<String>,
}

/// The values that aren't the same in all four documents of a merge, in the order of the outcome; behind them, in the order of ours,
/// theirs and base, those that it doesn't have.
#[must_use]
pub fn merged_values(
    base: Values<'_>,
    ours: Values<'_>,
    theirs: Values<'_>,
    result: Values<'_>,
) -> Vec<MergedValue> {
    let nothing = Found::default();
    let seen = [&result, &ours, &theirs, &base].map(|values| Seen::of(values, &nothing));
    let mut order = Vec::new();
    let mut known = HashSet::new();
    for seen in &seen {
        for (place, leaf) in seen.leaves() {
            if known.insert(*place) {
                order.push((*place, leaf.selector()));
            }
        }
    }
    let values = seen.each_ref().map(|seen| {
        let mut at: HashMap<u64, Vec<String>> = HashMap::new();
        for (place, leaf) in seen.leaves() {
            at.entry(*place).or_default().push(told(leaf));
        }
        at
    });
    let [mut result, mut ours, mut theirs, mut base] = values;
    let rows = order.into_iter().filter_map(|(place, selector)| {
        let take = |of: &mut HashMap<u64, Vec<String>>| of.remove(&place).unwrap_or_default();
        let row = MergedValue {
            selector,
            base: take(&mut base),
            ours: take(&mut ours),
            theirs: take(&mut theirs),
            result: take(&mut result),
        };
        let is_same = row.base == row.ours && row.ours == row.theirs && row.theirs == row.result;
        (!is_same).then_some(row)
    });
    rows.collect()
}

/// A text as it is, any other value as it prints.
fn told(leaf: &Leaf<'_>) -> String {
    let value = leaf.value();
    match value.as_str() {
        Some("") | None => value.to_string(),
        Some(text) => text.to_owned(),
    }
}
