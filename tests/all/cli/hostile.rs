//! Input made to break the command: it ends with a message, never with a panic, and a terminal stays as it is.

use crate::support::Sandbox;

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
