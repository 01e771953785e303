//! Where settings come from: the command line, the environment, the user's file, the repository's file, in this order. Of
//! those the first that says something counts.

mod file;
mod repository;
mod said;
mod user;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::failure::Failure;
use super::git_environment;
use super::global::Global;
#[cfg(feature = "serve")]
pub(super) use file::{Setting, SettingsFile};
use said::{KEYS, Said};
use user::UserFile;

/// The same for what is about no one repository.
pub(super) fn apply_to_all(global: &mut Global, matches: &ArgMatches) -> Result<(), Failure> {
    let mut said = said(matches);
    UserFile::new(&global.host).apply_to_all(global, &mut said)
}

/// Fills in what neither the command line nor the environment says.
pub(super) fn apply(global: &mut Global, matches: &ArgMatches) -> Result<(), Failure> {
    global.repo_is_named = is_said(matches, "repo") || is_said(matches, "directory");
    if let Some(git_dir) = git_environment::git_dir().filter(|_| !global.repo_is_named) {
        (global.repo, global.repo_is_named) = (git_dir, true);
    }
    let mut said = said(matches);
    let user = UserFile::new(&global.host);
    user.apply(global, &mut said)?;
    repository::apply(global, &mut said, &user)
}

/// Fills in, for one of the repositories of a service, all but the settings that are named.
#[cfg(feature = "serve")]
pub(super) fn apply_but(
    global: &mut Global,
    keys: impl IntoIterator<Item = &'static str>,
) -> Result<(), Failure> {
    let keys = keys.into_iter().collect();
    let (user, mut said) = (UserFile::new(&global.host), Said { keys });
    user.apply(global, &mut said)?;
    repository::apply(global, &mut said, &user)
}

fn said(matches: &ArgMatches) -> Said {
    let keys = KEYS.into_iter().filter(|key| is_said(matches, key));
    Said {
        keys: keys.collect(),
    }
}

fn is_said(matches: &ArgMatches, option: &str) -> bool {
    let source = matches.value_source(option);
    source.is_some_and(|source| source != ValueSource::DefaultValue)
}
