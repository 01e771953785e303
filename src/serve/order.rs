//! What a client sends to be written: its body, what it expects to find, and its key.

use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, IF_MATCH, IF_NONE_MATCH};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::endpoint::{Endpoint, ParameterKind};
use super::limits::Limits;
use super::problem::Problem;
use super::question::Expected;
use super::response::broken;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A key is no longer than this, in bytes.
const KEY_BYTES: usize = 128;

/// Refuses what a form of another site could send.
pub(super) fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    expect_media(
        headers,
        "application/json",
        "what is to be written is sent as `Content-Type: application/json`",
    )
}

/// Refuses a body of another media type, whatever its parameters are.
pub(super) fn expect_media(
    headers: &HeaderMap,
    expected: &str,
    message: &str,
) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE);
    let given = given.map_or("", |it| it.to_str().unwrap_or_default());
    let media = given.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media-type-unsupported",
        message,
    )
    .with("remedy", "mend".into()))
}

/// Takes all of a body, as long as it keeps coming.
pub(super) async fn read(body: Incoming, limits: &Limits) -> Result<Vec<u8>, Problem> {
    read_within(body, limits.answer_time, limits, None).await
}

/// The same within another time. Each byte takes one of the permits of `held`, if that is there, and gives it back when the body is whole or
/// fails: so those who send little hold little.
pub(super) async fn read_within(
    body: Incoming,
    time: Duration,
    limits: &Limits,
    held: Option<&Semaphore>,
) -> Result<Vec<u8>, Problem> {
    let too_slow = |time: Duration| {
        let message = format!("the body wasn't there after {} seconds", time.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body-timed-out", message)
    };
    match timeout(time, read_parts(body, limits, held)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_slow(limits.stall_time)),
        Ok(Err(problem)) => Err(problem),
        Err(_) => Err(too_slow(time)),
    }
}

/// `None` where nothing came for too long.
async fn read_parts(
    mut body: Incoming,
    limits: &Limits,
    held: Option<&Semaphore>,
) -> Result<Option<Vec<u8>>, Problem> {
    let too_large = || {
        let message = format!("a body has at most {} bytes", limits.body_bytes);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", message)
    };
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let mut holds: Option<SemaphorePermit<'_>> = None;
    loop {
        let frame =
            std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context));
        match timeout(limits.stall_time, frame).await {
            Err(_) => return Ok(None),
            Ok(None) => return Ok(Some(bytes)),
            Ok(Some(Err(_))) => return Err(Problem::usage("the body breaks off")),
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                if bytes.len() + data.len() > limits.body_bytes {
                    return Err(too_large());
                }
                if let Some(held) = held {
                    let count = u32::try_from(data.len()).unwrap_or(u32::MAX);
                    let more = held.acquire_many(count).await.map_err(|_| broken())?;
                    match &mut holds {
                        Some(holds) => holds.merge(more),
                        None => holds = Some(more),
                    }
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

/// A body's members as an endpoint's parameters: lists as repeated ones, and what has a shape of its own as JSON.
pub(super) fn parameters(
    endpoint: &Endpoint,
    members: Map<String, Value>,
) -> Result<Vec<(String, String)>, String> {
    let mut parameters = Vec::new();
    for (name, value) in members {
        let Some(parameter) = endpoint.parameter(&name) else {
            // What is wrong with it is told with the others.
            parameters.push((name, String::new()));
            continue;
        };
        if matches!(parameter.kind, ParameterKind::Json(_)) {
            parameters.push((name, value.to_string()));
            continue;
        }
        let values = match value {
            Value::Array(values) if parameter.repeated => values,
            Value::Array(_) => return Err(format!("`{name}` is one value, and no list")),
            _ if parameter.repeated => return Err(format!("`{name}` must be a list")),
            value => vec![value],
        };
        for value in values {
            let text = match (&parameter.kind, value) {
                (ParameterKind::Flag, Value::Bool(value)) => value.to_string(),
                (ParameterKind::Number(..), Value::Number(value)) => value.to_string(),
                (ParameterKind::Text | ParameterKind::OneOf(_), Value::String(text)) => text,
                (kind, _) => return Err(format!("`{name}` must be {}", kind.called())),
            };
            parameters.push((name.clone(), text));
        }
    }
    endpoint.refuse(&parameters)?;
    Ok(parameters)
}

/// What the client expects of the branch: the commit that it loaded, or that there is none.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<Expected>, Problem> {
    let text = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        let value = values
            .next()
            .map(|it| it.to_str().unwrap_or_default().trim());
        (value, values.next().is_some())
    };
    match (text(IF_MATCH), text(IF_NONE_MATCH)) {
        ((None, _), (None, _)) => Ok(None),
        ((None, _), (Some("*"), false)) => Ok(Some(Expected::Absent)),
        ((Some(tag), false), (None, _)) => {
            let commit = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            let is_commit = |commit: &&str| {
                [40, 64].contains(&commit.len()) && commit.bytes().all(|it| it.is_ascii_hexdigit())
            };
            match commit.filter(is_commit) {
                Some(commit) => Ok(Some(Expected::Commit(commit.to_ascii_lowercase()))),
                None => Err(Problem::usage(
                    "`If-Match` names the commit that was loaded, in full and in double quotes",
                )),
            }
        }
        _ => Err(Problem::usage(
            "`If-Match: \"COMMIT\"` is for a branch that is there, `If-None-Match: *` for a new one: send one of them, once",
        )),
    }
}

/// Asks for what is expected, where something is to be written.
pub(super) fn precondition_missing() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_REQUIRED,
        "precondition-missing",
        "say what the branch was when you read it: `If-Match: \"COMMIT\"`, or `If-None-Match: *` for a new branch",
    )
    .with("remedy", "mend".into())
}

/// The client's own name for this request, by which it is told from the same sent again.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default().trim();
    if values.next().is_some() || key.is_empty() || key.len() > KEY_BYTES {
        return Err(Problem::usage(format!(
            "`Idempotency-Key` is one text of 1 to {KEY_BYTES} ASCII characters"
        )));
    }
    Ok(Some(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_named_in_full_and_in_quotes() {
        let expected = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            super::expected(&headers).map_err(|problem| problem.status.as_u16())
        };
        let commit = "ABCDEF7890123456789012345678901234567890";
        let named = Expected::Commit(commit.to_ascii_lowercase());
        assert_eq!(
            expected("if-match", &format!("\"{commit}\"")),
            Ok(Some(named))
        );
        assert_eq!(expected("if-none-match", "*"), Ok(Some(Expected::Absent)));
        for wrong in [commit, "*", "\"abc\"", "W/\"abc\"", "\"a\", \"b\"", ""] {
            assert_eq!(expected("if-match", wrong), Err(400), "{wrong}");
        }
        assert_eq!(expected("if-none-match", "\"x\""), Err(400));
        assert_eq!(expected("accept", "*"), Ok(None));
    }
}
