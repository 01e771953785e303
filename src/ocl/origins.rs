//! Where the nodes of a document were before edits.

use super::edit::Editor;
use super::raw::NodeId;

/// By node of a document that came of others by edits: the node of the first document that it was. An edited value keeps its
/// node; what edits wrote has none.
#[derive(Debug)]
pub(crate) struct Origins {
    /// In document order.
    nodes: Vec<Option<NodeId>>,
}

impl Origins {
    /// Of a document that isn't edited: every node is itself.
    pub(crate) fn unedited(count: usize) -> Origins {
        let nodes = 0..u32::try_from(count).expect("fewer nodes than bytes");
        Origins {
            nodes: nodes.map(|node| Some(NodeId(node))).collect(),
        }
    }

    /// Follows the nodes through the edits of the document.
    pub(crate) fn follow(&mut self, edited: &Editor) {
        if edited.is_unchanged() {
            return;
        }
        let nodes = edited.document().subtree();
        // Nodes that edits added are numbered behind all that were parsed.
        let nodes = nodes.map(|node| self.of(node.id()));
        self.nodes = nodes.collect();
    }

    /// The node that this one was.
    pub(crate) fn of(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.0 as usize).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ocl::{Dialect, Document, Position};

    #[test]
    fn nodes_are_followed_through_edits() {
        let text = "a = 1\nb \"x\" {\n    c = 2\n}\nd = 3\n";
        let document = Document::parse(text, Dialect::Current).unwrap();
        let mut origins = Origins::unedited(document.count());
        let mut editor = document.clone().edit();
        let root = editor.root();
        let id = |editor: &Editor, name: &str| editor.document().member(name).unwrap().id();
        let block = editor.document().blocks("b").next().unwrap().id();
        editor.remove(id(&editor, "a")).unwrap();
        editor.set(root, "new", json!([1, 2])).unwrap();
        editor.set(root, "d", json!(4)).unwrap();
        let moved = id(&editor, "d");
        editor.move_to(moved, block, Position::End).unwrap();
        editor.rename(moved, "e").unwrap();
        origins.follow(&editor);
        let after = editor.finish();
        assert_eq!(origins.nodes.len(), after.count());
        let of = |place: &str| {
            let mut nodes = after.root().subtree();
            let node = nodes.find(|node| node.place() == place).unwrap();
            origins.of(node.id()).map(|id| document.node(id).place())
        };
        assert_eq!(of("new"), None);
        assert_eq!(of("new[1]"), None);
        assert_eq!(of("b[\"x\"]").as_deref(), Some("b[\"x\"]"));
        assert_eq!(of("b[\"x\"].c").as_deref(), Some("b[\"x\"].c"));
        assert_eq!(of("b[\"x\"].e").as_deref(), Some("d"));
    }

    #[test]
    fn what_is_around_a_place() {
        let text = "a = 1\nb \"x\" {\n    c = [2, 3]\n}\n";
        let document = Document::parse(text, Dialect::Current).unwrap();
        let around = |word: &str| {
            let at = text.find(word).unwrap();
            let node = document.innermost(&(at..at + word.len()));
            (node.kind(), node.source().into_owned())
        };
        use crate::ocl::Kind;
        assert_eq!(around("3"), (Kind::Number, "3".into()));
        assert_eq!(around("2, 3"), (Kind::List, "[2, 3]".into()));
        assert_eq!(around("c ="), (Kind::Attribute, "c = [2, 3]".into()));
        assert_eq!(around("x"), (Kind::Label, "\"x\"".into()));
        assert_eq!(around("}").0, Kind::Block);
        assert_eq!(around("1\nb").0, Kind::Document);
    }
}
