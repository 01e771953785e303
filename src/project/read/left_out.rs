//! What a partial clone left out of a folder, told together.

use std::collections::BTreeSet;
use std::path::Path;

use crate::engine::join;
use crate::git::{EntryKind, Error, ObjectId, Reader};
use crate::project::error::LoadError;

/// An error that one object was left out becomes one that names all of those in a folder of the same tree.
pub(crate) fn told_together(
    reader: &Reader,
    tree: ObjectId,
    folder: &str,
    error: LoadError,
) -> LoadError {
    let LoadError::Git(Error::LeftOutOfPartialClone { git_dir, .. }) = &error else {
        return error;
    };
    match left_out(reader, tree, folder) {
        Ok(paths) if !paths.is_empty() => LoadError::LeftOut {
            git_dir: git_dir.clone(),
            trees: vec![tree],
            folder: folder.to_owned(),
            paths,
        },
        _ => error,
    }
}

/// The same of a folder's own tree.
pub(crate) fn told_together_in(
    reader: &Reader,
    folder_tree: ObjectId,
    folder: &str,
    error: LoadError,
) -> LoadError {
    let mut error = told_together(reader, folder_tree, "", error);
    if let LoadError::LeftOut { paths, .. } = &mut error {
        paths.iter_mut().for_each(|path| *path = join(folder, path));
    }
    error
}

/// The same of a folder in several trees, which one command fetches.
pub(crate) fn told_together_of(
    reader: &Reader,
    trees: impl IntoIterator<Item = ObjectId>,
    folder: &str,
    git_dir: &Path,
) -> Result<Option<LoadError>, Error> {
    let mut of_trees = Vec::new();
    let mut paths = BTreeSet::new();
    for tree in trees {
        let left_out = left_out(reader, tree, folder)?;
        if !left_out.is_empty() {
            of_trees.push(tree);
            paths.extend(left_out);
        }
    }
    Ok((!paths.is_empty()).then(|| LoadError::LeftOut {
        git_dir: git_dir.to_owned(),
        trees: of_trees,
        folder: folder.to_owned(),
        paths: paths.into_iter().collect(),
    }))
}

/// The paths below a folder of a tree whose objects aren't there. What is below a folder that isn't there itself isn't known.
pub(crate) fn left_out(
    reader: &Reader,
    tree: ObjectId,
    folder: &str,
) -> Result<Vec<String>, Error> {
    let mut left_out = Vec::new();
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    match reader.entry(tree, folder) {
        Ok(Some(entry)) => folders.push((folder.to_owned(), entry.id)),
        Ok(None) => {}
        Err(Error::LeftOutOfPartialClone { .. }) => left_out.push(format!("{folder}/")),
        Err(error) => return Err(error),
    }
    while let Some((path, id)) = folders.pop() {
        match reader.list(id) {
            Ok(entries) => {
                for entry in entries {
                    let path = join(&path, &entry.path.to_string());
                    match entry.kind {
                        EntryKind::Tree => folders.push((path, entry.id)),
                        EntryKind::Submodule => {}
                        _ => files.push((path, entry.id)),
                    }
                }
            }
            Err(Error::LeftOutOfPartialClone { .. }) => left_out.push(format!("{path}/")),
            // A file where a folder should be is told by others.
            Err(Error::WrongKind { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let absent = reader.absent(files.iter().map(|(_, id)| *id))?;
    let files = files.into_iter().filter(|(_, id)| absent.contains(id));
    left_out.extend(files.map(|(path, _)| path));
    left_out.sort();
    Ok(left_out)
}
