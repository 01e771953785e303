//! `docs/how-to/embed.md`: its example is compiled and run here, as it stands there.

use std::fs;
use std::path::Path;

use ocl_migrate::git::Signature;
use ocl_migrate::project::{CommitError, CommitRequest, Committed, Project, Remedy};

use crate::support::Sandbox;

// begin
/// Renames a runbook, whatever version the branch is at: the same commit migrates it.
fn rename(project: &Project, branch: &str, name: &str) -> Result<Committed, CommitError> {
    let ann = Signature::new("Ann", "ann@example.com");
    let address = "runbook/backup name".parse().expect("an address");
    loop {
        let mut draft = project.load_migrated(branch)?.edit();
        draft.set(&address, name)?;
        match draft.commit(CommitRequest::new("Rename the backup", ann.clone())) {
            // Somebody else was faster.
            Err(error) if error.remedy() == Remedy::LoadAgain => {}
            done => return done,
        }
    }
}
// end

#[test]
fn the_example_of_a_commit_is_the_one_that_runs() {
    let (_, rest) = include_str!("embed.rs").split_once("// begin\n").unwrap();
    let (example, _) = rest.split_once("// end\n").unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/how-to/embed.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains(&format!("```rust,ignore\n{example}```")),
        "{example}"
    );
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && echo 'version = 13' > .octopus/schema_version.ocl && printf 'name = \"Backup\"\\n' > .octopus/runbooks/backup.ocl && git add -A && git commit -qm Begin && git branch feature/x",
    );
    let project = Project::open(repo.path()).unwrap();
    let before = repo.shell("date +%s").trim().parse::<i64>().unwrap();
    let committed = rename(&project, "feature/x", "Back up").unwrap();
    assert_eq!(committed.version, 14);
    let text = repo.shell("git show feature/x:.octopus/runbooks/backup.ocl");
    assert_eq!(text, "name = \"Back up\"\n");
    let told = repo.shell("git log -1 --format='%an %ae %at' feature/x");
    let (who, when) = told.trim().rsplit_once(' ').unwrap();
    assert_eq!(who, "Ann ann@example.com");
    let when: i64 = when.parse().unwrap();
    assert!((before..before + 600).contains(&when), "{when}");
}
