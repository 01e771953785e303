//! The parts of a plan: rows, decisions, imports and errors.

use std::fmt;

use super::request::StoredDocument;
use crate::catalog::DocumentName;

/// A pending step for one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The index of the step in [`Catalog::steps`](crate::catalog::Catalog::steps).
    pub step: usize,
    /// The kind it is about in this row.
    pub kind: String,
    /// Whether it runs for any document.
    pub decision: Decision,
    /// Where an import that runs reads from.
    pub source: Option<Source>,
    /// Documents in Git that an import skips.
    pub kept: Vec<DocumentName>,
    /// Documents that the step leaves out, though it runs for others.
    pub skipped_for: Vec<DocumentName>,
    /// Documents that the server keeps itself below an import: they aren't part of the result.
    pub left_out: Vec<DocumentName>,
    /// Whether the step is run or undone.
    pub direction: Direction,
    /// The part of the kind's life cycle that the step belongs to: grows by one after every remove.
    pub(super) segment: usize,
}

/// Whether steps are run or undone.
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
    /// Unknown without a store: whether an import adds anything, and whether a step after it runs, depends on what the store
    /// has, and in which shape.
    Unknown,
    /// It doesn't run: what it would import is removed again before the target.
    ImportedThenRemoved,
    /// It doesn't run: what was imported is in a newer shape already.
    AlreadyInShape,
    /// Migrating down, it isn't undone: the server keeps the documents itself below a higher import.
    LeftOut,
    /// Migrating down, it isn't undone: nothing brings back the documents that it, or a higher step, removed.
    NotBroughtBack,
    /// Migrating down, it can't be undone: the kind's documents fail.
    OneWay,
}

/// Where an import reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The server's own rows.
    Table,
    /// The snapshot taken when they left the database for Git.
    Snapshot,
    /// Unknown: there is no store to ask.
    Unknown,
    /// Migrating down: the newest commit of the branch from before a remove.
    History,
    /// Migrating down: the text that the remove itself states.
    Step,
}

/// Documents that a remove brings back when it is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedReturn {
    /// The remove's place in [`Catalog::steps`](crate::catalog::Catalog::steps).
    pub step: usize,
    /// The kind it brings back.
    pub kind: String,
    /// The version of the remove.
    pub version: u32,
    /// Their source: [`Source::History`] or [`Source::Step`].
    pub source: Source,
}

/// An import that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedImport {
    /// The index of the step in [`Catalog::steps`](crate::catalog::Catalog::steps).
    pub step: usize,
    /// The kind that it imports.
    pub kind: String,
    /// The version of the import.
    pub version: u32,
    /// Its source.
    pub source: Source,
    /// The documents that it imports.
    pub documents: Vec<StoredDocument>,
    /// The documents that it can't import, each with the reason.
    pub refused: Vec<(StoredDocument, Refusal)>,
}

/// Why a document of the store can't be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its content is older than the result of the import.
    #[error(
        "the store's content has shape {shape}, below its import at version {import}: save it again on the server"
    )]
    BelowImport {
        /// The content's shape.
        shape: u32,
        /// The import's version.
        import: u32,
    },
    /// Its content is older than what the catalog's steps begin with.
    #[error(
        "the store's content has shape {shape}, and this server's steps begin at version {baseline}: upgrade the \
         branch first with {lifted_by}"
    )]
    BelowBaseline {
        /// The content's shape.
        shape: u32,
        /// The catalog's lowest version.
        baseline: u32,
        /// What still lifts it: [`Baseline::lifted_by`](crate::catalog::Baseline::lifted_by).
        lifted_by: String,
    },
    /// Its content is newer than the target, and can't be brought down.
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
        /// The reason.
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
        /// The part of the store that holds it.
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
        "the branch is at version {branch}, and this server only knows versions up to {server}: upgrade the server"
    )]
    BranchAhead {
        /// The branch version.
        branch: u32,
        /// The server version.
        server: u32,
    },
    /// The branch is at a version that was retired.
    #[error(
        "the branch is at version {branch}, and this server's steps begin at version {baseline}: upgrade it first with \
         {lifted_by}"
    )]
    BranchRetired {
        /// The branch version.
        branch: u32,
        /// The catalog's lowest version.
        baseline: u32,
        /// What still lifts it: [`Baseline::lifted_by`](crate::catalog::Baseline::lifted_by).
        lifted_by: String,
    },
    /// The target is a version that was retired.
    #[error("version {target} is below version {baseline}, at which this server's steps begin")]
    TargetRetired {
        /// The target.
        target: u32,
        /// The catalog's lowest version.
        baseline: u32,
    },
    /// The target is above the catalog's highest version.
    #[error("version {target} is above this server's version {server}")]
    TargetAboveServer {
        /// The target.
        target: u32,
        /// The server version.
        server: u32,
    },
    /// Nothing can be migrated down to version 0.
    #[error("version 0 means a branch without a marker: no branch can be migrated down to it")]
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

impl PlanRow {
    pub(super) fn new(step: usize, kind: &str, segment: usize) -> PlanRow {
        PlanRow {
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
    /// `run`, `skip`, `refuse` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Run => "run",
            Decision::Unknown => "unknown",
            Decision::OneWay => "refuse",
            _ => "skip",
        }
    }

    /// Why a step is skipped or refused, or why that isn't known.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Decision::Run => None,
            Decision::Unknown => Some("depends_on_store"),
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
