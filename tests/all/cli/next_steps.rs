//! What a refusal leads to: a command that helps, and not one that leads back.

use super::pasted_hints::{done, paste, refused};
use crate::support::{Sandbox, isolated, project};

/// A project at version 14 with a runbook, two commits long; the tag `first` is its first.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && cd .octopus && echo 'version = 14' > schema_version.ocl
         printf 'name = \"A\"\\n' > runbooks/a.ocl && git add . && git commit -qm one && git tag first
         printf 'name = \"B\"\\ndescription = \"x\"\\n' > runbooks/b.ocl && git add . && git commit -qm two && git switch -q --detach",
    );
    repo
}

#[test]
fn a_branch_without_a_commit_is_begun() {
    let repo = Sandbox::empty();
    let upgrade = ["upgrade", "main", "-m", "Convert"];
    let begin = refused(&repo, &upgrade);
    assert_eq!(begin, ["ocl-migrate upgrade main -m Convert --new"]);
    // Where there are commits, one that isn't there was mistyped.
    let upgrade = ["upgrade", "release", "-m", "Migrate"];
    assert_eq!(
        refused(&repository(), &upgrade),
        ["ocl-migrate status --all"]
    );
}

#[test]
fn what_the_environment_chooses_is_named() {
    let repo = repository();
    let catalog = project().join("fixtures/catalogs/fizz");
    let told = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
        .env("OCL_MIGRATE_CATALOG", &catalog)
        .env("OCL_MIGRATE_BASE_PATH", ".octopus")
        .args(["upgrade", "main", "-m", "x"])
        .output()
        .unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains("hint: use a newer release or catalog\n"),
        "{told}"
    );
    let told = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
        .env("OCL_MIGRATE_CATALOG", &catalog)
        .args(["upgrade", "first", "-m", "x", "--to", "2"])
        .output()
        .unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    let with_catalog = format!("ocl-migrate --catalog {} ", catalog.display());
    assert!(told.contains(&with_catalog), "{told}");
}

#[test]
fn a_base_path_that_is_a_file_leads_to_those_that_there_are() {
    let repo = repository();
    let show = ["--base-path", ".octopus/runbooks/a.ocl", "show", "main"];
    assert_eq!(refused(&repo, &show), ["ocl-migrate status"]);
}

#[test]
fn a_value_of_a_document_that_the_old_commit_lacks_is_removed() {
    let repo = repository();
    let restore = ["restore", "main", "--from", "first", "-m", "x"];
    done(
        &repo,
        &[&restore[..], &["runbook/b", "description"]].concat(),
    );
    let text = repo.shell("git show main:.octopus/runbooks/b.ocl");
    assert_eq!(text, "name = \"B\"\n");
    let told = repo.run_plain(&[&restore[..], &["runbook/b", "nothing"]].concat());
    assert!(told.contains("`nothing`"), "{told}");
}

#[test]
fn a_selector_with_a_mistake_is_no_document() {
    let repo = repository();
    let restore = ["restore", "main", "--from", "first", "runbook/a", "step["];
    let told = repo.run_plain(&restore);
    assert!(!told.contains("no document"), "{told}");
    assert!(told.contains("step["), "{told}");
    assert!(told.ends_with("--- exit 2"), "{told}");
}

#[test]
fn a_change_below_the_branch_is_not_left_out() {
    let repo = repository();
    let remove = [
        "commit",
        "main",
        "-m",
        "x",
        "--remove",
        "runbook/a",
        "--to",
        "9",
    ];
    let at_its_version = refused(&repo, &remove);
    paste(&repo, &at_its_version[0], &[]);
    let left = repo.shell("git ls-tree --name-only main:.octopus/runbooks");
    assert_eq!(left, "b.ocl\n");
}

#[test]
fn a_branch_begins_at_a_tag_by_the_command_itself() {
    let repo = repository();
    repo.shell("git switch -q --detach first && echo 'version = 13' > .octopus/schema_version.ocl && git commit -qam old && git tag old");
    let upgrade = ["upgrade", "old", "-m", "x"];
    let begin = refused(&repo, &upgrade);
    assert_eq!(
        begin,
        ["ocl-migrate upgrade NAME -m x --new --from old"],
        "{begin:?}"
    );
    paste(&repo, &begin[0], &[("NAME", "topic")]);
    let marker = repo.shell("git show topic:.octopus/schema_version.ocl");
    assert!(marker.contains("14"), "{marker}");
}

#[test]
fn a_number_below_zero_is_not_said_to_stand_behind_dashes() {
    let repo = repository();
    let told = repo.run_plain(&["show", "main", "--to", "-1"]);
    assert!(!told.contains("-- -1") && told.contains("'-1'"), "{told}");
}

#[test]
fn an_id_that_is_nowhere_is_no_damage() {
    let repo = repository();
    let id = "0123456789012345678901234567890123456789";
    let told = repo.run_plain(&["show", id]);
    assert!(
        told.contains(&format!("'{id}' is not a branch, tag or commit")) && !told.contains("fsck"),
        "{told}"
    );
    assert_eq!(refused(&repo, &["show", id]), ["ocl-migrate status --all"]);
}

/// Also where nothing would change.
#[test]
fn a_tag_is_not_up_to_date() {
    let repo = repository();
    let merge = ["merge", "first", "--into", "refs/tags/first", "-m", "x"];
    let told = repo.run_plain(&merge);
    assert!(
        told.contains("only a branch can be written to") && !told.contains("up to date"),
        "{told}"
    );
}

/// A hint that is pasted must not remove another document than the one that was named.
#[test]
fn no_other_document_is_offered_to_be_removed() {
    let repo = repository();
    for remove in [&["--remove", "runbook/c"][..], &["--remove=runbook/c"]] {
        let commit = ["commit", "main", "-m", "x"];
        let told = repo.run_plain(&[&commit[..], remove].concat());
        assert!(told.contains("hint: did you mean runbook/"), "{told}");
        assert!(!told.contains("? ocl-migrate"), "{told}");
    }
}

#[test]
fn histories_without_a_common_commit_lead_to_what_can_be_taken() {
    let repo = repository();
    repo.shell("git switch -q --orphan other && mkdir -p .octopus/runbooks && echo 'version = 14' > .octopus/schema_version.ocl && printf 'name = \"C\"\n' > .octopus/runbooks/c.ocl && git add . && git commit -qm other && git switch -q --detach");
    let merge = ["merge", "other", "--into", "main", "-m", "x"];
    let take = refused(&repo, &merge);
    let shown = paste(&repo, &take[0], &[("DOC", "runbook/c")]);
    assert!(shown.contains("+name = \"C\""), "{shown}");
}

#[test]
fn a_branch_goes_down_as_far_as_it_can() {
    let repo = repository();
    let down = [
        "downgrade",
        "main",
        "-m",
        "x",
        "--to",
        "3",
        "--accept-unknown",
        "11,12",
    ];
    let commands = refused(&repo, &down);
    paste(&repo, &commands[1], &[]);
    let marker = repo.shell("git show main:.octopus/schema_version.ocl");
    assert!(marker.contains('9'), "{marker}");
}

#[test]
fn a_value_that_is_nowhere_leads_to_those_that_there_are() {
    let repo = repository();
    for command in [
        &[
            "restore",
            "main",
            "--from",
            "first",
            "runbook/a",
            "other.thing",
        ][..],
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--set",
            "runbook/a other.thing=1",
        ],
    ] {
        let shown = paste(&repo, &refused(&repo, command)[0], &[]);
        assert!(shown.contains("name = \"A\""), "{shown}");
    }
}

#[test]
fn a_version_that_is_too_high_for_a_merge_is_no_fault_of_a_branch() {
    let repo = repository();
    let merge = ["merge", "first", "--into", "main", "-m", "x", "--to", "99"];
    let told = repo.run_plain(&merge);
    assert!(
        told.contains("error: version 99 is above this server's version 14\n"),
        "{told}"
    );
}
