//! The command line of a server with a catalog of its own, under its own name: `examples/own_commands.rs`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::{Arc, LazyLock};

use ocl_migrate::catalog::Catalog;
use ocl_migrate::cli::CommandLine;
use ocl_migrate::store::{MemoryStore, ProjectKey, Store as _};
use serde_json::Value;

use crate::support::{Sandbox, everything_in, isolated, project, scratch};

/// The example's program, which `cargo test` has built.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let build = ["build", "--locked", "--offline", "--message-format=json"];
    let done = Command::new(env!("CARGO"))
        .args(build)
        .args(["--example", "own_commands"])
        .current_dir(project())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let lines = String::from_utf8(done.stdout).unwrap();
    let messages = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let program = messages
        .filter(|message| message["target"]["name"] == "own_commands")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.expect("cargo names the program")
});

/// A repository with a flag at version 1.
fn flags() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.shell(
        "set -e; mkdir -p .flags/flags; echo 'version = 1' > .flags/schema_version.ocl
         echo 'name = \"Dark mode\"' > .flags/flags/dark.ocl; git add .; git commit -qm Begin; git branch topic",
    );
    sandbox
}

/// What a command line prints on both streams, and how it ends.
fn run(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let mut command = isolated(&*PROGRAM, sandbox.path());
    // Of another command: not for this one.
    command.env("OCL_MIGRATE_CATALOG", "/nowhere");
    let done = command.args(arguments).output().unwrap();
    let (out, err) = (
        String::from_utf8(done.stdout).unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    );
    let text = format!("{out}{err}[{}]", done.status.code().unwrap());
    text.replace(&sandbox.path().display().to_string(), "REPO")
}

#[test]
fn a_server_has_every_command_for_its_own_catalog() {
    let sandbox = flags();
    let status = run(&sandbox, &["status"]);
    assert!(status.contains("behind, 1 step pending"), "{status}");
    let preview = run(&sandbox, &["preview", "topic"]);
    assert!(preview.contains("version 1 -> 2"), "{preview}");
    assert!(preview.contains("+owner = \"platform\""), "{preview}");
    let upgraded = run(&sandbox, &["upgrade", "topic", "-m", "Migrate"]);
    assert!(upgraded.ends_with("[0]"), "{upgraded}");
    let shown = run(&sandbox, &["show", "topic", "flag/dark", "--raw"]);
    assert_eq!(shown, "name = \"Dark mode\"\nowner = \"platform\"\n[0]");
    // Its cases and snapshots would be the server's; those that are built in are of another catalog.
    let verified = run(&sandbox, &["verify"]);
    assert!(verified.contains("flags 1 to 2: 0 cases"), "{verified}");
    let record = "hint: with a document there, to record what is missing: flags-config snapshot --snapshots DIR\n";
    assert!(verified.contains(record), "{verified}");
    std::fs::create_dir(sandbox.path().join("shots")).unwrap();
    let verified = run(&sandbox, &["verify", "--snapshots", "shots"]);
    let record = "flags-config snapshot --snapshots shots\n";
    assert!(verified.contains(record), "{verified}");
}

#[test]
fn its_name_is_in_help_hints_and_pages() {
    let sandbox = flags();
    assert_eq!(
        run(&sandbox, &["--version"]),
        format!(
            "flags-config 3.1 (ocl-migrate {})\n[0]",
            env!("CARGO_PKG_VERSION")
        )
    );
    let commands = run(&sandbox, &["--help"]);
    assert!(!commands.contains("\n  demo"), "{commands}");
    let mut checked = 0;
    for line in commands.lines() {
        let Some(name) = line
            .strip_prefix("  ")
            .and_then(|line| line.split(' ').next())
        else {
            continue;
        };
        if name.is_empty()
            || !name.starts_with(|c: char| c.is_ascii_lowercase())
            || name == "help"
            || name == "flags-config"
        {
            continue;
        }
        checked += 1;
        let help = run(&sandbox, &[name, "--help"]);
        assert!(
            help.contains(&format!("Usage: flags-config {name}")),
            "{help}"
        );
        assert!(!help.contains("ocl-migrate"), "{help}");
        assert!(!help.contains("OCL_MIGRATE"), "{help}");
        assert!(help.contains("FLAGS_CONFIG_STORE"), "{help}");
    }
    assert!(checked > 15, "{commands}");

    let lines: [&[&str]; 7] = [
        &["preview", "topik"],
        &["show", "main", "flag/drak"],
        &["plan", "--branch-version", "1", "--to", "7"],
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--put",
            "flag/new=/nowhere/at/all.ocl",
        ],
        &["store", "get", "flag/dark"],
        &["demo"],
        &["statsu"],
    ];
    for line in lines {
        let said = run(&sandbox, line);
        assert!(said.contains("hint: ") || said.contains("tip: "), "{said}");
        assert!(!said.contains("hint: ocl-migrate"), "{said}");
        let ours = said.lines().filter(|line| line.starts_with("hint"));
        let wrong: Vec<&str> = ours.filter(|line| line.contains("ocl-migrate")).collect();
        assert!(wrong.is_empty(), "{said}");
    }
    let outside = scratch::folder();
    let done = isolated(&*PROGRAM, outside.path())
        .arg("status")
        .output()
        .unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(
        said.contains("hint: name a repository: flags-config -C DIR status\n"),
        "{said}"
    );

    run(&sandbox, &["preview", "--html", "page.html"]);
    let page = std::fs::read_to_string(sandbox.path().join("page.html")).unwrap();
    assert!(page.contains("<p class=\"command\">flags-config preview</p>"));
    assert!(!page.contains("ocl-migrate preview"));

    let newer = "echo 'version = 9' > .flags/schema_version.ocl; git commit -qam Newer";
    sandbox.shell(newer);
    let said = run(&sandbox, &["preview"]);
    assert!(
        said.contains("hint: use a newer release of flags-config\n"),
        "{said}"
    );

    let said = run(&sandbox, &["doctor"]);
    assert!(
        said.contains("    use a newer release of flags-config\n"),
        "{said}"
    );

    run(&sandbox, &["man", "pages"]);
    let pages = everything_in(&sandbox.path().join("pages"));
    assert!(pages.len() > 15);
    for (name, (page, _)) in pages {
        let page = String::from_utf8(page).unwrap();
        assert!(name.to_string_lossy().contains("flags-config"), "{name:?}");
        let wrong = page
            .lines()
            .find(|line| line.contains("ocl-migrate") && !line.contains("3.1"));
        assert_eq!(wrong, None, "{name:?}");
    }
    let script = run(&sandbox, &["completions", "bash"]);
    assert!(
        script.contains("flags-config") && !script.contains("ocl-migrate"),
        "{script}"
    );
}

#[test]
fn it_writes_to_a_store_of_its_own() {
    let sandbox = flags();
    sandbox.shell("git config user.name Ann; git config user.email ann@example.com");
    let folder = project().join("fixtures/catalogs/fizz");
    let catalog = Arc::new(Catalog::load(&folder).unwrap());
    let store = Arc::new(MemoryStore::default());
    let flags = ProjectKey::new(catalog.base_path());
    store.init(&flags).unwrap();
    let run = |arguments: &[&str]| {
        let repo = sandbox.path().as_os_str().to_owned();
        let arguments = arguments.iter().map(OsString::from);
        let command = CommandLine::new(catalog.clone()).name("flags config");
        let words = ["--format".into(), "json".into(), "--repo".into(), repo];
        let code = command
            .store(store.clone())
            .run_with(words.into_iter().chain(arguments));
        format!("{code:?}")
    };
    let code = |number: u8| format!("{:?}", ExitCode::from(number));
    sandbox.shell(&format!(
        "git mv .flags {0} && git commit -qm Move && git branch -f topic",
        catalog.base_path()
    ));
    assert_eq!(run(&["upgrade", "topic", "-m", "Migrate"]), code(0));
    let version = store.read(&flags).unwrap().version().unwrap();
    assert_eq!(version, Some(catalog.server_version()));
    assert_eq!(run(&["store", "status"]), code(2), "it is no file");
    assert_eq!(run(&["completions", "bash"]), code(1));
}

#[test]
fn it_is_verified_by_a_folder() {
    let folder = project().join("fixtures/catalogs/fizz");
    let catalog = Arc::new(Catalog::load(&folder).unwrap());
    let verify = |command: CommandLine| {
        let words = ["verify", "--format", "json"].map(OsString::from);
        format!("{:?}", command.run_with(words))
    };
    let bare = CommandLine::new(catalog).name("fizz");
    assert_eq!(verify(bare.clone()), format!("{:?}", ExitCode::from(1)));
    let verified = bare.verified_by_folder(&folder).unwrap();
    assert_eq!(verify(verified.clone()), format!("{:?}", ExitCode::SUCCESS));
    assert!(verified.verified_by_folder("/nowhere").is_err());
}
