//! Decides which pending steps run.

use super::down;
use super::lane::{Lane, pending};
use super::model::{Direction, Origin, PlanError, PlanRow, PlannedImport, PlannedReturn};
use super::request::Request;
use crate::catalog::{Action, Catalog, DocumentName, MARKER_KIND, Target};

/// Every pending step with its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The version of the branch; 0 for an uninitialised one.
    pub branch_version: u32,
    /// The version to migrate to.
    pub target: u32,
    /// The highest version of the catalog.
    pub server_version: u32,
    /// The project's version; `None` if no store knows it.
    pub project_version: Option<u32>,
    /// The pending steps in run order; a step for all kinds has one row per kind.
    pub rows: Vec<PlanRow>,
    /// The imports that run, at most one per kind.
    pub imports: Vec<PlannedImport>,
    /// When migrating down: what removes bring back, at most one per kind.
    pub returns: Vec<PlannedReturn>,
    /// The versions between branch and target whose changes the catalog doesn't know, and those that what is imported crosses on its
    /// way down to the target.
    pub unknown_versions: Vec<u32>,
}

impl Plan {
    /// Decides for every pending step whether it runs.
    ///
    /// # Errors
    /// If the versions don't fit, or an import has nothing to read from.
    pub(crate) fn new(request: &Request<'_>) -> Result<Plan, PlanError> {
        let catalog = request.catalog;
        let (branch, target, server) = (
            request.branch_version,
            request.target,
            catalog.server_version(),
        );
        if branch > server {
            return Err(PlanError::BranchAhead { branch, server });
        }
        if target > server {
            return Err(PlanError::TargetAboveServer { target, server });
        }
        if let Some(baseline) = catalog.retires(branch) {
            return Err(PlanError::BranchRetired {
                branch,
                baseline: baseline.version(),
                lifted_by: baseline.lifted_by(),
            });
        }
        if let Some(baseline) = catalog.retires(target) {
            let baseline = baseline.version();
            return Err(PlanError::TargetRetired { target, baseline });
        }
        let unknown = catalog.unknown_versions().iter().copied();
        let (least, most) = (branch.min(target), branch.max(target));
        let mut plan = Plan {
            branch_version: branch,
            target,
            server_version: server,
            project_version: request.store.as_ref().map(|store| store.project_version),
            rows: Vec::new(),
            imports: Vec::new(),
            returns: Vec::new(),
            unknown_versions: unknown.filter(|v| *v > least && *v <= most).collect(),
        };
        if target < branch {
            if target == 0 {
                return Err(PlanError::TargetZero);
            }
            plan.rows = down::rows(catalog, branch, target, &request.held);
            plan.returns = down::returns(catalog, branch, target);
            plan.unknown_versions.reverse();
            return Ok(plan);
        }
        let mut rows = Vec::new();
        let mut imports = Vec::new();
        for kind in catalog.kinds() {
            let lane = Lane::of(catalog, kind, branch, target);
            let held = request.held.get(&kind.name).map_or(&[][..], Vec::as_slice);
            let import = lane.plan_import(request, held)?;
            rows.extend(lane.rows(catalog, import.as_ref(), held));
            imports.extend(import);
        }
        for (index, step) in pending(catalog, branch, target) {
            if *step.target() == Target::Marker {
                rows.push(PlanRow::new(index, MARKER_KIND, 0));
            }
        }
        // A stable sort: the rows of a step for all kinds stay in the order of the kinds.
        rows.sort_by_key(|row| row.step);
        for import in &imports {
            rows.extend(down::rows_after_import(
                catalog,
                &import.kind,
                &import.documents,
                target,
            ));
        }
        // What comes in above the target crosses those on its way down.
        let shapes = imports.iter().flat_map(|import| &import.documents);
        let highest = shapes.map(|document| document.shape).max().unwrap_or(0);
        let above = catalog.unknown_versions().iter().copied();
        plan.unknown_versions
            .extend(above.filter(|version| *version > target && *version <= highest));
        Ok(Plan {
            rows,
            imports,
            ..plan
        })
    }

    /// The direction in which the branch's own documents are migrated.
    pub fn direction(&self) -> Direction {
        self.direction_of(Origin::Git)
    }

    /// The direction in which a document is migrated.
    pub(crate) fn direction_of(&self, origin: Origin) -> Direction {
        if self.shape_of(origin) > self.target {
            Direction::Down
        } else {
            Direction::Up
        }
    }

    /// The shape of a document before its migration.
    pub fn shape_of(&self, origin: Origin) -> u32 {
        match origin {
            Origin::Git => self.branch_version,
            Origin::Imported { shape } | Origin::BroughtBack { shape } => shape,
        }
    }

    /// The imports that are undone when migrating down: below them the store keeps the documents, so the result is without them.
    pub(crate) fn undone_imports<'p>(
        &'p self,
        catalog: &'p Catalog,
    ) -> impl Iterator<Item = &'p PlanRow> {
        let down = self
            .rows
            .iter()
            .filter(|row| row.direction == Direction::Down);
        down.filter(|row| {
            row.segment == 0 && matches!(catalog.steps()[row.step].action(), Action::Import(_))
        })
    }

    /// The steps that run on a document of a kind, as indexes in [`Catalog::steps`], in run order.
    pub fn steps_for(&self, catalog: &Catalog, kind: &str, origin: Origin) -> Vec<usize> {
        if let Origin::Imported { shape } | Origin::BroughtBack { shape } = origin
            && shape > self.target
        {
            return down::steps_from(catalog, kind, shape, self.target);
        }
        let live = self.import_of(kind);
        self.rows
            .iter()
            .filter(|row| row.direction == self.direction())
            .filter(|row| {
                row.kind == kind && !matches!(catalog.steps()[row.step].action(), Action::Import(_))
            })
            .filter(|row| match origin {
                // A remove ends the documents of Git: later steps are about other documents.
                Origin::Git => row.segment == 0,
                // It is at the target already.
                Origin::BroughtBack { .. } => false,
                // No remove follows the live import: all later steps are about the documents that it adds.
                Origin::Imported { shape } => {
                    live.is_some_and(|import| row.step > import.step)
                        && catalog.steps()[row.step].version() > shape
                }
            })
            .map(|row| row.step)
            .collect()
    }

    /// The import that runs for a kind.
    pub fn import_of(&self, kind: &str) -> Option<&PlannedImport> {
        self.imports.iter().find(|import| import.kind == kind)
    }

    /// Whether a step comes before the import that runs for a kind, with no remove between: what comes in has its shape already.
    pub(crate) fn is_before_import(&self, kind: &str, step: usize) -> bool {
        let segment_of = |step| {
            let mut rows = self.rows.iter();
            let row = rows.find(|row| row.step == step && row.kind == kind)?;
            Some(row.segment)
        };
        self.import_of(kind)
            .is_some_and(|live| step < live.step && segment_of(step) == segment_of(live.step))
    }

    /// The documents in Git that imports skip.
    pub fn kept(&self) -> impl Iterator<Item = &DocumentName> {
        self.rows.iter().flat_map(|row| &row.kept)
    }
}
