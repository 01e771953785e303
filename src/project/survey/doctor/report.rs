//! What is found, as it comes together.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::DoctorFinding;
use crate::git::ObjectId;

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    /// The number of refs looked at: the version of each.
    pub refs: usize,
    /// The number of local branches among them whose documents were read.
    pub branches: usize,
    /// The base paths of the projects that they have.
    pub base_paths: BTreeSet<String>,
    /// The findings: repository, branches, store.
    pub findings: Vec<DoctorFinding>,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Report {
    pub(super) refs: BTreeSet<String>,
    pub(super) findings: Vec<DoctorFinding>,
    /// By base path: the lowest version of any ref (0 where one is uninitialised), and the branch with the highest one.
    pub(super) lowest: BTreeMap<String, u32>,
    pub(super) highest: BTreeMap<String, (u32, String)>,
    /// The base paths with a marker, by ref.
    pub(super) marked: BTreeMap<String, Vec<String>>,
    /// The same of all refs.
    pub(super) base_paths: BTreeSet<String>,
    /// The refs of which a partial clone left something out.
    pub(super) left_out: BTreeSet<String>,
    /// The number of documents whose last write lies before the history that is here.
    pub(super) of_unknown_age: usize,
    /// The branches that this catalog can read, in the order of their names.
    pub(super) branches: Vec<Branch>,
}

/// A branch at one of its base paths.
pub(super) struct Branch {
    pub(super) ref_name: String,
    pub(super) base_path: String,
    pub(super) commit: ObjectId,
}
