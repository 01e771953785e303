//! What can be found.

use std::path::PathBuf;
use std::time::Duration;

use crate::catalog::{Deprecation, DocumentName};
use crate::engine::LookupKey;
use crate::git::ObjectId;
use crate::ocl::DoubledName;
use crate::plan::NeverRead;
use crate::project::read::warning::Obstacle;
use crate::store::ProjectKey;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoctorSeverity {
    /// Nothing has to be done.
    Note,
    /// Something is wrong.
    Problem,
}

/// Something that was found. Its `Display` says what is wrong, not what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoctorFinding {
    /// A partial clone left out objects of documents or markers, so that they can't be looked at.
    LeftOut {
        /// The repository.
        git_dir: PathBuf,
        /// The folder at or below which projects lie.
        folder: String,
        /// One of the refs.
        ref_name: String,
        /// How many other refs lack something.
        also: usize,
        /// What the first of them lacks.
        paths: Vec<String>,
    },
    /// A partial clone left out older folders or markers: at which version some documents were written can't be told.
    HistoryLeftOut {
        /// The repository.
        git_dir: PathBuf,
        /// The number of documents, each on each of its branches.
        documents: usize,
    },
    /// The clone is shallow: who wrote some documents, and at which version, can't be told.
    ShallowClone {
        /// The repository.
        git_dir: PathBuf,
        /// The number of documents, each on each of its branches.
        documents: usize,
    },
    /// A lock file: one that was left behind, or where it is young, one that a process may still hold.
    LockFile {
        /// The file.
        path: PathBuf,
        /// How long it has been there.
        age: Duration,
    },
    /// A ref that states no version, or can't be loaded.
    Invalid {
        /// The full name.
        ref_name: String,
        /// The base path.
        base_path: String,
        /// Why.
        reason: String,
        /// Whether it is a symbolic ref that leads to none.
        leads_nowhere: bool,
    },
    /// `HEAD` names neither a branch nor a commit: Git takes the folder for no repository.
    BrokenHead {
        /// The repository.
        git_dir: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An environment of the repository's settings has a ref that isn't there.
    EnvironmentWithoutRef {
        /// Its name.
        name: String,
        /// The ref.
        revision: String,
    },
    /// Branches have no project at the base path, and there are some elsewhere in their commits, which weren't looked at.
    ProjectElsewhere {
        /// The first of them, by its full name.
        ref_name: String,
        /// Further branches with the same.
        also: usize,
        /// The base path.
        base_path: String,
        /// Those of the projects.
        base_paths: Vec<String>,
    },
    /// A ref above the catalog's newest version.
    Ahead {
        /// The full name.
        ref_name: String,
        /// The base path.
        base_path: String,
        /// Its version.
        version: u32,
        /// The catalog's.
        server: u32,
    },
    /// A ref below the version at which the catalog begins.
    Retired {
        /// The full name.
        ref_name: String,
        /// The base path.
        base_path: String,
        /// Its version.
        version: u32,
        /// The catalog's lowest version.
        baseline: u32,
        /// What still lifts it: [`Baseline::lifted_by`](crate::catalog::Baseline::lifted_by).
        lifted_by: String,
    },
    /// Branches are at a version that is deprecated.
    Deprecated {
        /// The first of them, by its full name.
        ref_name: String,
        /// Further branches at that version.
        also: usize,
        /// The first one's base path.
        base_path: String,
        /// The version.
        version: u32,
        /// Until when, and why.
        deprecation: Deprecation,
    },
    /// A document that can't be read, or is no OCL.
    BrokenDocument {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same text at the same path.
        also: usize,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// Why.
        reason: String,
    },
    /// The path of a document, now or after its migration, is one that no document may have: the document can't be migrated.
    RefusedPath {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same.
        also: usize,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// Why.
        reason: String,
    },
    /// Two documents lie at paths that differ only in case, so that no folder of macOS or Windows holds both.
    SamePath {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same.
        also: usize,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// The other one's path, below the base path.
        other: String,
    },
    /// A folder lies where a document belongs, or a file where a folder does: nothing can be written there.
    InTheWay {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same.
        also: usize,
        /// What is there.
        obstacle: Obstacle,
    },
    /// Names stand more than once in a document.
    DoubledNames {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same text at the same path.
        also: usize,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// The names and where they stand.
        names: Vec<DoubledName>,
    },
    /// Values of one name have one scope, so that which of them applies can't be told.
    SameScope {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same.
        also: usize,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// The addresses of each two, in the document's newest shape.
        values: Vec<(String, String)>,
    },
    /// Blocks beside each other have one key, or define a thing by one name, so that which of them is meant can't be told.
    DoubledBlocks {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same.
        also: usize,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// The addresses of each two, in the document's newest shape.
        blocks: Vec<(String, String)>,
    },
    /// A document is in an older shape than its branch states: it came in from a branch at a lower version.
    MixedShape {
        /// The ref, by its full name.
        ref_name: String,
        /// Further refs with the same folder.
        also: usize,
        /// The base path.
        base_path: String,
        /// The document.
        document: DocumentName,
        /// Its path in the repository.
        path: String,
        /// The branch's version.
        version: u32,
        /// The version at the commit that last wrote the document.
        written_at: u32,
        /// That commit.
        commit: ObjectId,
        /// The versions of the steps that it has missed.
        missed: Vec<u32>,
    },
    /// A document was written at its branch's version, and steps up to that would still change values of it.
    LooksOlder {
        /// The ref, by its full name.
        ref_name: String,
        /// The base path.
        base_path: String,
        /// Its path in the repository.
        path: String,
        /// The document.
        document: DocumentName,
        /// The branch's version.
        version: u32,
        /// The versions of those steps.
        steps: Vec<u32>,
    },
    /// Two base paths of one ref differ in upper and lower case or in blanks only: on many disks they are one folder.
    SameBasePath {
        /// The ref.
        ref_name: String,
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// A part of a base path begins or ends with a blank.
    BlankInBasePath {
        /// The ref.
        ref_name: String,
        /// The base path.
        base_path: String,
    },
    /// The store has two projects where the repository has one base path.
    StrayProject {
        /// The project that no base path has the name of.
        project: ProjectKey,
        /// Its version.
        version: u32,
        /// The base paths of the repository.
        base_paths: Vec<String>,
    },
    /// Branches have passed imports, and the store doesn't know the project.
    ProjectUnknown {
        /// What the store would call it.
        project: ProjectKey,
        /// Its base path.
        base_path: String,
        /// The branch with the highest version.
        ref_name: String,
        /// That version.
        version: u32,
    },
    /// A branch is at a higher version than the store knows of.
    StoreBehind {
        /// The branch with the highest version.
        ref_name: String,
        /// The project, as the store calls it.
        project: ProjectKey,
        /// Its base path.
        base_path: String,
        /// The branch's version.
        version: u32,
        /// The store's.
        store: u32,
    },
    /// A writer died; the next one finishes its work or drops it.
    UnsettledIntent {
        /// The project.
        project: ProjectKey,
        /// Its base path.
        base_path: String,
        /// The branch that was about to move.
        ref_name: String,
        /// The commit it was about to move to.
        commit: String,
    },
    /// No ref is below the import any more: only old commits could still read the snapshot.
    UnusedSnapshot {
        /// The project.
        project: String,
        /// The kind.
        kind: String,
        /// The version of the import.
        import_version: u32,
        /// How many documents it holds.
        documents: u32,
    },
    /// What a restore of the store replaced lies beside it.
    ReplacedStore {
        /// The file, and those that SQLite keeps with it.
        files: Vec<PathBuf>,
        /// How long ago it was written.
        age: Duration,
    },
    /// What is in the store's place can't be used.
    StoreUnusable {
        /// Why not.
        reason: String,
        /// The file, where it is one's place.
        file: Option<PathBuf>,
    },
    /// The store can be opened, and a part of it is damaged.
    StoreDamaged {
        /// Where, and how.
        reason: String,
        /// The store's file, where it is one.
        file: Option<PathBuf>,
    },
    /// This user may not read the store.
    StoreDenied {
        /// What the system refuses.
        reason: String,
    },
    /// Answers to lookups that no step asks for: their table's name, or an empty key, may be a mistake.
    NeverAsked {
        /// The project.
        project: ProjectKey,
        /// Its base path.
        base_path: String,
        /// The answers, by their tables and keys.
        lookups: Vec<LookupKey>,
    },
    /// Rows of the store's table that no import reads, now or later.
    NeverRead {
        /// The project.
        project: ProjectKey,
        /// Its base path.
        base_path: String,
        /// The rows.
        documents: Vec<DocumentName>,
        /// Why.
        why: NeverRead,
    },
}

/// A lock file younger than this may belong to a process that is still running.
pub(super) const LEFT_OVER: Duration = Duration::from_secs(600);

impl DoctorFinding {
    /// How much it matters.
    pub fn severity(&self) -> DoctorSeverity {
        match self {
            DoctorFinding::LockFile { age, .. } if *age < LEFT_OVER => DoctorSeverity::Note,
            DoctorFinding::ShallowClone { .. }
            | DoctorFinding::HistoryLeftOut { .. }
            | DoctorFinding::UnusedSnapshot { .. }
            | DoctorFinding::BlankInBasePath { .. }
            | DoctorFinding::LooksOlder { .. }
            | DoctorFinding::NeverAsked { .. }
            | DoctorFinding::ReplacedStore { .. }
            | DoctorFinding::Deprecated { .. } => DoctorSeverity::Note,
            _ => DoctorSeverity::Problem,
        }
    }

    /// The name of the check that found it, for scripts.
    pub fn check(&self) -> &'static str {
        match self {
            DoctorFinding::LockFile { .. } => "lock_file",
            DoctorFinding::LeftOut { .. } => "left_out",
            DoctorFinding::HistoryLeftOut { .. } => "history_left_out",
            DoctorFinding::ShallowClone { .. } => "shallow_clone",
            DoctorFinding::Invalid { .. } => "invalid",
            DoctorFinding::BrokenHead { .. } => "broken_head",
            DoctorFinding::EnvironmentWithoutRef { .. } => "environment_without_ref",
            DoctorFinding::ProjectElsewhere { .. } => "project_elsewhere",
            DoctorFinding::Ahead { .. } => "ahead",
            DoctorFinding::Retired { .. } => "retired",
            DoctorFinding::Deprecated { .. } => "deprecated",
            DoctorFinding::BrokenDocument { .. } => "broken_document",
            DoctorFinding::RefusedPath { .. } => "refused_path",
            DoctorFinding::SamePath { .. } => "same_path",
            DoctorFinding::InTheWay { .. } => "in_the_way",
            DoctorFinding::DoubledNames { .. } => "doubled_names",
            DoctorFinding::SameScope { .. } => "same_scope",
            DoctorFinding::DoubledBlocks { .. } => "doubled_blocks",
            DoctorFinding::MixedShape { .. } => "mixed_shape",
            DoctorFinding::LooksOlder { .. } => "looks_older",
            DoctorFinding::SameBasePath { .. } => "same_base_path",
            DoctorFinding::BlankInBasePath { .. } => "blank_in_base_path",
            DoctorFinding::StrayProject { .. } => "stray_project",
            DoctorFinding::ProjectUnknown { .. } => "project_unknown",
            DoctorFinding::StoreBehind { .. } => "store_behind",
            DoctorFinding::UnsettledIntent { .. } => "unsettled_intent",
            DoctorFinding::UnusedSnapshot { .. } => "unused_snapshot",
            DoctorFinding::StoreUnusable { .. } | DoctorFinding::StoreDenied { .. } => {
                "store_unusable"
            }
            DoctorFinding::StoreDamaged { .. } => "store_damaged",
            DoctorFinding::ReplacedStore { .. } => "replaced_store",
            DoctorFinding::NeverRead { .. } => "never_read",
            DoctorFinding::NeverAsked { .. } => "never_asked",
        }
    }
}
