//! buf's rules for JSON on the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use prost_reflect::{
    Cardinality, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, Syntax,
};

use super::super::message::{Message, is_google_name};
use super::super::place::Place;
use super::incompatibility::Incompatibility;
use crate::text::list;

/// Every difference that buf calls breaking.
pub(in super::super) fn compare(older: &Message, newer: &Message) -> Vec<Incompatibility> {
    let mut comparison = Comparison {
        older,
        newer,
        found: Vec::new(),
    };
    comparison.all();
    comparison.found
}

struct Comparison<'m> {
    older: &'m Message,
    newer: &'m Message,
    found: Vec<Incompatibility>,
}

/// A place in a file, as descriptors tell it.
type At<'d> = (FileDescriptor, &'d [i32]);

impl Comparison<'_> {
    fn add(&mut self, rule: &'static str, older: At<'_>, newer: At<'_>, message: impl Display) {
        self.found.push(Incompatibility {
            rule,
            message: message.to_string(),
            older: Place::of(&older.0, older.1),
            newer: Place::of(&newer.0, newer.1),
        });
    }

    fn all(&mut self) {
        let (old, new) = (self.older.root(), self.newer.root());
        let packages = (old.package_name(), new.package_name());
        if packages.0 != packages.1 {
            let message = format!("the package was `{}` and is `{}`", packages.0, packages.1);
            let places = (
                (old.parent_file(), old.path()),
                (new.parent_file(), new.path()),
            );
            self.add("FILE_SAME_PACKAGE", places.0, places.1, message);
        }
        let messages = messages(self.newer);
        for (name, old) in &self::messages(self.older) {
            if let Some(new) = messages.get(name) {
                self.message(old, new);
            }
        }
        let enums = enums(self.newer);
        for (name, old) in &self::enums(self.older) {
            if let Some(new) = enums.get(name) {
                self.enumeration(old, new);
            }
        }
    }

    fn message(&mut self, old: &MessageDescriptor, new: &MessageDescriptor) {
        let name = old.name();
        let places = || {
            (
                (old.parent_file(), old.path()),
                (new.parent_file(), new.path()),
            )
        };
        if lost_json(&old.parent_file(), &new.parent_file()) {
            let (at_old, at_new) = places();
            let message = format!("`{name}` was in proto3 and is in proto2");
            self.add("MESSAGE_SAME_JSON_FORMAT", at_old, at_new, message);
        }
        let required = |message: &MessageDescriptor| -> BTreeSet<u32> {
            let fields = message.fields();
            let required = fields.filter(|it| it.cardinality() == Cardinality::Required);
            required.map(|field| field.number()).collect()
        };
        for number in required(old).symmetric_difference(&required(new)) {
            let (at_old, at_new) = places();
            let message = format!("field {number} of `{name}` is required in one of the two");
            self.add("MESSAGE_SAME_REQUIRED_FIELDS", at_old, at_new, message);
        }
        let reserved = Reserved::of_message(new);
        for lost in Reserved::of_message(old).lost(&reserved) {
            let (at_old, at_new) = places();
            let message = format!("`{name}` no longer reserves {lost}");
            self.add("RESERVED_MESSAGE_NO_DELETE", at_old, at_new, message);
        }
        for field in old.fields() {
            if let Some(new) = new.get_field(field.number()) {
                self.field(&field, &new);
                continue;
            }
            let number = i64::from(field.number());
            let at_old = || (field.parent_message().parent_file(), field.path());
            if !reserved.names.contains(field.name()) {
                let message = format!(
                    "`{name}` lost `{}` and doesn't reserve the name",
                    field.name()
                );
                let rule = "FIELD_NO_DELETE_UNLESS_NAME_RESERVED";
                self.add(rule, at_old(), places().1, message);
            }
            if !reserved.has(number, number) {
                let message = format!(
                    "`{name}` lost `{}` and doesn't reserve its number, {number}",
                    field.name()
                );
                let rule = "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED";
                self.add(rule, at_old(), places().1, message);
            }
        }
    }

    fn field(&mut self, old: &FieldDescriptor, new: &FieldDescriptor) {
        let place = |field: &FieldDescriptor| field.parent_message().parent_file();
        let places = || ((place(old), old.path()), (place(new), new.path()));
        let name = format!("{}.{}", old.parent_message().name(), old.name());
        let types = (type_of(old, self.older), type_of(new, self.newer));
        let mut changed = |rule, what: &str, before: &dyn Display, now: &dyn Display| {
            let (at_old, at_new) = places();
            let message = format!("{what} of `{name}` was {before} and is {now}");
            self.add(rule, at_old, at_new, message);
        };
        if old.name() != new.name() {
            changed("FIELD_SAME_NAME", "the name", &old.name(), &new.name());
        }
        if old.json_name() != new.json_name() {
            let (before, now) = (old.json_name(), new.json_name());
            changed("FIELD_SAME_JSON_NAME", "the name in JSON", &before, &now);
        }
        let cardinalities = (cardinality(old), cardinality(new));
        if cardinalities.0 != cardinalities.1 {
            let rule = "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY";
            changed(rule, "the cardinality", &cardinalities.0, &cardinalities.1);
        }
        if types.0 != types.1 && !has_room(&old.kind(), &new.kind()) {
            let rule = "FIELD_WIRE_JSON_COMPATIBLE_TYPE";
            changed(rule, "the type", &types.0, &types.1);
        }
        if let (Some(before), Some(now)) = (default_of(old), default_of(new))
            && std::mem::discriminant(&old.kind()) == std::mem::discriminant(&new.kind())
            && before != now
        {
            changed("FIELD_SAME_DEFAULT", "the default", &before, &now);
        }
        let oneofs = (oneof(old), oneof(new));
        if oneofs.0 != oneofs.1 {
            let named =
                |name: Option<String>| name.map_or("none".to_owned(), |it| format!("`{it}`"));
            let (before, now) = (named(oneofs.0), named(oneofs.1));
            changed("FIELD_SAME_ONEOF", "the `oneof`", &before, &now);
        }
    }

    fn enumeration(&mut self, old: &EnumDescriptor, new: &EnumDescriptor) {
        let name = old.name();
        let places = || {
            (
                (old.parent_file(), old.path()),
                (new.parent_file(), new.path()),
            )
        };
        let mut add = |rule, message: String| {
            let (at_old, at_new) = places();
            self.add(rule, at_old, at_new, message);
        };
        if lost_json(&old.parent_file(), &new.parent_file()) {
            let message = format!("`{name}` was in proto3 and is in proto2");
            add("ENUM_SAME_JSON_FORMAT", message);
        }
        let reserved = Reserved::of_enum(new);
        for lost in Reserved::of_enum(old).lost(&reserved) {
            let message = format!("`{name}` no longer reserves {lost}");
            add("RESERVED_ENUM_NO_DELETE", message);
        }
        let now = values(new);
        for (number, names) in values(old) {
            let Some(now) = now.get(&number) else {
                if !names.is_subset(&reserved.names) {
                    let message = format!(
                        "`{name}` lost {} and doesn't reserve the name",
                        list(&names)
                    );
                    add("ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED", message);
                }
                if !reserved.has(number.into(), number.into()) {
                    let message = format!(
                        "`{name}` lost {} and doesn't reserve its number, {number}",
                        list(&names)
                    );
                    add("ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", message);
                }
                continue;
            };
            if !names.is_subset(now) {
                let message = format!(
                    "{number} of `{name}` was {} and is {}",
                    list(&names),
                    list(now)
                );
                add("ENUM_VALUE_SAME_NAME", message);
            }
        }
    }
}

/// The name of a type, without the package of the document's message.
fn within<'n>(name: &'n str, of: &Message) -> &'n str {
    let package = of.root().package_name();
    let rest = name.strip_prefix(package).filter(|_| !package.is_empty());
    rest.filter(|rest| rest.starts_with('.')).unwrap_or(name)
}

fn messages(of: &Message) -> BTreeMap<String, MessageDescriptor> {
    let pool = of.root().parent_pool();
    let all = pool.all_messages();
    let own = all.filter(|message| !is_google_name(message.package_name()));
    own.map(|message| (within(message.full_name(), of).to_owned(), message))
        .collect()
}

fn enums(of: &Message) -> BTreeMap<String, EnumDescriptor> {
    let pool = of.root().parent_pool();
    let all = pool.all_enums();
    let own = all.filter(|it| !is_google_name(it.package_name()));
    own.map(|it| (within(it.full_name(), of).to_owned(), it))
        .collect()
}

/// The names of each number.
fn values(of: &EnumDescriptor) -> BTreeMap<i32, BTreeSet<String>> {
    let mut values: BTreeMap<i32, BTreeSet<String>> = BTreeMap::new();
    for value in of.values() {
        let names = values.entry(value.number()).or_default();
        names.insert(value.name().to_owned());
    }
    values
}

/// Only proto3 promises JSON for all that it takes.
fn lost_json(old: &FileDescriptor, new: &FileDescriptor) -> bool {
    old.syntax() == Syntax::Proto3 && new.syntax() == Syntax::Proto2
}

fn cardinality(field: &FieldDescriptor) -> &'static str {
    match field.cardinality() {
        _ if field.is_map() => "a map",
        Cardinality::Optional => "optional",
        Cardinality::Required => "required",
        Cardinality::Repeated => "repeated",
    }
}

/// The type's name; types that JSON can't tell apart have one.
fn type_of(field: &FieldDescriptor, of: &Message) -> String {
    match field.kind() {
        Kind::Message(message) => {
            let what = if field.is_group() { "group" } else { "message" };
            format!("the {what} `{}`", within(message.full_name(), of))
        }
        Kind::Enum(values) => format!("the enumeration `{}`", within(values.full_name(), of)),
        Kind::Uint32 => "int32".to_owned(),
        Kind::Uint64 => "int64".to_owned(),
        Kind::Sfixed32 => "fixed32".to_owned(),
        Kind::Sfixed64 => "fixed64".to_owned(),
        kind => format!("{kind:?}"),
    }
}

/// Whether an enumeration of the same short name has every value of another.
fn has_room(old: &Kind, new: &Kind) -> bool {
    let (Kind::Enum(old), Kind::Enum(new)) = (old, new) else {
        return false;
    };
    let has = |name: &str, number| {
        new.get_value_by_name(name)
            .is_some_and(|value| value.number() == number)
    };
    old.name() == new.name() && old.values().all(|value| has(value.name(), value.number()))
}

/// The default of a single value, as text.
fn default_of(field: &FieldDescriptor) -> Option<String> {
    let is_single = !field.is_list() && !field.is_map() && field.kind().as_message().is_none();
    is_single.then(|| field.default_value().to_string())
}

fn oneof(field: &FieldDescriptor) -> Option<String> {
    let oneof = field.containing_oneof()?;
    (!oneof.is_synthetic()).then(|| oneof.name().to_owned())
}

/// What a message or enumeration reserves.
struct Reserved {
    /// Ascending, none touches the next.
    ranges: Vec<(i64, i64)>,
    names: BTreeSet<String>,
}

impl Reserved {
    fn new<'n>(
        ranges: impl Iterator<Item = (i64, i64)>,
        names: impl Iterator<Item = &'n str>,
    ) -> Reserved {
        let mut ranges: Vec<(i64, i64)> = ranges.collect();
        ranges.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::new();
        for (least, most) in ranges {
            match joined.last_mut() {
                Some(last) if least <= last.1 + 1 => last.1 = last.1.max(most),
                _ => joined.push((least, most)),
            }
        }
        Reserved {
            ranges: joined,
            names: names.map(str::to_owned).collect(),
        }
    }

    fn of_message(message: &MessageDescriptor) -> Reserved {
        let ranges = message.reserved_ranges();
        let ranges = ranges.map(|range| (range.start.into(), i64::from(range.end) - 1));
        Reserved::new(ranges, message.reserved_names())
    }

    fn of_enum(of: &EnumDescriptor) -> Reserved {
        let ranges = of.reserved_ranges();
        let ranges = ranges.map(|range| (i64::from(*range.start()), i64::from(*range.end())));
        Reserved::new(ranges, of.reserved_names())
    }

    fn has(&self, least: i64, most: i64) -> bool {
        let after = self.ranges.partition_point(|range| range.0 <= least);
        after > 0 && self.ranges[after - 1].1 >= most
    }

    /// What it reserves and a newer one doesn't.
    fn lost(&self, newer: &Reserved) -> Vec<String> {
        let ranges = self.ranges.iter();
        let lost = ranges.filter(|(least, most)| !newer.has(*least, *most));
        let lost = lost.map(|(least, most)| format!("{least} to {most}"));
        let names = self.names.difference(&newer.names);
        lost.chain(names.map(|name| format!("`{name}`"))).collect()
    }
}
