//! What the commands tell of names that stand more than once, and of lookups without an answer.

use crate::support::Sandbox;

fn doubled() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .config && cd .config && echo 'version = 3' > schema_version.ocl
         printf 'shade = 5\\nsize {\\n    width = 1\\n}\\nshade = 100\\ncolour = \"red\"\\n' > fizz.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    repo
}

#[test]
fn a_name_that_stands_twice() {
    let repo = doubled();
    insta::assert_snapshot!(repo.run(&["preview", "--stat", "main"]));
    insta::assert_snapshot!(repo.run(&["--format", "json", "preview", "main"]));
    repo.run(&["store", "init"]);
    insta::assert_snapshot!(repo.run(&["upgrade", "main", "-m", "Migrate", "--dry-run"]));
    insta::assert_snapshot!(repo.run(&["rehearse"]));
    insta::assert_snapshot!(repo.run(&["--format", "json", "doctor"]));
    insta::assert_snapshot!(repo.run(&["convert", ".config/fizz.ocl"]));
}

#[test]
fn a_name_that_stands_twice_and_that_a_step_works_on() {
    let repo = doubled();
    repo.shell("printf 'colour = 1\\ncolour = 2\\n' > .config/fizz.ocl && git commit -qam two && git branch twice");
    insta::assert_snapshot!(repo.run(&["preview", "--stat", "twice"]));
}

#[test]
fn lookups_without_an_answer() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 3' > schema_version.ocl
         printf 'step \"a\" {\\n    name = \"A\"\\n\\n    action {\\n        environments = [\"Production / EU\"]\\n    }\\n}\\n' \
         > deployment_process.ocl
         git add . && git commit -qm one && git switch -q --detach",
    );
    insta::assert_snapshot!(repo.run_plain(&["rehearse", "--to", "4"]));
    insta::assert_snapshot!(repo.run_plain(&["--format", "json", "rehearse", "--to", "4"]));
    let upgrade = ["upgrade", "main", "--to", "4", "-m", "Migrate"];
    insta::assert_snapshot!(repo.run_plain(&upgrade));
    let accept = [
        "--accept-missing-lookup",
        "environments/Production / EU",
        "--dry-run",
    ];
    insta::assert_snapshot!(repo.run_plain(&[&upgrade[..], &accept].concat()));
    // What the hint says, as it stands: a value must be filled in.
    repo.run_plain(&["store", "init"]);
    repo.shell("echo '{\"environments\":{\"Production / EU\":null}}' > null.json");
    insta::assert_snapshot!(repo.run_plain(&["store", "lookup", "load", "null.json"]));
    repo.shell("sed s/null/'\"eu\"'/ null.json > answers.json");
    insta::assert_snapshot!(repo.run_plain(&["store", "lookup", "load", "answers.json"]));
    insta::assert_snapshot!(repo.run_plain(&[&upgrade[..], &["--dry-run"]].concat()));
}

#[test]
fn a_plan_without_a_store_asserts_nothing_of_it() {
    let repo = doubled();
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "2"]));
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "2", "--shape", "fizz=6"]));
    // Past the imports, nothing is said of them.
    repo.shell("echo 'version = 5' > .config/schema_version.ocl && git commit -qam five && git branch five");
    insta::assert_snapshot!(repo.run(&["plan", "five"]));
}
