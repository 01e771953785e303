//! A ref that was loaded: its plan, and its documents, migrated when they are asked for.

use std::sync::{Arc, OnceLock};

use super::document::{MigratedDocument, Warning};
use super::entries::{Entry, entries};
use super::layout::{Layout, projects_below};
use super::marker::{BranchVersion, FoundMarker};
use super::memory::Base;
use super::newer::Newer;
use super::stored::{ImportSeen, Stored, read_for_load};
use super::{LoadError, Project, returned, suspicious};
use crate::git::{EntryKind, ObjectId, Reader, Resolved, Tip};
use crate::ocl;
use crate::plan::{LiveImport, Plan, PlanError, Request, live_imports};

/// How to load a ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// The version to migrate to; the server version, unless said otherwise.
    pub target: Option<u32>,
}

/// A ref that was loaded. `Send` and `Sync`; documents are migrated once, when they are first asked for.
pub struct Loaded {
    pub(super) project: Project,
    pub(super) at: At,
    base_path: String,
    version: BranchVersion,
    layout: Arc<Layout>,
    pub(super) plan: Plan,
    pub(super) entries: Vec<Entry>,
    pub(super) results: Vec<OnceLock<MigratedDocument>>,
    warnings: Vec<Warning>,
    /// What the live imports read.
    seen: Vec<ImportSeen>,
    /// The digest of a newer server's steps.
    newer_steps: Option<String>,
}

/// What was loaded.
pub(super) struct At {
    /// `None` for a branch that begins with nothing.
    pub(super) commit: Option<(ObjectId, ObjectId)>,
    pub(super) ref_name: Option<String>,
    pub(super) also_named: Vec<String>,
}

impl At {
    /// A commit without a name; `None` for no commit at all.
    pub(super) fn of(tip: Option<Tip>) -> At {
        At {
            commit: tip.map(|tip| (tip.commit, tip.tree)),
            ref_name: None,
            also_named: Vec::new(),
        }
    }
}

impl From<Resolved> for At {
    fn from(resolved: Resolved) -> At {
        At {
            commit: Some((resolved.commit, resolved.tree)),
            ref_name: resolved.ref_name,
            also_named: resolved.also_named,
        }
    }
}

impl Loaded {
    pub(super) fn new(
        project: &Project,
        reader: &Reader,
        at: At,
        options: LoadOptions,
    ) -> Result<Loaded, LoadError> {
        let find = |tree| {
            let path = choose_base_path(project, reader, tree)?;
            Base::find(reader, tree, path)
        };
        let base = match at.commit {
            Some((_, tree)) => project.base_in(tree, || find(Some(tree)))?,
            None => Arc::new(find(None)?),
        };
        Loaded::at_base(project, reader, at, &base, options)
    }

    /// The documents of one base path.
    pub(super) fn at_base(
        project: &Project,
        reader: &Reader,
        at: At,
        base: &Base,
        options: LoadOptions,
    ) -> Result<Loaded, LoadError> {
        let catalog = project.catalog();
        let server = catalog.server_version();
        let target = options.target.unwrap_or(server);
        let layout = match project.layout(reader, base) {
            Ok(layout) if layout.marker.is_some() => layout,
            Err(error) if !matches!(error, LoadError::DocumentsWithoutMarker { .. }) => {
                return Err(error);
            }
            // Nothing states a version here, as far as this server knows where to look.
            found => match project.with_newer_marker(reader, base)? {
                Some((newer, version)) if target <= server => {
                    return Loaded::downward(project, newer, version, reader, at, base, target);
                }
                _ => found?,
            },
        };
        let version = match &layout.marker {
            None => BranchVersion::Uninitialised,
            Some(marker) => BranchVersion::At(marker.version),
        };
        if version.number() > server
            && target <= server
            && let Some(newer) = project.with_newer_steps(version.number())?
        {
            let version = version.number();
            return Loaded::downward(project, newer, version, reader, at, base, target);
        }
        let live = live_imports(catalog, version.number(), target);
        let mut warnings = Vec::new();
        let stored = read_for_load(project, &base.path, &live, &mut warnings)?;
        let mut plan = Plan::new(&Request {
            catalog,
            branch_version: version.number(),
            target,
            held: layout.held(catalog),
            store: stored.as_ref().map(|stored| stored.state.clone()),
        })?;
        let returned = returned::find(project, reader, &at, &base.path, &plan)?;
        returned::cross_unknown_versions(&returned, &mut plan);
        warnings.extend(returned::warnings(&returned));
        if !plan.unknown_versions.is_empty() {
            let versions = plan.unknown_versions.clone();
            warnings.push(Warning::UnknownVersions { versions });
        }
        warnings.extend(suspicious::warnings(
            catalog, reader, &at, &base.path, &layout,
        )?);
        let left_out = plan.undone_imports(catalog);
        let documents: Vec<String> = left_out.flat_map(|row| row.left_out.clone()).collect();
        if !documents.is_empty() {
            warnings.push(Warning::LeftOut { documents, target });
        }
        let entries = entries(catalog, &plan, &layout, stored.as_ref(), &returned);
        tracing::debug!(
            ref_name = at.ref_name,
            base_path = base.path,
            branch_version = version.number(),
            target = plan.target,
            documents = entries.len(),
            "loaded",
        );
        Ok(Loaded {
            results: entries.iter().map(|_| OnceLock::new()).collect(),
            seen: stored.map_or_else(Vec::new, |stored| stored.seen_by(&plan.imports)),
            layout,
            project: project.clone(),
            at,
            base_path: base.path.clone(),
            version,
            plan,
            entries,
            warnings,
            newer_steps: None,
        })
    }

    /// A branch above the server's version, with a newer server's steps.
    fn downward(
        project: &Project,
        newer: Newer,
        version: u32,
        reader: &Reader,
        at: At,
        base: &Base,
        target: u32,
    ) -> Result<Loaded, LoadError> {
        let options = LoadOptions {
            target: Some(target),
        };
        let mut loaded = Loaded::at_base(&newer.project, reader, at, base, options)?;
        let server = project.catalog().server_version();
        loaded.plan.server_version = server;
        let warning = Warning::ReadDownward {
            branch: version,
            server,
            digest: newer.digest.clone(),
        };
        loaded.warnings.insert(0, warning);
        loaded.newer_steps = Some(newer.digest);
        Ok(loaded)
    }

    /// The commit that was loaded. For a branch that begins with nothing, all zeros, which is Git's word for no commit.
    pub fn commit(&self) -> ObjectId {
        self.at
            .commit
            .map_or(ObjectId::from_bytes([0; 20]), |(commit, _)| commit)
    }

    /// The full name of the ref, if the revision named one.
    pub fn ref_name(&self) -> Option<&str> {
        self.at.ref_name.as_deref()
    }

    /// Further refs that the same short name fits.
    pub fn also_named(&self) -> &[String] {
        &self.at.also_named
    }

    /// The folder of the project's documents.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The version of the branch.
    pub fn version(&self) -> BranchVersion {
        self.version
    }

    /// Where the marker lies now and where it belongs at the target, below the base path.
    pub fn marker_paths(&self) -> (Option<&str>, &str) {
        let target = self.project.catalog().marker_path_at(self.plan.target);
        let found = self.layout.marker.as_ref().map(|marker| &*marker.path);
        (found, target)
    }

    /// Every pending step with its decision.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The project it belongs to.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Identifies the newer server's steps, in the store, with which a branch above this server's version was read. Such a
    /// branch can only be read. `None` for every other.
    pub fn newer_steps(&self) -> Option<&str> {
        self.newer_steps.as_deref()
    }

    /// What a reader should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Files below the base path that belong to no kind.
    pub fn unclaimed(&self) -> &[String] {
        &self.layout.unclaimed
    }

    /// The names of the documents, in the order of the catalog's kinds and then of their slugs.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.name)
    }

    /// The documents' names with their paths before and after, below the base path. Nothing is migrated for this.
    pub fn paths(&self) -> impl Iterator<Item = (&str, Option<&str>, Option<&str>)> {
        self.entries.iter().map(|entry| {
            (
                &*entry.name,
                entry.path_before.as_deref(),
                entry.path.as_deref().ok(),
            )
        })
    }

    /// All documents, migrated.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = &MigratedDocument> {
        (0..self.entries.len()).map(|index| self.result(index))
    }

    /// A document by its name, migrated now if it wasn't yet.
    ///
    /// # Errors
    /// [`LoadError::NoSuchDocument`]. That it couldn't be migrated is its outcome.
    pub fn document(&self, name: &str) -> Result<&MigratedDocument, LoadError> {
        match self.position(name) {
            Some(index) => Ok(self.result(index)),
            None => Err(LoadError::NoSuchDocument {
                name: name.to_owned(),
                known: self.names().map(str::to_owned).collect(),
            }),
        }
    }

    /// The bytes of a file at a path in the repository.
    pub(super) fn blob_at(&self, path: &str) -> Result<Option<Vec<u8>>, crate::git::Error> {
        let Some(tree) = self.tree() else {
            return Ok(None);
        };
        self.project
            .read_with(|reader| match reader.entry(tree, path)? {
                Some(entry) => Ok(Some(reader.blob(entry.id)?)),
                None => Ok(None),
            })
    }

    pub(super) fn tree(&self) -> Option<ObjectId> {
        self.at.commit.map(|(_, tree)| tree)
    }

    pub(super) fn marker(&self) -> Option<&FoundMarker> {
        self.layout.marker.as_ref()
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A document before its migration, by its name.
    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.position(name).map(|index| &self.entries[index])
    }

    fn position(&self, name: &str) -> Option<usize> {
        let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
        let kinds = self.project.catalog().kinds();
        let kind = kinds.iter().position(|known| known.name == kind)?;
        self.entries
            .binary_search_by(|entry| (entry.kind, &*entry.slug).cmp(&(kind, slug)))
            .ok()
    }

    pub(super) fn nested(&self) -> &[String] {
        &self.layout.nested
    }

    /// The imports that run, and what they read.
    pub(super) fn seen(&self) -> &[ImportSeen] {
        &self.seen
    }

    /// What the imports that run would read now; in the order of [`seen`](Loaded::seen).
    pub(super) fn seen_now(&self, stored: &Stored) -> Result<Vec<ImportSeen>, PlanError> {
        let plan = Plan::new(&Request {
            catalog: self.project.catalog(),
            branch_version: self.plan.branch_version,
            target: self.plan.target,
            held: self.layout.held(self.project.catalog()),
            store: Some(stored.state.clone()),
        })?;
        Ok(stored.seen_by(&plan.imports))
    }

    /// The imports that run for this branch.
    pub(super) fn live_imports(&self) -> Vec<LiveImport> {
        let (branch, target) = (self.plan.branch_version, self.plan.target);
        live_imports(self.project.catalog(), branch, target)
    }

    pub(super) fn blob(&self, id: ObjectId) -> Result<Arc<[u8]>, crate::git::Error> {
        self.project.original(id, ocl::MAX_BYTES as u64)
    }
}

fn choose_base_path(
    project: &Project,
    reader: &Reader,
    tree: Option<ObjectId>,
) -> Result<String, LoadError> {
    if let Some(base_path) = project.base_path() {
        return Ok(base_path.to_owned());
    }
    let catalog = project.catalog();
    let folder = match tree {
        Some(tree) => reader.entry(tree, catalog.base_path())?,
        None => None,
    };
    let mut found = match folder {
        Some(folder) if folder.kind == EntryKind::Tree => {
            projects_below(reader, catalog, catalog.base_path(), folder.id)?
        }
        _ => Vec::new(),
    };
    match found.len() {
        0 => Ok(catalog.base_path().to_owned()),
        1 => Ok(found.remove(0).base_path),
        _ => Err(LoadError::SeveralProjects {
            base_paths: found.into_iter().map(|project| project.base_path).collect(),
        }),
    }
}
