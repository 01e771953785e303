//! What to do next where Git refused something.

use std::io::ErrorKind;
use std::path::Path;

use crate::git::{self, RefScope, Repository};
use crate::text::nearest;

use super::place::look_at;
use super::work_tree::{git_in, of_unclean, quoted_paths};
use crate::cli::failure::{quoted, short_name};
use crate::cli::invocation::Invocation;

pub(super) fn of_git(error: &git::Error, called: &Invocation) -> Option<String> {
    Some(match error {
        git::Error::RepositoryNotFound { .. } => {
            let program = called.host.called();
            match called.host.own() {
                Some(_) => format!("name a repository: {program} -C DIR status"),
                None => format!(
                    "name a repository: {program} -C DIR status\n    or try one out: {program} demo"
                ),
            }
        }
        git::Error::RevisionNotFound {
            revision,
            git_dir,
            is_cut_off,
            ..
        } => match (split_revision(revision), near_ref(revision, git_dir)) {
            // Only a remote has it, and no remote's branch is written to.
            (None, Some(meant))
                if called.takes_branch(revision) && meant.ends_with(&format!("/{revision}")) =>
            {
                format!(
                    "make it a branch of yours: {} branch {} {} && {}",
                    called.git,
                    quoted(revision),
                    quoted(&meant),
                    called.whole()
                )
            }
            (_, None) if *is_cut_off => format!(
                "fetch the rest of the history: git -C {} fetch --unshallow",
                called.path(git_dir)
            ),
            // The ref may be there, and what is asked of it not.
            (Some(name), None) => format!(
                "see how far it goes back: {} log --oneline {}",
                called.git,
                quoted(name)
            ),
            (None, Some(meant)) => match called.with(revision, &meant) {
                Some(command) => format!("did you mean {meant}? {command}"),
                None => format!("did you mean {meant}?"),
            },
            _ if called.can_begin()
                && called.takes_branch(revision)
                && !called.begins()
                && can_be_begun(revision) =>
            {
                let repository = Repository::discover(git_dir).ok();
                let refs = || {
                    repository
                        .as_ref()?
                        .ref_names(RefScope::BranchesAndTags)
                        .ok()
                };
                let has_head = repository
                    .as_ref()
                    .is_some_and(|it| it.resolve("HEAD").is_ok());
                let has_refs = has_head || refs().is_some_and(|refs| !refs.is_empty());
                match (has_refs, has_head) {
                    // Nobody upgrades a branch that isn't there: it is mistyped.
                    (true, _) if called.name == "upgrade" => return Some(see_refs(called)),
                    (_, true) => format!(
                        "to begin it as a branch: {}",
                        called.again("--new --from HEAD")
                    ),
                    // Beside others, it doesn't go without saying.
                    (true, false) => format!(
                        "to begin it as a branch, from another or with nothing:\n    {}\n    {}",
                        called.again("--new --from BRANCH"),
                        called.again("--new --orphan")
                    ),
                    (false, false) => format!("to begin it as a branch: {}", called.again("--new")),
                }
            }
            _ => see_refs(called),
        },
        git::Error::InvalidRevision { .. } => see_refs(called),
        git::Error::Io { path, source, .. } => {
            let folder = path.parent().unwrap_or(path);
            match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => how_full(folder, called),
                ErrorKind::ReadOnlyFilesystem => how_mounted(folder, called),
                _ => look_at(&path.to_string_lossy(), called),
            }
        }
        // Git's own check would fail for the same reason.
        git::Error::Storage {
            git_dir, reason, ..
        } if reason.to_lowercase().contains("permission denied") => {
            let git_dir = called.path(git_dir);
            if called.writes() {
                format!("see who may write it: find {git_dir} -type d ! -writable -o ! -readable")
            } else {
                format!("see who may read it: find {git_dir} ! -readable")
            }
        }
        git::Error::Storage {
            git_dir, reason, ..
        } if says_full(reason) => how_full(git_dir, called),
        git::Error::NotFollowed {
            work_tree, reason, ..
        } if says_full(reason) && work_tree.exists() => how_full(work_tree, called),
        git::Error::Storage {
            git_dir, reason, ..
        } if reason.to_lowercase().contains("read-only file system") => {
            how_mounted(git_dir, called)
        }
        git::Error::Storage { git_dir, .. } => {
            format!("check it: git -C {} fsck", called.path(git_dir))
        }
        git::Error::LeftOutOfPartialClone { .. } => {
            format!("fetch it with: {}", error.fetch_command()?)
        }
        git::Error::CutOffHistory { .. } => {
            format!("fetch the rest of the history: {}", error.fetch_command()?)
        }
        git::Error::NotClean {
            work_tree, files, ..
        } => {
            return of_unclean(work_tree, files, called);
        }
        git::Error::NotSigned { .. } => format!(
            "to commit without a signature: {}",
            called.again("--no-gpg-sign")
        ),
        git::Error::InProgress { work_tree, .. } => {
            format!("see how: {} status", git_in(work_tree, called))
        }
        git::Error::SeveralWorkTrees { .. } => {
            format!("see what each has: {} worktree list", called.git)
        }
        git::Error::NotFollowed {
            work_tree,
            is_locked,
            ..
        } if !work_tree.exists() => {
            let git = &called.git;
            let unlock = if *is_locked {
                let work_tree = called.path(work_tree);
                format!("{git} worktree unlock {work_tree} && ")
            } else {
                String::new()
            };
            format!(
                "if its folder won't come back, let Git forget it: {unlock}{git} worktree prune && {}",
                called.whole()
            )
        }
        git::Error::NotFollowed {
            work_tree, files, ..
        } if !files.is_empty() && files.iter().all(|file| file.state == "deleted") => format!(
            "when that is mended, bring them back: {} restore -- {}",
            git_in(work_tree, called),
            quoted_paths(files)
        ),
        git::Error::NotFollowed { work_tree, .. } | git::Error::LeftStaged { work_tree, .. } => {
            format!("see its state: {} status", git_in(work_tree, called))
        }
        git::Error::MovedButNotFlushed { name, .. } => format!(
            "see its state: {}",
            called.command(&format!("status {}", quoted(name)))
        ),
        git::Error::BlobTooLarge { id, .. } | git::Error::TreeTooLarge { id, .. } => {
            format!("see what it is: {} show {id}", called.git)
        }
        git::Error::WrongKind { id, git_dir, .. } => {
            format!("see what it is: git -C {} show {id}", called.path(git_dir))
        }
        git::Error::ObjectNotFound { git_dir, .. } => {
            format!(
                "see what else is missing: git -C {} fsck",
                called.path(git_dir)
            )
        }
        git::Error::Locked { .. } => format!(
            "see which locks are left over: {}",
            called.command("doctor")
        ),
        git::Error::RefNameClash { .. } | git::Error::SymbolicRef { .. } => {
            format!("see which refs there are: {} for-each-ref", called.git)
        }
        // Git itself allows it.
        git::Error::InvalidRefName { name, .. } if is_taken_for_another(name) => format!(
            "under another name: {}",
            called.with(short_name(name), "NAME")?
        ),
        git::Error::InvalidRefName { name, .. } => {
            format!(
                "see what Git says about it: git check-ref-format --branch {}",
                quoted(name)
            )
        }
        _ => return None,
    })
}

/// Whether the system or Git says that there is no space left.
fn says_full(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    reason.contains("no space left") || reason.contains("out of diskspace")
}

fn how_full(folder: &Path, called: &Invocation) -> String {
    format!("see how full the disk is: df -h {}", called.path(folder))
}

fn how_mounted(folder: &Path, called: &Invocation) -> String {
    format!("see how it is mounted: findmnt -T {}", called.path(folder))
}

fn see_refs(called: &Invocation) -> String {
    format!("see what there is: {}", called.command("status --all"))
}

/// The name in `name~3`, `name^` or `name@{1}`.
fn split_revision(revision: &str) -> Option<&str> {
    let end = revision.find(['~', '^', '@'])?;
    Some(&revision[..end]).filter(|name| !name.is_empty())
}

/// The same command with the ref that was probably meant by a word that is none.
pub(super) fn of_no_ref(word: &str, git_dir: &Path, called: &Invocation) -> Option<String> {
    let meant = near_ref(word, git_dir)?;
    let command = called.with(word, &meant)?;
    Some(format!("did you mean {meant}? {command}"))
}

/// The branch or tag that was probably meant.
fn near_ref(revision: &str, git_dir: &Path) -> Option<String> {
    let repository = Repository::discover(git_dir).ok()?;
    if split_revision(revision).is_some_and(|name| repository.resolve(name).is_ok()) {
        return None;
    }
    let refs = repository.ref_names(RefScope::All).ok()?;
    // A fresh clone has one branch of its own; the others are the remote's.
    let of_a_remote = refs
        .iter()
        .filter_map(|name| name.strip_prefix("refs/remotes/"));
    let tail = format!("/{revision}");
    if let Some(found) = of_a_remote.into_iter().find(|name| name.ends_with(&tail)) {
        return Some(found.to_owned());
    }
    let names = refs.iter().map(|name| {
        let short = name.strip_prefix("refs/heads/");
        short.or(name.strip_prefix("refs/tags/")).unwrap_or(name)
    });
    nearest(revision, names.filter(|name| *name != revision)).map(str::to_owned)
}

/// Whether a branch of this name, short or full, can be made.
fn can_be_begun(revision: &str) -> bool {
    if revision.starts_with("refs/") {
        git::check_new_branch_name(revision).is_ok()
    } else {
        git::check_new_branch_name(&format!("refs/heads/{revision}")).is_ok()
    }
}

/// Whether Git allows a branch of this name, and takes the name for something else.
fn is_taken_for_another(name: &str) -> bool {
    short_name(name) == "HEAD" || git::check_branch_name(name).is_ok()
}
