//! What one side of a merge renamed, and the migration moved on the other one: to Git both are renames, or one is a removal.

use crate::catalog::DocumentName;
use crate::git::{ObjectId, Reader};
use crate::project::{MergeSide, MergeSides, join};

use super::super::failure::{Failure, quoted};
use super::commits::Commits;

/// A file of the index, with what that has of it: base, ours and theirs.
pub(in crate::cli) type Staged<'s> = (&'s str, [Option<ObjectId>; 3]);

/// A document that one side renamed, and that lies at another path on the other one under its old name.
pub(in crate::cli) struct Renamed {
    by: MergeSide,
    from: String,
    to: String,
    stays_as: String,
    /// Whose changes the file of the other name doesn't have: those of the side that renamed it, and of the other one.
    changed: [bool; 2],
}

/// What tells which documents the sides have, and where.
pub(super) struct Places<'p> {
    pub(super) reader: &'p Reader,
    pub(super) commits: Commits,
    pub(super) sides: &'p MergeSides,
    pub(super) base_path: &'p str,
}

impl Renamed {
    /// Of a file that Git has as renamed on one side and removed on the other one.
    pub(super) fn beside_a_removal(
        places: &Places<'_>,
        (path, stages): Staged<'_>,
    ) -> Result<Option<Renamed>, Failure> {
        let (by, before, renamed) = match stages {
            [Some(before), Some(ours), None] => (MergeSide::Ours, before, ours),
            [Some(before), None, Some(theirs)] => (MergeSide::Theirs, before, theirs),
            _ => return Ok(None),
        };
        let &Places {
            reader,
            commits,
            sides,
            base_path,
        } = places;
        let base = reader.tree_of(commits.base)?;
        let mut found = None;
        for (name, from, _) in sides.base().paths() {
            let Some(from) = from.filter(|_| !sides.has_document(by, name)) else {
                continue;
            };
            let from = join(base_path, from);
            if reader.entry(base, &from)?.map(|entry| entry.id) != Some(before) {
                continue;
            }
            let Some(stays_as) = places.path(other(by), name) else {
                continue;
            };
            // Which of two that are alike it was, can't be told.
            if found.is_some() {
                return Ok(None);
            }
            let text = |side| match sides.document_on(side, name) {
                Ok(Some(document)) => Some(document.text().to_owned()),
                _ => None,
            };
            found = Some(Renamed {
                by,
                from,
                to: path.to_owned(),
                stays_as,
                changed: [renamed != before, text(MergeSide::Base) != text(other(by))],
            });
        }
        Ok(found)
    }

    /// Of a file that Git has as renamed on both sides, each of which it calls otherwise. Its texts are merged then.
    pub(super) fn on_both_sides(
        places: &Places<'_>,
        (path, stages): Staged<'_>,
        unmerged: &[Staged<'_>],
    ) -> Option<Renamed> {
        let twin = match stages {
            [None, Some(ours), None] => [None, None, Some(ours)],
            [None, None, Some(theirs)] => [None, Some(theirs), None],
            _ => return None,
        };
        let mut twins = unmerged.iter().filter(|(_, stages)| *stages == twin);
        let (Some((twin, _)), None) = (twins.next(), twins.next()) else {
            return None;
        };
        let (ours, theirs) = match stages {
            [_, Some(_), _] => (path, *twin),
            _ => (*twin, path),
        };
        let of = |by, stays_as: &str, to: &str| {
            let mut documents = places.sides.side(other(by)).paths();
            let (name, ..) = documents.find(|(_, before, _)| {
                before.is_some_and(|before| join(places.base_path, before) == stays_as)
            })?;
            let from = places.path(MergeSide::Base, name)?;
            let is_gone = |(path, stages): &Staged<'_>| {
                *path == from && matches!(stages, [Some(_), None, None])
            };
            let is_it = !places.sides.has_document(by, name) && unmerged.iter().any(is_gone);
            is_it.then(|| Renamed {
                by,
                from,
                to: to.to_owned(),
                stays_as: stays_as.to_owned(),
                changed: [false; 2],
            })
        };
        of(MergeSide::Theirs, ours, theirs).or_else(|| of(MergeSide::Ours, theirs, ours))
    }

    pub(super) fn why(&self) -> String {
        let Renamed {
            by,
            from,
            to,
            stays_as,
            changed: [by_it, by_other],
        } = self;
        let (by, other) = names(*by);
        let (new, old) = (quoted(to), quoted(stays_as));
        let bring = |is_changed: bool, whose: &str, into: &str| {
            let bring = format!("bring what {whose} changed into {into}, then ");
            if is_changed { bring } else { String::new() }
        };
        let (to_new, to_old) = (bring(*by_other, other, to), bring(*by_it, by, stays_as));
        format!(
            "{by} renamed {from} to {to}, and {other} has it as {stays_as}, where a step moved it: for the new name, \
             {to_new}`git add {new} && git rm {old}`; for the old one, {to_old}`git add {old} && git rm {new}`"
        )
    }
}

impl Places<'_> {
    /// Where a side has a document.
    fn path(&self, side: MergeSide, name: &DocumentName) -> Option<String> {
        let mut paths = self.sides.side(side).paths();
        let there = paths.find_map(|(known, before, _)| before.filter(|_| known == name));
        there.map(|there| join(self.base_path, there))
    }
}

/// A side and the other one, in Git's words.
pub(super) fn names(side: MergeSide) -> (&'static str, &'static str) {
    match side {
        MergeSide::Ours => ("ours", "theirs"),
        _ => ("theirs", "ours"),
    }
}

pub(super) fn other(side: MergeSide) -> MergeSide {
    match side {
        MergeSide::Ours => MergeSide::Theirs,
        _ => MergeSide::Ours,
    }
}
