//! The check before a merge is committed: Git asks no driver about a file that only one side changed, so that it comes in the shape
//! of that side.

use crate::git::{ObjectId, Repository};
use crate::project::{MixedShape, Project};
use crate::text;

use super::super::failure::{Exit, Failure};
use super::super::global::{Global, SHORT_LIVED};
use super::super::output::Output;
use super::install::git;

pub(super) fn check(global: &Global, output: &mut Output) -> Result<Exit, Failure> {
    let repository = global.repository(SHORT_LIVED)?;
    let merged = heads(&repository)?;
    if merged.is_empty() {
        return Ok(Exit::Done);
    }
    let project = global.open()?;
    let found = mixed_shapes(&project, &merged)?;
    for mixed in &found {
        output.problem(text::visible(&mixed.to_string()));
    }
    if found.is_empty() {
        return Ok(Exit::Done);
    }
    output.hint(format_args!(
        "{program} resolve --stage, which brings these to the merge's version; then commit again: git commit",
        program = global.program()
    ));
    Ok(Exit::Failure)
}

/// What of the merge in the index is in the shape of another version than its marker states.
pub(in crate::cli) fn mixed_shapes(
    project: &Project,
    merged: &[ObjectId],
) -> Result<Vec<MixedShape>, Failure> {
    let repository = project.repository();
    let tree = git(repository, &["write-tree"])?;
    let Some(tree) = ObjectId::from_hex(tree.trim().as_bytes()) else {
        return Err(Failure::Other("`git write-tree` printed no tree".into()));
    };
    let mut parents = vec![repository.resolve("HEAD")?];
    parents.extend(merged);
    Ok(project.mixed_shapes(tree, &parents)?)
}

/// The commits that are being merged into the current one, picked or reverted; none where nothing of that kind is going on.
pub(in crate::cli) fn heads(repository: &Repository) -> Result<Vec<ObjectId>, Failure> {
    let mut found = Vec::new();
    for name in ["MERGE_HEAD", "CHERRY_PICK_HEAD"] {
        let file = repository.git_dir().join(name);
        let text = std::fs::read_to_string(file).unwrap_or_default();
        found.extend(
            text.lines()
                .filter_map(|line| ObjectId::from_hex(line.trim().as_bytes())),
        );
    }
    // Before Git commits a merge itself, it says so in no other way.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let id = name.strip_prefix("GITHEAD_");
        found.extend(id.and_then(|id| ObjectId::from_hex(id.as_bytes())));
    }
    let head = repository.resolve("HEAD").ok();
    found.sort();
    found.dedup();
    found.retain(|commit| Some(*commit) != head);
    Ok(found)
}
