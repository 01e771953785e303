//! Which new paths a commit may write: those that every system can check out beside what is there.

use std::collections::BTreeSet;

use super::layout::Layout;
use super::loaded::Loaded;
use super::{DraftError, LoadError};
use crate::git::{EntryKind, check_portable_name};

/// The files below a base path.
#[derive(Default)]
pub(crate) struct Paths {
    /// What Git holds now, which is the user's own.
    held: BTreeSet<String>,
    /// What a commit leaves there, each after what it is where upper and lower case are one.
    taken: BTreeSet<(String, String)>,
    /// Other projects' folders.
    nested: Vec<String>,
}

impl Paths {
    /// What lies where after a ref's migration, the marker aside.
    pub(crate) fn of(loaded: &Loaded) -> Paths {
        let mut paths = Paths::new(loaded.layout());
        for path in loaded.entries().iter().flat_map(|entry| &entry.path) {
            paths.take(path);
        }
        paths
    }

    /// The files of a base path, of which those that are no documents are taken.
    pub(crate) fn new(layout: &Layout) -> Paths {
        let documents = layout.documents.iter().map(|found| &found.path);
        let marker = layout.marker.iter().map(|marker| &marker.path);
        let mut paths = Paths {
            held: documents
                .chain(&layout.unclaimed)
                .chain(marker)
                .cloned()
                .collect(),
            nested: layout.nested.clone(),
            ..Paths::default()
        };
        for path in &layout.unclaimed {
            paths.take(path);
        }
        paths
    }

    /// Notes that a file lies there.
    pub(crate) fn take(&mut self, path: &str) {
        self.taken.insert((path.to_lowercase(), path.to_owned()));
    }

    /// Notes that none lies there any more.
    pub(crate) fn leave(&mut self, path: &str) {
        self.taken.remove(&(path.to_lowercase(), path.to_owned()));
    }

    /// Refuses a path that isn't free, or has a part that is new and not every system can check out. Returns why, and what
    /// to do.
    pub(crate) fn check(&self, path: &str) -> Result<(), String> {
        self.check_names(path)?;
        self.check_free(path)
    }

    /// Refuses a path that is taken, would be one file with another on many disks, or lies in another project's folder.
    pub(crate) fn check_free(&self, path: &str) -> Result<(), String> {
        let folded = path.to_lowercase();
        let other = self.nested.iter().find(|folder| {
            let below = folded.strip_prefix(&folder.to_lowercase());
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        });
        if let Some(folder) = other {
            return Err(format!(
                "it belongs at {path}, and {folder} has a marker of its own: it is another project's folder"
            ));
        }
        if let Some(other) = self.taken_as(&folded) {
            return Err(if other == path {
                format!(
                    "it belongs at {path} now, and something else lies there: move that away first"
                )
            } else {
                format!(
                    "it belongs at {path}, which differs from {other} in upper and lower case only, so that they would be \
                     one file on many disks: choose another name, or rename the other"
                )
            });
        }
        for (end, _) in folded.match_indices('/') {
            if let Some(file) = self.taken_as(&folded[..end]) {
                return Err(format!(
                    "it belongs at {path}, and {file} is a file where a folder must be: move that away first"
                ));
            }
        }
        let below = format!("{folded}/");
        let first_below = self.taken.range((below.clone(), String::new())..).next();
        match first_below.filter(|(other, _)| other.starts_with(&below)) {
            Some((_, other)) => Err(format!(
                "it belongs at {path}, and a folder lies there, with {other}: move that away first"
            )),
            None => Ok(()),
        }
    }

    /// Refuses names that not every system can check out, unless Git holds them there.
    fn check_names(&self, path: &str) -> Result<(), String> {
        let mut start = 0;
        for end in path
            .match_indices('/')
            .map(|(end, _)| end)
            .chain([path.len()])
        {
            if !self.is_held(&path[..end]) {
                check_portable_name(&path[start..end]).map_err(|reason| {
                    format!("it belongs at {path}, and {reason}: choose another name")
                })?;
            }
            start = end + 1;
        }
        Ok(())
    }

    /// Whether Git holds a file or a folder of exactly this path.
    fn is_held(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let first_below = self.held.range(below.clone()..).next();
        let mut nested = self.nested.iter();
        self.held.contains(path)
            || first_below.is_some_and(|file| file.starts_with(&below))
            || nested.any(|folder| folder == path || folder.starts_with(&below))
    }

    /// A file that is this one where upper and lower case are one.
    fn taken_as(&self, folded: &str) -> Option<&str> {
        let from = (folded.to_owned(), String::new());
        let (found, path) = self.taken.range(from..).next()?;
        (found == folded).then_some(path)
    }
}

/// Refuses a base path that isn't there yet and can't be made beside what is there, or not on every system.
pub(super) fn check_base_path(loaded: &Loaded) -> Result<(), DraftError> {
    let base_path = loaded.base_path();
    let refused = |reason| DraftError::Path {
        name: base_path.to_owned(),
        reason,
    };
    let git = |error| DraftError::Load(LoadError::Git(error));
    let reader = loaded.project().repository().reader();
    let mut folder = loaded.tree();
    for name in base_path.split('/').filter(|name| !name.is_empty()) {
        let entry = match folder {
            Some(tree) => reader.entry(tree, name).map_err(git)?,
            None => None,
        };
        match entry {
            Some(entry) if entry.kind == EntryKind::Tree => folder = Some(entry.id),
            Some(_) => {
                return Err(refused(format!(
                    "`{name}` is a file where a folder must be: move that away first"
                )));
            }
            None => {
                check_portable_name(name)
                    .map_err(|reason| refused(format!("{reason}: choose another base path")))?;
                let siblings = folder.map_or(Ok(Vec::new()), |tree| reader.list(tree));
                let folded = name.to_lowercase();
                let siblings = siblings.map_err(git)?;
                let mut names = siblings.iter().filter_map(|sibling| sibling.path.as_str());
                if let Some(other) = names.find(|other| other.to_lowercase() == folded) {
                    return Err(refused(format!(
                        "`{name}` differs from `{other}`, which is there, in upper and lower case only: choose another base \
                         path, or rename the other"
                    )));
                }
                folder = None;
            }
        }
    }
    Ok(())
}
