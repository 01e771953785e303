//! Why Git is stopped, and what to do instead.

use crate::git::Repository;
use crate::text;

use super::super::failure::{Failure, Refusal, quoted, short_name};
use super::super::global::Global;
use super::commits::Labels;

/// Why the sides of a merge aren't read.
pub(super) enum NotRead {
    /// The merge's version is below that of a side, or of the commit that they come from.
    Below {
        message: String,
        target: u32,
    },
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for NotRead {
    fn from(error: E) -> NotRead {
        NotRead::Failed(error.into())
    }
}

/// What brings a branch to a lower version, or merges at the higher one.
pub(super) fn instead_of_downward(
    global: &Global,
    repository: &Repository,
    labels: Labels<'_>,
    target: u32,
) -> String {
    let program = global.program_there();
    let head = repository.reader().resolve("HEAD").ok();
    let branch = head.and_then(|head| head.ref_name);
    let branch = quoted(branch.as_deref().map_or("BRANCH", short_name));
    let down =
        format!("to bring the branch down: `{program} downgrade {branch} --to {target} -m TEXT`");
    if labels.are_of_a_pick() {
        return down;
    }
    let theirs = quoted(labels.theirs);
    format!(
        "{down}; to merge at the higher version: `{program} merge {theirs} --into {branch} -m TEXT`"
    )
}

pub(super) fn unknown(path: &str, labels: Labels<'_>) -> Failure {
    let Labels { base, ours, theirs } = labels;
    if ours == "%X" {
        let message = "this Git doesn't tell a driver what it merges: version 2.44 or newer does";
        return Failure::Refused(Refusal::MergeUnknown, message.into());
    }
    let shown = [base, ours, theirs].map(|label| quoted(&text::visible_line(label)));
    let [base, ours, theirs] = shown;
    let message = format!(
        "{}: Git calls what it merges {ours} and {theirs}, from {base}, and no commits are known by that which have these files: \
         their versions can't be told, so nothing is merged",
        text::visible_line(path),
    );
    Failure::Refused(Refusal::MergeUnknown, message)
}

pub(super) fn not_merged(message: String) -> Failure {
    Failure::Refused(Refusal::NotMerged, message)
}
