//! Names and labels.

use super::editor::Editor;
use super::error::EditError;
use super::lines::{end, head_end};
use crate::ocl::lexical::is_name;
use crate::ocl::parse::Part;
use crate::ocl::raw::{Kind, NodeId};
use crate::ocl::text::encode;
use crate::ocl::tree::{self, Cursor, Spot};
use crate::ocl::write::key_text;

impl Editor {
    /// Renames an attribute, an entry (with a quoted key if necessary) or a block type. The node stays where
    /// it is.
    ///
    /// # Errors
    /// The node has no name; the new one isn't valid, or another attribute, entry or kind of block has it.
    pub fn rename(&mut self, id: NodeId, new_name: &str) -> Result<(), EditError> {
        let index = self.index(id)?;
        let node = self.at(index);
        let kind = node.kind();
        if !kind.is_named() {
            return Err(self.wrong_kind(index, "rename"));
        }
        if node.name() == new_name {
            return Ok(());
        }
        if kind != Kind::Entry && !is_name(new_name) {
            return Err(EditError::InvalidName {
                name: new_name.to_owned(),
            });
        }
        let parent = self.tree.parent(index).expect("the root has no name");
        self.refuse_taken(parent, new_name, kind)?;
        let mut head = String::new();
        match kind {
            Kind::Entry => key_text(new_name, node.head().starts_with('"'), &mut head),
            _ => head.push_str(new_name),
        }
        self.tree.rename(index, &head)?;
        self.forget_order(parent);
        self.check();
        Ok(())
    }

    /// Sets the text of a label.
    ///
    /// # Errors
    /// Not a block, or it has no label of that index.
    pub fn set_label(&mut self, block: NodeId, index: usize, text: &str) -> Result<(), EditError> {
        let block = self.block(block, "set a label of")?;
        let label = self.label(block, index)?;
        if self.at(label).as_str().as_deref() == Some(text) {
            return Ok(());
        }
        self.tree.open(block);
        let part = self.label_part(block, text)?;
        self.tree.replace(label, &part)?;
        self.check();
        Ok(())
    }

    /// Inserts a label before the one of that index, or at the end.
    ///
    /// # Errors
    /// Not a block, or the index is past the end.
    pub fn insert_label(
        &mut self,
        block: NodeId,
        index: usize,
        text: &str,
    ) -> Result<(), EditError> {
        let block = self.block(block, "insert a label in")?;
        let count = self.at(block).labels().count();
        if index > count {
            return Err(self.no_such_index(block, index, count));
        }
        self.tree.open(block);
        let part = self.label_part(block, text)?;
        let (at, previous) = self.header_end(block, index);
        let spot = Spot {
            from: at,
            to: at,
            before: " ".to_owned(),
            after: String::new(),
        };
        self.tree.insert(&spot, &part, block, previous)?;
        self.check();
        Ok(())
    }

    /// Removes a label.
    ///
    /// # Errors
    /// Not a block, or it has no label of that index.
    pub fn remove_label(&mut self, block: NodeId, index: usize) -> Result<(), EditError> {
        let block = self.block(block, "remove a label of")?;
        let label = self.label(block, index)?;
        self.tree.open(block);
        let (from, _) = self.header_end(block, index);
        let to = end(self.at(label));
        self.tree.remove(label, from, to, "")?;
        self.check();
        Ok(())
    }

    fn label_part(&self, block: u32, label: &str) -> Result<tree::Part, EditError> {
        let mut text = String::new();
        encode(label, &mut text);
        self.part(text, Part::Label, block)
    }

    fn block(&self, id: NodeId, operation: &'static str) -> Result<u32, EditError> {
        let index = self.index(id)?;
        match self.at(index).kind() {
            Kind::Block => Ok(index),
            _ => Err(self.wrong_kind(index, operation)),
        }
    }

    fn label(&self, block: u32, index: usize) -> Result<u32, EditError> {
        let mut labels = self.at(block).labels();
        let label = labels.nth(index).map(|label| label.index());
        label.ok_or_else(|| {
            let count = self.at(block).labels().count();
            self.no_such_index(block, index, count)
        })
    }

    pub(super) fn no_such_index(&self, node: u32, index: usize, count: usize) -> EditError {
        EditError::NoSuchIndex {
            place: self.place(node),
            index,
            count,
        }
    }

    /// The end of the type and the first `labels` labels of an open block, and the last of those labels.
    fn header_end(&self, block: u32, labels: usize) -> (Cursor, Option<u32>) {
        let block = self.at(block);
        match block.labels().take(labels).last() {
            Some(label) => (end(label), Some(label.index())),
            None => (head_end(block), None),
        }
    }
}
