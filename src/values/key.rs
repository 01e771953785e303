//! What a block is known by, what of it is its own value, and what is left for its members.

use std::borrow::Cow;

use crate::catalog::identity::{By, Holder, KeyRule, Otherwise};
use crate::catalog::selector::{KeyValue, Scalar};
use crate::ocl::{Kind, Node, NodeId};

/// How the parts of a block are used.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// What holds the block's own value: a label, or the value of an attribute.
    pub(super) own: Option<Node<'a>>,
    /// The attributes whose whole meaning lies in the key or the own value: they are no members.
    pub(super) used: Vec<NodeId>,
    /// The labels from this one on are members; `None` where all are the key.
    pub(super) spare_labels: Option<usize>,
}

/// What a block is known by, in the form in which keys are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key<'a> {
    /// Nothing: it has no label, or is no block.
    Plain,
    Labels(Vec<Cow<'a, str>>),
    /// By the positions of the attributes in the rule.
    Attributes(Vec<(usize, KeyValue<'a>)>),
}

/// An attribute that is part of a key.
struct KeyAttribute<'a> {
    /// Its position in the rule.
    index: usize,
    node: Node<'a>,
    value: KeyValue<'a>,
    /// Whether the key says all that the attribute does.
    is_held: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn of(block: Node<'a>, rule: Option<&KeyRule>) -> Parts<'a> {
        let mut parts = Parts::default();
        let Some(rule) = rule else {
            return parts;
        };
        if goes_by_attributes(block, rule) {
            let held = key_attributes(block, rule).filter(|attribute| attribute.is_held);
            parts.used = held.map(|attribute| attribute.node.id()).collect();
        }
        let has_label = block.labels().next();
        for holder in &rule.value {
            match (holder, has_label) {
                (Holder::Label, Some(label)) => parts.own = Some(label),
                (Holder::Label, None) => {}
                (Holder::Attribute(name), _) => {
                    let attribute = singles(block, std::slice::from_ref(name)).remove(0);
                    let value = attribute.and_then(|attribute| attribute.value());
                    let value = value.filter(|value| scalar(*value).is_some());
                    if let (Some(attribute), Some(value)) = (attribute, value) {
                        parts.own = Some(value);
                        parts.used.push(attribute.id());
                    }
                }
            }
            if parts.own.is_some() {
                break;
            }
        }
        if matches!(rule.by, By::Attributes(_)) {
            let own_is_label = parts.own.is_some_and(|own| own.kind() == Kind::Label);
            parts.spare_labels = Some(usize::from(own_is_label));
        }
        parts
    }
}

/// Whether attributes are what the block is known by.
pub(super) fn goes_by_attributes(block: Node<'_>, rule: &KeyRule) -> bool {
    match (&rule.by, &rule.otherwise) {
        (By::Attributes(_), _) => true,
        (By::Label, Some(Otherwise::Attribute(_))) => {
            block.labels().next().is_none() && key_attributes(block, rule).next().is_some()
        }
        (By::Label, _) => false,
    }
}

/// The attributes of a block's key, as they are printed: by name, in the order of the rule.
pub(super) fn written_key<'a>(
    block: Node<'a>,
    rule: &'a KeyRule,
) -> impl Iterator<Item = (&'a str, KeyValue<'a>)> {
    let names = rule.attributes();
    key_attributes(block, rule).map(|attribute| (&*names[attribute.index], attribute.value))
}

/// The attributes of a block's key, as they are compared.
pub(super) fn compared_key<'a>(block: Node<'a>, rule: &KeyRule) -> Key<'a> {
    let attributes = key_attributes(block, rule);
    let attributes = attributes.map(|attribute| {
        let value = folded_value(attribute.value, rule.ignore_case);
        (attribute.index, value)
    });
    Key::Attributes(attributes.collect())
}

fn key_attributes<'a>(
    block: Node<'a>,
    rule: &KeyRule,
) -> impl Iterator<Item = KeyAttribute<'a>> + use<'a> {
    let (as_set, ignore_case) = (rule.as_set, rule.ignore_case);
    let nodes = singles(block, rule.attributes()).into_iter().enumerate();
    nodes.filter_map(move |(index, node)| {
        let node = node?;
        let value = node.value()?;
        let is_list = value.kind() == Kind::List;
        Some(KeyAttribute {
            index,
            node,
            value: key_value(value, as_set, ignore_case)?,
            // A key of sets shows a single string as the set of it: that it isn't one is told by a leaf.
            is_held: is_list || !as_set,
        })
    })
}

/// The attributes of these names; none for one that stands several times, which can't be a key.
fn singles<'a>(block: Node<'a>, names: &[String]) -> Vec<Option<Node<'a>>> {
    let mut found = vec![None; names.len()];
    let mut several = vec![false; names.len()];
    for child in block.children() {
        if child.kind() != Kind::Attribute {
            continue;
        }
        let name = child.name();
        if let Some(index) = names.iter().position(|known| *known == name) {
            several[index] |= found[index].replace(child).is_some();
        }
    }
    for (found, several) in found.iter_mut().zip(several) {
        if several {
            *found = None;
        }
    }
    found
}

/// What an attribute adds to a key; nothing where it holds more than plain values.
fn key_value(value: Node<'_>, as_set: bool, ignore_case: bool) -> Option<KeyValue<'_>> {
    if value.kind() != Kind::List {
        return scalar(value).map(KeyValue::One);
    }
    let mut items: Vec<Scalar<'_>> = value.children().map(scalar).collect::<Option<_>>()?;
    if !as_set {
        return Some(KeyValue::Many(items));
    }
    items.sort_by_cached_key(|item| (folded(item.clone(), ignore_case), item.clone()));
    items.dedup_by(|a, b| folded(a.clone(), ignore_case) == folded(b.clone(), ignore_case));
    Some(match items.len() {
        1 => KeyValue::One(items.remove(0)),
        _ => KeyValue::Many(items),
    })
}

/// A value that holds no others.
pub(super) fn scalar(value: Node<'_>) -> Option<Scalar<'_>> {
    Some(match value.kind() {
        Kind::String | Kind::Heredoc | Kind::Label => Scalar::String(value.as_str()?),
        Kind::Number => Scalar::Number(value.as_number()?.into()),
        Kind::Bool => Scalar::Bool(value.as_bool()?),
        Kind::Null => Scalar::Null,
        _ => return None,
    })
}

/// A text in the form in which it is compared.
pub(super) fn folded_text(text: Cow<'_, str>, ignore_case: bool) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii() && !c.is_ascii_uppercase();
    if ignore_case && !text.chars().all(is_plain) {
        text.to_lowercase().into()
    } else {
        text
    }
}

/// A scalar in the form in which it is compared.
pub(super) fn folded(scalar: Scalar<'_>, ignore_case: bool) -> Scalar<'_> {
    match scalar {
        Scalar::String(text) => Scalar::String(folded_text(text, ignore_case)),
        other => other,
    }
}

/// A value of a key in the form in which it is compared.
pub(super) fn folded_value(value: KeyValue<'_>, ignore_case: bool) -> KeyValue<'_> {
    match value {
        KeyValue::One(one) => KeyValue::One(folded(one, ignore_case)),
        KeyValue::Many(items) => {
            let items = items.into_iter().map(|item| folded(item, ignore_case));
            KeyValue::Many(items.collect())
        }
    }
}
