//! Branches that a newer server on the same store has written, and whose marker it has renamed.

use crate::support::Sandbox;

/// Catalogs `o` and `n` of the two servers; `main` as the newer one has written it, at version 4, and `old` at version 1.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    let shell = |script: &str| repo.shell(&format!("set -e\n{script}"));
    shell(
        r#"mkdir -p .git/o/0001_take .f/a; cd .git/o
        cat > catalog.hcl <<'END'
catalog "t" { base_path = ".f" }
document "a" { path = "a/*.ocl" }
thing "a" {
          defined_in = "a"
          name       = slug
        }
END
        step() { mkdir -p "$1"; printf 'description = "A step"\ndocument = "%s"\n%s\n' "$2" "$3" > "$1/step.hcl"; }
        step 0001_take a 'import {}'
        cp -r . ../n; cd ../n
        printf 'marker {\n  path = "v.ocl"\n  attribute = "version"\n  legacy_paths = ["schema_version.ocl"]\n}\n' >> catalog.hcl
        step 0003_marker schema_version 'rename { from = "schema_version.ocl" }'
        step 0004_more a 'one_way = "nobody knows"
modify { set = { more = 1 } }'
        cd ../..
        echo 'version = 1' > .f/schema_version.ocl; echo 'k = 1' > .f/a/x.ocl; git add -A; git commit -qm Begin; git branch old
        git switch -q old; echo 'k = 2' > .f/a/x.ocl; git commit -qam Edit; git switch -q --detach"#,
    );
    for words in ["store init", "adopt main", "upgrade main -m Up"] {
        let text = run(&repo, "n", words);
        assert!(text.ends_with("--- exit 0"), "{words}: {text}");
    }
    repo
}

fn run(repo: &Sandbox, catalog: &str, words: &str) -> String {
    let catalog = format!(".git/{catalog}");
    let words = words.split(' ').map(|word| match word {
        "SET" => "a/x k=3",
        word => word,
    });
    let words: Vec<&str> = ["--catalog", &catalog].into_iter().chain(words).collect();
    repo.run_plain(&words)
}

#[test]
fn the_older_server_says_to_upgrade_it_whatever_it_is_asked_to_write() {
    let repo = repository();
    let before = repo.shell("git rev-parse main old");
    for words in [
        "merge old --into main -m m",
        "merge main --into old -m m",
        "restore main --from old -m m",
        "rename-thing a x y --into main -m m",
        "commit main -m m --set SET",
        "upgrade main -m m",
        "downgrade main --to 1 -m m",
        "adopt main",
        "preview main --to 4",
    ] {
        let text = run(&repo, "o", words);
        let expected = "the branch is at version 4, and this server only knows versions up to 1: upgrade the server";
        assert!(text.contains(expected), "{words}: {text}");
        assert!(
            text.contains("hint: use a newer release or catalog\n"),
            "{words}: {text}"
        );
    }
    assert_eq!(repo.shell("git rev-parse main old"), before);
}

#[test]
fn a_marker_that_a_newer_server_has_renamed_is_found_by_doctor_and_status() {
    let repo = repository();
    let text = run(&repo, "o", "doctor");
    assert!(
        text.contains("refs/heads/main, .f: it is at version 4, and this catalog ends at 1\n"),
        "{text}"
    );
    assert!(!text.contains("no marker"), "{text}");
    let text = run(&repo, "o", "status main");
    assert!(text.contains(".f               4  ahead"), "{text}");
    // Without the store, nothing is known of those steps.
    repo.shell("rm -r .git/ocl-migrate");
    let text = run(&repo, "o", "status main");
    assert!(text.contains("as there is no marker"), "{text}");
}

/// The older program's hooks don't lead to a second marker either.
#[test]
fn git_merges_what_a_newer_server_wrote_only_past_the_hooks() {
    let repo = repository();
    repo.shell(
        "git switch -qc calm old~1 && echo x > notes && git add notes && git commit -qm Notes",
    );
    let text = run(&repo, "o", "merge-driver --install");
    assert!(text.ends_with("--- exit 0"), "{text}");
    let text = repo.shell("git merge -m Merge main 2>&1 || true");
    let expected = "error: the branch is at version 4, and this server only knows versions up to 1: upgrade the server\n";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("schema_version.ocl"), "{text}");
    repo.shell("git commit -q --no-verify -m Merge && git switch -q --detach");
    let text = run(&repo, "o", "doctor --merges");
    let expected = ".f: not looked at: the branch is at version 4, and this server only knows";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("no marker"), "{text}");
}
