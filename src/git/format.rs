//! Which repository formats can be read: said before `gix` meets one that it can't.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{Error, Result, explain};

/// The extensions of a version 1 repository that change nothing for us, or that `gix` knows.
const KNOWN_EXTENSIONS: [&str; 8] = [
    "noop",
    "noop-v1",
    "preciousobjects",
    "partialclone",
    "worktreeconfig",
    "relativeworktrees",
    "objectformat",
    "refstorage",
];

/// The folder shared by all work trees of `git_dir`.
pub(super) fn common_dir(git_dir: &Path) -> Result<PathBuf> {
    let file = git_dir.join("commondir");
    match fs::read_to_string(&file) {
        Ok(text) => Ok(git_dir.join(text.trim_end_matches(['\n', '\r']))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(git_dir.to_owned()),
        Err(error) => Err(Error::io("read", &file, error)),
    }
}

/// Refuses what can't be read. Returns whether this is a partial clone.
pub(super) fn check(git_dir: &Path) -> Result<bool> {
    let path = common_dir(git_dir)?.join("config");
    if !path.exists() {
        return Ok(false);
    }
    let config = gix::config::File::from_path_no_includes(path.clone(), gix::config::Source::Local)
        .map_err(|error| Error::Corrupt {
            what: path.display().to_string(),
            git_dir: git_dir.to_owned(),
            reason: explain(&error),
        })?;
    let value = |key: &str| config.string(key).map(|value| value.to_string());
    let unsupported = |feature: String, remedy: &str| Error::Unsupported {
        git_dir: git_dir.to_owned(),
        feature,
        remedy: remedy.to_owned(),
    };

    let version = value("core.repositoryFormatVersion").unwrap_or_else(|| "0".to_owned());
    if let Some(format) = value("extensions.objectFormat").filter(|format| format != "sha1") {
        return Err(unsupported(
            format!("{format} object names"),
            "only SHA-1 repositories are supported",
        ));
    }
    if let Some(storage) = value("extensions.refStorage").filter(|storage| storage != "files") {
        return Err(unsupported(
            format!("the ref storage '{storage}'"),
            "convert it with: git refs migrate --ref-format=files",
        ));
    }
    match version.as_str() {
        "0" => {}
        "1" => refuse_unknown_extensions(&config, &unsupported)?,
        other => {
            return Err(unsupported(
                format!("repository format version {other}"),
                "only versions 0 and 1 are known",
            ));
        }
    }
    Ok(is_partial_clone(&config))
}

fn refuse_unknown_extensions(
    config: &gix::config::File,
    unsupported: &dyn Fn(String, &str) -> Error,
) -> Result<()> {
    for section in config.sections_by_name("extensions").into_iter().flatten() {
        for name in section.value_names() {
            let name = name.to_string();
            if !KNOWN_EXTENSIONS.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(unsupported(
                    format!("the extension '{name}'"),
                    "Git forbids reading a repository with an extension one doesn't know",
                ));
            }
        }
    }
    Ok(())
}

fn is_partial_clone(config: &gix::config::File) -> bool {
    config.string("extensions.partialClone").is_some()
        || config
            .sections_by_name("remote")
            .into_iter()
            .flatten()
            .any(|remote| {
                remote.value("promisor").is_some() || remote.value("partialclonefilter").is_some()
            })
}
