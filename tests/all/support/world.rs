//! A repository, a catalog and a store, put together.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::project::{
    CommitError, Committed, Draft, Loaded, Project, ProjectBuilder, Remedy, SettledIntent,
};
use ocl_migrate::store::{Options, ProjectKey, Row, SqliteStore, Store};
use tempfile::TempDir;

use super::{Repo, catalog, request, scratch};

pub struct World {
    /// Deletes the folder in the end; `None` in a process that was given it.
    _folder: Option<TempDir>,
    path: PathBuf,
    pub repo: Repo,
    pub catalog: Arc<Catalog>,
}

impl World {
    /// An empty bare repository, a catalog in [one line](catalog), and a store that knows the project.
    pub fn new(notation: &str) -> World {
        let world = World::without_store(notation);
        world.store().init(&world.key()).unwrap();
        world
    }

    /// The same without a store's file.
    pub fn without_store(notation: &str) -> World {
        let folder = scratch::folder();
        let path = folder.path().to_owned();
        World {
            repo: Repo::bare(&path.join("repository.git")),
            catalog: catalog(notation),
            _folder: Some(folder),
            path,
        }
    }

    /// A world that another process made.
    pub fn at(path: &Path, notation: &str) -> World {
        World {
            _folder: None,
            path: path.to_owned(),
            repo: Repo::at(&path.join("repository.git")),
            catalog: catalog(notation),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same repository and store, seen by a server with another catalog.
    pub fn server(&mut self, notation: &str) {
        self.catalog = catalog(notation);
    }

    pub fn key(&self) -> ProjectKey {
        ProjectKey::new(".octopus")
    }

    pub fn store_path(&self) -> PathBuf {
        self.path.join("state.db")
    }

    pub fn store(&self) -> SqliteStore {
        let options = Options::default().busy_timeout(Duration::from_secs(20));
        SqliteStore::with_options(self.store_path(), options)
    }

    pub fn project(&self) -> Project {
        self.project_with(|builder| builder)
    }

    pub fn project_with(&self, set: impl FnOnce(ProjectBuilder) -> ProjectBuilder) -> Project {
        let builder =
            Project::builder(self.repo.open(), self.catalog.clone()).base_path(".octopus");
        set(builder.store(Arc::new(self.store()))).build().unwrap()
    }

    pub fn load(&self, revision: &str) -> Loaded {
        self.project().load_migrated(revision).unwrap()
    }

    pub fn edit(&self, revision: &str) -> Draft {
        self.load(revision).edit()
    }

    /// Puts a document's text and commits.
    pub fn put(&self, branch: &str, name: &str, text: &str) -> Result<Committed, CommitError> {
        let mut draft = self.edit(branch);
        draft.put(name, text)?;
        draft.commit(request("change"))
    }

    /// Makes a branch with a marker; paths are below the base path.
    pub fn branch(&self, name: &str, version: u32, files: &[(&str, &str)]) -> String {
        let marker = format!("version = {version}");
        let marker_path = ".octopus/schema_version.ocl".to_owned();
        let mut all = vec![(marker_path, marker)];
        all.extend(
            files
                .iter()
                .map(|(path, text)| (format!(".octopus/{path}"), (*text).to_owned())),
        );
        let all: Vec<(&str, Option<&str>)> = all
            .iter()
            .map(|(path, text)| (&**path, Some(&**text)))
            .collect();
        self.repo.commit(name, None, &all)
    }

    /// Puts a row into the table: `fizz` or `runbook/backup`.
    pub fn row(&self, name: &str, content: &str, shape: u32) {
        let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
        let row = Row::new(kind, slug, content, shape);
        self.store().put_documents(&self.key(), &[row]).unwrap();
    }

    /// What the store holds.
    pub fn store_text(&self) -> String {
        store_text(&self.store(), &self.key(), &self.catalog)
    }
}

/// What a store holds of a project: its version, rows, snapshots and intents, a line each.
pub fn store_text(store: &dyn Store, key: &ProjectKey, catalog: &Catalog) -> String {
    let mut read = store.read(key).unwrap();
    let Some(version) = read.version().unwrap() else {
        return "unknown".to_owned();
    };
    let mut text = format!("version {version}");
    let line = |text: &mut String, place: &str, row: &Row| {
        let name = match &*row.slug {
            "" => row.kind.clone(),
            slug => format!("{}/{slug}", row.kind),
        };
        let content = row.content.replace('\n', "; ");
        write!(text, "\n{place} {name} in shape {}: {content}", row.shape).unwrap();
    };
    for row in read.all_documents().unwrap() {
        line(&mut text, "table", &row);
    }
    for recorded in read.recorded_imports().unwrap() {
        let (kind, version) = (&recorded.kind, recorded.import_version);
        let rows = read.snapshots(kind, version).unwrap().unwrap();
        if rows.is_empty() {
            write!(text, "\nsnapshot {version} {kind}: nothing").unwrap();
        }
        for row in &rows {
            line(&mut text, &format!("snapshot {version}"), row);
        }
    }
    for (_, intent) in read.intents().unwrap() {
        let kinds: Vec<&str> = intent.imports.iter().map(|import| &*import.kind).collect();
        write!(
            text,
            "\nintent for {} to {} taking {kinds:?}",
            intent.ref_name, intent.target
        )
        .unwrap();
    }
    assert!(catalog.server_version() > 0);
    text
}

/// A plan in words, and what became of every document.
pub fn explain(loaded: &Loaded) -> String {
    let catalog = loaded.project().catalog();
    let mut text = format!("{} to {}", loaded.version(), loaded.plan().target);
    for row in &loaded.plan().rows {
        let step = &catalog.steps()[row.step];
        write!(
            text,
            "\n{} {}: {}",
            step.version(),
            step.name(),
            row.decision.name()
        )
        .unwrap();
        if let Some(source) = row.source {
            write!(text, " from the {source}").unwrap();
        }
        if let Some(reason) = row.decision.reason() {
            write!(text, ", {reason}").unwrap();
        }
        for name in &row.kept {
            write!(text, ", keeps {name}").unwrap();
        }
        for name in &row.skipped_for {
            write!(text, ", not for {name}").unwrap();
        }
    }
    for document in loaded.documents() {
        let content = loaded.content(document).unwrap();
        let content = content.map(|bytes| String::from_utf8(bytes).unwrap().replace('\n', "; "));
        write!(text, "\n{} {}", document.name, document.outcome.name()).unwrap();
        if let Some(error) = document.error() {
            write!(text, ": {error}").unwrap();
        }
        if let Some(content) = content {
            write!(text, ": {content}").unwrap();
        }
    }
    text
}

/// Changes Buzz in `two`, loading again as often as it is told to; with what was settled on the way.
pub fn next_writer(project: &Project) -> (Committed, Vec<SettledIntent>) {
    let mut settled = Vec::new();
    for _ in 0..3 {
        let mut draft = project.load_migrated("two").unwrap().edit();
        draft.put("buzz", "b = 3").unwrap();
        match draft.commit(request("next")) {
            Ok(committed) => {
                settled.extend(committed.settled.clone());
                return (committed, settled);
            }
            Err(error) => {
                assert_eq!(error.remedy(), Remedy::LoadAgain, "{error}");
                settled.extend_from_slice(error.settled());
            }
        }
    }
    panic!("three times told to load again");
}
