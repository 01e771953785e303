//! What is found, as it comes together.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::DoctorFinding;
use crate::git::ObjectId;

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    /// The number of refs looked at: the version of each.
    pub refs: usize,
    /// The number of those among them whose documents were read.
    pub read: usize,
    /// The number of local branches among these.
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
    /// The refs that this catalog can read.
    pub(super) to_read: Vec<RefToRead>,
}

/// A ref at one of its base paths.
pub(super) struct RefToRead {
    pub(super) ref_name: String,
    pub(super) base_path: String,
    pub(super) commit: ObjectId,
}

impl RefToRead {
    /// Branches come first: they are what can be mended. Then those of remotes, and what is checked out; tags and the like come last.
    pub(super) fn rank(&self) -> usize {
        let begins = |folder| self.ref_name.starts_with(folder);
        match () {
            () if self.is_local_branch() => 0,
            () if self.ref_name == "HEAD" => 1,
            () if begins("refs/remotes/") => 2,
            () => 3,
        }
    }

    pub(super) fn is_local_branch(&self) -> bool {
        self.ref_name.starts_with("refs/heads/")
    }

    /// Whether it goes on: what a tag or a request's branch mixed stays so.
    pub(super) fn is_branch(&self) -> bool {
        self.rank() < 3
    }
}
