//! One document alone, migrated in memory.

use ocl_migrate::catalog::Catalog;
use ocl_migrate::project::MigratedDocument;
use ocl_migrate::verify::{Files, MemoryProject};

/// One document after its migration.
pub struct One {
    pub document: MigratedDocument,
    /// Its text; `None` if it was removed or failed.
    pub text: Option<String>,
}

/// Migrates one document of a kind from a version to another, up or down, with a server that knows nothing.
pub fn migrate_one(catalog: &Catalog, kind: &str, bytes: &[u8], from: u32, to: u32) -> One {
    let pattern = catalog.path_at(catalog.kind(kind).unwrap(), from);
    let slug = if pattern.is_collection() { "one" } else { "" };
    let path = pattern.path_of(slug).unwrap();
    let files: Files = [(path, bytes.to_vec())].into_iter().collect();
    let project = MemoryProject::new(catalog, from, &files);
    let mut migrated = project.migrate(to).unwrap();
    let document = migrated
        .documents
        .into_iter()
        .find(|document| document.name.kind() == kind && document.name.slug() == slug)
        .unwrap();
    let text = migrated.files.remove(&document.path);
    One {
        document,
        text: text.map(|bytes| String::from_utf8(bytes).unwrap()),
    }
}
