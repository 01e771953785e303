//! After `store init`: what to do where branches were there before the store.

use crate::catalog::Action;
use crate::git::RefScope;
use crate::project::{LoadError, RefState};
use crate::store::{ProjectKey, Store};

use crate::cli::failure::{quoted, short_name};
use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::text::folder;

/// Says what `adopt` is for, if the repository has a branch that is ahead of the store. Says nothing where there is no
/// repository, or none that can be read: the store is initialised all the same.
pub(super) fn suggest(global: &Global, key: &ProjectKey, store: &dyn Store, output: &mut Output) {
    let Ok(branches) = Branches::find(global, key) else {
        return;
    };
    let known = store.projects().unwrap_or_default();
    let version = known.iter().find(|known| known.project == *key);
    let version = version.map_or(0, |known| known.version);
    let program = global.program();
    let program = match &global.project {
        Some(project) => format!("{program} --project {}", quoted(project)),
        None => program,
    };
    let program = match &global.base_path {
        Some(base_path) => format!("{program} --base-path {}", quoted(folder(base_path))),
        None => program,
    };
    if let Some((highest, branch)) = branches.highest
        && passes_import(global, version, highest)
    {
        let branch = quoted(short_name(&branch));
        output.hint(format_args!(
            "{branch} is at version {highest}, and the store has the project at {version}: put what branches below still import \
             ({program} store put DOC FILE --shape N), then let the store catch up with {branch}; `adopt` records for good what \
             the imports that it has passed found: {program} adopt --dry-run {branch} && {program} adopt {branch}"
        ));
    }
    if let Some((branch, reason)) = branches.invalid {
        let branch = quoted(short_name(&branch));
        output.hint(format_args!(
            "{branch} states no version, so it isn't known what it has passed: {reason}; see all: {program} status"
        ));
    }
}

/// Whether an import lies above one version, up to another: without one there is nothing that a branch could have passed.
fn passes_import(global: &Global, above: u32, to: u32) -> bool {
    let Ok(catalog) = global.catalog() else {
        return false;
    };
    let mut passed = catalog
        .steps()
        .iter()
        .filter(|step| above < step.version() && step.version() <= to);
    passed.any(|step| matches!(step.action(), Action::Import(_)))
}

/// The branches of a project.
#[derive(Default)]
struct Branches {
    /// The highest version that this catalog knows, and the branch that has it.
    highest: Option<(u32, String)>,
    /// The first branch that states no version, and why.
    invalid: Option<(String, String)>,
}

impl Branches {
    fn find(global: &Global, key: &ProjectKey) -> Result<Branches, LoadError> {
        let Ok(project) = global.open() else {
            return Ok(Branches::default());
        };
        let mut branches = Branches::default();
        project.status().every_ref(RefScope::Branches, |status| {
            if project.key(status.base_path) != *key {
                return Ok(());
            }
            let branch = || status.ref_name.to_owned();
            let highest = branches.highest.as_ref().map_or(0, |highest| highest.0);
            match status.state {
                RefState::Invalid(reason) if branches.invalid.is_none() => {
                    branches.invalid = Some((branch(), reason.to_owned()));
                }
                RefState::Current(version) | RefState::Behind(version) if version > highest => {
                    branches.highest = Some((version, branch()));
                }
                _ => {}
            }
            Ok::<(), LoadError>(())
        })?;
        Ok(branches)
    }
}
