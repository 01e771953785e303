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
    /// One word with blanks may also be a document's name.
    may_be_name: Option<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    typed: String,
    /// Why it is no address.
    wrong: Option<String>,
}

impl Subject {
    /// Reads what was typed: nothing, `DOC`, `DOC SELECTOR`, or an address as it is printed, in one word.
    pub(super) fn parse(words: &[String]) -> Result<Subject, Failure> {
        let address = match words {
            [] => return Ok(Subject::default()),
            [word] if word.starts_with('"') => word.parse(),
            [word] if word.contains(char::is_whitespace) => return Ok(Subject::of_word(word)),
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
            may_be_name: None,
        })
    }

    /// A whole document.
    pub(super) fn of_document(typed: &str) -> Subject {
        Subject {
            document: Some(typed.to_owned()),
            ..Subject::default()
        }
    }

    /// An address, or the name of a document that has blanks in it: which, the refs say.
    fn of_word(word: &str) -> Subject {
        let address = word.parse::<Address>();
        let wrong = address.as_ref().err().map(ToString::to_string);
        let (document, selector) = match address {
            Ok(Address { document, selector }) => (document, selector),
            Err(_) => (word.to_owned(), Selector::default()),
        };
        let typed = word.to_owned();
        Subject {
            document: Some(document),
            selector,
            may_be_name: Some(Word { typed, wrong }),
        }
    }

    /// The same, where one word with blanks is the name of a document, if `is_document` says so.
    ///
    /// # Errors
    /// Where it is no address either.
    pub(super) fn settled(
        self,
        is_document: impl FnOnce(&str) -> Result<bool, Failure>,
    ) -> Result<Subject, Failure> {
        let Some(Word { typed, wrong }) = &self.may_be_name else {
            return Ok(self);
        };
        if is_document(typed)? {
            return Ok(Subject::of_document(typed));
        }
        match wrong {
            Some(wrong) => Err(Failure::Usage(wrong.clone())),
            None => Ok(self),
        }
    }

    /// The same by the documents of refs.
    pub(super) fn settled_in(self, refs: &[&Loaded]) -> Result<Subject, Failure> {
        self.settled(|typed| Ok(refs.iter().any(|loaded| loaded.name_of(typed).is_some())))
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
        let is_document = |word: &str| Ok(word == "runbook/back up (old)");
        match Subject::parse(&words).and_then(|subject| subject.settled(is_document)) {
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
        let with_blanks = Ok((Some("runbook/back up (old)".to_owned()), String::new()));
        assert_eq!(parse(&["runbook/back up (old)"]), with_blanks);
        assert_eq!(parse(&["\"runbook/back up (old)\""]), with_blanks);
        let selected = Ok((Some("runbook/back".to_owned()), "up".to_owned()));
        assert_eq!(parse(&["runbook/back up"]), selected);
    }

    #[test]
    fn what_is_no_selector_is_shown_with_its_place() {
        assert_eq!(
            parse(&["variables", "variable["]).unwrap_err(),
            "expected `\"` in the selector, found the end (at character 10 of `variable[`)"
        );
        // In one word as it was given.
        assert_eq!(
            parse(&["variables variable["]).unwrap_err(),
            "expected `\"` in the selector, found the end (at character 20 of `variables variable[`)"
        );
        assert!(
            parse(&["a", "b", "c"])
                .unwrap_err()
                .starts_with("`c` is one word too many")
        );
    }
}
