//! Commits to branches that are checked out: index and files follow, as Git's own commands see them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use super::crash::SmallDisk;
use crate::support::{Repo, World, isolated, request, skipped};
use ocl_migrate::git::{self, GitProgram, LocalRefs};
use ocl_migrate::project::{CommitError, Committed, NewBranch, Project};

const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify; book[]: 2 modify";

/// A work tree on `main`, at version 2, with the documents `buzz` and `book/old` and a file of another kind.
pub struct WorkTree {
    world: World,
    top: PathBuf,
}

impl WorkTree {
    pub fn new() -> WorkTree {
        let tree = WorkTree::unborn();
        tree.shell(
            "mkdir -p .octopus/book; echo 'version = 2' > .octopus/schema_version.ocl
             printf 'b = 1\\n' > .octopus/buzz.ocl; printf 'o = 1\\n' > .octopus/book/old.ocl; echo hello > README
             git add .; git commit -qm one",
        );
        tree
    }

    fn unborn() -> WorkTree {
        let world = World::new(CATALOG);
        world.row("fizz", "a = 1", 3);
        let top = world.path().join("work tree");
        fs::create_dir(&top).unwrap();
        let tree = WorkTree { world, top };
        tree.shell("git init -q -b main .");
        tree
    }

    fn shell(&self, script: &str) -> String {
        let mut bash = isolated("bash", &self.top);
        let done = bash.args(["-ec", script]).output().unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{script}\n{told}");
        String::from_utf8(done.stdout).unwrap()
    }

    fn project(&self) -> Project {
        self.project_by(GitProgram::default())
    }

    fn project_by(&self, program: GitProgram) -> Project {
        let repository = Repo::at(&self.top).open();
        let refs = LocalRefs::new(repository.clone()).with_work_trees(Arc::new(program));
        let builder = Project::builder(repository, self.world.catalog.clone());
        let builder = builder.store(Arc::new(self.world.store()));
        builder.refs(Arc::new(refs)).build().unwrap()
    }

    /// A project whose ref can't be moved from this point on.
    fn project_with_fault(&self, point: git::FaultPoint) -> Project {
        let repository = Repo::at(&self.top).open();
        let refs = LocalRefs::new(repository.clone())
            .with_work_trees(Arc::new(GitProgram::default()))
            .with_faults(Arc::new(move |here, _: &Path| {
                if here == point {
                    return Err(std::io::Error::other("the plug was pulled"));
                }
                Ok(())
            }));
        let builder = Project::builder(repository, self.world.catalog.clone());
        let builder = builder.store(Arc::new(self.world.store()));
        builder.refs(Arc::new(refs)).build().unwrap()
    }

    /// Commits a change to `buzz` and a new book, with the migration.
    fn commit(&self) -> Result<Committed, CommitError> {
        self.commit_to(&self.project(), "main")
    }

    fn commit_to(&self, project: &Project, branch: &str) -> Result<Committed, CommitError> {
        let mut draft = project.load_migrated(branch)?.edit();
        draft.put("buzz", "b = 2\n")?;
        draft.put("book/new", "n = 1\n")?;
        draft.remove("book/old")?;
        draft.commit(request("Change"))
    }

    fn refused(&self) -> String {
        let before = self.state();
        let error = self.commit().unwrap_err();
        assert!(matches!(error, CommitError::Git(_)), "{error}");
        assert_eq!(self.state(), before, "{error}");
        let top = self.top.canonicalize().unwrap();
        error.to_string().replace(top.to_str().unwrap(), "TOP")
    }

    /// All that a refusal must leave as it is.
    fn state(&self) -> String {
        let git = self.shell("git for-each-ref; git ls-files -s -t -v; git status --porcelain --ignored; git stash list; ls -R .");
        format!("{git}{}", self.world.store_text())
    }

    fn assert_clean(&self) {
        self.assert_status("");
    }

    fn assert_status(&self, status: &str) {
        assert_eq!(self.shell("git status --porcelain"), status);
        self.shell("git fsck --strict --no-dangling");
        assert_eq!(self.shell("find .git -name '*.lock'"), "");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.top.join(path)).unwrap()
    }
}

const COMMITTED: &str = ".octopus/book/new.ocl\n.octopus/buzz.ocl\n.octopus/fizz.ocl\n.octopus/schema_version.ocl\nREADME\n";

#[test]
fn ref_index_and_files_move_together() {
    let tree = WorkTree::new();
    let committed = tree.commit().unwrap();
    tree.assert_clean();
    assert_eq!(tree.shell("git diff; git diff --cached"), "");
    assert_eq!(tree.shell("git ls-files"), COMMITTED);
    assert_eq!(tree.read(".octopus/schema_version.ocl"), "version = 5\n");
    assert_eq!(tree.read(".octopus/buzz.ocl"), "b = 2\n");
    assert!(!tree.top.join(".octopus/book/old.ocl").exists());
    let commit = committed.commit.to_string();
    assert_eq!(tree.shell("git rev-parse HEAD").trim(), commit);
    for log in ["HEAD", "main"] {
        let line = tree.shell(&format!("git reflog -1 --format='%H %gs' {log}"));
        assert_eq!(line.trim(), format!("{commit} commit: Change"));
    }
}

#[test]
fn what_else_the_user_has_changed_stays_as_it_is() {
    let tree = WorkTree::new();
    tree.shell("echo more >> README; git add README; echo more >> README; echo x > untracked; echo y > staged; git add staged");
    let _ = tree.commit().unwrap();
    tree.assert_status("MM README\nA  staged\n?? untracked\n");
    assert_eq!(tree.read("README"), "hello\nmore\nmore\n");
    // A file that was touched is not changed.
    let tree = WorkTree::new();
    tree.shell("touch -d '2001-01-01' .octopus/buzz.ocl README");
    let _ = tree.commit().unwrap();
    tree.assert_clean();
}

#[test]
fn a_work_tree_that_differs_is_refused_with_the_files() {
    let refusals = [
        (
            "echo 'b = 9' > .octopus/buzz.ocl",
            ".octopus/buzz.ocl (modified)",
        ),
        (
            "echo 'b = 9' > .octopus/buzz.ocl; git add .",
            ".octopus/buzz.ocl (staged)",
        ),
        ("git rm -q .octopus/buzz.ocl", ".octopus/buzz.ocl (staged)"),
        ("rm .octopus/buzz.ocl", ".octopus/buzz.ocl (deleted)"),
        ("chmod +x .octopus/buzz.ocl", ".octopus/buzz.ocl (modified)"),
        (
            "ln -sf ../README .octopus/buzz.ocl",
            ".octopus/buzz.ocl (modified)",
        ),
        (
            "rm .octopus/buzz.ocl; mkdir .octopus/buzz.ocl; touch .octopus/buzz.ocl/x",
            ".octopus/buzz.ocl (deleted) and .octopus/buzz.ocl/x (untracked)",
        ),
        (
            "echo 'n = 9' > .octopus/book/new.ocl",
            ".octopus/book/new.ocl (untracked)",
        ),
        (
            "echo 'n = 9' > .octopus/fizz.ocl",
            ".octopus/fizz.ocl (untracked)",
        ),
        (
            "echo fizz.ocl >> .git/info/exclude; echo 'n = 9' > .octopus/fizz.ocl",
            ".octopus/fizz.ocl (ignored)",
        ),
        (
            "echo 'n = 9' > .octopus/fizz.ocl; git add -N .octopus/fizz.ocl",
            ".octopus/fizz.ocl (modified)",
        ),
        (
            "rm -r .octopus/book; echo x > .octopus/book",
            ".octopus/book (in the way of a folder)",
        ),
        (
            "mv .octopus elsewhere; ln -s elsewhere .octopus",
            ".octopus (in the way of a folder), .octopus/buzz.ocl (deleted) and .octopus/schema_version.ocl (deleted)",
        ),
    ];
    for (script, files) in refusals {
        let tree = WorkTree::new();
        tree.shell(script);
        assert_eq!(
            tree.refused(),
            format!(
                "refs/heads/main is checked out in TOP, where {files} would be overwritten: commit that, set it aside or take \
                 it away first"
            ),
            "{script}"
        );
    }
}

/// States in which the work tree holds what is to be committed, so that nothing can get lost, and what differs afterwards.
const SAME_CONTENT: [&str; 10] = [
    "echo 'b = 2' > .octopus/buzz.ocl",
    "echo 'b = 2' > .octopus/buzz.ocl; git add .",
    "echo 'n = 1' > .octopus/book/new.ocl",
    "echo 'n = 1' > .octopus/book/new.ocl; git add .",
    "echo 'n = 1' > .octopus/book/new.ocl; git add -N .",
    "echo new.ocl >> .git/info/exclude; echo 'n = 1' > .octopus/book/new.ocl",
    "rm .octopus/book/old.ocl",
    "git rm -q .octopus/book/old.ocl",
    "echo 'version = 5' > .octopus/schema_version.ocl",
    "echo 'b = 2' > .octopus/buzz.ocl; echo 'n = 1' > .octopus/book/new.ocl; git add .; rm .octopus/book/old.ocl",
];

#[test]
fn what_is_as_the_commit_will_have_it_is_not_in_its_way() {
    for script in SAME_CONTENT {
        let tree = WorkTree::new();
        tree.shell(script);
        let files = "ls -i --full-time .octopus/buzz.ocl .octopus/book/new.ocl || true";
        let before = tree.shell(files);
        let _ = tree
            .commit()
            .unwrap_or_else(|error| panic!("{script}: {error}"));
        tree.assert_clean();
        assert_eq!(tree.shell("git ls-files"), COMMITTED, "{script}");
        assert_eq!(tree.read(".octopus/buzz.ocl"), "b = 2\n");
        // A file that held the content before isn't written again.
        let written = tree.shell(files);
        for line in before
            .lines()
            .filter(|_| script.contains("= 2") && !script.contains("version"))
        {
            assert!(written.contains(line), "{script}: {written}");
        }
    }
}

#[test]
fn what_holds_the_new_content_only_in_part_is_refused() {
    let refusals = [
        (
            "echo 'b = 9' > .octopus/buzz.ocl; git add .; echo 'b = 2' > .octopus/buzz.ocl",
            ".octopus/buzz.ocl (staged)",
        ),
        (
            "echo 'b = 2' > .octopus/buzz.ocl; git add .; echo 'b = 1' > .octopus/buzz.ocl",
            ".octopus/buzz.ocl (staged)",
        ),
        (
            "echo 'b = 2' > .octopus/buzz.ocl; git add .; rm .octopus/buzz.ocl",
            ".octopus/buzz.ocl (staged)",
        ),
        (
            "echo 'b = 2' > .octopus/buzz.ocl; chmod +x .octopus/buzz.ocl",
            ".octopus/buzz.ocl (modified)",
        ),
        (
            "echo 'b = 2' > two; ln -sf ../two .octopus/buzz.ocl",
            ".octopus/buzz.ocl (modified)",
        ),
        (
            "git rm -q --cached .octopus/buzz.ocl; echo 'b = 2' > .octopus/buzz.ocl",
            ".octopus/buzz.ocl (staged)",
        ),
        (
            "printf 'b = 2\\r\\n' > .octopus/buzz.ocl",
            ".octopus/buzz.ocl (modified)",
        ),
        (
            "echo 'b = 2' > .octopus/buzz.ocl; echo 'n = 9' > .octopus/book/new.ocl",
            ".octopus/book/new.ocl (untracked)",
        ),
    ];
    for (script, file) in refusals {
        let tree = WorkTree::new();
        tree.shell(script);
        let refused = tree.refused();
        assert!(
            refused.contains(&format!("where {file} would")),
            "{script}: {refused}"
        );
    }
}

#[test]
fn a_filter_between_file_and_blob_counts_for_the_same_content() {
    let tree = WorkTree::new();
    tree.shell(
        "git config filter.upper.smudge 'tr a-z A-Z'; git config filter.upper.clean 'tr A-Z a-z'
         echo '*.ocl filter=upper' > .gitattributes; git add .; git commit -qm attributes; rm -r .octopus; git checkout -q .
         echo 'B = 2' > .octopus/buzz.ocl",
    );
    let _ = tree.commit().unwrap();
    tree.assert_clean();
    assert_eq!(tree.read(".octopus/buzz.ocl"), "B = 2\n");
}

#[test]
fn a_file_that_git_was_told_not_to_look_at_is_not_overwritten() {
    for bit in ["--assume-unchanged", "--skip-worktree"] {
        let tree = WorkTree::new();
        tree.shell(&format!(
            "git update-index {bit} .octopus/buzz.ocl; echo 'b = 99' > .octopus/buzz.ocl"
        ));
        let refused = tree.refused();
        let file = format!(".octopus/buzz.ocl (marked {})", &bit[2..]);
        assert!(refused.contains(&file), "{bit}: {refused}");
        assert_eq!(tree.read(".octopus/buzz.ocl"), "b = 99\n");
    }
}

#[test]
fn while_git_is_in_the_middle_of_something() {
    let prepare = "git switch -qc side; echo side > README; git commit -qam side; git switch -q main; echo main > README
        git commit -qam main;";
    let operations = [
        ("git merge -q side || true", "a merge"),
        ("git cherry-pick side || true", "a cherry-pick"),
        ("git revert --no-edit HEAD~1 || true", "a revert"),
        ("git rebase -q side || true", "a rebase"),
        ("git bisect start -q", "a bisection"),
    ];
    for (script, operation) in operations {
        let tree = WorkTree::new();
        tree.shell(&format!("{prepare} {{ {script}; }} > /dev/null 2>&1"));
        let refused = tree.refused();
        assert_eq!(
            refused,
            format!(
                "refs/heads/main is checked out in TOP, where {operation} is in progress: finish or abort that first"
            )
        );
    }
}

#[test]
fn the_first_commit_on_an_unborn_branch() {
    let tree = WorkTree::unborn();
    tree.shell("echo notes > notes; echo staged > staged; git add staged");
    let begin = || {
        let mut draft = tree
            .project()
            .draft_new_branch("main", NewBranch::default())
            .unwrap();
        draft.put("buzz", "b = 1\n").unwrap();
        draft.commit(request("First"))
    };
    tree.shell("mkdir .octopus; echo mine > .octopus/buzz.ocl");
    let error = begin().unwrap_err().to_string();
    assert!(error.contains(".octopus/buzz.ocl (untracked)"), "{error}");
    tree.shell("rm .octopus/buzz.ocl");
    let _ = begin().unwrap();
    tree.assert_status("A  staged\n?? notes\n");
    assert_eq!(tree.read(".octopus/buzz.ocl"), "b = 1\n");
    assert_eq!(tree.shell("git log --format=%s").trim(), "First");
    assert_eq!(
        tree.shell("git reflog --format=%gs").trim(),
        "commit (initial): First"
    );
}

#[test]
fn a_linked_work_tree_follows_its_own_branch() {
    let tree = WorkTree::new();
    tree.shell("git worktree add -q -b linked ../linked; echo dirty >> .octopus/buzz.ocl");
    let _ = tree.commit_to(&tree.project(), "linked").unwrap();
    tree.assert_status(" M .octopus/buzz.ocl\n");
    assert_eq!(tree.shell("git -C ../linked status --porcelain"), "");
    assert_eq!(tree.shell("cat ../linked/.octopus/buzz.ocl"), "b = 2\n");
    let reflog = "git -C ../linked reflog -1 --format=%gs HEAD";
    assert_eq!(tree.shell(reflog).trim(), "commit: Change");

    tree.shell("git worktree add -q -b two ../one; git worktree add -qf ../another two");
    let error = tree.commit_to(&tree.project(), "two").unwrap_err();
    assert!(
        matches!(error, CommitError::Git(git::Error::SeveralWorkTrees { .. })),
        "{error}"
    );
    tree.shell("git worktree remove ../another; rm -r ../one");
    let error = tree.commit_to(&tree.project(), "two").unwrap_err();
    assert!(error.to_string().contains("git worktree prune"), "{error}");
}

/// How Git may keep an index, and what may stand between blobs and files.
#[test]
fn every_form_of_work_tree() {
    let forms = [
        "git config index.version 4; git update-index --index-version 4",
        "git update-index --split-index",
        "git update-index --untracked-cache; git status",
        "git config core.fsmonitor true; git config core.fsmonitor false",
        "git config core.fileMode false",
        "git config core.autocrlf true; rm -r .octopus README other; git checkout -q .; grep -q $'\\r' README",
        "echo '*.ocl text eol=crlf' > .gitattributes; git add .; git commit -qm attributes; rm -r .octopus; git checkout -q .",
        "git config filter.upper.smudge 'tr a-z A-Z'; git config filter.upper.clean 'tr A-Z a-z'; git config filter.upper.required true
         echo '*.ocl filter=upper' > .gitattributes; git add .; git commit -qm attributes; rm -r .octopus; git checkout -q .; grep -q B .octopus/buzz.ocl",
        "git sparse-checkout set --cone .octopus/book",
        "git sparse-checkout set --cone --sparse-index nowhere",
        "git sparse-checkout set --no-cone '/*' '!/.octopus'",
    ];
    for form in forms {
        let tree = WorkTree::new();
        tree.shell(&format!(
            "mkdir other; echo o > other/file; git add .; git commit -qm other; {form}"
        ));
        assert_eq!(tree.shell("git status --porcelain"), "", "{form}");
        let _ = tree.commit().unwrap();
        tree.assert_clean();
        let head = tree.shell("git ls-tree -r HEAD | cut -c8-");
        let index = tree.shell("git ls-files -s | sed -E 's/^[0-9]{6} ([0-9a-f]+) 0/blob \\1/'");
        assert_eq!(
            head.split_whitespace().collect::<Vec<_>>(),
            index.split_whitespace().collect::<Vec<_>>(),
            "{form}"
        );
        // The files are those that Git itself would check out.
        let files = "find . -path ./.git -prune -o -type f -print | sort | xargs -d '\\n' sha1sum";
        let before = tree.shell(files);
        if form.contains("sparse") {
            assert!(tree.shell("git ls-files -t").contains("S "), "{form}");
            tree.shell("git sparse-checkout reapply");
        } else {
            tree.shell("git rm -rq .; git reset -q --hard");
        }
        assert_eq!(before, tree.shell(files), "{form}");
    }
}

#[test]
fn no_hooks_run() {
    let tree = WorkTree::new();
    tree.shell(
        "for hook in post-index-change post-checkout pre-commit post-commit reference-transaction; do
            printf '#!/bin/sh\\ntouch ran\\n' > .git/hooks/$hook; chmod +x .git/hooks/$hook
         done",
    );
    let _ = tree.commit().unwrap();
    assert!(!tree.top.join("ran").exists());
}

#[test]
fn an_environment_that_names_another_repository_counts_for_nothing() {
    // The variables are taken away from the program, which is a script here that tells what it sees.
    let tree = WorkTree::new();
    let script = tree.world.path().join("git-seen");
    let seen = tree.world.path().join("seen");
    fs::write(
        &script,
        format!(
            "#!/bin/sh\nenv | grep ^GIT_ >> '{}'\nexec git \"$@\"\n",
            seen.display()
        ),
    )
    .unwrap();
    Command::new("chmod")
        .arg("+x")
        .arg(&script)
        .status()
        .unwrap();
    let project = tree.project_by(GitProgram::new(&script));
    let _ = tree.commit_to(&project, "main").unwrap();
    let seen = fs::read_to_string(seen).unwrap_or_default();
    for variable in GitProgram::REPOSITORY_VARIABLES {
        assert!(!seen.contains(&format!("{variable}=")), "{seen}");
    }
}

/// A filter that fails while Git writes the files: they are as they were, or it is said which aren't.
#[test]
fn a_filter_that_fails_leaves_no_file_changed_without_a_word() {
    let prepare = "git config filter.picky.clean cat; git config filter.picky.required true
        git config filter.picky.smudge 'tee -a /dev/null | grep -v \"n = 1\"'
        echo '*.ocl filter=picky' > .gitattributes; git add .; git commit -qm attributes";
    let tree = WorkTree::new();
    tree.shell(prepare);
    let refused = tree.refused();
    assert!(refused.contains("picky"), "{refused}");
    assert!(
        !refused.contains("not as the branch has them now"),
        "{refused}"
    );

    // The old content can't be written either.
    tree.shell("git config filter.picky.smudge false");
    let error = tree.commit().unwrap_err();
    let CommitError::Git(git::Error::NotFollowed { files, .. }) = &error else {
        panic!("{error}");
    };
    assert!(files.iter().all(|file| file.state == "deleted"), "{error}");
    assert!(!files.is_empty(), "{error}");
    for file in files {
        assert!(error.to_string().contains(&file.to_string()), "{error}");
    }
    // As the hint says.
    tree.shell("git config filter.picky.smudge cat");
    for file in files {
        tree.shell(&format!("git restore -- {}", file.path));
    }
    tree.assert_clean();
    let _ = tree.commit().unwrap();
    tree.assert_clean();
}

#[test]
fn without_the_program() {
    let tree = WorkTree::new();
    let before = tree.state();
    let project = tree.project_by(GitProgram::new("/nowhere/git"));
    let error = tree.commit_to(&project, "main").unwrap_err().to_string();
    assert!(error.contains("`/nowhere/git` can't be run"), "{error}");
    assert_eq!(tree.state(), before);
    // What isn't checked out needs none.
    tree.shell("git switch -q --detach");
    let _ = tree.commit_to(&project, "main").unwrap();
}

#[test]
fn an_index_that_another_process_holds() {
    let tree = WorkTree::new();
    tree.shell("touch .git/index.lock");
    let error = tree.commit().unwrap_err();
    assert!(
        matches!(error, CommitError::Git(git::Error::Locked { .. })),
        "{error}"
    );
    tree.shell("rm .git/index.lock");
    let _ = tree.commit().unwrap();
    tree.assert_clean();
}

#[test]
fn a_ref_that_cannot_be_moved_leaves_the_work_tree_as_it_was() {
    use git::FaultPoint::{AppendReflog, PublishRef, UpdateWorkTree};
    for point in [UpdateWorkTree, AppendReflog, PublishRef] {
        let tree = WorkTree::new();
        tree.shell("echo more >> README");
        let project = tree.project_with_fault(point);
        let before = tree.state();
        let error = tree.commit_to(&project, "main").unwrap_err();
        assert!(error.to_string().contains("the plug was pulled"), "{error}");
        assert_eq!(tree.state(), before, "{point:?}");
        let _ = tree.commit().unwrap();
        tree.assert_status(" M README\n");
        // What held the new content before does so afterwards, staged or not.
        for script in SAME_CONTENT.iter().filter(|script| !script.contains("-N")) {
            let tree = WorkTree::new();
            tree.shell(script);
            let before = tree.state();
            let project = tree.project_with_fault(point);
            let error = tree.commit_to(&project, "main").unwrap_err();
            assert!(error.to_string().contains("the plug was pulled"), "{error}");
            assert_eq!(tree.state(), before, "{point:?}: {script}: {error}");
        }
    }
}

#[test]
fn a_full_disk_below_the_work_tree() {
    let tree = WorkTree::new();
    let Some(disk) = SmallDisk::mount(tree.top.join("small"), "64k") else {
        skipped("no file system can be mounted here");
        return;
    };
    let top = disk.0.join("tree");
    tree.shell("git worktree add -q -b small small/tree");
    let text = "x".repeat(60_000);
    let mut draft = tree.project().load_migrated("small").unwrap().edit();
    draft.put("book/new", format!("n = \"{text}\"\n")).unwrap();
    fs::write(tree.top.join("small/filler"), "x".repeat(20_000)).unwrap_or_default();
    let error = draft.commit(request("Too large")).unwrap_err();
    assert!(
        matches!(error, CommitError::Git(git::Error::NotFollowed { .. })),
        "{error}"
    );
    assert_eq!(
        tree.shell("git log --format=%s -1 refs/heads/small").trim(),
        "one"
    );
    assert!(!tree.world.store_text().contains("intent"));
    let git = |script: &str| {
        let done = isolated("bash", &top)
            .args(["-c", script])
            .output()
            .unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    // What Git has written by then shows, against the branch as it is.
    git("git stash -uq");
    assert_eq!(git("git status --porcelain"), "");
}
