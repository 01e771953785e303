//! What an answer depends on, told without making it: so an answer that a client has costs a look, and no work.

use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use crate::project::{At, LoadOptions, Loaded, Project, Session};
use crate::report::PlanReport;

use super::asked::ASKED;
use crate::cli::global::Global;
use crate::cli::opened::LoadedBefore;
use crate::cli::shared_store::Noted;
use crate::serve::Question;

/// The commands whose answer is about one ref, its plan and its documents.
const OF_ONE_REF: [&str; 3] = ["plan", "preview", "show"];

/// So many states are kept.
const STATES: usize = 32_768;

/// What was seen of a project before an answer is made.
#[derive(Default)]
pub(super) struct Seen {
    /// All that the answer depends on beside the question, where that can be told.
    pub(super) state: Option<[u8; 32]>,
    /// What the answer is then made of: so it is the answer of that state, whatever moves meanwhile. None where nothing was loaded.
    pub(super) loaded: Option<LoadedBefore>,
    /// The environments to warn of, where something was loaded.
    pub(super) shadowed: Noted,
}

/// States of refs for which the store isn't asked: what Git holds is all that they depend on.
pub(super) struct InGitAlone(Cache<[u8; 32], ()>);

impl InGitAlone {
    pub(super) fn new() -> InGitAlone {
        InGitAlone(Cache::new(STATES))
    }
}

/// What a question about one ref asks for.
struct OneRef<'q> {
    command: &'static str,
    word: &'q str,
    options: LoadOptions,
}

/// Looks at what an answer depends on: the ref and its commit, the catalog, the plan with what the store says of versions,
/// environments to warn of, and the rows of imports. Where `may_skip` says so, a ref that is known to need no store is only found, and not
/// loaded.
pub(super) fn look(
    global: &Global,
    question: &Question,
    in_git_alone: &InGitAlone,
    may_skip: bool,
) -> Seen {
    let Some(asked) = OneRef::of(question) else {
        return Seen::default();
    };
    // What can't be loaded has an error for its answer, which the answer says.
    asked
        .see(global, in_git_alone, may_skip)
        .unwrap_or_default()
}

impl<'q> OneRef<'q> {
    fn of(question: &'q Question) -> Option<OneRef<'q>> {
        let value = |name: &str| {
            let mut given = question.parameters.iter();
            let found = given.find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let command = ASKED[question.endpoint].command;
        if !OF_ONE_REF.contains(&command) || value("branch_version").is_some() {
            return None;
        }
        Some(OneRef {
            command,
            word: value("ref").unwrap_or("HEAD"),
            options: LoadOptions {
                target: value("to").map(str::parse).transpose().ok()?,
            },
        })
    }

    fn see(&self, global: &Global, in_git_alone: &InGitAlone, may_skip: bool) -> Option<Seen> {
        let project = &global.served.as_ref()?.project;
        let session = project.session();
        let (revision, shadowed) = self.revision(global, project);
        let at = session.find(&revision).ok()?;
        let place = self.place(&at, project, &shadowed)?;
        if may_skip && in_git_alone.0.get(&place).is_some() {
            return Some(Seen {
                state: Some(place),
                ..Seen::default()
            });
        }
        let loaded = session.load_found(at, self.options).ok()?;
        let state = self.state(place, global, &session, &loaded);
        if state == Some(place) {
            in_git_alone.0.insert(place, ());
        }
        let word = self.word.to_owned();
        let options = self.options;
        Some(Seen {
            state,
            loaded: Some(LoadedBefore {
                word,
                options,
                loaded,
            }),
            shadowed,
        })
    }

    /// What the word stands for, and what to tell of that.
    fn revision(&self, global: &Global, project: &Project) -> (String, Noted) {
        if global.environments.is_empty() {
            return (self.word.to_owned(), Noted::default());
        }
        // What it tells of environments is this question's own.
        let global = Global {
            shadowed: Noted::default(),
            ..global.clone()
        };
        let revision = global.revision(project, self.word).to_owned();
        (revision, global.shadowed)
    }

    /// All that the answer depends on, but for the store.
    fn place(&self, at: &At, project: &Project, shadowed: &Noted) -> Option<[u8; 32]> {
        let commit = at.tip.map(|tip| tip.commit.to_string());
        let target = self.options.target;
        let names = (&at.ref_name, &at.also_named, shadowed.names());
        let place = (self.command, target, commit, project.base_path(), names);
        let mut state = Sha256::new();
        state.update(project.catalog().digest().0);
        state.update(serde_json::to_vec(&place).ok()?);
        Some(state.finalize().into())
    }

    /// The state of what was loaded from a place: the place itself, where the store wasn't asked and no other ref counts.
    fn state(
        &self,
        place: [u8; 32],
        global: &Global,
        session: &Session,
        loaded: &Loaded,
    ) -> Option<[u8; 32]> {
        let repository = loaded.project().repository();
        // Where nothing is, other refs tell whether the base path was mistyped.
        let asks_others = loaded.plan().branch_version == 0 && global.base_path.is_some();
        // A preview also tries steps that the marker counts as done.
        let asks_lookups = asks_lookups(loaded, self.command == "preview");
        if asks_others || asks_lookups || repository.has_replacements() {
            return None;
        }
        // What is missing there can come later.
        let is_whole = !repository.is_shallow() && !repository.is_partial_clone();
        if is_whole && !session.has_asked_store() {
            return Some(place);
        }
        let mut state = Sha256::new_with_prefix(place);
        state.update(serde_json::to_vec(&PlanReport::of_ref(loaded)).ok()?);
        let rows: Vec<_> = loaded.stored_rows().collect();
        state.update(serde_json::to_vec(&rows).ok()?);
        Some(state.finalize().into())
    }
}

/// Whether some step may ask the store for a lookup: only running it tells which.
fn asks_lookups(loaded: &Loaded, tries_more: bool) -> bool {
    let tables = loaded.project().catalog().lookup_tables();
    let runs_steps = tries_more || !loaded.plan().rows.is_empty();
    runs_steps && tables.is_none_or(|tables| !tables.is_empty())
}
