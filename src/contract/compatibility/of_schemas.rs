//! Confluent's table of differences between JSON Schemas, as far as the fields of a schema can be listed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::fields::{EACH, Field, Fields, Type, Types};
use super::incompatibility::Incompatibility;
use crate::text::{either, some_of};

/// So many values are shown.
const SHOWN: usize = 3;

/// Every difference that the table calls incompatible for a reader of the newer schema.
pub(in super::super) fn compare(older: &Fields, newer: &Fields) -> Vec<Incompatibility> {
    let mut found = Vec::new();
    for (path, old) in older.iter() {
        match newer.get(path) {
            Some(new) => field(path, old, new, &mut found),
            None => gone(path, old, newer, &mut found),
        }
    }
    for (path, new) in newer.iter() {
        if older.get(path).is_none() {
            came(path, older, new, &mut found);
        }
    }
    found
}

fn add(
    found: &mut Vec<Incompatibility>,
    rule: &'static str,
    (old, new): (&Field, &Field),
    message: String,
) {
    found.push(Incompatibility {
        rule,
        message,
        older: old.place.clone(),
        newer: new.place.clone(),
    });
}

/// The name of a place in messages.
fn named(path: &[String]) -> String {
    if path.is_empty() {
        "the document".to_owned()
    } else {
        format!("`{}`", path.join("."))
    }
}

/// Where a path's holder is, and the field that stands for every other name in it.
fn holder<'f>(fields: &'f Fields, path: &[String]) -> Option<(&'f Field, Option<&'f Field>)> {
    let (_, parent) = path.split_last()?;
    let mut each = parent.to_vec();
    each.push(EACH.to_owned());
    Some((fields.get(parent)?, fields.get(&each)))
}

fn gone(path: &[String], old: &Field, newer: &Fields, found: &mut Vec<Incompatibility>) {
    let Some((holder, each)) = holder(newer, path) else {
        return;
    };
    if path.last().is_some_and(|name| name == EACH) {
        // That every other name went is said of what holds them.
        return;
    }
    match each {
        Some(each) => field(path, old, each, found),
        None if holder.open => {}
        None => {
            let message = format!("{} went", named(path));
            let rule = "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL";
            add(found, rule, (old, holder), message);
        }
    }
}

fn came(path: &[String], older: &Fields, new: &Field, found: &mut Vec<Incompatibility>) {
    let Some((holder, each)) = holder(older, path) else {
        return;
    };
    let is_each = path.last().is_some_and(|name| name == EACH);
    let it = named(path);
    match each {
        _ if is_each && holder.open => {
            let message = format!("{it} was anything");
            add(
                found,
                "ADDITIONAL_PROPERTIES_NARROWED",
                (holder, new),
                message,
            );
        }
        _ if is_each => {}
        Some(each) => field(path, each, new, found),
        None if new.required => {
            let rule = if holder.open {
                "REQUIRED_ATTRIBUTE_ADDED"
            } else {
                "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"
            };
            let message = format!("{it} came as required");
            add(found, rule, (holder, new), message);
        }
        // Under that name there may have been anything.
        None if holder.open && !is_anything(new) => {
            let rule = "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL";
            let message = format!("{it} came, where there could be anything of that name");
            add(found, rule, (holder, new), message);
        }
        None => {}
    }
}

fn is_anything(field: &Field) -> bool {
    field.types.is_none() && field.texts.is_none() && field.limits.is_empty() && field.open
}

fn field(path: &[String], old: &Field, new: &Field, found: &mut Vec<Incompatibility>) {
    let it = named(path);
    let pair = (old, new);
    for (what, before, now) in [
        ("", &old.types, &new.types),
        ("an item of ", &old.items, &new.items),
    ] {
        if let Some(lost) = lost(before, now) {
            let message = format!("{what}{it} may no longer be {lost}");
            let keeps = match (before, now) {
                (Some(before), Some(now)) => !before.is_disjoint(now),
                _ => true,
            };
            let rule = if keeps {
                "TYPE_NARROWED"
            } else {
                "TYPE_CHANGED"
            };
            add(found, rule, pair, message);
        }
    }
    if let Some(now) = &new.texts {
        let before = old.texts.as_ref();
        let lost: Vec<String> = before
            .into_iter()
            .flat_map(|before| before.difference(now))
            .map(|text| format!("`{text}`"))
            .collect();
        if !lost.is_empty() {
            let message = format!("{it} may no longer be {}", some_of(lost, SHOWN));
            add(found, "ENUM_ARRAY_NARROWED", pair, message);
        } else if before.is_none() && may_be_text(&old.types) {
            let message = format!("{it} may no longer be any text");
            add(found, "ENUM_ARRAY_NARROWED", pair, message);
        }
    }
    if new.required && !old.required {
        let message = format!("{it} came as required");
        add(found, "REQUIRED_ATTRIBUTE_ADDED", pair, message);
    }
    let may_hold = |types: &Types| {
        types
            .as_ref()
            .is_none_or(|types| types.contains(&Type::Dictionary) || types.contains(&Type::List))
    };
    if old.open && !new.open && may_hold(&old.types) && may_hold(&new.types) {
        let message = format!("{it} may no longer hold any name");
        add(found, "ADDITIONAL_PROPERTIES_REMOVED", pair, message);
    }
    for (name, now) in &new.limits {
        let before = old.limits.get(name);
        let keyword = name.rsplit('/').next().unwrap_or(name);
        if let Some(rule) = narrower(keyword, before, now) {
            let message = match before {
                Some(before) => format!("`{name}` of {it} was {before} and is {now}"),
                None => format!("`{name}` of {it} is {now}, and there was none"),
            };
            add(found, rule, pair, message);
        }
    }
}

/// The types that went, in words.
fn lost(before: &Types, now: &Types) -> Option<String> {
    let now = now.as_ref()?;
    let Some(before) = before else {
        return Some("anything".to_owned());
    };
    let lost: BTreeSet<Type> = before.difference(now).copied().collect();
    (!lost.is_empty()).then(|| either(lost.iter().map(|it| it.noun())))
}

fn may_be_text(types: &Types) -> bool {
    let types = types.as_ref();
    types.is_none_or(|types| types.contains(&Type::Text))
}

/// Keywords that bound something, whether from above, and the rules for a bound that came and for one that is narrower.
const BOUNDS: [(&str, bool, &str, &str); 10] = [
    ("maximum", true, "MAXIMUM_ADDED", "MAXIMUM_DECREASED"),
    ("minimum", false, "MINIMUM_ADDED", "MINIMUM_INCREASED"),
    (
        "exclusiveMaximum",
        true,
        "EXCLUSIVE_MAXIMUM_ADDED",
        "EXCLUSIVE_MAXIMUM_DECREASED",
    ),
    (
        "exclusiveMinimum",
        false,
        "EXCLUSIVE_MINIMUM_ADDED",
        "EXCLUSIVE_MINIMUM_INCREASED",
    ),
    (
        "maxLength",
        true,
        "MAX_LENGTH_ADDED",
        "MAX_LENGTH_DECREASED",
    ),
    (
        "minLength",
        false,
        "MIN_LENGTH_ADDED",
        "MIN_LENGTH_INCREASED",
    ),
    ("maxItems", true, "MAX_ITEMS_ADDED", "MAX_ITEMS_DECREASED"),
    ("minItems", false, "MIN_ITEMS_ADDED", "MIN_ITEMS_INCREASED"),
    (
        "maxProperties",
        true,
        "MAX_PROPERTIES_ADDED",
        "MAX_PROPERTIES_DECREASED",
    ),
    (
        "minProperties",
        false,
        "MIN_PROPERTIES_ADDED",
        "MIN_PROPERTIES_INCREASED",
    ),
];

/// The rule by which a keyword allows less than before; `None` if it allows as much.
fn narrower(keyword: &str, before: Option<&Value>, now: &Value) -> Option<&'static str> {
    if before == Some(now) {
        return None;
    }
    let bound = BOUNDS.iter().find(|(name, ..)| *name == keyword);
    match (keyword, before) {
        ("pattern", None) => Some("PATTERN_ADDED"),
        ("pattern", Some(_)) => Some("PATTERN_CHANGED"),
        ("uniqueItems", _) => (*now == Value::Bool(true)).then_some("UNIQUE_ITEMS_ADDED"),
        ("multipleOf", None) => Some("MULTIPLE_OF_ADDED"),
        ("multipleOf", Some(before)) => multiple(before, now),
        (_, before) => {
            let (_, is_above, came, tightened) = bound?;
            let Some(before) = before else {
                return Some(came);
            };
            let (before, now) = (before.as_f64()?, now.as_f64()?);
            let is_narrower = if *is_above {
                now < before
            } else {
                now > before
            };
            is_narrower.then_some(tightened)
        }
    }
}

fn multiple(before: &Value, now: &Value) -> Option<&'static str> {
    let (before, now) = (before.as_f64()?, now.as_f64()?);
    if before % now == 0.0 {
        None
    } else if now % before == 0.0 {
        Some("MULTIPLE_OF_EXPANDED")
    } else {
        Some("MULTIPLE_OF_CHANGED")
    }
}
