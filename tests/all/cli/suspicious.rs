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

/// Whatever can't be written is told by what reads, before somebody tries.
#[test]
fn a_folder_in_a_documents_place_and_a_file_in_a_folders() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .octopus/Variables.ocl .octopus/deployment_settings.ocl; cd .octopus; printf 'version = 14' > schema_version.ocl
        printf x > Variables.ocl/x; printf 'version = 14' > deployment_settings.ocl/schema_version.ocl; printf x > runbooks
        git add -A; git commit -qm x; git branch other",
    );
    let told = "warning: .octopus/Variables.ocl is a folder, where the document `variables` belongs; .octopus/deployment_settings.ocl \
                is a folder, where the document `deployment_settings` belongs; .octopus/runbooks is a file, where the folder of \
                `runbook` documents belongs: nothing can be written there until that is moved away\n";
    for command in [["preview", "main"], ["plan", "main"], ["check", "main"]] {
        let command = [&["--base-path", ".octopus"], &command[..]].concat();
        let text = repo.run_plain(&command);
        assert!(
            text.replace("main: ", "").contains(told),
            "{command:?}: {text}"
        );
    }
    let doctor = repo.run_plain(&["--base-path", ".octopus", "doctor"]);
    for (path, found) in [
        ("Variables.ocl", "folder"),
        ("deployment_settings.ocl", "folder"),
        ("runbooks", "file"),
    ] {
        let told = format!("problem: refs/heads/main: .octopus/{path} is a {found}, where ");
        assert!(doctor.contains(&told), "{doctor}");
        let mend = format!("git mv .octopus/{path} NEW\n");
        assert!(doctor.contains(&mend), "{doctor}");
    }
    assert_eq!(
        doctor
            .matches("nothing can be written there (the same on another ref)")
            .count(),
        3,
        "{doctor}"
    );
    repo.shell("git mv .octopus/Variables.ocl .octopus/v; git mv .octopus/deployment_settings.ocl .octopus/d; git mv .octopus/runbooks .octopus/r; git commit -qam y; git branch -D other");
    let doctor = repo.run_plain(&["--base-path", ".octopus", "doctor"]);
    assert!(!doctor.contains("can be written"), "{doctor}");
}

#[test]
fn a_submodule_where_a_folder_belongs_is_called_one() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir .octopus; printf 'version = 14' > .octopus/schema_version.ocl; git add -A; git commit -qm x
        git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),.octopus/runbooks
        git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),web; git commit -qm Submodules; git switch -q --detach
        echo 'name = \"a\"' > a.ocl",
    );
    for command in [["preview", "main"], ["plan", "main"]] {
        let told = repo.run_plain(&command);
        let line = "warning: .octopus/runbooks is a submodule, where the folder of `runbook` documents belongs: ";
        assert!(told.contains(line), "{told}");
    }
    let put = ["commit", "main", "-m", "x", "--put", "runbook/a=a.ocl"];
    let told = repo.run_plain(&put);
    assert!(
        told.contains("runbooks lies where a folder must be: move that away first"),
        "{told}"
    );
    let below = ["--base-path", "web/conf", "upgrade", "main", "-m", "x"];
    repo.run_plain(&["--base-path", "web/conf", "store", "init"]);
    let told = repo.run_plain(&below);
    assert!(
        told.contains("`web` is a submodule where a folder must be"),
        "{told}"
    );
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
        text.contains(
            ".config/fizz.ocl: the step of version 4 would still change it, but won't run, as the marker states version 6"
        ),
        "{text}"
    );
    // Not where it would cost what nobody asked for.
    for arguments in [["show", "main"], ["plan", "main"]] {
        let text = repo.run(&arguments);
        assert!(!text.contains("would still change"), "{text}");
    }
    let text = repo.run(&["explain", "main", "fizz"]);
    assert!(
        text.contains("the step of version 4 would still change its text, but won't run"),
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

/// A later step may give an old name a new meaning: a text with that name is not what the earlier one left behind.
#[test]
fn a_name_that_a_later_step_uses_again_is_no_leftover() {
    let repo = Sandbox::empty();
    let step = |body: &str| {
        format!(
            "description = \"A step\"\ndocument = \"job\"\nmodify {{\nrename = {{ {body} }}\n}}\n"
        )
    };
    let catalog = "catalog \"mine\" { base_path = \".mine\" }\nmarker {\n  path = \"schema_version.ocl\"\n  \
                   attribute = \"version\"\n}\ndocument \"job\" { path = \"jobs/*.ocl\" }\n";
    for (file, text) in [
        ("mine/catalog.hcl", catalog),
        ("mine/0001_color/step.hcl", &step("colour = \"color\"")),
        ("mine/0002_colour/step.hcl", &step("tint = \"colour\"")),
        (".mine/schema_version.ocl", "version = 2"),
        (
            ".mine/jobs/both.ocl",
            "color = \"red\"\ncolour = \"dark\"\n",
        ),
        (".mine/jobs/new.ocl", "colour = \"dark\"\n"),
        (".mine/jobs/old.ocl", "tint = \"dark\"\n"),
    ] {
        let path = repo.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    repo.shell("git add -A; git commit -qm 'At version 2'");
    for command in [&["preview", "main"][..], &["doctor"]] {
        let text = repo.run_plain(&[&["--catalog", "mine"], command].concat());
        assert!(
            text.contains("jobs/old.ocl: the step of version 2 would"),
            "{text}"
        );
        assert!(
            !text.contains("both.ocl") && !text.contains("new.ocl"),
            "{text}"
        );
    }
}

/// What is removed, or gets another text, is nobody's worry any more.
#[test]
fn a_document_that_looks_older_and_goes() {
    let repo = repository(&format!(
        "{MARKER}; printf 'colour = \"red\"\\n' > .config/fizz.ocl; printf 'color = \"red\"\\n' > fizz.ocl"
    ));
    for change in [["--remove", "fizz"], ["--put", "fizz=fizz.ocl"]] {
        let commit = ["commit", "main", "-m", "x", "--dry-run"];
        let text = repo.run(&[&commit[..], &change].concat());
        assert!(!text.contains("warning"), "{text}");
    }
    let text = repo.run(&[
        "commit",
        "main",
        "-m",
        "x",
        "--dry-run",
        "--put",
        "team/a=fizz.ocl",
    ]);
    assert!(text.contains("warning: .config/fizz.ocl"), "{text}");
}
