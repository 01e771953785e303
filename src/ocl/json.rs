//! The plain JSON view of a node.
//!
//! - A document or block is an object: attributes by name, blocks as an array under their type, in order; the labels of
//!   a block, if it has any, come first under [`LABELS`]. A dictionary is an object, a list an array.
//! - Strings are decoded. Numbers keep their digits; only leading zeros, which JSON doesn't allow, are removed.
//! - Of attributes or entries of one name, the last counts, at the position of the first.
//! - If an attribute has the name of blocks, nothing is lost: its value is in the blocks' array, in document
//!   order. Nothing can collide with [`LABELS`], as names in a block can't contain `$`.

use std::borrow::Cow;

use foldhash::HashMap;
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::node::Node;
use super::raw::Kind;

/// The key of a block's labels in the plain JSON view.
pub const LABELS: &str = "$labels";

/// From this many children on, names are looked up in a table.
const MANY: usize = 16;

impl Node<'_> {
    /// The plain JSON view, for reading the node like any data.
    ///
    /// A document or block is an object: attributes by name, blocks as an array under their type, the labels of a block
    /// first under `"$labels"`. Of several attributes with one name the last counts; an attribute with the name of blocks
    /// is in their array. The view of an attribute or entry is that of its value.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("every node has a JSON view")
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind() {
            Kind::Document | Kind::Block | Kind::Dictionary => object(*self, serializer),
            Kind::List => serializer.collect_seq(self.children()),
            Kind::Attribute | Kind::Entry => match self.value() {
                Some(value) => value.serialize(serializer),
                None => serializer.serialize_unit(),
            },
            Kind::String | Kind::Heredoc | Kind::Label => match self.as_str() {
                Some(text) => serializer.serialize_str(&text),
                None => serializer.serialize_unit(),
            },
            Kind::Number => json_number(self.literal())
                .parse::<serde_json::Number>()
                .map_err(S::Error::custom)?
                .serialize(serializer),
            Kind::Bool => serializer.serialize_bool(self.literal() == "true"),
            Kind::Null => serializer.serialize_unit(),
        }
    }
}

/// The number in JSON's form: without the leading zeros that OCL allows.
pub(crate) fn json_number(source: &str) -> Cow<'_, str> {
    let (sign, digits) = match source.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", source),
    };
    let zeros = digits.bytes().take_while(|&byte| byte == b'0').count();
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    match zeros.min(whole.saturating_sub(1)) {
        0 => Cow::Borrowed(source),
        cut => Cow::Owned(format!("{sign}{}", &digits[cut..])),
    }
}

/// The members of one name in an object.
pub(crate) enum Member<'a> {
    One(Node<'a>),
    /// Blocks, and perhaps an attribute among them; never empty.
    Many(Vec<Node<'a>>),
}

impl<'a> Member<'a> {
    pub(super) fn first(&self) -> Node<'a> {
        match self {
            Self::One(node) => *node,
            Self::Many(nodes) => nodes[0],
        }
    }
}

fn object<S: Serializer>(node: Node<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let members = members(node);
    let mut map = serializer.serialize_map(None)?;
    if node.labels().next().is_some() {
        map.serialize_entry(LABELS, &node.labels().collect::<Vec<_>>())?;
    }
    for (name, member) in &members {
        map.serialize_key(name)?;
        match member {
            Member::One(value) => map.serialize_value(value)?,
            Member::Many(blocks) => map.serialize_value(blocks)?,
        }
    }
    map.end()
}

/// The names of an object in order, each with its members.
pub(crate) fn members(node: Node<'_>) -> Vec<(Cow<'_, str>, Member<'_>)> {
    let mut members: Vec<(Cow<'_, str>, Member<'_>)> = Vec::new();
    let mut table: HashMap<Cow<'_, str>, usize> = HashMap::default();
    for child in node.children() {
        let name = child.name();
        let known = match members.len() {
            0..MANY => members.iter().position(|(known, _)| *known == name),
            MANY if table.is_empty() => {
                table.extend(
                    members
                        .iter()
                        .enumerate()
                        .map(|(at, (name, _))| (name.clone(), at)),
                );
                table.get(&name).copied()
            }
            _ => table.get(&name).copied(),
        };
        let Some(at) = known else {
            if members.len() >= MANY {
                table.insert(name.clone(), members.len());
            }
            let member = match child.kind() {
                Kind::Block => Member::Many(vec![child]),
                _ => Member::One(child),
            };
            members.push((name, member));
            continue;
        };
        let member = &mut members[at].1;
        match member {
            Member::One(attribute) if child.kind() == Kind::Block => {
                *member = Member::Many(vec![*attribute, child]);
            }
            Member::One(attribute) => *attribute = child,
            Member::Many(nodes) => nodes.push(child),
        }
    }
    for (_, member) in &mut members {
        if let Member::Many(nodes) = member {
            let last = nodes
                .iter()
                .rfind(|node| node.kind() != Kind::Block)
                .copied();
            nodes.retain(|node| node.kind() == Kind::Block || Some(*node) == last);
        }
    }
    members
}
