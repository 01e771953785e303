//! The names of refs.

use crate::git::ObjectId;

/// Names one after the other, without gaps: there may be a million.
#[derive(Default)]
pub(crate) struct RefList {
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

impl RefList {
    pub(crate) fn push(&mut self, name: &str, case: u32, commit: Option<ObjectId>) {
        self.names.push_str(name);
        self.rows.push(RefRow {
            name_end: self.names.len(),
            case,
            commit: commit.unwrap_or(NO_COMMIT),
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The case of the ref at a place.
    pub(crate) fn case(&self, index: usize) -> usize {
        self.rows[index].case as usize
    }

    /// The name of the ref at a place.
    pub(crate) fn name(&self, index: usize) -> &str {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.rows[before].name_end);
        &self.names[start..self.rows[index].name_end]
    }

    /// The commit of the ref at a place; `None` where it leads to none.
    pub(crate) fn commit(&self, index: usize) -> Option<ObjectId> {
        let commit = self.rows[index].commit;
        (commit != NO_COMMIT).then_some(commit)
    }
}
