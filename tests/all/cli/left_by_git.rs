//! What Git's own merge leaves behind across steps that rename the marker, change documents or remove kinds.

use insta::assert_snapshot;

use crate::support::Sandbox;

/// `main` at version 5, where the marker is `v.ocl` and there is no kind `b` any more, and `f`, which comes from version 1; with
/// the driver.
struct Merging {
    repo: Sandbox,
}

const SET_UP: &str = r#"mkdir -p .git/c .f/a .f/b; cd .git/c
cat > catalog.hcl <<'END'
catalog "t" { base_path = ".f" }
marker {
  path         = "v.ocl"
  attribute    = "version"
  legacy_paths = ["schema_version.ocl"]
}
document "a" { path = "a/*.ocl" }
document "b" { path = "b/*.ocl" }
END
step() { mkdir "$1"; printf 'description = "A step"\ndocument = "%s"\n%s\n' "$2" "$3" > "$1/step.hcl"; }
step 0001_a a 'import {}'
step 0001_b b 'import {}'
step 0002_k a 'modify { rename = { k = "k2" } }'
step 0003_marker schema_version 'rename { from = "schema_version.ocl" }'
step 0004_k a 'modify { rename = { k2 = "k4" } }'
step 0005_b b 'remove {}'
cd ../..
echo 'version = 1' > .f/schema_version.ocl
for name in x y; do printf 'k = 1\nz = 1\nname = "%s"\n' $name > .f/a/$name.ocl; done
git add -A; git commit -qm Begin; git branch f; ocl-migrate upgrade main -m Up 2>/dev/null >/dev/null; ocl-migrate merge-driver --install >/dev/null
"#;

impl Merging {
    /// What the branch `f` does.
    fn new(on_f: &str) -> Merging {
        let repo = Sandbox::empty();
        let merging = Merging { repo };
        merging.run(SET_UP);
        merging.run(&format!(
            "git switch -q f; {on_f}; git add -A; git commit -q --allow-empty -m f; git switch -q main"
        ));
        merging
    }

    fn try_run(&self, script: &str) -> (String, i32) {
        self.repo.script(&self.repo.path().join(".git/c"), script)
    }

    #[track_caller]
    fn run(&self, script: &str) -> String {
        let (text, code) = self.try_run(script);
        assert_eq!(code, 0, "{script}\n{text}");
        text
    }

    #[track_caller]
    fn refused(&self, script: &str) -> String {
        let (text, code) = self.try_run(script);
        assert_ne!(code, 0, "{script}\n{text}");
        text
    }
}

/// The older side got to a version at which the marker still lies at its old path.
const AT_2: &str = "ocl-migrate commit f --to 2 -m Two --set 'a/x z=5' >/dev/null; printf 'k2 = 9\\n' > .f/a/n.ocl";

#[test]
fn a_marker_that_a_step_has_renamed_is_not_kept_twice() {
    let merging = Merging::new(AT_2);
    let text = merging.refused("git merge -q -m Merge f");
    assert!(
        text.contains("CONFLICT (modify/delete): .f/schema_version.ocl"),
        "{text}"
    );
    assert_snapshot!(merging.refused("ocl-migrate resolve"), @"
    .f/schema_version.ocl: 0 places settled, 1 open
        the marker is .f/v.ocl at version 5, and this one is out of date: --stage removes it
    ");
    // Whoever keeps it nevertheless can't commit that.
    let text = merging.refused("git add .f/schema_version.ocl; git commit -q -m Merge");
    assert!(text.contains("the version is stated twice"), "{text}");
    let remove = "hint: remove the one that is out of date, then commit again: git rm .f/v.ocl, or git rm .f/schema_version.ocl\n";
    assert!(text.contains(remove), "{text}");
    merging.run("git merge --abort; git merge -q -m Merge f || true");
    let text = merging.run("ocl-migrate --format json resolve --stage; git commit -q -m Merge; git ls-files .f; git status --porcelain; git show main:.f/a/n.ocl");
    assert_snapshot!(text, @r#"
    {"format_version":1,"path":".f/schema_version.ocl","settled":1,"open":[],"lifted":false,"staged":true,"removed":true}
    {"format_version":1,"path":".f/a/n.ocl","settled":0,"open":[],"lifted":true,"staged":true}
    .f/a/n.ocl
    .f/a/x.ocl
    .f/a/y.ocl
    .f/v.ocl
    k4 = 9
    "#);
    let text = merging.run("git show main:.f/a/x.ocl; ocl-migrate doctor --merges");
    assert!(text.starts_with("k4 = 1\nz = 5\n"), "{text}");
    assert!(
        text.contains("1 merge looked at: nothing is wrong\n"),
        "{text}"
    );
}

#[test]
fn the_marker_of_the_higher_version_stays_whichever_side_has_it() {
    let merging = Merging::new("ocl-migrate downgrade f --to 1 -m x 2>/dev/null || true");
    // From version 4 on, one side goes back to 2 and the other one up to 5.
    merging.run(
        "git switch -q --detach; git branch -f f main; ocl-migrate downgrade f --to 4 -m Four >/dev/null; git branch -f low f
        ocl-migrate downgrade low --to 2 -m Two >/dev/null; ocl-migrate upgrade f -m Five >/dev/null; git switch -q low",
    );
    let text = merging.refused("git merge -q -m Merge f");
    assert!(
        text.contains("CONFLICT (modify/delete): .f/v.ocl"),
        "{text}"
    );
    let text = merging.refused("ocl-migrate resolve --stage");
    let expected = "    this marker states version 5, and .f/schema_version.ocl is out of date: `git add` this one, and `git rm` that one\n";
    assert!(text.contains(expected), "{text}");
    merging.run("git add .f/v.ocl; git rm -q .f/schema_version.ocl; ocl-migrate resolve --stage; git commit -q -m Merge");
    assert_eq!(
        merging.run("git ls-files .f"),
        ".f/a/x.ocl\n.f/a/y.ocl\n.f/v.ocl\n"
    );
}

#[test]
fn a_merge_whose_version_can_not_be_read_is_not_committed() {
    let broken = [
        (
            "echo 'version = x' > .f/v.ocl; git add .f/v.ocl",
            "the version can't be read",
        ),
        ("git rm -qf .f/v.ocl", "as there is no marker"),
        (
            "echo 'version = 5' > .f/schema_version.ocl; git add .f/schema_version.ocl",
            "stated twice",
        ),
    ];
    for (breaking, why) in broken {
        let merging = Merging::new("sed -i s/1/2/ .f/a/y.ocl");
        merging.run("git merge -q --no-commit f || true; ocl-migrate resolve --stage");
        merging.run("ocl-migrate merge-driver --check");
        merging.run(breaking);
        let text = merging.refused("git commit -q -m Merge");
        assert!(text.contains(why), "{text}");
        assert!(text.contains("then commit again: git "), "{text}");
        // Where nobody asked, it is named as not looked at.
        merging.run("git commit -q --no-verify -m Merge");
        let (text, _) = merging.try_run("ocl-migrate doctor --merges");
        assert!(text.contains(".f: not looked at: "), "{text}");
        let rest = " other commits and 1 merge looked at: nothing is wrong; of 1 commit not all could be looked at\n";
        assert!(text.contains(rest), "{text}");
    }
}

#[test]
fn what_only_the_migration_changed_stays_removed() {
    let merging = Merging::new("git rm -q .f/a/x.ocl");
    let text = merging.refused("git merge -q -m Merge f");
    assert!(
        text.contains("CONFLICT (modify/delete): .f/a/x.ocl"),
        "{text}"
    );
    assert_snapshot!(merging.refused("ocl-migrate resolve"), @"
    .f/a/x.ocl: 0 places settled, 1 open
        theirs removed or renamed it, and of ours only the migration to version 5 changed it: --stage removes it
    ");
    assert_snapshot!(merging.run("ocl-migrate resolve --stage; git commit -q -m Merge; git ls-files .f; git status --porcelain"), @"
    .f/a/x.ocl: theirs removed or renamed it, and of ours only the migration to version 5 changed it: removed, staged
    .f/a/y.ocl
    .f/v.ocl
    ");
    // The other way round.
    let merging = Merging::new("git rm -q .f/a/x.ocl");
    merging.refused("git switch -q f; git merge -q -m Merge main");
    merging.run("ocl-migrate resolve --stage; git commit -q -m Merge");
    assert_eq!(merging.run("git ls-files .f"), ".f/a/y.ocl\n.f/v.ocl\n");
    // What somebody changed is for somebody to settle.
    let merging = Merging::new("git rm -q .f/a/x.ocl");
    merging.run("sed -i s/1/7/ .f/a/x.ocl; git commit -qam Seven");
    merging.refused("git merge -q -m Merge f");
    let text = merging.refused("ocl-migrate resolve --stage");
    assert!(
        text.contains("ours changed it, and theirs removed or renamed it: keep it with `git add`"),
        "{text}"
    );
}

#[test]
fn a_document_of_a_removed_kind_is_removed_by_git() {
    let merging = Merging::new("mkdir -p .f/b; echo 'k = 1' > .f/b/new.ocl");
    let text = merging.refused("git merge -q -m Merge f");
    assert!(text.contains("version 5 has no place for it"), "{text}");
    assert!(
        text.contains("hint: remove what that version has no place for: git rm .f/b/new.ocl\n"),
        "{text}"
    );
    assert!(!text.contains("resolve --stage"), "{text}");
    let text = merging.refused("ocl-migrate resolve --stage");
    assert!(text.contains("remove it with `git rm`\n"), "{text}");
    merging.run("git rm -qf .f/b/new.ocl; git commit -q -m Merge; ocl-migrate doctor");
}

/// `main` at version 2, where flags lie elsewhere and look so different that Git sees no rename, and `f` at version 1.
const MOVED: &str = r#"mkdir -p .git/c .f/toggles; cd .git/c
printf 'catalog "t" { base_path = ".f" }\ndocument "flag" { path = "flags/*.ocl" }\n' > catalog.hcl
step() { mkdir "$1"; printf 'description = "A step"\ndocument = "flag"\n%s\n' "$2" > "$1/step.hcl"; }
step 0001_a 'import {}'
step 0002_b 'rename { from = "toggles/*.ocl" }'
step 0003_c 'modify { default = { a1 = 1, b2 = "x", c3 = "y" } }'
cd ../..
echo 'version = 1' > .f/schema_version.ocl
printf 'name = "A"\n' > .f/toggles/a.ocl
git add -A; git commit -qm Begin; git branch f; ocl-migrate upgrade main -m Up 2>/dev/null >/dev/null; ocl-migrate merge-driver --install >/dev/null
git switch -q f; printf 'name = "B"\n' > .f/toggles/a.ocl; git commit -qam B; git switch -q main
"#;

#[test]
fn a_document_that_a_step_has_moved_is_named_where_it_is() {
    let repo = Sandbox::empty();
    let merging = Merging { repo };
    merging.run(MOVED);
    let text = merging.refused("git merge -q -m Merge f");
    assert!(
        text.contains("CONFLICT (modify/delete): .f/toggles/a.ocl"),
        "{text}"
    );
    assert_snapshot!(merging.refused("ocl-migrate resolve --stage"), @r#"
    .f/toggles/a.ocl: 0 places settled, 1 open
        theirs changed it, and ours has it as .f/flags/a.ocl: bring the change into that one, and `git rm` this one
    "#);
    // Kept nevertheless, it is in nobody's way to the mend.
    let text = merging.refused("git add -A; git commit -q -m Merge");
    assert!(text.contains(".f/flags/a.ocl is there as well"), "{text}");
    assert!(!text.contains("hint: bring them"), "{text}");
    merging.run(
        "sed -i 's/\"A\"/\"B\"/' .f/flags/a.ocl; git rm -q -f .f/toggles/a.ocl; git add -A; git commit -q -m Merge",
    );
    let text = merging.run("ocl-migrate doctor --merges");
    assert!(text.contains("nothing is wrong"), "{text}");
}

/// The names under which flags lie in the end, with their texts.
const FLAGS: &str =
    "git commit -q -m Merge; git status --porcelain; git ls-files .f; head -n 1 .f/*/*.ocl";

#[test]
fn a_document_that_theirs_renamed_and_the_migration_moved_has_one_name_in_the_end() {
    // Git sees a rename here and a removal there.
    let renamed = "git switch -q f; git reset -q --hard HEAD~1; git mv .f/toggles/a.ocl .f/toggles/b.ocl; git commit -qm b; git switch -q main";
    let begin = || {
        let merging = Merging {
            repo: Sandbox::empty(),
        };
        merging.run(MOVED);
        merging.run(renamed);
        merging
    };
    let merging = begin();
    let text = merging.refused("git merge -q -m Merge f");
    assert!(text.contains("CONFLICT (rename/delete)"), "{text}");
    assert_snapshot!(merging.refused("ocl-migrate resolve"), @"
    .f/toggles/b.ocl: 0 places settled, 1 open
        theirs renamed .f/toggles/a.ocl to .f/toggles/b.ocl, and ours has it as .f/flags/a.ocl, where a step moved it: for the new name, `git add .f/toggles/b.ocl && git rm .f/flags/a.ocl`; for the old one, `git add .f/flags/a.ocl && git rm .f/toggles/b.ocl`
    ");
    let take = "git add .f/toggles/b.ocl && git rm -q .f/flags/a.ocl; ocl-migrate resolve --stage";
    assert_snapshot!(merging.run(&format!("{take}; {FLAGS}")), @r#"
    .f/toggles/b.ocl -> .f/flags/b.ocl: from version 1 to 3, staged
    .f/flags/b.ocl
    .f/schema_version.ocl
    name = "A"
    "#);
    let merging = begin();
    merging.refused("git merge -q -m Merge f");
    let keep = "git add .f/flags/a.ocl && git rm -q .f/toggles/b.ocl; ocl-migrate resolve --stage";
    assert_snapshot!(merging.run(&format!("{keep}; {FLAGS}")), @r#"
    .f/flags/a.ocl
    .f/schema_version.ocl
    name = "A"
    "#);
    // The other way round, and with a change that would be lost with the old name.
    let merging = begin();
    merging.run("sed -i s/A/C/ .f/flags/a.ocl; git commit -qam C; git switch -q f");
    merging.refused("git merge -q -m Merge main");
    assert_snapshot!(merging.refused("ocl-migrate resolve"), @"
    .f/toggles/b.ocl: 0 places settled, 1 open
        ours renamed .f/toggles/a.ocl to .f/toggles/b.ocl, and theirs has it as .f/flags/a.ocl, where a step moved it: for the new name, bring what theirs changed into .f/toggles/b.ocl, then `git add .f/toggles/b.ocl && git rm .f/flags/a.ocl`; for the old one, `git add .f/flags/a.ocl && git rm .f/toggles/b.ocl`
    ");
}

#[test]
fn a_document_that_git_has_as_renamed_on_both_sides_has_one_name_in_the_end() {
    let begin = || {
        let merging = Merging {
            repo: Sandbox::empty(),
        };
        let long = r#"printf 'name = "A"\nl1 = 1\nl2 = 2\nl3 = 3\nl4 = 4\nl5 = 5\nl6 = 6\n' > .f"#;
        merging.run(&MOVED.replacen(r#"printf 'name = "A"\n' > .f"#, long, 1));
        merging.run(
            "git switch -q f; git reset -q --hard HEAD~1; git mv .f/toggles/a.ocl .f/toggles/b.ocl
            sed -i s/A/B/ .f/toggles/b.ocl; git commit -qam b; git switch -q main",
        );
        let text = merging.refused("git merge -q -m Merge f");
        assert!(text.contains("CONFLICT (rename/rename)"), "{text}");
        merging
    };
    let merging = begin();
    assert_snapshot!(merging.refused("ocl-migrate resolve"), @"
    .f/flags/a.ocl: 0 places settled, 1 open
        theirs renamed .f/toggles/a.ocl to .f/flags/b.ocl, and ours has it as .f/flags/a.ocl, where a step moved it: for the new name, `git add .f/flags/b.ocl && git rm .f/flags/a.ocl`; for the old one, `git add .f/flags/a.ocl && git rm .f/flags/b.ocl`
    .f/flags/b.ocl: 0 places settled, 1 open
        theirs renamed .f/toggles/a.ocl to .f/flags/b.ocl, and ours has it as .f/flags/a.ocl, where a step moved it: for the new name, `git add .f/flags/b.ocl && git rm .f/flags/a.ocl`; for the old one, `git add .f/flags/a.ocl && git rm .f/flags/b.ocl`
    .f/toggles/a.ocl: 0 places settled, 1 open
        both sides removed or renamed it: confirm that with `git rm`
    ");
    let take = "git add .f/flags/b.ocl && git rm -q .f/flags/a.ocl; git rm -q .f/toggles/a.ocl";
    assert_snapshot!(merging.run(&format!("{take}; {FLAGS}")), @r#"
    .f/flags/b.ocl
    .f/schema_version.ocl
    name = "B"
    "#);
    let merging = begin();
    let keep = "git add .f/flags/a.ocl && git rm -q .f/flags/b.ocl; git rm -q .f/toggles/a.ocl";
    assert_snapshot!(merging.run(&format!("{keep}; {FLAGS}")), @r#"
    .f/flags/a.ocl
    .f/schema_version.ocl
    name = "B"
    "#);
}

#[test]
fn a_marker_that_git_merged_by_itself_leads_to_a_merge_that_knows_versions() {
    let merging = Merging::new("true");
    merging.run(
        "rm .git/info/attributes; git switch -q f; ocl-migrate upgrade f --to 3 -m 3 >/dev/null; git branch g
        ocl-migrate upgrade f -m 5 >/dev/null; git switch -q g; ocl-migrate upgrade g --to 4 -m 4 >/dev/null",
    );
    merging.refused("git merge -q -m Merge f");
    assert_snapshot!(merging.refused("ocl-migrate resolve"), @r#"
    .f/v.ocl: 0 places settled, 1 open
        the sides are at versions 4 and 5, so their documents have two shapes: `git merge --abort`, then `ocl-migrate --catalog REPO/.git/c merge` it, or `ocl-migrate --catalog REPO/.git/c merge-driver --install` and merge again
    "#);
}
