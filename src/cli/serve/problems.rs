//! Errors as problems.

use serde_json::Value;

use super::status::status;
use crate::cli::error_json::ErrorReport;
use crate::cli::failure::Failure;
use crate::cli::hint;
use crate::cli::invocation::Invocation;
use crate::serve::{Problem, StatusCode};

pub(super) fn no_project(name: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "path-not-found",
        format!("there is no project {}", crate::text::visible_line(name)),
    )
}

/// An error as the command line prints it.
pub(super) fn problem(failure: &Failure, called: Option<&Invocation>) -> Problem {
    let hint = called.and_then(|called| hint::hint(failure, called));
    let report = match called {
        Some(called) => ErrorReport::new(failure, hint.as_deref(), called),
        None => ErrorReport::in_passing(failure),
    };
    let mut members = match serde_json::to_value(report.into_error()) {
        Ok(Value::Object(members)) => members,
        _ => Default::default(),
    };
    let mut text = |name: &str| match members.shift_remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (code, message) = (text("code"), text("message"));
    let remedy = members
        .get("remedy")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Problem {
        status: status(&code, remedy),
        code,
        message,
        members,
    }
}
