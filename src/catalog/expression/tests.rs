use std::collections::HashSet;

use hcl::edit::parser;
use serde_json::{Value as Json, json};

use super::function::FUNCTIONS;
use super::*;
use crate::catalog::problem::SourceFile;
use crate::ocl::{Dialect, Document, Node};

const DOCUMENT: &str = r#"name = "Deploy"
count = 007
ratio = 1.50
big = 9007199254740993
flag = true
list = ["a", "b"]
nested = [["x"], ["y", "z"]]
properties = {
    Octopus.Action.Name = "n"
    other = "o"
}

step "first" {
    name = "One"
    action "inner" {
        kind = "script"
    }
}

step "second" {
    name = "Two"
}
"#;

/// A server whose one table knows one key.
struct Server;

impl Lookup for Server {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<Json>, String> {
        match (table, key) {
            ("environments", "Production") => Ok(Some(json!("prod"))),
            ("down", _) => Err("the server is down".into()),
            _ => Ok(None),
        }
    }
}

fn compile(text: &str) -> Expression {
    let file = SourceFile {
        path: "step.hcl".into(),
        text: format!("x = {text}\n").into(),
    };
    let body = parser::parse_body(&file.text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut compiler = Compiler::new(&file);
    compiler.value_is_known = true;
    let attribute = body.get_attribute("x").expect("the attribute");
    let expression = compiler.expression(&attribute.value);
    assert!(compiler.problems.is_empty(), "{:?}", compiler.problems);
    expression
}

fn scope(node: Node<'_>) -> Scope<'_> {
    Scope {
        node,
        documents: Value::Null,
        slug: "my-slug",
        value: node.get("name"),
    }
}

/// The JSON that an expression gives over the document, or its error with the text that the error points at.
fn try_evaluate(text: &str) -> Result<Json, String> {
    evaluate_over(DOCUMENT, text)
}

fn evaluate_over(document: &str, text: &str) -> Result<Json, String> {
    let document = Document::parse(document, Dialect::Current).expect("a document");
    let expression = compile(text);
    let evaluator = Evaluator::new(&Server);
    let result = evaluator.evaluate(&expression, &scope(document.root()));
    result.map(|value| value.to_json()).map_err(|error| {
        let source = format!("x = {text}");
        format!("{}: {}", &source[error.span], error.message)
    })
}

fn evaluate(text: &str) -> Json {
    try_evaluate(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fails(text: &str) -> String {
    match try_evaluate(text) {
        Ok(value) => panic!("{text} gives {value}"),
        Err(error) => error,
    }
}

/// The leaves that an expression reads, as text.
fn reads(text: &str) -> Vec<String> {
    let document = Document::parse(DOCUMENT, Dialect::Current).expect("a document");
    let expression = compile(text);
    let evaluator = Evaluator::new(&Server);
    let result = evaluator.evaluate(&expression, &scope(document.root()));
    result.unwrap_or_else(|error| panic!("{text}: {}", error.message));
    let distinct: HashSet<_> = evaluator.take_reads(&document).into_iter().collect();
    let mut leaves: Vec<_> = distinct.into_iter().map(|id| document.node(id)).collect();
    leaves.sort_by_key(|leaf| leaf.span().start);
    leaves.iter().map(|leaf| leaf.source().to_owned()).collect()
}

#[test]
fn every_functions_example_gives_what_it_says() {
    for function in FUNCTIONS {
        let (example, wanted) = function.example;
        assert!(
            example.contains(&format!("{}(", function.name())),
            "{example}"
        );
        let wanted: Json = serde_json::from_str(wanted).expect("the example's result is JSON");
        assert_eq!(
            evaluate(example).to_string(),
            wanted.to_string(),
            "{example}"
        );
    }
}

#[test]
fn the_functions_stand_in_alphabetical_order_each_with_a_sentence() {
    assert!(FUNCTIONS.iter().map(|function| function.name()).is_sorted());
    for function in FUNCTIONS {
        assert!(function.summary.ends_with('.'), "{}", function.signature);
    }
}

#[test]
fn names_are_known() {
    assert_eq!(evaluate("self.name"), json!("Deploy"));
    assert_eq!(evaluate("document.step[0].name"), json!("One"));
    assert_eq!(evaluate("parent"), Json::Null);
    assert_eq!(evaluate("documents"), Json::Null);
    assert_eq!(evaluate("slug"), json!("my-slug"));
    assert_eq!(evaluate("value"), json!("Deploy"));
}

#[test]
fn parents_are_blocks_and_dictionaries() {
    let document = Document::parse(DOCUMENT, Dialect::Current).expect("a document");
    let step = document.root().blocks("step").next().expect("a step");
    let action = step.blocks("action").next().expect("an action");
    let expression = compile("\"${parent.name} ${parent[\"$labels\"][0]} ${document.name}\"");
    let evaluator = Evaluator::new(&Server);
    let value = evaluator
        .evaluate(&expression, &scope(action))
        .expect("a value");
    assert_eq!(value.to_json(), json!("One first Deploy"));
}

#[test]
fn absent_keys_are_null_at_any_depth() {
    for text in [
        "self.absent",
        "self.absent.further.on",
        "self.absent[0].x",
        "self.properties[\"absent\"]",
        "self.list[2]",
        "self.list[-1]",
        "self.step[7].name",
    ] {
        assert_eq!(evaluate(text), Json::Null, "{text}");
    }
    assert_eq!(evaluate("self.absent[*].x"), json!([]));
    assert_eq!(evaluate("[for x in self.absent : x]"), json!([]));
    assert_eq!(evaluate("length(self.absent)"), json!(0));
    assert_eq!(
        evaluate("self.absent == null && self.name != null"),
        json!(true)
    );
}

#[test]
fn keys_of_dictionaries_are_reached_by_their_text() {
    assert_eq!(
        evaluate("self.properties[\"Octopus.Action.Name\"]"),
        json!("n")
    );
    assert_eq!(evaluate("self.properties.other"), json!("o"));
    assert_eq!(evaluate("self.properties[\"oth${\"er\"}\"]"), json!("o"));
}

#[test]
fn and_and_or_stop_early() {
    assert_eq!(evaluate("false && jsondecode(\"{\")"), json!(false));
    assert_eq!(evaluate("true || jsondecode(\"{\")"), json!(true));
    assert_eq!(evaluate("true && !false"), json!(true));
    assert_eq!(
        evaluate("self.absent != null && self.absent > 3"),
        json!(false)
    );
    assert_eq!(
        fails("true && self.absent"),
        "self.absent: expected true or false, found null (an absent key is null): compare it, as in `== true`"
    );
    assert_eq!(
        fails("\"x\" || true"),
        "\"x\": expected true or false, found a string"
    );
}

#[test]
fn conditionals_evaluate_one_side() {
    assert_eq!(evaluate("self.flag ? 1 : jsondecode(\"{\")"), json!(1));
    assert_eq!(
        evaluate("self.count > 10 ? \"many\" : \"few\""),
        json!("few")
    );
    assert_eq!(
        fails("self.name ? 1 : 2"),
        "self.name: expected true or false, found a string"
    );
}

#[test]
fn numbers_are_exact() {
    for (text, wanted) in [
        ("self.big", "9007199254740993"),
        ("self.big + 1", "9007199254740994"),
        ("0.1 + 0.2", "0.3"),
        ("1.10", "1.10"),
        ("self.ratio", "1.50"),
        ("self.ratio * 2", "3"),
        ("self.count", "7"),
        ("10 / 4", "2.5"),
        ("7 % 3", "1"),
        ("-self.count", "-7"),
        ("-(-1.50)", "1.50"),
        ("2 - 5", "-3"),
        (
            "max(9007199254740993, 9007199254740992)",
            "9007199254740993",
        ),
    ] {
        assert_eq!(evaluate(text).to_string(), wanted, "{text}");
    }
    assert_eq!(
        evaluate("1 == 1.0 && self.count == 7 && -0 == 0"),
        json!(true)
    );
    assert_eq!(
        evaluate("9007199254740993 == 9007199254740992"),
        json!(false)
    );
    assert_eq!(evaluate("9007199254740993 > 9007199254740992"), json!(true));
    assert_eq!(
        fails("1 / 3"),
        "1 / 3: the result of 1 and 3 is out of range or not exact"
    );
    assert_eq!(
        fails("1 % 0"),
        "1 % 0: the result of 1 and 0 is out of range or not exact"
    );
    assert_eq!(
        fails("1 + \"2\""),
        "\"2\": expected a number, found a string"
    );
}

#[test]
fn equality_is_by_meaning_and_never_across_types() {
    for text in [
        "self.list == [\"a\", \"b\"]",
        "self.properties == { other = \"o\", \"Octopus.Action.Name\" = \"n\" }",
        "{ a = 1, b = [2] } == { b = [2.0], a = 1 }",
        "self.step[0] != self.step[1]",
        "1 != \"1\"",
        "null != false",
        "[] != {}",
        "{ a = null } != {}",
    ] {
        assert_eq!(evaluate(text), json!(true), "{text}");
    }
}

#[test]
fn for_goes_over_lists_and_objects() {
    assert_eq!(
        evaluate("[for x in self.list : upper(x)]"),
        json!(["A", "B"])
    );
    assert_eq!(
        evaluate("[for i, x in self.list : \"${i}${x}\" if i > 0]"),
        json!(["1b"])
    );
    assert_eq!(
        evaluate("{ for s in self.step : s.name => s[\"$labels\"][0] }"),
        json!({"One": "first", "Two": "second"})
    );
    assert_eq!(
        evaluate("[for k, v in self.properties : k]"),
        json!(["Octopus.Action.Name", "other"])
    );
    assert_eq!(
        evaluate("{ for x in [\"a1\", \"b\", \"a2\"] : substr(x, 0, 1) => x... }"),
        json!({"a": ["a1", "a2"], "b": ["b"]})
    );
    // A value that is a list itself is not taken for a group.
    assert_eq!(
        fails("{ for x in self.nested : \"k\" => x }"),
        "x: the key \"k\" comes twice; `...` after the result groups"
    );
    assert_eq!(
        evaluate("{ for x in self.nested : \"k\" => x... }"),
        json!({"k": [["x"], ["y", "z"]]})
    );
    assert_eq!(
        evaluate("[for a in self.nested : [for b in a : \"${b}${length(a)}\"]]"),
        json!([["x1"], ["y2", "z2"]])
    );
    assert_eq!(
        fails("[for x in self.name : x]"),
        "self.name: a `for` goes over a list or an object, not a string"
    );
}

#[test]
fn an_inner_name_hides_an_outer_one() {
    assert_eq!(
        evaluate("[for x in [1, 2] : [for x in [3] : x][0]]"),
        json!([3, 3])
    );
    assert_eq!(evaluate("[for self in [1] : self]"), json!([1]));
}

#[test]
fn splats_apply_what_follows_to_each() {
    assert_eq!(evaluate("self.step[*].name"), json!(["One", "Two"]));
    assert_eq!(
        evaluate("self.step[*].action[0].kind"),
        json!(["script", null])
    );
    assert_eq!(evaluate("self.nested[*][0]"), json!(["x", "y"]));
    assert_eq!(
        evaluate("self.step[*].action[*].kind"),
        json!([["script"], []])
    );
    assert_eq!(evaluate("self.name[*]"), json!(["Deploy"]));
    assert_eq!(
        evaluate("[for s in self.step[*].name : lower(s)]"),
        json!(["one", "two"])
    );
}

#[test]
fn templates_take_text_numbers_and_booleans() {
    assert_eq!(
        evaluate("\"${self.name}-${self.count}-${self.flag}\""),
        json!("Deploy-007-true")
    );
    assert_eq!(evaluate("\"$${x} %%{y}\""), json!("${x} %{y}"));
    assert_eq!(evaluate("<<T\n    a\n  b\nT"), json!("    a\n  b\n"));
    assert_eq!(
        evaluate("<<-T\n    a ${self.name}\n      b\n    T"),
        json!("a Deploy\n  b\n")
    );
    assert_eq!(
        fails("\"a ${self.absent}\""),
        "self.absent: expected text, found null (an absent key is null)"
    );
    assert_eq!(
        fails("\"a ${self.list}\""),
        "self.list: expected text, found a list"
    );
}

#[test]
fn keys_of_objects_are_names_or_expressions() {
    assert_eq!(
        evaluate("{ name = 1, \"b c\" = 2, (self.name) = 3, \"${slug}!\" = 4 }"),
        json!({"name": 1, "b c": 2, "Deploy": 3, "my-slug!": 4})
    );
    assert_eq!(evaluate("{ a = 1, (lower(\"A\")) = 2 }"), json!({"a": 2}));
}

#[test]
fn a_view_is_the_plain_json_one() {
    for document in [
        DOCUMENT,
        "",
        "a = 1\na = 2\n",
        "x \"l\" {\n}\nx = 5\nx \"m\" \"n\" {\n}\n",
        "x = 1\nx {\n}\nx = 2\n",
        "d = {\n  \"$labels\" = \"mine\"\n  k = 1\n  k = 2\n}\n",
        "b \"l\" {\n  c {\n  }\n}\n",
    ] {
        let root = Document::parse(document, Dialect::Current).expect("a document");
        let plain = root.root().to_json();
        assert_eq!(
            evaluate_over(document, "merge(self, {})"),
            Ok(plain.clone()),
            "{document}"
        );
        assert_eq!(
            evaluate_over(document, "{ for k, v in self : k => v }"),
            Ok(plain),
            "{document}"
        );
    }
    let labels = "d = {\n  \"$labels\" = \"mine\"\n}\n";
    assert_eq!(
        evaluate_over(labels, "self.d[\"$labels\"]"),
        Ok(json!("mine"))
    );
}

#[test]
fn lookup_asks_the_server() {
    assert_eq!(
        evaluate("lookup(\"environments\", \"Production\")"),
        json!("prod")
    );
    assert_eq!(
        evaluate("lookup(\"environments\", \"Test\", null)"),
        Json::Null
    );
    assert_eq!(
        fails("lookup(\"environments\", \"Test\")"),
        "lookup(\"environments\", \"Test\"): lookup: the server's table \"environments\" has no key \"Test\""
    );
    assert_eq!(
        evaluate("try(lookup(\"environments\", \"Test\"), \"x\")"),
        json!("x")
    );
}

#[test]
fn no_try_hides_that_the_server_could_not_answer() {
    let wanted = "lookup(\"down\", slug, 1): lookup: the server is down";
    assert_eq!(fails("lookup(\"down\", slug, 1)"), wanted);
    assert_eq!(fails("try(lookup(\"down\", slug, 1), \"x\")"), wanted);
    assert_eq!(fails("can(lookup(\"down\", slug, 1))"), wanted);
}

#[test]
fn unique_never_gives_the_same_text_twice() {
    assert_eq!(
        evaluate("[unique(\"a\"), unique(\"a-1\"), unique(\"a\"), unique(\"a\"), unique(\"b\")]"),
        json!(["a", "a-1", "a-2", "a-3", "b"])
    );
}

#[test]
fn functions_refuse_what_they_cannot_do() {
    for (text, wanted) in [
        (
            "upper(null)",
            "upper(null): upper: expected text, found null",
        ),
        (
            "replace(\"a\", \"\", \"b\")",
            "replace(\"a\", \"\", \"b\"): replace: the text to search for is empty",
        ),
        (
            "tonumber(\"1x\")",
            "tonumber(\"1x\"): tonumber: \"1x\" is no number",
        ),
        (
            "tobool(\"yes\")",
            "tobool(\"yes\"): tobool: \"yes\" is neither \"true\" nor \"false\"",
        ),
        (
            "regex(\"b\", \"a\")",
            "regex(\"b\", \"a\"): regex: \"a\" does not match",
        ),
        (
            "slugify(\"!!\")",
            "slugify(\"!!\"): slugify: nothing of \"!!\" is left in a slug",
        ),
        (
            "coalesce(null, \"\")",
            "coalesce(null, \"\"): coalesce: every value is null or empty",
        ),
        (
            "substr(\"abc\", -1, 1)",
            "substr(\"abc\", -1, 1): substr: the offset is negative",
        ),
        (
            "max(1, \"2\")",
            "max(1, \"2\"): max: expected a number, found a string",
        ),
        ("length(1)", "length(1): length: a number has no length"),
        (
            "upper([\"a\", \"b\"]...)",
            "upper([\"a\", \"b\"]...): `upper` does not take 2 arguments",
        ),
        ("self.name.x", "self.name.x: a string has no attribute `x`"),
        ("self.count[0]", "self.count[0]: a number has no items"),
        (
            "self.list[null]",
            "self.list[null]: a key must be a string or a number, not null",
        ),
    ] {
        assert_eq!(fails(text), wanted, "{text}");
    }
    assert_eq!(evaluate("slugify(\"!!\", \"step\")"), json!("step"));
    assert_eq!(evaluate("max([1, 3, 2]...)"), json!(3));
    assert_eq!(evaluate("substr(\"añb\", 1, -1)"), json!("ñb"));
}

#[test]
fn a_slug_is_cut_only_to_a_length_that_is_asked_for_and_never_ends_in_a_dash() {
    let name = format!("{} x", "a".repeat(49));
    let whole = format!("{}-x", "a".repeat(49));
    assert_eq!(evaluate(&format!("slugify(\"{name}\")")), json!(whole));
    assert_eq!(
        evaluate(&format!("slugify(\"{name}\", \"\", 50)")),
        json!("a".repeat(49))
    );
    assert_eq!(
        evaluate("slugify(\"İstanbul ÄB\")"),
        evaluate("slugify(\"i\u{307}stanbul äb\")")
    );
}

#[test]
fn only_what_is_looked_at_counts_as_read() {
    for (text, wanted) in [
        ("self.name", &["\"Deploy\""][..]),
        ("self", &[]),
        ("self.step", &[]),
        ("self.step[1].name", &["\"Two\""]),
        ("self.step[*].name", &["\"One\"", "\"Two\""]),
        (
            "[for s in self.step : s.name if s.name != \"One\"]",
            &["\"One\"", "\"Two\""],
        ),
        ("[for s in self.step : 1]", &[]),
        ("self.list[1]", &["\"b\""]),
        ("self.list[5]", &[]),
        ("[for x in self.list : 1]", &["\"a\"", "\"b\""]),
        ("self.list[*]", &["\"a\"", "\"b\""]),
        ("self.nested[*][0]", &["\"x\"", "\"y\""]),
        ("[for k, v in self.properties : k]", &["\"n\"", "\"o\""]),
        ("jsonencode(self.properties)", &["\"n\"", "\"o\""]),
        ("self.step[0][\"$labels\"][0]", &["\"first\""]),
        ("false && self.flag", &[]),
        ("self.flag ? self.count : self.ratio", &["007", "true"]),
    ] {
        let mut wanted: Vec<&str> = wanted.to_vec();
        let mut found = reads(text);
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "{text}");
    }
}

// The budget.

fn many(count: usize) -> String {
    format!("list = [{}]\n", vec!["1"; count].join(", "))
}

/// Whether evaluating over a list of 1000 numbers stays within that many operations.
fn fits(operations: u64, text: &str) -> bool {
    let document = Document::parse(many(1000), Dialect::Current).expect("a document");
    let expression = compile(text);
    let evaluator = Evaluator::new(&Server).with_operations(operations);
    match evaluator.evaluate(&expression, &scope(document.root())) {
        Ok(_) => true,
        Err(error) => {
            assert!(
                error.message.contains("takes longer on one document"),
                "{}",
                error.message
            );
            false
        }
    }
}

#[test]
fn nested_loops_are_stopped() {
    let nested = "[for a in self.list : [for b in self.list : a + b]]";
    assert!(!fits(1_000_000, nested));
    assert!(fits(100_000, "[for a in self.list : a + 1]"));
}

#[test]
fn looking_at_large_values_again_and_again_is_stopped() {
    for text in [
        "[for a in self.list : self.list == self.list]",
        "[for a in self.list : length(self.list)]",
        "[for a in self.list : contains(self.list, 2)]",
        "[for a in self.list : self.list[999]]",
        "[for a in self.list : length(self.list[*])]",
        "distinct(self.list)",
        "[for a in self.list : unique(\"a\")]",
    ] {
        assert!(!fits(100_000, text), "{text}");
    }
}

#[test]
fn text_that_grows_without_limit_is_stopped() {
    let document = format!("text = \"{}\"\n", "x".repeat(1 << 17));
    for text in [
        "join(\"\", [for x in split(\"x\", self.text) : self.text])",
        "replace(self.text, \"x\", self.text)",
        "regexreplace(\"x\", self.text, self.text)",
        "jsonencode([for x in split(\"x\", self.text) : self.text])",
        "[for x in split(\"x\", self.text) : self.text]",
    ] {
        let error = evaluate_over(&document, text).expect_err("17 gigabytes");
        assert!(error.contains("64 MiB"), "{text}: {error}");
    }
}

#[test]
fn no_try_hides_a_spent_budget() {
    let loops = "[for a in self.list : [for b in self.list : 1]]";
    assert!(!fits(100_000, &format!("can({loops})")));
    assert!(!fits(100_000, &format!("try({loops}, 1)")));
    let growing = "[for x in split(\"x\", self.text) : \"${self.text}\"]";
    let document = format!("text = \"{}\"\n", "x".repeat(10_000));
    let error = evaluate_over(&document, &format!("can({growing})")).expect_err("100 megabytes");
    assert!(error.contains("64 MiB"), "{error}");
}

#[test]
fn the_budget_is_for_all_expressions_of_a_step_on_a_document() {
    let document = Document::parse(many(1000), Dialect::Current).expect("a document");
    let expression = compile("[for a in self.list : a + 1]");
    let evaluator = Evaluator::new(&Server).with_operations(20_000);
    let scope = scope(document.root());
    let spent = (0..20).find(|_| evaluator.evaluate(&expression, &scope).is_err());
    assert!(spent.is_some_and(|round| round > 0), "{spent:?}");
}
