//! `check`: what is wrong in refs, for people, scripts and hosts of repositories.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Sandbox;

#[test]
fn what_is_right_ends_well() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check"]));
}

#[test]
fn every_mistake_is_shown_at_its_line() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check", "change"]));
    assert_snapshot!("broken", repo.run_plain(&["check", "broken"]));
    assert_snapshot!("unmarked", repo.run_plain(&["check", "unmarked"]));
}

/// It is lifted to version 14, and steps change lines above and below: the places are those of the file.
#[test]
fn a_branch_at_an_older_version() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check", "old"]));
}

#[test]
fn only_what_is_new() {
    let repo = Sandbox::new("check");
    let all = repo.run_plain(&["check", "change"]);
    let new = repo.run_plain(&["check", "change", "--base", "main"]);
    // It has moved, and is in both.
    assert!(all.contains("`Spare`") && !new.contains("`Spare`"), "{new}");
    assert_snapshot!(new);
    assert_snapshot!(
        "nothing_new",
        repo.run_plain(&["check", "main", "--base", "change"])
    );
    assert_snapshot!(
        "unknown_base",
        repo.run_plain(&["check", "main", "--base", "nothing"])
    );
}

/// What can't be read isn't known to be without a mistake: what is found counts as new, and every format says why.
#[test]
fn a_base_that_cannot_be_read_is_told() {
    let repo = Sandbox::new("check");
    repo.shell(
        "set -e
        git checkout -q -b unmarkable change; printf 'version = 14\\nversion = 9\\n' > .octopus/schema_version.ocl
        git commit -qam Merge
        git checkout -q -b newer change; printf 'version = 15\\n' > .octopus/schema_version.ocl; git commit -qam Newer
        git checkout -q -b untidy change; printf 'x {{{\\n' > .octopus/variables.ocl; git commit -qam Untidy
        git checkout -q main",
    );
    let check = |base: &str, more: &[&str]| {
        repo.run_plain(&[&["check", "change", "--base", base], more].concat())
    };
    let told = check("unmarkable", &[]);
    let warning = "warning[base_unreadable]: the base refs/heads/unmarkable can't be read";
    assert_eq!(told.matches(warning).count(), 1, "{told}");
    assert!(told.contains("`version` is set twice"), "{told}");
    // It isn't new itself, and everything else is as without a base.
    let all = repo.run_plain(&["check", "change"]);
    let counts = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("1 ref, "));
        line.unwrap().replace("new ", "")
    };
    assert_eq!(counts(&told), counts(&all));
    let newer = check("newer", &[]);
    assert!(newer.contains("the branch is at version 15"), "{newer}");
    let untidy = check("untidy", &[]);
    let warning = "warning[base_unreadable]: variables of the base refs/heads/untidy can't be read";
    assert!(untidy.contains(warning), "{untidy}");
    for base in ["change", "main"] {
        let told = check(base, &[]);
        assert!(!told.contains("base_unreadable"), "{told}");
    }
    let lines = check("unmarkable", &["--format", "json"]);
    let lines = lines.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = lines
        .iter()
        .find(|line| line["rule"] == "base_unreadable")
        .unwrap();
    assert_eq!(line["ref"], "refs/heads/unmarkable");
    assert_eq!(line["severity"], "warning");
    assert_eq!(line["path"], ".octopus/schema_version.ocl");
    assert_eq!(line["line"], Value::Null);
    let github = check("unmarkable", &["--as", "github"]);
    let annotation = "::warning file=.octopus/schema_version.ocl,title=base_unreadable::the base ";
    assert!(github.contains(annotation), "{github}");
    for form in ["gitlab", "sarif"] {
        let report = check("unmarkable", &["--as", form]);
        assert!(
            report.contains("the base refs/heads/unmarkable can't be read"),
            "{report}"
        );
    }
}

#[test]
fn many_refs() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check", "--all"]));
}

/// A library of the server may define what no document does, and what uses a variable may be a file of a package.
#[test]
fn what_may_be_elsewhere_is_counted_only() {
    let repo = Sandbox::new("check");
    let script = |text: &str| {
        let write = format!("sed -i 's/curl #{{Url}}/{text}/' .octopus/deployment_process.ocl");
        repo.shell(&format!(
            "git checkout -q -B try main && {write} && git commit -qam Change"
        ));
        repo.run_plain(&["check"])
    };
    // One letter is wrong, and nothing else is said of that name.
    assert_snapshot!("misspelt", script("curl #{Url} #{Hots} #{Library.Key}"));
    let package = "curl #{Url}\"\\n            Octopus.Action.Package.PackageId = \"site";
    assert_snapshot!("used_by_a_package", script(package));
}

/// The command that is told lists what was counted: in the refs that were looked at, at their version, and not in the base.
#[test]
fn what_is_counted_is_what_the_told_command_lists() {
    let repo = Sandbox::new("check");
    repo.shell(
        "git checkout -q -B try main && sed -i 's/curl #{Url}/curl #{Library.Key} #{Library.Other}/' .octopus/deployment_process.ocl && git commit -qam Change && git checkout -q main",
    );
    for asked in [
        &["check", "try"][..],
        &["check", "main", "try", "--to", "14"],
        &["check", "--all"],
        &["check", "main", "--base", "try"],
        &["check", "try", "--base", "main"],
    ] {
        let told = repo.run_plain(asked);
        let note = told
            .lines()
            .find(|line| line.contains("may be defined elsewhere"));
        let is_in_try = asked != ["check", "main", "--base", "try"];
        assert_eq!(note.is_some(), is_in_try, "{told}");
        let Some(note) = note else { continue };
        assert!(note.starts_with("2 things"), "{note}");
        let command = note.split('`').nth(1).unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let listed = repo.run_plain(&words);
        assert!(
            listed.contains("Library.Key") && listed.contains("Library.Other"),
            "{listed}"
        );
    }
}

#[test]
fn as_json() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.pretty_plain(&["check", "old", "broken"]));
}

#[test]
fn for_hosts_of_repositories() {
    let repo = Sandbox::new("check");
    let check = |form: &str| repo.run_plain(&["check", "change", "--base", "main", "--as", form]);
    assert_snapshot!("github", check("github"));
    assert_snapshot!("gitlab", check("gitlab"));
    assert_snapshot!("sarif", check("sarif"));
}

/// The schema is the one that OASIS publishes.
#[test]
fn sarif_fits_its_published_schema() {
    let schema = include_str!("../../../fixtures/sarif/sarif-schema-2.1.0.json");
    // It has a `]` too many in it, which not every engine takes; no log has what it is about.
    let wrong = "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
    assert!(schema.contains(wrong));
    let schema: Value = serde_json::from_str(&schema.replace(wrong, "")).unwrap();
    let schema = jsonschema::options().offline().build(&schema).unwrap();
    let repo = Sandbox::new("check");
    for refs in [&["--all"][..], &["main"], &["change", "--base", "main"]] {
        let arguments = [&["check", "--as", "sarif"], refs].concat();
        let said = repo.run_plain(&arguments);
        let log = said.lines().find(|line| line.starts_with('{')).unwrap();
        let log: Value = serde_json::from_str(log).unwrap();
        let wrong: Vec<String> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    let wrong = serde_json::json!({ "version": "2.1.0" });
    assert!(!schema.is_valid(&wrong));
}

/// The place is that of the name, and not of the first letters that are alike.
#[test]
fn a_name_is_shown_where_it_is_written() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus; printf 'version = 14\\n' > .octopus/schema_version.ocl
        printf 'variable \"able\" {\\n    value \"2\" {}\\n}\\n' > .octopus/variables.ocl
        git add -A; git commit -qm Begin",
    );
    let text = repo.run_plain(&["check"]);
    let told = "nothing refers to the variable `able`\n --> .octopus/variables.ocl:1:11";
    assert!(text.contains(told), "{text}");
    let own = own_catalog("segment \"b\" {\n}\n\nrule {\n    ref = \"e\"\n}\n");
    let text = own.run_plain(&["--catalog", "c", "check"]);
    let told = "no document defines the segment `e`\n --> .f/a.ocl:5:12";
    assert!(text.contains(told), "{text}");
}

/// Documents of a kind that may refer to things of another kind of documents, which isn't there.
fn own_catalog(text: &str) -> Sandbox {
    let repo = Sandbox::empty();
    std::fs::create_dir_all(repo.path().join(".f")).unwrap();
    std::fs::write(repo.path().join(".f/a.ocl"), text).unwrap();
    repo.shell(
        "mkdir -p c/0001_a c/0001_b
        cat > c/catalog.hcl <<'END'
catalog \"f\" { base_path = \".f\" }
document \"a\" { path = \"a.ocl\" }
document \"b\" { path = \"b.ocl\" }
thing \"segment\" {
  defined_in = \"a\"
  at         = \"segment\"
}
thing \"team\" {
  defined_in = \"b\"
  at         = \"team\"
}
reference \"segment\" { at = \"rule.ref\" }
reference \"team\" { at = \"rule.team\" }
END
        printf 'description = \"i\"\\ndocument = \"a\"\\nimport {}\\n' > c/0001_a/step.hcl
        printf 'description = \"i\"\\ndocument = \"b\"\\nimport {}\\n' > c/0001_b/step.hcl
        printf 'version = 1\\n' > .f/schema_version.ocl
        git add -A; git commit -qm Begin",
    );
    repo
}

/// That no document defines them says nothing where none could: what wasn't checked is told.
#[test]
fn references_that_no_document_could_define() {
    let own = own_catalog("rule {\n    team = \"web\"\n}\n");
    let text = own.run_plain(&["--catalog", "c", "check"]);
    let told = "references to things of the kind team weren't checked: no document of the kind b is there to define any";
    assert!(text.contains(told), "{text}");
    // Nothing refers to any.
    let own = own_catalog("rule {\n}\n");
    let text = own.run_plain(&["--catalog", "c", "check"]);
    assert!(!text.contains("weren't checked"), "{text}");
}

/// Before the first commit, the base has nothing.
#[test]
fn a_base_without_a_commit_has_nothing() {
    let repo = Sandbox::empty();
    let told = repo.run_plain(&["check", "--base", "HEAD"]);
    assert_snapshot!(told, @"
    --- stdout
    0 refs, 0 documents: 0 new errors, 0 new warnings
    --- stderr
    HEAD has no commit yet: there is nothing to look at
    --- exit 0
    ");
    repo.shell(
        "mkdir .octopus; printf 'version = 14\\n' > .octopus/schema_version.ocl; printf 'x {{{\\n' > .octopus/variables.ocl; git add -A",
    );
    // As a hook does with what is staged.
    let staged = repo.shell("git commit-tree $(git write-tree) -m staged");
    let told = repo.run_plain(&["check", staged.trim(), "--base", "HEAD"]);
    assert_snapshot!(told, @"
    --- stdout
    error[syntax]: expected the end of the line after `{`, found `{`
     --> .octopus/variables.ocl:1:4
      |
    1 | x {{{
      |    ^
      at variables

    1 ref, 1 document: 1 new error, 0 new warnings
    --- stderr
    HEAD has no commit yet, so all that is found is new
    --- exit 1
    ");
    let sarif = repo.run_plain(&["check", staged.trim(), "--base", "@", "--as", "sarif"]);
    assert!(sarif.ends_with("--- exit 1"), "{sarif}");
    // Without a base, and with another one, it is a mistake as before.
    for arguments in [
        &["check"][..],
        &["check", "HEAD", "--base", "HEAD"],
        &["check", "--base", "main"],
    ] {
        let told = repo.run_plain(arguments);
        assert!(told.contains("is not a branch, tag or commit"), "{told}");
    }
}

/// Below its import, a document isn't in Git.
#[test]
fn a_document_that_is_left_out_is_not_counted() {
    let repo = Sandbox::new("versions");
    let told = repo.run(&["check", "main"]);
    assert!(told.contains("1 ref, 2 documents: "), "{told}");
    let told = repo.run(&["check", "main", "--to", "4"]);
    assert!(told.contains("1 ref, 1 document: "), "{told}");
    let shown = repo.run(&["preview", "main", "--to", "4", "--stat"]);
    assert!(shown.contains("left out"), "{shown}");
}
