//! Opening a repository as the user who runs the command may.

use std::path::Path;

use crate::git::{DiscoverOptions, Error, Repository};

use super::git_environment;

/// The repository that a folder is in, as Git finds it with this environment. The user's configuration takes time to read, and is
/// asked only where it has to say whether a repository of another user is trusted.
pub(super) fn discover(folder: &Path, options: DiscoverOptions) -> Result<Repository, Error> {
    let options = git_environment::in_quarantine(options)?;
    let found = Repository::discover_with(folder, options.clone()).or_else(|error| {
        if options.user_config || !matches!(error, Error::NotOwner { .. }) {
            return Err(error);
        }
        let asking = DiscoverOptions {
            user_config: true,
            config: git_environment::config(),
            ..options
        };
        Repository::discover_with(folder, asking)
    })?;
    git_environment::expect_below_ceiling(folder, &found)?;
    Ok(found)
}
