//! What a partial clone left out of a history or of many refs, told together: each would take a command of its own.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use crate::project::LoadError;
use crate::text::{count, some_of};

use super::failure::quoted;
use super::global::Global;
use super::output::Output;

/// How many commits are named.
const NAMED: usize = 5;

/// The texts of a history that aren't there.
#[derive(Default)]
pub(super) struct LeftOut {
    places: BTreeSet<String>,
}

impl LeftOut {
    /// Takes what is said of a place, if it is that a partial clone left its text out.
    pub(super) fn takes(&mut self, place: &str, message: &str) -> bool {
        let is_left_out = message.contains("left out of the partial clone at ")
            || message.contains("the partial clone left out ");
        is_left_out && {
            self.places.insert(place.to_owned());
            true
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many places there are of what they are called, and the first of them.
    pub(super) fn places(&self, what: &str) -> String {
        let named = some_of(&self.places, NAMED);
        format!("{} ({named})", count(self.places.len(), what))
    }

    /// Says where texts are left out (`what` says of what these places are), and what fetches those that a folder had in revisions.
    pub(super) fn tell(
        self,
        what: &str,
        git_dir: &Path,
        revisions: &[String],
        folder: &str,
        output: &mut Output,
    ) {
        if self.places.is_empty() {
            return;
        }
        output.problem(format_args!(
            "the partial clone left out the texts of {}: what came in there and right after isn't known",
            self.places(what)
        ));
        output.hint(fetching(git_dir, revisions, folder));
    }
}

/// The commands that fetch what a partial clone left out of refs. Of several, none fetches what another does.
#[derive(Default)]
pub(super) struct Fetches {
    commands: BTreeSet<String>,
}

impl Fetches {
    /// What a message says, without the command in it: that is told afterwards.
    pub(super) fn take<'m>(&mut self, message: &'m str) -> Cow<'m, str> {
        match LoadError::without_fetch_command(message) {
            Some((said, command)) => {
                self.commands.insert(command.to_owned());
                said.into()
            }
            None => message.into(),
        }
    }

    /// Says what fetches all of it.
    pub(super) fn tell(&self, global: &Global, output: &mut Output) {
        let mut commands = self.commands.iter();
        match (commands.next(), commands.next()) {
            (Some(command), None) => output.hint(format_args!("fetch all of it with: {command}")),
            (Some(_), Some(_)) => output.hint(format_args!(
                "for a command that fetches all of it: {} doctor",
                global.program()
            )),
            (None, _) => {}
        }
    }
}

/// The command that fetches the texts that a folder had in revisions, all at once.
pub(super) fn fetching(git_dir: &Path, revisions: &[String], folder: &str) -> String {
    let revisions: Vec<String> = revisions.iter().map(|name| quoted(name)).collect();
    format!(
        "fetch all of it with: git -C {} log -m --numstat --format= {} -- {} > /dev/null",
        quoted(&git_dir.to_string_lossy()),
        revisions.join(" "),
        quoted(folder)
    )
}
