//! A ref in Git and its server's store, as the engine sees them.

use std::sync::{Arc, OnceLock};

use super::base::Base;
use super::cache::BaseKey;
use super::history::before;
use super::layout::Layout;
use super::session::{Session, Shared};
use super::store_view::ImportRows;
use crate::catalog::Catalog;
use crate::engine::{Answer, ContentId, Held, Lookups, Past, ResultCache, Source, StoredRows};
use crate::git::{self, ObjectId, Reader, Tip, check_portable_name};
use crate::ocl;
use crate::plan::{LiveImport, PlannedReturn};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::store::ProjectKey;

/// A base path of a commit, and what the store has for it.
pub(crate) struct GitSource {
    pub(crate) project: Project,
    /// What the store has said so far.
    pub(crate) shared: Arc<Shared>,
    /// `None` for a branch that begins with nothing.
    pub(crate) tip: Option<Tip>,
    pub(crate) base_path: String,
    pub(crate) layout: Arc<Layout>,
    key: ProjectKey,
    /// Whether there was no store to use from the beginning, which a warning tells. One that is lost later must not be taken for
    /// none: its answers would be missing without a word.
    without_store: OnceLock<bool>,
}

impl GitSource {
    pub(crate) fn new(
        project: &Project,
        session: &Session,
        tip: Option<Tip>,
        base_path: &str,
        layout: Arc<Layout>,
    ) -> GitSource {
        GitSource {
            project: project.clone(),
            shared: session.shared().clone(),
            tip,
            base_path: base_path.to_owned(),
            layout,
            key: project.key(base_path),
            without_store: OnceLock::new(),
        }
    }

    /// The version that the marker states; 0 without one.
    pub(crate) fn version(&self) -> u32 {
        self.layout.version()
    }

    /// The store's rows for some imports, or why there are none.
    pub(crate) fn import_rows(&self, imports: &[LiveImport]) -> Result<ImportRows, LoadError> {
        // Ends the transaction, unless a longer session is under way.
        let _session = self.shared.session();
        let rows = self.shared.rows(&self.key, imports)?;
        self.without_store
            .get_or_init(|| self.shared.unusable().is_some());
        Ok(rows)
    }

    /// Fails where the store has become unusable since the documents were loaded.
    fn check_store(&self) -> Result<(), String> {
        match self.shared.unusable() {
            Some(error) if self.without_store.get() != Some(&true) => {
                Err(format!("the store can't answer: {error}"))
            }
            _ => Ok(()),
        }
    }

    /// What the store calls the project.
    pub(crate) fn key(&self) -> &ProjectKey {
        &self.key
    }
}

impl Source for GitSource {
    type Error = LoadError;

    fn catalog(&self) -> &Catalog {
        self.project.catalog()
    }

    fn cache(&self) -> &ResultCache {
        &self.project.cache().results
    }

    fn held(&self) -> &Held {
        &self.layout.held
    }

    fn check_name(name: &str) -> Result<(), String> {
        check_portable_name(name)
    }

    fn read(&self, document: usize) -> Result<Arc<[u8]>, LoadError> {
        Ok(original(&self.project, self.layout.files[document].id)?)
    }

    fn rows(&self, imports: &[LiveImport]) -> Result<Option<StoredRows>, LoadError> {
        Ok(match self.import_rows(imports)? {
            ImportRows::Known(rows) => Some(rows),
            ImportRows::NoStore | ImportRows::UnknownProject => None,
        })
    }

    fn past(&self, planned: &PlannedReturn) -> Result<Option<Past<GitSource>>, LoadError> {
        let Some(tip) = self.tip else {
            return Ok(None);
        };
        let (project, version) = (&self.project, planned.version);
        project.read_with(|reader| {
            let catalog = project.catalog();
            let found = before(reader, catalog, tip.commit, &self.base_path, version)?;
            let Some((tip, base)) = found else {
                return Ok(None);
            };
            let layout =
                layout(project, reader, &base).map_err(|error| LoadError::NotBroughtBack {
                    kind: planned.kind.clone(),
                    version,
                    commit: tip.commit.to_string(),
                    reason: error.to_string(),
                })?;
            let session = self.shared.session();
            let source = GitSource::new(project, &session, Some(tip), &base.path, layout);
            Ok(Some(Past {
                version: source.version(),
                source,
                name: tip.commit.to_string(),
            }))
        })
    }

    fn lookup(&self, table: &str, key: &str) -> Result<Arc<Answer>, String> {
        let answer = self.shared.lookup(&self.key, table, key);
        self.check_store()?;
        answer.map_err(|error| format!("the store can't answer: {error}"))
    }

    fn answers_id(&self, lookups: &Lookups) -> Result<ContentId, String> {
        let id = self.shared.answers_id(&self.key, lookups);
        self.check_store()?;
        id.map_err(|error| format!("the store can't answer: {error}"))
    }
}

/// The base path in a commit's tree, found by `find` if it isn't cached.
pub(crate) fn base_in(
    project: &Project,
    tree: ObjectId,
    find: impl FnOnce() -> Result<Base, LoadError>,
) -> Result<Arc<Base>, LoadError> {
    let key = BaseKey {
        catalog: project.catalog().digest(),
        base_path: project.chosen_base_path().cloned(),
        tree,
    };
    let bases = &project.cache().bases;
    if let Some(base) = bases.get(&key) {
        return Ok(base);
    }
    let base = Arc::new(find()?);
    bases.insert(key, base.clone());
    Ok(base)
}

/// What lies in a base path.
pub(crate) fn layout(
    project: &Project,
    reader: &Reader,
    base: &Base,
) -> Result<Arc<Layout>, LoadError> {
    let catalog = project.catalog();
    let key = (catalog.digest(), base.clone());
    let layouts = &project.cache().layouts;
    if let Some(layout) = layouts.get(&key) {
        return Ok(layout);
    }
    let layout = Arc::new(Layout::read(reader, catalog, &base.path, base.tree)?);
    layouts.insert(key, layout.clone());
    Ok(layout)
}

/// A document as Git holds it.
pub(crate) fn original(project: &Project, id: ObjectId) -> Result<Arc<[u8]>, git::Error> {
    let cache = project.cache();
    let originals = &cache.originals;
    if let Some(bytes) = originals.get(&id) {
        return Ok(bytes);
    }
    let mut bytes = Vec::new();
    project.read_with(|reader| {
        reader.blob_into(id, ocl::MAX_BYTES as u64, &mut bytes)?;
        // Nobody else may get the content of a damaged or forged object.
        if cache.is_shared {
            reader.expect_content(id, &bytes)?;
        }
        Ok::<_, git::Error>(())
    })?;
    let bytes: Arc<[u8]> = bytes.into();
    originals.insert(id, bytes.clone());
    Ok(bytes)
}
