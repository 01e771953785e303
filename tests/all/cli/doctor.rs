//! `doctor`: what is wrong, and how to mend it.

use crate::support::{Sandbox, everything_in};

/// A branch at version 6 into which a document came from one at version 3, whose marker lost the merge.
fn mixed() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .config/teams
        printf 'version = 3' > .config/schema_version.ocl
        printf 'colour = \"red\"\\n' > .config/fizz.ocl
        git add -A && git commit -qm 'At version 3'
        git branch side
        printf 'version = 6' > .config/schema_version.ocl
        printf 'color = \"red\"\\n' > .config/fizz.ocl
        git commit -qam 'At version 6'
        git switch -q side
        printf 'colour = \"blue\"\\n' > .config/fizz.ocl
        git commit -qam 'Blue, still at version 3'
        git switch -q main
        git merge -q -X theirs --no-edit side
        printf 'version = 6' > .config/schema_version.ocl
        git add -A; git diff --cached --quiet || git commit -qm 'Version 6 again'
        git branch -q copy",
    );
    repo
}

#[test]
fn a_document_that_a_merge_brought_in_from_a_lower_version_is_found_and_mended() {
    let repo = mixed();
    insta::assert_snapshot!(repo.run(&["doctor"]));
    // What it says mends it.
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    let finding = repo.pretty(&["doctor"]);
    let finding: serde_json::Value = serde_json::from_str(&finding).unwrap();
    let command = finding["findings"][0]["mend"].as_str().unwrap();
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let scratch = repo.path().join("mended.ocl").display().to_string();
    let here = crate::support::project().display().to_string();
    let command = command
        .replace("/tmp/mended.ocl", &scratch)
        .replace("PROJECT", &here);
    repo.shell(&format!(
        "set -e; export OCL_MIGRATE_CATALOG='{}'; ocl-migrate() {{ '{program}' \"$@\"; }}
        git switch -q --detach; {command}",
        catalog.display()
    ));
    let mended = finding["findings"][0]["ref"].as_str().unwrap();
    let other = ["refs/heads/copy", "refs/heads/main"]
        .into_iter()
        .find(|name| *name != mended)
        .unwrap();
    repo.shell(&format!(
        "git update-ref {other} {mended}; git switch -q --detach {mended}"
    ));
    let text = repo.run(&["doctor"]);
    assert!(text.contains("nothing is wrong"), "{text}");
}

#[test]
fn a_healthy_repository_has_no_findings() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .config; printf 'version = 6' > .config/schema_version.ocl
        printf 'color = \"red\"\\n' > .config/fizz.ocl
        git add -A && git commit -qm 'At version 6'",
    );
    insta::assert_snapshot!(repo.run(&["doctor"]), @"
    --- stdout
    1 ref looked at: nothing is wrong
    --- exit 0
    ");
}

#[test]
fn refs_store_and_locks_are_looked_at_and_nothing_is_written() {
    let repo = Sandbox::new("versions");
    repo.run(&["store", "init"]);
    repo.run(&["--project", "shop", "store", "init"]);
    repo.shell(
        "touch -d '3 hours ago' .git/refs/heads/old.lock; touch -d '3 minutes ago' .git/index.lock",
    );
    let everything = || {
        let mut files = everything_in(repo.path());
        // SQLite's own.
        files.retain(|path, _| !path.to_string_lossy().contains("ocl-migrate"));
        files
    };
    let before = everything();
    let text = repo.run(&["doctor"]);
    assert_eq!(everything(), before);
    insta::assert_snapshot!(text);
}

#[test]
fn json_names_the_check_and_the_way_out() {
    let repo = mixed();
    insta::assert_snapshot!(repo.pretty(&["doctor"]));
}

/// A document that can't be read isn't told by its branch's version.
#[test]
fn documents_that_can_not_be_read() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"mkdir -p .config/teams; printf 'version = 6' > .config/schema_version.ocl
        printf 'color = "red"\n' > .config/fizz.ocl
        git add -A && git commit -qm 'At version 6'
        git switch -qc unclosed && printf 'color = "red\n' > .config/fizz.ocl && git commit -qam 'Not closed'
        git switch -qc same && echo x > README && git add -A && git commit -qm 'The same document'
        echo y > .config/other.txt && git add -A && git commit -qm 'Another folder'
        git switch -qc link main && ln -sf ../README .config/fizz.ocl && git commit -qam 'A link'
        git switch -qc large main && { printf 'color = "'; head -c 17000000 /dev/zero | tr '\0' x; printf '"\n'; } > .config/fizz.ocl
        git commit -qam 'Too large'
        git switch -qc lost main && printf 'color = "lost"\n' > .config/fizz.ocl && git commit -qam 'Lost'
        blob=$(git rev-parse lost:.config/fizz.ocl)
        git switch -qd main
        rm -f .git/objects/$(echo $blob | cut -c1-2)/$(echo $blob | cut -c3-)"#,
    );
    insta::assert_snapshot!(repo.run(&["doctor"]), @r#"
    --- stdout
    problem: refs/heads/large: .config/fizz.ocl can't be read: blob f32a5f79dd5dc771d79bea5df55ade58995026a2 has 17000011 bytes, more than the 16777216 allowed; make the file smaller or raise the limit
        see who wrote it: git log -1 large -- .config/fizz.ocl
    problem: refs/heads/link: .config/fizz.ocl can't be read: fizz.ocl is a symbolic link, not a file, and it is not followed
        see who wrote it: git log -1 link -- .config/fizz.ocl
    problem: refs/heads/lost: .config/fizz.ocl can't be read: object 1cc37ce9b679f47f3f007f2def6b12ab8b933251 is missing from REPO/.git: fetch it again, or look for the damage with git fsck
        fetch the objects again, or see what else is missing: git fsck
    problem: refs/heads/same: .config/fizz.ocl can't be read: line 1, column 9: this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc) (the same on another ref)
        see who wrote it: git log -1 same -- .config/fizz.ocl
    6 refs looked at: 4 problems, 0 notes
    --- exit 1
    "#);
}

#[test]
fn two_values_of_one_scope_are_found() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus; printf 'version = 14\\n' > .octopus/schema_version.ocl
        cat > .octopus/variables.ocl <<'END'
variable \"Retries\" {
    value \"5\" {}

    value \"9\" {
        environment = [\"production\", \"staging\"]
    }

    value \"7\" {
        environment = [\"staging\", \"production\"]
    }

    value \"0\" {
        environment = [\"production\"]
    }
}

variable \"Timeout\" {
    value \"1\" {}
    value \"2\" {}
}
END
        git add -A && git commit -qm 'Two values of one scope'; git branch copy",
    );
    insta::assert_snapshot!(repo.run_plain(&["doctor"]), @r#"
    --- stdout
    problem: refs/heads/copy: .octopus/variables.ocl: `variables variable["Retries"].value{environment=[production,staging]}[0]` and `variable["Retries"].value{environment=[production,staging]}[1]` have the same scope: which of them applies can't be told; and so have two more (the same on another ref)
        keep one of each two, or narrow its scope; see who wrote them: git blame copy -- .octopus/variables.ocl
    2 refs looked at: 1 problem, 0 notes
    --- exit 1
    "#);
    let finding: serde_json::Value = serde_json::from_str(&repo.pretty_plain(&["doctor"])).unwrap();
    let pairs = &finding["findings"][0]["same_scope"];
    assert_eq!(
        *pairs,
        serde_json::json!([
            [
                "variable[\"Retries\"].value{environment=[production,staging]}[0]",
                "variable[\"Retries\"].value{environment=[production,staging]}[1]"
            ],
            [
                "variable[\"Timeout\"].value{}[0]",
                "variable[\"Timeout\"].value{}[1]"
            ]
        ])
    );
}

/// Reading tells of them for each ref; here each is told once.
#[test]
fn documents_whose_path_is_refused_are_found() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .config/teams; printf 'version = 6' > .config/schema_version.ocl
        printf 'name = \"Red\"\n' > '.config/teams/re\\d.ocl'
        printf 'name = \"Blue\"\n' > $'.config/teams/bl\nue.ocl'
        printf 'name = \"Green\"\n' > .config/teams/green.ocl
        git add -A && git commit -qm 'Names that no document may have'; git branch copy",
    );
    insta::assert_snapshot!(repo.run(&["doctor"]), @r#"
    --- stdout
    problem: refs/heads/copy: .config/teams/bl\nue.ocl can't be migrated: "bl\nue" has the character '\n', which no path may have (the same on another ref)
        give it another name on copy: git mv $'.config/teams/bl\nue.ocl' NEW
    problem: refs/heads/copy: .config/teams/re\d.ocl can't be migrated: "re\\d" has the character '\\', which no path may have (the same on another ref)
        give it another name on copy: git mv '.config/teams/re\d.ocl' NEW
    2 refs looked at: 2 problems, 0 notes
    --- exit 1
    "#);
    let finding: serde_json::Value = serde_json::from_str(&repo.pretty(&["doctor"])).unwrap();
    let finding = &finding["findings"][0];
    assert_eq!(finding["check"], "refused_path");
    assert_eq!(finding["document"], "team/bl\nue");
    // What it says mends it.
    for finding in ["bl\\nue", "re\\d"] {
        let said = repo.run(&["doctor"]);
        let line = said
            .lines()
            .find(|line| line.contains("git mv") && line.contains(finding));
        let (_, command) = line.unwrap().split_once(": git mv").unwrap();
        let name = finding.replace('\\', "");
        let command = command.replace("NEW", &format!(".config/teams/{name}.ocl"));
        repo.shell(&format!("git mv{command} && git commit -qm Rename"));
    }
    repo.shell("git branch -qf copy main");
    let text = repo.run(&["doctor"]);
    assert!(text.contains("nothing is wrong"), "{text}");
}

/// What `store lookup put` warns of, and what a release took that didn't refuse it yet.
#[test]
fn answers_that_no_step_asks_for() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && echo 'version = 14' > .octopus/schema_version.ocl && git add . && git commit -qm one",
    );
    let run = |arguments: &[&str]| repo.run_plain(arguments);
    for arguments in [
        &["store", "init"][..],
        &["store", "lookup", "put", "environments", "Test", "test"],
        &["store", "lookup", "put", "environments", "Old", "old"],
    ] {
        let done = run(arguments);
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    let before = run(&["doctor"]);
    assert!(!before.contains("answers for"), "{before}");
    let done = run(&["store", "lookup", "put", "enviroments", "Prod", "prod"]);
    assert!(done.contains("no step of this catalog asks"), "{done}");
    let store = rusqlite::Connection::open(repo.path().join(".git/ocl-migrate/state.db")).unwrap();
    let changed = store.execute("UPDATE lookups SET key = '' WHERE key = 'Old'", []);
    assert_eq!(changed.unwrap(), 1);
    drop(store);
    let told = run(&["doctor"]);
    let note = "note: the store has answers for .octopus that no step of this catalog asks for: enviroments \"Prod\" and \
                environments \"\"\n    if it is a mistake: ocl-migrate store lookup remove enviroments Prod\n";
    assert!(told.contains(note), "{told}");
    for key in [&["enviroments", "Prod"], &["environments", ""]] {
        let done = run(&[&["store", "lookup", "remove"][..], key].concat());
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    assert_eq!(run(&["doctor"]), before);
}

/// A project that only a tag has is no stray one, and what is to be done for it names it.
#[test]
fn a_project_that_tags_alone_have_is_known() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .octopus/a .octopus/b; for p in a b; do echo 'version = 14' > .octopus/$p/schema_version.ocl; done
        git add .; git commit -qm both; git tag old; git rm -rq .octopus/b; git commit -qm one",
    );
    for project in ["a", "b"] {
        let path = format!(".octopus/{project}");
        let done = repo.run_plain(&["--base-path", &path, "store", "init"]);
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    let told = repo.run_plain(&["doctor"]);
    assert!(!told.contains("the store knows"), "{told}");
    repo.shell("git tag -d old");
    let told = repo.run_plain(&["doctor"]);
    assert!(
        told.contains("the store knows the project .octopus/b, "),
        "{told}"
    );
}
