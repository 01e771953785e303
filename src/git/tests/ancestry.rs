//! Which commits are ancestors of which, as Git has it.

use crate::git::{Error, ErrorKind, LastChange, ObjectId, Repository};

use super::script::Sandbox;

const BRANCHY: &str = "
    commit one a=1; git checkout -qb left; commit l1 l=1; commit l2 a=2; git checkout -q main; commit m1 m=1
    git checkout -qb right; commit r1 r=1; git checkout -q main; tick; git merge -q --no-ff -m m2 left; commit m3 a=3
    git checkout -q right; tick; git merge -q --no-ff -m r2 main~1; commit r3 r=3
    git checkout -q --orphan lonely; commit alone a=9; git checkout -q main
    git checkout -q --detach left~1; commit nobodys x=1; git tag nobodys; git checkout -q main";

fn assert_as_git(sandbox: &Sandbox) {
    let reader = sandbox.reader();
    let all = sandbox.git("rev-list --all");
    let commits: Vec<ObjectId> = all.lines().map(|id| id.parse().unwrap()).collect();
    for one in &commits {
        let contained = !sandbox
            .git(&format!("branch --format=x --contains {one}"))
            .is_empty();
        assert_eq!(reader.is_reachable(*one).unwrap(), contained, "{one}");
        let tree = sandbox.id(&format!("{one}^{{tree}}"));
        assert_eq!(reader.tree_of(*one).unwrap(), tree, "{one}");
    }
}

#[test]
fn ancestry_is_gits_without_and_with_a_commit_graph() {
    let sandbox = Sandbox::new(BRANCHY);
    assert_as_git(&sandbox);
    sandbox.git("commit-graph write --reachable");
    assert_as_git(&sandbox);
    sandbox.run("cd repo; commit after-the-graph z=1; git branch later; commit again z=2");
    assert_as_git(&sandbox);
    assert!(
        !sandbox
            .reader()
            .is_reachable("1".repeat(40).parse().unwrap())
            .unwrap()
    );
}

#[test]
fn clocks_that_run_backwards_mislead_nobody() {
    let sandbox = Sandbox::new(
        "at() { export GIT_COMMITTER_DATE=\"$1 +0000\" GIT_AUTHOR_DATE=\"$1 +0000\"; git commit -q --allow-empty -m \"$1\"; }
         at 2000000000; at 1000000000; at 1900000000; at 1100000000; git branch b HEAD~2; at 1500000000",
    );
    assert_as_git(&sandbox);
}

#[test]
fn a_damaged_branch_gives_no_answer_rather_than_no() {
    let sandbox = Sandbox::new(
        "commit one; git checkout -q --detach; commit two; git tag two; git checkout -q main",
    );
    let two = sandbox.id("two");
    assert!(!sandbox.reader().is_reachable(two).unwrap());
    std::fs::write(sandbox.path("repo/.git/refs/heads/broken"), "").unwrap();
    assert_eq!(
        sandbox.reader().is_reachable(two).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    assert!(sandbox.reader().is_reachable(sandbox.id("main")).unwrap());
}

#[test]
fn the_commit_that_last_changed_a_file_is_gits() {
    let sandbox = Sandbox::new(&format!(
        "{BRANCHY}; commit d dir/x=1 dir/sub/z=1; commit e dir/y=1; git checkout -q -b onto right; git merge -q -m m4 left
         git checkout -q main; git rm -q a; commit gone; chmod +x dir/y; commit executable"
    ));
    let reader = sandbox.reader();
    for folder in ["", "dir"] {
        let mut search = reader.last_changes(folder).unwrap();
        let mut expected = Vec::new();
        for revision in [
            "main", "right", "left", "lonely", "onto", "main~1", "nobodys",
        ] {
            let listed = sandbox.git(&format!("ls-tree -r --name-only {revision} -- ./{folder}"));
            for path in listed.lines() {
                let below = path.strip_prefix(folder).unwrap().trim_start_matches('/');
                let place = search.ask(sandbox.id(revision), [below]).unwrap();
                assert_eq!(place, expected.len());
                let last = sandbox.git(&format!("log -1 --format=%H {revision} -- {path}"));
                expected.push(LastChange::In(last.parse().unwrap()));
            }
        }
        assert!(expected.len() > 3);
        assert_eq!(search.answers().unwrap(), expected, "{folder}");
    }
}

#[test]
fn a_shallow_clone_denies_no_ancestor_that_it_may_have_cut_off() {
    let sandbox = Sandbox::new(
        "commit one; commit two; commit three; git branch side HEAD~1; cd ..
         git clone -q --depth 1 file://$PWD/repo shallow; cd shallow
         git config user.name A; git config user.email a@example.com
         git checkout -q --detach; commit own a=1; git tag own; git checkout -q --orphan other; commit stranger; git tag stranger
         git checkout -q main; git branch -q -D other 2>/dev/null || true",
    );
    let shallow = Repository::discover(&sandbox.path("shallow")).unwrap();
    let reader = shallow.reader();
    let id = |revision: &str| reader.resolve(revision).unwrap().commit;
    assert!(reader.is_reachable(id("main")).unwrap());
    // It stands on the boundary itself, so that it can't lie before it.
    assert!(!reader.is_reachable(id("own")).unwrap());
    for unknown in [sandbox.id("main~1"), id("stranger")] {
        let error = reader.is_reachable(unknown).unwrap_err();
        assert!(matches!(error, Error::CutOffHistory { .. }), "{error}");
        assert!(error.to_string().contains("fetch --unshallow"), "{error}");
    }
    sandbox.run("cd shallow; git fetch -q --unshallow");
    let reader = Repository::discover(&sandbox.path("shallow"))
        .unwrap()
        .reader();
    assert!(reader.is_reachable(sandbox.id("main~1")).unwrap());
    assert!(!reader.is_reachable(id("stranger")).unwrap());
}
