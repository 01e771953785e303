//! What a step's selector selects.

use std::borrow::Cow;

use super::path::{Qualifier, Segment, Selector};
use crate::ocl::{Kind, Node, NodeId};

/// The result of a selector.
#[derive(Debug, Default)]
pub(crate) struct Selected {
    pub(crate) nodes: Vec<NodeId>,
    /// The number of nodes that were visited.
    pub(crate) looked_at: usize,
}

impl Selector {
    /// The blocks and dictionaries that a step's selector selects below `start` (or `start` itself for the empty path), in
    /// document order, each once.
    pub(crate) fn select(&self, start: Node<'_>) -> Selected {
        let mut selected = Selected::default();
        self.descend(start, &[0], &mut selected);
        selected
    }

    /// Descends into a node. `reached` has the numbers of segments matched on the way: `**` may match in several ways.
    fn descend(&self, node: Node<'_>, reached: &[usize], selected: &mut Selected) {
        let mut open = Vec::with_capacity(self.segments().len());
        for &segments in reached {
            // `**` may match no level at all.
            let rest = &self.segments()[segments..];
            let depths = rest.iter().take_while(|next| **next == Segment::AnyDepth);
            (segments..=segments + depths.count()).for_each(|next| add(&mut open, next));
        }
        if open.contains(&self.segments().len()) {
            selected.nodes.push(node.id());
        }
        open.retain(|&segments| segments < self.segments().len());
        if open.is_empty() {
            return;
        }
        let mut within = Vec::with_capacity(open.len());
        for child in node.children() {
            selected.looked_at += 1;
            let Some((name, child)) = container(child) else {
                continue;
            };
            within.clear();
            for &segments in &open {
                match &self.segments()[segments] {
                    Segment::AnyDepth => add(&mut within, segments),
                    segment if segment.selects(&name, child) => add(&mut within, segments + 1),
                    Segment::Child { .. } => {}
                }
            }
            if !within.is_empty() {
                self.descend(child, &within, selected);
            }
        }
    }
}

impl Segment {
    fn selects(&self, type_name: &str, child: Node<'_>) -> bool {
        match self {
            Self::AnyDepth => true,
            Self::Child { name, qualifiers } => {
                name.as_ref().is_none_or(|name| type_name == name) && has_labels(child, qualifiers)
            }
        }
    }
}

fn add(numbers: &mut Vec<usize>, number: usize) {
    if !numbers.contains(&number) {
        numbers.push(number);
    }
}

/// A block, or the dictionary of an attribute or entry, with the name that selectors use.
fn container(child: Node<'_>) -> Option<(Cow<'_, str>, Node<'_>)> {
    match child.kind() {
        Kind::Block => Some((child.name(), child)),
        Kind::Attribute | Kind::Entry => {
            let value = child.value()?;
            (value.kind() == Kind::Dictionary).then(|| (child.name(), value))
        }
        _ => None,
    }
}

fn has_labels(node: Node<'_>, wanted: &[Qualifier]) -> bool {
    let mut labels = node.labels();
    wanted.iter().all(|wanted| {
        let label = labels.next().and_then(|label| label.as_str());
        matches!((wanted, label), (Qualifier::Text(wanted), Some(label)) if label == *wanted)
    })
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

    /// The places of the selected nodes.
    fn select(selector: &str) -> Vec<String> {
        let document = Document::parse(DOCUMENT, Dialect::Current).unwrap();
        let selector = Selector::parse_plain(selector).unwrap();
        let found = selector.select(document.root());
        found
            .nodes
            .into_iter()
            .map(|id| document.node(id).place())
            .collect()
    }

    fn refuse(selector: &str) -> (std::ops::Range<usize>, String) {
        Selector::parse_plain(selector).unwrap_err()
    }

    #[test]
    fn the_empty_path_selects_its_start() {
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
    fn scalars_and_lists_are_never_selected() {
        assert_eq!(select("name"), [""; 0]);
        assert_eq!(select("list"), [""; 0]);
        assert_eq!(select("absent.further"), [""; 0]);
    }

    #[test]
    fn labels_match_from_the_first_on() {
        assert_eq!(
            select("step[\"deploy\"]"),
            select("step[\"deploy\"][\"eu\"]")
        );
        assert_eq!(select("step[\"deploy\"]").len(), 1);
        assert_eq!(select("step[\"eu\"]"), [""; 0]);
        assert_eq!(select("step[\"test\"][\"eu\"]"), [""; 0]);
        assert_eq!(select("step[\"deploy\"].action[\"deploy\"]").len(), 1);
        assert_eq!(select("*[\"test\"]"), ["step[\"test\"]"]);
        // A label may contain characters that would end a name.
        assert_eq!(select("step[\"a.b]\"]"), [""; 0]);
    }

    #[test]
    fn a_star_is_any_name_and_two_are_any_depth() {
        assert_eq!(select("*").len(), 4);
        assert_eq!(select("*.*").len(), 4);
        assert_eq!(select("**.properties").len(), 3);
        assert_eq!(select("**.step").len(), 3);
        assert_eq!(select("step.**").len(), 8);
        // The whole document is at depth 0.
        assert_eq!(select("**").len(), 11);
    }

    #[test]
    fn visited_nodes_are_counted() {
        let document = Document::parse(DOCUMENT, Dialect::Current).unwrap();
        let looked_at = |selector| {
            let selector = Selector::parse_plain(selector).unwrap();
            selector.select(document.root()).looked_at
        };
        assert_eq!(looked_at(""), 0);
        assert_eq!(looked_at("absent"), 6);
        assert_eq!(looked_at("step"), 6);
        assert_eq!(looked_at("odd-name.absent"), 6);
        assert_eq!(looked_at("properties.absent"), 7);
    }

    #[test]
    fn a_node_reached_in_two_ways_is_selected_once() {
        assert_eq!(select("**.**"), select("**"));
        assert_eq!(select("**.**.properties"), select("**.properties"));
    }

    #[test]
    fn errors_have_their_span() {
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
            ("a[\"b]", 2..5, "this quote is not closed".into()),
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
