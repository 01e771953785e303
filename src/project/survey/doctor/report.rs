//! What is found, as it comes together.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::DoctorFinding;

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    /// The number of refs looked at.
    pub refs: usize,
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
}
