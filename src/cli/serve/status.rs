//! Which status an error has.

use crate::serve::StatusCode;

/// Codes of what isn't there.
const NOT_FOUND: [&str; 9] = [
    "revision-not-found",
    "pattern-fits-nothing",
    "document-not-found",
    "selector-selects-nothing",
    "base-path-without-project",
    "base-path-not-a-folder",
    "not-in-store",
    "no-merge-base",
    "marker-missing",
];

/// Codes of requests that can't be understood.
const NOT_UNDERSTOOD: [&str; 6] = [
    "usage",
    "sql-invalid",
    "sql-refused",
    "revision-invalid",
    "revision-ambiguous",
    "base-path-invalid",
];

/// Codes of what is wrong with the service, whatever was asked: beginnings of words.
const OF_SERVICE: [&str; 7] = [
    "catalog-invalid",
    "settings-invalid",
    "repository-",
    "store-",
    "output-failed",
    "git-file-failed",
    "git-storage-failed",
];

/// The status of an error, by its code and by who can do something about it.
pub(super) fn status(code: &str, remedy: &str) -> StatusCode {
    match remedy {
        "report_bug" => return StatusCode::INTERNAL_SERVER_ERROR,
        "load_again" if code.starts_with("store-") || code == "git-locked" => {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        "load_again" => return StatusCode::CONFLICT,
        _ => {}
    }
    if NOT_FOUND.contains(&code) {
        StatusCode::NOT_FOUND
    } else if NOT_UNDERSTOOD.contains(&code) {
        StatusCode::BAD_REQUEST
    } else if OF_SERVICE.iter().any(|start| code.starts_with(start)) {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
