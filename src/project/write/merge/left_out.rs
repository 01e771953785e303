//! What a partial clone left out of the sides of a merge, told together.

use std::path::Path;

use super::error::MergeBranchError;
use crate::git;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::left_out::told_together_of;
use crate::project::read::merge_sides_error::MergeSidesError;
use crate::project::write::draft_error::DraftError;

/// An error that one object was left out becomes one that names all of those that both sides, and what they come from, have below the
/// project's folder.
pub(super) fn told_together(
    project: &Project,
    branch: &str,
    theirs: &str,
    error: MergeBranchError,
) -> MergeBranchError {
    let Some(git_dir) = git_dir(&error) else {
        return error;
    };
    let all = || -> Result<Option<LoadError>, git::Error> {
        let repository = project.repository();
        let (ours, theirs) = (repository.resolve(branch)?, repository.resolve(theirs)?);
        let commits = repository.merge_bases(ours, theirs)?.into_iter();
        let reader = repository.reader();
        let trees = commits.chain([ours, theirs]);
        let trees = trees.map(|commit| reader.tree_of(commit));
        let trees = trees.collect::<Result<Vec<_>, _>>()?;
        told_together_of(&reader, trees, project.folder(), git_dir)
    };
    match all() {
        Ok(Some(all)) => all.into(),
        _ => error,
    }
}

/// The partial clone, if the error is about what that left out.
fn git_dir(error: &MergeBranchError) -> Option<&Path> {
    match error {
        MergeBranchError::Git(error)
        | MergeBranchError::Sides(MergeSidesError::Git(error))
        | MergeBranchError::Sides(MergeSidesError::Load {
            source: LoadError::Git(error),
            ..
        })
        | MergeBranchError::Draft(DraftError::Load(LoadError::Git(error))) => of_git(error),
        MergeBranchError::Sides(MergeSidesError::Load {
            source: LoadError::LeftOut { git_dir, .. },
            ..
        })
        | MergeBranchError::Draft(DraftError::Load(LoadError::LeftOut { git_dir, .. })) => {
            Some(git_dir)
        }
        MergeBranchError::InProject { source, .. } => self::git_dir(source),
        _ => None,
    }
}

fn of_git(error: &git::Error) -> Option<&Path> {
    match error {
        git::Error::LeftOutOfPartialClone { git_dir, .. } => Some(git_dir),
        _ => None,
    }
}
