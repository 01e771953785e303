//! An error as JSON, for scripts: `docs/json.md` is the contract.

mod code;
mod place;

use serde::Serialize;

use crate::report::FORMAT_VERSION;

use super::failure::{Exit, Failure};
use super::invocation::Invocation;
pub(super) use code::code;
use place::Place;

/// One line on stderr.
#[derive(Serialize)]
pub(super) struct ErrorReport<'a> {
    format_version: u32,
    error: Error<'a>,
}

#[derive(Serialize)]
pub(super) struct Error<'a> {
    code: &'static str,
    message: String,
    remedy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<Place>,
    exit_code: u8,
}

impl<'a> ErrorReport<'a> {
    pub(super) fn new(
        failure: &Failure,
        hint: Option<&'a str>,
        called: &Invocation,
    ) -> ErrorReport<'a> {
        ErrorReport::of(failure, hint, called.revision.as_deref())
    }

    /// The same where the command ends otherwise than after other errors of the kind.
    pub(super) fn ending_with(mut self, exit: Exit) -> ErrorReport<'a> {
        self.error.exit_code = exit.number();
        self
    }

    /// An error after which the command goes on.
    pub(super) fn in_passing(failure: &Failure) -> ErrorReport<'a> {
        ErrorReport::of(failure, None, None)
    }

    /// The error alone, as part of another line.
    pub(super) fn into_error(self) -> Error<'a> {
        self.error
    }

    /// What clap says of arguments that it doesn't understand.
    pub(super) fn usage(message: String, hint: &'a str) -> ErrorReport<'a> {
        ErrorReport::of(&Failure::Usage(message), Some(hint), None)
    }

    fn of(failure: &Failure, hint: Option<&'a str>, revision: Option<&str>) -> ErrorReport<'a> {
        ErrorReport {
            format_version: FORMAT_VERSION,
            error: Error {
                code: code(failure),
                message: failure.message(),
                remedy: failure.remedy().name(),
                hint,
                places: place::places(failure, revision),
                exit_code: failure.exit().number(),
            },
        }
    }
}
