//! From the text of a selector to its segments.

use std::ops::Range;
use std::str::FromStr;

use super::path::{KeyValue, LABELS, Qualifier, Scalar, Segment, Selector};

/// Why a text is no selector: the byte range within it, and what is wrong.
pub(crate) type SelectorError = (Range<usize>, String);

/// A text that is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {column} of `{text}`)")]
pub struct SyntaxError {
    /// The whole text.
    pub text: String,
    /// Which bytes of it are wrong.
    pub span: Range<usize>,
    /// Where they begin, in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl SyntaxError {
    pub(crate) fn new(text: &str, (span, message): SelectorError) -> SyntaxError {
        SyntaxError {
            text: text.to_owned(),
            column: text[..span.start].chars().count() + 1,
            span,
            message,
        }
    }
}

impl FromStr for Selector {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Selector, SyntaxError> {
        Selector::parse(text).map_err(|error| SyntaxError::new(text, error))
    }
}

impl Selector {
    pub(crate) fn parse(text: &str) -> Result<Selector, SelectorError> {
        Parser::new(text, "selector").selector(|_, _| Ok(()))
    }

    /// The selector of a step or a declaration: names and labels alone.
    pub(crate) fn parse_plain(text: &str) -> Result<Selector, SelectorError> {
        Parser::new(text, "selector").selector(|span, qualifier| match qualifier {
            Qualifier::Text(_) => Ok(()),
            _ => {
                let message = "only names and labels belong here: `step[\"deploy\"].action`";
                Err((span, message.to_owned()))
            }
        })
    }
}

/// Reads a string in quotes at the beginning of a text; also says how long it is there.
pub(crate) fn leading_text(text: &str) -> Result<(String, usize), SelectorError> {
    let mut parser = Parser::new(text, "selector");
    let read = parser.quoted()?;
    Ok((read, parser.at))
}

/// Reads what may stand between braces, without them: `a=x, b=[y, z]`. `what` it is, errors say.
pub(crate) fn key_entries(
    text: &str,
    what: &'static str,
) -> Result<Vec<(String, KeyValue<'static>)>, SelectorError> {
    let mut parser = Parser::new(text, what);
    let mut entries = Vec::new();
    loop {
        parser.blanks();
        let start = parser.at;
        let name = parser.scalar()?;
        parser.blanks();
        parser.entry(start, name, &mut entries)?;
        if parser.at == text.len() {
            return Ok(entries);
        }
        parser.expect(',')?;
    }
}

struct Parser<'a> {
    text: &'a str,
    /// What the text is.
    what: &'static str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, what: &'static str) -> Parser<'a> {
        Parser { text, what, at: 0 }
    }

    fn selector(
        mut self,
        allow: impl Fn(Range<usize>, &Qualifier) -> Result<(), SelectorError>,
    ) -> Result<Selector, SelectorError> {
        let mut segments = Vec::new();
        if !self.text.is_empty() {
            loop {
                segments.push(self.segment(&allow)?);
                if self.at == self.text.len() {
                    break;
                }
                self.expect('.')?;
            }
        }
        Ok(Selector::new(segments))
    }

    fn segment(
        &mut self,
        allow: impl Fn(Range<usize>, &Qualifier) -> Result<(), SelectorError>,
    ) -> Result<Segment, SelectorError> {
        if self.rest().starts_with("**") {
            self.at += 2;
            return Ok(Segment::AnyDepth);
        }
        let name = if self.take('*') {
            None
        } else if self.rest().starts_with('"') {
            Some(self.quoted()?)
        } else if self.rest().starts_with(LABELS) {
            self.at += LABELS.len();
            Some(LABELS.to_owned())
        } else {
            let name = self.run(|c| c.is_alphanumeric() || c == '_' || c == '-');
            if name.is_empty() {
                return Err(self.expected("a block type, an attribute, `*` or `**`"));
            }
            Some(name.to_owned())
        };
        let mut qualifiers = Vec::new();
        loop {
            let start = self.at;
            let qualifier = if self.take('[') {
                self.bracket()?
            } else if self.take('{') {
                self.brace()?
            } else {
                break;
            };
            allow(start..self.at, &qualifier)?;
            qualifiers.push(qualifier);
        }
        Ok(Segment::Child { name, qualifiers })
    }

    /// What stands behind a `[`.
    fn bracket(&mut self) -> Result<Qualifier, SelectorError> {
        if self.take(']') {
            return Ok(Qualifier::NoLabel);
        }
        let start = self.at;
        let digits = self.run(|c| c.is_ascii_digit());
        let qualifier = if digits.is_empty() {
            Qualifier::Text(self.quoted()?)
        } else {
            let too_large = || (start..start + digits.len(), "no list is so long".to_owned());
            Qualifier::Position(digits.parse().map_err(|_| too_large())?)
        };
        self.expect(']')?;
        Ok(qualifier)
    }

    /// What stands behind a `{`: a key, or an item.
    fn brace(&mut self) -> Result<Qualifier, SelectorError> {
        self.blanks();
        let mut entries = Vec::new();
        if self.take('}') {
            return Ok(Qualifier::Key(entries));
        }
        loop {
            let start = self.at;
            let scalar = self.scalar()?;
            self.blanks();
            // An item stands alone.
            if entries.is_empty() && self.take('}') {
                return Ok(Qualifier::Item(scalar));
            }
            self.entry(start, scalar, &mut entries)?;
            if self.take('}') {
                return Ok(Qualifier::Key(entries));
            }
            self.expect(',')?;
            self.blanks();
        }
    }

    /// What stands behind the name of an entry of a key, which began at a place.
    fn entry(
        &mut self,
        start: usize,
        name: Scalar<'_>,
        entries: &mut Vec<(String, KeyValue<'static>)>,
    ) -> Result<(), SelectorError> {
        if !self.take('=') {
            return Err(self.expected("`=` and a value"));
        }
        let name = match name {
            Scalar::String(name) => name.into_owned(),
            _ => self.text[start..self.at - 1].trim_end().to_owned(),
        };
        if entries.iter().any(|(known, _)| *known == name) {
            let message = format!("`{name}` stands in this key twice");
            return Err((start..self.at, message));
        }
        self.blanks();
        let value = self.key_value()?;
        entries.push((name, value));
        self.blanks();
        Ok(())
    }

    fn key_value(&mut self) -> Result<KeyValue<'static>, SelectorError> {
        if !self.take('[') {
            return Ok(KeyValue::One(self.scalar()?));
        }
        let mut items = Vec::new();
        self.blanks();
        while !self.take(']') {
            if !items.is_empty() {
                self.expect(',')?;
                self.blanks();
            }
            items.push(self.scalar()?);
            self.blanks();
        }
        Ok(KeyValue::Many(items))
    }

    fn scalar(&mut self) -> Result<Scalar<'static>, SelectorError> {
        if self.rest().starts_with('"') {
            return Ok(Scalar::String(self.quoted()?.into()));
        }
        let start = self.at;
        let word = self.run(is_of_word);
        Ok(match word {
            "" => return Err(self.expected("a word, a number or a string in quotes")),
            "null" => Scalar::Null,
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            word if is_word(word) => Scalar::String(word.to_owned().into()),
            number if is_number(number) => Scalar::Number(number.to_owned().into()),
            word => {
                let message = format!("`{word}` is neither a word nor a number: put it in quotes");
                return Err((start..self.at, message));
            }
        })
    }

    fn quoted(&mut self) -> Result<String, SelectorError> {
        let start = self.at;
        self.expect('"')?;
        let mut value = String::new();
        loop {
            let at = self.at;
            let Some(c) = self.next() else {
                let message = "this quote is not closed";
                return Err((start..self.text.len(), message.to_owned()));
            };
            match c {
                '"' => return Ok(value),
                '\\' => {
                    let escaped = self.escaped().ok_or_else(|| {
                        let message = "unknown escape: there are `\\\"`, `\\\\`, `\\n`, `\\r`, `\\t` and `\\u{1b}`";
                        (at..self.at, message.to_owned())
                    })?;
                    value.push(escaped);
                }
                c => value.push(c),
            }
        }
    }

    /// The character behind a `\`.
    fn escaped(&mut self) -> Option<char> {
        Some(match self.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            c @ ('"' | '\\') => c,
            'u' if self.take('{') => {
                let digits = self.run(|c| c.is_ascii_hexdigit());
                let c = u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32)?;
                self.take('}').then_some(c)?
            }
            _ => return None,
        })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// Takes the characters that belong.
    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn blanks(&mut self) {
        self.run(|c| c == ' ');
    }

    fn expect(&mut self, wanted: char) -> Result<(), SelectorError> {
        if self.take(wanted) {
            return Ok(());
        }
        Err(self.expected(&format!("`{wanted}`")))
    }

    fn expected(&self, what: &str) -> SelectorError {
        let found = self.rest().chars().next();
        let length = found.map_or(0, char::len_utf8);
        let found = found.map_or("the end".to_owned(), |c| format!("`{c}`"));
        (
            self.at..self.at + length,
            format!("expected {what} in the {}, found {found}", self.what),
        )
    }
}

/// A character of what may stand between braces without quotes.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':')
}

/// Whether a text between braces is a string without quotes.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(is_of_word)
        && !matches!(text, "null" | "true" | "false")
}

/// As OCL writes numbers.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(text),
    }
}
