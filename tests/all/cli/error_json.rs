//! Errors for scripts: `--format json` makes them JSON, with a code that `docs/json.md` lists.

use serde_json::{Value, json};

use crate::support::{Sandbox, project};

/// What a command prints on stderr, line by line, and how it ends.
fn told(sandbox: &Sandbox, arguments: &[&str]) -> (Vec<Value>, i32) {
    let catalog = project().join("fixtures/catalogs/fizz");
    let global = ["--format", "json", "--catalog", catalog.to_str().unwrap()];
    let done = sandbox.command(&[&global, arguments].concat());
    let text = String::from_utf8(done.stderr).unwrap();
    let text = text.replace(&sandbox.path().display().to_string(), "REPO");
    let lines = text.lines();
    let values = lines.map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{text}")));
    (values.collect(), done.status.code().unwrap())
}

/// The error that a command ends with.
pub(super) fn error(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let (told, exit) = told(sandbox, arguments);
    let last = told.last().expect("an error").clone();
    assert_eq!(last["format_version"], 1);
    assert_eq!(last["error"]["exit_code"], exit, "{last}");
    last["error"].clone()
}

#[test]
fn what_is_no_revision_is_the_place_whatever_the_command_is_about() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell("printf 'color = \"red\"\\n' > fizz.ocl");
    let put = ["-m", "x", "--put", "fizz=fizz.ocl"];
    for command in [
        &["status", "nope"][..],
        &["restore", "main", "--from", "nope"],
        &[&["commit", "new", "--new", "--from", "nope"], &put[..]].concat(),
    ] {
        let found = error(&sandbox, command);
        assert_eq!(found["code"], "revision-not-found", "{command:?}");
        assert_eq!(found["places"], json!([{ "ref": "nope" }]), "{command:?}");
    }
}

#[test]
fn a_version_that_the_catalog_does_not_have_is_refused() {
    let sandbox = Sandbox::new("versions");
    for version in ["0", "99"] {
        let found = error(&sandbox, &["convert", "--schema-version", version, "x.ocl"]);
        assert_eq!(found["code"], "usage");
        let message = found["message"].as_str().unwrap();
        assert!(
            message.ends_with("the versions of this catalog are 1 to 6"),
            "{message}"
        );
    }
    let above = error(&sandbox, &["rehearse", "--to", "99"]);
    assert_eq!(above["code"], "target-above-server");
    assert_eq!(
        error(&sandbox, &["rehearse", "--to", "0"])["code"],
        "target-zero"
    );
}

#[test]
fn each_file_that_can_not_be_converted_has_an_error_of_its_own() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell("printf 'color = \"red\\n' > broken.ocl");
    let (told, exit) = told(&sandbox, &["convert", "nowhere.ocl", "broken.ocl"]);
    assert_eq!(exit, 1);
    let errors = told.iter().map(|line| &line["error"]);
    let errors: Vec<_> = errors.map(|it| (&it["code"], &it["places"][0])).collect();
    assert_eq!(
        errors,
        [
            (&json!("file-not-found"), &json!({ "file": "nowhere.ocl" })),
            (
                &json!("ocl-invalid"),
                &json!({ "file": "broken.ocl", "line": 1, "column": 9 })
            ),
        ]
    );
}

#[test]
fn an_error_has_a_code_and_a_remedy_and_a_place() {
    let sandbox = Sandbox::new("versions");
    let found = error(&sandbox, &["preview", "nowhere"]);
    assert_eq!(found["code"], "revision-not-found");
    assert_eq!(found["remedy"], "mend");
    assert_eq!(found["places"], json!([{ "ref": "nowhere" }]));
    assert!(
        found["hint"].as_str().unwrap().contains("status --all"),
        "{found}"
    );

    let found = error(&sandbox, &["show", "main", "fuzz"]);
    assert_eq!(found["code"], "document-not-found");
    assert_eq!(
        found["places"],
        json!([{ "ref": "main", "document": "fuzz" }])
    );

    sandbox.shell("printf 'color = \"red\\n' > broken.ocl");
    let put = ["commit", "old", "-m", "x", "--put", "fizz=broken.ocl"];
    let found = error(&sandbox, &put);
    assert_eq!(found["code"], "ocl-invalid");
    assert_eq!(
        found["places"],
        json!([{ "document": "fizz", "file": "broken.ocl", "line": 1, "column": 9 }])
    );

    let found = error(&sandbox, &["store", "put", "fizz", "broken.ocl"]);
    assert_eq!(found["code"], "ocl-invalid");
    let place = json!([{ "file": "broken.ocl", "line": 1, "column": 9 }]);
    assert_eq!(found["places"], place);

    sandbox.shell("printf '{\n  no' > answers.json");
    let found = error(&sandbox, &["store", "lookup", "load", "answers.json"]);
    assert_eq!(found["code"], "lookup-answers-invalid");
    assert_eq!(found["places"][0]["file"], "answers.json");
    assert_eq!(found["places"][0]["line"], 2, "{found}");

    let found = error(&sandbox, &["restore", "main", "--from", "main"]);
    assert_eq!(found["code"], "nothing-to-restore");

    sandbox.shell("echo 'colour = \"red\"' > .ocl-migrate.hcl");
    let found = error(&sandbox, &["status"]);
    assert_eq!(found["code"], "settings-invalid");
    assert_eq!(found["places"][0]["line"], 1, "{found}");
    assert_eq!(found["places"][0]["column"], 1, "{found}");
}

#[test]
fn a_document_that_fails_names_its_file_and_line() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell("git switch -q --detach main");
    sandbox.run(&["store", "init"]);
    let found = error(&sandbox, &["upgrade", "broken", "-m", "Migrate"]);
    assert_eq!(found["code"], "documents-failed", "{found}");
    let place = &found["places"][0];
    assert_eq!(place["document"], "fizz");
    assert_eq!(place["file"], ".config/fizz.ocl");
    assert_eq!(place["line"], 1);
}

#[test]
fn arguments_that_are_not_understood_are_json_too() {
    let sandbox = Sandbox::empty();
    let found = error(&sandbox, &["statsu"]);
    assert_eq!(found["code"], "usage");
    assert_eq!(found["exit_code"], 2);
    assert_eq!(found["message"], "unrecognized subcommand 'statsu'");
    assert!(
        found["hint"].as_str().unwrap().contains("'status'"),
        "{found}"
    );
    assert!(found.get("places").is_none());
    let found = error(&sandbox, &["upgrade", "main"]);
    assert!(
        found["message"]
            .as_str()
            .unwrap()
            .contains("--message <TEXT>"),
        "{found}"
    );
    let found = error(&sandbox, &["show", "--to", "x"]);
    assert!(
        found["message"].as_str().unwrap().contains("'--to <N>'"),
        "{found}"
    );
    // A later `--format` counts; and without one the error is text.
    let text = sandbox.command(&["--format=json", "--format=text", "statsu"]);
    assert!(
        String::from_utf8(text.stderr)
            .unwrap()
            .starts_with("error: ")
    );
    let none = sandbox.command(&["--version", "--format", "json"]);
    assert_eq!(none.status.code(), Some(0));
}

#[test]
fn warnings_are_json_and_exit_codes_are_the_same() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell(
        "set -e; git checkout -q -b odd old; echo 'x = 1' > .config/odd.ocl; git add .; git commit -qm Odd; git checkout -q main",
    );
    let arguments = ["upgrade", "odd", "-m", "Migrate", "--dry-run"];
    let (lines, exit) = told(&sandbox, &arguments);
    let warnings: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["warning"]["message"].as_str())
        .collect();
    assert!(
        warnings.iter().any(|text| text.contains("odd.ocl")),
        "{lines:?}"
    );
    let catalog = project().join("fixtures/catalogs/fizz");
    let global = ["--catalog", catalog.to_str().unwrap()];
    let as_text = sandbox.command(&[&global, &arguments[..]].concat());
    assert_eq!(as_text.status.code(), Some(exit));
    for (arguments, exit) in [
        (&["preview", "old", "--exit-code"][..], 3),
        (&["preview", "nowhere"], 1),
        (&["plan", "--branch-version", "99"], 1),
        (&["new", "modify", "fizz", "a/b"], 2),
    ] {
        assert_eq!(told(&sandbox, arguments).1, exit, "{arguments:?}");
    }
}

/// Documents that can't be read on `broken`, and a marker that is missing on `unmarked`.
pub(super) fn unreadable() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .config/teams && cd .config && echo 'version = 6' > schema_version.ocl && printf 'color = \"red\"\\n' > fizz.ocl
         git add . && git commit -qm one && git switch -qc broken
         printf 'color = \"red\\n' > fizz.ocl && printf '\\n  name = \\n' > teams/a.ocl && git add . && git commit -qm two
         git switch -qc unmarked main && git rm -q schema_version.ocl && git commit -qm three && git switch -q --detach main",
    );
    repo
}

#[test]
fn each_document_that_can_not_be_exported_has_its_place() {
    let repo = unreadable();
    let (told, exit) = told(&repo, &["export", "broken", "--as", "json"]);
    assert_eq!(exit, 1);
    let errors: Vec<_> = told.iter().map(|line| &line["error"]).collect();
    let codes: Vec<_> = errors.iter().map(|error| &error["code"]).collect();
    assert_eq!(codes, ["documents-failed", "documents-failed"]);
    let places: Vec<_> = errors.iter().map(|error| &error["places"][0]).collect();
    let expected = [
        json!({"ref": "broken", "document": "fizz", "file": ".config/fizz.ocl", "line": 1, "column": 9}),
        json!({"ref": "broken", "document": "team/a", "file": ".config/teams/a.ocl", "line": 2, "column": 10}),
    ];
    assert_eq!(places, expected.iter().collect::<Vec<_>>());

    for command in [
        &["export", "broken", "--as", "json", "fizz"][..],
        &["blame", "broken", "fizz"],
    ] {
        let found = error(&repo, command);
        assert_eq!(found["code"], "documents-failed", "{command:?}");
        assert_eq!(found["remedy"], "mend");
        assert_eq!(found["places"], json!([expected[0]]), "{command:?}");
        let hint = found["hint"].as_str().unwrap();
        assert!(hint.ends_with(" show broken fizz --raw"), "{hint}");
    }
}

#[test]
fn a_query_that_is_not_understood_says_where() {
    let repo = unreadable();
    let found = error(&repo, &["query", "select ref\n  from refs wher 1"]);
    assert_eq!(found["code"], "sql-invalid");
    assert_eq!(
        found["places"],
        json!([{"line": 2, "column": 18}]),
        "{found}"
    );
    // What fails only as it runs has no place.
    let found = error(&repo, &["query", "select json('{')"]);
    assert_eq!(
        (&found["code"], found.get("places")),
        (&json!("sql-invalid"), None)
    );
}

#[test]
fn a_selector_that_selects_nothing_names_its_document() {
    let repo = unreadable();
    let in_main = json!([{"ref": "main", "document": "fizz"}]);
    let everywhere = json!([{"document": "fizz"}]);
    for (command, places) in [
        (&["log", "main", "fizz", "shape"][..], &in_main),
        (
            &["export", "main", "--as", "json", "fizz", "shape"],
            &in_main,
        ),
        (&["diff", "main", "main", "fizz", "shape"], &everywhere),
        (
            &["compare", "--refs", "main", "--", "fizz", "shape"],
            &everywhere,
        ),
    ] {
        let found = error(&repo, command);
        assert_eq!(found["code"], "selector-selects-nothing", "{command:?}");
        assert_eq!(&found["places"], places, "{command:?}");
    }
    let found = error(&repo, &["log", "main", "fizz", "shape"]);
    let hint = found["hint"].as_str().unwrap();
    assert!(hint.ends_with(" show main fizz"), "{hint}");
}

#[test]
fn a_marker_that_is_missing_is_named_with_its_side() {
    let repo = unreadable();
    let place = json!([{"ref": "unmarked", "file": ".config/schema_version.ocl"}]);
    for command in [
        &["merge", "unmarked", "--into", "main", "--dry-run"][..],
        &["merge", "main", "--into", "unmarked", "--dry-run"],
        &["diff", "main", "unmarked"],
        &["show", "unmarked"],
        &["restore", "main", "--from", "unmarked"],
        &["restore", "main", "--from", "unmarked", "fizz", "color"],
        &["upgrade", "new", "--new", "--from", "unmarked", "-m", "x"],
        &[
            "commit", "new", "--new", "--from", "unmarked", "-m", "x", "--remove", "fizz",
        ],
        &[
            "export",
            "main",
            "--as",
            "json",
            "--effective",
            "--defaults",
            "unmarked",
        ],
    ] {
        let found = error(&repo, command);
        assert_eq!(found["code"], "marker-missing", "{command:?}");
        assert_eq!(found["places"], place, "{command:?}");
        let hint = found["hint"].as_str().unwrap();
        assert!(hint.starts_with("on unmarked, with"), "{command:?} {hint}");
    }
}

#[test]
fn a_ref_that_is_too_new_is_named_where_another_is_written() {
    let repo = unreadable();
    repo.shell("git switch -qc future main && echo 'version = 99' > .config/schema_version.ocl && git commit -qam four && git switch -q --detach main");
    for command in [
        &["restore", "main", "--from", "future"][..],
        &["upgrade", "new", "--new", "--from", "future", "-m", "x"],
    ] {
        let found = error(&repo, command);
        assert_eq!(found["code"], "branch-ahead", "{command:?}");
        assert_eq!(found["remedy"], "upgrade_server", "{command:?}");
        assert_eq!(found["places"], json!([{"ref": "future"}]), "{command:?}");
        let message = found["message"].as_str().unwrap();
        assert!(message.starts_with("future can't be read: "), "{message}");
    }
    let into = error(&repo, &["restore", "future", "--from", "main"]);
    assert_eq!(into["places"], json!([{"ref": "future"}]));
}

#[test]
fn what_a_new_branch_can_not_begin_with_is_named_where_it_lies() {
    let repo = unreadable();
    repo.shell("git switch -qc stale broken && echo 'version = 3' > .config/schema_version.ocl && git commit -qam four && git switch -q --detach main");
    for (from, command, code) in [
        (
            "main",
            &["commit", "-m", "x", "--remove", "team/gone"][..],
            "document-not-found",
        ),
        ("stale", &["upgrade", "-m", "x"], "documents-failed"),
    ] {
        let found = error(
            &repo,
            &[command, &["new", "--new", "--from", from]].concat(),
        );
        assert_eq!(found["code"], code, "{found}");
        assert_eq!(found["places"][0]["ref"], from, "{found}");
        let hint = found["hint"].as_str().unwrap();
        assert!(
            hint.contains(&format!(" {from}")) && !hint.contains(" new "),
            "{hint}"
        );
    }
}

#[test]
fn what_is_called_wrongly_is_led_to_the_help_of_its_command() {
    let sandbox = Sandbox::new("versions");
    for (words, help) in [
        (&["show"][..], "ocl-migrate help show"),
        (
            &["--repo", ".", "log", "main", "--since"],
            "ocl-migrate help log",
        ),
        (&["store", "put"], "ocl-migrate help store put"),
        (
            &["store", "--store", "list", "put"],
            "ocl-migrate help store put",
        ),
        (&["xyz"], "ocl-migrate help"),
        (&["help", "xyz"], "ocl-migrate help"),
    ] {
        let found = error(&sandbox, words);
        assert_eq!(found["code"], "usage", "{words:?}");
        let hint = format!("see how it is called: {help}");
        assert_eq!(found["hint"], hint, "{words:?}");
    }
}

#[test]
fn a_restoration_of_what_is_there_names_the_branch() {
    let sandbox = Sandbox::new("versions");
    let found = error(&sandbox, &["restore", "main", "--from", "main"]);
    assert_eq!(found["code"], "nothing-to-restore");
    assert_eq!(found["places"], json!([{ "ref": "main" }]));
}

/// Git itself finds nothing wrong with these names.
#[test]
fn a_branch_that_git_takes_for_something_else_gets_another_name() {
    let sandbox = Sandbox::new("versions");
    for name in ["@", "HEAD", "FETCH_HEAD"] {
        let found = error(
            &sandbox,
            &["upgrade", "--new", "-m", "x", "--from", "main", "--", name],
        );
        assert_eq!(found["code"], "git-ref-name-invalid", "{found}");
        let hint = found["hint"].as_str().unwrap();
        assert!(
            hint.starts_with("under another name: ") && hint.ends_with(" -- NAME"),
            "{hint}"
        );
    }
}

#[test]
fn a_pointer_of_lfs_in_place_of_a_document_is_told() {
    let sandbox = Sandbox::empty();
    sandbox.shell(
        "mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl
        printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n' > .octopus/runbooks/a.ocl
        cp .octopus/runbooks/a.ocl pointer.ocl && git add .octopus && git commit -qm one && git switch -q --detach",
    );
    for words in [
        &["explain", "main", "runbook/a"][..],
        &["show", "main", "runbook/a"],
        &["check", "main"],
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--put",
            "runbook/b=pointer.ocl",
        ],
        &["blame", "main", "runbook/a"],
    ] {
        let told = sandbox.run_plain(words);
        assert!(
            told.contains("this is a pointer of Git LFS, and the text itself lies elsewhere"),
            "{words:?}: {told}"
        );
    }
    let edit = ["commit", "main", "-m", "x", "--set", "runbook/a name=B"];
    let told = sandbox.run_plain(&edit);
    assert!(
        told.contains(
            "hint: put its text there: ocl-migrate commit main -m TEXT --put runbook/a=FILE\n"
        ),
        "{told}"
    );
}

/// A catalog that declares no things has nothing that can be asked for.
#[test]
fn what_refers_to_what_is_asked_of_a_catalog_that_does_not_declare_it() {
    let sandbox = Sandbox::new("versions");
    let query = ["query", "SELECT * FROM uses"];
    for command in [&["uses", "fizz"][..], &["uses", "--undefined"], &query] {
        assert_eq!(
            error(&sandbox, command)["code"],
            "things-not-declared",
            "{command:?}"
        );
    }
}

/// A folder that isn't there can't be looked at: what is near it can.
#[test]
fn a_repository_that_is_not_there_leads_to_what_is() {
    let sandbox = Sandbox::new("versions");
    let found = error(&sandbox, &["--repo", "nosuch", "status"]);
    assert_eq!(found["hint"], "see what is there: ls -la .");
}

#[test]
fn what_can_not_be_restored_is_in_the_commit_that_was_named() {
    let repo = unreadable();
    let restore = |words: &[&str]| {
        let begin = ["restore", "main", "--from", "broken", "-m", "x"];
        error(&repo, &[&begin, words].concat())
    };
    let found = restore(&["fizz", "color"]);
    assert_eq!(found["code"], "document-not-restored", "{found}");
    let place = json!([{
        "ref": "broken", "document": "fizz", "file": ".config/fizz.ocl", "line": 1, "column": 9
    }]);
    assert_eq!(found["places"], place, "{found}");
    let message = found["message"].as_str().unwrap();
    assert!(
        message.starts_with("fizz of broken can't be restored: "),
        "{message}"
    );
    let hint = found["hint"].as_str().unwrap();
    assert!(hint.contains(" explain broken fizz --to 6"), "{hint}");
    let begin = [
        "restore", "broken", "--from", "main", "-m", "x", "fizz", "color",
    ];
    let found = error(&repo, &begin);
    assert_eq!(found["places"], place, "{found}");
    let found = error(
        &repo,
        &["restore", "main", "--from", "main", "fizz", "nope"],
    );
    assert_eq!(found["code"], "selector-selects-nothing");
    assert_eq!(
        found["places"],
        json!([{ "ref": "main", "document": "fizz" }])
    );
}
