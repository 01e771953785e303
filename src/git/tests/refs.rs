//! Lists of refs, as `git for-each-ref` has them.

use std::fs;

use crate::git::refs::Ref;
use crate::git::{ObjectId, ObjectKind, RefScope, RefTarget};

use super::script::Sandbox;

/// `name target` of each ref, with tags followed, from Git.
pub(crate) fn from_git(sandbox: &Sandbox, prefixes: &str) -> Vec<String> {
    sandbox
        .git(&format!(
            "for-each-ref --format='%(refname) %(if)%(*objectname)%(then)%(*objecttype) %(*objectname)%(else)%(objecttype) %(objectname)%(end)' {prefixes}"
        ))
        .lines()
        .map(str::to_owned)
        .collect()
}

pub(crate) fn from_reader(refs: &[Ref]) -> Vec<String> {
    refs.iter()
        .map(|found| match &found.target {
            RefTarget::Commit(id) => format!("{} commit {id}", found.name),
            other => format!("{} {other:?}", found.name),
        })
        .collect()
}

fn target(refs: &[Ref], name: &str) -> RefTarget {
    let found = refs.iter().find(|found| found.name == name);
    found
        .unwrap_or_else(|| panic!("{name} isn't listed"))
        .target
        .clone()
}

#[test]
fn loose_and_packed_refs_are_merged_in_gits_order() {
    let sandbox = Sandbox::new(
        "commit one; for name in a-b a/b a0 z/y/x; do git branch $name; git tag tag-$name; done
         git tag -a -m note annotated; git pack-refs --all
         commit two; for name in a/c a-a m z/y/w; do git branch $name; done; git tag -f tag-a0; git tag -a -m n2 later
         git branch -f a/b; git branch -D a0; git update-ref refs/notes/x HEAD; git update-ref refs/remotes/o/main HEAD
         git symbolic-ref refs/remotes/o/HEAD refs/remotes/o/main",
    );
    let reader = sandbox.reader();
    for _ in 0..2 {
        let all = from_reader(&reader.refs(RefScope::All).unwrap());
        assert_eq!(all, from_git(&sandbox, ""));
        assert!(all.len() > 15);
        let some = from_reader(&reader.refs(RefScope::BranchesAndTags).unwrap());
        assert_eq!(some, from_git(&sandbox, "refs/heads refs/tags"));
        let branches = from_reader(&reader.refs(RefScope::Branches).unwrap());
        assert_eq!(branches, from_git(&sandbox, "refs/heads"));
        sandbox.git("pack-refs --all --prune");
    }
}

#[test]
fn what_leads_to_no_commit_is_reported() {
    let sandbox = Sandbox::new(
        "commit one a=1; git tag blob HEAD:a; git tag -a -m t tree HEAD^{tree}; git pack-refs --all
         git tag blob2 HEAD:a; git symbolic-ref refs/heads/dangling refs/heads/gone
         git symbolic-ref refs/heads/loop refs/heads/loop2; git symbolic-ref refs/heads/loop2 refs/heads/loop
         : > .git/refs/heads/empty; echo nonsense > .git/refs/heads/nonsense
         echo 1111111111111111111111111111111111111111 > .git/refs/heads/missing
         cp .git/refs/heads/dangling '.git/refs/heads/a..b'; : > .git/refs/heads/main.lock",
    );
    let refs = sandbox.reader().refs(RefScope::All).unwrap();
    for (name, kind) in [
        ("refs/tags/blob", ObjectKind::Blob),
        ("refs/tags/blob2", ObjectKind::Blob),
        ("refs/tags/tree", ObjectKind::Tree),
    ] {
        assert_eq!(target(&refs, name), RefTarget::NotACommit { kind });
    }
    for (name, reason) in [
        ("dangling", "points to refs/heads/gone, which doesn't exist"),
        ("loop", "too many symbolic refs"),
        ("empty", "its file is empty"),
        ("nonsense", "its file holds 'nonsense"),
        (
            "missing",
            "1111111111111111111111111111111111111111 is missing",
        ),
        ("a..b", "no ref of this name"),
    ] {
        match target(&refs, &format!("refs/heads/{name}")) {
            RefTarget::Broken(message) => assert!(message.contains(reason), "{name}: {message}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(refs.iter().all(|found| !found.name.ends_with(".lock")));
    assert_eq!(refs.len(), 11);
}

#[test]
fn an_old_packed_refs_file_without_traits_is_read() {
    let sandbox =
        Sandbox::new("commit one; git tag -a -m note v1; git branch b; git pack-refs --all");
    let expected = from_git(&sandbox, "");
    let file = sandbox.path("repo/.git/packed-refs");
    let text = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with(['#', '^']))
        .collect();
    lines.reverse();
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    assert_eq!(from_git(&sandbox, ""), expected);
    assert_eq!(
        from_reader(&sandbox.reader().refs(RefScope::All).unwrap()),
        expected
    );
    assert_eq!(
        sandbox.reader().resolve("v1").unwrap().commit,
        sandbox.id("main")
    );

    fs::write(&file, "garbage\n").unwrap();
    let error = sandbox.reader().refs(RefScope::All).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("line 1 of packed-refs is 'garbage'"),
        "{error}"
    );
}

#[test]
fn a_name_that_is_not_utf_8_is_reported() {
    let sandbox =
        Sandbox::new("commit one; git update-ref $'refs/heads/caf\\xe9' HEAD; git pack-refs --all");
    let refs = sandbox.reader().refs(RefScope::All).unwrap();
    assert!(matches!(
        target(&refs, "refs/heads/caf\u{fffd}"),
        RefTarget::Broken(_)
    ));
    assert!(matches!(
        target(&refs, "refs/heads/main"),
        RefTarget::Commit(_)
    ));
}

#[test]
fn changes_by_others_are_seen_without_reopening() {
    let sandbox = Sandbox::new("commit one");
    let reader = sandbox.reader();
    let mut seen = Vec::<ObjectId>::new();
    for step in 0..12 {
        let script = [
            "commit x",
            "git pack-refs --all",
            "commit y; git gc -q",
            "git branch -f b; git pack-refs --all",
        ];
        sandbox.run(&format!("cd repo; {}", script[step % 4]));
        let resolved = reader.resolve("main").unwrap();
        assert_eq!(resolved.commit, sandbox.id("main"), "step {step}");
        assert_eq!(
            from_reader(&reader.refs(RefScope::All).unwrap()),
            from_git(&sandbox, "")
        );
        seen.push(resolved.commit);
    }
    seen.dedup();
    assert!(seen.len() >= 6);
}
