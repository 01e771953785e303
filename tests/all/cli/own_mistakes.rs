//! What is misspelt, in vain or impossible in catalogs that users write themselves.

use super::own_verify::{ARRIVES, MARKER, catalog, run, step, told};

const FLAG: &str = "kind = \"release\"\nurl = \"u\"\n\nrule \"r\" {\n    segments = [\"s\"]\n    owner = \"web\"\n}\n";

/// A catalog whose one flag is recorded, with this behind its `catalog` block.
fn declaring(declarations: &str) -> crate::support::Sandbox {
    let text = format!("catalog \"t\" {{\n  base_path = \".t\"\n}}\n{declarations}");
    catalog(&[
        (ARRIVES, FLAG),
        ("snapshots/v1/flags/a.ocl", FLAG),
        MARKER,
        ("catalog.hcl", &text),
    ])
}

#[test]
fn a_misspelt_attribute_in_a_key_a_thing_or_a_condition_is_told() {
    let declare = |by: &str, otherwise: &str, name: &str, when: &str| {
        declaring(&format!(
            "document \"flag\" {{\n  path = \"flags/*.ocl\"\n  key \"rule\" {{ by = {by} }}\n  key \"other\" {{\n    by = label\n    else = \
             \"{otherwise}\"\n  }}\n}}\nthing \"flag\" {{\n  defined_in = \"flag\"\n  name = [slug, \"{name}\"]\n}}\nreference \"flag\" {{\n  \
             at = \"rule.segments\"\n  when = {when} == \"x\"\n}}\n"
        ))
    };
    let right = declare("\"segments\"", "owner", "url", "parent.kind");
    assert_eq!(told(&right, "unreached"), "");
    let wrong = declare("[\"segmnts\", \"owner\"]", "ownre", "kidn", "parent.kindd");
    let text = told(&wrong, "unreached");
    for (name, near, what, place) in [
        ("segmnts", "segments", "named here as an attribute", "6:22"),
        ("ownre", "owner", "named here as an attribute", "9:12"),
        ("kidn", "kind", "named here as an attribute", "14:17"),
        ("kindd", "kind", "which this condition reads", "18:10"),
    ] {
        let line = text
            .lines()
            .find(|line| line.contains(&format!("`{name}`")));
        let line = line.unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(line.starts_with("warning"), "{line}");
        for part in [&*format!("did you mean `{near}`?"), what, place] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn a_rename_to_the_path_that_is_there_is_an_error() {
    let rename = |from: &str| {
        let step = format!(
            "description = \"Move\"\ndocument = \"flag\"\nrename {{ from = \"{from}\" }}\n"
        );
        catalog(&[
            ("0002_move/step.hcl", &*step),
            (ARRIVES, FLAG),
            ("snapshots/v1/flags/a.ocl", FLAG),
            MARKER,
        ])
    };
    let text = told(&rename("flags/*.ocl"), "unreached");
    let nothing = "error[unreached] step 2 move (0002_move/step.hcl): `from` is the path that catalog.hcl still gives the kind";
    assert!(text.contains(nothing), "{text}");
    let text = told(&rename("toggles/**/*.flag"), "unreached");
    assert!(
        text.contains(
            "`toggles/**/*.flag` has documents in folders too, and `flags/*.ocl` has none there"
        ),
        "{text}"
    );
    let text = told(&rename("toggles/*.flag"), "unreached");
    assert!(
        !text.contains("in folders too") && !text.contains("moves nothing"),
        "{text}"
    );
}

#[test]
fn a_description_may_be_a_heredoc() {
    let text = "description = <<-EOT\n  Take flags\n  from the server\n  EOT\ndocument = \"flag\"\nimport {}\n";
    let sandbox = catalog(&[("0001_take/step.hcl", text)]);
    let text = run(&sandbox, "explain flag/a");
    let text = text + &run(&sandbox, "verify");
    assert!(!text.contains("is a string"), "{text}");
    assert!(!text.contains("catalog has a problem"), "{text}");
}

/// What fails at the document names the attribute.
#[test]
fn an_error_in_convert_names_the_attribute() {
    let body = step("  convert = { kind = tobool(value) }");
    let sandbox = catalog(&[
        ("0002_bool/step.hcl", &*body),
        ("0002_bool/cases/one/before.ocl", FLAG),
        ("0002_bool/cases/one/after.ocl", FLAG),
    ]);
    let text = told(&sandbox, "case");
    assert!(text.contains("(at kind, line 1)"), "{text}");
    assert!(!text.contains("at the document"), "{text}");
}

#[test]
fn an_error_on_the_way_back_has_its_place_once() {
    let body = "description = \"A change\"\ndocument = \"flag\"\nmodify {\n  convert = { url = lookup(\"urls\", value) }\n}\ndown {\n  \
                rename = { sort = \"kind\" }\n}\n";
    let sandbox = catalog(&[
        ("0002_sort/step.hcl", body),
        (
            "0002_sort/cases/one/down.ocl",
            "kind = 1\nurl = \"nowhere\"\n",
        ),
        (
            "0002_sort/cases/one/after.ocl",
            "sort = 1\nurl = \"nowhere\"\n",
        ),
    ]);
    let text = told(&sandbox, "way_back");
    assert!(
        text.contains(
            "fails: lookup: no answer for \"nowhere\" in the server's table \"urls\" (at url)"
        ),
        "{text}"
    );
    assert_eq!(text.matches("(at ").count(), 1, "{text}");
}

/// The files beside a case are read as `catalog.hcl` is.
#[test]
fn what_is_wrong_in_case_hcl_is_told_in_plain_words() {
    let told = |file: &str| {
        let body = step("  set = { a = 1 }");
        let sandbox = catalog(&[
            ("0002_set/step.hcl", &*body),
            ("0002_set/cases/one/before.ocl", "b = 1\n"),
            ("0002_set/cases/one/after.ocl", "b = 1\na = 1\n"),
            ("0002_set/cases/one/case.hcl", file),
        ]);
        told(&sandbox, "case")
    };
    for (file, wanted) in [
        (
            "slug = \"a\"\nslug = \"b\"\n",
            "line 2 column 1: this attribute is set twice in its block",
        ),
        (
            "lookup = { a = { b = 1 } }\n",
            "line 1: unknown attribute `lookup`: did you mean `lookups`?",
        ),
        (
            "\nquite_another = 1\n",
            "line 2: unknown attribute `quite_another`: known here: slug, lookups, documents and set_aside",
        ),
        ("slug = \n", "line 1 column"),
    ] {
        let text = told(file);
        assert!(text.contains(wanted), "{file}: {text}");
        assert!(!text.contains("HCL parse error"), "{text}");
    }
}

#[test]
fn a_kind_of_things_that_resembles_none_is_told_with_those_that_there_are() {
    let sandbox = declaring(
        "document \"flag\" { path = \"flags/*.ocl\" }\nthing \"role\" {}\nthing \"team\" {}\n",
    );
    sandbox.shell("git commit -q --allow-empty -m m");
    let text = run(&sandbox, "uses x --kind nope");
    assert!(
        text.contains("there is no kind of things `nope`: the catalog declares role, team"),
        "{text}"
    );
    let text = run(&sandbox, "uses x --kind roles");
    assert!(text.contains("did you mean `role`?"), "{text}");
}

#[cfg(feature = "contracts")]
#[test]
fn a_misspelt_keyword_of_a_schema_is_told() {
    let schema = "{\n  \"x-note\": 1,\n  \"type\": \"object\",\n  \"requred\": [\"kind\"],\n  \"properties\": {\n    \"url\": { \"min_length\": \
                  1 }\n  }\n}\n";
    let sandbox = declaring(
        "document \"flag\" {\n  path = \"flags/*.ocl\"\n  contract \"1\" { json_schema = \"contracts/flag.json\" }\n}\n",
    );
    sandbox.shell("mkdir c/contracts");
    std::fs::write(sandbox.path().join("c/contracts/flag.json"), schema).unwrap();
    let text = told(&sandbox, "contract");
    for (keyword, near, place) in [
        ("requred", "required", "(contracts/flag.json:4:14)"),
        ("min_length", "minLength", "(contracts/flag.json:6:28)"),
    ] {
        let wanted = format!(
            "JSON Schema has no keyword `{keyword}`, so nothing is held to it: did you mean `{near}`?"
        );
        let line = text.lines().find(|line| line.contains(&wanted));
        let line = line.unwrap_or_else(|| panic!("{keyword}: {text}"));
        assert!(
            line.starts_with("warning") && line.contains(place),
            "{line}"
        );
    }
    assert_eq!(text.lines().count(), 2, "{text}");
}

/// Each of several names in a string has the prefix.
#[test]
fn a_prefix_stands_before_each_name_of_a_list_in_a_string() {
    let sandbox = declaring(
        "document \"flag\" { path = \"flags/*.ocl\" }\nthing \"team\" {}\nreference \"team\" {\n  at = \"owners\"\n  split = \",\"\n  prefix = \
         \"team:\"\n}\n",
    );
    sandbox.shell(
        "mkdir -p .t/flags && echo 'version = 1' > .t/schema_version.ocl && \
         echo 'owners = \"team:web, team:ops, user:ann,team: dev\"' > .t/flags/a.ocl && git add -A && git commit -q -m m",
    );
    let text = run(&sandbox, "uses --kind team --format json");
    for (name, found) in [
        ("web", true),
        ("ops", true),
        ("dev", true),
        ("team:ops", false),
        ("user:ann", false),
    ] {
        assert_eq!(
            text.contains(&format!("\"{name}\"")),
            found,
            "{name}: {text}"
        );
    }
}

/// Of what a step reads of other documents, and behind a function that hands on what it is given.
#[test]
fn a_misspelt_name_of_another_document_is_told() {
    let body = "description = \"A change\"\ndocument = \"flag\"\nreads = [\"env\", \"setup\"]\none_way = \"no way\"\nmodify {\n  set = {\n    a = \
                documents.env.dev.nmae\n    b = documents.setup.regoin\n    c = [for e in documents.env : e.url]\n    d = [for e in documents.env : \
                e.ulr]\n    e = coalesce(self.ownr, {}).x\n    f = merge(self.rule[0], { made = 1 }).ownre\n    g = merge(self, { made = 1 }).made\n    h = \
                coalesce(lookup(\"t\", \"k\", null), self.rule).answer\n  }\n}\n";
    let sandbox = catalog(&[
        (
            "catalog.hcl",
            "catalog \"t\" {\n  base_path = \".t\"\n}\ndocument \"flag\" { path = \"flags/*.ocl\" }\ndocument \"env\" { path = \"envs/*.ocl\" \
             }\ndocument \"setup\" { path = \"setup.ocl\" }\n",
        ),
        ("0002_read/step.hcl", body),
        (ARRIVES, FLAG),
        ("snapshots/v1/flags/a.ocl", FLAG),
        ("snapshots/v1/setup.ocl", "region = \"eu\"\n"),
        MARKER,
        ("0002_read/cases/one/before.ocl", FLAG),
        ("0002_read/cases/one/after.ocl", FLAG),
        (
            "0002_read/cases/one/case.hcl",
            "documents = { \"env/dev\" = \"dev.ocl\" }\n",
        ),
        ("0002_read/cases/one/dev.ocl", "name = 1\nurl = 1\n"),
    ]);
    let text = told(&sandbox, "unreached");
    for (name, near) in [
        ("nmae", "name"),
        ("regoin", "region"),
        ("ulr", "url"),
        ("ownr", "owner"),
        ("ownre", "owner"),
    ] {
        let wanted = format!(
            "has `{name}`, which this expression reads: it is null in every one of them; did you mean `{near}`?"
        );
        assert_eq!(text.matches(&wanted).count(), 1, "{name}: {text}");
    }
    for right in ["env", "dev", "setup", "url", "made", "answer"] {
        assert!(!text.contains(&format!("has `{right}`")), "{right}: {text}");
    }
}

#[test]
fn what_a_case_states_in_vain_is_an_error() {
    let told = |file: &str| {
        let body = step("  rename = { b = \"a\" }");
        let sandbox = catalog(&[
            ("0002_set/step.hcl", &*body),
            ("0002_set/cases/one/before.ocl", "b = 1\n"),
            ("0002_set/cases/one/after.ocl", "a = 1\n"),
            ("0002_set/cases/one/case.hcl", file),
        ]);
        told(&sandbox, "case")
    };
    assert_eq!(told("slug = \"a\"\n"), "");
    for (file, wanted) in [
        (
            "slug = \"x/../y\"\n",
            "case.hcl: slug: the slug \"x/../y\" has a `/`, but `flags/*.ocl` only matches one part of a path",
        ),
        (
            "set_aside = [\"a\"]\n",
            "case.hcl: the step can't be undone, so nothing is set aside: remove `set_aside`",
        ),
    ] {
        let text = told(file);
        assert!(text.contains(wanted), "{file}: {text}");
    }
}

/// An attribute of objects that are put together is read of one of them: the rest is lost.
#[test]
fn what_is_taken_out_of_a_merge_is_all_that_is_read() {
    let losses = |convert: &str| {
        let body = step(&format!("  convert = {{ {convert} }}"));
        let sandbox = catalog(&[
            ("0002_take/step.hcl", &*body),
            (
                "0002_take/cases/one/before.ocl",
                "limit = {\n    count = 3\n    unit = \"s\"\n}\nlist = [1, 2]\n",
            ),
            (
                "0002_take/cases/one/after.ocl",
                "limit = 3\nlist = [1, 2]\n",
            ),
        ]);
        told(&sandbox, "loss")
    };
    for convert in [
        "limit = merge({ unit = \"s\" }, value).count",
        "limit = values(value)[0]",
    ] {
        let text = losses(convert);
        assert!(
            text.contains("overwrites limit[\"unit\"]"),
            "{convert}: {text}"
        );
        assert!(!text.contains("limit[\"count\"]"), "{convert}: {text}");
    }
}

#[test]
fn an_empty_answer_is_pointed_out() {
    let sandbox = declaring("document \"flag\" { path = \"flags/*.ocl\" }\n");
    sandbox.shell("echo '{\"t\": {\"a\": \"\", \"b\": \"x\", \"c\": \"\"}}' > answers.json");
    run(&sandbox, "store init");
    let put = sandbox.run_plain(&["--catalog", "c", "store", "lookup", "put", "t", "k", ""]);
    assert!(
        put.contains(
            "\nt \"k\": the answer is an empty text; if there is none: ocl-migrate --catalog c store lookup remove t k"
        ),
        "{put}"
    );
    let load = run(&sandbox, "store lookup load answers.json");
    assert!(
        load.contains("\nt \"a\" and 1 more: the answer is an empty text"),
        "{load}"
    );
    let put = run(&sandbox, "store lookup put t k x");
    assert!(!put.contains("empty"), "{put}");
}

/// As readers tell of it, a case does too, and a snapshot.
#[test]
fn a_step_that_doubles_a_single_block_fails_its_case() {
    let single = "catalog \"t\" {\n  base_path = \".t\"\n}\ndocument \"flag\" {\n  path = \"flags/*.ocl\"\n  single = [\"rollout\"]\n}\n";
    let insert = step("  insert = { rollout = { p = 2 } }");
    let verified = |before: &str, files: &[(&str, &str)]| {
        let after = format!("{before}\nrollout {{\n    p = 2\n}}\n");
        let all = [
            ("catalog.hcl", single),
            ("0002_insert/step.hcl", &*insert),
            (ARRIVES, before),
            ("snapshots/v1/flags/a.ocl", before),
            MARKER,
            ("0002_insert/cases/one/before.ocl", before),
            ("0002_insert/cases/one/after.ocl", &after),
        ];
        catalog(&[&all, files].concat())
    };
    let whole = run(&verified("rollout {\n    p = 1\n}\n", &[]), "verify");
    let twice = "the block `rollout` occurs twice: at line 1, column 1 and line 5, column 1, and the catalog says that there is at most one";
    let of_case = format!("0002_insert/cases/one: in its result {twice}");
    assert!(whole.contains(&of_case), "{whole}");
    assert_eq!(whole.matches(twice).count(), 2, "{whole}");
    // What was there before isn't the step's, and a later step may mend what it makes.
    let doubled = "rollout {\n}\n\nrollout {\n}\n";
    let was_there = verified(doubled, &[]);
    assert!(!told(&was_there, "case").contains("in its result"));
    let mend = step("  in \"rollout[0]\" {\n    remove = true\n  }");
    let mended = verified(
        "rollout {\n    p = 1\n}\n",
        &[
            ("0002_insert/step.hcl", &*insert),
            ("0003_mend/step.hcl", &*mend),
        ],
    );
    assert!(
        !run(&mended, "verify").contains("occurs twice"),
        "{}",
        run(&mended, "verify")
    );
}

/// What the parser says of the block around it helps nobody.
#[test]
fn a_quote_that_is_not_closed_is_told() {
    let sandbox = catalog(&[(
        "0002_open/step.hcl",
        &step("  convert = { kind = \"abc }\n  set = { a = \"b\" }"),
    )]);
    let text = run(&sandbox, "verify");
    assert!(
        text.contains("this quote isn't closed in its line\n --> c/0002_open/step.hcl:5:22"),
        "{text}"
    );
    assert!(text.contains("help: close it with `\"`"), "{text}");
    let sandbox = catalog(&[
        ("0002_url/step.hcl", &step("  rename = { url = \"link\" }")),
        ("0002_url/cases/one/before.ocl", FLAG),
        ("0002_url/cases/one/after.ocl", FLAG),
        ("0002_url/cases/one/case.hcl", "# a case\nslug = \"a\n"),
    ]);
    let text = told(&sandbox, "case");
    assert!(
        text.contains("case.hcl: line 2: this quote isn't closed in its line"),
        "{text}"
    );
}

#[test]
fn a_move_to_a_block_that_is_not_there_names_it() {
    let moved = |before: &str| {
        let sandbox = catalog(&[
            (
                "0002_move/step.hcl",
                &*step("  move = { kind = \"rollout.p\" }"),
            ),
            ("0002_move/cases/one/before.ocl", before),
            ("0002_move/cases/one/after.ocl", before),
        ]);
        told(&sandbox, "case")
    };
    let text = moved(FLAG);
    let wanted = "there is no `rollout` that could take `p`: insert it in a block before this one, or select only where it is";
    assert!(text.contains(wanted), "{text}");
    let text = moved("kind = 1\n\nrollout {\n}\n\nrollout {\n}\n");
    let wanted = "there are 2 of `rollout`, and one has to take `p`";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn a_name_with_a_dot_stands_in_quotes() {
    for (operation, column) in [("rename", 16), ("set", 13)] {
        let body = step(&format!(
            "  in \"properties\" {{\n    {operation} = {{ Flip.Color = \"Flip.Colour\" }}\n  }}"
        ));
        let text = run(&catalog(&[("0002_flip/step.hcl", &body)]), "verify");
        let place =
            format!("a name with a dot stands in quotes\n --> c/0002_flip/step.hcl:6:{column}");
        assert!(text.contains(&place), "{text}");
        assert!(text.contains("help: write `\"Flip.Color\"`"), "{text}");
        assert!(text.contains("the catalog has a problem"), "{text}");
    }
}

#[test]
fn without_steps_there_is_nothing_to_write_cases_or_contracts_for() {
    let sandbox = catalog(&[]);
    let text = run(&sandbox, "new cases flag x");
    assert!(
        text.contains("error: flag has no step `x`; it has take\n"),
        "{text}"
    );
    std::fs::remove_dir_all(sandbox.path().join("c/0001_take")).unwrap();
    let text = run(&sandbox, "new cases flag x");
    assert!(
        text.contains("error: flag has no step yet, so there is nothing to write cases for"),
        "{text}"
    );
    for words in ["new contract flag", "new contract flag --version 2"] {
        let text = run(&sandbox, words);
        assert!(text.contains("error: the catalog has no step and so no version yet that a contract could hold from"), "{text}");
    }
}

/// Which value it is, is told.
#[test]
fn a_name_that_json_cannot_hold_twice_has_its_address() {
    let sandbox = catalog(&[]);
    sandbox.shell(
        "mkdir -p .t/flags && printf 'a = 1\nb = {\n    k = 1\n    k = 2\n}\na = 2\n' > .t/flags/x.ocl && printf 'version = 1' > \
         .t/schema_version.ocl && git add .t && git commit -qm x",
    );
    let text = run(&sandbox, "export main flag/x --as json");
    for wanted in [
        "flag/x a[1]: JSON can't hold two values of one name, `a`\n",
        "flag/x b[\"k\"][1]: JSON can't hold two values of one name, `k`\n",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
}
