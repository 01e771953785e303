//! One level of indent, and the node that says what it is.

use super::lines::{first_on_line, line_indent, start};
use crate::ocl::node::Node;
use crate::ocl::raw::Kind;

/// Which node says what one level of indent is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Unit {
    /// It was not looked for, or may be another now.
    #[default]
    Unknown,
    /// None does.
    Usual,
    /// The first block or dictionary of the document whose first child is indented.
    Of(u32),
}

/// How much more the first child of a block or dictionary is indented than the line of that.
pub(super) fn indent_in(outer: Node<'_>) -> Option<String> {
    if !matches!(outer.kind(), Kind::Block | Kind::Dictionary) {
        return None;
    }
    let walk = outer.tree().walk();
    let inner = start(outer.children().next()?);
    if !first_on_line(walk, inner) {
        return None;
    }
    let unit = line_indent(walk, inner);
    let unit = unit.strip_prefix(line_indent(walk, start(outer)).as_str())?;
    (!unit.is_empty()).then(|| unit.to_owned())
}
