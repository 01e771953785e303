//! The places of errors in JSON: which ref, document, file and line.

use serde_json::{Value, json};

use super::error_json::{error, unreadable};
use crate::support::Sandbox;

/// What stands in two documents of the branch `broken`.
fn broken(r#ref: &str) -> [Value; 2] {
    [
        json!({"ref": r#ref, "document": "fizz", "file": ".config/fizz.ocl", "line": 1, "column": 9}),
        json!({"ref": r#ref, "document": "team/a", "file": ".config/teams/a.ocl", "line": 2, "column": 10}),
    ]
}

#[test]
fn documents_that_can_not_be_merged() {
    let repo = unreadable();
    let [fizz, team] = broken("broken");
    let merge = ["merge", "broken", "--into", "main", "--no-ff", "-m", "x"];
    let found = error(&repo, &merge);
    assert_eq!(found["code"], "documents-failed", "{found}");
    assert_eq!(found["places"], json!([fizz, team]));

    // One that a step refuses, on the branch itself.
    repo.shell(
        "git switch -qc odd main && printf 'version = 5\\n' > .config/schema_version.ocl && mkdir -p .config/teams && echo 'members = 5' > .config/teams/b.ocl
         git add . && git commit -qm two && git switch -qc plain main && mkdir -p .config/teams && echo 'members = []' > .config/teams/b.ocl
         git add . && git commit -qm three && git switch -q --detach main",
    );
    let found = error(&repo, &["merge", "plain", "--into", "odd", "-m", "x"]);
    assert_eq!(found["code"], "documents-failed", "{found}");
    let place = &found["places"][0];
    assert_eq!(place["ref"], "odd", "{found}");
    assert_eq!(place["file"], ".config/teams/b.ocl", "{found}");
    assert_eq!(place["step"]["version"], 6, "{found}");
    assert_eq!(place["step"]["name"], "lead", "{found}");
}

#[test]
fn a_document_that_can_not_be_edited() {
    let repo = unreadable();
    let [fizz, _] = broken("broken");
    let set = ["commit", "broken", "-m", "x", "--set", "fizz color=blue"];
    let found = error(&repo, &set);
    assert_eq!(found["code"], "document-not-editable", "{found}");
    assert_eq!(found["places"], json!([fizz]));

    // Steps would run on it.
    repo.shell(
        "git switch -qc stale broken && echo 'version = 3' > .config/schema_version.ocl && git commit -qam three
         git switch -q --detach main",
    );
    let [fizz, _] = broken("stale");
    let set = ["commit", "stale", "-m", "x", "--set", "fizz color=blue"];
    let found = error(&repo, &set);
    assert_eq!(found["code"], "document-not-editable", "{found}");
    assert_eq!(found["places"], json!([fizz]));
}

#[test]
fn a_document_that_is_broken_where_it_is_restored_from() {
    let repo = unreadable();
    let [fizz, _] = broken("broken");
    for what in [&["fizz"][..], &["fizz", "color"]] {
        let restore = ["restore", "main", "--from", "broken", "-m", "x"];
        let found = error(&repo, &[&restore, what].concat());
        assert_eq!(found["code"], "document-not-restored", "{found}");
        assert_eq!(found["places"], json!([fizz]), "{what:?}");
        let message = found["message"].as_str().unwrap();
        assert!(message.contains(".config/fizz.ocl:1:9"), "{message}");
    }
    // It stays as it is where nothing of it would change.
    let found = error(
        &repo,
        &["restore", "broken", "--from", "broken", "-m", "x", "fizz"],
    );
    assert_eq!(found["code"], "nothing-to-restore", "{found}");
}

#[test]
fn a_text_at_hand_names_its_document_and_no_ref() {
    let repo = unreadable();
    repo.shell("printf 'color = \"red\\n' > broken.ocl");
    let put = ["commit", "main", "-m", "x", "--put", "fizz=broken.ocl"];
    let found = error(&repo, &put);
    assert_eq!(found["code"], "ocl-invalid", "{found}");
    let place = json!([{"document": "fizz", "file": "broken.ocl", "line": 1, "column": 9}]);
    assert_eq!(found["places"], place);
}

#[test]
fn a_document_stands_once_however_many_lookups_it_asks() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus && cd .octopus && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {\\n    action {\\n        environments = [\"Test\", \"Staging\", \"Live\"]\\n    }\\n}\\n' > deployment_process.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    let upgrade = ["upgrade", "main", "-m", "Migrate", "--to", "4"];
    let done = repo.command(&[&["--format", "json"], &upgrade[..]].concat());
    let text = String::from_utf8(done.stderr).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["error"]["code"], "missing-lookups", "{last}");
    let place = json!([{"ref": "main", "document": "deployment_process"}]);
    assert_eq!(last["error"]["places"], place, "{last}");
}

#[test]
fn a_row_that_no_import_reads() {
    let repo = unreadable();
    repo.shell("printf 'name = \"Gold\"\\n' > gold.ocl");
    repo.run(&["store", "init"]);
    let put = ["store", "put", "team/gold", "gold.ocl", "--shape", "99"];
    let found = error(&repo, &put);
    assert_eq!(found["code"], "store-row-never-read", "{found}");
    assert_eq!(found["places"], json!([{"document": "team/gold"}]));
}

#[test]
fn values_that_a_format_can_not_hold() {
    let repo = unreadable();
    repo.shell(
        "git switch -q main && printf 'color = null\\nshade = null\\n' > .config/fizz.ocl && git commit -qam two
         git switch -q --detach main",
    );
    let found = error(&repo, &["export", "main", "--as", "toml"]);
    assert_eq!(found["code"], "not-exportable", "{found}");
    assert_eq!(
        found["places"],
        json!([{"ref": "main", "document": "fizz"}])
    );
}

#[test]
fn what_is_neither_a_ref_nor_a_document() {
    let repo = unreadable();
    let found = error(&repo, &["diff", "main", "nosuch"]);
    assert_eq!(found["code"], "document-not-found", "{found}");
    assert_eq!(found["places"], json!([{"document": "nosuch"}]));
    repo.shell("git switch -q --orphan bare && git commit -q --allow-empty -m one");
    let found = error(&repo, &["explain", "bare"]);
    assert_eq!(found["code"], "document-not-found", "{found}");
    assert_eq!(found["places"], json!([{"ref": "bare"}]));
}

#[test]
fn what_no_table_has_and_a_file_of_another_command() {
    let repo = unreadable();
    repo.run(&["store", "init"]);
    for command in ["get", "remove"] {
        let found = error(&repo, &["store", command, "team/gold"]);
        assert_eq!(found["code"], "not-in-store", "{found}");
        assert_eq!(found["places"], json!([{"document": "team/gold"}]));
    }
    repo.shell("echo '{}' > wrong.jsonl");
    let found = error(&repo, &["report", "wrong.jsonl"]);
    assert_eq!(found["code"], "fleet-output-invalid", "{found}");
    assert_eq!(found["places"], json!([{"file": "wrong.jsonl", "line": 1}]));
}
