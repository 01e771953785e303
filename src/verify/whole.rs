//! Takes a whole project from one version to another, in memory.

use crate::catalog::{BringBack, Catalog, Lookup, MarkerError, ReadDocument, marker};
use crate::migrate::{
    Input, Migrated, MigrationError, MigrationErrorKind, Readable, Surroundings, carry_out,
    document_before,
};
use crate::plan::{
    Decision, Direction, Origin, Plan, PlanError, Request, Source, StoreState, StoredDocument,
    StoredKind, document_name, live_imports,
};

use super::coverage::Coverage;
use super::files::Files;
use super::snapshots::Lookups;

/// A project at a version, and what its server would give it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'w> {
    pub(super) catalog: &'w Catalog,
    pub(super) lookups: &'w Lookups,
    /// What lies in the base path.
    pub(super) files: &'w Files,
    /// The version they are at; 0 if there are none.
    pub(super) version: u32,
    pub(super) rows: &'w [StoredRow],
    /// Where imports read the rows from.
    pub(super) source: Source,
}

/// A document that the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredRow {
    pub(super) kind: String,
    pub(super) slug: String,
    pub(super) shape: u32,
    pub(super) content: Vec<u8>,
}

/// A project after its migration.
#[derive(Debug)]
pub(super) struct MigratedProject {
    pub(super) files: Files,
    pub(super) documents: Vec<DocumentResult>,
    /// On the way down: the documents that it is without, by name, as their import or a one-way step is passed.
    pub(super) missing: Vec<String>,
}

/// A document of it.
#[derive(Debug)]
pub(super) struct DocumentResult {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) slug: String,
    pub(super) shape: u32,
    pub(super) before: Vec<u8>,
    pub(super) steps: Vec<usize>,
    pub(super) migrated: Migrated,
}

/// Why a project can't be migrated.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Plan(#[from] PlanError),
    #[error("{0}")]
    Marker(#[from] MarkerError),
    #[error("{document}: {error}")]
    Document {
        document: String,
        error: MigrationError,
    },
    #[error("{first} and {second} both belong at {path}")]
    Path {
        first: String,
        second: String,
        path: String,
    },
}

struct Entry {
    kind: String,
    slug: String,
    name: String,
    origin: Origin,
    shape: u32,
    bytes: Vec<u8>,
    steps: Vec<usize>,
}

struct Around<'a> {
    whole: Whole<'a>,
    plan: &'a Plan,
    entries: &'a [Entry],
}

impl Whole<'_> {
    /// Brings the project to a version.
    pub(super) fn migrate(
        &self,
        target: u32,
        coverage: &Coverage,
    ) -> Result<MigratedProject, Failure> {
        let plan = self.plan(target)?;
        let entries = self.entries(&plan)?;
        let rows = plan.rows.iter();
        for row in rows.filter(|row| row.direction == Direction::Up) {
            let concerned = |entry: &Entry| {
                entry.kind == row.kind
                    && match entry.origin {
                        Origin::Git => true,
                        Origin::BroughtBack { .. } => false,
                        Origin::Imported { shape } => {
                            self.catalog.steps()[row.step].version() > shape
                                || plan
                                    .import_of(&entry.kind)
                                    .is_some_and(|import| import.step == row.step)
                        }
                    }
            };
            if entries.iter().any(concerned) {
                coverage.ran(row.step);
            }
        }
        let around = Around {
            whole: *self,
            plan: &plan,
            entries: &entries,
        };
        let observed = coverage.observe(&around);
        let mut result = MigratedProject {
            files: self.passed_through(target)?,
            documents: Vec::new(),
            missing: Vec::new(),
        };
        let mut names: std::collections::BTreeMap<String, String> = result
            .files
            .iter()
            .map(|(path, _)| (path.to_owned(), path.to_owned()))
            .collect();
        for entry in &entries {
            if self.is_missing(&plan, entry) {
                result.missing.push(entry.name.clone());
                continue;
            }
            let failed = |error| Failure::Document {
                document: entry.name.clone(),
                error,
            };
            let input = Input {
                kind: &entry.kind,
                slug: &entry.slug,
                shape: entry.shape,
                bytes: &entry.bytes,
            };
            let direction = plan.direction_of(entry.origin);
            let migrated = carry_out(self.catalog, direction, &entry.steps, input, &observed);
            let migrated = migrated.map_err(failed)?;
            if let Some(text) = &migrated.text {
                let kind = self.catalog.kind(&entry.kind);
                let path = kind.map(|kind| self.catalog.path_at(kind, target).path_of(&entry.slug));
                let path = path
                    .unwrap_or_else(|| Err("its kind is unknown".into()))
                    .map_err(|message| {
                        failed(MigrationError::before_any_step(MigrationErrorKind::Path(
                            message,
                        )))
                    })?;
                if let Some(first) = names.insert(path.clone(), entry.name.clone()) {
                    let second = entry.name.clone();
                    return Err(Failure::Path {
                        first,
                        second,
                        path,
                    });
                }
                result.files.insert(path, text.as_bytes());
            }
            result.documents.push(DocumentResult {
                name: entry.name.clone(),
                kind: entry.kind.clone(),
                slug: entry.slug.clone(),
                shape: entry.shape,
                before: entry.bytes.clone(),
                steps: entry.steps.clone(),
                migrated,
            });
        }
        Ok(result)
    }

    /// Hands the surroundings of one of the project's steps to `then`.
    pub(super) fn surrounded<T>(
        &self,
        target: u32,
        then: impl FnOnce(&dyn Surroundings) -> T,
    ) -> Result<T, Failure> {
        let plan = self.plan(target)?;
        let entries = self.entries(&plan)?;
        Ok(then(&Around {
            whole: *self,
            plan: &plan,
            entries: &entries,
        }))
    }

    /// Whether the way down passes the document's import, or a step that can't be undone.
    fn is_missing(&self, plan: &Plan, entry: &Entry) -> bool {
        let one_way =
            |row: &crate::plan::Row| row.kind == entry.kind && row.decision == Decision::OneWay;
        entry.origin == Origin::Git
            && plan.direction() == Direction::Down
            && (plan.rows.iter().any(one_way)
                || plan
                    .undone_imports(self.catalog)
                    .any(|row| row.kind == entry.kind))
    }

    fn plan(&self, target: u32) -> Result<Plan, PlanError> {
        let mut held = std::collections::BTreeMap::<String, Vec<String>>::new();
        for (path, _) in self.files.iter() {
            if let Some((kind, slug)) = self.catalog.classify(path, self.version) {
                held.entry(kind.name.clone())
                    .or_default()
                    .push(slug.to_owned());
            }
        }
        let mut content = std::collections::BTreeMap::new();
        for import in live_imports(self.catalog, self.version, target) {
            let documents = self.rows.iter().filter(|row| row.kind == import.kind);
            let documents: Vec<StoredDocument> = documents
                .map(|row| StoredDocument {
                    slug: row.slug.clone(),
                    shape: row.shape,
                })
                .collect();
            let stored = match self.source {
                Source::Snapshot => StoredKind {
                    table: Vec::new(),
                    snapshot: Some(documents),
                },
                _ => StoredKind {
                    table: documents,
                    snapshot: None,
                },
            };
            content.insert(import.kind, stored);
        }
        let project_version = match self.source {
            Source::Snapshot => self.catalog.server_version(),
            _ => self.version,
        };
        Plan::new(&Request {
            catalog: self.catalog,
            branch_version: self.version,
            target,
            held,
            store: Some(StoreState {
                project_version,
                content,
            }),
        })
    }

    fn entries(&self, plan: &Plan) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::new();
        for (path, bytes) in self.files.iter() {
            let Some((kind, slug)) = self.catalog.classify(path, self.version) else {
                continue;
            };
            entries.push(Entry {
                kind: kind.name.clone(),
                slug: slug.to_owned(),
                name: document_name(&kind.name, slug),
                origin: Origin::Git,
                shape: self.version,
                bytes: bytes.to_vec(),
                steps: plan.steps_for(self.catalog, &kind.name, Origin::Git),
            });
        }
        for import in &plan.imports {
            if let Some((document, refusal)) = import.refused.first() {
                let kind = MigrationErrorKind::Import(refusal.clone());
                return Err(Failure::Document {
                    document: document_name(&import.kind, &document.slug),
                    error: MigrationError::before_any_step(kind),
                });
            }
            for document in &import.documents {
                let is_it = |row: &&StoredRow| row.kind == import.kind && row.slug == document.slug;
                let Some(row) = self.rows.iter().find(is_it) else {
                    continue;
                };
                // A remove ends the document of this name that was there before.
                entries.retain(|entry| entry.kind != row.kind || entry.slug != row.slug);
                let origin = Origin::Imported { shape: row.shape };
                entries.push(Entry {
                    kind: row.kind.clone(),
                    slug: row.slug.clone(),
                    name: document_name(&row.kind, &row.slug),
                    origin,
                    shape: row.shape,
                    bytes: row.content.clone(),
                    steps: plan.steps_for(self.catalog, &row.kind, origin),
                });
            }
        }
        for back in &plan.returns {
            // What the branch's history has is not this project's to know.
            let step = &self.catalog.steps()[back.step];
            let Some(BringBack::Content(text)) = step.reverse().brings_back() else {
                continue;
            };
            let shape = back.version.saturating_sub(1);
            let origin = Origin::BroughtBack { shape };
            entries.retain(|entry| entry.kind != back.kind);
            entries.push(Entry {
                kind: back.kind.clone(),
                slug: String::new(),
                name: back.kind.clone(),
                origin,
                shape,
                bytes: text.as_bytes().to_vec(),
                steps: plan.steps_for(self.catalog, &back.kind, origin),
            });
        }
        Ok(entries)
    }

    /// The marker of the target, and what belongs to no kind.
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

impl Surroundings for Around<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self.whole.lookups
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let mut documents = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.kind == kind) {
            let readable = Readable {
                name: &entry.name,
                slug: &entry.slug,
                origin: entry.origin,
                steps: &entry.steps,
                bytes: &|| Ok(entry.bytes.clone()),
            };
            let catalog = self.whole.catalog;
            let read = document_before(catalog, self.plan, kind, before_step, &readable, self)?;
            documents.extend(read);
        }
        Ok(documents)
    }
}
