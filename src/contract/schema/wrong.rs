//! What is wrong with a schema itself, and where in its file.

use std::collections::HashMap;
use std::ops::Range;

use jsonschema::ReferencingError;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::pointer;
use super::super::subject::shortened;
use crate::catalog::{Problem, SourceFile};

/// Why a schema can't be used.
pub(super) fn problem(file: &SourceFile, schema: &Value, error: &ValidationError<'_>) -> Problem {
    let at = error.instance_path().to_string();
    let (at, message) = match error.kind() {
        ValidationErrorKind::Referencing(wrong) => {
            let (reference, message) = reference(wrong);
            (place_of(schema, &reference).unwrap_or(at), message)
        }
        ValidationErrorKind::Format { format } if format == "regex" => {
            let pattern = error.instance().as_str().unwrap_or_default();
            let message = format!(
                "the pattern `{}` can't be used: look-around and back-references could make matching slow, and patterns have a limit in size",
                shortened(pattern)
            );
            (at, message)
        }
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            let found = error.instance().to_string();
            let message = format!(
                "`{}` is not what JSON Schema allows here",
                shortened(&found)
            );
            (at, message)
        }
        _ if at.ends_with("/format") => {
            let format = error.instance().as_str().unwrap_or_default();
            let message = format!("`{}` is no format that is known here", shortened(format));
            (at, message)
        }
        _ => (at, error.to_string()),
    };
    Problem::at(file, span(&file.text, &at).unwrap_or(0..0), message)
}

/// The reference that leads nowhere, as it is written, and what is wrong with it.
fn reference(wrong: &ReferencingError) -> (String, String) {
    match wrong {
        ReferencingError::Unretrievable { uri, .. } => (
            uri.clone(),
            format!(
                "`{uri}` is another file, and nothing is fetched: a contract refers only to itself, as in `#/$defs/name`"
            ),
        ),
        ReferencingError::PointerToNowhere { pointer } => (
            format!("#{pointer}"),
            format!("`#{pointer}` leads to nothing in this file"),
        ),
        ReferencingError::UnknownSpecification { specification } => (
            specification.clone(),
            format!("`{specification}` is no draft of JSON Schema that is known here"),
        ),
        other => (String::new(), other.to_string()),
    }
}

/// Where a text stands as a value in the schema, as a pointer.
fn place_of(schema: &Value, wanted: &str) -> Option<String> {
    let mut open = vec![(String::new(), schema)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::String(text) if !wanted.is_empty() && text == wanted => return Some(at),
            Value::Object(members) => {
                for (name, value) in members {
                    let mut inner = at.clone();
                    pointer::push(&mut inner, name);
                    open.push((inner, value));
                }
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(index, value)| (format!("{at}/{index}"), value)));
            }
            _ => {}
        }
    }
    None
}

/// The place in a JSON text of what a pointer leads to, or of as much of the way as there is.
pub(super) fn span(text: &str, pointer: &str) -> Option<Range<usize>> {
    let mut value: &RawValue = serde_json::from_str(text).ok()?;
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let inner = value.get();
        let next = if inner.starts_with('{') {
            let mut members: HashMap<String, &RawValue> = serde_json::from_str(inner).ok()?;
            members.remove(&name)
        } else if inner.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(inner).ok()?;
            let index: Option<usize> = name.parse().ok();
            index.and_then(|index| items.get(index).copied())
        } else {
            None
        };
        match next {
            Some(next) => value = next,
            None => break,
        }
    }
    // The value is a part of the text.
    let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
    let line = crate::text::first_line(value.get()).len();
    Some(start..start + line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_place() {
        let text = "{\n  \"a\": {\"b/c\": [1, {\"d\": 23}]}\n}";
        let at = |pointer| &text[span(text, pointer).unwrap()];
        assert_eq!(at(""), "{");
        assert_eq!(at("/a/b~1c/0"), "1");
        assert_eq!(at("/a/b~1c/1/d"), "23");
        assert_eq!(at("/a/b~1c/7"), "[1, {\"d\": 23}]");
        assert_eq!(at("/a/b~1c/1/d/e"), "23");
    }
}
