//! What a plan does to each document, step by step: the data of the drawing.

use std::collections::BTreeMap;

use crate::catalog::{Action, Catalog, DocumentName, MARKER_KIND};
use crate::migrate::MigrationError;
use crate::plan::{Decision, Direction, Origin, Plan, PlanRow, Source};
use crate::project::{Loaded, MigratedDocument};
use crate::report::decision::describe_decision;

/// The versions that the drawing marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Versions {
    /// `None` for an uninitialised branch.
    pub(super) branch: Option<u32>,
    pub(super) project: Option<u32>,
    pub(super) target: u32,
    pub(super) server: u32,
    /// Versions whose changes the catalog doesn't know.
    pub(super) unknown: Vec<u32>,
}

/// One document, or a kind of which no document is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) name: DocumentName,
    /// Whether it is there before the first step.
    pub(super) in_git: bool,
    /// Whether it is a document, not only a kind.
    pub(super) is_document: bool,
    /// In run order.
    pub(super) cells: Vec<Cell>,
}

/// What one step does to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) version: u32,
    pub(super) step: String,
    pub(super) mark: Mark,
    /// In words.
    pub(super) what: String,
}

/// How a cell is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Mark {
    /// The step runs; where documents were migrated, it changed this one.
    Runs,
    /// The step runs and changes nothing.
    Idle,
    FromTable,
    FromSnapshot,
    FromUnknown,
    /// An import leaves alone what Git holds.
    PassedOver,
    Moved,
    Removed,
    /// Skipped: what was imported is in a newer shape already.
    InShape,
    /// Skipped: imported, then removed again.
    Passing,
    /// Skipped: migrating down leaves it out, or doesn't bring it back.
    LeftOut,
    Failed,
    /// The document failed before this step.
    NotReached,
}

impl Mark {
    /// The word of the legend.
    pub(super) fn word(self, migrated: bool, is_downward: bool) -> &'static str {
        match self {
            Mark::Runs if is_downward && migrated => "undone, which changed it",
            Mark::Runs if is_downward => "undone",
            Mark::Idle if is_downward && migrated => "undone, nothing to change",
            Mark::Idle if is_downward => "undone, nothing is there",
            Mark::Moved if is_downward => "moves back",
            Mark::Runs if migrated => "ran and changed it",
            Mark::Runs => "runs",
            Mark::Idle if migrated => "ran, nothing to change",
            Mark::Idle => "runs, nothing is there",
            Mark::FromTable => "import from the table",
            Mark::FromSnapshot => "import from the snapshot",
            Mark::FromUnknown => "unknown: no store to ask",
            Mark::PassedOver => "import passes over it",
            Mark::Moved => "moves",
            Mark::Removed => "removes",
            Mark::InShape => "skipped: in a newer shape already",
            Mark::Passing => "skipped: imported, then removed again",
            Mark::LeftOut => "skipped: not in the result",
            Mark::Failed => "failed",
            Mark::NotReached => "not reached",
        }
    }
}

impl Versions {
    pub(super) fn of(plan: &Plan) -> Versions {
        Versions {
            branch: (plan.branch_version > 0).then_some(plan.branch_version),
            project: plan.project_version,
            target: plan.target,
            server: plan.server_version,
            unknown: plan.unknown_versions.clone(),
        }
    }

    pub(super) fn are_downward(&self) -> bool {
        self.branch.is_some_and(|branch| branch > self.target)
    }
}

/// The lanes of a loaded ref: a document each, in the order of the catalog's kinds, and the marker last. `migrated` has
/// the documents by name, if they were migrated.
pub(super) fn lanes(
    loaded: &Loaded,
    migrated: &BTreeMap<&DocumentName, &MigratedDocument>,
) -> Vec<Lane> {
    let (plan, catalog) = (loaded.plan(), loaded.project().catalog());
    let mut found: Vec<Lane> = Vec::new();
    let documents: Vec<(&DocumentName, bool)> = loaded
        .paths()
        .map(|(name, before, _)| (name, before.is_some()))
        .collect();
    for kind in catalog.kinds() {
        let of_kind = documents
            .iter()
            .filter(|(name, _)| name.kind() == kind.name);
        let before = found.len();
        for (name, in_git) in of_kind {
            let document = DocumentOfPlan {
                plan,
                catalog,
                kind: &kind.name,
                name,
                in_git: *in_git,
                migrated: migrated.get(name).copied(),
            };
            found.push(document.lane());
        }
        if found.len() == before {
            found.extend(kind_lane(plan, catalog, &kind.name, false));
        }
    }
    found.extend(kind_lane(plan, catalog, MARKER_KIND, true));
    found
}

/// The lanes of a plan on paper: a kind each.
pub(super) fn lanes_on_paper(plan: &Plan, catalog: &Catalog) -> Vec<Lane> {
    let kinds = catalog.kinds().iter().map(|kind| &*kind.name);
    let lanes = kinds
        .chain([MARKER_KIND])
        .filter_map(|kind| kind_lane(plan, catalog, kind, true));
    lanes.collect()
}

/// The rows of a kind as they stand in the plan; `None` if there are none.
fn kind_lane(plan: &Plan, catalog: &Catalog, kind: &str, runs: bool) -> Option<Lane> {
    let rows = plan.rows.iter().filter(|row| row.kind == kind);
    let cells: Vec<Cell> = rows
        .map(|row| {
            let step = &catalog.steps()[row.step];
            let mark = match (row.decision, step.action()) {
                (Decision::Run, Action::Import(_)) => from(row.source),
                (Decision::Run, _) if !runs => Mark::Idle,
                (Decision::Run, Action::Rename(_)) => Mark::Moved,
                (Decision::Run, Action::Remove) if row.source.is_none() => Mark::Removed,
                (Decision::Run, _) => Mark::Runs,
                (Decision::ImportedThenRemoved, _) => Mark::Passing,
                (Decision::AlreadyInShape, _) => Mark::InShape,
                (Decision::LeftOut | Decision::NotBroughtBack, _) => Mark::LeftOut,
                (Decision::OneWay, _) => Mark::Failed,
                (Decision::Unknown, _) => Mark::FromUnknown,
            };
            let what = match mark {
                Mark::Idle if row.direction == Direction::Down => {
                    "undone, but no document is there".to_owned()
                }
                Mark::Idle => "run, but no document is there".to_owned(),
                _ => describe_decision(row, step),
            };
            cell(catalog, row, mark, what)
        })
        .collect();
    (!cells.is_empty()).then(|| Lane {
        name: DocumentName::new(kind, ""),
        in_git: kind == MARKER_KIND,
        is_document: false,
        cells,
    })
}

fn from(source: Option<Source>) -> Mark {
    match source {
        Some(Source::Table) => Mark::FromTable,
        Some(Source::Snapshot) => Mark::FromSnapshot,
        Some(Source::Unknown | Source::History | Source::Step) | None => Mark::FromUnknown,
    }
}

fn cell(catalog: &Catalog, row: &PlanRow, mark: Mark, what: String) -> Cell {
    let step = &catalog.steps()[row.step];
    Cell {
        version: step.version(),
        step: step.name().to_owned(),
        mark,
        what,
    }
}

struct DocumentOfPlan<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    kind: &'a str,
    name: &'a DocumentName,
    in_git: bool,
    migrated: Option<&'a MigratedDocument>,
}

impl DocumentOfPlan<'_> {
    fn lane(&self) -> Lane {
        let mut cells = Vec::new();
        let error = self.migrated.and_then(MigratedDocument::error);
        if let Some(error) = error.filter(|error| error.step.is_none()) {
            cells.push(Cell {
                version: self.plan.branch_version,
                step: "before any step".to_owned(),
                mark: Mark::Failed,
                what: error.to_string(),
            });
        }
        let steps = self
            .origin()
            .map(|origin| self.plan.steps_for(self.catalog, self.kind, origin))
            .unwrap_or_default();
        let rows = self.plan.rows.iter().filter(|row| row.kind == self.kind);
        let is_left_out = |row: &PlanRow| row.left_out.iter().any(|name| name == self.name);
        let leaves_out = self.plan.rows.iter().any(is_left_out);
        for row in rows {
            let found = if leaves_out {
                let why = if is_left_out(row) {
                    "left out: below this import the server keeps it itself"
                } else {
                    "not undone: the document is left out"
                };
                Some((Mark::LeftOut, why.to_owned()))
            } else if matches!(self.catalog.steps()[row.step].action(), Action::Import(_)) {
                self.import(row)
            } else if steps.contains(&row.step) {
                Some(self.run(row, error))
            } else {
                self.skip(row)
            };
            cells.extend(found.map(|(mark, what)| cell(self.catalog, row, mark, what)));
        }
        Lane {
            name: self.name.clone(),
            in_git: self.in_git,
            is_document: true,
            cells,
        }
    }

    /// Where it comes from; `None` if the store's row can't be imported.
    fn origin(&self) -> Option<Origin> {
        if self.in_git {
            return Some(Origin::Git);
        }
        let documents = &self.plan.import_of(self.kind)?.documents;
        let found = documents
            .iter()
            .find(|document| document.slug == self.name.slug())?;
        Some(Origin::Imported { shape: found.shape })
    }

    fn import(&self, row: &PlanRow) -> Option<(Mark, String)> {
        if row.kept.iter().any(|kept| kept == self.name) {
            let what = "the import passes over it, as Git holds it".to_owned();
            return Some((Mark::PassedOver, what));
        }
        if !matches!(row.decision, Decision::Run | Decision::Unknown) {
            return self.skip(row);
        }
        let live = self.plan.import_of(self.kind)?;
        (live.step == row.step && !self.in_git).then(|| {
            let from_where = match row.source {
                Some(Source::Table) => "imported from the table",
                Some(Source::Snapshot) => "imported from the snapshot",
                _ => "imported from an unknown store",
            };
            (from(row.source), from_where.to_owned())
        })
    }

    fn skip(&self, row: &PlanRow) -> Option<(Mark, String)> {
        let left_out = row.skipped_for.iter().any(|name| name == self.name);
        let passing = (
            Mark::Passing,
            "skipped: imported, then removed again before the target",
        );
        let in_shape = (Mark::InShape, "skipped: it is in a newer shape already");
        let (mark, why) = match row.decision {
            Decision::ImportedThenRemoved => passing,
            Decision::AlreadyInShape => in_shape,
            Decision::LeftOut => (Mark::LeftOut, "skipped: the server keeps it itself"),
            Decision::NotBroughtBack => (Mark::LeftOut, "skipped: nothing brings it back"),
            Decision::OneWay => (Mark::Failed, "refused: this step can't be undone"),
            Decision::Run if left_out => in_shape,
            // A step of another document's life under the same name.
            Decision::Run | Decision::Unknown => return None,
        };
        Some((mark, why.to_owned()))
    }

    fn run(&self, row: &PlanRow, error: Option<&MigrationError>) -> (Mark, String) {
        let step = &self.catalog.steps()[row.step];
        let is_downward = row.direction == Direction::Down;
        let Some(document) = self.migrated else {
            return match step.action() {
                Action::Rename(from) if is_downward => {
                    (Mark::Moved, format!("moves it back to {from}"))
                }
                _ if is_downward => (Mark::Runs, "undone".to_owned()),
                Action::Rename(from) => (Mark::Moved, format!("moves it from {from}")),
                Action::Remove => (Mark::Removed, "removes it".to_owned()),
                _ => (Mark::Runs, "runs".to_owned()),
            };
        };
        if let Some(error) = error {
            let here = (step.version(), step.name());
            let failed = error.step.as_ref().map(|step| (step.version, &*step.name));
            return match failed {
                Some(failed) if failed == here => (Mark::Failed, error.to_string()),
                Some(failed) if is_downward && here > failed => {
                    (Mark::Idle, "undone before the failure".to_owned())
                }
                Some(failed) if !is_downward && here < failed => {
                    (Mark::Idle, "ran before the failure".to_owned())
                }
                _ => (Mark::NotReached, "not reached: it failed before".to_owned()),
            };
        }
        let changed = document
            .changes()
            .iter()
            .any(|change| change.step == row.step);
        if is_downward {
            return match step.action() {
                Action::Rename(from) => (Mark::Moved, format!("moved back to {from}")),
                _ if changed => (Mark::Runs, "undone, which changed it".to_owned()),
                _ => (Mark::Idle, "undone, nothing to change".to_owned()),
            };
        }
        match step.action() {
            Action::Rename(from) => (Mark::Moved, format!("moved from {from}")),
            Action::Remove => (Mark::Removed, "removed".to_owned()),
            _ if changed => (Mark::Runs, "ran and changed it".to_owned()),
            _ => (Mark::Idle, "ran, nothing to change".to_owned()),
        }
    }
}
