//! Opening a repository as the user who runs the command may.

use std::path::Path;

use crate::git::{DiscoverOptions, Error, Repository};

/// The repository that a folder is in. The user's configuration takes time to read, and is asked only where it has to say
/// whether a repository of another user is trusted.
pub(super) fn discover(folder: &Path, options: DiscoverOptions) -> Result<Repository, Error> {
    Repository::discover_with(folder, options).or_else(|error| {
        if options.user_config || !matches!(error, Error::NotOwner { .. }) {
            return Err(error);
        }
        let asking = DiscoverOptions {
            user_config: true,
            ..options
        };
        Repository::discover_with(folder, asking)
    })
}
