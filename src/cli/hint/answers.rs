//! How to answer what steps asked the store.

use crate::cli::invocation::Invocation;
use crate::cli::lookups::{fill_in, fill_in_first};
use crate::project::LookupKey;

/// Where steps asked the store what it doesn't answer, the command that answers it, and what can be done otherwise.
pub(super) fn answered_or<'k>(
    missing: impl IntoIterator<Item = &'k LookupKey>,
    otherwise: String,
    called: &Invocation,
) -> String {
    let answered = || {
        let load = called.store("lookup load -")?;
        if called.lacks_project {
            fill_in_first(&called.store("init")?, &load, missing)
        } else {
            fill_in(&load, missing)
        }
    };
    match answered() {
        Some(answered) => format!("{answered}\n    {otherwise}"),
        None => otherwise,
    }
}
