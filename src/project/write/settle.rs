//! Finishing what writers that died had begun (section 8 of the design).

use super::commit::error::CommitError;
use super::commit::record::hash;
use super::settled::SettledIntent;
use crate::catalog::DocumentName;
use crate::git::{ObjectId, Reader};
use crate::store::{self, Intent, IntentImport, Write};

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
fn apply(
    write: &mut dyn Write,
    intent: &Intent,
    time: i64,
) -> Result<Vec<DocumentName>, CommitError> {
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
        left.extend(staying.iter().map(|row| DocumentName::new(kind, &row.slug)));
    }
    write.raise_version(intent.target)?;
    Ok(left)
}
