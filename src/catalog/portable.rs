//! A catalog as text: a newer server leaves it in the store, so that an older one can read newer documents with it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::action::{Action, OnExisting, Reverse};
use super::model::Catalog;
use super::pattern::PathPattern;
use super::problem::SourceFile;
use super::read;
use super::step::Step;
use crate::text::hex;

/// A catalog as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortableCatalog {
    /// SHA-256 over the content, in hex.
    pub(crate) digest: String,
    /// The catalog's highest version.
    pub(crate) version: u32,
    /// JSON: the catalog's files, and a description of the steps in Rust.
    pub(crate) content: String,
}

/// Why a portable catalog can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortableError {
    /// Its content doesn't match its digest.
    #[error("its content doesn't match its digest: it was damaged, or changed by hand")]
    Digest,
    /// Its highest version isn't the one that it states.
    #[error("its highest version is {found}, but it states {stated}")]
    Version {
        /// The stated version.
        stated: u32,
        /// The actual highest version.
        found: u32,
    },
    /// This server doesn't understand it.
    #[error("this server doesn't understand it: {0}")]
    Content(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// Increased when readers have to change.
    format_version: u32,
    files: Vec<File>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    in_rust: Vec<StepInRust>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: String,
    text: String,
}

/// A step in Rust, without its code.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepInRust {
    version: u32,
    name: String,
    document: String,
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keeps: bool,
}

const FORMAT_VERSION: u32 = 1;

impl Catalog {
    /// The catalog as text; `None` if it was put together in Rust.
    pub(crate) fn portable(&self) -> Option<PortableCatalog> {
        if self.files.is_empty() {
            return None;
        }
        let files = self.files.iter().map(|file| File {
            path: file.path.to_string(),
            text: file.text.to_string(),
        });
        let in_rust = self.steps.iter().filter(|step| step.source.is_none());
        let content = Content {
            format_version: FORMAT_VERSION,
            files: files.collect(),
            in_rust: in_rust.map(StepInRust::of).collect(),
        };
        let content = serde_json::to_string(&content).ok()?;
        Some(PortableCatalog {
            digest: digest(&content),
            version: self.server_version(),
            content,
        })
    }

    /// A catalog from its text, if the text matches its digest and version.
    ///
    /// Steps in Rust come without their code: they can neither run nor be undone.
    ///
    /// # Errors
    /// [`PortableError`].
    pub(crate) fn from_portable(portable: &PortableCatalog) -> Result<Catalog, PortableError> {
        if digest(&portable.content) != portable.digest {
            return Err(PortableError::Digest);
        }
        let unreadable = |message: String| PortableError::Content(message);
        let content: Content = serde_json::from_str(&portable.content)
            .map_err(|error| unreadable(error.to_string()))?;
        if content.format_version != FORMAT_VERSION {
            let message = format!("its format is {}", content.format_version);
            return Err(unreadable(message));
        }
        let files: Vec<SourceFile> = content
            .files
            .into_iter()
            .map(|file| SourceFile {
                path: file.path.into(),
                text: file.text.into(),
            })
            .collect();
        let catalog = read::catalog(&files, Vec::new(), |_| None)
            .map_err(|error| unreadable(error.to_string()))?;
        let in_rust: Result<Vec<Step>, String> =
            content.in_rust.into_iter().map(StepInRust::step).collect();
        let in_rust = in_rust.map_err(unreadable)?;
        let catalog = if in_rust.is_empty() {
            catalog
        } else {
            let whole = catalog.with_steps(in_rust);
            whole.map_err(|error| unreadable(error.to_string()))?
        };
        match catalog.server_version() {
            version if version == portable.version => Ok(catalog),
            found => Err(PortableError::Version {
                stated: portable.version,
                found,
            }),
        }
    }
}

impl StepInRust {
    fn of(step: &Step) -> StepInRust {
        StepInRust {
            version: step.version,
            name: step.name.clone(),
            document: step.target.to_string(),
            action: step.action.name().to_owned(),
            from: match &step.action {
                Action::Rename(from) => Some(from.to_string()),
                _ => None,
            },
            keeps: matches!(step.action, Action::Import(OnExisting::Keep)),
        }
    }

    fn step(self) -> Result<Step, String> {
        let (version, name, kind) = (self.version, &*self.name, &*self.document);
        Ok(match (&*self.action, self.from) {
            ("import", _) if self.keeps => Step::import(version, name, kind, OnExisting::Keep),
            ("import", _) => Step::import(version, name, kind, OnExisting::Refuse),
            ("remove", _) => Step::remove(version, name, kind),
            ("dialect", _) => Step::dialect(version, name),
            ("rename", Some(from)) => Step::rename(version, name, kind, PathPattern::parse(&from)?),
            ("modify", _) => {
                let reason = "it is written in Rust, and this server doesn't have its code";
                let mut step = Step::modify(version, name, kind, move |_, _| Err(reason.into()));
                step.reverse = Reverse::OneWay(reason.to_owned()).into();
                step
            }
            (other, _) => return Err(format!("a step in Rust has the unknown action `{other}`")),
        })
    }
}

fn digest(content: &str) -> String {
    hex(&Sha256::digest(content))
}
