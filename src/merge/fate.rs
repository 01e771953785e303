//! What becomes of the parts of a block, dictionary or list.

use super::conflict::Side;
use super::member::{Member, Table, Three};
use crate::values::Element;

/// What becomes of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Ours has it, and so does the result.
    Stays,
    /// Ours has it, and the result doesn't.
    Goes,
    /// The result has it from theirs.
    Comes,
    /// The result has it from base.
    Returns,
    /// Neither has it.
    Absent,
}

/// The members of three elements, and what becomes of each.
pub(super) struct Members<'a> {
    pub(super) table: Table,
    pub(super) elements: Three<Vec<Element<'a>>>,
    pub(super) fates: Vec<Fate>,
    /// Those that a conflict is about as a whole: they have no say in the order of the others.
    pub(super) is_open: Vec<bool>,
}

impl<'a> Members<'a> {
    pub(super) fn of(&self, member: Member) -> Three<Option<&Element<'a>>> {
        Three {
            base: member.base.map(|at| &self.elements.base[at]),
            ours: member.ours.map(|at| &self.elements.ours[at]),
            theirs: member.theirs.map(|at| &self.elements.theirs[at]),
        }
    }

    /// What the result has in ours' stead, and whose it is.
    pub(super) fn coming(&self, at: usize) -> Option<(&Element<'a>, Side)> {
        let of = self.of(self.table.members[at]);
        match self.fates[at] {
            Fate::Comes => Some((of.theirs?, Side::Theirs)),
            Fate::Returns => Some((of.base?, Side::Base)),
            Fate::Stays | Fate::Goes | Fate::Absent => None,
        }
    }

    /// What becomes of a member if nothing else is decided.
    pub(super) fn fate(member: &Member) -> Fate {
        match (member.base, member.ours, member.theirs) {
            (_, Some(_), _) => Fate::Stays,
            (None, None, Some(_)) => Fate::Comes,
            _ => Fate::Absent,
        }
    }
}

impl Member {
    /// Whether one side alone added it.
    pub(super) fn is_of_one_side(&self) -> bool {
        self.base.is_none() && self.ours.is_some() != self.theirs.is_some()
    }
}
