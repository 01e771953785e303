//! What blocks were known by before their documents were brought to one shape.
//!
//! A step may make keys of other ones: slugs of names, numbered where two would be one. Then a block added above another one can
//! get its key, and what one document has under a key needn't be what another one has there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::ocl::{Kind, NodeId};
use crate::values::{Element, Values};

/// What the blocks of a document were known by before. Empty where nothing is known of that.
#[derive(Debug, Default)]
pub(super) struct Origins {
    of: HashMap<NodeId, String>,
    /// By a block's type, the attributes that got what it was known by.
    kept_in: BTreeMap<String, BTreeSet<String>>,
    shape: Option<u32>,
}

impl Origins {
    pub(super) fn of(values: &Values<'_>) -> Origins {
        let mut origins = Origins::default();
        if let Some(before) = values.before() {
            origins.shape = Some(before.shape);
            let old = Values::of(before.document, values.identity());
            origins.note_in(&old.root(), &values.root());
        }
        origins
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Whether both documents were in one shape before, so that a block known by something else is another one.
    pub(super) fn has_shape_of(&self, other: &Origins) -> bool {
        self.shape.is_some() && self.shape == other.shape
    }

    /// What a block was known by before. Where its document always had its shape, that is what stands where the other one's steps
    /// put it.
    pub(super) fn key(&self, block: &Element<'_>, other: &Origins) -> Option<String> {
        if self.shape.is_some() {
            return self.of.get(&block.node().id()).cloned();
        }
        let mut names = other.kept_in.get(&*block.name())?.iter();
        names.find_map(|name| {
            let value = block.node().get(name)?.as_str()?;
            Some(block.as_key(value))
        })
    }

    /// Steps give blocks other keys where they stand: where as many of one type are there as before, they are the same.
    fn note_in(&mut self, old: &Element<'_>, new: &Element<'_>) {
        let mut types: BTreeMap<String, [Vec<Element<'_>>; 2]> = BTreeMap::new();
        for (side, element) in [old, new].into_iter().enumerate() {
            let blocks = element.members();
            for block in blocks.filter(|it| it.node().kind() == Kind::Block) {
                types.entry(block.name().into_owned()).or_default()[side].push(block);
            }
        }
        for (name, [old, new]) in types {
            if old.len() != new.len() {
                continue;
            }
            for (old, new) in old.iter().zip(&new) {
                if let Some(key) = old.key_text() {
                    self.note_kept(&name, old, new);
                    self.of.insert(new.node().id(), key);
                }
                self.note_in(old, new);
            }
        }
    }

    fn note_kept(&mut self, name: &str, old: &Element<'_>, new: &Element<'_>) {
        let mut labels = old.node().labels();
        let (Some(label), None) = (labels.next(), labels.next()) else {
            return;
        };
        let label = label.as_str();
        let attributes = new.node().children().filter(|child| {
            let is_new = || old.node().get(&child.name()).is_none();
            let value = child.value();
            value.is_some_and(|value| value.as_str() == label) && is_new()
        });
        let names = attributes.map(|child| child.name().into_owned());
        let names: Vec<String> = names.collect();
        if !names.is_empty() {
            self.kept_in
                .entry(name.to_owned())
                .or_default()
                .extend(names);
        }
    }
}
