//! The JSON of `show` and `preview`.

use serde::Serialize;
use serde_json::Value;

use super::head::Head;
use crate::catalog::DocumentName;
use crate::migrate::SetAside;
use crate::ocl::{Document, DoubledName};
use crate::plan::Source;
use crate::project::{
    DocumentOutcome, DocumentWarning, LoadError, Loaded, LookupKey, MigratedDocument, Warning, join,
};
use crate::report::diff::FileDiff;

/// `show` and `preview`.
#[derive(Debug, Serialize)]
pub struct RefReport<'l> {
    #[serde(flatten)]
    head: Head<'l>,
    /// The documents.
    pub documents: Vec<DocumentReport<'l>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A document in `show` and `preview`.
#[derive(Debug, Serialize)]
pub struct DocumentReport<'l> {
    document: &'l DocumentName,
    path: &'l str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    kept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    told: DocumentTold<'l>,
}

/// What a reader of a document should know.
#[derive(Debug, Default, Serialize)]
pub(super) struct DocumentTold<'l> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    set_aside: &'l [SetAside],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubled_names: Vec<DoubledName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_lookups: Vec<LookupKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_parsed: Option<NotParsedReport>,
}

/// What is wrong with the text of a document that no step touches.
#[derive(Debug, Serialize)]
struct NotParsedReport {
    path: String,
    line: usize,
    column: usize,
    message: String,
}

impl<'l> RefReport<'l> {
    /// A loaded ref, without its documents.
    pub fn new(loaded: &'l Loaded) -> RefReport<'l> {
        RefReport {
            head: Head::new(loaded),
            documents: Vec::new(),
            warnings: loaded.warnings().iter().map(ToString::to_string).collect(),
        }
    }

    /// The same for documents as Git holds them: `show --raw`.
    pub fn raw(loaded: &'l Loaded) -> RefReport<'l> {
        let mut head = Head::new(loaded);
        head.target_version = loaded.plan().branch_version;
        RefReport {
            head,
            documents: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds warnings.
    pub fn warn<'w>(&mut self, warnings: impl IntoIterator<Item = &'w Warning>) {
        let warnings = warnings.into_iter();
        self.warnings.extend(warnings.map(ToString::to_string));
    }
}

impl<'l> DocumentTold<'l> {
    pub(super) fn new(loaded: &Loaded, document: &'l MigratedDocument) -> DocumentTold<'l> {
        let mut told = DocumentTold {
            set_aside: &document.set_aside,
            warnings: document.losses.iter().map(ToString::to_string).collect(),
            ..DocumentTold::default()
        };
        for warning in loaded.document_warnings(document) {
            told.warnings.push(warning.to_string());
            match warning {
                DocumentWarning::DoubledName(name) => told.doubled_names.push(name),
                DocumentWarning::MissingLookup(lookup) => told.missing_lookups.push(lookup),
                DocumentWarning::LeftBehind { .. } => {}
                DocumentWarning::NotParsed { path, error } => {
                    told.not_parsed = Some(NotParsedReport {
                        path,
                        line: error.line(),
                        column: error.column(),
                        message: error.message().to_owned(),
                    });
                }
            }
        }
        told
    }
}

impl<'l> DocumentReport<'l> {
    fn new(loaded: &'l Loaded, document: &'l MigratedDocument) -> DocumentReport<'l> {
        DocumentReport {
            outcome: document.outcome.name(),
            source: match document.outcome {
                DocumentOutcome::Imported { source } | DocumentOutcome::BroughtBack { source } => {
                    Some(source)
                }
                _ => None,
            },
            kept: document.kept,
            error: document.failure(loaded.base_path()),
            told: DocumentTold::new(loaded, document),
            ..DocumentReport::untouched(document, &document.path)
        }
    }

    fn untouched(document: &'l MigratedDocument, path: &'l str) -> DocumentReport<'l> {
        DocumentReport {
            document: &document.name,
            path,
            outcome: DocumentOutcome::Unchanged.name(),
            source: None,
            kept: false,
            content: None,
            diff: None,
            error: None,
            told: DocumentTold::default(),
        }
    }

    /// With its content in the plain JSON view.
    ///
    /// A document that isn't OCL counts as failed, also where no step touches it.
    ///
    /// # Errors
    /// If Git can't read it.
    pub fn with_content(
        loaded: &'l Loaded,
        document: &'l MigratedDocument,
    ) -> Result<DocumentReport<'l>, LoadError> {
        let shape = if document.changes().is_empty() {
            loaded.shape_of(document)
        } else {
            loaded.plan().target
        };
        let mut report = DocumentReport::new(loaded, document);
        report.read(loaded.content(document)?, shape, loaded, document);
        Ok(report)
    }

    /// With what Git holds, in the plain JSON view: `show --raw`. `None` if Git doesn't hold it.
    ///
    /// # Errors
    /// If Git can't read it.
    pub fn raw(
        loaded: &'l Loaded,
        document: &'l MigratedDocument,
    ) -> Result<Option<DocumentReport<'l>>, LoadError> {
        let Some(path) = &document.path_before else {
            return Ok(None);
        };
        let shape = loaded.plan().branch_version;
        let mut report = DocumentReport::untouched(document, path);
        report.read(loaded.before(document)?, shape, loaded, document);
        Ok(Some(report))
    }

    /// With the diff of its migration.
    pub fn with_diff(
        loaded: &'l Loaded,
        document: &'l MigratedDocument,
        diff: &FileDiff,
    ) -> DocumentReport<'l> {
        let mut report = DocumentReport::new(loaded, document);
        if report.error.is_none() {
            report.diff = Some(diff.to_string());
        }
        report
    }

    /// Reads content of a shape.
    fn read(
        &mut self,
        bytes: Option<Vec<u8>>,
        shape: u32,
        loaded: &Loaded,
        document: &MigratedDocument,
    ) {
        let Some(bytes) = bytes else {
            return;
        };
        let dialect = loaded.project().catalog().dialect_at(shape);
        match Document::from_bytes(bytes, dialect) {
            Ok(parsed) => self.content = Some(parsed.root().to_json()),
            Err(error) => {
                let path = document.path_before.as_deref().unwrap_or(&document.path);
                let path = join(loaded.base_path(), path);
                self.outcome = "failed";
                self.error = Some(error.render(&path));
            }
        }
    }

    /// Whether it couldn't be migrated or read.
    pub fn failed(&self) -> bool {
        self.error.is_some()
    }
}
