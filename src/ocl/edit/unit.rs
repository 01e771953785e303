//! One level of indent, and the node that defines it.

use super::lines::{first_on_line, line_indent, start};
use crate::ocl::node::Node;
use crate::ocl::raw::Kind;

/// The node that defines one level of indent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Unit {
    /// Not searched yet, or possibly changed.
    #[default]
    Unknown,
    /// No node does.
    Usual,
    /// The first block or dictionary of the document whose first child is indented.
    Of(u32),
}

/// How much more the first child of a block or dictionary is indented than the line of its parent.
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
