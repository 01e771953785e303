//! Contracts: what of a document they find wrong, and what is wrong with them.

mod corpus;
mod draft;
mod hostile;
mod language;
mod mutation;
mod protobuf;

use std::fs;

use ocl_migrate::catalog::{Catalog, CatalogError};
use tempfile::TempDir;

use crate::support::scratch;

/// The folder of a catalog with one kind, `room`.
pub struct Folder(TempDir);

impl Folder {
    /// Its contract is this schema, from version 1 on.
    pub fn with(schema: &str) -> Folder {
        let folder = Folder::declaring("{ json_schema = \"contracts/room_1.json\" }");
        folder.write("contracts/room_1.json", schema);
        folder
    }

    /// Its contract is declared so, from version 1 on.
    pub fn declaring(contract: &str) -> Folder {
        let folder = Folder(scratch::folder());
        folder.write(
            "catalog.hcl",
            &format!(
                "catalog \"hotel\" {{ base_path = \".hotel\" }}\n\
                 document \"room\" {{\n  path = \"rooms/*.ocl\"\n  contract \"1\" {contract}\n}}\n"
            ),
        );
        folder.write(
            "0001_rooms/step.hcl",
            "description = \"Rooms are in Git\"\ndocument = \"room\"\nimport {}\n",
        );
        folder
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.0.path().join(path)).unwrap();
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.0.path().join(path)).unwrap();
    }

    pub fn load(&self) -> Result<Catalog, CatalogError> {
        Catalog::load(self.0.path())
    }
}
