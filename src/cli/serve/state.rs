//! What an answer depends on, told without making it: so an answer that a client has costs a look, and no work.

use sha2::{Digest as _, Sha256};

use crate::plan::PlannedImport;
use crate::project::{LoadOptions, Loaded};
use crate::report::PlanReport;
use crate::store::{self, Row};

use super::endpoints::ASKED;
use crate::cli::global::Global;
use crate::serve::Question;

/// The commands whose answer is about one ref, its plan and its documents.
const OF_ONE_REF: [&str; 3] = ["plan", "preview", "show"];

/// All that the answer depends on beside the question, where that can be told: the ref and its commit, the catalog, the plan with
/// what the store says of versions, environments to warn of, and the rows of imports.
pub(super) fn state(global: &Global, question: &Question) -> Option<[u8; 32]> {
    let command = ASKED[question.endpoint].command;
    if !OF_ONE_REF.contains(&command) {
        return None;
    }
    let value = |name: &str| {
        let mut given = question.parameters.iter();
        let found = given.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    if value("branch_version").is_some() {
        return None;
    }
    let options = LoadOptions {
        target: value("to").map(str::parse).transpose().ok()?,
    };
    // What it tells of environments is this question's own.
    let global = Global {
        shadowed: Default::default(),
        ..global.clone()
    };
    let project = &global.served.as_ref()?.project;
    let word = value("ref").unwrap_or("HEAD");
    let session = project.session();
    // What can't be loaded has an error for its answer, which the answer says.
    let loaded = session
        .load_partly(global.revision(project, word), options)
        .ok()?;
    // A preview also tries steps that the marker counts as done.
    let tries_more = command == "preview";
    if asks_lookups(&loaded, tries_more) || project.repository().has_replacements() {
        return None;
    }
    let mut state = Sha256::new();
    state.update(project.catalog().digest().0);
    state.update(serde_json::to_vec(&PlanReport::of_ref(&loaded)).ok()?);
    state.update(serde_json::to_vec(&global.shadowed.names()).ok()?);
    add_rows(&mut state, &loaded).ok()?;
    Some(state.finalize().into())
}

/// Whether some step may ask the store for a lookup: only running it tells which.
fn asks_lookups(loaded: &Loaded, tries_more: bool) -> bool {
    let tables = loaded.project().catalog().lookup_tables();
    let runs_steps = tries_more || !loaded.plan().rows.is_empty();
    runs_steps && tables.is_none_or(|tables| !tables.is_empty())
}

/// The rows that imports may read.
fn add_rows(state: &mut Sha256, loaded: &Loaded) -> Result<(), store::Error> {
    let imports = &loaded.plan().imports;
    let Some(store) = loaded.project().store().filter(|_| !imports.is_empty()) else {
        return Ok(());
    };
    let mut read = store.read(&loaded.project().key(loaded.base_path()))?;
    for PlannedImport { kind, version, .. } in imports {
        add(state, &read.documents(kind)?);
        let snapshot = read.snapshots(kind, *version)?;
        state.update([u8::from(snapshot.is_some())]);
        add(state, &snapshot.unwrap_or_default());
    }
    Ok(())
}

/// No rows with their lengths are the beginning of others.
fn add(state: &mut Sha256, rows: &[Row]) {
    state.update((rows.len() as u64).to_le_bytes());
    for row in rows {
        for text in [&row.kind, &row.slug, &row.content] {
            state.update((text.len() as u64).to_le_bytes());
            state.update(text);
        }
        state.update(row.shape.to_le_bytes());
    }
}
