//! What to do next where a change is not taken up, or something can't be restored.

use crate::catalog::DocumentName;
use crate::cli::failure::quoted;
use crate::cli::invocation::Invocation;
use crate::cli::put::put;
use crate::project::DraftError;
use crate::references::RenameRefusal;
use crate::values::{TakeError, ValueEditError};

use super::answers::answered_or;
use super::load::of_load;
use super::meant::{of_find, of_unknown_kind};
use super::place::what_lies_where;

/// More projects than these aren't listed.
pub(super) const MOST_PROJECTS: usize = 5;

pub(super) fn of_draft(error: &DraftError, called: &Invocation) -> Option<String> {
    Some(match error {
        DraftError::Load(error) => return of_load(error, called),
        DraftError::LoadFrom { revision, source } => {
            return of_load(source, &called.about(revision));
        }
        DraftError::NeedsParent { .. } => format!(
            "start from a branch, or with nothing:\n    {}\n    {}",
            called.again("--from BRANCH"),
            called.again("--orphan")
        ),
        DraftError::BranchExists { branch } => {
            format!(
                "see its state: {}",
                called.command(&format!("status {}", quoted(branch)))
            )
        }
        DraftError::NothingToEdit { name, reason, .. } if reason.contains("Git LFS") => {
            let put = put(name.as_str(), "FILE");
            let put = format!("commit {} -m TEXT --put {put}", called.revision());
            format!("put its text there: {}", called.command(&put))
        }
        DraftError::NothingToEdit {
            name,
            missing_lookups,
            ..
        } => {
            let why = format!("see why: {}", called.explain(name.as_str()));
            answered_or(missing_lookups, why, called)
        }
        DraftError::InvalidOcl { .. } => {
            format!("mend it there, then: {}", called.whole())
        }
        DraftError::Path { .. } => what_lies_where(called),
        DraftError::NotInGit {
            removed: Some(removed),
            ..
        } => format!(
            "at version {0} it has a place: {1}",
            removed.last?,
            called.again_with("--to", &removed.last?.to_string())
        ),
        DraftError::NotInGit { name, .. } => {
            let put = format!("put {} FILE", quoted(name.as_str()));
            format!("if the server keeps it: {}", called.store(&put)?)
        }
        DraftError::NoProject {
            revision,
            is_from,
            base_paths,
            ..
        } => {
            let (why, option) = if *is_from {
                (
                    "if it has moved since, say where it was",
                    "--from-base-path",
                )
            } else {
                ("choose one", "--base-path")
            };
            let commands = base_paths.iter().take(MOST_PROJECTS);
            let commands = commands.map(|path| called.again_with(option, &quoted(path)));
            match &*commands.collect::<Vec<_>>() {
                [] => {
                    let status = format!("status {}", quoted(revision));
                    format!("see what it has: {}", called.everywhere(&status))
                }
                [only] => format!("{why}: {only}"),
                commands => format!("{why}:\n    {}", commands.join("\n    ")),
            }
        }
        DraftError::NotHeld {
            name,
            is_on_branch: true,
            ..
        } => format!(
            "see since when it is: {}",
            called.command(&format!(
                "log {} {} --migrations",
                called.revision(),
                quoted(name.as_str())
            ))
        ),
        DraftError::NotHeld { commit, .. } => format!(
            "see which documents there are: {}",
            called.command(&format!("preview --stat {commit}"))
        ),
        DraftError::NothingToRestoreInto { name, commit } => format!(
            "to restore all of it: {}",
            called.command(&format!(
                "restore {} --from {} {}",
                called.revision(),
                quoted(commit),
                quoted(name.as_str())
            ))
        ),
        DraftError::NotRestored {
            name,
            seen_in,
            version,
            missing_lookups,
            upgrade_to,
            ..
        } => {
            let explain = called.command(&format!(
                "explain {} {} --to {version}",
                quoted(seen_in),
                quoted(name.as_str())
            ));
            let mut hint = format!("see why: {explain}");
            if let Some(version) = upgrade_to {
                let upgrade = format!("upgrade {} --to {version} -m TEXT", called.revision());
                let (upgrade, again) = (called.command(&upgrade), called.whole());
                hint.push_str(&format!(
                    "\n    at version {version} it can be: {upgrade} && {again}"
                ));
            }
            answered_or(missing_lookups, hint, called)
        }
        DraftError::Value {
            source: ValueEditError::Find(error),
            name,
        } => {
            let version = called.to.clone();
            return of_find(error, called)
                .or_else(|| Some(see_document(&called.revision(), name, &version, called)));
        }
        DraftError::ValueNotRestored {
            source: TakeError::Find(error),
            name,
            commit,
            version,
        } => {
            let version = format!(" --to {version}");
            return of_find(error, called)
                .or_else(|| Some(see_document(&quoted(commit), name, &version, called)));
        }
        DraftError::ValueNotRestored {
            name,
            commit,
            version,
            ..
        } => format!(
            "see what was there: {}",
            called.command(&format!(
                "show {} {} --to {version}",
                quoted(commit),
                quoted(name.as_str())
            ))
        ),
        DraftError::NotRenamed(error) => match &error.refusal {
            RenameRefusal::NoSuchKind(error) => return of_unknown_kind(error, called),
            _ => return None,
        },
        DraftError::NoSuchKind { .. } => format!(
            "see which documents there are: {}",
            called.command(&format!("preview --stat {}", called.revision()))
        ),
        _ => return None,
    })
}

/// `revision` and `version` are parts of a command.
fn see_document(revision: &str, name: &DocumentName, version: &str, called: &Invocation) -> String {
    let show = format!("show {revision} {}{version}", quoted(name.as_str()));
    format!("see what there is: {}", called.command(&show))
}
