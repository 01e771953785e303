//! The content of a catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::action::{Action, Target};
use super::baseline::Baseline;
use super::contracts::DeclaredContract;
use super::deprecation::Deprecation;
use super::identity::{Identities, Identity};
use super::marker::{self, MarkerError};
use super::pattern::PathPattern;
use super::problem::SourceFile;
use super::single::BlockPath;
use super::step::Step;
use super::things::{LaterThings, Things};
use crate::ocl::Dialect;
use crate::text::hex;

/// The document kinds of a server and the steps from each schema version to the next.
///
/// A `Catalog` that exists is checked: its steps are in run order, its kinds' paths never overlap, and
/// every kind's life cycle is valid.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub(super) name: String,
    pub(super) base_path: String,
    pub(super) unknown_versions: BTreeSet<u32>,
    pub(super) deprecated: BTreeMap<u32, Deprecation>,
    pub(super) baseline: Option<Baseline>,
    pub(super) marker: Marker,
    pub(super) kinds: Vec<DocumentKind>,
    pub(super) steps: Vec<Step>,
    /// Computed on first use.
    pub(super) digest: OnceLock<Digest>,
    /// Its texts; empty for one that was put together in Rust.
    pub(super) files: Vec<SourceFile>,
    pub(super) identities: Identities,
    pub(super) things: LaterThings,
    pub(super) contracts: Vec<DeclaredContract>,
}

/// The file in which a base path states its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Its path below the base path.
    pub path: String,
    /// The attribute that holds the version.
    pub attribute: String,
    /// Its paths in older versions.
    pub legacy_paths: Vec<String>,
}

/// The attribute `version` of `schema_version.ocl`.
impl Default for Marker {
    fn default() -> Self {
        Self {
            path: "schema_version.ocl".to_owned(),
            attribute: "version".to_owned(),
            legacy_paths: Vec::new(),
        }
    }
}

/// A kind of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentKind {
    /// Its name: `runbook`.
    pub name: String,
    /// The path of its documents at the server version.
    pub path: PathPattern,
    /// Blocks of which there is at most one where they stand. Where there are more, no step touches them, and the document
    /// isn't written.
    pub single: Vec<BlockPath>,
    /// The kind whose one document says what documents of this kind leave out.
    pub defaults: Option<String>,
}

impl DocumentKind {
    /// A kind with documents at a path, and no more said of it.
    pub fn new(name: &str, path: PathPattern) -> Self {
        Self {
            name: name.to_owned(),
            path,
            single: Vec::new(),
            defaults: None,
        }
    }
}

/// Identifies what a catalog does: SHA-256 over its files. For a step in Rust, only its version, name and kind count, since
/// its code can't be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub(crate) [u8; 32]);

/// The parts of a catalog that is put together in Rust.
#[derive(Debug, Clone)]
pub struct CatalogParts {
    /// The catalog's name.
    pub name: String,
    /// The folder of one project's documents in a repository.
    pub base_path: String,
    /// Versions that exist but whose changes the catalog doesn't know.
    pub unknown_versions: BTreeSet<u32>,
    /// Versions that are deprecated, and with each those below it.
    pub deprecated: BTreeMap<u32, Deprecation>,
    /// The version at which the catalog begins; `None` for one that lifts every version.
    pub baseline: Option<Baseline>,
    /// The file in which a base path states its version.
    pub marker: Marker,
    /// The document kinds.
    pub kinds: Vec<DocumentKind>,
    /// The steps, in any order.
    pub steps: Vec<Step>,
}

impl CatalogParts {
    /// A catalog's name and base path, with the default marker, no kinds and no steps.
    pub fn new(name: &str, base_path: &str) -> Self {
        Self {
            name: name.to_owned(),
            base_path: base_path.to_owned(),
            unknown_versions: BTreeSet::new(),
            deprecated: BTreeMap::new(),
            baseline: None,
            marker: Marker::default(),
            kinds: Vec::new(),
            steps: Vec::new(),
        }
    }
}

impl Catalog {
    /// The catalog's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of one project's documents, if the caller doesn't name another.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The versions that exist but whose changes the catalog doesn't know.
    pub fn unknown_versions(&self) -> &BTreeSet<u32> {
        &self.unknown_versions
    }

    /// The version at which the catalog begins, if those below it were retired.
    pub fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// The lowest version that the steps lift.
    pub fn lowest_version(&self) -> u32 {
        self.baseline.as_ref().map_or(1, Baseline::version)
    }

    /// The baseline, for a version of a branch that is below it. Uninitialised ones, at 0, have no version.
    pub fn retires(&self, version: u32) -> Option<&Baseline> {
        let baseline = self.baseline.as_ref();
        baseline.filter(|baseline| (1..baseline.version()).contains(&version))
    }

    /// Until when a version can be read, and why, if it or one above it is deprecated: the lowest of these counts.
    pub fn deprecation(&self, version: u32) -> Option<&Deprecation> {
        let mut from_there = self.deprecated.range(version..);
        from_there.next().map(|(_, deprecation)| deprecation)
    }

    /// The file in which a base path states its version.
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

    /// What documents refer to, and where.
    pub(crate) fn things(&self) -> &Things {
        self.things.get()
    }

    /// The kinds of things that documents refer to: `variable`, `feed`. A catalog that was put together in Rust declares none.
    pub fn thing_kinds(&self) -> impl Iterator<Item = &str> {
        self.things().things.iter().map(|thing| &*thing.kind)
    }

    /// Every contract, in the order of the kinds, and of one kind in the order of their versions. A catalog that was put together
    /// in Rust declares none.
    pub fn contracts(&self) -> &[DeclaredContract] {
        &self.contracts
    }

    /// The steps in run order: by version, then by name.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The highest version of any step, or the baseline where no step is above it: the shape of this server's documents.
    pub fn server_version(&self) -> u32 {
        let unknown = self.unknown_versions.last().copied();
        let known = self.steps.last().map(|step| step.version);
        let baseline = self.baseline.as_ref().map(Baseline::version);
        known.max(unknown).max(baseline).unwrap_or(0)
    }

    /// The contracts that hold from a version on which the catalog doesn't have: no document is held to them.
    pub fn contracts_above(&self) -> impl Iterator<Item = &DeclaredContract> {
        let newest = self.server_version();
        let contracts = self.contracts.iter();
        contracts.filter(move |contract| contract.version > newest)
    }

    /// Identifies what the catalog does.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| {
            let mut hasher = Sha256::new();
            let mut add = |part: &str| {
                hasher.update((part.len() as u64).to_le_bytes());
                hasher.update(part);
            };
            for file in &self.files {
                add(&file.path);
                add(&file.text);
            }
            for step in self.steps.iter().filter(|step| step.source.is_none()) {
                let Step {
                    version,
                    name,
                    target,
                    action,
                    ..
                } = step;
                add(&format!("{version} {name} {target} {}", action.name()));
            }
            if let Some(baseline) = self.baseline.as_ref().filter(|_| self.files.is_empty()) {
                add(&format!("baseline {}", baseline.version()));
            }
            Digest(hasher.finalize().into())
        })
    }

    /// The path of a kind's documents at a version: the `from` of its first rename above that, otherwise the
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

    /// The path of the marker at a version.
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

    /// Every path that a marker may have, the newest first.
    pub fn marker_paths(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.marker.path)
            .chain(self.marker.legacy_paths.iter().map(String::as_str))
    }

    /// The paths that renames have left, each with its kind.
    pub(crate) fn former_paths(&self) -> impl Iterator<Item = (&str, &PathPattern)> {
        let steps = self.steps.iter();
        steps.filter_map(|step| match (&step.target, &step.action) {
            (Target::Kind(kind), Action::Rename(from)) => Some((&**kind, from)),
            _ => None,
        })
    }

    /// The paths of all kinds' documents, at any version.
    pub(crate) fn document_paths(&self) -> impl Iterator<Item = &PathPattern> {
        let former = self.former_paths().map(|(_, path)| path);
        self.kinds.iter().map(|kind| &kind.path).chain(former)
    }

    /// Whether a path below the base path is that of a document, at any version.
    pub(crate) fn has_document_at(&self, path: &str) -> bool {
        let mut paths = self.document_paths();
        paths.any(|pattern| pattern.slug_of(path).is_some())
    }

    /// The version that a marker's text states; `path` is for messages.
    ///
    /// # Errors
    /// Where it doesn't state one version.
    pub fn stated_version(&self, text: &[u8], path: &str) -> Result<u32, MarkerError> {
        marker::read(text, &self.marker.attribute, path)
    }

    /// The dialect of content in this shape.
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

    /// The version of the remove by which a kind has no documents at a version, unless something brings them in again after it.
    pub(crate) fn removed_before(&self, kind: &str, version: u32) -> Option<u32> {
        let steps = self.steps.iter();
        let until = steps.take_while(|step| step.version <= version);
        let ends = until.filter(|step| step.concerns(kind) && step.action.begins_or_ends());
        let last = ends.last()?;
        matches!(last.action, Action::Remove).then_some(last.version)
    }

    /// The kind and the slug of the document with a path below the base path, at a version.
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

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
