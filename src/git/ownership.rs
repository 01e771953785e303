//! Repositories of other users: whom the environment trusts for one command. `gix` asks the files of configuration only.

use std::path::Path;

use gix::bstr::BString;
use gix::config::{File, path::interpolate};

use super::error::{Error, Result};

/// Whether `safe.directory` in `GIT_CONFIG_COUNT`, `GIT_CONFIG_KEY_0`, .. or in these settings names a folder: as Git has it, `*` is every one,
/// `DIR/*` all below, and an empty value takes back those before it.
///
/// # Errors
/// If the variables don't belong together.
pub(super) fn is_trusted(folder: &Path, config: &[String]) -> Result<bool> {
    let settings = File::from_env(gix::config::file::init::Options::default());
    let settings = settings
        .map_err(|error| Error::from_gix("read GIT_CONFIG_COUNT", folder, &error))?
        .unwrap_or_default();
    let mut named = settings.strings("safe.directory").unwrap_or_default();
    let config = config.iter().filter_map(|setting| setting.split_once('='));
    let trusting = config.filter(|(key, _)| key.eq_ignore_ascii_case("safe.directory"));
    named.extend(trusting.map(|(_, folder)| BString::from(folder)));
    let home = std::env::home_dir();
    Ok(named.into_iter().fold(false, |is_trusted, value| {
        if value.is_empty() {
            return false;
        }
        let context = interpolate::Context {
            home_dir: home.as_deref(),
            ..interpolate::Context::default()
        };
        let named = || gix::config::Path::from(value.clone()).interpolate(context);
        is_trusted || value == "*" || named().is_ok_and(|named| names(&named, folder))
    }))
}

fn names(named: &Path, folder: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match named.parent() {
        Some(above) if named.ends_with("*") => whole(folder).starts_with(whole(above)),
        _ => named.is_absolute() && whole(named) == whole(folder),
    }
}
