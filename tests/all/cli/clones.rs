//! Shallow and partial clones: what isn't there is said, and never guessed.

use crate::support::Sandbox;

/// Two branches, the server's documents on both; and a clone of them.
fn cloned(how: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        "set -e; mkdir -p .config/teams other
        git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true
        printf 'version = 6' > .config/schema_version.ocl; echo x > other/file
        for team in a b c; do printf 'name = \"%s\"\\n' $team > .config/teams/$team.ocl; done
        printf 'color = \"red\"\\n' > .config/fizz.ocl
        git add -A && git commit -qm 'First'
        printf 'color = \"blue\"\\n' > .config/fizz.ocl; git commit -qam 'Second'
        git branch side; git tag -a -m tagged v1
        printf 'name = \"d\"\\n' > .config/teams/d.ocl
        printf 'version = 6\\n' > .config/schema_version.ocl; git add -A; git commit -qm 'Third'
        git clone -q --bare {how} \"file://$PWD\" clone.git"
    ));
    repo
}

fn in_clone(repo: &Sandbox, arguments: &[&str]) -> String {
    repo.run(&[&["--repo", "clone.git"], arguments].concat())
}

#[test]
fn a_shallow_clone_names_no_last_writer_that_it_may_have_cut_off() {
    let repo = cloned("--depth 1 --no-single-branch");
    let told = in_clone(&repo, &["explain", "main", "team/a"]);
    assert!(
        told.contains("or before, it can't be told: the clone is shallow"),
        "{told}"
    );
    assert!(told.contains("fetch --unshallow"), "{told}");
    assert!(!told.contains("last written at"), "{told}");
    let doctor = in_clone(&repo, &["doctor"]);
    assert!(
        doctor.contains("is a shallow clone: at which version"),
        "{doctor}"
    );
    assert!(doctor.contains("fetch --unshallow"), "{doctor}");
    let revision = in_clone(&repo, &["plan", "main~3"]);
    assert!(revision.contains("the clone is shallow"), "{revision}");
    repo.shell("git -C clone.git fetch -q --unshallow origin");
    let told = in_clone(&repo, &["explain", "main", "team/a"]);
    assert!(told.contains("last written at version 6"), "{told}");
    assert!(!in_clone(&repo, &["doctor"]).contains("shallow"));
}

/// The command after some words.
fn command(repo: &Sandbox, text: &str, before: &str) -> String {
    let from = text
        .find(before)
        .unwrap_or_else(|| panic!("{before}: {text}"));
    let line = text[from + before.len()..].lines().next().unwrap();
    line.replace("REPO", &repo.path().display().to_string())
}

#[test]
fn what_a_partial_clone_left_out_of_a_ref_is_told_together_and_fetched_with_one_command() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let repo = cloned(filter);
        for arguments in [
            &["preview", "main"][..],
            &["status", "main"],
            &["rehearse", "main"],
        ] {
            let told = in_clone(&repo, arguments);
            assert!(
                told.contains("the partial clone left out .config/"),
                "{filter} {told}"
            );
            assert!(!told.contains("fsck"), "{told}");
        }
        let told = in_clone(&repo, &["preview", "main"]);
        if filter == "--filter=blob:none" {
            for path in [
                "fizz.ocl",
                "schema_version.ocl",
                "teams/a.ocl",
                "and 1 more",
            ] {
                assert!(told.contains(path), "{path}: {told}");
            }
        }
        repo.shell(&command(&repo, &told, "fetch all of it with: "));
        let told = in_clone(&repo, &["preview", "main"]);
        assert!(!told.contains("left out"), "{filter} {told}");
        // What no document needs stays where it is.
        let missing = repo.shell(
            "git -C clone.git rev-list --objects --missing=print 'main^{tree}' | grep -c '^?'",
        );
        assert_eq!(missing.trim(), "1", "{filter}");
    }
}

#[test]
fn a_group_of_refs_names_the_folder_that_was_left_out() {
    let repo = cloned("--filter=tree:0");
    let told = in_clone(&repo, &["rehearse"]);
    let cut = told
        .lines()
        .find(|line| line.trim_end().ends_with("left out"));
    assert_eq!(cut, None, "{told}");
    let page = in_clone(&repo, &["--format", "json", "rehearse"]);
    assert!(!page.contains("left out \""), "{page}");
    assert!(!page.contains("left out\""), "{page}");
}

#[test]
fn doctor_tells_of_all_refs_at_once_and_its_command_fetches_for_all() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let repo = cloned(filter);
        let told = in_clone(&repo, &["doctor"]);
        assert_eq!(told.matches("can't be looked at").count(), 1, "{told}");
        assert!(told.contains("nor can 2 other refs"), "{told}");
        assert!(
            told.contains("3 refs looked at, with the documents of none: 1 problem, 0 notes"),
            "{told}"
        );
        let mend = told
            .lines()
            .find(|line| line.contains("for-each-ref"))
            .unwrap();
        repo.shell(&command(&repo, mend, "    "));
        let mut told = in_clone(&repo, &["doctor"]);
        if filter == "--filter=tree:0" {
            let what = "a partial clone without older folders or markers: at which version";
            assert!(told.contains(what), "{told}");
            let mend = command(&repo, &told, "    git ");
            repo.shell(&format!("git {mend} -q"));
            told = in_clone(&repo, &["doctor"]);
        }
        assert!(
            told.contains("3 refs looked at: nothing is wrong"),
            "{filter} {told}"
        );
    }
}

/// Each set of texts has a command of its own: of several, `doctor` has one for all.
#[test]
fn of_many_refs_one_hint_says_what_fetches_all_that_was_left_out() {
    let repo = cloned("--filter=blob:none");
    for question in [
        &["check", "--all"][..],
        &["compare", "--all"],
        &["query", "SELECT ref, document FROM documents"],
    ] {
        let told = in_clone(&repo, question);
        assert_eq!(
            told.matches("the partial clone left out").count(),
            2,
            "{told}"
        );
        assert!(!told.contains("diff-tree"), "{told}");
        let hint = "hint: for a command that fetches all of it: ocl-migrate --repo clone.git ";
        assert_eq!(told.matches(hint).count(), 1, "{told}");
    }
    // The other catalog declares what refers to what.
    let uses = [
        "--repo",
        "clone.git",
        "--base-path",
        ".config",
        "uses",
        "a",
        "--all",
    ];
    let told = repo.run_plain(&uses);
    assert!(!told.contains("diff-tree"), "{told}");
    let hint = "hint: for a command that fetches all of it: ocl-migrate --repo clone.git ";
    assert_eq!(told.matches(hint).count(), 1, "{told}");
    let restore = ["restore", "main", "--from", "side", "-m", "x"];
    let told = in_clone(&repo, &restore);
    assert_eq!(told.matches("diff-tree").count(), 1, "{told}");
    let one = in_clone(&repo, &["check", "side"]);
    assert_eq!(
        one.matches("hint: fetch all of it with: git ").count(),
        1,
        "{one}"
    );
    assert_eq!(one.matches("diff-tree").count(), 1, "{one}");
    let mend = in_clone(&repo, &["doctor"]);
    let mend = mend.lines().find(|line| line.contains("for-each-ref"));
    repo.shell(&command(&repo, mend.unwrap(), "    "));
    let told = in_clone(&repo, &["check", "--all"]);
    assert!(!told.contains("the partial clone left out"), "{told}");
}

#[test]
fn a_partial_clone_without_older_folders_names_no_last_writer() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let repo = cloned(filter);
        let told = in_clone(&repo, &["preview", "main"]);
        repo.shell(&command(&repo, &told, "fetch all of it with: "));
        let told = in_clone(&repo, &["explain", "main", "team/a"]);
        assert!(
            told.contains("it can't be told: the partial clone left out"),
            "{filter} {told}"
        );
        let fetch = command(&repo, &told, "to find out: ");
        repo.shell(&format!("{fetch} -q"));
        let told = in_clone(&repo, &["explain", "main", "team/a"]);
        assert!(told.contains("last written at version 6"), "{told}");
    }
}

#[test]
fn of_a_partial_clone_only_what_is_asked_for_must_be_there() {
    let repo = cloned("--filter=blob:none");
    // Git's own program fetches what it is asked for.
    repo.shell(
        "for path in schema_version.ocl teams/a.ocl; do git -C clone.git cat-file -e main:.config/$path; done",
    );
    for command in ["show", "explain", "log", "blame"] {
        let told = in_clone(&repo, &[command, "main", "team/a"]);
        assert!(!told.contains("teams/b.ocl"), "{command}: {told}");
        let told = in_clone(&repo, &[command, "main", "team/b"]);
        assert!(told.contains("teams/b.ocl"), "{command}: {told}");
        assert!(told.ends_with("--- exit 1"), "{command}: {told}");
    }
    let told = in_clone(&repo, &["show", "main", "team/a"]);
    assert!(told.contains("name = \"a\""), "{told}");
    // What lists them all says which are left out, and names the others too.
    for command in ["show", "preview"] {
        let told = in_clone(&repo, &[command, "main"]);
        assert!(
            told.contains(
                "error: the partial clone left out .config/fizz.ocl, .config/teams/b.ocl"
            ),
            "{told}"
        );
    }
    let told = in_clone(&repo, &["--format", "json", "show", "main", "team/b"]);
    let line = told.lines().find(|line| line.starts_with('{')).unwrap();
    let error: serde_json::Value = serde_json::from_str(line).unwrap();
    let error = &error["error"];
    assert_eq!(error["code"], "git-object-not-fetched");
    assert!(
        !error["message"].as_str().unwrap().contains("git -C"),
        "{told}"
    );
    let hint = error["hint"].as_str().unwrap();
    let (_, fetch) = hint.split_once("fetch all of it with: ").unwrap();
    repo.shell(&fetch.replace("REPO", repo.path().to_str().unwrap()));
    let told = in_clone(&repo, &["show", "main"]);
    assert!(told.ends_with("--- exit 0"), "{told}");
}

#[test]
fn status_says_how_to_fetch_what_a_partial_clone_left_out() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let repo = cloned(filter);
        let told = in_clone(&repo, &["status", "main"]);
        assert!(!told.contains("like it"), "{told}");
        let told = in_clone(&repo, &["status"]);
        assert_eq!(told.matches("hint: fetch all of ").count(), 1, "{told}");
        assert!(told.contains("; 2 other refs are like it: `"), "{told}");
        let fetch = command(&repo, &told, "hint: fetch all of refs/heads/main with: ");
        let (fetch, _) = fetch.split_once("; ").unwrap();
        repo.shell(fetch);
        let told = in_clone(&repo, &["status", "main"]);
        assert!(!told.contains("left out"), "{told}");
    }
}

/// Older texts that a history needs, and those of all sides of a merge.
#[test]
fn what_a_partial_clone_left_out_of_a_history_is_fetched_with_one_command() {
    for command in [
        &["log", "main", "fizz"][..],
        &["blame", "main", "fizz"],
        &["query", "SELECT * FROM changes"],
        &["merge", "late", "--into", "side", "--dry-run"],
    ] {
        let repo = Sandbox::empty();
        repo.shell(
            "set -e; mkdir .config; printf 'version = 6' > .config/schema_version.ocl
             git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true
             put() { printf 'color = \"%s\"\nother = 1\n' $1 > .config/fizz.ocl; git add -A; git commit -qm $1; }
             put red; put blue; git branch side; put green; put grey; git branch late
             git switch -q side; printf 'color = \"blue\"\nother = 2\n' > .config/fizz.ocl; git commit -qam Side; git switch -q main
             git clone -q --bare --filter=blob:none \"file://$PWD\" clone.git
             git -C clone.git diff-tree -r --numstat 4b825dc642cb6eb9a060e54bf8d69288fbee4904 main",
        );
        let told = in_clone(&repo, command);
        assert_eq!(told.matches("error: ").count(), 1, "{told}");
        assert_eq!(told.matches("hint: ").count(), 1, "{told}");
        assert!(!told.contains("cat-file"), "{told}");
        if command[0] == "log" {
            // Nobody knows what the last commit changed.
            let line = "  ? fizz, with 2 values: what it was before can't be read\n";
            assert!(told.contains(line), "{told}");
            let json = in_clone(&repo, &[command, &["--format", "json"]].concat());
            assert_eq!(json.matches(r#""before_unread":true"#).count(), 2, "{json}");
        }
        if command[0] == "blame" {
            // It and what is before may have been there all along.
            for line in told.lines().filter(|line| line.contains(" = ")) {
                assert!(line.starts_with('^'), "{line}");
            }
            let json = in_clone(&repo, &[command, &["--format", "json"]].concat());
            let ends = r#""history_ends":"partial_clone""#;
            assert_eq!(json.matches(ends).count(), 2, "{json}");
        }
        repo.shell(&self::command(&repo, &told, "fetch all of it with: "));
        let told = in_clone(&repo, command);
        assert!(told.ends_with("--- exit 0"), "{told}");
        assert!(!told.contains('^'), "{told}");
    }
}

#[test]
fn what_a_partial_clone_left_out_of_merges_is_fetched_with_one_command() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "set -e; mkdir -p .config/teams; printf 'version = 6' > .config/schema_version.ocl
             git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true
             put() {{ printf '%s = \"%s\"\\n' $2 $3 > .config/$1.ocl; git add -A; git commit -qm $3; }}
             put fizz color red; put fizz color blue; git branch side; put teams/a name a
             git switch -q side; put fizz color green; git switch -q main; git merge -q side -m Merge
             git clone -q --bare {filter} \"file://$PWD\" clone.git"
        ));
        let told = in_clone(&repo, &["doctor", "--merges"]);
        assert!(told.contains("clone l"), "{told}");
        assert_eq!(told.matches("hint: ").count(), 1, "{told}");
        assert!(!told.contains("cat-file"), "{told}");
        repo.shell(&command(&repo, &told, "fetch all of it with: "));
        assert_eq!(
            in_clone(&repo, &["doctor", "--merges"]),
            repo.run(&["doctor", "--merges"]),
            "{filter}"
        );
    }
}

#[test]
fn what_a_shallow_clone_cut_off_is_fetched_with_the_command_of_a_hint() {
    for command in [
        &["query", "SELECT * FROM changes"][..],
        &["restore", "main", "--from", "main~2"],
        &["show", "main~2", "fizz"],
    ] {
        let repo = cloned("--depth 1 --no-single-branch");
        let told = in_clone(&repo, command);
        let hint = told.lines().find_map(|line| line.strip_prefix("hint: "));
        let hint = hint.unwrap_or_else(|| panic!("{told}"));
        repo.shell(&self::command(&repo, hint, ": "));
        let told = in_clone(&repo, command);
        assert!(!told.contains("shallow"), "{told}");
    }
}
