//! Hints after a failure: what to do next, as a command to paste where there is one.

mod git;
mod load;
mod meant;
mod place;
mod servers;
mod store;
mod write;

use std::path::Path;

use crate::git::Error;
use crate::project::{LoadError, Remedy};
use crate::query::QueryError;

use crate::cli::failure::{Failure, short_name};
use crate::cli::global::Environment;
use crate::cli::invocation::Invocation;
use load::{of_load, of_plan};
use meant::{of_find, of_unknown_kind};
use place::{begin_catalog, look_around, look_at};
use store::{of_never_read, of_store};
use write::{of_commit, of_merge};

/// What to do next.
pub(super) fn hint(failure: &Failure, called: &Invocation) -> Option<String> {
    let own = match failure {
        Failure::Load(error) => of_load(error, called),
        Failure::Plan(error) => of_plan(error, called),
        Failure::Commit(error) => of_commit(error.cause(), called),
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
                    Some(path).filter(|path| called.name.trim() == "new" && !path.exists())
                };
                Some(folder.map_or_else(|| look_around(&problem.file), begin_catalog))
            }
            _ => None,
        },
        Failure::File { path, .. } => Some(look_at(path)),
        Failure::Usage(_) => Some(how_it_is_called(called)),
        Failure::UnknownKind(error) => {
            of_unknown_kind(error, called).or_else(|| Some(how_it_is_called(called)))
        }
        Failure::Missing { list, .. } => {
            Some(format!("see what there is: {}", called.command(list)))
        }
        Failure::NeverRead { document, why } => of_never_read(document, why, called),
        Failure::Find(error) => of_find(error, called),
        Failure::Query(error) => of_query(error, called),
        Failure::Environment { name, revision } => {
            let command = called.with(name, short_name(revision));
            command.map(|command| format!("write to the branch that it names: {command}"))
        }
        Failure::Settings(_)
        | Failure::Ocl { .. }
        | Failure::Answers { .. }
        | Failure::Refused(..)
        | Failure::Other(_)
        | Failure::ClosedPipe => None,
    };
    own.or_else(|| match failure.remedy() {
        Remedy::LoadAgain => Some(format!("try again: {}", called.whole())),
        Remedy::UpgradeServer if called.words.iter().any(|word| word == "--catalog") => {
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

fn how_it_is_called(called: &Invocation) -> String {
    format!(
        "see how it is called: {} help{}",
        called.host.called(),
        called.name
    )
}
