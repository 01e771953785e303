//! Which defaults a document overrides.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::document::Values;
use super::element::{Element, ToldBy};
use super::fill::{Source, beside_members, gathered, own_value, together, value_filled_in};
use super::leaf::Leaf;
use crate::ocl::{Kind, Node, NodeId};

/// What a document overrides of its defaults, by the rule of [`fill_in`](super::fill_in).
///
/// ```
/// use ocl_migrate::catalog::Identity;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{Overrides, Values};
///
/// let own = Document::parse("hosts = [\"a\"]\n", Dialect::Current)?;
/// let defaults = Document::parse("hosts = [\"a\", \"b\"]\nport = 80\n", Dialect::Current)?;
/// let none = Identity::none();
/// let (own, defaults) = (Values::of(&own, &none), Values::of(&defaults, &none));
/// let overrides = Overrides::of(own, defaults);
/// let applies: Vec<String> = defaults
///     .leaves()
///     .filter(|leaf| overrides.applies(leaf))
///     .map(|leaf| leaf.to_string())
///     .collect();
/// assert_eq!(applies, ["port = 80"]);
/// # Ok::<(), ocl_migrate::ocl::ParseError>(())
/// ```
#[derive(Debug)]
pub struct Overrides {
    own: Nodes,
    defaults: Nodes,
}

type Nodes = HashSet<NodeId, RandomState>;

const OWN: usize = 0;
const DEFAULTS: usize = 1;

impl Overrides {
    /// Of a document and its defaults, in one shape and seen by one identity.
    #[must_use]
    pub fn of(own: Values<'_>, defaults: Values<'_>) -> Overrides {
        let mut overrides = Overrides {
            own: Nodes::default(),
            defaults: Nodes::default(),
        };
        overrides.compare(&[(OWN, own.root()), (DEFAULTS, defaults.root())]);
        overrides
    }

    /// Whether a leaf of the defaults applies to the document.
    #[must_use]
    pub fn applies(&self, default: &Leaf<'_>) -> bool {
        !holds(&self.defaults, default)
    }

    /// Whether the document overrides a default where it has one of these leaves and the defaults the other. A list is one
    /// value: what only one of the two lists holds counts too.
    #[must_use]
    pub fn at(&self, own: Option<&Leaf<'_>>, default: Option<&Leaf<'_>>) -> bool {
        match (own, default) {
            (Some(own), Some(default)) => holds(&self.own, own) && !own.equals(default),
            (Some(own), None) => holds(&self.own, own),
            (None, Some(default)) => !self.applies(default),
            (None, None) => false,
        }
    }

    /// These stand in one place, if both sides have any of them.
    fn both(&mut self, nodes: Vec<(usize, NodeId)>) {
        let has = |side: usize| nodes.iter().any(|(origin, _)| *origin == side);
        if has(OWN) && has(DEFAULTS) {
            self.hold(nodes);
        }
    }

    fn hold(&mut self, nodes: impl IntoIterator<Item = (usize, NodeId)>) {
        for (origin, node) in nodes {
            let side = if origin == OWN {
                &mut self.own
            } else {
                &mut self.defaults
            };
            side.insert(node);
        }
    }

    /// Compares what is filled in from one another.
    fn compare(&mut self, sources: &[Source<'_>]) {
        let filled_in = value_filled_in(sources);
        let is_label = |node: &Node<'_>| node.kind() == Kind::Label;
        let has_label = filled_in.as_ref().is_some_and(|(.., it)| is_label(it));
        for (origin, element) in sources {
            if filled_in.is_none() {
                let value = own_value(element);
                self.hold(value.map(|value| (*origin, value.id())));
            }
            // Further labels stand in the head of the block, which is one document's.
            if !has_label {
                let labels = element.members();
                let labels = labels.filter(|member| matches!(member.told_by, ToldBy::Label(_)));
                self.hold(labels.map(|label| (*origin, label.id())));
            }
        }
        let (expanded, places) = gathered(sources);
        if let ([(OWN, own), _], [(_, members), (_, defaults)]) = (sources, &expanded[..]) {
            let held = beside_members(own, members).map(|child| child.name());
            let held: HashSet<_> = held.collect();
            let defaults = defaults.iter().filter(|default| {
                default.node().kind() == Kind::Attribute && held.contains(&default.name())
            });
            self.hold(defaults.map(|default| (DEFAULTS, default.id())));
        }
        for place in places.values() {
            match together(place) {
                Some(sources) => self.compare(&sources),
                None => {
                    let nodes = place.iter().flat_map(|(origin, members)| {
                        let ids = members.iter().map(Element::id);
                        ids.map(|id| (*origin, id))
                    });
                    self.both(nodes.collect());
                }
            }
        }
    }
}

/// Whether a leaf, or what it stands in, is among these.
fn holds(nodes: &Nodes, leaf: &Leaf<'_>) -> bool {
    let element = leaf.element();
    let mut elements = std::iter::successors(Some(element), |element| element.parent());
    nodes.contains(&leaf.node().id()) || elements.any(|element| nodes.contains(&element.id()))
}
