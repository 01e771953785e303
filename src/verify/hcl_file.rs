//! Small HCL files beside cases and snapshots: read whole, with the line and the name where a value is of the wrong type.

use hcl::edit::expr::Expression;
use hcl::edit::{Span, parser};
use serde::de::DeserializeOwned;

/// What a file says.
///
/// # Errors
/// A message with the line.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    strict(text).map_err(|message| located::<T>(text).unwrap_or(message))
}

/// Reads it twice, since `hcl` makes a string of any value where one is expected, and JSON doesn't.
fn strict<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let message = |error: hcl::Error| error.to_string().trim().to_owned();
    let read = hcl::from_str(text).map_err(message)?;
    let value: serde_json::Value = hcl::from_str(text).map_err(message)?;
    match serde_json::from_value::<T>(value) {
        Ok(_) => Ok(read),
        Err(error) => Err(error.to_string()),
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
