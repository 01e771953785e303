//! What a refusal tells of, and its words.

use std::sync::Arc;

use crate::catalog::DocumentName;
use crate::engine::LookupKey;
use crate::git::ObjectId;
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::ocl::DoubledName;
use crate::text;

/// A message names no more than these: the error itself holds all.
pub(super) const SHOWN: usize = 20;

/// A document that couldn't be migrated.
#[derive(Debug, Clone)]
pub struct FailedDocument {
    /// Its name.
    pub name: DocumentName,
    /// Its path in the repository, if Git holds it.
    pub path: Option<String>,
    /// The version that its text is at: the branch's, or 0 if that has no marker yet.
    pub written_at: u32,
    /// Why.
    pub error: Arc<MigrationError>,
    /// What its steps asked the store that has no answer.
    pub missing_lookups: Vec<LookupKey>,
}

/// A document with a name that stands more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubledDocument {
    /// The document, by its name in what has it.
    pub document: DocumentName,
    /// What has it.
    pub held_by: DoubledIn,
    /// Its path in the repository; of a text that was put, its own.
    pub path: String,
    /// The name and where it stands.
    pub name: DoubledName,
}

/// What has a name that stands more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoubledIn {
    /// The branch that is written to.
    Branch,
    /// A commit, of which something is restored or merged in.
    Commit(ObjectId),
    /// A text that was put in the document's place.
    Put,
}

/// A lookup without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingLookup {
    /// The table and the key.
    pub lookup: LookupKey,
    /// The documents in which a default stands in for the answer.
    pub documents: Vec<DocumentName>,
}

pub(super) fn not_a_branch(named: Option<&str>) -> String {
    match named {
        Some(name) => format!("{name} is not a branch"),
        None => "what was loaded is a commit, not a branch".to_owned(),
    }
}

pub(super) fn set_aside(values: &[String]) -> String {
    let mut text =
        "the lower version has no place for these values, so nothing is written".to_owned();
    push_some(&mut text, values.iter().map(|value| format!("  {value}")));
    text
}

pub(super) fn doubled(documents: &[DoubledDocument]) -> String {
    let mut text = "names occur more than once, and it isn't clear which one counts, so nothing is written: keep the \
                    right one of each, or replace or remove the document"
        .to_owned();
    let lines = documents.iter().map(
        |DoubledDocument {
             held_by,
             path,
             name,
             ..
         }| match held_by {
            DoubledIn::Commit(commit) => format!("{path} in {}: {name}", text::short_id(commit)),
            DoubledIn::Branch | DoubledIn::Put => format!("{path}: {name}"),
        },
    );
    push_some(&mut text, lines);
    text
}

pub(super) fn missing(lookups: &[MissingLookup]) -> String {
    let mut text = "the server has no answer to these lookups, and the values that would be written instead may be wrong: \
                    put the answers into the store, or accept each by name"
        .to_owned();
    let lines = lookups.iter().map(|MissingLookup { lookup, documents }| {
        let lookup = lookup.to_string();
        let documents = documents.iter();
        let documents = documents.map(|document| text::visible_line(document.as_str()));
        format!(
            "{} (for {})",
            text::visible_line(&lookup),
            text::some_of(documents, SHOWN)
        )
    });
    push_some(&mut text, lines);
    text
}

pub(super) fn failed(documents: &[FailedDocument]) -> String {
    let mut text = match documents.len() {
        1 => "a document couldn't be migrated".to_owned(),
        several => format!("{several} documents couldn't be migrated"),
    };
    text.push_str(", so nothing is written: mend, replace or remove");
    let lines = documents.iter().map(
        |FailedDocument {
             name, path, error, ..
         }| {
            let why = match (&error.kind, path) {
                (MigrationErrorKind::Parse(error), Some(path)) => error.render(path),
                _ => error.to_string(),
            };
            format!("{}: {why}", text::visible_line(name.as_str()))
        },
    );
    push_some(&mut text, lines);
    text
}

/// The first lines of a list, and how many there are more.
fn push_some(text: &mut String, mut lines: impl ExactSizeIterator<Item = String>) {
    for line in lines.by_ref().take(SHOWN) {
        text.push('\n');
        text.push_str(&line);
    }
    if lines.len() > 0 {
        text.push_str(&format!("\nand {} more", text::grouped(lines.len())));
    }
}

/// Which versions below the branch's can be written.
pub(super) fn can_be_written(lowest: Option<u32>, branch: u32) -> String {
    match lowest {
        Some(lowest) => format!("version {lowest}"),
        None => format!("nothing below the branch's version {branch}"),
    }
}

pub(super) fn versions_are(versions: &[u32]) -> String {
    let list = text::list(versions);
    if versions.len() == 1 {
        format!("version {list} is")
    } else {
        format!("versions {list} are")
    }
}

pub(super) fn intents(count: usize) -> String {
    match count {
        1 => "an intent was".to_owned(),
        several => format!("{several} intents were"),
    }
}

#[cfg(test)]
mod tests {
    use super::{MissingLookup, missing};
    use crate::catalog::DocumentName;
    use crate::engine::LookupKey;

    #[test]
    fn a_key_of_several_lines_is_told_in_one() {
        let told = missing(&[MissingLookup {
            lookup: LookupKey {
                table: "users".to_owned(),
                key: "new\nline".to_owned(),
            },
            documents: vec![DocumentName::new("flag", "a")],
        }]);
        assert!(told.ends_with("\nusers/new\\nline (for flag/a)"), "{told}");
    }
}
