//! Which status an error has.

use serde_json::Value;

use crate::serve::{Problem, StatusCode};

/// Codes of what isn't there.
const NOT_FOUND: [&str; 10] = [
    "revision-not-found",
    "pattern-fits-nothing",
    "document-not-found",
    "document-not-imported",
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
const OF_SERVICE: [&str; 9] = [
    "git-mirror-",
    "git-remote-failed",
    "catalog-invalid",
    "settings-invalid",
    "repository-",
    "store-",
    "output-failed",
    "git-file-failed",
    "git-storage-failed",
];

/// Codes of a branch that isn't where the client has seen it.
const MOVED: [&str; 2] = ["branch-moved", "branch-exists"];

/// Codes of what could be written once somebody has consented, settled or changed something: the request itself is right.
const REFUSED: [&str; 23] = [
    "below-import",
    "branch-checked-out",
    "comes-in-again",
    "documents-failed",
    "doubled-names",
    "effect-failed",
    "effect-unknown",
    "git-remote-refused",
    "missing-lookups",
    "no-change",
    "nothing-to-restore",
    "nothing-to-upgrade",
    "other-commit-unsettled",
    "other-projects",
    "store-behind",
    "store-needed",
    "store-project-unknown",
    "unknown-versions",
    "up-to-date",
    "values-set-aside",
    "work-tree-busy",
    "work-tree-not-clean",
    "work-trees-several",
];

/// What a problem is where something was to be written.
pub(super) fn of_write(problem: Problem) -> Problem {
    let remedy = problem.members.get("remedy").and_then(Value::as_str);
    let status = match &*problem.code {
        code if MOVED.contains(&code) => StatusCode::PRECONDITION_FAILED,
        code if REFUSED.contains(&code) => StatusCode::CONFLICT,
        // The service's own: nobody has said who commits, or with which key; or another process is at it.
        "git-identity-missing" | "not-signed" | "git-locked" => StatusCode::SERVICE_UNAVAILABLE,
        _ if remedy == Some("check_outcome") => StatusCode::SERVICE_UNAVAILABLE,
        _ => problem.status,
    };
    Problem { status, ..problem }
}

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
