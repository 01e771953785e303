//! `baseline`: a catalog's oldest versions are retired.

use std::fs;

use crate::support::{Sandbox, project};

/// Branches at versions 3, 4, 6 and 99, and the catalog "fizz" in a folder of its own.
fn sandbox() -> Sandbox {
    let repo = Sandbox::new("versions");
    let fizz = project().join("fixtures/catalogs/fizz");
    repo.shell(&format!("cp -r '{}' catalog", fizz.display()));
    repo
}

fn run(repo: &Sandbox, arguments: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", "catalog"], arguments].concat())
}

const LEAVE: [&str; 4] = [
    "--leave-behind",
    "refs,rows,snapshots",
    "--last-release",
    "2026.4",
];

#[test]
fn what_still_needs_the_steps_is_named_and_stops_it() {
    let repo = sandbox();
    insta::assert_snapshot!(run(&repo, &["baseline", "5"]), @"
    --- stdout
    REPO
      at version 3: refs/heads/old, refs/heads/several, refs/pull/1/head and refs/tags/v1
      at version 4: refs/heads/broken and refs/heads/feature/teams
    1 repository looked at
    --- stderr
    error: the steps up to version 5 are still needed by 6 refs: bring them up to date with a release that has the steps, or say that they are left behind: --leave-behind refs
    --- exit 1
    ");
    // What is told is what is then left behind.
    insta::assert_snapshot!(run(&repo, &[&["baseline", "5", "--dry-run"], &LEAVE[..]].concat()), @"
    --- stdout
    the catalog begins at version 5
      step 4 color goes
      the import of fizz at version 1 stays, for refs without a version
      the import of team at version 5 stays, for refs without a version
      the snapshots v1 and v4 go
    REPO
      at version 3: refs/heads/old, refs/heads/several, refs/pull/1/head and refs/tags/v1
      at version 4: refs/heads/broken and refs/heads/feature/teams
    1 repository looked at
    nothing was written; the snapshots from there on would be what they are
    --- exit 0
    ");
    assert!(repo.path().join("catalog/0004_color").exists());
    insta::assert_snapshot!(repo.pretty_plain(&["--catalog", "catalog", "baseline", "6", "--dry-run", "--leave-behind", "refs"]), @r#"
    {
      "format_version": 1,
      "baseline": 6,
      "last_release": null,
      "outcome": "dry_run",
      "steps": [
        {
          "version": 4,
          "name": "color"
        },
        {
          "version": 6,
          "name": "lead"
        },
        {
          "version": 6,
          "name": "width"
        }
      ],
      "kinds": [],
      "snapshots": [
        "v1",
        "v4",
        "v5"
      ],
      "repositories": [
        {
          "repository": "REPO",
          "refs": [
            {
              "ref": "refs/heads/broken",
              "base_path": ".config",
              "version": 4
            },
            {
              "ref": "refs/heads/feature/teams",
              "base_path": ".config",
              "version": 4
            },
            {
              "ref": "refs/heads/old",
              "base_path": ".config",
              "version": 3
            },
            {
              "ref": "refs/heads/several",
              "base_path": ".config/one",
              "version": 3
            },
            {
              "ref": "refs/pull/1/head",
              "base_path": ".config",
              "version": 3
            },
            {
              "ref": "refs/tags/v1",
              "base_path": ".config",
              "version": 3
            }
          ],
          "rows": [],
          "snapshots": [],
          "unversioned": []
        }
      ]
    }
    "#);
}

#[test]
fn rows_and_snapshots_in_an_old_shape_stop_it_too() {
    let repo = sandbox();
    repo.shell("printf 'colour = \"blue\"\\n' > row.ocl; printf 'name = \"Red\"\\n' > team.ocl");
    let at = |arguments: &[&str]| run(&repo, &[&["--base-path", ".config"], arguments].concat());
    at(&["store", "init"]);
    at(&["store", "put", "fizz", "row.ocl", "--shape", "3"]);
    at(&["store", "put", "team/red", "team.ocl", "--shape", "5"]);
    insta::assert_snapshot!(run(&repo, &["baseline", "5", "--leave-behind", "refs"]), @"
    --- stdout
    REPO
      at version 3: refs/heads/old, refs/heads/several, refs/pull/1/head and refs/tags/v1
      at version 4: refs/heads/broken and refs/heads/feature/teams
      in the store's table, from shape 3 on: fizz
    1 repository looked at
    --- stderr
    error: the steps up to version 5 are still needed by 1 row: bring them up to date with a release that has the steps, or say that they are left behind: --leave-behind rows
    --- exit 1
    ");
    // The project leaves the table for Git: the snapshot has the old shape for ever.
    let adopted = at(&["adopt", "main"]);
    assert!(adopted.ends_with("exit 0"), "{adopted}");
    insta::assert_snapshot!(run(&repo, &["baseline", "5", "--leave-behind", "refs"]), @"
    --- stdout
    REPO
      at version 3: refs/heads/old, refs/heads/several, refs/pull/1/head and refs/tags/v1
      at version 4: refs/heads/broken and refs/heads/feature/teams
      in snapshots, from shape 3 on: fizz
      without a version, reading those snapshots: refs/heads/empty and refs/heads/several
    1 repository looked at
    --- stderr
    error: the steps up to version 5 are still needed by 1 recorded document: bring them up to date with a release that has the steps, or say that they are left behind: --leave-behind snapshots
    --- exit 1
    ");
    let done = run(&repo, &[&["baseline", "5"], &LEAVE[..]].concat());
    assert!(done.ends_with("exit 0"), "{done}");
    // A branch without a version gets the team, and is told why it doesn't get the fizz.
    insta::assert_snapshot!(at(&["preview", "empty", "--no-plan"]), @r#"
    --- stdout
    refs/heads/empty (09aef29476), .config: version uninitialised -> 6

      schema_version.ocl: uninitialised -> 6

    diff --git a/.config/teams/red.ocl b/.config/teams/red.ocl
    new file mode 100644
    --- /dev/null
    +++ b/.config/teams/red.ocl
    @@ -0,0 +1,2 @@
    +name = "Red"
    +lead = "-"

    1 of 2 documents would change, 2 lines added, 0 removed; 1 can't be migrated
    --- stderr
    error: .config/fizz.ocl: the store's content has shape 3, and this server's steps begin at version 5: upgrade the branch first with release 2026.4, the last that can
    hint: see why: ocl-migrate --catalog catalog --base-path .config explain empty fizz
    --- exit 1
    "#);
}

/// Two clones hold one project, and two folders are one repository's work trees.
#[test]
fn rows_of_a_shared_store_count_once() {
    let repo = sandbox();
    repo.shell(
        "printf 'colour = \"blue\"\\n' > row.ocl; git init -q clone; git init -q other; \
         for name in clone other; do cp -R catalog/snapshots/v6 $name/.config; git -C $name add .; git -C $name commit -qm v6; done; \
         git clone -q clone again; git -C clone worktree add -q ../tree; \
         printf '{\"repository\": \"clone\", \"project\": \"one\"}\\n{\"repository\": \"again\", \"project\": \"one\"}\\n\
         {\"repository\": \"other\", \"project\": \"two\"}\\n' > list; printf 'clone\\ntree\\n' > trees",
    );
    for project in ["one", "two", "three"] {
        let at = |arguments: &[&str]| {
            let global = ["--store", "store.db", "--project", project];
            run(&repo, &[&global, arguments].concat())
        };
        at(&["store", "init"]);
        at(&["store", "put", "fizz", "row.ocl", "--shape", "3"]);
    }
    let shared = ["--store", "store.db", "baseline", "5", "--repos", "list"];
    insta::assert_snapshot!(run(&repo, &shared), @"
    --- stdout
    again
      in the store's table, from shape 3 on: fizz
    other
      in the store's table, from shape 3 on: fizz
    3 repositories looked at
    --- stderr
    warning: the store holds 1 other project, which was not looked at: three; list its repository with --repos, each with its project
    error: the steps up to version 5 are still needed by 2 rows: bring them up to date with a release that has the steps, or say that they are left behind: --leave-behind rows
    --- exit 1
    ");
    for command in ["init", "put fizz ../row.ocl --shape 3"] {
        let words = format!("--catalog ../catalog -C clone store {command}");
        let done = repo.run_plain(&words.split(' ').collect::<Vec<_>>());
        assert!(done.ends_with("exit 0"), "{done}");
    }
    insta::assert_snapshot!(run(&repo, &["baseline", "5", "--repos", "trees"]), @"
    --- stdout
    clone
      in the store's table, from shape 3 on: fizz
    2 repositories looked at
    --- stderr
    error: the steps up to version 5 are still needed by 1 row: bring them up to date with a release that has the steps, or say that they are left behind: --leave-behind rows
    --- exit 1
    ");
}

#[test]
fn snapshots_that_no_ref_reads_stop_nothing() {
    let repo = sandbox();
    repo.shell("printf 'colour = \"blue\"\\n' > row.ocl");
    let at = |arguments: &[&str]| run(&repo, &[&["--base-path", ".config"], arguments].concat());
    at(&["store", "init"]);
    at(&["store", "put", "fizz", "row.ocl", "--shape", "3"]);
    let adopted = at(&["adopt", "main"]);
    assert!(adopted.ends_with("exit 0"), "{adopted}");
    let baseline = ["baseline", "5", "--dry-run", "--leave-behind", "refs"];
    let needed = at(&baseline);
    assert!(
        needed.contains("still needed by 1 recorded document"),
        "{needed}"
    );
    // Every ref has a version now.
    repo.shell(
        "for ref in $(git for-each-ref --format='%(refname)'); do \
           git cat-file -e $ref:.config/schema_version.ocl 2>&- || git update-ref -d $ref; \
         done",
    );
    let done = at(&baseline);
    assert!(done.ends_with("exit 0"), "{done}");
}

#[test]
fn branches_below_it_are_refused_by_every_command_with_what_helps() {
    let repo = sandbox();
    let done = run(&repo, &[&["baseline", "5"], &LEAVE[..]].concat());
    assert!(
        done.ends_with("written; the snapshots from there on are what they were\n--- exit 0"),
        "{done}"
    );
    insta::assert_snapshot!(fs::read_to_string(repo.path().join("catalog/catalog.hcl")).unwrap().lines().take(5).collect::<Vec<_>>().join("\n"), @r#"
    catalog "fizz" {
      base_path = ".config"
      baseline = 5
      last_release = "2026.4"
    }
    "#);
    assert!(run(&repo, &["verify"]).contains("fizz 5 to 6: 4 cases, 2 snapshots"));
    insta::assert_snapshot!(run(&repo, &["status", "main", "old", "feature/teams"]), @"
    --- stdout
    REF                       BASE PATH  VERSION  STATE (server 6)
    refs/heads/main           .config          6  current
    refs/heads/old            .config          3  retired
    refs/heads/feature/teams  .config          4  retired
    --- exit 0
    ");
    assert!(run(&repo, &["status", "--fail-on", "retired", "old"]).ends_with("exit 1"));
    assert!(run(&repo, &["status", "--fail-on", "retired", "main"]).ends_with("exit 0"));
    insta::assert_snapshot!(run(&repo, &["preview", "old"]), @"
    --- stderr
    error: the branch is at version 3, and this server's steps begin at version 5: upgrade it first with release 2026.4, the last that can
    --- exit 1
    ");
    insta::assert_snapshot!(run(&repo, &["rehearse", "old", "main"]), @"
    --- stdout
    1 ref can't be migrated
      the branch is at version 3, and this server's steps begin at version 5: upgrade it first with release 2026.4, the last that can
      refs/heads/old

    1 ref has nothing to do
      refs/heads/main

    2 refs: 1 failed, 0 losing a value, 0 changed, 1 without a change to documents
    0 documents would change; lines: 0 added, 0 removed
    --- exit 1
    ");
    assert!(
        run(&repo, &["doctor"])
            .contains("refs/heads/old, .config: it is at version 3, and this catalog begins at 5")
    );
    insta::assert_snapshot!(run(&repo, &["preview", "main", "--to", "4"]), @"
    --- stderr
    error: version 4 is below version 5, at which this server's steps begin
    hint: see which versions there are: ocl-migrate --catalog catalog plan --branch-version 0
    --- exit 1
    ");
    insta::assert_snapshot!(repo.pretty_plain(&["--catalog", "catalog", "status", "old"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/old",
      "commit": "b107edaf29555b54a603eb4084862fee787c740d",
      "base_path": ".config",
      "branch_version": 3,
      "project_version": null,
      "server_version": 6,
      "pending": 0,
      "state": "retired"
    }
    "#);
}

#[test]
fn two_releases_in_a_row_lift_a_branch_as_one_with_all_steps_would() {
    let repo = sandbox();
    let step = "mkdir -p $C/0007_round/cases/first; printf 'description = \"Round\"\\ndocument = \"fizz\"\\nmodify {\\n  set = { round = true }\\n}\\n' > $C/0007_round/step.hcl";
    let add = |catalog: &str| repo.shell(&step.replace("$C", catalog));
    repo.shell("cp -r catalog all; cp -r catalog next");
    let done = repo.run_plain(&[&["--catalog", "next", "baseline", "6"], &LEAVE[..]].concat());
    assert!(done.ends_with("exit 0"), "{done}");
    add("all");
    add("next");
    let all = repo.run_plain(&["--catalog", "all", "show", "old", "--format", "json"]);
    let refused = repo.run_plain(&["--catalog", "next", "show", "old"]);
    assert!(
        refused.contains("upgrade it first with release 2026.4, the last that can"),
        "{refused}"
    );
    run(&repo, &["--base-path", ".config", "store", "init"]);
    let lifted = run(&repo, &["upgrade", "old", "-m", "Migrate"]);
    assert!(lifted.ends_with("exit 0"), "{lifted}");
    let next = repo.run_plain(&["--catalog", "next", "show", "old", "--format", "json"]);
    // What `old` lacks is told once, when it is lifted.
    let documents = |shown: &str| {
        let line = shown.lines().find(|line| line.starts_with('{')).unwrap();
        let mut shown: serde_json::Value = serde_json::from_str(line).unwrap();
        shown["documents"].take()
    };
    assert!(documents(&next)[0]["content"]["round"] == true, "{next}");
    assert_eq!(documents(&next), documents(&all));
}

#[test]
fn a_baseline_of_the_shipped_catalog_leaves_what_is_above_it_as_it_was() {
    let repo = Sandbox::empty();
    // Every step and import is below one of them, and at one.
    for version in [4, 9, 14] {
        let (steps, snapshots) = (project().join("steps"), project().join("snapshots"));
        repo.shell(&format!(
            "rm -rf steps snapshots; cp -r '{}' '{}' .",
            steps.display(),
            snapshots.display()
        ));
        let version = version.to_string();
        let done = repo.run_plain(&["--catalog", "steps", "baseline", &version]);
        assert!(done.ends_with("exit 0"), "{version}: {done}");
        let verified = repo.run_plain(&["--catalog", "steps", "verify"]);
        assert!(
            verified.contains(&format!("octopus {version} to 14: ")),
            "{verified}"
        );
        assert!(verified.ends_with("exit 0"), "{verified}");
        // The snapshots above it are those that there were.
        let differences = repo.shell(&format!(
            "diff -r snapshots '{}' || true",
            snapshots.display()
        ));
        let changed = differences
            .lines()
            .filter(|line| line.starts_with("diff ") && !line.contains("arrivals"));
        assert_eq!(changed.count(), 0, "{differences}");
    }
    let again = repo.run_plain(&["--catalog", "steps", "baseline", "14"]);
    insta::assert_snapshot!(again, @"
    --- stderr
    error: baseline 14: the catalog begins at version 14 already
    hint: see how it is called: ocl-migrate help baseline
    --- exit 2
    ");
}

#[test]
fn a_catalog_that_keeps_steps_below_its_baseline_is_wrong() {
    let repo = sandbox();
    repo.shell("sed -i 's/base_path = .*/&\\n  baseline = 5\\n  unknown_versions = [2]/' catalog/catalog.hcl");
    insta::assert_snapshot!(run(&repo, &["status"]), @"
    --- stderr
    error: the catalog has 2 problems

    this step would never run: the catalog begins at version 5, its baseline
     --> catalog/0004_color/step.hcl:4:1
      |
    4 | modify {
      | ^^^^^^
      = help: remove the step's folder, or lower the baseline

    version 2 is not above the baseline, 5
     --> catalog/catalog.hcl:3:14
      |
    3 |   baseline = 5
      |              ^
      = help: remove it from `unknown_versions`
    --- exit 1
    ");
    repo.shell("sed -i 's/baseline = 5/baseline = 0/' catalog/catalog.hcl");
    assert!(run(&repo, &["status"]).contains("a baseline is a version: a positive whole number"));
    insta::assert_snapshot!(repo.run_plain(&["baseline", "5"]), @"
    --- stderr
    error: a baseline is written into a catalog's folder: name it with --catalog DIR
    hint: see how it is called: ocl-migrate help baseline
    --- exit 2
    ");
    let fresh = sandbox();
    insta::assert_snapshot!(run(&fresh, &["baseline", "3", "--leave-behind", "refs"]), @"
    --- stderr
    error: baseline 3: no step has version 3, so it has no snapshot: name a version that a step has
    hint: see how it is called: ocl-migrate help baseline
    --- exit 2
    ");
    fresh.shell("mv catalog/snapshots/v4 .");
    insta::assert_snapshot!(run(&fresh, &["baseline", "4", "--leave-behind", "refs"]), @"
    --- stderr
    error: there is no snapshot of version 4, and so nothing shows that a project at it stays what it is: record one, with `snapshot 4`
    --- exit 1
    ");
    fresh.shell("mv v4 catalog/snapshots");
    fresh.shell("printf '\\n' >> catalog/snapshots/v5/fizz.ocl");
    insta::assert_snapshot!(run(&fresh, &["baseline", "5", "--leave-behind", "refs"]), @"
    --- stderr
    error: verify fails already, and has to pass first: [migration] v4 to v5: fizz.ocl does not become that of snapshots/v5 (and in 2 longer migrations)
    --- exit 1
    ");
}

/// What both sides come from is past, and can't be upgraded.
#[test]
fn a_merge_of_what_comes_from_a_retired_version_takes_an_older_release() {
    let repo = sandbox();
    run(&repo, &["--base-path", ".config", "store", "init"]);
    for branch in ["ours", "theirs"] {
        repo.shell(&format!("git branch {branch} old"));
        let lifted = run(&repo, &["upgrade", branch, "-m", branch]);
        assert!(lifted.ends_with("exit 0"), "{lifted}");
    }
    let done = run(&repo, &[&["baseline", "5"], &LEAVE[..]].concat());
    assert!(done.ends_with("exit 0"), "{done}");
    let refused = run(&repo, &["merge", "theirs", "--into", "ours", "-m", "Merge"]);
    assert!(
        refused.contains(
            "hint: both come from that commit, which nothing upgrades any more: merge them with release 2026.4, the last that can"
        ),
        "{refused}"
    );
}

/// What arrives below the baseline has its shape then, and the contract of that.
#[test]
fn documents_that_arrive_below_the_baseline_keep_its_contract() {
    let repo = Sandbox::empty();
    let flags = project().join("fixtures/catalogs/flags");
    repo.shell(&format!(
        "cp -r '{}' catalog && git commit -q --allow-empty -m one",
        flags.display()
    ));
    let done = run(&repo, &["baseline", "3", "--last-release", "2026.4"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let verified = run(&repo, &["verify"]);
    assert!(verified.ends_with("--- exit 0"), "{verified}");
}

#[test]
fn a_kind_that_a_retired_step_removed_goes_too() {
    let repo = Sandbox::empty();
    let flags = project().join("fixtures/catalogs/flags");
    repo.shell(&format!(
        "cp -r '{}' catalog && git commit -q --allow-empty -m one",
        flags.display()
    ));
    let done = run(&repo, &["baseline", "9", "--last-release", "2026.4"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let told =
        "  the kind kill_switches goes from catalog.hcl: a step up to version 9 removes it\n";
    assert!(done.contains(told), "{done}");
    let written = fs::read_to_string(repo.path().join("catalog/catalog.hcl")).unwrap();
    assert!(!written.contains("document \"kill_switches\""), "{written}");
    assert!(written.contains("document \"flag\""), "{written}");
    let verified = run(&repo, &["verify"]);
    assert!(verified.ends_with("--- exit 0"), "{verified}");
}
