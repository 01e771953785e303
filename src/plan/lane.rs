//! The pending steps of one kind: rules 1 to 5 of planning, and what Git holds when an import is reached.

use super::{
    Decision, PlanError, PlannedImport, Refusal, Request, Row, Source, StoredDocument, StoredKind,
    document_name, down,
};
use crate::catalog::{Action, Catalog, DocumentKind, OnExisting, Step};

/// The steps between two versions, by their place in the catalog.
pub(super) fn pending(
    catalog: &Catalog,
    branch: u32,
    target: u32,
) -> impl Iterator<Item = (usize, &Step)> {
    let steps = catalog.steps().iter().enumerate();
    steps.filter(move |(_, step)| step.version() > branch && step.version() <= target)
}

/// The pending steps of one kind, cut after every remove.
///
/// What Git holds lives in the first segment only: the remove that ends that segment ends it too.
pub(super) struct Lane {
    pub(super) kind: String,
    steps: Vec<PendingStep>,
    /// The segments that end in a remove and hold an import: nothing in them runs for a document not in Git.
    passing: Vec<usize>,
    /// The import of the last segment, where that has no remove.
    pub(super) live_import: Option<PendingStep>,
}

/// A pending step's place in the catalog, and the segment it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct PendingStep {
    pub(super) step: usize,
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
                    if lane.live_import.take().is_some() {
                        lane.passing.push(segment);
                    }
                    segment += 1;
                }
                _ => {}
            }
        }
        lane
    }

    /// A row for each step. `import` is what the lane's live import brings in.
    pub(super) fn rows(
        &self,
        catalog: &Catalog,
        import: Option<&PlannedImport>,
        held: &[String],
    ) -> Vec<Row> {
        let row_of = |pending: &PendingStep| {
            let PendingStep {
                step: index,
                segment,
            } = *pending;
            let step = &catalog.steps()[index];
            let mut row = Row::new(index, &self.kind, segment);
            let passing = self.passing.contains(&segment);
            let kept: Vec<&String> = match segment {
                0 => held
                    .iter()
                    .filter(|slug| !is_contested(import, slug))
                    .collect(),
                _ => Vec::new(),
            };
            if matches!(step.action(), Action::Import(_)) {
                if passing {
                    row.decision = Decision::ImportedThenRemoved;
                } else {
                    row.source = import.map(|import| import.source);
                }
                row.kept = kept
                    .into_iter()
                    .map(|slug| document_name(&self.kind, slug))
                    .collect();
            } else if passing && kept.is_empty() {
                row.decision = Decision::ImportedThenRemoved;
            } else if let Some(import) = import
                && index > import.step
            {
                self.after_import(&mut row, step.version(), import, kept.is_empty());
            }
            row
        };
        self.steps.iter().map(row_of).collect()
    }

    /// Decides for a step that follows the live import, by the shape of what that brings in.
    fn after_import(
        &self,
        row: &mut Row,
        version: u32,
        import: &PlannedImport,
        nothing_kept: bool,
    ) {
        let in_shape = |document: &&StoredDocument| document.shape >= version;
        let refused = import.refused.iter().map(|(document, _)| document);
        // Without a store nobody knows the shape: the server's own is what it has unless a row says otherwise.
        let any_in_shape = import.source == Source::Unknown
            || import
                .documents
                .iter()
                .chain(refused)
                .any(|row| in_shape(&row));
        if nothing_kept && any_in_shape && import.documents.iter().all(|row| in_shape(&row)) {
            row.decision = Decision::AlreadyInShape;
        } else {
            let skipped = import.documents.iter().filter(in_shape);
            row.skipped_for = skipped
                .map(|document| document_name(&self.kind, &document.slug))
                .collect();
        }
    }

    /// What the live import brings in, and what it has to refuse. `None` where no import is live.
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
            // It was skipped for everyone so far, so its rows never left the table.
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
        for document in documents {
            let is_held = live.segment == 0 && held.contains(&document.slug);
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
        } else if shape > server {
            Some(Refusal::AboveServer { shape, server })
        } else {
            down::obstacle(request.catalog, &self.kind, shape, request.target)
        }
    }
}

/// Whether a document that Git holds is refused, because the store has it too. One of the same name that is refused
/// for its shape came after a remove: it is another document.
fn is_contested(import: Option<&PlannedImport>, slug: &str) -> bool {
    import.is_some_and(|import| {
        let contested = |(document, why): &(StoredDocument, Refusal)| {
            document.slug == slug && matches!(why, Refusal::AlreadyInGit { .. })
        };
        import.refused.iter().any(contested)
    })
}
