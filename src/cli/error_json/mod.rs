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
struct Error<'a> {
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
        ErrorReport::of(Error {
            code: code(failure),
            message: failure.message(),
            remedy: failure.remedy().name(),
            hint,
            places: place::places(failure, called.revision.as_deref()),
            exit_code: failure.exit().number(),
        })
    }

    /// What clap says of arguments that it doesn't understand.
    pub(super) fn usage(message: String, hint: &'a str) -> ErrorReport<'a> {
        let failure = Failure::Usage(message);
        ErrorReport::of(Error {
            code: code(&failure),
            message: failure.message(),
            remedy: failure.remedy().name(),
            hint: Some(hint),
            places: Vec::new(),
            exit_code: Exit::Usage.number(),
        })
    }

    fn of(error: Error<'a>) -> ErrorReport<'a> {
        ErrorReport {
            format_version: FORMAT_VERSION,
            error,
        }
    }
}
