//! What to do next where the store can't be used.

use std::path::Path;

use crate::plan::NeverRead;
use crate::store::{self, Location};

use super::place::{look_around, look_at};
use super::servers;
use crate::cli::failure::quoted;
use crate::cli::invocation::Invocation;
use crate::cli::put::put;

/// What to do where a copy can't begin, or was broken off.
fn of_copy(error: &store::Error, called: &Invocation) -> Option<String> {
    Some(match error {
        store::Error::Absent { .. } => format!(
            "name the store to copy from first: {} store copy FROM TO",
            called.host.called()
        ),
        store::Error::Full { .. } => {
            format!(
                "make room, and it goes on with the rest: {}",
                called.again("")
            )
        }
        store::Error::Locked { .. } | store::Error::OutcomeUnknown { .. } => {
            format!("it goes on with the rest: {}", called.again(""))
        }
        _ => return None,
    })
}

pub(super) fn of_store(error: &store::Error, called: &Invocation) -> Option<String> {
    if called.name == "store copy"
        && let Some(hint) = of_copy(error, called)
    {
        return Some(hint);
    }
    Some(match error {
        store::Error::Absent { .. } | store::Error::UnknownProject { .. } => {
            format!("make the project known: {}", called.store("init")?)
        }
        store::Error::Outdated { .. } => {
            format!(
                "see what it would do: {}",
                called.store("migrate --dry-run")?
            )
        }
        store::Error::NoSuchVersion { .. } => {
            format!("see which version they have: {}", called.store("status")?)
        }
        store::Error::ProjectExists { .. } => {
            format!("see which there are: {}", called.store("tenants")?)
        }
        store::Error::Newer { .. } => format!("use a newer release of {}", called.host.called()),
        // Nor does `--force` help beside what another store left, or has in use.
        store::Error::Exists { path }
            if called.words.iter().any(|word| word == "--force")
                || !is_argument(&path.to_string_lossy(), called) =>
        {
            name_another_file(called)
        }
        store::Error::OwnBackup { .. } => name_another_file(called),
        store::Error::Exists { .. } => format!("to replace it: {}", called.again("--force")),
        store::Error::Corrupt { store, .. }
        | store::Error::NotAStore { store, .. }
        | store::Error::ReadOnly { store, .. }
        | store::Error::Full { store } => match store {
            Location::File(path) => of_store_file(error, path, called),
            Location::Server(_) => return servers::of_server(error, called),
        },
        store::Error::File { path, .. } => look_at(&path.to_string_lossy(), called),
        store::Error::Unreachable { store, why } => servers::unreachable(&store.to_string(), why)?,
        store::Error::Denied { store, why } if why.contains("password") => {
            servers::password(&store.to_string())
        }
        store::Error::OutcomeUnknown { .. } => {
            format!("see what it holds: {}", called.store("list")?)
        }
        store::Error::CopyDiffers { .. } => {
            "copy into a database, or a file, that holds nothing yet".to_owned()
        }
        store::Error::NoPermission { path, .. } => {
            // Where a folder above it is closed, not even its owner can be told.
            let is_visible = path.symlink_metadata().is_ok();
            let shown = path.parent().filter(|_| !is_visible).unwrap_or(path);
            format!(
                "see whose it is: ls -ld {}",
                quoted(&shown.to_string_lossy())
            )
        }
        store::Error::AlreadyRecorded { .. } | store::Error::Database { .. } => {
            format!("see what it holds: {}", called.store("status")?)
        }
        _ => return None,
    })
}

/// What to do about a store's file.
fn of_store_file(error: &store::Error, path: &Path, called: &Invocation) -> String {
    let shown = quoted(&path.to_string_lossy());
    match error {
        store::Error::Corrupt { .. } => {
            let is_argument = is_argument(&path.to_string_lossy(), called);
            let anew = or_begin_anew(path, called).filter(|_| !is_argument);
            format!(
                "{}{}",
                replace_store(path, called),
                anew.unwrap_or_default()
            )
        }
        store::Error::NotAStore { .. } if path.is_file() => {
            let anew = or_begin_anew(path, called).unwrap_or_default();
            let replace = replace_store(path, called);
            format!("look at it: ls -l {shown}\n    {replace}{anew}")
        }
        store::Error::Full { .. } => format!("see how much is left: df -h {shown}"),
        store::Error::NotAStore { .. }
            if is_own_store(path) && path.exists() && !path.is_symlink() =>
        {
            let (moved, init) = (move_beside(path), called.store("init"));
            match init {
                Some(init) => format!("move it away, and begin a new one: {moved} && {init}"),
                None => format!("move it away: {moved}"),
            }
        }
        store::Error::NotAStore { .. }
            if path.is_dir() && !is_argument(&path.to_string_lossy(), called) =>
        {
            format!(
                "name a file in it: --store {}",
                quoted(&path.join("store.db").to_string_lossy())
            )
        }
        _ => look_at(&path.to_string_lossy(), called),
    }
}

/// What whoever has no backup does about a broken store, on a line of its own; `None` where that is nobody's here.
fn or_begin_anew(path: &Path, called: &Invocation) -> Option<String> {
    let init = called.store("init")?;
    let anew = begin_anew(path, &init).filter(|_| called.name != "store restore")?;
    Some(format!("\n    without one, begin anew: {anew}"))
}

/// The commands that move away what lies in the place of the repository's own store, or what is left of it, and begin a new one.
pub(in crate::cli) fn begin_anew(path: &Path, init: &str) -> Option<String> {
    let is_ours = has_left_something(path) || is_own_store(path);
    is_ours.then(|| format!("{} && {init}", move_beside(path)))
}

/// Whether a store is a repository's own, which nobody names.
fn is_own_store(path: &Path) -> bool {
    path.ends_with("ocl-migrate/state.db")
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether a store's file is gone, and what SQLite keeps beside it is still there.
fn has_left_something(path: &Path) -> bool {
    let beside = |suffix| exists(Path::new(&format!("{}{suffix}", path.display())));
    !exists(path) && ["-wal", "-journal"].into_iter().any(beside)
}

/// The commands that make room where something else than a store lies. What SQLite left beside it goes with it.
fn move_beside(path: &Path) -> String {
    let path = path.to_string_lossy();
    let moves = ["", "-wal", "-journal", "-shm"].map(|suffix| {
        let from = format!("{path}{suffix}");
        let is_there = match suffix {
            "" => !has_left_something(Path::new(&*path)),
            _ => exists(Path::new(&from)),
        };
        let to = quoted(&format!("{path}.old{suffix}"));
        is_there.then(|| format!("mv -n {} {to}", quoted(&from)))
    });
    let moves: Vec<String> = moves.into_iter().flatten().collect();
    moves.join(" && ")
}

/// What is in the store's place can't be used; or what was named as a backup.
fn replace_store(path: &Path, called: &Invocation) -> String {
    let restores = called.name == "store restore";
    let path = path.to_string_lossy();
    let backs_up = called.name == "store backup" && is_argument(&path, called);
    if backs_up || restores && is_argument(&path, called) {
        return name_another_file(called);
    }
    let again = match restores {
        true if called.words.iter().any(|word| word == "--force") => {
            return look_around(&path, called);
        }
        true => called.again("--force"),
        // A store that the command itself names isn't the one of the options.
        false if is_argument(&path, called) => called.other_store(&path, "restore FILE --force"),
        false => called.command("store restore FILE --force"),
    };
    format!("to replace it by a backup, and keep it beside: {again}")
}

fn name_another_file(called: &Invocation) -> String {
    match &*called.name {
        "store restore" => format!(
            "name another backup: {}",
            called.command("store restore FILE")
        ),
        _ => format!("name another file: {}", called.command("store backup FILE")),
    }
}

/// Whether a path was named as what the command is about, not as its store.
fn is_argument(path: &str, called: &Invocation) -> bool {
    let before = std::iter::once("").chain(called.words.iter().map(String::as_str));
    let mut words = called.words.iter().zip(before);
    words.any(|(word, before)| word == path && before != "--store")
}

pub(super) fn of_never_read(
    document: &str,
    why: &NeverRead,
    called: &Invocation,
) -> Option<String> {
    let (put, document) = (put(document, "FILE"), quoted(document));
    Some(match why {
        NeverRead::BelowImport { import, .. } => format!(
            "a server brings its own data to version {import} before it is imported: if FILE is in that shape, say so: {}",
            called.command(&format!("store put {document} FILE --shape {import}"))
        ),
        // A branch can't have one of a kind that is gone either.
        NeverRead::AboveServer { .. }
        | NeverRead::BelowBaseline { .. }
        | NeverRead::Removed { .. } => return None,
        NeverRead::NoImport { .. } | NeverRead::Recorded { .. } => {
            format!(
                "put it into a branch: {}",
                called.command(&format!("commit BRANCH -m TEXT --put {put}"))
            )
        }
    })
}
