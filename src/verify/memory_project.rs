//! A project in memory: files at a version, and the rows and lookup tables of its server.

use std::cell::OnceCell;
use std::convert::Infallible;
use std::sync::Arc;

use super::coverage::Coverage;
use super::files::Files;
use super::server::{Lookups, ServerDocument};
use crate::catalog::{Catalog, DocumentName, MarkerError, marker};
use crate::engine::{
    Answer, ContentId, DocumentOutcome, Held, HeldDocument, Lift, LiftError, MigratedDocument,
    Past, ResultCache, Rows, Source, StoredRow, StoredRows, document_at,
};
use crate::migrate::{FailedStep, MigrationError, MigrationErrorKind, Part};
use crate::plan::{Direction, LiveImport, Origin, PlanError, PlannedReturn};

/// A project in memory: files at a version, and the rows and lookup tables of its server. It is migrated as a server migrates
/// a ref, without Git and without a store.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::verify::{Files, MemoryProject};
///
/// let catalog = Catalog::builtin();
/// let runbook = "name = \"Backup\"\n\nrun_retention_policy {\n    quantity_to_keep = 100\n}\n";
/// let files: Files = [("runbooks/backup.ocl", runbook)].into_iter().collect();
/// let migrated = MemoryProject::new(&catalog, 9, &files).migrate(10)?;
/// let text = std::str::from_utf8(migrated.files.get("runbooks/backup.ocl").unwrap())?;
/// assert!(text.contains("type = \"Default\""));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryProject<'p> {
    catalog: &'p Catalog,
    version: u32,
    files: &'p Files,
    lookups: Option<&'p Lookups>,
    rows: Vec<ServerDocument>,
    from_snapshot: bool,
    cache: Option<&'p ResultCache>,
    coverage: Option<&'p Coverage>,
}

/// A project in memory after its migration.
#[derive(Debug, Clone)]
pub struct MigratedFiles {
    /// The files in the base path: the documents that weren't removed and didn't fail, the marker, and other files.
    pub files: Files,
    /// The outcome of each document, in the order of the catalog's kinds and then of their slugs.
    pub documents: Vec<MigratedDocument>,
}

/// Why a project in memory can't be migrated. An error in one document is that document's outcome instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The marker states no version.
    #[error(transparent)]
    Marker(#[from] MarkerError),
}

impl<'p> MemoryProject<'p> {
    /// The files in the base path of a project at a version; 0 if nothing was imported yet. A marker among them is rewritten,
    /// whatever version it states; without one, migrating adds it.
    pub fn new(catalog: &'p Catalog, version: u32, files: &'p Files) -> MemoryProject<'p> {
        MemoryProject {
            catalog,
            version,
            files,
            lookups: None,
            rows: Vec::new(),
            from_snapshot: false,
            cache: None,
            coverage: None,
        }
    }

    /// The lookup tables of the server; without this, every key is unknown.
    #[must_use]
    pub fn lookups(mut self, lookups: &'p Lookups) -> MemoryProject<'p> {
        self.lookups = Some(lookups);
        self
    }

    /// Adds a document of the server, in a shape, for an import to read.
    #[must_use]
    pub fn row(
        mut self,
        name: DocumentName,
        shape: u32,
        content: impl Into<Arc<str>>,
    ) -> MemoryProject<'p> {
        self.rows.push(ServerDocument {
            name,
            shape,
            content: content.into(),
        });
        self
    }

    pub(super) fn rows(mut self, rows: Vec<ServerDocument>) -> MemoryProject<'p> {
        self.rows = rows;
        self
    }

    /// Lets imports read the snapshot instead of the table.
    pub(super) fn imports_from_snapshot(mut self, from_snapshot: bool) -> MemoryProject<'p> {
        self.from_snapshot = from_snapshot;
        self
    }

    /// Caches results, and records what is reached. A cache must not outlive the coverage: cached results reach nothing
    /// again.
    pub(super) fn observed(
        mut self,
        cache: &'p ResultCache,
        coverage: &'p Coverage,
    ) -> MemoryProject<'p> {
        (self.cache, self.coverage) = (Some(cache), Some(coverage));
        self
    }

    /// Migrates the project to a version.
    ///
    /// # Errors
    /// If there is no plan, or the marker can't be read.
    pub fn migrate(&self, target: u32) -> Result<MigratedFiles, MemoryError> {
        self.migrated(&self.lift(target)?)
    }

    /// A lift of the project to a version.
    pub(super) fn lift(&self, target: u32) -> Result<Lift<MemorySource<'_>>, MemoryError> {
        let source = MemorySource::new(self);
        let lift = Lift::new(source, self.version, target).map_err(|error| match error {
            LiftError::Plan(error) => MemoryError::Plan(error),
            LiftError::Source(error) => match error {},
            LiftError::Past { .. } => unreachable!("a project in memory has no past"),
        })?;
        if let Some(coverage) = self.coverage {
            note_steps(&lift, coverage);
        }
        Ok(lift)
    }

    /// The files after a lift.
    pub(super) fn migrated(
        &self,
        lift: &Lift<MemorySource<'_>>,
    ) -> Result<MigratedFiles, MemoryError> {
        let mut files = self.passed_through(lift.plan().target)?;
        let documents: Vec<MigratedDocument> = lift.documents().cloned().collect();
        for document in &documents {
            let content = lift.content(document);
            if let Some(content) = content.unwrap_or_else(|error| match error {}) {
                files.insert(&*document.path, content);
            }
        }
        Ok(MigratedFiles { files, documents })
    }

    /// The marker of the target, and the files of no kind.
    fn passed_through(&self, target: u32) -> Result<Files, MarkerError> {
        let attribute = &self.catalog.marker().attribute;
        let mut files = Files::default();
        let mut marker_text = None;
        for (path, bytes) in self.files.iter() {
            if self.catalog.marker_paths().any(|marker| marker == path) {
                marker::read(bytes, attribute, path)?;
                marker_text = Some(bytes);
            } else if self.catalog.classify(path, self.version).is_none() {
                files.insert(path, bytes);
            }
        }
        let text = match marker_text {
            None => marker::write(attribute, target).into_bytes(),
            Some(bytes) if self.version == target => bytes.to_vec(),
            Some(bytes) => marker::rewrite(bytes, attribute, target),
        };
        if target > 0 {
            files.insert(self.catalog.marker_path_at(target), text);
        }
        Ok(files)
    }
}

impl MigratedFiles {
    /// The documents that the result lacks because it is below their import or below a step that can't be undone.
    pub(super) fn missing(&self) -> impl Iterator<Item = &DocumentName> {
        let missing = self
            .documents
            .iter()
            .filter(|document| is_missing(document));
        missing.map(|document| &document.name)
    }

    /// The steps in which documents failed, each with its document.
    pub(super) fn failed_steps(&self) -> impl Iterator<Item = (&DocumentName, &FailedStep)> {
        let documents = self.documents.iter();
        let failed = documents.filter(|document| !is_missing(document));
        failed.filter_map(|document| Some((&document.name, document.error()?.step.as_ref()?)))
    }

    /// Where the step in which the first document failed does so in its file.
    pub(super) fn failure_place(&self) -> Option<String> {
        let (_, error) = self.first_failure()?;
        error.step.as_ref()?.place.clone()
    }

    /// The first document that couldn't be migrated, except [missing](MigratedFiles::missing) ones, with its error.
    pub(super) fn failure(&self) -> Option<String> {
        let (name, error) = self.first_failure()?;
        Some(format!("{name}: {error}"))
    }

    fn first_failure(&self) -> Option<(&DocumentName, &MigrationError)> {
        let mut documents = self.documents.iter();
        let failed = documents.find(|document| !is_missing(document) && document.error().is_some());
        failed.and_then(|document| Some((&document.name, document.error()?)))
    }
}

fn is_missing(document: &MigratedDocument) -> bool {
    match &document.outcome {
        DocumentOutcome::LeftOut => true,
        DocumentOutcome::Failed(error) => matches!(error.kind, MigrationErrorKind::OneWay(_)),
        _ => false,
    }
}

/// Records the steps that run on a document or import one.
fn note_steps(lift: &Lift<MemorySource<'_>>, coverage: &Coverage) {
    let (catalog, plan) = (lift.source().catalog(), lift.plan());
    let rows = plan.rows.iter();
    for row in rows.filter(|row| row.direction == Direction::Up) {
        let is_concerned = lift.entries().iter().any(|entry| {
            entry.name.kind() == row.kind
                && match entry.origin {
                    Origin::Git => true,
                    Origin::BroughtBack { .. } => false,
                    Origin::Imported { shape } => {
                        catalog.steps()[row.step].version() > shape
                            || plan
                                .import_of(entry.name.kind())
                                .is_some_and(|import| import.step == row.step)
                    }
                }
        });
        if is_concerned {
            coverage.ran(row.step);
        }
    }
}

/// A project in memory, as the engine sees it.
pub(super) struct MemorySource<'p> {
    project: &'p MemoryProject<'p>,
    held: Held,
    /// In the order of the documents.
    texts: Vec<&'p [u8]>,
    /// Used if the project has none of its own.
    no_cache: OnceCell<ResultCache>,
}

impl<'p> MemorySource<'p> {
    fn new(project: &'p MemoryProject<'p>) -> MemorySource<'p> {
        let catalog = project.catalog;
        let mut held = Held::default();
        let mut found: Vec<(HeldDocument, &[u8])> = Vec::new();
        for (path, bytes) in project.files.iter() {
            if let Some((kind, name)) = document_at(catalog, project.version, path) {
                let document = HeldDocument {
                    name,
                    kind,
                    path: path.to_owned(),
                    content: Ok(ContentId::of_text(bytes)),
                };
                found.push((document, bytes));
            } else if catalog.marker_paths().any(|marker| marker == path) {
                held.marker = Some(path.to_owned());
            } else {
                held.unclaimed.push(path.to_owned());
            }
        }
        found.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
        let (documents, texts) = found.into_iter().unzip();
        held.documents = documents;
        MemorySource {
            project,
            held,
            texts,
            no_cache: OnceCell::new(),
        }
    }
}

impl Source for MemorySource<'_> {
    type Error = Infallible;

    fn catalog(&self) -> &Catalog {
        self.project.catalog
    }

    fn cache(&self) -> &ResultCache {
        match self.project.cache {
            Some(cache) => cache,
            None => self.no_cache.get_or_init(|| ResultCache::new(0)),
        }
    }

    fn held(&self) -> &Held {
        &self.held
    }

    fn check_name(_: &str) -> Result<(), String> {
        Ok(())
    }

    fn read(&self, document: usize) -> Result<Arc<[u8]>, Infallible> {
        Ok(self.texts[document].into())
    }

    fn rows(&self, imports: &[LiveImport]) -> Result<Option<StoredRows>, Infallible> {
        let project = self.project;
        let mut stored = StoredRows::new(if project.from_snapshot {
            project.catalog.server_version()
        } else {
            project.version
        });
        for LiveImport { kind, .. } in imports {
            let rows = project.rows.iter().filter(|row| row.name.kind() == kind);
            let rows: Rows = rows
                .map(|row| {
                    let slug = row.name.slug().to_owned();
                    Arc::new(StoredRow::new(slug, row.shape, &row.content))
                })
                .collect();
            if project.from_snapshot {
                stored.add(kind, Rows::default(), Some(rows));
            } else {
                stored.add(kind, rows, None);
            }
        }
        Ok(Some(stored))
    }

    fn past(&self, _: &PlannedReturn) -> Result<Option<Past<Self>>, Infallible> {
        Ok(None)
    }

    fn lookup(&self, table: &str, key: &str) -> Result<Arc<Answer>, String> {
        let table = self.project.lookups.and_then(|lookups| lookups.get(table));
        let value = table.and_then(|table| table.get(key)).cloned();
        // Stated as what the server doesn't have.
        let value = value.filter(|value| !value.is_null());
        Ok(Arc::new(Answer::new(value)))
    }

    fn reached(&self, step: usize, part: &Part<'_>) {
        if let Some(coverage) = self.project.coverage {
            coverage.reached(step, part);
        }
    }
}
