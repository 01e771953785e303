//! Walks a document beside the message that it is held to.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::super::subject::{shortened, subject};
use super::super::violation::{Rule, Violation};
use super::known::{Known, is_block, value_of};
use super::root::Message;
use super::scalar::{self, Wrong};
use crate::ocl::{Document, Kind as NodeKind, Node};
use crate::text::{list, nearest};

/// For so many unknown names something near is looked for, among so many fields.
const MOST_SUGGESTIONS: usize = 50;
const MOST_CANDIDATES: usize = 500;

/// Everything that is wrong with a document, in document order.
pub(in super::super) fn check(contract: &Message, document: &Document) -> Vec<Violation> {
    let mut walk = Walk {
        contract,
        violations: Vec::new(),
    };
    walk.holder(document.root(), contract.root());
    let mut violations = walk.violations;
    let start = |it: &Violation| document.node(it.node).span().map(|span| span.start);
    violations.sort_by_key(|violation| (start(violation), violation.rule));
    violations
}

struct Walk<'c> {
    contract: &'c Message,
    violations: Vec<Violation>,
}

/// The fields of a message that stand there, by number, each with where it does first.
type Present<'d> = BTreeMap<u32, Node<'d>>;

impl Walk<'_> {
    fn wrong(&mut self, node: Node<'_>, rule: Rule, message: String) {
        self.add(node, Some((rule, message, None)));
    }

    fn add(&mut self, node: Node<'_>, wrong: Option<Wrong>) {
        if let Some((rule, message, suggestion)) = wrong {
            self.violations.push(Violation {
                node: node.id(),
                rule,
                message,
                suggestion,
            });
        }
    }

    /// A document, block or dictionary that is a message.
    fn holder<'d>(&mut self, holder: Node<'d>, message: &MessageDescriptor) {
        let mut present = Present::new();
        self.labels(holder, message, &mut present);
        for child in holder.children() {
            let Some(field) = message.get_field_by_name(&child.name()) else {
                self.unknown(holder, child, message);
                continue;
            };
            // What is null is absent, as in protobuf's JSON.
            if child.value().is_some_and(|value| value.is_null()) {
                continue;
            }
            let first = *present.entry(field.number()).or_insert(child);
            if first.kind() == NodeKind::Label {
                let message = format!("{} is the label of {}", subject(child), subject(holder));
                self.wrong(child, Rule::NotAllowed, message);
            } else if first != child && child.kind() == NodeKind::Block && !field.is_list() {
                let message = format!(
                    "{} must have at most 1 block `{}`",
                    subject(holder),
                    child.name()
                );
                self.wrong(child, Rule::WrongCount, message);
            }
            self.member(holder, child, &field);
        }
        self.missing(holder, message, &present);
        self.alternatives(holder, message, &present);
    }

    fn labels<'d>(
        &mut self,
        block: Node<'d>,
        message: &MessageDescriptor,
        present: &mut Present<'d>,
    ) {
        let fields = &self.contract.part(message).labels;
        for (index, label) in block.labels().enumerate() {
            match fields.get(index) {
                Some(field) => {
                    self.add(label, scalar::check(label, &field.kind()));
                    present.insert(field.number(), label);
                }
                None if fields.is_empty() => {
                    let message = format!("{} takes no label", subject(block));
                    self.wrong(label, Rule::UnknownName, message);
                }
                None => {
                    let message = format!(
                        "{} must have at most {}",
                        subject(block),
                        crate::text::count(fields.len(), "label")
                    );
                    self.wrong(label, Rule::WrongCount, message);
                    break;
                }
            }
        }
    }

    fn unknown(&mut self, holder: Node<'_>, child: Node<'_>, message: &MessageDescriptor) {
        let name = child.name();
        let what = match child.kind() {
            NodeKind::Block => "block",
            NodeKind::Entry => "entry",
            _ => "attribute",
        };
        let said = format!("{} has no {what} `{}`", subject(holder), shortened(&name));
        let mut near = None;
        if self.violations.len() < MOST_SUGGESTIONS {
            let fields: Vec<FieldDescriptor> = message.fields().take(MOST_CANDIDATES).collect();
            near = nearest(&name, fields.iter().map(FieldDescriptor::name)).map(str::to_owned);
        }
        self.add(child, Some((Rule::UnknownName, said, near)));
    }

    fn missing(&mut self, holder: Node<'_>, message: &MessageDescriptor, present: &Present<'_>) {
        let part = self.contract.part(message);
        for field in &part.required {
            if present.contains_key(&field.number()) {
                continue;
            }
            let it = subject(holder);
            let is_label = part.labels.contains(field);
            let needed = if is_label && holder.kind() == NodeKind::Block {
                format!("{it} needs a label")
            } else if holder.kind() == NodeKind::Dictionary {
                format!("{it} needs the entry `{}`", field.name())
            } else if is_block(field) {
                format!("{it} needs the block `{}`", field.name())
            } else {
                format!("{it} needs the attribute `{}`", field.name())
            };
            self.wrong(holder, Rule::Missing, needed);
        }
    }

    /// Of the fields of a `oneof`, at most one may be there.
    fn alternatives(
        &mut self,
        holder: Node<'_>,
        message: &MessageDescriptor,
        present: &Present<'_>,
    ) {
        let mut there: BTreeMap<String, Vec<FieldDescriptor>> = BTreeMap::new();
        for number in present.keys() {
            let field = message.get_field(*number);
            let oneof = field.as_ref().and_then(FieldDescriptor::containing_oneof);
            if let (Some(field), Some(oneof)) = (field, oneof)
                && !oneof.is_synthetic()
            {
                there
                    .entry(oneof.name().to_owned())
                    .or_default()
                    .push(field);
            }
        }
        for fields in there.values() {
            if let [_, second, ..] = fields.as_slice() {
                let names = fields.iter().map(|it| format!("`{}`", it.name()));
                let message = format!("{} may have only one of {}", subject(holder), list(names));
                self.wrong(present[&second.number()], Rule::NotAllowed, message);
            }
        }
    }

    /// A block, or the value of an attribute or entry.
    fn member(&mut self, holder: Node<'_>, child: Node<'_>, field: &FieldDescriptor) {
        let Some(value) = child.value() else {
            match field.kind() {
                Kind::Message(message) if is_block(field) => self.holder(child, &message),
                _ => {
                    let message = format!("`{}` must be an attribute, not a block", child.name());
                    self.wrong(child, Rule::WrongType, message);
                }
            }
            return;
        };
        let may_be_block = holder.kind() != NodeKind::Dictionary;
        if field.is_map() {
            self.map(value, field);
        } else if is_block(field) && may_be_block {
            self.add(value, scalar::wrong_type(value, "a block"));
        } else if !field.is_list() {
            self.value(value, &field.kind());
        } else if value.kind() == NodeKind::List {
            for item in value.children() {
                self.value(item, &field.kind());
            }
        } else {
            self.add(value, scalar::wrong_type(value, "a list"));
        }
    }

    fn map(&mut self, value: Node<'_>, field: &FieldDescriptor) {
        let (Kind::Message(entry), NodeKind::Dictionary) = (field.kind(), value.kind()) else {
            self.add(value, scalar::wrong_type(value, "a dictionary"));
            return;
        };
        let key = entry.map_entry_key_field().kind();
        let inner = value_of(field).kind();
        for entry in value.children() {
            let name = entry.name();
            if !scalar::is_key(&name, &key) {
                let message = format!(
                    "`{}` can't be a name in {}",
                    shortened(&name),
                    subject(value)
                );
                self.wrong(entry, Rule::UnknownName, message);
            }
            if let Some(value) = entry.value() {
                self.value(value, &inner);
            }
        }
    }

    /// A value where no block can be.
    fn value(&mut self, value: Node<'_>, kind: &Kind) {
        let Kind::Message(message) = kind else {
            self.add(value, scalar::check(value, kind));
            return;
        };
        let is = |kind| value.kind() == kind;
        match Known::of(message) {
            Some(Known::Wrapped(kind)) => self.add(value, scalar::check(value, &kind)),
            Some(Known::Timestamp) => {
                let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
                self.add(value, scalar::form(value, "time as in RFC 3339", is_time));
            }
            Some(Known::Duration) => {
                let wrong = scalar::form(value, "duration such as `1.5s`", scalar::is_duration);
                self.add(value, wrong);
            }
            Some(Known::List) if !is(NodeKind::List) => {
                self.add(value, scalar::wrong_type(value, "a list"));
            }
            Some(Known::Dictionary) if !is(NodeKind::Dictionary) => {
                self.add(value, scalar::wrong_type(value, "a dictionary"));
            }
            Some(_) => {}
            None if is(NodeKind::Dictionary) => self.holder(value, message),
            None => self.add(value, scalar::wrong_type(value, "a dictionary")),
        }
    }
}
