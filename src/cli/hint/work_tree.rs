//! What to do next where files of a work tree stand in the way.

use std::path::Path;

use crate::cli::failure::quoted;
use crate::cli::invocation::Invocation;
use crate::git::{Repository, UncleanFile};

/// More files than these make a command that nobody reads.
const MOST_TO_STASH: usize = 5;

/// The states of what Git doesn't know: it is moved away, as no stash puts it back.
const IN_THE_WAY: [&str; 3] = [
    "untracked",
    "in the way of a folder",
    "a folder in its place",
];

pub(super) fn of_unclean(
    work_tree: &Path,
    files: &[UncleanFile],
    called: &Invocation,
) -> Option<String> {
    let git = git_in(work_tree, called);
    if files.len() <= MOST_TO_STASH && files.iter().any(|file| file.is_outside_sparse_checkout) {
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
    Some(set_aside(&git, work_tree, files, called))
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
    let forgotten = files
        .iter()
        .filter(|file| file.state == "no longer tracked");
    let forgotten: Vec<UncleanFile> = forgotten.cloned().collect();
    if !forgotten.is_empty() {
        return Some(format!(
            "Git was told to forget files that lie there still; let it know them first, and remove in a commit what is to go: {git} restore \
             --staged -- {} && {}",
            quoted_paths(&forgotten),
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

/// The commands that set files aside, go on, and take up again what Git can put back: an untracked file it can't, once the commit has
/// put another in its place.
fn set_aside(git: &str, work_tree: &Path, files: &[UncleanFile], called: &Invocation) -> String {
    let (untracked, changed): (Vec<UncleanFile>, Vec<UncleanFile>) = files
        .iter()
        .cloned()
        .partition(|file| IN_THE_WAY.contains(&file.state));
    let mut commands = moves_aside(work_tree, &untracked, called);
    if changed.is_empty() {
        commands.push(called.whole());
        return format!(
            "move them away, to stay beside it as FILE.mine: {}",
            commands.join(" && ")
        );
    }
    if changed.iter().any(|file| file.state == "staged") {
        // Without `--index`, Git forgets what was staged; with it, it refuses where something else stayed staged.
        let stash = format!("{git} stash push");
        commands.extend([stash, called.whole(), format!("{git} stash pop --index")]);
    } else {
        let paths = quoted_paths(&changed);
        let stash = format!("{git} stash push --include-untracked -- {paths}");
        commands.extend([stash, called.whole(), format!("{git} stash pop")]);
    }
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
    commands.extend(moves_aside(work_tree, files, called));
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
    commands.extend(moves_aside(work_tree, &outside, called));
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
fn moves_aside(work_tree: &Path, files: &[UncleanFile], called: &Invocation) -> Vec<String> {
    let paths = files.iter().map(|file| work_tree.join(&file.path));
    let there = paths.filter(|path| path.symlink_metadata().is_ok());
    let moves = there.map(|path| {
        let aside = format!("{}.mine", path.display());
        format!("mv -n {} {}", called.path(path), called.path(aside))
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

pub(super) fn quoted_paths(files: &[UncleanFile]) -> String {
    let paths: Vec<String> = files.iter().map(|file| quoted(&file.path)).collect();
    paths.join(" ")
}

pub(super) fn git_in(work_tree: &Path, called: &Invocation) -> String {
    format!("git -C {}", called.path(work_tree))
}
