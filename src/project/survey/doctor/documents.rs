//! Documents that can't be read, and documents in another shape than their branch states.

use std::collections::HashMap;
use std::sync::Arc;

use super::finding::DoctorFinding;
use super::report::Report;
use crate::catalog::DocumentName;
use crate::engine::{MigratedDocument, Source, join};
use crate::git::{ObjectId, Reader, RefScope, Tip};
use crate::migrate::Input;
use crate::ocl::{Document, DoubledName};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::base::Base;
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::loaded::Loaded;
use crate::project::read::session::Session;
use crate::project::read::shape::{steps_it_looks_older_than, steps_not_applied};
use crate::project::survey::last_write::last_write;
use crate::project::survey::status::StatusReader;

/// Looks at every document of every branch that this catalog can read, at each distinct folder once.
pub(super) fn look_at_documents(project: &Project, report: &mut Report) -> Result<(), LoadError> {
    let mut search = Search {
        project,
        session: Session::new(project),
        reader: project.repository().reader(),
        report,
        folders: HashMap::new(),
        broken: HashMap::new(),
        doubled: HashMap::new(),
    };
    for (ref_name, base_path, commit) in branches(project)? {
        search.branch(ref_name, base_path, commit)?;
    }
    Ok(())
}

/// The branches that this catalog can read, each with a base path and its commit.
fn branches(project: &Project) -> Result<Vec<(String, String, ObjectId)>, LoadError> {
    let server = project.catalog().server_version();
    let mut branches = Vec::new();
    StatusReader::new(project).every_ref(RefScope::Branches, |status| {
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
    Ok(branches)
}

struct Search<'s> {
    project: &'s Project,
    session: Session,
    reader: Reader,
    report: &'s mut Report,
    /// The findings by base path and folder, by their places: other branches with the same folder share them.
    folders: HashMap<(String, ObjectId), Vec<usize>>,
    /// The findings about documents that can't be read, by path and reason.
    broken: HashMap<(String, String), usize>,
    /// The findings about names that stand more than once, by path and names.
    doubled: HashMap<(String, Vec<DoubledName>), usize>,
}

impl Search<'_> {
    fn branch(
        &mut self,
        ref_name: String,
        base_path: String,
        commit: ObjectId,
    ) -> Result<(), LoadError> {
        let tree = self.reader.tree_of(commit)?;
        let Some(folder) = self.reader.entry(tree, &base_path)? else {
            return Ok(());
        };
        let known = self.folders.get(&(base_path.clone(), folder.id));
        if let Some(findings) = known.cloned() {
            for index in findings {
                self.once_more(index);
            }
            return Ok(());
        }
        let mut found = Vec::new();
        let at = At::commit(Some(Tip { commit, tree }));
        let loaded = Base::find(&self.reader, Some(tree), base_path.clone()).and_then(|base| {
            load_base(
                self.project,
                &self.session,
                at,
                &base,
                LoadOptions::default(),
            )
        });
        match loaded {
            Ok(loaded) => {
                for document in loaded.documents() {
                    found.extend(self.document(&loaded, document, &ref_name)?);
                }
            }
            Err(error) => {
                let reason = error.to_string();
                let base_path = base_path.clone();
                found.push(self.add(DoctorFinding::Invalid {
                    ref_name,
                    base_path,
                    reason,
                }));
            }
        }
        self.folders.insert((base_path, folder.id), found);
        Ok(())
    }

    /// Looks at one document. Returns the places of what was found.
    fn document(
        &mut self,
        loaded: &Loaded,
        document: &MigratedDocument,
        ref_name: &str,
    ) -> Result<Vec<usize>, LoadError> {
        let Some(below) = &document.path_before else {
            return Ok(Vec::new());
        };
        let path = join(loaded.base_path(), below);
        let (bytes, names) = match text_of(loaded, &document.name) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(Vec::new()),
            Err(reason) => return Ok(vec![self.broken(ref_name, &document.name, path, reason)]),
        };
        let mut found = Vec::new();
        if !names.is_empty() {
            found.push(self.doubled(ref_name, &document.name, path.clone(), names));
        }
        let finding = self.shape(loaded, &document.name, path, &bytes, ref_name)?;
        found.extend(finding.map(|finding| self.add(finding)));
        Ok(found)
    }

    fn doubled(
        &mut self,
        ref_name: &str,
        document: &DocumentName,
        path: String,
        names: Vec<DoubledName>,
    ) -> usize {
        let key = (path.clone(), names.clone());
        if let Some(&index) = self.doubled.get(&key) {
            self.once_more(index);
            return index;
        }
        let index = self.add(DoctorFinding::DoubledNames {
            ref_name: ref_name.to_owned(),
            also: 0,
            document: document.clone(),
            path,
            names,
        });
        self.doubled.insert(key, index);
        index
    }

    fn broken(
        &mut self,
        ref_name: &str,
        document: &DocumentName,
        path: String,
        reason: String,
    ) -> usize {
        let key = (path.clone(), reason.clone());
        if let Some(&index) = self.broken.get(&key) {
            self.once_more(index);
            return index;
        }
        let index = self.add(DoctorFinding::BrokenDocument {
            ref_name: ref_name.to_owned(),
            also: 0,
            document: document.clone(),
            path,
            reason,
        });
        self.broken.insert(key, index);
        index
    }

    /// Whether a document has the shape that its branch states.
    fn shape(
        &self,
        loaded: &Loaded,
        document: &DocumentName,
        path: String,
        bytes: &[u8],
        ref_name: &str,
    ) -> Result<Option<DoctorFinding>, LoadError> {
        let (catalog, base_path) = (self.project.catalog(), loaded.base_path());
        let written = last_write(&self.reader, catalog, loaded.commit(), base_path, &path)?;
        let version = loaded.plan().branch_version;
        let mut input = Input {
            kind: document.kind(),
            slug: document.slug(),
            shape: version,
            bytes,
        };
        let Some((written, written_at)) = written
            .and_then(|written| written.version.map(|at| (written, at)))
            .filter(|(_, at)| *at < version)
        else {
            let steps = steps_it_looks_older_than(catalog, &input, version);
            return Ok((!steps.is_empty()).then(|| DoctorFinding::LooksOlder {
                ref_name: ref_name.to_owned(),
                path,
                document: document.clone(),
                version,
                steps,
            }));
        };
        input.shape = written_at;
        let missed = steps_not_applied(catalog, &input, version);
        Ok((!missed.is_empty()).then(|| DoctorFinding::MixedShape {
            ref_name: ref_name.to_owned(),
            also: 0,
            base_path: base_path.to_owned(),
            document: document.clone(),
            path,
            version,
            written_at,
            commit: written.commit,
            missed,
        }))
    }

    fn add(&mut self, finding: DoctorFinding) -> usize {
        self.report.findings.push(finding);
        self.report.findings.len() - 1
    }

    /// Notes that another branch has what was found.
    fn once_more(&mut self, index: usize) {
        if let DoctorFinding::MixedShape { also, .. }
        | DoctorFinding::BrokenDocument { also, .. }
        | DoctorFinding::DoubledNames { also, .. } = &mut self.report.findings[index]
        {
            *also += 1;
        }
    }
}

/// A document's text, as Git holds it, and the names that stand in it more than once; `None` where Git holds none.
///
/// # Errors
/// In words: why it can't be read, or isn't OCL.
fn text_of(
    loaded: &Loaded,
    name: &DocumentName,
) -> Result<Option<(Arc<[u8]>, Vec<DoubledName>)>, String> {
    let source = loaded.lift().source();
    let Some(held) = loaded.entry(name).and_then(|entry| entry.held) else {
        return Ok(None);
    };
    source.held().documents[held].content.clone()?;
    let bytes = source.read(held).map_err(|error| error.to_string())?;
    let dialect = source.catalog().dialect_at(source.version());
    match Document::from_bytes(bytes.to_vec(), dialect) {
        Ok(document) => Ok(Some((bytes, document.doubled_names()))),
        Err(error) => Err(format!(
            "line {}, column {}: {}",
            error.line(),
            error.column(),
            error.message()
        )),
    }
}
