//! What a shell offers for `resolve`: files that Git has as not merged, and what is open in them.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::merge::MarkedText;

use super::complete::{matching, typed};
use super::files;
use super::global::SHORT_LIVED;
use super::unmerged::Unmerged;

/// Offers the files that Git has as not merged.
pub(super) fn unmerged() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let files = unmerged_files().unwrap_or_default();
        let names = files.iter().map(|(name, _)| name.as_str());
        matching(names, current)
    })
}

/// Offers the addresses of what is open in them.
pub(super) fn addresses() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| open_addresses(current).unwrap_or_default())
}

/// Each as it is called from the current folder, as far as it lies in that.
fn unmerged_files() -> Option<Vec<(String, PathBuf)>> {
    let (global, _) = typed()?;
    let repository = global.repository(SHORT_LIVED).ok()?;
    let root = repository.work_dir()?.canonicalize().ok()?;
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    let unmerged = Unmerged::read(&repository).ok()?;
    let named = unmerged.paths().filter_map(|path| {
        let file = root.join(path);
        let name = file.strip_prefix(&here).ok()?.to_str()?.to_owned();
        Some((name, file))
    });
    Some(named.collect())
}

fn open_addresses(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let mut addresses = Vec::new();
    for (_, file) in unmerged_files()? {
        let text = files::read(&file)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let marked = text.and_then(|text| MarkedText::parse(&text).ok());
        for open in marked.iter().flat_map(MarkedText::open) {
            // Each is a kind and an address.
            let conflicts = open.conflicts.iter();
            let of = conflicts.filter_map(|conflict| Some(conflict.split_once(' ')?.1.to_owned()));
            addresses.extend(of);
        }
    }
    Some(matching(addresses.iter().map(String::as_str), current))
}
