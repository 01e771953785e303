//! `case.hcl`: what a step may ask for in a case, and the answers to it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl::edit::{Span, parser};
use serde::Deserialize;

use super::files::Files;
use super::hcl_file;
use crate::catalog::{Catalog, Lookup, ReadDocument, Step, Target};
use crate::migrate::Context;
use crate::ocl::Document;
use crate::text::{list, nearest};

/// The content of `case.hcl`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CaseFile {
    pub(super) slug: String,
    lookups: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// By name. Holds file names when parsed, and then the texts of these files.
    documents: BTreeMap<String, String>,
    /// The names of these files.
    #[serde(skip)]
    pub(super) files: BTreeSet<String>,
    /// Places of the newer shape that can't be migrated down.
    pub(super) set_aside: Vec<String>,
}

impl CaseFile {
    pub(super) fn read(files: &Files) -> Result<CaseFile, String> {
        let Some(bytes) = files.get("case.hcl") else {
            return Ok(CaseFile::default());
        };
        let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
        let mut read: CaseFile = hcl_file::read(text)?;
        read.files = read.documents.values().cloned().collect();
        for file in read.documents.values_mut() {
            let bytes = files.get(file).ok_or_else(|| {
                if file.contains("..") || file.starts_with('/') {
                    format!("it names `{file}`: the files of a case lie in its folder")
                } else {
                    format!("it names `{file}`, but there is no such file")
                }
            })?;
            *file = String::from_utf8(bytes.to_vec()).map_err(|_| format!("{file}: not UTF-8"))?;
        }
        Ok(read)
    }

    /// The lookup tables that it states.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.lookups.keys().map(String::as_str)
    }

    /// The texts of the documents that the step reads.
    pub(super) fn read_texts(&self) -> impl Iterator<Item = &str> {
        self.documents.values().map(String::as_str)
    }

    /// Refuses a slug that no document of the step's kind can have.
    pub(super) fn check_slug(&self, catalog: &Catalog, step: &Step) -> Result<(), String> {
        let (Target::Kind(kind), false) = (step.target(), self.slug.is_empty()) else {
            return Ok(());
        };
        let Some(kind) = catalog.kind(kind) else {
            return Ok(());
        };
        let path = catalog.path_at(kind, step.version().saturating_sub(1));
        path.path_of(&self.slug)
            .map(drop)
            .map_err(|message| format!("slug: {message}"))
    }

    /// Refuses documents that the catalog can't have.
    pub(super) fn check_documents(&self, catalog: &Catalog) -> Result<(), String> {
        for name in self.documents.keys() {
            let (of_kind, slug) = name.split_once('/').unwrap_or((name, ""));
            let Some(kind) = catalog.kind(of_kind) else {
                let kinds = catalog.kinds().iter().map(|kind| kind.name.as_str());
                let meant = nearest(of_kind, kinds.clone());
                let meant = meant.map_or_else(
                    || format!("the kinds are {}", list(kinds)),
                    |meant| format!("did you mean `{meant}`?"),
                );
                return Err(format!(
                    "documents: {name:?}: the catalog has no kind `{of_kind}`: {meant}"
                ));
            };
            if kind.path.is_collection() == slug.is_empty() {
                let right = if slug.is_empty() {
                    format!("there are several of this kind, so name one: \"{of_kind}/NAME\"")
                } else {
                    format!("there is one document of this kind: \"{of_kind}\"")
                };
                return Err(format!("documents: {name:?}: {right}"));
            }
        }
        Ok(())
    }
}

/// The server of a case, as its file says.
pub(super) struct CaseContext<'c> {
    pub(super) file: &'c CaseFile,
    pub(super) catalog: &'c Catalog,
    /// What was looked up in tables that the file doesn't state: table and key.
    pub(super) missed: RefCell<BTreeSet<(String, String)>>,
}

impl Context for CaseContext<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let version = self.catalog.steps()[before_step].version();
        let dialect = self.catalog.dialect_at(version.saturating_sub(1));
        let mut documents = Vec::new();
        for (name, text) in &self.file.documents {
            let (of_kind, slug) = name.split_once('/').unwrap_or((name, ""));
            if of_kind == kind {
                let document = Document::parse(text.as_str(), dialect)
                    .map_err(|error| format!("{name}: {error}"))?;
                documents.push(ReadDocument {
                    kind: kind.to_owned(),
                    slug: slug.to_owned(),
                    document: Arc::new(document),
                });
            }
        }
        Ok(documents)
    }
}

impl Lookup for CaseContext<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        let Some(answers) = self.file.lookups.get(table) else {
            let question = (table.to_owned(), key.to_owned());
            self.missed.borrow_mut().insert(question);
            return Ok(None);
        };
        // Stated as what the server doesn't have.
        let answer = answers.get(key).filter(|answer| !answer.is_null());
        Ok(answer.cloned())
    }
}

/// The text of a `case.hcl` that states these places under `set_aside`, and is as it was otherwise. `None` where it isn't HCL.
pub(super) fn with_set_aside(text: &str, places: &[String]) -> Option<String> {
    const NAME: &str = "set_aside";
    let body = parser::parse_body(text).ok()?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line = match places {
        [] => String::new(),
        _ => {
            let value = hcl::Expression::from_iter(places.iter().map(String::as_str));
            let attribute = hcl::Body::from_iter([hcl::Attribute::new(NAME, value)]);
            let written = hcl::format::to_string(&attribute).ok()?;
            written.trim_end().replace('\n', newline) + newline
        }
    };
    let stated = body.attributes().find(|stated| stated.has_key(NAME));
    let (before, after) = match stated {
        Some(stated) => {
            let place = stated.span()?;
            let rest = &text[place.end..];
            let end = rest.find('\n').map_or(text.len(), |at| place.end + at + 1);
            let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
            (&text[..start], &text[end..])
        }
        None => (text, ""),
    };
    let ended = if before.is_empty() || before.ends_with('\n') || line.is_empty() {
        ""
    } else {
        newline
    };
    Some(format!("{before}{ended}{line}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_set_aside_are_stated_and_the_rest_stays() {
        let places = |places: &[&str]| places.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let with = |text: &str, of: &[&str]| with_set_aside(text, &places(of)).unwrap();
        let texts = [
            "",
            "slug = \"a\" # an é",
            "# why\nset_aside = [\n  \"old\", # gone\n]\n\nslug = \"a\"\n",
            "slug = \"a\"\r\nset_aside = [\"old\"]\r\nlookups = { a = { b = 1 } }\r\n",
        ];
        for text in texts {
            let odd = ["step[\"a\"].b", "c ${d} %{e} \\ é", "f"];
            for stated in [&odd[..0], &odd[..1], &odd] {
                let written = with(text, stated);
                let files = Files::from_iter([("case.hcl", &*written)]);
                let read = CaseFile::read(&files).unwrap();
                assert_eq!(read.set_aside, places(stated), "{written}");
                assert_eq!(read.slug, if text.contains("slug") { "a" } else { "" });
                assert_eq!(read.lookups.len(), usize::from(text.contains("lookups")));
                for kept in ["# an é", "# why\n"] {
                    assert_eq!(written.contains(kept), text.contains(kept), "{written}");
                }
            }
        }
        assert_eq!(with_set_aside("slug = ", &[]), None);
    }
}
