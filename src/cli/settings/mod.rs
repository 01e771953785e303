//! Where settings come from: the command line, the environment, the user's file, the repository's file, in this order. Of
//! those the first that says something counts.

mod file;
mod repository;
mod user;

use std::collections::HashSet;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::failure::Failure;
use super::global::Global;
use user::UserFile;

/// The settings, called as their options are.
const KEYS: [&str; 6] = [
    "base_path",
    "catalog",
    "store",
    "project",
    "format",
    "color",
];

/// Fills in what neither the command line nor the environment says.
pub(super) fn apply(global: &mut Global, matches: &ArgMatches) -> Result<(), Failure> {
    global.repo_is_named = is_said(matches, "repo") || is_said(matches, "directory");
    let mut said = Said {
        keys: KEYS
            .into_iter()
            .filter(|key| is_said(matches, key))
            .collect(),
    };
    let user = UserFile::new();
    user.apply(global, &mut said)?;
    repository::apply(global, &mut said, &user)
}

fn is_said(matches: &ArgMatches, option: &str) -> bool {
    let source = matches.value_source(option);
    source.is_some_and(|source| source != ValueSource::DefaultValue)
}

/// The settings that have their value already.
struct Said {
    keys: HashSet<&'static str>,
}

impl Said {
    fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    fn now(&mut self, key: &str) {
        self.keys
            .extend(KEYS.into_iter().find(|known| *known == key));
    }
}
