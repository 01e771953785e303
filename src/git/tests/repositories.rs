//! Finding repositories, and the forms they come in.

use std::path::Path;

use crate::git::{
    Error, ErrorKind, HistoryEnd, HistoryEndCause, LastChange, Reader, RefScope, Repository,
};

use super::refs::{from_git, from_reader};
use super::script::Sandbox;

#[test]
fn finds_the_repository_upwards_from_any_folder() {
    let sandbox = Sandbox::new("commit one deep/er/file=1");
    let top = std::fs::canonicalize(sandbox.path("repo")).unwrap();
    for dir in ["repo", "repo/deep/er", "repo/.git", "repo/.git/refs"] {
        let repository = Repository::discover(&sandbox.path(dir)).unwrap();
        assert_eq!(repository.git_dir(), top.join(".git"), "{dir}");
        assert_eq!(repository.common_dir(), top.join(".git"));
        assert_eq!(repository.work_dir(), Some(top.as_path()), "{dir}");
        assert!(!repository.is_bare());
    }
}

#[test]
fn a_bare_repository_has_no_work_tree() {
    let sandbox = Sandbox::new("commit one a=1; git clone -q --bare . ../bare.git");
    let repository = Repository::discover(&sandbox.path("bare.git/refs/heads")).unwrap();
    assert!(repository.is_bare());
    assert_eq!(repository.work_dir(), None);
    assert_eq!(
        repository.reader().resolve("HEAD").unwrap().commit,
        sandbox.id("main")
    );
}

#[test]
fn a_linked_work_tree_has_its_own_head_and_shares_the_rest() {
    let sandbox = Sandbox::new(
        "commit one a=1; git worktree add -q -b other ../linked; cd ../linked; commit two a=2",
    );
    sandbox.run("cd linked; git update-ref refs/worktree/own HEAD; git -C ../repo update-ref refs/worktree/main-own HEAD");
    let linked = Repository::discover(&sandbox.path("linked")).unwrap();
    assert_eq!(
        linked.work_dir(),
        Some(
            std::fs::canonicalize(sandbox.path("linked"))
                .unwrap()
                .as_path()
        )
    );
    assert_eq!(linked.common_dir(), sandbox.repository().git_dir());
    assert!(linked.git_dir().ends_with("worktrees/linked"));
    let resolved = linked.reader().resolve("HEAD").unwrap();
    assert_eq!(resolved.ref_name.as_deref(), Some("refs/heads/other"));
    assert_eq!(resolved.commit, sandbox.id("other"));
    assert_eq!(
        sandbox
            .reader()
            .resolve("HEAD")
            .unwrap()
            .ref_name
            .as_deref(),
        Some("refs/heads/main")
    );

    let names = |repository: &Repository| -> Vec<String> {
        repository
            .reader()
            .refs(RefScope::All)
            .unwrap()
            .into_iter()
            .map(|found| found.name)
            .collect()
    };
    let from_git = |dir: &str| -> Vec<String> {
        let text = sandbox.run(&format!("git -C {dir} for-each-ref --format='%(refname)'"));
        text.lines().map(str::to_owned).collect()
    };
    assert_eq!(names(&linked), from_git("linked"));
    assert_eq!(names(&sandbox.repository()), from_git("repo"));
    assert!(names(&linked).contains(&"refs/worktree/own".to_owned()));
}

#[test]
fn an_empty_repository_has_no_refs() {
    let sandbox = Sandbox::new("");
    assert_eq!(sandbox.reader().refs(RefScope::All).unwrap(), []);
    assert_eq!(
        sandbox.reader().resolve("main").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn objects_of_an_alternate_are_read() {
    let sandbox = Sandbox::new(
        "commit one a=1; cd ..; git clone -q --shared repo clone; cd clone; commit two b=2",
    );
    let reader = Repository::discover(&sandbox.path("clone"))
        .unwrap()
        .reader();
    let tree = reader.resolve("main").unwrap().tree;
    let entry = reader.entry(tree, "a").unwrap().unwrap();
    assert!(
        !sandbox
            .path("clone/.git/objects")
            .join(&entry.id.to_string()[..2])
            .exists()
    );
    assert_eq!(reader.blob(entry.id).unwrap(), b"1");
}

#[test]
fn a_shallow_clone_ends_at_its_boundary() {
    let sandbox = Sandbox::new(
        "commit one a=1; commit two a=2; commit three b=3; commit four a=4; cd ..
         git clone -q --depth 2 file://$PWD/repo shallow",
    );
    let (shallow, full) = (
        Repository::discover(&sandbox.path("shallow")).unwrap(),
        sandbox.reader(),
    );
    let reader = shallow.reader();
    let tip = reader.resolve("main").unwrap();
    assert_eq!(
        reader.resolve("main~1").unwrap().commit,
        sandbox.id("main~1")
    );
    assert_eq!(
        reader.resolve("main~2").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert!(reader.is_reachable(sandbox.id("main~1")).unwrap());
    let told = reader.resolve("main~2").unwrap_err().to_string();
    assert!(told.contains("fetch --unshallow"), "{told}");
    let last_changes = |reader: &Reader| {
        let mut search = reader.last_changes("").unwrap();
        for path in ["a", "b"] {
            search.ask(tip.commit, [path]).unwrap();
        }
        search.answers().unwrap()
    };
    let boundary = HistoryEnd {
        commit: sandbox.id("main~1"),
        cause: HistoryEndCause::Shallow,
    };
    let tip_changed = LastChange::In(sandbox.id("main"));
    assert_eq!(
        last_changes(&reader),
        [tip_changed, LastChange::Unknown(boundary)]
    );
    assert_eq!(
        last_changes(&full),
        [tip_changed, LastChange::In(sandbox.id("main~1"))]
    );
    let walked: Vec<_> = reader.first_parents(tip.commit).unwrap().collect();
    assert_eq!(walked.len(), 3);
    assert!(matches!(walked[2], Err(Error::CutOffHistory { .. })));
    let error = reader.commit(sandbox.id("main~3")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("shallow clone; run git fetch --unshallow"),
        "{error}"
    );
}

#[test]
fn replacement_objects_count_as_in_git() {
    let sandbox = Sandbox::new("commit one a=1; commit two a=2; git replace main:a main~1:a");
    let shown = sandbox.git("cat-file blob main:a");
    assert_eq!(shown, "1");
    assert_eq!(
        sandbox.reader().blob(sandbox.id("main:a")).unwrap(),
        shown.as_bytes()
    );
    sandbox.git("config core.useReplaceRefs false");
    assert_eq!(sandbox.reader().blob(sandbox.id("main:a")).unwrap(), b"2");
}

#[test]
fn refs_of_a_clone_follow_the_remote() {
    let sandbox = Sandbox::new(
        "commit one; git branch b; git tag -a -m t v1; cd ..; git clone -q repo up; rm -rf repo; mv up repo",
    );
    let refs = from_reader(&sandbox.reader().refs(RefScope::All).unwrap());
    assert_eq!(refs, from_git(&sandbox, ""));
    assert!(
        refs.iter()
            .any(|line| line.starts_with("refs/remotes/origin/HEAD commit"))
    );
}

#[test]
fn no_repository_is_an_error_that_names_the_folder() {
    let sandbox = Sandbox::empty();
    let error = Repository::discover(&sandbox.path("")).unwrap_err();
    assert!(matches!(error, Error::RepositoryNotFound { .. }), "{error}");
    assert!(
        error.to_string().contains("or in a folder above it"),
        "{error}"
    );
    assert_eq!(
        Repository::discover(Path::new("/no/such/folder"))
            .unwrap_err()
            .kind(),
        ErrorKind::Io
    );
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_is_refused_with_the_way_out() {
    let sandbox = Sandbox::new("commit one");
    if !sandbox.try_run("chown -R 12345 repo").status.success() {
        super::support::skipped("only root can give a repository to another user");
        return;
    }
    let error = Repository::discover(&sandbox.path("repo")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(
        error.to_string().contains("--add safe.directory"),
        "{error}"
    );
}
