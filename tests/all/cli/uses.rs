//! `uses`: who refers to a thing, what nothing refers to, and what nothing defines.

use insta::assert_snapshot;

use crate::support::Sandbox;

#[test]
fn a_thing_with_its_definition_and_every_reference() {
    let repo = Sandbox::new("uses");
    assert_snapshot!(repo.run_plain(&["uses", "Service.Url"]));
    // Names of variables have no case, and other spellings are the same name.
    let other = repo.run_plain(&["uses", "service . URL"]);
    assert_eq!(other, repo.run_plain(&["uses", "Service.Url"]));
}

/// `Service` is the beginning of other names: only what means it is listed.
#[test]
fn the_beginning_of_a_name_is_no_use() {
    let repo = Sandbox::new("uses");
    assert_snapshot!(repo.run_plain(&["uses", "Service"]));
}

/// A variable in the body of a script in a runbook, in a branch at version 5.
#[test]
fn several_refs_at_several_versions() {
    let repo = Sandbox::new("uses");
    assert_snapshot!(repo.run_plain(&["uses", "Service.Host", "--refs", "main", "old"]));
    assert_snapshot!(
        "json",
        repo.pretty_plain(&["uses", "Service.Host", "--refs", "main", "old"])
    );
    // What can't be read is told, and the others go on.
    assert_snapshot!(
        "all_refs",
        repo.run_plain(&["uses", "Service.Host", "--all"])
    );
}

#[test]
fn a_thing_goes_by_every_name_it_has() {
    let repo = Sandbox::new("uses");
    let by_slug = repo.run_plain(&["uses", "backup"]);
    assert_snapshot!(by_slug);
    let by_name = repo.run_plain(&["uses", "Back up", "--kind", "runbook"]);
    assert_eq!(by_name, by_slug);
}

#[test]
fn a_kind_and_things_of_the_server() {
    let repo = Sandbox::new("uses");
    assert_snapshot!(repo.run_plain(&["uses", "--kind", "environment"]));
    let other_kind = repo.run_plain(&["uses", "production", "--kind", "variable"]);
    assert_snapshot!("nothing", other_kind);
    assert_snapshot!(
        "unknown_kind",
        repo.run_plain(&["uses", "--kind", "environments"])
    );
    assert_snapshot!("no_question", repo.run_plain(&["uses"]));
    let without_things = repo.run(&["uses", "production"]);
    assert_snapshot!("without_things", without_things);
}

#[test]
fn what_is_unused_and_what_is_undefined() {
    let repo = Sandbox::new("uses");
    assert_snapshot!("unused", repo.run_plain(&["uses", "--unused"]));
    assert_snapshot!(
        "unused_runbooks",
        repo.run_plain(&["uses", "--unused", "--kind", "runbook", "--refs", "old"])
    );
    assert_snapshot!("undefined", repo.run_plain(&["uses", "--undefined"]));
}

/// Where the server holds the variables, that no document defines one says nothing.
#[test]
fn what_no_document_could_define_is_not_undefined() {
    let repo = Sandbox::new("uses");
    repo.shell("git rm -q .octopus/variables.ocl && git commit -q -m 'Back to the server'");
    assert_snapshot!(repo.run_plain(&["uses", "--undefined"]));
}

#[test]
fn a_kind_that_was_probably_meant() {
    let repo = Sandbox::new("uses");
    for (words, meant) in [
        (&["uses", "--kind", "feedd"][..], "uses --kind feed"),
        (
            &["uses", "Retries", "--kind=variabel"],
            "uses Retries --kind=variable",
        ),
        (
            &[
                "rename-thing",
                "variabel",
                "Spare",
                "Tries",
                "--into",
                "main",
                "--dry-run",
            ],
            "rename-thing variable Spare Tries --into main --dry-run",
        ),
    ] {
        let told = repo.run_plain(words);
        let hint = format!("? ocl-migrate {meant}\n");
        assert!(told.contains(&hint), "{told}");
    }
    let far = repo.run_plain(&["uses", "--kind", "nokind"]);
    assert!(far.contains("help uses"), "{far}");
}

/// The list of a kind names it, so that it can be asked for.
#[test]
fn a_name_that_only_the_server_knows_is_found_as_it_is_written() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 14' > schema_version.ocl
         printf 'step \"a\" {\n    action {\n        environments = [\"#{Target.Name}\", \"#{Other}\"]\n    }\n}\n' > deployment_process.ocl
         git add . && git commit -qm one",
    );
    let all = repo.run_plain(&["uses", "--kind", "environment"]);
    assert!(all.contains("environment #{Target.Name}"), "{all}");
    assert_snapshot!(repo.run_plain(&["uses", "#{Target.Name}", "--kind", "environment"]), @r##"
    --- stdout
    environment #{Target.Name}
      dynamic   deployment_process:3  step["a"].action["a"].environments{"#{Target.Name}"}

    1 reference in 1 ref
    --- stderr
    2 names are known only when the server runs: more may be used than is told here
    --- exit 0
    "##);
    assert_snapshot!(repo.run_plain(&[
        "rename-thing", "environment", "#{Target.Name}", "production", "--into", "main", "-m", "x",
    ]), @r##"
    --- stderr
    error: the environment `#{Target.Name}` can't be renamed safely: these names are known only when the server runs, and may be it:
      deployment_process:3  step["a"].action["a"].environments{"#{Target.Name}"}  (#{Target.Name})
    --- exit 1
    "##);
}

/// A script can tell it from an answer that broke off.
#[test]
fn what_is_nowhere_is_an_error_in_json() {
    let repo = Sandbox::new("check");
    let text = repo.run_plain(&["uses", "zz", "--refs", "main", "--format", "json"]);
    let told = "no thing `zz` is defined or referred to in 1 ref";
    assert!(
        text.contains(told) && text.contains("\"code\":\"thing-not-found\""),
        "{text}"
    );
    assert!(text.ends_with("--- exit 1"), "{text}");
}
