//! Revisions to commits, as `git rev-parse` has them.

use crate::git::{Error, ErrorKind};

use super::script::Sandbox;

fn history() -> Sandbox {
    Sandbox::new(
        "commit one a=1; git tag light; commit two a=2; git tag -a -m note v1; git tag -a -m nested v1-nested v1
         git checkout -q -b feature/x; commit three b=1; git checkout -q main; commit four c=1
         tick; git merge -q --no-ff -m 'merge it' feature/x; commit 'fix: five' d=1
         git tag -a -m tree tree-tag HEAD^{tree}; git tag blob-tag HEAD:a
         git update-ref refs/remotes/origin/main HEAD~1
         git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
         git config branch.main.remote origin; git config branch.main.merge refs/heads/main
         git config remote.origin.url ../nowhere; git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
         git symbolic-ref refs/heads/alias refs/heads/main",
    )
}

/// Every form that names one commit gives the commit, the tree and the full name that Git gives.
fn assert_as_git(sandbox: &Sandbox, revision: &str) {
    let resolved = sandbox
        .reader()
        .resolve(revision)
        .unwrap_or_else(|error| panic!("{revision}: {error}"));
    assert_eq!(
        resolved.commit,
        sandbox
            .git(&format!("rev-list -1 '{revision}'"))
            .parse()
            .unwrap(),
        "{revision}"
    );
    assert_eq!(
        resolved.tree,
        sandbox.id(&format!("{}^{{tree}}", resolved.commit)),
        "{revision}"
    );
    let name = sandbox.git(&format!("rev-parse --symbolic-full-name '{revision}'"));
    let name = Some(name).filter(|name| name.starts_with("refs/"));
    assert_eq!(resolved.ref_name, name, "{revision}");
}

#[test]
fn names_and_expressions_resolve_as_in_git() {
    let sandbox = history();
    let commit = sandbox.git("rev-parse main");
    let short = &commit[..7];
    for revision in [
        "main",
        "heads/main",
        "refs/heads/main",
        "HEAD",
        "@",
        "alias",
        "feature/x",
        "light",
        "v1",
        "v1-nested",
        "tags/v1",
        "refs/tags/v1",
        "origin",
        "origin/main",
        "origin/HEAD",
        "main~3",
        "main~1^2",
        "HEAD^^",
        "@~1",
        "v1^0",
        "v1^{}",
        "v1^{commit}",
        "v1~1",
        "main^{/three}",
        ":/three",
        "main@{1}",
        "@{1}",
        "@{0}",
        "@{-1}",
        "main@{upstream}",
        "main@{u}",
        "@{u}",
        "@{upstream}~1",
        "main@{u}^",
        &commit,
        short,
        &format!("{short}~1"),
        &format!("{short}^1^2^{{commit}}"),
        &commit.to_uppercase(),
    ] {
        assert_as_git(&sandbox, revision);
    }
    sandbox.git("pack-refs --all");
    sandbox.git("gc -q");
    for revision in [
        "main",
        "v1",
        "v1-nested",
        "feature/x",
        "origin",
        "main~3",
        short,
        "main@{u}",
    ] {
        assert_as_git(&sandbox, revision);
    }
}

#[test]
fn a_detached_head_names_no_branch() {
    let sandbox = history();
    sandbox.git("checkout -q --detach main~1");
    let resolved = sandbox.reader().resolve("HEAD").unwrap();
    assert_eq!(
        (resolved.commit, resolved.ref_name),
        (sandbox.id("main~1"), None)
    );
    assert_eq!(
        sandbox
            .reader()
            .resolve("@{-1}")
            .unwrap()
            .ref_name
            .as_deref(),
        Some("refs/heads/main")
    );
}

#[test]
fn a_short_name_of_several_refs_is_the_tag_and_says_what_else() {
    let sandbox = Sandbox::new(
        "commit one; git tag both; commit two; git branch both; git branch config HEAD~1",
    );
    let resolved = sandbox.reader().resolve("both").unwrap();
    assert_eq!(resolved.commit, sandbox.id("main~1"));
    assert_eq!(resolved.ref_name.as_deref(), Some("refs/tags/both"));
    assert_eq!(resolved.also_named, ["refs/heads/both"]);
    // A file of the Git folder has the same name.
    assert_eq!(
        sandbox
            .reader()
            .resolve("config")
            .unwrap()
            .ref_name
            .as_deref(),
        Some("refs/heads/config")
    );
}

#[test]
fn a_ref_comes_before_the_beginning_of_an_id_and_a_full_id_before_a_ref() {
    let sandbox = Sandbox::new("commit one; commit two");
    let (old, new) = (sandbox.git("rev-parse main~1"), sandbox.id("main"));
    sandbox.git(&format!("update-ref refs/heads/{} main", &old[..7]));
    sandbox.git(&format!("update-ref refs/heads/{old} main"));
    assert_eq!(sandbox.reader().resolve(&old[..7]).unwrap().commit, new);
    assert_eq!(
        sandbox.reader().resolve(&old).unwrap().commit,
        sandbox.id("main~1")
    );
}

#[test]
fn what_names_no_single_commit_is_an_error_that_says_why() {
    let sandbox = history();
    let reader = sandbox.reader();
    let cases = [
        (
            "nothing",
            ErrorKind::NotFound,
            "not a branch, tag or commit",
        ),
        ("main~99", ErrorKind::NotFound, "main~99"),
        ("main^9", ErrorKind::NotFound, "main^9"),
        ("@{-9}", ErrorKind::NotFound, "out of range"),
        ("feature/x@{u}", ErrorKind::NotFound, "feature/x"),
        ("", ErrorKind::Invalid, "it is empty"),
        ("main..v1", ErrorKind::Invalid, "it is a range"),
        ("main...v1", ErrorKind::Invalid, "it is a range"),
        ("^main", ErrorKind::Invalid, "excludes"),
        ("main^@", ErrorKind::Invalid, "more than one"),
        ("main^!", ErrorKind::Invalid, "more than one"),
        ("tree-tag", ErrorKind::Invalid, "is a tree, not a commit"),
        ("blob-tag", ErrorKind::Invalid, "is a blob, not a commit"),
        ("main:a", ErrorKind::Invalid, "is a blob, not a commit"),
        (
            "1111111111111111111111111111111111111111",
            ErrorKind::NotFound,
            "no object has this id",
        ),
        ("refs/heads/../main", ErrorKind::Invalid, "range"),
        ("a b\u{7f}", ErrorKind::NotFound, "not a branch"),
    ];
    for (revision, kind, part) in cases {
        let error = reader.resolve(revision).expect_err(revision);
        assert_eq!(error.kind(), kind, "{revision}: {error}");
        assert!(error.to_string().contains(part), "{revision}: {error}");
    }
}

#[test]
fn an_unborn_branch_says_that_it_has_no_commit() {
    let sandbox = Sandbox::new("");
    let error = sandbox.reader().resolve("HEAD").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the branch 'main' has no commit yet"),
        "{error}"
    );
}

#[test]
fn a_beginning_that_fits_several_commits_lists_them() {
    // Sixteen commits and more: two of them begin with the same digit, and four digits are the least Git takes.
    let sandbox =
        Sandbox::new("for i in $(seq 400); do tick; git commit -q --allow-empty -m $i; done");
    let ids = sandbox.git("rev-list main");
    let mut prefixes: Vec<&str> = ids.lines().map(|id| &id[..4]).collect();
    prefixes.sort();
    let Some(pair) = prefixes.windows(2).find(|pair| pair[0] == pair[1]) else {
        panic!("dates are fixed, so the ids are: two of them share four digits");
    };
    match sandbox.reader().resolve(pair[0]).unwrap_err() {
        Error::Ambiguous { prefix, candidates } => {
            assert_eq!(prefix, pair[0]);
            assert!(
                candidates.len() >= 2 && candidates.iter().all(|text| text.ends_with("(commit)"))
            );
        }
        other => panic!("{other}"),
    }
}
