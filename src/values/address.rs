//! Addresses: a document and a selector within it.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::catalog::selector::{Selector, SyntaxError, leading_text, needs_escape, write_quoted};

/// Where a value is: a document and a selector within it.
///
/// ```
/// use ocl_migrate::values::Address;
///
/// let address: Address = r#"deployment_process step["build"].name"#.parse()?;
/// assert_eq!(address.document, "deployment_process");
/// assert_eq!(address.selector.to_string(), r#"step["build"].name"#);
///
/// // A document's name that has blanks, quotes or controls is put in quotes. A document alone is the whole of it.
/// let address: Address = r#""runbook/back up""#.parse()?;
/// assert_eq!((address.document.as_str(), address.selector.is_empty()), ("runbook/back up", true));
/// assert_eq!(address.to_string(), r#""runbook/back up""#);
/// # Ok::<(), ocl_migrate::values::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The document's name: `deployment_process`, `runbook/backup`.
    pub document: String,
    /// What is selected in it; empty for the whole document.
    pub selector: Selector,
}

impl FromStr for Address {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Address, SyntaxError> {
        let (document, length) = if text.starts_with('"') {
            leading_text(text).map_err(|error| SyntaxError::new(text, error))?
        } else {
            let length = text.find(char::is_whitespace).unwrap_or(text.len());
            (text[..length].to_owned(), length)
        };
        let rest = &text[length..];
        let selector = rest.trim();
        let wrong = |at: usize, message: &str| {
            let length = text[at..].chars().next().map_or(0, char::len_utf8);
            let span = at..at + length;
            SyntaxError::new(text, (span, message.to_owned()))
        };
        if document.is_empty() {
            return Err(wrong(0, "an address begins with the name of a document"));
        }
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return Err(wrong(
                length,
                "a blank is missing between document and selector",
            ));
        }
        let start = text.len() - rest.trim_start().len();
        let selector = Selector::parse(selector).map_err(|(span, message)| {
            let span = start + span.start..start + span.end;
            SyntaxError::new(text, (span, message))
        })?;
        Ok(Address { document, selector })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| !c.is_whitespace() && !needs_escape(c);
        if !self.document.is_empty() && self.document.chars().all(is_plain) {
            f.write_str(&self.document)?;
        } else {
            write_quoted(f, &self.document)?;
        }
        if !self.selector.is_empty() {
            f.write_char(' ')?;
            self.selector.fmt(f)?;
        }
        Ok(())
    }
}
