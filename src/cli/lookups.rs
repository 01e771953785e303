//! Commands that answer what steps asked the server and the store had no answer to.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::Catalog;
use crate::project::LookupKey;

use super::failure::quoted;
use super::global::Global;

/// A command that puts the answers to lookups into the store, once each `null` is replaced by its answer. `load` is the
/// command that reads them.
pub(super) fn fill_in<'k>(load: &str, missing: impl IntoIterator<Item = &'k LookupKey>) -> String {
    fill_in_by(&format!("{} | {load}", echo(missing)))
}

/// The same for projects of a repository, by their base paths.
pub(super) fn fill_in_for<'k>(
    global: &Global,
    repo: &Path,
    catalog: &Catalog,
    base_paths: &[&str],
    missing: impl IntoIterator<Item = &'k LookupKey>,
) -> String {
    const LOAD: &str = "store lookup load -";
    let program = global.program_in(repo);
    if let Some(project) = &global.project {
        let project = quoted(project);
        return fill_in(&format!("{program} --project {project} {LOAD}"), missing);
    }
    match base_paths {
        [path] if global.base_path.is_none() && *path == catalog.base_path() => {
            fill_in(&format!("{program} {LOAD}"), missing)
        }
        [path] => fill_in(
            &format!("{program} --base-path {} {LOAD}", quoted(path)),
            missing,
        ),
        paths => {
            let paths: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
            let (paths, echo) = (paths.join(" "), echo(missing));
            fill_in_by(&format!(
                "for path in {paths}; do {echo} | {program} --base-path \"$path\" {LOAD}; done"
            ))
        }
    }
}

fn fill_in_by(command: &str) -> String {
    format!("to answer them, with the answers in the place of null: {command}")
}

fn echo<'k>(missing: impl IntoIterator<Item = &'k LookupKey>) -> String {
    let mut tables: BTreeMap<&str, BTreeMap<&str, ()>> = BTreeMap::new();
    for LookupKey { table, key } in missing {
        tables.entry(table).or_default().insert(key, ());
    }
    let json = serde_json::to_string(&tables).unwrap_or_default();
    format!("echo {}", quoted(&json))
}
