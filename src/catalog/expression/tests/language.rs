//! The meaning of expressions.

use super::*;

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
        "self.list[2.0]",
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
fn a_position_is_a_whole_number_from_0_on() {
    for text in ["self.list[-1]", "self.list[0.5]", "split(\",\", \"a\")[-1]"] {
        assert!(
            fails(text).contains("positions are whole numbers from 0 on"),
            "{text}"
        );
    }
    assert_eq!(evaluate("try(self.list[-1], \"none\")"), json!("none"));
}

#[test]
fn a_key_that_a_written_table_lacks_is_refused() {
    assert_eq!(
        fails("{ on = true }[self.name]"),
        "{ on = true }[self.name]: the table has no key \"Deploy\"; write try(TABLE[...], DEFAULT) for a default"
    );
    assert_eq!(
        fails("[1, 2][2]"),
        "[1, 2][2]: the list has 2 items, so none at position 2"
    );
    assert_eq!(
        evaluate("try({ on = true }[self.name], self.name)"),
        json!("Deploy")
    );
    assert_eq!(evaluate("{ Deploy = null }[self.name]"), Json::Null);
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
    assert_eq!(fails("1 % 0"), "1 % 0: 1 can't be divided by 0");
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
    // A value that is itself a list isn't taken for a group.
    assert_eq!(
        fails("{ for x in self.nested : \"k\" => x }"),
        "x: the key \"k\" occurs twice: write `...` after the result to group its values"
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
