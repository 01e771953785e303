//! Errors as RFC 9457 has them.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

/// Why a request has no answer: the error that the command line prints as JSON, with a status.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// A word that never changes.
    pub(crate) code: String,
    pub(crate) message: String,
    /// Further members: `remedy`, `hint`, `places`, `exit_code`.
    pub(crate) members: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Problem {
        Problem {
            status,
            code: code.to_owned(),
            message: message.into(),
            members: Map::new(),
        }
    }

    /// The request isn't understood.
    pub(crate) fn usage(message: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "usage", message).with("remedy", "mend".into())
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Problem {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// The document.
    pub(super) fn to_json(&self) -> String {
        let mut document = json!({
            "type": format!("urn:ocl-migrate:error:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.message,
            "code": self.code,
        });
        if let Value::Object(members) = &mut document {
            members.extend(self.members.clone());
        }
        document.to_string()
    }
}
