//! What to do next where a ref can't be loaded.

use crate::catalog::DocumentName;
use crate::plan::PlanError;
use crate::project::{LoadError, NotImported, StoreSilent};
use crate::text::{folder, nearest};

use super::git;
use super::store::of_store;
use crate::cli::failure::quoted;
use crate::cli::invocation::Invocation;

pub(super) fn of_load(error: &LoadError, called: &Invocation) -> Option<String> {
    Some(match error {
        LoadError::Git(error) => return git::of_git(error, called),
        LoadError::Store(error) => return of_store(error, called),
        LoadError::Plan(error) => return of_plan(error, called),
        LoadError::SeveralProjects { base_paths } => {
            let commands = base_paths.iter().map(|path| {
                let option = format!("--base-path {}", quoted(folder(path)));
                format!("\n    {}", called.again(&option))
            });
            format!("choose one:{}", commands.collect::<String>())
        }
        LoadError::Marker(error) => {
            let revision = called.revision.as_deref().unwrap_or("HEAD");
            let place = |path: &str| quoted(&format!("{revision}:{path}"));
            match &error.also_at {
                Some(other) => format!(
                    "look at both: {} show {} {}",
                    called.git,
                    place(&error.path),
                    place(other)
                ),
                None => format!("look at it: {} show {}", called.git, place(&error.path)),
            }
        }
        LoadError::DocumentsWithoutMarker {
            marker, attribute, ..
        } => format!(
            "on {1}, with its version in the place of N: echo '{attribute} = N' > {0} && git add {0} && git commit -m 'State the schema version'",
            quoted(marker),
            called
                .revision
                .as_deref()
                .map_or("that branch".into(), quoted)
        ),
        LoadError::NoProjectAt {
            base_path,
            base_paths,
        } if called.name.starts_with("store") && !called.words.contains(base_path) => format!(
            "name it: {}\n    to begin one at {base_path:?}: {}",
            called.again(&format!(
                "--base-path {}",
                quoted(folder(base_paths.first()?))
            )),
            called.store(&format!("init --base-path {}", quoted(folder(base_path))))?
        ),
        LoadError::NoProjectAt {
            base_path,
            base_paths,
        } => {
            let begin = called.store("init");
            let begin = begin.map(|init| format!("to begin a project there: {init}"));
            let meant = nearest(base_path, base_paths.iter().map(String::as_str));
            let another = |path: &str| called.again_with("--base-path", &quoted(folder(path)));
            let meant = match (called.says_base_path(), meant, base_paths.first()) {
                (Some(place), meant, first) => {
                    let correct = format!("{place} says so: correct it there");
                    // Nobody begins a project at a mistake.
                    return Some(match (meant, first, begin) {
                        (Some(meant), ..) => {
                            format!("{place} says so: did you mean {meant}? {}", another(meant))
                        }
                        (None, Some(first), _) => {
                            format!("{correct}, or name another: {}", another(first))
                        }
                        (None, None, Some(begin)) => format!("{correct}\n    {begin}"),
                        (None, None, None) => correct,
                    });
                }
                (None, Some(meant), _) => match called.with(base_path, meant) {
                    Some(command) => Some(format!("did you mean {meant}? {command}")),
                    None => Some(format!("did you mean {meant}? {}", another(meant))),
                },
                (None, None, Some(first)) => Some(format!("to look there: {}", another(first))),
                (None, None, None) => None,
            };
            match (meant, begin) {
                (Some(meant), Some(begin)) => format!("{meant}\n    {begin}"),
                (meant, begin) => meant.or(begin)?,
            }
        }
        // Where another one was asked for, it may have been mistyped.
        LoadError::NotAFolder { .. } | LoadError::InvalidBasePath { .. }
            if let Some(place) = called.says_base_path() =>
        {
            format!("{place} says so: correct it there")
        }
        LoadError::NotAFolder { .. } if called.chooses("base_path") => see_base_paths(called),
        LoadError::NotAFolder { base_path, .. } => {
            let revision = called.from.as_deref().filter(|_| called.begins());
            let revision = revision.map_or_else(|| called.revision(), quoted);
            format!(
                "see which commit put it there: {} log -1 --stat {revision} -- {}",
                called.git,
                quoted(base_path)
            )
        }
        LoadError::InvalidBasePath { .. } => see_base_paths(called),
        LoadError::NoSuchDocument { elsewhere, .. }
            if !elsewhere.is_empty() && !called.chooses("base_path") =>
        {
            let option = format!("--base-path {}", quoted(folder(elsewhere.first()?)));
            format!("look there: {}", called.again(&option))
        }
        LoadError::NoSuchDocument {
            name,
            known,
            version,
            not_imported,
            ..
        } => {
            // A name may have blanks, so a selector in the same word is one's end.
            let restored = known.iter().filter(|_| called.name == "restore");
            let mut whole = restored.filter_map(|known| {
                let selector = name.strip_prefix(known.as_str())?.strip_prefix(' ')?;
                called.with_two(name, [known.as_str(), selector.trim()])
            });
            if let Some(command) = whole.next() {
                return Some(format!("if it is a document and a selector: {command}"));
            }
            let meant = nearest(name, known.iter().map(DocumentName::as_str));
            // Nobody pastes a removal of what was not named.
            let meant_command = |meant| {
                let command = called.with_document(name, meant);
                command.filter(|_| !called.removes(name))
            };
            let command = meant.and_then(|meant| Some((meant, meant_command(meant)?)));
            match (command, meant) {
                (Some((meant, command)), _) => format!("did you mean {meant}? {command}"),
                (None, Some(meant)) if called.removes(name) => format!("did you mean {meant}?"),
                // Named by a path that isn't there.
                (None, Some(meant)) => format!(
                    "did you mean {meant}?\n    see what there is: {}",
                    see_documents(*version, called)
                ),
                (None, None) => match not_imported {
                    Some(not_imported) => return of_not_imported(not_imported, called),
                    // It is asked of many.
                    None if called.name == "compare" => format!(
                        "see which has what: {}",
                        called.command("query 'SELECT ref, document FROM documents'")
                    ),
                    None => format!("see what there is: {}", see_documents(*version, called)),
                },
            }
        }
        LoadError::NothingFits { pattern, meant } => {
            let meant = meant.as_deref();
            match meant.and_then(|meant| called.with(pattern, meant)) {
                Some(command) => format!("did you mean that? {command}"),
                None => format!("see what there is: {}", called.command("status --all")),
            }
        }
        LoadError::NotBroughtBack { commit, .. } => {
            let preview = called.command(&format!("preview {commit}"));
            format!("see what is wrong there: {preview}")
        }
        LoadError::LeftOut { .. } => format!("fetch all of it with: {}", error.fetch_command()?),
        LoadError::NewerSteps { .. } => return None,
    })
}

/// The command that lists the documents there are.
fn see_documents(version: Option<u32>, called: &Invocation) -> String {
    let to = version.map_or_else(String::new, |version| format!(" --to {version}"));
    called.command(&format!("preview --stat {}{to}", called.revision()))
}

fn see_base_paths(called: &Invocation) -> String {
    format!(
        "see which base paths there are: {}",
        called.everywhere("status")
    )
}

/// How to name the store that may have a document.
fn of_not_imported(not_imported: &NotImported, called: &Invocation) -> Option<String> {
    let named = called.again_with("--store", "FILE");
    Some(match &not_imported.why {
        StoreSilent::ProjectUnknown { .. } => match called.store("init") {
            Some(init) => format!(
                "name the store that has it: {named}\n    or make the project known to this one: {init}"
            ),
            None => format!("name the store that has it: {named}"),
        },
        StoreSilent::Unusable { .. } => {
            format!("see what is wrong with it: {}", called.store("status")?)
        }
        _ => format!("name the store that has it: {named}"),
    })
}

pub(super) fn of_plan(error: &PlanError, called: &Invocation) -> Option<String> {
    Some(match error {
        PlanError::TargetAboveServer { .. }
        | PlanError::TargetRetired { .. }
        | PlanError::TargetZero => {
            format!(
                "see which versions there are: {}",
                called.command("plan --branch-version 0")
            )
        }
        PlanError::MissingSnapshot { .. } => format!(
            "see what the store holds: {}\n    restore a backup: {}",
            called.store("status")?,
            called.store("restore FILE")?
        ),
        _ => return None,
    })
}
