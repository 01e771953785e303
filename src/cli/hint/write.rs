//! What to do next where a change, a restoration or a merge is refused.

use crate::catalog::DocumentName;
use crate::plan::PlanError;
use crate::project::{
    CommitError, DoubledDocument, DoubledIn, DraftError, LoadError, MergeBranchError, MergeSide,
    MergeSidesError,
};
use crate::references::RenameRefusal;
use crate::text::{folder, nearest, short_id};
use crate::values::{TakeError, ValueEditError};

use super::git;
use super::load::of_load;
use super::meant::{of_find, of_unknown_kind};
use super::store::of_store;
use crate::cli::failure::{quoted, short_name};
use crate::cli::invocation::Invocation;
use crate::cli::lookups::{fill_in, fill_in_first};
use crate::cli::put::put;

/// More projects than these aren't listed.
const MOST_PROJECTS: usize = 5;

pub(super) fn of_commit(error: &CommitError, called: &Invocation) -> Option<String> {
    let revision = called.revision();
    Some(match error {
        CommitError::Load(error) => return of_load(error, called),
        CommitError::Git(error) => return git::of_git(error, called),
        CommitError::Store(error) => return of_store(error, called),
        CommitError::Draft(error) => return of_draft(error, called),
        CommitError::NotABranch { branch, named } => match branch {
            Some(branch) => format!("name the branch: {}", quoted(branch)),
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
        CommitError::BelowImport { target, import, .. } if called.name == "downgrade" => format!(
            "to look at it: {}\n    to go down as far as can be written: {}",
            called.command(&format!("show {revision} --to {target}")),
            called.again_with("--to", &import.to_string())
        ),
        CommitError::BelowImport { target, .. } | CommitError::ComesInAgain { target, .. } => {
            format!(
                "to look at it: {}",
                called.command(&format!("show {revision} --to {target}"))
            )
        }
        CommitError::SetAside { .. } => format!(
            "to look at it nevertheless: {}",
            called.command(&format!("show {revision} --to N"))
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
            match called.store("lookup load -") {
                Some(load) if called.lacks_project => {
                    let init = called.store("init")?;
                    format!("{}\n    {accept}", fill_in_first(&init, &load, keys))
                }
                Some(load) => format!("{}\n    {accept}", fill_in(&load, keys)),
                None => accept,
            }
        }
        CommitError::DoubledNames { documents } => of_doubled(documents.first()?, called),
        CommitError::FailedDocuments { documents } => {
            let name = &documents.first()?.name;
            let why = called.explain(name.as_str());
            match documents.len() {
                1 => format!("see why: {why}"),
                _ => format!(
                    "see why: {why}\n    see all of them: {}",
                    called.command(&format!("preview --stat {revision}{}", called.to))
                ),
            }
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

fn of_doubled(doubled: &DoubledDocument, called: &Invocation) -> String {
    let name = quoted(doubled.document.as_str());
    match &doubled.held_by {
        DoubledIn::Branch => format!(
            "see it, and mend it in the same commit: {}",
            called.command(&format!("show {} {name} --raw", called.revision()))
        ),
        DoubledIn::Put => format!("mend it there, then: {}", called.whole()),
        DoubledIn::Commit(commit) => {
            let show = called.command(&format!("show {} {name} --raw", short_id(commit)));
            match &*called.name {
                "merge" => format!("mend it on that side first; see it: {show}"),
                _ => {
                    let put = put(doubled.document.as_str(), "FILE");
                    let put = format!("commit {} -m TEXT --put {put}", called.revision());
                    let put = called.command(&put);
                    format!("see it: {show}\n    to restore it mended: {put}")
                }
            }
        }
    }
}

/// `revision` and `version` are parts of a command.
fn see_document(revision: &str, name: &DocumentName, version: &str, called: &Invocation) -> String {
    let show = format!("show {revision} {}{version}", quoted(name.as_str()));
    format!("see what there is: {}", called.command(&show))
}

fn what_lies_where(called: &Invocation) -> String {
    format!(
        "see which files there are: {} ls-tree -r --name-only {}",
        called.git,
        called.revision()
    )
}

fn of_draft(error: &DraftError, called: &Invocation) -> Option<String> {
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
        DraftError::NothingToEdit { name, .. } => {
            format!("see why: {}", called.explain(name.as_str()))
        }
        DraftError::InvalidOcl { .. } => {
            format!("mend it there, then: {}", called.whole())
        }
        DraftError::Path { .. } => what_lies_where(called),
        DraftError::NotInGit { name, .. } => {
            let put = format!("put {} FILE", quoted(name.as_str()));
            format!("if the server keeps it: {}", called.store(&put)?)
        }
        DraftError::NoProject {
            revision,
            base_paths,
            ..
        } => {
            let (why, option) = if called.revision.as_ref() == Some(revision) {
                ("choose one", "--base-path")
            } else {
                (
                    "if it has moved since, say where it was",
                    "--from-base-path",
                )
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
            ..
        } => format!(
            "see why: {}",
            called.command(&format!(
                "explain {} {} --to {version}",
                quoted(seen_in),
                quoted(name.as_str())
            ))
        ),
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

pub(super) fn of_merge(error: &MergeBranchError, called: &Invocation) -> Option<String> {
    match error {
        MergeBranchError::Sides(MergeSidesError::Load {
            side: MergeSide::Base,
            source: LoadError::Plan(PlanError::BranchRetired { lifted_by, .. }),
            ..
        }) => Some(format!(
            "both come from that commit, which nothing upgrades any more: merge them with {lifted_by}"
        )),
        MergeBranchError::Sides(MergeSidesError::Load {
            revision, source, ..
        }) => of_load(source, &called.about(revision)),
        MergeBranchError::Sides(MergeSidesError::Unrelated { ours, theirs }) => {
            let (ours, theirs) = (quoted(short_name(ours)), quoted(short_name(theirs)));
            let restore = called.command(&format!("restore {ours} --from {theirs} DOC"));
            Some(format!("to take documents of it: {restore}"))
        }
        MergeBranchError::Sides(MergeSidesError::SeveralBases { ours, theirs, .. }) => {
            let (ours, theirs) = (quoted(short_name(ours)), quoted(short_name(theirs)));
            let restore = called.command(&format!("restore {ours} --from {theirs} -m TEXT"));
            Some(format!(
                "take the other one's documents: {restore}\n    then join the histories: {0} switch {ours} && {0} merge -s ours {theirs}",
                called.git
            ))
        }
        MergeBranchError::Sides(MergeSidesError::ProjectGone {
            side,
            revision,
            other,
            moved_to,
            ..
        }) => {
            let (revision, other) = (quoted(short_name(revision)), quoted(short_name(other)));
            let message = called.message.as_deref().map_or("TEXT".into(), quoted);
            let merge = |theirs: &str, into: &str| {
                called.everywhere(&format!("merge {theirs} --into {into} -m {message}"))
            };
            let first = || {
                let merge = merge(&other, &revision);
                format!("{merge}{}{}", called.to, called.writing)
            };
            Some(match (side, moved_to) {
                // Followed where it is ours that moved it, unless the other folder was asked for.
                (MergeSide::Ours, Some(_)) => {
                    format!("leave the base path out: {}", first())
                }
                (_, Some(_)) => format!(
                    "merge the other way round, and then move forward: {} && {}",
                    first(),
                    merge(&revision, &other)
                ),
                (side, None) => {
                    let (branch, theirs) = match side {
                        MergeSide::Theirs => (&other, &revision),
                        _ => (&revision, &other),
                    };
                    let git = &called.git;
                    let check = called.command(&format!("check {branch}"));
                    format!(
                        "merge by Git: {git} switch {branch} && {git} merge {theirs}\n    then look at the result: {check}"
                    )
                }
            })
        }
        MergeBranchError::NoConflictAt { address, conflicts } => {
            let meant = nearest(address, conflicts.iter().map(String::as_str));
            let command = meant.and_then(|meant| Some((meant, called.with(address, meant)?)));
            Some(match command {
                Some((meant, command)) => format!("did you mean {meant}? {command}"),
                None => "leave the address out, and see what each side has".to_owned(),
            })
        }
        MergeBranchError::NotLifted {
            documents,
            ours,
            theirs,
        } => {
            let document = documents.first()?;
            let mut sides = document.failures.iter();
            let revision = sides.find_map(|(side, _)| match side {
                MergeSide::Base => None,
                MergeSide::Ours => Some(ours),
                MergeSide::Theirs => Some(theirs),
            });
            let revision = match revision {
                Some(revision) => quoted(short_name(revision)),
                None => {
                    let [ours, theirs] = [ours, theirs].map(|side| quoted(short_name(side)));
                    format!("$({} merge-base {ours} {theirs})", called.git)
                }
            };
            let name = quoted(document.name.as_str());
            let explain = called.command(&format!("explain {revision} {name}{}", called.to));
            Some(format!("see why: {explain}"))
        }
        MergeBranchError::InProject { base_path, source } => {
            of_merge(source, &called.at(base_path))
        }
        MergeBranchError::Theirs { theirs, .. } => {
            let adopt = format!("adopt --dry-run {}", quoted(short_name(theirs)));
            Some(format!(
                "see what it would take: {}",
                called.command(&adopt)
            ))
        }
        _ => None,
    }
}
