//! Which steps run, which don't, and why.
//!
//! Planning is pure: a catalog, the branch's version, a target, what the store would give, and the documents that
//! Git holds go in; a [`Plan`] comes out. Nothing is read and nothing is run.
//!
//! The steps are chosen from the branch version alone. The project version only chooses where an import reads from.

mod down;
mod lane;

use std::collections::BTreeMap;
use std::fmt;

use self::lane::{Lane, pending};
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

/// A pending step for one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The step's place in [`Catalog::steps`].
    pub step: usize,
    /// The kind it is about here.
    pub kind: String,
    /// Whether it runs for any document.
    pub decision: Decision,
    /// Where an import that runs reads from.
    pub source: Option<Source>,
    /// Documents of Git that an import passes over, by name.
    pub kept: Vec<String>,
    /// Documents that a step that runs leaves out, by name.
    pub skipped_for: Vec<String>,
    /// Documents that are the store's again below an import, by name: the result has none of them.
    pub left_out: Vec<String>,
    /// Whether the step is run or undone.
    pub direction: Direction,
    /// How far along the kind's life cycle the step stands: grows by one after every remove.
    segment: usize,
}

/// Which way documents go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To a higher version: steps run.
    Up,
    /// To a lower version: steps are undone.
    Down,
}

/// Whether a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It runs.
    Run,
    /// It doesn't: what it would import is removed again before the target.
    ImportedThenRemoved,
    /// It doesn't: what was imported is in a newer shape already.
    AlreadyInShape,
    /// On the way down: it doesn't, as the documents are the store's again below a higher import.
    LeftOut,
    /// On the way down: it doesn't, as nothing brings back what it, or a higher step, removed.
    NotBroughtBack,
    /// On the way down: it can't be undone, so the kind's documents fail.
    OneWay,
}

/// Where an import reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The server's own rows.
    Table,
    /// The copy taken when they left the database for Git.
    Snapshot,
    /// There is no store to ask.
    Unknown,
    /// On the way down: the newest commit of the branch from before a remove.
    History,
    /// On the way down: the text that a remove itself holds.
    Step,
}

/// Documents that a remove brings back on the way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedReturn {
    /// The remove's place in [`Catalog::steps`].
    pub step: usize,
    /// The kind it brings back.
    pub kind: String,
    /// The version of the remove.
    pub version: u32,
    /// From where: [`Source::History`] or [`Source::Step`].
    pub source: Source,
}

/// An import that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedImport {
    /// The step's place in [`Catalog::steps`].
    pub step: usize,
    /// The kind it brings in.
    pub kind: String,
    /// The version of the import.
    pub version: u32,
    /// Where it reads from.
    pub source: Source,
    /// What it brings in.
    pub documents: Vec<StoredDocument>,
    /// What it can't bring in, each with the reason.
    pub refused: Vec<(StoredDocument, Refusal)>,
}

/// Why a document of the store can't be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its content is older than the import's result.
    #[error(
        "the store's content has shape {shape}, below its import at version {import}: save it again on the server"
    )]
    BelowImport {
        /// The content's shape.
        shape: u32,
        /// The import's version.
        import: u32,
    },
    /// Its content is newer than what is asked for, and can't be brought down.
    #[error(
        "the store's content has shape {shape}, above the target version {target}, and the step at version {step} can't \
         be undone: {reason}"
    )]
    AboveTarget {
        /// The content's shape.
        shape: u32,
        /// The target.
        target: u32,
        /// The version of the step.
        step: u32,
        /// Why.
        reason: String,
    },
    /// Its content is newer than the server.
    #[error(
        "the store's content has shape {shape}, above this server's version {server}: upgrade the server"
    )]
    AboveServer {
        /// The content's shape.
        shape: u32,
        /// The server version.
        server: u32,
    },
    /// Git holds a document of the same name.
    #[error(
        "both Git and the store's {origin} hold it, and the import at version {import} doesn't say which to take: \
         remove one of them, or let the import say `on_existing = \"keep\"`"
    )]
    AlreadyInGit {
        /// Where the store holds it.
        origin: Source,
        /// The import's version.
        import: u32,
    },
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The branch is newer than the server.
    #[error(
        "the branch is at version {branch}, and this server knows no more than {server}: upgrade the server"
    )]
    BranchAhead {
        /// The branch version.
        branch: u32,
        /// The server version.
        server: u32,
    },
    /// The target lies beyond the catalog.
    #[error("version {target} is above this server's version {server}")]
    TargetAboveServer {
        /// The target.
        target: u32,
        /// The server version.
        server: u32,
    },
    /// There is no version 0.
    #[error("version 0 is that of a branch without a marker: nothing leads back to it")]
    TargetZero,
    /// An import reads from a snapshot that isn't there.
    #[error(
        "the import of `{kind}` at version {import} reads from its snapshot, because the project is at version \
         {project} already; the store has neither that snapshot nor rows of the kind: restore the store"
    )]
    MissingSnapshot {
        /// The kind.
        kind: String,
        /// The import's version.
        import: u32,
        /// The project version.
        project: u32,
    },
}

/// Where a document comes from, which decides which steps run on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Git holds it at the ref.
    Git,
    /// An import brings it in, in this shape.
    Imported {
        /// The shape of the content.
        shape: u32,
    },
    /// A remove brings it back, in this shape.
    BroughtBack {
        /// The shape of the content.
        shape: u32,
    },
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

impl Row {
    fn new(step: usize, kind: &str, segment: usize) -> Row {
        Row {
            step,
            kind: kind.to_owned(),
            decision: Decision::Run,
            source: None,
            kept: Vec::new(),
            skipped_for: Vec::new(),
            left_out: Vec::new(),
            direction: Direction::Up,
            segment,
        }
    }
}

impl Decision {
    /// `run`, `skip` or `refuse`.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Run => "run",
            Decision::OneWay => "refuse",
            _ => "skip",
        }
    }

    /// Why a step is skipped or refused.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Decision::Run => None,
            Decision::ImportedThenRemoved => Some("imported_then_removed"),
            Decision::AlreadyInShape => Some("already_in_shape"),
            Decision::LeftOut => Some("left_out"),
            Decision::NotBroughtBack => Some("not_brought_back"),
            Decision::OneWay => Some("one_way"),
        }
    }
}

impl Direction {
    /// `up` or `down`.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Table => "table",
            Source::Snapshot => "snapshot",
            Source::Unknown => "unknown",
            Source::History => "history",
            Source::Step => "step",
        })
    }
}
