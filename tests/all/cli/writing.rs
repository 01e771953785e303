//! What the commands that write tell before they do, and what they refuse.

use crate::support::Sandbox;

/// The demo's repository, with a branch whose runbook has a value that step 10 overwrites.
fn demo() -> Sandbox {
    let repo = Sandbox::empty();
    repo.run_plain(&["demo", "demo"]);
    repo.shell(
        r#"cd demo; git checkout -q -b l feature/backups
        sed -i 's/    quantity_to_keep = 100/&\n    type = "Count"/' .octopus/runbooks/back-up-database.ocl
        git commit -qam c; git checkout -q --detach"#,
    );
    repo
}

const LOSS: &str =
    "overwrites run_retention_policy.type, which was \\\"Count\\\", without reading it";

#[test]
fn values_that_are_overwritten_are_told_by_what_writes_them() {
    let repo = demo();
    let upgrade = [
        "-C",
        "demo",
        "upgrade",
        "l",
        "-m",
        "x",
        "--accept-unknown",
        "11,12",
    ];
    let warned = LOSS.replace('\\', "");
    let dry = repo.run_plain(&[&upgrade[..], &["--dry-run"]].concat());
    assert!(
        dry.contains("warning: runbook/back-up-database: step 10"),
        "{dry}"
    );
    assert!(dry.contains(&warned), "{dry}");
    // The report has it, not standard error alone.
    let in_json = |arguments: &[&str]| {
        let done = repo.command(&[arguments, &["--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let warnings = report["warnings"].as_array().unwrap();
        let found = warnings.iter().filter_map(|warning| warning.as_str());
        assert_eq!(
            found.filter(|text| text.contains(&warned)).count(),
            1,
            "{report}"
        );
    };
    in_json(&[&upgrade[..], &["--dry-run"]].concat());
    // A text of the user's in its place: nothing of the document's is migrated.
    let new = "name = \"New\"\n";
    std::fs::write(repo.path().join("new.ocl"), new).unwrap();
    let file = format!(
        "runbook/back-up-database={}",
        repo.path().join("new.ocl").display()
    );
    let commit = [
        "-C",
        "demo",
        "commit",
        "l",
        "-m",
        "x",
        "--accept-unknown",
        "11,12",
        "--dry-run",
    ];
    let put = repo.run_plain(&[&commit[..], &["--put", &file]].concat());
    assert!(!put.contains(&warned), "{put}");
    assert!(
        put.contains(
            "warning: runbook/back-up-database: the text is taken as it is, at version 14; step 10 didn't run on it"
        ),
        "{put}"
    );
    in_json(&upgrade);
    // Where nothing is pending, a text is just that.
    let put = repo.run_plain(&[&commit[..], &["--put", &file]].concat());
    assert!(!put.contains("the text is taken"), "{put}");
    assert!(
        put.contains("warning: --accept-unknown 11: nothing asked for it"),
        "{put}"
    );
}

#[test]
fn a_restored_document_tells_what_its_migration_lost() {
    let repo = demo();
    repo.shell("cd demo; git branch before l");
    let upgraded = repo.run_plain(&[
        "-C",
        "demo",
        "upgrade",
        "l",
        "-m",
        "x",
        "--accept-unknown",
        "11,12",
    ]);
    assert!(upgraded.ends_with("exit 0"), "{upgraded}");
    repo.shell(
        r#"cd demo; git checkout -q l; printf 'name = "Other"\n' > .octopus/runbooks/back-up-database.ocl
        git commit -qam other; git checkout -q --detach"#,
    );
    let text = repo.run_plain(&[
        "-C",
        "demo",
        "restore",
        "l",
        "--from",
        "before",
        "--accept-unknown",
        "11,12",
        "runbook/back-up-database",
    ]);
    assert!(text.contains(&LOSS.replace('\\', "")), "{text}");
}

#[test]
fn contradictory_and_empty_changes_are_refused() {
    let repo = Sandbox::new("versions");
    repo.shell(
        r#"git switch -q --detach main; printf 'color = "blue"\n' > a; cp a b; printf ' \n' > empty
        git show main:.config/fizz.ocl > same"#,
    );
    let refused = |arguments: &[&str], message: &str| {
        let text = repo.run(&[&["commit", "main", "-m", "x"], arguments].concat());
        assert!(text.contains(message), "{arguments:?}: {text}");
        assert!(text.ends_with("--- exit 2"), "{arguments:?}: {text}");
    };
    refused(
        &["--put", "fizz=-", "--put", "team/blue=-"],
        "two are to be put from it: fizz and team/blue",
    );
    refused(
        &["--put", "fizz=a", "--put", "fizz=b"],
        "--put names fizz twice",
    );
    refused(
        &["--put", "fizz=a", "--put", "fizz.ocl=b"],
        "--put names fizz twice",
    );
    refused(
        &["--remove", "fizz", "--put", "fizz=a"],
        "fizz is named by --put and by --remove",
    );
    refused(
        &["--put", ".config/fizz.ocl=a", "--remove", "fizz"],
        "fizz is named by --put and by --remove",
    );
    refused(
        &["--put", "fizz=empty"],
        "the text for fizz is empty (empty); to remove it: --remove fizz",
    );
    refused(
        &["--put", "fizz=-"],
        "the text for fizz is empty (the standard input)",
    );
    refused(
        &["--put", "team/new=empty"],
        "the text for team/new is empty (empty)\n",
    );
    // One that is empty in Git may stay so.
    repo.shell(
        ": > .config/fizz.ocl; git commit -qam Empty; git branch -f main; git reset -q --hard",
    );
    let text = repo.run(&["commit", "main", "-m", "x", "--put", "fizz=empty"]);
    assert!(text.ends_with("--- exit 0"), "{text}");
}

#[test]
fn line_ends_that_change_every_line_are_told() {
    let repo = Sandbox::new("versions");
    repo.run(&["store", "init"]);
    repo.shell(
        r#"git switch -q --detach main; git show main:.config/fizz.ocl | sed 's/red/blue/; s/$/\r/' > crlf
        git show feature/teams:.config/teams/red.ocl | sed 's/ann/bob/; s/\r//' > lf
        git show main:.config/fizz.ocl | sed 's/red/blue/' > same"#,
    );
    let put = |branch: &str, put: &str| {
        repo.run(&["commit", branch, "-m", "x", "--dry-run", "--put", put])
    };
    let text = put("main", "fizz=crlf");
    assert!(
        text.contains(
            "warning: fizz: the text ends its lines with CRLF, the one in Git with LF, so every line changes; a text is put \
             as it is, without what .gitattributes says of line ends: to change only what you mean, put a text with LF"
        ),
        "{text}"
    );
    let text = put("feature/teams", "team/red=lf");
    assert!(
        text.contains(
            "warning: team/red: the text ends its lines with LF, the one in Git with CRLF"
        ),
        "{text}"
    );
    let text = put("main", "fizz=same");
    assert!(!text.contains("warning"), "{text}");
}

#[test]
fn the_edited_file_itself_can_be_put() {
    for stage in ["true", "git add ."] {
        let repo = Sandbox::new("versions");
        repo.shell(&format!(
            "printf 'color = \"blue\"\\n' > .config/fizz.ocl; {stage}"
        ));
        let put = ["--put", "fizz=.config/fizz.ocl"];
        let text = repo.run(&[&["commit", "main", "-m", "x"][..], &put].concat());
        assert!(text.ends_with("--- exit 0"), "{text}");
        assert_eq!(
            repo.shell("git show main:.config/fizz.ocl"),
            "color = \"blue\"\n"
        );
        assert_eq!(repo.shell("git status --porcelain"), "");
    }
}

/// The hint's own command commits the text that it was asked to.
/// A dry run writes nothing, so nothing is in its way; it says what is in the way of the commit.
#[test]
fn a_dry_run_on_a_dirty_work_tree_goes_on() {
    let repo = Sandbox::new("versions");
    repo.shell("git switch -q main; printf 'color = \"blue\"\n' > new.ocl; echo '# mine' >> .config/fizz.ocl");
    let commit = ["commit", "main", "-m", "x", "--put", "fizz=new.ocl"];
    let before = repo.shell("git rev-parse main; git status --porcelain");
    let refused = repo.run(&commit);
    assert!(refused.ends_with("--- exit 1"), "{refused}");
    let dry = [&commit[..], &["--dry-run"]].concat();
    let told = repo.run(&dry);
    assert!(told.contains("+color = \"blue\"\n"), "{told}");
    assert!(
        told.contains("warning: without --dry-run this is refused: ")
            && told.contains(".config/fizz.ocl (modified)"),
        "{told}"
    );
    assert!(told.ends_with("--- exit 0"), "{told}");
    let json = repo.pretty(&dry);
    assert!(
        json.contains("without --dry-run this is refused: "),
        "{json}"
    );
    assert_eq!(
        repo.shell("git rev-parse main; git status --porcelain"),
        before
    );
    repo.shell("git checkout -q -- .config");
    let told = repo.run(&dry);
    assert!(!told.contains("warning"), "{told}");
}

#[test]
fn a_text_that_lies_in_its_own_way_is_not_stashed_unread() {
    for first in ["true", "touch .config/teams/new.ocl"] {
        let repo = Sandbox::new("versions");
        // Staged, and changed again.
        repo.shell(&format!(
            "printf 'color = \"green\"\\n' > .config/fizz.ocl; {first}; git add .
             printf 'color = \"blue\"\\n' > .config/fizz.ocl; printf 'name = \"New\"\\n' > .config/teams/new.ocl"
        ));
        let arguments = [
            "commit",
            "main",
            "-m",
            "x",
            "--put",
            "fizz=.config/fizz.ocl",
            "--put=team/new=.config/teams/new.ocl",
        ];
        let text = repo.run(&arguments);
        assert!(text.ends_with("--- exit 1"), "{text}");
        let hint = text.split_once("then set them aside: ").expect(&text).1;
        let (command, _) = hint.split_once("\n    they stay in").expect(hint);
        let home = repo.path().display().to_string();
        let command = command
            .replace("/tmp/", &format!("{home}/.git/"))
            .replace("REPO", &home)
            .replace("PROJECT", env!("CARGO_MANIFEST_DIR"))
            .replace(
                "ocl-migrate --catalog",
                &format!("{} --catalog", env!("CARGO_BIN_EXE_ocl-migrate")),
            );
        repo.shell(&command);
        assert_eq!(
            repo.shell("git show main:.config/fizz.ocl"),
            "color = \"blue\"\n"
        );
        assert_eq!(
            repo.shell("git show main:.config/teams/new.ocl"),
            "name = \"New\"\n"
        );
        assert_eq!(repo.shell("git status --porcelain"), "");
    }
}

/// Nothing can be stashed before the first commit. The hint's own command makes that.
#[test]
fn before_the_first_commit_files_in_the_way_are_moved_away() {
    for (first, put) in [
        ("true", "fizz=new.ocl"),
        ("git add .config", "fizz=new.ocl"),
        // Staged, and changed again.
        (
            "git add .config; cp new.ocl .config/fizz.ocl",
            "fizz=.config/fizz.ocl",
        ),
    ] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "mkdir .config; printf 'color = \"red\"\\n' > .config/fizz.ocl; printf 'color = \"blue\"\\n' > new.ocl; {first}"
        ));
        repo.run(&["store", "init"]);
        let text = repo.run(&["commit", "main", "--new", "-m", "x", "--put", put]);
        assert!(text.ends_with("--- exit 1"), "{text}");
        assert!(!text.contains("git stash"), "{text}");
        let hint = text
            .split_once("no commit yet to stash them on: ")
            .expect(&text);
        let (command, _) = hint.1.split_once("\n---").expect(hint.1);
        let home = repo.path().display().to_string();
        let command = command
            .replace("/tmp/", &format!("{home}/.git/"))
            .replace("REPO", &home)
            .replace("PROJECT", env!("CARGO_MANIFEST_DIR"))
            .replace(
                "ocl-migrate --catalog",
                &format!("{} --catalog", env!("CARGO_BIN_EXE_ocl-migrate")),
            );
        repo.shell(&format!("set -e; {command}"));
        assert_eq!(
            repo.shell("git show main:.config/fizz.ocl"),
            "color = \"blue\"\n"
        );
        assert!(repo.path().join(".config/fizz.ocl.mine").exists());
    }
}

#[test]
fn a_store_that_is_named_and_is_not_there() {
    let repo = Sandbox::new("versions");
    repo.shell("printf 'color = \"blue\"\\n' > a; git switch -q --detach main");
    let with = |arguments: &[&str]| repo.run(&[&["--store", "gone.db"], arguments].concat());
    for writing in [
        &["commit", "main", "-m", "x", "--put", "fizz=a"][..],
        &["upgrade", "old", "-m", "x", "--dry-run"],
        &["downgrade", "main", "--to", "5", "-m", "x"],
        &["restore", "main", "--from", "v1"],
        &["adopt", "main"],
        &["doctor"],
    ] {
        let text = with(writing);
        assert!(
            text.contains("error: there is no store at gone.db"),
            "{text}"
        );
        assert!(text.contains("--store gone.db store init"), "{text}");
        assert!(text.ends_with("--- exit 1"), "{text}");
    }
    for reading in [
        &["preview", "main"][..],
        &["plan", "main"],
        &["show", "main"],
        &["status"],
        &["explain", "main", "fizz"],
    ] {
        let text = with(reading);
        assert!(
            text.contains("warning: there is no store at gone.db, which was named"),
            "{text}"
        );
        assert!(text.ends_with("--- exit 0"), "{text}");
    }
    // The default one may be missing.
    let text = repo.run(&["commit", "main", "-m", "x", "--put", "fizz=a", "--dry-run"]);
    assert!(
        text.ends_with("--- exit 0") && !text.contains("no store"),
        "{text}"
    );
    let text = with(&["store", "init"]);
    assert!(text.ends_with("--- exit 0"), "{text}");
    let text = with(&["commit", "main", "-m", "x", "--put", "fizz=a"]);
    assert!(text.ends_with("--- exit 0"), "{text}");
}

#[test]
fn answers_that_are_not_what_was_meant() {
    let repo = Sandbox::new("versions");
    repo.run(&["store", "init"]);
    let put = |value: &str| repo.run(&["store", "lookup", "put", "t", "k", value]);
    let text = put("null");
    assert!(text.contains("null is not an answer"), "{text}");
    assert!(text.ends_with("--- exit 2"), "{text}");
    let text = put("2000");
    assert!(
        text.contains("stored as a number; to store it as text, quote it: '\"2000\"'"),
        "{text}"
    );
    let text = put("true");
    assert!(text.contains("stored as a boolean"), "{text}");
    for quiet in ["\"2000\"", "production", "[1]"] {
        let text = put(quiet);
        assert!(!text.contains("stored as"), "{text}");
        assert!(text.ends_with("--- exit 0"), "{text}");
    }
    let load = |json: &str| {
        std::fs::write(repo.path().join("l.json"), json).unwrap();
        repo.run(&["store", "lookup", "load", "l.json"])
    };
    let text = load(r#"{"t": {"a": "x", "b": "y", "a": "z"}}"#);
    assert!(
        text.contains(r#"l.json: "a" stands there twice at line 1"#),
        "{text}"
    );
    assert!(text.ends_with("--- exit 1"), "{text}");
    let text = load(r#"{"t": {}, "u": {}, "t": {}}"#);
    assert!(text.contains(r#""t" stands there twice"#), "{text}");
    let text = load(r#"{"t": {"a": {"x": 1}}, "u": {"a": "z"}}"#);
    assert!(text.ends_with("--- exit 0"), "{text}");
}

/// A whole commit is restored, and a document goes that it doesn't have: that is said, not only shown among the rest.
#[test]
fn what_a_restoration_removes_is_named() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e
        mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl
        printf 'name = \"a\"\n' > .octopus/runbooks/a.ocl && git add . && git commit -qm one
        printf 'name = \"b\"\n' > .octopus/runbooks/b.ocl && git add . && git commit -qm two
        git switch -q --detach",
    );
    let restore = ["restore", "main", "--from", "main~1"];
    let told = repo.run_plain(&restore);
    assert!(told.contains("-name = \"b\""), "{told}");
    let would = "warning: runbook/b would be removed: main~1 doesn't have it. To keep it, name the documents to restore";
    assert!(told.contains(would), "{told}");
    // Who names it may not know that it wasn't there.
    let named = repo.run_plain(&[&restore[..], &["runbook/b"]].concat());
    let would = "warning: runbook/b would be removed: main~1 doesn't have it\n";
    assert!(named.contains(would), "{named}");
    let done = repo.run_plain(&[&restore[..], &["-m", "As it was"]].concat());
    assert!(
        done.contains("warning: runbook/b is removed: main~1 doesn't have it."),
        "{done}"
    );
}
