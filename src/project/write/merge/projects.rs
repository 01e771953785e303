//! Which projects a merge is about: a repository may hold several, each with a version of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::error::MergeBranchError;
use super::model::NotRaised;
use crate::git::{ObjectId, Reader};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::layout::{is_project_at, projects_below};
use crate::project::read::merge_side::MergeSide;
use crate::project::read::moved::moved;

/// The projects that two commits have otherwise.
#[derive(Default)]
pub(super) struct Projects {
    /// The two; `None` where one of them can't be resolved.
    commits: Option<[ObjectId; 2]>,
    /// Where a commit holds several: the base path of the one that the merge begins with.
    first: Option<String>,
    /// Those that both sides changed, or of which it takes a merge to tell.
    both: Vec<String>,
    /// Those that only theirs changed, and has: the branch takes its files as they are.
    only_theirs: Vec<String>,
    /// All that theirs changed, added or removed.
    theirs: Vec<String>,
    /// Those that theirs changed or doesn't have, and that one side alone has no more.
    gone: Vec<(String, MergeSide)>,
}

/// A project that one side moved from one base path to another.
pub(super) struct Moved {
    pub(super) by: MergeSide,
    pub(super) from: String,
    pub(super) to: String,
}

impl Projects {
    /// Resolves the two, and looks where they and what they come from have projects.
    pub(super) fn find(
        project: &Project,
        ours: &str,
        theirs: &str,
    ) -> Result<Projects, MergeBranchError> {
        let repository = project.repository();
        match (repository.resolve(ours), repository.resolve(theirs)) {
            (Ok(ours), Ok(theirs)) => Projects::of(project, [ours, theirs]),
            // Reading the sides says why.
            _ => Ok(Projects::default()),
        }
    }

    /// The same of two commits, unless it is of them already.
    pub(super) fn again(
        self,
        project: &Project,
        commits: [ObjectId; 2],
    ) -> Result<Projects, MergeBranchError> {
        if self.commits == Some(commits) {
            return Ok(self);
        }
        let first = self.first;
        Ok(Projects {
            first,
            ..Projects::of(project, commits)?
        })
    }

    fn of(project: &Project, commits: [ObjectId; 2]) -> Result<Projects, MergeBranchError> {
        let [ours, theirs] = commits;
        let reader = project.repository().reader();
        let bases = project.repository().merge_bases(ours, theirs)?;
        let tree = |commit: ObjectId| reader.tree_of(commit);
        let bases = bases.into_iter().map(tree).collect::<Result<Vec<_>, _>>()?;
        let (ours, theirs) = (tree(ours)?, tree(theirs)?);
        let mut found = Projects {
            commits: Some(commits),
            ..Projects::default()
        };
        // Those that theirs has as before, and ours has no more.
        let mut gone_untouched = Vec::new();
        for folder in changed_folders(&reader, ours, theirs)? {
            let at = |tree: ObjectId| reader.folder(tree, &folder);
            let (our, their) = (at(ours)?, at(theirs)?);
            let of_bases = bases.iter().map(|base| at(*base));
            let of_bases = of_bases.collect::<Result<Vec<_>, _>>()?;
            let is_there = |tree| is_project_at(&reader, project.catalog(), tree, &folder);
            let is_in = [is_there(ours)?, is_there(theirs)?];
            let mut is_anywhere = is_in.contains(&true);
            let mut was_there = !bases.is_empty();
            for base in &bases {
                let is_there = is_there(*base)?;
                is_anywhere = is_anywhere || is_there;
                was_there = was_there && is_there;
            }
            let is_as_before = |side| of_bases.iter().all(|base| *base == side);
            if !is_anywhere {
                continue;
            }
            if is_as_before(their) {
                if was_there && is_in == [false, true] {
                    gone_untouched.push((folder, MergeSide::Ours));
                }
                continue;
            }
            found.theirs.push(folder.clone());
            match is_in {
                [false, true] if was_there => {
                    found.gone.push((folder.clone(), MergeSide::Ours));
                }
                [true, false] if was_there => {
                    found.gone.push((folder.clone(), MergeSide::Theirs));
                }
                _ => {}
            }
            if !is_as_before(our) {
                found.both.push(folder);
            } else if is_in[1] {
                found.only_theirs.push(folder);
            }
        }
        found.first = first(project, &reader, [ours, theirs], &found)?;
        // With nothing else to begin with, it is begun with where ours has it now.
        if found.theirs.is_empty() && found.first.is_none() {
            found.gone = gone_untouched;
        }
        Ok(found)
    }

    /// Where the one project that one side alone has no more is now: if that side moved it, and no other, as far as its files tell.
    pub(super) fn moved(&self, project: &Project) -> Result<Option<Moved>, MergeBranchError> {
        let (Some([ours, theirs]), [(from, by)]) = (self.commits, &*self.gone) else {
            return Ok(None);
        };
        let repository = project.repository();
        let [base] = repository.merge_bases(ours, theirs)?[..] else {
            return Ok(None);
        };
        let (mover, other) = match by {
            MergeSide::Ours => (ours, theirs),
            _ => (theirs, ours),
        };
        let reader = repository.reader();
        let moves = moved(project, &reader, base, mover)?;
        let [(was, to)] = &*moves else {
            return Ok(None);
        };
        let is_taken = reader.folder(reader.tree_of(other)?, to)?.is_some();
        Ok((was == from && !is_taken).then(|| Moved {
            by: *by,
            from: from.clone(),
            to: to.clone(),
        }))
    }

    /// Whether the branch has nothing of its own.
    pub(super) fn is_forward(&self, project: &Project) -> Result<bool, MergeBranchError> {
        let Some([ours, theirs]) = self.commits else {
            return Ok(false);
        };
        Ok(project.repository().merge_bases(ours, theirs)? == [ours])
    }

    /// The same without a project that is followed to where it was moved.
    pub(super) fn without(mut self, base_path: &str) -> Projects {
        for paths in [&mut self.both, &mut self.only_theirs, &mut self.theirs] {
            paths.retain(|path| path != base_path);
        }
        self
    }

    /// The project that the merge begins with: the one that was chosen, or the only one, or any of several.
    pub(super) fn first(&self, project: &Project) -> Project {
        match &self.first {
            Some(base_path) => project.at(base_path),
            None => project.clone(),
        }
    }

    /// Whether there are several, and none was chosen.
    pub(super) fn is_any_of_several(&self) -> bool {
        self.first.is_some()
    }

    /// The others that take a merge.
    pub(super) fn merged_beside<'p>(&'p self, first: &'p str) -> impl Iterator<Item = &'p String> {
        self.both.iter().filter(move |path| *path != first)
    }

    /// The others that theirs changed, added or removed.
    pub(super) fn changed_beside<'p>(&'p self, first: &'p str) -> impl Iterator<Item = &'p String> {
        self.theirs.iter().filter(move |path| *path != first)
    }

    /// The others of which the branch takes what theirs has.
    pub(super) fn taken_beside<'p>(&'p self, first: &'p str) -> impl Iterator<Item = &'p String> {
        self.only_theirs.iter().filter(move |path| *path != first)
    }
}

/// What becomes of the projects that a merge at a version wouldn't touch.
#[derive(Default)]
pub(super) struct Raising {
    /// Those that both sides have, below the version.
    pub(super) raised: Vec<String>,
    pub(super) not_raised: Vec<NotRaised>,
}

/// Looks for projects, but those that are `merged`, that a merge of two commits would leave below a version.
pub(super) fn to_raise(
    project: &Project,
    commits: [ObjectId; 2],
    merged: &[&str],
    target: u32,
) -> Result<Raising, MergeBranchError> {
    let reader = project.repository().reader();
    let below = |commit: ObjectId| -> Result<BTreeMap<String, u32>, MergeBranchError> {
        let folder = project.folder();
        let Some(tree) = reader.folder(reader.tree_of(commit)?, folder)? else {
            return Ok(BTreeMap::new());
        };
        let found = projects_below(&reader, project.catalog(), folder, tree)?;
        // What a broken marker states is told where the project is read.
        let found = found.into_iter();
        Ok(found
            .filter_map(|it| Some((it.base_path, it.version.ok()?)))
            .collect())
    };
    let [ours, theirs] = commits;
    let bases = project.repository().merge_bases(ours, theirs)?;
    let (ours, theirs) = (below(ours)?, below(theirs)?);
    let bases = bases
        .into_iter()
        .map(below)
        .collect::<Result<Vec<_>, _>>()?;
    let all: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let mut raising = Raising::default();
    for base_path in all {
        let versions = [ours.get(base_path), theirs.get(base_path)];
        let highest = versions.into_iter().flatten().max();
        let Some(version) = highest.filter(|version| **version < target) else {
            continue;
        };
        if merged.contains(&base_path.as_str()) {
            continue;
        }
        if let [Some(_), Some(_)] = versions {
            raising.raised.push(base_path.clone());
        } else if !bases.iter().any(|base| base.contains_key(base_path)) {
            // What a side removed is gone afterwards.
            raising.not_raised.push(NotRaised {
                base_path: base_path.clone(),
                version: *version,
            });
        }
    }
    Ok(raising)
}

/// The project to begin with, where a commit holds several and none was chosen.
fn first(
    project: &Project,
    reader: &Reader,
    trees: [ObjectId; 2],
    found: &Projects,
) -> Result<Option<String>, MergeBranchError> {
    if project.base_path().is_some() {
        return Ok(None);
    }
    let folder = project.folder();
    let below = |tree| -> Result<BTreeSet<String>, MergeBranchError> {
        let Some(tree) = reader.folder(tree, folder)? else {
            return Ok(BTreeSet::new());
        };
        let found = projects_below(reader, project.catalog(), folder, tree)?;
        Ok(found.into_iter().map(|found| found.base_path).collect())
    };
    let [ours, theirs] = trees;
    let (ours, theirs) = (below(ours)?, below(theirs)?);
    if ours.len() < 2 && theirs.len() < 2 {
        return Ok(None);
    }
    if project.has_chosen_key() {
        let base_paths = ours.union(&theirs).cloned().collect();
        return Err(LoadError::SeveralProjects { base_paths }.into());
    }
    let is_there = |path: &&String| ours.contains(*path) || theirs.contains(*path);
    let mut both = found.both.iter().filter(is_there);
    let first = both.next().or_else(|| ours.intersection(&theirs).next());
    let first = first.or(found.only_theirs.first());
    Ok(first.or(ours.first()).cloned())
}

/// The folders above all files that two trees have otherwise, the top among them.
fn changed_folders(
    reader: &Reader,
    one: ObjectId,
    other: ObjectId,
) -> Result<BTreeSet<String>, MergeBranchError> {
    let mut folders = BTreeSet::new();
    for difference in reader.differences(Some(one), Some(other))? {
        // What isn't UTF-8 is refused where files are merged.
        let Some(path) = difference.path.as_str() else {
            continue;
        };
        let ends = path.rmatch_indices('/').map(|(end, _)| end);
        for folder in ends.map(|end| &path[..end]) {
            if !folders.insert(folder.to_owned()) {
                break;
            }
        }
        folders.insert(String::new());
    }
    Ok(folders)
}
