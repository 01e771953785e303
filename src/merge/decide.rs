//! Whether the result has what one side no longer has, or what both added.

use super::conflict::{ConflictKind, Side};
use super::fate::{Fate, Members};
use super::member::{Member, Renames, Three};
use super::merger::Merger;

impl<'a> Merger<'a, '_> {
    /// Decides for every member whether the result has it.
    pub(super) fn decide(&mut self, members: &mut Members<'a>, renames: &Renames) {
        let all = members.table.members.clone();
        let contested = self.contested(members);
        for (at, member) in all.into_iter().enumerate() {
            if contested.contains(at) {
                self.decide_contested(members, &contested, at);
                continue;
            }
            let of = members.of(member);
            match (of.base, of.ours, of.theirs) {
                (Some(base), Some(ours), None) => {
                    let is_changed = !self.matchers.base_ours.says_same(base, ours);
                    self.decide_lost(members, renames, member, is_changed);
                }
                (Some(base), None, Some(theirs)) => {
                    let is_changed = !self.matchers.base_theirs.says_same(base, theirs);
                    self.decide_lost(members, renames, member, is_changed);
                }
                (Some(_), None, None) => self.decide_lost(members, renames, member, false),
                (None, Some(ours), Some(theirs)) => {
                    if !self.matchers.ours_theirs.says_same(ours, theirs) {
                        let kind = ConflictKind::AddedDifferently;
                        let (ours, theirs) = (ours.clone(), theirs.clone());
                        let of = Three {
                            base: None,
                            ours: Some(&ours),
                            theirs: Some(&theirs),
                        };
                        members.is_open[at] = true;
                        match self.whole_conflict(kind, of) {
                            Some(side @ Side::Theirs) => self.swap(&ours, &theirs, side),
                            Some(Side::Base) => members.fates[at] = Fate::Goes,
                            Some(Side::Ours) | None => {}
                        }
                    } else if renames.are_two(at) {
                        // Two blocks of base became one.
                        members.is_open[at] = true;
                        let of = members.of(member);
                        if self.whole_conflict(ConflictKind::Identity, of) == Some(Side::Base) {
                            members.fates[at] = Fate::Goes;
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Decides on a member that at least one side no longer has, and that the other one, if it has it, changed or not.
    fn decide_lost(
        &mut self,
        members: &mut Members<'a>,
        renames: &Renames,
        member: Member,
        is_changed: bool,
    ) {
        let Some(base) = member.base else {
            return;
        };
        // Under which key a side that lost it has it.
        let renamed = Three {
            base: None,
            ours: renames.ours.to(base),
            theirs: renames.theirs.to(base),
        };
        let is_renamed = renamed.ours.is_some() || renamed.theirs.is_some();
        let is_lost_by_both = member.ours.is_none() && member.theirs.is_none();
        let is_conflict = if is_lost_by_both {
            is_renamed && renamed.ours != renamed.theirs
        } else {
            is_changed || is_renamed && members.table.moved.contains(&base)
        };
        if !is_conflict {
            if member.ours.is_some() {
                members.fates[base] = Fate::Goes;
            }
            return;
        }
        let kind = if is_renamed {
            ConflictKind::Identity
        } else {
            ConflictKind::ChangedAndRemoved
        };
        let at = |renamed: Option<usize>| renamed.map(|at| members.table.members[at]);
        let (our, their) = (at(renamed.ours), at(renamed.theirs));
        let of = Three {
            base: Some(base),
            ours: member.ours.or(our.and_then(|our| our.ours)),
            theirs: member.theirs.or(their.and_then(|their| their.theirs)),
        };
        let settled = self.whole_conflict(kind, members.of(of));
        let (was, renamed_ours, renamed_theirs) = match settled {
            Some(Side::Theirs) => {
                let was = match (member.ours, member.theirs) {
                    (Some(_), _) => Fate::Goes,
                    (None, Some(_)) => Fate::Comes,
                    (None, None) => Fate::Absent,
                };
                (was, Fate::Goes, Fate::Comes)
            }
            Some(side @ Side::Base) => {
                let of = members.of(member);
                let was = match (of.ours, of.base) {
                    (Some(ours), Some(base)) => {
                        self.swap(ours, base, side);
                        Fate::Stays
                    }
                    _ => Fate::Returns,
                };
                (was, Fate::Goes, Fate::Absent)
            }
            // Unsettled, all is as in ours.
            Some(Side::Ours) | None => {
                let was = member.ours.map_or(Fate::Absent, |_| Fate::Stays);
                (was, Fate::Stays, Fate::Absent)
            }
        };
        let fates = &mut members.fates;
        fates[base] = was;
        members.is_open[base] = true;
        for (renamed, fate) in [
            (renamed.ours, renamed_ours),
            (renamed.theirs, renamed_theirs),
        ] {
            if let Some(renamed) = renamed
                && members.table.members[renamed].is_of_one_side()
            {
                fates[renamed] = fate;
                members.is_open[renamed] = true;
            }
        }
    }
}
