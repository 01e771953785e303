//! Refs with what became of them.

use super::project::RehearsedProject;
use crate::git::ObjectId;
use crate::project::survey::ref_list::RefList;

/// Every ref with what became of it.
pub struct Rehearsed {
    pub(super) refs: RefList,
    /// By the refs' cases.
    pub(super) projects: Vec<Vec<RehearsedProject>>,
}

/// A ref that was rehearsed.
#[derive(Debug, Clone, Copy)]
pub struct RehearsedRef<'r> {
    /// The full name; a revision that names no ref goes by its own text.
    pub name: &'r str,
    /// The commit; `None` where it leads to none.
    pub commit: Option<ObjectId>,
    /// Its projects, at least one.
    pub projects: &'r [RehearsedProject],
}

impl Rehearsed {
    pub(super) fn new(refs: RefList, projects: Vec<Vec<RehearsedProject>>) -> Rehearsed {
        Rehearsed { refs, projects }
    }

    /// How many refs there are.
    pub fn len(&self) -> usize {
        self.refs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The refs, in the order in which they were added.
    pub fn refs(&self) -> impl ExactSizeIterator<Item = RehearsedRef<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The ref at a place in that order.
    ///
    /// # Panics
    /// Where there is none.
    pub fn get(&self, index: usize) -> RehearsedRef<'_> {
        RehearsedRef {
            name: self.refs.name(index),
            commit: self.refs.commit(index),
            projects: &self.projects[self.refs.case(index)],
        }
    }
}
