//! What can be wrong with a merge, and what is wrong with a part of one.

use super::conflict::Side;
use super::count::Count;
use crate::values::Element;

/// What is wrong with a part of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Only this side changed it, and the result doesn't have the change.
    Dropped(Side),
    /// Both sides have it, and the result doesn't; or both removed it, and the result has it.
    Lost,
    /// The result has it more often than the sides.
    Doubled,
    /// Only this side changed the order of what stands there, or both did alike, and the result has it as before.
    Order(Side),
}

/// A part of a merge that isn't what the sides made of it: what each document has there.
#[derive(Debug, Clone)]
pub struct Deviation<'a> {
    /// What is wrong.
    pub fault: Fault,
    /// In the commit that both sides come from.
    pub base: Option<Element<'a>>,
    /// In ours.
    pub ours: Option<Element<'a>>,
    /// In theirs.
    pub theirs: Option<Element<'a>>,
    /// In the merge.
    pub result: Option<Element<'a>>,
}

impl<'a> Deviation<'a> {
    pub(super) fn of(
        fault: Fault,
        [base, ours, theirs, result]: [Option<Element<'a>>; 4],
    ) -> Deviation<'a> {
        Deviation {
            fault,
            base,
            ours,
            theirs,
            result,
        }
    }

    /// What it is about, in the result, ours, theirs and base, as far as they have it.
    pub fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        let all = [&self.result, &self.ours, &self.theirs, &self.base];
        all.into_iter().flatten()
    }
}

/// What is wrong with how often a value stands at a place.
pub(super) fn fault(count: Count) -> Option<Fault> {
    if count.is_right() {
        return None;
    }
    let [ours, theirs, result] = [count.ours, count.theirs, count.result].map(|it| it - count.base);
    let of_both = ours + theirs;
    if result > ours.max(theirs).max(of_both).max(0) {
        return Some(Fault::Doubled);
    }
    Some(match (ours, theirs) {
        (ours, theirs) if ours == theirs => Fault::Lost,
        (0, _) => Fault::Dropped(Side::Theirs),
        (_, 0) => Fault::Dropped(Side::Ours),
        _ if ours.abs() >= theirs.abs() => Fault::Dropped(Side::Ours),
        _ => Fault::Dropped(Side::Theirs),
    })
}
