//! Merging branches that were merged into each other.

use ocl_migrate::git::GitProgram;
use ocl_migrate::project::{MergeBranchError, MergeOptions, MergeSidesError, Merging};

use crate::support::{World, request};

const CATALOG: &str = "fizz: 3 modify, 5 modify; runbook[]: 4 reject, 5 rename";
const FIZZ: &str = ".octopus/fizz.ocl";

/// A document with values that are lines apart, so that Git merges each by itself.
fn fizz(values: &[u32]) -> String {
    let lines = values.iter().zip('a'..);
    let lines = lines.map(|(value, name)| format!("{name} = {value}\n#\n#\n#\n#\n"));
    format!("{}v3 = true\nv5 = true\n", lines.collect::<String>())
}

fn options() -> MergeOptions {
    MergeOptions {
        git: Some(GitProgram::default()),
        ..MergeOptions::default()
    }
}

fn merge_with(world: &World, into: &str, theirs: &str, options: &MergeOptions) -> Merging {
    let merging = world.project().merge(into, theirs, options);
    merging.unwrap_or_else(|error| panic!("{error}"))
}

/// Commits a tree as a merge of two branches, to the first of them.
fn commit_merge(world: &World, into: &str, tree: &str, parents: [&str; 2]) {
    let [one, other] = parents;
    let commit = world.repo.git(&[
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.com",
        "commit-tree",
        "-p",
        one,
        "-p",
        other,
        "-m",
        "merge",
        tree,
    ]);
    world
        .repo
        .git(&["update-ref", &format!("refs/heads/{into}"), &commit]);
}

/// Merges two branches into each other, at one moment. Git settles what is in conflict, for each as it has it.
fn cross(world: &World, one: &str, other: &str) {
    let tips = [one, other].map(|name| world.repo.tip(name).unwrap());
    for (name, at) in [(one, 0), (other, 1)] {
        let (ours, theirs) = (&*tips[at], &*tips[1 - at]);
        let tree = world
            .repo
            .git(&["merge-tree", "--write-tree", "-X", "ours", ours, theirs]);
        commit_merge(world, name, tree.lines().next().unwrap(), [ours, theirs]);
    }
}

fn bases(world: &World, one: &str, other: &str) -> usize {
    let bases = world.repo.git(&["merge-base", "--all", one, other]);
    bases.lines().count()
}

/// What our merge of two branches makes of the document; or the addresses in conflict.
fn merged(world: &World, ours: &str, theirs: &str) -> Result<String, Vec<String>> {
    let merging = merge_with(world, ours, theirs, &options());
    let conflicts = merging.conflicts.iter();
    let mut conflicts: Vec<String> = conflicts.map(|it| it.address().to_string()).collect();
    conflicts.sort();
    let Some(draft) = &merging.draft else {
        return Err(conflicts);
    };
    world.repo.git(&["branch", "-f", "outcome", ours]);
    let prepared = draft.commit(request("Merge")).unwrap();
    let text = world
        .repo
        .git(&["show", &format!("{}:{FIZZ}", prepared.commit)]);
    let tip = format!("{}^1", prepared.commit);
    let tip = world.repo.git(&["rev-parse", &tip]);
    let branch = format!("refs/heads/{ours}");
    world.repo.git(&["update-ref", &branch, &tip]);
    Ok(text)
}

#[test]
fn random_histories_are_merged_as_git_merges_them() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut several, mut clean, mut open) = (0, 0, 0);
    for case in 0..24 {
        let world = World::new(CATALOG);
        world.branch("one", 5, &[("fizz.ocl", &fizz(&[0; 6]))]);
        world.repo.git(&["branch", "two", "one"]);
        let mut next = 1;
        let mut edit = |branch: &str, at: usize| {
            let text = world.repo.git(&["show", &format!("{branch}:{FIZZ}")]);
            let name = char::from(b'a' + at as u8);
            let line = |line: &str| match line.split_once(" = ") {
                Some((known, _)) if known == name.to_string() => format!("{name} = {next}\n"),
                _ => format!("{line}\n"),
            };
            let text: String = text.lines().map(line).collect();
            next += 1;
            world.repo.commit(branch, None, &[(FIZZ, Some(&text))]);
        };
        for _ in 0..1 + random(3) {
            for branch in ["one", "two"] {
                for _ in 0..random(3) {
                    edit(branch, random(6));
                }
            }
            cross(&world, "one", "two");
        }
        for branch in ["one", "two"] {
            edit(branch, random(6));
        }
        several += usize::from(bases(&world, "one", "two") > 1);
        let by_git = world
            .repo
            .try_git(&["merge-tree", "--write-tree", "one", "two"])
            .map(|tree| world.repo.git(&["show", &format!("{tree}:{FIZZ}")]));
        let ours = merged(&world, "one", "two");
        let mirrored = merged(&world, "two", "one");
        match by_git {
            Some(text) => {
                assert_eq!(ours.as_deref(), Ok(&*text), "case {case}");
                assert_eq!(mirrored.as_deref(), Ok(&*text), "case {case}");
                clean += 1;
            }
            None => {
                assert!(ours.is_err(), "case {case}: {ours:?}");
                assert_eq!(ours, mirrored, "case {case}");
                open += 1;
            }
        }
    }
    assert!(
        several >= 8 && clean >= 4 && open >= 4,
        "{several} {clean} {open}"
    );
}

/// Two branches that both changed `a`, and were merged into each other, each as it had it.
fn open_world() -> World {
    let world = World::new(CATALOG);
    world.branch("one", 5, &[("fizz.ocl", &fizz(&[1, 1]))]);
    world.repo.git(&["branch", "two", "one"]);
    for (branch, text) in [("one", fizz(&[2, 1])), ("two", fizz(&[3, 1]))] {
        world.repo.commit(branch, None, &[(FIZZ, Some(&text))]);
    }
    cross(&world, "one", "two");
    world
}

#[test]
fn what_the_bases_differ_in_is_nobodys_change() {
    let world = open_world();
    assert_eq!(bases(&world, "one", "two"), 2);
    let merging = merge_with(&world, "one", "two", &options());
    let [conflict] = &merging.conflicts[..] else {
        panic!("{:?}", merging.conflicts);
    };
    let sides = conflict.sides().map(|(_, side)| side.unwrap().text.clone());
    assert_eq!(
        (conflict.kind.name(), conflict.address().to_string()),
        ("both-changed", "fizz a".to_owned())
    );
    assert_eq!(
        sides,
        [
            "several: the commits that both sides come from differ",
            "2",
            "3"
        ]
    );
    let settled = MergeOptions {
        theirs: vec!["fizz a".parse().unwrap()],
        ..options()
    };
    let draft = merge_with(&world, "one", "two", &settled).draft.unwrap();
    let merge = draft.commit(request("Merge")).unwrap().commit.to_string();
    assert_eq!(
        world.repo.git(&["show", &format!("{merge}:{FIZZ}")]),
        fizz(&[3, 1]).trim_end()
    );
    // Once both have the same, there is nothing to decide.
    let world = open_world();
    world
        .repo
        .commit("one", None, &[(FIZZ, Some(&fizz(&[3, 7])))]);
    assert_eq!(
        merged(&world, "one", "two").as_deref(),
        Ok(fizz(&[3, 7]).trim_end())
    );
}

#[test]
fn a_document_that_is_open_is_decided_as_a_whole() {
    let world = World::new(CATALOG);
    world.branch("one", 5, &[("fizz.ocl", &fizz(&[1, 1]))]);
    world.repo.git(&["branch", "two", "one"]);
    world
        .repo
        .commit("one", None, &[(FIZZ, Some(&fizz(&[2, 1])))]);
    world.repo.commit("two", None, &[(FIZZ, None)]);
    let tips = ["one", "two"].map(|name| world.repo.tip(name).unwrap());
    let trees =
        ["one", "two"].map(|name| world.repo.git(&["rev-parse", &format!("{name}^{{tree}}")]));
    commit_merge(&world, "one", &trees[0], [&tips[0], &tips[1]]);
    commit_merge(&world, "two", &trees[1], [&tips[1], &tips[0]]);
    assert_eq!(merged(&world, "one", "two"), Err(vec!["fizz".to_owned()]));
    let settled = MergeOptions {
        theirs: vec!["fizz".parse().unwrap()],
        ..options()
    };
    let draft = merge_with(&world, "one", "two", &settled).draft.unwrap();
    let merge = draft.commit(request("Merge")).unwrap().commit.to_string();
    assert!(!world.repo.files(&merge).contains_key(FIZZ));
}

#[test]
fn versions_apart_and_other_files() {
    let world = World::new(CATALOG);
    world.branch(
        "one",
        2,
        &[
            ("fizz.ocl", "a = 1\nb = 1\nc = 1\n"),
            ("notes.txt", "1\n2\n3\n4\n5\n"),
        ],
    );
    world.repo.git(&["branch", "two", "one"]);
    world
        .repo
        .commit("one", None, &[(FIZZ, Some("a = 2\nb = 1\nc = 1\n"))]);
    world.repo.commit(
        "two",
        None,
        &[(".octopus/notes.txt", Some("0\n2\n3\n4\n5\n"))],
    );
    cross(&world, "one", "two");
    let _ = world
        .edit("one")
        .upgrade()
        .commit(request("Upgrade"))
        .unwrap();
    world.repo.commit(
        "one",
        None,
        &[(".octopus/notes.txt", Some("0\n2\n3\n4\n6\n"))],
    );
    world.repo.commit(
        "two",
        None,
        &[
            (FIZZ, Some("a = 2\nb = 1\nc = 9\n")),
            (".octopus/other.txt", Some("x\n")),
        ],
    );
    assert_eq!(bases(&world, "one", "two"), 2);
    let draft = merge_with(&world, "one", "two", &options()).draft.unwrap();
    let merge = draft.commit(request("Merge")).unwrap().commit.to_string();
    let text = world.repo.text(&merge);
    assert!(
        text.contains("a = 2; b = 1; c = 9; v3 = true; v5 = true"),
        "{text}"
    );
    assert!(text.contains("notes.txt: 0; 2; 3; 4; 6;"), "{text}");
    assert!(text.contains("other.txt: x;"), "{text}");
    assert!(text.contains("schema_version.ocl: version = 5"), "{text}");
}

#[test]
fn bases_with_nothing_in_common_are_refused_and_the_remedy_works() {
    let world = World::new(CATALOG);
    world.branch("one", 5, &[("fizz.ocl", &fizz(&[1, 1]))]);
    world.branch("two", 5, &[("fizz.ocl", &fizz(&[1, 2]))]);
    let tips = ["one", "two"].map(|name| world.repo.tip(name).unwrap());
    let trees =
        ["one", "two"].map(|name| world.repo.git(&["rev-parse", &format!("{name}^{{tree}}")]));
    commit_merge(&world, "one", &trees[0], [&tips[0], &tips[1]]);
    commit_merge(&world, "two", &trees[1], [&tips[1], &tips[0]]);
    let refused = world
        .project()
        .merge("one", "two", &options())
        .err()
        .unwrap();
    assert!(
        matches!(
            &refused,
            MergeBranchError::Sides(MergeSidesError::SeveralBases { bases, .. }) if bases.len() == 2
        ),
        "{refused}"
    );
    // What the documentation says helps: the other one's values, then a merge that only joins the histories.
    let restored = world
        .project()
        .restore("one", "two", &["fizz".to_owned()])
        .unwrap();
    let commit = restored
        .draft
        .commit(request("Restore"))
        .unwrap()
        .commit
        .to_string();
    let tree = world
        .repo
        .git(&["rev-parse", &format!("{commit}^{{tree}}")]);
    commit_merge(&world, "one", &tree, [&commit, "two"]);
    let up_to_date = world
        .project()
        .merge("one", "two", &options())
        .err()
        .unwrap();
    assert!(
        matches!(up_to_date, MergeBranchError::UpToDate { .. }),
        "{up_to_date}"
    );
}
