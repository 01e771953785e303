//! An answer that is about to be made by a command.

use std::sync::Arc;

use crate::serve::{Begun, Ended, Problem, Question, Sink};

use super::commands::Commands;
use super::problems::{no_project, problem};
use super::projects::{Projects, expect_repository};
use super::state::{Seen, look};
use crate::cli::failure::Exit;
use crate::cli::global::Global;

/// A command that is about to run.
pub(super) struct BegunCommand<'s> {
    commands: &'s Commands,
    question: &'s Question,
    projects: Arc<Projects>,
    seen: Seen,
}

impl<'s> BegunCommand<'s> {
    /// Looks at what the answer depends on.
    pub(super) fn new(commands: &'s Commands, question: &'s Question) -> BegunCommand<'s> {
        let mut begun = BegunCommand {
            commands,
            question,
            projects: commands.now(),
            seen: Seen::default(),
        };
        begun.seen = begun.look(true);
        begun
    }

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
