//! Which projects a repository has, for commands that are about no ref.

use std::collections::BTreeSet;

use crate::git::RefScope;
use crate::project::{LoadError, Project, RefState, RefStatus};

/// The projects of the refs that say which there are.
#[derive(Default)]
pub(super) struct Found {
    /// At or below the catalog's base path.
    pub(super) base_paths: BTreeSet<String>,
    /// Those of refs that have none there.
    pub(super) elsewhere: BTreeSet<String>,
}

impl Found {
    /// What is checked out says it; where that has no project, the local branches, else those of remotes, else any other ref.
    pub(super) fn of(project: &Project) -> Result<Found, LoadError> {
        let mut head = Found::default();
        let read = project.status().revision("HEAD", |status| {
            head.add(status);
            Ok::<(), LoadError>(())
        });
        if read.is_ok() && !head.is_empty() {
            return Ok(head);
        }
        let branches = Found::in_scope(project, RefScope::Branches, |_| true)?;
        if !branches.is_empty() {
            return Ok(branches);
        }
        let of_remotes = Found::in_scope(project, RefScope::All, |name| {
            name.starts_with("refs/remotes/")
        })?;
        if !of_remotes.is_empty() {
            return Ok(of_remotes);
        }
        Found::in_scope(project, RefScope::All, |_| true)
    }

    fn in_scope(
        project: &Project,
        scope: RefScope,
        counts: impl Fn(&str) -> bool,
    ) -> Result<Found, LoadError> {
        let mut found = Found::default();
        project.status().every_ref(scope, |status| {
            if counts(status.ref_name) {
                found.add(status);
            }
            Ok::<(), LoadError>(())
        })?;
        Ok(found)
    }

    fn add(&mut self, status: &RefStatus<'_>) {
        if !matches!(status.state, RefState::Uninitialised)
            && !self.base_paths.contains(status.base_path)
        {
            self.base_paths.insert(status.base_path.to_owned());
        }
        for base_path in status.elsewhere {
            if !self.elsewhere.contains(base_path) {
                self.elsewhere.insert(base_path.clone());
            }
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.base_paths.is_empty() && self.elsewhere.is_empty()
    }
}
