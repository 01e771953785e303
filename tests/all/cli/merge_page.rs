//! `merge --html FILE`: both sides and the outcome beside each other.

use std::fs;

use crate::support::Sandbox;

/// Both branches changed A, each otherwise, and each a value of its own.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; printf 'version = 14' > .octopus/schema_version.ocl
        v() { for x in "$@"; do printf 'variable "%s" {\n    value "%s" {}\n}\n\n' "${x%=*}" "${x#*=}"; done > .octopus/variables.ocl; }
        v A=1 B=1 C=1 S=same; git add -A; git commit -qm Begin; git switch -qc feature; v A=3 B=2 C=1 S=same 'D=<b>'; git commit -qam Feature
        git switch -q main; v A=2 B=1 C=5 S=same; git commit -qam Main"#,
    );
    repo
}

#[test]
fn a_page_shows_conflicts_values_and_the_outcome() {
    let repo = repository();
    let merge = ["merge", "feature", "--into", "main", "--dry-run"];
    let without = repo.run_plain(&merge);
    let with = repo.run_plain(&[&merge[..], &["--html", "merge.html"]].concat());
    assert_eq!(with.replace("the page is in merge.html\n", ""), without);
    let page = fs::read_to_string(repo.path().join("merge.html")).unwrap();
    let row = |address: &str, cells: [&str; 5]| {
        let at = page.find(&format!("<th scope=\"row\">{address}</th>"));
        let row = at
            .map(|at| &page[at..])
            .unwrap_or_else(|| panic!("{address}"));
        let row = &row[..row.find("</tr>").unwrap()];
        let found: Vec<&str> = row.split("<td>").skip(1).collect();
        assert_eq!(found.len(), 5, "{row}");
        for (found, cell) in found.into_iter().zip(cells) {
            assert!(found.contains(cell), "{address}: {cell:?} in {found:?}");
        }
    };
    let variable = |name: &str| format!("variable[&quot;{name}&quot;].value{{}}");
    row(&variable("A"), ["both-changed", "1", "2", "3", "open"]);
    row(
        &variable("B"),
        ["", "<code>1<", "<code>1<", "<code>2<", "<code>2<"],
    );
    row(
        &variable("C"),
        ["", "<code>1<", "<code>5<", "<code>1<", "<code>5<"],
    );
    let absent = "not there";
    row(
        &variable("D"),
        ["", absent, absent, "&lt;b&gt;", "&lt;b&gt;"],
    );
    assert!(!page.contains("<code>same<"));
    // Settled, it says so, and a page may be overwritten.
    let settled = [
        "--theirs",
        "variables variable[\"A\"]",
        "--html",
        "merge.html",
    ];
    let _ = repo.run_plain(&[&merge[..], &settled].concat());
    let page = fs::read_to_string(repo.path().join("merge.html")).unwrap();
    assert!(
        !page.contains("both-changed") && !page.contains(">open<"),
        "{page}"
    );
    // No other file is.
    fs::write(repo.path().join("notes.txt"), "mine").unwrap();
    let refused = repo.run_plain(&[&merge[..], &["--html", "notes.txt"]].concat());
    assert!(refused.contains("--force overwrites it"), "{refused}");
}
