//! Answers questions by running commands.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use quick_cache::sync::Cache;
use serde_json::{Value, json};

use crate::project::SurveyProgress;
use crate::serve::{
    Begun, Caller, Ended, Endpoint, Form, Mirrored, Problem, Question, Scope, Service, Sink,
    StatusCode, Tls,
};

use super::asked::ASKED;
use super::endpoints::endpoints;
use super::media::media_type;
use super::orders;
use super::parsed::{ParseQuestion, ParsedQuestion};
use super::projects::{Projects, expect_repository, expect_store};
use super::remotes::Remotes;
use super::state::{InGitAlone, Seen, look};
use super::status::{of_write, status};
use super::tokens;

use crate::cli::command_line::CommandLine;
use crate::cli::error_json::ErrorReport;
use crate::cli::failure::{Exit, Failure};
use crate::cli::global::Global;
use crate::cli::hint;
use crate::cli::output::Output;
use crate::cli::shadowed::warn_shadowed;

/// So many questions are kept parsed, as clients ask the same ones again.
const PARSED: usize = 1_024;

/// Opens what is served again, and tells what differs that only a new start can change.
pub(super) type Reload =
    Box<dyn Fn() -> Result<(Projects, Vec<&'static str>), Failure> + Send + Sync>;

/// Answers questions about projects by running commands.
pub(super) struct Commands {
    host: Arc<CommandLine>,
    projects: RwLock<Arc<Projects>>,
    remotes: Remotes,
    /// Opens them again, where a file names them.
    again: Option<Reload>,
    endpoints: Vec<Endpoint>,
    definition: clap::Command,
    parse: ParseQuestion,
    parsed: Cache<Vec<OsString>, Arc<ParsedQuestion>>,
    in_git_alone: InGitAlone,
}

impl Commands {
    pub(super) fn new(
        host: Arc<CommandLine>,
        projects: Projects,
        remotes: Remotes,
        again: Option<Reload>,
        parse: ParseQuestion,
    ) -> Commands {
        remotes.serve(projects.remotes.values());
        let mut definition = host.definition();
        definition.build();
        Commands {
            endpoints: endpoints(host.definition()),
            definition,
            host,
            projects: RwLock::new(Arc::new(projects)),
            remotes,
            again,
            parse,
            parsed: Cache::new(PARSED),
            in_git_alone: InGitAlone::new(),
        }
    }

    /// The name of the program.
    pub(super) fn called(&self) -> &str {
        self.host.called()
    }

    /// The projects as they are served now.
    pub(super) fn now(&self) -> Arc<Projects> {
        let projects = self.projects.read();
        projects.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The command line of a question.
    fn parsed(
        &self,
        question: &Question,
        parameters: &[(String, String)],
    ) -> Result<Arc<ParsedQuestion>, Problem> {
        let asked = &ASKED[question.endpoint];
        let is_kept = !asked.writes;
        let wants_page = question.form == Form::Page;
        let words = asked
            .words(self.host.called(), parameters, wants_page, &self.definition)
            .map_err(Problem::usage)?;
        if let Some(parsed) = self.parsed.get(&words).filter(|_| is_kept) {
            return Ok(parsed);
        }
        let parsed = (self.parse)(&self.host, &words).map_err(|error| {
            let text = error.render().to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            Problem::usage(text.split("\n\n").next().unwrap_or_default().trim_end())
        })?;
        let parsed = Arc::new(parsed);
        // What is written is written once, and may be long.
        if is_kept {
            self.parsed.insert(words, parsed.clone());
        }
        Ok(parsed)
    }

    /// Runs the command that a question stands for, on what was seen of the project.
    fn run(
        &self,
        question: &Question,
        global: &Global,
        seen: Seen,
        sink: Sink,
    ) -> (Sink, Result<Exit, Problem>) {
        let writes = ASKED[question.endpoint].writes;
        let ordered = if writes {
            orders::order(question).map(|(parameters, sent)| (parameters, Some(sent)))
        } else {
            Ok((question.parameters.clone(), None))
        };
        let parsed =
            ordered.and_then(|(parameters, sent)| Ok((self.parsed(question, &parameters)?, sent)));
        let (parsed, sent) = match parsed {
            Ok(parsed) => parsed,
            Err(problem) => return (sink, Err(problem)),
        };
        let mut global = global.clone();
        global.shadowed = seen.shadowed;
        let page = Arc::new(Mutex::new(None));
        if let Some(served) = &mut global.served {
            // What is written is written, whoever has gone.
            if !writes {
                served.project = served.project.until(sink.is_given_up());
            }
            served.page = page.clone();
            served.sent = sent.map(Arc::new);
            served.loaded = Arc::new(Mutex::new(seen.loaded));
            served.progress = sink
                .progress()
                .map(|events| Arc::new(move |progress| events.tell(&progress_json(progress))) as _);
        }
        let wants_page = sink.wants_page();
        let shared = Rc::new(RefCell::new(sink));
        let mut output = Output::to(
            Box::new(Stream(shared.clone(), Sink::data)),
            Box::new(Stream(shared.clone(), |sink, bytes| {
                sink.told(bytes);
                Ok(())
            })),
        );
        let result = (parsed.run)(&global, &mut output);
        warn_shadowed(&global, &mut output);
        let finished = output.finish();
        let known = output.known();
        drop(output);
        drop(global);
        let result = match result.and_then(|exit| finished.map(|()| exit)) {
            Err(Failure::ClosedPipe) => Ok(known),
            Err(failure) => {
                let problem = problem(&failure, Some(&parsed));
                Err(if writes { of_write(problem) } else { problem })
            }
            Ok(exit) => Ok(exit),
        };
        let mut sink = Rc::into_inner(shared)
            .expect("the output had the only other ones")
            .into_inner();
        let page = page.lock().unwrap_or_else(PoisonError::into_inner).take();
        if wants_page && let Some(page) = page {
            // A client that is gone needs no page.
            let _ = sink.page(&page);
        }
        (sink, result)
    }
}

impl Service for Commands {
    fn projects(&self) -> Vec<String> {
        self.now().by_name.keys().cloned().collect()
    }

    fn caller(&self, secret: Option<&str>) -> Result<Caller, Problem> {
        let projects = self.now();
        let Some(file) = &projects.tokens else {
            return Ok(Caller::anybody());
        };
        let refused = |code: &str, message: &str| {
            Problem::new(StatusCode::UNAUTHORIZED, code, message).with("remedy", "mend".into())
        };
        let Some(secret) = secret else {
            let message = "this service asks for a token: `Authorization: Bearer TOKEN`";
            return Err(refused("token-missing", message));
        };
        let tokens = file.tokens().map_err(|failure| {
            self.log(&json!({"error": failure.message()}).to_string());
            let message = "the file of tokens can't be used; the service's log says why";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "tokens-unusable", message)
        })?;
        let token = tokens::find(&tokens, secret)
            .ok_or_else(|| refused("token-unknown", "this token is unknown, or was revoked"))?;
        let theirs = projects.by_name.iter().filter(|(_, global)| {
            let tenant = global.tenant.as_deref().unwrap_or_default();
            tenant == token.tenant
        });
        let scopes = Scope::ALL.into_iter();
        Ok(Caller {
            token: Some(token.name.clone()),
            scopes: scopes
                .filter(|scope| token.scopes.contains(scope.name()))
                .collect(),
            projects: Some(Arc::new(theirs.map(|(name, _)| name.clone()).collect())),
        })
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    fn media_type(&self, endpoint: usize, parameters: &[(String, String)]) -> &'static str {
        let value = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let asked = &ASKED[endpoint];
        let csv = value("csv").is_some_and(|csv| csv != "false");
        media_type(asked.command, asked.is_document, value("as"), csv)
    }

    fn begin<'s>(&'s self, question: &'s Question) -> Box<dyn Begun + 's> {
        let mut begun = BegunCommand {
            commands: self,
            question,
            projects: self.now(),
            seen: Seen::default(),
        };
        begun.seen = begun.look(true);
        Box::new(begun)
    }

    fn remote(&self, project: &str) -> Option<String> {
        let projects = self.now();
        let remote = projects.remotes.get(project)?;
        Some(remote.mirror.url().to_string())
    }

    fn refresh(&self, project: &str) -> Result<(), Problem> {
        match self.now().remotes.get(project) {
            Some(remote) => {
                let fetched = remote.mirror.fetch().map_err(Failure::from);
                fetched.map_err(|failure| problem(&failure, None))
            }
            None => Ok(()),
        }
    }

    fn mirrored(&self, project: &str) -> Option<Mirrored> {
        let projects = self.now();
        let remote = projects.remotes.get(project)?;
        Some(Mirrored {
            seconds: remote.age(),
            warning: remote.warning(),
        })
    }

    fn expects_notices(&self, project: &str) -> Result<(), Problem> {
        let projects = self.now();
        let remote = projects.remotes.get(project);
        match remote.and_then(|remote| remote.webhook.as_ref()) {
            Some(_) => Ok(()),
            None => Err(no_project(project)),
        }
    }

    fn notice(
        &self,
        project: &str,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<(), Problem> {
        let projects = self.now();
        let remote = projects.remotes.get(project);
        let Some((remote, webhook)) = remote.and_then(|it| Some((it, it.webhook.as_ref()?))) else {
            return Err(no_project(project));
        };
        if !webhook.is_signed(header, body) {
            let message = "this notice isn't signed with the secret of this project's webhook";
            return Err(
                Problem::new(StatusCode::FORBIDDEN, "signature-wrong", message)
                    .with("remedy", "mend".into()),
            );
        }
        self.remotes.wake(remote);
        Ok(())
    }

    fn ready(&self) -> Result<Vec<String>, String> {
        let projects = self.now();
        for (name, global) in &projects.by_name {
            // Who asks for this has no token.
            let name = if projects.tokens.is_some() {
                "a project"
            } else {
                name
            };
            if expect_repository(global).is_err() {
                return Err(format!("the repository of {name} isn't there"));
            }
            if expect_store(global).is_err() {
                return Err(format!("the store of {name} can't be read"));
            }
        }
        let no_tokens = match projects.has_tokens() {
            Ok(true) => None,
            Ok(false) => Some("there are no tokens, so that nobody can ask".to_owned()),
            Err(_) => return Err("the file of tokens can't be used, so that nobody can ask".into()),
        };
        // What was fetched can be read.
        let failing = projects.remotes.iter().filter_map(|(name, remote)| {
            let warning = remote.warning()?;
            Some(match projects.tokens {
                Some(_) => "the remote of a project can't be fetched".to_owned(),
                None => format!("{name}: {warning}"),
            })
        });
        Ok(failing.chain(no_tokens).collect())
    }

    fn gauges(&self) -> Vec<(&'static str, &'static str, u64)> {
        let projects = self.now();
        let served = projects
            .by_name
            .values()
            .filter_map(|it| it.served.as_ref());
        let stats = served.map(|served| served.project.cache_stats());
        let shared = projects.cache.stats();
        let (mut objects, mut bytes) = (0, shared.migrations.bytes + shared.originals.bytes);
        for stats in stats {
            objects += stats.objects_read;
            bytes += stats.layouts.bytes;
        }
        let mut gauges = vec![
            (
                "ocl_migrate_documents_cached",
                "Migrated documents that the cache had.",
                shared.migrations.hits,
            ),
            (
                "ocl_migrate_documents_migrated",
                "Documents that were migrated.",
                shared.migrations.misses,
            ),
            (
                "ocl_migrate_documents_bytes",
                "Bytes of the documents that are cached, and of where they lie.",
                bytes,
            ),
            (
                "ocl_migrate_git_objects_read",
                "Objects looked up in Git.",
                objects,
            ),
        ];
        gauges.extend(self.remotes.gauges());
        gauges
    }

    fn is_writable(&self, project: &str) -> bool {
        self.now().writable.contains(project)
    }

    fn audited(&self, endpoint: &Endpoint, parameters: &[(String, String)]) -> Value {
        orders::audited(endpoint, parameters)
    }

    fn doubled_name(&self, json: &str) -> Option<String> {
        crate::ocl::doubled_json_name(json).map(|doubled| doubled.to_string())
    }

    fn tls(&self) -> Option<Tls> {
        self.now().tls.clone()
    }

    fn reload(&self) {
        let Some(again) = &self.again else {
            return;
        };
        let line = match again() {
            Ok((mut projects, waiting)) => {
                self.remotes.serve(projects.remotes.values());
                let mut now = self
                    .projects
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                // Connections are encrypted or not from the start on.
                if projects.tls.is_some() != now.tls.is_some() {
                    projects.tls = now.tls.clone();
                }
                if now.tokens.is_some() && projects.tokens.is_none() {
                    projects.warnings.push(
                        "tokens are no longer asked for: whoever can connect to this machine's loopback may ask, and write where \
                         `writable = true`"
                            .to_owned(),
                    );
                }
                let mut line = json!({
                    "event": "reloaded", "projects": projects.by_name.keys().collect::<Vec<_>>(),
                    "needs_restart": !waiting.is_empty(),
                });
                if !waiting.is_empty() {
                    line["waits_for_restart"] = waiting.into();
                }
                if !projects.warnings.is_empty() {
                    line["warnings"] = projects.warnings.clone().into();
                }
                *now = Arc::new(projects);
                line
            }
            Err(failure) => json!({"event": "not-reloaded", "error": failure.message()}),
        };
        self.log(&line.to_string());
    }

    fn log(&self, line: &str) {
        // A closed stderr is not an error. One write: it isn't buffered.
        let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
    }
}

/// A command that is about to run.
struct BegunCommand<'s> {
    commands: &'s Commands,
    question: &'s Question,
    projects: Arc<Projects>,
    seen: Seen,
}

impl BegunCommand<'_> {
    /// The project, while its repository is there.
    fn project(&self) -> Result<&Global, Problem> {
        let name = &self.question.project;
        let global = self.projects.by_name.get(name);
        let global = global.ok_or_else(|| no_project(name))?;
        expect_repository(global).map_err(|failure| problem(&failure, None))?;
        Ok(global)
    }

    fn look(&self, may_skip: bool) -> Seen {
        match self.project() {
            Ok(global) => look(global, self.question, &self.commands.in_git_alone, may_skip),
            Err(_) => Seen::default(),
        }
    }
}

impl Begun for BegunCommand<'_> {
    fn state(&self) -> Option<[u8; 32]> {
        self.seen.state
    }

    fn answer(mut self: Box<Self>, sink: Sink) -> (Sink, Ended) {
        let mut seen = std::mem::take(&mut self.seen);
        if seen.loaded.is_none() && seen.state.is_some() {
            seen = self.look(false);
        }
        let state = seen.state;
        let (sink, result) = match self.project() {
            Ok(global) => self.commands.run(self.question, global, seen, sink),
            Err(gone) => (sink, Err(gone)),
        };
        // A repository that is gone reads as one without refs: what was read before or meanwhile is no answer.
        let ended = match self.project().and(result) {
            Ok(exit) => Ended {
                exit_code: exit.number(),
                problem: None,
                state,
            },
            Err(problem) => Ended {
                exit_code: Exit::Failure.number(),
                problem: Some(problem),
                state: None,
            },
        };
        (sink, ended)
    }
}

pub(super) fn no_project(name: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "path-not-found",
        format!("there is no project {}", crate::text::visible_line(name)),
    )
}

/// An error as the command line prints it.
pub(super) fn problem(failure: &Failure, parsed: Option<&ParsedQuestion>) -> Problem {
    let hint = parsed.and_then(|parsed| hint::hint(failure, &parsed.invocation));
    let report = match parsed {
        Some(parsed) => ErrorReport::new(failure, hint.as_deref(), &parsed.invocation),
        None => ErrorReport::in_passing(failure),
    };
    let mut members = match serde_json::to_value(report.into_error()) {
        Ok(Value::Object(members)) => members,
        _ => Default::default(),
    };
    let mut text = |name: &str| match members.shift_remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (code, message) = (text("code"), text("message"));
    let remedy = members
        .get("remedy")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Problem {
        status: status(&code, remedy),
        code,
        message,
        members,
    }
}

fn progress_json(progress: SurveyProgress) -> Value {
    match progress {
        SurveyProgress::Listed(refs) => json!({"listed": refs}),
        SurveyProgress::Trees { done, of } => json!({"done": done, "of": of}),
    }
}

/// A stream of the command's that leads into the answer.
struct Stream(Rc<RefCell<Sink>>, fn(&mut Sink, &[u8]) -> io::Result<()>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.1)(&mut self.0.borrow_mut(), bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
