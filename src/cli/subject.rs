//! `[DOC [SELECTOR]]`: what of a ref a command is asked about.

use crate::project::Loaded;
use crate::values::{Address, Selector};

use super::failure::Failure;

/// What of a ref a command is asked about: all documents, one, or what a selector selects in one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Subject {
    /// As it was typed: a name or a path. `None` for all documents.
    document: Option<String>,
    /// Empty for the whole document.
    pub(super) selector: Selector,
}

impl Subject {
    /// Reads what was typed: nothing, `DOC`, `DOC SELECTOR`, or an address as it is printed, in one word.
    pub(super) fn parse(words: &[String]) -> Result<Subject, Failure> {
        let address = match words {
            [] => return Ok(Subject::default()),
            [word] if word.starts_with('"') || word.contains(char::is_whitespace) => word.parse(),
            [document] => Ok(Address {
                document: document.clone(),
                selector: Selector::default(),
            }),
            [document, selector] => selector.parse().map(|selector| Address {
                document: document.clone(),
                selector,
            }),
            [_, _, more, ..] => {
                let message = format!(
                    "`{more}` is one word too many after the document and its selector: put a selector with blanks in quotes"
                );
                return Err(Failure::Usage(message));
            }
        };
        let address = address.map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Subject {
            document: Some(address.document),
            selector: address.selector,
        })
    }

    /// The document and the selector, as they were typed; `None` for all documents.
    pub(super) fn address(self) -> Option<Address> {
        Some(Address {
            document: self.document?,
            selector: self.selector,
        })
    }

    /// The document's name, which may have been typed as a path in any of these refs; `None` for all documents.
    pub(super) fn document(&self, refs: &[&Loaded]) -> Option<String> {
        let typed = self.document.as_ref()?;
        let found = refs.iter().find_map(|loaded| loaded.name_of(typed));
        Some(found.map_or_else(|| typed.clone(), ToString::to_string))
    }

    /// The document as it was typed.
    pub(super) fn typed(&self) -> Option<&str> {
        self.document.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<(Option<String>, String), String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match Subject::parse(&words) {
            Ok(subject) => Ok((subject.document, subject.selector.to_string())),
            Err(failure) => Err(failure.message()),
        }
    }

    #[test]
    fn a_document_and_a_selector_may_be_two_words_or_one() {
        let expected = Ok((Some("variables".to_owned()), "variable[\"a b\"]".to_owned()));
        assert_eq!(parse(&["variables", "variable[\"a b\"]"]), expected);
        assert_eq!(parse(&["variables variable[\"a b\"]"]), expected);
        assert_eq!(parse(&["\"variables\" variable[\"a b\"]"]), expected);
        assert_eq!(parse(&[]), Ok((None, String::new())));
        let alone = Ok((Some("runbook/backup".to_owned()), String::new()));
        assert_eq!(parse(&["runbook/backup"]), alone);
    }

    #[test]
    fn what_is_no_selector_is_shown_with_its_place() {
        let message = parse(&["variables", "variable["]).unwrap_err();
        assert_eq!(
            message,
            "expected `\"` in the selector, found the end (at character 10 of `variable[`)"
        );
        assert!(
            parse(&["a", "b", "c"])
                .unwrap_err()
                .starts_with("`c` is one word too many")
        );
    }
}
