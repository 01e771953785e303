//! From a request to its response.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use super::answer::{Answered, Answers};
use super::body::{Body, Parts};
use super::etag::ETag;
use super::guard::Guard;
use super::limits::{Limits, TARGET_BYTES};
use super::metrics::Metrics;
use super::openapi::openapi;
use super::problem::Problem;
use super::question::{Form, Question};
use super::request::{Route, form, of_query, reads_gzip, route};
use super::service::Service;
use super::sink::End;

const EXIT_CODE: HeaderName = HeaderName::from_static("ocl-migrate-exit-code");
const TOLD: HeaderName = HeaderName::from_static("ocl-migrate-told");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Pages carry their own style and script, and load nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers requests.
pub(super) struct Responder {
    service: Arc<dyn Service>,
    answers: Answers,
    guard: Guard,
    metrics: Metrics,
    openapi: String,
    stopping: watch::Receiver<bool>,
    /// Names the requests of this process.
    process: u64,
    requests: AtomicU64,
}

type Responded = Result<Response<Body>, Problem>;

impl Responder {
    pub(super) fn new(
        service: Arc<dyn Service>,
        guard: Guard,
        limits: Limits,
        stopping: watch::Receiver<bool>,
    ) -> Responder {
        let description = openapi(
            "ocl-migrate",
            env!("CARGO_PKG_VERSION"),
            service.endpoints(),
        );
        Responder {
            answers: Answers::new(service.clone(), limits),
            service,
            guard,
            metrics: Metrics::default(),
            openapi: format!("{description:#}\n"),
            stopping,
            process: now().as_nanos() as u64,
            requests: AtomicU64::new(0),
        }
    }

    /// Responds, counts and logs.
    pub(super) async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let began = Instant::now();
        let id = self.request_id(request.headers());
        let trace = trace_id(request.headers());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let is_head = method == Method::HEAD;
        let (endpoint, responded) = self.handle(request).await;
        let mut response = responded.unwrap_or_else(problem_response);
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(
            "x-content-type-options",
            HeaderValue::from_static("nosniff"),
        );
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        if is_head {
            response = without_body(response);
        }
        let (status, time) = (response.status().as_u16(), began.elapsed());
        self.metrics.add(endpoint, status, time);
        let mut line = json!({
            "time": now().as_secs_f64(), "request_id": id, "method": method.as_str(), "path": path, "status": status,
            "milliseconds": time.as_secs_f64() * 1e3,
        });
        if let Some(trace) = trace {
            line["trace_id"] = trace.into();
        }
        self.service.log(&line.to_string());
        response
    }

    /// The name under which the request is counted, and its response.
    async fn handle(&self, request: Request<Incoming>) -> (&'static str, Responded) {
        let target = request.uri().path_and_query();
        if target.is_some_and(|target| target.as_str().len() > TARGET_BYTES) {
            let message = format!("a path and its query have at most {TARGET_BYTES} bytes");
            let problem = Problem::new(StatusCode::URI_TOO_LONG, "path-too-long", message);
            return ("none", Err(problem));
        }
        let Some(route) = route(request.uri().path(), &*self.service) else {
            let path = crate::text::visible_line(request.uri().path()).into_owned();
            let problem = Problem::new(
                StatusCode::NOT_FOUND,
                "path-not-found",
                format!("there is nothing at {path}; /openapi.json lists what there is"),
            );
            return ("none", Err(problem));
        };
        let name = match &route {
            Route::Health => "healthz",
            Route::Readiness => "readyz",
            Route::Metrics => "metrics",
            Route::OpenApi => "openapi",
            Route::Projects => "projects",
            Route::Index(_) => "index",
            Route::Endpoint(_, place) => self.service.endpoints()[*place].name,
        };
        // Who checks the process knows its address, and no name.
        let responded = match route {
            Route::Health => Ok(text(StatusCode::OK, "ok\n".into())),
            Route::Readiness => Ok(self.readiness()),
            route => match self.guard.check(request.headers()) {
                Err(problem) => Err(problem),
                Ok(()) => self.answer(route, request).await,
            },
        };
        (name, responded)
    }

    fn readiness(&self) -> Response<Body> {
        if *self.stopping.borrow() {
            return text(
                StatusCode::SERVICE_UNAVAILABLE,
                "the service stops\n".into(),
            );
        }
        match self.service.ready() {
            Ok(()) => text(StatusCode::OK, "ok\n".into()),
            Err(why) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        }
    }

    async fn answer(&self, route: Route, request: Request<Incoming>) -> Responded {
        const METHODS: &str = "GET, HEAD";
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let message = format!("{} isn't answered here: use {METHODS}", request.method());
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let mut response =
                problem_response(Problem::new(status, "method-not-allowed", message));
            let methods = HeaderValue::from_static(METHODS);
            response.headers_mut().insert(ALLOW, methods);
            return Ok(response);
        }
        match route {
            Route::Health | Route::Readiness => Ok(self.readiness()),
            Route::Metrics => Ok(text(StatusCode::OK, self.metrics_text())),
            Route::OpenApi => Ok(json_response(self.openapi.clone())),
            Route::Projects => Ok(self.projects(request.headers())),
            Route::Index(project) => {
                let revision = match &*of_query(request.uri().query().unwrap_or_default())? {
                    [] => None,
                    [(name, value)] if name == "ref" => Some(value.clone()),
                    _ => return Err(Problem::usage("a page takes `ref` and nothing else")),
                };
                let _place = self.answers.place().await?;
                let service = self.service.clone();
                let made = tokio::task::spawn_blocking(move || {
                    service.index(&project, revision.as_deref())
                });
                let made = made.await;
                let page = made.map_err(|_| broken())??;
                Ok(page_response(page.into()))
            }
            Route::Endpoint(project, endpoint) => self.ask(project, endpoint, request).await,
        }
    }

    fn metrics_text(&self) -> String {
        let (waiting, made) = self.answers.counts();
        let mut gauges = self.service.gauges();
        gauges.extend([
            (
                "ocl_migrate_waiting",
                "Requests that wait for their turn.",
                waiting as u64,
            ),
            (
                "ocl_migrate_answering",
                "Answers that are made.",
                made as u64,
            ),
        ]);
        self.metrics.text(&gauges)
    }

    fn projects(&self, headers: &HeaderMap) -> Response<Body> {
        let projects = self.service.projects();
        if form(headers, &Method::GET, true) != Form::Page {
            let document = json!({"format_version": 1, "projects": projects});
            return json_response(document.to_string() + "\n");
        }
        // Names of projects are words; nothing in them means anything in a page.
        let links = projects
            .iter()
            .map(|name| format!("<li><a href=\"/v1/projects/{name}/\">{name}</a></li>"));
        let links: String = links.collect();
        page_response(Body::from(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>ocl-migrate</title><style>:root{{color-scheme:light dark;font-family:\
             system-ui}}body{{margin:2rem}}</style><h1>Projects</h1><ul>{links}</ul></html>"
        )))
    }

    async fn ask(&self, project: String, place: usize, request: Request<Incoming>) -> Responded {
        let endpoint = &self.service.endpoints()[place];
        let (head, _) = request.into_parts();
        let parameters = of_query(head.uri.query().unwrap_or_default())?;
        endpoint.refuse(&parameters).map_err(Problem::usage)?;
        let question = Question {
            project,
            endpoint: place,
            parameters,
            form: form(&head.headers, &head.method, endpoint.has_page),
        };
        let (form, media_type) = (question.form, self.service.media_type(&question));
        let may_compress = reads_gzip(&head.headers);
        let key = key(&question, endpoint.name, may_compress);
        let headers = Arc::new(head.headers);
        let tag = move |digest: &[u8; 32]| ETag::new(&keyed(&key, digest), may_compress);
        let is_known = {
            let headers = headers.clone();
            Box::new(move |state: &[u8; 32]| tag(state).is_known(&headers))
        };
        let answered = self.answers.ask(question, may_compress, is_known).await?;
        let known = headers;
        Ok(match answered {
            Answered::Known(state) => not_modified(&tag(&state)),
            Answered::Whole {
                bytes,
                is_gzip,
                end,
            } => {
                let End {
                    ended,
                    told,
                    digest,
                    ..
                } = *end;
                if let Some(problem) = ended.problem {
                    return Err(problem);
                }
                let tag = tag(&digest);
                if tag.is_known(&known) {
                    return Ok(not_modified(&tag));
                }
                let mut response = Response::new(Body::Whole(Some(bytes.concat().into())));
                let headers = response.headers_mut();
                described(headers, form, media_type, is_gzip);
                headers.insert(EXIT_CODE, u16::from(ended.exit_code).into());
                if let Some(told) = told_value(&told) {
                    headers.insert(TOLD, told);
                }
                validated(headers, &tag);
                response
            }
            Answered::Begun {
                first,
                is_gzip,
                rest,
            } => {
                let mut stopping = self.stopping.clone();
                let stop = async move {
                    let _ = stopping.wait_for(|stops| *stops).await;
                };
                let mut response = Response::new(Body::Parts(Parts {
                    first,
                    rest,
                    stop: (form == Form::Events).then(|| Box::pin(stop) as _),
                    is_over: false,
                }));
                described(response.headers_mut(), form, media_type, is_gzip);
                response
            }
        })
    }

    /// The client's own, if it is a plain word, else a new one.
    fn request_id(&self, headers: &HeaderMap) -> String {
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

/// What a validator stands for, beside the state: the question, and how its answer is written.
fn key(question: &Question, endpoint: &str, may_compress: bool) -> [u8; 32] {
    let mut key = Sha256::new();
    let release = env!("CARGO_PKG_VERSION");
    key.update(format!(
        "{release}\0{:?}\0{may_compress}\0{endpoint}",
        question.form
    ));
    for text in std::iter::once(&question.project).chain(
        question
            .parameters
            .iter()
            .flat_map(|(name, value)| [name, value]),
    ) {
        // No text with its length is the beginning of another.
        key.update((text.len() as u64).to_le_bytes());
        key.update(text);
    }
    key.finalize().into()
}

fn keyed(key: &[u8; 32], state: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(key)
        .chain_update(state)
        .finalize()
        .into()
}

fn now() -> std::time::Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The trace that a request belongs to, by the header of W3C Trace Context.
fn trace_id(headers: &HeaderMap) -> Option<String> {
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

/// Warnings and notes as one list, if they fit into a header.
fn told_value(told: &[u8]) -> Option<HeaderValue> {
    let lines = told
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let lines = lines.filter_map(|line| serde_json::from_slice(line).ok());
    let lines: Vec<Value> = lines.collect();
    if lines.is_empty() {
        return None;
    }
    // Headers are ASCII, and JSON can be.
    let mut ascii = String::new();
    for character in Value::from(lines).to_string().chars() {
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

fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn json_response(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn page_response(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    described(response.headers_mut(), Form::Page, "", false);
    response
}

fn problem_response(problem: Problem) -> Response<Body> {
    let mut response = Response::new(Body::from(problem.to_json() + "\n"));
    *response.status_mut() = problem.status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if problem.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert("retry-after", HeaderValue::from_static("1"));
    }
    response
}

fn broken() -> Problem {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "answer-failed", "the answer can't be made")
}

fn not_modified(tag: &ETag) -> Response<Body> {
    let mut response = Response::new(Body::Whole(None));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    validated(response.headers_mut(), tag);
    response
}

/// How an answer is written.
fn described(headers: &mut HeaderMap, form: Form, media_type: &'static str, is_gzip: bool) {
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
fn validated(headers: &mut HeaderMap, tag: &ETag) {
    if let Ok(tag) = HeaderValue::from_str(tag.as_str()) {
        headers.insert(ETAG, tag);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

/// What HEAD is answered with: the length, where it is known, and no body.
fn without_body(response: Response<Body>) -> Response<Body> {
    use hyper::body::Body as _;
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact()
        && head.status != StatusCode::NOT_MODIFIED
    {
        head.headers.insert("content-length", length.into());
    }
    Response::from_parts(head, Body::Whole(None))
}
