//! From a place in the plain JSON view back to the node that stands there.

use crate::ocl::{Kind, LABELS, Node};

/// The node that a JSON pointer of the plain view leads to: a value, a block, a label. Where it leads to all blocks of one type or to
/// all labels, the first of them; where to nothing, the last node on the way.
pub(super) fn node<'a>(root: Node<'a>, pointer: &str) -> Node<'a> {
    let mut node = root;
    let mut segments = pointer.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let next = match node.kind() {
            Kind::Block if name == LABELS => pick(node.labels().collect(), &mut segments),
            Kind::Document | Kind::Block => pick_member(node, &name, &mut segments),
            Kind::Dictionary => node.get(&name),
            Kind::List => name
                .parse()
                .ok()
                .and_then(|index| node.children().nth(index)),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// The node of that index, if an index follows, else the first.
fn pick<'a, 's>(
    nodes: Vec<Node<'a>>,
    segments: &mut std::iter::Peekable<impl Iterator<Item = &'s str>>,
) -> Option<Node<'a>> {
    let index = segments
        .peek()
        .and_then(|segment| segment.parse::<usize>().ok());
    if index.is_some() {
        segments.next();
    }
    nodes.get(index.unwrap_or(0)).copied()
}

/// What stands under a name in a document or block: an attribute's value, else the blocks of that type, and perhaps the last
/// attribute of that name among them.
fn pick_member<'a, 's>(
    node: Node<'a>,
    name: &str,
    segments: &mut std::iter::Peekable<impl Iterator<Item = &'s str>>,
) -> Option<Node<'a>> {
    let last_attribute = node.member(name);
    let mut blocks: Vec<Node<'a>> = Vec::new();
    let mut has_blocks = false;
    for child in node.children().filter(|child| child.name() == name) {
        has_blocks |= child.kind() == Kind::Block;
        if child.kind() == Kind::Block || Some(child) == last_attribute {
            blocks.push(child);
        }
    }
    if !has_blocks {
        return last_attribute?.value();
    }
    let chosen = pick(blocks, segments)?;
    Some(chosen.value().unwrap_or(chosen))
}

/// The member of that name which is an attribute, an entry or a block.
pub(super) fn member<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    node.children().find(|child| child.name() == name)
}

/// A name or index as a pointer's segment.
pub(super) fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocl::{Dialect, Document};

    const DOCUMENT: &str = r#"
name = "a"
step "x" "y" {
    list = ["p", { "k/~" = 1 }]
}
step = "attribute"
step {
    list = []
}
"#;

    #[test]
    fn every_place_of_the_view_leads_to_its_node() {
        let document = Document::parse(DOCUMENT, Dialect::Current).unwrap();
        let view = document.root().to_json();
        let mut open = vec![(String::new(), view)];
        let mut seen = 0;
        while let Some((pointer, value)) = open.pop() {
            let node = node(document.root(), &pointer);
            // Blocks and labels are lists in the view that no node stands for.
            if !value.is_array() || node.kind() == Kind::List {
                assert_eq!(node.to_json(), value, "{pointer}");
                seen += 1;
            }
            let inner: Vec<(String, serde_json::Value)> = match value {
                serde_json::Value::Object(map) => map.into_iter().collect(),
                serde_json::Value::Array(items) => items
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| (at.to_string(), item))
                    .collect(),
                _ => Vec::new(),
            };
            for (segment, value) in inner {
                let mut inner = pointer.clone();
                push(&mut inner, &segment);
                open.push((inner, value));
            }
        }
        assert_eq!(seen, 12);
    }

    #[test]
    fn where_nothing_is_the_way_ends() {
        let document = Document::parse(DOCUMENT, Dialect::Current).unwrap();
        let at = |pointer| node(document.root(), pointer).place();
        assert_eq!(at("/nothing/further"), "");
        assert_eq!(at("/step/0/nothing"), "step[\"x\"][\"y\"]");
        assert_eq!(at("/step/7"), "");
        assert_eq!(at("/name/0"), "name");
    }
}
