//! Responses, and what stands in their heads.

use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION,
    VARY, WWW_AUTHENTICATE,
};
use hyper::{HeaderMap, Method, Response, StatusCode};
use serde_json::Value;

use super::body::Body;
use super::etag::ETag;
use super::problem::Problem;
use super::question::Form;
use super::remembered::Kept;

pub(super) const EXIT_CODE: HeaderName = HeaderName::from_static("ocl-migrate-exit-code");
pub(super) const TOLD: HeaderName = HeaderName::from_static("ocl-migrate-told");

/// Pages carry their own style and script, and load nothing. Which of them may send forms, each says itself.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                           base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Warnings and notes as one list, if they fit into a header.
pub(super) fn told_value(told: &[u8]) -> Option<HeaderValue> {
    let lines = told
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let lines = lines.filter_map(|line| serde_json::from_slice(line).ok());
    let lines: Vec<Value> = lines.collect();
    if lines.is_empty() {
        return None;
    }
    ascii_value(&lines.into())
}

/// JSON as it can stand in a header.
pub(super) fn ascii_value(value: &Value) -> Option<HeaderValue> {
    // Headers are ASCII, and JSON can be.
    let mut ascii = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    HeaderValue::from_str(&ascii).ok()
}

pub(super) fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// What is asked for is at another link, which is relative.
pub(super) fn moved_to(status: StatusCode, link: &str) -> Result<Response<Body>, Problem> {
    let mut response = Response::new(Body::Whole(None));
    *response.status_mut() = status;
    let link = HeaderValue::from_str(link).map_err(|_| broken())?;
    response.headers_mut().insert(LOCATION, link);
    Ok(response)
}

pub(super) fn json_response(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

pub(super) fn page_response(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    described(response.headers_mut(), Form::Page, "", false);
    response
}

pub(super) fn page_with_status(status: StatusCode, page: String) -> Response<Body> {
    let mut response = page_response(page.into());
    *response.status_mut() = status;
    response
}

pub(super) fn problem_response(problem: Problem) -> Response<Body> {
    let mut response = Response::new(Body::from(problem.to_json() + "\n"));
    *response.status_mut() = problem.status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if problem.status == StatusCode::UNAUTHORIZED {
        // The second one lets a browser ask its user, for whom the name doesn't matter.
        for scheme in ["Bearer", "Basic"] {
            let challenge = format!("{scheme} realm=\"ocl-migrate\"");
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                headers.append(WWW_AUTHENTICATE, challenge);
            }
        }
    }
    if problem.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert("retry-after", HeaderValue::from_static("1"));
    }
    response
}

/// The answer to a write, now or again.
pub(super) fn kept_response(kept: &Kept, is_again: bool) -> Response<Body> {
    let mut response = Response::new(Body::Whole(Some(kept.body.clone().into())));
    *response.status_mut() = kept.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kept.media_type));
    headers.insert(EXIT_CODE, u16::from(kept.exit_code).into());
    if let Some(told) = told_value(&kept.told) {
        headers.insert(TOLD, told);
    }
    if is_again {
        let name = HeaderName::from_static("idempotency-replayed");
        headers.insert(name, HeaderValue::from_static("true"));
    }
    if kept.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert("retry-after", HeaderValue::from_static("1"));
    }
    response
}

pub(super) fn broken() -> Problem {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "answer-failed", "the answer can't be made")
}

/// Names the methods that there are.
pub(super) fn not_allowed(method: &Method, allowed: &[&str]) -> Response<Body> {
    let allowed = allowed.join(", ");
    let message = format!("{method} isn't answered here: use {allowed}");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = problem_response(Problem::new(status, "method-not-allowed", message));
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

pub(super) fn not_modified(tag: &ETag) -> Response<Body> {
    let mut response = Response::new(Body::Whole(None));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    validated(response.headers_mut(), tag);
    response
}

/// How an answer is written.
pub(super) fn described(
    headers: &mut HeaderMap,
    form: Form,
    media_type: &'static str,
    is_gzip: bool,
) {
    let media_type = match form {
        Form::Data => media_type,
        Form::Events => "text/event-stream",
        Form::Page => "text/html; charset=utf-8",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    if is_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if form == Form::Page {
        headers.insert(
            "content-security-policy",
            HeaderValue::from_static(PAGE_POLICY),
        );
        headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    }
}

/// A client may keep the answer, and asks each time whether it still holds.
pub(super) fn validated(headers: &mut HeaderMap, tag: &ETag) {
    if let Ok(tag) = HeaderValue::from_str(tag.as_str()) {
        headers.insert(ETAG, tag);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

/// What HEAD is answered with: the length, where it is known, and no body.
pub(super) fn without_body(response: Response<Body>) -> Response<Body> {
    use hyper::body::Body as _;
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact()
        && head.status != StatusCode::NOT_MODIFIED
    {
        head.headers.insert("content-length", length.into());
    }
    Response::from_parts(head, Body::Whole(None))
}
