//! The parts of a document that have an address.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::sync::Arc;

use super::key::{Key, compared_key, folded, folded_text, goes_by_attributes, scalar, written_key};
use crate::catalog::Identity;
use crate::catalog::identity::{KeyRule, Otherwise, State};
use crate::catalog::selector::{
    LABELS, Qualifier, Scalar, Segment, Selector, write_item, write_key, write_name,
    write_no_label, write_position, write_text,
};
use crate::ocl::{Kind, Node, NodeId};

/// A part of a document: the document itself, a block, an attribute, an entry of a dictionary, an item of a list.
///
/// Its `Display` is the selector that selects it and nothing else. It is cheap to clone, and borrows from the document.
#[derive(Clone)]
pub struct Element<'a> {
    pub(super) identity: &'a Identity,
    pub(super) parent: Option<Arc<Element<'a>>>,
    pub(super) node: Node<'a>,
    pub(super) told_by: ToldBy<'a>,
    /// Its position among siblings that are told apart by nothing else.
    pub(super) alike: Option<u32>,
    /// Its position among the blocks beside it whose order matters.
    pub(super) order: Option<u32>,
    pub(super) state: State,
}

/// What tells an element from its siblings.
#[derive(Clone, Copy)]
pub(super) enum ToldBy<'a> {
    /// It is the document.
    Nothing,
    Name,
    /// `[]`
    NoLabel,
    /// Its labels, or those of its parent where it has none; `closed` where a sibling has these and more.
    Labels {
        closed: bool,
    },
    Attributes(&'a KeyRule),
    /// It is the label of its block at this position.
    Label(u32),
    /// It is the entry of a dictionary.
    EntryKey,
    /// It is the item of a list at this position.
    Position(u32),
    /// It is the item of a set.
    Item {
        ignore_case: bool,
    },
}

/// What siblings are matched by, in two documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sibling<'a> {
    Named(Cow<'a, str>, Key<'a>),
    Label(u32),
    Entry(Cow<'a, str>),
    Item(Scalar<'a>),
    Position(u32),
}

impl<'a> Element<'a> {
    pub(super) fn root(node: Node<'a>, identity: &'a Identity) -> Element<'a> {
        Element {
            identity,
            parent: None,
            node,
            told_by: ToldBy::Nothing,
            alike: None,
            order: None,
            state: identity.start(),
        }
    }

    /// The block, attribute, entry or item; for an attribute or entry not its value, but the whole of it.
    #[must_use]
    pub fn node(&self) -> Node<'a> {
        self.node
    }

    /// What the element holds: the value of an attribute or entry, else the node itself.
    #[must_use]
    pub fn content(&self) -> Node<'a> {
        self.node.value().unwrap_or(self.node)
    }

    /// What holds this element; none for the document.
    #[must_use]
    pub fn parent(&self) -> Option<&Element<'a>> {
        self.parent.as_deref()
    }

    /// The type of a block, the name of an attribute, the key of an entry; empty for items and the document.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        match self.told_by {
            ToldBy::Label(_) => LABELS.into(),
            _ => self.node.name(),
        }
    }

    /// The position among the blocks beside it that are declared `ordered`, from 0; none where order doesn't matter.
    #[must_use]
    pub fn order(&self) -> Option<usize> {
        self.order.map(|order| order as usize)
    }

    /// Whether nothing but its position tells it from its siblings.
    pub(crate) fn is_told_by_position(&self) -> bool {
        self.alike.is_some() || matches!(self.told_by, ToldBy::Position(_))
    }

    /// The selector that selects this element and nothing else.
    #[must_use]
    pub fn selector(&self) -> Selector {
        let mut segments = Vec::new();
        self.push_segments(&mut segments);
        Selector::new(segments)
    }

    /// What is declared of blocks like this one.
    pub(super) fn rule(&self) -> Option<&'a KeyRule> {
        match self.node.kind() {
            Kind::Block => self.identity.key(self.state),
            _ => None,
        }
    }

    /// The labels that a block is known by: its own, else those of its parent if that is declared.
    pub(super) fn key_labels(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        self.key_label_nodes().filter_map(|label| label.as_str())
    }

    pub(crate) fn key_label_nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let own = self.node.labels().next().is_some();
        let parent = self.known_by().filter(|_| !own);
        parent.unwrap_or(self.node).labels()
    }

    /// The parent by which it is known where it has nothing of its own, if that is declared.
    pub(crate) fn known_by(&self) -> Option<Node<'a>> {
        let parent = self.parent.as_ref()?;
        self.is_known_by_parent().then_some(parent.node)
    }

    fn is_known_by_parent(&self) -> bool {
        let rule = self.rule();
        rule.is_some_and(|rule| rule.otherwise == Some(Otherwise::Parent))
    }

    /// What tells a block from its siblings, before these are looked at.
    pub(super) fn block_told_by(&self) -> ToldBy<'a> {
        match self.rule() {
            Some(rule) if goes_by_attributes(self.node, rule) => ToldBy::Attributes(rule),
            _ if self.key_labels().next().is_some() => ToldBy::Labels { closed: false },
            Some(_) => ToldBy::NoLabel,
            None => ToldBy::Name,
        }
    }

    pub(super) fn ignores_case(&self) -> bool {
        match self.told_by {
            ToldBy::Item { ignore_case } => ignore_case,
            _ => self.rule().is_some_and(|rule| rule.ignore_case),
        }
    }

    /// What a block is known by.
    pub(super) fn key(&self) -> Key<'a> {
        match self.told_by {
            ToldBy::Labels { .. } => {
                let ignore_case = self.ignores_case();
                let labels = self.key_labels();
                Key::Labels(
                    labels
                        .map(|label| folded_text(label, ignore_case))
                        .collect(),
                )
            }
            ToldBy::Attributes(rule) => compared_key(self.node, rule),
            _ => Key::Plain,
        }
    }

    /// Whether it is a block that is known by what the catalog declares, and has that.
    pub(super) fn has_declared_key(&self) -> bool {
        let nothing = |key: Key<'_>| match key {
            Key::Plain => true,
            Key::Labels(_) => false,
            Key::Attributes(entries) => entries.is_empty(),
        };
        self.rule().is_some() && !nothing(self.key())
    }

    /// What the element is matched by among its siblings.
    pub(super) fn sibling(&self) -> Sibling<'a> {
        match self.told_by {
            ToldBy::Label(position) => Sibling::Label(position),
            ToldBy::EntryKey => Sibling::Entry(self.node.name()),
            ToldBy::Position(position) => Sibling::Position(position),
            ToldBy::Item { ignore_case } => {
                let item = scalar(self.node).unwrap_or(Scalar::Null);
                Sibling::Item(folded(item, ignore_case))
            }
            _ => Sibling::Named(self.node.name(), self.key()),
        }
    }

    /// The same, whatever the block is called that it stands in: labels that it shares with that don't count.
    pub(super) fn sibling_under_any_name(&self) -> Sibling<'a> {
        self.sibling_under(self.parent.as_deref())
    }

    /// The same where several blocks are one, each in its document: labels that it shares with any of them don't count.
    pub(super) fn sibling_under<'e>(
        &self,
        holders: impl IntoIterator<Item = &'e Element<'a>>,
    ) -> Sibling<'a>
    where
        'a: 'e,
    {
        let shares_labels = |holder: &Element<'a>| {
            let labels = holder.node.labels().filter_map(|label| label.as_str());
            self.key_labels().eq(labels)
        };
        if self.is_known_by_parent() && holders.into_iter().any(shares_labels) {
            return Sibling::Named(self.node.name(), Key::Plain);
        }
        self.sibling()
    }

    /// Whether both are known by the same, and yet it is spelt differently.
    pub(crate) fn is_respelt(&self, other: &Element<'a>) -> bool {
        if !self.ignores_case() {
            return false;
        }
        match (self.told_by, other.told_by) {
            (ToldBy::Labels { .. }, ToldBy::Labels { .. }) => {
                !self.key_labels().eq(other.key_labels())
            }
            (ToldBy::Attributes(a), ToldBy::Attributes(b)) => {
                !written_key(self.node, a).eq(written_key(other.node, b))
            }
            (ToldBy::Item { .. }, ToldBy::Item { .. }) => scalar(self.node) != scalar(other.node),
            _ => false,
        }
    }

    /// Whether a node is the same item of a set as this element.
    pub(super) fn is_item_like(&self, node: &Node<'a>) -> bool {
        let compared = |node| scalar(node).map(|item| folded(item, self.ignores_case()));
        compared(*node) == compared(self.node)
    }

    fn push_segments(&self, segments: &mut Vec<Segment>) {
        if let Some(parent) = &self.parent {
            parent.push_segments(segments);
        }
        let named = |name: String| Segment::Child {
            name: Some(name),
            qualifiers: Vec::new(),
        };
        match self.told_by {
            ToldBy::Nothing => return,
            ToldBy::Label(_) => segments.push(named(LABELS.to_owned())),
            ToldBy::EntryKey | ToldBy::Position(_) | ToldBy::Item { .. } => {}
            _ => segments.push(named(self.node.name().into_owned())),
        }
        let Some(Segment::Child { qualifiers, .. }) = segments.last_mut() else {
            return;
        };
        match self.told_by {
            ToldBy::Nothing | ToldBy::Name => {}
            ToldBy::NoLabel => qualifiers.push(Qualifier::NoLabel),
            ToldBy::Labels { closed } => {
                let labels = self.key_labels().map(Cow::into_owned);
                qualifiers.extend(labels.map(Qualifier::Text));
                qualifiers.extend(closed.then_some(Qualifier::NoLabel));
            }
            ToldBy::Attributes(rule) => {
                let entries = written_key(self.node, rule);
                let entries = entries.map(|(name, value)| (name.to_owned(), value.into_owned()));
                qualifiers.push(Qualifier::Key(entries.collect()));
            }
            ToldBy::EntryKey => qualifiers.push(Qualifier::Text(self.node.name().into_owned())),
            ToldBy::Label(position) | ToldBy::Position(position) => {
                qualifiers.push(Qualifier::Position(position));
            }
            ToldBy::Item { .. } => {
                let item = scalar(self.node).unwrap_or(Scalar::Null);
                qualifiers.push(Qualifier::Item(item.into_owned()));
            }
        }
        qualifiers.extend(self.alike.map(Qualifier::Position));
    }

    /// Writes the selector. As `Display` of [`Selector`] does, without making one.
    fn write(&self, f: &mut impl Write) -> fmt::Result {
        if let Some(parent) = &self.parent {
            parent.write(f)?;
            let is_first = parent.parent.is_none();
            let is_named = !matches!(
                self.told_by,
                ToldBy::EntryKey | ToldBy::Position(_) | ToldBy::Item { .. }
            );
            if is_named && !is_first {
                f.write_char('.')?;
            }
        }
        match self.told_by {
            ToldBy::Nothing => {}
            ToldBy::Name => write_name(f, &self.node.name())?,
            ToldBy::NoLabel => {
                write_name(f, &self.node.name())?;
                write_no_label(f)?;
            }
            ToldBy::Labels { closed } => {
                write_name(f, &self.node.name())?;
                for label in self.key_labels() {
                    write_text(f, &label)?;
                }
                if closed {
                    write_no_label(f)?;
                }
            }
            ToldBy::Attributes(rule) => {
                write_name(f, &self.node.name())?;
                let entries: Vec<_> = written_key(self.node, rule).collect();
                write_key(f, entries.iter().map(|(name, value)| (*name, value)))?;
            }
            ToldBy::Label(position) => {
                write_name(f, LABELS)?;
                write_position(f, position)?;
            }
            ToldBy::EntryKey => write_text(f, &self.node.name())?,
            ToldBy::Position(position) => write_position(f, position)?,
            ToldBy::Item { .. } => {
                write_item(f, &scalar(self.node).unwrap_or(Scalar::Null))?;
            }
        }
        match self.alike {
            Some(position) => write_position(f, position),
            None => Ok(()),
        }
    }

    /// Names the node within its document.
    pub(super) fn id(&self) -> NodeId {
        self.node.id()
    }
}

impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({self})")
    }
}

impl PartialEq for Element<'_> {
    /// The same part of the same document.
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Eq for Element<'_> {}
