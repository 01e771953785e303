//! What is written into the text of ours.

use super::conflict::Side;
use crate::ocl::{EditError, Editor, Kind, Literal, Node, NodeId, Position};

/// A change of ours.
pub(super) enum Edit<'a> {
    /// A value becomes that of a node of theirs or base.
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
        of: Side,
        into: NodeId,
        at: Place,
    },
    /// An attribute goes before a block of its name comes.
    Remove(NodeId),
    Move {
        node: NodeId,
        into: NodeId,
        at: Place,
    },
    /// An attribute, entry, block or item gives its place to one of theirs or base.
    Swap {
        node: NodeId,
        by: Node<'a>,
        of: Side,
    },
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

/// The documents that parts are copied from.
pub(super) struct Sources {
    pub(super) theirs: Editor,
    pub(super) base: Editor,
}

impl Sources {
    fn of(&mut self, side: Side) -> &mut Editor {
        match side {
            Side::Base => &mut self.base,
            Side::Ours | Side::Theirs => &mut self.theirs,
        }
    }
}

/// Makes the changes, then removes nodes with the comments above them.
pub(super) fn write(
    editor: &mut Editor,
    sources: &mut Sources,
    edits: Vec<Edit<'_>>,
    removals: &[NodeId],
) -> Result<(), EditError> {
    let mut inserted: Vec<Option<NodeId>> = Vec::with_capacity(edits.len());
    let mut swaps = Vec::new();
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
            Edit::Insert { node, of, into, at } => {
                let at = position(at, &inserted);
                new = Some(editor.copy(sources.of(of), node.id(), into, at)?);
            }
            Edit::Remove(node) => editor.remove_with_comments(node)?,
            Edit::Move { node, into, at } => {
                editor.move_to(node, into, position(at, &inserted))?;
            }
            // Others may be put beside it, so it goes last.
            Edit::Swap { node, by, of } => swaps.push((node, by, of)),
        }
        inserted.push(new);
    }
    for (node, by, of) in swaps {
        editor.replace_by_copy(node, sources.of(of), by.id())?;
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
