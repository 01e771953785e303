//! A ref that was loaded: its plan, and its documents, migrated when they are asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::document::{Content, DocumentOutcome, MigratedDocument, Warning};
use super::layout::{FoundDocument, Layout, projects_below};
use super::marker::BranchVersion;
use super::{LoadError, Project};
use crate::catalog::{Catalog, Lookup, ReadDocument};
use crate::git::{EntryKind, ObjectId, Reader, Resolved};
use crate::migrate::{
    self, ContentId, Input, Key, MigrationError, MigrationErrorKind, Remembered, Surroundings,
};
use crate::ocl::{self, Document};
use crate::plan::{
    LiveImport, Origin, Plan, Refusal, Request, Source, StoreState, StoredDocument, StoredKind,
    document_name, live_imports,
};
use crate::store::{self, Row};

/// How to load a ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// The version to migrate to; the server version, unless said otherwise.
    pub target: Option<u32>,
}

/// A ref that was loaded. `Send` and `Sync`; documents are migrated once, when they are first asked for.
pub struct Loaded {
    project: Project,
    reader: Mutex<Reader>,
    resolved: Resolved,
    base_path: String,
    version: BranchVersion,
    marker_path: Option<String>,
    plan: Plan,
    entries: Vec<Entry>,
    results: Vec<OnceLock<MigratedDocument>>,
    warnings: Vec<Warning>,
    unclaimed: Vec<String>,
}

/// A document before its migration.
struct Entry {
    kind: usize,
    slug: String,
    name: String,
    origin: Origin,
    path_before: Option<String>,
    /// Where it belongs at the target.
    path: Result<String, MigrationErrorKind>,
    original: Original,
    steps: Vec<usize>,
}

enum Original {
    Blob(ObjectId),
    Stored {
        row: Row,
        source: Source,
    },
    /// It can't be read or imported at all.
    Refused(MigrationErrorKind),
}

impl Loaded {
    pub(super) fn new(
        project: Project,
        reader: Reader,
        resolved: Resolved,
        options: LoadOptions,
    ) -> Result<Loaded, LoadError> {
        let catalog = project.catalog().clone();
        let base_path = choose_base_path(&project, &reader, resolved.tree)?;
        let base_tree = match reader.entry(resolved.tree, &base_path)? {
            None => None,
            Some(entry) if entry.kind == EntryKind::Tree => Some(entry.id),
            Some(entry) => {
                return Err(LoadError::NotAFolder {
                    base_path,
                    found: describe(entry.kind),
                });
            }
        };
        let layout = Layout::read(&reader, &catalog, &base_path, base_tree)?;
        let version = match &layout.marker {
            None => BranchVersion::Uninitialised,
            Some(marker) => BranchVersion::At(marker.version),
        };
        let target = options.target.unwrap_or_else(|| catalog.server_version());
        let live = live_imports(&catalog, version.number(), target);
        let mut warnings = Vec::new();
        let stored = read_store(&project, &base_path, &live, &mut warnings)?;
        let plan = Plan::new(&Request {
            catalog: &catalog,
            branch_version: version.number(),
            target,
            held: layout.held(&catalog),
            store: stored.as_ref().map(|stored| stored.state.clone()),
        })?;
        if !plan.unknown_versions.is_empty() {
            let versions = plan.unknown_versions.clone();
            warnings.push(Warning::UnknownVersions { versions });
        }
        let entries = entries(&catalog, &plan, &layout, stored);
        Ok(Loaded {
            results: entries.iter().map(|_| OnceLock::new()).collect(),
            marker_path: layout.marker.map(|marker| marker.path),
            unclaimed: layout.unclaimed,
            reader: Mutex::new(reader),
            project,
            resolved,
            base_path,
            version,
            plan,
            entries,
            warnings,
        })
    }

    /// The commit that was loaded.
    pub fn commit(&self) -> ObjectId {
        self.resolved.commit
    }

    /// The full name of the ref, if the revision named one.
    pub fn ref_name(&self) -> Option<&str> {
        self.resolved.ref_name.as_deref()
    }

    /// Further refs that the same short name fits.
    pub fn also_named(&self) -> &[String] {
        &self.resolved.also_named
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
        (self.marker_path.as_deref(), target)
    }

    /// Every pending step with its decision.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The project it belongs to.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// What a reader should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Files below the base path that belong to no kind.
    pub fn unclaimed(&self) -> &[String] {
        &self.unclaimed
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
        match self.entries.iter().position(|entry| entry.name == name) {
            Some(index) => Ok(self.result(index)),
            None => Err(LoadError::NoSuchDocument {
                name: name.to_owned(),
                known: self.names().map(str::to_owned).collect(),
            }),
        }
    }

    /// The bytes of a document after its migration; `None` if it was removed or failed.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn content(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, LoadError> {
        match &document.content {
            Content::Text(text) => Ok(Some(text.as_bytes().to_vec())),
            Content::Original => self.before(document),
            Content::None => Ok(None),
        }
    }

    /// The bytes of a document before its migration: what Git holds, or what the store gave. `None` if neither does.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn before(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, LoadError> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.name == document.name);
        match entry.map(|entry| &entry.original) {
            Some(Original::Blob(id)) => Ok(Some(self.blob(*id)?)),
            Some(Original::Stored { row, .. }) => Ok(Some(row.content.clone().into_bytes())),
            Some(Original::Refused(_)) | None => Ok(None),
        }
    }

    /// The shape of a document's content before its migration.
    pub fn shape_of(&self, document: &MigratedDocument) -> u32 {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.name == document.name);
        match entry.map(|entry| entry.origin) {
            Some(Origin::Imported { shape }) => shape,
            _ => self.plan.branch_version,
        }
    }

    /// A document's content in a shape that the server's own code can read.
    ///
    /// # Errors
    /// Where it couldn't be migrated, was removed, or doesn't have the shape of `T`.
    pub fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, super::ReadError> {
        let document = self.document(name)?;
        if let DocumentOutcome::Failed(error) = &document.outcome {
            return Err(super::ReadError::Failed(name.to_owned(), error.clone()));
        }
        let Some(bytes) = self.content(document)? else {
            return Err(super::ReadError::Removed(name.to_owned()));
        };
        let dialect = self.project.catalog().dialect_at(self.plan.target);
        let parsed = Document::from_bytes(bytes, dialect).map_err(|error| {
            let kind = MigrationErrorKind::Parse(error);
            super::ReadError::Failed(
                name.to_owned(),
                Arc::new(MigrationError { step: None, kind }),
            )
        })?;
        ocl::from_document(&parsed)
            .map_err(|error| super::ReadError::Shape(name.to_owned(), error.to_string()))
    }

    fn blob(&self, id: ObjectId) -> Result<Vec<u8>, crate::git::Error> {
        let mut bytes = Vec::new();
        let limit = ocl::MAX_BYTES as u64;
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.blob_into(id, limit, &mut bytes)?;
        Ok(bytes)
    }

    fn result(&self, index: usize) -> &MigratedDocument {
        self.results[index].get_or_init(|| self.migrate(&self.entries[index]))
    }

    fn migrate(&self, entry: &Entry) -> MigratedDocument {
        let catalog = self.project.catalog();
        let kind = &catalog.kinds()[entry.kind].name;
        let mut document = MigratedDocument {
            name: entry.name.clone(),
            kind: kind.clone(),
            slug: entry.slug.clone(),
            path_before: entry.path_before.clone(),
            path: entry
                .path
                .clone()
                .unwrap_or_else(|_| entry.path_before.clone().unwrap_or_default()),
            outcome: DocumentOutcome::Unchanged,
            kept: entry.origin == Origin::Git && self.plan.keeps(&entry.name),
            losses: Vec::new(),
            content: Content::Original,
            remembered: None,
        };
        let refused = match (&entry.original, &entry.path) {
            (Original::Refused(reason), _) | (_, Err(reason)) => Some(reason.clone()),
            _ => None,
        };
        let result = match refused {
            Some(reason) => Err(Arc::new(MigrationError::before_any_step(reason))),
            None => self.run(entry, &mut document),
        };
        match result {
            Ok(outcome) => document.outcome = outcome,
            Err(error) => {
                document.outcome = DocumentOutcome::Failed(error);
                document.content = Content::None;
            }
        }
        document
    }

    /// Runs the entry's steps, and puts what came out into the document.
    fn run(
        &self,
        entry: &Entry,
        document: &mut MigratedDocument,
    ) -> Result<DocumentOutcome, Arc<MigrationError>> {
        let catalog = self.project.catalog();
        let moved = entry
            .path_before
            .as_ref()
            .is_some_and(|before| *before != document.path);
        let arrived = match &entry.original {
            Original::Stored { source, .. } => DocumentOutcome::Imported { source: *source },
            _ if moved => DocumentOutcome::Changed,
            _ => DocumentOutcome::Unchanged,
        };
        if !migrate::needs_content(catalog, &entry.steps)
            && !migrate::removes(catalog, &entry.steps)
        {
            return Ok(arrived);
        }
        let remembered = self.remembered(entry)?;
        let outcome = match &remembered.outcome {
            Err(error) => return Err(Arc::new(error.clone())),
            Ok(migrated) => {
                document.losses = migrated.losses(catalog);
                match &migrated.text {
                    None => {
                        document.content = Content::None;
                        DocumentOutcome::Removed
                    }
                    Some(_) if migrated.changes.is_empty() => arrived,
                    Some(text) => {
                        document.content = Content::Text(text.clone());
                        match arrived {
                            DocumentOutcome::Unchanged => DocumentOutcome::Changed,
                            arrived => arrived,
                        }
                    }
                }
            }
        };
        document.remembered = Some(remembered);
        Ok(outcome)
    }

    fn remembered(&self, entry: &Entry) -> Result<Arc<Remembered>, Arc<MigrationError>> {
        let catalog = self.project.catalog();
        let kind = &catalog.kinds()[entry.kind].name;
        let (content, shape) = match (&entry.original, entry.origin) {
            (Original::Blob(id), _) => {
                (ContentId::of_blob(id.as_bytes()), self.plan.branch_version)
            }
            (Original::Stored { row, .. }, _) => {
                (ContentId::of_text(row.content.as_bytes()), row.shape)
            }
            (Original::Refused(reason), _) => {
                return Err(Arc::new(MigrationError::before_any_step(reason.clone())));
            }
        };
        let key = Key {
            content,
            kind: kind.as_str().into(),
            slug: entry.slug.as_str().into(),
            shape,
            target: self.plan.target,
            imported: entry.origin != Origin::Git,
        };
        let around = Around { loaded: self };
        Ok(self.project.memory().recall(key, &around, |surroundings| {
            let bytes = self.original_bytes(entry)?;
            let input = Input {
                kind,
                slug: &entry.slug,
                shape,
                bytes: &bytes,
            };
            migrate::migrate(catalog, &entry.steps, input, surroundings)
        }))
    }

    fn original_bytes(&self, entry: &Entry) -> Result<Vec<u8>, MigrationError> {
        match &entry.original {
            Original::Blob(id) => self.blob(*id).map_err(|error| {
                MigrationError::before_any_step(MigrationErrorKind::Read(error.to_string()))
            }),
            Original::Stored { row, .. } => Ok(row.content.clone().into_bytes()),
            Original::Refused(reason) => Err(MigrationError::before_any_step(reason.clone())),
        }
    }
}

/// What the steps of a loaded ref's documents may ask.
struct Around<'l> {
    loaded: &'l Loaded,
}

impl Surroundings for Around<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let catalog = self.loaded.project.catalog();
        let reading = &catalog.steps()[before_step];
        let mut documents = Vec::new();
        for entry in &self.loaded.entries {
            if catalog.kinds()[entry.kind].name != kind {
                continue;
            }
            let shape = match entry.origin {
                Origin::Git => self.loaded.plan.branch_version,
                Origin::Imported { shape } => {
                    let import = self.loaded.plan.import_of(kind);
                    if import.is_some_and(|import| import.step >= before_step) {
                        continue;
                    }
                    if shape > reading.version() && !reading.reads_any_shape() {
                        return Err(format!(
                            "it reads `{}`, which was imported in shape {shape}, above this step's version: \
                             say `reads_any_shape = true` if the step can read that",
                            entry.name
                        ));
                    }
                    shape
                }
            };
            let bytes = self
                .loaded
                .original_bytes(entry)
                .map_err(|error| format!("{}: {error}", entry.name))?;
            let input = Input {
                kind,
                slug: &entry.slug,
                shape,
                bytes: &bytes,
            };
            let steps: Vec<usize> = entry
                .steps
                .iter()
                .copied()
                .filter(|step| *step < before_step)
                .collect();
            let migrated = migrate::migrate(catalog, &steps, input, self).map_err(|error| {
                format!(
                    "it reads `{}`, which can't be migrated: {error}",
                    entry.name
                )
            })?;
            let Some(text) = migrated.text else { continue };
            // The dialect in force just before the step.
            let dialect = catalog.dialect_at(shape.max(reading.version().saturating_sub(1)));
            let document = Document::parse(&*text, dialect)
                .map_err(|error| format!("{}: {error}", entry.name))?;
            documents.push(ReadDocument {
                kind: kind.to_owned(),
                slug: entry.slug.clone(),
                document: Arc::new(document),
            });
        }
        Ok(documents)
    }
}

impl Lookup for Around<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        let Some(store) = self.loaded.project.store() else {
            return Ok(None);
        };
        let project = self.loaded.project.key(&self.loaded.base_path);
        let read = || store.read(&project)?.lookup(table, key);
        match read() {
            Err(store::Error::Absent { .. }) => Ok(None),
            other => other.map_err(|error| format!("the store can't answer: {error}")),
        }
    }
}

fn choose_base_path(
    project: &Project,
    reader: &Reader,
    tree: ObjectId,
) -> Result<String, LoadError> {
    if let Some(base_path) = project.base_path() {
        return Ok(base_path.to_owned());
    }
    let catalog = project.catalog();
    let mut found = match reader.entry(tree, catalog.base_path())? {
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

fn describe(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Tree => "folder",
        EntryKind::Blob | EntryKind::Executable => "file",
        EntryKind::Symlink => "symbolic link",
        EntryKind::Submodule => "submodule",
    }
}

/// What the store holds for the imports that run, read in one transaction.
struct Stored {
    state: StoreState,
    tables: BTreeMap<String, Vec<Row>>,
    snapshots: BTreeMap<String, Vec<Row>>,
}

fn read_store(
    project: &Project,
    base_path: &str,
    live: &[LiveImport],
    warnings: &mut Vec<Warning>,
) -> Result<Option<Stored>, LoadError> {
    let kinds = || live.iter().map(|import| import.kind.clone()).collect();
    let Some(store) = project.store() else {
        if !live.is_empty() {
            warnings.push(Warning::ImportsUnknown { kinds: kinds() });
        }
        return Ok(None);
    };
    let key = project.key(base_path);
    let mut read = match store.read(&key) {
        Err(store::Error::Absent { .. }) => {
            if !live.is_empty() {
                warnings.push(Warning::ImportsUnknown { kinds: kinds() });
            }
            return Ok(None);
        }
        other => other?,
    };
    let Some(project_version) = read.version()? else {
        if !live.is_empty() {
            warnings.push(Warning::ProjectUnknown {
                project: key.to_string(),
                kinds: kinds(),
            });
        }
        return Ok(None);
    };
    let mut stored = Stored {
        state: StoreState {
            project_version,
            content: BTreeMap::new(),
        },
        tables: BTreeMap::new(),
        snapshots: BTreeMap::new(),
    };
    for import in live {
        let table = read.documents(&import.kind)?;
        let snapshot = read.snapshots(&import.kind, import.version)?;
        let shapes = |rows: &[Row]| -> Vec<StoredDocument> {
            let rows = rows.iter();
            rows.map(|row| StoredDocument {
                slug: row.slug.clone(),
                shape: row.shape,
            })
            .collect()
        };
        let kind = StoredKind {
            table: shapes(&table),
            snapshot: snapshot.as_deref().map(shapes),
        };
        stored.state.content.insert(import.kind.clone(), kind);
        stored.tables.insert(import.kind.clone(), table);
        stored
            .snapshots
            .insert(import.kind.clone(), snapshot.unwrap_or_default());
    }
    Ok(Some(stored))
}

/// Every document that Git holds or an import brings in, with the steps that run on it.
fn entries(catalog: &Catalog, plan: &Plan, layout: &Layout, stored: Option<Stored>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for found in &layout.documents {
        entries.push(entry_of_git(catalog, plan, layout, found));
    }
    let mut stored = stored;
    for import in &plan.imports {
        let rows = stored.as_mut().and_then(|stored| match import.source {
            Source::Table => stored.tables.remove(&import.kind),
            Source::Snapshot => stored.snapshots.remove(&import.kind),
            Source::Unknown => None,
        });
        let Some(kind) = catalog
            .kinds()
            .iter()
            .position(|kind| kind.name == import.kind)
        else {
            continue;
        };
        for row in rows.unwrap_or_default() {
            let refusal = import
                .refused
                .iter()
                .find(|(document, _)| document.slug == row.slug);
            if let Some((_, refusal @ Refusal::AlreadyInGit { .. })) = refusal {
                // It is one document that neither side may win.
                if let Some(entry) = entries
                    .iter_mut()
                    .find(|entry| entry.kind == kind && entry.slug == row.slug)
                {
                    entry.original = Original::Refused(MigrationErrorKind::Import(refusal.clone()));
                }
                continue;
            }
            if refusal.is_none()
                && !import
                    .documents
                    .iter()
                    .any(|document| document.slug == row.slug)
            {
                // Git's own document is kept.
                continue;
            }
            let original = match refusal {
                Some((_, refusal)) => {
                    Original::Refused(MigrationErrorKind::Import(refusal.clone()))
                }
                None => Original::Stored {
                    row: row.clone(),
                    source: import.source,
                },
            };
            entries.push(entry_of_store(catalog, plan, layout, kind, row, original));
        }
    }
    entries.sort_by(|a, b| (a.kind, &a.slug).cmp(&(b.kind, &b.slug)));
    refuse_paths_that_differ_in_case_only(&mut entries);
    entries
}

fn entry_of_git(catalog: &Catalog, plan: &Plan, layout: &Layout, found: &FoundDocument) -> Entry {
    let kind = &catalog.kinds()[found.kind];
    let original = match found.entry {
        EntryKind::Blob | EntryKind::Executable => Original::Blob(found.id),
        other => Original::Refused(MigrationErrorKind::Read(format!(
            "{} is a {}, not a file, and it is not followed",
            found.path,
            describe(other)
        ))),
    };
    let path = catalog
        .path_at(kind, plan.target)
        .path_of(&found.slug)
        .map_err(MigrationErrorKind::Path)
        .and_then(|path| {
            if path == found.path {
                Ok(path)
            } else {
                free_path(layout, path)
            }
        });
    Entry {
        kind: found.kind,
        slug: found.slug.clone(),
        name: found.name(catalog),
        origin: Origin::Git,
        path_before: Some(found.path.clone()),
        path,
        original,
        steps: plan.steps_for(catalog, &kind.name, Origin::Git),
    }
}

fn entry_of_store(
    catalog: &Catalog,
    plan: &Plan,
    layout: &Layout,
    kind: usize,
    row: Row,
    original: Original,
) -> Entry {
    let name = &catalog.kinds()[kind].name;
    let origin = Origin::Imported { shape: row.shape };
    let path = catalog
        .path_at(&catalog.kinds()[kind], plan.target)
        .path_of(&row.slug)
        .map_err(MigrationErrorKind::Path)
        .and_then(|path| free_path(layout, path));
    Entry {
        kind,
        name: document_name(name, &row.slug),
        slug: row.slug,
        origin,
        path_before: None,
        path,
        original,
        steps: plan.steps_for(catalog, name, origin),
    }
}

/// The path, unless something in Git that doesn't move away lies there.
fn free_path(layout: &Layout, path: String) -> Result<String, MigrationErrorKind> {
    let documents = layout.documents.iter().map(|document| &document.path);
    if documents
        .chain(&layout.unclaimed)
        .any(|taken| *taken == path)
    {
        return Err(MigrationErrorKind::Path(format!(
            "it belongs at {path} now, and something else lies there: move that away first"
        )));
    }
    Ok(path)
}

/// Such paths would be one file on many users' disks.
fn refuse_paths_that_differ_in_case_only(entries: &mut [Entry]) {
    let mut by_folded: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Ok(path) = &entry.path {
            by_folded
                .entry(path.to_lowercase())
                .or_default()
                .push(index);
        }
    }
    for same in by_folded.into_values().filter(|same| same.len() > 1) {
        for &index in &same {
            // What Git holds already is the user's own; what comes in must fit in.
            if entries[index].origin == Origin::Git {
                continue;
            }
            let others: Vec<&str> = same
                .iter()
                .filter(|other| **other != index)
                .map(|other| &*entries[*other].name)
                .collect();
            let reason = format!(
                "its path differs from that of {} in upper and lower case only",
                others.join(", ")
            );
            entries[index].path = Err(MigrationErrorKind::Path(reason));
        }
    }
}
