//! What a value is to be, and what is written for it.

use super::error::ValueEditError;
use crate::ocl::{Content, Kind, Literal, Node, doubled_json_name};

/// What a value is to be.
#[derive(Debug, Clone)]
pub enum NewValue {
    /// This, whatever is there.
    Exactly(Literal),
    /// What a person typed. Where a string or a label stands, it stays one: the text, or the content of a JSON string.
    /// Elsewhere it is JSON if it reads as such, else a text.
    Typed(String),
}

pub(super) fn label_text(value: &NewValue, selector: &str) -> Result<String, ValueEditError> {
    let content = match value {
        NewValue::Typed(text) => return Ok(unquoted(text)),
        NewValue::Exactly(literal) => &literal.0,
    };
    match content {
        Content::String(text) | Content::Number(text) => Ok(text.clone()),
        Content::Bool(value) => Ok(value.to_string()),
        _ => Err(ValueEditError::Label {
            selector: selector.to_owned(),
            kind: match content {
                Content::Null => "null",
                Content::List(_) => "a list",
                _ => "a dictionary",
            },
        }),
    }
}

/// What is to be written in the place of a value, or of none.
pub(super) fn literal(
    value: &NewValue,
    there: Option<Node<'_>>,
    selector: &str,
) -> Result<Literal, ValueEditError> {
    let text = match value {
        NewValue::Exactly(literal) => return Ok(literal.clone()),
        NewValue::Typed(text) => text,
    };
    if there.is_some_and(|there| matches!(there.kind(), Kind::String | Kind::Heredoc)) {
        return Ok(unquoted(text).into());
    }
    Ok(match serde_json::from_str::<serde_json::Value>(text) {
        // OCL has no exponents.
        Ok(serde_json::Value::Number(_)) if text.contains(['e', 'E']) => text.as_str().into(),
        Ok(json) => match doubled_json_name(text) {
            None => json.into(),
            Some(doubled) => {
                return Err(ValueEditError::DoubledName {
                    selector: selector.to_owned(),
                    source: doubled,
                });
            }
        },
        Err(_) => text.as_str().into(),
    })
}

/// The content of a JSON string, else the text.
fn unquoted(text: &str) -> String {
    serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
}

pub(super) fn type_of_literal(value: &Literal) -> &'static str {
    match value.0 {
        Content::Null => "null",
        Content::Bool(_) => "boolean",
        Content::Number(_) => "number",
        Content::String(_) => "string",
        Content::List(_) => "list",
        Content::Object(_) => "dictionary",
    }
}
