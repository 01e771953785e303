//! Branches that were merged into each other: what they come from is itself a merge, of several commits.
//!
//! As Git does, these are merged with each other first, the oldest first, and so are those that they come from. What that leaves open
//! counts as different from both sides: a value there has a text that no document has, and a document in which more is open is
//! open as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::documents::{MergedDocuments, Outcome, merge_documents};
use super::error::MergeBranchError;
use super::model::{MergeConflict, MergeOptions};
use super::settle::Settlements;
use crate::catalog::DocumentName;
use crate::git::{ObjectId, Repository};
use crate::merge::ConflictKind;
use crate::ocl::Document;
use crate::project::open::Project;
use crate::project::read::load::LoadOptions;
use crate::project::read::merge_side::MergeSide;
use crate::project::read::merge_sides::{Made, MergeSides, Side, merge_sides, merge_sides_moved};
use crate::project::read::merge_sides_error::MergeSidesError;
use crate::values::{Element, ValueEdit, Values, edit_values};

/// What stands where the commits that both sides come from differ.
const OPEN: &str = "\u{fffd} the commits that both sides come from differ here \u{fffd}";

/// More commits than these aren't merged with each other.
const MOST_COMMITS: usize = 100;

/// What two commits come from.
enum Ancestor {
    One(ObjectId),
    /// Several, the oldest first; each but the first with what it and those before it come from.
    Several(ObjectId, Vec<(ObjectId, Ancestor)>),
}

impl Ancestor {
    /// `None` where a part of it has nothing in common, or where it takes more commits than `left`.
    fn of(
        repository: &Repository,
        ones: &[ObjectId],
        other: ObjectId,
        left: &mut usize,
    ) -> Result<Option<Ancestor>, MergeBranchError> {
        let mut bases = repository.merge_bases_of(other, ones)?;
        // The best comes first, and is merged last.
        bases.reverse();
        let Some(rest) = left.checked_sub(bases.len()) else {
            return Ok(None);
        };
        *left = rest;
        let mut commits = bases.into_iter();
        let Some(first) = commits.next() else {
            return Ok(None);
        };
        let (mut before, mut merged) = (vec![first], Vec::new());
        for commit in commits {
            let Some(ancestor) = Ancestor::of(repository, &before, commit, left)? else {
                return Ok(None);
            };
            merged.push((commit, ancestor));
            before.push(commit);
        }
        Ok(Some(if merged.is_empty() {
            Ancestor::One(first)
        } else {
            Ancestor::Several(first, merged)
        }))
    }

    fn commits(&self, found: &mut BTreeSet<ObjectId>) {
        match self {
            Ancestor::One(commit) => {
                found.insert(*commit);
            }
            Ancestor::Several(first, rest) => {
                found.insert(*first);
                for (commit, ancestor) in rest {
                    found.insert(*commit);
                    ancestor.commits(found);
                }
            }
        }
    }
}

/// Two sides, and the commit that both come from, or what several such commits come to. Where ours has moved the project, the others
/// have it `elsewhere`.
pub(super) fn sides(
    project: &Project,
    ours: &str,
    theirs: &str,
    elsewhere: Option<&str>,
    options: LoadOptions,
) -> Result<MergeSides, MergeBranchError> {
    let several = match merge_sides_moved(project, None, ours, theirs, elsewhere, options) {
        // A project that was moved is followed from one commit only.
        Err(error @ MergeSidesError::SeveralBases { .. }) if elsewhere.is_none() => error,
        sides => return Ok(sides?),
    };
    let repository = project.repository();
    let commit = |revision| repository.resolve(revision);
    let (our, their) = (commit(ours)?, commit(theirs)?);
    let mut left = MOST_COMMITS;
    let Some(ancestor) = Ancestor::of(repository, &[our], their, &mut left)? else {
        return Err(several.into());
    };
    let mut commits = BTreeSet::new();
    ancestor.commits(&mut commits);
    let load = |commit: ObjectId, options| {
        merge_sides(project, Some(&commit.to_string()), ours, theirs, options)
    };
    // All are read at the version that the highest of them needs.
    let mut options = options;
    let mut has_project = BTreeSet::new();
    for commit in &commits {
        let sides = load(*commit, LoadOptions { target: None })?;
        has_project.insert(sides.base().version().number() > 0);
        let target = options.target.unwrap_or(0);
        options.target = Some(target.max(sides.target()));
    }
    // A project that some of them don't have would be imported for those.
    if has_project.len() > 1 {
        return Err(several.into());
    }
    let maker = Maker {
        load: &|commit| Ok(load(commit, options)?.into_sides().0),
    };
    let (_, ours, theirs) = merge_sides(
        project,
        commits.first().map(ToString::to_string).as_deref(),
        ours,
        theirs,
        options,
    )?
    .into_sides();
    let base = maker.side(&ancestor)?;
    Ok(MergeSides::of(base, ours, theirs))
}

struct Maker<'m> {
    load: &'m dyn Fn(ObjectId) -> Result<Side, MergeBranchError>,
}

impl Maker<'_> {
    fn side(&self, ancestor: &Ancestor) -> Result<Side, MergeBranchError> {
        let (first, rest) = match ancestor {
            Ancestor::One(commit) => return (self.load)(*commit),
            Ancestor::Several(first, rest) => (first, rest),
        };
        let mut made = (self.load)(*first)?;
        for (commit, ancestor) in rest {
            let sides = MergeSides::of(self.side(ancestor)?, made, (self.load)(*commit)?);
            let options = MergeOptions::default();
            let merged = merge_documents(&sides, &Settlements::new(&options, None)?, false)?;
            let changes = changes(&sides, merged);
            let (_, ours, theirs) = sides.into_sides();
            made = ours.with(changes, theirs);
        }
        Ok(made)
    }
}

/// What a merge of two makes of the documents of the first.
fn changes(sides: &MergeSides, merged: MergedDocuments) -> BTreeMap<DocumentName, Made> {
    let mut made = BTreeMap::new();
    let parse = |text: &str| {
        let catalog = sides.ours().project().catalog();
        Document::parse(text, catalog.dialect_at(sides.target()))
    };
    for (name, outcome) in merged.outcomes {
        let outcome = match outcome {
            Outcome::Remove => Made::Nothing,
            Outcome::Put { text, .. } => match parse(&text) {
                Ok(document) => Made::Text(document),
                Err(_) => Made::Open,
            },
        };
        made.insert(name, outcome);
    }
    for not_lifted in merged.not_lifted {
        made.insert(not_lifted.name, Made::Open);
    }
    let mut conflicts: BTreeMap<DocumentName, Vec<MergeConflict>> = BTreeMap::new();
    for conflict in merged.conflicts {
        let name = conflict.document.clone();
        conflicts.entry(name).or_default().push(conflict);
    }
    for (name, conflicts) in conflicts {
        let text = match made.get(&name) {
            Some(Made::Text(document)) => Some(document.clone()),
            _ => sides.document_on(MergeSide::Ours, &name).ok().flatten(),
        };
        let open = text.and_then(|text| with_open_values(sides, &name, text, &conflicts));
        made.insert(name, open.map_or(Made::Open, Made::Text));
    }
    made
}

/// A document with [`OPEN`] at every value that is in conflict; `None` where it is about more than values.
fn with_open_values(
    sides: &MergeSides,
    name: &DocumentName,
    document: Document,
    conflicts: &[MergeConflict],
) -> Option<Document> {
    let identity = sides.ours().project().catalog().identity(name.kind());
    let values = Values::of(&document, identity);
    let mut edits = Vec::new();
    for conflict in conflicts {
        let is_value = matches!(
            conflict.kind,
            ConflictKind::BothChanged | ConflictKind::AddedDifferently
        );
        let element = values.find(&conflict.selector).ok()?;
        let mut chain = std::iter::successors(Some(&element), |element| element.parent());
        // A position in one document may be another in the other.
        if !is_value || element.value().is_none() || chain.any(Element::is_told_by_position) {
            return None;
        }
        edits.push(ValueEdit::set(conflict.selector.clone(), OPEN));
    }
    let mut editor = document.clone().edit();
    edit_values(&mut editor, identity, &edits).ok()?;
    Document::parse(editor.text(), document.dialect()).ok()
}

/// Tells the base of a conflict as open where it is.
pub(super) fn tell_open(conflict: &mut MergeConflict) {
    if let Some(base) = &mut conflict.base
        && base.text.contains(OPEN)
    {
        base.text = "several: the commits that both sides come from differ".to_owned();
        base.json = serde_json::Value::Null;
    }
}
