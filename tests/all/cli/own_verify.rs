//! What `verify` and the commands beside it say of catalogs that users write themselves.

use std::fs;

use crate::support::Sandbox;

const CATALOG: &str = "catalog \"t\" {
  base_path = \".t\"
}
document \"flag\" { path = \"flags/*.ocl\" }
";

/// A catalog in `c/`, whose step 1 takes flags, and these files.
pub(super) fn catalog(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::empty();
    let head = [
        ("catalog.hcl", CATALOG),
        (
            "0001_take/step.hcl",
            "description = \"Take flags\"\ndocument = \"flag\"\nimport {}\n",
        ),
    ];
    for (path, text) in head.iter().chain(files) {
        let path = sandbox.path().join("c").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    sandbox
}

pub(super) fn step(body: &str) -> String {
    format!(
        "description = \"A change\"\ndocument = \"flag\"\none_way = \"no way\"\nmodify {{\n{body}\n}}\n"
    )
}

pub(super) fn run(sandbox: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    sandbox.run_plain(&[&["--catalog", "c"], words.as_slice()].concat())
}

/// The lines of `verify` about this rule.
pub(super) fn told(sandbox: &Sandbox, rule: &str) -> String {
    let text = run(sandbox, "verify");
    let lines = text
        .lines()
        .filter(|line| line.contains(&format!("[{rule}]")));
    lines.fold(String::new(), |told, line| told + line + "\n")
}

pub(super) const ARRIVES: &str = "snapshots/arrivals/v1/flags/a.ocl";
pub(super) const MARKER: (&str, &str) = ("snapshots/v1/schema_version.ocl", "version = 1");

/// The snapshot of the new version isn't recorded yet, but that of the version before has what the step is about.
#[test]
fn what_the_snapshot_below_has_is_reached() {
    let body = "  rename = { enabled = \"active\" }\n  in \"limit\" {\n    when = self.unit == \"s\"\n    convert = { value = value * 1000 }\n  }";
    let flag = "enabled = true\n\nlimit {\n    unit = \"s\"\n    value = 3\n}\n\nlimit {\n    unit = \"ms\"\n    value = 3\n}\n";
    let body = step(body);
    let sandbox = catalog(&[
        ("0002_active/step.hcl", &body),
        (ARRIVES, flag),
        ("snapshots/v1/flags/a.ocl", flag),
        MARKER,
    ]);
    assert_eq!(told(&sandbox, "unreached"), "");
    assert!(told(&sandbox, "missing_snapshot").contains("version 2"));
    // Nothing is recorded at all.
    let sandbox = catalog(&[("0002_active/step.hcl", &body), (ARRIVES, flag)]);
    assert_eq!(told(&sandbox, "unreached"), "");
    // A name that is misspelt is told as before.
    let misspelt = body.replace("enabled", "enabeld");
    let sandbox = catalog(&[("0002_active/step.hcl", &misspelt), (ARRIVES, flag)]);
    let unreached = told(&sandbox, "unreached");
    assert!(unreached.contains("did you mean `enabled`?"), "{unreached}");
}

/// What comes behind a failure in the step isn't told as unreached, and the failure is, with its place.
#[test]
fn what_a_failing_step_would_reach_is_not_told() {
    let body = step("  convert = { enabled = value + 1 }\n  rename = { enabled = \"active\" }");
    let flag = "enabled = \"true\"\n";
    let later = step("  rename = { active = \"on\" }");
    let files = [
        ("0002_active/step.hcl", &*body),
        ("0003_on/step.hcl", &later),
        (ARRIVES, flag),
        ("snapshots/v1/flags/a.ocl", flag),
        MARKER,
    ];
    let sandbox = catalog(&files);
    assert_eq!(told(&sandbox, "unreached"), "");
    let told_of = told(&sandbox, "migration");
    assert!(
        told_of.contains("(0002_active/step.hcl:5:25)")
            && told_of.contains("flag/a: step 2 active"),
        "{told_of}"
    );
    let case = [
        ("0002_active/cases/first/before.ocl", flag),
        ("0002_active/cases/first/after.ocl", flag),
    ];
    let sandbox = catalog(&[&files[..1], &case].concat());
    assert!(!told(&sandbox, "unreached").contains("active"));
    let told_of = told(&sandbox, "case");
    assert!(
        told_of.contains("step 2 active (0002_active/step.hcl:5:25): "),
        "{told_of}"
    );
}

const RULES: &str =
    "rule \"r\" {\n    attribute = \"plan\"\n    op = \"eq\"\n    priority = 7\n}\n";

/// What the conversion of a block forgets is told, and what it means to drop isn't.
#[test]
fn a_value_that_a_conversion_leaves_behind_is_told() {
    let verdict = |body: &str, after: &str| {
        let sandbox = catalog(&[
            ("0002_conditions/step.hcl", &step(body)),
            ("0002_conditions/cases/first/before.ocl", RULES),
            ("0002_conditions/cases/first/after.ocl", after),
        ]);
        let text = run(&sandbox, "verify");
        assert!(!text.contains("error[case]"), "{text}");
        told(&sandbox, "loss")
    };
    let conditions = "conditions = [\"plan eq\"]\n";
    let set = "set = { conditions = [for rule in self.rule : \"${rule.attribute} ${rule.op}\"] }";
    let forgets = verdict(&format!("  {set}\n  remove = [\"rule\"]"), conditions);
    assert!(
        forgets.starts_with("warning[loss] step 2 conditions")
            && forgets.contains("rule[\"r\"].priority, which was 7"),
        "{forgets}"
    );
    // Each rule goes by itself.
    let alone = format!("  {set}\n  in \"rule\" {{\n    remove = true\n  }}");
    assert!(verdict(&alone, conditions).contains("rule[\"r\"].priority"));
    let moved = "  in \"rule\" {\n    move = { attribute = \"parent.plan\", op = \"parent.op\" }\n  }\n  remove = [\"rule\"]";
    let moved = verdict(moved, "op = \"eq\"\nplan = \"plan\"\n");
    assert!(
        moved.contains("rule[\"r\"].priority, which was 7"),
        "{moved}"
    );
    // It is removed by name, or read, or asked for, or nothing of it is kept.
    let label = "${rule[\"$labels\"][0]}";
    let all = format!(
        "  in \"rule\" {{\n    remove = [\"priority\"]\n  }}\n  set = {{ conditions = [for rule in self.rule : \"{label} ${{rule.attribute}} ${{rule.op}}\"] }}\n  remove = [\"rule\"]"
    );
    assert_eq!(verdict(&all, "conditions = [\"r plan eq\"]\n"), "");
    let asked = format!(
        "  in \"rule\" {{\n    when = self.priority == 7 && self[\"$labels\"][0] == \"r\"\n    default = {{ op = \"eq\" }}\n  }}\n  {set}\n  remove = [\"rule\"]"
    );
    assert_eq!(verdict(&asked, conditions), "");
    assert_eq!(verdict("  remove = [\"rule\"]", ""), "");
    let sized = "  set = { rules = length(self.rule) }\n  remove = [\"rule\"]";
    assert_eq!(verdict(sized, "rules = 1\n"), "");
}

#[test]
fn a_document_of_a_case_that_is_not_ocl_is_shown_with_its_file() {
    let sandbox = catalog(&[
        ("0002_r/step.hcl", &step("  remove = [\"a\"]")),
        ("0002_r/cases/first/before.ocl", "a = @\n"),
        ("0002_r/cases/first/after.ocl", ""),
    ]);
    let text = run(&sandbox, "verify");
    assert!(
        text.contains(" --> 0002_r/cases/first/before.ocl:1:5\n"),
        "{text}"
    );
}

#[test]
fn what_is_never_read_beside_cases_is_told() {
    let flag = "a = 1\n";
    let body = step("  set = { r = lookup(\"users\", \"x\", \"y\") }");
    let after = "a = 1\nr = \"y\"\n";
    let sandbox = catalog(&[
        ("0002_r/step.hcl", &body),
        ("0002_r/csaes/first/before.ocl", flag),
        ("0002_r/notes/why.md", "It is so.\n"),
        ("0002_r/cases/after.ocl", flag),
        ("0002_r/cases/first/before.ocl", flag),
        ("0002_r/cases/first/after.ocl", after),
        ("0002_r/cases/first/dwon.ocl", flag),
        (
            "0002_r/cases/first/case.hcl",
            "lookups = { usres = { x = \"y\" } }\n",
        ),
        ("snapshots/w1/flags/a.ocl", flag),
        (
            "snapshots/server.hcl",
            "lookups = { teams = { x = \"y\" } }\n",
        ),
    ]);
    insta::assert_snapshot!(
        told(&sandbox, "case") + &told(&sandbox, "snapshot") + &told(&sandbox, "lookup")
    );
}

#[test]
fn an_import_without_a_document_names_the_place_for_one() {
    let sandbox = catalog(&[]);
    let text = run(&sandbox, "verify");
    assert!(
        text.contains("put one at snapshots/arrivals/v1/flags/NAME.ocl\n"),
        "{text}"
    );
    let hint = "hint: with a document there, to record what is missing: ocl-migrate --catalog c snapshot\n";
    assert!(text.contains(hint), "{text}");
    let text = run(&sandbox, "snapshot");
    assert!(text.contains("warning: v1 has no document"), "{text}");
}

/// A step has changed the document, so that no line is known: a position tells which block is meant.
#[test]
fn a_failure_without_a_line_has_the_position_of_its_block() {
    let first = step("  set = { n = 1 }");
    let fails = step("  in \"variant\" {\n    set = { slug = slugify(self.name) }\n  }");
    let flag = "variant {\n    name = \"a\"\n}\n\nvariant {\n}\n";
    let sandbox = catalog(&[
        ("0002_n/step.hcl", &first),
        ("0003_slug/step.hcl", &fails),
        (ARRIVES, flag),
    ]);
    let text = told(&sandbox, "migration");
    assert!(text.contains("(at variant[1])"), "{text}");
}

/// Two blocks that had different labels can't get one.
#[test]
fn blocks_keep_labels_of_their_own() {
    let verdict = |catalog_file: &str, body: &str, before: &str, after: &str| {
        let sandbox = catalog(&[
            ("catalog.hcl", catalog_file),
            ("0002_lower/step.hcl", &step(body)),
            ("0002_lower/cases/first/before.ocl", before),
            ("0002_lower/cases/first/after.ocl", after),
        ]);
        told(&sandbox, "case")
    };
    let lower = "  in \"rule\" {\n    label = lower(value)\n  }";
    let (before, after) = (
        "rule \"A\" {\n}\n\nrule \"a\" {\n}\n",
        "rule \"a\" {\n}\n\nrule \"a\" {\n}\n",
    );
    let text = verdict(CATALOG, lower, before, after);
    assert!(
        text.contains("two blocks `rule` would have this label"),
        "{text}"
    );
    assert!(text.contains("(0002_lower/step.hcl:6:5)"), "{text}");
    // What tells them apart is something else, or they were alike, or `unique` is used, or they are in two places.
    let keyed = CATALOG.replace(
        "document \"flag\" { path = \"flags/*.ocl\" }",
        "document \"flag\" {\n  path = \"flags/*.ocl\"\n  key \"rule\" { by = [\"id\"] }\n}",
    );
    assert_eq!(verdict(&keyed, lower, before, after), "");
    let alike = "rule \"A\" {\n}\n\nrule \"A\" {\n}\n";
    assert_eq!(verdict(CATALOG, lower, alike, after), "");
    let unique = "  in \"rule\" {\n    label = unique(lower(value))\n  }";
    let numbered = "rule \"a\" {\n}\n\nrule \"a-1\" {\n}\n";
    assert_eq!(verdict(CATALOG, unique, before, numbered), "");
    let inner = "  in \"**.rule\" {\n    label = lower(value)\n  }";
    let nested = "set \"x\" {\n\n    rule \"A\" {\n    }\n}\n\nrule \"a\" {\n}\n";
    assert_eq!(
        verdict(CATALOG, inner, nested, &nested.replace('A', "a")),
        ""
    );
    // They change places.
    let swap = "  in \"rule\" {\n    label = { A = \"a\", a = \"A\" }[value]\n  }";
    let swapped = "rule \"a\" {\n}\n\nrule \"A\" {\n}\n";
    let sandbox = catalog(&[
        (
            "0002_lower/step.hcl",
            &step(swap).replace(
                "one_way",
                "idempotent = false\nreason = \"it swaps\"\none_way",
            ),
        ),
        ("0002_lower/cases/first/before.ocl", before),
        ("0002_lower/cases/first/after.ocl", swapped),
    ]);
    assert_eq!(told(&sandbox, "case"), "");
}

#[cfg(feature = "contracts")]
#[test]
fn a_contract_of_a_version_that_is_not_there_is_told() {
    let schema =
        "{ \"type\": \"object\", \"properties\": { \"a\": {} }, \"additionalProperties\": false }";
    let with = |version: u32| {
        let declared = format!(
            "document \"flag\" {{\n  path = \"flags/*.ocl\"\n  contract \"{version}\" {{ json_schema = \"contracts/flag.json\" }}\n}}"
        );
        let catalog_file =
            CATALOG.replace("document \"flag\" { path = \"flags/*.ocl\" }", &declared);
        let sandbox = catalog(&[
            ("catalog.hcl", &catalog_file),
            ("contracts/flag.json", schema),
        ]);
        sandbox.shell(
            "mkdir -p .t/flags && printf 'b = 1\\n' > .t/flags/x.ocl && printf 'version = 1' > .t/schema_version.ocl \
             && git add .t && git commit -qm x",
        );
        sandbox
    };
    let sandbox = with(1);
    assert!(run(&sandbox, "check").ends_with("--- exit 1"));
    assert_eq!(told(&sandbox, "contract"), "");
    let sandbox = with(12);
    let text = run(&sandbox, "check");
    assert!(
        text.contains("warning: no flag was held to the contract \"contracts/flag.json\": it holds from version 12 on"),
        "{text}"
    );
    let text = told(&sandbox, "contract");
    assert!(
        text.contains("contract \"12\" of flag (catalog.hcl:6:33)")
            && text.contains("the catalog's newest is 1"),
        "{text}"
    );
}

/// In a case as in server.hcl: the step takes its own default.
#[test]
fn a_case_says_that_the_server_has_no_answer() {
    let body = step(
        "  in \"limit\" {\n    convert = { unit = lookup(\"units\", value, upper(value)) }\n  }",
    );
    let case = "0002_units/cases/one";
    let files = |answer: &str| {
        let lookups = format!("lookups = {{ units = {{ s = {answer} }} }}\n");
        catalog(&[
            ("0002_units/step.hcl", &body),
            (
                &format!("{case}/before.ocl"),
                "limit {\n    unit = \"s\"\n}\n",
            ),
            (
                &format!("{case}/after.ocl"),
                "limit {\n    unit = \"S\"\n}\n",
            ),
            (&format!("{case}/case.hcl"), &lookups),
        ])
    };
    assert_eq!(told(&files("null"), "case"), "");
    assert_ne!(told(&files("\"x\""), "case"), "");
}

/// An expression that reads a name which no document has gets null everywhere; a path of `catalog.hcl` leads nowhere.
#[test]
fn a_misspelt_name_in_an_expression_or_a_path_is_told() {
    let flag = "name = \"a\"\ntags = [\"x\"]\n\nrule \"r\" {\n    when = \"true\"\n    segment = \"s\"\n}\n";
    let body = "  set = {\n    a = length(self.rul)\n    b = [for r in self.rule : r.segmnt]\n    c = self.rule[*].wehn\n    d = self.a_made.x\n    e = self.quite_another\n  }\n  \
                in \"rule\" {\n    set = { a_made = { x = parent.name, \"y.z\" = 1 } }\n  }";
    let sandbox = catalog(&[
        ("0002_read/step.hcl", &step(body)),
        (ARRIVES, flag),
        ("snapshots/v1/flags/a.ocl", flag),
        MARKER,
        (
            "catalog.hcl",
            "catalog \"t\" {\n  base_path = \".t\"\n}\ndocument \"flag\" {\n  path = \"flags/*.ocl\"\n  single = [\"rull\"]\n  \
             key \"rulee\" {\n    by = label\n  }\n  set \"**.tgas\" {}\n}\nthing \"rule\" {\n  defined_in = \"flag\"\n  at = \"rule\"\n  used_by = \
             \"nmae\"\n}\nreference \"rule\" {\n  at = [\"rule.segmant\"]\n}\n",
        ),
    ]);
    let told = told(&sandbox, "unreached");
    let read = |name: &str, near: &str| {
        format!(
            "no snapshot and no case has `{name}`, which this expression reads: it is null in every one of them; did you mean `{near}`?"
        )
    };
    for (name, near) in [("rul", "rule"), ("segmnt", "segment"), ("wehn", "when")] {
        assert_eq!(told.matches(&read(name, near)).count(), 1, "{name}: {told}");
    }
    assert!(told.contains("(0002_read/step.hcl:6:16)"), "{told}");
    assert!(
        told.contains("has `quite_another`, which this expression reads: it is null"),
        "{told}"
    );
    for (name, near) in [
        ("rull", "rule"),
        ("rulee", "rule"),
        ("tgas", "tags"),
        ("nmae", "name"),
        ("segmant", "segment"),
    ] {
        let wanted = format!(
            "no snapshot and no case has `{name}`, so this path leads nowhere: did you mean `{near}`?"
        );
        assert_eq!(told.matches(&wanted).count(), 1, "{name}: {told}");
    }
    for right in ["`a_made`", "`x`", "`name`,", "`rule`,"] {
        assert!(
            !told.contains(&format!("no case has {right}")),
            "{right}: {told}"
        );
    }
    assert_eq!(
        told.lines()
            .filter(|line| line.starts_with("error"))
            .count(),
        0,
        "{told}"
    );
}

/// What the marker's block says isn't known then, and can't be missing.
#[test]
fn a_catalog_that_cannot_be_parsed_has_no_other_problem() {
    let moved = (
        "0002_marker/step.hcl",
        "description = \"Move the marker\"\ndocument = \"schema_version\"\nrename { from = \"schema_version.ocl\" }\n",
    );
    let broken = "catalog \"t\" {\n  base_path = \".t\"\n}\nmarker {\n  path = \"v.ocl\"\n  legacy_paths = [\"schema_version.ocl\"]\n}\ndocument \
                  \"flag\" { path = \"flags/*.ocl\" }\n}}\n";
    let text = run(&catalog(&[moved, ("catalog.hcl", broken)]), "verify");
    assert!(
        text.contains("error: the catalog has a problem\n"),
        "{text}"
    );
    assert!(text.contains("catalog.hcl:9:1"), "{text}");
    assert!(!text.contains("legacy_paths`"), "{text}");
    // Nor are the kinds of an empty one misspelt.
    let text = run(&catalog(&[("catalog.hcl", "")]), "verify");
    assert!(text.contains("there is no `catalog` block"), "{text}");
    assert!(!text.contains("unknown document kind"), "{text}");
}

#[test]
fn a_document_of_a_removed_kind_cannot_arrive() {
    let sandbox = catalog(&[
        (
            "0002_gone/step.hcl",
            "description = \"Away\"\ndocument = \"flag\"\nremove {}\n",
        ),
        (ARRIVES, "a = 1\n"),
        ("snapshots/v1/flags/a.ocl", "a = 1\n"),
        ("snapshots/v2/schema_version.ocl", "version = 2"),
        MARKER,
        ("snapshots/arrivals/v2/flags/b.ocl", "a = 1\n"),
    ]);
    let told = told(&sandbox, "snapshot");
    assert!(
        told.contains("arrivals/v2/flags/b.ocl: version 2 removed `flag`, so that no document of it can arrive at version 2: remove this file"),
        "{told}"
    );
    assert!(!told.contains("record them again"), "{told}");
}

#[test]
fn an_empty_description_is_refused() {
    let empty = "description = \" \"\ndocument = \"flag\"\nmodify {\n  set = { a = 2 }\n}\n";
    let sandbox = catalog(&[("0002_empty/step.hcl", empty)]);
    let text = run(&sandbox, "verify");
    assert!(text.contains("0002_empty/step.hcl:1:15"), "{text}");
    assert!(text.contains("the step's description is empty"), "{text}");
}
