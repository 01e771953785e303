//! What is legal and looks wrong is told, and changes no exit code.

use crate::support::Sandbox;

/// A branch at version 6 with these files.
fn repository(files: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        "set -e; {files}; git add -A; git commit -qm 'At version 6'"
    ));
    repo
}

const MARKER: &str = "mkdir -p .config; printf 'version = 6' > .config/schema_version.ocl";

#[test]
fn documents_that_no_kind_claims() {
    let repo = repository(&format!(
        "{MARKER}; cd .config; printf 'a = 1\\n' > channels.ocl; mkdir more; printf 'a = 1\\n' > more/fizz.ocl; printf x > notes.md; cd .."
    ));
    insta::assert_snapshot!(repo.run(&["preview", "main"]));
}

#[test]
fn a_document_beside_its_new_name() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir .octopus; cd .octopus; printf 'version = 14' > schema_version.ocl
        printf 'version = 2' > ../old; cp ../old schema-version.ocl.bak; printf '' > deployment-process.ocl
        cd ..; rm old; git add -A; git commit -qm x",
    );
    let text = repo.run_plain(&["preview", "main"]);
    assert!(text.contains(".octopus/deployment-process.ocl"), "{text}");
    assert!(text.ends_with("--- exit 0"), "{text}");
}

#[test]
fn a_base_path_with_a_blank() {
    let repo = repository("mkdir ' .config'; printf 'version = 6' > ' .config/schema_version.ocl'");
    insta::assert_snapshot!(repo.run(&["--base-path", " .config", "preview", "main"]));
    insta::assert_snapshot!("not_found_without_the_blank", repo.run(&["plan", "main"]));
}

#[test]
fn a_document_that_looks_older_than_its_marker() {
    let repo = repository(&format!(
        "{MARKER}; printf 'colour = \"red\"\\n' > .config/fizz.ocl"
    ));
    insta::assert_snapshot!(repo.run(&["doctor"]));
    insta::assert_snapshot!("looks_older_in_preview", repo.run(&["preview", "main"]));
    let text = repo.run(&["preview", "main", "--format", "json"]);
    assert!(
        text.contains(".config/fizz.ocl looks older than version 6, which the marker states"),
        "{text}"
    );
    // Not where it would cost what nobody asked for.
    for arguments in [["show", "main"], ["plan", "main"]] {
        let text = repo.run(&arguments);
        assert!(!text.contains("looks older"), "{text}");
    }
    let text = repo.run(&["explain", "main", "fizz"]);
    assert!(
        text.contains("its text looks older than the branch's version: the steps of version 4"),
        "{text}"
    );
}

#[test]
fn a_text_to_commit_that_looks_older_than_what_is_written() {
    let repo = Sandbox::new("versions");
    repo.shell("git switch -q --detach main; printf 'colour = \"red\"\\n' > fizz.ocl");
    insta::assert_snapshot!(
        "older_text_to_commit",
        repo.run(&["commit", "main", "-m", "Red", "--put", "fizz=fizz.ocl"])
    );
}
