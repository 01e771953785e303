//! Two blocks of one key, or that define one thing, as a merge makes them easily: whatever reads them says that they can't be told apart.

use std::fs;

use crate::support::Sandbox;

const TWICE: &str = "variable \"A\" {\n    value \"1\" {}\n}\n\nvariable \"Base\" {\n    value \"#{A}\" {}\n}\n\nvariable \"a\" {\n    value \"2\" {\n        \
                     environment = [\"production\"]\n    }\n\n    value \"3\" {}\n}\n";

fn project(files: &[(&str, &str)]) -> Sandbox {
    let repo = Sandbox::empty();
    let marker = (".octopus/schema_version.ocl", "version = 14\n");
    for (path, text) in files.iter().chain([&marker]) {
        let path = repo.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    repo.shell("git add -A; git commit -qm Begin");
    repo
}

#[test]
fn a_variable_that_stands_twice() {
    let repo = project(&[(".octopus/variables.ocl", TWICE)]);
    insta::assert_snapshot!(repo.run_plain(&["check"]), @r#"
    --- stdout
    warning[unused]: nothing refers to the variable `Base`
     --> .octopus/variables.ocl:5:11
      |
    5 | variable "Base" {
      |           ^^^^
      at variables variable["Base"]

    warning[doubled_block]: it has the same key as `variable["A"][0]`
     --> .octopus/variables.ocl:9:1
      |
    9 | variable "a" {
      | ^^^^^^^^^^^^^^
      = help: it isn't clear which one counts: keep the right one, or put them together
      at variables variable["a"][1]

    warning[same_scope]: it has the same scope as `variable["A"][0].value{}`: which of them applies can't be told
      --> .octopus/variables.ocl:14:5
       |
    14 |     value "3" {}
       |     ^^^^^^^^^^^^
      at variables variable["a"][1].value{}

    1 ref, 1 document: 0 errors, 3 warnings
    --- exit 0
    "#);
    insta::assert_snapshot!(repo.run_plain(&["doctor"]), @r#"
    --- stdout
    problem: refs/heads/main: .octopus/variables.ocl: `variables variable["A"][0].value{}` and `variable["a"][1].value{}` have the same scope: which of them applies can't be told
        keep one of each two, or narrow its scope; see who wrote them: git blame main -- .octopus/variables.ocl
    problem: refs/heads/main: .octopus/variables.ocl: `variables variable["A"][0]` and `variable["a"][1]` have one key, or one name: which of them is meant can't be told
        keep one of each two, or put them together; see who wrote them: git blame main -- .octopus/variables.ocl
    1 ref looked at: 2 problems, 0 notes
    --- exit 1
    "#);
    let report = repo.run_plain(&["doctor", "--format", "json"]);
    let pair = r#""doubled_blocks":[["variable[\"A\"][0]","variable[\"a\"][1]"]]"#;
    assert!(report.contains(pair), "{report}");
}

/// Values of both count: they are those of one variable.
#[test]
fn what_applies_of_a_variable_that_stands_twice() {
    let repo = project(&[(".octopus/variables.ocl", TWICE)]);
    let applies =
        |words: &[&str]| repo.run_plain(&[&["applies", "main", "variables"], words].concat());
    insta::assert_snapshot!(applies(&["--for", "environment=production"]), @r##"
    --- stdout
    variables
      variable["a"][1].value{environment=production} = "2"
      variable["Base"].value{} = "#{A}"

    2 values for environment=production
    --- exit 0
    "##);
    insta::assert_snapshot!(applies(&["--for", "environment=test"]), @r##"
    --- stdout
    variables
      variable["A"][0].value{} = "1"
        or variable["a"][1].value{} = "3", which is as specific: which of them applies can't be told
      variable["Base"].value{} = "#{A}"

    2 values for environment=test
    --- stderr
    no value names `environment=test` in its scope; named are production
    --- exit 0
    "##);
    let one = applies(&["variable[\"A\"][1]", "--for", "environment=test"]);
    assert!(one.contains("1 value for environment=test"), "{one}");
}

#[test]
fn who_writes_such_a_document_is_warned() {
    let repo = project(&[(".octopus/variables.ocl", TWICE)]);
    let told = "warning: `variables variable[\"A\"][0]` and `variable[\"a\"][1]` have one key, or one name";
    let set = "variables variable[\"Base\"].value{}=9";
    let commit = ["commit", "main", "-m", "x", "--set", set, "--dry-run"];
    let text = repo.run_plain(&commit);
    assert!(text.contains(told), "{text}");
    repo.shell("printf 'variable \"A\" {\\n    value \"1\" {}\\n}\\n' > a.ocl");
    let put = ["commit", "main", "-m", "x", "--put", "variables=a.ocl"];
    let text = repo.run_plain(&put);
    assert!(!text.contains("warning"), "{text}");
    assert!(repo.run_plain(&["doctor"]).contains("nothing is wrong"));
}

/// The steps of two actions may have a package of one name; those of one process may not.
#[test]
fn steps_of_one_name() {
    let step = |slug: &str, name: &str| {
        format!(
            "step \"{slug}\" {{\n    name = \"{name}\"\n\n    action {{\n        packages \"tool\" {{\n            package_id = \"x\"\n        }}\n    }}\n}}\n"
        )
    };
    let process = [step("a", "Build"), step("b", "Test")].join("\n");
    let repo = project(&[(".octopus/deployment_process.ocl", &process)]);
    let sound = repo.run_plain(&["check"]);
    assert!(!sound.contains("doubled_block"), "{sound}");
    let process = [step("a", "Build"), step("b", "Build"), step("a", "Test")].join("\n");
    repo.shell(&format!(
        "cat > .octopus/deployment_process.ocl <<'END'\n{process}END\ngit commit -qam Twice"
    ));
    let text = repo.run_plain(&["check"]);
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("doubled_block"))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    warning[doubled_block]: it defines the step `Build`, as `step["a"][0]` does
    warning[doubled_block]: it has the same key as `step["a"][0]`
    "#);
}

#[test]
fn things_of_an_own_catalog() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p c/0001_a .f
        printf 'catalog \"f\" { base_path = \".f\" }\\ndocument \"a\" { path = \"a.ocl\" }\\nthing \"rule\" {\\n  defined_in = \"a\"\\n  at = \"rule\"\\n  name = \"id\"\\n}\\n' > c/catalog.hcl
        printf 'description = \"i\"\\ndocument = \"a\"\\nimport {}\\n' > c/0001_a/step.hcl
        printf 'version = 1\\n' > .f/schema_version.ocl
        printf 'rule {\\n    id = \"r1\"\\n}\\n\\nrule {\\n    id = \"r2\"\\n}\\n\\nrule {\\n    id = \"r1\"\\n}\\n' > .f/a.ocl
        git add -A; git commit -qm Begin",
    );
    let text = repo.run_plain(&["--catalog", "c", "check"]);
    let told =
        "warning[doubled_block]: it defines the rule `r1`, as `rule[0]` does\n --> .f/a.ocl:9:1";
    assert!(text.contains(told), "{text}");
    let text = repo.run_plain(&["--catalog", "c", "doctor"]);
    assert!(
        text.contains("`a rule[0]` and `rule[2]` have one key, or one name"),
        "{text}"
    );
}
