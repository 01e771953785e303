//! Commands that answer what steps asked the server and the store had no answer to.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::Catalog;
use crate::project::LookupKey;
use crate::store::{Error, Options};
use crate::text::folder;

use super::discover::discover;
use super::failure::{Failure, quoted};
use super::found::own_store;
use super::global::{Global, SHORT_LIVED};
use super::invocation::{Invocation, StoreTakes};
use super::store_place::NamedStore;

/// A command that puts the answers to lookups into the store, once each `null` is replaced by its answer. `load` is the
/// command that reads them. `None` where no key can have an answer.
pub(super) fn fill_in<'k>(
    load: &str,
    missing: impl IntoIterator<Item = &'k LookupKey>,
) -> Option<String> {
    Some(fill_in_by(&format!("{} | {load}", echo(missing)?)))
}

/// The same where the store has yet to be told of the project.
pub(super) fn fill_in_first<'k>(
    init: &str,
    load: &str,
    missing: impl IntoIterator<Item = &'k LookupKey>,
) -> Option<String> {
    let echo = echo(missing)?;
    Some(fill_in_by(&format!("{init} && {echo} | {load}")))
}

/// What to do where the store can't be used; `status` is the command that tells why.
pub(super) fn unusable(status: &str) -> String {
    format!(
        "the store can't be used, so it was asked nothing, and takes no answers: see what is wrong with it: {status}"
    )
}

/// What the store takes of the project that a command was about.
pub(super) fn taken_by_store(global: &Global, called: &Invocation) -> StoreTakes {
    let Ok(catalog) = global.catalog() else {
        return StoreTakes::Answers;
    };
    let base_path = called.found_base_path.as_deref();
    let base_path = base_path.or(global.base_path.as_deref());
    taken_of(
        global,
        &global.repo,
        base_path.unwrap_or(catalog.base_path()),
    )
}

fn taken_of(global: &Global, repo: &Path, base_path: &str) -> StoreTakes {
    let store = match &global.store {
        Some(named) => NamedStore::of(named, Options::default()),
        None => discover(repo, SHORT_LIVED)
            .map_err(Failure::from)
            .and_then(|repository| NamedStore::of(&own_store(&repository)?, Options::default())),
    };
    let Ok(store) = store else {
        return StoreTakes::Nothing;
    };
    let key = global.key_of(global.project.as_deref().unwrap_or(base_path));
    // Reading begins for a project that the store doesn't know, too.
    let version = store.shared().read(&key).and_then(|mut it| it.version());
    match version {
        Ok(Some(_)) => StoreTakes::Answers,
        Ok(None) | Err(Error::Absent { .. } | Error::UnknownProject { .. }) => {
            StoreTakes::AnswersOnceInit
        }
        Err(_) => StoreTakes::Nothing,
    }
}

/// The same for projects of a repository, by their base paths.
pub(super) fn fill_in_for<'k>(
    global: &Global,
    repo: &Path,
    catalog: &Catalog,
    base_paths: &[&str],
    missing: impl IntoIterator<Item = &'k LookupKey>,
) -> Option<String> {
    const LOAD: &str = "store lookup load -";
    let program = global.program_in(repo);
    let paths = base_paths.iter();
    let taken = paths.clone().map(|path| taken_of(global, repo, path));
    let taken = taken.max().unwrap_or_default();
    if taken == StoreTakes::Nothing {
        return Some(unusable(&format!("{program} store status")));
    }
    let fill_in = |program: &str| {
        let load = format!("{program} {LOAD}");
        match taken {
            StoreTakes::AnswersOnceInit => {
                fill_in_first(&format!("{program} store init"), &load, missing)
            }
            _ => fill_in(&load, missing),
        }
    };
    if let Some(project) = &global.project {
        return fill_in(&format!("{program} --project {}", quoted(project)));
    }
    match base_paths {
        [path] if global.base_path.is_none() && *path == catalog.base_path() => fill_in(&program),
        [path] => fill_in(&format!("{program} --base-path {}", quoted(folder(path)))),
        _ => {
            let paths: Vec<String> = paths.map(|path| quoted(folder(path))).collect();
            let at = "--base-path \"$path\"";
            let done = fill_in(&format!("{program} {at}"))?;
            let (begin, command) = done.split_once(": ").unwrap_or(("", &done));
            Some(format!(
                "{begin}: for path in {}; do {command}; done",
                paths.join(" ")
            ))
        }
    }
}

fn fill_in_by(command: &str) -> String {
    format!("to answer them, with the answers in the place of null: {command}")
}

fn echo<'k>(missing: impl IntoIterator<Item = &'k LookupKey>) -> Option<String> {
    let mut tables: BTreeMap<&str, BTreeMap<&str, ()>> = BTreeMap::new();
    // An empty name can't be loaded.
    let named = |it: &&LookupKey| !it.table.is_empty() && !it.key.is_empty();
    for LookupKey { table, key } in missing.into_iter().filter(named) {
        tables.entry(table).or_default().insert(key, ());
    }
    let json = serde_json::to_string(&tables).unwrap_or_default();
    (!tables.is_empty()).then(|| format!("echo {}", quoted(&json)))
}
