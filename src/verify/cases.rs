//! The cases of a catalog's steps: small documents with what the step must make of them.
//!
//! A case is a folder `NNNN_step/cases/NAME` with
//!
//! - `before.ocl`: a document just before the step,
//! - `after.ocl`: the same after it, byte for byte, or `error.txt`: the message with which the step refuses it (a step
//!   that removes documents has neither),
//! - `case.hcl`, where the step asks for more than the document:
//!
//! ```hcl
//! slug      = "backup-db"                                              # of the document, in a collection
//! lookups   = { environments = { "Production EU" = "prod-eu" } }       # by table; all else is unknown
//! documents = { deployment_process = "process.ocl" }                   # what the step reads: files beside this one
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::catalog::{Action, Catalog, Lookup, ReadDocument, Step};
use crate::migrate::{Input, Loss, MigrationError, Surroundings, migrate};
use crate::ocl::Document;

/// A document with what its step must make of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder within the catalog's: `0010_runbook_retention_type/cases/hundred`.
    pub path: String,
    /// The step's place in [`Catalog::steps`].
    pub step: usize,
    before: Vec<u8>,
    expected: Expected,
    around: Around,
}

#[derive(Debug, Clone)]
enum Expected {
    After(Vec<u8>),
    Removed,
    Refused(String),
}

/// Why a case can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", path.display())]
pub struct CaseError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub message: String,
}

/// How a step fails its case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseFailure {
    /// The result is another.
    #[error("the result is not `after.ocl`")]
    Differs {
        /// What the case says.
        expected: Vec<u8>,
        /// What came out; `None` if the document was removed.
        found: Option<Vec<u8>>,
    },
    /// It can't be migrated at all.
    #[error("it fails: {0}")]
    Failed(MigrationError),
    /// It should have been refused, or removed.
    #[error("{expected}, and it isn't")]
    Accepted {
        /// What the case says.
        expected: String,
        /// What came out.
        found: Vec<u8>,
    },
    /// It is refused with another message.
    #[error("it is refused with {found:?}, and `error.txt` says {expected:?}")]
    OtherMessage {
        /// What the case says.
        expected: String,
        /// The message.
        found: String,
    },
    /// A value is lost.
    #[error("{}", losses.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Loses {
        /// The values that are written over without being read.
        losses: Vec<Loss>,
    },
    /// Run over its own result, the step changes it again.
    #[error(
        "run over its own result, the step changes it again: say `idempotent = false` and why, if it must"
    )]
    NotIdempotent {
        /// The result of the second run; `None` if it failed or removed the document.
        again: Option<Vec<u8>>,
    },
}

/// Reads the cases of all steps, in run order and then by name.
///
/// # Errors
/// The first case that can't be read.
pub fn read(folder: &Path, catalog: &Catalog) -> Result<Vec<Case>, CaseError> {
    let mut cases = Vec::new();
    for (index, step) in catalog.steps().iter().enumerate() {
        // A step in Rust has no folder.
        let Some((step_folder, _)) = step.file().and_then(|file| file.rsplit_once('/')) else {
            continue;
        };
        let path = folder.join(step_folder).join("cases");
        if !path.exists() {
            continue;
        }
        let at_path = |error| io_error(&path, error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(at_path)? {
            let entry = entry.map_err(at_path)?;
            if entry.path().is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        for name in names {
            let case_path = format!("{step_folder}/cases/{name}");
            cases.push(Case::read(folder, case_path, index, step)?);
        }
    }
    Ok(cases)
}

impl Case {
    fn read(folder: &Path, path: String, index: usize, step: &Step) -> Result<Case, CaseError> {
        let folder = folder.join(&path);
        let before_path = folder.join("before.ocl");
        let before = fs::read(&before_path).map_err(|error| io_error(&before_path, error))?;
        let after = read_if_there(&folder.join("after.ocl"))?;
        let message = read_if_there(&folder.join("error.txt"))?;
        let expected = match (after, message) {
            (Some(after), None) => Expected::After(after),
            (None, Some(message)) => {
                Expected::Refused(String::from_utf8_lossy(&message).trim().to_owned())
            }
            (None, None) if matches!(step.action(), Action::Remove) => Expected::Removed,
            _ => {
                return Err(CaseError {
                    path: folder,
                    message: "a case has either `after.ocl` or `error.txt`".into(),
                });
            }
        };
        let around = Around::read(&folder)?;
        Ok(Case {
            path,
            step: index,
            before,
            expected,
            around,
        })
    }

    /// Runs the step on the case's document.
    ///
    /// # Errors
    /// Where the step doesn't do what the case says, loses a value, or changes its own result when it runs again.
    pub fn run(&self, catalog: &Catalog) -> Result<(), CaseFailure> {
        let step = &catalog.steps()[self.step];
        let shape = step.version().saturating_sub(1);
        let migrated = match (self.migrate(catalog, &self.before, shape), &self.expected) {
            (Ok(migrated), _) => migrated,
            (Err(error), Expected::Refused(expected)) => {
                let found = error.kind.to_string();
                return match found == *expected {
                    true => Ok(()),
                    false => Err(CaseFailure::OtherMessage {
                        expected: expected.clone(),
                        found,
                    }),
                };
            }
            (Err(error), _) => return Err(CaseFailure::Failed(error)),
        };
        let found = migrated
            .text
            .as_deref()
            .map(|text| text.as_bytes().to_vec());
        let expected = match (&self.expected, found) {
            (Expected::After(expected), Some(found)) if found == *expected => expected,
            (Expected::After(expected), found) => {
                return Err(CaseFailure::Differs {
                    expected: expected.clone(),
                    found,
                });
            }
            (Expected::Removed, None) => return Ok(()),
            (Expected::Removed, Some(found)) => {
                let expected = "the step should remove it".into();
                return Err(CaseFailure::Accepted { expected, found });
            }
            (Expected::Refused(message), found) => {
                return Err(CaseFailure::Accepted {
                    expected: format!("it should be refused with {message:?}"),
                    found: found.unwrap_or_default(),
                });
            }
        };
        let losses = migrated.losses(catalog);
        if !losses.is_empty() {
            return Err(CaseFailure::Loses { losses });
        }
        if step.is_idempotent() {
            let again = self.migrate(catalog, expected, step.version());
            let again = again.ok().and_then(|again| again.text);
            if again.as_deref().map(str::as_bytes) != Some(expected) {
                return Err(CaseFailure::NotIdempotent {
                    again: again.map(|text| text.as_bytes().to_vec()),
                });
            }
        }
        Ok(())
    }

    fn migrate(
        &self,
        catalog: &Catalog,
        bytes: &[u8],
        shape: u32,
    ) -> Result<crate::migrate::Migrated, MigrationError> {
        let step = &catalog.steps()[self.step];
        let kind = match step.target() {
            crate::catalog::Target::Kind(kind) => kind.as_str(),
            // A step for all kinds treats them alike.
            _ => catalog.kinds().first().map_or("", |kind| &kind.name),
        };
        let input = Input {
            kind,
            slug: &self.around.slug,
            shape,
            bytes,
        };
        let around = AroundStep {
            around: &self.around,
            catalog,
        };
        migrate(catalog, &[self.step], input, &around)
    }
}

/// What `case.hcl` says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Around {
    slug: String,
    lookups: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// By name; read as file names, kept as texts.
    documents: BTreeMap<String, String>,
}

impl Around {
    fn read(folder: &Path) -> Result<Around, CaseError> {
        let path = folder.join("case.hcl");
        let Some(bytes) = read_if_there(&path)? else {
            return Ok(Around::default());
        };
        let invalid = |message: String| CaseError {
            path: path.clone(),
            message,
        };
        let text = String::from_utf8(bytes).map_err(|_| invalid("not UTF-8".into()))?;
        let mut around: Around =
            hcl::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        for file in around.documents.values_mut() {
            let path = folder.join(&*file);
            *file = fs::read_to_string(&path).map_err(|error| io_error(&path, error))?;
        }
        Ok(around)
    }
}

struct AroundStep<'c> {
    around: &'c Around,
    catalog: &'c Catalog,
}

impl Surroundings for AroundStep<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let version = self.catalog.steps()[before_step].version();
        let dialect = self.catalog.dialect_at(version.saturating_sub(1));
        let mut documents = Vec::new();
        for (name, text) in &self.around.documents {
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

impl Lookup for AroundStep<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        let table = self.around.lookups.get(table);
        Ok(table.and_then(|table| table.get(key)).cloned())
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, CaseError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(path, error)),
    }
}

fn io_error(path: &Path, error: io::Error) -> CaseError {
    CaseError {
        path: path.to_owned(),
        message: format!("can't be read: {error}"),
    }
}
