//! Projects that live elsewhere: reads that want what is there now, how old an answer is, and notices of changes.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer::busy;
use super::body::Body;
use super::limits::{Limits, REFRESHES, REFRESHES_OF_ONE};
use super::order;
use super::problem::Problem;
use super::response::{TOLD, ascii_value, broken, not_allowed, text};
use super::service::Service;
use super::shares::Shares;

/// The parameter by which a client asks for what is there now.
pub(crate) const FRESH: &str = "fresh";

/// How many seconds old the mirror is.
const FETCHED: HeaderName = HeaderName::from_static("ocl-migrate-fetched");

/// How many of the longest bodies of notices are held at once. Whether they come from a host is known only when they are there.
const BODIES: usize = 4;

/// How long a notice may take to come. Hosts don't wait longer for an answer to it.
const NOTICE_TIME: Duration = Duration::from_secs(10);

/// The path of notices, which the project's name follows.
const NOTICES: &str = "/v1/webhooks/";

/// What is asked of remotes, and told by them.
pub(super) struct Remotes {
    service: Arc<dyn Service>,
    limits: Limits,
    refreshes: Arc<Shares>,
    /// A permit for each byte of notices that may be held.
    bytes: Semaphore,
}

/// Whether a client wants what is there now. Takes the parameter away, as the answer is the same with it.
pub(super) fn wants_fresh(headers: &HeaderMap, parameters: &mut Vec<(String, String)>) -> bool {
    let mut wants = false;
    parameters.retain(|(name, value)| {
        wants |= name == FRESH && value != "false";
        name != FRESH
    });
    let directives = headers.get_all(CACHE_CONTROL).iter();
    let directives = directives.filter_map(|it| it.to_str().ok());
    let mut directives = directives.flat_map(|it| it.split(','));
    wants || directives.any(|it| it.trim().eq_ignore_ascii_case("no-cache"))
}

impl Remotes {
    pub(super) fn new(service: Arc<dyn Service>, limits: Limits) -> Remotes {
        Remotes {
            service,
            refreshes: Shares::new(REFRESHES, REFRESHES_OF_ONE, REFRESHES_OF_ONE),
            bytes: Semaphore::new(
                limits
                    .body_bytes
                    .saturating_mul(BODIES)
                    .min(Semaphore::MAX_PERMITS),
            ),
            limits,
        }
    }

    /// Brings what is known of a project up to date: on a thread of its own, as it takes as long as somebody else wants, and holds no
    /// place of those who answer.
    pub(super) async fn refresh(&self, project: &str) -> Result<(), Problem> {
        let Some(remote) = self.service.remote(project) else {
            return Ok(());
        };
        let place = self.refreshes.take(remote).ok_or_else(busy)?;
        let (service, project) = (self.service.clone(), project.to_owned());
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            service.refresh(&project)
        });
        match timeout(self.limits.answer_time, done).await {
            Ok(done) => done.map_err(|_| broken())?,
            Err(_) => Err(Problem::new(
                StatusCode::GATEWAY_TIMEOUT,
                "answer-timed-out",
                "the remote takes long: ask without `fresh` for what is known of it",
            )),
        }
    }

    /// Takes a notice. Its signature is its token.
    pub(super) async fn notice(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Problem> {
        if request.method() != Method::POST {
            return Ok(not_allowed(request.method(), &["POST"]));
        }
        let (head, body) = request.into_parts();
        let project = notice_of(head.uri.path()).unwrap_or_default();
        self.service.expects_notices(project)?;
        let body = order::read_within(body, NOTICE_TIME, &self.limits, Some(&self.bytes)).await?;
        let header = |name: &str| {
            let mut values = head.headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().ok().map(str::to_owned),
                _ => None,
            }
        };
        self.service.notice(project, &header, &body)?;
        Ok(text(StatusCode::ACCEPTED, "it is fetched\n".into()))
    }
}

/// Says how old an answer is, where it is about a project that lives elsewhere.
pub(super) fn tell_age(service: &dyn Service, project: &str, headers: &mut HeaderMap) {
    let Some(mirrored) = service.mirrored(project) else {
        return;
    };
    if let Some(seconds) = mirrored.seconds {
        headers.insert(FETCHED, HeaderValue::from(seconds));
    }
    if let Some(warning) = mirrored.warning {
        let told = headers.get(TOLD).and_then(|told| told.to_str().ok());
        let mut told: Vec<Value> = told
            .and_then(|told| serde_json::from_str(told).ok())
            .unwrap_or_default();
        told.insert(
            0,
            json!({"format_version": 1, "warning": {"message": warning}}),
        );
        if let Some(told) = ascii_value(&told.into()) {
            headers.insert(TOLD, told);
        }
    }
}

/// The project whose host sends a notice to this path.
pub(super) fn notice_of(path: &str) -> Option<&str> {
    path.strip_prefix(NOTICES)
}
