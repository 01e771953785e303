//! Which paths a document may get: those that every system can check out beside the other files.

use std::collections::BTreeSet;

use super::held::Held;

/// A path below a base path; the empty base path is the repository's top.
pub(crate) fn join(base_path: &str, path: &str) -> String {
    if base_path.is_empty() {
        path.to_owned()
    } else {
        format!("{base_path}/{path}")
    }
}

/// Checks the name of a new file or folder. The error says what is wrong with it, in words.
pub(crate) type CheckName = fn(&str) -> Result<(), String>;

/// The files below a base path.
#[derive(Clone)]
pub(crate) struct Paths {
    /// The paths that the source holds now.
    held: BTreeSet<String>,
    /// The paths after a commit, each under its lower-case form.
    taken: BTreeSet<(String, String)>,
    /// The folders of other projects.
    nested: Vec<String>,
    check_name: CheckName,
}

impl Paths {
    /// The files of a base path. Those that aren't documents are taken.
    pub(super) fn new(held: &Held, check_name: CheckName) -> Paths {
        let documents = held.documents.iter().map(|document| &document.path);
        let mut paths = Paths {
            held: documents
                .chain(&held.unclaimed)
                .chain(&held.marker)
                .cloned()
                .collect(),
            taken: BTreeSet::new(),
            nested: held.nested.clone(),
            check_name,
        };
        for path in &held.unclaimed {
            paths.take(path);
        }
        paths
    }

    /// Marks a path as taken.
    pub(crate) fn take(&mut self, path: &str) {
        self.taken.insert((path.to_lowercase(), path.to_owned()));
    }

    /// Marks a path as free.
    pub(crate) fn leave(&mut self, path: &str) {
        self.taken.remove(&(path.to_lowercase(), path.to_owned()));
    }

    /// Refuses a path that is taken, or has a new part that not every system can check out. The error says why, and what to
    /// do.
    pub(crate) fn check(&self, path: &str) -> Result<(), String> {
        self.check_names(path)?;
        self.check_free(path)
    }

    /// Refuses a path that is taken, differs from another in case only, or is in another project's folder.
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
                    "it belongs at {path} now, and another file has that path: move that file away first"
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
                    "it belongs at {path}, and {file} lies where a folder must be: move that away first"
                ));
            }
        }
        let below = format!("{folded}/");
        let first_below = self.taken.range((below.clone(), String::new())..).next();
        match first_below.filter(|(other, _)| other.starts_with(&below)) {
            Some((_, other)) => Err(format!(
                "it belongs at {path}, and there is a folder at this path, with {other}: move that away first"
            )),
            None => Ok(()),
        }
    }

    /// Refuses names that not every system can check out, unless the source has this path already.
    fn check_names(&self, path: &str) -> Result<(), String> {
        let mut start = 0;
        for end in path
            .match_indices('/')
            .map(|(end, _)| end)
            .chain([path.len()])
        {
            if !self.is_held(&path[..end]) {
                (self.check_name)(&path[start..end]).map_err(|reason| {
                    format!("it belongs at {path}, and {reason}: choose another name")
                })?;
            }
            start = end + 1;
        }
        Ok(())
    }

    /// Whether the source holds a file or a folder of exactly this path.
    fn is_held(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let first_below = self.held.range(below.clone()..).next();
        let mut nested = self.nested.iter();
        self.held.contains(path)
            || first_below.is_some_and(|file| file.starts_with(&below))
            || nested.any(|folder| folder == path || folder.starts_with(&below))
    }

    /// The taken path with this lower-case form.
    fn taken_as(&self, folded: &str) -> Option<&str> {
        let from = (folded.to_owned(), String::new());
        let (found, path) = self.taken.range(from..).next()?;
        (found == folded).then_some(path)
    }
}
