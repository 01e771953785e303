//! The pending steps of one kind: rules 1 to 5 of planning, and what happens if Git already holds a document of an import.

use std::collections::BTreeSet;

use super::down;
use super::model::{Decision, PlanError, PlanRow, PlannedImport, Refusal, Source};
use super::request::{Request, StoredDocument, StoredKind};
use crate::catalog::{Action, Catalog, DocumentKind, DocumentName, OnExisting, Step};

/// An import of a plan: its kind and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveImport {
    /// The kind that it imports.
    pub(crate) kind: String,
    /// Its version.
    pub(crate) version: u32,
}

/// The imports that run between two versions, for which the store must be asked.
pub(crate) fn live_imports(catalog: &Catalog, branch_version: u32, target: u32) -> Vec<LiveImport> {
    imports(catalog, branch_version, target, |lane| {
        lane.live_import.into_iter().collect()
    })
}

/// The imports between two versions that don't run, as a later step removes what they would bring in.
pub(crate) fn passing_imports(
    catalog: &Catalog,
    branch_version: u32,
    target: u32,
) -> Vec<LiveImport> {
    imports(catalog, branch_version, target, |lane| lane.passing.clone())
}

fn imports(
    catalog: &Catalog,
    branch_version: u32,
    target: u32,
    of: impl Fn(&Lane) -> Vec<PendingStep>,
) -> Vec<LiveImport> {
    let kinds = catalog.kinds().iter();
    kinds
        .flat_map(|kind| {
            let steps = of(&Lane::of(catalog, kind, branch_version, target));
            steps.into_iter().map(|import| LiveImport {
                kind: kind.name.clone(),
                version: catalog.steps()[import.step].version(),
            })
        })
        .collect()
}

/// The steps between two versions, as indexes in the catalog.
pub(super) fn pending(
    catalog: &Catalog,
    branch: u32,
    target: u32,
) -> impl Iterator<Item = (usize, &Step)> {
    let steps = catalog.steps().iter().enumerate();
    steps.filter(move |(_, step)| step.version() > branch && step.version() <= target)
}

/// The pending steps of one kind, split after every remove.
///
/// The documents in Git belong to the first segment only: the remove at its end removes them too.
pub(super) struct Lane {
    kind: String,
    steps: Vec<PendingStep>,
    /// The imports of the segments that end in a remove: none of such a segment's steps runs for a document that isn't in Git.
    passing: Vec<PendingStep>,
    /// The import of the last segment, if that has no remove.
    live_import: Option<PendingStep>,
}

/// A pending step: its index in the catalog, and its segment.
#[derive(Debug, Clone, Copy)]
struct PendingStep {
    step: usize,
    segment: usize,
}

impl Lane {
    pub(super) fn of(catalog: &Catalog, kind: &DocumentKind, branch: u32, target: u32) -> Lane {
        let mut lane = Lane {
            kind: kind.name.clone(),
            steps: Vec::new(),
            passing: Vec::new(),
            live_import: None,
        };
        let mut segment = 0;
        for (index, step) in
            pending(catalog, branch, target).filter(|(_, step)| step.concerns(&kind.name))
        {
            let pending_step = PendingStep {
                step: index,
                segment,
            };
            lane.steps.push(pending_step);
            match step.action() {
                Action::Import(_) => lane.live_import = Some(pending_step),
                Action::Remove => {
                    lane.passing.extend(lane.live_import.take());
                    segment += 1;
                }
                _ => {}
            }
        }
        lane
    }

    /// A row for each step. `import` is the lane's live import.
    pub(super) fn rows(
        &self,
        catalog: &Catalog,
        import: Option<&PlannedImport>,
        held: &[String],
    ) -> Vec<PlanRow> {
        let contested = contested(import);
        let kept: Vec<DocumentName> = held
            .iter()
            .filter(|slug| !contested.contains(slug.as_str()))
            .map(|slug| DocumentName::new(&self.kind, slug))
            .collect();
        let row_of = |pending: &PendingStep| {
            let PendingStep {
                step: index,
                segment,
            } = *pending;
            let step = &catalog.steps()[index];
            let mut row = PlanRow::new(index, &self.kind, segment);
            let passing = self.passing.iter().any(|import| import.segment == segment);
            let kept = if segment == 0 { &kept[..] } else { &[] };
            if matches!(step.action(), Action::Import(_)) {
                if passing {
                    row.decision = Decision::ImportedThenRemoved;
                } else {
                    row.source = import.map(|import| import.source);
                    if row.source == Some(Source::Unknown) {
                        row.decision = Decision::Unknown;
                    }
                }
                row.kept = kept.to_vec();
            } else if passing && kept.is_empty() {
                row.decision = Decision::ImportedThenRemoved;
            } else if let Some(import) = import {
                if index > import.step {
                    self.after_import(&mut row, step.version(), import, kept.is_empty());
                } else if kept.is_empty()
                    && !import.documents.is_empty()
                    && self.live_import.is_some_and(|it| it.segment == segment)
                {
                    // There is no document yet, and what comes in is in the import's shape at least.
                    row.decision = Decision::AlreadyInShape;
                }
            }
            row
        };
        self.steps.iter().map(row_of).collect()
    }

    /// Decides for a step after the live import, by the shape of the imported documents.
    fn after_import(
        &self,
        row: &mut PlanRow,
        version: u32,
        import: &PlannedImport,
        nothing_kept: bool,
    ) {
        if import.source == Source::Unknown {
            if nothing_kept {
                row.decision = Decision::Unknown;
            }
            return;
        }
        let in_shape = |document: &&StoredDocument| document.shape >= version;
        let refused = import.refused.iter().map(|(document, _)| document);
        let any_in_shape = import
            .documents
            .iter()
            .chain(refused)
            .any(|row| in_shape(&row));
        if nothing_kept && any_in_shape && import.documents.iter().all(|row| in_shape(&row)) {
            row.decision = Decision::AlreadyInShape;
        } else {
            let skipped = import.documents.iter().filter(in_shape);
            row.skipped_for = skipped
                .map(|document| DocumentName::new(&self.kind, &document.slug))
                .collect();
        }
    }

    /// What the live import adds, and what it refuses. `None` if no import is live.
    pub(super) fn plan_import(
        &self,
        request: &Request<'_>,
        held: &[String],
    ) -> Result<Option<PlannedImport>, PlanError> {
        let Some(live) = self.live_import else {
            return Ok(None);
        };
        let step = &request.catalog.steps()[live.step];
        let version = step.version();
        let mut import = PlannedImport {
            step: live.step,
            kind: self.kind.clone(),
            version,
            source: Source::Unknown,
            documents: Vec::new(),
            refused: Vec::new(),
        };
        let Some(store) = &request.store else {
            return Ok(Some(import));
        };
        let nothing = StoredKind::default();
        let stored = store.content.get(&self.kind).unwrap_or(&nothing);
        let (source, documents) = match &stored.snapshot {
            _ if store.project_version < version => (Source::Table, &stored.table),
            Some(snapshot) => (Source::Snapshot, snapshot),
            // No branch has run the import yet, so its rows never left the table.
            None if !stored.table.is_empty() => (Source::Table, &stored.table),
            None => {
                return Err(PlanError::MissingSnapshot {
                    kind: self.kind.clone(),
                    import: version,
                    project: store.project_version,
                });
            }
        };
        import.source = source;
        let keeps = matches!(step.action(), Action::Import(OnExisting::Keep));
        let held: BTreeSet<&str> = if live.segment == 0 {
            held.iter().map(String::as_str).collect()
        } else {
            BTreeSet::new()
        };
        for document in documents {
            let is_held = held.contains(document.slug.as_str());
            if is_held && keeps {
                continue;
            }
            let refusal = if is_held {
                Some(Refusal::AlreadyInGit {
                    origin: source,
                    import: version,
                })
            } else {
                self.misfit(request, document.shape, version)
            };
            match refusal {
                None => import.documents.push(document.clone()),
                Some(refusal) => import.refused.push((document.clone(), refusal)),
            }
        }
        Ok(Some(import))
    }

    /// Why content of this shape can't be brought to the target.
    fn misfit(&self, request: &Request<'_>, shape: u32, import: u32) -> Option<Refusal> {
        let server = request.catalog.server_version();
        if shape < import {
            Some(Refusal::BelowImport { shape, import })
        } else if let Some(baseline) = request.catalog.retires(shape) {
            Some(Refusal::BelowBaseline {
                shape,
                baseline: baseline.version(),
                lifted_by: baseline.lifted_by(),
            })
        } else if shape > server {
            Some(Refusal::AboveServer { shape, server })
        } else {
            down::obstacle(request.catalog, &self.kind, shape, request.target)
        }
    }
}

/// The slugs that the store and Git both hold, so that neither document is taken. A document that is refused for its shape is
/// not among them: it comes in after a remove, and isn't the same document as Git's.
fn contested(import: Option<&PlannedImport>) -> BTreeSet<&str> {
    let refused = import.into_iter().flat_map(|import| &import.refused);
    refused
        .filter(|(_, why)| matches!(why, Refusal::AlreadyInGit { .. }))
        .map(|(document, _)| document.slug.as_str())
        .collect()
}
