//! The commit that last wrote a document.

use crate::catalog::Catalog;
use crate::git::{self, HistoryEnd, HistoryEndCause, LastChange, ObjectId, Reader};
use crate::project::read::marker;
use crate::text::first_line;

/// The commit that last wrote a document, and the branch's version there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LastWrite {
    /// The commit.
    pub commit: ObjectId,
    /// Who made it.
    pub author: String,
    /// When the commit was made: seconds since 1970.
    pub seconds: i64,
    /// When its author made the change: seconds since 1970.
    pub authored: i64,
    /// That day, where the author was; `None` where it is out of range.
    #[serde(skip)]
    pub day: Option<String>,
    /// The first line of its message.
    pub subject: String,
    /// What the marker stated there; `None` if it stated nothing.
    pub version: Option<u32>,
}

/// The commit that last wrote what lies at a path below a base path, in the history of `commit`.
pub(crate) fn last_write(
    reader: &Reader,
    catalog: &Catalog,
    commit: ObjectId,
    base_path: &str,
    path: &str,
) -> git::Result<Result<LastWrite, HistoryEnd>> {
    let mut search = reader.last_changes(base_path)?;
    let place = search.ask(commit, [path])?;
    let commit = match search.answers()?[place] {
        LastChange::In(commit) => commit,
        LastChange::Unknown(end) => return Ok(Err(end)),
    };
    let version = match version_at(reader, catalog, commit, base_path) {
        Err(git::Error::LeftOutOfPartialClone { .. }) => {
            let cause = HistoryEndCause::PartialClone;
            return Ok(Err(HistoryEnd { commit, cause }));
        }
        version => version?,
    };
    let details = reader.commit(commit)?;
    Ok(Ok(LastWrite {
        commit,
        seconds: details.committer.seconds,
        authored: details.author.seconds,
        day: details.author.day(),
        author: details.author.name,
        subject: first_line(&details.message).to_owned(),
        version,
    }))
}

/// What the marker states at a commit; `None` if it states nothing.
pub(crate) fn version_at(
    reader: &Reader,
    catalog: &Catalog,
    commit: ObjectId,
    base_path: &str,
) -> git::Result<Option<u32>> {
    let Some(folder) = reader.folder(reader.tree_of(commit)?, base_path)? else {
        return Ok(None);
    };
    let marker = marker::find(reader, catalog, base_path, folder)?;
    Ok(marker.ok().flatten().map(|marker| marker.version))
}
