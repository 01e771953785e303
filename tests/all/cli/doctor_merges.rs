//! `doctor --merges`: what merges, squashes, picks and reverts have done.

use crate::support::{Sandbox, everything_in};

/// Shell functions: `c` commits all that is there, a minute after the last time; `n` is such a time alone; `rb` is a runbook, and with
/// `$T` one of version 10; `v` is a document of variables.
const SHELL: &str = r#"set -e; mkdir -p .octopus/runbooks; i=1700000000
n() { i=$((i+60)); export GIT_AUTHOR_DATE="$i +0000" GIT_COMMITTER_DATE="$i +0000"; }
c() { n; git add -A; git commit -q "$@"; }
rb() { printf 'name = "%s"\n\nrun_retention_policy {\n    quantity_to_keep = %s\n%s}\n' "$1" "$2" "${3:-}"; }
v() { for x in "$@"; do printf 'variable "%s" {\n    value "%s" {}\n}\n\n' "${x%=*}" "${x#*=}"; done; }
marker() { printf 'version = %s' "$1" > .octopus/schema_version.ocl; }
T='    type = "Count"
'
"#;

fn repository(script: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!("{SHELL}{script}"));
    repo
}

/// A branch at version 9 and one that was migrated to 10.
const APART: &str = r#"
marker 9; rb One 20 > .octopus/runbooks/one.ocl; rb Two 20 > .octopus/runbooks/two.ocl; c -m Begin
git switch -qc old; rb Three 3 > .octopus/runbooks/three.ocl; c -m 'Three, at 9'
rb Two 30 > .octopus/runbooks/two.ocl; c -m 'Two keeps thirty, at 9'
git switch -q main; marker 10
rb One 20 "$T" > .octopus/runbooks/one.ocl; rb Two 20 "$T" > .octopus/runbooks/two.ocl; c -m 'Migrate to 10'
git branch new
"#;

fn problems(repo: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let text = repo.run_plain(&[&["doctor", "--merges"], arguments].concat());
    let lines = text.lines().filter(|line| !line.starts_with("    "));
    let lines = lines.filter(|line| line.starts_with("problem:") || line.starts_with("note:"));
    lines.map(str::to_owned).collect()
}

/// Each finding of a branch as its check, the subject of its commit, and its document.
fn found(repo: &Sandbox, branch: &str) -> Vec<String> {
    let lines = repo.command(&["--format", "json", "doctor", "--merges", branch]);
    let lines = String::from_utf8(lines.stdout).unwrap();
    let of = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let address = word("address");
        let address = if address.is_empty() {
            String::new()
        } else {
            format!(" {address}")
        };
        let (check, subject) = (word("check"), word("subject"));
        format!("{check} {subject}: {}{address}", word("document"))
    };
    lines.lines().map(of).collect()
}

#[test]
fn squashes_picks_rebases_and_reverts_that_mixed_shapes_are_found_and_mended() {
    let repo = repository(&mixing(""));
    for (branch, expected) in MIXED {
        assert_eq!(found(&repo, branch), *expected, "{branch}");
    }
    let before = everything_in(repo.path());
    insta::assert_snapshot!(repo.run_plain(&["doctor", "--merges", "squash", "revert"]));
    assert_eq!(everything_in(repo.path()), before);
    // What it says mends it.
    let line = repo.command(&["--format", "json", "doctor", "--merges", "squash"]);
    let line: serde_json::Value = serde_json::from_slice(&line.stdout).unwrap();
    run_told(&repo, line["mend"].as_str().unwrap());
    let told = problems(&repo, &["squash"]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("note: "));
    // The branch stays at its version.
    let marker = repo.shell("git show squash:.octopus/schema_version.ocl");
    assert_eq!(marker.trim(), "version = 10");
}

/// All at one moment; each commit before its parents; and the clock of who works at version 9 ahead.
#[test]
fn the_same_is_found_whatever_the_clocks_say() {
    for clock in [
        "n() { export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'; }",
        "n() { i=$((i-60)); export GIT_AUTHOR_DATE=\"$i +0000\" GIT_COMMITTER_DATE=\"$i +0000\"; }",
        "n() { i=$((i+60)); j=$i; case $(git branch --show-current) in old) j=$((i+90000));; esac
            export GIT_AUTHOR_DATE=\"$j +0000\" GIT_COMMITTER_DATE=\"$j +0000\"; }",
    ] {
        let repo = repository(&mixing(clock));
        for (branch, expected) in MIXED {
            assert_eq!(found(&repo, branch), *expected, "{branch} {clock}");
        }
    }
}

/// Runs a command that a finding tells.
fn run_told(repo: &Sandbox, command: &str) {
    let scratch = repo.path().join(".git/mended.ocl").display().to_string();
    let command = command.replace("/tmp/mended.ocl", &scratch);
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    repo.shell(&format!(
        "set -e; ocl-migrate() {{ '{program}' \"$@\"; }}; {command}"
    ));
}

/// What the branches of [`mixing`] have.
const MIXED: &[(&str, &[&str])] = &[
    ("new", &[]),
    ("old", &[]),
    ("squash", &["mixed_shape Squash of old: runbook/three"]),
    ("pick", &["mixed_shape Three, at 9: runbook/three"]),
    ("rebase", &["mixed_shape Three, at 9: runbook/three"]),
    (
        "revert",
        &["mixed_shape Revert \"Migrate to 10\": runbook/four"],
    ),
    ("down", &["mixed_shape Four, at 10: runbook/four"]),
    ("marked", &["mixed_shape Migrate to 10: runbook/three"]),
];

/// A repository in which shapes are mixed in many ways, with a clock.
fn mixing(clock: &str) -> String {
    format!(
        r#"{clock}
        {APART}
        git switch -qc squash; n; git merge -q --squash old || true; marker 10; rb Two 30 "$T" > .octopus/runbooks/two.ocl; c -m 'Squash of old'
        git switch -qc pick new; n; git cherry-pick old~1 >/dev/null
        git switch -qc rebase old; n; git rebase -q new >/dev/null 2>&1 || {{ rb Two 30 "$T" > .octopus/runbooks/two.ocl; git add -A; GIT_EDITOR=true git rebase --continue >/dev/null; }}
        git switch -qc revert new; rb Four 4 "$T" > .octopus/runbooks/four.ocl; c -m 'Four, at 10'; n; git revert --no-edit new >/dev/null
        git switch -qc down old; n; git cherry-pick revert~1 >/dev/null
        git switch -qc marked old; n; git cherry-pick -X theirs new >/dev/null"#
    )
}

#[test]
fn values_that_merges_dropped_lost_or_doubled() {
    let repo = repository(
        r#"marker 9; rb Keep 1 > .octopus/runbooks/keep.ocl; rb Two 20 > .octopus/runbooks/two.ocl; v A=1 B=1 C=1 > .octopus/variables.ocl; c -m Begin
        git switch -qc feature; v A=1 B=2 C=1 D=4 > .octopus/variables.ocl; rb Three 3 > .octopus/runbooks/three.ocl
        git rm -q .octopus/runbooks/two.ocl; c -m Feature
        git switch -q main; v A=7 B=1 C=1 > .octopus/variables.ocl; c -m 'A is seven'; git branch base
        merge() { git switch -qc "$1" base; n; git merge -q --no-commit feature >/dev/null 2>&1 || true; }
        merge right; v A=7 B=2 C=1 D=4 > .octopus/variables.ocl; c -m Right
        merge own; v A=7 B=3 C=1 D=4 > .octopus/variables.ocl; c -m Own
        merge dropped; v A=7 B=1 C=1 D=4 > .octopus/variables.ocl; c -m Dropped
        merge doubled; v A=7 B=2 C=1 D=4 D=4 > .octopus/variables.ocl; c -m Doubled
        merge lost; v A=7 B=2 D=4 > .octopus/variables.ocl; c -m Lost
        merge documents; v A=7 B=2 C=1 D=4 > .octopus/variables.ocl; git rm -qf .octopus/runbooks/three.ocl
        rb Two 20 > .octopus/runbooks/two.ocl; c -m Documents
        git switch -qc ours base; n; git merge -q -s ours feature -m Ours
        git switch -q base; marker 10; rb Keep 1 "$T" > .octopus/runbooks/keep.ocl; rb Two 20 "$T" > .octopus/runbooks/two.ocl; c -m 'Migrate to 10'
        merge mixed; v A=7 B=2 C=1 D=4 > .octopus/variables.ocl; git rm -qf .octopus/runbooks/two.ocl; c -m Mixed
        git switch -qc mended; rb Three 3 "$T" > .octopus/runbooks/three.ocl; c -m Mended"#,
    );
    for (branch, expected) in [
        ("right", &[][..]),
        ("own", &[]),
        (
            "dropped",
            &["dropped Dropped: variables variable[\"B\"].value{}"],
        ),
        (
            "doubled",
            &["doubled Doubled: variables variable[\"D\"][0]"],
        ),
        ("lost", &["lost Lost: variables variable[\"C\"]"]),
        (
            "documents",
            &[
                "dropped Documents: runbook/three",
                "dropped Documents: runbook/two",
            ],
        ),
        (
            "ours",
            &[
                "dropped Ours: runbook/three",
                "dropped Ours: runbook/two",
                "dropped Ours: variables variable[\"B\"].value{}",
                "dropped Ours: variables variable[\"D\"]",
            ],
        ),
        ("mixed", &["mixed_shape Mixed: runbook/three"]),
    ] {
        assert_eq!(found(&repo, branch), expected, "{branch}");
    }
    insta::assert_snapshot!(
        repo.run_plain(&["doctor", "--merges", "dropped", "doubled", "mended"])
    );
    // The told command restores it, at the branch's version.
    run_told(
        &repo,
        &format!(
            "{} -m Restore",
            told_command(&repo, &["doctor", "--merges", "dropped"])
        ),
    );
    assert!(problems(&repo, &["dropped"])[0].starts_with("note: "));
}

/// The first command that is told for who didn't want what was dropped.
fn told_command(repo: &Sandbox, arguments: &[&str]) -> String {
    let told = repo.run_plain(arguments);
    let mut lines = told.lines();
    let command = lines.find_map(|line| line.split_once("wanted that: "));
    command.expect("a command is told").1.to_owned()
}

#[test]
fn an_order_that_a_merge_dropped() {
    let repo = repository(
        r#"p() { for x in "$@"; do printf 'step "%s" {\n    name = "%s"\n\n    action "%s" {\n        action_type = "Octopus.Manual"\n    }\n}\n\n' "$x" "$x" "$x"; done > .octopus/deployment_process.ocl; }
        marker 14; p one two three; c -m Begin
        git switch -qc moved; p two one three; c -m Moved
        git switch -qc other main; echo x > f; c -m Other
        git switch -qc added main; p one two three four; c -m Added
        git switch -qc rival main; p three two one; c -m Rival
        merge() { git switch -qc "$1" "$2"; n; git merge -q --no-ff --no-commit moved >/dev/null 2>&1 || true; }
        merge right other; p two one three; c -m Right
        merge dropped other; p one two three; c -m Dropped
        merge own other; p three one two; c -m Own
        merge beside added; p one two three four; c -m Beside
        merge open rival; p one two three; c -m Open"#,
    );
    for (branch, expected) in [
        ("right", &[][..]),
        ("dropped", &["order Dropped: deployment_process"]),
        ("own", &[]),
        ("beside", &["order Beside: deployment_process"]),
        ("open", &[]),
    ] {
        assert_eq!(found(&repo, branch), expected, "{branch}");
    }
    insta::assert_snapshot!(repo.run_plain(&["doctor", "--merges", "beside"]));
}

#[test]
fn values_where_a_side_or_the_base_has_no_project() {
    let repo = repository(
        r#"export GIT_EDITOR=true; echo x > f; c -m Begin; git branch none
        project() { git switch -qc "$1" "$2"; mkdir -p .octopus; marker 14; v A=1 B=2 > .octopus/variables.ocl; c -m Project; }
        other() { git switch -qc "$1" "$2"; echo "$1" > "$1"; c -m Other; }
        merge() { git switch -qc "$1" "$2"; n; git merge -q --no-ff --no-commit "$3" >/dev/null 2>&1 || true; }
        project has none; other without none; other twin none; project twin2 twin
        git switch -qc changed has; v A=11 B=2 > .octopus/variables.ocl; c -m Changed
        other unchanged has
        git switch -qc removed has; git rm -rqf .octopus; c -m Removed
        git switch -qc unmarked has; git rm -qf .octopus/schema_version.ocl; c -m Unmarked
        merge gone changed unchanged; git rm -rqf .octopus; c -m Gone
        git switch -qc ours without; n; git merge -q -s ours has -m Ours
        merge both twin2 has; v A=1 > .octopus/variables.ocl; c -m Both
        merge one has without; v A=1 > .octopus/variables.ocl; c -m One
        merge taken without has; c -m Taken
        merge revived unchanged removed; mkdir -p .octopus; git checkout -q unchanged -- .octopus; c -m Revived
        merge right unchanged removed; c -m Right
        merge kept changed removed; mkdir -p .octopus; git checkout -q changed -- .octopus; c -m Kept
        merge keptless changed removed; mkdir -p .octopus; marker 14; v A=11 > .octopus/variables.ocl; c -m Keptless
        merge open changed removed; git rm -rqf .octopus; c -m Open
        merge unsure changed unmarked; mkdir -p .octopus; marker 14; v A=1 > .octopus/variables.ocl; c -m Unsure"#,
    );
    for (branch, expected) in [
        ("gone", &["lost Gone: "][..]),
        ("ours", &["dropped Ours: "]),
        ("both", &["lost Both: variables variable[\"B\"]"]),
        ("one", &["dropped One: variables variable[\"B\"]"]),
        ("taken", &[]),
        ("revived", &["dropped Revived: variables"]),
        ("right", &[]),
        ("kept", &[]),
        ("keptless", &["lost Keptless: variables variable[\"B\"]"]),
    ] {
        assert_eq!(found(&repo, branch), expected, "{branch}");
    }
    for (branch, reason) in [
        ("open", "the other side removed it, or moved it"),
        ("unsure", "there is no marker"),
    ] {
        let told = repo.run_plain(&["doctor", "--merges", branch]);
        assert!(told.contains(reason), "{told}");
    }
    // The told command brings a project that is gone back.
    let told = repo.run_plain(&["doctor", "--merges", "gone"]);
    let command = told
        .lines()
        .find_map(|line| line.split_once("wanted that: "));
    let (_, command) = command.expect("a command is told");
    repo.shell(command);
    assert!(problems(&repo, &["gone"])[0].starts_with("note: "));
}

#[test]
fn values_of_a_project_that_one_side_moved() {
    let repo = repository(
        r#"mkdir -p p; mv .octopus p/one; put() { printf 'version = 14' > "p/$1/schema_version.ocl"; shift; v "$@"; }
        put one A=1 B=2 > p/one/variables.ocl; c -m Begin
        git switch -qc moved; git mv p/one p/two; c -m Moved
        git switch -q main; echo x > f; c -m Other
        git switch -qc changed; put one A=11 > p/one/variables.ocl; c -m Changed
        merge() { git switch -qc "$1" "$2"; n; git merge -q --no-ff --no-commit moved >/dev/null 2>&1 || true; }
        merge right main; c -m Right
        merge dropped main; put two A=1 > p/two/variables.ocl; c -m Dropped
        merge followed changed; c -m Followed
        merge old changed; put two A=1 B=2 > p/two/variables.ocl; c -m Old
        merge back changed; git rm -rqf p/two; mkdir -p p/one; put one A=1 B=2 > p/one/variables.ocl; c -m Back
        git switch -qc rival changed; rm -rf p/two; git mv p/one p/two; c -m Rival
        n; git merge -q --no-commit moved >/dev/null 2>&1 || true; put two A=1 B=2 > p/two/variables.ocl; c -m Both"#,
    );
    let told = |branch| repo.run_plain(&["--base-path", "p/two", "doctor", "--merges", branch]);
    let right = told("right");
    assert!(right.contains("nothing is wrong"), "{right}");
    assert!(!right.contains("not looked at"), "{right}");
    let dropped = told("dropped");
    let lost = "variable[\"B\"]: both sides have it";
    assert!(dropped.contains(lost), "{dropped}");
    let followed = told("followed");
    assert!(followed.contains("nothing is wrong\n"), "{followed}");
    for (base_path, branch) in [("p/two", "old"), ("p/two", "rival"), ("p/one", "back")] {
        let told = repo.run_plain(&["--base-path", base_path, "doctor", "--merges", branch]);
        for place in ["variable[\"A\"].value{}: only", "variable[\"B\"]: only"] {
            assert!(told.contains(place), "{branch}: {told}");
        }
        assert_eq!(told.matches("problem:").count(), 2, "{told}");
    }
    // The told command takes the value from where the project was.
    let doctor = ["--base-path", "p/two", "doctor", "--merges", "old"];
    let command = told_command(&repo, &doctor);
    assert!(command.contains("--from-base-path p/one"), "{command}");
    run_told(&repo, &format!("{command} -m Restore"));
    let shown = repo.shell("git show old:p/two/variables.ocl");
    assert!(shown.contains("value \"11\""), "{shown}");
}

/// In the folder where projects lie, a project is looked at once, whatever it is called on each side.
#[test]
fn a_project_that_one_side_moved_is_told_once() {
    let repo = repository(
        r#"marker 14; v A=1 B=1 > .octopus/variables.ocl; rb One 1 "$T" > .octopus/runbooks/one.ocl; c -m Begin
        git switch -qc moved; mkdir .octopus/web; git mv .octopus/*.ocl .octopus/runbooks .octopus/web; c -m Moved
        git switch -qc changed main; v A=2 B=1 > .octopus/variables.ocl; c -m Changed
        merge() { git switch -qc "$1" "$2"; n; git merge -q --no-ff --no-commit "$3" >/dev/null 2>&1 || true; }
        merge right changed moved; c -m Right
        merge dropped changed moved; v A=1 B=1 > .octopus/web/variables.ocl; c -m Dropped
        merge gone changed moved; git rm -rqf .octopus; c -m Gone"#,
    );
    assert_eq!(found(&repo, "right"), [""; 0]);
    assert_eq!(
        found(&repo, "dropped"),
        ["dropped Dropped: variables variable[\"A\"].value{}"]
    );
    assert_eq!(found(&repo, "gone"), ["lost Gone: "]);
}

#[test]
fn values_of_a_merge_of_several_branches() {
    let repo = repository(
        r#"marker 14; v A=1 B=1 C=1 D=1 > .octopus/variables.ocl; c -m Begin
        side() { git switch -qc "$1" main; v "${@:2}" > .octopus/variables.ocl; c -m "$1"; }
        side one A=2 B=1 C=1 D=7; side two A=1 B=2 C=1 D=8; side three A=1 B=1 C=2 D=1
        merge() { git switch -qc "$1" one; v "${@:2}" > .octopus/variables.ocl; git add -A; n
            git update-ref "refs/heads/$1" "$(git commit-tree -p one -p two -p three -m "$1" "$(git write-tree)")"; }
        merge right A=2 B=2 C=2 D=9; merge first A=1 B=2 C=2 D=7; merge second A=2 B=1 C=2 D=8; merge third A=2 B=2 C=1 D=8
        merge gone A=2 B=2; git rm -rqf --cached .octopus
        git update-ref refs/heads/gone "$(git commit-tree -p one -p two -p three -m gone "$(git write-tree)")""#,
    );
    for (branch, expected) in [
        ("right", &[][..]),
        (
            "first",
            &["dropped first: variables variable[\"A\"].value{}"],
        ),
        (
            "second",
            &["dropped second: variables variable[\"B\"].value{}"],
        ),
        (
            "third",
            &["dropped third: variables variable[\"C\"].value{}"],
        ),
        ("gone", &["lost gone: "]),
    ] {
        assert_eq!(found(&repo, branch), expected, "{branch}");
        let told = repo.run_plain(&["doctor", "--merges", branch]);
        assert!(!told.contains("not looked at"), "{told}");
    }
    // The told parent is the one that changed it.
    for (branch, parent) in [("first", "one"), ("second", "two"), ("third", "three")] {
        let id = repo.shell(&format!("git rev-parse --short=10 {parent}"));
        let told = repo.run_plain(&["doctor", "--merges", branch]);
        assert!(told.contains(&format!("--from {}", id.trim())), "{told}");
    }
}

/// Branches that were merged into each other come from several commits.
#[test]
fn values_of_a_criss_cross_merge() {
    let repo = repository(
        r#"marker 14; v A=1 B=1 C=1 > .octopus/variables.ocl; c -m Begin
        side() { git switch -qc "$1" main; v "${@:2}" > .octopus/variables.ocl; c -m "$1"; }
        side one A=2 B=1 C=1; side two A=1 B=2 C=1
        join() { v "${@:4}" > .octopus/variables.ocl; git add -A; n
            git update-ref "refs/heads/$1" "$(git commit-tree -p "$2" -p "$3" -m "$1" "$(git write-tree)")"; git reset -q --hard; }
        git switch -q one; git branch tip1 one; git branch tip2 two
        git switch -q one; join one tip1 tip2 A=2 B=2 C=1; git switch -q two; join two tip2 tip1 A=2 B=2 C=1
        git switch -q one; v A=2 B=2 C=3 > .octopus/variables.ocl; c -m More
        git switch -qc right one; join right one two A=2 B=2 C=3
        git switch -qc dropped one; join dropped one two A=2 B=2 C=1
        git switch -qc older one; join older one two A=1 B=2 C=3"#,
    );
    assert_eq!(
        repo.shell("git merge-base --all one two").lines().count(),
        2
    );
    for (branch, expected) in [
        ("right", &[][..]),
        (
            "dropped",
            &["dropped dropped: variables variable[\"C\"].value{}"],
        ),
        // Neither side has it: the merger's own.
        ("older", &[]),
    ] {
        assert_eq!(found(&repo, branch), expected, "{branch}");
        let told = repo.run_plain(&["doctor", "--merges", branch]);
        assert!(!told.contains("not looked at"), "{told}");
    }
}

#[test]
fn what_can_not_be_looked_at_is_told() {
    let repo = repository(
        r#"marker 9; rb Keep 1 > .octopus/runbooks/keep.ocl; v A=1 B=1 > .octopus/variables.ocl; c -m Begin
        git switch -qc one; v A=2 B=1 > .octopus/variables.ocl; c -m One
        git switch -qc two main; rb Two 2 > .octopus/runbooks/two.ocl; c -m Two
        git switch -qc three main; rb Three 3 > .octopus/runbooks/three.ocl; c -m Three
        git switch -q one; n; git merge -q two three -m 'Three at once' >/dev/null"#,
    );
    let told = repo.run_plain(&["doctor", "--merges", "one"]);
    assert!(told.contains("nothing is wrong\n"), "{told}");
    let unrelated = repo.shell(
        "git switch -q --orphan other; mkdir -p .octopus; printf 'version = 9' > .octopus/schema_version.ocl; git add -A; git commit -qm Other
        git merge -q -X ours --allow-unrelated-histories -m Unrelated one",
    );
    let told = repo.run_plain(&["doctor", "--merges", "other"]);
    assert!(told.contains("no commit in common"), "{unrelated}{told}");
    // The last line doesn't say more than was looked at.
    assert!(
        told.contains("nothing is wrong; of 1 commit not all could be looked at\n"),
        "{told}"
    );
    assert!(told.contains("--- exit 0"), "{told}");
    let refused = repo.run_plain(&["doctor", "main"]);
    assert!(refused.contains("--merges"), "{refused}");
    let refused = repo.run_plain(&["doctor", "--merges", "nowhere"]);
    assert!(refused.contains("'nowhere' is not a branch"), "{refused}");
}

/// What a side moved out of the folder in which projects are looked for is told where the merge has it, and mended there.
#[test]
fn values_of_a_project_that_one_side_moved_elsewhere() {
    let repo = repository(
        r#"marker 14; v A=1 B=1 > .octopus/variables.ocl; rb One 1 "$T" > .octopus/runbooks/one.ocl; c -m Begin
        git switch -qc moved; mkdir deploy; git mv .octopus deploy/oct; c -m Moved
        git switch -qc changed main; v A=2 B=1 > .octopus/variables.ocl; c -m Changed
        git switch -qc dropped moved; n; git merge -q -s ours -m Dropped changed"#,
    );
    let doctor = ["doctor", "--merges", "dropped"];
    assert_eq!(
        found(&repo, "dropped"),
        ["dropped Dropped: variables variable[\"A\"].value{}"]
    );
    let command = told_command(&repo, &doctor);
    for part in ["--base-path deploy/oct", "--from-base-path .octopus"] {
        assert!(command.contains(part), "{command}");
    }
    run_told(&repo, &format!("{command} -m Restore"));
    let files =
        repo.shell("git ls-tree -r --name-only dropped; git show dropped:deploy/oct/variables.ocl");
    assert!(
        !files.contains(".octopus") && files.contains("value \"2\""),
        "{files}"
    );
    assert!(problems(&repo, &["dropped"])[0].starts_with("note: "));
}

/// Two branches that were upgraded to two versions: a step that can't be undone leaves the document as it is, so both have one text.
#[test]
fn branches_that_were_only_upgraded_are_sound() {
    let repo = repository(
        r#"
        mkdir -p c/0001_a c/0002_b c/0003_c .f/a
        printf 'catalog "f" { base_path = ".f" }\ndocument "a" { path = "a/*.ocl" }\n' > c/catalog.hcl
        printf 'description = "i"\ndocument = "a"\nimport {}\n' > c/0001_a/step.hcl
        printf 'description = "b"\ndocument = "a"\nmodify { rename = { k = "k2" } }\n' > c/0002_b/step.hcl
        printf 'description = "c"\ndocument = "a"\none_way = "case is lost"\nmodify {\n  in "v" { label = lower(value) }\n}\n' > c/0003_c/step.hcl
        printf 'version = 1' > .f/schema_version.ocl; printf 'k = 1\n' > .f/a/x.ocl; c -m 1; git branch b2; git branch b3"#,
    );
    for (branch, version) in [("b2", "2"), ("b3", "3")] {
        let upgrade = ["upgrade", branch, "--to", version, "-m", version];
        let told = repo.run_plain(&[&["--catalog", "c"], &upgrade[..]].concat());
        assert!(told.contains("is at"), "{told}");
    }
    let merges = ["--catalog", "c", "doctor", "--merges"];
    let told = repo.run_plain(&merges);
    assert!(!told.contains("problem:"), "{told}");
    assert!(told.ends_with("--- exit 0"), "{told}");
    // What is taken over from the higher version is told still.
    repo.shell(
        "git switch -q b3; printf 'k2 = 1\n\nv \"x\" {\n}\n' > .f/a/x.ocl; git commit -qam Edit
        git switch -q b2; git show b3:.f/a/x.ocl > .f/a/x.ocl; git commit -qam Taken",
    );
    let told = repo.run_plain(&merges);
    assert!(
        told.contains("problem:") && told.contains("(Taken)"),
        "{told}"
    );
}

/// The side at the lower version was taken whole: its shape is wrong, and what the other side changed is gone besides.
#[test]
fn what_a_merge_dropped_from_a_document_in_another_shape() {
    let repo = repository(
        r#"
marker 9; rb one 20 > .octopus/runbooks/one.ocl; c -m Begin
git switch -qc feature; rb one 30 > .octopus/runbooks/one.ocl; c -m 'Keep thirty, at 9'
git switch -q main; marker 10; rb One 20 "$T" > .octopus/runbooks/one.ocl; c -m 'Migrate and rename'
git merge -q feature || true; git checkout -q --theirs .octopus/runbooks/one.ocl; c -m Merge
"#,
    );
    let merge = |check: &str| format!("{check} Merge: runbook/one");
    let expected = [merge("mixed_shape"), merge("dropped") + " name"];
    assert_eq!(found(&repo, "main"), expected);
    let lines = repo.command(&["--format", "json", "doctor", "--merges", "main"]);
    for line in String::from_utf8(lines.stdout).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let mend = line["mend"].as_str().unwrap();
        let command = mend.strip_prefix("if nobody wanted that: ");
        let restore = command.map(|restore| format!("{restore} -m Restore"));
        run_told(&repo, &restore.unwrap_or_else(|| mend.to_owned()));
    }
    let text = repo.run_plain(&["show", "main", "runbook/one", "--raw"]);
    let expected = "name = \"One\"\n\nrun_retention_policy {\n    quantity_to_keep = 30\n    type = \"Count\"\n}\n";
    assert!(text.contains(expected), "{text}");
}
