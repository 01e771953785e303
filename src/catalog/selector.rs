//! Paths that select parts of a document: what a step's `in` block selects, and what an address is written in.

mod parse;
mod print;

use std::borrow::Cow;

use crate::ocl::{Kind, Node, NodeId};
pub use parse::SyntaxError;
pub(crate) use parse::leading_text;
pub(crate) use print::{
    needs_escape, write_item, write_key, write_name, write_no_label, write_position, write_quoted,
    write_text,
};

/// Under which name a selector finds the labels of a block where they are neither its key nor its value.
pub(crate) const LABELS: &str = crate::ocl::LABELS;

/// A path of block types, attributes and dictionaries: `step["deploy"].action`, `**.properties`.
///
/// A segment is a name, `*` for any, or `**` for any depth. After a name stands what narrows it:
///
/// | written | means |
/// |---|---|
/// | `["x"]` | the block with this label (several: one after the other); the entry of a dictionary with this key |
/// | `[]` | the block without labels, or without further ones |
/// | `{a=x, b=[y, z]}` | the block whose key has exactly these attributes; `{}`: none of them |
/// | `{x}` | the item of a list that is this string, number, boolean or null |
/// | `[2]` | of several siblings, or of a list's items, the one at this position, from 0 |
///
/// A string in quotes has the escapes `\"`, `\\`, `\n`, `\r`, `\t` and `\u{1b}`. Between braces a string that begins with
/// a letter and holds letters, digits, `_`, `-`, `.`, `/` and `:` alone needs no quotes. The empty selector is the whole
/// document.
///
/// The `in` of a step has names and labels only.
///
/// ```
/// use ocl_migrate::values::Selector;
///
/// let selector: Selector = r#"variable["Retries"].value{environment = production}"#.parse()?;
/// assert_eq!(selector.to_string(), r#"variable["Retries"].value{environment=production}"#);
/// # Ok::<(), ocl_migrate::values::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Selector {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Segment {
    /// What has this name, or any, in the node.
    Child {
        name: Option<String>,
        qualifiers: Vec<Qualifier>,
    },
    /// The node itself and everything below it.
    AnyDepth,
}

/// What narrows a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Qualifier {
    /// `["x"]`
    Text(String),
    /// `[]`
    NoLabel,
    /// `{a=x}`
    Key(Vec<(String, KeyValue<'static>)>),
    /// `{x}`
    Item(Scalar<'static>),
    /// `[2]`
    Position(u32),
}

/// A value that holds no others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
}

/// What an attribute adds to the key of its block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyValue<'a> {
    One(Scalar<'a>),
    Many(Vec<Scalar<'a>>),
}

impl Selector {
    pub(crate) fn new(segments: Vec<Segment>) -> Selector {
        Selector { segments }
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether it is the whole document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether it has a `**`.
    pub(crate) fn looks_into_any_depth(&self) -> bool {
        self.segments.contains(&Segment::AnyDepth)
    }

    /// Whether it selects by labels.
    pub(crate) fn goes_by_label(&self) -> bool {
        let mut segments = self.segments.iter();
        segments.any(
            |segment| matches!(segment, Segment::Child { qualifiers, .. } if !qualifiers.is_empty()),
        )
    }

    /// Whether it is names alone, with neither `*` nor `**`.
    pub(crate) fn is_plain(&self) -> bool {
        let mut segments = self.segments.iter();
        segments.all(|segment| matches!(segment, Segment::Child { name: Some(_), .. }))
    }

    /// The blocks and dictionaries that a step's selector selects below `start` (or `start` itself for the empty path), in
    /// document order, each once.
    pub(crate) fn select(&self, start: Node<'_>) -> Vec<NodeId> {
        let mut found = vec![start];
        for segment in &self.segments {
            let mut next = Vec::new();
            for node in found {
                match segment {
                    Segment::Child { name, qualifiers } => next.extend(
                        containers(node)
                            .filter(|(type_name, child)| {
                                name.as_ref().is_none_or(|name| type_name == name)
                                    && has_labels(*child, qualifiers)
                            })
                            .map(|(_, child)| child),
                    ),
                    Segment::AnyDepth => descend(node, &mut next),
                }
            }
            next.sort_by_key(|node| node.id());
            next.dedup_by_key(|node| node.id());
            found = next;
        }
        found.into_iter().map(|node| node.id()).collect()
    }
}

/// The blocks and dictionaries directly in a node, each with the name a selector knows it by.
fn containers(node: Node<'_>) -> impl Iterator<Item = (Cow<'_, str>, Node<'_>)> {
    node.children().filter_map(|child| match child.kind() {
        Kind::Block => Some((child.name(), child)),
        Kind::Attribute | Kind::Entry => {
            let value = child.value()?;
            (value.kind() == Kind::Dictionary).then(|| (child.name(), value))
        }
        _ => None,
    })
}

fn has_labels(node: Node<'_>, wanted: &[Qualifier]) -> bool {
    let mut labels = node.labels();
    wanted.iter().all(|wanted| {
        let label = labels.next().and_then(|label| label.as_str());
        matches!((wanted, label), (Qualifier::Text(wanted), Some(label)) if label == *wanted)
    })
}

fn descend<'a>(node: Node<'a>, into: &mut Vec<Node<'a>>) {
    into.push(node);
    for (_, child) in containers(node) {
        descend(child, into);
    }
}

impl Scalar<'_> {
    pub(crate) fn into_owned(self) -> Scalar<'static> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(value),
            Self::Number(text) => Scalar::Number(text.into_owned().into()),
            Self::String(text) => Scalar::String(text.into_owned().into()),
        }
    }
}

impl KeyValue<'_> {
    pub(crate) fn into_owned(self) -> KeyValue<'static> {
        match self {
            Self::One(scalar) => KeyValue::One(scalar.into_owned()),
            Self::Many(items) => {
                KeyValue::Many(items.into_iter().map(Scalar::into_owned).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocl::{Dialect, Document};

    const DOCUMENT: &str = r#"name = "Deploy"
properties = {
    a = "1"
}
list = ["not a container"]

step "deploy" "eu" {
    properties = {
        b = "2"
    }

    action "deploy" {
        properties = {
            c = "3"
        }
    }

    action {
    }
}

step "test" {
    action "run" {
        step "inner" {
        }
    }
}

odd-name {
}
"#;

    /// The places that a selector selects.
    fn select(selector: &str) -> Vec<String> {
        let document = Document::parse(DOCUMENT, Dialect::Current).unwrap();
        let selector = Selector::parse(selector).unwrap();
        let found = selector.select(document.root());
        found
            .into_iter()
            .map(|id| document.node(id).place())
            .collect()
    }

    fn refuse(selector: &str) -> (std::ops::Range<usize>, String) {
        Selector::parse(selector).unwrap_err()
    }

    #[test]
    fn the_empty_path_selects_where_it_starts() {
        assert_eq!(select(""), [""]);
    }

    #[test]
    fn names_select_blocks_and_dictionaries_in_document_order() {
        assert_eq!(
            select("step"),
            ["step[\"deploy\"][\"eu\"]", "step[\"test\"]"]
        );
        assert_eq!(select("properties"), ["properties"]);
        assert_eq!(select("\"odd-name\""), select("odd-name"));
        assert_eq!(select("step.action.properties").len(), 1);
        assert_eq!(select("step.action").len(), 3);
    }

    #[test]
    fn what_holds_no_others_is_never_selected() {
        assert_eq!(select("name"), [""; 0]);
        assert_eq!(select("list"), [""; 0]);
        assert_eq!(select("absent.further"), [""; 0]);
    }

    #[test]
    fn labels_narrow_from_the_first_on() {
        assert_eq!(
            select("step[\"deploy\"]"),
            select("step[\"deploy\"][\"eu\"]")
        );
        assert_eq!(select("step[\"deploy\"]").len(), 1);
        assert_eq!(select("step[\"eu\"]"), [""; 0]);
        assert_eq!(select("step[\"test\"][\"eu\"]"), [""; 0]);
        assert_eq!(select("step[\"deploy\"].action[\"deploy\"]").len(), 1);
        assert_eq!(select("*[\"test\"]"), ["step[\"test\"]"]);
        // A label may hold what would end a name.
        assert_eq!(select("step[\"a.b]\"]"), [""; 0]);
    }

    #[test]
    fn a_star_is_any_name_and_two_are_any_depth() {
        assert_eq!(select("*").len(), 4);
        assert_eq!(select("*.*").len(), 4);
        assert_eq!(select("**.properties").len(), 3);
        assert_eq!(select("**.step").len(), 3);
        assert_eq!(select("step.**").len(), 8);
        // The whole document is at depth nought.
        assert_eq!(select("**").len(), 11);
    }

    #[test]
    fn a_node_reached_in_two_ways_is_selected_once() {
        assert_eq!(select("**.**"), select("**"));
        assert_eq!(select("**.**.properties"), select("**.properties"));
    }

    #[test]
    fn mistakes_are_refused_at_their_place() {
        let name = "expected a block type, an attribute, `*` or `**` in the selector, found";
        for (selector, place, message) in [
            (".", 0..1, format!("{name} `.`")),
            ("a..b", 2..3, format!("{name} `.`")),
            ("a.", 2..2, format!("{name} the end")),
            (
                "a b",
                1..2,
                "expected `.` in the selector, found ` `".into(),
            ),
            (
                "a[b]",
                2..3,
                "expected `\"` in the selector, found `b`".into(),
            ),
            (
                "a[\"b\"",
                5..5,
                "expected `]` in the selector, found the end".into(),
            ),
            ("a[\"b]", 2..5, "this quote is never closed".into()),
            (
                "***",
                2..3,
                "expected `.` in the selector, found `*`".into(),
            ),
            (
                "**[\"a\"]",
                2..3,
                "expected `.` in the selector, found `[`".into(),
            ),
            (
                "é.ü!",
                5..6,
                "expected `.` in the selector, found `!`".into(),
            ),
        ] {
            assert_eq!(refuse(selector), (place, message), "{selector}");
        }
    }
}
