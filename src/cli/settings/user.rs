//! The user's own file of settings: `config.hcl` in the platform's folder for configuration.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::git::Repository;
use etcetera::BaseStrategy as _;
use hcl::edit::structure::Body;

use super::file::{Setting, SettingsFile};
use super::said::{KEYS, Said};
use crate::cli::command_line::CommandLine;
use crate::cli::discover::discover;
use crate::cli::failure::Failure;
use crate::cli::global::{Global, SHORT_LIVED};
use crate::cli::store_place::is_address;

/// The environment variable that names another file, or with an empty value none.
const VARIABLE: &str = "CONFIG";

/// What may be said of all repositories at once. The other settings are about one.
const OF_ALL: [&str; 3] = ["catalog", "format", "color"];

/// The block that is about one repository.
const BLOCK: &str = "repository";

/// The user's file, where there may be one.
pub(super) struct UserFile {
    path: Option<PathBuf>,
    /// It was named, so that it must be there.
    named: bool,
}

impl UserFile {
    pub(super) fn new(host: &CommandLine) -> UserFile {
        match std::env::var_os(host.variable(VARIABLE)) {
            Some(path) => UserFile {
                path: Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty()),
                named: true,
            },
            None => {
                let folders = etcetera::choose_base_strategy().ok();
                UserFile {
                    path: folders.map(|it| it.config_dir().join(host.word()).join("config.hcl")),
                    named: false,
                }
            }
        }
    }

    /// Where it is, or would be.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(super) fn apply(&self, global: &mut Global, said: &mut Said) -> Result<(), Failure> {
        let Some(file) = self.read()? else {
            return Ok(());
        };
        // What is said of this repository counts before what is said of all.
        for (folder, body) in blocks_for(&file, &global.repo)? {
            for setting in file.settings(body, &[])? {
                if !KEYS.contains(&setting.key) {
                    return Err(setting.unknown(&KEYS));
                }
                set(global, said, &setting, &folder)?;
            }
        }
        set_all(global, said, &file)
    }

    /// The same without what is said of single repositories.
    pub(super) fn apply_to_all(&self, global: &mut Global, said: &mut Said) -> Result<(), Failure> {
        match self.read()? {
            Some(file) => set_all(global, said, &file),
            None => Ok(()),
        }
    }

    fn read(&self) -> Result<Option<SettingsFile>, Failure> {
        match self.path() {
            Some(path) if self.named || path.exists() => Ok(Some(SettingsFile::read(path)?)),
            _ => Ok(None),
        }
    }
}

/// Sets what is said of all repositories.
fn set_all(global: &mut Global, said: &mut Said, file: &SettingsFile) -> Result<(), Failure> {
    let folder = file.path.parent().unwrap_or(Path::new(""));
    for setting in file.settings(&file.body, &[(BLOCK, Some("DIR"))])? {
        if !OF_ALL.contains(&setting.key) && KEYS.contains(&setting.key) {
            let message = format!("`{}` is about one repository", setting.key);
            let help = format!("put it into a block: `{BLOCK} \"DIR\" {{ ... }}`");
            return Err(setting.refused(message, help));
        }
        if !OF_ALL.contains(&setting.key) {
            return Err(setting.unknown(&OF_ALL));
        }
        set(global, said, &setting, folder)?;
    }
    Ok(())
}

/// Sets what isn't said yet. Relative paths start from a folder.
fn set(
    global: &mut Global,
    said: &mut Said,
    setting: &Setting<'_>,
    folder: &Path,
) -> Result<(), Failure> {
    if said.has(setting.key) {
        return Ok(());
    }
    let path = || folder.join(at_home(setting.value));
    match setting.key {
        "base_path" => {
            global.base_path = Some(setting.value.to_owned());
            global.base_path_place = Some(setting.place());
        }
        "catalog" => global.catalog = Some(path()),
        "store" if is_address(setting.value) => global.store = Some(setting.value.into()),
        "store" => global.store = Some(path()),
        "project" => global.project = Some(setting.value.to_owned()),
        "tenant" => global.tenant = Some(setting.value.to_owned()),
        "format" => global.format = setting.choice()?,
        "color" => global.color = setting.choice()?,
        _ => return Err(setting.unknown(&KEYS)),
    }
    said.now(setting.key);
    Ok(())
}

/// The blocks about the repository that a folder is in, each with the repository's folder as the block names it.
fn blocks_for<'f>(
    file: &'f SettingsFile,
    start: &Path,
) -> Result<Vec<(PathBuf, &'f Body)>, Failure> {
    let (mut repository, mut lines) = (None, HashMap::new());
    let mut found = Vec::new();
    for block in file.body.blocks().filter(|block| block.has_ident(BLOCK)) {
        let folder = at_home(file.label(block, "DIR")?);
        if repository.is_none() {
            let Ok(opened) = discover(start, SHORT_LIVED) else {
                return Ok(Vec::new());
            };
            repository = Some(opened);
        }
        let Some(repository) = &repository else {
            continue;
        };
        let Ok(named) = std::fs::canonicalize(&folder) else {
            continue;
        };
        if let Some(line) = lines.insert(named.clone(), file.line_of(block)) {
            let message =
                format!("at line {line} is another `{BLOCK}` block of this folder: write one");
            return Err(file.wrong_block(block, &message));
        }
        if folders_of(repository).contains(&named) {
            found.push((named, &block.body));
        }
    }
    Ok(found)
}

/// The folders that a repository goes by: this work tree's top, the main work tree's, and the Git folder.
fn folders_of(repository: &Repository) -> Vec<PathBuf> {
    let common = repository.common_dir();
    let main = common.parent().filter(|_| common.ends_with(".git"));
    let folders = [repository.work_dir(), main, Some(common)].into_iter();
    folders
        .flatten()
        .filter_map(|folder| std::fs::canonicalize(folder).ok())
        .collect()
}

/// `~/` stands for the home folder.
fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
