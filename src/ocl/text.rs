//! Quoted strings: finding their end, decoding and encoding them.

use std::borrow::Cow;

use super::lexical::skip_plain;

/// Why a quoted string is malformed, and at which offset.
pub(super) enum QuotedError {
    Unterminated,
    Escape(usize),
}

/// Finds the end of the quoted string whose opening quote is at `at`; true if it has escapes.
pub(super) fn end_of_quoted(bytes: &[u8], at: usize) -> Result<(usize, bool), QuotedError> {
    let mut at = at + 1;
    let mut escapes = false;
    loop {
        at = skip_plain(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok((at + 1, escapes)),
            Some(b'\\') => match bytes.get(at + 1) {
                Some(b'r' | b'n' | b't' | b'\\' | b'"') => {
                    escapes = true;
                    at += 2;
                }
                None | Some(b'\r' | b'\n') => return Err(QuotedError::Unterminated),
                Some(_) => return Err(QuotedError::Escape(at)),
            },
            None | Some(b'\r' | b'\n') => return Err(QuotedError::Unterminated),
            Some(_) => at += 1,
        }
    }
}

/// The value of a quoted string that is known to be well-formed, given without its quotes.
pub(super) fn decode(inner: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', inner.as_bytes()) else {
        return Cow::Borrowed(inner);
    };
    let mut value = String::with_capacity(inner.len());
    value.push_str(&inner[..first]);
    let mut rest = inner[first..].chars();
    while let Some(c) = rest.next() {
        value.push(match c {
            '\\' => match rest.next() {
                Some('r') => '\r',
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    Cow::Owned(value)
}

/// Appends a text as a quoted string. Every text can be quoted.
pub(super) fn encode(value: &str, out: &mut String) {
    out.push('"');
    for c in value.chars() {
        match c {
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out.push('"');
}
