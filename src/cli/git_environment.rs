//! What Git says in the environment of the programs that it runs, its aliases and hooks among them.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, io, iter};

use tempfile::TempDir;

use crate::git::{DiscoverOptions, Error, Repository};

use super::failure::{Failure, Refusal};

/// The sections of Git's configuration that count here.
const SECTIONS: [&str; 7] = [
    "author",
    "commit",
    "committer",
    "core",
    "gpg",
    "safe",
    "user",
];

fn path(variable: &str) -> Option<PathBuf> {
    let value = env::var_os(variable).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// The repository that `GIT_DIR` names.
pub(super) fn git_dir() -> Option<PathBuf> {
    path("GIT_DIR")
}

/// What `git -c NAME=VALUE` hands on, of the sections that count here: `GIT_CONFIG_PARAMETERS`, where each is in quotes, in releases
/// of Git before 2.31 as a whole, and since then name and value for themselves.
pub(super) fn config() -> Vec<String> {
    let handed_on = env::var("GIT_CONFIG_PARAMETERS").unwrap_or_default();
    let counts = |setting: &String| {
        let section = setting.split(['.', '=']).next().unwrap_or_default();
        SECTIONS.iter().any(|it| it.eq_ignore_ascii_case(section))
    };
    let words = shlex::split(&handed_on).unwrap_or_default().into_iter();
    words.filter(counts).collect()
}

/// Where the objects of a push are found before it is accepted; removed by [`clean_up`].
static OBJECTS: Mutex<Option<TempDir>> = Mutex::new(None);

/// Before a push is accepted, its hooks find the new objects in a folder of their own. They are read there, and the others too.
pub(super) fn in_quarantine(options: DiscoverOptions) -> Result<DiscoverOptions, Error> {
    let (Some(_), Some(new)) = (path("GIT_QUARANTINE_PATH"), path("GIT_OBJECT_DIRECTORY")) else {
        return Ok(options);
    };
    let mut objects = OBJECTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = match &*objects {
        Some(folder) => folder.path().to_owned(),
        None => {
            let made = both(&new).map_err(|source| Error::Io {
                action: "list the folders of objects in",
                path: env::temp_dir(),
                source,
            })?;
            objects.insert(made).path().to_owned()
        }
    };
    Ok(DiscoverOptions {
        objects: Some(folder),
        ..options
    })
}

/// An empty folder of objects that names the new ones and the others as its alternates.
fn both(new: &Path) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let others = env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    let mut listed = String::new();
    for objects in iter::once(new.to_owned()).chain(env::split_paths(&others)) {
        listed.push_str(&format!("{}\n", std::path::absolute(objects)?.display()));
    }
    let info = folder.path().join("info");
    fs::create_dir(&info)?;
    fs::write(info.join("alternates"), listed)?;
    Ok(folder)
}

/// Removes what a command has made for itself.
pub(super) fn clean_up() {
    drop(
        OBJECTS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(),
    );
}

/// Refuses to write where Git would write elsewhere, or not at all. `opened` opens the repository without this environment.
pub(super) fn refuse_writing(
    opened: impl FnOnce() -> Result<Repository, Failure>,
) -> Result<(), Failure> {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let refused = |message: String| Err(Failure::Refused(Refusal::GitEnvironment, message));
    if path("GIT_QUARANTINE_PATH").is_some() {
        return refused(
            "this runs in a hook before a push is accepted (GIT_QUARANTINE_PATH is set), where nothing can be written: write in \
             a post-receive hook"
                .into(),
        );
    }
    if let Some(named) = path("GIT_WORK_TREE")
        && opened()?.work_dir().map(whole) != Some(whole(&named))
    {
        return refused(format!(
            "GIT_WORK_TREE names {}, which isn't this repository's own work tree, so that its files couldn't follow a commit: \
             unset it",
            named.display()
        ));
    }
    if let Some(named) = path("GIT_NAMESPACE") {
        return refused(format!(
            "GIT_NAMESPACE is {}, and branches are written only outside of namespaces: unset it",
            named.display()
        ));
    }
    Ok(())
}

/// Refuses a repository that Git wouldn't look for, since it is above a folder that `GIT_CEILING_DIRECTORIES` names.
pub(super) fn expect_below_ceiling(folder: &Path, found: &Repository) -> Result<(), Error> {
    let ceilings = env::var_os("GIT_CEILING_DIRECTORIES").unwrap_or_default();
    if ceilings.is_empty() || git_dir().is_some() {
        return Ok(());
    }
    let Ok(start) = fs::canonicalize(folder) else {
        return Ok(());
    };
    let top = found.work_dir().unwrap_or(found.git_dir());
    let top = fs::canonicalize(top).unwrap_or_else(|_| top.to_owned());
    for ceiling in env::split_paths(&ceilings).filter(|it| it.is_absolute()) {
        let ceiling = fs::canonicalize(&ceiling).unwrap_or(ceiling);
        if start != ceiling && start.starts_with(&ceiling) && ceiling.starts_with(&top) {
            return Err(Error::RepositoryNotFound {
                dir: folder.to_owned(),
                reason: format!(
                    "there is no `.git` below {}, which GIT_CEILING_DIRECTORIES names",
                    ceiling.display()
                ),
            });
        }
    }
    Ok(())
}
