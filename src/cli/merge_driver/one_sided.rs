//! What one side of a merge removed and the other one changed, as far as the versions say which of the two is right.

use crate::catalog::Catalog;
use crate::git::{ObjectId, Repository};
use crate::project::{LoadOptions, MergeSide, join};

use super::super::failure::Failure;
use super::super::files;
use super::super::global::Global;
use super::check::heads;
use super::commits::Commits;
use super::marker::{base_path, of_a_marker};
use super::renamed::{Places, Renamed, Staged, names, other};

/// A file that Git leaves open as changed on one side and removed on the other, of which more is known.
pub(in crate::cli) enum OneSided {
    /// The marker lies elsewhere at the version of the merge.
    OldMarker { marker: String, version: u32 },
    /// The marker of a higher version than that of another one, which is staged.
    NewMarker { other: String, version: u32 },
    /// A document that one side only migrated, and that the other one removed.
    Migrated { by: MergeSide, version: u32 },
    /// A document that one side changed, and that lies elsewhere on the other one.
    Moved { by: MergeSide, to: String },
    /// A document that one side renamed, and that lies elsewhere on the other one.
    Renamed(Renamed),
}

impl OneSided {
    /// What is known of a file, by its path and by what the index has of it: base, ours and theirs; and of all files that aren't
    /// merged.
    pub(in crate::cli) fn of(
        global: &Global,
        repository: &Repository,
        staged: Staged<'_>,
        unmerged: &[Staged<'_>],
    ) -> Result<Option<OneSided>, Failure> {
        let (path, stages) = staged;
        let (side, changed) = match stages {
            [Some(_), Some(ours), None] | [None, Some(ours), None] => (MergeSide::Ours, ours),
            [Some(_), None, Some(theirs)] | [None, None, Some(theirs)] => {
                (MergeSide::Theirs, theirs)
            }
            _ => return Ok(None),
        };
        let catalog = global.catalog()?;
        let is_renamed_twice = stages[0].is_none();
        if !is_renamed_twice && let Some(marker) = of_marker(repository, &catalog, path, changed)? {
            return Ok(Some(marker));
        }
        let Some(commits) = commits(repository)? else {
            return Ok(None);
        };
        let reader = repository.reader();
        let merged = [commits.base, commits.ours, commits.theirs];
        let mut is_as_merged = true;
        for (commit, stage) in merged.into_iter().zip(stages) {
            let there = reader.entry(reader.tree_of(commit)?, path)?;
            is_as_merged &= there.map(|entry| entry.id) == stage;
        }
        let base_path = base_path(global, &reader, &catalog, &[commits], path)?;
        let Some(base_path) = base_path else {
            return Ok(None);
        };
        let below = path.strip_prefix(&*base_path).unwrap_or(path);
        let below = below.trim_start_matches('/');
        // What is wrong with a side, or with the store, is told where it is read.
        let Ok(project) = global.project_in(repository.clone(), catalog) else {
            return Ok(None);
        };
        let sides = project.at(&base_path).merge_sides_since(
            &commits.base.to_string(),
            &commits.ours.to_string(),
            &commits.theirs.to_string(),
            LoadOptions::default(),
        );
        let Ok(sides) = sides else {
            return Ok(None);
        };
        let places = Places {
            reader: &reader,
            commits,
            sides: &sides,
            base_path: &base_path,
        };
        if is_renamed_twice {
            let renamed = Renamed::on_both_sides(&places, staged, unmerged);
            return Ok(renamed.map(OneSided::Renamed));
        }
        if !is_as_merged {
            let renamed = Renamed::beside_a_removal(&places, staged)?;
            return Ok(renamed.map(OneSided::Renamed));
        }
        let loaded = sides.side(side);
        let mut paths = loaded.paths();
        let Some((name, ..)) = paths.find(|(_, before, _)| *before == Some(below)) else {
            return Ok(None);
        };
        let other = other(side);
        if sides.has_document(other, name) {
            let mut paths = sides.side(other).paths();
            let there = paths.find_map(|(known, before, _)| before.filter(|_| known == name));
            return Ok(there.map(|there| OneSided::Moved {
                by: side,
                to: join(&base_path, there),
            }));
        }
        let text = |side| match sides.document_on(side, name) {
            Ok(Some(document)) => Some(document.text().to_owned()),
            _ => None,
        };
        let before = text(MergeSide::Base);
        let is_migrated = before.is_some() && before == text(side);
        Ok(is_migrated.then(|| OneSided::Migrated {
            by: side,
            version: loaded.version().number(),
        }))
    }

    /// Whether it is settled by removing the file.
    pub(in crate::cli) fn is_to_go(&self) -> bool {
        matches!(self, OneSided::OldMarker { .. } | OneSided::Migrated { .. })
    }

    /// Why.
    pub(in crate::cli) fn why(&self) -> String {
        match self {
            OneSided::OldMarker { marker, version } => {
                format!("the marker is {marker} at version {version}, and this one is out of date")
            }
            OneSided::NewMarker { other, version } => format!(
                "this marker states version {version}, and {other} is out of date: `git add` this one, and `git rm` that one"
            ),
            OneSided::Moved { by, to } => {
                let (by, other) = names(*by);
                format!(
                    "{by} changed it, and {other} has it as {to}: bring the change into that one, and `git rm` this one"
                )
            }
            OneSided::Renamed(renamed) => renamed.why(),
            OneSided::Migrated { by, version } => {
                let (by, other) = names(*by);
                format!(
                    "{other} removed or renamed it, and of {by} only the migration to version {version} changed it"
                )
            }
        }
    }
}

/// A marker beside which there is another one, as a step has renamed it.
fn of_marker(
    repository: &Repository,
    catalog: &Catalog,
    path: &str,
    changed: ObjectId,
) -> Result<Option<OneSided>, Failure> {
    let marker = of_a_marker(catalog, path);
    let (Some((folder, here)), Some(root)) = (marker, repository.work_dir()) else {
        return Ok(None);
    };
    let text = repository.reader().blob(changed)?;
    let Ok(version) = catalog.stated_version(&text, path) else {
        return Ok(None);
    };
    for marker in catalog.marker_paths().filter(|marker| *marker != here) {
        let other = join(folder, marker);
        let Ok(text) = files::try_read(&root.join(&other)) else {
            continue;
        };
        let Ok(there) = catalog.stated_version(&text, &other) else {
            continue;
        };
        if there >= version && catalog.marker_path_at(there) == marker {
            return Ok(Some(OneSided::OldMarker {
                marker: other,
                version: there,
            }));
        }
        if version > there && catalog.marker_path_at(version) == here {
            return Ok(Some(OneSided::NewMarker { other, version }));
        }
    }
    Ok(None)
}

/// What is being merged or picked; `None` where that isn't one commit, or comes from several.
fn commits(repository: &Repository) -> Result<Option<Commits>, Failure> {
    let [theirs] = heads(repository)?[..] else {
        return Ok(None);
    };
    let ours = repository.resolve("HEAD")?;
    let is_picked = repository.git_dir().join("CHERRY_PICK_HEAD").exists();
    let bases = if is_picked {
        let parent = repository.resolve(&format!("{theirs}^")).ok();
        parent.into_iter().collect()
    } else {
        repository.merge_bases(ours, theirs)?
    };
    let [base] = bases[..] else {
        return Ok(None);
    };
    Ok(Some(Commits { base, ours, theirs }))
}
