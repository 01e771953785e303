//! Hints after a failure: what to do next, as a command to paste where there is one.

mod answers;
mod draft;
mod git;
mod load;
mod meant;
mod merge;
mod place;
mod servers;
mod store;
mod work_tree;
mod write;

use std::path::Path;

use crate::git::Error;
use crate::migrate::MigrationErrorKind;
use crate::project::{LoadError, ReadError, Remedy};
use crate::query::QueryError;

use crate::cli::failure::{Failure, Unread, quoted, short_name};
use crate::cli::global::Environment;
use crate::cli::invocation::Invocation;
use crate::cli::put::put_value;
use git::of_no_ref;
use load::{of_load, of_plan};
use meant::{of_find, of_unknown_kind};
use merge::of_merge;
use place::{begin_catalog, look_around, look_at};
pub(super) use store::begin_anew;
use store::{of_never_read, of_store};
use write::of_commit;

/// What to do next.
pub(super) fn hint(failure: &Failure, called: &Invocation) -> Option<String> {
    let own = match failure {
        Failure::Load(error) => of_load(error, called),
        Failure::Plan(error) => of_plan(error, called),
        Failure::Commit(error) => match error.base_path() {
            Some(base_path) => of_commit(error.cause(), &called.at(base_path)),
            None => of_commit(error.cause(), called),
        },
        Failure::Merge(error) => of_merge(error, called),
        Failure::Store(error) => of_store(error, called),
        Failure::Catalog(error) => match error.problems.as_slice() {
            // The folder itself.
            [problem] if problem.line == 0 && !Path::new(&problem.file).is_file() => {
                let path = Path::new(&problem.file);
                let folder = if path.ends_with("catalog.hcl") {
                    path.parent()
                } else {
                    // Whoever wants a step in a folder that isn't there begins a catalog.
                    Some(path).filter(|path| called.name == "new" && !path.exists())
                };
                Some(match folder {
                    Some(folder) => begin_catalog(folder, called),
                    None => look_around(&problem.file, called),
                })
            }
            _ => None,
        },
        Failure::File { path, .. } => {
            put_by_name(path, called).or_else(|| Some(look_at(path, called)))
        }
        Failure::NoDocument {
            name: Some(name),
            git_dir: Some(git_dir),
            ..
        } => of_no_ref(name, git_dir, called),
        Failure::NoDocument { .. } => None,
        Failure::Usage(_) => Some(how_it_is_called(called)),
        Failure::UnknownKind(error) => {
            of_unknown_kind(error, called).or_else(|| Some(how_it_is_called(called)))
        }
        Failure::Missing { list, .. } => {
            Some(format!("see what there is: {}", called.command(list)))
        }
        Failure::NothingOpen { .. } => {
            Some(format!("see what there is: {}", called.command("resolve")))
        }
        Failure::NeverRead { document, why } => of_never_read(document, why, called),
        Failure::Find {
            error,
            document,
            revision,
        } => of_find(error, called).or_else(|| {
            let show = format!("show {} {}", quoted(revision.as_deref()?), quoted(document));
            Some(format!(
                "see what there is: {}",
                called.command(&format!("{show}{}", called.to))
            ))
        }),
        Failure::Unread(unread) => of_unread(unread, called),
        Failure::Query(error) => of_query(error, called),
        Failure::Environment {
            name,
            revision,
            is_branch: true,
        } => {
            let command = called.with(name, short_name(revision));
            command.map(|command| format!("write to the branch that it names: {command}"))
        }
        Failure::Environment { name, revision, .. } => called.with(name, "NAME").map(|command| {
            format!(
                "it names no branch; begin one there: {} branch NAME {} && {command}",
                called.git,
                quoted(revision)
            )
        }),
        Failure::Settings(_)
        | Failure::Ocl { .. }
        | Failure::Answers { .. }
        | Failure::NotExportable { .. }
        | Failure::Refused(..)
        | Failure::Other(_)
        | Failure::FleetOutput { .. }
        | Failure::ClosedPipe => None,
    };
    own.or_else(|| match failure.remedy() {
        Remedy::LoadAgain => Some(format!("try again: {}", called.whole())),
        Remedy::UpgradeServer if called.chooses("catalog") => {
            Some("use a newer release or catalog".into())
        }
        Remedy::UpgradeServer if called.host.own().is_some() => {
            Some(format!("use a newer release of {}", called.host.called()))
        }
        Remedy::UpgradeServer => Some(format!(
            "use a newer release, or a newer catalog: {}",
            called.again("--catalog DIR")
        )),
        Remedy::ReportBug => Some(format!(
            "this is a bug: please report it with this message, the command and the output of `{} --version`",
            called.host.called()
        )),
        _ => None,
    })
}

/// Where a revision that isn't there was named by the repository's settings, and not by the user.
pub(super) fn of_environment(
    failure: &Failure,
    environments: &[Environment],
    called: &Invocation,
) -> Option<String> {
    let Failure::Load(LoadError::Git(Error::RevisionNotFound { revision, .. })) = failure else {
        return None;
    };
    let mut environments = environments.iter();
    let named = environments.find(|environment| environment.revision == *revision)?;
    (!called.words.contains(revision)).then(|| {
        format!(
            "the environment `{}` of the repository's .ocl-migrate.hcl names it: correct that, or see what there is: {}",
            named.name,
            called.command("status --all")
        )
    })
}

fn of_unread(unread: &Unread, called: &Invocation) -> Option<String> {
    let called = match &unread.revision {
        Some(revision) => &called.about(revision),
        None => called,
    };
    match &unread.error {
        ReadError::Load(error) => of_load(error, called),
        ReadError::Failed(name, error) if matches!(error.kind, MigrationErrorKind::Parse(_)) => {
            let show = format!("show {} {} --raw", called.revision(), quoted(name.as_str()));
            Some(format!("see its text: {}", called.command(&show)))
        }
        ReadError::Failed(name, _) | ReadError::Removed(name) => {
            Some(format!("see why: {}", called.explain(name.as_str())))
        }
        ReadError::LeftOut { .. } | ReadError::Shape(..) => None,
    }
}

fn of_query(error: &QueryError, called: &Invocation) -> Option<String> {
    let more = |option, value| format!("to allow more: {}", called.again_with(option, value));
    match error {
        QueryError::Sql { hint, .. } => hint.clone(),
        QueryError::TimedOut { .. } => Some(more("--timeout", "600")),
        QueryError::TooManyRows { .. } => Some(more("--max-rows", "10000000")),
        QueryError::OutOfMemory => Some(more("--memory", "4096")),
        _ => None,
    }
}

/// Where a file that isn't there was taken from a `--put` whose document may have a `=` in its name: the same with that quoted.
fn put_by_name(path: &str, called: &Invocation) -> Option<String> {
    let (rest, file) = path.rsplit_once('=')?;
    if Path::new(path).exists() || !Path::new(file).exists() {
        return None;
    }
    let tail = format!("={path}");
    let word = called.words.iter().find(|word| word.ends_with(&tail))?;
    let (option, begin) = match word.strip_prefix("--put=") {
        Some(value) => ("--put=", value),
        None => ("", word.as_str()),
    };
    let document = format!("{}={rest}", begin.strip_suffix(&tail)?);
    let command = called.with(word, &format!("{option}{}", put_value(&document, file)))?;
    Some(format!("if the document is {document}: {command}"))
}

fn how_it_is_called(called: &Invocation) -> String {
    let help = format!("{} help {}", called.host.called(), called.name);
    format!("see how it is called: {}", help.trim_end())
}
