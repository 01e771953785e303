//! Where a base path may be: where every system can check it out beside what is there.

use super::commit::error::CommitError;
use crate::git::{EntryKind, check_portable_name};
use crate::project::read::base::describe;
use crate::project::read::loaded::Loaded;

/// Refuses a base path that isn't there yet and can't be made beside what is there, or not on every system.
pub(super) fn check_base_path(loaded: &Loaded) -> Result<(), CommitError> {
    let base_path = loaded.base_path();
    let refused = |reason| CommitError::Path {
        what: base_path.to_owned(),
        reason,
    };
    let reader = loaded.project().repository().reader();
    let mut folder = loaded.tip().map(|tip| tip.tree);
    for name in base_path.split('/').filter(|name| !name.is_empty()) {
        let entry = match folder {
            Some(tree) => reader.entry(tree, name)?,
            None => None,
        };
        match entry {
            Some(entry) if entry.kind == EntryKind::Tree => folder = Some(entry.id),
            Some(entry) => {
                let found = describe(entry.kind);
                return Err(refused(format!(
                    "`{name}` is a {found} where a folder must be: move that away first"
                )));
            }
            None => {
                check_portable_name(name)
                    .map_err(|reason| refused(format!("{reason}: choose another base path")))?;
                let siblings = folder.map_or(Ok(Vec::new()), |tree| reader.list(tree));
                let folded = name.to_lowercase();
                let siblings = siblings?;
                let mut names = siblings.iter().filter_map(|sibling| sibling.path.as_str());
                if let Some(other) = names.find(|other| other.to_lowercase() == folded) {
                    return Err(refused(format!(
                        "`{name}` differs from `{other}`, which is there, in upper and lower case only: choose another base \
                         path, or rename the other"
                    )));
                }
                folder = None;
            }
        }
    }
    Ok(())
}
