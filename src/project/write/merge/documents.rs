//! What becomes of each document.

use std::collections::BTreeSet;

use super::error::MergeBranchError;
use super::model::MergeConflict;
use super::rename::{Renamed, Renames, renames};
use super::settle::{Selections, Settlements};
use crate::catalog::selector::Selector;
use crate::catalog::{DocumentName, Identity};
use crate::merge::{Conflict, ConflictKind, Side, follow_renames, merge_settled};
use crate::ocl::Document;
use crate::project::read::befores::Befores;
use crate::project::read::merge_side::{ConflictSide, MergeSide};
use crate::project::read::merge_sides::{MergeSides, NotLifted, ThreeDocuments};
use crate::values::{Values, difference};

/// What becomes of a document on the branch, where it doesn't stay as it is.
pub(super) enum Outcome {
    /// It gets this text, which is made from these documents of the sides.
    Put {
        text: String,
        from: Vec<(MergeSide, DocumentName)>,
    },
    Remove,
}

/// What becomes of the documents.
#[derive(Default)]
pub(super) struct MergedDocuments {
    pub(super) outcomes: Vec<(DocumentName, Outcome)>,
    pub(super) conflicts: Vec<MergeConflict>,
    /// Documents that can't be brought to the version of the merge.
    pub(super) not_lifted: Vec<NotLifted>,
}

impl MergedDocuments {
    /// The names of those that the merge changes.
    pub(super) fn names(&self) -> Vec<DocumentName> {
        let names = self.outcomes.iter().map(|(name, _)| name.clone());
        names.collect()
    }
}

/// A document that one side no longer has, and the other one changed.
pub(super) struct Lost {
    pub(super) name: DocumentName,
    pub(super) lost_by: MergeSide,
    pub(super) documents: ThreeDocuments,
}

pub(super) fn merge_documents(
    sides: &MergeSides,
    settlements: &Settlements<'_>,
    follow_renames: bool,
) -> Result<MergedDocuments, MergeBranchError> {
    let mut merger = Merger {
        sides,
        settlements,
        merged: MergedDocuments::default(),
        lost: Vec::new(),
        gone: Vec::new(),
        follow_renames,
    };
    for name in sides.names() {
        merger.document(name)?;
    }
    let lost = std::mem::take(&mut merger.lost);
    let gone = std::mem::take(&mut merger.gone);
    let mut places: BTreeSet<_> = lost
        .iter()
        .map(|lost| (lost.name.kind(), lost.lost_by))
        .collect();
    for name in &gone {
        places.extend([MergeSide::Ours, MergeSide::Theirs].map(|side| (name.kind(), side)));
    }
    let renames = renames(sides, &places);
    for lost in lost {
        merger.lost(lost, &renames)?;
    }
    for name in gone {
        merger.gone(name, &renames);
    }
    let mut merged = merger.merged;
    merged
        .outcomes
        .sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(merged)
}

struct Merger<'m> {
    sides: &'m MergeSides,
    settlements: &'m Settlements<'m>,
    merged: MergedDocuments,
    lost: Vec<Lost>,
    /// Documents that neither side has any more.
    gone: Vec<&'m DocumentName>,
    follow_renames: bool,
}

impl<'m> Merger<'m> {
    fn identity(&self, name: &DocumentName) -> &'m Identity {
        let catalog = self.sides.ours().project().catalog();
        catalog.identity(name.kind())
    }

    fn base_path(&self) -> &'m str {
        self.sides.ours().base_path()
    }

    /// The side that is right about a document as a whole.
    fn settlement(&self, name: &DocumentName) -> Option<Side> {
        self.settlements.of_whole(self.base_path(), name)
    }

    fn document(&mut self, name: &'m DocumentName) -> Result<(), MergeBranchError> {
        use MergeSide::{Base, Ours, Theirs};
        let sides = self.sides;
        if !sides.has_document(Ours, name) && !sides.has_document(Theirs, name) {
            self.gone.push(name);
            return Ok(());
        }
        if sides.is_same(name, Base, Theirs) || sides.is_same(name, Ours, Theirs) {
            return Ok(());
        }
        if sides.is_open(Ours, name) {
            return Ok(());
        }
        if sides.is_same(name, Base, Ours) {
            match sides.document_on(Theirs, name) {
                Ok(Some(theirs)) => self.put(name, &theirs, vec![(Theirs, name.clone())]),
                Ok(None) => self.remove(name),
                Err(error) => self.merged.not_lifted.push(error),
            }
            return Ok(());
        }
        let documents = match sides.document(name) {
            Ok(documents) => documents,
            Err(error) => {
                self.merged.not_lifted.push(error);
                return Ok(());
            }
        };
        if sides.is_open(Base, name) {
            self.open(name, &documents);
            return Ok(());
        }
        match &documents {
            ThreeDocuments {
                base,
                ours: Some(ours),
                theirs: Some(theirs),
            } => {
                let empty = Document::parse("", ours.dialect());
                let empty = empty.expect("an empty text is a document");
                let base = base.as_ref().unwrap_or(&empty);
                let from = vec![(Ours, name.clone()), (Theirs, name.clone())];
                self.merge((name, name), [base, ours, theirs], from)
            }
            ThreeDocuments {
                base: Some(base),
                ours: Some(changed),
                theirs: None,
            } => {
                if self.says_same(name, base, changed) {
                    self.remove(name);
                } else {
                    self.lost.push(Lost {
                        name: name.clone(),
                        lost_by: Theirs,
                        documents,
                    });
                }
                Ok(())
            }
            ThreeDocuments {
                base: Some(base),
                ours: None,
                theirs: Some(changed),
            } => {
                if !self.says_same(name, base, changed) {
                    self.lost.push(Lost {
                        name: name.clone(),
                        lost_by: Ours,
                        documents,
                    });
                }
                Ok(())
            }
            // Both have one text, or neither has the document.
            ThreeDocuments { theirs: None, .. } => Ok(()),
            ThreeDocuments {
                theirs: Some(theirs),
                ..
            } => {
                self.put(name, theirs, vec![(Theirs, name.clone())]);
                Ok(())
            }
        }
    }

    /// Decides on a document of which it can't be told what both sides come from.
    fn open(&mut self, name: &DocumentName, documents: &ThreeDocuments) {
        let text = |document: &Option<Document>| document.as_ref().map(|it| it.text().to_owned());
        if text(&documents.ours) == text(&documents.theirs) {
            return;
        }
        match self.settlement(name) {
            Some(Side::Theirs) => match &documents.theirs {
                Some(theirs) => self.put(name, theirs, vec![(MergeSide::Theirs, name.clone())]),
                None => self.remove(name),
            },
            Some(_) => {}
            None => self.merged.conflicts.push(MergeConflict {
                base_path: self.base_path().to_owned(),
                document: name.clone(),
                selector: Default::default(),
                kind: ConflictKind::BothChanged,
                base: None,
                ours: documents.ours.as_ref().map(whole),
                theirs: documents.theirs.as_ref().map(whole),
            }),
        }
    }

    fn says_same(&self, name: &DocumentName, one: &Document, other: &Document) -> bool {
        let identity = self.identity(name);
        let [one, other] = [one, other].map(|document| Values::of(document, identity));
        difference(one, other).is_empty()
    }

    fn put(
        &mut self,
        name: &DocumentName,
        document: &Document,
        from: Vec<(MergeSide, DocumentName)>,
    ) {
        let text = document.text().to_owned();
        let outcome = Outcome::Put { text, from };
        self.merged.outcomes.push((name.clone(), outcome));
    }

    fn remove(&mut self, name: &DocumentName) {
        self.merged.outcomes.push((name.clone(), Outcome::Remove));
    }

    /// Merges a document that both sides have; with the name that it has in the base.
    fn merge(
        &mut self,
        (name, in_base): (&DocumentName, &DocumentName),
        [base, ours, theirs]: [&Document; 3],
        from: Vec<(MergeSide, DocumentName)>,
    ) -> Result<(), MergeBranchError> {
        let identity = self.identity(name);
        let of = |side| {
            let mut names = from.iter().filter(|(of, _)| *of == side);
            names.next().map(|(_, name)| name)
        };
        let names = [Some(in_base), of(MergeSide::Ours), of(MergeSide::Theirs)];
        let befores = Befores::of(self.sides, names);
        let failed = |source| MergeBranchError::Document {
            name: name.clone(),
            source,
        };
        let followed = if self.follow_renames {
            let [base, ours, theirs] = befores.values([base, ours, theirs], identity);
            let followed = follow_renames(base, ours, theirs);
            followed.map_err(failed)?
        } else {
            None
        };
        let documents = match &followed {
            Some(followed) => followed.each_ref(),
            None => [base, ours, theirs],
        };
        let values = befores.values(documents, identity);
        let selections = Selections::of(values);
        let settle = |conflict: &Conflict<'_>| {
            let address = conflict.selector();
            let covers = |selector: &Selector| selections.covers(selector, &address);
            self.settlements.of(self.base_path(), name, covers)
        };
        let [base, merged_on, theirs] = values;
        let merged = merge_settled(base, merged_on, theirs, &settle);
        let merged = merged.map_err(failed)?;
        let conflicts = merged.conflicts().iter();
        let base_path = self.base_path();
        self.merged
            .conflicts
            .extend(conflicts.map(|it| MergeConflict::of(base_path, name, it)));
        // Under a new name, ours is put there too.
        if merged.document().text() != ours.text() || from.iter().any(|(_, of)| of != name) {
            self.put(name, merged.document(), from);
        }
        Ok(())
    }

    /// Decides on a document that one side no longer has, and the other one changed.
    fn lost(&mut self, lost: Lost, renames: &Renames) -> Result<(), MergeBranchError> {
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
    fn gone(&mut self, name: &DocumentName, renames: &Renames) {
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

/// A document as one side of a conflict.
fn whole(document: &Document) -> ConflictSide {
    let identity = Identity::none();
    let text = match Values::of(document, &identity).leaves().count() {
        1 => "1 value".to_owned(),
        count => format!("{count} values"),
    };
    ConflictSide {
        text,
        json: document.root().to_json(),
    }
}
