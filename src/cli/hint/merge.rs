//! What to do next where a merge is refused.

use crate::cli::failure::{quoted, short_name};
use crate::cli::invocation::Invocation;
use crate::plan::PlanError;
use crate::project::{LoadError, MergeBranchError, MergeSide, MergeSidesError};
use crate::text::nearest;

use super::answers::answered_or;
use super::load::of_load;

pub(super) fn of_merge(error: &MergeBranchError, called: &Invocation) -> Option<String> {
    match error {
        MergeBranchError::Sides(MergeSidesError::Load {
            side: MergeSide::Base,
            source: LoadError::Plan(PlanError::BranchRetired { lifted_by, .. }),
            ..
        }) => Some(format!(
            "both come from that commit, which nothing upgrades any more: merge them with {lifted_by}"
        )),
        // Which of the two it writes to matters where it isn't there.
        MergeBranchError::Sides(MergeSidesError::Load {
            source: source @ LoadError::Git(_),
            ..
        }) => of_load(source, called),
        MergeBranchError::Sides(MergeSidesError::Load {
            revision, source, ..
        }) => of_load(source, &called.about(revision)),
        MergeBranchError::Sides(MergeSidesError::Below { .. }) => Some(format!(
            "at the highest of their versions: {}",
            called.again_without("--to")
        )),
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
            let failures = documents.iter().flat_map(|document| &document.failures);
            let missing = failures.flat_map(|(_, failure)| &failure.missing_lookups);
            Some(answered_or(missing, format!("see why: {explain}"), called))
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
