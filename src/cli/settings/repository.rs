//! `.ocl-migrate.hcl`: what a repository says about its documents.
//!
//! The file comes with the repository, from whoever can write to it. So it may say where documents are and how results are
//! printed, and it may choose nothing outside of the repository: no store, no project in a store that others share,
//! no catalog, no program.

use std::io;
use std::path::{Path, PathBuf};

use super::file::{Setting, SettingsFile};
use super::said::{KEYS, Said};
use super::user::UserFile;
use crate::cli::command_line::CommandLine;
use crate::cli::discover::discover;
use crate::cli::failure::Failure;
use crate::cli::global::{Defaults, Environment, Global, SHORT_LIVED};

/// The file's name.
const FILE: &str = ".ocl-migrate.hcl";

/// The block that names a ref.
const ENVIRONMENT: &str = "environment";

/// The ref whose values are everybody's defaults.
const DEFAULTS: &str = "defaults";

/// What stands for its label in messages.
const NAME: &str = "NAME";

/// What the file may say.
const ALLOWED: [&str; 4] = ["base_path", "format", "color", DEFAULTS];

pub(super) fn apply(global: &mut Global, said: &mut Said, user: &UserFile) -> Result<(), Failure> {
    let Some(path) = find(&global.repo)? else {
        return Ok(());
    };
    let file = SettingsFile::read(&path)?;
    for setting in file.settings(&file.body, &[(ENVIRONMENT, Some(NAME))])? {
        if said.has(setting.key) {
            continue;
        }
        match setting.key {
            "base_path" => {
                global.base_path = Some(setting.value.to_owned());
                global.base_path_place = Some(setting.place());
                global.repository_chose_base_path = true;
            }
            "format" => global.format = setting.choice()?,
            "color" => global.color = setting.choice()?,
            DEFAULTS => global.defaults = Some(defaults(&setting)?),
            key if KEYS.contains(&key) => return Err(refused(&setting, user, &global.host)),
            _ => return Err(setting.unknown(&ALLOWED)),
        }
        said.now(setting.key);
    }
    global.environments = environments(&file)?;
    Ok(())
}

/// The ref of the defaults, which Git looks up in this repository.
fn defaults(setting: &Setting<'_>) -> Result<Defaults, Failure> {
    let revision = setting.value.to_owned();
    if revision.is_empty() {
        return Err(setting.wrong_value("the defaults need a ref: `defaults = \"main\"`"));
    }
    let missing = format!("`{revision}` is neither a ref nor an environment of this repository");
    Ok(Defaults {
        revision,
        missing: Some(setting.problem(missing)),
    })
}

/// The names for refs. They are looked up by Git in this repository, and only where a ref is read.
fn environments(file: &SettingsFile) -> Result<Vec<Environment>, Failure> {
    let blocks = file.body.blocks();
    let blocks = blocks.filter(|block| block.has_ident(ENVIRONMENT));
    let mut environments: Vec<Environment> = Vec::new();
    for block in blocks {
        let name = file.label(block, NAME)?;
        if name.is_empty() || environments.iter().any(|known| known.name == name) {
            let why = if name.is_empty() {
                "an environment needs a name"
            } else {
                "there is an environment of this name above"
            };
            return Err(file.wrong_block(block, why));
        }
        let mut revision = None;
        for setting in file.settings(&block.body, &[])? {
            match setting.key {
                "ref" => revision = Some(setting.value.to_owned()),
                _ => return Err(setting.unknown(&["ref"])),
            }
        }
        let Some(revision) = revision else {
            return Err(file.wrong_block(block, "an environment needs a ref: `ref = \"main\"`"));
        };
        environments.push(Environment {
            name: name.to_owned(),
            revision,
        });
    }
    Ok(environments)
}

fn refused(setting: &Setting<'_>, user: &UserFile, host: &CommandLine) -> Failure {
    let key = setting.key;
    let (option, variable) = match key {
        "catalog" => ("--catalog DIR", "CATALOG"),
        "store" => ("--store FILE", "STORE"),
        "tenant" => ("--tenant NAME", "TENANT"),
        _ => ("--project NAME", "PROJECT"),
    };
    let message = format!("this file comes with the repository, and so it can't choose the {key}");
    let variable = host.variable(variable);
    let mut help = format!("if you trust it, say so yourself: {option}, {variable}");
    if let Some(path) = user.path() {
        let path = path.display();
        help.push_str(&format!(", or `{key}` for this repository in {path}"));
    }
    setting.refused(message, help)
}

/// The file in this folder or the next one above it that has one, up to the work tree's top.
fn find(start: &Path) -> Result<Option<PathBuf>, Failure> {
    let Ok(start) = std::fs::canonicalize(start) else {
        return Ok(None);
    };
    let folders = start.ancestors();
    let found = folders
        .map(|folder| folder.join(FILE))
        .find_map(|file| Some((file.symlink_metadata().ok()?, file)));
    let Some((details, found)) = found else {
        return Ok(None);
    };
    // Opening the repository takes a while, so only where there is something to find.
    let Ok(repository) = discover(&start, SHORT_LIVED) else {
        return Ok(None);
    };
    let top = match repository.work_dir() {
        Some(folder) => std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()),
        None => start.clone(),
    };
    if !found.starts_with(&top) {
        return Ok(None);
    }
    // A message about what is in it would show a line of whatever file it leads to.
    if details.is_symlink() {
        return Err(Failure::File {
            path: found.display().to_string(),
            error: io::Error::other(
                "it is a symbolic link, and it is part of the repository: it is not followed",
            ),
        });
    }
    Ok(Some(found))
}
