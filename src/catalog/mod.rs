//! Document kinds and the ordered steps that change them: loading a catalog and checking it (see `docs/`).

mod check;
mod expression;
pub(crate) mod identity;
mod load;
pub(crate) mod marker;
mod modify;
mod pattern;
mod portable;
mod problem;
mod read;
pub mod reference;
mod reverse;
mod step;

pub(crate) mod selector;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use check::Places;
pub use expression::Lookup;
pub(crate) use expression::{EvaluationError, Evaluator, Expression, Scope, Value, enclosing};
pub use identity::Identity;
pub use load::{SNAPSHOTS_FOLDER, StepFolder};
pub use marker::MarkerError;
pub(crate) use modify::{Destination, Entries, Item, Operation, OperationKind, Selection};
pub use pattern::{PathPattern, check_relative_path};
pub use portable::{PortableCatalog, PortableError};
pub use problem::{CatalogError, Problem, SourceFile, nearest};
pub use reverse::{BringBack, Reverse};
pub use step::{
    Action, DeclaredModify, MARKER_KIND, Modify, NativeModify, OnExisting, ReadDocument, Step,
    StepContext, StepFailure, Target,
};

use sha2::{Digest as _, Sha256};

use crate::ocl::Dialect;

/// The document kinds of a server and the steps that lead from each schema version to the next.
///
/// A `Catalog` that exists has been checked: its steps are in run order, its kinds' paths never overlap, and
/// every kind's life cycle makes sense.
#[derive(Debug, Clone)]
pub struct Catalog {
    name: String,
    base_path: String,
    unknown_versions: BTreeSet<u32>,
    marker: Marker,
    kinds: Vec<DocumentKind>,
    steps: Vec<Step>,
    digest: Digest,
    /// Its texts; empty for one that was put together in Rust.
    files: Vec<SourceFile>,
    identities: identity::Identities,
}

/// Where a base path states its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Its path below the base path.
    pub path: String,
    /// The attribute that holds the version.
    pub attribute: String,
    /// Paths under which older versions wrote it.
    pub legacy_paths: Vec<String>,
}

/// A kind of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentKind {
    /// Its name: `runbook`.
    pub name: String,
    /// Where its documents lie at the server version.
    pub path: PathPattern,
}

/// Identifies what a catalog does: SHA-256 over its files. Of a step in Rust only its version, name and kind count: what
/// its code does can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub(crate) [u8; 32]);

/// The parts of a catalog that is put together in Rust.
#[derive(Debug, Clone)]
pub struct CatalogParts {
    /// The catalog's name.
    pub name: String,
    /// The folder of one project's documents in a repository.
    pub base_path: String,
    /// Versions that exist, though nobody knows what they do.
    pub unknown_versions: BTreeSet<u32>,
    /// Where the version is stated.
    pub marker: Marker,
    /// The document kinds.
    pub kinds: Vec<DocumentKind>,
    /// The steps, in any order.
    pub steps: Vec<Step>,
}

impl Catalog {
    /// The catalog that comes with this crate: Octopus Config as Code.
    ///
    /// ```
    /// let catalog = ocl_migrate::catalog::Catalog::builtin();
    /// assert_eq!(catalog.base_path(), ".octopus");
    /// ```
    pub fn builtin() -> Catalog {
        load::builtin().expect("a test loads the built-in catalog")
    }

    /// Loads a catalog from its folder.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once, each with its place.
    pub fn load(folder: &Path) -> Result<Catalog, CatalogError> {
        load::from_folder(folder)
    }

    /// Puts a catalog together in Rust, with the same checks as a loaded one.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn new(parts: CatalogParts) -> Result<Catalog, CatalogError> {
        let digest = Digest([0; 32]).with_steps(&parts.steps);
        check::assemble(parts, digest, &Places::default(), Vec::new())
    }

    /// The same catalog with further steps, as a server adds those that it has in Rust.
    ///
    /// # Errors
    /// Everything that is wrong with the whole, at once.
    pub fn with_steps(
        &self,
        steps: impl IntoIterator<Item = Step>,
    ) -> Result<Catalog, CatalogError> {
        let mut parts = CatalogParts {
            name: self.name.clone(),
            base_path: self.base_path.clone(),
            unknown_versions: self.unknown_versions.clone(),
            marker: self.marker.clone(),
            kinds: self.kinds.clone(),
            steps: self.steps.clone(),
        };
        parts.steps.extend(steps);
        let digest = self.digest.with_steps(&parts.steps);
        let mut catalog = check::assemble(parts, digest, &Places::default(), Vec::new())?;
        catalog.files.clone_from(&self.files);
        catalog.identities.clone_from(&self.identities);
        Ok(catalog)
    }

    /// The catalog's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of one project's documents, where the caller doesn't name another.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The versions that exist, though nobody knows what they do.
    pub fn unknown_versions(&self) -> &BTreeSet<u32> {
        &self.unknown_versions
    }

    /// Where a base path states its version.
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// The document kinds.
    pub fn kinds(&self) -> &[DocumentKind] {
        &self.kinds
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&DocumentKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// What tells the blocks and list items of a kind's documents apart, at the newest version. A catalog that was put
    /// together in Rust declares nothing: blocks are known by their labels.
    pub fn identity(&self, kind: &str) -> &Identity {
        self.identities.of(kind)
    }

    /// The steps in run order: by version, then by name.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The highest version of any step: what this server's documents look like.
    pub fn server_version(&self) -> u32 {
        let unknown = self.unknown_versions.last().copied();
        let known = self.steps.last().map(|step| step.version);
        known.max(unknown).unwrap_or(0)
    }

    /// Identifies what the catalog does.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Where the documents of a kind lie at a version: the `from` of its first rename above that, else the
    /// catalog's path.
    pub fn path_at<'c>(&'c self, kind: &'c DocumentKind, version: u32) -> &'c PathPattern {
        self.steps
            .iter()
            .filter(|step| step.version > version)
            .find_map(|step| match (&step.target, &step.action) {
                (Target::Kind(name), Action::Rename(from)) if *name == kind.name => Some(from),
                _ => None,
            })
            .unwrap_or(&kind.path)
    }

    /// Where the marker lies at a version.
    pub fn marker_path_at(&self, version: u32) -> &str {
        self.steps
            .iter()
            .filter(|step| step.version > version && step.target == Target::Marker)
            .find_map(|step| match &step.action {
                Action::Rename(from) => Some(from.as_str()),
                _ => None,
            })
            .unwrap_or(&self.marker.path)
    }

    /// Every path under which a marker may lie, the newest first.
    pub fn marker_paths(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.marker.path)
            .chain(self.marker.legacy_paths.iter().map(String::as_str))
    }

    /// The dialect that content of this shape is written in.
    pub fn dialect_at(&self, shape: u32) -> Dialect {
        let newer = self
            .steps
            .iter()
            .find(|step| matches!(step.action, Action::Dialect));
        match newer {
            Some(step) if shape < step.version => Dialect::Legacy,
            _ => Dialect::Current,
        }
    }

    /// The kind and the slug of the document that lies at a path below the base path at a version.
    pub fn classify<'c, 'p>(
        &'c self,
        path: &'p str,
        version: u32,
    ) -> Option<(&'c DocumentKind, &'p str)> {
        self.kinds
            .iter()
            .find_map(|kind| Some((kind, self.path_at(kind, version).slug_of(path)?)))
    }
}

impl Step {
    /// Whether the step is about this kind.
    pub fn concerns(&self, kind: &str) -> bool {
        match &self.target {
            Target::Kind(name) => name == kind,
            Target::AllKinds => true,
            Target::Marker => false,
        }
    }
}

impl Digest {
    /// The digest together with the steps that no file holds.
    fn with_steps(self, steps: &[Step]) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        for step in steps.iter().filter(|step| step.source.is_none()) {
            let text = format!(
                "{} {} {} {}",
                step.version,
                step.name,
                step.target,
                step.action.name()
            );
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        Digest(hasher.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
