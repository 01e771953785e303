//! The commands of a hint are pasted, and do what the hint says.

use std::process::Output;

use crate::support::{Sandbox, isolated, project};

/// A step that refers to an environment by its name, in the project at a base path, at version 3.
fn shop(base_path: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        "mkdir -p {base_path} && cd {base_path} && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {{\\n    action {{\\n        environments = [\"Test\"]\\n    }}\\n}}\\n' > deployment_process.ocl
         git add . && git commit -qm one"
    ));
    repo
}

/// Runs a command that must be refused: the commands of its hint.
pub(super) fn refused(repo: &Sandbox, command: &[&str]) -> Vec<String> {
    let done = repo.command(command);
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(!done.status.success(), "{command:?}");
    let hint = told
        .split_once("\nhint: ")
        .unwrap_or_else(|| panic!("{told}"));
    let lines = hint.1.split("\n    ");
    let parts = lines.flat_map(|line| line.split("; "));
    let commands = parts.filter_map(|part| {
        let begin = part.find("? ").map(|at| at + 2);
        let begin = begin.or_else(|| part.find(": ").map(|at| at + 2));
        Some(part[begin?..].trim().to_owned())
    });
    commands.collect()
}

/// What a command prints that is pasted into a shell, with what the user fills in.
pub(super) fn paste(repo: &Sandbox, command: &str, filled_in: &[(&str, &str)]) -> String {
    let done = run(repo, command, filled_in);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{command}\n{told}");
    String::from_utf8(done.stdout).unwrap()
}

fn run(repo: &Sandbox, command: &str, filled_in: &[(&str, &str)]) -> Output {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_ocl-migrate"));
    let path = std::env::join_paths(
        std::iter::once(folder.parent().unwrap().to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut line = command.to_owned();
    for (word, value) in filled_in {
        assert!(line.contains(word), "{line}");
        line = line.replace(word, value);
    }
    let mut bash = isolated("bash", repo.path());
    bash.env("PATH", path.unwrap())
        .args(["-c", &line])
        .output()
        .unwrap()
}

pub(super) fn done(repo: &Sandbox, command: &[&str]) {
    let text = repo.run_plain(command);
    assert!(text.ends_with("--- exit 0"), "{command:?}\n{text}");
}

#[test]
fn what_the_store_is_told_reaches_the_project_wherever_it_lies() {
    for base_path in [".octopus", ".octopus/the/web"] {
        let repo = shop(base_path);
        // The row is in the newest shape, above versions that nobody knows.
        let migrate = [
            "upgrade",
            "main",
            "-m",
            "Migrate",
            "--to",
            "9",
            "--accept-unknown",
            "11,12",
        ];
        let known = refused(
            &repo,
            &[
                &migrate[..],
                &["--accept-missing-lookup", "environments/Test"],
            ]
            .concat(),
        );
        assert!(known[0].ends_with(" store init"), "{known:?}");
        paste(&repo, &known[0], &[]);
        let runbook = [("DOC", "runbook/a"), ("FILE", "a.ocl")];
        repo.shell("printf 'name = \"A\"\\n' > a.ocl");
        paste(&repo, &known[1], &runbook);

        let answers = refused(&repo, &migrate);
        paste(&repo, &answers[0], &[("null", "\"test\"")]);
        done(&repo, &migrate);
        let shown = repo.shell(&format!("git show main:{base_path}/runbooks/a.ocl"));
        assert_eq!(shown, "name = \"A\"\n");
    }
}

#[test]
fn the_store_of_a_new_branch_and_of_a_load_that_is_refused() {
    let repo = shop(".octopus/web");
    repo.shell("printf 'name = \"x\"\\n' > x.ocl && echo 'version = 9' > .octopus/web/schema_version.ocl && git commit -qam two");
    let begin = [
        "commit",
        "topic",
        "--new",
        "--from",
        "main~",
        "-m",
        "x",
        "--put",
        "runbook/x=x.ocl",
    ];
    let known = refused(
        &repo,
        &[
            &begin[..],
            &["--to", "9", "--accept-missing-lookup", "environments/Test"],
        ]
        .concat(),
    );
    assert!(
        known[0].contains(" --base-path .octopus/web store init"),
        "{known:?}"
    );
    paste(&repo, &known[0], &[]);
}

#[test]
fn a_restoration_that_a_one_way_step_refuses() {
    let repo = Sandbox::new("versions");
    let catalog = project().join("fixtures/catalogs/fizz");
    let catalog = ["--catalog", catalog.to_str().unwrap()];
    let restore = ["restore", "old", "--from", "main", "fizz"];
    let why = refused(&repo, &[&catalog[..], &restore].concat());
    assert!(why[0].ends_with(" --to 3"), "{why:?}");
    let story = run(&repo, &why[0], &[]);
    let told = String::from_utf8_lossy(&story.stderr);
    assert!(told.contains("one-way: `convert` of `width`"), "{told}");
    let restore = ["restore", "old", "--from", "main", "fizz", "size.width"];
    let why = refused(&repo, &[&catalog[..], &restore].concat());
    assert!(why[0].ends_with(" --to 3"), "{why:?}");
}

#[test]
fn a_marker_on_the_other_side_is_shown_from_there() {
    let repo = shop(".octopus");
    repo.shell("git switch -qc side && echo 'version = 4' >> .octopus/schema_version.ocl && git commit -qam two && git switch -q --detach main");
    for command in [
        &["diff", "main", "side"][..],
        &["diff", "main..side"],
        &["merge", "side", "--into", "main", "-m", "x"],
        &["show", "side"],
        &["restore", "main", "--from", "side"],
        &["upgrade", "new", "--new", "--from", "side", "-m", "x"],
        &[
            "commit",
            "new",
            "--new",
            "--from",
            "side",
            "-m",
            "x",
            "--remove",
            "variables",
        ],
        &[
            "export",
            "main",
            "--as",
            "json",
            "--effective",
            "--defaults",
            "side",
        ],
    ] {
        let look = refused(&repo, command);
        assert_eq!(
            paste(&repo, &look[0], &[]),
            "version = 3\nversion = 4\n",
            "{look:?}"
        );
    }
}

#[test]
fn a_document_that_can_not_be_read() {
    let repo = shop(".octopus");
    repo.shell("echo 'name = \"A' > .octopus/deployment_process.ocl && git commit -qam two");
    for command in [
        &["export", "main", "--as", "json", "deployment_process"][..],
        &["blame", "main", "deployment_process"],
    ] {
        let look = refused(&repo, command);
        assert_eq!(paste(&repo, &look[0], &[]), "name = \"A\n", "{look:?}");
    }
}

#[test]
fn a_document_with_an_equals_sign_in_its_name() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl && echo 'name = \"A\"' > a.ocl
         git add . && git commit -qm one",
    );
    let put = ["commit", "main", "-m", "x", "--put", "runbook/a=b=a.ocl"];
    let again = refused(&repo, &put);
    paste(&repo, &again[0], &[]);
    assert_eq!(
        repo.shell("git show main:.octopus/runbooks/a=b.ocl"),
        "name = \"A\"\n"
    );
    repo.shell("printf 'name = \"A\"\\nname = \"B\"\\n' > .octopus/runbooks/a=b.ocl && git commit -qam two && git reset -q --hard && git branch old && git rm -q .octopus/runbooks/a=b.ocl && git commit -qm three");
    let mended = refused(&repo, &["restore", "main", "--from", "old", "-m", "x"]);
    paste(&repo, &mended[1], &[("TEXT", "x"), ("FILE", "a.ocl")]);
    assert_eq!(
        repo.shell("git show main:.octopus/runbooks/a=b.ocl"),
        "name = \"A\"\n"
    );
}

#[test]
fn changed_files_outside_of_a_sparse_checkout() {
    for (form, change) in [
        ("--cone other", "echo 'name = \"MINE\"' > a.ocl"),
        (
            "--cone --sparse-index other",
            "echo 'name = \"MINE\"' > a.ocl",
        ),
        ("--no-cone /other", "echo 'name = \"MINE\"' > a.ocl"),
        (
            "--cone other",
            "echo 'name = \"MINE\"' > a.ocl && git add --sparse a.ocl",
        ),
        (
            "--cone other",
            "echo 'name = \"MINE\"' > a.ocl && git config sparse.expectFilesOutsideOfPatterns true",
        ),
        ("--cone other", "echo 'name = \"MINE\"' > c.ocl"),
    ] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "mkdir -p .octopus/runbooks other && echo 'version = 14' > .octopus/schema_version.ocl && cd .octopus/runbooks
             echo 'name = \"A\"' > a.ocl; echo 'name = \"B\"' > b.ocl; echo o > ../../other/file; git add ../.. && git commit -qm one
             cd ../.. && git sparse-checkout set {form} && mkdir -p .octopus/runbooks && cd .octopus/runbooks && {change}"
        ));
        let name = if change.contains("c.ocl") { "c" } else { "a" };
        let put = format!("runbook/{name}=other/new.ocl");
        repo.shell("echo 'name = \"NEW\"' > other/new.ocl");
        let commit = ["commit", "main", "-m", "x", "--put", &put];
        let told = repo.run_plain(&commit);
        assert!(
            told.contains("outside of the sparse checkout"),
            "{form} {change}\n{told}"
        );
        let away = refused(&repo, &commit);
        paste(
            &repo,
            &away[0].replace("REPO", repo.path().to_str().unwrap()),
            &[],
        );
        let committed = repo.shell(&format!("git show main:.octopus/runbooks/{name}.ocl"));
        assert_eq!(committed, "name = \"NEW\"\n", "{form} {change}");
        let mine = repo.shell(&format!("cat .octopus/runbooks/{name}.ocl.mine"));
        assert_eq!(mine, "name = \"MINE\"\n");
        let status = repo.shell("git status --porcelain -- .octopus ':!*.mine'");
        assert_eq!(status, "", "{form} {change}");
    }
}

#[test]
fn a_changed_file_outside_of_a_sparse_checkout_that_is_what_is_put() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks other && echo 'version = 14' > .octopus/schema_version.ocl && echo 'name = \"A\"' > .octopus/runbooks/a.ocl
         echo o > other/file; git add . && git commit -qm one && git sparse-checkout set other
         git config sparse.expectFilesOutsideOfPatterns true
         mkdir -p .octopus/runbooks && echo 'name = \"MINE\"' > .octopus/runbooks/a.ocl && echo mine >> other/file",
    );
    let put = "runbook/a=.octopus/runbooks/a.ocl";
    let away = refused(&repo, &["commit", "main", "-m", "x", "--put", put]);
    paste(&repo, &away[away.len() - 1], &[]);
    assert_eq!(
        repo.shell("git show main:.octopus/runbooks/a.ocl"),
        "name = \"MINE\"\n"
    );
    assert_eq!(
        repo.shell("git status --porcelain"),
        " M other/file\n?? .octopus/runbooks/a.ocl.mine\n"
    );
}

#[test]
fn an_untracked_file_where_the_commit_puts_one() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl && echo 'name = \"A\"' > .octopus/runbooks/a.ocl
         git add . && git commit -qm one && printf 'name = \"NEW\"\n' > new.ocl && echo 'name = \"MINE\"' > .octopus/runbooks/b.ocl",
    );
    let put = ["--put", "runbook/b=new.ocl"];
    let commit = [&["commit", "main", "-m", "x"][..], &put].concat();
    let away = refused(&repo, &commit);
    paste(&repo, &away[0], &[]);
    let shown = |path: &str| repo.shell(&format!("cat .octopus/runbooks/{path}"));
    assert_eq!(shown("b.ocl"), "name = \"NEW\"\n");
    assert_eq!(shown("b.ocl.mine"), "name = \"MINE\"\n");
    assert_eq!(repo.shell("git stash list"), "");

    // Beside a changed file, which Git can put back.
    repo.shell(
        "echo 'description = \"own\"' >> .octopus/runbooks/a.ocl && git rm -q --cached .octopus/runbooks/b.ocl && git commit -qm less
         rm .octopus/runbooks/b.ocl.mine; echo 'name = \"MINE\"' > .octopus/runbooks/b.ocl",
    );
    let both = [&commit[..], &["--put", "runbook/a=new.ocl"]].concat();
    let away = refused(&repo, &both);
    let pasted = run(&repo, &away[0], &[]);
    let told = String::from_utf8_lossy(&pasted.stderr);
    assert_eq!(shown("b.ocl"), "name = \"NEW\"\n", "{told}");
    assert_eq!(shown("b.ocl.mine"), "name = \"MINE\"\n");
    // What both changed, Git lists as such.
    assert!(shown("a.ocl").contains("own"), "{told}");
}

/// The folder is moved, and not what lies in it: that would be in the way again.
#[test]
fn an_untracked_folder_where_the_commit_puts_a_file() {
    for ignored in ["", "f"] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl && echo 'name = \"A\"' > .octopus/runbooks/a.ocl
             git add . && git commit -qm one && echo '{ignored}' > .git/info/exclude && echo 'name = \"NEW\"' > new.ocl
             mkdir .octopus/runbooks/b.ocl && touch .octopus/runbooks/b.ocl/f .octopus/runbooks/b.ocl/g"
        ));
        let commit = ["commit", "main", "-m", "x", "--put", "runbook/b=new.ocl"];
        let away = refused(&repo, &commit);
        paste(&repo, &away[0], &[]);
        let shown = repo.shell("cd .octopus/runbooks && cat b.ocl && ls b.ocl.mine");
        assert_eq!(shown, "name = \"NEW\"\nf\ng\n", "{away:?}");
    }
}

/// A stash would take the deletion up again as a conflict.
#[test]
fn a_deleted_file_is_brought_back_before_the_commit_writes_it() {
    for delete in ["rm", "git rm -q"] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl && echo 'name = \"A\"' > .octopus/runbooks/a.ocl
             git add . && git commit -qm one && printf 'name = \"NEW\"\n' > new.ocl && {delete} .octopus/runbooks/a.ocl"
        ));
        let commit = ["commit", "main", "-m", "x", "--put", "runbook/a=new.ocl"];
        let back = refused(&repo, &commit);
        paste(&repo, &back[0], &[]);
        let shown = repo.shell("cat .octopus/runbooks/a.ocl");
        assert_eq!(shown, "name = \"NEW\"\n", "{delete}");
        let status = repo.shell("git status --porcelain -- .octopus ':!*.mine'; git stash list");
        assert_eq!(status, "", "{delete}");
    }
}

/// Git calls such a file changed whatever is stashed.
#[test]
fn line_ends_that_are_not_those_of_the_attributes() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl && printf 'name = \"A\"\r\n' > .octopus/runbooks/a.ocl
         git add . && git commit -qm one && echo '*.ocl text eol=crlf' > .gitattributes && git add .gitattributes && git commit -qm two
         rm .octopus/runbooks/a.ocl && git checkout -q -- . && touch .octopus/runbooks/a.ocl
         printf 'name = \"NEW\"\n' > new.ocl",
    );
    let commit = ["commit", "main", "-m", "x", "--put", "runbook/a=new.ocl"];
    let mend = refused(&repo, &commit);
    paste(&repo, &mend[0], &[]);
    assert_eq!(
        repo.shell("git show main:.octopus/runbooks/a.ocl; git status --porcelain -- .octopus"),
        "name = \"NEW\"\n"
    );
    assert_eq!(
        repo.shell("cat .octopus/runbooks/a.ocl"),
        "name = \"NEW\"\r\n"
    );
}

#[test]
fn options_that_a_hint_adds_come_before_what_ends_the_options() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && echo 'version = 10' > .octopus/schema_version.ocl && printf 'step \"a\" {\n    name = \"A\"\n}\n' > .octopus/deployment_process.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    let away = refused(&repo, &["upgrade", "-m", "Migrate", "--", "main"]);
    assert!(
        away[0].ends_with("--accept-unknown 11,12 -- main"),
        "{away:?}"
    );
    paste(&repo, &away[0], &[]);
    assert_eq!(
        repo.shell("git show main:.octopus/schema_version.ocl")
            .trim(),
        "version = 14"
    );
}

#[test]
fn a_document_that_is_not_there_at_the_version_asked_for() {
    let repo = Sandbox::empty();
    repo.run_plain(&["demo", "demo"]);
    for command in ["log", "blame", "show", "explain"] {
        let asked = [
            "-C",
            "demo",
            command,
            "release/2024",
            "runbook/restart-shop",
            "--to",
            "8",
        ];
        let told = repo.run_plain(&asked);
        assert!(
            told.contains("no document `runbook/restart-shop` here at version 8; there are deployment_process and"),
            "{told}"
        );
        let seen = paste(&repo, &refused(&repo, &asked)[0], &[]);
        assert!(seen.contains("version 8, up to date"), "{seen}");
        let json = repo.command(&[&asked[..], &["--format", "json"]].concat());
        let json = String::from_utf8(json.stderr).unwrap();
        let found: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
        let place =
            serde_json::json!([{"ref": "release/2024", "document": "runbook/restart-shop"}]);
        assert_eq!(found["error"]["code"], "document-not-found");
        assert_eq!(found["error"]["places"], place);
    }
}

#[test]
fn a_migration_without_a_change_accepts_what_the_change_did() {
    let repo = Sandbox::empty();
    repo.run_plain(&["demo", "demo"]);
    repo.shell("git -C demo switch -q --detach");
    let shown = repo.command(&[
        "-C",
        "demo",
        "show",
        "feature/backups",
        "deployment_settings",
    ]);
    std::fs::write(repo.path().join("demo/same.ocl"), shown.stdout).unwrap();
    let asked = [
        "-C",
        "demo",
        "commit",
        "feature/backups",
        "-m",
        "x",
        "--put",
        "deployment_settings=same.ocl",
        "--accept-unknown",
        "11,12",
        "--format",
        "json",
    ];
    let done = repo.command(&asked);
    let told = String::from_utf8(done.stderr).unwrap();
    let found: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(found["error"]["code"], "no-change", "{told}");
    let hint = found["error"]["hint"].as_str().unwrap();
    let command = hint.strip_prefix("to migrate it alone: ").unwrap();
    let written: serde_json::Value = serde_json::from_str(&paste(&repo, command, &[])).unwrap();
    assert!(written.is_object(), "{written}");
    let marker = repo.shell("git -C demo show feature/backups:.octopus/schema_version.ocl");
    assert_eq!(marker.trim(), "version = 14");
}

/// Without a store there is nothing yet that answers could be put into.
#[test]
fn what_answers_lookups_begins_the_store_first() {
    let answers = [("null", "\"test\"")];
    for base_path in [".octopus", ".octopus/the/web"] {
        let repo = shop(base_path);
        let upgrade = ["upgrade", "main", "-m", "Migrate", "--to", "4"];
        let fill_in = refused(&repo, &upgrade).swap_remove(0);
        assert!(fill_in.contains(" store init && echo "), "{fill_in}");
        repo.shell("git switch -q --detach");
        paste(&repo, &fill_in, &answers);
        done(&repo, &upgrade);
        for asked in [&["preview", "main", "--stat"][..], &["rehearse"]] {
            let repo = shop(base_path);
            let told = repo.run_plain(asked);
            let (_, fill_in) = told.split_once("in the place of null: ").unwrap();
            let fill_in = fill_in.lines().next().unwrap();
            assert!(fill_in.contains(" store init && echo "), "{fill_in}");
            paste(&repo, fill_in, &answers);
            let told = repo.run_plain(asked);
            assert!(!told.contains("in the place of null"), "{told}");
        }
    }
}

/// Nor in a store that knows other projects only.
#[test]
fn what_answers_lookups_makes_the_project_known_first() {
    for asked in [&["preview", "main", "--stat"][..], &["rehearse"]] {
        let repo = shop(".octopus/the/web");
        done(&repo, &["--project", "other", "store", "init"]);
        let told = repo.run_plain(asked);
        let (_, fill_in) = told.split_once("in the place of null: ").unwrap();
        let fill_in = fill_in.lines().next().unwrap();
        assert!(fill_in.contains(" store init && echo "), "{fill_in}");
        paste(&repo, fill_in, &[("null", "\"test\"")]);
        let told = repo.run_plain(asked);
        assert!(!told.contains("in the place of null"), "{told}");
    }
}

/// The repository's own store stays as it is.
#[test]
fn the_store_that_is_replaced_is_the_broken_one_of_a_copy() {
    let repo = shop(".octopus");
    done(&repo, &["store", "init"]);
    done(&repo, &["store", "backup", "backup.db"]);
    let put = |name| {
        done(
            &repo,
            &["store", "lookup", "put", "environments", name, name],
        )
    };
    let holds = |name| repo.run_plain(&["store", "lookup", "get", "environments", name]);
    put("Live");
    for (from, to) in [
        ("broken.db", "new.db"),
        (".git/ocl-migrate/state.db", "broken.db"),
    ] {
        repo.shell("rm -f broken.db*; echo junk > broken.db");
        let hint = refused(&repo, &["store", "copy", from, to]);
        let replace = hint.last().unwrap();
        paste(&repo, replace, &[("FILE", "backup.db")]);
        assert_eq!(
            repo.shell("cat broken.db.replaced-1"),
            "junk\n",
            "{replace}"
        );
        assert!(holds("Live").ends_with("--- exit 0"), "{replace}");
    }
    done(&repo, &["store", "restore", "backup.db", "--force"]);
    assert!(!holds("Live").ends_with("--- exit 0"));
    let kept = ".git/ocl-migrate/state.db.replaced-1";
    let command = [
        "--store",
        kept,
        "store",
        "lookup",
        "get",
        "environments",
        "Live",
    ];
    done(&repo, &command);
}

#[test]
fn what_lies_where_the_folder_should_is_told_by_every_command() {
    for make in [
        "echo text > .octopus",
        "ln -s elsewhere .octopus",
        "git init -q .octopus && git -C .octopus commit -q --allow-empty -m inner",
    ] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "{make} && git add . 2>/dev/null && git commit -qm one"
        ));
        for (command, exit) in [
            (&["status"][..], 0),
            (&["doctor"], 1),
            (&["rehearse"], 1),
            (&["check", "main"], 1),
            (&["preview", "main"], 1),
            (&["upgrade", "main", "-m", "x"], 1),
        ] {
            let told = repo.run_plain(command);
            assert!(
                told.contains(".octopus is a "),
                "{make}: {command:?}\n{told}"
            );
            assert!(
                told.contains(", not a folder"),
                "{make}: {command:?}\n{told}"
            );
            let exit = format!("--- exit {exit}");
            assert!(told.ends_with(&exit), "{make}: {command:?}\n{told}");
        }
        let hint = refused(&repo, &["upgrade", "main", "-m", "x"]);
        let shown = paste(&repo, &hint[0], &[]);
        assert!(shown.contains("one"), "{shown}");
        let compared = repo.run_plain(&["compare", "--refs", "main"]);
        assert!(compared.contains(", not a folder"), "{compared}");
    }
}

/// What Git was told to commit next isn't what lies in the file, or is: it is told so still.
#[test]
fn what_was_staged_is_staged_again_once_the_hint_is_done() {
    for in_file in ["// mine, not staged", "// staged"] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "mkdir -p .octopus/runbooks && cd .octopus && echo 'version = 14' > schema_version.ocl
             printf 'name = \"A\"\n\n\n\n\n\n\n\n\n// end\n' > runbooks/a.ocl && git add . && git commit -qm one
             sed -i 's|// end|// staged|' runbooks/a.ocl && git add . && sed -i 's|// staged|{in_file}|' runbooks/a.ocl"
        ));
        let away = refused(
            &repo,
            &["commit", "main", "-m", "x", "--set", "runbook/a name=B"],
        );
        paste(&repo, &away[0], &[]);
        let told = |command: &str| repo.shell(command);
        let committed = told("git show main:.octopus/runbooks/a.ocl");
        assert!(committed.starts_with("name = \"B\"\n"), "{committed}");
        assert!(committed.ends_with("\n// end\n"), "{committed}");
        let staged = told("git show :.octopus/runbooks/a.ocl");
        assert_eq!(staged, committed.replace("// end", "// staged"));
        let file = told("cat .octopus/runbooks/a.ocl");
        assert_eq!(file, committed.replace("// end", in_file));
        assert_eq!(told("git stash list"), "");
    }
}

/// Such a name can never be a branch's.
#[test]
fn what_no_branch_can_be_called_is_not_to_be_begun() {
    let repo = shop(".octopus");
    repo.shell("printf 'name = \"A\"\n' > a.ocl");
    for (name, can_be) in [
        ("topic", true),
        ("refs/heads/topic", true),
        ("a b", false),
        ("refs/notes/x", false),
        ("refs/heads/", false),
        ("FETCH_HEAD", false),
    ] {
        let told = repo.run_plain(&["commit", name, "-m", "x", "--put", "runbook/a=a.ocl"]);
        assert_eq!(told.contains("to begin it as a branch: "), can_be, "{told}");
        assert!(told.contains("hint: "), "{told}");
    }
}

#[test]
fn a_selector_is_replaced_where_it_stands_and_not_in_the_message() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && echo 'version = 14' > .octopus/schema_version.ocl && printf 'x = 1\\n\\nx \"l\" {\\n}\\n' > .octopus/deployment_settings.ocl && git add -A && git commit -qm X && git switch -q --detach",
    );
    let set = [
        "commit",
        "main",
        "-m",
        "x",
        "--set",
        "deployment_settings x=7",
    ];
    let hint = &refused(&repo, &set)[0];
    assert!(
        hint.contains(" -m x --set 'deployment_settings x["),
        "{hint}"
    );
}
