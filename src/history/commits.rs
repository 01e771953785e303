//! The commits that changed anything of a project.

use std::collections::HashSet;

use super::commit::HistoryCommit;
use super::error::HistoryError;
use crate::git::{Before, ObjectId, PathHistory, Watched};
use crate::project::{LoadError, LoadOptions, Project};

/// The commits that changed anything in a project's folder, newest first: an iterator. See [`Project::commits`].
///
/// Commits are looked at when they are asked for. An error isn't the end, unless it is [`HistoryError::Load`].
pub struct Commits {
    walk: PathHistory<()>,
    done: HashSet<ObjectId>,
    has_ended: bool,
}

impl Project {
    /// The commits that changed anything in the project's folder, newest first, from a revision on.
    ///
    /// Where a parent of a merge has the same folder, only that one's history is followed, as by `git log -- path`.
    ///
    /// # Errors
    /// Where the revision can't be loaded.
    pub fn commits(&self, revision: &str, options: LoadOptions) -> Result<Commits, LoadError> {
        let loaded = self.load(revision, options)?;
        let watched = Watched {
            folder: loaded.base_path().to_owned(),
            paths: vec![String::new()],
            own: 1,
            first_parent: false,
            since: None,
        };
        let reader = loaded.project().repository().reader();
        let walk = PathHistory::new(reader, watched, loaded.commit(), ())?;
        Ok(Commits {
            walk,
            done: HashSet::new(),
            has_ended: false,
        })
    }
}

impl Commits {
    fn find(&mut self) -> Result<Option<HistoryCommit>, HistoryError> {
        while let Some(stop) = self.walk.next_stop()? {
            // With clocks that are wrong, two ways may meet late.
            if !self.done.insert(stop.commit) {
                continue;
            }
            let commit = HistoryCommit::read(self.walk.reader(), stop.commit)?;
            match stop.before {
                Before::Parents(parents) => {
                    for parent in &parents {
                        self.walk.follow(parent, vec![()]);
                    }
                    return Ok(Some(commit));
                }
                Before::Unknown(cause) => {
                    let commit = Box::new(commit);
                    return Err(HistoryError::CutOff { commit, cause });
                }
            }
        }
        Ok(None)
    }
}

impl Iterator for Commits {
    type Item = Result<HistoryCommit, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let found = self.find();
        if matches!(found, Ok(None) | Err(HistoryError::Load(_))) {
            self.walk.end();
            self.has_ended = true;
        }
        found.transpose()
    }
}
