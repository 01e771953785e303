//! Finishing what writers that died had begun (section 8 of the design).

use super::commit::CommitError;
use super::commit::record::hash;
use crate::git::{ObjectId, Reader};
use crate::plan::document_name;
use crate::store::{self, Intent, IntentImport, Write};

/// An intent that another writer had left.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SettledIntent {
    /// The branch that was about to move.
    pub branch: String,
    /// The commit it was about to move to.
    pub commit: String,
    /// Whether the commit had become visible, so that the store had to follow. Otherwise the intent was dropped.
    pub applied: bool,
    /// Rows that stay in the table although their import has passed: edited or added since.
    pub left: Vec<String>,
}

/// Settles all intents: applies those whose commit a branch leads to, drops the others.
pub(crate) fn settle(
    write: &mut dyn Write,
    reader: &Reader,
    time: i64,
) -> Result<Vec<SettledIntent>, CommitError> {
    let mut settled = Vec::new();
    for (id, intent) in write.intents()? {
        let commit: Option<ObjectId> = intent.new.parse().ok();
        let applied = match commit {
            Some(commit) => reader.is_reachable(commit)?,
            None => false,
        };
        let mut left = Vec::new();
        if applied {
            if intent
                .imports
                .iter()
                .any(|import| hash(&import.rows) != import.hash)
            {
                return Err(CommitError::DamagedIntent { id });
            }
            left = apply(write, &intent, time)?;
        }
        write.delete_intent(id)?;
        tracing::info!(
            branch = intent.ref_name,
            commit = intent.new,
            applied,
            ?left,
            "settled what a writer had left"
        );
        settled.push(SettledIntent {
            branch: intent.ref_name,
            commit: intent.new,
            applied,
            left,
        });
    }
    Ok(settled)
}

/// Does what the writer would have done, from the content that it saw. Returns the rows that stay.
fn apply(write: &mut dyn Write, intent: &Intent, time: i64) -> Result<Vec<String>, CommitError> {
    let mut left = Vec::new();
    for IntentImport {
        kind,
        import_version,
        rows,
        ..
    } in &intent.imports
    {
        write.record_snapshot(kind, *import_version, rows, time)?;
        for row in rows {
            match write.remove_document_if(row) {
                // Not in the snapshot that was recorded before: it stays, and is told of below.
                Ok(_) | Err(store::Error::NotInSnapshot { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let staying = write.documents(kind)?;
        left.extend(staying.iter().map(|row| document_name(kind, &row.slug)));
    }
    write.raise_version(intent.target)?;
    Ok(left)
}
