//! Git's own commands, with the driver that `--install` sets up.

use crate::support::{Sandbox, project, scratch};

/// A repository whose branch `old` is at version 5 and `new` at version 6, both from `main` at version 3, with the driver.
struct Merging {
    repo: Sandbox,
}

const FIZZ: &str = "colour = \"red\"\n\nsize {\n    width = 100\n    height = 50\n}\n";

impl Merging {
    fn new() -> Merging {
        let merging = Merging::without_driver();
        merging.run("ocl-migrate merge-driver --install");
        merging
    }

    fn without_driver() -> Merging {
        let repo = Sandbox::empty();
        let merging = Merging { repo };
        merging.write(3, FIZZ);
        merging.run("git add -A; git commit -q -m Begin");
        merging
    }

    /// Writes the document and the marker.
    fn write(&self, version: u32, fizz: &str) {
        let folder = self.repo.path().join(".config");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("fizz.ocl"), fizz).unwrap();
        std::fs::write(
            folder.join("schema_version.ocl"),
            format!("version = {version}"),
        )
        .unwrap();
    }

    /// Commits on a branch that begins at `main`.
    fn branch(&self, name: &str, version: u32, fizz: &str) {
        self.run(&format!("git checkout -q -b {name} main"));
        self.write(version, fizz);
        self.run(&format!("git add -A; git commit -q -m 'Change {name}'"));
    }

    /// Runs a script: both streams, and how it ends.
    fn try_run(&self, script: &str) -> (String, i32) {
        self.repo
            .script(&project().join("fixtures/catalogs/fizz"), script)
    }

    #[track_caller]
    fn run(&self, script: &str) -> String {
        let (text, code) = self.try_run(script);
        assert_eq!(code, 0, "{script}\n{text}");
        text
    }

    fn file(&self, path: &str) -> String {
        std::fs::read_to_string(self.repo.path().join(path)).unwrap()
    }

    fn fizz(&self) -> String {
        self.file(".config/fizz.ocl")
    }

    /// Both sides changed something else, at different versions; and what must come out.
    fn apart(&self) -> String {
        self.branch("old", 3, &FIZZ.replace("100", "200"));
        let new = "color = \"blue\"\n\nsize {\n    width = \"100px\"\n    height = 50\n}\n";
        self.branch("new", 6, new);
        new.replace("100px", "200px")
    }
}

#[test]
fn git_merges_branches_that_are_versions_apart() {
    for (ours, theirs) in [("old", "new"), ("new", "old")] {
        let merging = Merging::new();
        let expected = merging.apart();
        merging.run(&format!(
            "git checkout -q {ours}; git merge -q -m Merge {theirs}"
        ));
        assert_eq!(merging.fizz(), expected, "{ours}");
        assert_eq!(merging.file(".config/schema_version.ocl"), "version = 6");
        assert_eq!(merging.run("git status --porcelain"), "");
    }
}

#[test]
fn git_rebases_and_picks_over_versions() {
    let merging = Merging::new();
    let expected = merging.apart();
    merging.run("git checkout -q -b picked new; git cherry-pick old");
    assert_eq!(merging.fizz(), expected);
    merging.run("git checkout -q -b squashed new; git merge -q --squash old");
    assert_eq!(merging.fizz(), expected);
    merging.run("git reset -q --hard; git checkout -q -b rebased old; git rebase -q new");
    assert_eq!(merging.fizz(), expected);
    assert_eq!(merging.file(".config/schema_version.ocl"), "version = 6");
    let tree = merging.run("git merge-tree --write-tree new old");
    let shown = merging.run(&format!(
        "git show {}:.config/fizz.ocl",
        tree.lines().next().unwrap()
    ));
    assert_eq!(shown, expected);
}

#[test]
fn an_error_as_json_has_the_code_that_git_gets() {
    let merging = Merging::new();
    let (told, code) = merging.try_run(
        "cp .config/fizz.ocl b; ocl-migrate --format json merge-driver b b b .config/fizz.ocl",
    );
    assert_eq!(code, 129, "{told}");
    assert!(told.contains("\"code\":\"merge-unknown\""), "{told}");
    assert!(told.contains("\"exit_code\":129"), "{told}");
}

#[test]
fn a_stash_is_applied_where_its_version_is_certain() {
    let merging = Merging::new();
    let expected = merging.apart();
    merging.run("git checkout -q main");
    merging.write(3, &FIZZ.replace("100", "200"));
    merging.run("git stash -q; git checkout -q new; git stash pop");
    assert_eq!(merging.fizz(), expected);
    assert_eq!(merging.run("git stash list"), "");
}

#[test]
fn what_both_changed_is_left_between_markers_around_the_value() {
    let merging = Merging::new();
    merging.branch(
        "old",
        3,
        &FIZZ.replace("100", "200").replace("red", "green"),
    );
    let new = "color = \"red\"\n\nsize {\n    width = \"300px\"\n    height = 60\n}\n";
    merging.branch("new", 6, new);
    let (told, code) = merging.try_run("git checkout -q old; git merge -m Merge new");
    assert_eq!(code, 1, "{told}");
    insta::assert_snapshot!("conflict", merging.fizz().replace('\t', " -> "));
    assert!(told.contains("both-changed size.width"), "{told}");
    assert_eq!(merging.file(".config/schema_version.ocl"), "version = 6");
    // Nobody commits the markers.
    let (told, code) = merging.try_run("git commit -q -a -m Merge");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("conflict markers"), "{told}");
    let told = merging.run("ocl-migrate resolve --theirs size.width --stage");
    assert!(told.contains(".config/fizz.ocl"), "{told}");
    merging.run("git commit -q -m Merge");
    assert_eq!(merging.fizz(), new.replace("red", "green"));
}

#[test]
fn a_file_that_only_one_side_has_is_not_committed_in_its_old_shape() {
    let merging = Merging::new();
    merging.run("git checkout -q -b old; mkdir .config/teams; printf 'name = \"Red\"\\nmembers = [\"ann\"]\\n' > .config/teams/red.ocl");
    merging.write(
        5,
        "color = \"red\"\n\nsize {\n    width = \"100px\"\n    height = 50\n}\n",
    );
    merging.run("git add -A; git commit -q -m Red");
    let new = "color = \"blue\"\n\nsize {\n    width = \"100px\"\n    height = 50\n}\n";
    merging.branch("new", 6, new);
    let (told, code) = merging.try_run("git merge -m Merge old");
    assert_eq!(code, 1, "{told}");
    insta::assert_snapshot!("only_one_side", told);
    merging.run("ocl-migrate resolve --stage; git commit -q -m Merge");
    assert_eq!(
        merging.file(".config/teams/red.ocl"),
        "name = \"Red\"\nlead = \"ann\"\nmembers = [\"ann\"]\n"
    );
    assert_eq!(merging.run("git rev-list --parents -1 HEAD | wc -w"), "3\n");
}

#[test]
fn what_cannot_be_told_stops_git() {
    let merging = Merging::new();
    merging.apart();
    // Git has no commit for what a patch was made from.
    let (told, code) = merging.try_run(
        "git format-patch -q -1 old -o patches; git checkout -q new; git am -q -3 patches/*.patch",
    );
    assert_ne!(code, 0);
    assert!(told.contains("no commits are known by that"), "{told}");
    assert!(
        merging.fizz().starts_with("color = \"blue\""),
        "{}",
        merging.fizz()
    );
    let files = "printf '' > a; printf '' > b; printf '' > c";
    let (told, code) = merging.try_run(&format!(
        "{files}; ocl-migrate merge-driver a b c .config/fizz.ocl"
    ));
    assert_eq!(code, 129, "{told}");
}

#[test]
fn installing_twice_is_installing_once_and_uninstalling_leaves_nothing() {
    let merging = Merging::without_driver();
    merging.run("printf '#!/bin/sh\\nexit 0' > .git/hooks/pre-commit; printf '*.md text\\n' > .git/info/attributes");
    let files = "cat .git/config .git/info/attributes; for hook in pre-commit pre-merge-commit; do \
                 test ! -e .git/hooks/$hook || cat .git/hooks/$hook; done";
    let before = merging.run(files);
    merging.run("chmod +x .git/hooks/pre-commit");
    let told = merging.run("ocl-migrate merge-driver --install");
    insta::assert_snapshot!("installed", told);
    let once = merging.run(files);
    insta::assert_snapshot!("installed_files", once.split("[merge").nth(1).unwrap());
    merging.run("ocl-migrate merge-driver --install");
    assert_eq!(merging.run(files), once);
    merging.run("test -x .git/hooks/pre-commit; ocl-migrate merge-driver --uninstall; test -x .git/hooks/pre-commit");
    assert_eq!(merging.run(files), before);
    // For everybody who clones it.
    merging.run("ocl-migrate merge-driver --install --gitattributes");
    assert!(
        merging
            .file(".gitattributes")
            .contains("/.config/**/*.ocl merge=ocl-migrate")
    );
    merging.run("ocl-migrate merge-driver --uninstall; test ! -e .gitattributes");
}

#[test]
fn a_project_at_the_top_is_merged_and_checked() {
    let merging = Merging::without_driver();
    merging.run(
        "git mv .config/* .; mkdir docs; echo 1 > docs/notes.md; git add -A; git commit -q -m Top",
    );
    merging.run("ocl-migrate --base-path . merge-driver --install");
    merging.run("git checkout -q -b old; sed -i s/100/200/ fizz.ocl; git commit -q -a -m Old");
    merging.run("git checkout -q -b new main; echo 'version = 6' > schema_version.ocl; echo 2 > docs/notes.md");
    merging.run("sed -i 's/colour = \"red\"/color = \"blue\"/; s/100/\"100px\"/' fizz.ocl; git commit -q -a -m New");
    merging.run("git merge -q -m Merge old");
    assert_eq!(
        merging.file("fizz.ocl"),
        "color = \"blue\"\n\nsize {\n    width = \"200px\"\n    height = 50\n}\n"
    );
    // Markers that were staged are told by their paths.
    merging
        .run("git checkout -q -b other old; sed -i s/200/300/ fizz.ocl; git commit -q -a -m Other");
    merging.run("git checkout -q new; sed -i s/200px/250px/ fizz.ocl; git commit -q -a -m Wider; ! git merge -q -m Merge other; git add fizz.ocl");
    let (told, code) = merging.try_run("git commit -q -m Merge");
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("error: fizz.ocl: there are conflict markers in it"),
        "{told}"
    );
    // What no document is isn't looked into.
    merging.run("git checkout -q HEAD fizz.ocl; mkdir -p teams/old; for file in docs/notes.md notes.ocl teams/old/x.ocl; do printf '<<<<<<< a\\n=======\\n>>>>>>> b\\n' > $file; done; git add -A");
    merging.run("git commit -q -m Merge");
}

#[test]
fn a_base_path_is_no_pattern() {
    let merging = Merging::without_driver();
    merging.run("git mv .config 'a[b]*'; git commit -q -m Move");
    merging.run("ocl-migrate --base-path 'a[b]*' merge-driver --install");
    let of = |path: &str| merging.run(&format!("git check-attr merge -- '{path}'"));
    assert!(of("a[b]*/fizz.ocl").ends_with("merge: ocl-migrate\n"));
    assert!(of("a[b]*/teams/blue.ocl").ends_with("merge: ocl-migrate\n"));
    assert!(of("abx/fizz.ocl").ends_with("merge: unspecified\n"));
    merging.run("ocl-migrate merge-driver --uninstall; test ! -e .git/info/attributes");
}

#[test]
fn hooks_of_others_are_left_alone() {
    let merging = Merging::without_driver();
    merging.run("printf '#!/usr/bin/python3\\n' > .git/hooks/pre-commit");
    let (told, code) = merging.try_run("ocl-migrate merge-driver --install");
    assert_eq!(code, 1);
    assert!(told.contains("this hook is no shell script"), "{told}");
    assert!(!merging.file(".git/config").contains("driver"));
    // Once it does what it was asked to.
    let hook = "#!/usr/bin/python3\n# ocl-migrate merge-driver --check\n";
    let path = merging.repo.path().join(".git/hooks/pre-commit");
    std::fs::write(&path, hook).unwrap();
    merging.run("chmod +x .git/hooks/pre-commit; ocl-migrate merge-driver --install");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), hook);
    assert!(merging.file(".git/config").contains("driver"));
    merging.run("ocl-migrate merge-driver --uninstall");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), hook);
    // A link, and one that is switched off: nothing is changed either.
    for (hook, why) in [
        ("ln -s ../../husky .git/hooks/pre-commit", "is a link"),
        (
            "printf '#!/bin/sh\\nexit 1\\n' > .git/hooks/pre-commit",
            "is switched off",
        ),
    ] {
        merging.run(&format!("rm -f .git/hooks/pre-commit; {hook}"));
        let before = merging.run("ls -l .git/hooks .git/info; cat .git/config");
        let (told, code) = merging.try_run("ocl-migrate merge-driver --install");
        assert_eq!(code, 1);
        assert!(
            told.contains(why) && told.contains("nothing was changed"),
            "{told}"
        );
        assert_eq!(
            merging.run("ls -l .git/hooks .git/info; cat .git/config"),
            before
        );
    }
    merging.run("rm .git/hooks/pre-commit; git config core.hooksPath .husky; ocl-migrate merge-driver --install");
    assert!(
        merging
            .file(".husky/pre-merge-commit")
            .contains("merge-driver --check")
    );
    let elsewhere = scratch::folder();
    merging.run(&format!(
        "git config core.hooksPath {}",
        elsewhere.path().display()
    ));
    let (told, code) = merging.try_run("ocl-migrate merge-driver --install");
    assert_eq!(code, 1);
    assert!(
        told.contains("core.hooksPath leads out of this repository"),
        "{told}"
    );
}

#[test]
fn files_that_no_kind_claims_are_merged_as_git_does() {
    let merging = Merging::new();
    merging.run("printf '1\n2\n3\n4\n5\n' > .config/notes.ocl; git add -A; git commit -q -m Notes");
    merging
        .run("git checkout -q -b one; sed -i s/1/one/ .config/notes.ocl; git commit -q -a -m One");
    merging.run("git checkout -q -b five main; sed -i s/5/five/ .config/notes.ocl; git commit -q -a -m Five");
    merging.run("git merge -q -m Merge one");
    assert_eq!(merging.file(".config/notes.ocl"), "one\n2\n3\n4\nfive\n");
    merging.run(
        "git checkout -q -b uno main; sed -i s/1/uno/ .config/notes.ocl; git commit -q -a -m Uno",
    );
    let (told, code) = merging.try_run("git merge -q -m Merge one");
    assert_eq!(code, 1, "{told}");
    assert!(
        merging
            .file(".config/notes.ocl")
            .starts_with("<<<<<<< HEAD\nuno\n")
    );
    // Listing leaves the markers as Git wrote them.
    let before = merging.file(".config/notes.ocl");
    let (told, code) = merging.try_run("ocl-migrate resolve");
    assert_eq!(code, 1, "{told}");
    assert_eq!(merging.file(".config/notes.ocl"), before);
}

#[test]
fn a_document_that_git_sees_renamed_is_merged_under_its_new_name() {
    let merging = Merging::new();
    let red = "name = \"Red\"\nlead = \"ann\"\nmembers = [\"ann\", \"bob\", \"cid\"]\n";
    merging.write(5, "color = \"red\"\n");
    std::fs::create_dir_all(merging.repo.path().join(".config/teams")).unwrap();
    std::fs::write(merging.repo.path().join(".config/teams/red.ocl"), red).unwrap();
    merging.run("git add -A; git commit -q -m Red; git checkout -q -b renamed; git mv .config/teams/red.ocl .config/teams/crimson.ocl");
    merging.run("sed -i 's/\"Red\"/\"Crimson\"/' .config/teams/crimson.ocl; git commit -q -a -m Crimson; git checkout -q main");
    merging.run("sed -i 's/lead = \"ann\"/lead = \"bob\"/' .config/teams/red.ocl; git commit -q -a -m Lead; git merge -q -m Merge renamed");
    assert_eq!(
        merging.file(".config/teams/crimson.ocl"),
        red.replace("\"Red\"", "\"Crimson\"")
            .replace("lead = \"ann\"", "lead = \"bob\"")
    );
}

#[test]
fn branches_that_were_merged_into_each_other_are_merged_where_the_base_is_certain() {
    let merging = Merging::new();
    merging.branch("a", 3, &FIZZ.replace("100", "200"));
    merging.branch("b", 3, &FIZZ.replace("50", "60"));
    merging.run("git tag a1 a; git tag b1 b; git checkout -q a; git merge -q -m Merge b1; git checkout -q b; git merge -q -m Merge a1");
    merging
        .run("git checkout -q a; sed -i s/red/green/ .config/fizz.ocl; git commit -q -a -m Green");
    merging.run("git checkout -q b; sed -i s/200/300/ .config/fizz.ocl; git commit -q -a -m Wide");
    // The base is what Git made of two: no commit has it.
    let (told, code) = merging.try_run("git merge -m Merge a");
    assert_ne!(code, 0);
    assert!(told.contains("no commits are known by that"), "{told}");
    assert_eq!(
        merging.run("git status --porcelain --untracked-files=no"),
        ""
    );
}

#[test]
fn what_is_open_is_told_as_json_and_settled_for_the_base() {
    let merging = Merging::new();
    merging.branch("old", 3, &FIZZ.replace("100", "200"));
    merging.branch("new", 3, &FIZZ.replace("100", "300").replace("50", "60"));
    let (_, code) = merging.try_run("git merge -q -m Merge old");
    assert_eq!(code, 1);
    let (told, code) = merging.try_run("ocl-migrate --format json resolve");
    assert_eq!(code, 1);
    assert_eq!(
        told,
        "{\"format_version\":1,\"path\":\".config/fizz.ocl\",\"settled\":0,\"open\":[\"both-changed size.width\"],\"lifted\":false,\"staged\":false}\n"
    );
    let (told, code) = merging.try_run("ocl-migrate resolve --ours size.height");
    assert_eq!(code, 1);
    assert!(told.contains("nothing is open at size.height"), "{told}");
    let (told, _) = merging.try_run("ocl-migrate --format json resolve --ours size.height");
    assert!(told.contains("\"code\":\"no-conflict\""), "{told}");
    merging.run("ocl-migrate resolve --base '**' --stage; git commit -q -m Merge");
    assert_eq!(merging.fizz(), FIZZ.replace("50", "60"));
}

/// As `merge` takes them: what lies below counts, and the longer address counts more.
#[test]
fn what_is_open_is_settled_by_any_selector() {
    let of = |colour: &str, width: &str| FIZZ.replace("red", colour).replace("100", width);
    let settled = |settle: &str| {
        let merging = Merging::new();
        merging.branch("old", 3, &of("blue", "200"));
        merging.branch("new", 3, &of("green", "300"));
        let (_, code) = merging.try_run("git merge -q -m Merge old");
        assert_eq!(code, 1);
        let (told, code) = merging.try_run(&format!("ocl-migrate resolve --stage {settle}"));
        (merging.fizz(), told, code)
    };
    for (settle, colour, width) in [
        ("--theirs size --ours colour", "green", "200"),
        ("--theirs '*' --ours size.width", "blue", "300"),
        ("--base '**' --theirs 'size.*'", "red", "200"),
        ("--ours '**.width' --theirs '*'", "blue", "300"),
    ] {
        let (text, told, code) = settled(settle);
        assert_eq!((text, code), (of(colour, width), 0), "{settle}: {told}");
    }
    for (settle, message) in [
        (
            "--ours 'size.*' --theirs '*.width'",
            "size.width: it is asked for from two sides",
        ),
        ("--ours 'box.*'", "nothing is open at box.*"),
    ] {
        let (text, told, code) = settled(settle);
        assert!(text.contains("<<<<<<<") && code != 0, "{settle}: {text}");
        assert!(told.contains(message), "{told}");
    }
}

#[test]
fn what_has_no_markers_is_open_until_git_is_told() {
    let merging = Merging::new();
    merging.run(
        "printf 'conf conflict-marker-size=12\n' > .gitattributes; echo a > conf; ln -s x link; printf 'a\\0' > bin; \
         echo a > dropped; echo a > kept; git add -A; git commit -q -m Files",
    );
    merging.run(
        "git checkout -q -b theirs; echo b > conf; ln -sfn y link; printf 'a\\0b' > bin; git rm -q dropped; echo b > kept; \
         git add -A; git commit -q -m Theirs",
    );
    merging.run(
        "git checkout -q main; echo c > conf; ln -sfn z link; printf 'a\\0c' > bin; git rm -q kept; echo c > dropped; \
         git add -A; git commit -q -m Ours",
    );
    let (told, code) = merging.try_run("git merge -q -m Merge theirs");
    assert_eq!(code, 1, "{told}");
    let state = "git ls-files --unmerged; git status --porcelain; cat conf bin dropped kept";
    let before = merging.run(state);
    for options in ["", "--theirs '**' --stage", "--stage"] {
        let (told, code) = merging.try_run(&format!("ocl-migrate resolve {options}"));
        assert_eq!(code, 1, "{options}: {told}");
        insta::allow_duplicates! {
            insta::assert_snapshot!("no_markers", told);
        }
        assert_eq!(merging.run(state), before, "{options}");
    }
    // From another folder, too.
    let (told, code) = merging.try_run("cd .config; ocl-migrate resolve ../link --stage");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("a symbolic link"), "{told}");
    merging.run("git checkout -q --theirs link bin; git add link bin; git rm -q dropped kept");
    merging.run("echo b > conf; ocl-migrate resolve --stage; git commit -q -m Merge");
    assert_eq!(
        merging.run("git status --porcelain; git show HEAD:conf"),
        "b\n"
    );
}

#[test]
fn a_name_that_is_left_twice_is_not_staged() {
    let merging = Merging::new();
    merging.branch("old", 3, &FIZZ.replace("100", "200"));
    merging.branch("new", 3, &FIZZ.replace("100", "300"));
    let (_, code) = merging.try_run("git merge -q -m Merge old");
    assert_eq!(code, 1);
    merging.write(3, "colour = \"red\"\ncolour = \"blue\"\n");
    let (told, code) = merging.try_run("ocl-migrate resolve --stage");
    assert_eq!(code, 1, "{told}");
    let expected = ".config/fizz.ocl: the attribute `colour` occurs twice: at line 1, column 1 and line 2, column 1";
    assert!(told.contains(expected), "{told}");
    let status = merging.run("git status --porcelain");
    assert_eq!(status, "UU .config/fizz.ocl\n");
}

#[test]
fn a_list_of_what_is_open_writes_nothing() {
    let merging = Merging::new();
    merging.run("git checkout -q -b old");
    let red = "name = \"Red\"\nmembers = [\"ann\"]\n";
    std::fs::create_dir_all(merging.repo.path().join(".config/teams")).unwrap();
    std::fs::write(merging.repo.path().join(".config/teams/red.ocl"), red).unwrap();
    merging.write(5, "color = \"red\"\n");
    merging.run("git add -A; git commit -q -m Red");
    merging.branch("new", 6, "color = \"red\"\n");
    let (told, code) = merging.try_run("git merge -q -m Merge old");
    assert_eq!(code, 1, "{told}");
    let (told, code) = merging.try_run("ocl-migrate resolve");
    let would = "would go from version 5 to 6";
    assert_eq!(
        (told, code),
        (format!(".config/teams/red.ocl: {would}\n"), 1)
    );
    let (told, code) = merging.try_run("ocl-migrate --format json resolve");
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains(&format!(
            "\"open\":[\"{would}\"],\"lifted\":false,\"staged\":false"
        )),
        "{told}"
    );
    assert_eq!(merging.file(".config/teams/red.ocl"), red);
    merging.run("ocl-migrate resolve --stage; git commit -q -m Merge");
    assert_ne!(merging.file(".config/teams/red.ocl"), red);
}

/// Slugs are made of names: a step added above another one can get its slug.
#[test]
fn a_slug_that_got_to_another_step_is_left_between_markers() {
    let step = |label: &str, more: &str| {
        format!(
            "step \"{label}\" {{{more}\n    action {{\n        action_type = \"Octopus.Script\"\n        v = \"1\"\n    }}\n}}\n\n"
        )
    };
    let base = step("Deploy web", "");
    let more = step("deploy web", "") + &base;
    for (ours, theirs) in [("old", "new"), ("new", "old")] {
        let repo = Sandbox::empty();
        let write = |version: u32, text: &str| {
            let folder = repo.path().join(".octopus");
            std::fs::create_dir_all(&folder).unwrap();
            let marker = format!("version = {version}\n");
            std::fs::write(folder.join("schema_version.ocl"), marker).unwrap();
            std::fs::write(folder.join("deployment_process.ocl"), text).unwrap();
        };
        let program = env!("CARGO_BIN_EXE_ocl-migrate");
        write(3, &base);
        repo.shell(&format!("git add -A; git commit -q -m Base; '{program}' merge-driver --install; git checkout -q -b old"));
        write(3, &more);
        repo.shell("git commit -q -a -m More; git checkout -q -b new main");
        let lifted = step("deploy-web", "\n    name = \"Deploy web\"\n");
        write(4, &lifted.replace("v = \"1\"", "v = \"2\""));
        repo.shell("git commit -q -a -m Edit");
        let told = repo.shell(&format!(
            "git checkout -q {ours}; git merge -m Merge {theirs} 2>&1 || true"
        ));
        assert!(told.contains("identity step[\"deploy-web\"]"), "{told}");
        assert!(
            repo.shell("cat .octopus/deployment_process.ocl")
                .contains("<<<<<<<")
        );
        assert_eq!(
            repo.shell("git diff --name-only --diff-filter=U"),
            ".octopus/deployment_process.ocl\n"
        );
    }
}

#[test]
fn a_document_that_a_step_moves_is_not_committed_where_the_older_side_has_it() {
    let merging = Merging::without_driver();
    let catalog = ".git/catalog";
    let step = |name: &str, text: &str| {
        let folder = merging.repo.path().join(catalog).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!("description = \"A step\"\ndocument = \"flag\"\n{text}\n");
        std::fs::write(folder.join("step.hcl"), text).unwrap();
    };
    step("0002_flags", "rename {\n  from = \"toggles/*.flag\"\n}");
    step(
        "0003_title",
        "modify {\n  rename = { name = \"title\" }\n  default = { a1 = 1, b2 = \"x\", c3 = \"y\" }\n}",
    );
    std::fs::write(
        merging.repo.path().join(catalog).join("catalog.hcl"),
        "catalog \"flags\" {\n  base_path = \".f\"\n}\n\ndocument \"flag\" {\n  path = \"flags/*.ocl\"\n}\n",
    )
    .unwrap();
    let script = |script: &str| {
        merging.try_run(&format!(
            "export OCL_MIGRATE_CATALOG=$PWD/{catalog}; {script}"
        ))
    };
    let (text, code) = script(
        "mkdir -p .f/toggles; echo 'version = 1' >.f/schema_version.ocl; echo 'name = \"A\"' >.f/toggles/a.flag
        git add -A; git commit -q -m Begin; git branch old; ocl-migrate upgrade main -m Up
        git switch -q old; echo 'name = \"C\"' >.f/toggles/c.flag; git add -A; git commit -q -m Add
        git switch -q main; ocl-migrate merge-driver --install",
    );
    assert_eq!(code, 0, "{text}");
    let (text, code) = script("git merge -m Merge old");
    assert_ne!(code, 0);
    insta::assert_snapshot!(text, @r#"
    error: .f/toggles/c.flag: it came as it is from 01ef914172, which is at version 1, and the merge's marker states version 3, where it belongs at .f/flags/c.ocl
    hint: bring them to the merge's version, then commit again: ocl-migrate --catalog REPO/.git/catalog resolve --stage && git commit
    Not committing merge; use 'git commit' to complete the merge.
    "#);
    let (text, code) = script(
        "ocl-migrate --format json resolve || true
        ocl-migrate resolve --stage; git commit -q -m Merge; git status --porcelain; ocl-migrate show main",
    );
    assert_eq!(code, 0, "{text}");
    insta::assert_snapshot!(text, @r#"
    {"format_version":1,"path":".f/toggles/c.flag","moved_to":".f/flags/c.ocl","settled":0,"open":["would go from version 1 to 3"],"lifted":false,"staged":false}
    .f/toggles/c.flag -> .f/flags/c.ocl: from version 1 to 3, staged
    ==> .f/flags/a.ocl <==
    a1 = 1
    b2 = "x"
    c3 = "y"
    title = "A"
    
    ==> .f/flags/c.ocl <==
    a1 = 1
    b2 = "x"
    c3 = "y"
    title = "C"
    "#);
    // One that lies there for another reason is told by whoever reads.
    let (text, _) = script(
        "echo 'name = \"D\"' >.f/toggles/d.flag; git add -A; git commit -q -m D; ocl-migrate preview main",
    );
    insta::assert_snapshot!(text, @r#"
    refs/heads/main (757b4755ce), .f: version 3, up to date
      no step is pending
    
    0 of 2 documents would change, 0 lines added, 0 removed
    warning: .f/toggles/d.flag belongs to no kind of the catalog, so it is not migrated; before a rename, .f/toggles/d.flag was the place of flag
    "#);
}

/// A step has moved the file on both sides, and Git, which doesn't see that, says that both added it.
#[test]
fn what_steps_moved_on_both_sides_has_a_base() {
    let merging = Merging::without_driver();
    let files = r#"
        mkdir -p c/0001_take c/0002_move c/0003_say .f/flags
        printf 'catalog "f" { base_path = ".f" }\ndocument "flag" { path = "toggles/*.ocl" }\n' > c/catalog.hcl
        printf 'description = "i"\ndocument = "flag"\nimport {}\n' > c/0001_take/step.hcl
        printf 'description = "m"\ndocument = "flag"\nrename { from = "flags/*.ocl" }\n' > c/0002_move/step.hcl
        printf 'description = "s"\ndocument = "flag"\nmodify { rename = { a = "alpha", b = "beta", c = "gamma", d = "delta" } }\n' > c/0003_say/step.hcl
        printf 'version = 1' > .f/schema_version.ocl
        printf 'a = 1\nb = 2\nc = 3\nd = 4\n' > .f/flags/x.ocl
        git add -A; git commit -qm 'Begin flags'; export OCL_MIGRATE_CATALOG=$PWD/c; ocl-migrate merge-driver --install"#;
    let side = |name: &str, change: &str| {
        format!(
            "git checkout -q -b {name} main; {change}; git rm -q --cached -r .f/flags; rm -r .f/flags; git add -A; git commit -qm {name}"
        )
    };
    let ours = side(
        "two",
        "mkdir .f/toggles; printf 'version = 2' > .f/schema_version.ocl; printf 'a = 10\\nb = 2\\nc = 3\\nd = 4\\n' > .f/toggles/x.ocl",
    );
    let theirs = side(
        "three",
        "mkdir .f/toggles; printf 'version = 3' > .f/schema_version.ocl; printf 'alpha = 1\\nbeta = 2\\ngamma = 3\\ndelta = 40\\n' > .f/toggles/x.ocl",
    );
    // Git says that one side deleted the file, and goes on.
    merging.run(&format!(
        "{files}; {ours}; {theirs}; git merge -q -m Merge two || git add .f"
    ));
    let merged = "alpha = 10\nbeta = 2\ngamma = 3\ndelta = 40\n";
    assert_eq!(merging.file(".f/toggles/x.ocl"), merged);
}

/// What would silently do nothing says where the project is; and the options that were installed are in every hint.
#[test]
fn a_project_that_lies_elsewhere() {
    let merging = Merging {
        repo: Sandbox::empty(),
    };
    merging.run(
        "mkdir -p app/.config/teams; echo 'version = 5' >app/.config/schema_version.ocl
         git add -A; git commit -q -m Begin; git branch old
         echo 'version = 6' >app/.config/schema_version.ocl; git commit -q -a -m Up
         git switch -q old; printf 'name = \"Red\"\\nmembers = [\"ann\"]\\n' >app/.config/teams/red.ocl
         git add -A; git commit -q -m Add; git switch -q main",
    );
    for command in ["merge-driver --install", "resolve", "doctor --merges"] {
        let (told, code) = merging.try_run(&format!("ocl-migrate {command}"));
        let error = "error: no ref has a project at \".config\"; there is one at \"app/.config\"\n";
        assert!(told.starts_with(error), "{command}: {told}");
        assert_eq!(code, 1, "{command}");
        let hint = told
            .lines()
            .find(|line| line.starts_with("hint: "))
            .unwrap();
        assert!(
            hint.contains(command) && hint.contains("--base-path app/.config"),
            "{hint}"
        );
        let (told, code) = merging.try_run(&format!("ocl-migrate --base-path nope {command}"));
        assert!(told.contains("no ref has a project at \"nope\""), "{told}");
        assert_eq!(code, 1, "{command}");
        // A project is about to begin there.
        merging.run(&format!("ocl-migrate --base-path .config {command}"));
        merging.run("ocl-migrate merge-driver --uninstall");
    }
    assert!(!merging.repo.path().join(".git/info/attributes").exists());

    merging.run("ocl-migrate --base-path app/.config merge-driver --install");
    let before = merging.file(".git/config");
    let (told, code) = merging.try_run("ocl-migrate --base-path .config merge-driver --install");
    assert_eq!(code, 1);
    assert!(told.contains("at \"app/.config\" here already"), "{told}");
    assert_eq!(merging.file(".git/config"), before);
    merging.run("ocl-migrate --base-path app/.config merge-driver --install");
    assert_eq!(merging.file(".git/config"), before);
    let (told, code) = merging.try_run("git merge -q -m Merge old");
    assert_ne!(code, 0, "{told}");
    let (_, resolve) = told.split_once("commit again: ").unwrap();
    let (resolve, _) = resolve.split_once(" && ").unwrap();
    let resolve = resolve.replace("PROJECT", &project().display().to_string());
    merging.run(&format!("{resolve}; git commit -q -m Merge"));
    let (told, code) = merging.try_run("ocl-migrate --base-path app/.config doctor --merges");
    assert_eq!(code, 0, "{told}");
}

/// Git goes down to the version of the commit that is reverted, and nothing is merged downward: the branch is brought down instead.
#[test]
fn a_migration_that_is_reverted_leads_to_a_downgrade() {
    let merging = Merging::new();
    let new = "color = \"red\"\n\nsize {\n    width = \"100px\"\n    height = 50\n}\n";
    merging.write(6, new);
    merging.run("git commit -q -a -m Up");
    merging.write(6, &new.replace("50", "60"));
    merging.run("git commit -q -a -m More");
    let (told, code) = merging.try_run("git revert --no-edit HEAD~1");
    assert_ne!(code, 0, "{told}");
    let down = " downgrade main --to 3 -m TEXT`";
    assert!(told.contains(down), "{told}");
    assert!(!told.contains(" --into "), "{told}");
}

/// Git asks for what `rerere` has recorded without saying which commits it merges: the conflict stays, without errors.
#[test]
fn a_conflict_that_rerere_has_recorded_stays_open() {
    let merging = Merging::new();
    merging.branch("a", 5, "color = \"blue\"\n");
    merging.branch("b", 5, "color = \"green\"\n");
    merging.run("git config rerere.enabled true");
    let (first, code) = merging.try_run("git merge -q a");
    assert_eq!(code, 1, "{first}");
    merging.run("ocl-migrate resolve --theirs '**' --stage; git commit -q -m Merge; git reset -q --hard HEAD~1");
    let (again, code) = merging.try_run("git merge -q a");
    assert_eq!(code, 1, "{again}");
    assert!(!again.contains("error: "), "{again}");
    assert!(merging.fizz().contains("<<<<<<<"), "{}", merging.fizz());
    merging.run("ocl-migrate resolve --theirs '**' --stage; git commit -q -m Merge");
    assert_eq!(merging.fizz(), "color = \"blue\"\n");
}

#[test]
fn what_is_installed_and_removed_is_told_as_json() {
    let merging = Merging::without_driver();
    let install = merging.run("ocl-migrate --format json merge-driver --install");
    let told: serde_json::Value = serde_json::from_str(&install).unwrap();
    assert_eq!(told["format_version"], 1);
    assert_eq!(told["attributes"], "REPO/.git/info/attributes");
    assert_eq!(
        told["patterns"],
        serde_json::json!(["/.config/**/*.ocl merge=ocl-migrate"])
    );
    let hook = "REPO/.git/hooks/pre-commit";
    assert!(told["hooks"].as_array().unwrap().contains(&hook.into()));
    let driver = told["driver"].as_str().unwrap();
    assert!(driver.ends_with(" -- %O %A %B %P"), "{driver}");
    let uninstall = "ocl-migrate --format json merge-driver --uninstall";
    let told: serde_json::Value = serde_json::from_str(&merging.run(uninstall)).unwrap();
    let removed = told["removed"].as_array().unwrap();
    assert!(removed.contains(&hook.into()), "{told}");
    assert!(removed.contains(&"merge.ocl-migrate".into()), "{told}");
    // Once more: there is nothing left.
    let told: serde_json::Value = serde_json::from_str(&merging.run(uninstall)).unwrap();
    assert_eq!(told["removed"], serde_json::json!([]));
}
