//! Input made to break the command: it ends with a message, never with a panic, and a terminal stays as it is.

use ocl_migrate::catalog::{Problem, SourceFile};
use ocl_migrate::ocl::{Dialect, Document};

use super::terminal::on_a_terminal;
use crate::support::{HOSTILE, NOT_IN_REFS, Sandbox, assert_harmless, skipped};

fn ends_with_a_message(repo: &Sandbox, arguments: &[&str]) -> String {
    let done = repo.command(arguments);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let code = done.status.code().unwrap();
    assert!(
        matches!(code, 1 | 2),
        "{arguments:?} ended with {code}: {said}"
    );
    assert!(said.contains("error"), "{arguments:?} said {said:?}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn names_that_no_ref_has() {
    let repo = Sandbox::new("versions");
    let long = "x".repeat(100_000);
    for revision in [
        &*long,
        "a..b",
        "^main",
        "@{-9}",
        "main@{9999}",
        ":/",
        "main:",
        "refs/heads/../../x",
        "\u{202e}main",
    ] {
        let said = ends_with_a_message(&repo, &["preview", revision]);
        assert!(said.len() < 2_000, "{} bytes", said.len());
        assert!(!said.contains('\u{202e}'), "{said}");
    }
}

#[test]
fn refs_that_point_to_each_other() {
    let repo = Sandbox::new("versions");
    repo.shell("git symbolic-ref refs/heads/one refs/heads/two; git symbolic-ref refs/heads/two refs/heads/one");
    let said = ends_with_a_message(&repo, &["preview", "one"]);
    assert!(!said.contains("did you mean one?"), "{said}");
    assert!(repo.run(&["status"]).ends_with("--- exit 0"));
}

#[test]
fn versions_that_no_schema_has() {
    let repo = Sandbox::new("versions");
    for version in [
        "0",
        "-1",
        "1.5",
        "1e9",
        "99999999999999999999",
        "[9]",
        "null",
        "<<EOT",
    ] {
        repo.shell(&format!(
            "mkdir -p .config; printf 'version = {version}' > .config/schema_version.ocl
            git add -A; git commit -q --allow-empty -m version"
        ));
        ends_with_a_message(&repo, &["--base-path", ".config", "preview", "main"]);
    }
    for version in ["4294967295", "4294967296", "-1", "x"] {
        ends_with_a_message(&repo, &["plan", "--branch-version", version]);
    }
}

#[cfg(unix)]
#[test]
fn files_that_are_none_and_names_that_are_no_text() {
    let repo = Sandbox::new("versions");
    repo.shell(
        "mkdir -p .config/teams; ln -s /etc/passwd .config/teams/link.ocl; ln -s . .config/teams/loop
        printf '\\377\\376' > .config/teams/bytes.ocl
        printf 'a = \"b\"\\n' > \".config/teams/$(printf 'no\\377text').ocl\"
        printf 'a = \"b\"\\n' > \".config/teams/$(printf 'clear\\033[2J').ocl\"
        git add -A; git commit -qm hostile",
    );
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    let catalog = catalog.to_str().unwrap();
    let said = ends_with_a_message(
        &repo,
        &["--catalog", catalog, "preview", "main", "--to", "6"],
    );
    assert!(said.contains("link.ocl is a symbolic link"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
    for path in ["/dev/zero", ".", "/proc/self/mem"] {
        ends_with_a_message(&repo, &["convert", path]);
    }
}

#[cfg(unix)]
#[test]
fn defaults_that_are_no_file_are_told() {
    for target in ["/dev/zero", ".ocl-migrate.hcl", "nowhere", ".git"] {
        let repo = Sandbox::new("versions");
        repo.shell(&format!("ln -s {target} .ocl-migrate.hcl"));
        ends_with_a_message(&repo, &["status"]);
    }
}

/// On a terminal they would be made visible; in a pipe a document's bytes are its bytes.
#[test]
fn escape_sequences_of_a_document_go_through_a_pipe_unchanged() {
    let repo = Sandbox::new("versions");
    let text = "colour = \"\u{1b}[31mred\u{1b}[0m\"\n";
    std::fs::create_dir_all(repo.path().join(".config")).unwrap();
    std::fs::write(repo.path().join(".config/fizz.ocl"), text).unwrap();
    std::fs::write(
        repo.path().join(".config/schema_version.ocl"),
        "version = 3",
    )
    .unwrap();
    repo.shell("git add -A; git commit -qm escapes");
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    let catalog = catalog.to_str().unwrap();
    for colour in ["auto", "never", "always"] {
        let options = ["--catalog", catalog, "--color", colour];
        let run = |more: &[&str]| {
            let done = repo.command(&[&options[..], more].concat());
            assert!(done.status.success(), "{done:?}");
            String::from_utf8(done.stdout).unwrap()
        };
        assert_eq!(run(&["show", "main", "--raw", "fizz"]), text);
        let diff = run(&["preview", "main", "--to", "4"]);
        assert!(diff.contains("\u{1b}[31mred\u{1b}[0m"), "{diff}");
    }
}

/// A repository and a store in which everything that can be has a hostile name.
#[cfg(unix)]
fn hostile_everywhere() -> Sandbox {
    let repo = Sandbox::new("versions");
    let teams = repo.path().join(".config/teams");
    for name in HOSTILE {
        let text = format!("name = \"{name}\"\nmembers = [\"{name}\"]\n").replace('\r', "\\r");
        std::fs::write(teams.join(format!("{name}.ocl")), text).unwrap();
        std::fs::write(
            teams.join(format!("broken {name}.ocl")),
            format!("name = {name}\n"),
        )
        .unwrap();
        std::fs::write(
            repo.path().join(format!(".config/stray {name}.ocl")),
            "a = 1\n",
        )
        .unwrap();
        let folder = repo.path().join(format!(".config/below {name}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(
            folder.join("schema_version.ocl"),
            format!("version = {name}"),
        )
        .unwrap();
    }
    std::fs::write(
        repo.path().join(".config/schema_version.ocl"),
        "version = 4",
    )
    .unwrap();
    repo.shell("git switch -qc hostile; git add -A; GIT_AUTHOR_NAME=$'an\\u202en' git commit -qm $'sub\\u202eject \\u009b2J'");
    repo.run(&["store", "init"]);
    for name in &HOSTILE[NOT_IN_REFS..] {
        repo.shell(&format!("git update-ref 'refs/heads/{name}' hostile"));
        repo.run(&["--project", name, "store", "init"]);
        repo.run(&["store", "lookup", "put", "names", name, name]);
    }
    repo
}

const LINES: [&str; 11] = [
    "status --all",
    "--base-path .config plan hostile",
    "--base-path .config preview --stat hostile",
    "--base-path .config rehearse --list hostile main",
    "rehearse hostile",
    "--base-path .config explain hostile team/override\u{202e}",
    "--base-path .config explain hostile 'team/broken clear\u{1b}[2J'",
    "--base-path .config upgrade hostile -m x",
    "doctor",
    "store status",
    "store list",
];

/// What a command says to people is harmless wherever it goes.
#[cfg(unix)]
#[test]
fn no_name_is_printed_as_it_is() {
    let repo = hostile_everywhere();
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    for line in LINES {
        let said = repo.shell(&format!(
            "OCL_MIGRATE_CATALOG={} {program} {line} 2>&1 || true",
            catalog.display()
        ));
        assert!(
            said.contains("\\u{"),
            "{line} shows nothing hostile: {said}"
        );
        assert_harmless(&said);
    }
}

/// On a terminal that holds for documents, diffs and JSON as well.
#[cfg(unix)]
#[test]
fn nothing_reaches_a_terminal_as_it_is() {
    let repo = hostile_everywhere();
    let more = [
        "--base-path .config show hostile",
        "--base-path .config show --raw hostile team/override\u{202e}",
        "--base-path .config preview hostile",
        "--base-path .config preview --by-step hostile",
        "--base-path .config --format json show hostile",
        "--base-path .config --format json preview hostile",
        "--format json status",
        "--format json doctor",
    ];
    for line in LINES.into_iter().chain(more) {
        let line = format!("--color never --no-pager {line}");
        let Some(said) = on_a_terminal(&repo, &[], &line) else {
            return skipped("no `script` here");
        };
        assert!(said.contains("\\u"), "{line} shows nothing hostile: {said}");
        assert_harmless(&said.replace('\t', ""));
    }
}

#[cfg(unix)]
#[test]
fn nothing_stands_on_a_page_as_it_is() {
    let repo = hostile_everywhere();
    for command in [
        &["status"][..],
        &["rehearse"],
        &["--base-path", ".config", "plan", "hostile"],
        &["--base-path", ".config", "preview", "hostile"],
        &["--base-path", ".config", "compare", "--all"],
        &["--base-path", ".config", "diff", "main", "hostile"],
        &[
            "--base-path",
            ".config",
            "log",
            "hostile",
            "team/override\u{202e}",
        ],
        &[
            "--base-path",
            ".config",
            "blame",
            "hostile",
            "team/override\u{202e}",
        ],
    ] {
        repo.run(&[command, &["--html", "page.html"]].concat());
        let page = std::fs::read_to_string(repo.path().join("page.html")).unwrap();
        assert!(page.contains("\\u{202e}"), "{command:?}");
        assert_harmless(&page);
    }
}

#[test]
fn messages_show_nothing_as_it_is() {
    for text in HOSTILE {
        for source in [
            format!("a = \"{text}"),
            format!("{text} = 1\nb"),
            format!("a = {text}"),
        ] {
            if let Err(error) = Document::parse(source.clone(), Dialect::Current) {
                assert_harmless(&error.render("a.ocl"));
            }
            let end = source.len();
            let file = SourceFile {
                path: "step.hcl".into(),
                text: source.into(),
            };
            for at in 0..end {
                let shown = Problem::at(&file, at..end, "wrong").to_string();
                assert_harmless(&shown);
                let [line, caret] =
                    [shown.lines().nth(3), shown.lines().nth(4)].map(Option::unwrap);
                assert!(caret.len() <= line.chars().count() + 1, "{shown}");
            }
        }
    }
}

/// The diff that a pipe gets is Git's: paths are quoted byte by byte.
#[cfg(unix)]
#[test]
fn git_applies_the_diffs_of_hostile_paths() {
    let repo = Sandbox::new("versions");
    // A document's path holds no control characters.
    let names = HOSTILE.iter();
    let names: Vec<_> = names
        .filter(|name| !name.contains(char::is_control))
        .collect();
    for name in &names {
        let path = repo.path().join(format!(".config/teams/{name}.ocl"));
        std::fs::write(path, "name = \"x\"\nmembers = [\"ann\"]\n").unwrap();
    }
    std::fs::write(
        repo.path().join(".config/schema_version.ocl"),
        "version = 4",
    )
    .unwrap();
    repo.shell("git switch -qc hostile; git add -A; git commit -qm hostile");
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    let applied = repo.shell(&format!(
        "export OCL_MIGRATE_CATALOG={}; {program} preview hostile 2>/dev/null | sed -n '/^diff/,$p' | sed '/^$/,$d' > all.patch
        git apply all.patch; rm all.patch; git status --porcelain | wc -l",
        catalog.display()
    ));
    assert_eq!(applied.trim(), (names.len() + 1).to_string());
}

#[test]
fn a_document_whose_name_is_not_utf8_fails_and_is_not_passed_over() {
    let repo = Sandbox::new("versions");
    repo.shell(
        "git switch -q feature/teams 2>/dev/null || git checkout -qf feature/teams
        cp .config/teams/red.ocl .config/teams/caf$(printf '\\351').ocl
        git add -A; git commit -q -m odd; git checkout -q --detach",
    );
    let before = repo.shell("git rev-parse feature/teams");
    for command in [
        &["preview", "feature/teams"][..],
        &["doctor"],
        &["rehearse", "feature/teams"],
        &["upgrade", "feature/teams", "-m", "Up"],
        &[
            "commit",
            "feature/teams",
            "-m",
            "x",
            "--remove",
            "team/caf\u{fffd}",
        ],
        &[
            "commit",
            "feature/teams",
            "-m",
            "x",
            "--put",
            "team/caf\u{fffd}=.config/teams/red.ocl",
        ],
    ] {
        let told = repo.run(command);
        assert!(told.contains("is not UTF-8"), "{command:?}: {told}");
        assert!(!told.ends_with("--- exit 0"), "{command:?}: {told}");
    }
    assert_eq!(repo.shell("git rev-parse feature/teams"), before);
    // A file that would be no document anyway is told as any other.
    repo.shell(
        "git checkout -q main; printf x > .config/caf$(printf '\\351').ocl
        git add -A; git commit -q -m other; git checkout -q --detach",
    );
    let told = repo.run(&["preview", "main"]);
    assert!(told.contains("caf\u{fffd}.ocl"), "{told}");
}

#[test]
fn a_configuration_that_is_no_text_is_told_in_a_line() {
    let repo = Sandbox::empty();
    let garbage: Vec<u8> = (0..98_000_u32).map(|at| (at * 7 % 251) as u8).collect();
    std::fs::write(repo.path().join(".git/config"), garbage).unwrap();
    let told = repo.run(&["status"]);
    assert!(told.ends_with("--- exit 1"), "{told}");
    let error = told.lines().find(|line| line.starts_with("error: "));
    let error = error.unwrap();
    assert!(error.contains(".git/config"), "{error}");
    assert!(told.len() < 1_500, "{} bytes: {told}", told.len());
}

#[test]
fn an_error_names_twenty_documents_and_counts_the_others() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .config/teams; for n in $(seq 10 34); do echo 'name = 1' > .config/teams/t$n.ocl; done; git add -A; git commit -qm x",
    );
    let told = repo.run(&["preview", "main"]);
    let (_, message) = told.split_once("error: ").unwrap();
    let line = message.lines().next().unwrap();
    assert_eq!(line.matches(".config/teams/t").count(), 20, "{line}");
    assert!(line.contains(" and 5 more is unknown"), "{line}");
}
