//! Files that no kind claims, merged as Git merges them.

use std::collections::{BTreeMap, BTreeSet};

use super::error::MergeBranchError;
use super::in_the_way::InTheWay;
use super::model::FileConflict;
use crate::engine::join;
use crate::git::{EntryKind, FileDifference, GitProgram, Target};
use crate::merge::Side;
use crate::project::read::loaded::Loaded;
use crate::project::read::merge_sides::MergeSides;
use crate::project::write::merged_in::OtherFile;

/// What becomes of the files that no kind claims.
#[derive(Default)]
pub(super) struct MergedFiles {
    pub(super) files: Vec<OtherFile>,
    pub(super) conflicts: Vec<FileConflict>,
}

/// How a conflict about a path is settled, if it is.
pub(super) type SettleFile<'s> = &'s dyn Fn(&str) -> Option<Side>;

/// Merges them. Where only one side changed such files, or the two changed different ones and neither moved any, no program is
/// needed: the outcome is Git's then.
///
/// `beside` are the other projects that take a merge.
pub(super) fn merge_files(
    sides: &MergeSides,
    beside: &[MergeSides],
    git: Option<&GitProgram>,
    settle: SettleFile<'_>,
) -> Result<MergedFiles, MergeBranchError> {
    let repository = sides.ours().project().repository();
    let reader = repository.reader();
    let claimed = Claimed::of(sides, beside);
    let tree = |loaded: &Loaded| loaded.tip().map(|tip| tip.tree);
    // Of several, none is what Git takes: whatever differs between the sides is left to it then.
    let is_one = sides.bases().count() == 1;
    let base = if is_one { sides.base() } else { sides.ours() };
    let base = tree(base);
    let theirs = reader.differences(base, tree(sides.theirs()))?;
    if theirs.is_empty() {
        return Ok(MergedFiles::default());
    }
    let ours = if is_one {
        reader.differences(base, tree(sides.ours()))?
    } else {
        theirs.clone()
    };
    let mut merged = MergedFiles::default();
    if let Some(difference) = theirs.iter().find(|it| it.path.as_str().is_none()) {
        let path = difference.path.to_string();
        return Err(MergeBranchError::NotUtf8 { path });
    }
    let is_moved_into =
        follows_documents(&theirs, &ours, &claimed) || follows_documents(&ours, &theirs, &claimed);
    let is_in_the_way = is_file_at_folder(&theirs, &ours) || is_file_at_folder(&ours, &theirs);
    let theirs = claimed.others(theirs, &claimed.theirs, &mut merged);
    let ours = claimed.others(ours, &claimed.ours, &mut merged);
    let is_free = theirs.iter().all(|(path, their)| match ours.get(path) {
        None => true,
        Some(our) => our.to == their.to,
    });
    let moves_none = |side: &BTreeMap<String, FileDifference>| {
        let mut differences = side.values();
        differences.all(|difference| difference.to.is_some())
    };
    let is_simple = !is_moved_into
        && !is_in_the_way
        && (ours.is_empty() || is_free && moves_none(&ours) && moves_none(&theirs));
    if theirs.is_empty() || is_one && is_simple {
        let taken = theirs
            .into_iter()
            .filter(|(path, _)| !ours.contains_key(path));
        merged.files.extend(taken.map(|(path, their)| OtherFile {
            path,
            before: their.from,
            after: their.to,
            content: None,
        }));
        return Ok(merged);
    }
    let Some(git) = git else {
        let paths = theirs.into_keys().filter(|path| ours.contains_key(path));
        let paths = paths.collect();
        return Err(MergeBranchError::NoGitProgram { paths });
    };
    let (our, their) = (sides.ours().commit(), sides.theirs().commit());
    let by_git = git.merge(repository, our, their)?;
    let at = |loaded: &Loaded, path: &str| -> Result<Target, MergeBranchError> {
        let Some(tree) = tree(loaded) else {
            return Ok(None);
        };
        let entry = reader.entry(tree, path)?;
        let file = entry.filter(|entry| entry.kind != EntryKind::Tree);
        Ok(file.map(|entry| (entry.id, entry.kind)))
    };
    let mut settled = BTreeSet::new();
    let mut in_the_way = Vec::new();
    // Of these, the file is right, and the folder goes.
    let mut files_alone = Vec::new();
    let trees = [tree(sides.ours()), tree(sides.theirs())];
    for (path, message) in by_git.conflicts {
        if claimed.is_claimed(&path) {
            continue;
        }
        if let Some(found) = InTheWay::of(&reader, (&path, &message), trees)? {
            match settle(&path).or_else(|| settle(&found.path)) {
                None => merged.conflicts.push(FileConflict { path, message }),
                Some(side) if side != found.file_of => in_the_way.push(found),
                Some(_) if claimed.is_any_below(&found) => {
                    let folder = &found.path;
                    let message = format!(
                        "documents lie in the folder {folder}: take the folder, and give the file another name"
                    );
                    merged.conflicts.push(FileConflict { path, message });
                }
                Some(_) => {
                    merged.files.extend(found.file_alone(&reader)?);
                    settled.insert(found.path.clone());
                    files_alone.push(found);
                }
            }
            continue;
        }
        let Some(side) = settle(&path) else {
            merged.conflicts.push(FileConflict { path, message });
            continue;
        };
        let before = at(sides.ours(), &path)?;
        let (after, whose) = match side {
            Side::Ours => (before, "ours"),
            _ => (at(sides.theirs(), &path)?, "theirs"),
        };
        if after.is_none() {
            let mut was_there = false;
            for base in sides.bases() {
                was_there |= at(base, &path)?.is_some();
            }
            // The one side's new file, in the folder that the other one's files went to: where it goes is all that is open.
            let moved = by_git.files.iter().find(|file| file.path == path);
            if message.contains("(file location)")
                && moved.is_some_and(|file| file.content.is_none())
            {
                continue;
            }
            // The side didn't remove it: Git has moved something there, and what that side has of it lies elsewhere.
            if !was_there {
                let message = format!(
                    "{}; {whose} has no file of this name: settle it with `git merge`",
                    message.trim_end()
                );
                merged.conflicts.push(FileConflict { path, message });
                continue;
            }
        }
        if before != after {
            merged.files.push(OtherFile {
                path: path.clone(),
                before,
                after,
                content: None,
            });
        }
        settled.insert(path);
    }
    let files = by_git.files.into_iter();
    let is_dropped = |path: &str| {
        let mut all = in_the_way.iter().chain(&files_alone);
        all.any(|found| found.is_made_up(path)) || files_alone.iter().any(|it| it.holds(path))
    };
    let files = files.filter(|file| {
        let is_settled = settled.contains(&file.path) || is_dropped(&file.path);
        !claimed.is_claimed(&file.path) && !is_settled
    });
    merged.files.extend(files.map(|file| OtherFile {
        path: file.path,
        before: file.from,
        after: file.to,
        content: file.content,
    }));
    merged.files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(merged)
}

/// Whether one side has a new file that is no document in a folder from which the other one took documents away: as they moved, Git
/// may find that the folder did.
fn follows_documents(one: &[FileDifference], other: &[FileDifference], claimed: &Claimed) -> bool {
    let path = |it: &FileDifference| it.path.to_string();
    let gone = other.iter().filter(|it| it.to.is_none()).map(path);
    let gone = gone.filter(|path| claimed.is_claimed(path));
    let left: BTreeSet<String> = gone.flat_map(|path| folders_of(&path)).collect();
    let new = one.iter().filter(|it| it.from.is_none()).map(path);
    let mut new = new.filter(|path| !claimed.is_claimed(path));
    !left.is_empty() && new.any(|path| folders_of(&path).iter().any(|it| left.contains(it)))
}

/// Whether one side puts a file where the other one puts a folder.
fn is_file_at_folder(one: &[FileDifference], other: &[FileDifference]) -> bool {
    let put = |side: &[FileDifference]| -> BTreeSet<String> {
        let put = side.iter().filter(|it| it.to.is_some());
        put.map(|it| it.path.to_string()).collect()
    };
    let files = put(one);
    let mut others = put(other).into_iter();
    others.any(|path| folders_of(&path).iter().any(|it| files.contains(it)))
}

/// The folders that a path lies in, but for the top.
fn folders_of(path: &str) -> Vec<String> {
    let ends = path.match_indices('/');
    ends.map(|(end, _)| path[..end].to_owned()).collect()
}

/// The paths in the repository at which the three sides have documents and markers.
struct Claimed {
    base: BTreeSet<String>,
    ours: BTreeSet<String>,
    theirs: BTreeSet<String>,
    /// Those of base and theirs, where ours has the project now.
    moved: BTreeSet<String>,
}

impl Claimed {
    fn of(sides: &MergeSides, beside: &[MergeSides]) -> Claimed {
        let at = |loaded: &Loaded, base_path: &str| {
            let held = &loaded.lift().source().layout.held;
            let documents = held.documents.iter().map(|document| &document.path);
            let paths = documents.chain(&held.marker);
            let paths = paths.map(|path| join(base_path, path));
            paths.collect::<BTreeSet<String>>()
        };
        let of = |loaded: &Loaded| at(loaded, loaded.base_path());
        let moved = |sides: &MergeSides| {
            let to = sides.ours().base_path().to_owned();
            let others = sides.bases().chain([sides.theirs()]);
            let others = others.filter(|other| other.base_path() != to);
            others
                .flat_map(|other| at(other, &to))
                .collect::<Vec<String>>()
        };
        let all = || std::iter::once(sides).chain(beside);
        Claimed {
            base: all().flat_map(MergeSides::bases).flat_map(of).collect(),
            ours: all().flat_map(|sides| of(sides.ours())).collect(),
            theirs: all().flat_map(|sides| of(sides.theirs())).collect(),
            moved: all().flat_map(moved).collect(),
        }
    }

    fn is_claimed(&self, path: &str) -> bool {
        let mut sides = [&self.base, &self.ours, &self.theirs, &self.moved].into_iter();
        sides.any(|side| side.contains(path))
    }

    /// Whether documents lie in a folder that a file takes the place of.
    fn is_any_below(&self, found: &InTheWay) -> bool {
        let sides = [&self.base, &self.ours, &self.theirs, &self.moved].into_iter();
        sides.flatten().any(|path| found.holds(path))
    }

    /// The differences that aren't about documents, by path.
    fn others(
        &self,
        differences: Vec<FileDifference>,
        own: &BTreeSet<String>,
        merged: &mut MergedFiles,
    ) -> BTreeMap<String, FileDifference> {
        let mut others = BTreeMap::new();
        for difference in differences {
            let path = difference.path.to_string();
            if !self.is_claimed(&path) {
                others.insert(path, difference);
            } else if !own.contains(&path) && difference.to.is_some() {
                let message = "it is a document on one side and another file on the other";
                merged.conflicts.push(FileConflict {
                    path,
                    message: message.to_owned(),
                });
            }
        }
        others
    }
}
