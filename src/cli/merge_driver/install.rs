//! Setting the driver up, and taking it away.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::catalog::Catalog;
use crate::git::Repository;
use crate::report::FORMAT_VERSION;
use crate::text;

use super::super::consent::Consent;
use super::super::failure::{Exit, Failure, quoted};
use super::super::files;
use super::super::global::{Format, Global, SHORT_LIVED};
use super::super::output::Output;
use super::super::store_place::address;

/// The hooks that check a merge: of one that Git commits itself, and of one that a person concludes.
const HOOKS: [&str; 2] = ["pre-merge-commit", "pre-commit"];

pub(super) fn install(
    global: &Global,
    consent: &Consent,
    is_committed: bool,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = global.repository(SHORT_LIVED)?;
    let catalog = global.catalog()?;
    consent.refuse_impossible(&catalog)?;
    global.expect_project(&global.open()?)?;
    let name = global.host.word();
    refuse_another(global, &repository, &catalog)?;
    let program = program(global)?;
    let hooks = hooks_folder(&repository)?;
    // What can't be changed is told before anything is.
    let mut written = Vec::new();
    for hook in HOOKS {
        let file = hooks.join(hook);
        let block = format!("{program} merge-driver --check || exit 1\n");
        if !calls_the_check(&file) {
            written.push((file.clone(), with_hook(&file, &name, &block)?));
        }
    }
    let attributes = attributes_file(&repository, is_committed)?;
    let lines = attribute_lines(global, &catalog, &name);
    let text = with_block(&read(&attributes)?, &name, &lines, Place::End);
    let mut driver = format!("{program} merge-driver");
    driver.push_str(&consent.as_options());
    driver.push_str(" --base-label=%S --ours-label=%X --theirs-label=%Y -- %O %A %B %P");
    let told = "documents of configuration, by their values";
    write(&attributes, &text)?;
    let mut checked = Vec::new();
    for (file, text) in written {
        write(&file, &text)?;
        make_executable(&file)?;
        checked.push(file.display().to_string());
    }
    // Last: until then, Git merges as before.
    for (key, value) in [("name", told), ("driver", &driver), ("recursive", "binary")] {
        git(
            &repository,
            &["config", "--local", &format!("merge.{name}.{key}"), value],
        )?;
    }
    if global.format == Format::Json {
        output.json(&serde_json::json!({
            "format_version": FORMAT_VERSION,
            "hooks": checked,
            "attributes": attributes.display().to_string(),
            "patterns": lines.lines().collect::<Vec<_>>(),
            "driver": driver,
        }))?;
        return Ok(Exit::Done);
    }
    for hook in checked {
        output.line(format_args!("{hook}: checks merges"))?;
    }
    output.line(format_args!(
        "{}: {}",
        attributes.display(),
        lines.trim_end()
    ))?;
    output.line(format_args!("merge.{name}.driver: {driver}"))?;
    Ok(Exit::Done)
}

/// One installation serves one base path, and what is set up for another isn't taken away without a word.
fn refuse_another(
    global: &Global,
    repository: &Repository,
    catalog: &Catalog,
) -> Result<(), Failure> {
    let key = format!("merge.{}.driver", global.host.word());
    let Ok(driver) = git(repository, &["config", "--local", "--get", &key]) else {
        return Ok(());
    };
    let words = shlex::split(driver.trim_end()).unwrap_or_default();
    let mut options = words.iter().take_while(|word| *word != "merge-driver");
    let own = catalog.base_path();
    let served = options.find(|word| *word == "--base-path");
    let served = served.and(options.next()).map_or(own, String::as_str);
    if served == global.base_path.as_deref().unwrap_or(own) {
        return Ok(());
    }
    Err(Failure::Other(format!(
        "Git merges the project at {:?} here already, and one installation serves one base path: take it away first, with \
         `{} merge-driver --uninstall`, and merge the other project with `{} --base-path {} merge`",
        text::folder(served),
        global.program(),
        global.program(),
        quoted(text::folder(served)),
    )))
}

pub(super) fn uninstall(global: &Global, output: &mut Output) -> Result<Exit, Failure> {
    let repository = global.repository(SHORT_LIVED)?;
    let name = global.host.word();
    let section = format!("merge.{name}");
    let mut removed = Vec::new();
    let is_there = git(
        &repository,
        &["config", "--local", "--get", &format!("{section}.driver")],
    );
    if is_there.is_ok() {
        git(
            &repository,
            &["config", "--local", "--remove-section", &section],
        )?;
        removed.push(section);
    }
    let mut all = vec![attributes_file(&repository, false)?];
    all.extend(attributes_file(&repository, true).ok());
    let hooks = hooks_folder(&repository)?;
    all.extend(HOOKS.map(|hook| hooks.join(hook)));
    for file in all {
        let text = read(&file)?;
        let rest = without_block(&text, &name);
        if rest == text {
            continue;
        }
        let is_empty = rest
            .lines()
            .all(|line| line.trim().is_empty() || line.starts_with("#!"));
        let done = if is_empty {
            std::fs::remove_file(&file)
        } else {
            files::replace(&file, rest.as_bytes())
        };
        done.map_err(|error| Failure::of_file(&file, error))?;
        // Made for it, if nothing else is in it.
        if is_empty
            && let Some(folder) = file.parent()
            && Some(folder) != repository.work_dir()
        {
            let _ = std::fs::remove_dir(folder);
        }
        if !is_empty && file.starts_with(&hooks) {
            make_executable(&file)?;
        }
        removed.push(file.display().to_string());
    }
    if global.format == Format::Json {
        output
            .json(&serde_json::json!({ "format_version": FORMAT_VERSION, "removed": removed }))?;
        return Ok(Exit::Done);
    }
    for what in removed {
        output.line(format_args!("{what}: removed"))?;
    }
    Ok(Exit::Done)
}

/// The command as Git's shell calls it, with the options that choose catalog, store and project.
fn program(global: &Global) -> Result<String, Failure> {
    let own = std::env::current_exe().map_err(|error| Failure::of_file(Path::new("."), error))?;
    let called = global.host.called();
    let first = called.split(' ').next().unwrap_or_default();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|folder| folder.join(first));
    let mut found = found.filter_map(|file| file.canonicalize().ok());
    let is_found = found
        .next()
        .is_some_and(|file| own.canonicalize().ok() == Some(file));
    let mut program = if is_found {
        called.to_owned()
    } else {
        let rest = called.strip_prefix(first).unwrap_or_default();
        format!("{}{rest}", quoted(&own.to_string_lossy()))
    };
    let files = [("--catalog", &global.catalog), ("--store", &global.store)];
    for (option, path) in files {
        if let Some(address) = path.as_deref().and_then(address) {
            program.push_str(&format!(" {option} {}", quoted(address)));
        } else if let Some(path) = path {
            let path = std::path::absolute(path).map_err(|error| Failure::of_file(path, error))?;
            program.push_str(&format!(" {option} {}", quoted(&path.to_string_lossy())));
        }
    }
    let words = [
        ("--base-path", &global.base_path),
        ("--project", &global.project),
        ("--tenant", &global.tenant),
    ];
    for (option, word) in words {
        if let Some(word) = word {
            program.push_str(&format!(" {option} {}", quoted(word)));
        }
    }
    Ok(program)
}

/// Where Git looks for hooks. A folder outside of the repository is for others too, and left alone.
fn hooks_folder(repository: &Repository) -> Result<PathBuf, Failure> {
    let told = git(
        repository,
        &["rev-parse", "--path-format=absolute", "--git-path", "hooks"],
    )?;
    let folder = PathBuf::from(told.trim_end_matches('\n'));
    let own = [Some(repository.common_dir()), repository.work_dir()];
    let is_own = own.into_iter().flatten().any(|own| {
        let own = std::path::absolute(own).unwrap_or_else(|_| own.to_owned());
        let real = own.canonicalize().unwrap_or_else(|_| own.clone());
        folder.starts_with(&own) || folder.starts_with(real)
    });
    if is_own {
        return Ok(folder);
    }
    Err(Failure::Other(format!(
        "core.hooksPath leads out of this repository, to {}: call `merge-driver --check` in the hooks {} there yourself, and \
         name another folder while installing: git config --local core.hooksPath .git/hooks",
        folder.display(),
        HOOKS.join(" and ")
    )))
}

fn attributes_file(repository: &Repository, is_committed: bool) -> Result<PathBuf, Failure> {
    if !is_committed {
        return Ok(repository.common_dir().join("info/attributes"));
    }
    match repository.work_dir() {
        Some(folder) => Ok(folder.join(".gitattributes")),
        None => Err(Failure::Usage(
            "a bare repository has no file .gitattributes: leave --gitattributes out".into(),
        )),
    }
}

/// Which paths the driver merges: those with an ending that documents have, or had before a step moved them.
fn attribute_lines(global: &Global, catalog: &Catalog, name: &str) -> String {
    let base = global.base_path.as_deref().unwrap_or(catalog.base_path());
    let kinds = catalog.document_paths().map(ToString::to_string);
    let mut endings: Vec<String> = kinds
        .chain(catalog.marker_paths().map(str::to_owned))
        .map(|path| {
            let file = path.rsplit('/').next().unwrap_or_default();
            file.rsplit_once('.')
                .map_or("*".into(), |(_, ending)| format!("*.{ending}"))
        })
        .collect();
    endings.sort();
    endings.dedup();
    let pattern = |ending: &String| {
        let below = if matches!(base, "" | ".") {
            String::new()
        } else {
            format!("/{}", literally(base))
        };
        let pattern = format!("{below}/**/{ending}");
        // What Git reads as a pattern of its own, or as the pattern's end.
        let is_plain = !pattern.contains([' ', '"', '\\']);
        let pattern = if is_plain {
            pattern
        } else {
            format!("\"{}\"", pattern.replace('\\', "\\\\").replace('"', "\\\""))
        };
        format!("{pattern} merge={name}\n")
    };
    endings.iter().map(pattern).collect()
}

/// A path as a pattern that fits nothing else.
fn literally(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for character in path.chars() {
        if matches!(character, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Where a block goes.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Behind the first line.
    Second,
    End,
}

fn begin(name: &str) -> String {
    format!("# begin {name}\n")
}

fn end(name: &str) -> String {
    format!("# end {name}\n")
}

/// A text with lines of ours between two comments, in place of those that are there.
fn with_block(text: &str, name: &str, lines: &str, place: Place) -> String {
    let block = format!("{}{lines}{}", begin(name), end(name));
    let mut text = without_block(text, name);
    let line_end = match place {
        Place::Second => text.find('\n').map(|at| at + 1),
        Place::End => None,
    };
    let at = line_end.unwrap_or_else(|| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.len()
    });
    text.insert_str(at, &block);
    text
}

fn without_block(text: &str, name: &str) -> String {
    let (begin, end) = (begin(name), end(name));
    let found = text.find(&begin).and_then(|at| {
        let length = text[at..].find(&end)?;
        Some(at..at + length + end.len())
    });
    match found {
        Some(range) => format!("{}{}", &text[..range.start], &text[range.end..]),
        None => text.to_owned(),
    }
}

/// Whether a hook that we can't write to has what it was asked to have: a link, or a program in another language.
fn calls_the_check(file: &Path) -> bool {
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let is_script = text.starts_with("#!") && is_executable(file);
    is_script && !is_shell(&text) && text.contains("merge-driver --check")
}

/// Whether a shell runs a script.
fn is_shell(script: &str) -> bool {
    let first = script.lines().next().unwrap_or_default();
    let program = first.strip_prefix("#!").unwrap_or_default();
    let mut words = program.split([' ', '/', '\t']).rev();
    words.any(|word| ["sh", "bash", "dash", "zsh", "ksh"].contains(&word))
}

/// A hook with our line first, so that no `exit` or `exec` of it comes before.
fn with_hook(file: &Path, name: &str, line: &str) -> Result<String, Failure> {
    let call = line.trim_end().trim_end_matches(" || exit 1");
    let refused = |why: &str| {
        let file = file.display();
        Failure::Other(format!(
            "{file}: this hook {why}, and nothing was changed: let it run `{call}` first, and end where that fails"
        ))
    };
    if std::fs::symlink_metadata(file).is_ok_and(|found| !found.is_file()) {
        return Err(refused("is a link, or no file at all"));
    }
    let text = read(file)?;
    if text.trim().is_empty() {
        return Ok(with_block("#!/bin/sh\n", name, line, Place::End));
    }
    if !is_shell(&text) {
        return Err(refused("is no shell script"));
    }
    if !is_executable(file) {
        return Err(Failure::Other(format!(
            "{}: this hook is switched off, as nobody may run it, and nothing was changed: remove it, or switch it on first",
            file.display()
        )));
    }
    Ok(with_block(&text, name, line, Place::Second))
}

fn read(file: &Path) -> Result<String, Failure> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(Failure::of_file(file, error)),
    };
    String::from_utf8(bytes)
        .map_err(|error| Failure::of_file(file, io::Error::new(io::ErrorKind::InvalidData, error)))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::of_file(folder, error))?;
    }
    files::replace(file, text.as_bytes()).map_err(|error| Failure::of_file(file, error))
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let set = std::fs::metadata(file).and_then(|metadata| {
        let mut permissions = metadata.permissions();
        permissions.set_mode(permissions.mode() | 0o111);
        std::fs::set_permissions(file, permissions)
    });
    set.map_err(|error| Failure::of_file(file, error))
}

/// Whether Git runs a hook.
#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), Failure> {
    Ok(())
}

/// Runs Git in the repository.
pub(in crate::cli) fn git(repository: &Repository, arguments: &[&str]) -> Result<String, Failure> {
    let folder = repository.work_dir().unwrap_or(repository.git_dir());
    let done = Command::new("git")
        .current_dir(folder)
        .arg("--literal-pathspecs")
        .args(arguments)
        .output()
        .map_err(|error| Failure::Other(format!("`git` can't be run: {error}")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(Failure::Other(format!(
        "`git {}` failed: {said}",
        arguments[0]
    )))
}
