//! What becomes of each document.

use std::collections::{BTreeSet, HashSet};

use super::error::MergeBranchError;
use super::model::MergeConflict;
use super::rename::renames;
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
    // A step may make two texts of one file.
    let untouched = if sides.ours().version().number() == sides.target() {
        sides.untouched()
    } else {
        HashSet::new()
    };
    for name in sides.names() {
        if !untouched.contains(name) {
            merger.document(name)?;
        }
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

pub(super) struct Merger<'m> {
    pub(super) sides: &'m MergeSides,
    pub(super) settlements: &'m Settlements<'m>,
    pub(super) merged: MergedDocuments,
    pub(super) lost: Vec<Lost>,
    /// Documents that neither side has any more.
    pub(super) gone: Vec<&'m DocumentName>,
    pub(super) follow_renames: bool,
}

impl<'m> Merger<'m> {
    fn identity(&self, name: &DocumentName) -> &'m Identity {
        let catalog = self.sides.ours().project().catalog();
        catalog.identity(name.kind())
    }

    pub(super) fn base_path(&self) -> &'m str {
        self.sides.ours().base_path()
    }

    /// The side that is right about a document as a whole.
    pub(super) fn settlement(&self, name: &DocumentName) -> Option<Side> {
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

    pub(super) fn put(
        &mut self,
        name: &DocumentName,
        document: &Document,
        from: Vec<(MergeSide, DocumentName)>,
    ) {
        let text = document.text().to_owned();
        let outcome = Outcome::Put { text, from };
        self.merged.outcomes.push((name.clone(), outcome));
    }

    pub(super) fn remove(&mut self, name: &DocumentName) {
        self.merged.outcomes.push((name.clone(), Outcome::Remove));
    }

    /// Merges a document that both sides have; with the name that it has in the base.
    pub(super) fn merge(
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
}

/// A document as one side of a conflict.
pub(super) fn whole(document: &Document) -> ConflictSide {
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
