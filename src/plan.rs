//! Which steps run, which don't, and why.
//!
//! Planning is pure: a catalog, the branch's version, a target, what the store would give, and the documents that
//! Git holds go in; a [`Plan`] comes out. Nothing is read and nothing is run.
//!
//! The steps are chosen from the branch version alone. The project version only chooses where an import reads from.

mod down;
mod lane;
mod model;

use std::collections::BTreeMap;

use self::lane::{Lane, pending};
pub use self::model::{
    Decision, Direction, Origin, PlanError, PlannedImport, PlannedReturn, Refusal, Row, Source,
};
use crate::catalog::{Action, Catalog, MARKER_KIND, Target};

/// What a plan is made from.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The kinds and steps.
    pub catalog: &'a Catalog,
    /// The version of the branch; 0 for an uninitialised one.
    pub branch_version: u32,
    /// The version to migrate to.
    pub target: u32,
    /// The slugs of the documents that Git holds, by kind.
    pub held: BTreeMap<String, Vec<String>>,
    /// What the store has; `None` where there is no store that knows the project.
    pub store: Option<StoreState>,
}

/// What the store has for a project, as far as planning needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreState {
    /// The highest version that was ever persisted for the project.
    pub project_version: u32,
    /// What it has for every [live import](live_imports), by kind.
    pub content: BTreeMap<String, StoredKind>,
}

/// The documents of a kind that the store could give to an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredKind {
    /// The server's own rows.
    pub table: Vec<StoredDocument>,
    /// The snapshot of this import; `None` where it was never recorded.
    pub snapshot: Option<Vec<StoredDocument>>,
}

/// A document in the store: its slug, and the schema version its content conforms to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Empty for a single document.
    pub slug: String,
    /// The shape of the content.
    pub shape: u32,
}

/// Every pending step with its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The version of the branch; 0 for an uninitialised one.
    pub branch_version: u32,
    /// The version to migrate to.
    pub target: u32,
    /// The highest version of the catalog.
    pub server_version: u32,
    /// The project's version; `None` without a store that knows it.
    pub project_version: Option<u32>,
    /// The pending steps in run order; a step for all kinds is a row for each.
    pub rows: Vec<Row>,
    /// The imports that run, at most one per kind.
    pub imports: Vec<PlannedImport>,
    /// On the way down: what removes bring back, at most one per kind.
    pub returns: Vec<PlannedReturn>,
    /// Versions on the way of which nobody knows what they do.
    pub unknown_versions: Vec<u32>,
}

/// An import that would run: its kind and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveImport {
    /// The kind it brings in.
    pub kind: String,
    /// Its version.
    pub version: u32,
}

/// The imports that run between two versions: what the store has to be asked for.
pub fn live_imports(catalog: &Catalog, branch_version: u32, target: u32) -> Vec<LiveImport> {
    let lanes = catalog
        .kinds()
        .iter()
        .map(|kind| Lane::of(catalog, kind, branch_version, target));
    lanes
        .filter_map(|lane| {
            let step = lane.live_import?.step;
            Some(LiveImport {
                kind: lane.kind,
                version: catalog.steps()[step].version(),
            })
        })
        .collect()
}

/// The name of a document: its kind, and in a collection its slug.
pub fn document_name(kind: &str, slug: &str) -> String {
    if slug.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}/{slug}")
    }
}

impl Plan {
    /// Decides for every pending step whether it runs.
    ///
    /// # Errors
    /// Where the versions don't fit, or an import has nothing to read from.
    pub fn new(request: &Request<'_>) -> Result<Plan, PlanError> {
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
                rows.push(Row::new(index, MARKER_KIND, 0));
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
        Ok(Plan {
            rows,
            imports,
            ..plan
        })
    }

    /// Which way the branch's own documents go.
    pub fn direction(&self) -> Direction {
        match self.target < self.branch_version {
            true => Direction::Down,
            false => Direction::Up,
        }
    }

    /// Which way a document goes.
    pub fn direction_of(&self, origin: Origin) -> Direction {
        match origin {
            Origin::Imported { shape } | Origin::BroughtBack { shape } => {
                match shape > self.target {
                    true => Direction::Down,
                    false => Direction::Up,
                }
            }
            Origin::Git => self.direction(),
        }
    }

    /// The shape in which a document sets out.
    pub fn shape_of(&self, origin: Origin) -> u32 {
        match origin {
            Origin::Git => self.branch_version,
            Origin::Imported { shape } | Origin::BroughtBack { shape } => shape,
        }
    }

    /// The imports that are undone on the way down: what they brought is the store's again, and not in the result.
    pub fn undone_imports<'p>(&'p self, catalog: &'p Catalog) -> impl Iterator<Item = &'p Row> {
        let down = self
            .rows
            .iter()
            .filter(|row| row.direction == Direction::Down);
        down.filter(|row| {
            row.segment == 0 && matches!(catalog.steps()[row.step].action(), Action::Import(_))
        })
    }

    /// The steps that run on a document of a kind, by their place in [`Catalog::steps`], in run order.
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
                // A remove ends what Git holds; what comes after is another document's life.
                Origin::Git => row.segment == 0,
                // It has arrived.
                Origin::BroughtBack { .. } => false,
                // No remove follows the live import: all that comes after it is its life.
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

    /// Whether an import of this kind passed over a document that Git holds.
    pub fn keeps(&self, name: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.kept.iter().any(|kept| kept == name))
    }
}
