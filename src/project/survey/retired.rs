//! What the catalog's baseline leaves behind: refs, and content of the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::DocumentName;
use crate::git::RefScope;
use crate::plan::{NeverRead, never_read};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::survey::status::{RefState, StatusReader};
use crate::store::{self, ProjectKey};

/// What the catalog's baseline leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Refs at a version below it.
    pub refs: Vec<RetiredRef>,
    /// Rows of the store in a shape below it, which an import would read: in the table, or about to leave it.
    pub rows: Vec<RetiredRow>,
    /// Documents in the snapshots of imports, in a shape below it, that refs without a version read.
    pub snapshots: Vec<RetiredRow>,
    /// The full names of those refs.
    pub unversioned: Vec<String>,
}

/// A ref below the baseline.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RetiredRef {
    /// The full name of the ref.
    #[serde(rename = "ref")]
    pub ref_name: String,
    /// The folder of the project's documents.
    pub base_path: String,
    /// Its version.
    pub version: u32,
}

/// A document of the store in a shape below the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct RetiredRow {
    /// The project, as the store calls it.
    pub project: String,
    /// The document.
    pub document: DocumentName,
    /// Its shape.
    pub shape: u32,
}

/// Looks at every ref there is, and at every project of the store.
pub(crate) fn retired(project: &Project) -> Result<Retired, LoadError> {
    let mut retired = Retired::default();
    let mut refs = Held::new();
    StatusReader::new(project).every_ref(RefScope::All, |status| {
        let held = refs.entry(status.ref_name.to_owned()).or_default();
        if status.state != RefState::Uninitialised {
            held.insert(project.key(status.base_path));
        }
        if let RefState::Retired(version) = status.state {
            retired.refs.push(RetiredRef {
                ref_name: status.ref_name.to_owned(),
                base_path: status.base_path.to_owned(),
                version,
            });
        }
        Ok::<(), LoadError>(())
    })?;
    match look_into_store(project, &refs, &mut retired) {
        Err(store::Error::Absent { .. }) | Ok(()) => Ok(retired),
        Err(error) => Err(error.into()),
    }
}

/// The projects that each ref holds, be their version right or wrong.
type Held = BTreeMap<String, BTreeSet<ProjectKey>>;

/// The refs that would read a project's snapshots: those that don't hold it. A project that none holds and that isn't this
/// repository's own either is another repository's.
fn unversioned<'r>(refs: &'r Held, project: &Project, key: &ProjectKey) -> Vec<&'r String> {
    let is_ours =
        project.key(project.folder()) == *key || refs.values().any(|held| held.contains(key));
    let without = refs
        .iter()
        .filter(|(_, held)| is_ours && !held.contains(key));
    without.map(|(name, _)| name).collect()
}

fn look_into_store(
    project: &Project,
    refs: &Held,
    retired: &mut Retired,
) -> Result<(), store::Error> {
    let Some(store) = project.store() else {
        return Ok(());
    };
    let catalog = project.catalog();
    let imports: Vec<(&str, u32)> = catalog.imports_up_to(catalog.lowest_version()).collect();
    for stored in store.projects()? {
        let row = |row: &store::Row| RetiredRow {
            project: stored.project.to_string(),
            document: DocumentName::new(&row.kind, &row.slug),
            shape: row.shape,
        };
        let is_retired = |row: &&store::Row| catalog.retires(row.shape).is_some();
        let mut read = store.read(&stored.project)?;
        let recorded = read.recorded_imports()?;
        let all = read.all_documents()?;
        retired.rows.extend(
            all.iter()
                .filter(|row| {
                    let recorded = recorded.iter().filter(|import| import.kind == row.kind);
                    let recorded: Vec<u32> = recorded.map(|import| import.import_version).collect();
                    let (kind, shape) = (&row.kind, row.shape);
                    let why = never_read(catalog, kind, shape, stored.version, &recorded);
                    matches!(why, Some(NeverRead::BelowBaseline { .. }))
                })
                .map(row),
        );
        for (_, intent) in read.intents()? {
            let rows = intent.imports.iter().flat_map(|import| &import.rows);
            retired.rows.extend(rows.filter(is_retired).map(row));
        }
        let readers = unversioned(refs, project, &stored.project);
        if readers.is_empty() {
            continue;
        }
        let known = retired.snapshots.len();
        for (kind, version) in &imports {
            let rows = read.snapshots(kind, *version)?.unwrap_or_default();
            let rows = rows.iter().filter(is_retired).map(row);
            retired.snapshots.extend(rows);
        }
        if retired.snapshots.len() > known {
            retired.unversioned.extend(readers.into_iter().cloned());
        }
    }
    retired.unversioned.sort_unstable();
    retired.unversioned.dedup();
    Ok(())
}
