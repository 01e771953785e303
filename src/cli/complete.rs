//! What a shell offers for refs, branches, documents, values, base paths and kinds: it asks the command itself, which looks into the repository.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::iter;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::catalog::DocumentName;
use crate::git::RefScope;
use crate::ocl::Kind;
use crate::project::{LoadError, Loaded};
use crate::references::Certainty;
use crate::values::Element;
use clap::{ArgMatches, FromArgMatches};
use clap_complete::CompleteEnv;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};

use super::command_line::CommandLine;
use super::failure::is_plain;
use super::global::{Global, SHORT_LIVED};
use super::settings;

/// At most this many candidates are offered.
const MOST: usize = 500;

/// The command line. Completers are named in its definition, so they get it here.
static HOST: OnceLock<Arc<CommandLine>> = OnceLock::new();

/// Answers a shell that asks for completions, and ends the process then.
pub(super) fn answer(host: &Arc<CommandLine>) -> Result<(), clap::Error> {
    let folder = std::env::current_dir().ok();
    let completer = CompleteEnv::with_factory(|| HOST.get_or_init(|| host.clone()).definition());
    if completer.try_complete(std::env::args_os(), folder.as_deref())? {
        std::process::exit(0);
    }
    Ok(())
}

/// Offers branches and tags, and the branches of remotes: a clone has few of its own.
pub(super) fn refs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| names(RefScope::All, current))
}

/// Offers branches.
pub(super) fn branches() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| names(RefScope::Branches, current))
}

/// Offers the documents of the ref that comes before.
pub(super) fn documents() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| documents_of_ref(current).unwrap_or_default())
}

/// Offers selectors of values in the document that comes before: addresses, and names alone where an address has what a shell
/// would read.
pub(super) fn selectors() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| selectors_of_document(current).unwrap_or_default())
}

/// Offers refs, and the documents of the ref that comes before.
pub(super) fn refs_and_documents() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let mut offered = names(RefScope::All, current);
        offered.extend(documents_of_ref(current).unwrap_or_default());
        offered
    })
}

/// Offers the base paths of the projects in the current branch.
pub(super) fn base_paths() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| base_paths_in_head(current).unwrap_or_default())
}

/// Offers `DOC=`, and files after it.
pub(super) fn puts() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let typed = current.to_str().and_then(|text| text.split_once('='));
        let Some((document, file)) = typed else {
            let documents = documents_of_ref(current).unwrap_or_default();
            return followed_by_equals(documents);
        };
        let files = PathCompleter::any().stdio().complete(OsStr::new(file));
        let files = files.into_iter();
        files
            .map(|file| file.add_prefix(format!("{document}=")))
            .collect()
    })
}

/// Offers the catalog's kinds.
pub(super) fn kinds() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| kinds_of_catalog(current).unwrap_or_default())
}

/// Offers the kinds of things that the catalog declares.
pub(super) fn thing_kinds() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let offered = typed().and_then(|(global, _)| {
            let catalog = global.catalog().ok()?;
            Some(matching(catalog.thing_kinds(), current))
        });
        offered.unwrap_or_default()
    })
}

/// Offers the things that the branch defines or refers to; of the kind that comes before, if one does.
pub(super) fn things() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| things_of_ref(current).unwrap_or_default())
}

fn things_of_ref(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let (global, matches) = typed()?;
    let (_, command) = matches.subcommand()?;
    let named = |id| command.try_get_one::<String>(id).ok().flatten();
    let (kind, revision) = (named("kind"), named("branch"));
    let revision = revision.map_or("HEAD", String::as_str);
    let loaded = global.open().ok()?.load_migrated(revision).ok()?;
    let mut names = BTreeSet::new();
    for place in loaded.references().flatten() {
        let is_wanted = kind.is_none_or(|kind| *kind == place.kind);
        if is_wanted && place.certainty != Some(Certainty::Dynamic) {
            names.insert(place.name);
        }
    }
    Some(matching(names.iter().map(String::as_str), current))
}

/// Offers `KIND=`.
pub(super) fn shapes() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        followed_by_equals(kinds_of_catalog(current).unwrap_or_default())
    })
}

fn followed_by_equals(candidates: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    let with_equals = candidates.into_iter().map(|candidate| {
        let mut text = candidate.get_value().to_owned();
        text.push("=");
        CompletionCandidate::new(text)
    });
    with_equals.collect()
}

fn base_paths_in_head(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let (mut global, _) = typed()?;
    global.base_path = None;
    let paths = match global.open().ok()?.load_migrated("HEAD") {
        Ok(loaded) => vec![loaded.base_path().to_owned()],
        Err(LoadError::SeveralProjects { base_paths }) => base_paths,
        Err(_) => return None,
    };
    Some(matching(paths.iter().map(String::as_str), current))
}

fn kinds_of_catalog(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let (global, _) = typed()?;
    let catalog = global.catalog().ok()?;
    let kinds = catalog.kinds().iter().map(|kind| &*kind.name);
    Some(matching(kinds, current))
}

/// Offers the documents in the store's table.
pub(super) fn stored_documents() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| documents_of_store(current).unwrap_or_default())
}

fn documents_of_store(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let (global, _) = typed()?;
    let catalog = global.catalog().ok()?;
    let key = global.store_key(&catalog).ok()?;
    let store = global.named_store().ok()?;
    let rows = store.inspect().read(&key).ok()?.all_documents().ok()?;
    let names: Vec<DocumentName> = rows
        .iter()
        .map(|row| DocumentName::new(&row.kind, &row.slug))
        .collect();
    Some(matching(names.iter().map(DocumentName::as_str), current))
}

fn names(scope: RefScope, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(repository) = typed().and_then(|(global, _)| global.repository(SHORT_LIVED).ok())
    else {
        return Vec::new();
    };
    let names = repository.ref_names(scope).unwrap_or_default();
    let names = names.iter().map(String::as_str);
    if current.as_encoded_bytes().starts_with(b"refs/") {
        return matching(names, current);
    }
    // Other kinds of refs are offered only by their full name.
    let short = ["refs/heads/", "refs/tags/", "refs/remotes/"].into_iter();
    let short = short.flat_map(|folder| {
        let names = names.clone();
        names.filter_map(move |name| name.strip_prefix(folder))
    });
    matching(short, current)
}

fn documents_of_ref(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let (loaded, _) = typed_ref()?;
    Some(matching(loaded.names().map(DocumentName::as_str), current))
}

fn selectors_of_document(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let (loaded, matches) = typed_ref()?;
    let (_, command) = matches.subcommand()?;
    let document: &String = command.try_get_one("document").ok()??;
    let document = loaded.values_of(loaded.name_of(document)?.as_str()).ok()?;
    let mut offered = BTreeSet::new();
    for leaf in document.values().leaves() {
        offered.insert(leaf.element().to_string());
        let names = names_to(leaf.element());
        offered.extend((1..=names.len()).map(|length| names[..length].join(".")));
    }
    Some(matching(offered.iter().map(String::as_str), current))
}

/// The names that lead to an element, or to the dictionary that it is an entry of.
fn names_to<'e>(element: &Element<'e>) -> Vec<Cow<'e, str>> {
    let chain = iter::successors(Some(element), |element| element.parent());
    let mut chain: Vec<&Element<'e>> = chain.collect();
    chain.reverse();
    let named = chain
        .into_iter()
        .skip(1)
        .take_while(|element| matches!(element.node().kind(), Kind::Block | Kind::Attribute));
    named.map(Element::name).collect()
}

/// The ref that the command line names so far, or HEAD for a command that takes none.
fn typed_ref() -> Option<(Loaded, ArgMatches)> {
    let (global, matches) = typed()?;
    let (_, command) = matches.subcommand()?;
    let named = |id| command.try_get_one::<String>(id).ok();
    let revision = match (named("revision"), named("branch")) {
        (None, None) => "HEAD",
        (revision, branch) => revision.flatten().or(branch.flatten())?,
    };
    let loaded = global.open().ok()?.load_migrated(revision).ok()?;
    Some((loaded, matches))
}

pub(super) fn matching<'n>(
    names: impl Iterator<Item = &'n str>,
    current: &OsStr,
) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    // The shell puts them on the command line as they are: a name that would do something there is not offered.
    let names = names.filter(|name| name.starts_with(current) && is_plain(name));
    let names = names.filter(|name| !name.starts_with('-'));
    names.take(MOST).map(CompletionCandidate::new).collect()
}

/// What the command line says so far, as far as it can be understood.
pub(super) fn typed() -> Option<(Global, ArgMatches)> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let host = HOST.get()?;
    let matches = host
        .definition()
        .ignore_errors(true)
        .try_get_matches_from(words)
        .ok()?;
    let mut global = Global::from_arg_matches(&matches).ok()?;
    global.host = host.clone();
    if let Some(folder) = &global.directory {
        global.repo = PathBuf::from(folder).join(&global.repo);
    }
    settings::apply(&mut global, &matches).ok()?;
    Some((global, matches))
}
