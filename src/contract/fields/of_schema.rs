//! The fields of a JSON Schema.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::place::Place;
use super::super::pointer;
use super::super::schema::{Schema, resolve};
use super::field::{EACH, Field, Fields, Labels, Type, Types};
use crate::ocl::LABELS;

/// The keywords that bound a value.
const LIMITS: [&str; 13] = [
    "maximum",
    "minimum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "multipleOf",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
];

/// How many schemas one is put together from, at most.
const MOST_PARTS: usize = 200;

pub(in super::super) fn fields(schema: &Schema) -> Fields {
    let mut listing = Listing {
        schema,
        fields: Fields::default(),
        open: Vec::new(),
    };
    let root = At {
        pointer: String::new(),
        value: schema.value(),
    };
    listing.list(&mut Vec::new(), &[root], true);
    listing.fields
}

/// A part of the schema, with the pointer that leads to it.
#[derive(Debug, Clone)]
struct At<'s> {
    pointer: String,
    value: &'s Value,
}

impl<'s> At<'s> {
    fn get(&self, name: &str) -> Option<At<'s>> {
        let value = self.value.get(name)?;
        let mut pointer = self.pointer.clone();
        pointer::push(&mut pointer, name);
        Some(At { pointer, value })
    }

    /// The items of a list, the members of an object.
    fn inner(&self) -> Vec<(String, At<'s>)> {
        let at = |name: String, value: &'s Value| {
            let mut pointer = self.pointer.clone();
            pointer::push(&mut pointer, &name);
            (name, At { pointer, value })
        };
        match self.value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| at(name.clone(), value))
                .collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| at(index.to_string(), value))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// What a schema says of one value, put together from all schemas that hold for it.
#[derive(Debug, Clone, Default)]
struct Summary<'s> {
    types: Types,
    texts: Option<BTreeSet<String>>,
    properties: BTreeMap<String, Vec<At<'s>>>,
    /// The properties that are one thing or another.
    unsure: BTreeSet<String>,
    required: BTreeSet<String>,
    closed: bool,
    additional: Vec<At<'s>>,
    /// The keywords that bound a value.
    limits: BTreeMap<String, Value>,
    items: Vec<At<'s>>,
}

struct Listing<'s> {
    schema: &'s Schema,
    fields: Fields,
    /// The schemas that the path leads through: one that holds itself is listed once.
    open: Vec<*const Value>,
}

impl<'s> Listing<'s> {
    fn list(&mut self, path: &mut Vec<String>, schemas: &[At<'s>], required: bool) {
        let Some(first) = schemas.first() else {
            return;
        };
        let mut budget = MOST_PARTS;
        let mut of_value = self.all(schemas, &mut budget);
        let of_items = self.all(&of_value.items, &mut budget);
        let is_list = !of_value.items.is_empty() && may_be(&of_value.types, Type::List);
        let items = is_list.then(|| of_items.types.clone()).flatten();
        // What is inside of a list is inside of its items.
        let inner = of_value.items.first().filter(|_| is_list).unwrap_or(first);
        let address = std::ptr::from_ref(self.target(inner).value);
        let (types, texts) = (of_value.types.take(), of_value.texts.take());
        let mut limits = std::mem::take(&mut of_value.limits);
        let of_each = of_items.limits.iter();
        limits.extend(of_each.map(|(name, limit)| (format!("items/{name}"), limit.clone())));
        // A list of blocks holds what each of them does.
        let holder = if is_list && of_value.properties.is_empty() {
            of_items
        } else {
            of_value
        };
        let field = Field {
            types,
            items,
            texts,
            required,
            open: !holder.closed,
            limits,
            label: None,
            labels: self.labels(&holder),
            place: Place::Pointer(first.pointer.clone()),
        };
        if !self.fields.add(path, field) || self.open.contains(&address) {
            return;
        }
        self.open.push(address);
        for (name, schemas) in &holder.properties {
            if name == LABELS {
                continue;
            }
            path.push(name.clone());
            let required = holder.required.contains(name);
            if holder.unsure.contains(name) {
                self.unsure(path, schemas, required);
            } else {
                self.list(path, schemas, required);
            }
            path.pop();
        }
        if !holder.additional.is_empty() {
            path.push(EACH.to_owned());
            self.list(path, &holder.additional, false);
            path.pop();
        }
        self.open.pop();
    }

    /// A field that may be anything, as far as can be said.
    fn unsure(&mut self, path: &[String], schemas: &[At<'s>], required: bool) {
        let pointer = schemas.first().map_or("", |first| &first.pointer);
        let field = Field {
            types: None,
            items: None,
            texts: None,
            required,
            open: true,
            limits: BTreeMap::new(),
            label: None,
            labels: Labels::default(),
            place: Place::Pointer(pointer.to_owned()),
        };
        self.fields.add(path, field);
    }

    /// How many labels a block has, as far as its schema says so.
    fn labels(&self, block: &Summary<'s>) -> Labels {
        let Some(schemas) = block.properties.get(LABELS) else {
            return Labels {
                fewest: 0,
                most: block.closed.then_some(0),
            };
        };
        if block.unsure.contains(LABELS) {
            return Labels::default();
        }
        let mut budget = MOST_PARTS;
        let list = self.all(schemas, &mut budget);
        let limit = |name: &str| {
            let limit = list.limits.get(name)?.as_u64()?;
            usize::try_from(limit).ok()
        };
        Labels {
            // A block without a label has no list of them.
            fewest: if block.required.contains(LABELS) {
                limit("minItems").unwrap_or_default().max(1)
            } else {
                0
            },
            most: limit("maxItems"),
        }
    }

    /// What a schema refers to, else itself.
    fn target(&self, at: &At<'s>) -> At<'s> {
        let root = self.schema.value();
        let pointer = at.value.get("$ref").and_then(Value::as_str);
        match (resolve(root, at.value), pointer) {
            (Some(value), Some(pointer)) => At {
                pointer: pointer.trim_start_matches('#').to_owned(),
                value,
            },
            _ => at.clone(),
        }
    }

    /// All of these hold.
    fn all(&self, schemas: &[At<'s>], budget: &mut usize) -> Summary<'s> {
        let mut whole = Summary::default();
        for schema in schemas {
            whole = both(whole, self.one(schema, budget));
        }
        whole
    }

    fn one(&self, at: &At<'s>, budget: &mut usize) -> Summary<'s> {
        if *budget == 0 {
            return Summary::default();
        }
        *budget -= 1;
        let mut summary = own(at);
        if at.value.get("$ref").is_some() {
            let target = self.target(at);
            if !std::ptr::eq(target.value, at.value) {
                summary = both(summary, self.one(&target, budget));
            }
        }
        if let Some(parts) = at.get("allOf") {
            for (_, part) in parts.inner() {
                summary = both(summary, self.one(&part, budget));
            }
        }
        for name in ["anyOf", "oneOf"] {
            let Some(forms) = at.get(name) else { continue };
            let forms = forms.inner().into_iter();
            let forms: Vec<Summary<'s>> = forms.map(|(_, form)| self.one(&form, budget)).collect();
            if let Some(any) = forms.into_iter().reduce(either) {
                summary = both(summary, any);
            }
        }
        for name in ["then", "else"] {
            let Some(part) = at.get(name) else { continue };
            // Whether it holds depends on the document; the names that it knows are known.
            let part = self.one(&part, budget);
            for (name, schemas) in part.properties {
                if !summary.properties.contains_key(&name) {
                    summary.unsure.insert(name.clone());
                    summary.properties.insert(name, schemas);
                }
            }
        }
        summary
    }
}

/// What a schema says itself.
fn own<'s>(at: &At<'s>) -> Summary<'s> {
    let mut summary = Summary::default();
    let schema = at.value;
    summary.types = match schema.get("type") {
        Some(Value::String(name)) => types_of(name),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            Some(names.filter_map(types_of).flatten().collect())
        }
        _ => None,
    };
    let constant = schema.get("const").map(std::slice::from_ref);
    let values = schema.get("enum").and_then(Value::as_array);
    if let Some(values) = constant.or(values.map(Vec::as_slice)) {
        let texts = values.iter().filter_map(Value::as_str);
        let texts: BTreeSet<String> = texts.map(str::to_owned).collect();
        let of_values: BTreeSet<Type> = values.iter().filter_map(type_of).collect();
        summary.types = intersect(summary.types, Some(of_values));
        summary.texts = Some(texts);
    }
    for name in LIMITS {
        if let Some(limit) = schema.get(name) {
            summary.limits.insert(name.to_owned(), limit.clone());
        }
    }
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    summary.required = required.map(str::to_owned).collect();
    for (name, property) in at
        .get("properties")
        .map(|it| it.inner())
        .unwrap_or_default()
    {
        summary.properties.insert(name, vec![property]);
    }
    let has_patterns = schema.get("patternProperties").is_some();
    for name in ["additionalProperties", "unevaluatedProperties"] {
        match at.get(name) {
            Some(at) if *at.value == Value::Bool(false) => summary.closed = !has_patterns,
            Some(at) if at.value.is_object() => summary.additional.push(at),
            _ => {}
        }
    }
    if let Some(items) = at.get("items").filter(|items| items.value.is_object()) {
        summary.items.push(items);
    }
    summary
}

fn both<'s>(mut one: Summary<'s>, other: Summary<'s>) -> Summary<'s> {
    one.types = intersect(one.types, other.types);
    one.texts = intersect(one.texts, other.texts);
    for (name, schemas) in other.properties {
        one.properties.entry(name).or_default().extend(schemas);
    }
    one.unsure.extend(other.unsure);
    one.required.extend(other.required);
    one.closed |= other.closed;
    one.additional.extend(other.additional);
    for (name, limit) in other.limits {
        one.limits.entry(name).or_insert(limit);
    }
    one.items.extend(other.items);
    one
}

/// One of the two holds: only what both say is sure.
fn either<'s>(mut one: Summary<'s>, other: Summary<'s>) -> Summary<'s> {
    one.texts = match (one.texts, other.texts) {
        (Some(a), Some(b)) => Some(a.union(&b).cloned().collect()),
        // Other texts than those of the one only where the other takes texts.
        (Some(a), None) if !may_be(&other.types, Type::Text) => Some(a),
        (None, Some(b)) if !may_be(&one.types, Type::Text) => Some(b),
        _ => None,
    };
    one.types = match (one.types, other.types) {
        (Some(a), Some(b)) => Some(a.union(&b).copied().collect()),
        _ => None,
    };
    one.required = &one.required & &other.required;
    one.closed &= other.closed;
    for (name, schemas) in other.properties {
        match one.properties.entry(name) {
            Entry::Occupied(known) => drop(one.unsure.insert(known.key().clone())),
            Entry::Vacant(free) => drop(free.insert(schemas)),
        }
    }
    one.unsure.extend(other.unsure);
    one.additional.clear();
    one.limits
        .retain(|name, limit| other.limits.get(name) == Some(limit));
    if one.items.is_empty() {
        one.items = other.items;
    } else if !other.items.is_empty() {
        one.items.clear();
    }
    one
}

fn intersect<T: Ord + Clone>(
    one: Option<BTreeSet<T>>,
    other: Option<BTreeSet<T>>,
) -> Option<BTreeSet<T>> {
    match (one, other) {
        (Some(a), Some(b)) => Some(&a & &b),
        (a, b) => a.or(b),
    }
}

fn may_be(types: &Types, wanted: Type) -> bool {
    types.as_ref().is_none_or(|types| types.contains(&wanted))
}

fn types_of(name: &str) -> Types {
    Some(match name {
        "null" => BTreeSet::from([Type::Null]),
        "boolean" => BTreeSet::from([Type::Boolean]),
        "integer" => BTreeSet::from([Type::Whole]),
        "number" => BTreeSet::from([Type::Whole, Type::Fraction]),
        "string" => BTreeSet::from([Type::Text]),
        "array" => BTreeSet::from([Type::List]),
        "object" => BTreeSet::from([Type::Dictionary]),
        _ => return None,
    })
}

fn type_of(value: &Value) -> Option<Type> {
    Some(match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Number(number) if number.is_i64() || number.is_u64() => Type::Whole,
        Value::Number(_) => Type::Fraction,
        Value::String(_) => Type::Text,
        Value::Array(_) => Type::List,
        Value::Object(_) => Type::Dictionary,
    })
}
