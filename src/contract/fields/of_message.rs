//! The fields of a message.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};

use super::super::message::{Known, Message, is_block, value_of};
use super::super::place::Place;
use super::field::{EACH, Field, Fields, Labels, Type, Types};

pub(in super::super) fn fields(message: &Message) -> Fields {
    let mut listing = Listing {
        message,
        fields: Fields::default(),
        open: Vec::new(),
    };
    let document = Field {
        types: types([Type::Dictionary]),
        items: None,
        texts: None,
        required: true,
        open: false,
        limits: BTreeMap::new(),
        label: None,
        labels: Labels::default(),
        place: Place::of(&message.root().parent_file(), message.root().path()),
    };
    listing.fields.add(&[], document);
    listing.members(&mut Vec::new(), message.root());
    listing.fields
}

struct Listing<'m> {
    message: &'m Message,
    fields: Fields,
    /// The messages that the path leads through: one that holds itself is listed once.
    open: Vec<String>,
}

fn types<const N: usize>(types: [Type; N]) -> Types {
    Some(BTreeSet::from(types))
}

impl Listing<'_> {
    fn members(&mut self, path: &mut Vec<String>, message: &MessageDescriptor) {
        if self.open.iter().any(|open| open == message.full_name()) {
            return;
        }
        self.open.push(message.full_name().to_owned());
        for field in message.fields() {
            path.push(field.name().to_owned());
            let label = self.message.label_index(message, &field);
            self.field(path, &field, label);
            path.pop();
        }
        self.open.pop();
    }

    fn field(&mut self, path: &mut Vec<String>, field: &FieldDescriptor, label: Option<usize>) {
        let place = Place::of_field(field);
        let required = field.cardinality() == Cardinality::Required;
        let inner = value_of(field);
        let (one, texts, open) = value(&inner);
        let mut listed = Field {
            types: one.clone(),
            items: None,
            texts: texts.clone(),
            required,
            open,
            limits: BTreeMap::new(),
            label,
            labels: match inner.kind() {
                Kind::Message(message) if Known::of(&message).is_none() => {
                    labels_of(self.message, &message)
                }
                _ => Labels::default(),
            },
            place: place.clone(),
        };
        if field.is_map() {
            listed.types = types([Type::Dictionary]);
            listed.texts = None;
            listed.open = true;
        } else if is_block(field) || field.is_list() {
            listed.types = types([Type::List]);
            listed.items = one.clone();
        }
        // What is null is absent.
        if let Some(types) = &mut listed.types
            && !required
        {
            types.insert(Type::Null);
        }
        if !self.fields.add(path, listed) {
            return;
        }
        if field.is_map() {
            path.push(EACH.to_owned());
            let entry = Field {
                types: one,
                items: None,
                texts,
                required: false,
                open,
                limits: BTreeMap::new(),
                label: None,
                labels: Labels::default(),
                place,
            };
            self.fields.add(path, entry);
        }
        if let Kind::Message(message) = inner.kind()
            && Known::of(&message).is_none()
        {
            self.members(path, &message);
        }
        if field.is_map() {
            path.pop();
        }
    }
}

/// How many labels a block has that is such a message.
fn labels_of(contract: &Message, message: &MessageDescriptor) -> Labels {
    let mut labels = Labels {
        fewest: 0,
        most: Some(0),
    };
    for field in message.fields() {
        if let Some(index) = contract.label_index(message, &field) {
            labels.most = labels.most.max(Some(index + 1));
            if field.cardinality() == Cardinality::Required {
                labels.fewest = labels.fewest.max(index + 1);
            }
        }
    }
    labels
}

/// The types of a field's value, the texts that it may be, and whether it may hold any name.
fn value(field: &FieldDescriptor) -> (Types, Option<BTreeSet<String>>, bool) {
    let kind = match field.kind() {
        Kind::Message(message) => match Known::of(&message) {
            Some(Known::Wrapped(kind)) => kind,
            Some(Known::Timestamp | Known::Duration) => return (types([Type::Text]), None, false),
            Some(Known::Dictionary) => return (types([Type::Dictionary]), None, true),
            Some(Known::List) => return (types([Type::List]), None, true),
            Some(Known::Anything) => return (None, None, true),
            None => return (types([Type::Dictionary]), None, false),
        },
        kind => kind,
    };
    match kind {
        Kind::Bool => (types([Type::Boolean]), None, false),
        Kind::String | Kind::Bytes => (types([Type::Text]), None, false),
        Kind::Double | Kind::Float => (types([Type::Whole, Type::Fraction]), None, false),
        Kind::Enum(of) => {
            let names = of.values().map(|value| value.name().to_owned());
            (types([Type::Text]), Some(names.collect()), false)
        }
        _ => (types([Type::Whole]), None, false),
    }
}
