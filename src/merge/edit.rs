//! What is written into the text of ours.

use crate::ocl::{EditError, Editor, Kind, Literal, Node, NodeId, Position};

/// A change of ours.
pub(super) enum Edit<'a> {
    /// A value becomes that of a node of theirs.
    Value { at: NodeId, from: Node<'a> },
    /// A value becomes this text.
    Text { at: NodeId, text: String },
    SetLabel {
        block: NodeId,
        at: usize,
        text: String,
    },
    InsertLabel {
        block: NodeId,
        at: usize,
        text: String,
    },
    Insert {
        node: Node<'a>,
        into: NodeId,
        at: Place,
    },
    Move {
        node: NodeId,
        into: NodeId,
        at: Place,
    },
    /// An attribute, entry, block or item gives its place to one of theirs.
    Swap { node: NodeId, by: Node<'a> },
}

/// Where something is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    End,
    Before(NodeId),
    After(NodeId),
    /// Behind what an earlier edit, by its number, inserted.
    AfterInserted(usize),
}

/// Makes the changes, then removes nodes with the comments above them.
pub(super) fn write(
    editor: &mut Editor,
    theirs: &mut Editor,
    edits: Vec<Edit<'_>>,
    removals: &[NodeId],
) -> Result<(), EditError> {
    let mut inserted: Vec<Option<NodeId>> = Vec::with_capacity(edits.len());
    let position = |place: Place, inserted: &[Option<NodeId>]| match place {
        Place::End => Position::End,
        Place::Before(id) => Position::Before(id),
        Place::After(id) => Position::After(id),
        Place::AfterInserted(edit) => inserted[edit].map_or(Position::End, Position::After),
    };
    for edit in edits {
        let mut new = None;
        match edit {
            Edit::Value { at, from } => editor.replace(at, Literal::from(from))?,
            Edit::Text { at, text } => editor.replace(at, text)?,
            Edit::SetLabel { block, at, text } => editor.set_label(block, at, &text)?,
            Edit::InsertLabel { block, at, text } => {
                let there = editor.node(block).map_or(0, |block| block.labels().count());
                editor.insert_label(block, at.min(there), &text)?;
            }
            Edit::Insert { node, into, at } => {
                new = Some(editor.copy(theirs, node.id(), into, position(at, &inserted))?);
            }
            Edit::Move { node, into, at } => {
                editor.move_to(node, into, position(at, &inserted))?;
            }
            Edit::Swap { node, by } => {
                new = Some(editor.replace_by_copy(node, theirs, by.id())?);
            }
        }
        inserted.push(new);
    }
    for id in removals {
        match editor.node(*id).map(|node| node.kind()) {
            Some(Kind::Attribute | Kind::Entry | Kind::Block) => {
                editor.remove_with_comments(*id)?;
            }
            _ => editor.remove(*id)?,
        }
    }
    Ok(())
}
