//! A change of a value, as it is printed.

use crate::report::FileDiff;
use crate::values::{Change, Leaf};

use super::failure::Failure;
use super::output::{Mark, Output};

/// Prints a change of a value, on a line or, for texts of several lines, as their differences.
pub(super) fn print_change(change: &Change<'_>, output: &mut Output) -> Result<(), Failure> {
    let mark = match change {
        Change::Added { .. } => Mark::Added,
        Change::Removed { .. } => Mark::Removed,
        Change::Moved { .. } => Mark::Moved,
        _ => Mark::Changed,
    };
    let (old, new) = (
        change.old_leaf().and_then(lines_of),
        change.new_leaf().and_then(lines_of),
    );
    // Texts of several lines are compared by lines.
    if [&old, &new]
        .into_iter()
        .flatten()
        .any(|text| text.contains('\n'))
    {
        output.change(mark, format_args!("{}:", change.element()))?;
        let side = |text: &Option<String>| match text {
            Some(text) if text.ends_with('\n') => text.clone(),
            Some(text) => format!("{text}\n"),
            None => String::new(),
        };
        let is_text =
            |leaf: Option<&Leaf<'_>>| leaf.is_none_or(|leaf| leaf.value().as_str().is_some());
        if is_text(change.old_leaf()) && is_text(change.new_leaf()) && side(&old) != side(&new) {
            let (old, new) = (side(&old), side(&new));
            let diff = FileDiff::new(Some(("", old.as_bytes())), Some(("", new.as_bytes())));
            return Ok(output.hunks(&diff)?);
        }
    }
    let text = change.to_string();
    // The mark is printed in its colour.
    let text = text.get(2..).unwrap_or_default();
    Ok(output.change(mark, text)?)
}

/// A leaf's text, where it is one.
fn lines_of(leaf: &Leaf<'_>) -> Option<String> {
    leaf.value().as_str().map(str::to_owned)
}
