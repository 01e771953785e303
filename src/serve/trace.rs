//! The names of requests: by which a log's lines are found again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::HeaderMap;
use hyper::header::HeaderName;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the requests of this process.
pub(super) struct RequestIds {
    process: u64,
    requests: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> RequestIds {
        RequestIds {
            process: now().as_nanos() as u64,
            requests: AtomicU64::new(0),
        }
    }

    /// The client's own, if it is a plain word, else a new one.
    pub(super) fn of(&self, headers: &HeaderMap) -> String {
        let given = headers
            .get(REQUEST_ID)
            .map(|it| it.to_str().unwrap_or_default());
        let is_plain = |id: &&str| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
        };
        match given.filter(is_plain) {
            Some(id) => id.to_owned(),
            None => {
                let number = self.requests.fetch_add(1, Ordering::Relaxed);
                format!("{:016x}-{number}", self.process)
            }
        }
    }
}

/// Since the beginning of 1970.
pub(super) fn now() -> std::time::Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The trace that a request belongs to, by the header of W3C Trace Context.
pub(super) fn trace_id(headers: &HeaderMap) -> Option<String> {
    let parent = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = parent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| {
        text.bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = trace.len() == 32 && is_hex(trace) && trace.bytes().any(|it| it != b'0');
    (version.len() == 2 && is_hex(version) && is_id).then(|| trace.to_owned())
}
