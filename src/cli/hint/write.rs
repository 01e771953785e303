//! What to do next where a commit is refused.

use crate::cli::failure::quoted;
use crate::cli::invocation::Invocation;
use crate::cli::put::put;
use crate::migrate::MigrationErrorKind;
use crate::project::{CommitError, DoubledDocument, DoubledIn, FailedDocument};
use crate::text::{folder, short_id};

use super::answers::answered_or;
use super::draft::{MOST_PROJECTS, of_draft};
use super::git;
use super::load::of_load;
use super::place::what_lies_where;
use super::store::of_store;

pub(super) fn of_commit(error: &CommitError, called: &Invocation) -> Option<String> {
    let revision = called.revision();
    Some(match error {
        CommitError::Load(error) => return of_load(error, called),
        CommitError::Git(error) => return git::of_git(error, called),
        CommitError::Store(error) => return of_store(error, called),
        CommitError::Draft(error) => return of_draft(error, called),
        CommitError::NotABranch { branch, named } => match branch {
            Some(branch) => {
                let again = called.revision.as_deref();
                let again = again.and_then(|revision| called.with(revision, branch));
                let branch = quoted(branch);
                format!("name the branch: {}", again.unwrap_or(branch))
            }
            None => match named
                .as_deref()
                .and_then(|named| called.local_branch(named))
            {
                Some((branch, command)) => {
                    format!(
                        "make it a branch of yours: {} branch {branch} {revision} && {command}",
                        called.git
                    )
                }
                None if called.begun_there().is_some() => {
                    format!("begin a branch there: {}", called.begun_there()?)
                }
                None => {
                    let again = called.revision.as_deref();
                    let again = again.and_then(|revision| called.with(revision, "NAME"))?;
                    format!(
                        "begin a branch there: {} branch NAME {revision} && {again}",
                        called.git
                    )
                }
            },
        },
        CommitError::ProjectElsewhere {
            base_path,
            base_paths,
        } => {
            let there = base_paths.iter().take(MOST_PROJECTS).map(|path| {
                let path = folder(path);
                let command = called.again(&format!("--base-path {}", quoted(path)));
                format!("to change the project at {path:?}: {command}\n    ")
            });
            format!(
                "{}to begin one at {:?} nevertheless: {}",
                there.collect::<String>(),
                folder(base_path),
                called.again(&format!("--base-path {}", quoted(folder(base_path))))
            )
        }
        CommitError::NoSteps { kind: Some(kind) } if called.host.own().is_none() => format!(
            "to begin one: {}",
            called.command(&format!("new modify {} first", quoted(kind)))
        ),
        CommitError::NoChange { is_migrated: true } => return None,
        CommitError::NoChange { is_migrated: false } => format!(
            "to migrate it alone: {}",
            called.command(&format!(
                "upgrade {revision} -m 'Migrate'{}{}",
                called.to, called.writing
            ))
        ),
        // A downgrade would leave the change out.
        CommitError::Downward { branch, .. } if called.name == "commit" => format!(
            "to write it at version {branch}: {}",
            called.again_with("--to", &branch.to_string())
        ),
        CommitError::Downward { target, .. } => format!(
            "see whether it can be written at {target}: {}",
            called.command(&format!(
                "downgrade {revision} --to {target} -m TEXT --dry-run"
            ))
        ),
        CommitError::BelowImport {
            target,
            lowest: Some(lowest),
            ..
        } if called.name == "downgrade" => format!(
            "to look at it: {}\n    to go down as far as can be written: {}",
            called.command(&format!("show {revision} --to {target}")),
            called.again_with("--to", &lowest.to_string())
        ),
        CommitError::BelowImport { target, .. } | CommitError::ComesInAgain { target, .. } => {
            format!(
                "to look at it: {}",
                called.command(&format!("show {revision} --to {target}"))
            )
        }
        CommitError::SetAside { .. } => format!(
            "to look at it nevertheless: {}",
            called.command(&format!("show {revision}{}", called.to))
        ),
        CommitError::NoStoreToAdopt => {
            format!("name it: {}", called.again("--store FILE"))
        }
        CommitError::UnknownVersions { versions } => {
            let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
            let option = format!("--accept-unknown {}", versions.join(","));
            format!("to accept them: {}", called.again(&option))
        }
        CommitError::MissingLookups { lookups } => {
            let keys = lookups.iter().map(|missing| &missing.lookup);
            let options: Vec<String> = keys
                .clone()
                .map(|key| format!("--accept-missing-lookup {}", quoted(&key.to_string())))
                .collect();
            let accept = format!(
                "to accept the defaults: {}",
                called.again(&options.join(" "))
            );
            answered_or(keys, accept, called)
        }
        CommitError::DoubledNames { documents } => of_doubled(documents.first()?, called),
        CommitError::FailedDocuments { documents } => {
            let first = documents.first()?;
            let mut why = format!("see why: {}", called.explain(first.name.as_str()));
            if documents.len() > 1 {
                let all = called.command(&format!("preview --stat {revision}{}", called.to));
                why.push_str(&format!("\n    see all of them: {all}"));
            }
            if let Some(mended) = mended_as_it_is(first, called) {
                why.push_str(&format!("\n    {mended}"));
            }
            let lookups = documents.iter().flat_map(|it| &it.missing_lookups);
            answered_or(lookups, why, called)
        }
        CommitError::NoStore { .. } | CommitError::UnknownProject { .. } => {
            let known = format!(
                "make the project known: {}\n    then put what is to be imported there: {}",
                called.store("init")?,
                called.store("put DOC FILE")?
            );
            match &*called.strays {
                [] => known,
                strays => {
                    let commands = strays.iter().map(|stray| called.known_as(stray));
                    let commands: Vec<String> = commands.collect();
                    format!(
                        "if it has moved, say how the store calls it: {}\n    if it is new, {known}",
                        commands.join("\n    or: ")
                    )
                }
            }
        }
        CommitError::StoreBehind { .. } => format!(
            "see what it would take: {}",
            called.command(&format!("adopt --dry-run {revision}"))
        ),
        CommitError::DamagedIntent { .. } => {
            format!("restore a backup: {}", called.store("restore FILE")?)
        }
        CommitError::Path { .. } => what_lies_where(called),
        CommitError::Unconfirmed { .. } => {
            format!(
                "see its state: {}",
                called.command(&format!("status {revision}"))
            )
        }
        _ => return None,
    })
}

/// How a text is mended that no step can run on: at its own version, as what is put isn't migrated.
fn mended_as_it_is(failed: &FailedDocument, called: &Invocation) -> Option<String> {
    let is_doubled = matches!(
        failed.error.kind,
        MigrationErrorKind::DoubledName { read: None, .. }
    );
    if !is_doubled || failed.path.is_none() || failed.written_at == 0 {
        return None;
    }
    let (branch, name) = (called.revision(), failed.name.as_str());
    let show = called.command(&format!("show {branch} {} --raw", quoted(name)));
    let (at, put) = (failed.written_at, put(name, "FILE"));
    let commit = called.command(&format!("commit {branch} -m TEXT --to {at} --put {put}"));
    Some(format!(
        "see it as it is: {show}\n    to mend it first, at its version: {commit}"
    ))
}

fn of_doubled(doubled: &DoubledDocument, called: &Invocation) -> String {
    let document = quoted(doubled.document.as_str());
    // As it will be written: what is put there isn't migrated.
    let show = |revision: &str, to: &str| {
        let show = called.command(&format!("show {revision} {document}{to}"));
        format!("see it: {show}")
    };
    let mended = |branch: &str, to: &str| {
        let put = put(doubled.document.as_str(), "FILE");
        called.command(&format!("commit {branch} -m TEXT{to} --put {put}"))
    };
    let (branch, to) = (called.revision(), &*called.to);
    match (&doubled.held_by, &*called.name) {
        (DoubledIn::Put, _) => format!("mend it there, then: {}", called.whole()),
        (DoubledIn::Branch, "commit") => {
            format!("mend it in the same commit; {}", show(&branch, to))
        }
        (DoubledIn::Branch, name) => {
            // A commit writes no lower version.
            let to = if name == "downgrade" { "" } else { to };
            let (show, mended) = (show(&branch, to), mended(&branch, to));
            format!("{show}\n    to mend it first: {mended}")
        }
        (DoubledIn::Commit(commit), "merge") => {
            let theirs = called.from.as_deref().map_or("THEIRS".into(), quoted);
            let (show, mended) = (show(&short_id(commit), to), mended(&theirs, to));
            format!("{show}\n    to mend it there first: {mended}")
        }
        (DoubledIn::Commit(commit), _) => {
            let (show, mended) = (show(&short_id(commit), to), mended(&branch, to));
            format!("{show}\n    to restore it mended: {mended}")
        }
    }
}
