//! What happens on ordinary days: refusals whose hints are pasted, and what a migration takes away.

use super::pasted_hints::{done, paste, refused};
use crate::support::Sandbox;

/// A catalog in `c/` with flags, whose owners are looked up at version 3, and switches, which are removed at 5; documents of both
/// on the branch `old`, at version 1.
fn team() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir c && cat > c/catalog.hcl <<'END'
catalog \"t\" { base_path = \".t\" }
marker {
  path      = \"version.ocl\"
  attribute = \"version\"
}
document \"flag\" { path = \"flags/*.ocl\" }
document \"switch\" { path = \"switches/*.ocl\" }
END
step() { mkdir c/$1 && cat > c/$1/step.hcl; }
step 0002_name <<< $'document = \"flag\"\\ndescription = \"x\"\\nmodify {\\n  default = { kind = \"x\" }\\n}'
step 0003_owner <<< $'document = \"flag\"\\ndescription = \"x\"\\nmodify {\\n  convert = { owner = lookup(\"users\", value) }\\n}'
step 0005_gone <<< $'document = \"switch\"\\ndescription = \"x\"\\nremove {}'
step 0006_size <<< $'document = \"flag\"\\ndescription = \"x\"\\nmodify {\\n  convert = { size = \"${value}px\" }\\n}'
printf '/c\\n/*.ocl\\n' > .git/info/exclude
mkdir -p .t/flags .t/switches && cd .t && echo 'version = 1' > version.ocl
printf 'kind = \"x\"\\n' > flags/a.ocl
printf 'on = true\\n' > switches/s.ocl && printf 'on = true\\n' > switches/u.ocl
git add . && git commit -qm one && git branch old && git switch -q --detach",
    );
    repo
}

fn run(repo: &Sandbox, words: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", "c"], words].concat())
}

fn refuse(repo: &Sandbox, words: &[&str]) -> Vec<String> {
    refused(repo, &[&["--catalog", "c"], words].concat())
}

#[test]
fn a_step_that_fails_without_an_answer_leads_to_the_answer() {
    for command in [
        &["upgrade", "main", "-m", "x"][..],
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--put",
            "switch/n=n.ocl",
            "--to",
            "4",
        ],
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--set",
            "flag/b size=2",
            "--to",
            "4",
        ],
        &["restore", "new", "--from", "main", "flag/b", "-m", "x"],
        &["merge", "main", "--into", "new", "-m", "x"],
    ] {
        let repo = team();
        repo.shell(
            "printf 'on = false\\n' > n.ocl && git switch -q --orphan new && mkdir .t && echo 'version = 4' > .t/version.ocl
             git add .t && git commit -qm new && git switch -q main
             printf 'owner = \"ann\"\\n' > .t/flags/b.ocl && git add . && git commit -qm two
             git switch -q new && git merge -q -s ours --allow-unrelated-histories -m both main~ && git switch -q --detach",
        );
        let hints = refuse(&repo, command);
        assert!(hints[0].contains("store init"), "{command:?}\n{hints:?}");
        assert!(hints[1].contains(" explain "), "{command:?}\n{hints:?}");
        paste(&repo, &hints[0], &[("null", "\"u-1\"")]);
        done(&repo, &[&["--catalog", "c"], command].concat());
    }
}

#[test]
fn only_what_can_be_answered_is_asked_for() {
    let repo = team();
    repo.shell("git switch -q main && printf 'owner = \"\"\\n' > .t/flags/b.ocl && git add . && git commit -qm two && git switch -q --detach");
    for command in [
        &["upgrade", "main", "-m", "x"][..],
        &["preview", "main"],
        &["rehearse"],
    ] {
        let told = run(&repo, command);
        assert!(!told.contains("lookup load"), "{told}");
    }
    repo.shell("git switch -q main && printf 'owner = \"ann\"\\n' > .t/flags/c.ocl && git add . && git commit -qm two && git switch -q --detach");
    let hints = refuse(&repo, &["upgrade", "main", "-m", "x"]);
    assert!(hints[0].contains("{\"users\":{\"ann\":null}}"), "{hints:?}");
    paste(&repo, &hints[0], &[("null", "\"u-1\"")]);
}

#[test]
fn what_a_step_removes_is_told_when_it_is_written() {
    let repo = team();
    let told = run(&repo, &["upgrade", "old", "-m", "x", "--to", "5"]);
    let warning =
        "warning: step 5 gone removes switch/s and switch/u: the commit before still has them\n";
    assert!(told.contains(warning), "{told}");
    let told = run(&repo, &["upgrade", "old", "-m", "x"]);
    assert!(!told.contains("removes"), "{told}");
}

#[test]
fn a_change_to_what_a_step_removes_is_told_when_it_is_merged() {
    let repo = team();
    // A migration is no change: of `u`, nothing is told.
    repo.shell("git switch -q main && printf 'on = false\\n' > .t/switches/s.ocl && git commit -qam Off && git switch -q --detach");
    done(
        &repo,
        &["--catalog", "c", "upgrade", "main", "-m", "x", "--to", "3"],
    );
    done(
        &repo,
        &["--catalog", "c", "upgrade", "old", "-m", "x", "--to", "5"],
    );
    let gone = "switch/s: main changed it, and nothing of that is in the outcome, since step 5 gone removes it: main still has it, as .t/switches/s.ocl";
    let merge = ["merge", "main", "--into", "old", "-m", "x"];
    let told = run(&repo, &[&merge[..], &["--dry-run"]].concat());
    assert!(told.contains(&format!("warning: {gone}\n")), "{told}");
    assert!(!told.contains("switch/u"), "{told}");
    let told = repo.pretty_plain(&[&["--catalog", "c"], &merge[..]].concat());
    assert!(told.contains(&format!("\"{gone}\"")), "{told}");
    // The other way round, it is the branch itself that loses it.
    let repo = team();
    repo.shell("git switch -q main && printf 'on = false\\n' > .t/switches/s.ocl && git commit -qam Off && git switch -q --detach");
    done(
        &repo,
        &["--catalog", "c", "upgrade", "old", "-m", "x", "--to", "5"],
    );
    let told = run(&repo, &["merge", "old", "--into", "main", "-m", "x"]);
    assert!(
        told.contains("warning: step 5 gone removes switch/s and switch/u: "),
        "{told}"
    );
}

#[test]
fn what_the_branch_has_no_place_for_is_left_out_of_a_restoration() {
    let repo = team();
    done(&repo, &["--catalog", "c", "upgrade", "main", "-m", "x"]);
    repo.shell("git switch -q main && echo 'size = \"1px\"' >> .t/flags/a.ocl && git commit -qam Size && git switch -q --detach");
    let told = run(&repo, &["restore", "main", "--from", "old", "-m", "x"]);
    let warning = "warning: switch/s and switch/u of old are left out: step 5 gone removes what main has no place for\n";
    assert!(told.contains(warning), "{told}");
    assert!(told.ends_with("--- exit 0"), "{told}");
    assert_eq!(repo.shell("git show main:.t/flags/a.ocl"), "kind = \"x\"\n");
    assert_eq!(
        repo.shell("git ls-tree --name-only main .t/"),
        ".t/flags\n.t/version.ocl\n"
    );
    let told = run(&repo, &["restore", "main", "--from", "old", "-m", "x"]);
    assert!(told.contains("main has the other values already"), "{told}");
    // Who asks for it by its name is refused.
    let hints = refuse(&repo, &["restore", "main", "--from", "old", "switch/s"]);
    assert!(hints[0].contains(" explain old switch/s "), "{hints:?}");
}

#[test]
fn what_only_a_lower_version_refuses_can_be_restored_at_the_higher_one() {
    let repo = team();
    repo.shell("git switch -q main && printf 'kind = \"x\"\\nsize = 2\\n' > .t/flags/a.ocl && git commit -qam Size && git branch new && git switch -q --detach");
    done(&repo, &["--catalog", "c", "upgrade", "new", "-m", "x"]);
    repo.shell("git switch -q main && sed -i s/2/3/ .t/flags/a.ocl && git commit -qam Three && git switch -q --detach");
    for words in [&["flag/a"][..], &["flag/a", "size"]] {
        let branch = if words.len() == 1 { "old" } else { "main" };
        let restore = ["restore", branch, "--from", "new", "-m", "x"];
        let hints = refuse(&repo, &[&restore[..], words].concat());
        assert!(hints[0].contains(" explain new flag/a --to 1"), "{hints:?}");
        paste(&repo, &hints[1], &[("TEXT", "Up")]);
        assert_eq!(
            repo.shell(&format!("git show {branch}:.t/version.ocl")),
            "version = 6\n"
        );
        let file = repo.shell(&format!("git show {branch}:.t/flags/a.ocl"));
        assert_eq!(file, "kind = \"x\"\nsize = \"2px\"\n");
    }
}

#[test]
fn a_remote_branch_leads_to_the_branch_of_that_name() {
    let repo = team();
    repo.shell("printf 'kind = \"y\"\\n' > n.ocl && git update-ref refs/remotes/origin/main main && git update-ref refs/remotes/origin/other main
         git config branch.main.remote origin && git config branch.main.merge refs/heads/main && git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*' && git config remote.origin.url .");
    for named in ["origin/main", "main@{u}", "refs/remotes/origin/main"] {
        let hints = refuse(
            &repo,
            &["commit", named, "-m", "x", "--put", "flag/n=n.ocl"],
        );
        assert!(!hints[0].contains("git branch"), "{hints:?}");
        paste(&repo, &hints[0], &[]);
        assert_eq!(repo.shell("git log --format=%s -1 main"), "x\n");
        repo.shell("git update-ref refs/heads/main origin/main");
    }
    let hints = refuse(
        &repo,
        &["commit", "origin/other", "-m", "x", "--put", "flag/n=n.ocl"],
    );
    paste(&repo, &hints[0], &[]);
    assert_eq!(repo.shell("git log --format=%s -1 other"), "x\n");
}

#[test]
fn what_a_step_removes_has_no_place_in_the_store_either() {
    let repo = team();
    repo.shell("printf 'on = false\\n' > n.ocl");
    let put = ["commit", "main", "-m", "x", "--put", "switch/n=n.ocl"];
    for to in [&[][..], &["--to", "5"]] {
        let hints = refuse(&repo, &[&put[..], to].concat());
        paste(&repo, &hints[0], &[]);
        assert_eq!(repo.shell("git show main:.t/version.ocl"), "version = 3\n");
        assert_eq!(
            repo.shell("git show main:.t/switches/n.ocl"),
            "on = false\n"
        );
        repo.shell("git update-ref refs/heads/main old");
    }
    done(&repo, &["--catalog", "c", "upgrade", "main", "-m", "x"]);
    let told = run(&repo, &put);
    assert!(told.contains("`switch` was removed at version 5"), "{told}");
    assert!(!told.contains("hint: "), "{told}");
}

#[test]
fn a_merge_below_both_sides_leads_to_their_version() {
    let repo = team();
    done(&repo, &["--catalog", "c", "upgrade", "main", "-m", "x"]);
    let merge = [
        "merge", "main", "--into", "old", "-m", "x", "--no-ff", "--to", "3",
    ];
    let hints = refuse(&repo, &merge);
    paste(&repo, &hints[0], &[]);
    assert_eq!(repo.shell("git show old:.t/version.ocl"), "version = 6\n");
}

#[test]
fn what_git_was_told_to_forget_is_remembered_first() {
    let repo = team();
    repo.shell("git switch -q main && git rm -q --cached .t/flags/a.ocl");
    let hints = refuse(
        &repo,
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--set",
            "flag/a kind=y",
            "--to",
            "2",
        ],
    );
    paste(&repo, &hints[0], &[]);
    assert_eq!(
        repo.shell("git show main:.t/flags/a.ocl && git status --porcelain"),
        "kind = \"y\"\n"
    );
}

#[test]
fn what_else_was_staged_is_staged_again() {
    let repo = team();
    repo.shell("git switch -q main && echo one > notes && git add notes && git commit -qm Notes && printf 'on = true\\n\\n\\n\\n\\n\\n\\n\\n// end\\n' > .t/switches/s.ocl && git commit -qam Lines && echo two > notes && git add notes && echo three > notes
         echo '// mine' >> .t/switches/s.ocl && git add .t && echo new > new && git add new");
    let put = [
        "commit",
        "main",
        "-m",
        "x",
        "--set",
        "switch/s on=false",
        "--to",
        "2",
    ];
    let hints = refuse(&repo, &put);
    paste(&repo, &hints[0], &[]);
    assert_eq!(
        repo.shell("git show main:.t/switches/s.ocl | head -1"),
        "on = false\n"
    );
    assert_eq!(
        repo.shell("git status --porcelain"),
        "M  .t/switches/s.ocl\nA  new\nMM notes\n"
    );
    assert_eq!(
        repo.shell("git show :notes && cat notes && git stash list"),
        "two\nthree\n"
    );
}

#[test]
fn a_document_and_a_selector_in_one_word_are_told_apart() {
    let repo = team();
    repo.shell("git switch -q main && printf 'kind = \"y\"\nsize = \"1px\"\n' > .t/flags/a.ocl && git commit -qam Kind && git switch -q --detach");
    let hints = refuse(
        &repo,
        &["restore", "main", "--from", "old", "flag/a kind", "-m", "x"],
    );
    paste(&repo, &hints[0], &[]);
    assert_eq!(
        repo.shell("git show main:.t/flags/a.ocl"),
        "kind = \"x\"\nsize = \"1px\"\n"
    );
}

#[test]
fn hints_about_files_are_pasted_where_the_command_was() {
    let repo = team();
    repo.shell("mkdir sub && rm c/catalog.hcl");
    let command = ["-C", "sub", "--catalog", "../c", "status"];
    let hints = repo.run_plain(&command);
    assert!(hints.contains("document \"flag\" { path = \"flags/*.ocl\" }\ndocument \"switch\" { path = \"switchs/*.ocl\" }\n"), "{hints}");
    let begin = hints
        .split_once("put right: ")
        .unwrap()
        .1
        .split_once("\n--- exit")
        .unwrap()
        .0;
    paste(
        &repo,
        &begin.replace("REPO", repo.path().to_str().unwrap()),
        &[],
    );
    done(&repo, &["--catalog", "c", "plan", "--branch-version", "1"]);
    let look = refused(
        &repo,
        &[
            "-C",
            "sub",
            "--catalog",
            "../c",
            "commit",
            "main",
            "-m",
            "x",
            "--put",
            "flag/a=no/where.ocl",
        ],
    );
    paste(&repo, &look[0], &[]);
}
