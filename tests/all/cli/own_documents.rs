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

/// Its branches below the removal would look for it in a snapshot, and for want of that call the store damaged.
#[test]
fn a_row_that_no_branch_took_may_be_removed() {
    let files = [
        (
            "c/catalog.hcl",
            "catalog \"t\" { base_path = \".t\" }\ndocument \"flag\" { path = \"flags/*.ocl\" }\ndocument \"kill\" { path = \"kill.ocl\" }\n",
        ),
        (
            "c/0002_kill/step.hcl",
            "description = \"Take it\"\ndocument = \"kill\"\nimport {}\n",
        ),
        (
            "c/0003_kill/step.hcl",
            "description = \"Drop it\"\ndocument = \"kill\"\nremove {}\ndown { from = \"history\" }\n",
        ),
    ];
    let repo = repository("  default = { added = 1 }", "a = 1\n", &files);
    repo.shell("git branch old; printf 'off = 1\\n' > .git/kill.ocl");
    run(&repo, "store init");
    run(&repo, "store put kill .git/kill.ocl --shape 2");
    let text = run(&repo, "upgrade main -m Up");
    assert!(text.contains("exit 0"), "{text}");
    let text = run(&repo, "show old --to 2");
    assert!(text.contains("off = 1"), "{text}");
    let text = run(&repo, "store remove kill");
    assert!(text.contains("exit 0"), "{text}");
    let text = run(&repo, "show old --to 2");
    assert!(
        text.contains("added = 1") && text.contains("exit 0"),
        "{text}"
    );
    assert!(!text.contains("off"), "{text}");
}

/// An alias is a name as others are.
#[test]
fn aliases_ignore_case_where_names_do() {
    let catalog = |ignore_case: bool| {
        format!(
            "catalog \"t\" {{ base_path = \".t\" }}\ndocument \"flag\" {{ path = \"flags/*.ocl\" }}\nthing \"flag\" {{\n  defined_in = \
             \"flag\"\n  ignore_case = {ignore_case}\n  aliases = {{ alpha = \"a\" }}\n}}\nreference \"flag\" {{ at = \"after\" }}\n"
        )
    };
    let told = |ignore_case| {
        let catalog = catalog(ignore_case);
        let files = [
            ("c/catalog.hcl", &*catalog),
            (".t/flags/b.ocl", "after = \"Alpha\"\n"),
        ];
        run(
            &repository("  default = { x = 1 }", "a = 1\n", &files),
            "check main",
        )
    };
    assert!(told(false).contains("no document defines the flag `Alpha`"));
    let text = told(true);
    assert!(!text.contains("no document defines"), "{text}");
}

/// What it defines isn't known, however it is that it can't be migrated.
#[test]
fn nothing_is_said_of_references_where_a_document_cannot_be_migrated() {
    let catalog = "catalog \"t\" { base_path = \".t\" }\ndocument \"flag\" { path = \"flags/*.ocl\" }\nthing \"flag\" { \
                   defined_in = \"flag\" }\nreference \"flag\" { at = \"after\" }\n";
    let told = |document: &str| {
        let files = [
            ("c/catalog.hcl", catalog),
            (".t/flags/b.ocl", "after = \"a\"\n"),
        ];
        let repo = repository("  rename = { k = \"l\" }", document, &files);
        run(&repo, "check main")
    };
    assert!(told("k = 1\nafter = \"nobody\"\n").contains("no document defines the flag `nobody`"));
    for document in ["k = 1\nk = 2\n", "k = 1\nl = 2\n"] {
        let text = told(document);
        assert!(text.contains("error["), "{text}");
        assert!(!text.contains("no document defines"), "{text}");
        assert!(text.contains("exit 1"), "{text}");
    }
}

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
    for words in [
        "show main",
        "preview main",
        "rehearse main --list",
        "upgrade main -m Up --dry-run",
    ] {
        let text = run(&repo, words);
        assert!(text.contains(told), "{words}: {text}");
    }
    let edit = "--catalog c commit main -m One --dry-run --set".split(' ');
    let text = repo.run_plain(&edit.chain(["flag/a y=1"]).collect::<Vec<_>>());
    assert!(text.contains(told), "{text}");
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

/// The text of the document after its migration.
fn migrated(step: &str, document: &str) -> String {
    let repo = repository(step, document, &[]);
    let text = run(&repo, "show main flag/a");
    assert!(text.contains("--- exit 0"), "{text}");
    let text = text.strip_prefix("--- stdout\n").unwrap_or(&text);
    text.split("\n---").next().unwrap().to_owned()
}

#[test]
fn comments_beside_the_items_of_a_converted_list_stay() {
    let list = "l = [\n    1, # one\n    # about two\n    2\n]\n";
    assert_eq!(
        migrated("  convert = { l = concat(value, [3]) }", list),
        "l = [\n    1, # one\n    # about two\n    2,\n    3\n]"
    );
    assert_eq!(
        migrated("  convert = { l = [for x in value : x + 1] }", list),
        "l = [\n    2, # one\n    # about two\n    3\n]"
    );
    assert_eq!(
        migrated("  convert = { l = [for x in value : x if x != 1] }", list),
        "l = [\n    # about two\n    2\n]"
    );
    assert_eq!(
        migrated("  convert = { l = concat([0], value) }", list),
        "l = [\n    0,\n    1, # one\n    # about two\n    2\n]"
    );
}

/// As in a merge: comments right above what goes are about it.
#[test]
fn what_goes_takes_the_comments_right_above_it_along() {
    let document = "# of the file\n\na = 1\n# about b\n# and more\nb = 2\nc = 3\n";
    let without = "# of the file\n\na = 1\nc = 3";
    assert_eq!(migrated("  remove = [\"b\"]", document), without);
    let repo = repository("  set = { d = 1 }", document, &[]);
    let text = run(&repo, "upgrade main -m up");
    assert!(text.contains("--- exit 0"), "{text}");
    let text = repo.run_plain(&[
        "--catalog",
        "c",
        "commit",
        "main",
        "-m",
        "x",
        "--unset",
        "flag/a b",
    ]);
    assert!(text.contains("--- exit 0"), "{text}");
    let now = repo.shell("git show main:.t/flags/a.ocl");
    assert_eq!(now, format!("{without}\nd = 1\n"));
    let inner = "in \"b\" {\n    remove = true\n  }";
    assert_eq!(
        migrated(inner, "a = 1\n\n# about b\nb \"x\" {\n    c = 1\n}\n"),
        "a = 1"
    );
}

/// The catalog with a document that flags' step reads.
const READING: [(&str, &str); 2] = [
    (
        "c/catalog.hcl",
        "catalog \"t\" { base_path = \".t\" }\ndocument \"conf\" { path = \"conf.ocl\" }\ndocument \"flag\" { path = \"flags/*.ocl\" }\n",
    ),
    (
        "c/0002_change/step.hcl",
        "description = \"A change\"\ndocument = \"flag\"\none_way = \"a test\"\nreads = [\"conf\"]\nmodify {\n  set = { z = \
         documents.conf == null ? \"none\" : documents.conf.x }\n}\n",
    ),
];

#[test]
fn what_is_wrong_with_a_document_that_a_step_reads_is_told_of_that() {
    let with = |path: &str, text: &str| {
        let files = [READING[0], READING[1], (path, text)];
        run(&repository("", "a = 1\n", &files), "show main flag/a")
    };
    let text = with(".t/conf.ocl", "x = 1\ny = \n");
    assert!(
        text.contains("it reads `conf`, which isn't OCL: conf.ocl:2:"),
        "{text}"
    );
    // A folder in its place isn't what the step takes for an absent document.
    let text = with(".t/conf.ocl/other.txt", "x");
    assert!(
        text.contains("it reads `conf`, and conf.ocl is a folder"),
        "{text}"
    );
    let text = with(".t/conf.ocl", "x = 1\n");
    assert!(text.contains("z = 1"), "{text}");
    let text = with(".t/conf.txt", "x");
    assert!(text.contains("z = \"none\""), "{text}");
}

/// As old Macs write them.
#[test]
fn lines_that_end_with_a_carriage_return_alone_are_told_as_that() {
    let repo = repository("  set = { z = 1 }", "b \"x\" {\r  a = 1\r}\r", &[]);
    let text = run(&repo, "show main flag/a");
    let told = "expected the end of the line after `{`, found a carriage return (CR) alone, which ends no line: save the file with LF";
    assert!(text.contains(told), "{text}");
    let text = run(
        &repository("  set = { z = 1 }", "b \"x\" { a\r\n", &[]),
        "show main flag/a",
    );
    assert!(!text.contains("save the file"), "{text}");
}

#[test]
fn a_clone_without_a_branch_has_a_commit() {
    let repo = repository("  set = { z = 1 }", "a = 1\n", &[]);
    repo.shell("git switch -q --detach && git branch -D main");
    let text = run(&repo, "status");
    assert!(
        text.contains("there is no branch: HEAD names a commit"),
        "{text}"
    );
}
