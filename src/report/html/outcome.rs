//! What became of a ref, and how well it stands.

use crate::project::{RefState, RefStatus};
use crate::text::{self, count};

/// What happens to a ref. Refs with the same outcome stand together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RefOutcome {
    /// How it looks in the map; the worst groups come first.
    pub(super) tone: RefTone,
    /// The version that the refs are at, where that is part of the outcome.
    pub(super) version: Option<u32>,
    /// In a few words: `behind, 3 steps pending`.
    pub(super) title: String,
    /// What else is to be said of all of them, a line each.
    pub(super) details: Vec<String>,
    /// What it looks like in one of them: messages with the lines that they are about.
    pub(super) example: Option<String>,
}

/// How well a ref stands, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RefTone {
    /// It can't be read or migrated.
    Bad,
    /// It is migrated, but something is lost.
    Doubtful,
    /// Steps are pending.
    Pending,
    /// There is nothing to migrate.
    Empty,
    /// It is newer than this server.
    Ahead,
    /// Nothing would change.
    Good,
}

/// A ref at one base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefEntry {
    /// Where it is, if there are several repositories.
    pub(super) repository: Option<String>,
    /// The full name of the ref.
    pub(super) name: String,
    /// The commit's id, if it leads to one.
    pub(super) commit: Option<String>,
    /// The folder of the project's documents.
    pub(super) base_path: String,
    /// The version that it is at, if that can be told.
    pub(super) version: Option<u32>,
}

impl RefOutcome {
    /// Where a ref stands. `steps` are all of the catalog, by version: `(4, "color")`.
    pub(super) fn of_status(status: &RefStatus<'_>, steps: &[(u32, String)]) -> RefOutcome {
        let pending = || count(status.pending, "step");
        let name = status.state.name();
        let (tone, title) = match status.state {
            RefState::Current(_) => (RefTone::Good, name.to_owned()),
            RefState::Retired(_) => (
                RefTone::Bad,
                format!("{name}: this server's steps begin above it"),
            ),
            RefState::Ahead(_) => (RefTone::Ahead, format!("{name}: this server is older")),
            RefState::Behind(_) => (RefTone::Pending, format!("{name}, {} pending", pending())),
            RefState::Uninitialised => (RefTone::Empty, format!("{name}, {} pending", pending())),
            RefState::Invalid(message) => {
                let first = text::first_line(message);
                (RefTone::Bad, format!("{name}: {first}"))
            }
        };
        // With the line that it shows.
        let example = match status.state {
            RefState::Invalid(message) if message.contains('\n') => Some(message.to_owned()),
            _ => None,
        };
        let version = status.state.version();
        let mut details = match (status.state, version) {
            (RefState::Behind(_), Some(version)) => {
                let above = steps.iter().filter(|(step, _)| *step > version);
                let above = above.map(|(version, name)| format!("{version} {name}"));
                vec![format!("Pending: {}", text::list(above))]
            }
            _ => Vec::new(),
        };
        let deprecation = status.deprecation;
        details.extend(deprecation.map(|deprecation| format!("This version is {deprecation}")));
        RefOutcome {
            tone,
            version,
            title,
            details,
            example,
        }
    }
}

impl RefEntry {
    /// The folder of the ref, if it is one that every repository has, and its name there.
    pub(super) fn in_folder(&self) -> (&str, &str) {
        let folders = ["refs/heads/", "refs/tags/", "refs/remotes/"].into_iter();
        let mut folders = folders.filter(|folder| self.name.starts_with(folder));
        let length = folders.next().map_or(0, str::len);
        self.name.split_at(length)
    }
}

impl RefTone {
    pub(super) const ALL: [RefTone; 6] = [
        RefTone::Bad,
        RefTone::Doubtful,
        RefTone::Pending,
        RefTone::Empty,
        RefTone::Ahead,
        RefTone::Good,
    ];

    pub(super) fn class(self) -> &'static str {
        match self {
            RefTone::Bad => "bad",
            RefTone::Doubtful => "doubtful",
            RefTone::Pending => "pending",
            RefTone::Empty => "empty",
            RefTone::Ahead => "ahead",
            RefTone::Good => "good",
        }
    }

    /// What `status`, or else a command that migrates, calls it.
    pub(super) fn word(self, command: &str) -> &'static str {
        match (self, command) {
            (RefTone::Bad, "status") => "invalid",
            (RefTone::Bad, _) => "failed",
            (RefTone::Doubtful, _) => "losing a value",
            (RefTone::Pending, "status") => "behind",
            (RefTone::Pending, _) => "changed",
            (RefTone::Empty, _) => "uninitialised",
            (RefTone::Ahead, _) => "ahead",
            (RefTone::Good, "status") => "current",
            (RefTone::Good, _) => "no document changes",
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            RefTone::Bad => "!",
            RefTone::Doubtful => "\u{25b2}",
            RefTone::Pending => "\u{25cf}",
            RefTone::Empty => "\u{25cb}",
            RefTone::Ahead => "\u{25b6}",
            RefTone::Good => "\u{2713}",
        }
    }
}
