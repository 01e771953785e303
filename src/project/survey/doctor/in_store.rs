//! The store, compared with the branches.

use super::finding::DoctorFinding;
use super::report::Report;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::store::{self, ProjectKey, Store};

/// Compares the store with the branches.
pub(super) fn look_into_store(project: &Project, report: &mut Report) -> Result<(), LoadError> {
    let Some(store) = project.store() else {
        return Ok(());
    };
    let known = match store.projects() {
        Err(store::Error::Absent { .. }) => return Ok(()),
        other => other?,
    };
    let base_paths: Vec<String> = report.highest.keys().cloned().collect();
    for stored in &known {
        let named =
            |path: &String| *path == stored.project.name || project.key(path) == stored.project;
        if !base_paths.is_empty() && !base_paths.iter().any(named) {
            report.findings.push(DoctorFinding::StrayProject {
                project: stored.project.to_string(),
                version: stored.version,
                base_paths: base_paths.clone(),
            });
        }
    }
    for base_path in &base_paths {
        let key = project.key(base_path);
        let (version, ref_name) = report.highest[base_path].clone();
        match known.iter().find(|stored| stored.project == key) {
            None => report.findings.push(DoctorFinding::ProjectUnknown {
                project: key.to_string(),
                ref_name,
                version,
            }),
            Some(stored) => {
                if stored.version < version {
                    report.findings.push(DoctorFinding::StoreBehind {
                        ref_name,
                        project: key.to_string(),
                        version,
                        store: stored.version,
                    });
                }
                look_into_project(&**store, &key, base_path, report)?;
            }
        }
    }
    Ok(())
}

fn look_into_project(
    store: &dyn Store,
    key: &ProjectKey,
    base_path: &str,
    report: &mut Report,
) -> Result<(), LoadError> {
    let mut read = store.read(key)?;
    for (_, intent) in read.intents()? {
        report.findings.push(DoctorFinding::UnsettledIntent {
            project: key.to_string(),
            ref_name: intent.ref_name,
            commit: intent.new,
        });
    }
    let lowest = report.lowest.get(base_path).copied().unwrap_or(0);
    for import in read.recorded_imports()? {
        if import.import_version <= lowest && import.documents > 0 {
            report.findings.push(DoctorFinding::UnusedSnapshot {
                project: key.to_string(),
                kind: import.kind,
                import_version: import.import_version,
                documents: import.documents,
            });
        }
    }
    Ok(())
}
