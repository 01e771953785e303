//! The check before a merge is committed: Git asks no driver about a file that only one side changed, so that it comes in the shape
//! of that side.

use std::collections::HashMap;

use crate::catalog::{Catalog, MarkerError};
use crate::git::{EntryKind, ObjectId, Reader, Repository, Visit, WalkLimits};
use crate::merge::MarkedText;
use crate::project::{LoadError, MixedShape, Project, join};
use crate::text;

use super::super::failure::{Exit, Failure, quoted};
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
    let tree = staged_tree(&repository)?;
    let marked = marked(&project, tree)?;
    for path in &marked {
        output.problem(format_args!(
            "{}: there are conflict markers in it",
            text::visible_line(path)
        ));
    }
    if !marked.is_empty() {
        output.hint(format_args!(
            "settle them: {} resolve --stage {}",
            global.program_there(),
            marked
                .iter()
                .map(|path| quoted(path))
                .collect::<Vec<_>>()
                .join(" ")
        ));
        return Ok(Exit::Failure);
    }
    let parents = parents(&repository, &merged)?;
    let mut unstated = project.without_version(tree, &parents)?;
    let is_above = |error: &LoadError| matches!(error, LoadError::Plan(_));
    if let Some(above) = unstated.iter().position(is_above) {
        return Err(unstated.swap_remove(above).into());
    }
    if !unstated.is_empty() {
        for error in &unstated {
            output.problem(text::visible(&error.to_string()));
        }
        output.hint(unstated_hint(&unstated, &repository)?);
        return Ok(Exit::Failure);
    }
    let found = project.mixed_shapes(tree, &parents)?;
    for mixed in &found {
        output.problem(text::visible(&mixed.to_string()));
    }
    if found.is_empty() {
        return Ok(Exit::Done);
    }
    let (removed, mended): (Vec<_>, Vec<_>) = found.iter().partition(|mixed| mixed.is_removed);
    if !removed.is_empty() {
        let paths = removed.iter().map(|mixed| quoted(&mixed.path));
        output.hint(format_args!(
            "remove what that version has no place for: git rm {}",
            paths.collect::<Vec<_>>().join(" ")
        ));
    }
    // Where one can't be brought there, it is said what to do about it.
    if !mended.is_empty() && mended.iter().all(|mixed| mixed.mended.is_ok()) {
        output.hint(format_args!(
            "bring them to the merge's version, then commit again: {} resolve --stage && git commit",
            global.program_there()
        ));
    }
    Ok(Exit::Failure)
}

/// What to do about projects without a version: what a side has is better than what came out.
fn unstated_hint(unstated: &[LoadError], repository: &Repository) -> Result<String, Failure> {
    let mut hints = Vec::new();
    let reader = repository.reader();
    let head = reader.tree_of(repository.resolve("HEAD")?)?;
    for error in unstated {
        let path = match error {
            LoadError::Marker(MarkerError {
                path,
                also_at: Some(other),
                ..
            }) => {
                let (path, other) = (quoted(path), quoted(other));
                hints.push(format!(
                    "remove the one that is out of date, then commit again: git rm {path}, or git rm {other}"
                ));
                continue;
            }
            LoadError::Marker(error) => &error.path,
            LoadError::DocumentsWithoutMarker { marker, .. } => marker,
            _ => continue,
        };
        if reader.entry(head, path)?.is_some() {
            hints.push(format!(
                "if it is as it was, then commit again: git checkout HEAD -- {}",
                quoted(path)
            ));
        }
    }
    Ok(match &*hints {
        [] => "state the version, stage it, and commit again".to_owned(),
        hints => hints.join("\n    "),
    })
}

/// What of the merge in the index is in the shape of another version than its marker states.
pub(in crate::cli) fn mixed_shapes(
    project: &Project,
    merged: &[ObjectId],
) -> Result<Vec<MixedShape>, Failure> {
    let repository = project.repository();
    let tree = staged_tree(repository)?;
    Ok(project.mixed_shapes(tree, &parents(repository, merged)?)?)
}

fn staged_tree(repository: &Repository) -> Result<ObjectId, Failure> {
    let tree = git(repository, &["write-tree"])?;
    ObjectId::from_hex(tree.trim().as_bytes())
        .ok_or_else(|| Failure::Other("`git write-tree` printed no tree".into()))
}

fn parents(repository: &Repository, merged: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
    let mut parents = vec![repository.resolve("HEAD")?];
    parents.extend(merged);
    Ok(parents)
}

/// Documents and markers that a merge changed and that have conflict markers in them. In a heredoc, these are OCL.
fn marked(project: &Project, tree: ObjectId) -> Result<Vec<String>, Failure> {
    let (repository, folder) = (project.repository(), project.folder());
    let reader = repository.reader();
    let head = reader.tree_of(repository.resolve("HEAD")?)?;
    let mut found = Vec::new();
    let Some(below) = reader.entry(tree, folder)? else {
        return Ok(found);
    };
    let mut claimed = Claimed {
        reader: &reader,
        catalog: project.catalog(),
        tree,
        projects: HashMap::new(),
    };
    reader.walk(
        below.id,
        WalkLimits::default(),
        |entry| -> Result<Visit, Failure> {
            let path = join(folder, &entry.path.to_string());
            let before = reader.entry(head, &path)?;
            if before.is_some_and(|before| before.id == entry.id) {
                return Ok(Visit::SkipTree);
            }
            let is_file = matches!(entry.kind, EntryKind::Blob | EntryKind::Executable);
            if is_file && claimed.has(&path)? {
                let bytes = reader.blob(entry.id)?;
                let marked = std::str::from_utf8(&bytes).ok().map(MarkedText::parse);
                let is_marked = match marked {
                    Some(Ok(marked)) => marked.open().next().is_some(),
                    Some(Err(_)) => true,
                    None => false,
                };
                found.extend(is_marked.then_some(path));
            }
            Ok(Visit::Continue)
        },
    )?;
    Ok(found)
}

/// Which files of a tree belong to a project.
struct Claimed<'r> {
    reader: &'r Reader,
    catalog: &'r Catalog,
    tree: ObjectId,
    /// Whether folders have a marker.
    projects: HashMap<String, bool>,
}

impl Claimed<'_> {
    /// Whether a file is a document or a marker of a project that it lies in.
    fn has(&mut self, path: &str) -> Result<bool, Failure> {
        let folders = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        for folder in folders.chain([""]) {
            let below = path.strip_prefix(folder).unwrap_or(path);
            let below = below.trim_start_matches('/');
            let is_marker = || self.catalog.marker_paths().any(|marker| marker == below);
            let is_claimed = is_marker() || self.catalog.has_document_at(below);
            if is_claimed && self.is_project(folder)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_project(&mut self, folder: &str) -> Result<bool, Failure> {
        if let Some(known) = self.projects.get(folder) {
            return Ok(*known);
        }
        let mut is_project = false;
        for marker in self.catalog.marker_paths() {
            is_project |= self
                .reader
                .entry(self.tree, &join(folder, marker))?
                .is_some();
        }
        self.projects.insert(folder.to_owned(), is_project);
        Ok(is_project)
    }
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
