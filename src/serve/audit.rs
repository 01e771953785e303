//! What the log says of requests to write.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::caller::Caller;
use super::endpoint::Endpoint;
use super::problem::Problem;
use super::service::Service;
use super::trace::now;

/// A line about a request to write, to which is added what becomes known of it.
pub(super) struct Audit {
    service: Arc<dyn Service>,
    line: Value,
}

impl Audit {
    pub(super) fn new(
        service: Arc<dyn Service>,
        caller: &Caller,
        request_id: &str,
        project: &str,
    ) -> Audit {
        let line = json!({
            "time": now().as_secs_f64(), "request_id": request_id, "token": caller.token, "project": project,
        });
        Audit { service, line }
    }

    pub(super) fn add(&mut self, name: &str, value: impl Into<Value>) {
        self.line[name] = value.into();
    }

    /// Adds what is asked for. Says whether that is only to be shown.
    pub(super) fn add_asked(
        &mut self,
        endpoint: &Endpoint,
        parameters: &[(String, String)],
    ) -> bool {
        let value = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        // What has no such parameter only shows what it would write, until there is a message.
        let is_dry = match endpoint.parameter("dry_run") {
            Some(_) => value("dry_run") == Some("true"),
            None => value("message").is_none(),
        };
        self.add("ref", value("ref"));
        self.add("message", value("message"));
        self.add("dry_run", is_dry);
        let asked = self.service.audited(endpoint, parameters);
        self.add("asked", asked);
        is_dry
    }

    pub(super) fn add_status(&mut self, status: StatusCode) {
        self.add("status", status.as_u16());
    }

    /// Writes the line.
    pub(super) fn log(self) {
        self.service.log(&json!({"audit": self.line}).to_string());
    }

    /// Writes the line about what is refused.
    pub(super) fn refused(mut self, problem: &Problem) {
        self.add_status(problem.status);
        self.add("code", problem.code.as_str());
        self.log();
    }
}
