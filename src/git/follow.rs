//! Work trees follow their branches by Git's own program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::checkouts::Checkout;
use super::error::{Error, Result};
use super::git_program::{GitProgram, not_followed};
use super::object_id::ObjectId;
use super::tree_entries::Target;
use super::unclean_files::target;
use super::work_trees::{KeptFile, WorkTrees};

/// What stands in place of an id where there is no object.
const NO_OBJECT: &str = "0000000000000000000000000000000000000000";

/// A file in which two commits differ.
pub(super) struct Change {
    pub(super) path: String,
    pub(super) from: Target,
    pub(super) to: Target,
}

impl GitProgram {
    fn read_tree(&self, checkout: &Checkout, from: &str, to: &str) -> Result<()> {
        // Files that were touched and not changed have to be known as such; it fails where others are changed.
        let refresh = ["update-index", "-q", "--refresh"];
        let refreshed = self.command(checkout).args(refresh).output();
        refreshed.map_err(|error| self.not_run(checkout, &error))?;
        self.run(checkout, &["read-tree", "-m", "-u", from, to])?;
        Ok(())
    }

    /// Makes these entries of the index (none: the work tree's), all of them or none, and leaves the files alone.
    fn stage<'p>(
        &self,
        checkout: &Checkout,
        index: Option<&Path>,
        entries: impl Iterator<Item = (&'p str, Target)>,
    ) -> Result<()> {
        let mut input = String::new();
        for (path, target) in entries {
            let (mode, id) = match target {
                Some((id, kind)) => (kind.mode(), id.to_string()),
                None => ("0", NO_OBJECT.to_owned()),
            };
            input.push_str(&format!("{mode} {id}\t{path}\0"));
        }
        if !input.is_empty() {
            let arguments = ["update-index", "-z", "--index-info"];
            self.run_in(checkout, index, &arguments, input.as_bytes())?;
        }
        Ok(())
    }

    /// Writes a tree with some entries put over another one's.
    fn tree_with<'p>(
        &self,
        checkout: &Checkout,
        aside: &TemporaryIndex,
        base: &str,
        entries: impl Iterator<Item = (&'p str, Target)>,
    ) -> Result<String> {
        let index = Some(aside.0.as_path());
        self.run_in(checkout, index, &["read-tree", base], b"")?;
        self.stage(checkout, index, entries)?;
        let tree = self.run_in(checkout, index, &["write-tree"], b"")?;
        Ok(tree.trim_end().to_owned())
    }

    /// Gives the files that Git had begun to write their old content again, after it failed with this error. Leaves those that
    /// hold neither the new content nor nothing, and names what isn't as the branch has it.
    fn put_back(
        &self,
        checkout: &Checkout,
        changes: &[Change],
        kept: &[KeptFile],
        mut error: Error,
    ) -> Error {
        let Error::NotFollowed { files, .. } = &mut error else {
            return error;
        };
        let kept: BTreeSet<&str> = kept.iter().map(|file| &*file.path).collect();
        let begun = changes
            .iter()
            .filter(|change| !kept.contains(&*change.path));
        let begun: Vec<_> = begun.map(|change| (&*change.path, change.to)).collect();
        for found in self.unclean_files(checkout, &begun).unwrap_or_default() {
            let path = &*found.file.path;
            match found.file.state {
                "untracked" | "ignored" if found.is_target => {
                    // Told of below if it stays.
                    let _ = fs::remove_file(checkout.work_tree.join(path));
                }
                "modified" if !found.is_target => {}
                "modified" | "deleted" => {
                    let again = ["checkout-index", "-f", "-u", "--", path];
                    let _ = self.run(checkout, &again);
                }
                _ => {}
            }
        }
        let left = self.unclean_files(checkout, &begun).unwrap_or_default();
        *files = left.into_iter().map(|found| found.file).collect();
        error
    }

    /// The files in which two commits differ.
    fn changes(&self, checkout: &Checkout, from: &str, to: &str) -> Result<Vec<Change>> {
        let arguments = ["diff-tree", "-r", "-z", "--no-renames", "--raw", from, to];
        let told = self.run(checkout, &arguments)?;
        changes_in(&told).map_err(|reason| not_followed(checkout, reason))
    }

    /// The files that a commit touches and that hold its content already.
    ///
    /// # Errors
    /// [`Error::NotClean`] with those that hold something else than the branch and the commit.
    fn kept(&self, checkout: &Checkout, files: &[(&str, Target)]) -> Result<Vec<KeptFile>> {
        let (kept, unclean): (Vec<_>, Vec<_>) = self
            .unclean_files(checkout, files)?
            .into_iter()
            .partition(|found| found.is_target);
        if unclean.is_empty() {
            let kept = kept.into_iter().map(|found| KeptFile {
                path: found.file.path,
                is_staged: found.is_staged,
            });
            return Ok(kept.collect());
        }
        let mut files: Vec<_> = unclean.into_iter().map(|found| found.file).collect();
        files.dedup_by(|also, file| {
            let is_same = also.path == file.path;
            // It is gone from the index alone, as by `git rm --cached`.
            if is_same && file.state == "staged" && also.state == "untracked" {
                file.state = "no longer tracked";
            }
            is_same
        });
        self.mark_outside_sparse_checkout(checkout, &mut files);
        Err(Error::NotClean {
            branch: checkout.branch.clone(),
            work_tree: checkout.work_tree.clone(),
            files,
        })
    }
}

impl WorkTrees for GitProgram {
    fn check(&self, checkout: &Checkout, files: &[(&str, Target)]) -> Result<()> {
        self.kept(checkout, files).map(drop)
    }

    fn follow(
        &self,
        checkout: &Checkout,
        from: Option<ObjectId>,
        to: ObjectId,
    ) -> Result<Vec<KeptFile>> {
        let (from, to) = (tree_ish(from), to.to_string());
        let changes = self.changes(checkout, &from, &to)?;
        let files = changes.iter().map(|change| (&*change.path, change.to));
        let files: Vec<_> = files.collect();
        let kept = self.kept(checkout, &files)?;
        // `read-tree` leaves a file alone where the index has the new entry.
        let to_stage = || of_kept(&changes, &kept, |file| !file.is_staged);
        self.stage(
            checkout,
            None,
            to_stage().map(|change| (&*change.path, change.to)),
        )?;
        if let Err(error) = self.read_tree(checkout, &from, &to) {
            // If this fails too, the change stays staged beside the file that holds it.
            let _ = self.stage(
                checkout,
                None,
                to_stage().map(|change| (&*change.path, change.from)),
            );
            return Err(self.put_back(checkout, &changes, &kept, error));
        }
        Ok(kept)
    }

    fn go_back(
        &self,
        checkout: &Checkout,
        from: Option<ObjectId>,
        to: ObjectId,
        kept: &[KeptFile],
    ) -> Result<()> {
        let (from, to) = (tree_ish(from), to.to_string());
        if kept.is_empty() {
            return self.read_tree(checkout, &to, &from);
        }
        let changes = self.changes(checkout, &from, &to)?;
        let staged = of_kept(&changes, kept, |_| true).map(|change| (&*change.path, change.to));
        let aside = TemporaryIndex(checkout.git_dir.join("ocl-migrate.index"));
        let with_kept = self.tree_with(checkout, &aside, &from, staged)?;
        self.read_tree(checkout, &to, &with_kept)?;
        let unstaged = of_kept(&changes, kept, |file| !file.is_staged);
        self.stage(
            checkout,
            None,
            unstaged.map(|change| (&*change.path, change.from)),
        )
    }
}

/// An index beside the work tree's own, which goes with the value.
struct TemporaryIndex(PathBuf);

impl Drop for TemporaryIndex {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = fs::remove_file(&self.0);
    }
}

/// What `git diff-tree -r -z --no-renames --raw` has printed; fails with what is wrong with it.
pub(super) fn changes_in(told: &str) -> Result<Vec<Change>, String> {
    let mut words = told.split_terminator('\0');
    let mut changes = Vec::new();
    while let (Some(entries), Some(path)) = (words.next(), words.next()) {
        let entries: Vec<&str> = entries.trim_start_matches(':').split(' ').collect();
        let [old_mode, new_mode, old, new, _] = entries[..] else {
            return Err(format!(
                "`git diff-tree` printed something unknown about {path}"
            ));
        };
        changes.push(Change {
            path: path.to_owned(),
            from: target(old_mode, old),
            to: target(new_mode, new),
        });
    }
    Ok(changes)
}

/// The changes of those kept files that pass the filter.
fn of_kept<'c>(
    changes: &'c [Change],
    kept: &[KeptFile],
    filter: fn(&KeptFile) -> bool,
) -> impl Iterator<Item = &'c Change> {
    let kept = kept.iter().filter(|file| filter(file));
    let kept: BTreeSet<String> = kept.map(|file| file.path.clone()).collect();
    changes
        .iter()
        .filter(move |change| kept.contains(&change.path))
}

fn tree_ish(commit: Option<ObjectId>) -> String {
    commit.unwrap_or(ObjectId::EMPTY_TREE).to_string()
}
