//! How to answer what steps asked the store.

use crate::cli::invocation::{Invocation, StoreTakes};
use crate::cli::lookups::{fill_in, fill_in_first, unusable};
use crate::project::LookupKey;

/// Where steps asked the store what it doesn't answer, the command that answers it, and what can be done otherwise.
pub(super) fn answered_or<'k>(
    missing: impl IntoIterator<Item = &'k LookupKey>,
    otherwise: String,
    called: &Invocation,
) -> String {
    let answered = || {
        let load = called.store("lookup load -")?;
        match called.store_takes {
            StoreTakes::Answers => fill_in(&load, missing),
            StoreTakes::AnswersOnceInit => fill_in_first(&called.store("init")?, &load, missing),
            StoreTakes::Nothing => {
                missing.into_iter().next()?;
                Some(unusable(&called.store("status")?))
            }
        }
    };
    match answered() {
        Some(answered) => format!("{answered}\n    {otherwise}"),
        None => otherwise,
    }
}
