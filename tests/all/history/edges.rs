//! Histories with something wrong or odd in them.

use std::path::Path;

use ocl_migrate::git::HistoryEndCause;
use ocl_migrate::history::{BlameOptions, Cause, HistoryError, HistoryOptions};
use ocl_migrate::project::Project;

use crate::support::{Sandbox, isolated};

/// Commits, newest first: the subject, the cause, and the changes.
fn log(folder: &Path, document: &str, options: HistoryOptions) -> Vec<String> {
    let project = Project::open(folder).unwrap();
    let history = project.history("HEAD", document, options).unwrap();
    let told = history.map(|found| match found {
        Ok(change) => {
            let changes: Vec<String> = change
                .difference()
                .changes()
                .iter()
                .map(ToString::to_string)
                .collect();
            let (subject, cause) = (&change.commit().subject, change.cause().name());
            format!("{subject} ({cause}): {}", changes.join("; "))
        }
        Err(HistoryError::NotLifted { commit, .. }) => format!("{}: not lifted", commit.subject),
        Err(HistoryError::CutOff { commit, cause }) => {
            assert_eq!(cause, HistoryEndCause::Shallow);
            format!("{}: cut off", commit.subject)
        }
        Err(error) => error.to_string(),
    });
    told.collect()
}

/// The values of the last commit: the subject of the commit that gave each, and the value.
fn blame(folder: &Path, document: &str) -> Vec<String> {
    let project = Project::open(folder).unwrap();
    let blame = project
        .blame("HEAD", document, BlameOptions::default())
        .unwrap();
    let values = blame.values().map(|value| {
        let end = match value.history_ends {
            Some(_) => "^",
            None if value.is_before_unread => "?",
            None => "",
        };
        let commit = value.commit.expect("a commit gave it");
        format!("{end}{}: {}", commit.subject, value.leaf)
    });
    values.collect()
}

/// A function `v` that writes `variables.ocl` from names and values, and one that commits.
const SCRIPT: &str = r#"
    day=0
    commit() {
      day=$((day + 1))
      export GIT_AUTHOR_DATE="$((1700000000 + day * 60)) +0000"
      export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
      git add -A && git commit -q --allow-empty -m "$1"
    }
    v() {
      : > .octopus/variables.ocl
      while test $# -gt 0; do
        printf 'variable "%s" {\n    value "%s" {}\n}\n' "$1" "$2" >> .octopus/variables.ocl
        shift 2
      done
    }
    mkdir -p .octopus
    printf 'version = 9' > .octopus/schema_version.ocl
"#;

fn sandbox(script: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!("set -e\n{SCRIPT}\n{script}"));
    repo
}

fn of(selector: &str) -> HistoryOptions {
    HistoryOptions {
        selector: selector.parse().unwrap(),
        ..HistoryOptions::default()
    }
}

#[test]
fn what_cannot_be_lifted_is_told_and_the_walk_goes_on() {
    let repo = sandbox(
        "v A 1 B 1; commit first
         v A 2 B 1; commit second
         echo '<<<<<<< HEAD' >> .octopus/variables.ocl; commit conflict
         v A 2 B 2; echo '}' >> .octopus/variables.ocl; commit 'still wrong'
         v A 2 B 2; commit mended
         v A 3 B 2; commit last",
    );
    assert_eq!(
        log(repo.path(), "variables", HistoryOptions::default()),
        [
            r#"last (edit): ~ variable["A"].value{}: "2" -> "3""#,
            "still wrong: not lifted",
            "conflict: not lifted",
            // Against the last commit before that could be read.
            r#"mended (edit): ~ variable["B"].value{}: "1" -> "2""#,
            r#"second (edit): ~ variable["A"].value{}: "1" -> "2""#,
            r#"first (edit): + variable["A"].value{} = "1"; + variable["B"].value{} = "1""#,
        ]
    );
    assert_eq!(
        blame(repo.path(), "variables"),
        [
            r#"last: variable["A"].value{} = "3""#,
            r#"?mended: variable["B"].value{} = "2""#,
        ]
    );
    insta::assert_snapshot!(repo.run_plain(&["log", "main", "variables", "variable[\"A\"]"]));
    insta::assert_snapshot!(
        "broken_blame",
        repo.run_plain(&["blame", "main", "variables"])
    );
}

#[test]
fn a_marker_that_states_no_version_is_told() {
    let repo = sandbox(
        "v A 1; commit first
         printf 'version = nine' > .octopus/schema_version.ocl; commit wrong
         printf 'version = 9' > .octopus/schema_version.ocl; v A 2; commit last",
    );
    assert_eq!(
        log(repo.path(), "variables", HistoryOptions::default()),
        [
            "wrong: not lifted",
            r#"last (edit): ~ variable["A"].value{}: "1" -> "2""#,
            r#"first (edit): + variable["A"].value{} = "1""#,
        ]
    );
}

#[test]
fn a_shallow_clone_tells_where_its_history_ends() {
    let repo = sandbox(
        "v A 1 B 1; commit first
         v A 2 B 1; commit second
         v A 3 B 1; commit third
         v A 4 B 1; commit fourth
         git clone -q --depth 2 \"file://$PWD\" shallow",
    );
    let shallow = repo.path().join("shallow");
    assert_eq!(
        log(&shallow, "variables", HistoryOptions::default()),
        [
            r#"fourth (edit): ~ variable["A"].value{}: "3" -> "4""#,
            "third: cut off",
        ]
    );
    assert_eq!(
        blame(&shallow, "variables"),
        [
            r#"fourth: variable["A"].value{} = "4""#,
            r#"^third: variable["B"].value{} = "1""#,
        ]
    );
    insta::assert_snapshot!(repo.run_plain(&["--repo", "shallow", "log", "main", "variables"]));
    insta::assert_snapshot!(
        "shallow_blame",
        repo.run_plain(&["--repo", "shallow", "blame", "main", "variables"])
    );
    // The answer lies on this side.
    let text = repo.run_plain(&["--repo", "shallow", "log", "main", "variables", "-n", "1"]);
    assert!(text.ends_with("exit 0"), "{text}");
}

#[test]
fn replaced_commits_count_as_git_counts_them() {
    let repo = sandbox(
        "v A 1; commit first
         v A 2; commit second
         v A 3; commit third
         git replace --graft HEAD HEAD~2",
    );
    assert_eq!(
        log(repo.path(), "variables", HistoryOptions::default()),
        [
            r#"third (edit): ~ variable["A"].value{}: "1" -> "3""#,
            r#"first (edit): + variable["A"].value{} = "1""#,
        ]
    );
}

#[test]
fn a_missing_commit_ends_the_walk() {
    let repo = sandbox(
        "v A 1; commit first
         v A 2; commit second
         id=$(git rev-parse HEAD~1); rm -f .git/objects/${id:0:2}/${id:2}",
    );
    let told = log(repo.path(), "variables", HistoryOptions::default());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("fsck"), "{told:?}");
}

#[test]
fn a_document_that_was_removed_has_its_history() {
    let repo = sandbox(
        "v A 1; commit first
         rm .octopus/variables.ocl; commit removed
         v A 2; commit again
         rm .octopus/variables.ocl; touch .octopus/keep; commit 'removed again'",
    );
    assert_eq!(
        log(repo.path(), "variables", of("variable[\"A\"]")),
        [
            r#"removed again (edit): - variable["A"].value{} = "2""#,
            r#"again (edit): + variable["A"].value{} = "2""#,
            r#"removed (edit): - variable["A"].value{} = "1""#,
            r#"first (edit): + variable["A"].value{} = "1""#,
        ]
    );
}

#[test]
fn of_a_merge_the_way_is_followed_on_which_the_value_came() {
    let repo = sandbox(
        "v A 1 B 1; commit first
         git branch side
         v A 2 B 1; commit ours
         git checkout -q side; v A 1 B 2; commit theirs
         git checkout -q main; git merge -q --no-commit -s ours side; v A 2 B 2; commit merge",
    );
    assert_eq!(
        log(repo.path(), "variables", of("variable[\"B\"]")),
        [
            r#"theirs (edit): ~ variable["B"].value{}: "1" -> "2""#,
            r#"first (edit): + variable["B"].value{} = "1""#,
        ]
    );
    let all = log(repo.path(), "variables", HistoryOptions::default());
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(
        blame(repo.path(), "variables"),
        [
            r#"ours: variable["A"].value{} = "2""#,
            r#"theirs: variable["B"].value{} = "2""#,
        ]
    );
    let options = HistoryOptions {
        first_parent: true,
        ..of("variable[\"B\"]")
    };
    assert_eq!(
        log(repo.path(), "variables", options)[0],
        r#"merge (edit): ~ variable["B"].value{}: "1" -> "2""#
    );
}

#[test]
fn a_merge_itself_changed_what_none_of_its_parents_has() {
    let repo = sandbox(
        "v A 1 B 1; commit first
         git branch side
         v A 2 B 1; commit ours
         git checkout -q side; v A 3 B 2; commit theirs
         git checkout -q main; git merge -q --no-commit -s ours side; v A 4 B 2; commit merge",
    );
    let all = log(repo.path(), "variables", HistoryOptions::default());
    assert_eq!(
        all[0],
        r#"merge (edit): ~ variable["A"].value{}: "2" -> "4""#
    );
    assert_eq!(
        blame(repo.path(), "variables"),
        [
            r#"merge: variable["A"].value{} = "4""#,
            r#"theirs: variable["B"].value{} = "2""#,
        ]
    );
}

#[test]
fn a_change_that_was_merged_away_is_not_followed() {
    let repo = sandbox(
        "v A 1; commit first
         git branch side
         git checkout -q side; v A 3; commit theirs
         git checkout -q main; git merge -q --no-ff -s ours -m merge side",
    );
    assert_eq!(
        log(repo.path(), "variables", HistoryOptions::default()),
        [r#"first (edit): + variable["A"].value{} = "1""#]
    );
}

#[test]
fn a_commit_that_migrated_and_changed_a_value_is_both() {
    let repo = sandbox(
        "v A 1; commit first
         printf 'version = 10' > .octopus/schema_version.ocl; v A 2; commit second
         printf 'version = 14' > .octopus/schema_version.ocl; commit third",
    );
    let options = HistoryOptions {
        migrations: true,
        ..of("variable[\"A\"]")
    };
    assert_eq!(
        log(repo.path(), "variables", options),
        [
            "third (migration): ",
            r#"second (both): ~ variable["A"].value{}: "1" -> "2""#,
            r#"first (edit): + variable["A"].value{} = "1""#,
        ]
    );
    assert_eq!(Cause::Both.name(), "both");
    assert_eq!(
        blame(repo.path(), "variables"),
        [r#"second: variable["A"].value{} = "2""#]
    );
}

#[test]
fn a_document_is_followed_through_the_renames_of_its_kind() {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        "set -e\n{SCRIPT}
         mkdir -p steps/0002_move steps/0003_color
         printf 'catalog \"c\" {{ base_path = \".octopus\" }}\nmarker {{\n path = \"schema_version.ocl\"\n attribute = \"version\"\n}}\ndocument \"fizz\" {{ path = \"new/fizz.ocl\" }}\n' > steps/catalog.hcl
         printf 'description = \"x\"\ndocument = \"fizz\"\nrename {{ from = \"fizz.ocl\" }}\n' > steps/0002_move/step.hcl
         printf 'description = \"x\"\ndocument = \"fizz\"\nmodify {{\n rename = {{ colour = \"color\" }}\n}}\n' > steps/0003_color/step.hcl
         printf 'version = 1' > .octopus/schema_version.ocl
         printf 'colour = \"red\"\nsize = 1\n' > .octopus/fizz.ocl; commit first
         printf 'colour = \"blue\"\nsize = 1\n' > .octopus/fizz.ocl; commit second
         mkdir .octopus/new; git mv .octopus/fizz.ocl .octopus/new/fizz.ocl
         printf 'version = 2' > .octopus/schema_version.ocl; commit moved
         printf 'version = 3' > .octopus/schema_version.ocl
         printf 'color = \"green\"\nsize = 1\n' > .octopus/new/fizz.ocl; commit third"
    ));
    let text = |words: &[&str]| repo.run_plain(&[&["--catalog", "steps"], words].concat());
    let told = text(&["log", "main", "fizz", "--migrations"]);
    let subjects =
        ["third", "moved", "second", "first"].map(|subject| told.find(&format!("    {subject}\n")));
    assert!(
        subjects.is_sorted() && subjects.iter().all(Option::is_some),
        "{told}"
    );
    assert!(told.contains("~ color: \"blue\" -> \"green\""), "{told}");
    assert!(told.contains("~ color: \"red\" -> \"blue\""), "{told}");
    let blamed = text(&["blame", "main", "fizz"]);
    let id = repo.shell("git rev-parse HEAD~3");
    assert!(blamed.contains(&format!("{} (Ann", &id[..10])), "{blamed}");
}

#[test]
fn blocks_and_items_without_keys_keep_their_commit_where_others_come_and_go() {
    let repo = sandbox(
        "printf 'connectivity_policy {\n    target_roles = [\"a\", \"b\"]\n}\n' > .octopus/deployment_settings.ocl; commit first
         printf 'connectivity_policy {\n    target_roles = [\"x\", \"a\", \"b\"]\n}\n' > .octopus/deployment_settings.ocl; commit second",
    );
    assert_eq!(
        blame(repo.path(), "deployment_settings"),
        [
            r#"second: connectivity_policy.target_roles[0] = "x""#,
            r#"first: connectivity_policy.target_roles[1] = "a""#,
            r#"first: connectivity_policy.target_roles[2] = "b""#,
        ]
    );
}

#[test]
fn commits_that_change_nothing_below_the_base_path_are_not_looked_into() {
    let repo =
        sandbox("v A 1; commit first; for i in $(seq 60); do echo $i > $i.txt; commit $i; done");
    let project = Project::open(repo.path()).unwrap();
    let mut history = project
        .history("HEAD", "variables", HistoryOptions::default())
        .unwrap();
    let before = project.cache_stats().objects_read;
    assert_eq!(history.by_ref().count(), 1);
    let read = project.cache_stats().objects_read - before;
    // The commit and its tree; what the first one holds.
    assert!(read < 60 * 2 + 20, "{read}");
    // With a commit-graph file the commits aren't opened either.
    isolated("git", repo.path())
        .args(["commit-graph", "write", "--reachable"])
        .output()
        .unwrap();
    let project = Project::open(repo.path()).unwrap();
    let history = project
        .history("HEAD", "variables", HistoryOptions::default())
        .unwrap();
    assert_eq!(history.count(), 1);
    let read = project.cache_stats().objects_read;
    assert!(read < 60 + 30, "{read}");
}

/// What is shown for such a name is the name of nothing in Git.
#[test]
fn a_file_whose_name_is_not_utf8_has_no_history_that_can_be_told() {
    let repo = sandbox(
        r#"v A 1; commit first
           mkdir -p .octopus/runbooks; printf 'name = "A"\n' > .octopus/runbooks/$(printf '\374').ocl; commit second"#,
    );
    let name = "runbook/\u{fffd}";
    let explained = repo.run_plain(&["explain", "HEAD", name]);
    assert!(
        explained.contains("which commit wrote it can't be told: the name of its file isn't UTF-8"),
        "{explained}"
    );
    assert!(!explained.contains("last written"), "{explained}");
    let json = repo.pretty_plain(&["explain", "HEAD", name]);
    assert!(json.contains("\"written\": null"), "{json}");
    let logged = repo.run_plain(&["log", "HEAD", name]);
    assert!(logged.contains("is not UTF-8: rename the file"), "{logged}");
    assert!(logged.ends_with("--- exit 1"), "{logged}");
}

/// Both parents of a merge have the document; the second has what a step reads beside it as well.
#[test]
fn of_a_merge_the_first_parent_with_the_document_is_followed() {
    let repo = sandbox(
        "s() { printf 'name = \"%s\"\\n' \"$1\" > .octopus/deployment_settings.ocl; }
         p() { printf 'step \"%s\" {\\n}\\n' \"$1\" > .octopus/deployment_process.ocl; }
         s A; p a; commit first
         s B; commit second
         git switch -qc side; p b; commit side1; p c; commit side2; p d; commit side3
         git switch -q main; touch notes; commit notes
         git merge -q --no-edit -m merge side; git diff --quiet HEAD side -- .octopus
         git clone -q --depth 4 \"file://$PWD\" shallow",
    );
    let shallow = repo.path().join("shallow");
    let told = log(&shallow, "deployment_settings", HistoryOptions::default());
    assert_eq!(told[0], r#"second (edit): ~ name: "A" -> "B""#);
    assert_eq!(
        blame(&shallow, "deployment_settings"),
        [r#"second: name = "B""#]
    );
    // A commit that is too new is passed on the same way.
    let until = HistoryOptions {
        until: Some(1_700_000_000 + 5 * 60),
        ..HistoryOptions::default()
    };
    assert_eq!(log(repo.path(), "deployment_settings", until).len(), 2);
}

#[test]
fn a_document_without_values_comes_and_goes() {
    let repo = sandbox(
        "v; commit added
         v A 1; commit value
         v; commit none
         rm .octopus/variables.ocl; commit removed
         git switch -qc side; v; commit again; git switch -q main; touch notes; commit notes
         git merge -q --no-edit -m merge side",
    );
    let found = log(repo.path(), "variables", HistoryOptions::default());
    assert_eq!(
        found,
        [
            "again (edit): ",
            "removed (edit): ",
            r#"none (edit): - variable["A"].value{} = "1""#,
            r#"value (edit): + variable["A"].value{} = "1""#,
            "added (edit): ",
        ]
    );
    let told = repo.run_plain(&["log", "main", "variables"]);
    assert_eq!(
        told.matches("\n  + variables, without values\n").count(),
        2,
        "{told}"
    );
    assert_eq!(
        told.matches("\n  - variables, without values\n").count(),
        1,
        "{told}"
    );
    let lines = repo.run_plain(&["log", "main", "variables", "--format", "json"]);
    let whole = r#""document":"variables","address":"","change":"added","whole":"","#;
    assert_eq!(lines.matches(whole).count(), 2, "{lines}");
    let changes = "SELECT subject, address, change, old, new FROM changes('main') WHERE document = 'variables' ORDER BY time";
    let rows = repo.run_plain(&["query", changes, "--format", "json"]);
    for row in [
        r#"{"subject":"added","address":"","change":"added","old":null,"new":null}"#,
        r#"{"subject":"removed","address":"","change":"removed","old":null,"new":null}"#,
    ] {
        assert!(rows.contains(row), "{rows}");
    }
    // A part of it was never there.
    let part = repo.run_plain(&["log", "main", "variables", "variable[\"A\"]"]);
    assert_eq!(part.matches("commit ").count(), 2, "{part}");
}
