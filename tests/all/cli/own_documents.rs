//! What commands say of documents that steps of a user's own catalog change.

use std::fs;

use serde_json::Value;

use crate::support::Sandbox;

/// A catalog in `c/`, whose step 2 changes flags, and a branch at version 1 with this document. `files` are more of the catalog's, or
/// in place of its own.
fn repository(step: &str, document: &str, files: &[(&str, &str)]) -> Sandbox {
    let repo = Sandbox::empty();
    let step = format!(
        "description = \"A change\"\ndocument = \"flag\"\none_way = \"a test\"\nmodify {{\n{step}\n}}\n"
    );
    let head = [
        (
            "c/catalog.hcl",
            "catalog \"t\" { base_path = \".t\" }\ndocument \"flag\" { path = \"flags/*.ocl\" }\n",
        ),
        (
            "c/0001_take/step.hcl",
            "description = \"Take flags\"\ndocument = \"flag\"\nimport {}\n",
        ),
        ("c/0002_change/step.hcl", &step),
        (".t/schema_version.ocl", "version = 1"),
        (".t/flags/a.ocl", document),
    ];
    for (path, text) in head.iter().chain(files) {
        let path = repo.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    repo.shell("printf '/c\\n' > .git/info/exclude; git add -A; git commit -qm one");
    repo
}

fn run(repo: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    repo.run_plain(&[&["--catalog", "c"], words.as_slice()].concat())
}

/// The catalog with a contract for version 2: `new`, `z`, `t` and `s` are strings, wherever they stand.
const WITH_CONTRACT: [(&str, &str); 2] = [
    (
        "c/catalog.hcl",
        "catalog \"t\" { base_path = \".t\" }\ndocument \"flag\" {\n  path = \"flags/*.ocl\"\n  contract \"2\" { json_schema = \
         \"contracts/flag.json\" }\n}\n",
    ),
    (
        "c/contracts/flag.json",
        r##"{"$id": "urn:flag", "type": "object", "properties": {
            "new": {"type": "string"}, "z": {"type": "string"}, "t": {"type": "string"}, "s": {"type": "string"},
            "m": {"type": "array", "items": {"$ref": "#"}}, "n": {"type": "array", "items": {"$ref": "#"}}}}"##,
    ),
];

/// Message, line and column of each finding.
fn findings(step: &str, document: &str) -> Vec<String> {
    let repo = repository(step, document, &WITH_CONTRACT);
    let text = run(&repo, "check --format json");
    let lines = text.lines().filter(|line| line.starts_with('{'));
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = lines.filter(|line| line["rule"] == "contract_wrong_type");
    found
        .map(|line| format!("{} {}:{}", line["address"], line["line"], line["column"]))
        .collect()
}

/// The steps rename, remove, move and insert beside what is wrong: the line is that of the file, or none.
#[test]
fn a_finding_stands_at_its_line_in_the_file_as_it_was_committed() {
    let renamed = findings(
        "  remove = [\"b\"]\n  rename = { old = \"new\" }",
        "b = 2\nold = 3\nc = 4\n",
    );
    assert_eq!(renamed, ["\"new\" 2:7"]);
    let moved = findings(
        "  insert = { m = {} }\n  move = { t = \"m.t\" }",
        "a = 1\nt = 5\nb = 2\n",
    );
    assert_eq!(moved, ["\"m.t\" 2:5"]);
    // Nothing of the file is wrong there.
    assert_eq!(
        findings("  set = { z = 1 }", "a = 1\nb = 2\n"),
        ["\"z\" null:null"]
    );
    // Nor there, but the block that it stands in was there.
    let within = findings(
        "  in \"m\" {\n    set = { z = 1 }\n  }",
        "a = 1\n\nm \"l\" {\n    b = 2\n}\n",
    );
    assert_eq!(within, ["\"m[\\\"l\\\"].z\" 3:1"]);
    // Blocks whose types are exchanged look as if they had stayed, line by line.
    let exchanged = findings(
        "  rename = { n = \"o\", m = \"n\" }",
        "m {\n    s = 1\n}\n\nn {\n    q = 1\n}\n",
    );
    assert_eq!(exchanged, ["\"n.s\" 2:9"]);
    // A value that was converted is where it was.
    let converted = findings(
        "  remove = [\"a\"]\n  convert = { new = value + 1 }",
        "a = 1\nb = 2\nnew = 5\n",
    );
    assert_eq!(converted, ["\"new\" 3:7"]);
}

/// The catalog with a document of defaults.
const WITH_DEFAULTS: [(&str, &str); 2] = [
    (
        "c/catalog.hcl",
        "catalog \"t\" { base_path = \".t\" }\ndocument \"base\" { path = \"base.ocl\" }\ndocument \"flag\" {\n  path = \
         \"flags/*.ocl\"\n  defaults = \"base\"\n}\n",
    ),
    (".t/base.ocl", "s = \n"),
];

#[test]
fn defaults_that_cannot_be_read_are_told_with_their_own_file() {
    let repo = repository("  default = { added = 1 }", "a = 1\n", &WITH_DEFAULTS);
    let text = run(&repo, "export main --as yaml --effective flag/a");
    assert!(text.contains(" .t/base.ocl:1:"), "{text}");
    assert!(!text.contains("flags/a.ocl"), "{text}");
    let json = run(
        &repo,
        "export main --as yaml --effective flag/a --format json",
    );
    assert!(json.contains(r#""file":".t/base.ocl""#), "{json}");
    assert!(json.contains(r#""document":"base""#), "{json}");
    assert!(!json.contains("flags/a.ocl"), "{json}");
    repo.shell(
        "rm .t/base.ocl && ln -s flags/a.ocl .t/base.ocl && git add -A && git commit -qm link",
    );
    let text = run(&repo, "export main --as yaml --effective flag/a");
    assert!(
        text.contains(".t/base.ocl: ") && text.contains("symbolic link"),
        "{text}"
    );
    assert!(!text.contains("flags/a.ocl: "), "{text}");
}

/// `verify` tells it of cases; a real document may have what no case has.
#[test]
fn what_a_conversion_leaves_unread_is_told_of_real_documents() {
    let step = "  set = { x = [for r in self.rule : r.p] }\n  remove = [\"rule\"]";
    let document = "rule {\n    p = 1\n    q = 2\n}\n";
    let repo = repository(step, document, &[]);
    let told = "flag/a: step 2 change removes rule.q, which was 2, without reading it";
    for words in ["show main", "preview main", "rehearse main --list"] {
        let text = run(&repo, words);
        assert!(text.contains(told), "{words}: {text}");
    }
    let json = run(&repo, "show main --format json");
    assert!(json.contains("removes rule.q, which was 2"), "{json}");
    // What is read, and what may go, isn't told.
    let whole = format!(
        "description = \"A\"\ndocument = \"flag\"\noverwrites = true\nreason = \"q is of no use\"\none_way = \"a \
         test\"\nmodify {{\n{step}\n}}\n"
    );
    let read = "  set = { x = [for r in self.rule : r.p + r.q] }\n  remove = [\"rule\"]";
    for (step, files) in [
        (read, &[][..]),
        (step, &[("c/0002_change/step.hcl", &*whole)][..]),
    ] {
        let text = run(&repository(step, document, files), "show main");
        assert!(!text.contains("without reading"), "{text}");
        assert!(text.contains("exit 0"), "{text}");
    }
}

/// Two steps of one label can't be told apart, as after a rename into a label that is taken.
#[test]
fn an_inserted_block_has_a_label_of_its_own() {
    let document = "rule \"a\" {\n    p = 1\n}\n";
    let refused = "two blocks `rule` would have this label";
    let insert =
        |labels: &str| format!("  insert = {{ rule = {{ \"$labels\" = {labels}, p = 2 }} }}");
    let text = run(&repository(&insert("[\"a\"]"), document, &[]), "show main");
    assert!(text.contains(refused), "{text}");
    let twice = "  insert = { rule = [for p in [1, 2] : { \"$labels\" = [\"b\"], p = p }] }";
    let text = run(&repository(twice, document, &[]), "show main");
    assert!(text.contains(refused), "{text}");
    // Another label, none, and one whose holder goes.
    let replaced = format!(
        "{}\n  in \"rule\" {{\n    when = self.p == 1\n    remove = true\n  }}",
        insert("[\"a\"]")
    );
    for step in [insert("[\"b\"]"), insert("[]"), replaced] {
        let text = run(&repository(&step, document, &[]), "show main");
        assert!(
            text.contains("p = 2") && text.contains("exit 0"),
            "{step}: {text}"
        );
    }
    // Where something else tells them apart, labels may be alike.
    let by_p = "catalog \"t\" { base_path = \".t\" }\ndocument \"flag\" {\n  path = \"flags/*.ocl\"\n  key \"rule\" {\n    by = \"p\"\n  }\n}\n";
    let repo = repository(&insert("[\"a\"]"), document, &[("c/catalog.hcl", by_p)]);
    let text = run(&repo, "show main");
    assert!(text.contains("p = 2") && text.contains("exit 0"), "{text}");
}

/// The plain view has a block's labels as an entry, which no document should get.
#[test]
fn a_block_with_labels_is_no_value() {
    let document = "x = 1\n\nb \"l\" {\n    p = 1\n}\n\nc {\n    p = 1\n}\n";
    for step in [
        "  set = { z = self.b }",
        "  set = { z = self.b[0] }",
        "  set = { z = { inner = self } }",
        "  set = merge({ z = self.b }, {})",
        "  default = { z = merge(self.b[0], {}) }",
        "  convert = { x = document.b }",
    ] {
        let text = run(&repository(step, document, &[]), "show main");
        assert!(
            text.contains("a block with labels, and a value has none"),
            "{step}: {text}"
        );
        assert!(!text.contains("$labels"), "{step}: {text}");
    }
    for step in ["  set = { z = self.b[0].p }", "  set = { z = self.c }"] {
        let text = run(&repository(step, document, &[]), "show main");
        assert!(
            text.contains("exit 0") && text.contains("z = "),
            "{step}: {text}"
        );
    }
}
