//! Runs the commands that questions stand for.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use quick_cache::sync::Cache;
use serde_json::{Value, json};

use crate::project::SurveyProgress;
use crate::serve::{Endpoint, Form, Problem, Question, Sink};

use super::asked::ASKED;
use super::endpoints::endpoints;
use super::orders;
use super::parsed::{ParseQuestion, ParsedQuestion};
use super::problems::problem;
use super::projects::Projects;
use super::remotes::Remotes;
use super::state::{InGitAlone, Seen};
use super::status::of_write;

use crate::cli::command_line::CommandLine;
use crate::cli::failure::{Exit, Failure};
use crate::cli::global::Global;
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
    pub(super) projects: RwLock<Arc<Projects>>,
    pub(super) remotes: Remotes,
    /// Opens them again, where a file names them.
    pub(super) again: Option<Reload>,
    pub(super) endpoints: Vec<Endpoint>,
    definition: clap::Command,
    parse: ParseQuestion,
    parsed: Cache<Vec<OsString>, Arc<ParsedQuestion>>,
    pub(super) in_git_alone: InGitAlone,
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
    pub(super) fn run(
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
        let as_named = global;
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
                // Who asks from elsewhere learns nothing of this machine's folders and databases.
                let called = match self.now().tokens {
                    None => parsed.invocation.of_project(as_named.chosen()),
                    Some(_) => parsed.invocation.clone(),
                };
                let problem = problem(&failure, Some(&called));
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
