//! What a merge is to be compared with: the project as its parents have it and as what they come from has it, wherever it is there.

use super::places::{Places, moved_from, project_at};
use super::values::{self, Found, Further, Sides};
use super::walk::{Before, Change};
use crate::git::ObjectId;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::text::short_id;

/// Why a merge can't be looked at, or what came of it.
type OrReason<T> = Result<T, String>;

/// What came of looking at a merge.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) found: Vec<Found>,
    /// Where the parents have the project, if something is wrong.
    pub(super) parent_base_paths: Vec<Option<String>>,
    /// The project as the merge has it, if something is wrong: it may be elsewhere.
    pub(super) result: Option<Before>,
}

/// What a merge dropped, lost or doubled. The outer error is Git's or a side's, the inner one says why nothing can be compared.
pub(super) fn look(project: &Project, change: &Change) -> Result<OrReason<Looked>, LoadError> {
    let parents = &change.parents;
    // What each parent and those before it come from.
    let repository = project.repository();
    let mut bases = Vec::with_capacity(parents.len());
    for (at, parent) in parents.iter().enumerate().skip(1) {
        bases.push(repository.merge_bases_of(*parent, &parents[..at])?);
    }
    let result = change.state.map(|state| Before {
        base_path: change.base_path.clone(),
        commit: change.commit,
        tree: change.tree,
        state,
    });
    let mut places = Places::of(project, &change.base_path, &[])?;
    let is_everywhere = |commits: &mut dyn Iterator<Item = &ObjectId>| -> Result<bool, LoadError> {
        for commit in commits {
            if project_at(project, *commit, &change.base_path)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let mut commits = parents.iter().chain(bases.iter().flatten());
    let result = if result.is_some() && is_everywhere(&mut commits)? {
        result
    } else {
        places = Places::of(project, &change.base_path, &steps(change, &bases))?;
        let found = match places.project_at(project, change.commit)? {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        if is_told_elsewhere(project, change, &places, found.as_ref())? {
            return Ok(Ok(Looked::default()));
        }
        found
    };
    let looking = Looking {
        project,
        places,
        change,
        result,
    };
    let found = match (parents.as_slice(), bases.as_slice()) {
        ([ours, theirs], [bases]) => looking.two([*ours, *theirs], bases)?,
        _ => looking.many(&bases)?,
    };
    let found = match found {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut looked = Looked {
        found,
        ..Looked::default()
    };
    if !looked.found.is_empty() {
        looked.result = looking.result.clone();
        for parent in parents {
            let there = looking.at(*parent)?.ok().flatten();
            let base_path = there.map(|there| there.base_path);
            looked.parent_base_paths.push(base_path);
        }
    }
    Ok(Ok(looked))
}

/// From which commit to which a project may have moved.
fn steps(change: &Change, bases: &[Vec<ObjectId>]) -> Vec<(ObjectId, ObjectId)> {
    let mut steps = Vec::new();
    for base in bases.iter().flatten() {
        steps.extend(change.parents.iter().map(|parent| (*base, *parent)));
    }
    let parents = change.parents.iter();
    steps.extend(parents.map(|parent| (*parent, change.commit)));
    steps
}

/// Whether the same project is looked at under another base path: where the merge has it, or else where the first parent does.
fn is_told_elsewhere(
    project: &Project,
    change: &Change,
    places: &Places,
    result: Option<&Before>,
) -> Result<bool, LoadError> {
    let mut told_at = result.map(|result| result.base_path.clone());
    for parent in &change.parents {
        if told_at.is_none()
            && let Ok(Some(found)) = places.project_at(project, *parent)?
        {
            told_at = Some(found.base_path);
        }
    }
    // Only what lies in the folder of the projects, or was chosen, is looked at.
    let is_looked_at = |path: &str| match project.base_path() {
        Some(chosen) => path == chosen,
        None => {
            let rest = path.strip_prefix(project.folder());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
    };
    Ok(told_at.is_some_and(|path| path != change.base_path && is_looked_at(&path)))
}

struct Looking<'l> {
    project: &'l Project,
    places: Places,
    change: &'l Change,
    result: Option<Before>,
}

impl Looking<'_> {
    fn at(&self, commit: ObjectId) -> Result<OrReason<Option<Before>>, LoadError> {
        self.places.project_at(self.project, commit)
    }

    /// What sides come from. Several commits that have the same are as good as one.
    fn at_bases(&self, bases: &[ObjectId]) -> Result<OrReason<Vec<Option<Before>>>, LoadError> {
        let mut known = Vec::with_capacity(bases.len());
        for base in bases {
            match self.at(*base)? {
                Ok(base) => known.push(base),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        known.dedup_by_key(|base: &mut Option<Before>| values::state(base.as_ref()));
        Ok(Ok(known))
    }

    /// A merge of two. Where they come from several commits, what is told is wrong whichever of these is taken.
    fn two(
        &self,
        commits: [ObjectId; 2],
        bases: &[ObjectId],
    ) -> Result<OrReason<Vec<Found>>, LoadError> {
        let [ours, theirs] = commits;
        let (Ok(ours), Ok(theirs)) = (self.at(ours)?, self.at(theirs)?) else {
            return Ok(Err("where a side has the project can't be told".to_owned()));
        };
        if ours.is_none() && theirs.is_none() {
            return Ok(Ok(Vec::new()));
        }
        let mut known = match self.at_bases(bases)? {
            Ok(known) => known,
            Err(reason) => return Ok(Err(reason)),
        };
        if known.is_empty() {
            if ours.is_some() && theirs.is_some() {
                return Ok(Err("its sides have no commit in common".to_owned()));
            }
            known.push(None);
        }
        let mut common: Option<Vec<Found>> = None;
        for base in known {
            let found = match self.sides(commits, bases, [base, ours.clone(), theirs.clone()])? {
                Ok(sides) => values::look(self.project, &sides, &self.result)?,
                Err(reason) => return Ok(Err(reason)),
            };
            common = Some(match common {
                None => found,
                Some(mut known) => {
                    known.retain(|it| found.iter().any(|other| is_same(it, other)));
                    known
                }
            });
        }
        Ok(Ok(common.unwrap_or_default()))
    }

    /// What to compare with, where a side may have removed the project.
    fn sides(
        &self,
        commits: [ObjectId; 2],
        bases: &[ObjectId],
        [base, ours, theirs]: Sides,
    ) -> Result<OrReason<Sides>, LoadError> {
        let kept = match (&ours, &theirs) {
            (Some(kept), None) | (None, Some(kept)) => kept.clone(),
            _ => return Ok(Ok([base, ours, theirs])),
        };
        let is_kept = values::state(self.result.as_ref()) == Some(kept.state);
        match &base {
            Some(base) if base.state != kept.state => {
                if self.result.is_none() {
                    let kept = short_id(&kept.commit);
                    return Ok(Err(format!(
                        "{kept} changed the project, and the other side removed it, or moved it beyond recognition"
                    )));
                }
                // Who keeps it decided against the removal.
                let or_base = |side: Option<Before>| side.or_else(|| Some(base.clone()));
                return Ok(Ok([Some(base.clone()), or_base(ours), or_base(theirs)]));
            }
            None if !is_kept && let Some(first) = bases.first() => {
                let [one, other] = commits;
                let other = if kept.commit == one { other } else { one };
                let state = |commit, path: &str| -> Result<_, LoadError> {
                    let there = project_at(self.project, commit, path)?;
                    Ok(values::state(there.as_ref()))
                };
                for path in moved_from(self.project, *first, &kept)? {
                    if state(*first, &path)? != state(other, &path)? {
                        let (kept, other) = (short_id(&kept.commit), short_id(&other));
                        return Ok(Err(format!(
                            "{kept} may have moved the project here from {path:?}, and {other} changed it there"
                        )));
                    }
                }
            }
            _ => {}
        }
        Ok(Ok([base, ours, theirs]))
    }

    /// A merge of more than two.
    fn many(&self, bases: &[Vec<ObjectId>]) -> Result<OrReason<Vec<Found>>, LoadError> {
        let mut sides = Vec::with_capacity(self.change.parents.len());
        for parent in &self.change.parents {
            match self.at(*parent)? {
                Ok(side) => sides.push(side),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let mut sides = sides.into_iter();
        let first = sides.next().flatten();
        let mut further = Vec::with_capacity(bases.len());
        for (side, bases) in sides.zip(bases) {
            let known = match self.at_bases(bases)? {
                Ok(known) => known,
                Err(reason) => return Ok(Err(reason)),
            };
            let base = match <[Option<Before>; 1]>::try_from(known) {
                Ok([base]) => base,
                Err(known) if known.is_empty() => {
                    return Ok(Err("its parents have no commit in common".to_owned()));
                }
                Err(known) => {
                    return Ok(Err(format!(
                        "its parents come from {} commits that differ, as branches do that were merged into each other",
                        known.len()
                    )));
                }
            };
            further.push(Further { base, side });
        }
        let result = self.result.as_ref();
        values::look_at_many(self.project, first.as_ref(), &further, result).map(Ok)
    }
}

fn is_same((name, one): &Found, (other_name, other): &Found) -> bool {
    name == other_name && one.fault == other.fault && one.selector == other.selector
}
