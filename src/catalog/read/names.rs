//! Names that steps give: those that no value of a document can have are refused.

use std::ops::Range;

use crate::catalog::expression::{Compiler, Expression, ExpressionKind};
use crate::ocl::is_name;

const NAMES: &str = "a name has letters, digits, `_` and `-`";

/// Refuses a name that nothing can have. The keys of a dictionary can be any text but an empty one.
pub(super) fn refuse_impossible(
    name: &str,
    is_in_dictionary: bool,
    span: Range<usize>,
    compiler: &mut Compiler<'_>,
) {
    if name.is_empty() {
        compiler.problem_with_help(span, "a name can't be empty", NAMES);
    } else if !is_in_dictionary && !is_name(name) {
        let message = format!("{name:?} can't be the name of an attribute or a block");
        compiler.problem_with_help(span, message, NAMES);
    }
}

/// The same of the names that are written as the keys of an object.
pub(super) fn refuse_impossible_keys(
    entries: &[(Expression, Expression)],
    is_in_dictionary: bool,
    compiler: &mut Compiler<'_>,
) {
    for (key, _) in entries {
        if let ExpressionKind::String(name) = &key.kind {
            refuse_impossible(name, is_in_dictionary, key.span.clone(), compiler);
        }
    }
}

/// Refuses what gives a value the name that it has, at the place where it is.
pub(super) fn refuse_same(old: &str, new: &str, span: Range<usize>, compiler: &mut Compiler<'_>) {
    if old == new {
        let message = format!("`{old}` would stay where it is, and keep its name");
        let help = "give it another name or place, or leave it out";
        compiler.problem_with_help(span, message, help);
    }
}
