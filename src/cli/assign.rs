//! `--set`, `--set-json` and `--unset`: single values, by their addresses.

use crate::ocl::doubled_json_name;
use crate::project::{Draft, DraftError};
use crate::text;
use crate::values::{Address, EditedValue, NewValue, ValueEdit, ValueEditError};

use super::failure::Failure;
use super::output::Output;

/// One of these options.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    address: Address,
    /// `None` to remove it.
    value: Option<NewValue>,
}

impl Assignment {
    /// As it was typed: a name or a path.
    pub(super) fn document(&self) -> &str {
        &self.address.document
    }
}

pub(super) fn parse_set(text: &str) -> Result<Assignment, String> {
    let (address, value) = split(text)?;
    Ok(Assignment {
        address,
        value: Some(NewValue::Typed(value.to_owned())),
    })
}

pub(super) fn parse_set_json(text: &str) -> Result<Assignment, String> {
    let (address, value) = split(text)?;
    let json: serde_json::Value = serde_json::from_str(value)
        .map_err(|error| format!("what stands after `=` is not JSON: {error}"))?;
    if let Some(doubled) = doubled_json_name(value) {
        return Err(format!("in the JSON after `=`, {doubled}"));
    }
    Ok(Assignment {
        address,
        value: Some(NewValue::Exactly(json.into())),
    })
}

pub(super) fn parse_unset(text: &str) -> Result<Assignment, String> {
    Ok(Assignment {
        address: address(text, "DOC SELECTOR")?,
        value: None,
    })
}

/// Takes an address and a value apart at the first `=` that is in neither quotes, brackets nor braces of the selector.
fn split(text: &str) -> Result<(Address, &str), String> {
    const FORM: &str = "DOC SELECTOR=VALUE";
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_usize);
    // The name of a document may have a `=` in it.
    let mut is_behind_document = false;
    for (at, c) in text.char_indices() {
        if is_quoted {
            is_quoted = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
            continue;
        }
        match c {
            '"' => is_quoted = true,
            '[' | '{' if is_behind_document => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '=' if is_behind_document && depth == 0 => {
                return Ok((address(&text[..at], FORM)?, &text[at + 1..]));
            }
            c => is_behind_document |= c.is_whitespace(),
        }
    }
    // What is wrong with the address says more.
    address(text, FORM)?;
    Err(format!("write it as '{FORM}'"))
}

fn address(text: &str, form: &str) -> Result<Address, String> {
    let address: Address = text.parse().map_err(|error| format!("{error}"))?;
    if address.selector.is_empty() {
        return Err(format!("write it as '{form}'"));
    }
    Ok(address)
}

/// Changes these values of a draft, and tells what may not be meant.
pub(super) fn apply<'a>(
    draft: &mut Draft,
    assignments: impl Iterator<Item = &'a Assignment>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut documents: Vec<(String, Vec<&Assignment>)> = Vec::new();
    for assignment in assignments {
        let typed = assignment.document();
        let name = match draft.identify(typed) {
            Some(name) => name.as_str().to_owned(),
            None => typed.to_owned(),
        };
        match documents.iter_mut().find(|(known, _)| *known == name) {
            Some((_, assignments)) => assignments.push(assignment),
            None => documents.push((name, vec![assignment])),
        }
    }
    for (name, assignments) in documents {
        let edits = assignments.iter().map(|assignment| ValueEdit {
            selector: assignment.address.selector.clone(),
            value: assignment.value.clone(),
        });
        let edits: Vec<ValueEdit> = edits.collect();
        let done = draft
            .edit_values(&name, &edits)
            .map_err(|error| match error {
                DraftError::Value {
                    source:
                        ValueEditError::Twice { .. }
                        | ValueEditError::Overlap { .. }
                        | ValueEditError::DoubledName { .. },
                    ..
                } => Failure::Usage(error.to_string()),
                error => error.into(),
            })?;
        for (edit, done) in edits.iter().zip(&done) {
            if let Some(message) = unobvious(edit, done) {
                output.warning(format_args!("{} {message}", text::visible_line(&name)));
            }
        }
    }
    Ok(())
}

/// What may not be meant in what was done.
fn unobvious(edit: &ValueEdit, done: &EditedValue) -> Option<String> {
    let selector = &done.selector;
    let NewValue::Typed(typed) = edit.value.as_ref()? else {
        return None;
    };
    let is = done.is?;
    Some(match (done.was, &done.similar) {
        (None, Some(similar)) => {
            format!("{selector} was not there, and is added; there is {similar}")
        }
        (None, None) if matches!(is, "number" | "boolean" | "null") => format!(
            "{selector} was not there, and is added as a {is}: for a text put it in double quotes"
        ),
        (Some("string"), _) if is == "string" && looks_structured(typed) => {
            format!("{selector} stays a string: to write JSON in its place, use --set-json")
        }
        (Some(was), _) if was != is && was != "block" && !typed.starts_with('"') => {
            format!("{selector} was a {was}, and is a {is} now")
        }
        _ => return None,
    })
}

/// Whether a text would be a list, a dictionary or null elsewhere.
fn looks_structured(text: &str) -> bool {
    let json = serde_json::from_str::<serde_json::Value>(text);
    json.is_ok_and(|json| json.is_array() || json.is_object() || json.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_text(text: &str) -> Result<(String, String), String> {
        let (address, value) = split(text)?;
        Ok((address.to_string(), value.to_owned()))
    }

    #[test]
    fn the_value_begins_where_the_selector_ends() {
        let cases = [
            ("a b=c", ("a b", "c")),
            ("a b=c=d", ("a b", "c=d")),
            ("a=b c=", ("a=b c", "")),
            (r#"v x["a=b"]=c"#, (r#"v x["a=b"]"#, "c")),
            (r#"v x["a\"]=b"]=c"#, (r#"v x["a\"]=b"]"#, "c")),
            (
                "v value{environment = [a, b]}==]",
                ("v value{environment=[a, b]}", "=]"),
            ),
            (r#""d e=f" g = h"#, (r#""d e=f" g"#, " h")),
            ("runbook/a b={\"c\": 1}", ("runbook/a b", "{\"c\": 1}")),
        ];
        for (text, (address, value)) in cases {
            let expected: Address = address.parse().unwrap();
            let expected = Ok((expected.to_string(), value.to_owned()));
            assert_eq!(split_text(text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_selector_or_no_value_says_how_it_is_written() {
        for text in ["a", "a=b", "a b", "a =b"] {
            let error = split_text(text).unwrap_err();
            assert_eq!(error, "write it as 'DOC SELECTOR=VALUE'", "{text}");
        }
        let error = split_text("a b[=c").unwrap_err();
        assert!(error.contains("in the selector"), "{error}");
        let error = parse_set_json("a b=c").unwrap_err();
        assert!(error.contains("is not JSON"), "{error}");
        assert!(parse_unset("a").is_err());
    }
}
