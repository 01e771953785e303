//! `--repos FILE or GLOB`: which repositories there are.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::cli::failure::Failure;
use crate::git::glob;

/// A repository of a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// What it goes by in the output: the path, unless the list says otherwise.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// The project's name in a store that repositories share.
    pub(super) project: Option<String>,
    pub(super) base_path: Option<String>,
}

/// A line of the list that says more than a path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    repository: PathBuf,
    name: Option<String>,
    project: Option<String>,
    base_path: Option<String>,
}

/// The repositories that all of these name, by name.
pub(super) fn members(sources: &[PathBuf]) -> Result<Vec<Member>, Failure> {
    let mut members = Vec::new();
    for source in sources {
        let text = source.to_string_lossy();
        if source.to_str() == Some("-") {
            let mut list = String::new();
            let read = io::stdin().read_to_string(&mut list);
            read.map_err(|error| Failure::of_file("standard input", error))?;
            read_list("standard input", &list, &mut members)?;
        } else if glob::is_pattern(&text) && !source.exists() {
            let found = expand(source)?;
            if found.is_empty() {
                return Err(Failure::Usage(format!(
                    "--repos {text}: no folder fits this pattern"
                )));
            }
            members.extend(found.into_iter().map(Member::at));
        } else if is_repository(source) {
            return Err(Failure::Usage(format!(
                "--repos {text}: this is one repository: name it with --repo instead; for several give a file that lists them, or a \
                 pattern in quotes"
            )));
        } else if source.is_dir() {
            return Err(Failure::Usage(format!(
                "--repos {text}: this is a folder; give a file that lists repositories, or a pattern in quotes: --repos '{}'",
                source.join("*").display()
            )));
        } else {
            let list =
                fs::read_to_string(source).map_err(|error| Failure::of_file(&*text, error))?;
            read_list(&text, &list, &mut members)?;
        }
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(pair) = members.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(Failure::Usage(format!(
            "--repos names {} twice: each repository may come once",
            pair[0].name
        )));
    }
    Ok(members)
}

/// Whether a folder is a repository itself, bare or not.
fn is_repository(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    has(".git") || has("HEAD") && has("objects")
}

impl Member {
    fn at(path: PathBuf) -> Member {
        Member {
            name: path.display().to_string(),
            path,
            project: None,
            base_path: None,
        }
    }
}

/// A path in each line, or an object of JSON; empty lines and those with `#` are skipped.
fn read_list(file: &str, list: &str, members: &mut Vec<Member>) -> Result<(), Failure> {
    for (number, line) in list.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with('{') {
            members.push(Member::at(PathBuf::from(line)));
            continue;
        }
        let described: Described = serde_json::from_str(line)
            .map_err(|error| Failure::Usage(format!("{file}:{}: {error}", number + 1)))?;
        let member = Member::at(described.repository);
        members.push(Member {
            name: described.name.unwrap_or(member.name),
            project: described.project,
            base_path: described.base_path,
            ..member
        });
    }
    Ok(())
}

/// The folders that fit a pattern. Hidden ones fit only where the pattern begins with a dot too.
fn expand(pattern: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut found = BTreeSet::from([PathBuf::new()]);
    for component in pattern.components() {
        let word = component.as_os_str().to_string_lossy();
        if word.contains("**") {
            return Err(Failure::Usage(format!(
                "--repos {}: `**` isn't known; `*` fits the names in one folder",
                pattern.display()
            )));
        }
        let is_pattern = matches!(component, Component::Normal(_)) && glob::is_pattern(&word);
        let mut next = BTreeSet::new();
        for folder in found {
            if !is_pattern {
                next.insert(folder.join(component));
                continue;
            }
            let here = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                &folder
            };
            // One that can't be listed might hold repositories, which would be missing without a word.
            let entries = match fs::read_dir(here) {
                Err(error) if is_no_folder(&error) => continue,
                entries => entries.map_err(|error| Failure::of_file(here, error))?,
            };
            for entry in entries {
                let entry = entry.map_err(|error| Failure::of_file(here, error))?;
                let name = entry.file_name();
                let shown = name.to_string_lossy();
                let is_wanted = !shown.starts_with('.') || word.starts_with('.');
                if is_wanted && glob::fits(&word, &shown) {
                    next.insert(folder.join(name));
                }
            }
        }
        found = next;
    }
    found.retain(|path| path.is_dir());
    Ok(found)
}

fn is_no_folder(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotADirectory | io::ErrorKind::NotFound
    )
}
