//! `NAME=value`, as shells, Docker Compose and readers of `.env` files take it.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::error::ExportError;
use super::what::Export;
use crate::values::{Address, Leaf, Value};

pub(super) fn text(export: &Export<'_>) -> Result<String, Vec<ExportError>> {
    let mut text = String::new();
    let mut errors = Vec::new();
    let mut names: HashMap<String, Address> = HashMap::new();
    for part in &export.parts {
        for leaf in part.element.leaves() {
            let address = address(part.document, &leaf);
            let name = name(&address);
            let value = match leaf.value() {
                Value::String(text) => text.into_owned(),
                other => other.to_string(),
            };
            let _ = writeln!(text, "{name}={}", quoted(&value));
            if let Some(first) = names.get(&name) {
                errors.push(ExportError::SameName {
                    name,
                    first: Box::new(first.clone()),
                    second: Box::new(address),
                });
                continue;
            }
            names.insert(name, address);
        }
    }
    if errors.is_empty() {
        Ok(text)
    } else {
        Err(errors)
    }
}

fn address(document: &str, leaf: &Leaf<'_>) -> Address {
    Address {
        document: document.to_owned(),
        selector: leaf.selector(),
    }
}

/// The address in capitals; all that is neither a letter from A to Z nor a digit becomes one `_`.
fn name(address: &Address) -> String {
    let address = address.to_string();
    let words = address.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let name = words.join("_").to_ascii_uppercase();
    // No name begins with a digit.
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        return format!("_{name}");
    }
    name
}

/// A value as a shell reads it. Single quotes take everything but themselves; within double quotes four characters mean more.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}
