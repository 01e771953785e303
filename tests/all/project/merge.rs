//! Merging a branch into another, through the commit protocol.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use insta::assert_snapshot;
use ocl_migrate::git::GitProgram;
use ocl_migrate::project::{
    CommitPoint, Committed, LoadOptions, MergeBranchError, MergeOptions, Merging, StoreOutcome,
};

use crate::support::{Repo, World, request, scratch};

const CATALOG: &str = "fizz: 3 modify, 5 modify; runbook[]: 4 reject, 5 rename";
const MARKER: &str = ".octopus/schema_version.ocl";

/// Both sides changed fizz, each another value; `new` is at version 5, `old` at 2.
fn world() -> World {
    let world = World::new(CATALOG);
    let files = [
        ("fizz.ocl", "a = 1\nb = 1\nc = 1\n"),
        ("runbook-5/one.ocl", "k = 1\nl = 1\nm = 1\n"),
        ("runbook-5/two.ocl", "k = 2\n"),
    ];
    world.branch("base", 2, &files);
    let _ = upgrade(&world, "new", "base");
    world.repo.commit(
        "new",
        None,
        &[(
            ".octopus/fizz.ocl",
            Some("a = 1\nb = 1\nc = 2\n\nv3 = true\nv5 = true\n"),
        )],
    );
    let fizz = [(".octopus/fizz.ocl", Some("a = 2 # here\nb = 1\nc = 1\n"))];
    world.repo.commit("old", Some("base"), &fizz);
    world
}

/// A branch at the newest version, which begins at another.
fn upgrade(world: &World, name: &str, from: &str) -> Committed {
    world.repo.git(&["branch", name, from]);
    world
        .edit(name)
        .upgrade()
        .commit(request("Upgrade"))
        .unwrap()
}

fn options() -> MergeOptions {
    MergeOptions {
        git: Some(GitProgram::default()),
        ..MergeOptions::default()
    }
}

fn merging(world: &World, theirs: &str, branch: &str, options: &MergeOptions) -> Merging {
    let merging = world.project().merge(branch, theirs, options);
    merging.unwrap_or_else(|error| panic!("{error}"))
}

fn merge_with(world: &World, theirs: &str, branch: &str, options: &MergeOptions) -> Committed {
    let merging = merging(world, theirs, branch, options);
    let draft = merging.draft.as_ref();
    let draft = draft.unwrap_or_else(|| panic!("{}", conflicts(&merging)));
    draft.commit(request("Merge")).unwrap()
}

fn merge(world: &World, theirs: &str, branch: &str) -> Committed {
    merge_with(world, theirs, branch, &options())
}

fn refusal(world: &World, theirs: &str, branch: &str, options: &MergeOptions) -> MergeBranchError {
    world
        .project()
        .merge(branch, theirs, options)
        .err()
        .unwrap()
}

/// Each conflict on a line.
fn conflicts(merging: &Merging) -> String {
    assert!(merging.draft.is_none() && merging.has_conflicts());
    let documents = merging.conflicts.iter().map(|conflict| {
        let sides = conflict
            .sides()
            .map(|(name, side)| format!("{name} {}", side.map_or("nothing", |side| &side.text)));
        format!(
            "{} {}: {}",
            conflict.kind.name(),
            conflict.address(),
            sides.join(", ")
        )
    });
    let files = merging.file_conflicts.iter();
    let files = files.map(|file| format!("file {}: {}", file.path, file.message.trim()));
    documents.chain(files).collect::<Vec<_>>().join("\n")
}

/// The tree of a branch after a merge.
fn merged_tree(world: &World, theirs: &str, into: &str) -> String {
    world.repo.git(&["branch", "-f", "merged", into]);
    let _ = merge(world, theirs, "merged");
    world.repo.git(&["rev-parse", "merged^{tree}"])
}

#[test]
fn branches_that_are_versions_apart_are_merged_either_way() {
    let world = world();
    let tips = ["old", "new"].map(|branch| world.repo.tip(branch).unwrap());
    let committed = merge(&world, "new", "old");
    assert_eq!(committed.version, 5);
    assert_snapshot!(world.repo.text("old"), @"
    .octopus/fizz.ocl: a = 2 # here; b = 1; c = 2; v3 = true; v5 = true; 
    .octopus/runbook/one.ocl: k = 1; l = 1; m = 1; v4 = true; 
    .octopus/runbook/two.ocl: k = 2; v4 = true; 
    .octopus/schema_version.ocl: version = 5
    ");
    let parents = world.repo.git(&["rev-list", "--parents", "-1", "old"]);
    let parents: Vec<&str> = parents.split(' ').skip(1).collect();
    assert_eq!(parents, tips);
    assert_eq!(
        world.repo.git(&["log", "-1", "--format=%s", "old"]),
        "Merge"
    );
    // The other way round the values are the same; formatting and comments are those of the branch.
    let _ = merge(&world, &tips[0], "new");
    assert_snapshot!(world.repo.text("new"), @"
    .octopus/fizz.ocl: a = 2; b = 1; c = 2; ; v3 = true; v5 = true; 
    .octopus/runbook/one.ocl: k = 1; l = 1; m = 1; v4 = true; 
    .octopus/runbook/two.ocl: k = 2; v4 = true; 
    .octopus/schema_version.ocl: version = 5
    ");
    // Both have everything now.
    assert!(matches!(
        refusal(&world, "old~1", "new", &options()),
        MergeBranchError::UpToDate { .. }
    ));
    world.repo.git(&["fsck", "--strict"]);
}

#[test]
fn conflicts_are_listed_and_settled_and_until_then_nothing_is_written() {
    let world = world();
    let runbook = [
        (
            ".octopus/fizz.ocl",
            Some("a = 3\nb = 1\nc = 3\n\nv3 = true\nv5 = true\n"),
        ),
        (".octopus/runbook/two.ocl", None),
    ];
    world.repo.commit("new", None, &runbook);
    let two = [(".octopus/runbook-5/two.ocl", Some("k = 3\n"))];
    world.repo.commit("old", None, &two);
    let objects = world.repo.git(&["count-objects"]);
    let found = merging(&world, "new", "old", &options());
    assert_snapshot!(conflicts(&found), @"
    both-changed fizz a: base 1, ours 2, theirs 3
    changed-and-removed runbook/two: base 2 values, ours 2 values, theirs nothing
    ");
    assert_eq!(world.repo.git(&["count-objects"]), objects);
    let settled = |ours: &[&str], theirs: &[&str]| MergeOptions {
        ours: ours
            .iter()
            .map(|address| address.parse().unwrap())
            .collect(),
        theirs: theirs
            .iter()
            .map(|address| address.parse().unwrap())
            .collect(),
        ..options()
    };
    let some = merging(&world, "new", "old", &settled(&["fizz a"], &[]));
    assert_eq!(some.conflicts.len(), 1);
    let unused = refusal(&world, "new", "old", &settled(&["fizz b"], &["fizz a"]));
    assert_snapshot!(unused, @"there is no conflict at fizz b to settle; the open conflict is at runbook/two");
    world.repo.git(&["branch", "ours", "old"]);
    let _ = merge_with(
        &world,
        "new",
        "ours",
        &settled(&["fizz", "runbook/two"], &[]),
    );
    assert_snapshot!(world.repo.text("ours"), @"
        .octopus/fizz.ocl: a = 2 # here; b = 1; c = 3; v3 = true; v5 = true; 
        .octopus/runbook/one.ocl: k = 1; l = 1; m = 1; v4 = true; 
        .octopus/runbook/two.ocl: k = 3; v4 = true; 
        .octopus/schema_version.ocl: version = 5
        ");
    // The longer address counts.
    let _ = merge_with(
        &world,
        "new",
        "old",
        &settled(&["fizz a"], &["fizz", "runbook/two"]).clone(),
    );
    assert_snapshot!(world.repo.text("old"), @"
    .octopus/fizz.ocl: a = 2 # here; b = 1; c = 3; v3 = true; v5 = true; 
    .octopus/runbook/one.ocl: k = 1; l = 1; m = 1; v4 = true; 
    .octopus/schema_version.ocl: version = 5
    ");
}

#[test]
fn a_branch_without_commits_of_its_own_moves_forward() {
    let world = world();
    world.repo.git(&["branch", "forward", "base"]);
    let committed = merge(&world, "new", "forward");
    assert_eq!(committed.commit.to_string(), world.repo.tip("new").unwrap());
    assert_eq!(world.repo.tip("forward"), world.repo.tip("new"));
    // A commit of its own on demand, with the same files.
    world.repo.git(&["branch", "commit", "base"]);
    let always = MergeOptions {
        always_commit: true,
        ..options()
    };
    let _ = merge_with(&world, "new", "commit", &always);
    assert_ne!(world.repo.tip("commit"), world.repo.tip("new"));
    let trees =
        ["commit", "new"].map(|at| world.repo.git(&["rev-parse", &format!("{at}^{{tree}}")]));
    assert_eq!(trees[0], trees[1]);
    // At a higher version there is something to write.
    world.repo.git(&["branch", "low", "base"]);
    let target = MergeOptions {
        target: Some(4),
        ..options()
    };
    let low = merge_with(&world, "old", "low", &target);
    assert_eq!(low.version, 4);
    assert_eq!(
        world
            .repo
            .git(&["rev-list", "--parents", "-1", "low"])
            .split(' ')
            .count(),
        3
    );
}

/// Two branches of which one was raised past an import by hand, so that the store has not heard of it.
fn world_with_an_import() -> World {
    let world = World::new("fizz: 3 import, 4 modify; buzz: 5 modify");
    world.row("fizz", "a = 1\n", 3);
    world.branch("base", 2, &[("buzz.ocl", "b = 1\nc = 1\n")]);
    let buzz = [(".octopus/buzz.ocl", Some("b = 2\nc = 1\n"))];
    world.repo.commit("one", Some("base"), &buzz);
    world.repo.commit(
        "two",
        Some("base"),
        &[
            (MARKER, Some("version = 4\n")),
            (".octopus/fizz.ocl", Some("a = 1\nd = 1\n\nv4 = true\n")),
            (".octopus/buzz.ocl", Some("b = 1\nc = 2\n")),
        ],
    );
    world
}

/// What forward means where the commit lies past an import of which the store knows nothing: the store follows, as after any commit.
#[test]
fn imports_between_the_versions_are_recorded() {
    let world = world_with_an_import();
    world.repo.git(&["branch", "forward", "base"]);
    let before = world.store_text();
    // What the import brings to the base and to one side, the other side has changed.
    let merging = merging(&world, "two", "one", &options());
    let prepared = merging
        .draft
        .as_ref()
        .unwrap()
        .prepare(request("Merge"))
        .unwrap();
    assert_eq!(prepared.store_effect().unwrap().unwrap().taken.len(), 1);
    assert_eq!(world.store_text(), before);
    let committed = merge(&world, "two", "one");
    assert!(
        matches!(committed.store, StoreOutcome::Followed(_)),
        "{:?}",
        committed.store
    );
    assert_snapshot!(world.repo.text("one"), @"
        .octopus/buzz.ocl: b = 2; c = 2; 
        .octopus/fizz.ocl: a = 1; d = 1; ; v4 = true; 
        .octopus/schema_version.ocl: version = 4
        ");
    assert_snapshot!(world.store_text(), @"
    version 4
    snapshot 3 fizz in shape 3: a = 1;
    ");
    let committed = merge(&world, "two", "forward");
    assert!(
        matches!(committed.store, StoreOutcome::Unchanged),
        "{:?}",
        committed.store
    );
}

#[test]
fn documents_come_go_and_get_other_names() {
    let world = World::new(CATALOG);
    let text = |first: &str| format!("{first}\nb = 1\nc = 1\nd = 1\n");
    let plain = text("a = 1");
    let names = ["gone", "renamed", "moved", "kept", "both"];
    let paths = names.map(|name| format!("runbook/{name}.ocl"));
    let mut files: Vec<(&str, String)> = Vec::new();
    for (path, name) in paths.iter().zip(names) {
        files.push((path, format!("{plain}name = \"{name}\"\n")));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
    world.branch("base", 5, &files);
    let named = |first: &str, name: &str| format!("{}name = \"{name}\"\n", text(first));
    let at = |name: &str| format!(".octopus/runbook/{name}.ocl");
    let commit = |branch: &str, changes: &[(&str, Option<String>)]| {
        let changes: Vec<(String, &Option<String>)> = changes
            .iter()
            .map(|(name, text)| (at(name), text))
            .collect();
        let changes: Vec<_> = changes
            .iter()
            .map(|(path, text)| (&**path, text.as_deref()))
            .collect();
        world.repo.commit(branch, Some("base"), &changes);
    };
    commit(
        "one",
        &[
            ("gone", None),
            ("renamed", None),
            ("new-name", Some(named("a = 1", "renamed"))),
            ("moved", Some(named("a = 2", "moved"))),
            ("both", None),
            ("same", Some(named("a = 1", "both"))),
            ("added", Some("n = 1\n".into())),
        ],
    );
    commit(
        "two",
        &[
            ("renamed", Some(named("a = 2", "renamed"))),
            ("moved", None),
            (
                "elsewhere",
                Some(format!("{}e = 1\n", named("a = 1", "moved"))),
            ),
            ("both", None),
            ("same", Some(named("a = 1", "both"))),
            ("also", Some("n = 2\n".into())),
        ],
    );
    assert_snapshot!(conflicts(&merging(&world, "two", "one", &options())), @"
            identity runbook/moved: base 5 values, ours 5 values, theirs runbook/elsewhere
            identity runbook/renamed: base 5 values, ours runbook/new-name, theirs 5 values
            ");
    let follow = MergeOptions {
        follow_renames: true,
        ..options()
    };
    let _ = merge_with(&world, "two", "one", &follow);
    assert_snapshot!(world.repo.text("one"), @r#"
        .octopus/runbook/added.ocl: n = 1; 
        .octopus/runbook/also.ocl: n = 2; 
        .octopus/runbook/elsewhere.ocl: a = 2; b = 1; c = 1; d = 1; e = 1; name = "moved"; 
        .octopus/runbook/kept.ocl: a = 1; b = 1; c = 1; d = 1; name = "kept"; 
        .octopus/runbook/new-name.ocl: a = 2; b = 1; c = 1; d = 1; name = "renamed"; 
        .octopus/runbook/same.ocl: a = 1; b = 1; c = 1; d = 1; name = "both"; 
        .octopus/schema_version.ocl: version = 5
        "#);
    // The other way round.
    let _ = merge_with(&world, "one~1", "two", &follow);
    // Attributes mean nothing by their order, which is each branch's own.
    let sorted = |branch: &str| {
        let text = world.repo.text(branch);
        let lines = text.lines().map(|line| {
            let (path, text) = line.split_once(": ").unwrap();
            let mut values: Vec<_> = text.split(';').map(|part| part.trim().to_owned()).collect();
            values.sort();
            (path.to_owned(), values)
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(sorted("two"), sorted("one"));
}

/// Merging what only has another name on one side, and another one or none on the other, would make copies or bring it back.
#[test]
fn a_document_that_both_sides_renamed_otherwise_or_one_removed_is_a_conflict() {
    let world = World::new(CATALOG);
    let text = |first: &str| format!("{first}\nb = 1\nc = 1\nd = 1\nv4 = true\n");
    let a = ".octopus/runbook/a.ocl";
    let (x, y) = (".octopus/runbook/x.ocl", ".octopus/runbook/y.ocl");
    let files = [
        ("runbook/a.ocl", &*text("a = 1")),
        ("runbook/b.ocl", "k = 1\n"),
    ];
    world.branch("base", 5, &files);
    let commit = |branch: &str, changes: &[(&str, Option<&str>)]| {
        world.repo.commit(branch, Some("base"), changes);
    };
    commit("x", &[(a, None), (x, Some(&text("a = 2")))]);
    commit("y", &[(a, None), (y, Some(&text("a = 1")))]);
    commit("removed", &[(a, None)]);
    let conflict = |theirs: &str, ours: &str| {
        let found = [false, true].map(|follow_renames| {
            let options = MergeOptions {
                follow_renames,
                ..options()
            };
            conflicts(&merging(&world, theirs, ours, &options))
        });
        assert_eq!(found[0], found[1]);
        found[0].clone()
    };
    assert_snapshot!(conflict("x", "y"), @"identity runbook/a: base 5 values, ours runbook/y, theirs runbook/x");
    assert_snapshot!(conflict("y", "x"), @"identity runbook/a: base 5 values, ours runbook/x, theirs runbook/y");
    assert_snapshot!(conflict("x", "removed"), @"identity runbook/a: base 5 values, ours nothing, theirs runbook/x");
    assert_snapshot!(conflict("removed", "x"), @"identity runbook/a: base 5 values, ours runbook/x, theirs nothing");
    // Settled, the documents are those of the side that is right.
    let at: Vec<ocl_migrate::values::Address> = vec!["runbook/a".parse().unwrap()];
    let ours = MergeOptions {
        ours: at.clone(),
        ..options()
    };
    let theirs = MergeOptions {
        theirs: at.clone(),
        ..options()
    };
    let sides = ["x", "y", "removed"];
    let pairs = sides
        .iter()
        .flat_map(|one| sides.map(|other| (*one, other)));
    for (one, other) in pairs.filter(|(one, other)| one != other) {
        for (options, right) in [(&ours, one), (&theirs, other)] {
            world.repo.git(&["branch", "-f", "merged", one]);
            let _ = merge_with(&world, other, "merged", options);
            assert_eq!(world.repo.text("merged"), world.repo.text(right));
        }
    }
    // Where both gave it one name, it is merged there.
    commit("also-x", &[(a, None), (x, Some(&text("a = 2")))]);
    world.repo.commit(
        "also-x",
        None,
        &[(".octopus/runbook/b.ocl", Some("k = 2\n"))],
    );
    let _ = merge(&world, "also-x", "x");
    assert_eq!(world.repo.text("x"), world.repo.text("also-x"));
    // One address can't be settled as both sides have it.
    let both = MergeOptions {
        theirs: at,
        ..ours.clone()
    };
    assert_snapshot!(refusal(&world, "removed", "y", &both), @"runbook/a: it is asked for from two sides");
}

/// Wherever the protocol fails, the branch has the merge or is as it was, and the next merge makes all whole.
#[test]
fn a_merge_that_fails_anywhere_loses_nothing() {
    for point in CommitPoint::ALL {
        // With a commit, and forward.
        for branch in ["one", "base"] {
            let (world, theirs) = (world_with_an_import(), "two");
            let before = world.repo.tip(branch);
            let project = world.project_with(|builder| {
                builder.commit_hook(Arc::new(move |met| {
                    if met == point {
                        return Err(io::Error::other("injected"));
                    }
                    Ok(())
                }))
            });
            let merging = project.merge(branch, theirs, &options()).unwrap();
            assert_eq!(merging.is_forward, branch == "base");
            let done = merging.draft.unwrap().commit(request("Merge"));
            let has_moved = world.repo.tip(branch) != before;
            let after_the_move = [CommitPoint::RefMoved, CommitPoint::SecondCommitted];
            // Where the ref moves, there is nothing to roll back.
            let moves = after_the_move.contains(&point) || point == CommitPoint::RolledBack;
            assert_eq!(has_moved, moves, "{point}: {done:?}");
            if !has_moved {
                assert!(done.is_err(), "{point}");
                let _ = merge(&world, theirs, branch);
            }
            let files = world.repo.files(branch);
            assert!(files[".octopus/fizz.ocl"].contains("d = 1"), "{point}");
            // The next writer finds nothing left to do, or finishes it.
            let _ = world.put(branch, "buzz", "b = 9\n").unwrap();
            assert_eq!(
                world.store_text(),
                "version 5\nsnapshot 3 fizz in shape 3: a = 1; ",
                "{point}"
            );
            world.repo.git(&["fsck", "--strict"]);
        }
    }
}

// ---- Files that no kind claims ----

/// Files with modes, at the top: `x` may be run, `l` is a link.
fn tree(repo: &Repo, branch: &str, from: Option<&str>, files: &[(&str, &str, Option<&str>)]) {
    let script: String = files
        .iter()
        .map(|(path, mode, text)| match text {
            Some(text) => format!("M {mode} inline {path}\ndata {}\n{text}\n", text.len()),
            None => format!("D {path}\n"),
        })
        .collect();
    repo.fast_import(branch, from, &script);
}

#[test]
fn other_files_are_merged_as_git_does() {
    let world = World::new(CATALOG);
    let repo = &world.repo;
    let long = (0..40)
        .map(|line| format!("line {line}\n"))
        .collect::<String>();
    let ours_long = long.replace("line 3\n", "ours\n");
    let their_long = long.replace("line 30\n", "theirs\n");
    tree(
        repo,
        "base",
        None,
        &[
            (MARKER, "100644", Some("version = 5\n")),
            (".octopus/fizz.ocl", "100644", Some("a = 1\nb = 1\n")),
            (".octopus/notes.txt", "100644", Some("n\n")),
            (".octopus/runbook/m.ocl", "100644", Some("m = 1\n")),
            ("both.txt", "100644", Some(&long)),
            ("run.sh", "100644", Some("echo\n")),
            ("link", "120000", Some("both.txt")),
            ("moved.txt", "100644", Some(&long.replace("line", "moved"))),
            ("folder/file", "100644", Some("f\n")),
        ],
    );
    tree(
        repo,
        "one",
        Some("base"),
        &[
            (".octopus/fizz.ocl", "100644", Some("a = 2\nb = 1\n")),
            ("own.txt", "100644", Some("own\n")),
        ],
    );
    tree(
        repo,
        "two",
        Some("base"),
        &[
            (".octopus/fizz.ocl", "100755", Some("a = 1\nb = 2\n")),
            // A document, whose mode alone is another one.
            (".octopus/runbook/m.ocl", "100755", Some("m = 1\n")),
            (".octopus/notes.txt", "100644", None),
            ("run.sh", "100755", Some("echo\n")),
            ("link", "120000", Some("run.sh")),
            ("folder/file", "100644", None),
            ("folder", "100644", Some("now a file\n")),
            ("new", "100755", Some("new\n")),
        ],
    );
    let listed = |at: &str| {
        let listed = repo.git(&["ls-tree", "-r", at]);
        listed
            .lines()
            .map(|line| {
                let (entry, path) = line.split_once('\t').unwrap();
                (path.to_owned(), entry.to_owned())
            })
            .collect::<BTreeMap<_, _>>()
    };
    let by_git = |ours: &str, theirs: &str| {
        // It fails where the document's lines conflict.
        let merge = ["merge-tree", "--write-tree", ours, theirs];
        let told = repo.command(&merge).output().unwrap().stdout;
        listed(String::from_utf8(told).unwrap().lines().next().unwrap())
    };
    // Git's own merge of a document by its lines is another one.
    let others = |mut files: BTreeMap<String, String>| {
        files.remove(".octopus/fizz.ocl");
        files
    };
    let expected = by_git("one", "two");
    // Both sides changed such files, and one of them moved or removed some.
    let without = MergeOptions::default();
    let needs = refusal(&world, "two", "one", &without);
    assert!(
        matches!(needs, MergeBranchError::NoGitProgram { .. }),
        "{needs}"
    );
    let _ = merge(&world, "two", "one");
    assert_eq!(others(listed("one")), others(expected));
    assert_snapshot!(repo.git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", "one"]), @"
    100755 .octopus/fizz.ocl
    100755 .octopus/runbook/m.ocl
    100644 .octopus/schema_version.ocl
    100644 both.txt
    100644 folder
    120000 link
    100644 moved.txt
    100755 new
    100644 own.txt
    100755 run.sh
    ");
    // Both changed one file, and one side moved another.
    tree(
        repo,
        "three",
        Some("base"),
        &[
            ("both.txt", "100644", Some(&ours_long)),
            ("moved.txt", "100644", None),
            ("there.txt", "100644", Some(&long.replace("line", "moved"))),
        ],
    );
    tree(
        repo,
        "four",
        Some("base"),
        &[
            ("both.txt", "100644", Some(&their_long)),
            (
                "moved.txt",
                "100644",
                Some(
                    &long
                        .replace("line", "moved")
                        .replace("moved 20\n", "changed\n"),
                ),
            ),
        ],
    );
    let expected = by_git("three", "four");
    let _ = merge(&world, "four", "three");
    assert_eq!(listed("three"), expected);
    assert!(repo.files("three")["there.txt"].contains("changed"));
    assert!(
        std::fs::read_dir(repo.path().join("objects"))
            .unwrap()
            .all(|entry| {
                !entry
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .starts_with("tmp_")
            })
    );
    // A conflict, as Git tells it, and settled.
    tree(
        repo,
        "five",
        Some("base"),
        &[(
            "both.txt",
            "100644",
            Some(&long.replace("line 3\n", "five\n")),
        )],
    );
    tree(
        repo,
        "six",
        Some("base"),
        &[
            ("both.txt", "100644", Some(&ours_long)),
            ("new", "100644", Some("new\n")),
        ],
    );
    let found = merging(&world, "six", "five", &options());
    assert_snapshot!(conflicts(&found), @"file both.txt: CONFLICT (content): Merge conflict in both.txt");
    let six = MergeOptions {
        theirs: vec!["both.txt".parse().unwrap()],
        ..options()
    };
    let _ = merge_with(&world, "six", "five", &six);
    assert_eq!(listed("five"), listed("six"));
}

#[test]
fn what_cannot_be_merged_is_told() {
    let world = world();
    let repo = &world.repo;
    // Another project that both changed is merged, too; one that one side changed is taken as it is.
    let inner = ".octopus/web/schema_version.ocl";
    repo.commit(
        "base",
        None,
        &[
            (inner, Some("version = 2\n")),
            (".octopus/web/fizz.ocl", Some("a = 1\n")),
        ],
    );
    repo.commit("left", Some("base"), &[(inner, Some("version = 3\n"))]);
    repo.commit(
        "right",
        Some("base"),
        &[(".octopus/web/fizz.ocl", Some("a = 2\n"))],
    );
    repo.commit(
        "outer",
        Some("base"),
        &[(".octopus/fizz.ocl", Some("a = 3\n"))],
    );
    repo.git(&["branch", "both", "right"]);
    let _ = merge(&world, "left", "both");
    assert_eq!(repo.files("both")[".octopus/web/fizz.ocl"], "a = 2\n");
    let _ = merge(&world, "left", "outer");
    assert_eq!(repo.files("outer")[inner], "version = 3\n");
    // A document that can't be lifted.
    let broken = [(".octopus/runbook-5/one.ocl", Some("broken = 1\n"))];
    repo.commit("old", None, &broken);
    assert_snapshot!(refusal(&world, "old", "new", &options()), @"
    runbook/one can't be brought to the version of the merge:
    on old: .octopus/runbook-5/one.ocl: step 4 reject_runbook: it is broken (at the document)
    ");
    // Not a branch.
    repo.git(&["tag", "v1", "new"]);
    let refused = refusal(&world, "right", "v1", &options()).to_string();
    assert!(
        refused.contains("only a branch can be written to"),
        "{refused}"
    );
}

// ---- Laws that reach through the commit ----

/// Lifting both and merging gives what merging gives, byte by byte but for what a side wrote itself at the higher version.
#[test]
fn lifting_then_merging_is_merging_then_lifting() {
    let world = world();
    let merged = merged_tree(&world, "new", "old");
    let _ = upgrade(&world, "lifted", "old");
    assert_eq!(merged_tree(&world, "new", "lifted"), merged);
    // Two old branches, merged at their version and lifted.
    world.repo.commit(
        "side",
        Some("base"),
        &[(".octopus/fizz.ocl", Some("a = 1\nb = 1\nc = 3\n"))],
    );
    world.repo.git(&["branch", "low", "old"]);
    let _ = merge(&world, "side", "low");
    assert_eq!(world.load("low").version().number(), 2);
    let _ = upgrade(&world, "low-lifted", "low");
    let _ = upgrade(&world, "side-lifted", "side");
    let tree = world.repo.git(&["rev-parse", "low-lifted^{tree}"]);
    assert_eq!(merged_tree(&world, "side-lifted", "lifted"), tree);
}

#[test]
fn merging_with_an_unchanged_side_gives_the_other() {
    let world = world();
    // Base lifted alone is no change of a value.
    let _ = upgrade(&world, "unchanged", "base");
    let lifted = |at: &str| {
        let options = LoadOptions { target: Some(5) };
        let loaded = world.project().load(at, options).unwrap();
        loaded
            .values()
            .map(|document| document.unwrap().document().text().to_owned())
            .collect::<Vec<_>>()
    };
    for side in ["old", "new"] {
        world.repo.git(&["branch", "-f", "merged", "unchanged"]);
        let _ = merge(&world, side, "merged");
        assert_eq!(lifted("merged"), lifted(side));
        world.repo.git(&["branch", "-f", "merged", side]);
        if side == "old" {
            let _ = merge(&world, "unchanged", "merged");
            assert_eq!(lifted("merged"), lifted(side));
        }
    }
}

/// Every merge of the corpus' repositories made again: where Git merges without a conflict and the two sides have one version, the tree
/// is Git's own.
#[test]
fn real_merges_are_as_git_makes_them() {
    let Some(corpus) = crate::support::corpus() else {
        return;
    };
    let mut told = String::new();
    for bundle in ["cli", "worker-tools", "pitstop"] {
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        let folder = scratch::folder();
        let bundle_path = corpus.join(format!("repositories/{bundle}.bundle"));
        let repo = Repo::at(folder.path());
        repo.git(&[
            "clone",
            "-q",
            "--mirror",
            bundle_path.to_str().unwrap(),
            ".",
        ]);
        let merges = repo.git(&[
            "rev-list",
            "--all",
            "--min-parents=2",
            "--max-parents=2",
            "--parents",
        ]);
        for line in merges.lines() {
            let commits: Vec<&str> = line.split(' ').collect();
            let outcome = again(&repo, commits[1], commits[2]);
            *outcomes.entry(outcome).or_default() += 1;
        }
        told.push_str(&format!("{bundle}: {outcomes:#?}\n"));
    }
    insta::assert_snapshot!("real_merges", told);
}

/// Makes a merge again, and says how it comes out beside Git's.
fn again(repo: &Repo, ours: &str, theirs: &str) -> String {
    let mut merge = repo.command(&["merge-tree", "--write-tree", "-z", ours, theirs]);
    let by_git = merge.output().unwrap();
    let is_clean = by_git.status.success();
    let by_git = String::from_utf8_lossy(&by_git.stdout);
    let by_git = by_git.split('\0').next().unwrap();
    repo.git(&["update-ref", "refs/heads/merge-again", ours]);
    let catalog = Arc::new(ocl_migrate::catalog::Catalog::builtin());
    let project = ocl_migrate::project::Project::builder(repo.open(), catalog);
    let bases = repo.git(&["ls-tree", "-r", "--name-only", ours]);
    let marker = bases
        .lines()
        .find(|path| path.ends_with("schema_version.ocl"));
    let base_path = marker.map_or(".octopus", |path| path.rsplit_once('/').unwrap().0);
    let project = project.base_path(base_path).build().unwrap();
    let merging = match project.merge("merge-again", theirs, &options()) {
        Ok(merging) => merging,
        Err(error @ MergeBranchError::UpToDate { .. }) => {
            assert_eq!(
                repo.git(&["rev-parse", &format!("{ours}^{{tree}}")]),
                by_git,
                "{error}"
            );
            return "up to date".to_owned();
        }
        Err(error) => return format!("refused: {}", error.to_string().lines().next().unwrap()),
    };
    let Some(draft) = &merging.draft else {
        let git = if is_clean {
            "Git merges"
        } else {
            "Git conflicts"
        };
        return format!("a conflict, where {git}");
    };
    let mut request = request("Again");
    request.accept_unknown_versions = draft.unknown_versions();
    match draft.commit(request) {
        Err(error) => format!("refused: {}", error.to_string().lines().next().unwrap()),
        Ok(committed) => {
            let tree = repo.git(&["rev-parse", &format!("{}^{{tree}}", committed.commit)]);
            let is = if merging.is_forward {
                "forward"
            } else {
                "merged"
            };
            match (is_clean, tree == by_git) {
                (true, true) => format!("{is} as by Git"),
                (true, false) => format!("{is} otherwise than by Git: {ours} {theirs}"),
                (false, _) => format!("{is}, where Git conflicts"),
            }
        }
    }
}
