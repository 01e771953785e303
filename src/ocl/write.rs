//! Writes values as text: the editor's insertions, and whole documents in the server's form.

use super::heredoc::{Form, encode as encode_heredoc};
use super::json::LABELS;
use super::lexical::is_name;
use super::literal::{Content, Object};
use super::raw::{Dialect, MAX_DEPTH};
use super::text::encode as encode_quoted;

/// The default tag of heredocs.
pub(super) const TAG: &str = "EOT";

/// The indent of server-written text.
pub(super) const UNIT: &str = "    ";

/// The attribute that comes first in a document, before the sorted ones.
pub(super) const LEADING_NAME: &str = "name";

/// The maximum number of additional digits for a number that is written without its exponent.
const MAX_EXPONENT: usize = 1000;

/// Why a value can't be written as OCL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WriteError {
    #[error("{0:?} can't be a name: names are letters, digits, `_` and `-`")]
    Name(String),
    #[error(
        "the number {0} can't be written: OCL has no exponents, and it is too long without one"
    )]
    Number(String),
    #[error("{LABELS:?} must be a list of strings, in a block")]
    Labels,
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
}

type Written = Result<(), WriteError>;

/// The settings that are the same for everything at one position.
#[derive(Debug)]
pub(super) struct Writer {
    /// One level of indent.
    pub(super) unit: String,
    pub(super) line_end: &'static str,
    pub(super) dialect: Dialect,
    /// Whether attributes and keys are sorted, as the server does. Blocks keep their order.
    pub(super) sorted: bool,
}

/// The position of a value, which decides how a text over several lines is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The value of an attribute: heredoc lines are indented two levels more.
    Attribute,
    /// The value of an entry: heredoc lines are indented one level more.
    Entry,
    /// An item of a list: always quoted.
    Item,
}

impl Writer {
    /// Writes a value on a line with that indent.
    pub(super) fn value(
        &self,
        value: &Content,
        slot: Slot,
        indent: &str,
        out: &mut String,
    ) -> Written {
        self.nested(value, slot, indent, 0, out)
    }

    fn nested(
        &self,
        value: &Content,
        slot: Slot,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Written {
        if depth > MAX_DEPTH {
            return Err(WriteError::TooDeep);
        }
        match value {
            Content::Null => out.push_str("null"),
            Content::Bool(true) => out.push_str("true"),
            Content::Bool(false) => out.push_str("false"),
            Content::Number(number) => number_text(number, out)?,
            Content::String(text) => self.string(text, slot, indent, out),
            Content::List(items) => self.list(items, indent, depth, out)?,
            Content::Object(entries) => self.dictionary(entries, indent, depth, out)?,
        }
        Ok(())
    }

    fn string(&self, text: &str, slot: Slot, indent: &str, out: &mut String) {
        let levels = match slot {
            Slot::Attribute => 2,
            Slot::Entry => 1,
            Slot::Item => return encode_quoted(text, out),
        };
        if !text.contains('\n') {
            return encode_quoted(text, out);
        }
        let right = indent.to_owned() + &self.unit.repeat(levels);
        let dashed = Form {
            indented: true,
            tag: TAG,
            line_indent: &right,
            end_indent: &right,
            line_end: self.line_end,
        };
        let plain = Form {
            indented: false,
            line_indent: "",
            ..dashed
        };
        let heredoc = encode_heredoc(text, dashed, self.dialect)
            .or_else(|| encode_heredoc(text, plain, self.dialect));
        match heredoc {
            Some(heredoc) => out.push_str(&heredoc),
            None => encode_quoted(text, out),
        }
    }

    /// A list: on one line, unless an item needs several.
    fn list(&self, items: &[Content], indent: &str, depth: usize, out: &mut String) -> Written {
        let several = items
            .iter()
            .any(|item| matches!(item, Content::Object(entries) if !entries.is_empty()));
        self.items(
            items,
            several,
            indent,
            &(indent.to_owned() + &self.unit),
            depth,
            out,
        )
    }

    /// A list with each item on a line of its own.
    pub(super) fn list_of_lines(
        &self,
        items: &[Content],
        indent: &str,
        inner: &str,
        out: &mut String,
    ) -> Written {
        self.items(items, !items.is_empty(), indent, inner, 0, out)
    }

    fn items(
        &self,
        items: &[Content],
        several_lines: bool,
        indent: &str,
        inner: &str,
        depth: usize,
        out: &mut String,
    ) -> Written {
        out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if several_lines {
                self.new_line(inner, out);
            } else if index > 0 {
                out.push(' ');
            }
            let at = if several_lines { inner } else { indent };
            self.nested(item, Slot::Item, at, depth + 1, out)?;
        }
        if several_lines {
            self.new_line(indent, out);
        }
        out.push(']');
        Ok(())
    }

    fn dictionary(
        &self,
        entries: &Object,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Written {
        if entries.is_empty() {
            out.push_str("{}");
            return Ok(());
        }
        let inner = indent.to_owned() + &self.unit;
        out.push('{');
        let mut entries: Vec<_> = entries.iter().collect();
        if self.sorted {
            entries.sort_by_cached_key(|(key, _)| sort_key(key));
        }
        for (key, value) in entries {
            self.new_line(&inner, out);
            key_text(key, false, out);
            out.push_str(" = ");
            self.nested(value, Slot::Entry, &inner, depth + 1, out)?;
        }
        self.new_line(indent, out);
        out.push('}');
        Ok(())
    }

    /// Writes a block whose first line has that indent. Its labels come from its plain JSON view.
    pub(super) fn block(
        &self,
        block_type: &str,
        body: &Object,
        indent: &str,
        out: &mut String,
    ) -> Written {
        self.nested_block(block_type, body, indent, 1, out)
    }

    fn nested_block(
        &self,
        block_type: &str,
        body: &Object,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Written {
        if depth > MAX_DEPTH {
            return Err(WriteError::TooDeep);
        }
        out.push_str(checked_name(block_type)?);
        for label in labels(body)? {
            out.push(' ');
            encode_quoted(label, out);
        }
        out.push_str(" {");
        let inner = indent.to_owned() + &self.unit;
        if self.elements(body, &inner, depth, out)? {
            self.new_line(indent, out);
        }
        out.push('}');
        Ok(())
    }

    /// Writes a document's attributes and blocks; no final line end.
    pub(super) fn document(&self, body: &Object, out: &mut String) -> Written {
        if body.contains_key(LABELS) {
            return Err(WriteError::Labels);
        }
        let mut text = String::new();
        if self.elements(body, "", 0, &mut text)? {
            out.push_str(&text[self.line_end.len()..]);
        }
        Ok(())
    }

    /// Writes attributes, then blocks, each after a line end; false if there are none.
    fn elements(
        &self,
        body: &Object,
        indent: &str,
        depth: usize,
        out: &mut String,
    ) -> Result<bool, WriteError> {
        let members = || body.iter().filter(|(name, _)| *name != LABELS);
        let mut attributes: Vec<_> = members()
            .filter(|(name, value)| blocks(name, value).is_none())
            .collect();
        if self.sorted {
            let is_led = depth == 0;
            attributes
                .sort_by_cached_key(|(name, _)| (!is_led || *name != LEADING_NAME, sort_key(name)));
        }
        for (name, value) in &attributes {
            self.new_line(indent, out);
            out.push_str(checked_name(name)?);
            out.push_str(" = ");
            self.nested(value, Slot::Attribute, indent, depth, out)?;
        }
        let mut first = attributes.is_empty();
        for (name, value) in members() {
            for block in blocks(name, value).into_iter().flatten() {
                if !first {
                    out.push_str(self.line_end);
                }
                self.new_line(indent, out);
                if let Content::Object(block) = block {
                    self.nested_block(name, block, indent, depth + 1, out)?;
                }
                first = false;
            }
        }
        Ok(!first)
    }

    fn new_line(&self, indent: &str, out: &mut String) {
        out.push_str(self.line_end);
        out.push_str(indent);
    }
}

/// Whether a value is written on one line in any slot.
pub(super) fn is_one_line(value: &Content) -> bool {
    match value {
        Content::String(text) => !text.contains('\n'),
        // A text in a list is quoted.
        Content::List(items) => items
            .iter()
            .all(|item| matches!(item, Content::String(_)) || is_one_line(item)),
        Content::Object(entries) => entries.is_empty(),
        _ => true,
    }
}

/// The key by which names are sorted, in lower case.
pub(super) fn sort_key(name: &str) -> String {
    name.to_lowercase()
}

fn checked_name(name: &str) -> Result<&str, WriteError> {
    if is_name(name) {
        Ok(name)
    } else {
        Err(WriteError::Name(name.to_owned()))
    }
}

/// The blocks under a name of the plain JSON view: an array of objects only, with a valid name.
fn blocks<'v>(name: &str, value: &'v Content) -> Option<&'v [Content]> {
    let Content::List(items) = value else {
        return None;
    };
    let all = !items.is_empty()
        && is_name(name)
        && items.iter().all(|item| match item {
            Content::Object(body) => {
                body.keys().all(|name| name == LABELS || is_name(name)) && labels(body).is_ok()
            }
            _ => false,
        });
    all.then_some(items)
}

/// Whether a value is written as blocks, if it stands under this name in the plain JSON view of a block.
pub(crate) fn stands_for_blocks(name: &str, value: &Content) -> bool {
    blocks(name, value).is_some()
}

/// The labels in the plain JSON view of a block.
pub(super) fn labels(body: &Object) -> Result<Vec<&str>, WriteError> {
    match body.get(LABELS) {
        None => Ok(Vec::new()),
        Some(Content::List(labels)) => labels
            .iter()
            .map(|label| label.as_str().ok_or(WriteError::Labels))
            .collect(),
        Some(_) => Err(WriteError::Labels),
    }
}

/// Writes the key of an entry: quoted if `quoted` or if necessary.
pub(super) fn key_text(key: &str, quoted: bool, out: &mut String) {
    if quoted || !is_bare_key(key) {
        encode_quoted(key, out);
    } else {
        out.push_str(key);
    }
}

/// Whether a key can be written without quotes so that every reader reads the same key.
fn is_bare_key(key: &str) -> bool {
    !key.is_empty()
        && !["#", "//", "}", "<<<<<<<", "|||||||", ">>>>>>>"]
            .iter()
            .any(|start| key.starts_with(start))
        && !key.chars().any(|c| {
            c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '=' | '\\' | '\u{feff}')
        })
}

/// Writes a JSON number as digits, without its exponent.
fn number_text(number: &str, out: &mut String) -> Written {
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        out.push_str(number);
        return Ok(());
    };
    let too_long = || WriteError::Number(number.to_owned());
    let exponent: isize = exponent
        .trim_start_matches('+')
        .parse()
        .map_err(|_| too_long())?;
    if exponent.unsigned_abs() > MAX_EXPONENT {
        return Err(too_long());
    }
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let shift = exponent.unsigned_abs();
    let (whole, fraction) = if exponent >= 0 {
        let fraction = format!("{fraction:0<shift$}");
        let (moved, rest) = fraction.split_at(shift);
        (format!("{whole}{moved}"), rest.to_owned())
    } else {
        let whole = format!("{whole:0>width$}", width = shift + 1);
        let (rest, moved) = whole.split_at(whole.len() - shift);
        (rest.to_owned(), format!("{moved}{fraction}"))
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    out.push_str(sign);
    out.push_str(whole);
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(&fraction);
    }
    Ok(())
}
