//! Hints whose commands would wait, fail or lead back when they are pasted.

#[cfg(unix)]
use std::ffi::OsStr;

use ocl_migrate::store::{Intent, IntentImport, ProjectKey, SqliteStore, Store};

use super::pasted_hints::{done, paste, refused};
use crate::support::{Sandbox, isolated};

/// A project at version 8 with a document, on `main`; a text for a runbook.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; printf 'version = 8' > .octopus/schema_version.ocl
        printf 'name = "A"\n' > .octopus/deployment_settings.ocl; git add -A; git commit -qm One
        printf 'name = "B"\n' > b.ocl"#,
    );
    repo
}

/// What was read from there is gone, and the terminal has nothing.
#[test]
fn a_command_that_read_the_standard_input_is_given_a_file() {
    let repo = repository();
    let commands = |word: &str| {
        let line = format!(
            "printf 'name = \"B\"\\n' | '{}' commit nosuch -m x --accept-unknown 11,12 {word} 2>&1 | sed -n 's/^hint: .*: //p'",
            env!("CARGO_BIN_EXE_ocl-migrate")
        );
        repo.shell(&line)
    };
    for word in ["--put 'runbook/a=-'", "--put='runbook/a=-'"] {
        let command = commands(word);
        assert!(
            command.ends_with(" --new --from HEAD < FILE\n"),
            "{command}"
        );
    }
    assert!(!commands("--put 'runbook/a=b.ocl'").contains('<'));
}

#[test]
fn a_branch_is_begun_from_another_where_what_is_checked_out_is_none() {
    let repo = repository();
    repo.shell("git switch -q --orphan new");
    let commit = [
        "commit",
        "new",
        "-m",
        "x",
        "--remove",
        "deployment_settings",
        "--to",
        "8",
    ];
    let commands = repo.run_plain(&commit);
    let branch = "\n    ocl-migrate commit new -m x --remove deployment_settings --to 8 --new --from BRANCH\n";
    assert!(commands.contains(branch), "{commands}");
    paste(&repo, branch.trim(), &[("BRANCH", "main")]);
    // Where there is nothing to begin from, that goes without saying.
    let empty = Sandbox::empty();
    empty.shell("echo 'name = \"A\"' > s.ocl");
    let put = [
        "commit",
        "main",
        "-m",
        "x",
        "--put",
        "deployment_settings=s.ocl",
    ];
    let told = empty.run_plain(&put);
    assert!(told.ends_with(" --new\n--- exit 1"), "{told}");
}

/// It would be passed over, and the commit be another's.
#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8_is_no_other_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = repository();
    for variable in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL"] {
        let told = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
            .env(variable, OsStr::from_bytes(b"J\xfcrg"))
            .args([
                "commit",
                "main",
                "-m",
                "x",
                "--to",
                "8",
                "--remove",
                "deployment_settings",
            ])
            .output()
            .unwrap();
        let error = String::from_utf8(told.stderr).unwrap();
        assert!(
            error.contains(&format!("error: what {variable} says isn't UTF-8")),
            "{error}"
        );
    }
    assert_eq!(repo.shell("git log --format=%s main"), "One\n");
}

#[test]
fn a_misspelt_second_ref_is_told_whatever_follows() {
    let repo = repository();
    let neither = "error: `v0.10.O` is neither a branch, tag or commit nor a document; the documents are deployment_settings\n";
    let refs = "main v0.10.O deployment_settings";
    for selector in [None, Some("name")] {
        let words = refs.split(' ').chain(selector);
        let diff: Vec<&str> = ["diff"].into_iter().chain(words).collect();
        let told = repo.run_plain(&diff);
        assert!(told.contains(neither), "{told}");
    }
    // Nobody typed HEAD.
    repo.shell("git switch -q --orphan nothing");
    let told = repo.run_plain(&["diff", "main", "v0.10.O"]);
    assert!(told.contains(neither), "{told}");
    let told = repo.run_plain(&["diff", "main", "deployment_settings"]);
    assert!(told.contains("'HEAD' is not a branch"), "{told}");
    let told = repo.run_plain(&["diff", "main", "main", "deployment_settings", "a", "b"]);
    assert!(told.contains("--- exit 2"), "{told}");
}

/// A writer died; what it was about to take is taken by whoever settles it.
#[test]
fn a_row_that_comes_too_late_is_told() {
    let repo = repository();
    done(&repo, &["store", "init"]);
    let store = SqliteStore::new(repo.path().join(".git/ocl-migrate/state.db"));
    let key = ProjectKey::new(".octopus");
    let mut write = store.write(&key).unwrap();
    let intent = Intent {
        ref_name: "refs/heads/main".into(),
        old: None,
        new: repo.shell("git rev-parse main").trim().to_owned(),
        target: 10,
        imports: vec![IntentImport {
            kind: "runbook".into(),
            import_version: 9,
            rows: Vec::new(),
            hash: String::new(),
        }],
        created: 0,
    };
    write.put_intent(&intent).unwrap();
    write.commit().unwrap();
    let told = repo.run_plain(&["store", "put", "runbook/b", "b.ocl", "--shape", "9"]);
    let warning = ") is to be settled, and takes the rows of runbook: if it was made, nothing will read runbook/b\n";
    assert!(told.contains(warning), "{told}");
    assert!(
        told.contains("hint: settle it, and see: ocl-migrate adopt main && "),
        "{told}"
    );
    assert!(told.ends_with("--- exit 0"), "{told}");
    // Another kind's rows stay.
    let told = repo.run_plain(&["store", "put", "variables", "b.ocl", "--shape", "5"]);
    assert!(!told.contains("is to be settled"), "{told}");
}

/// What the store has, and no folder can hold, has no path.
#[test]
fn an_imported_document_without_a_place_is_named() {
    let repo = repository();
    done(&repo, &["store", "init"]);
    // As older releases took them.
    let store = SqliteStore::new(repo.path().join(".git/ocl-migrate/state.db"));
    let rows = ["Backup", "backup"]
        .map(|slug| ocl_migrate::store::Row::new("runbook", slug, "name = \"B\"\n", 9));
    store
        .put_documents(&ProjectKey::new(".octopus"), &rows)
        .unwrap();
    let told = repo.run_plain(&["preview", "main", "--to", "10"]);
    assert!(!told.contains(".octopus/:"), "{told}");
    assert!(
        told.contains("runbook/Backup, which isn't in Git yet: it belongs at "),
        "{told}"
    );
}

/// Git can't put it back where a folder is.
#[test]
fn a_file_where_a_folder_belongs_moves_away() {
    let repo = repository();
    repo.shell(
        "printf 'version = 14' > .octopus/schema_version.ocl; git commit -qam Up; echo mine > .octopus/runbooks",
    );
    let commit = ["commit", "main", "-m", "x", "--put", "runbook/a=b.ocl"];
    let command = refused(&repo, &commit).pop().unwrap();
    let moved = "mv -n ";
    assert!(
        command.contains(moved) && !command.contains("stash"),
        "{command}"
    );
    paste(&repo, &command, &[]);
    assert_eq!(repo.shell("cat .octopus/runbooks.mine"), "mine\n");
    assert_eq!(repo.shell("cat .octopus/runbooks/a.ocl"), "name = \"B\"\n");
}
