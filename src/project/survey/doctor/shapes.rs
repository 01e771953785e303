//! Documents in another shape than their branch states.

use std::collections::HashMap;

use super::super::document::MigratedDocument;
use super::super::loaded::{At, LoadOptions, Loaded};
use super::super::marker::join;
use super::super::memory::Base;
use super::super::shape::{last_write, steps_it_looks_older_than, steps_not_applied};
use super::super::{LoadError, Project};
use super::{Finding, Survey};
use crate::git::{ObjectId, RefScope};
use crate::migrate::Input;

impl Project {
    /// Looks at every document of every branch, at each distinct folder once.
    pub(super) fn look_for_mixed_shapes(&self, survey: &mut Survey) -> Result<(), LoadError> {
        let reader = self.repository().reader();
        let mut seen: HashMap<(String, ObjectId), Vec<usize>> = HashMap::new();
        let server = self.catalog().server_version();
        let mut branches = Vec::new();
        self.status().every_ref(RefScope::Branches, |status| {
            if let (Some(commit), Some(version)) = (status.commit, status.state.version())
                && version <= server
            {
                branches.push((
                    status.ref_name.to_owned(),
                    status.base_path.to_owned(),
                    commit,
                ));
            }
            Ok::<(), LoadError>(())
        })?;
        for (ref_name, base_path, commit) in branches {
            let tree = reader.tree_of(commit)?;
            let Some(folder) = reader.entry(tree, &base_path)? else {
                continue;
            };
            if let Some(findings) = seen.get(&(base_path.clone(), folder.id)) {
                for index in findings {
                    if let Finding::MixedShape { also, .. } = &mut survey.findings[*index] {
                        *also += 1;
                    }
                }
                continue;
            }
            let first = survey.findings.len();
            let at = At {
                commit: Some((commit, tree)),
                ref_name: None,
                also_named: Vec::new(),
            };
            let loaded = Base::find(&reader, Some(tree), base_path.clone())
                .and_then(|base| Loaded::at_base(self, &reader, at, &base, LoadOptions::default()));
            // What keeps a branch from being loaded is told by its state, or by the store below.
            if let Ok(loaded) = loaded {
                for document in loaded.documents() {
                    let finding = self.mixed_shape(&reader, &loaded, document, &ref_name)?;
                    survey.findings.extend(finding);
                }
            }
            let indices = (first..survey.findings.len()).collect();
            seen.insert((base_path, folder.id), indices);
        }
        Ok(())
    }

    fn mixed_shape(
        &self,
        reader: &crate::git::Reader,
        loaded: &Loaded,
        document: &MigratedDocument,
        ref_name: &str,
    ) -> Result<Option<Finding>, LoadError> {
        let Some(below) = &document.path_before else {
            return Ok(None);
        };
        let (catalog, base_path) = (self.catalog(), loaded.base_path());
        let path = join(base_path, below);
        let written = last_write(reader, catalog, loaded.commit(), base_path, &path)?;
        let version = loaded.plan().branch_version;
        let Some(bytes) = loaded.before(document)? else {
            return Ok(None);
        };
        let mut input = Input {
            kind: &document.kind,
            slug: &document.slug,
            shape: version,
            bytes: &bytes,
        };
        let Some((written, written_at)) = written
            .and_then(|written| written.version.map(|at| (written, at)))
            .filter(|(_, at)| *at < version)
        else {
            let steps = steps_it_looks_older_than(catalog, &input, version);
            return Ok((!steps.is_empty()).then(|| Finding::LooksOlder {
                ref_name: ref_name.to_owned(),
                path,
                document: document.name.clone(),
                version,
                steps,
            }));
        };
        input.shape = written_at;
        let missed = steps_not_applied(catalog, &input, version);
        Ok((!missed.is_empty()).then(|| Finding::MixedShape {
            ref_name: ref_name.to_owned(),
            also: 0,
            base_path: base_path.to_owned(),
            document: document.name.clone(),
            path,
            version,
            written_at,
            commit: written.commit,
            missed,
        }))
    }
}
