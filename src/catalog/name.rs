//! The names of documents.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A document's name: its kind, and in a collection its slug as well.
///
/// Names are ordered by kind and then by slug. Cheap to clone.
///
/// ```
/// use ocl_migrate::catalog::DocumentName;
///
/// let name: DocumentName = "runbook/backup-db".parse()?;
/// assert_eq!((name.kind(), name.slug()), ("runbook", "backup-db"));
/// assert_eq!(name, DocumentName::new("runbook", "backup-db"));
/// assert_eq!(DocumentName::new("deployment_process", "").to_string(), "deployment_process");
/// # Ok::<(), ocl_migrate::catalog::DocumentNameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DocumentName {
    /// `kind` or `kind/slug`.
    text: Arc<str>,
    kind_length: usize,
}

/// Why a text isn't a document's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a document's name: {reason}; a name is a kind, or a kind, `/` and a slug")]
pub struct DocumentNameError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl DocumentName {
    /// The name of a document; the slug is empty for a single document.
    pub fn new(kind: &str, slug: &str) -> DocumentName {
        let text = if slug.is_empty() {
            kind.into()
        } else {
            format!("{kind}/{slug}").into()
        };
        DocumentName {
            text,
            kind_length: kind.len(),
        }
    }

    /// The kind.
    pub fn kind(&self) -> &str {
        &self.text[..self.kind_length]
    }

    /// The slug; empty for a single document.
    pub fn slug(&self) -> &str {
        self.text.get(self.kind_length + 1..).unwrap_or_default()
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for DocumentName {
    type Err = DocumentNameError;

    fn from_str(text: &str) -> Result<DocumentName, DocumentNameError> {
        let wrong = |reason| {
            let text = text.to_owned();
            Err(DocumentNameError { text, reason })
        };
        match text.split_once('/') {
            None if text.is_empty() => wrong("it is empty"),
            Some(("", _)) => wrong("the kind is missing"),
            Some((_, "")) => wrong("the slug is missing"),
            None => Ok(DocumentName::new(text, "")),
            Some((kind, slug)) => Ok(DocumentName::new(kind, slug)),
        }
    }
}

impl Ord for DocumentName {
    fn cmp(&self, other: &DocumentName) -> Ordering {
        (self.kind(), self.slug()).cmp(&(other.kind(), other.slug()))
    }
}

impl PartialOrd for DocumentName {
    fn partial_cmp(&self, other: &DocumentName) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<str> for DocumentName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for DocumentName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl Serialize for DocumentName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_parsed_as_it_is_displayed() {
        for text in ["a", "a/b", "a/b/c", "a/ b", "ä/ö"] {
            let name: DocumentName = text.parse().expect("it is a name");
            assert_eq!(name.to_string(), text);
            assert_eq!(DocumentName::new(name.kind(), name.slug()), name);
        }
    }

    #[test]
    fn names_are_ordered_by_kind_and_then_by_slug() {
        let sorted = ["a", "a/b", "a/b-c", "a/b/c", "a-b", "a-b/a"];
        let mut names: Vec<DocumentName> = sorted
            .iter()
            .rev()
            .map(|text| text.parse().expect("it is a name"))
            .collect();
        names.sort();
        assert_eq!(names, sorted);
    }

    #[test]
    fn a_text_that_is_not_a_name_is_refused() {
        let message = |text: &str| text.parse::<DocumentName>().unwrap_err().to_string();
        assert_eq!(
            message("runbook/"),
            "\"runbook/\" is not a document's name: the slug is missing; a name is a kind, or a kind, `/` and a slug"
        );
        assert!(message("/backup").contains("the kind is missing"));
        assert!(message("").contains("it is empty"));
    }
}
