//! `rehearse`: every ref migrated in memory, and what came of it.

use crate::support::Sandbox;

#[test]
fn refs_with_one_result_are_told_together_the_worst_first() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["rehearse"]), @"");
}

#[test]
fn many_branches_with_one_problem_read_as_one_problem() {
    let repo = Sandbox::new("versions");
    // The same mistake at other places, in documents of other names, among other documents.
    repo.shell(
        "for n in 1 2 3 4 5 6 7 8 9; do
            git checkout -q -b wrong/$n v1 && git rm -q .config/fizz.ocl && mkdir -p .config/teams
            { seq 1 $n | sed 's/.*/a_& = 1/'; echo 'name = \"cut off'; } > .config/teams/team-$n.ocl
            printf 'version = 4' > .config/schema_version.ocl
            git add -A && git commit -qm $n; done",
    );
    insta::assert_snapshot!(repo.run(&["rehearse", "wrong/*"]), @"");
}

#[test]
fn patterns_choose_refs_and_one_that_fits_none_is_an_error() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["rehearse", "refs/pull/*/head", "v[12]"]), @"");
    insta::assert_snapshot!(repo.run(&["rehearse", "release/*"]), @"");
    insta::assert_snapshot!(repo.run(&["rehearse", "nowhere"]), @"");
}

#[test]
fn it_fails_only_if_a_ref_fails() {
    let repo = Sandbox::new("versions");
    assert!(
        repo.run(&["rehearse", "main", "old"])
            .ends_with("--- exit 0")
    );
    assert!(repo.run(&["rehearse", "broken"]).ends_with("--- exit 1"));
    // Nothing is asked of what lies at the target already.
    assert!(
        repo.run(&["rehearse", "--to", "4", "broken"])
            .ends_with("--- exit 0")
    );
}

#[test]
fn all_includes_refs_that_are_neither_branch_nor_tag_and_several_repositories_are_one_table() {
    let (one, two) = (Sandbox::new("versions"), Sandbox::new("versions"));
    let two = two.path().to_str().unwrap();
    let text = one.run(&["rehearse", "--all", "--list", "--also-repo", two]);
    assert_eq!(text.matches("refs/pull/1/head").count(), 2, "{text}");
    assert_eq!(
        text.matches(two).count(),
        text.matches("REPO refs/").count(),
        "{text}"
    );
    assert!(text.contains("26 refs with 28 projects: "), "{text}");
}

#[test]
fn json_is_a_line_per_ref_and_base_path_and_a_last_one() {
    let repo = Sandbox::new("versions");
    let text = repo.pretty(&["rehearse", "old", "several", "broken", "future"]);
    let text = text.replace(&repo.path().display().to_string(), "REPO");
    insta::assert_snapshot!(text, @"");
}

#[test]
fn numbers_agree_with_preview() {
    let repo = Sandbox::new("versions");
    for name in ["old", "feature/teams"] {
        let preview = repo.run(&["preview", "--stat", name]);
        let rehearsed = repo.run(&["rehearse", name]);
        let last = |text: &str, end: &str| {
            let line = text.lines().find(|line| line.ends_with(end)).unwrap();
            line.rsplit_once("would change, ").unwrap().1.to_owned()
        };
        let preview = preview
            .lines()
            .find(|line| line.contains(" would change, "));
        let rehearsed = rehearsed
            .lines()
            .find(|line| line.contains(" would change, "));
        let changed = |line: Option<&str>| last(line.unwrap(), "removed");
        assert_eq!(changed(preview), changed(rehearsed), "{name}");
    }
}
