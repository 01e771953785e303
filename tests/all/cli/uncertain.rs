//! What the commands tell of names that stand more than once, and of lookups without an answer.

use crate::support::Sandbox;

fn doubled() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .config && cd .config && echo 'version = 3' > schema_version.ocl
         printf 'shade = 5\\nsize {\\n    width = 1\\n}\\nshade = 100\\ncolour = \"red\"\\n' > fizz.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    repo
}

#[test]
fn a_name_that_stands_twice() {
    let repo = doubled();
    insta::assert_snapshot!(repo.run(&["preview", "--stat", "main"]));
    insta::assert_snapshot!(repo.run(&["--format", "json", "preview", "main"]));
    repo.run(&["store", "init"]);
    insta::assert_snapshot!(repo.run(&["upgrade", "main", "-m", "Migrate", "--dry-run"]));
    insta::assert_snapshot!(repo.run(&["rehearse"]));
    insta::assert_snapshot!(repo.run(&["--format", "json", "doctor"]));
    insta::assert_snapshot!(repo.run(&["convert", ".config/fizz.ocl"]));

    // What the hint shows is in the shape in which it is written.
    let shown = repo.run(&["show", "main", "fizz", "--raw"]);
    let raw = shown.strip_prefix("--- stdout\n").unwrap();
    let shown = repo.run(&["show", "main", "fizz"]);
    let text = shown.strip_prefix("--- stdout\n").unwrap();
    let (text, _) = text.split_once("--- ").unwrap();
    assert_ne!(Some(text), raw.split_once("--- ").map(|(raw, _)| raw));
    std::fs::write(
        repo.path().join("mended"),
        text.replacen("shade", "tone", 1),
    )
    .unwrap();
    let done = repo.run(&["commit", "main", "-m", "Mend", "--put", "fizz=mended"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    assert!(!done.contains("did not run"), "{done}");
}

#[test]
fn a_name_that_stands_twice_and_that_a_step_works_on() {
    let repo = doubled();
    repo.shell("printf 'colour = 1\\ncolour = 2\\n' > .config/fizz.ocl && git commit -qam two && git branch twice");
    insta::assert_snapshot!(repo.run(&["preview", "--stat", "twice"]));
    // The text is mended as it is, at its version, and the steps run on it afterwards.
    let told = repo.run(&["upgrade", "twice", "-m", "Migrate", "--dry-run"]);
    let line = |before: &str| {
        let (_, line) = told.split_once(before).unwrap_or_else(|| panic!("{told}"));
        line.lines().next().unwrap().to_owned()
    };
    let shown = line("see it as it is: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz ");
    let shown = repo.run(&shown.split(' ').collect::<Vec<_>>());
    assert!(shown.contains("colour = 1\ncolour = 2\n"), "{shown}");
    std::fs::write(repo.path().join("FILE"), "colour = 2\n").unwrap();
    let mended = line("at its version: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz ");
    let done = repo.run(&mended.split(' ').collect::<Vec<_>>());
    assert!(done.ends_with("--- exit 0"), "{mended}: {done}");
    repo.run(&["store", "init"]);
    let done = repo.run(&["upgrade", "twice", "-m", "Migrate"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let text = repo.shell("git show twice:.config/fizz.ocl");
    assert_eq!(text, "color = 2\n");
}

/// Each project has answers of its own: the command names them, and does what it says.
#[test]
fn lookups_without_an_answer_in_projects_that_lie_elsewhere() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/web && cd .octopus/web && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {\\n    action {\\n        environments = [\"Test\"]\\n    }\\n}\\n' > deployment_process.ocl
         git add . && git commit -qm one",
    );
    let hint = |command: &str| {
        let told = repo.run_plain(&[command, "--to", "4"]);
        let hint = told.lines().find(|line| line.contains("to answer them"));
        hint.unwrap_or_else(|| panic!("{told}")).to_owned()
    };
    let load = r#"echo '{"environments":{"Test":null}}' | ocl-migrate --base-path .octopus/web store lookup load -"#;
    for command in ["preview", "rehearse"] {
        assert!(hint(command).ends_with(load), "{}", hint(command));
    }
    repo.shell("cp -r .octopus/web '.octopus/an api' && git add . && git commit -qm two");
    let load = r#": for path in '.octopus/an api' .octopus/web; do ocl-migrate --base-path "$path" store init && echo '{"environments":{"Test":null}}' | ocl-migrate --base-path "$path" store lookup load -; done"#;
    let told = hint("rehearse");
    assert!(told.ends_with(load), "{told}");

    let (_, line) = told.split_once(": for ").unwrap();
    let program = format!("'{}'", env!("CARGO_BIN_EXE_ocl-migrate"));
    let line = line
        .replace("ocl-migrate", &program)
        .replace("null", "\"test\"");
    // One of them is known already, which is no error.
    repo.run_plain(&["--base-path", ".octopus/web", "store", "init"]);
    repo.shell(&format!("for {line}"));
    let told = repo.run_plain(&["rehearse", "--to", "4"]);
    assert!(!told.contains("lookup"), "{told}");
}

#[test]
fn lookups_without_an_answer() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {\\n    name = \"A\"\\n\\n    action {\\n        environments = [\"Production / EU\"]\\n    }\\n}\\n' \
         > deployment_process.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    insta::assert_snapshot!(repo.run_plain(&["rehearse", "--to", "4"]));
    insta::assert_snapshot!(repo.run_plain(&["--format", "json", "rehearse", "--to", "4"]));
    let upgrade = ["upgrade", "main", "--to", "4", "-m", "Migrate"];
    insta::assert_snapshot!(repo.run_plain(&upgrade));
    let accept = [
        "--accept-missing-lookup",
        "environments/Production / EU",
        "--dry-run",
    ];
    insta::assert_snapshot!(repo.run_plain(&[&upgrade[..], &accept].concat()));
    let consent = |option: &str, text: &str| {
        repo.run_plain(&[&upgrade[..], &accept, &[option, text]].concat())
    };
    let unused = "environments/Staging";
    assert!(
        consent("--accept-missing-lookup", unused).contains(
            "warning: --accept-missing-lookup environments/Staging: nothing asked for it\n"
        )
    );
    assert!(
        consent("--accept-unknown", "11")
            .contains("warning: --accept-unknown 11: nothing asked for it\n")
    );
    assert_eq!(
        consent("--accept-missing-lookup", "enviroments/Production"),
        "--- stderr\nerror: --accept-missing-lookup enviroments/Production: no step of this catalog asks a lookup table of that \
         name; did you mean environments/Production?\nhint: see how it is called: ocl-migrate help upgrade\n--- exit 2"
    );
    assert_eq!(
        consent("--accept-unknown", "99"),
        "--- stderr\nerror: --accept-unknown 99: the versions of this catalog are 1 to 14\nhint: see how it is called: ocl-migrate help upgrade\n--- exit 2"
    );
    // What the hint says, as it stands: a value must be filled in.
    repo.run_plain(&["store", "init"]);
    repo.shell("echo '{\"environments\":{\"Production / EU\":null}}' > null.json");
    insta::assert_snapshot!(repo.run_plain(&["store", "lookup", "load", "null.json"]));
    repo.shell("sed s/null/'\"eu\"'/ null.json > answers.json");
    insta::assert_snapshot!(repo.run_plain(&["store", "lookup", "load", "answers.json"]));
    insta::assert_snapshot!(repo.run_plain(&[&upgrade[..], &["--dry-run"]].concat()));
}

#[test]
fn a_plan_without_a_store_asserts_nothing_of_it() {
    let repo = doubled();
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "2"]));
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "2", "--shape", "fizz=6"]));
    // Past the imports, nothing is said of them.
    repo.shell("echo 'version = 5' > .config/schema_version.ocl && git commit -qam five && git branch five");
    insta::assert_snapshot!(repo.run(&["plan", "five"]));
}

/// A merge has left two policies, of which the server reads one.
#[test]
fn a_block_that_stands_twice_and_should_stand_once() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 9' > schema_version.ocl
         printf 'connectivity_policy {\\n    allow_deployments_to_no_targets = true\\n}\\n\\nversioning_strategy {\\n}\\n\\n\
         connectivity_policy {\\n}\\n' > deployment_settings.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    insta::assert_snapshot!(repo.run_plain(&["preview", "--stat", "main"]), @"
    --- stdout
    refs/heads/main (0ad12e0e4c), .octopus: version 9 -> 14
       11  unknown: the version exists, but not what it changed
       12  unknown: the version exists, but not what it changed
      3 steps for kinds without a document here: deployment_process and runbook

      schema_version.ocl: 9 -> 14

      as they are: deployment_settings

    0 of 1 document would change, 0 lines added, 0 removed
    --- stderr
    warning: the result may be incomplete: versions 11 and 12 are not in this catalog
    warning: deployment_settings: the block `connectivity_policy` occurs twice: at line 1, column 1 and line 8, column 1; it isn't clear which one counts: keep the right one
    --- exit 0
    ");
    insta::assert_snapshot!(repo.run_plain(&["convert", ".octopus/deployment_settings.ocl"]), @r#"
    --- stdout
    {"format_version":1,"file":".octopus/deployment_settings.ocl","content":{"connectivity_policy":[{"allow_deployments_to_no_targets":true},{}],"versioning_strategy":[{}]},"doubled_names":[{"name":"connectivity_policy","holder":"","times":2,"positions":[{"line":1,"column":1},{"line":8,"column":1}]}]}
    --- stderr
    warning: .octopus/deployment_settings.ocl: the block `connectivity_policy` occurs twice: at line 1, column 1 and line 8, column 1; it isn't clear which one counts: keep the right one
    --- exit 0
    "#);
    let upgrade = ["upgrade", "main", "-m", "x", "--accept-unknown", "11,12"];
    insta::assert_snapshot!(repo.run_plain(&upgrade), @"
    --- stderr
    warning: the result may be incomplete: versions 11 and 12 are not in this catalog
    error: names occur more than once, and it isn't clear which one counts, so nothing is written: keep the right one of each, or replace or remove the document
    .octopus/deployment_settings.ocl: the block `connectivity_policy` occurs twice: at line 1, column 1 and line 8, column 1
    hint: see it: ocl-migrate show main deployment_settings
        to mend it first: ocl-migrate commit main -m TEXT --put deployment_settings=FILE
    --- exit 1
    ");
    let doctor = repo.run_plain(&["doctor"]);
    assert!(
        doctor.contains("the block `connectivity_policy` occurs twice"),
        "{doctor}"
    );
}

/// What is restored crosses the versions that its commit is behind, whatever the branch is at.
#[test]
fn restoring_across_unknown_versions_needs_consent_too() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 10' > schema_version.ocl
         printf 'connectivity_policy {\n}\n' > deployment_settings.ocl && git add . && git commit -qm ten && git tag ten
         echo 'version = 14' > schema_version.ocl && printf 'versioning_strategy {\n}\n' > deployment_settings.ocl
         git commit -qam fourteen && git switch -q --detach",
    );
    let restore = ["restore", "main", "--from", "ten"];
    let refused = repo.run_plain(&restore);
    assert!(refused.ends_with("--- exit 1"), "{refused}");
    assert!(
        refused.contains("versions 11 and 12 are not in this catalog"),
        "{refused}"
    );
    let accept = ["--accept-unknown", "11,12"];
    assert!(refused.contains(&accept.join(" ")), "{refused}");
    let shown = repo.run_plain(&[&restore[..], &accept].concat());
    assert!(shown.contains("+connectivity_policy {"), "{shown}");
    assert!(shown.ends_with("--- exit 0"), "{shown}");
}

/// An answer can't be put into a store that can't be used.
#[test]
fn lookups_without_an_answer_beside_a_store_that_can_not_be_used() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {\n    action {\n        environments = [\"Test\"]\n    }\n}\n' > deployment_process.ocl
         git add . && git commit -qm one",
    );
    repo.run_plain(&["store", "init"]);
    repo.shell("echo text > .git/ocl-migrate/state.db; rm -f .git/ocl-migrate/state.db-*");
    let hint = "hint: the store can't be used, so it was asked nothing, and takes no answers: see what is wrong with it: \
                ocl-migrate store status\n";
    for command in ["preview", "rehearse"] {
        let told = repo.run_plain(&[command, "--to", "4"]);
        assert!(told.contains("the store can't be used, so"), "{told}");
        assert!(told.contains(hint), "{told}");
        assert!(!told.contains("lookup load"), "{told}");
    }
    let told = repo.run_plain(&["store", "status"]);
    assert!(told.contains("state.db is not a store"), "{told}");
    assert!(told.contains("store restore FILE --force"), "{told}");
}
