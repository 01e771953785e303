//! From a request to its response.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::sync::watch;

use super::accept::{form, reads_gzip};
use super::answer::{Answered, Answers};
use super::body::{Body, Parts};
use super::caller::{self, Caller, Scope};
use super::endpoint::ParameterKind;
use super::etag::Validator;
use super::fresh::{Remotes, notice_of, tell_age, wants_fresh};
use super::given_up::Asker;
use super::guard::Guard;
use super::limits::{Limits, TARGET_BYTES};
use super::metrics::Metrics;
use super::openapi::openapi;
use super::page::PageQuestion;
use super::problem::Problem;
use super::question::{Form, Question};
use super::request::{Route, of_query, route};
use super::response::{
    EXIT_CODE, TOLD, broken, described, json_response, moved_to, not_allowed, not_modified,
    page_response, page_with_status, problem_response, text, told_value, validated, without_body,
};
use super::service::Service;
use super::sink::End;
use super::trace::{REQUEST_ID, RequestIds, now, trace_id};
use super::write::Writes;

/// Answers requests.
pub(super) struct Responder {
    service: Arc<dyn Service>,
    answers: Arc<Answers>,
    writes: Writes,
    remotes: Remotes,
    guard: Guard,
    metrics: Metrics,
    openapi: String,
    stopping: watch::Receiver<bool>,
    ids: RequestIds,
}

const GET: &str = "GET";
const HEAD: &str = "HEAD";
const POST: &str = "POST";

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
        let answers = Arc::new(Answers::new(service.clone(), limits.clone()));
        Responder {
            writes: Writes::new(service.clone(), answers.clone(), limits.clone()),
            remotes: Remotes::new(service.clone(), limits),
            answers,
            service,
            guard,
            metrics: Metrics::default(),
            openapi: format!("{description:#}\n"),
            stopping,
            ids: RequestIds::new(),
        }
    }

    /// Waits until nothing is being written.
    pub(super) async fn wait_for_writes(&self) {
        self.writes.wait().await;
    }

    /// Responds, counts and logs.
    pub(super) async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let began = Instant::now();
        let id = self.ids.of(request.headers());
        let trace = trace_id(request.headers());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let is_head = method == Method::HEAD;
        let (endpoint, token, responded) = self.handle(&id, request).await;
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
        if let Some(token) = token {
            line["token"] = token.into();
        }
        self.service.log(&line.to_string());
        response
    }

    /// The name under which the request is counted, that of its token, and the response.
    async fn handle(
        &self,
        id: &str,
        request: Request<Incoming>,
    ) -> (&'static str, Option<String>, Responded) {
        let target = request.uri().path_and_query();
        if target.is_some_and(|target| target.as_str().len() > TARGET_BYTES) {
            let message = format!("a path and its query have at most {TARGET_BYTES} bytes");
            let problem = Problem::new(StatusCode::URI_TOO_LONG, "path-too-long", message);
            return ("none", None, Err(problem));
        }
        // Who checks the process knows its address, and neither its name nor a token.
        match request.uri().path() {
            "/healthz" | "/readyz" if ![Method::GET, Method::HEAD].contains(request.method()) => {
                return (
                    "none",
                    None,
                    Ok(not_allowed(request.method(), &[GET, HEAD])),
                );
            }
            "/healthz" => return ("healthz", None, Ok(text(StatusCode::OK, "ok\n".into()))),
            "/readyz" => return ("readyz", None, Ok(self.readiness().await)),
            _ => {}
        }
        let headers = request.headers();
        if notice_of(request.uri().path()).is_some() {
            if let Err(problem) = self.guard.check(request.uri(), headers) {
                return ("none", None, Err(problem));
            }
            return ("webhook", None, self.remotes.notice(request).await);
        }
        let caller = self.guard.check(request.uri(), headers).and_then(|()| {
            let token = caller::token(headers);
            self.service.caller(token.as_deref())
        });
        let caller = match caller {
            Ok(caller) => caller,
            Err(problem) => return ("none", None, Err(problem)),
        };
        let Some(route) = route(request.uri().path(), &*self.service, &caller) else {
            let path = crate::text::visible_line(request.uri().path()).into_owned();
            let problem = Problem::new(
                StatusCode::NOT_FOUND,
                "path-not-found",
                format!("there is nothing at {path}; /openapi.json lists what there is"),
            );
            return ("none", caller.token, Err(problem));
        };
        let name = match &route {
            Route::Metrics => "metrics",
            Route::OpenApi => "openapi",
            Route::Projects => "projects",
            Route::Unslashed(_) => "index",
            Route::Page(_, place) => match self.service.pages()[*place].name {
                "" => "index",
                name => name,
            },
            Route::Endpoint(_, place) => self.service.endpoints()[*place].name,
        };
        let responded = self.answer(route, &caller, id, request).await;
        (name, caller.token, responded)
    }

    async fn readiness(&self) -> Response<Body> {
        if *self.stopping.borrow() {
            return text(
                StatusCode::SERVICE_UNAVAILABLE,
                "the service stops\n".into(),
            );
        }
        let service = self.service.clone();
        match tokio::task::spawn_blocking(move || service.ready()).await {
            Ok(Ok(notes)) => {
                let notes: String = notes.iter().map(|note| format!("{note}\n")).collect();
                text(StatusCode::OK, format!("ok\n{notes}"))
            }
            Ok(Err(why)) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
            Err(_) => problem_response(broken()),
        }
    }

    async fn answer(
        &self,
        route: Route,
        caller: &Caller,
        id: &str,
        request: Request<Incoming>,
    ) -> Responded {
        let (writes, methods) = match &route {
            Route::Endpoint(_, place) if self.service.endpoints()[*place].writes => {
                (true, &[POST][..])
            }
            Route::Page(_, place) if self.service.pages()[*place].takes_form => {
                (request.method() == Method::POST, &[GET, HEAD, POST][..])
            }
            _ => (false, &[GET, HEAD][..]),
        };
        if !methods.contains(&request.method().as_str()) {
            return Ok(not_allowed(request.method(), methods));
        }
        match route {
            Route::Metrics => caller.expect(Scope::Admin)?,
            // Whoever wants to write is in the log, and may not, by its own answer.
            _ if writes => {}
            _ => caller.expect(Scope::Read)?,
        }
        match route {
            Route::Metrics => Ok(text(StatusCode::OK, self.metrics_text())),
            Route::OpenApi => Ok(json_response(self.openapi.clone())),
            Route::Projects => Ok(self.projects(caller, request.headers())),
            Route::Unslashed(project) => {
                let query = request.uri().query();
                let query = query.map(|query| format!("?{query}"));
                let link = format!("{project}/{}", query.unwrap_or_default());
                moved_to(StatusCode::PERMANENT_REDIRECT, &link)
            }
            Route::Page(project, place) => {
                let may_write =
                    self.service.is_writable(&project) && caller.scopes.contains(&Scope::Write);
                let asked = PageQuestion {
                    page: self.service.pages()[place].name,
                    parameters: Vec::new(),
                    project,
                    may_write,
                };
                if writes {
                    return self.writes.form(asked, caller, id, request).await;
                }
                self.page(asked, request).await
            }
            Route::Endpoint(project, place) if writes => {
                self.writes
                    .write((project, place), caller, id, request)
                    .await
            }
            Route::Endpoint(project, endpoint) => {
                let has_page = self.service.endpoints()[endpoint].has_page;
                let is_person = has_page && wants_page(request.headers());
                let asked = PageQuestion {
                    project: project.clone(),
                    page: self.service.endpoints()[endpoint].name,
                    parameters: Vec::new(),
                    may_write: false,
                };
                let answered = self.ask(project, endpoint, request).await;
                let mut response = answered.or_else(|problem| {
                    if !is_person {
                        return Err(problem);
                    }
                    let page = self.service.problem_page(&asked, &problem);
                    Ok(page_with_status(problem.status, page))
                })?;
                tell_age(&*self.service, &asked.project, response.headers_mut());
                Ok(response)
            }
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
            (
                "ocl_migrate_answers_bytes",
                "Bytes of the answers that are kept.",
                self.answers.kept_bytes(),
            ),
        ]);
        self.metrics.text(&gauges)
    }

    fn projects(&self, caller: &Caller, headers: &HeaderMap) -> Response<Body> {
        let mut projects = self.service.projects();
        projects.retain(|project| caller.knows(project));
        if !wants_page(headers) {
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

    async fn page(&self, mut asked: PageQuestion, request: Request<Incoming>) -> Responded {
        let is_person = wants_page(request.headers());
        let service = self.service.clone();
        asked.parameters = of_query(request.uri().query().unwrap_or_default())?;
        if wants_fresh(request.headers(), &mut asked.parameters) {
            self.remotes.refresh(&asked.project).await?;
        }
        let place = self.answers.place().await?;
        let (_asker, is_given_up) = Asker::new();
        let made = tokio::task::spawn_blocking(move || {
            let _place = place;
            let made = service.page(&asked, is_given_up);
            made.map_err(|problem| {
                let page = is_person.then(|| service.problem_page(&asked, &problem));
                (page, problem)
            })
        });
        match made.await.map_err(|_| broken())? {
            Ok(page) => Ok(page_response(page.into())),
            Err((None, problem)) => Err(problem),
            Err((Some(page), problem)) => Ok(page_with_status(problem.status, page)),
        }
    }

    async fn ask(&self, project: String, place: usize, request: Request<Incoming>) -> Responded {
        let endpoint = &self.service.endpoints()[place];
        let (head, _) = request.into_parts();
        let mut parameters = of_query(head.uri.query().unwrap_or_default())?;
        let media_type = self.service.media_type(place, &parameters);
        let form = form(&head.headers, &head.method, endpoint.has_page, media_type);
        if form == Form::Page {
            // A form sends its empty fields too.
            parameters.retain(|(name, value)| {
                !value.is_empty()
                    || endpoint
                        .parameter(name)
                        .is_some_and(|it| it.kind == ParameterKind::Flag)
            });
        }
        endpoint.refuse(&parameters).map_err(Problem::usage)?;
        if wants_fresh(&head.headers, &mut parameters) {
            self.remotes.refresh(&project).await?;
        }
        let question = Question {
            project,
            endpoint: place,
            parameters,
            expected: None,
            form,
        };
        let may_compress = reads_gzip(&head.headers);
        let validator = Validator::new(&question, endpoint.name, may_compress, head.headers);
        let validator = Arc::new(validator);
        let answered = self.answers.ask(question, validator.clone()).await?;
        Ok(match answered {
            Answered::Known(state) => not_modified(&validator.tag(&state)),
            Answered::Whole(answer) => {
                let End {
                    ended,
                    told,
                    digest,
                    ..
                } = &answer.end;
                if let Some(problem) = &ended.problem {
                    return Err(problem.clone());
                }
                let tag = validator.tag(digest);
                if validator.is_known(digest) {
                    return Ok(not_modified(&tag));
                }
                let mut response = Response::new(Body::Whole(Some(answer.bytes.clone())));
                let headers = response.headers_mut();
                described(headers, form, media_type, answer.is_gzip);
                headers.insert(EXIT_CODE, u16::from(ended.exit_code).into());
                if let Some(told) = told_value(told) {
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
}

/// Whether who asks is a person with a browser.
fn wants_page(headers: &HeaderMap) -> bool {
    form(headers, &Method::GET, true, "application/json") == Form::Page
}
