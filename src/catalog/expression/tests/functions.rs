//! The results of functions.

use super::*;

#[test]
fn every_functions_example_gives_its_stated_result() {
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
fn functions_are_in_alphabetical_order_each_with_a_sentence() {
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
        "lookup(\"environments\", \"Test\"): lookup: no answer for \"Test\" in the server's table \"environments\""
    );
    assert_eq!(
        evaluate("try(lookup(\"environments\", \"Test\"), \"x\")"),
        json!("x")
    );
}

#[test]
fn an_answer_must_have_the_type_of_the_default() {
    assert_eq!(evaluate("lookup(\"limits\", \"steps\", 5)"), json!(20));
    assert_eq!(evaluate("lookup(\"limits\", \"steps\", null)"), json!(20));
    let wrong = "lookup(\"limits\", \"steps\", \"x\"): lookup: the server's table \"limits\" has a number under \"steps\", \
                 where this step takes a string, as its default is: correct the table";
    assert_eq!(fails("lookup(\"limits\", \"steps\", \"x\")"), wrong);
    assert_eq!(
        fails("try(lookup(\"limits\", \"steps\", \"x\"), \"y\")"),
        wrong
    );
}

#[test]
fn try_does_not_hide_that_the_server_could_not_answer() {
    let wanted = "lookup(\"down\", slug, 1): lookup: the server is down";
    assert_eq!(fails("lookup(\"down\", slug, 1)"), wanted);
    assert_eq!(fails("try(lookup(\"down\", slug, 1), \"x\")"), wanted);
    assert_eq!(fails("can(lookup(\"down\", slug, 1))"), wanted);
}

#[test]
fn the_type_of_a_value_is_named_as_in_terraform() {
    for (text, wanted) in [
        ("self.name", "string"),
        ("self.count", "number"),
        ("self.flag", "bool"),
        ("self.absent", "null"),
        ("self.list", "list"),
        ("self.step", "list"),
        ("self.step[0][\"$labels\"]", "list"),
        ("[for s in self.step : s]", "list"),
        ("self", "object"),
        ("self.step[0]", "object"),
        ("self.properties", "object"),
        ("{ a = 1 }", "object"),
        ("value", "string"),
        ("[self.list]...", "list"),
    ] {
        assert_eq!(evaluate(&format!("type({text})")), json!(wanted), "{text}");
    }
    assert_eq!(
        evaluate("type(self.list) == \"list\" ? join(\",\", self.list) : self.list"),
        json!("a,b")
    );
    assert_eq!(
        fails("type([1, 2]...)"),
        "type([1, 2]...): `type` does not take 2 arguments"
    );
    // The value must exist.
    assert_eq!(
        fails("type(self.name.x)"),
        "self.name.x: a string has no attribute `x`"
    );
}

#[test]
fn the_example_of_type_shows_every_type() {
    let function = Function::named("type").expect("a function");
    let shown: Vec<String> = serde_json::from_str(function.definition.example.1).expect("JSON");
    let mut shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    shown.sort_unstable();
    assert_eq!(shown, value::TYPES);
}

#[test]
fn a_comparison_with_an_unknown_type_is_refused() {
    for (text, wanted) in [
        ("type(self.a) == \"tuple\"", "\"tuple\""),
        ("type(self.a) != \"map\"", "\"map\""),
        ("\"boolean\" == type(self.a)", "\"boolean\""),
    ] {
        let problems = problems(text);
        let [problem] = &problems[..] else {
            panic!("{text}: {problems:?}");
        };
        let shown = problem.to_string();
        let message = format!("`type` never gives {wanted}");
        assert!(shown.contains(&message), "{shown}");
        assert!(
            shown.contains("it gives bool, list, null, number, object or string"),
            "{shown}"
        );
    }
    for text in [
        "type(self.a) == self.b",
        "type(self.a) == \"list\"",
        "lower(self.a) == \"tuple\"",
    ] {
        assert!(problems(text).is_empty(), "{text}");
    }
}

#[test]
fn unique_never_gives_the_same_text_twice() {
    assert_eq!(
        evaluate("[unique(\"a\"), unique(\"a-1\"), unique(\"a\"), unique(\"a\"), unique(\"b\")]"),
        json!(["a", "a-1", "a-2", "a-3", "b"])
    );
}

#[test]
fn functions_refuse_wrong_arguments() {
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
            "tonumber(\"1x\"): tonumber: \"1x\" is not a number",
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
            "slugify(\"!!\"): slugify: \"!!\" has no characters for a slug",
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
            "{ a = 1 }[0]",
            "{ a = 1 }[0]: an object is indexed by a name, not by a number: if 0 is a name, write `tostring(...)`",
        ),
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
fn a_slug_is_cut_only_to_a_given_length_and_never_ends_in_a_dash() {
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
