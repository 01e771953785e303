//! The store, compared with the branches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::finding::DoctorFinding;
use super::report::Report;
use crate::catalog::DocumentName;
use crate::engine::LookupKey;
use crate::plan::{NeverRead, never_read};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::store::{self, ProjectKey, ProjectVersion, Store};

/// Compares the store with the branches.
pub(super) fn look_into_store(project: &Project, report: &mut Report) -> Result<(), LoadError> {
    match compare(project, report) {
        Err(LoadError::Store(error @ store::Error::NoPermission { .. })) => {
            let reason = error.to_string();
            let finding = DoctorFinding::StoreDenied { reason };
            report.findings.push(finding);
            Ok(())
        }
        Err(LoadError::Store(error)) if error.unusable().is_some() => {
            let reason = error.to_string();
            let file = match error {
                store::Error::NotAStore { store, .. } | store::Error::Corrupt { store, .. } => {
                    store.file().map(Path::to_owned)
                }
                _ => None,
            };
            let finding = DoctorFinding::StoreUnusable { reason, file };
            report.findings.push(finding);
            Ok(())
        }
        done => done,
    }
}

fn compare(project: &Project, report: &mut Report) -> Result<(), LoadError> {
    let Some(store) = project.store() else {
        return Ok(());
    };
    let known = match store.projects() {
        Err(store::Error::Absent { .. }) => return Ok(()),
        other => other?,
    };
    match store.check() {
        Err(error @ store::Error::Corrupt { .. }) => {
            let reason = error.to_string();
            let file = match error {
                store::Error::Corrupt { store, .. } => store.file().map(Path::to_owned),
                _ => None,
            };
            let finding = DoctorFinding::StoreDamaged { reason, file };
            report.findings.push(finding);
            return Ok(());
        }
        checked => checked?,
    }
    let base_paths: Vec<String> = report.highest.keys().cloned().collect();
    // A tag's project is one, too.
    let keys = report.base_paths.iter().map(|path| project.key(path));
    let keys: BTreeSet<ProjectKey> = keys.collect();
    let by_key = known.iter().map(|stored| (&stored.project, stored));
    let by_key: BTreeMap<&ProjectKey, &ProjectVersion> = by_key.collect();
    // In a store that many share, other tenants' projects belong to other repositories.
    let tenant = project.key(project.folder()).tenant;
    for stored in known.iter().filter(|it| it.project.tenant == tenant) {
        let is_known =
            keys.contains(&stored.project) || report.base_paths.contains(&stored.project.name);
        if !base_paths.is_empty() && !is_known {
            report.findings.push(DoctorFinding::StrayProject {
                project: stored.project.clone(),
                version: stored.version,
                base_paths: base_paths.clone(),
            });
        }
    }
    if base_paths.is_empty() {
        // Not in Git yet: its rows wait for the first import.
        let key = project.key(project.folder());
        if let Some(stored) = by_key.get(&key) {
            look_at_rows(project, &**store, stored, project.folder(), report)?;
        }
    }
    for base_path in &base_paths {
        let key = project.key(base_path);
        let (version, ref_name) = report.highest[base_path].clone();
        match by_key.get(&key) {
            None => report.findings.push(DoctorFinding::ProjectUnknown {
                project: key.clone(),
                base_path: base_path.clone(),
                ref_name,
                version,
            }),
            Some(stored) => {
                if stored.version < version {
                    report.findings.push(DoctorFinding::StoreBehind {
                        ref_name,
                        project: key.clone(),
                        base_path: base_path.clone(),
                        version,
                        store: stored.version,
                    });
                }
                look_into_project(&**store, &key, base_path, report)?;
                look_at_rows(project, &**store, stored, base_path, report)?;
                look_at_lookups(project, &**store, &key, base_path, report)?;
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
            project: key.clone(),
            base_path: base_path.to_owned(),
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

/// Finds the answers that no step asks for. Where a step in Rust may ask for anything, only an empty key is told.
fn look_at_lookups(
    project: &Project,
    store: &dyn Store,
    key: &ProjectKey,
    base_path: &str,
    report: &mut Report,
) -> Result<(), LoadError> {
    // A catalog that asks none has no name that was meant.
    let asked = project.catalog().lookup_tables();
    let asked = asked.filter(|asked| !asked.is_empty());
    let is_asked = |table: &str| asked.as_ref().is_none_or(|asked| asked.contains(table));
    let lookups = store.lookup_entries(key)?.into_iter();
    let lookups: Vec<LookupKey> = lookups
        .filter(|entry| entry.key.is_empty() || !is_asked(&entry.table))
        .map(|entry| LookupKey {
            table: entry.table,
            key: entry.key,
        })
        .collect();
    if !lookups.is_empty() {
        report.findings.push(DoctorFinding::NeverAsked {
            project: key.clone(),
            base_path: base_path.to_owned(),
            lookups,
        });
    }
    Ok(())
}

/// Finds the rows of the table that nothing reads. Rows that only a newer server knows are left to it, if it has left its
/// steps in the store.
fn look_at_rows(
    project: &Project,
    store: &dyn Store,
    stored: &ProjectVersion,
    base_path: &str,
    report: &mut Report,
) -> Result<(), LoadError> {
    let catalog = project.catalog();
    let mut read = store.read(&stored.project)?;
    let recorded = read.recorded_imports()?;
    let mut found: BTreeMap<NeverRead, Vec<DocumentName>> = BTreeMap::new();
    for row in read.all_documents()? {
        let recorded = recorded.iter().filter(|import| import.kind == row.kind);
        let recorded: Vec<u32> = recorded.map(|import| import.import_version).collect();
        let why = never_read(catalog, &row.kind, row.shape, stored.version, &recorded);
        if let Some(why) = why {
            let document = DocumentName::new(&row.kind, &row.slug);
            found.entry(why).or_default().push(document);
        }
    }
    drop(read);
    for (why, documents) in found {
        let newer = match &why {
            NeverRead::AboveServer { shape, .. } => Some(*shape),
            NeverRead::NoImport { .. } => Some(catalog.server_version() + 1),
            _ => None,
        };
        let may_be_known = match newer {
            Some(version) => !store.catalogs(version)?.is_empty(),
            None => false,
        };
        if !may_be_known {
            report.findings.push(DoctorFinding::NeverRead {
                project: stored.project.clone(),
                base_path: base_path.to_owned(),
                documents,
                why,
            });
        }
    }
    Ok(())
}
