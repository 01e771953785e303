//! Refs with what became of them.

use super::project::RehearsedProject;
use crate::git::ObjectId;

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

/// Names one after the other, without gaps: there may be a million.
#[derive(Default)]
pub(super) struct RefList {
    names: String,
    rows: Vec<RefRow>,
}

struct RefRow {
    name_end: usize,
    case: u32,
    commit: ObjectId,
}

/// Stands in the list for no commit.
const NO_COMMIT: ObjectId = ObjectId::from_bytes([0; 20]);

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
        let commit = self.refs.rows[index].commit;
        RehearsedRef {
            name: self.refs.name(index),
            commit: (commit != NO_COMMIT).then_some(commit),
            projects: &self.projects[self.refs.case(index)],
        }
    }
}

impl RefList {
    pub(super) fn push(&mut self, name: &str, case: u32, commit: Option<ObjectId>) {
        self.names.push_str(name);
        self.rows.push(RefRow {
            name_end: self.names.len(),
            case,
            commit: commit.unwrap_or(NO_COMMIT),
        });
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The case of the ref at a place.
    pub(super) fn case(&self, index: usize) -> usize {
        self.rows[index].case as usize
    }

    fn name(&self, index: usize) -> &str {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.rows[before].name_end);
        &self.names[start..self.rows[index].name_end]
    }
}
