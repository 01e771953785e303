//! What lies at a place that was named: a catalog, a repository, its store.

use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::git::{self, Repository};
use crate::store::{Options, SqliteStore};

use super::failure::{Failure, Refusal};

/// The catalog in a folder. What is wrong with it names its files as they can be opened from here.
pub(super) fn load_catalog(folder: &Path) -> Result<Catalog, Failure> {
    Catalog::load(folder).map_err(|mut error| {
        for problem in &mut error.problems {
            if Path::new(&problem.file) != folder {
                problem.file = folder.join(&problem.file).display().to_string();
            }
        }
        error.into()
    })
}

/// The repository's own store: a file in its common Git folder.
pub(super) fn own_store(repository: &Repository) -> Result<PathBuf, Failure> {
    let common = repository.common_dir();
    let file = place_of_store(repository);
    // A whole repository may have come from somebody else, as an archive say: its store must not lead to another one.
    let leads_out = |path: &Path| {
        path.is_symlink() && !std::fs::canonicalize(path).is_ok_and(|to| to.starts_with(common))
    };
    if leads_out(&file) || file.parent().is_some_and(leads_out) {
        let message = format!(
            "{} leads out of the repository: to use the store there, name it with --store FILE",
            file.display()
        );
        return Err(Failure::Refused(Refusal::StoreElsewhere, message));
    }
    Ok(file)
}

/// Why a store that leads elsewhere isn't opened; `doctor` knows it again by this.
pub(super) const LEADS_OUT: &str = "it leads out of the repository";

/// The same for who only reads: one that leads elsewhere is left alone, and is told as no store.
pub(super) fn own_store_to_read(repository: &Repository) -> SqliteStore {
    // Nobody named it: its owner may keep it from others who read the repository.
    let options = Options::default().needed(false);
    match own_store(repository) {
        Ok(file) => SqliteStore::with_options(file, options),
        Err(_) => SqliteStore::with_options(place_of_store(repository), options).refused(LEADS_OUT),
    }
}

fn place_of_store(repository: &Repository) -> PathBuf {
    let common = repository.common_dir();
    common.join("ocl-migrate").join("state.db")
}

/// Refuses a repository whose own files are documents of another one's work tree, unless somebody named it: all of it is
/// what others committed there, its configuration too.
pub(super) fn refuse_embedded(repository: &Repository, start: &Path) -> Result<(), Failure> {
    let (Ok(start), Ok(git_dir)) = (
        std::fs::canonicalize(start),
        std::fs::canonicalize(repository.git_dir()),
    ) else {
        return Ok(());
    };
    // Found because the folder looks like a repository, not by a `.git`.
    if !start.starts_with(&git_dir) || git_dir.components().any(|part| part.as_os_str() == ".git") {
        return Ok(());
    }
    let mut above = git_dir.ancestors().skip(1);
    match above.find(|folder| folder.join(".git").symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(outer) => {
            let message = format!(
                "{} is a repository among the files of the one in {}: to use it, name it with --repo DIR",
                git_dir.display(),
                outer.display()
            );
            Err(Failure::Refused(Refusal::EmbeddedRepository, message))
        }
    }
}

/// Refuses a folder that is only somewhere in a repository: the list means a repository of its own.
pub(super) fn expect_top(repository: &Repository, folder: &Path) -> Result<(), Failure> {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    let named = whole(folder);
    let tops = [repository.work_dir(), Some(repository.git_dir())];
    if tops.into_iter().flatten().any(|top| whole(top) == named) {
        return Ok(());
    }
    let top = repository.work_dir().unwrap_or(repository.git_dir());
    Err(git::Error::RepositoryNotFound {
        dir: folder.to_owned(),
        reason: format!("it is only a folder in the repository at {}", top.display()),
    }
    .into())
}
