//! What a partial clone left out of a history, told together: each text alone would take a command of its own.

use std::collections::BTreeSet;
use std::path::Path;

use crate::text::{count, some_of};

use super::failure::quoted;
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
        let places = count(self.places.len(), what);
        output.problem(format_args!(
            "the partial clone left out the texts of {places} ({}): what came in there and right after isn't known",
            some_of(self.places, NAMED)
        ));
        let revisions: Vec<String> = revisions.iter().map(|name| quoted(name)).collect();
        output.hint(format_args!(
            "fetch all of it with: git -C {} log -m --numstat --format= {} -- {} > /dev/null",
            quoted(&git_dir.to_string_lossy()),
            revisions.join(" "),
            quoted(folder)
        ));
    }
}
