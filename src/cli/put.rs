//! `DOC=FILE`, the value of `--put`.

use crate::values::Address;

use super::failure::quoted;

/// Takes a document and a file apart: at the first `=`, or behind a name in double quotes.
pub(super) fn parse(text: &str) -> Result<(String, String), String> {
    const FORM: &str = "write it as DOC=FILE";
    let Some(end) = end_of_quoted(text) else {
        let (document, file) = text.split_once('=').ok_or(FORM)?;
        if document.is_empty() {
            return Err(format!("no document stands before the `=`: {FORM}"));
        }
        return Ok((document.to_owned(), file.to_owned()));
    };
    let name: Address = text[..end].parse().map_err(|error| format!("{error}"))?;
    let file = text[end..].strip_prefix('=').ok_or(FORM)?;
    Ok((name.document, file.to_owned()))
}

/// The value for a document, as a shell takes it.
pub(super) fn put(document: &str, file: &str) -> String {
    if needs_quotes(document) {
        quoted(&put_value(document, file))
    } else {
        format!("{}={file}", quoted(document))
    }
}

/// The same, as the command gets it.
pub(super) fn put_value(document: &str, file: &str) -> String {
    if !needs_quotes(document) {
        return format!("{document}={file}");
    }
    let name = document.replace('\\', r"\\").replace('"', r#"\""#);
    format!("\"{name}\"={file}")
}

fn needs_quotes(document: &str) -> bool {
    document.contains('=') || document.starts_with('"')
}

/// Where a name in double quotes ends with which a text begins.
fn end_of_quoted(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_an_equals_sign() {
        let cases = [
            ("runbook/a=b.ocl", ("runbook/a", "b.ocl")),
            ("runbook/a=b=c.ocl", ("runbook/a", "b=c.ocl")),
            (r#""runbook/a=b"=c=d.ocl"#, ("runbook/a=b", "c=d.ocl")),
            (r#""runbook/a\"=b"=c.ocl"#, ("runbook/a\"=b", "c.ocl")),
        ];
        for (text, (document, file)) in cases {
            let expected = Ok((document.to_owned(), file.to_owned()));
            assert_eq!(parse(text), expected, "{text}");
        }
        for text in [
            "runbook/a",
            "=a.ocl",
            r#""runbook/a=b""#,
            r#""runbook/a=b" c=d"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        for name in ["runbook/a", "runbook/a=b", "\"a\\", "runbook/=\""] {
            let shown = put(name, "FILE");
            let typed = shown.trim_matches('\'');
            let expected = Ok((name.to_owned(), "FILE".to_owned()));
            assert_eq!(parse(typed), expected, "{shown}");
        }
        assert_eq!(put("runbook/back up", "FILE"), "'runbook/back up'=FILE");
    }
}
