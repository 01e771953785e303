//! The store, held against the branches.

use super::super::{LoadError, Project};
use super::{Finding, Survey};
use crate::store::{self, ProjectKey};

impl Project {
    pub(super) fn look_into_store(&self, survey: &mut Survey) -> Result<(), LoadError> {
        let Some(store) = self.store() else {
            return Ok(());
        };
        let known = match store.projects() {
            Err(store::Error::Absent { .. }) => return Ok(()),
            other => other?,
        };
        let base_paths: Vec<String> = survey.highest.keys().cloned().collect();
        for project in &known {
            let named =
                |path: &String| *path == project.project.name || self.key(path) == project.project;
            if !base_paths.is_empty() && !base_paths.iter().any(named) {
                survey.findings.push(Finding::StrayProject {
                    project: project.project.to_string(),
                    version: project.version,
                    base_paths: base_paths.clone(),
                });
            }
        }
        for base_path in &base_paths {
            let key = self.key(base_path);
            let (version, ref_name) = survey.highest[base_path].clone();
            match known.iter().find(|project| project.project == key) {
                None => survey.findings.push(Finding::ProjectUnknown {
                    project: key.to_string(),
                    ref_name,
                    version,
                }),
                Some(project) => {
                    if project.version < version {
                        survey.findings.push(Finding::StoreBehind {
                            ref_name,
                            project: key.to_string(),
                            version,
                            store: project.version,
                        });
                    }
                    self.look_into_project(&key, base_path, survey)?;
                }
            }
        }
        Ok(())
    }

    fn look_into_project(
        &self,
        key: &ProjectKey,
        base_path: &str,
        survey: &mut Survey,
    ) -> Result<(), LoadError> {
        let Some(store) = self.store() else {
            return Ok(());
        };
        let mut read = store.read(key)?;
        for (_, intent) in read.intents()? {
            survey.findings.push(Finding::UnsettledIntent {
                project: key.to_string(),
                ref_name: intent.ref_name,
                commit: intent.new,
            });
        }
        let lowest = survey.lowest.get(base_path).copied().unwrap_or(0);
        for import in read.recorded_imports()? {
            if import.import_version <= lowest && import.documents > 0 {
                survey.findings.push(Finding::UnusedSnapshot {
                    project: key.to_string(),
                    kind: import.kind,
                    import_version: import.import_version,
                    documents: import.documents,
                });
            }
        }
        Ok(())
    }
}
