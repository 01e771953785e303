//! What makes the command pleasant: defaults, another folder, completions, manual pages, a pager.

use crate::support::{Sandbox, isolated, project, scratch};

#[test]
fn another_folder_counts_as_the_one_started_in() {
    let repo = Sandbox::new("versions");
    let outside = scratch::folder();
    let catalog = project().join("fixtures/catalogs/fizz");
    let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), outside.path())
        .arg("-C")
        .arg(repo.path())
        .arg("--catalog")
        .arg(&catalog)
        .args(["status", "main"])
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("refs/heads/main  .config"), "{text}");
}

#[test]
fn environment_and_defaults_give_way_to_the_command_line() {
    let repo = Sandbox::new("versions");
    let catalog = project().join("fixtures/catalogs/fizz");
    let settings = "base_path = \".config/one\"\nformat = \"json\"\n";
    std::fs::write(repo.path().join(".ocl-migrate.hcl"), settings).unwrap();
    std::fs::create_dir(repo.path().join("below")).unwrap();
    let run = |environment: &[(&str, &str)], arguments: &[&str]| {
        let done = isolated(
            env!("CARGO_BIN_EXE_ocl-migrate"),
            &repo.path().join("below"),
        )
        .env("OCL_MIGRATE_CATALOG", &catalog)
        .envs(environment.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    // The file is found from a folder below.
    let json = run(&[], &["status", "several"]);
    assert!(json.contains("\"base_path\":\".config/one\""), "{json}");
    let from_environment = run(
        &[("OCL_MIGRATE_BASE_PATH", ".config/two")],
        &["status", "several"],
    );
    assert!(from_environment.contains("\"base_path\":\".config/two\""));
    let from_arguments = run(
        &[
            ("OCL_MIGRATE_FORMAT", "json"),
            ("OCL_MIGRATE_BASE_PATH", ".config/two"),
        ],
        &[
            "status",
            "several",
            "--format",
            "text",
            "--base-path",
            ".config/one",
        ],
    );
    assert!(from_arguments.contains("refs/heads/several  .config/one"));
}

/// What the shell would offer for the last word.
fn offered(repo: &Sandbox, words: &[&str]) -> Vec<String> {
    let catalog = project().join("fixtures/catalogs/fizz");
    let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
        .env("COMPLETE", "fish")
        .env("OCL_MIGRATE_CATALOG", catalog)
        .args(["--", "ocl-migrate"])
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let text = String::from_utf8(done.stdout).unwrap();
    let values = text.lines().map(|line| line.split('\t').next().unwrap());
    values
        .map(str::to_owned)
        .filter(|value| !value.starts_with('-'))
        .collect()
}

#[test]
fn refs_branches_and_documents_are_completed_from_the_repository() {
    let repo = Sandbox::new("versions");
    assert_eq!(offered(&repo, &["preview", "v"]), ["v1", "v2"]);
    assert_eq!(offered(&repo, &["preview", "feat"]), ["feature/teams"]);
    repo.shell("git update-ref refs/remotes/origin/theirs old");
    assert_eq!(offered(&repo, &["preview", "or"]), ["origin/theirs"]);
    assert_eq!(
        offered(&repo, &["show", "refs/rem"]),
        ["refs/remotes/origin/theirs"]
    );
    assert_eq!(offered(&repo, &["upgrade", "or"]), [""; 0]);
    assert_eq!(offered(&repo, &["upgrade", "v"]), [""; 0]);
    assert_eq!(offered(&repo, &["show", "main", "te"]), ["team/blue"]);
    assert_eq!(
        offered(&repo, &["show", "main", "fizz", ""]),
        ["fizz", "team/blue"]
    );
    assert_eq!(offered(&repo, &["show", "nowhere", ""]), [""; 0]);
    assert_eq!(offered(&repo, &["compare", "te"]), ["team/blue"]);
    for begin in [&["compare"][..], &["export", "old"], &["log", "main"]] {
        let offer = |words: &[&str]| offered(&repo, &[begin, words].concat());
        assert_eq!(offer(&["fizz", "si"]), ["size", "size.width"], "{begin:?}");
        assert_eq!(offer(&["nowhere", ""]), [""; 0]);
    }
    assert_eq!(offered(&repo, &["downgrade", "ol"]), ["old"]);
    assert_eq!(
        offered(&repo, &["commit", "main", "--put", "te"]),
        ["team/blue="]
    );
    repo.shell(
        "set -e; git switch -qc one main; echo 'color = \"one\"' > .config/fizz.ocl; git commit -qam One
         git switch -qc two main; echo 'color = \"two\"' > .config/fizz.ocl; git commit -qam Two; ! git merge -q one >/dev/null",
    );
    assert_eq!(offered(&repo, &["resolve", ".con"]), [".config/fizz.ocl"]);
    assert_eq!(offered(&repo, &["resolve", "--ours", "co"]), [""; 0]);
    let marked = "<<<<<<< one [version 6]\tboth-changed color\ncolor = \"two\"\n||||||| main [version 6]\ncolor = \"blue\"\n=======\ncolor = \"one\"\n>>>>>>> one [version 6]\n";
    std::fs::write(repo.path().join(".config/fizz.ocl"), marked).unwrap();
    assert_eq!(offered(&repo, &["resolve", "--ours", "co"]), ["color"]);
    repo.shell("git merge --abort; git switch -q main; git branch -qD one two");
    repo.shell("touch blue.ocl");
    assert_eq!(
        offered(&repo, &["commit", "main", "--put", "team/blue=bl"]),
        ["team/blue=blue.ocl"]
    );
    assert_eq!(offered(&repo, &["--base-path", ".c"]), [".config"]);
    assert_eq!(
        offered(&repo, &["plan", "--branch-version", "1", "--shape", "fi"]),
        ["fizz="]
    );
    assert_eq!(offered(&repo, &["store", "put", "fi"]), ["fizz"]);
    assert!(offered(&repo, &["pre"]).contains(&"preview".to_owned()));
}

#[test]
fn documents_in_the_store_are_completed() {
    let repo = Sandbox::new("versions");
    assert_eq!(offered(&repo, &["store", "get", ""]), [""; 0]);
    repo.run(&["store", "init"]);
    std::fs::write(repo.path().join("team.ocl"), "name = \"Red\"\n").unwrap();
    let put = repo.run(&["store", "put", "team/red", "team.ocl", "--shape", "5"]);
    assert!(put.ends_with("--- exit 0"), "{put}");
    assert_eq!(offered(&repo, &["store", "get", ""]), ["team/red"]);
    assert_eq!(offered(&repo, &["store", "remove", "te"]), ["team/red"]);
}

#[test]
fn a_wrong_variable_is_named_and_an_empty_one_counts_as_unset() {
    let repo = Sandbox::new("versions");
    let run = |variable: &str, value: &str, arguments: &[&str]| {
        let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
            .env(variable, value)
            .args(arguments)
            .output()
            .unwrap();
        let text = [done.stdout, done.stderr].concat();
        let code = done.status.code().unwrap();
        format!("{}[{code}]", String::from_utf8(text).unwrap())
    };
    let said = run("OCL_MIGRATE_COLOR", "x", &["status"]);
    assert!(
        said.starts_with(
            "error: invalid value 'x' for the environment variable OCL_MIGRATE_COLOR\n"
        ),
        "{said}"
    );
    assert!(
        said.contains("auto, always, never") && said.ends_with("[2]"),
        "{said}"
    );
    let said = run("OCL_MIGRATE_COLOR", "x", &["status", "--format", "json"]);
    assert!(
        said.contains("for the environment variable OCL_MIGRATE_COLOR"),
        "{said}"
    );
    let said = run("OCL_MIGRATE_COLOR", "x", &["status", "--color", "y"]);
    assert!(
        said.contains("invalid value 'y' for '--color <WHEN>'"),
        "{said}"
    );
    for variable in [
        "DIRECTORY",
        "REPO",
        "BASE_PATH",
        "CATALOG",
        "STORE",
        "PROJECT",
        "FORMAT",
        "COLOR",
        "NO_PAGER",
    ] {
        let variable = format!("OCL_MIGRATE_{variable}");
        let unset = run("UNRELATED", "", &["status", "--all"]);
        assert_eq!(
            run(&variable, "", &["status", "--all"]),
            unset,
            "{variable}"
        );
    }
}

#[test]
fn completions_are_registered_for_every_shell() {
    let repo = Sandbox::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = repo.run_plain(&["completions", shell]);
        assert!(text.contains("COMPLETE"), "{shell}: {text}");
        assert!(text.ends_with("--- exit 0"), "{shell}: {text}");
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let repo = Sandbox::empty();
    repo.run_plain(&["man", "pages"]);
    let page = std::fs::read_to_string(repo.path().join("pages/ocl-migrate-preview.1")).unwrap();
    assert!(page.contains("hat migrating would change"), "{page}");
    assert!(
        page.contains(".SH SYNOPSIS\n.nf\nocl\\-migrate preview [OPTIONS] [REF]\n.fi\n"),
        "{page}"
    );
    // Line by line, not as running text.
    assert!(
        page.contains(".SH EXAMPLES\n.nf\nocl\\-migrate preview feature/x "),
        "{page}"
    );
    for entry in std::fs::read_dir(repo.path().join("pages")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\n.SH EXAMPLES\n"), "{}", path.display());
    }
    let whole = std::fs::read_to_string(repo.path().join("pages/ocl-migrate.1")).unwrap();
    assert!(
        whole.contains(".fi\n.SH NOTES\nExit codes: 0 done;"),
        "{whole}"
    );
    assert!(repo.path().join("pages/ocl-migrate.1").is_file());
    assert!(repo.path().join("pages/ocl-migrate-store-put.1").is_file());
}

/// Runs a command line on a terminal of its own; `None` where this machine can't make one.
pub(super) fn on_a_terminal(
    repo: &Sandbox,
    environment: &[(&str, &str)],
    line: &str,
) -> Option<String> {
    let catalog = project().join("fixtures/catalogs/fizz");
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let done = isolated("script", repo.path())
        .env("OCL_MIGRATE_CATALOG", catalog)
        .env("TERM", "xterm")
        .envs(environment.iter().copied())
        .args([
            "-qec",
            &format!("stty rows 24 cols 60 2>/dev/null; {program} {line}"),
            "/dev/null",
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&done.stdout).replace("\r\n", "\n"))
}

#[test]
fn long_output_goes_through_the_pager_that_the_environment_names() {
    let repo = Sandbox::new("versions");
    let pager = [("GIT_PAGER", "sed s/^/paged:/")];
    let Some(text) = on_a_terminal(&repo, &pager, "preview old") else {
        return crate::support::skipped("no `script` here");
    };
    assert!(text.contains("paged:"), "{text}");
    let text = on_a_terminal(&repo, &pager, "--no-pager preview old").unwrap();
    assert!(!text.contains("paged:"), "{text}");
    let text = on_a_terminal(&repo, &[("GIT_PAGER", "cat")], "preview old").unwrap();
    assert!(text.contains("refs/heads/old"), "{text}");
    // A pager that is left early, or isn't there, is no failure.
    let text = on_a_terminal(&repo, &[("GIT_PAGER", "true")], "preview old; echo code $?").unwrap();
    assert!(text.contains("code 0"), "{text}");
    for absent in ["no-such-pager", "no-such-pager -x"] {
        let text = on_a_terminal(&repo, &[("GIT_PAGER", absent)], "preview old").unwrap();
        assert!(text.contains("refs/heads/old"), "{absent}: {text}");
    }
}

#[test]
fn lines_fit_the_terminal() {
    let repo = Sandbox::new("versions");
    let Some(text) = on_a_terminal(&repo, &[("GIT_PAGER", "")], "status twice") else {
        return crate::support::skipped("no `script` here");
    };
    for line in text.lines() {
        assert!(line.chars().count() <= 70, "{line:?} in {text}");
    }
    assert!(text.contains("keep the right"), "{text}");
}
