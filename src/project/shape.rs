//! Whether a document's text conforms to the version that its branch states.

use crate::catalog::{Action, Catalog, Lookup, ReadDocument};
use crate::git::{EntryKind, ObjectId, Reader};
use crate::migrate::{self, Input, Surroundings};

use super::marker;

/// The commit that last wrote a document, and the version that its branch had there.
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
    /// What the marker said there; `None` if it said nothing.
    pub version: Option<u32>,
}

/// The commit that last wrote what lies at a path, seen from `commit`.
pub(super) fn last_write(
    reader: &Reader,
    catalog: &Catalog,
    commit: ObjectId,
    base_path: &str,
    path: &str,
) -> crate::git::Result<Option<LastWrite>> {
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
    let subject = details.message.lines().next().unwrap_or_default();
    Ok(Some(LastWrite {
        commit: written,
        author: details.author.name,
        seconds: details.committer.seconds,
        subject: subject.to_owned(),
        version,
    }))
}

/// The steps above a document's shape and up to `to` that would still change its text, by their versions: it isn't in the
/// shape of `to` then.
pub(super) fn steps_not_applied(catalog: &Catalog, document: &Input<'_>, to: u32) -> Vec<u32> {
    let steps: Vec<usize> = steps_on(catalog, document, to)
        .filter(|index| catalog.steps()[*index].version() > document.shape)
        .collect();
    // A step that fails here says nothing: the server, which might have answered, isn't asked.
    let Ok(migrated) = migrate::migrate(catalog, &steps, *document, &Alone) else {
        return Vec::new();
    };
    let changes = migrated.changes.iter();
    let mut versions: Vec<u32> = changes
        .map(|change| catalog.steps()[change.step].version())
        .collect();
    versions.dedup();
    versions
}

/// The steps up to `to` that would change a value of a document that is said to be in that shape already: it looks older.
///
/// A step that only adds what is absent proves nothing of a text that was written later, nor does one that isn't the same
/// when it runs twice. Each is held against the text by itself: one that fails, since it would have to ask the server, says
/// nothing of the others.
pub(super) fn steps_it_looks_older_than(
    catalog: &Catalog,
    document: &Input<'_>,
    to: u32,
) -> Vec<u32> {
    let touches_values = |step: &usize| {
        let migrated = migrate::migrate(catalog, &[*step], *document, &Alone);
        migrated.is_ok_and(|migrated| {
            migrated
                .changes
                .iter()
                .any(|change| !change.fates.is_empty())
        })
    };
    let mut versions: Vec<u32> = steps_on(catalog, document, to)
        .filter(|index| {
            let step = &catalog.steps()[*index];
            !matches!(step.action(), Action::Dialect) && step.is_idempotent()
        })
        .filter(touches_values)
        .map(|index| catalog.steps()[index].version())
        .collect();
    versions.dedup();
    versions
}

/// The steps up to a version that work on a document's text.
fn steps_on<'c>(
    catalog: &'c Catalog,
    document: &Input<'c>,
    to: u32,
) -> impl Iterator<Item = usize> + use<'c> {
    let kind = document.kind;
    (0..catalog.steps().len()).filter(move |index| {
        let step = &catalog.steps()[*index];
        let applies = match step.action() {
            Action::Modify(_) => step.concerns(kind),
            Action::Dialect => true,
            Action::Import(_) | Action::Rename(_) | Action::Remove => false,
        };
        applies && step.version() <= to
    })
}

/// Neither a server nor other documents.
struct Alone;

impl Surroundings for Alone {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, _: &str, _: usize) -> Result<Vec<ReadDocument>, String> {
        Err("other documents are not read here".to_owned())
    }
}

impl Lookup for Alone {
    fn lookup(&self, _: &str, _: &str) -> Result<Option<serde_json::Value>, String> {
        Err("the server is not asked here".to_owned())
    }
}
