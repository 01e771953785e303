//! What to do next where Git refused something.

use std::path::Path;

use crate::git::{self, RefScope, Repository, UncleanFile};
use crate::text::nearest;

use super::place::look_at;
use crate::cli::failure::{quoted, short_name};
use crate::cli::invocation::Invocation;

/// More files than these make a command that nobody reads.
const MOST_TO_STASH: usize = 5;

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
                if called.writes_to(revision) && meant.ends_with(&format!("/{revision}")) =>
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
                quoted(&git_dir.to_string_lossy())
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
                && called.writes_to(revision)
                && !called.begins()
                && can_be_begun(revision) =>
            {
                let has_commits = |repository: Repository| repository.resolve("HEAD").is_ok();
                let begin = match Repository::discover(git_dir).is_ok_and(has_commits) {
                    // Nobody upgrades a branch that isn't there: it is mistyped.
                    true if called.name == "upgrade" => return Some(see_refs(called)),
                    true => "--new --from HEAD",
                    false => "--new",
                };
                format!("to begin it as a branch: {}", called.again(begin))
            }
            _ => see_refs(called),
        },
        git::Error::InvalidRevision { .. } => see_refs(called),
        git::Error::Io { path, .. } => look_at(&path.to_string_lossy()),
        // Git's own check would fail for the same reason.
        git::Error::Storage {
            git_dir, reason, ..
        } if reason.to_lowercase().contains("permission denied") => {
            let git_dir = quoted(&git_dir.to_string_lossy());
            if called.writes() {
                format!("see who may write it: find {git_dir} -type d ! -writable -o ! -readable")
            } else {
                format!("see who may read it: find {git_dir} ! -readable")
            }
        }
        git::Error::Storage {
            git_dir, reason, ..
        } if reason.to_lowercase().contains("no space left") => {
            format!(
                "see how full the disk is: df -h {}",
                quoted(&git_dir.to_string_lossy())
            )
        }
        git::Error::Storage {
            git_dir, reason, ..
        } if reason.to_lowercase().contains("read-only file system") => {
            format!(
                "see how it is mounted: findmnt -T {}",
                quoted(&git_dir.to_string_lossy())
            )
        }
        git::Error::Storage { git_dir, .. } => format!(
            "check it: git -C {} fsck",
            quoted(&git_dir.to_string_lossy())
        ),
        git::Error::LeftOutOfPartialClone { .. } => {
            format!("fetch it with: {}", error.fetch_command()?)
        }
        git::Error::CutOffHistory { .. } => {
            format!("fetch the rest of the history: {}", error.fetch_command()?)
        }
        git::Error::NotClean {
            work_tree, files, ..
        } => {
            let git = git_in(work_tree);
            if files.len() <= MOST_TO_STASH
                && files.iter().any(|file| file.is_outside_sparse_checkout)
            {
                return Some(move_out_of_the_way(&git, work_tree, files, called));
            }
            if has_no_commit(work_tree) && files.len() <= MOST_TO_STASH {
                return Some(move_away(&git, work_tree, files, called));
            }
            if let Some(looking) = look_again(&git, files) {
                return Some(looking);
            }
            if files.len() <= MOST_TO_STASH
                && let Some(again) = bring_back(&git, work_tree, files, called)
            {
                return Some(again);
            }
            let can_be_stashed = |file: &UncleanFile| file.state != "ignored";
            if files.len() > MOST_TO_STASH || !files.iter().all(can_be_stashed) {
                return Some(format!("see them: {git} status --ignored"));
            }
            let stash = format!(
                "{git} stash push --include-untracked -- {}",
                quoted_paths(files)
            );
            if let Some((copies, again)) = copy_away(work_tree, files, called) {
                return Some(format!(
                    "what is to be put lies in their way itself: copy it first, then set them aside: {copies} && {stash} && \
                     {again}\n    they stay in: {git} stash list"
                ));
            }
            set_aside(&git, work_tree, files, called)
        }
        git::Error::NotSigned { .. } => format!(
            "to commit without a signature: {}",
            called.again("--no-gpg-sign")
        ),
        git::Error::InProgress { work_tree, .. } => {
            format!("see how: {} status", git_in(work_tree))
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
                let work_tree = quoted(&work_tree.to_string_lossy());
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
            git_in(work_tree),
            quoted_paths(files)
        ),
        git::Error::NotFollowed { work_tree, .. } | git::Error::LeftStaged { work_tree, .. } => {
            format!("see its state: {} status", git_in(work_tree))
        }
        git::Error::MovedButNotFlushed { name, .. } => format!(
            "see its state: {}",
            called.command(&format!("status {}", quoted(name)))
        ),
        git::Error::BlobTooLarge { id, .. } | git::Error::TreeTooLarge { id, .. } => {
            format!("see what it is: {} show {id}", called.git)
        }
        git::Error::WrongKind { id, git_dir, .. } => {
            format!(
                "see what it is: git -C {} show {id}",
                quoted(&git_dir.to_string_lossy())
            )
        }
        git::Error::ObjectNotFound { git_dir, .. } => {
            format!(
                "see what else is missing: git -C {} fsck",
                quoted(&git_dir.to_string_lossy())
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

/// The command where a stash doesn't help: it would take up a deletion again as a conflict, and it never cleans files whose line
/// ends in the repository aren't those that Git's attributes ask for.
fn bring_back(
    git: &str,
    work_tree: &Path,
    files: &[UncleanFile],
    called: &Invocation,
) -> Option<String> {
    let held = |file: &UncleanFile| {
        let reader = Repository::discover(work_tree).ok()?.reader();
        let tree = reader.resolve("HEAD").ok()?.tree;
        Some(reader.entry(tree, &file.path).ok()??.id)
    };
    let is_gone = |file: &&UncleanFile| {
        let is_there = work_tree.join(&file.path).symlink_metadata().is_ok();
        !is_there && held(file).is_some()
    };
    let gone: Vec<UncleanFile> = files.iter().filter(is_gone).cloned().collect();
    if !gone.is_empty() {
        return Some(format!(
            "bring back what was deleted, and then remove what is to go in a commit: {git} restore --staged --worktree -- {} && {}",
            quoted_paths(&gone),
            called.whole()
        ));
    }
    let is_as_held = |file: &&UncleanFile| {
        let id = || {
            let bytes = std::fs::read(work_tree.join(&file.path)).ok()?;
            let repository = Repository::discover(work_tree).ok()?;
            repository.blob_id(&bytes).ok()
        };
        file.state == "modified" && held(file).is_some_and(|held| id() == Some(held))
    };
    let as_held: Vec<UncleanFile> = files.iter().filter(is_as_held).cloned().collect();
    let paths = quoted_paths(&as_held);
    (!as_held.is_empty()).then(|| {
        format!(
            "the files are as the branch has them, and .gitattributes asks for other line ends; let Git mend those first: \
             {git} add --renormalize -- {paths} && {git} commit -m 'Normalize line ends' -- {paths} && {}",
            called.whole()
        )
    })
}

fn see_refs(called: &Invocation) -> String {
    format!("see what there is: {}", called.command("status --all"))
}

/// The commands that set files aside, go on, and take up again what Git can put back: an untracked file it can't, once the commit has
/// put another in its place.
fn set_aside(git: &str, work_tree: &Path, files: &[UncleanFile], called: &Invocation) -> String {
    let (untracked, changed): (Vec<UncleanFile>, Vec<UncleanFile>) = files
        .iter()
        .cloned()
        .partition(|file| file.state == "untracked");
    let mut commands = moves_aside(work_tree, &untracked);
    if changed.is_empty() {
        commands.push(called.whole());
        return format!(
            "move them away, to stay beside it as FILE.mine: {}",
            commands.join(" && ")
        );
    }
    let paths = quoted_paths(&changed);
    commands.push(format!("{git} stash push --include-untracked -- {paths}"));
    let is_staged = changed.iter().any(|file| file.state == "staged");
    // Without it, Git forgets what was staged. With it, it refuses where something else is staged, too.
    let index = if is_staged { " --index" } else { "" };
    commands.extend([called.whole(), format!("{git} stash pop{index}")]);
    let stay = if untracked.is_empty() {
        ""
    } else {
        " (what is untracked stays beside it as FILE.mine)"
    };
    format!(
        "set them aside, and take them up again afterwards{stay}: {}",
        commands.join(" && ")
    )
}

/// Whether a work tree is on a branch without a commit: nothing can be stashed there.
fn has_no_commit(work_tree: &Path) -> bool {
    Repository::discover(work_tree).is_ok_and(|repository| repository.resolve("HEAD").is_err())
}

/// The commands that move files away where nothing can be stashed, and go on.
fn move_away(git: &str, work_tree: &Path, files: &[UncleanFile], called: &Invocation) -> String {
    let mut commands = Vec::new();
    let staged = files.iter().filter(|file| file.state == "staged");
    let staged: Vec<UncleanFile> = staged.cloned().collect();
    if !staged.is_empty() {
        let paths = quoted_paths(&staged);
        commands.push(format!("{git} rm -q -f --cached -- {paths}"));
    }
    commands.extend(moves_aside(work_tree, files));
    let moves = commands.join(" && ");
    match copy_away(work_tree, files, called) {
        Some((copies, again)) => format!(
            "what is to be put lies in their way itself: copy it first, then move them away, to stay beside it as FILE.mine, as \
             there is no commit yet to stash them on: {copies} && {moves} && {again}"
        ),
        None => format!(
            "move them away, to stay beside it as FILE.mine, as there is no commit yet to stash them on: {moves} && {}",
            called.whole()
        ),
    }
}

/// The commands that move files away which a sparse checkout leaves out, where `git stash` doesn't reach them, set the others
/// aside, and go on.
fn move_out_of_the_way(
    git: &str,
    work_tree: &Path,
    files: &[UncleanFile],
    called: &Invocation,
) -> String {
    let (outside, inside): (Vec<UncleanFile>, Vec<UncleanFile>) = files
        .iter()
        .cloned()
        .partition(|file| file.is_outside_sparse_checkout);
    let (copies, again) = match copy_away(work_tree, files, called) {
        Some((copies, again)) => (Some(copies), again),
        None => (None, called.whole()),
    };
    let mut commands: Vec<String> = copies.into_iter().collect();
    commands.extend(moves_aside(work_tree, &outside));
    commands.push(format!("{git} reset -q -- {}", quoted_paths(&outside)));
    commands.push(format!("{git} sparse-checkout reapply"));
    let mut kept = String::new();
    if inside.is_empty() {
        commands.push(again);
    } else {
        let paths = quoted_paths(&inside);
        commands.push(format!("{git} stash push --include-untracked -- {paths}"));
        commands.push(again);
        kept = format!("\n    the others stay in: {git} stash list");
    }
    format!(
        "the sparse checkout leaves them out, so move them away, to stay beside it as FILE.mine: {}{kept}",
        commands.join(" && ")
    )
}

/// The commands that give files another name.
fn moves_aside(work_tree: &Path, files: &[UncleanFile]) -> Vec<String> {
    let paths = files.iter().map(|file| work_tree.join(&file.path));
    let there = paths.filter(|path| path.symlink_metadata().is_ok());
    let moves = there.map(|path| {
        let path = path.to_string_lossy();
        let aside = quoted(&format!("{path}.mine"));
        format!("mv -n {} {aside}", quoted(&path))
    });
    moves.collect()
}

/// Where `--put` names some of these files: commands that copy those to where no stash takes them from, and the same command
/// with the copies.
fn copy_away(
    work_tree: &Path,
    files: &[UncleanFile],
    called: &Invocation,
) -> Option<(String, String)> {
    let whole = |file: &Path| std::fs::canonicalize(file).ok();
    let mut copies = Vec::new();
    let mut words = vec![called.host.called().to_owned()];
    let mut is_value = false;
    for word in &called.words {
        let put = match word.strip_prefix("--put=") {
            Some(put) => Some(("--put=", put)),
            None => is_value.then_some(("", word.as_str())),
        };
        is_value = word == "--put" && !is_value;
        let in_the_way = put.and_then(|(option, put)| {
            let (document, file) = put.split_once('=')?;
            let file = whole(Path::new(file))?;
            let mut files = files.iter();
            let found =
                files.find(|it| whole(&work_tree.join(&it.path)).as_ref() == Some(&file))?;
            let copy = found.path.trim_start_matches('.').replace('/', "-");
            let copy = format!("/tmp/{copy}");
            copies.push(format!(
                "cp {} {}",
                quoted(&file.to_string_lossy()),
                quoted(&copy)
            ));
            Some(format!("{option}{document}={copy}"))
        });
        words.push(quoted(&in_the_way.unwrap_or_else(|| word.clone())));
    }
    (!copies.is_empty()).then(|| (copies.join(" && "), words.join(" ")))
}

/// Where Git was told not to look at some of these files: the command that lets it look again.
fn look_again(git: &str, files: &[UncleanFile]) -> Option<String> {
    let marks = ["assume-unchanged", "skip-worktree"];
    let commands = marks.iter().filter_map(|mark| {
        let marked = files.iter().filter(|file| file.state.ends_with(mark));
        let paths: Vec<String> = marked.map(|file| quoted(&file.path)).collect();
        let paths = paths.join(" ");
        (!paths.is_empty()).then(|| format!("{git} update-index --no-{mark} -- {paths}"))
    });
    let commands: Vec<String> = commands.collect();
    (!commands.is_empty()).then(|| {
        format!(
            "Git was told not to look at them: let it, and see what they hold: {} && {git} status",
            commands.join(" && ")
        )
    })
}

fn quoted_paths(files: &[UncleanFile]) -> String {
    let paths: Vec<String> = files.iter().map(|file| quoted(&file.path)).collect();
    paths.join(" ")
}

fn git_in(work_tree: &Path) -> String {
    format!("git -C {}", quoted(&work_tree.to_string_lossy()))
}

/// The name in `name~3`, `name^` or `name@{1}`.
fn split_revision(revision: &str) -> Option<&str> {
    let end = revision.find(['~', '^', '@'])?;
    Some(&revision[..end]).filter(|name| !name.is_empty())
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
