//! What a document's migration says of its values is told by every command that reads them.

use crate::support::Sandbox;

/// A branch whose process names an environment that the server doesn't know, and says a name twice; and one whose runbook has a
/// value that a step overwrites.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && cd .octopus && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {\n    name = \"A\"\n    start_trigger = \"x\"\n    start_trigger = \"y\"\n\n    action {\n        environments = [\"Test / EU\"]\n    }\n}\n' \
         > deployment_process.ocl
         git add . && git commit -qm three && git switch -qc nine && git rm -q deployment_process.ocl
         echo 'version = 9' > schema_version.ocl && mkdir -p runbooks
         printf 'name = \"Backup\"\n\nrun_retention_policy {\n    quantity_to_keep = 100\n    type = \"Count\"\n}\n' > runbooks/backup.ocl
         git add . && git commit -qm nine",
    );
    repo
}

const GUESSED: &str =
    "deployment_process: the lookup of \"Test / EU\" in the table \"environments\" has no answer";
const DOUBLED: &str = "deployment_process: the attribute `start_trigger`";
const OVERWRITTEN: &str = "runbook/backup: step 10 ";

/// What of a command's output begins with `warning: `, in text and as JSON.
fn warnings(repo: &Sandbox, arguments: &[&str]) -> [Vec<String>; 2] {
    let text = repo.run_plain(arguments);
    let text = text
        .lines()
        .filter_map(|line| line.strip_prefix("warning: "));
    let text = text.map(str::to_owned).collect();
    let json = repo.command(&[&["--format", "json"], arguments].concat());
    let json = String::from_utf8(json.stderr).unwrap();
    let json = json.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        Some(line.get("warning")?["message"].as_str()?.to_owned())
    });
    [text, json.collect()]
}

#[test]
fn every_reading_command_tells_what_became_of_values() {
    let repo = repository();
    let (process, runbook) = ([GUESSED, DOUBLED], [OVERWRITTEN]);
    let all = [GUESSED, DOUBLED, OVERWRITTEN];
    let commands: [(&[&str], &[&str]); 14] = [
        (&["export", "main", "--as", "csv"], &process),
        (
            &["export", "nine", "runbook/backup", "--as", "json"],
            &runbook,
        ),
        (&["log", "main", "deployment_process"], &process),
        (&["log", "nine", "runbook/backup"], &runbook),
        (&["blame", "main", "deployment_process"], &process),
        (&["blame", "nine", "runbook/backup"], &runbook),
        (&["compare"], &all),
        (&["compare", "runbook/backup"], &runbook),
        (&["uses", "--kind", "environment", "--all"], &all),
        (&["check", "--all"], &[GUESSED, OVERWRITTEN]),
        (&["query", "SELECT count(*) FROM leaves"], &all),
        (
            &[
                "query",
                "SELECT count(*) FROM leaves WHERE document = 'runbook/backup'",
            ],
            &runbook,
        ),
        (&["query", "SELECT count(*) FROM changes('main')"], &process),
        (
            &[
                "query",
                "SELECT count(*) FROM changes('nine') WHERE document = 'runbook/backup'",
            ],
            &runbook,
        ),
    ];
    for (command, expected) in commands {
        for told in warnings(&repo, command) {
            for text in all {
                let times = told.iter().filter(|it| it.contains(text)).count();
                let is_expected = expected.contains(&text);
                assert_eq!(
                    times,
                    usize::from(is_expected),
                    "{command:?}: {text}: {told:#?}"
                );
            }
        }
    }
}

/// What older commits have is told with the commit.
#[test]
fn what_is_told_of_older_commits() {
    let repo = repository();
    repo.shell(
        "git switch -q main && sed -i s/EU/US/ .octopus/deployment_process.ocl && git commit -qam us",
    );
    let [told, _] = warnings(&repo, &["log", "main", "deployment_process"]);
    let guessed: Vec<&String> = told.iter().filter(|it| it.contains("lookup")).collect();
    assert_eq!(guessed.len(), 2, "{told:#?}");
    assert!(
        guessed[0].starts_with(&GUESSED.replace("EU", "US")),
        "{told:#?}"
    );
    let before = repo.shell("git rev-parse --short=10 main~");
    let expected = format!("in {}: {GUESSED}", before.trim());
    assert!(guessed[1].starts_with(&expected), "{told:#?}");
}

/// A name that stands twice in a document that no step looks at.
#[test]
fn what_no_step_touches_is_told_too() {
    let repo = repository();
    repo.shell(
        "git switch -q main && echo 'version = 14' > .octopus/schema_version.ocl && git commit -qam 14",
    );
    for command in [
        &["export", "main", "--as", "csv"][..],
        &["log", "main", "deployment_process", "-n", "1"],
        &["blame", "main", "deployment_process"],
        &["compare", "--refs", "main"],
        &["uses", "--kind", "environment"],
        &["query", "SELECT count(*) FROM leaves"],
    ] {
        for told in warnings(&repo, command) {
            let times = told.iter().filter(|it| it.contains(DOUBLED)).count();
            assert_eq!(times, 1, "{command:?}: {told:#?}");
        }
    }
}

/// However many refs and documents share it.
#[test]
fn of_many_refs_a_thing_is_told_once_and_much_is_counted() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && cd .octopus && echo 'version = 14' > schema_version.ocl
         for n in $(seq 1 12); do
             printf 'name = \"R\"\na%s = 1\na%s = 2\n' $n $n > runbooks/r$n.ocl
             cp runbooks/r$n.ocl runbooks/s$n.ocl
         done
         git add . && git commit -qm many
         for n in $(seq 1 7); do echo $n > $n; git add $n; git commit -qm $n && git branch b$n; done",
    );
    for command in [
        &["compare"][..],
        &["uses", "--kind", "environment", "--refs", "*"],
    ] {
        let [told, _] = warnings(&repo, command);
        assert_eq!(told.len(), 11, "{told:#?}");
        assert_eq!(told[10], "2 more warnings: --list tells all");
        let expected =
            "b1, b2, b3, b4, b5 and 3 more: runbook/r10 and runbook/s10: the attribute `a10`";
        assert!(told[0].starts_with(expected), "{told:#?}");
        let [told, _] = warnings(&repo, &[command, &["--list"]].concat());
        assert_eq!(told.len(), 12, "{told:#?}");
    }
    let [told, _] = warnings(&repo, &["query", "SELECT count(*) FROM leaves"]);
    assert_eq!(told[10], "2 more warnings");
    let expected =
        "b1, b2, b3, b4, b5 and 3 more: runbook/r10 and runbook/s10: the attribute `a10`";
    assert!(told[0].starts_with(expected), "{told:#?}");
}

/// `explain` tells in JSON what its text tells.
#[test]
fn explain_tells_what_became_of_values_in_json_too() {
    let repo = repository();
    for (revision, name, expected) in [
        ("main", "deployment_process", &[GUESSED, DOUBLED][..]),
        ("nine", "runbook/backup", &[OVERWRITTEN]),
    ] {
        let [text, _] = warnings(&repo, &["explain", revision, name]);
        let json = repo.pretty_plain(&["explain", revision, name]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let json = json["warnings"].as_array().unwrap().iter();
        let json: Vec<&str> = json.filter_map(|it| it.as_str()).collect();
        for wanted in expected {
            assert!(text.iter().any(|it| it.starts_with(wanted)), "{text:#?}");
            let wanted = wanted.split_once(": ").unwrap().1;
            assert!(json.iter().any(|it| it.starts_with(wanted)), "{json:#?}");
        }
        assert_eq!(json.len(), text.len(), "{json:#?}");
    }
    let json = repo.pretty_plain(&["explain", "main", "deployment_process"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["missing_lookups"][0]["key"], "Test / EU");
    assert_eq!(json["doubled_names"][0]["name"], "start_trigger");
}

/// The pages of these commands tell it as well.
#[test]
fn pages_tell_what_became_of_values() {
    let repo = repository();
    for (command, expected) in [
        (
            &["diff", "main~0", "nine"][..],
            &[GUESSED, DOUBLED, OVERWRITTEN][..],
        ),
        (&["diff", "main", "nine", "runbook/backup"], &[OVERWRITTEN]),
        (&["log", "main", "deployment_process"], &[GUESSED, DOUBLED]),
        (&["blame", "nine", "runbook/backup"], &[OVERWRITTEN]),
    ] {
        repo.run_plain(&[command, &["--html", "page.html"]].concat());
        let page = std::fs::read_to_string(repo.path().join("page.html")).unwrap();
        for text in [GUESSED, DOUBLED, OVERWRITTEN] {
            // As a page writes it.
            let times = page.matches(&text.replace('"', "&quot;")).count();
            let is_expected = expected.contains(&text);
            assert_eq!(times, usize::from(is_expected), "{command:?}: {text}");
        }
    }
}

/// What the old commit said can't be restored, as the branch's version has no such value.
#[test]
fn restore_tells_of_values_that_a_step_overwrote() {
    let repo = repository();
    repo.shell("git switch -q nine");
    let upgrade = ["upgrade", "nine", "-m", "Up", "--accept-unknown", "11,12"];
    let done = repo.run_plain(&upgrade);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let message = "runbook/backup at nine~: step 10 ";
    for restore in [
        &["restore", "nine", "--from", "nine~", "runbook/backup"][..],
        &[
            "restore",
            "nine",
            "--from",
            "nine~",
            "runbook/backup",
            "run_retention_policy.type",
        ],
    ] {
        for told in warnings(&repo, restore) {
            let times = told.iter().filter(|it| it.starts_with(message)).count();
            assert_eq!(times, 1, "{restore:?}: {told:#?}");
        }
        let text = repo.run_plain(restore);
        assert!(text.contains("there is nothing to restore"), "{text}");
    }
}
