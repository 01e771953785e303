//! The laws of a write transaction, decided from what a store has found: each store asks here, and then does it in its own words.

use super::error::{Error, RowsChanged};
use super::model::Row;

/// Refuses to take the rows of an import that aren't the expected ones, or that has a snapshot.
pub(super) fn check_take(
    kind: &str,
    import_version: u32,
    expected: &[Row],
    found: &[Row],
    is_recorded: impl FnOnce() -> Result<bool, Error>,
) -> Result<(), Error> {
    if let Some(changed) = RowsChanged::between(kind, expected, found) {
        return Err(Error::RowsChanged(changed));
    }
    if is_recorded()? {
        return Err(already_recorded(kind, import_version));
    }
    Ok(())
}

/// Whether a row leaves the table: not one that was edited since, and only one that a snapshot holds.
pub(super) fn leaves(
    row: &Row,
    is_in_table: bool,
    is_in_snapshot: impl FnOnce() -> Result<bool, Error>,
) -> Result<bool, Error> {
    if !is_in_table {
        return Ok(false);
    }
    if is_in_snapshot()? {
        return Ok(true);
    }
    Err(Error::NotInSnapshot {
        kind: row.kind.clone(),
        slug: row.slug.clone(),
    })
}

/// What a store has noted of an import's effect.
pub(super) struct Noted {
    pub(super) effect: String,
    pub(super) has_outcome: bool,
}

/// What beginning an effect does.
pub(super) enum Begin {
    /// Nothing: the same was noted before.
    Known,
    /// It takes the place of another, which has no outcome.
    Replace,
    Add,
}

/// What beginning an effect does to what is noted.
pub(super) fn begin_effect(
    kind: &str,
    import_version: u32,
    effect: &str,
    noted: Option<&Noted>,
) -> Result<Begin, Error> {
    match noted {
        None => Ok(Begin::Add),
        Some(noted) if noted.has_outcome => Err(already_recorded(kind, import_version)),
        Some(noted) if noted.effect == effect => Ok(Begin::Known),
        Some(_) => Ok(Begin::Replace),
    }
}

/// Refuses the outcome of an effect that was never begun, or that has one.
pub(super) fn check_outcome(
    kind: &str,
    import_version: u32,
    noted: Option<&Noted>,
) -> Result<(), Error> {
    match noted {
        None => Err(Error::Invalid {
            what: "the effect's outcome".to_owned(),
            why: format!("no effect of the import of {kind} at version {import_version} was begun"),
        }),
        Some(noted) if noted.has_outcome => Err(already_recorded(kind, import_version)),
        Some(_) => Ok(()),
    }
}

fn already_recorded(kind: &str, import_version: u32) -> Error {
    Error::AlreadyRecorded {
        kind: kind.to_owned(),
        import_version,
    }
}
