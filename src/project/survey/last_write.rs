//! The commit that last wrote a document.

use crate::catalog::Catalog;
use crate::git::{self, EntryKind, ObjectId, Reader};
use crate::project::read::marker;
use crate::text::first_line;

/// The commit that last wrote a document, and the branch's version there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LastWrite {
    /// The commit.
    pub commit: ObjectId,
    /// Who made it.
    pub author: String,
    /// When: seconds since 1970.
    pub seconds: i64,
    /// The first line of its message.
    pub subject: String,
    /// What the marker stated there; `None` if it stated nothing.
    pub version: Option<u32>,
}

/// The commit that last wrote what lies at a path, in the history of `commit`.
pub(crate) fn last_write(
    reader: &Reader,
    catalog: &Catalog,
    commit: ObjectId,
    base_path: &str,
    path: &str,
) -> git::Result<Option<LastWrite>> {
    let Some(written) = reader.history(commit, path)?.next().transpose()? else {
        return Ok(None);
    };
    let details = reader.commit(written)?;
    let folder = reader.entry(details.tree, base_path)?;
    let version = match folder.filter(|entry| entry.kind == EntryKind::Tree) {
        Some(folder) => marker::find(reader, catalog, base_path, folder.id)?
            .ok()
            .flatten()
            .map(|marker| marker.version),
        None => None,
    };
    Ok(Some(LastWrite {
        commit: written,
        author: details.author.name,
        seconds: details.committer.seconds,
        subject: first_line(&details.message).to_owned(),
        version,
    }))
}
