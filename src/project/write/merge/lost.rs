//! Documents that a side no longer has, or has under another name.

use super::documents::{Lost, Merger, whole};
use super::error::MergeBranchError;
use super::model::MergeConflict;
use super::rename::{Renamed, Renames};
use crate::catalog::DocumentName;
use crate::merge::{ConflictKind, Side};
use crate::ocl::Document;
use crate::project::read::merge_side::{ConflictSide, MergeSide};

impl Merger<'_> {
    /// Decides on a document that one side no longer has, and the other one changed.
    pub(super) fn lost(&mut self, lost: Lost, renames: &Renames) -> Result<(), MergeBranchError> {
        let Lost {
            name,
            lost_by,
            documents,
        } = lost;
        let renamed = renames.to(&name, lost_by);
        if let Some(renamed) = renamed.filter(|_| self.follow_renames)
            && let Some((new_name, new)) = renames.free(renamed)
            && let Some(base) = &documents.base
        {
            return match (lost_by, &documents.ours, &documents.theirs) {
                (MergeSide::Theirs, Some(ours), _) => {
                    let from = vec![
                        (MergeSide::Ours, name.clone()),
                        (MergeSide::Theirs, new_name.clone()),
                    ];
                    self.merged.outcomes.retain(|(known, _)| known != new_name);
                    self.remove(&name);
                    self.merge((new_name, &name), [base, ours, new], from)
                }
                (_, _, Some(theirs)) => {
                    let from = vec![
                        (MergeSide::Ours, new_name.clone()),
                        (MergeSide::Theirs, name.clone()),
                    ];
                    self.merge((new_name, &name), [base, new, theirs], from)
                }
                _ => Ok(()),
            };
        }
        // Under which name alone the side that lost it has it: who takes the other side's takes that one's name with it.
        let free = renamed.and_then(|renamed| renames.free(renamed));
        let free = free.map(|(new_name, _)| new_name.clone());
        match self.settlement(&name) {
            Some(Side::Theirs) => {
                match &documents.theirs {
                    Some(theirs) => {
                        self.put(&name, theirs, vec![(MergeSide::Theirs, name.clone())]);
                    }
                    None => self.remove(&name),
                }
                if let Some(new_name) = free.filter(|_| lost_by == MergeSide::Ours) {
                    self.remove(&new_name);
                }
            }
            Some(_) => {
                if let Some(new_name) = free.filter(|_| lost_by == MergeSide::Theirs) {
                    let outcomes = &mut self.merged.outcomes;
                    outcomes.retain(|(known, _)| *known != new_name);
                }
            }
            None => {
                let told = |side: MergeSide, document: &Option<Document>| match document {
                    Some(document) => Some(whole(document)),
                    None if side == lost_by => renamed.map(elsewhere),
                    None => None,
                };
                let kind = match renamed {
                    Some(_) => ConflictKind::Identity,
                    None => ConflictKind::ChangedAndRemoved,
                };
                self.merged.conflicts.push(MergeConflict {
                    base_path: self.base_path().to_owned(),
                    kind,
                    base: told(MergeSide::Base, &documents.base),
                    ours: told(MergeSide::Ours, &documents.ours),
                    theirs: told(MergeSide::Theirs, &documents.theirs),
                    document: name,
                    selector: Default::default(),
                });
            }
        }
        Ok(())
    }

    /// Decides on a document that neither side has any more: each may have removed it, or given it a name of its own.
    pub(super) fn gone(&mut self, name: &DocumentName, renames: &Renames) {
        let [ours, theirs] =
            [MergeSide::Ours, MergeSide::Theirs].map(|side| renames.to(name, side));
        // A document that both sides have under its new name is merged there.
        let only = |renamed: Option<&Renamed>| Some(renames.free(renamed?)?.0.clone());
        let (only_ours, only_theirs) = (only(ours), only(theirs));
        if only_ours.is_none() && only_theirs.is_none() {
            return;
        }
        match self.settlement(name) {
            Some(Side::Theirs) => {
                if let Some(new_name) = only_ours {
                    self.remove(&new_name);
                }
            }
            Some(_) => {
                let outcomes = &mut self.merged.outcomes;
                outcomes.retain(|(known, _)| Some(known) != only_theirs.as_ref());
            }
            None => {
                let base = self.sides.document_on(MergeSide::Base, name);
                self.merged.conflicts.push(MergeConflict {
                    base_path: self.base_path().to_owned(),
                    kind: ConflictKind::Identity,
                    base: base.ok().flatten().as_ref().map(whole),
                    ours: ours.map(elsewhere),
                    theirs: theirs.map(elsewhere),
                    document: name.clone(),
                    selector: Default::default(),
                });
            }
        }
    }
}

/// A document under its new name as one side of a conflict.
fn elsewhere(renamed: &Renamed) -> ConflictSide {
    ConflictSide {
        text: renamed.name.to_string(),
        json: renamed.document.root().to_json(),
    }
}
