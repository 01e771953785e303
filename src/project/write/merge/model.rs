//! How to merge, and what comes out.

use crate::catalog::DocumentName;
use crate::catalog::selector::Selector;
use crate::engine::join;
use crate::git::GitProgram;
use crate::merge::{Conflict, ConflictKind};
use crate::project::read::merge_side::ConflictSide;
use crate::project::read::merge_sides::MergeSides;
use crate::project::write::draft::Draft;
use crate::project::write::merged_in::MergedIn;
use crate::values::{Address, Element};

/// How to merge.
#[derive(Debug, Clone, Default)]
pub struct MergeOptions {
    /// The version to merge at; the highest of the two sides and of the commit that both come from, unless said otherwise. Other
    /// projects of the repository that are below it, and that both sides have, are brought there, too.
    pub target: Option<u32>,
    /// Conflicts at and below these addresses are settled as the branch has it. A document's name alone is all of it; the path of a
    /// file that isn't a document is that file; `**` is all there is.
    pub ours: Vec<Address>,
    /// The same, as the other side has it. Where addresses on both sides fit, the one of more names counts; as many on both sides are
    /// refused.
    pub theirs: Vec<Address>,
    /// Where one side gave a document or a block another name, and the other side changed it: takes both to be one.
    pub follow_renames: bool,
    /// Makes a commit also where the branch could just move forward.
    pub always_commit: bool,
    /// Also tells every value that isn't the same on both sides, in the commit that they come from, and in the outcome: see
    /// [`Merging::rows`].
    pub rows: bool,
    /// Merges the files that aren't documents, where both sides changed some.
    pub git: Option<GitProgram>,
    /// Refuses a merge that would change another project of the repository, before it is told what that has: for who may write to one
    /// project alone.
    pub only_this_project: bool,
}

/// What a merge comes to. Nothing is written before its draft is committed.
#[must_use = "nothing is merged before the draft is committed"]
pub struct Merging {
    /// The branch with the outcome; `None` while there are conflicts.
    pub draft: Option<Draft>,
    /// The version of the merge.
    pub target: u32,
    /// What a person must decide about documents.
    pub conflicts: Vec<MergeConflict>,
    /// What a person must decide about other files.
    pub file_conflicts: Vec<FileConflict>,
    /// The values that aren't the same everywhere, of the documents that the merge changes or that are in conflict; only where they
    /// were asked for.
    pub rows: Vec<MergedRow>,
    /// The documents that the merge changes on the branch.
    pub changed: Vec<DocumentName>,
    /// Whether the branch only moves forward to the other side's commit.
    pub is_forward: bool,
    /// The base path of the project that the above is about.
    pub base_path: String,
    /// Whether the repository holds several projects, and none was chosen.
    pub is_one_of_several: bool,
    /// The other projects that it merges, each at a version of its own. Of those that only the other side changed, the branch takes the
    /// files as they are.
    pub beside: Vec<MergedBeside>,
    /// The base paths of the other projects that only the other side changed, added or removed: the branch takes what that has.
    pub taken: Vec<String>,
    /// The projects that stay below the version that was asked for, since only one side has them.
    pub not_raised: Vec<NotRaised>,
}

/// A project that a merge at a version leaves below that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRaised {
    /// Its base path.
    pub base_path: String,
    /// Its version.
    pub version: u32,
}

/// Another project of the repository that a merge merges, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedBeside {
    /// Its base path.
    pub base_path: String,
    /// Its version afterwards.
    pub target: u32,
    /// The documents that the merge changes on the branch.
    pub changed: Vec<DocumentName>,
}

/// A conflict in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeConflict {
    /// The base path of its project.
    pub base_path: String,
    /// The document.
    pub document: DocumentName,
    /// What is in conflict; empty for the document as a whole.
    pub selector: Selector,
    /// What kind of decision is needed.
    pub kind: ConflictKind,
    /// What the commit has that both come from.
    pub base: Option<ConflictSide>,
    /// What the branch has.
    pub ours: Option<ConflictSide>,
    /// What the other side has.
    pub theirs: Option<ConflictSide>,
}

/// A value of a document of a merge: what there is in each, as it prints; several where only their order in a list tells them apart,
/// and none where there is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedRow {
    /// The base path of its project.
    pub base_path: String,
    /// The document.
    pub document: DocumentName,
    /// Where; empty for the document as a whole.
    pub selector: Selector,
    /// What kind of decision is needed, if one is.
    pub conflict: Option<ConflictKind>,
    /// In the commit that both sides come from.
    pub base: Vec<String>,
    /// On the branch.
    pub ours: Vec<String>,
    /// On the other side.
    pub theirs: Vec<String>,
    /// In the outcome; of a conflict, as on the branch.
    pub result: Vec<String>,
}

/// A conflict in a file that isn't a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileConflict {
    /// Its path in the repository.
    pub path: String,
    /// What Git says of it.
    pub message: String,
}

impl Merging {
    /// The branch only moves forward.
    pub(super) fn forward(sides: MergeSides, named: &str) -> Merging {
        let base_path = sides.theirs().base_path().to_owned();
        let target = sides.target();
        let (_, ours, theirs) = sides.into_parts();
        let merged_in = MergedIn::forward(theirs.commit(), named);
        let expected = ours.tip().map(|tip| tip.commit);
        let draft = Draft {
            expected,
            merged_in: Some(merged_in),
            ..Draft::of(theirs.called(ours.ref_name()))
        };
        Merging {
            draft: Some(draft),
            target,
            conflicts: Vec::new(),
            file_conflicts: Vec::new(),
            rows: Vec::new(),
            changed: Vec::new(),
            is_forward: true,
            base_path,
            is_one_of_several: false,
            beside: Vec::new(),
            taken: Vec::new(),
            not_raised: Vec::new(),
        }
    }

    /// The same with other projects of which the branch takes what the other side has.
    pub(super) fn taking(mut self, taken: Vec<Draft>) -> Merging {
        if let Some(draft) = &mut self.draft {
            draft.beside.extend(taken);
        }
        self
    }

    /// Whether a person must decide something first.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        !self.conflicts.is_empty() || !self.file_conflicts.is_empty()
    }
}

impl MergeConflict {
    pub(super) fn of(
        base_path: &str,
        document: &DocumentName,
        conflict: &Conflict<'_>,
    ) -> MergeConflict {
        let side = |element: &Option<Element<'_>>| {
            element.as_ref().map(|element| ConflictSide {
                text: conflict.told(element),
                json: element.content().to_json(),
            })
        };
        MergeConflict {
            base_path: base_path.to_owned(),
            document: document.clone(),
            selector: conflict.selector(),
            kind: conflict.kind,
            base: side(&conflict.base),
            ours: side(&conflict.ours),
            theirs: side(&conflict.theirs),
        }
    }

    /// Its address below the base path of its project, as it is told apart from those of other projects.
    #[must_use]
    pub fn address_in_repository(&self) -> Address {
        Address {
            document: join(&self.base_path, self.document.as_str()),
            selector: self.selector.clone(),
        }
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> Address {
        Address {
            document: self.document.to_string(),
            selector: self.selector.clone(),
        }
    }

    /// The three sides with their names: `base`, `ours`, `theirs`.
    #[must_use]
    pub fn sides(&self) -> [(&'static str, Option<&ConflictSide>); 3] {
        [
            ("base", self.base.as_ref()),
            ("ours", self.ours.as_ref()),
            ("theirs", self.theirs.as_ref()),
        ]
    }
}
