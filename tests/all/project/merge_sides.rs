//! Three sides of a merge, read at one version.

use insta::assert_snapshot;
use ocl_migrate::git::ObjectId;
use ocl_migrate::ocl::Document;
use ocl_migrate::project::{LoadOptions, MergeSide, MergeSides, MergeSidesError};

use crate::support::World;

const CATALOG: &str = "fizz: 3 modify, 5 modify; runbook[]: 4 reject, 5 rename";

const MARKER: &str = ".octopus/schema_version.ocl";

fn sides(world: &World, ours: &str, theirs: &str) -> Result<MergeSides, MergeSidesError> {
    let options = LoadOptions::default();
    world.project().merge_sides(ours, theirs, options)
}

fn told(world: &World, ours: &str, theirs: &str) -> String {
    sides(world, ours, theirs).err().unwrap().to_string()
}

/// Each document with what the three have of it, and which of them are the same.
fn text(sides: &MergeSides) -> String {
    let mut lines = vec![format!("at version {}", sides.target())];
    for name in sides.names() {
        let same = [
            (MergeSide::Base, MergeSide::Ours),
            (MergeSide::Base, MergeSide::Theirs),
            (MergeSide::Ours, MergeSide::Theirs),
        ];
        let same = same
            .into_iter()
            .filter(|(a, b)| sides.is_same(name, *a, *b));
        let same: Vec<_> = same
            .map(|(a, b)| format!("{}={}", a.name(), b.name()))
            .collect();
        let what = match sides.document(name) {
            Err(error) => error.to_string(),
            Ok(three) => {
                let text = |document: &Option<Document>| match document {
                    Some(document) => document.text().trim_end().replace('\n', "; "),
                    None => "-".to_owned(),
                };
                let [base, ours, theirs] = [&three.base, &three.ours, &three.theirs].map(text);
                format!("{base} | {ours} | {theirs}")
            }
        };
        lines.push(format!("{name} {same:?}: {what}"));
    }
    lines.join("\n")
}

/// A branch at version 2, and two that come from it: one at version 5, one at 2.
fn world() -> World {
    let world = World::new(CATALOG);
    let files = [
        ("fizz.ocl", "a = 1\n"),
        ("runbook-5/kept.ocl", "k = 1\n"),
        ("runbook-5/gone.ocl", "g = 1\n"),
    ];
    world.branch("base", 2, &files);
    let repo = &world.repo;
    repo.commit(
        "new",
        Some("base"),
        &[
            (MARKER, Some("version = 5\n")),
            (".octopus/fizz.ocl", Some("a = 2\nv3 = true\nv5 = true\n")),
            (".octopus/runbook-5/kept.ocl", None),
            (".octopus/runbook/kept.ocl", Some("k = 1\n\nv4 = true\n")),
            (".octopus/runbook-5/gone.ocl", None),
            (".octopus/runbook/added.ocl", Some("n = 1\nv4 = true\n")),
        ],
    );
    repo.commit(
        "old",
        Some("base"),
        &[
            (".octopus/fizz.ocl", Some("a = 1\nb = 1\n")),
            (".octopus/runbook-5/gone.ocl", Some("g = 2\n")),
        ],
    );
    world
}

#[test]
fn all_three_are_read_at_the_highest_version() {
    let world = world();
    assert_snapshot!(text(&sides(&world, "old", "new").unwrap()), @r#"
    at version 5
    fizz []: a = 1; v3 = true; v5 = true | a = 1; b = 1; v3 = true; v5 = true | a = 2; v3 = true; v5 = true
    runbook/added ["base=ours"]: - | - | n = 1; v4 = true
    runbook/gone []: g = 1; v4 = true | g = 2; v4 = true | -
    runbook/kept ["base=ours"]: k = 1; v4 = true | k = 1; v4 = true | k = 1; ; v4 = true
    "#);
    // The other way round, what was ours is theirs.
    let mirrored = sides(&world, "new", "old").unwrap();
    assert_eq!(
        mirrored.base().commit(),
        sides(&world, "old", "new").unwrap().base().commit()
    );
    assert_eq!(mirrored.theirs().ref_name(), Some("refs/heads/old"));
    // At a version that both are below.
    let base = world
        .project()
        .merge_sides("base", "old", LoadOptions { target: Some(3) });
    assert_snapshot!(text(&base.unwrap()), @r#"
    at version 3
    fizz ["base=ours"]: a = 1; v3 = true | a = 1; v3 = true | a = 1; b = 1; v3 = true
    runbook/gone ["base=ours"]: g = 1 | g = 1 | g = 2
    runbook/kept ["base=ours", "base=theirs", "ours=theirs"]: k = 1 | k = 1 | k = 1
    "#);
}

#[test]
fn a_base_may_be_given() {
    let world = world();
    let options = LoadOptions::default();
    let sides = world
        .project()
        .merge_sides_since("old~1", "new", "old", options)
        .unwrap();
    assert_eq!(
        sides.base().commit().to_string(),
        world.repo.tip("base").unwrap()
    );
    let again = world
        .project()
        .merge_sides_since("new", "new", "old", options)
        .unwrap();
    let fizz = "fizz".parse().unwrap();
    assert!(again.is_same(&fizz, MergeSide::Base, MergeSide::Ours));
}

#[test]
fn a_document_that_cannot_be_lifted_is_told_with_its_side() {
    let world = world();
    let broken = [(".octopus/runbook-5/kept.ocl", Some("broken = 1\n"))];
    world.repo.commit("old", None, &broken);
    let sides = sides(&world, "new", "old").unwrap();
    let kept = "runbook/kept".parse().unwrap();
    let error = sides.document(&kept).unwrap_err();
    assert_eq!(error.failures[0].0, MergeSide::Theirs);
    assert_snapshot!(error, @".octopus/runbook-5/kept.ocl: step 4 reject_runbook: it is broken (at the document)");
    // The others are there.
    assert!(sides.document(&"fizz".parse().unwrap()).is_ok());
    // One file at one version is the same, also where it can't be lifted.
    world
        .repo
        .commit("older", Some("old"), &[("notes.txt", Some("x"))]);
    let sides = world
        .project()
        .merge_sides_since("older", "new", "old", LoadOptions::default());
    let sides = sides.unwrap();
    assert!(sides.is_same(&kept, MergeSide::Base, MergeSide::Theirs));
    assert!(!sides.is_same(&kept, MergeSide::Ours, MergeSide::Theirs));
}

#[test]
fn what_cannot_be_read_is_told() {
    let world = world();
    let repo = &world.repo;
    world.branch("unrelated", 2, &[("fizz.ocl", "a = 1")]);
    assert_snapshot!(told(&world, "old", "unrelated"), @"old and unrelated have no commit in common: their histories are unrelated, and what each of them changed can't be told");
    assert!(
        told(&world, "nothing", "old")
            .starts_with("nothing can't be read: 'nothing' is not a branch")
    );
    assert!(
        told(&world, "old", "nothing")
            .starts_with("nothing can't be read: 'nothing' is not a branch")
    );
    let below = world
        .project()
        .merge_sides("old", "new", LoadOptions { target: Some(4) });
    assert_snapshot!(below.err().unwrap(), @"new is at version 5, and the merge was asked for at version 4: nothing is merged downward");
    let above = world
        .project()
        .merge_sides("old", "new", LoadOptions { target: Some(6) });
    assert_snapshot!(above.err().unwrap(), @"old can't be read: version 6 is above this server's version 5");
    // A version that the catalog doesn't know, and a marker that says none.
    repo.commit("newer", Some("old"), &[(MARKER, Some("version = 9\n"))]);
    assert_snapshot!(told(&world, "old", "newer"), @"newer can't be read: the branch is at version 9, and this server only knows versions up to 5: upgrade the server");
    repo.commit("damaged", Some("old"), &[(MARKER, Some("<<<<<<< ours\n"))]);
    assert_snapshot!(told(&world, "damaged", "new"), @"
    damaged can't be read: the version can't be read: this is a Git conflict marker: resolve the merge first
     --> .octopus/schema_version.ocl:1:1
      |
    1 | <<<<<<< ours
      | ^
    ");
    let files = [MARKER, ".octopus/fizz.ocl", ".octopus/runbook-5/kept.ocl"];
    let files = [&files[..], &[".octopus/runbook-5/gone.ocl"]].concat();
    let removed: Vec<_> = files.iter().map(|path| (*path, None)).collect();
    repo.commit("removed", Some("base"), &removed);
    assert_snapshot!(told(&world, "old", "removed"), @r#"removed has no project in ".octopus", and the commit that both sides come from has one: it was removed there, or moved, and what that means for its documents can't be told"#);
    repo.commit("empty", None, &[("a", Some("1"))]);
    repo.commit("other", Some("empty"), &[("a", Some("2"))]);
    assert_snapshot!(told(&world, "empty", "other"), @r#"there is no project in ".octopus" on either side: nothing states a version there"#);
}

#[test]
fn branches_that_were_merged_into_each_other_have_several_bases() {
    let world = world();
    let repo = &world.repo;
    let tree = repo.git(&["rev-parse", "old^{tree}"]);
    for (name, parents) in [("one", ["old", "new"]), ("two", ["new", "old"])] {
        let parents = parents.map(|parent| repo.tip(parent).unwrap());
        let merge = [
            "commit-tree",
            &tree,
            "-p",
            &parents[0],
            "-p",
            &parents[1],
            "-m",
            name,
        ];
        let merge = repo.git(&merge);
        repo.git(&["update-ref", &format!("refs/heads/{name}"), &merge]);
    }
    let Err(MergeSidesError::SeveralBases { bases, .. }) = sides(&world, "one", "two") else {
        panic!("one base");
    };
    let mut expected = ["old", "new"].map(|branch| repo.tip(branch).unwrap());
    let mut bases: Vec<String> = bases.iter().map(ObjectId::to_string).collect();
    expected.sort();
    bases.sort();
    assert_eq!(bases, expected);
}

/// Where the project began after the two parted, the base has it from the server, as both sides had it before.
#[test]
fn what_an_import_brought_to_one_side_is_no_change_of_it() {
    let world = World::new("fizz: 3 import, 4 modify");
    world.row("fizz", "a = 1\n", 3);
    world.branch("base", 2, &[]);
    world.branch("unused", 2, &[]);
    let draft = |name: &str| {
        world.repo.git(&["branch", name, "base"]);
        world.edit(name)
    };
    let _ = draft("new")
        .upgrade()
        .commit(crate::support::request("Upgrade"))
        .unwrap();
    world
        .repo
        .commit("old", Some("base"), &[("notes.txt", Some("x"))]);
    assert_snapshot!(text(&sides(&world, "old", "new").unwrap()), @r#"
    at version 4
    fizz ["base=ours"]: a = 1; v4 = true | a = 1; v4 = true | a = 1; v4 = true
    "#);
}
