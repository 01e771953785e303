//! Which document may be another one under a new name.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{DocumentName, Identity};
use crate::ocl::Document;
use crate::project::read::merge_side::MergeSide;
use crate::project::read::merge_sides::MergeSides;
use crate::values::{Element, Values, resembling};

/// Documents under their new names, as far as they seem to be the same.
pub(super) struct Renames {
    /// By the old name and the side that renamed it.
    found: BTreeMap<(DocumentName, MergeSide), Renamed>,
}

/// A document under a new name.
pub(super) struct Renamed {
    pub(super) name: DocumentName,
    pub(super) document: Document,
    /// Whether the other side has another document of that name.
    is_taken: bool,
}

impl Renames {
    /// What a document seems to be called now on a side.
    pub(super) fn to(&self, name: &DocumentName, side: MergeSide) -> Option<&Renamed> {
        self.found.get(&(name.clone(), side))
    }

    /// The new name with its document, unless the other side has another document of that name.
    pub(super) fn free<'r>(
        &self,
        renamed: &'r Renamed,
    ) -> Option<(&'r DocumentName, &'r Document)> {
        (!renamed.is_taken).then_some((&renamed.name, &renamed.document))
    }
}

/// Looks, for each kind and side of `places`, among the documents that the side added for those that resemble one that it no longer has:
/// at least half of the values are the same, and no other resembles it as much.
pub(super) fn renames(sides: &MergeSides, places: &BTreeSet<(&str, MergeSide)>) -> Renames {
    let mut found = BTreeMap::new();
    for (kind, side) in places.iter().copied() {
        let other = match side {
            MergeSide::Theirs => MergeSide::Ours,
            _ => MergeSide::Theirs,
        };
        let has = |side: MergeSide, name: &DocumentName| sides.has_document(side, name);
        // Also those that the other side lost without changing them: each is the better match for its own new name.
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for name in sides.names().into_iter().filter(|name| name.kind() == kind) {
            match (has(MergeSide::Base, name), has(side, name)) {
                (true, false) => {
                    if let Ok(Some(document)) = sides.document_on(MergeSide::Base, name) {
                        old.push((name, document));
                    }
                }
                (false, true) => {
                    if let Ok(Some(document)) = sides.document_on(side, name) {
                        new.push((name, document));
                    }
                }
                _ => {}
            }
        }
        let identity = sides.ours().project().catalog().identity(kind);
        for (at_old, at_new) in resembling(&roots(&old, identity), &roots(&new, identity)) {
            let (name, document) = &new[at_new];
            let renamed = Renamed {
                name: (*name).clone(),
                document: document.clone(),
                is_taken: has(other, name),
            };
            found.insert((old[at_old].0.clone(), side), renamed);
        }
    }
    Renames { found }
}

fn roots<'d>(
    documents: &'d [(&DocumentName, Document)],
    identity: &'d Identity,
) -> Vec<Element<'d>> {
    let documents = documents.iter();
    let values = documents.map(|(_, document)| Values::of(document, identity));
    values.map(|values| values.root()).collect()
}
