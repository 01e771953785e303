//! Writing: what is asked for, once, and what came of it.

use std::sync::Arc;

use hyper::{HeaderMap, Request, Response, StatusCode, body::Incoming};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer::Answers;
use super::audit::Audit;
use super::body::Body;
use super::caller::{Caller, Scope};
use super::limits::Limits;
use super::order::{
    expect_json, expected, idempotency_key, parameters, precondition_missing, read,
};
use super::problem::Problem;
use super::question::{Expected, Form, Question};
use super::remembered::{Found, Kept, Remembered, Running};
use super::response::kept_response;
use super::service::Service;

/// Takes what is to be written.
pub(super) struct Writes {
    pub(super) service: Arc<dyn Service>,
    pub(super) answers: Arc<Answers>,
    remembered: Remembered,
    pub(super) limits: Limits,
    /// Those that run: a clean stop waits for them, also where their clients have gone.
    running: Arc<Semaphore>,
}

/// What a request is.
enum Taken {
    New(Question, Option<Running>),
    /// One that was answered before.
    Same(Arc<Kept>),
}

/// More than ever run at once.
const MOST: u32 = 100_000;

impl Writes {
    pub(super) fn new(service: Arc<dyn Service>, answers: Arc<Answers>, limits: Limits) -> Writes {
        Writes {
            service,
            answers,
            remembered: Remembered::default(),
            limits,
            running: Arc::new(Semaphore::new(MOST as usize)),
        }
    }

    /// Waits until nothing is being written.
    pub(super) async fn wait(&self) {
        let _ = self.running.acquire_many(MOST).await;
    }

    /// Writes, unless the same was asked for before. What is refused is in the log, too.
    pub(super) async fn write(
        &self,
        (project, place): (String, usize),
        caller: &Caller,
        request_id: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Problem> {
        let mut audit = Audit::new(self.service.clone(), caller, request_id, &project);
        audit.add("endpoint", self.service.endpoints()[place].name);
        let taken = self.take((project, place), caller, request, &mut audit);
        match taken.await {
            Ok(Taken::New(question, running)) => {
                let done = self.carry_out(question, audit, running).await?;
                let kept = done.unwrap_or_else(|problem| kept_problem(&problem));
                Ok(kept_response(&kept, false))
            }
            Ok(Taken::Same(kept)) => {
                audit.add("replayed", true);
                audit.add_status(kept.status);
                audit.log();
                Ok(kept_response(&kept, true))
            }
            Err(problem) => {
                audit.refused(&problem);
                Err(problem)
            }
        }
    }

    /// What a request asks for, as far as it may; `audit` gets what is known by then.
    async fn take(
        &self,
        (project, place): (String, usize),
        caller: &Caller,
        request: Request<Incoming>,
        audit: &mut Audit,
    ) -> Result<Taken, Problem> {
        let (head, body) = request.into_parts();
        caller.expect(Scope::Write)?;
        self.expect_writable(&project)?;
        // What stands there would be passed over, a dry run too.
        if head.uri.query().is_some_and(|query| !query.is_empty()) {
            let message = "what is to be written stands in the body, and nothing behind a `?`";
            return Err(Problem::usage(message));
        }
        expect_json(&head.headers)?;
        let key = idempotency_key(&head.headers)?;
        audit.add("idempotency_key", key.as_deref());
        let expected = expected(&head.headers)?;
        audit.add("if_match", expected.as_ref().map(Expected::to_string));
        let bytes = read(body, &self.limits).await?;
        let members = self.members(&bytes)?;
        let endpoint = &self.service.endpoints()[place];
        let parameters = parameters(endpoint, members).map_err(Problem::usage)?;
        let is_dry = audit.add_asked(endpoint, &parameters);
        if expected.is_none() && !is_dry {
            return Err(precondition_missing());
        }
        let running = match key {
            None => None,
            Some(key) => {
                let whose = caller.token.as_deref().unwrap_or_default();
                let key = digest(&[whose, &project, endpoint.name, &key].map(str::as_bytes));
                match self
                    .remembered
                    .begin(key, of_request(&head.headers, &bytes))
                {
                    Found::New(running) => Some(running),
                    Found::Same(kept) => return Ok(Taken::Same(kept)),
                    Found::Running => return Err(key_in_use()),
                    Found::Other => return Err(key_of_another()),
                }
            }
        };
        let question = Question {
            project,
            endpoint: place,
            parameters,
            form: Form::Data,
            expected,
        };
        Ok(Taken::New(question, running))
    }

    pub(super) fn expect_writable(&self, project: &str) -> Result<(), Problem> {
        if self.service.is_writable(project) {
            return Ok(());
        }
        let message = format!(
            "nothing is written to {project} here: its configuration doesn't say `writable = true`"
        );
        Err(Problem::new(StatusCode::FORBIDDEN, "not-writable", message)
            .with("remedy", "mend".into()))
    }

    fn members(&self, bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
        let text =
            std::str::from_utf8(bytes).map_err(|_| Problem::usage("the body isn't UTF-8"))?;
        if let Some(doubled) = self.service.doubled_name(text) {
            return Err(Problem::usage(format!("in the body, {doubled}")));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err(Problem::usage("the body must be an object of JSON")),
            Err(error) => Err(Problem::usage(format!("the body is no JSON: {error}"))),
        }
    }

    /// Runs on where the client goes away: what became of it is in the log, and known by its key. Fails where nobody knows yet.
    pub(super) async fn carry_out(
        &self,
        question: Question,
        mut audit: Audit,
        running: Option<Running>,
    ) -> Result<Result<Kept, Problem>, Problem> {
        let answers = self.answers.clone();
        let media_type = self
            .service
            .media_type(question.endpoint, &question.parameters);
        let permit = self.running.clone().acquire_owned().await;
        let done = tokio::spawn(async move {
            let done = answers.whole(question).await.and_then(|(body, end)| {
                if let Some(problem) = end.ended.problem {
                    return Err(problem);
                }
                if end.ended.exit_code != 0 {
                    return Err(not_written(&body));
                }
                Ok(Kept {
                    status: StatusCode::OK,
                    media_type,
                    exit_code: end.ended.exit_code,
                    told: end.told,
                    body,
                })
            });
            let kept = done
                .clone()
                .unwrap_or_else(|problem| kept_problem(&problem));
            audit.add_status(kept.status);
            let answer: Value = serde_json::from_slice(&kept.body).unwrap_or_default();
            for name in ["commit", "code"] {
                audit.add(name, answer[name].clone());
            }
            audit.log();
            if let Some(running) = running.filter(|_| !kept.status.is_server_error()) {
                running.keep(kept);
            }
            drop(permit);
            done
        });
        match timeout(self.limits.answer_time, done).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(super::response::broken()),
            Err(_) => Err(Problem::new(
                StatusCode::GATEWAY_TIMEOUT,
                "answer-timed-out",
                "writing takes long, and goes on: see later where the branch is, or send the same again with its idempotency key",
            )
            .with("remedy", "check_outcome".into())),
        }
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        // No part with its length is the beginning of another.
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// What tells one request from another of the same key.
fn of_request(headers: &HeaderMap, body: &[u8]) -> [u8; 32] {
    let header = |name: &str| headers.get(name).map_or(&b""[..], |it| it.as_bytes());
    digest(&[header("if-match"), header("if-none-match"), body])
}

fn key_in_use() -> Problem {
    let message = "a request with this idempotency key is being answered";
    Problem::new(StatusCode::CONFLICT, "idempotency-key-in-use", message)
        .with("remedy", "load_again".into())
}

fn key_of_another() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "another request had this idempotency key: each has its own",
    )
    .with("remedy", "mend".into())
}

/// The command ended without writing, and says what stands against it.
fn not_written(body: &[u8]) -> Problem {
    let lines = body.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice(line).ok());
    let conflicts: Vec<Value> = lines.collect();
    Problem::new(
        StatusCode::CONFLICT,
        "conflicts",
        "nothing is written: `conflicts` lists what has to be settled first, with `ours` or `theirs`",
    )
    .with("remedy", "mend".into())
    .with("conflicts", conflicts.into())
}

fn kept_problem(problem: &Problem) -> Kept {
    Kept {
        status: problem.status,
        media_type: "application/problem+json",
        exit_code: 1,
        told: Vec::new(),
        body: (problem.to_json() + "\n").into_bytes(),
    }
}
