//! `merge`: branches that are versions apart.

use insta::assert_snapshot;

use crate::support::Sandbox;

/// Two branches, five versions apart, that changed one step, and `clash`, which changed what `feature` changed too.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    let demo = crate::support::project().join("fixtures/demo-merge");
    let demo = demo.display();
    repo.shell(&format!(
        r#"
        set -e
        commit() {{ git add -A && git commit -q -m "$1"; }}
        take() {{ cp "{demo}/$1/octopus/"* .octopus/; }}
        mkdir -p .octopus
        take base; echo notes > notes.txt; commit Base
        git checkout -q -b hotfix; take hotfix--timeout; commit Timeout
        git checkout -q -b clash; sed -i 's/"shop"/"other"/' .octopus/deployment_process.ocl; echo clash > notes.txt; commit Clash
        git checkout -q -b feature main; take feature--web; echo web > notes.txt; commit Web
        git checkout -q --detach
        "#
    ));
    repo.run_plain(&["store", "init"]);
    repo
}

const MERGE: [&str; 4] = ["merge", "feature", "--into", "hotfix"];

#[test]
fn git_conflicts_and_this_merges() {
    let repo = repository();
    let by_git = repo.shell("git merge-tree --write-tree --name-only hotfix feature || true");
    assert!(by_git.contains("CONFLICT (content)"), "{by_git}");
    let before = repo.shell("git rev-parse hotfix");
    assert_snapshot!(repo.run_plain(&[&MERGE[..], &["--dry-run"]].concat()));
    assert_snapshot!(
        "dry_run_json",
        repo.pretty_plain(&[&MERGE[..], &["--dry-run"]].concat())
    );
    assert_eq!(repo.shell("git rev-parse hotfix"), before);
    let done = repo.run_plain(&[&MERGE[..], &["-m", "Merge feature"]].concat());
    assert_snapshot!(
        "done",
        done.replace(
            repo.shell("git rev-parse --short=10 hotfix").trim(),
            "COMMIT"
        )
    );
    assert_snapshot!(
        "in_git",
        repo.shell("git log --format='%s %p' --abbrev=4 -1 hotfix | wc -w; git show hotfix:.octopus/deployment_process.ocl")
    );
    let again = repo.run_plain(&[&MERGE[..], &["-m", "Again"]].concat());
    assert_snapshot!("again", again);
}

#[test]
fn what_is_no_branch_is_refused_before_conflicts_are_told() {
    let repo = repository();
    repo.shell("git checkout -q --detach hotfix");
    for into in ["HEAD", "hotfix~0"] {
        let told = repo.run_plain(&["merge", "clash", "--into", into, "--no-ff", "--dry-run"]);
        assert!(told.contains("only a branch can be written to"), "{told}");
        let told = repo.run_plain(&["merge", "feature", "--into", into, "-m", "x"]);
        assert!(told.contains("only a branch can be written to"), "{told}");
        assert!(
            !told.contains("CONFLICT") && !told.contains("conflict"),
            "{told}"
        );
    }
}

/// The other side is past an import whose rows are still in the store.
#[test]
fn a_branch_that_moves_forward_names_the_side_that_the_store_is_behind() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .octopus/runbooks; cd .octopus; echo 'version = 8' > schema_version.ocl; git add -A; git commit -qm Eight; git branch low
        echo 'version = 14' > schema_version.ocl; echo 'name = \"R\"' > runbooks/r.ocl; git add -A; git commit -qm Fourteen; git switch -q --detach
        echo 'name = \"B\"' > ../.git/b.ocl",
    );
    for words in [
        &["store", "init"][..],
        &["store", "put", "runbook/b", ".git/b.ocl"],
    ] {
        let told = repo.run_plain(words);
        assert!(told.ends_with("--- exit 0"), "{told}");
    }
    let merge = ["merge", "main", "--into", "low", "-m", "x"];
    let told = repo.run_plain(&merge);
    assert!(told.contains("error: main can't be merged: "), "{told}");
    assert!(told.contains("adopt --dry-run main\n"), "{told}");
    let told = repo.run_plain(&["adopt", "main"]);
    assert!(told.ends_with("--- exit 0"), "{told}");
    let told = repo.run_plain(&merge);
    assert!(told.ends_with("--- exit 0"), "{told}");
}

/// Nothing is written that isn't in Git, so nothing is refused.
#[test]
fn a_branch_that_moves_forward_is_told_of_names_that_stand_twice() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir .octopus; echo 'version = 14' > .octopus/schema_version.ocl; git add -A; git commit -qm One; git branch low
        printf 'a = 1\\na = 2\\n' > .octopus/deployment_settings.ocl; git add -A; git commit -qm Two; git switch -q --detach",
    );
    let merge = ["merge", "main", "--into", "low", "-m", "x"];
    let told = repo.run_plain(&[&merge[..], &["--no-ff"]].concat());
    assert!(told.contains("names occur more than once"), "{told}");
    let told = repo.run_plain(&merge);
    let warning = "warning: deployment_settings: the attribute `a` occurs twice";
    assert!(told.contains(warning), "{told}");
    assert!(told.ends_with("--- exit 0"), "{told}");
}

/// The branch is checked out: its files follow, those that aren't documents too.
#[test]
fn a_branch_that_is_checked_out_follows() {
    let repo = repository();
    repo.shell("git checkout -q hotfix && echo mine > notes.txt");
    let refused = repo.run_plain(&[&MERGE[..], &["-m", "Merge"]].concat());
    assert!(refused.contains("notes.txt"), "{refused}");
    repo.shell("git checkout -q notes.txt");
    let done = repo.run_plain(&[&MERGE[..], &["-m", "Merge"]].concat());
    assert!(done.ends_with("--- exit 0"), "{done}");
    assert_eq!(repo.shell("cat notes.txt; git status --porcelain"), "web\n");
    // Forward, too.
    repo.shell("git checkout -q -b late main");
    let forward = repo.run_plain(&["merge", "feature", "--into", "late", "-m", "Forward"]);
    assert_snapshot!(forward.replace(
        repo.shell("git rev-parse --short=10 feature").trim(),
        "COMMIT"
    ));
    assert_eq!(repo.shell("cat notes.txt; git status --porcelain"), "web\n");
}

#[test]
fn conflicts_are_listed_and_nothing_is_written() {
    let repo = repository();
    let words = ["merge", "feature", "--into", "clash", "-m", "Merge"];
    let before = repo.shell("git rev-parse clash");
    assert_snapshot!(repo.run_plain(&words));
    assert_snapshot!("conflicts_json", repo.pretty_plain(&words));
    assert_eq!(repo.shell("git rev-parse clash"), before);
    // Mistyped addresses.
    for wrong in ["deployment_process step[", "deployment_process step[\"x\"]"] {
        assert_snapshot!(repo.run_plain(&[&words[..], &["--theirs", wrong]].concat()));
    }
    let one = [&words[..], &["--theirs", "deployment_process"]].concat();
    assert!(
        repo.run_plain(&one)
            .contains("1 conflict; nothing is merged")
    );
    let both = [&one[..], &["--ours", "notes.txt"]].concat();
    let done = repo.run_plain(&both);
    assert!(done.ends_with("--- exit 0"), "{done}");
    assert_eq!(repo.shell("git show clash:notes.txt"), "clash\n");
    let process = repo.shell("git show clash:.octopus/deployment_process.ocl");
    assert!(
        process.contains("storefront") && process.contains("600"),
        "{process}"
    );
}

/// Below the version at which heredocs change, with nothing that both come from.
#[test]
fn what_both_added_is_merged_in_the_older_dialect_too() {
    let repo = repository();
    repo.shell(
        r#"
        set -e
        add() { git checkout -q -b "$1" main; printf "$2" > .octopus/deployment_settings.ocl; git add -A; git commit -q -m "$1"; }
        add one 'x = 1\n'
        add two 'y = 2\nx = 1\n'
        git checkout -q --detach
        "#,
    );
    let done = repo.run_plain(&["merge", "two", "--into", "one", "-m", "Merge"]);
    assert!(done.contains("merged at version 3"), "{done}");
    let merged = repo.shell("git show one:.octopus/deployment_settings.ocl");
    assert_eq!(merged, "x = 1\ny = 2\n");
}

/// A branch whose version was raised by hand is past the import, and the rows are still in the store: it seems to have removed them.
#[test]
fn a_side_that_was_never_given_what_the_store_has_is_refused_until_it_is_adopted() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"
        set -e
        commit() { git add -A && git commit -q -m "$1"; }
        mkdir -p .config
        printf 'version = 4' > .config/schema_version.ocl
        printf 'color = "red"\n' > .config/fizz.ocl
        commit Base
        git checkout -q -b ahead
        printf 'version = 5' > .config/schema_version.ocl
        printf 'color = "green"\n' > .config/fizz.ocl
        commit Ahead
        git checkout -q main
        echo notes > notes.txt
        commit Notes
        git checkout -q --detach
        printf 'members = ["Ann"]\n' > .git/core.ocl
        "#,
    );
    repo.run(&["store", "init"]);
    repo.run(&["store", "put", "team/core", ".git/core.ocl", "--shape", "5"]);
    let before = (
        repo.shell("git rev-parse main"),
        repo.run(&["store", "list"]),
    );
    assert!(before.1.contains("team/core"), "{}", before.1);
    for arguments in [
        &["--dry-run"][..],
        &["-m", "Merge"],
        &["-m", "Merge", "--no-ff"],
    ] {
        let refused = repo.run(&[&["merge", "ahead", "--into", "main"], arguments].concat());
        assert!(refused.ends_with("--- exit 1"), "{refused}");
        assert!(
            refused.contains("the store would take team/core out of its table"),
            "{refused}"
        );
        assert!(refused.contains("adopt --dry-run ahead"), "{refused}");
    }
    let after = (
        repo.shell("git rev-parse main"),
        repo.run(&["store", "list"]),
    );
    assert_eq!(after, before);
    repo.run(&["adopt", "ahead"]);
    let merged = repo.run(&["merge", "ahead", "--into", "main", "-m", "Merge"]);
    assert!(merged.ends_with("--- exit 0"), "{merged}");
}

#[test]
fn a_file_that_becomes_a_folder_is_followed_where_it_is_checked_out() {
    for (before, after) in [("notes", "notes/a.txt"), ("notes/a.txt", "notes")] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            r#"set -e; mkdir -p .octopus; printf 'version = 14' > .octopus/schema_version.ocl
            w() {{ mkdir -p "$(dirname "$1")"; echo text > "$1"; }}
            w {before}; git add -A; git commit -qm Begin; git switch -qc feature; git rm -rq notes; w {after}; git add -A; git commit -qm Feature
            git switch -q main; echo x > other; git add -A; git commit -qm Main"#
        ));
        let told = repo.run_plain(&["merge", "feature", "--into", "main", "-m", "Merge"]);
        assert!(told.contains("--- exit 0"), "{told}");
        repo.shell(&format!(
            "set -e; test -f {after}; test -z \"$(git status --porcelain)\""
        ));
        // What somebody wrote there stays.
        repo.shell(
            "git reset -q --hard HEAD^; echo mine >> notes/a.txt 2>/dev/null || echo mine >> notes",
        );
        let told = repo.run_plain(&["merge", "feature", "--into", "main", "-m", "Merge"]);
        assert!(
            told.contains("--- exit 1") && told.contains("notes"),
            "{told}"
        );
        repo.shell("grep -rq mine notes");
    }
}

#[test]
fn renames_are_not_proposed_where_they_are_followed_already() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir -p .octopus/runbooks; printf 'version = 14' > .octopus/schema_version.ocl
        rb() { printf 'name = "%s"\n\nrun_retention_policy {\n    quantity_to_keep = 1\n    type = "Count"\n}\n' "$1"; }
        rb One > .octopus/runbooks/one.ocl; git add -A; git commit -qm Begin; git switch -qc feature
        git mv .octopus/runbooks/one.ocl .octopus/runbooks/two.ocl; git commit -qm Two
        git switch -q main; git mv .octopus/runbooks/one.ocl .octopus/runbooks/three.ocl; git commit -qm Three"#,
    );
    let merge = ["merge", "feature", "--into", "main", "--dry-run"];
    let told = repo.run_plain(&merge);
    assert!(
        told.contains("identity") && told.contains("--follow-renames takes"),
        "{told}"
    );
    let told = repo.run_plain(&[&merge[..], &["--follow-renames"]].concat());
    assert!(
        told.contains("identity") && !told.contains("--follow-renames takes"),
        "{told}"
    );
}

#[test]
fn branches_that_were_merged_into_each_other_are_merged() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; printf 'version = 14' > .octopus/schema_version.ocl
        v() { for x in "$@"; do printf 'variable "%s" {\n    value "%s" {}\n}\n\n' "${x%=*}" "${x#*=}"; done > .octopus/variables.ocl; }
        v A=1 B=1; git add -A; git commit -qm Begin; git switch -qc feature; v A=3 B=1; git commit -qam Three
        git switch -q main; v A=2 B=1; git commit -qam Two; two=$(git rev-parse main)
        git merge -q -s ours feature -m Cross; git switch -q feature; git merge -q -s ours $two -m Cross
        v A=3 B=9; git commit -qam Nine; git switch -q main"#,
    );
    assert_snapshot!(repo.run_plain(&["merge", "feature", "--into", "main", "--dry-run"]), @r#"
    --- stdout
    variables variable["A"].value{}: both-changed
      base    several: the commits that both sides come from differ
      ours    "2"
      theirs  "3"
    1 conflict; nothing is merged
    --- stderr
    hint: say which side is right with --ours ADDRESS or --theirs ADDRESS
    --- exit 1
    "#);
    let settled = [
        "merge",
        "feature",
        "--into",
        "main",
        "-m",
        "Merge",
        "--theirs",
        "variables variable[\"A\"]",
    ];
    let told = repo.run_plain(&settled);
    assert!(told.contains("--- exit 0"), "{told}");
    let text = repo.shell("cat .octopus/variables.ocl");
    assert!(
        text.contains("value \"3\"") && text.contains("value \"9\""),
        "{text}"
    );
}

/// Two projects in one repository: both are merged in one commit, and each is told.
#[test]
fn several_projects_are_merged_at_once() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"
        set -e
        commit() { git add -A && git commit -q -m "$1"; }
        put() { mkdir -p .octopus/$1; printf 'version = %s' "$2" > .octopus/$1/schema_version.ocl; printf 'variable "A" {\n    value "%s" {}\n}\n\nvariable "B" {\n    value "%s" {}\n}\n' "$3" "$4" > .octopus/$1/variables.ocl; }
        put api 13 1 1; put web 14 1 1; commit Base
        git checkout -q -b one; put api 13 2 1; put web 14 2 1; commit One
        git checkout -q -b two main; put api 14 1 2; put web 14 1 2; commit Two
        git checkout -q -b clash main; put api 13 1 1; put web 14 3 1; commit Clash
        git checkout -q --detach
        "#,
    );
    repo.run_plain(&["--base-path", ".octopus/api", "store", "init"]);
    let dry = ["merge", "two", "--into", "one", "--dry-run"];
    assert_snapshot!("projects_dry_run", repo.run_plain(&dry));
    assert_snapshot!("projects_json", repo.pretty_plain(&dry));
    let done = repo.run_plain(&["merge", "two", "--into", "one", "-m", "Merge two"]);
    assert!(
        done.contains("and at version 14: 1 document in .octopus/web"),
        "{done}"
    );
    assert_snapshot!(
        "projects_in_git",
        repo.shell("for p in api web; do git show one:.octopus/$p/schema_version.ocl one:.octopus/$p/variables.ocl; done")
    );
    let clash = repo.run_plain(&["merge", "clash", "--into", "one", "--dry-run"]);
    assert!(
        clash.contains(".octopus/web/variables variable[\"A\"].value{}: both-changed"),
        "{clash}"
    );
    let page = [
        "merge",
        "clash",
        "--into",
        "one",
        "--dry-run",
        "--html",
        "merge.html",
    ];
    repo.run_plain(&page);
    let page = std::fs::read_to_string(repo.path().join("merge.html")).unwrap();
    assert!(page.contains(".octopus/web/variables"), "{page}");
}

/// A project that the branch has moved is merged where it is now; one that the other side has moved takes the other way round.
#[test]
fn a_project_that_was_moved_is_followed() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; v() { for x in "$@"; do printf 'variable "%s" {\n    value "%s" {}\n}\n\n' "${x%=*}" "${x#*=}"; done; }
        rb() { printf 'name = "%s"\n\nrun_retention_policy {\n    quantity_to_keep = 1\n}\n' "$1"; }
        mkdir -p .octopus/one/runbooks; cd .octopus; printf 'version = 9' > one/schema_version.ocl; v A=1 B=1 > one/variables.ocl
        rb x > one/runbooks/x.ocl; rb y > one/runbooks/y.ocl; echo notes > one/notes.txt; git add -A; git commit -qm Begin
        git switch -qc moved; git mv one two; printf 'version = 10' > two/schema_version.ocl; v A=1 B=2 > two/variables.ocl
        sed -i 's/= 1/&\n    type = "Count"/' two/runbooks/*.ocl; git add -A; git commit -qm Moved
        git switch -q main; v A=11 B=1 > one/variables.ocl; rb new > one/runbooks/new.ocl; git rm -q one/runbooks/y.ocl; echo more >> one/notes.txt
        git add -A; git commit -qm Changed"#,
    );
    let refused = repo.run_plain(&[
        "merge", "moved", "--into", "main", "-m", "Merge", "--to", "10",
    ]);
    let (_, hint) = refused.split_once("move forward: ").expect(&refused);
    // The second one moves forward, at the version that is there.
    let command = hint.lines().next().unwrap();
    assert!(command.contains("-m Merge --to 10 && "), "{command}");
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    repo.shell(&format!(
        "set -e; ocl-migrate() {{ '{program}' \"$@\"; }}; {command}"
    ));
    let merged = repo.shell(
        "git rev-parse main moved | uniq | wc -l; git ls-tree -r --name-only moved; git show moved:.octopus/two/variables.ocl \
         moved:.octopus/two/runbooks/new.ocl moved:.octopus/two/notes.txt moved:.octopus/two/schema_version.ocl",
    );
    let files = "1\n.octopus/two/notes.txt\n.octopus/two/runbooks/new.ocl\n.octopus/two/runbooks/x.ocl\n\
                 .octopus/two/schema_version.ocl\n.octopus/two/variables.ocl\n";
    assert!(merged.starts_with(files), "{merged}");
    for part in [
        "variable \"A\" {\n    value \"11\" {}\n}\n\nvariable \"B\" {\n    value \"2\" {}\n}\n",
        "name = \"new\"\n\nrun_retention_policy {\n    quantity_to_keep = 1\n    type = \"Count\"\n}\n",
        "notes\nmore\nversion = 10",
    ] {
        assert!(merged.contains(part), "{merged}");
    }
    // The net finds nothing in it.
    let found = repo.run_plain(&["--base-path", ".octopus/two", "doctor", "--merges", "moved"]);
    assert!(found.contains("nothing is wrong\n"), "{found}");
}

/// What the store knows by a name that was chosen is one project, wherever it lies.
#[test]
fn a_project_that_was_moved_keeps_its_name_in_the_store() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir -p p/one/runbooks; printf 'version = 14' > p/one/schema_version.ocl; echo 'name = "x"' > p/one/runbooks/x.ocl
        git add -A; git commit -qm Begin; git switch -qc moved; git mv p/one p/two; git commit -qm Moved
        git switch -q main; echo 'name = "y"' > p/one/runbooks/x.ocl; git commit -qam Changed"#,
    );
    let run = |words: &[&str]| {
        repo.run_plain(&[&["--store", "s.db", "--project", "shop"], words].concat())
    };
    let known = run(&["--base-path", "p/two", "store", "init"]);
    assert!(known.ends_with("--- exit 0"), "{known}");
    let done = run(&[
        "--base-path",
        "p/two",
        "merge",
        "main",
        "--into",
        "moved",
        "-m",
        "Merge",
    ]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    assert_eq!(
        repo.shell("git show moved:p/two/runbooks/x.ocl"),
        "name = \"y\"\n"
    );
    // The folder that it was moved from isn't the branch's.
    let old = run(&[
        "--base-path",
        "p/one",
        "merge",
        "main~",
        "--into",
        "moved",
        "-m",
        "Merge",
        "--no-ff",
    ]);
    assert!(!old.contains("panicked"), "{old}");
}

/// Which side is broken is said, by its name, and where both are, which is how.
#[test]
fn a_document_that_can_not_be_read_is_named_with_its_side() {
    let repo = repository();
    repo.shell(
        "set -e
        break() { git checkout -q -b $1 $2; printf \"$3\" > .octopus/deployment_process.ocl; git commit -qam Broken; }
        break ours-broken hotfix 'x {{{\n'
        break theirs-broken feature 'y = [\n'
        git checkout -q --detach",
    );
    let merge = |theirs: &str, ours: &str| {
        let asked = [
            "merge",
            theirs,
            "--into",
            ours,
            "--dry-run",
            "--format",
            "json",
        ];
        let done = repo.command(&asked);
        let told = String::from_utf8(done.stderr).unwrap();
        let last: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
        last["error"].clone()
    };
    for (theirs, ours, broken) in [
        (
            "theirs-broken",
            "ours-broken",
            &["ours-broken", "theirs-broken"][..],
        ),
        ("feature", "ours-broken", &["ours-broken"]),
        ("theirs-broken", "hotfix", &["theirs-broken"]),
    ] {
        let found = merge(theirs, ours);
        assert_eq!(found["code"], "documents-failed", "{found}");
        let message = found["message"].as_str().unwrap();
        for side in ["ours-broken", "theirs-broken"] {
            let is_told = message.contains(&format!("on {side}: "));
            assert_eq!(is_told, broken.contains(&side), "{message}");
        }
        let places = broken.iter().map(|side| {
            serde_json::json!({
                "ref": side, "document": "deployment_process", "file": ".octopus/deployment_process.ocl", "line": 1,
                "column": if *side == "ours-broken" { 4 } else { 5 },
            })
        });
        assert_eq!(
            found["places"],
            places.collect::<serde_json::Value>(),
            "{found}"
        );
        let hint = found["hint"].as_str().unwrap();
        assert!(
            hint.contains(&format!("explain {} deployment_process", broken[0])),
            "{hint}"
        );
    }
}

/// What neither side wrote is broken in the commit that both come from.
#[test]
fn a_document_that_is_broken_where_both_come_from_is_explained_there() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; echo 'version = 9' > .octopus/schema_version.ocl; echo 'x {{{' > .octopus/deployment_settings.ocl
        git add -A; git commit -qm Base
        for side in one two; do git switch -qc $side main; echo "name = \"$side\"" > .octopus/deployment_settings.ocl; git commit -qam $side; done
        git switch -q --detach"#,
    );
    let merge = ["merge", "two", "--into", "one", "-m", "Merge"];
    let hint = super::pasted_hints::refused(&repo, &merge);
    let command = "ocl-migrate explain $(git merge-base one two) deployment_settings";
    assert_eq!(hint, [command]);
}

/// All that is open, as `resolve` takes it; a name says more.
#[test]
fn everything_is_settled_at_once_and_a_name_says_more() {
    let repo = repository();
    let merge = |options: &[&str]| {
        let merge = ["merge", "feature", "--into", "clash", "--dry-run"];
        repo.run_plain(&[&merge[..], options].concat())
    };
    assert!(merge(&[]).contains("conflicts; nothing is merged"));
    let all = merge(&["--ours", "**"]);
    assert!(all.ends_with("--- exit 0"), "{all}");
    let but_one = merge(&["--ours", "**", "--theirs", "notes.txt"]);
    assert!(but_one.contains("notes.txt"), "{but_one}");
    assert!(but_one.ends_with("--- exit 0"), "{but_one}");
    let tie = merge(&[
        "--ours",
        "deployment_process **",
        "--theirs",
        "deployment_process step",
    ]);
    for named in [
        "deployment_process ** as the branch has it",
        "deployment_process step as the other side has it",
    ] {
        assert!(tie.contains(named), "{tie}");
    }
}

/// What only the other side changed is told, too.
#[test]
fn a_project_that_is_taken_as_it_is_is_told() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e
        for p in api web; do mkdir -p .octopus/$p; echo 'version = 14' > .octopus/$p/schema_version.ocl; echo 'name = "A"' > .octopus/$p/deployment_settings.ocl; done
        git add -A; git commit -qm Base; git branch ours; git switch -qc theirs
        for p in api web; do echo 'name = "B"' > .octopus/$p/deployment_settings.ocl; done; git commit -qam Theirs
        git switch -q ours; echo 'description = "x"' >> .octopus/api/deployment_settings.ocl; git commit -qam Ours; git switch -q --detach"#,
    );
    let merge = ["merge", "theirs", "--into", "ours"];
    let dry = repo.run_plain(&[&merge[..], &["--dry-run"]].concat());
    assert!(
        dry.contains("only theirs changed .octopus/web, which would be taken as it is there\n"),
        "{dry}"
    );
    let done = repo.run_plain(&[&merge[..], &["-m", "Merge"]].concat());
    assert!(
        done.contains("it changes 1 document in .octopus/api of ours\n"),
        "{done}"
    );
    assert!(
        done.contains("only theirs changed .octopus/web, which is taken as it is there\n"),
        "{done}"
    );
}

/// An address at which there is none may be mistyped: those that there are, are told.
#[test]
fn an_address_without_a_conflict_is_refused_with_those_that_there_are() {
    let repo = repository();
    let merge = ["merge", "feature", "--into", "clash", "--dry-run"];
    let conflicts = repo.pretty_plain(&merge);
    let found = repo.run_plain(&[&merge[..], &["--ours", "runbook/nothing"]].concat());
    assert!(
        found.contains("there is no conflict at runbook/nothing to settle; the open conflicts are at deployment_process"),
        "{found}{conflicts}"
    );
    assert!(found.contains("notes.txt"), "{found}");
    let near = repo.run_plain(&[&merge[..], &["--ours", "note.txt"]].concat());
    assert!(near.contains("did you mean notes.txt? "), "{near}");
    let settled = [
        "--ours",
        "deployment_process",
        "--ours",
        "notes.txt",
        "--theirs",
        "variables",
    ];
    let none = repo.run_plain(&[&merge[..], &settled].concat());
    assert!(
        none.contains("there is no conflict at variables to settle; none is open"),
        "{none}"
    );
}

/// Where a file was moved, Git's conflict is about a path that only one side has: the other has its text elsewhere, and isn't taken to
/// have removed it.
#[test]
fn a_file_that_a_side_has_elsewhere_is_not_taken_to_be_removed() {
    for (mover, other) in [("--ours", "--theirs"), ("--theirs", "--ours")] {
        let repo = repository();
        let (moves, stays) = match mover {
            "--ours" => ("one", "two"),
            _ => ("two", "one"),
        };
        repo.shell(&format!(
            "set -e; git checkout -q -b base main; seq 1 20 > list.txt; git add -A; git commit -qm List
            git checkout -q -b {moves}; git mv list.txt moved.txt; sed -i 's/^5$/five/' moved.txt; git commit -qam Moved
            git checkout -q -b {stays} base; sed -i 's/^5$/FIVE/' list.txt; git commit -qam Changed; git checkout -q --detach"
        ));
        let merge = |side: &str| {
            repo.run_plain(&[
                "merge",
                "two",
                "--into",
                "one",
                "-m",
                "Merge",
                side,
                "moved.txt",
            ])
        };
        let before = repo.shell("git rev-parse one");
        let refused = merge(other);
        assert!(
            refused.contains("has no file of this name: settle it with `git merge`")
                && refused.contains("1 conflict; nothing is merged"),
            "{refused}"
        );
        assert_eq!(repo.shell("git rev-parse one"), before);
        let done = merge(mover);
        assert!(done.ends_with("--- exit 0"), "{done}");
        let files = repo.shell("git ls-tree --name-only one; git grep -h -i five one");
        assert!(
            files.contains("moved.txt") && !files.contains("list.txt"),
            "{files}"
        );
        assert!(files.ends_with("five\n"), "{files}");
    }
}

fn write(repo: &Sandbox, path: &str, text: &str) {
    let path = repo.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// `main` knows steps by their names and `feature` by their slugs. Each name is a step of `main` and, before it, of the base.
fn slugs(base: &[&str], main: &[&str], edited: &str) -> Sandbox {
    let repo = Sandbox::empty();
    let steps = |names: &[&str]| -> String {
        let steps = names.iter().map(|name| {
            format!("step \"{name}\" {{\n    action {{\n        action_type = \"Octopus.Script\"\n        v = \"{name}\"\n    }}\n}}\n\n")
        });
        steps.collect()
    };
    write(&repo, ".octopus/schema_version.ocl", "version = 3\n");
    write(&repo, ".octopus/deployment_process.ocl", &steps(base));
    repo.shell("git add -A; git commit -q -m Base; git checkout -q -b feature");
    repo.run_plain(&["store", "init"]);
    repo.run_plain(&["upgrade", "feature", "--to", "4", "-m", "Upgrade"]);
    let path = repo.path().join(".octopus/deployment_process.ocl");
    let text = std::fs::read_to_string(&path).unwrap();
    let v = format!("v = \"{edited}\"");
    assert!(text.contains(&v), "{text}");
    write(
        &repo,
        ".octopus/deployment_process.ocl",
        &text.replace(&v, "v = \"edited\""),
    );
    repo.shell("git commit -q -a -m Edit; git checkout -q main");
    write(&repo, ".octopus/deployment_process.ocl", &steps(main));
    repo.shell("git commit -q -a -m More; git checkout -q --detach");
    repo
}

#[test]
fn a_slug_that_got_to_another_step_is_a_conflict() {
    for (base, main, edited) in [
        (
            &["Deploy web"][..],
            &["deploy web", "Deploy web"][..],
            "Deploy web",
        ),
        (&["Deploy web", "deploy web"], &["deploy web"], "Deploy web"),
        (&["Deploy web", "deploy web"], &["deploy web"], "deploy web"),
        (
            &["Deploy web", "deploy web"],
            &["deploy web", "Deploy web"],
            "deploy web",
        ),
    ] {
        let repo = slugs(base, main, edited);
        let before = repo.shell("git for-each-ref");
        for [theirs, ours] in [["feature", "main"], ["main", "feature"]] {
            let merge = ["merge", theirs, "--into", ours, "-m", "Merge"];
            let told = repo.run_plain(&merge);
            assert!(told.contains("step[\"deploy-web\"]: identity"), "{told}");
            assert_eq!(repo.shell("git for-each-ref"), before);
            let json = repo.pretty_plain(&[&merge[..], &["--format", "json"]].concat());
            assert!(json.contains("\"conflict\": \"identity\""), "{json}");
            let settled = ["--ours", "deployment_process step"];
            let told = repo.run_plain(&[&merge[..], &settled, &["--dry-run"]].concat());
            assert!(told.contains("would be merged at version 4"), "{told}");
        }
        // Steps that no slug is in dispute about are merged, and so is what one side alone made of them.
        repo.shell("git branch -f untouched feature~1");
        let told = repo.run_plain(&["merge", "untouched", "--into", "main", "-m", "Merge"]);
        assert!(told.contains("is merged at version 4"), "{told}");
    }
}

/// Three documents and two other files; `theirs` and `main` come from there.
fn documents_and_files(theirs: &str, ours: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        r#"set -e; rb() {{ printf 'name = "%s"\n\nrun_retention_policy {{\n    quantity_to_keep = %s\n    type = "Count"\n}}\n' "$1" "$2"; }}
        mkdir -p .octopus/runbooks conf; printf 'version = 10' > .octopus/schema_version.ocl
        rb one 1 > .octopus/runbooks/one.ocl; rb two 1 > .octopus/runbooks/two.ocl; echo notes > notes.txt; echo a > conf/a
        git add -A; git commit -qm Begin
        git switch -qc theirs; {theirs}
        git add -A; git commit -qm Theirs; git switch -q main; {ours}
        git add -A; git commit -qm Ours; git switch -q --detach"#
    ));
    repo
}

const THEIRS: [&str; 6] = ["merge", "theirs", "--into", "main", "-m", "Merge"];

#[test]
fn a_project_that_was_moved_is_followed_where_the_other_side_did_not_touch_it() {
    let repo = documents_and_files(
        "echo more > notes.txt",
        "mkdir deploy; git mv .octopus deploy/.octopus",
    );
    let done = repo.run_plain(&THEIRS);
    assert!(
        done.contains("is merged at version 10: it changes 0 documents"),
        "{done}"
    );
    let files = repo.shell("git ls-tree -r --name-only main; git show main:notes.txt");
    let expected = "conf/a\ndeploy/.octopus/runbooks/one.ocl\ndeploy/.octopus/runbooks/two.ocl\n\
                    deploy/.octopus/schema_version.ocl\nnotes.txt\nmore\n";
    assert_eq!(files, expected);
}

/// Where documents alone were moved, Git finds that their folder was, and what the other side added there has no certain place.
#[test]
fn a_new_file_in_a_folder_whose_documents_were_moved_is_open() {
    let moved = "mkdir deploy; git mv .octopus deploy/.octopus";
    let added = "echo read > .octopus/README.md";
    for (theirs, ours) in [(added, moved), (moved, added)] {
        let repo = documents_and_files(theirs, ours);
        let base_path = ["--base-path", "deploy/.octopus"];
        let merge = |more: &[&str]| repo.run_plain(&[&THEIRS[..], &base_path, more].concat());
        let told = if ours == moved {
            merge(&[])
        } else {
            // It moves forward the other way round.
            let around = ["merge", "main", "--into", "theirs", "-m", "Merge"];
            repo.run_plain(&[&around[..], &base_path].concat())
        };
        assert!(
            told.contains("deploy/.octopus/README.md: file")
                && told.contains("CONFLICT (file location)"),
            "{told}"
        );
        if ours == moved {
            let done = merge(&["--theirs", "deploy/.octopus/README.md"]);
            assert!(done.ends_with("--- exit 0"), "{done}");
            let files = repo.shell("git ls-tree -r --name-only main");
            assert!(
                files.contains("deploy/.octopus/README.md") && !files.contains("\n.octopus"),
                "{files}"
            );
        }
    }
}

#[test]
fn a_file_in_the_way_of_a_folder_is_told_before_anything_is_written() {
    let (file, folder) = ("echo x > d", "mkdir d; echo y > d/e");
    for (theirs, ours) in [(file, folder), (folder, file)] {
        let repo = documents_and_files(theirs, ours);
        let dry_run = ["merge", "theirs", "--into", "main", "--dry-run"];
        let told = repo.run_plain(&dry_run);
        assert!(
            told.contains("CONFLICT (file/directory)") && told.ends_with("--- exit 1"),
            "{told}"
        );
        assert_eq!(repo.run_plain(&THEIRS), told);
    }
}

/// By the name that Git makes up for the file, or by the one that both have.
#[test]
fn a_file_in_the_way_of_a_folder_is_settled_as_a_side_has_it() {
    let (file, folder) = ("echo x > d", "mkdir d; echo y > d/e; echo z > d/f");
    for (theirs, ours) in [(file, folder), (folder, file)] {
        let made_up = {
            let repo = documents_and_files(theirs, ours);
            let told = repo.run_plain(&THEIRS);
            let line = told.lines().find(|line| line.contains(": file"));
            line.unwrap_or_else(|| panic!("{told}"))
                .trim_end_matches(": file")
                .to_owned()
        };
        for (option, is_file) in [("--ours", ours == file), ("--theirs", theirs == file)] {
            for address in [&*made_up, "d", "**"] {
                let repo = documents_and_files(theirs, ours);
                let done = repo.run_plain(&[&THEIRS[..], &[option, address]].concat());
                assert!(done.ends_with("--- exit 0"), "{option} {address}: {done}");
                let files = repo.shell("git ls-tree -r --name-only main | grep '^d'");
                let expected = if is_file { "d\n" } else { "d/e\nd/f\n" };
                assert_eq!(files, expected, "{option} {address}");
            }
        }
    }
}

/// Git names commits by whole ids where it is given these.
#[test]
fn conflicts_of_files_name_commits_shortly() {
    let repo = documents_and_files("git rm -q notes.txt", "echo more > notes.txt");
    let told = repo.run_plain(&THEIRS);
    let id = repo.shell("git rev-parse theirs");
    let (short, rest) = id.trim().split_at(10);
    assert!(
        told.contains(&format!("deleted in {short} ")) && !told.contains(rest),
        "{told}"
    );
}

/// Who takes the side that didn't rename a document takes its name with it.
#[test]
fn a_document_that_one_side_renamed_is_not_left_under_both_names() {
    let edited = "sed -i 's/keep = 1/keep = 2/' .octopus/runbooks/one.ocl";
    let renamed = "git mv .octopus/runbooks/one.ocl .octopus/runbooks/three.ocl";
    for (theirs, ours, of_edited, of_renamed) in [
        (edited, renamed, "--theirs", "--ours"),
        (renamed, edited, "--ours", "--theirs"),
    ] {
        for (side, expected) in [
            (of_edited, "one.ocl\ntwo.ocl\n"),
            (of_renamed, "three.ocl\ntwo.ocl\n"),
        ] {
            let repo = documents_and_files(theirs, ours);
            let done = repo.run_plain(&[&THEIRS[..], &[side, "runbook/one"]].concat());
            assert!(done.ends_with("--- exit 0"), "{done}");
            assert_eq!(
                repo.shell("git ls-tree -r --name-only main:.octopus/runbooks"),
                expected,
                "{side}"
            );
        }
    }
}
