//! Files in memory: from a folder, an archive or the texts of a test.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files by path, with `/` between folders.
///
/// ```
/// use ocl_migrate::verify::Files;
///
/// let files: Files = [("v1/fizz.ocl", "colour = \"red\"\n")].into_iter().collect();
/// assert_eq!(files.below("v1").get("fizz.ocl"), Some(&b"colour = \"red\"\n"[..]));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

/// Why a folder can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: can't be read: {error}", path.display())]
pub struct FilesError {
    /// The file or folder.
    pub path: PathBuf,
    /// The system's error.
    pub error: io::Error,
}

/// No catalog's folders nest deeper; a symbolic link to its own parent would.
const DEEPEST: usize = 64;

impl Files {
    /// Reads all files below a folder, except those whose names begin with a dot.
    ///
    /// # Errors
    /// The first file or folder that can't be read.
    pub fn read(folder: &Path) -> Result<Files, FilesError> {
        let mut files = Files::default();
        files.read_folder(folder, "", 0)?;
        Ok(files)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), FilesError> {
        let failed = |error| FilesError {
            path: folder.to_owned(),
            error,
        };
        if depth > DEEPEST {
            return Err(failed(io::Error::other("folders nest too deep")));
        }
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), entry.file_name());
            let at_path = |error| FilesError {
                path: path.clone(),
                error,
            };
            let Some(name) = name.to_str() else {
                return Err(at_path(io::Error::other("its name is not UTF-8")));
            };
            if name.starts_with('.') {
                continue;
            }
            let below = format!("{prefix}{name}");
            if fs::metadata(&path).map_err(at_path)?.is_dir() {
                self.read_folder(&path, &format!("{below}/"), depth + 1)?;
            } else {
                self.insert(below, fs::read(&path).map_err(at_path)?);
            }
        }
        Ok(())
    }

    /// Adds a file, or replaces it.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.0.remove(path)
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files below a folder, with their paths below it.
    pub fn below(&self, folder: &str) -> Files {
        let inside = self.iter().filter_map(|(path, bytes)| {
            let path = path.strip_prefix(folder)?.strip_prefix('/')?;
            Some((path, bytes))
        });
        inside.collect()
    }

    /// The names of the folders at the top, sorted.
    pub fn folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = self
            .iter()
            .filter_map(|(path, _)| Some(path.split_once('/')?.0))
            .collect();
        folders.dedup();
        folders
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for Files {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Files {
        let files = files.into_iter();
        Files(
            files
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
        )
    }
}
