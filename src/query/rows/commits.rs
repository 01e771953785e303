//! `commits`: a row for each commit that changed the project's folder.

use std::sync::Arc;

use super::row::{Arguments, Field, Rows};
use crate::history::{Commits, HistoryCommit, HistoryError};
use crate::project::LoadOptions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::table::commits::{
    AUTHOR, COMMIT, COMMITTED, EMAIL, PARENTS, REVISION, SUBJECT, TIME,
};

pub(super) struct CommitRows {
    shared: Arc<Shared>,
    revision: String,
    /// `None` where the revision can't be loaded.
    commits: Option<Commits>,
    current: Option<HistoryCommit>,
}

/// Where a history begins that no argument says otherwise of.
pub(super) const HEAD: &str = "HEAD";

impl CommitRows {
    pub(super) fn open(
        shared: Arc<Shared>,
        arguments: &Arguments,
    ) -> Result<CommitRows, QueryError> {
        let revision = arguments.revision.as_deref().unwrap_or(HEAD);
        let mut sources = shared.sources();
        let options = LoadOptions {
            target: Some(sources.target()),
        };
        let found = sources.revision(revision);
        let commits = match sources.project().commits(&found, options) {
            Ok(commits) => Some(commits),
            Err(error) => {
                sources.add_problem(revision, None, &error.to_string());
                None
            }
        };
        drop(sources);
        Ok(CommitRows {
            revision: revision.to_owned(),
            shared,
            commits,
            current: None,
        })
    }
}

impl Rows for CommitRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        let Some(commits) = &mut self.commits else {
            return Ok(false);
        };
        for found in commits {
            self.shared.check_time()?;
            match found {
                Ok(commit) => {
                    self.current = Some(commit);
                    return Ok(true);
                }
                Err(HistoryError::Load(error)) => return Err(error.into()),
                Err(error) => {
                    let mut sources = self.shared.sources();
                    sources.add_problem(&self.revision, None, &error.to_string());
                }
            }
        }
        Ok(false)
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        let commit = self.current.as_ref();
        let commit = commit.expect("a column is asked for only on a row");
        Ok(match column {
            COMMIT => Field::owned(commit.id.to_string()),
            TIME => time(commit.author.seconds),
            AUTHOR => Field::text(&commit.author.name),
            EMAIL => Field::text(&commit.author.email),
            COMMITTED => time(commit.committer.seconds),
            SUBJECT => Field::text(&commit.subject),
            PARENTS => Field::number(commit.parents.len()),
            REVISION => Field::text(&self.revision),
            _ => Field::Null,
        })
    }

    fn id(&self) -> i64 {
        let commit = self.current.as_ref().map(|commit| commit.id.to_string());
        let key = format!("{} {}", commit.unwrap_or_default(), self.revision);
        self.shared.id_of(key)
    }
}

/// A time in UTC, as SQLite's functions read it; NULL where it has no date.
pub(super) fn time(seconds: i64) -> Field<'static> {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => Field::owned(time.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        Err(_) => Field::Null,
    }
}
