//! Catalogs that users begin themselves: without steps yet, and with the documents at the repository's top.

use crate::support::Sandbox;

/// A repository with a catalog in `c/`, and what the catalog holds beside its first line and the marker.
fn repository(base_path: &str, steps: &[(&str, &str)]) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        "mkdir c && cat > c/catalog.hcl <<'END'
catalog \"t\" {{ base_path = \"{base_path}\" }}
marker {{
  path      = \"version.ocl\"
  attribute = \"version\"
}}
document \"flag\" {{ path = \"flags/*.ocl\" }}
END
         printf '/c\\n/x.ocl\\n' > .git/info/exclude
         git commit -q --allow-empty -m one && git switch -q --detach && printf 'name = \"n\"\\n' > x.ocl"
    ));
    for (folder, step) in steps {
        repo.shell(&format!(
            "mkdir c/{folder} && cat > c/{folder}/step.hcl <<'END'\n{step}\nEND"
        ));
    }
    repo
}

fn run(repo: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    repo.run_plain(&[&["--catalog", "c"], words.as_slice()].concat())
}

#[test]
fn a_catalog_without_steps_writes_no_version() {
    let repo = repository(".t", &[]);
    for words in ["commit main --put flag/n=x.ocl -m x", "upgrade main -m x"] {
        let text = run(&repo, words);
        assert!(text.contains("the catalog has no steps yet"), "{text}");
        assert!(!text.ends_with("--- exit 0"), "{text}");
        let hint = "hint: to begin one: ocl-migrate --catalog c new modify flag first\n";
        assert!(text.contains(hint), "{text}");
    }
    assert_eq!(repo.shell("git log --oneline main | wc -l").trim(), "1");
    // What the hint says works.
    let text = run(&repo, "new modify flag first");
    assert!(text.ends_with("--- exit 0"), "{text}");
    let text = run(&repo, "commit main --put flag/n=x.ocl -m x");
    assert!(text.ends_with("--- exit 0"), "{text}");
    assert_eq!(
        repo.shell("git show main:.t/version.ocl").trim(),
        "version = 1"
    );
}
