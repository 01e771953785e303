//! Finishing commits that other writers left unfinished.

use super::commit::error::CommitError;
use super::commit::record::{StoreEffect, hash};
use super::effect::{Effects, ImportEffect};
use super::run_effects::{self, Occasion};
use super::settled::SettledIntent;
use crate::catalog::DocumentName;
use crate::git::{self, MoveRef, ObjectId, PastMove, Visibility};
use crate::store::{self, Intent, IntentId, IntentImport, ProjectKey, WriteTransaction};

/// What became of all intents.
#[derive(Default)]
pub(super) struct Settlement {
    pub(super) settled: Vec<SettledIntent>,
    pub(super) unsettled: Unsettled,
}

/// The intents that stay: whether their commits are visible can't be told now.
#[derive(Default)]
pub(super) struct Unsettled(Vec<(Intent, PastMove, git::Error)>);

/// Settles the intents: applies those whose commit is visible where the refs live, drops those whose commit isn't, and
/// leaves those of which that can't be told. Without `effects`, none runs: for a transaction that is rolled back.
pub(super) fn settle(
    write: &mut dyn WriteTransaction,
    project: &ProjectKey,
    refs: &dyn MoveRef,
    effects: Option<&Effects>,
    time: i64,
) -> Result<Settlement, CommitError> {
    let mut settlement = Settlement::default();
    for (id, intent) in write.intents()? {
        let past = past_move(id, &intent)?;
        let applied = match refs.visibility(&past) {
            Visibility::Visible => true,
            Visibility::NotVisible => false,
            Visibility::Unknown(reason) => {
                tracing::warn!(
                    branch = intent.ref_name,
                    commit = intent.new,
                    %reason,
                    "what a writer had left can't be settled yet"
                );
                settlement.unsettled.0.push((intent, past, reason));
                continue;
            }
        };
        let mut ran = Vec::new();
        let left = if applied {
            let occasion = Occasion {
                project,
                branch: &intent.ref_name,
                commit: &intent.new,
                time,
            };
            if let Some(effects) = effects {
                ran = run_effects(write, &intent, effects, occasion)?;
            }
            apply(write, id, &intent, time)?
        } else {
            Vec::new()
        };
        write.delete_intent(id)?;
        tracing::info!(
            branch = intent.ref_name,
            commit = intent.new,
            applied,
            ?left,
            "settled what a writer had left"
        );
        settlement.settled.push(SettledIntent {
            branch: intent.ref_name,
            commit: intent.new,
            applied,
            left,
            effects: ran,
        });
    }
    Ok(settlement)
}

/// The move that an intent was written for.
fn past_move(id: IntentId, intent: &Intent) -> Result<PastMove, CommitError> {
    let commit = |text: &String| {
        let damaged = |_| CommitError::DamagedIntent {
            id,
            reason: format!("`{text}` is not a commit"),
        };
        text.parse::<ObjectId>().map_err(damaged)
    };
    Ok(PastMove {
        name: intent.ref_name.clone(),
        expected: intent.old.as_ref().map(commit).transpose()?,
        new: commit(&intent.new)?,
        begun: intent.created,
    })
}

/// Runs the effects that the writer had begun. It may have run them: what they did on the store's connection was rolled back.
fn run_effects(
    write: &mut dyn WriteTransaction,
    intent: &Intent,
    effects: &Effects,
    occasion: Occasion<'_>,
) -> Result<Vec<ImportEffect>, CommitError> {
    let mut ran = Vec::new();
    for begun in write.effects()? {
        let is_of = |import: &&IntentImport| {
            (&import.kind, import.import_version) == (&begun.kind, begun.import_version)
        };
        let Some(import) = intent.imports.iter().find(is_of) else {
            continue;
        };
        if begun.outcome.is_none() {
            let mut effect = ImportEffect::from(begun);
            effect.may_have_run = true;
            run_effects::run(effects, &mut effect, &import.rows, occasion, write)?;
            ran.push(effect);
        }
    }
    Ok(ran)
}

/// Does what the writer would have done, from the content that it saw. Returns the rows that stay.
fn apply(
    write: &mut dyn WriteTransaction,
    id: IntentId,
    intent: &Intent,
    time: i64,
) -> Result<Vec<DocumentName>, CommitError> {
    let is_damaged = |import: &IntentImport| hash(&import.rows) != import.hash;
    if intent.imports.iter().any(is_damaged) {
        return Err(CommitError::DamagedIntent {
            id,
            reason: "its rows don't match their hash".to_owned(),
        });
    }
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

impl Unsettled {
    /// Why one of them can't be told.
    pub(super) fn reason(self) -> Option<git::Error> {
        let mut reasons = self.0.into_iter().map(|(.., reason)| reason);
        reasons.next()
    }

    /// Refuses to take other rows than an unsettled intent would take: its commit may be visible, and all branches import
    /// the same.
    pub(super) fn allow(self, effect: StoreEffect) -> Result<StoreEffect, CommitError> {
        for (intent, past, source) in self.0 {
            let clashes = |theirs: &&IntentImport| {
                let takes_its_kind = effect.imports.iter().any(|ours| ours.kind == theirs.kind);
                takes_its_kind && !effect.imports.contains(theirs)
            };
            if let Some(import) = intent.imports.iter().find(clashes) {
                return Err(CommitError::Unsettled {
                    branch: past.name,
                    commit: past.new,
                    kind: import.kind.clone(),
                    source: Box::new(source),
                });
            }
        }
        Ok(effect)
    }
}
