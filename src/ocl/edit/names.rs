//! Names and labels.

use std::ops::Range;

use super::patch::Patch;
use super::{EditError, Editor, Handle};
use crate::ocl::lexical::is_name;
use crate::ocl::node::{Kind, Node};
use crate::ocl::parse::Part;
use crate::ocl::text::encode;
use crate::ocl::write::key_text;

impl Editor {
    /// Gives an attribute another name, an entry another key (quoted if it must be), a block another type. It stays where
    /// it is.
    ///
    /// # Errors
    /// The node has no name; the new one isn't a name, or another attribute, entry or kind of block has it.
    pub fn rename(&mut self, handle: Handle, new_name: &str) -> Result<(), EditError> {
        let index = self.index(handle)?;
        let node = self.at(index);
        let kind = node.kind();
        if !matches!(kind, Kind::Attribute | Kind::Entry | Kind::Block) {
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
        if let Some(parent) = node.parent() {
            self.refuse_taken(parent, new_name, kind)?;
        }
        let mut text = String::new();
        match kind {
            Kind::Entry => key_text(new_name, node.head().starts_with('"'), &mut text),
            _ => text.push_str(new_name),
        }
        let start = node.span().start;
        let range = start..start + node.head().len();
        let head = text.len() as u32;
        let old_head = std::mem::replace(&mut self.document.nodes[index as usize].head, head);
        // The list is checked after the text has changed, so the head must be right by then.
        self.apply(Patch {
            range,
            text: &text,
            parent: index,
            nodes: index + 1..index + 1,
            fragment: None,
            keep_handle: false,
        })
        .inspect_err(|_| self.document.nodes[index as usize].head = old_head)
    }

    /// Gives a label of a block another text.
    ///
    /// # Errors
    /// Not a block, or there is no label of that index.
    pub fn set_label(&mut self, block: Handle, index: usize, text: &str) -> Result<(), EditError> {
        let (block, labels) = self.labels_of(block, "set a label of")?;
        let label = self.label(block, &labels, index)?;
        if label.as_str().as_deref() == Some(text) {
            return Ok(());
        }
        let node = label.id().0;
        self.splice_label(block, label.span(), "", Some(text), node..node + 1)
    }

    /// Inserts a label before the one of that index, or at the end.
    ///
    /// # Errors
    /// Not a block, or the index is past the end.
    pub fn insert_label(
        &mut self,
        block: Handle,
        index: usize,
        text: &str,
    ) -> Result<(), EditError> {
        let (block, labels) = self.labels_of(block, "insert a label in")?;
        if index > labels.len() {
            return Err(self.no_such_index(block, index, labels.len()));
        }
        let at = self.header_end(block, index);
        let node = block + 1 + index as u32;
        self.splice_label(block, at..at, " ", Some(text), node..node)
    }

    /// Removes a label.
    ///
    /// # Errors
    /// Not a block, or there is no label of that index.
    pub fn remove_label(&mut self, block: Handle, index: usize) -> Result<(), EditError> {
        let (block, labels) = self.labels_of(block, "remove a label of")?;
        let label = self.label(block, &labels, index)?;
        let (range, node) = (
            self.header_end(block, index)..label.span().end,
            label.id().0,
        );
        self.splice_label(block, range, "", None, node..node + 1)
    }

    fn splice_label(
        &mut self,
        block: u32,
        range: Range<usize>,
        blank: &str,
        label: Option<&str>,
        nodes: Range<u32>,
    ) -> Result<(), EditError> {
        let fragment = label
            .map(|label| {
                let mut text = String::new();
                encode(label, &mut text);
                self.fragment(text, Part::Label, block)
            })
            .transpose()?;
        let text = fragment
            .as_ref()
            .map_or(String::new(), |fragment| blank.to_owned() + &fragment.text);
        self.apply(Patch {
            range,
            text: &text,
            parent: block,
            nodes,
            fragment: fragment.as_ref().map(|fragment| (fragment, blank.len())),
            keep_handle: label.is_some(),
        })
    }

    fn labels_of(
        &self,
        block: Handle,
        operation: &'static str,
    ) -> Result<(u32, Vec<Node<'_>>), EditError> {
        let index = self.index(block)?;
        match self.at(index) {
            node if node.kind() == Kind::Block => Ok((index, node.labels().collect())),
            _ => Err(self.wrong_kind(index, operation)),
        }
    }

    fn label<'n>(
        &self,
        block: u32,
        labels: &[Node<'n>],
        index: usize,
    ) -> Result<Node<'n>, EditError> {
        let label = labels.get(index).copied();
        label.ok_or_else(|| self.no_such_index(block, index, labels.len()))
    }

    pub(super) fn no_such_index(&self, node: u32, index: usize, count: usize) -> EditError {
        EditError::NoSuchIndex {
            place: self.place(node),
            index,
            count,
        }
    }

    /// Where the type and the first `labels` labels of a block end.
    fn header_end(&self, block: u32, labels: usize) -> usize {
        let block = self.at(block);
        let name_end = block.span().start + block.head().len();
        block
            .labels()
            .take(labels)
            .last()
            .map_or(name_end, |label| label.span().end)
    }
}
