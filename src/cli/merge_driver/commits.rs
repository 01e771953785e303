//! Which commits Git is merging: told by the labels that it gives a merge driver, and checked against the files.

use crate::git::{ObjectId, Repository};

/// At most this many stashes are looked at.
const MOST_STASHES: usize = 100;

/// What Git puts before the commit that it picks or reverts.
const PARENT_OF: &str = "parent of ";

/// What Git calls the three (`%S`, `%X` and `%Y`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Labels<'a> {
    pub(super) base: &'a str,
    pub(super) ours: &'a str,
    pub(super) theirs: &'a str,
}

/// Three commits that may be what is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Commits {
    pub(super) base: ObjectId,
    pub(super) ours: ObjectId,
    pub(super) theirs: ObjectId,
}

impl Labels<'_> {
    /// Whether Git calls none of them anything.
    pub(super) fn are_empty(self) -> bool {
        let Labels { base, ours, theirs } = self;
        [base, ours, theirs].iter().all(|label| label.is_empty())
    }

    /// Whether one commit is picked or reverted.
    pub(super) fn are_of_a_pick(self) -> bool {
        [self.base, self.theirs]
            .iter()
            .any(|label| label.starts_with(PARENT_OF))
    }

    /// The commits that the labels may stand for. Whoever uses them checks that these have the files that Git gave.
    pub(super) fn candidates(self, repository: &Repository) -> Vec<Commits> {
        let theirs = self.theirs.split(':').next().unwrap_or_default();
        if theirs == "Stashed changes" {
            return stashes(repository);
        }
        let (Some(ours), Some(theirs)) = (
            commit(repository, self.ours),
            commit(repository, self.theirs),
        ) else {
            return Vec::new();
        };
        let bases = match commit(repository, self.base) {
            Some(base) => vec![base],
            // Git made one base out of several, and that is no commit; but a file of it may be as one of them has it.
            None => repository.merge_bases(ours, theirs).unwrap_or_default(),
        };
        let all = bases.into_iter();
        let all = all.map(|base| Commits { base, ours, theirs });
        all.collect()
    }
}

/// What a label stands for: a revision as somebody typed it, `1a2b3c4 (the subject)`, or `parent of 1a2b3c4 (the subject)`.
fn commit(repository: &Repository, label: &str) -> Option<ObjectId> {
    let (parent, rest) = match label.strip_prefix(PARENT_OF) {
        Some(rest) => ("^", rest),
        None => ("", label),
    };
    let Some((id, _)) = rest.split_once(" (") else {
        let resolved = repository.resolve(rest).ok();
        // Where a file was renamed, its path stands behind the name.
        let named = || repository.resolve(rest.split_once(':')?.0).ok();
        return resolved.or_else(named);
    };
    let is_id = id.len() >= 4 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let revision = format!("{id}{parent}");
    is_id.then(|| repository.resolve(&revision).ok()).flatten()
}

/// Any stash may be meant: Git doesn't say which one it applies.
fn stashes(repository: &Repository) -> Vec<Commits> {
    let Ok(ours) = repository.resolve("HEAD") else {
        return Vec::new();
    };
    let stash = |number| {
        let theirs = repository.resolve(&format!("stash@{{{number}}}")).ok()?;
        let base = repository.resolve(&format!("{theirs}^")).ok()?;
        Some(Commits { base, ours, theirs })
    };
    (0..MOST_STASHES).map_while(stash).collect()
}
