//! What reading at a lower version tells of whether that could be written.

use super::pasted_hints::{done, refused};
use crate::support::Sandbox;

/// `other` has imported a runbook at 9, and `main` is past that import without it.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; printf 'version = 8' > .octopus/schema_version.ocl
        printf 'name = "A"\n' > .octopus/deployment_settings.ocl; git add -A; git commit -qm Base; git branch other
        printf 'name = "B"\n' > b.ocl"#,
    );
    done(&repo, &["store", "init"]);
    done(
        &repo,
        &["store", "put", "runbook/backup", "b.ocl", "--shape", "9"],
    );
    done(&repo, &["upgrade", "other", "-m", "Migrate", "--to", "10"]);
    repo.shell(
        "set -e; git reset -q --hard other; git rm -q .octopus/runbooks/backup.ocl; git commit -qm 'Without it'",
    );
    repo
}

#[test]
fn what_would_come_in_again_is_told_by_all_that_read_downward() {
    let repo = repository();
    let warning = "warning: version 8 can be shown, but not written: the branch has no `runbook`, and migrating up again would \
                   not give the same, as the import at version 9 would bring in runbook/backup";
    for command in ["show", "preview", "rehearse"] {
        let told = repo.run_plain(&[command, "main", "--to", "8"]);
        assert!(told.contains(warning), "{command}: {told}");
        assert!(told.ends_with("--- exit 0"), "{command}: {told}");
    }
    let rehearsed = repo.pretty_plain(&["rehearse", "main", "--to", "8"]);
    assert!(
        rehearsed.contains("would bring in runbook/backup"),
        "{rehearsed}"
    );
    // And so it is.
    let told = repo.run_plain(&["downgrade", "main", "-m", "Back", "--to", "8"]);
    assert!(
        told.contains("the import at version 9 would bring in runbook/backup"),
        "{told}"
    );
    // It has the runbook: another reason is told.
    let told = repo.run_plain(&["preview", "other", "--to", "8"]);
    assert!(
        told.contains("the result is without runbook/backup"),
        "{told}"
    );
    assert!(!told.contains("migrating up again"), "{told}");
    // Nothing is undone.
    let told = repo.run_plain(&["preview", "main", "--to", "9"]);
    assert!(!told.contains("migrating up again"), "{told}");
}

#[test]
fn the_lowest_version_that_is_named_can_be_written() {
    let repo = repository();
    let downgrade = ["downgrade", "other", "-m", "Back", "--to", "1"];
    let told = repo.run_plain(&downgrade);
    assert!(told.contains("; version 9 can be written\n"), "{told}");
    assert_eq!(refused(&repo, &downgrade).len(), 2);
    done(&repo, &["downgrade", "other", "-m", "Back", "--to", "9"]);
    // The runbook's import is what it is at now, and the next one below brings something in again.
    let told = repo.run_plain(&downgrade);
    let nothing = "; nothing below the branch's version 9 can be written\n";
    assert!(told.contains(nothing), "{told}");
    assert!(!told.contains("to go down as far"), "{told}");
}
