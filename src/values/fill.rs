//! A document with what others fill in: its defaults.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::document::Values;
use super::element::{Element, Sibling, ToldBy};
use crate::ocl::{Document, Kind, Node, NodeId, ParseError};

/// A document that is filled in.
#[derive(Debug, Clone)]
pub struct Filled {
    document: Document,
    /// From which place in the text on it comes from which document, ascending.
    origins: Vec<(usize, usize)>,
}

impl Filled {
    /// The document: its values are right, its formatting means nothing.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The position of the document that a node comes from: 0 for the one that was filled in.
    #[must_use]
    pub fn origin(&self, node: Node<'_>) -> usize {
        let start = node.span().map_or(0, |span| span.start);
        let after = self.origins.partition_point(|(from, _)| *from <= start);
        let before = after.checked_sub(1).and_then(|at| self.origins.get(at));
        before.map_or(0, |(_, origin)| *origin)
    }
}

/// The first of these documents, with what it doesn't say from the second, then from the third and so on. All must be in one
/// shape, and seen by one identity.
///
/// Blocks and dictionaries are filled in by their addresses. A list is a value as a whole, and so are blocks that only
/// their positions tell apart. Blocks that are filled in come after those that are there.
///
/// ```
/// use ocl_migrate::catalog::Identity;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{Values, fill_in};
///
/// let own = Document::parse("size = {\n    w = 2\n}\n", Dialect::Current)?;
/// let defaults = Document::parse("size = {\n    w = 1\n    h = 1\n}\ncolor = \"red\"\n", Dialect::Current)?;
/// let none = Identity::none();
/// let filled = fill_in(&[Values::of(&own, &none), Values::of(&defaults, &none)])?;
/// let leaves = Values::of(filled.document(), &none).leaves();
/// let leaves: Vec<String> = leaves.map(|leaf| format!("{} {leaf}", filled.origin(leaf.node()))).collect();
/// assert_eq!(leaves, [r#"0 size["w"] = 2"#, r#"1 size["h"] = 1"#, r#"1 color = "red""#]);
/// # Ok::<(), ocl_migrate::ocl::ParseError>(())
/// ```
///
/// # Errors
/// Both together are larger than a document may be.
pub fn fill_in(documents: &[Values<'_>]) -> Result<Filled, ParseError> {
    let mut writer = Writer::default();
    let roots = documents.iter().map(Values::root).enumerate();
    writer.members(&roots.collect::<Vec<_>>(), None);
    let first = documents.first();
    let dialect = first.map_or_else(Default::default, |first| first.document().dialect());
    Ok(Filled {
        document: Document::parse(writer.text, dialect)?,
        origins: writer.origins,
    })
}

/// An element, and the position of its document.
pub(super) type Source<'a> = (usize, Element<'a>);

/// Elements, and the position of their document.
pub(super) type Members<'a> = (usize, Vec<Element<'a>>);

/// What each of several documents has in one place.
type Places<'a> = HashMap<Sibling<'a>, Vec<Members<'a>>, RandomState>;

#[derive(Default)]
struct Writer {
    text: String,
    origins: Vec<(usize, usize)>,
}

impl Writer {
    /// Text of a document from here on.
    fn from(&mut self, origin: usize) {
        if self.origins.last().is_none_or(|(_, last)| *last != origin) {
            self.origins.push((self.text.len(), origin));
        }
    }

    fn node(&mut self, origin: usize, node: Node<'_>) {
        self.from(origin);
        self.text.push_str(&node.source());
        self.text.push('\n');
    }

    /// What elements that are one hold together. `taken` is the name of an attribute that is written already.
    fn members(&mut self, sources: &[Source<'_>], taken: Option<&str>) {
        let Some((first, base)) = sources.first() else {
            return;
        };
        let (expanded, groups) = gathered(sources);
        let mut held: HashSet<Cow<'_, str>> = taken.into_iter().map(Cow::Borrowed).collect();
        let own = expanded.first().map_or(&[][..], |(_, members)| members);
        for child in beside_members(base, own) {
            self.node(*first, child);
            held.insert(child.name());
        }
        // Each stands where its document has it, as the order of blocks may count.
        for (origin, members) in &expanded {
            for member in members {
                let is_attribute = member.node().kind() == Kind::Attribute;
                if origin != first && is_attribute && held.contains(&member.node().name()) {
                    continue;
                }
                match groups.get(&sibling_in(sources, member)).map(Vec::as_slice) {
                    Some([(owner, members), ..]) if owner != origin || members.is_empty() => {}
                    Some(group @ [(_, members), ..]) if members.len() == 1 => self.sibling(group),
                    _ => self.node(*origin, member.node()),
                }
            }
        }
    }

    /// What one element is in the documents that have it, of which the first has it once.
    fn sibling(&mut self, group: &[Members<'_>]) {
        let Some((origin, only)) = group.first().and_then(|(origin, members)| {
            let only = members.first()?;
            Some((*origin, only))
        }) else {
            return;
        };
        match together(group) {
            Some(sources) => self.compound(&sources),
            None => self.node(origin, only.node()),
        }
    }

    /// A block or dictionary that several documents have.
    fn compound(&mut self, sources: &[Source<'_>]) {
        let Some((origin, element)) = sources.first() else {
            return;
        };
        self.from(*origin);
        let own_value = value_filled_in(sources);
        if element.node().kind() == Kind::Block {
            self.text.push_str(&element.node().name());
            let labels = match &own_value {
                Some((_, from, value)) if value.kind() == Kind::Label => from.node(),
                _ => element.node(),
            };
            for label in labels.labels() {
                self.text.push(' ');
                if labels != element.node() {
                    self.from(own_value.as_ref().map_or(*origin, |(origin, ..)| *origin));
                }
                self.text.push_str(&label.source());
            }
            self.from(*origin);
        } else {
            let source = element.node().source();
            let value = element.content().source();
            let key: Cow<'_, str> = source[..source.len() - value.len()].to_owned().into();
            self.text.push_str(&key);
        }
        self.text.push_str(" {\n");
        let mut taken = None;
        if let Some((origin, _, value)) = &own_value
            && let Some(attribute) = value.parent().filter(|_| value.kind() != Kind::Label)
        {
            self.node(*origin, attribute);
            taken = Some(attribute.name());
        }
        self.members(sources, taken.as_deref());
        self.text.push_str("}\n");
    }
}

/// What elements that are one hold, by their documents, and what stands in one place.
pub(super) fn gathered<'a>(sources: &[Source<'a>]) -> (Vec<Members<'a>>, Places<'a>) {
    let expanded = sources.iter().map(|(origin, element)| {
        // A label stands in the head of its block.
        let members = element.members();
        let members = members.filter(|member| !matches!(member.told_by, ToldBy::Label(_)));
        (*origin, members.collect())
    });
    let expanded: Vec<Members<'a>> = expanded.collect();
    let mut places: Places<'a> = HashMap::default();
    for (origin, members) in &expanded {
        for member in members {
            let place = places.entry(sibling_in(sources, member)).or_default();
            match place.last_mut() {
                Some((last, members)) if last == origin => members.push(member.clone()),
                _ => place.push((*origin, vec![member.clone()])),
            }
        }
    }
    (expanded, places)
}

/// What an element holds beside its members: what is part of its key, and its own value.
pub(super) fn beside_members<'a>(
    element: &Element<'a>,
    members: &[Element<'a>],
) -> impl Iterator<Item = Node<'a>> {
    let members: HashSet<NodeId> = members.iter().map(|member| member.node().id()).collect();
    let children = element.content().children();
    children.filter(move |child| !members.contains(&child.id()))
}

/// Of what stands in one place, what is filled in from one another; `None` where the first of it is a value as a whole.
pub(super) fn together<'a>(place: &[Members<'a>]) -> Option<Vec<Source<'a>>> {
    let (_, members) = place.first()?;
    let [first] = &members[..] else {
        return None;
    };
    let kind = holder(first)?;
    // What one document says as a whole hides what those after it say.
    let sources = place
        .iter()
        .map_while(|(origin, members)| match &members[..] {
            [member] if holder(member) == Some(kind) => Some((*origin, member.clone())),
            _ => None,
        });
    let sources: Vec<Source<'a>> = sources.collect();
    (sources.len() > 1).then_some(sources)
}

/// What holds a block's own value.
pub(super) fn own_value<'a>(element: &Element<'a>) -> Option<Node<'a>> {
    let node = element.leaf()?.node();
    (!matches!(node.kind(), Kind::Block | Kind::Dictionary)).then_some(node)
}

/// The value of a block that another of these documents fills in: its place, the block there, and what holds it.
pub(super) fn value_filled_in<'a>(
    sources: &[Source<'a>],
) -> Option<(usize, Element<'a>, Node<'a>)> {
    let (first, element) = sources.first()?;
    let value = sources.iter().find_map(|(origin, element)| {
        let value = own_value(element)?;
        Some((*origin, element.clone(), value))
    });
    value.filter(|(origin, _, value)| {
        let attribute = value.parent().filter(|_| value.kind() != Kind::Label);
        let is_there = |attribute: Node<'_>| element.node().get(&attribute.name()).is_some();
        origin != first && !attribute.is_some_and(is_there)
    })
}

/// What a member is matched by. It stands in one thing, however each document writes its label.
fn sibling_in<'a>(holders: &[Source<'a>], member: &Element<'a>) -> Sibling<'a> {
    member.sibling_under(holders.iter().map(|(_, holder)| holder))
}

/// What can be filled in: a block, or an attribute or entry that holds a dictionary.
fn holder(element: &Element<'_>) -> Option<Kind> {
    let (node, content) = (element.node(), element.content());
    match content.kind() {
        Kind::Block => Some(Kind::Block),
        Kind::Dictionary => Some(node.kind()),
        _ => None,
    }
}
