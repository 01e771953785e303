//! Reads exports back, each by a reader that has nothing to do with its writer.

use std::fmt::Write as _;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use ocl_migrate::export::POSITION;
use ocl_migrate::ocl::{self, Dialect, LABELS};
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value, json};

/// OCL that says what an exported object does.
pub fn ocl_of(object: &Value) -> String {
    let mut text = String::new();
    write_body(object.as_object().unwrap(), &mut text);
    text
}

fn write_body(object: &Map<String, Value>, text: &mut String) {
    let mut blocks: Vec<(&str, &Map<String, Value>)> = Vec::new();
    for (name, value) in object {
        if name == LABELS || name == POSITION {
            continue;
        }
        let items = value.as_array().filter(|items| !items.is_empty());
        let objects = items.and_then(|items| items.iter().map(Value::as_object).collect());
        let objects: Option<Vec<_>> = objects;
        match objects {
            Some(objects) => blocks.extend(objects.into_iter().map(|object| (&**name, object))),
            None => text.push_str(&(written(&json!({ name: value })) + "\n")),
        }
    }
    blocks.sort_by_key(|(_, object)| object.get(POSITION).map_or(0, |at| at.as_u64().unwrap()));
    for (name, object) in blocks {
        let labels = object.get(LABELS).cloned().unwrap_or(json!([]));
        let head = written(&json!({ name: [{ LABELS: labels }] }));
        text.push_str(&head[..=head.rfind('{').unwrap()]);
        text.push('\n');
        write_body(object, text);
        text.push_str("}\n");
    }
}

fn written(value: &Value) -> String {
    ocl::to_string(value, Dialect::Current).unwrap()
}

/// YAML, with numbers as they are written.
pub fn yaml(text: &str) -> Value {
    let mut open: Vec<Vec<Value>> = vec![Vec::new()];
    for event in Parser::new_from_str(text) {
        let value = match event.unwrap_or_else(|error| panic!("{error}\n{text}")).0 {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                open.push(Vec::new());
                continue;
            }
            Event::SequenceEnd => Value::Array(open.pop().unwrap()),
            Event::MappingEnd => {
                let items = open.pop().unwrap();
                let pairs = items.chunks(2);
                let pairs = pairs.map(|pair| {
                    let key = pair[0].as_str().unwrap_or_else(|| panic!("{}", pair[0]));
                    (key.to_owned(), pair[1].clone())
                });
                Value::Object(pairs.collect())
            }
            _ => continue,
        };
        open.last_mut().unwrap().push(value);
    }
    open.remove(0).remove(0)
}

/// A plain scalar by the rules of YAML 1.1, which takes more for booleans and null than 1.2.
fn plain(text: &str) -> Value {
    let lower = text.to_lowercase();
    let is_word = |words: &[&str]| words.contains(&&*lower);
    if text == "true" || text == "false" {
        return Value::Bool(text == "true");
    }
    if text == "null" {
        return Value::Null;
    }
    let odd = [
        "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<",
    ];
    assert!(!is_word(&odd), "{text:?} isn't quoted");
    match text.parse::<Number>() {
        Ok(number) => Value::Number(number),
        Err(_) => Value::String(text.to_owned()),
    }
}

/// TOML; numbers as its readers see them.
pub fn toml(text: &str) -> Value {
    let table: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    of_toml(toml::Value::Table(table))
}

fn of_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::Table(table) => {
            let entries = table.into_iter();
            Value::Object(entries.map(|(key, value)| (key, of_toml(value))).collect())
        }
        toml::Value::Array(items) => items.into_iter().map(of_toml).collect(),
        toml::Value::String(text) => text.into(),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => Value::Number(format!("{number:?}").parse().unwrap()),
        toml::Value::Datetime(_) => panic!("nothing is a date"),
    }
}

/// Objects without order, and numbers as their amounts.
pub fn amounts(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries.into_iter();
            Value::Object(
                entries
                    .map(|(key, value)| (key.clone(), amounts(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(amounts).collect(),
        Value::Number(number) => {
            let text = number.to_string();
            let cut = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.')
            } else {
                &text
            };
            cut.into()
        }
        other => other.clone(),
    }
}

/// OCL that says what an exported text of HCL does.
pub fn ocl_of_hcl(text: &str) -> String {
    let body: Body = text
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut ocl = String::new();
    write_hcl(&body, &mut ocl);
    ocl
}

fn write_hcl(body: &Body, text: &mut String) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                // In a dictionary a list of objects isn't taken for blocks.
                let value = of_hcl(&attribute.value);
                let held = written(&json!({ "in": { "a": value } }));
                let held = held.strip_prefix("in = {\n    a = ").unwrap();
                let held = held.strip_suffix("\n}").unwrap();
                writeln!(text, "{} = {held}", attribute.key.as_str()).unwrap();
            }
            Structure::Block(block) => {
                let labels = block.labels.iter().map(|label| label.as_str());
                let labels: Vec<&str> = labels.collect();
                let head = written(&json!({ block.ident.as_str(): [{ LABELS: labels }] }));
                text.push_str(&head[..=head.rfind('{').unwrap()]);
                text.push('\n');
                write_hcl(&block.body, text);
                text.push_str("}\n");
            }
        }
    }
}

fn of_hcl(value: &Expression) -> Value {
    match value {
        Expression::Null(_) => Value::Null,
        Expression::Bool(value) => (*value.value()).into(),
        Expression::String(text) => text.as_str().into(),
        Expression::Array(items) => items.iter().map(of_hcl).collect(),
        Expression::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let key = key.as_expr().and_then(Expression::as_str).unwrap();
                (key.to_owned(), of_hcl(value.expr()))
            });
            Value::Object(entries.collect())
        }
        // With its digits.
        number => Value::Number(number.to_string().trim().parse().unwrap()),
    }
}
