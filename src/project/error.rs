//! Why a ref couldn't be loaded.

use std::sync::Arc;

use super::marker::MarkerError;
use crate::git;
use crate::migrate::MigrationError;
use crate::plan::PlanError;
use crate::store;

/// Why a ref couldn't be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The repository, or something in it, couldn't be read.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The marker states no version.
    #[error(transparent)]
    Marker(#[from] MarkerError),
    /// Documents lie in the base path, and nothing says which version they are at.
    #[error(
        "there is no marker, so nobody knows which version {} is at: state it in {marker}, as `{attribute} = N`",
        list(.documents)
    )]
    DocumentsWithoutMarker {
        /// Where the marker should be.
        marker: String,
        /// The attribute that holds the version.
        attribute: String,
        /// The documents.
        documents: Vec<String>,
    },
    /// The ref is newer than this server, and the steps that a newer server left in the store are no use.
    #[error(
        "the store holds a newer server's steps, up to version {version}, and they can't be used: {error}"
    )]
    NewerSteps {
        /// The highest version of the steps.
        version: u32,
        /// Under which they are kept.
        digest: String,
        /// Why they can't.
        error: crate::catalog::PortableError,
    },
    /// What a remove brings back on the way down can't be had from the commit that held it last.
    #[error(
        "on the way down, version {version} brings `{kind}` back as {commit} held it, which can't be loaded: {reason}"
    )]
    NotBroughtBack {
        /// The kind.
        kind: String,
        /// The version of the remove.
        version: u32,
        /// The commit.
        commit: String,
        /// Why not.
        reason: String,
    },
    /// There is no plan for the ref.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The ref holds several projects, and none was chosen.
    #[error("the ref holds several projects ({}): choose one by its base path", .base_paths.join(", "))]
    SeveralProjects {
        /// Their base paths.
        base_paths: Vec<String>,
    },
    /// No ref fits a pattern.
    #[error(
        "no ref fits the pattern `{pattern}`: it is held against full names, and against those without refs/heads/ or refs/tags/"
    )]
    NothingFits {
        /// The pattern.
        pattern: String,
    },
    /// The base path can't be one.
    #[error("{reason}: a base path is a folder in the repository, such as `.octopus`")]
    InvalidBasePath {
        /// What is wrong with it.
        reason: String,
    },
    /// The base path is something else than a folder.
    #[error("{base_path} is a {found} in this commit, not a folder")]
    NotAFolder {
        /// The base path.
        base_path: String,
        /// What it is.
        found: &'static str,
    },
    /// The store couldn't be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// There is no such document.
    #[error("there is no document `{name}` here; there are {}", list(.known))]
    NoSuchDocument {
        /// What was asked for.
        name: String,
        /// The documents that there are.
        known: Vec<String>,
    },
}

/// Why a document's values couldn't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The ref or the document couldn't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The document couldn't be migrated.
    #[error("{0} couldn't be migrated: {1}")]
    Failed(String, Arc<MigrationError>),
    /// A step removed the document.
    #[error("{0} was removed by a step")]
    Removed(String),
    /// The document doesn't have the shape that the caller expects.
    #[error("{0} doesn't have the expected shape: {1}")]
    Shape(String, String),
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    match names.len() {
        0 => "none".to_owned(),
        n if n > SHOWN => format!("{} and {} more", names[..SHOWN].join(", "), n - SHOWN),
        _ => names.join(", "),
    }
}
