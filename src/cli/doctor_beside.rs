//! `doctor`: what lies beside the repository's documents and its store.

use std::time::SystemTime;

use crate::project::{DoctorFinding, Project};

use super::global::Global;
use super::store_place::NamedStore;

/// Environments without a ref, and what restores of the store have kept.
pub(super) fn found_beside(global: &Global, project: &Project) -> Vec<DoctorFinding> {
    let missing = global.environments.iter().filter(|environment| {
        let revision = global.revision(project, &environment.name);
        !global.is_revision(project, revision)
    });
    let missing = missing.map(|environment| DoctorFinding::EnvironmentWithoutRef {
        name: environment.name.clone(),
        revision: environment.revision.clone(),
    });
    missing.chain(replaced(global)).collect()
}

/// What can't be listed is nobody's trouble: nothing depends on it.
fn replaced(global: &Global) -> Vec<DoctorFinding> {
    let Ok(NamedStore::File(store)) = global.named_store() else {
        return Vec::new();
    };
    let kept = store.kept().unwrap_or_default().into_iter();
    let now = SystemTime::now();
    kept.map(|kept| DoctorFinding::ReplacedStore {
        age: now.duration_since(kept.written).unwrap_or_default(),
        files: kept.files,
    })
    .collect()
}
