//! Small HCL files beside cases and snapshots: read whole, with the line and the name where a value is of the wrong type.

use hcl::edit::expr::Expression;
use hcl::edit::{Span, parser};
use serde::de::DeserializeOwned;

use crate::catalog::{OPEN_QUOTE, in_plain_words, open_quote};
use crate::text::{list, nearest};

/// What a file says.
///
/// # Errors
/// A message with the line.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if let Err(error) = parser::parse_body(text) {
        let at = error.location();
        let (line, column) = (at.line(), at.column());
        let message = in_plain_words(error.message());
        if let Some(at) = open_quote(text) {
            let line = text[..at].matches('\n').count() + 1;
            return Err(format!("line {line}: {OPEN_QUOTE}"));
        }
        return Err(format!("line {line} column {column}: {message}"));
    }
    strict(text).map_err(|message| located::<T>(text).unwrap_or(message))
}

/// That a file has no such attribute, and which was meant. `None` for another error.
fn unknown(message: &str) -> Option<String> {
    let at = message.find("unknown field `")?;
    let mut names = message[at..].split('`').skip(1).step_by(2);
    let name = names.next()?;
    let known: Vec<&str> = names.collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", list(&known)),
    };
    Some(format!("unknown attribute `{name}`: {help}"))
}

/// Reads it twice, since `hcl` makes a string of any value where one is expected, and JSON doesn't.
fn strict<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let plain = |message: String| unknown(&message).unwrap_or_else(|| message.trim().to_owned());
    let message = |error: hcl::Error| plain(error.to_string());
    let read = hcl::from_str(text).map_err(message)?;
    let value: serde_json::Value = hcl::from_str(text).map_err(message)?;
    match serde_json::from_value::<T>(value) {
        Ok(_) => Ok(read),
        Err(error) => Err(plain(error.to_string())),
    }
}

/// The first attribute, or the first entry of one, that can't be read by itself.
fn located<T: DeserializeOwned>(text: &str) -> Option<String> {
    let body = parser::parse_body(text).ok()?;
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    for attribute in body.attributes() {
        let place = attribute.span()?;
        let Err(error) = strict::<T>(&text[place.clone()]) else {
            continue;
        };
        let name = attribute.key.as_str();
        if error.starts_with("unknown attribute") {
            return Some(format!("line {}: {error}", line(place.start)));
        }
        if let Expression::Object(object) = &attribute.value {
            for (key, value) in object.iter() {
                let (key_place, value) = (key.span()?, value.expr().span()?);
                let (key, value) = (&text[key_place.clone()], &text[value]);
                if let Err(error) = strict::<T>(&format!("{name} = {{ {key} = {value} }}")) {
                    let line = line(key_place.start);
                    return Some(format!("line {line}: {name}: {key}: {error}"));
                }
            }
        }
        return Some(format!("line {}: {name}: {error}", line(place.start)));
    }
    None
}
