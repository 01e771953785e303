//! From segments to text, which reads back as the same.

use std::fmt::{self, Write};

use super::parse::is_word;
use super::path::{KeyValue, LABELS, Qualifier, Scalar, Segment, Selector};

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.segments().iter().enumerate() {
            if index > 0 {
                f.write_char('.')?;
            }
            match segment {
                Segment::AnyDepth => f.write_str("**")?,
                Segment::Child { name, qualifiers } => {
                    match name {
                        Some(name) => write_name(f, name)?,
                        None => f.write_char('*')?,
                    }
                    for qualifier in qualifiers {
                        match qualifier {
                            Qualifier::Text(text) => write_text(f, text)?,
                            Qualifier::NoLabel => write_no_label(f)?,
                            Qualifier::Position(position) => write_position(f, *position)?,
                            Qualifier::Item(item) => write_item(f, item)?,
                            Qualifier::Key(entries) => {
                                let entries = entries.iter();
                                write_key(f, entries.map(|(name, value)| (&**name, value)))?;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// A segment's name.
pub(crate) fn write_name(f: &mut impl Write, name: &str) -> fmt::Result {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if name == LABELS || (!name.is_empty() && name.chars().all(is_plain)) {
        f.write_str(name)
    } else {
        write_quoted(f, name)
    }
}

/// `["x"]`
pub(crate) fn write_text(f: &mut impl Write, text: &str) -> fmt::Result {
    f.write_char('[')?;
    write_quoted(f, text)?;
    f.write_char(']')
}

/// `[]`
pub(crate) fn write_no_label(f: &mut impl Write) -> fmt::Result {
    f.write_str("[]")
}

/// `[2]`
pub(crate) fn write_position(f: &mut impl Write, position: u32) -> fmt::Result {
    write!(f, "[{position}]")
}

/// `{x}`
pub(crate) fn write_item(f: &mut impl Write, item: &Scalar<'_>) -> fmt::Result {
    f.write_char('{')?;
    write_scalar(f, item)?;
    f.write_char('}')
}

/// `{a=x,b=[y,z]}`
pub(crate) fn write_key<'v, 'k>(
    f: &mut impl Write,
    entries: impl Iterator<Item = (&'v str, &'v KeyValue<'k>)>,
) -> fmt::Result
where
    'k: 'v,
{
    f.write_char('{')?;
    write_entries(f, entries)?;
    f.write_char('}')
}

/// `a=x,b=[y,z]`
pub(crate) fn write_entries<'v, 'k>(
    f: &mut impl Write,
    entries: impl Iterator<Item = (&'v str, &'v KeyValue<'k>)>,
) -> fmt::Result
where
    'k: 'v,
{
    for (index, (name, value)) in entries.enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        write_word(f, name)?;
        f.write_char('=')?;
        match value {
            KeyValue::One(scalar) => write_scalar(f, scalar)?,
            KeyValue::Many(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_char(',')?;
                    }
                    write_scalar(f, item)?;
                }
                f.write_char(']')?;
            }
        }
    }
    Ok(())
}

fn write_scalar(f: &mut impl Write, scalar: &Scalar<'_>) -> fmt::Result {
    match scalar {
        Scalar::Null => f.write_str("null"),
        Scalar::Bool(value) => write!(f, "{value}"),
        Scalar::Number(text) => f.write_str(text),
        Scalar::String(text) => write_word(f, text),
    }
}

fn write_word(f: &mut impl Write, text: &str) -> fmt::Result {
    if is_word(text) {
        f.write_str(text)
    } else {
        write_quoted(f, text)
    }
}

/// A string in quotes: on one line, and with nothing in it that a terminal obeys.
pub(crate) fn write_quoted(f: &mut impl Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if text.bytes().all(is_plain) {
        f.write_str(text)?;
        return f.write_char('"');
    }
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        if !needs_escape(c) {
            continue;
        }
        f.write_str(&text[plain..at])?;
        plain = at + c.len_utf8();
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c => write!(f, "\\u{{{:x}}}", u32::from(c))?,
        }
    }
    f.write_str(&text[plain..])?;
    f.write_char('"')
}

/// Quotes, controls, line ends, and what turns the direction of the text behind it.
pub(crate) fn needs_escape(c: char) -> bool {
    match c {
        '"' | '\\' => true,
        ' '..='~' => false,
        c => {
            c.is_control()
                || matches!(
                    c,
                    '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                )
        }
    }
}
