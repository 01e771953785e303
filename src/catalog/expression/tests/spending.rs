//! What expressions read and spend.

use super::*;

#[test]
fn only_visited_leaves_count_as_read() {
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
        // An item is read where it is used.
        ("[for x in self.list : 1]", &[]),
        ("[for x in self.list : x]", &["\"a\"", "\"b\""]),
        ("[for i, x in self.list : i == 0 ? x : 0]", &["\"a\""]),
        ("[for i, x in self.list : i]", &[]),
        (
            "[for x in self.list : 1 if x == \"a\"]",
            &["\"a\"", "\"b\""],
        ),
        ("[for x in self.list : x != null]", &[]),
        ("self.list[*]", &["\"a\"", "\"b\""]),
        ("self.nested[*][0]", &["\"x\"", "\"y\""]),
        ("[for k, v in self.properties : k]", &[]),
        ("[for k, v in self.properties : v]", &["\"n\"", "\"o\""]),
        (
            "[for k, v in self.step[0] : v if k == \"$labels\"]",
            &["\"first\""],
        ),
        ("jsonencode(self.properties)", &["\"n\"", "\"o\""]),
        ("self.step[0][\"$labels\"][0]", &["\"first\""]),
        ("false && self.flag", &[]),
        // A type reveals nothing of the value, except for null.
        ("type(self.name)", &[]),
        ("type(self.list)", &[]),
        ("type(self.step)", &[]),
        ("type(self.nothing)", &["null"]),
        (
            "type(self.name) == \"string\" ? self.name : \"\"",
            &["\"Deploy\""],
        ),
        ("self.flag ? self.count : self.ratio", &["007", "true"]),
        // That something is there reveals nothing of it either, nor do its size and its keys.
        ("self.name == null", &[]),
        ("null != self.name", &[]),
        ("self.list != null", &[]),
        ("self.list[0] != null", &[]),
        ("try(self.name, null) != null", &[]),
        ("self.nothing == null", &["null"]),
        ("self.name != null ? self.name : \"\"", &["\"Deploy\""]),
        ("self.name != null && self.flag", &["true"]),
        ("lower(self.name) != null", &["\"Deploy\""]),
        ("self.name != \"x\"", &["\"Deploy\""]),
        ("length(self)", &[]),
        ("length(self.list)", &[]),
        ("length(self.list[*])", &[]),
        ("length(self.name)", &[]),
        ("length(self.step)", &[]),
        ("length(lower(self.name))", &["\"Deploy\""]),
        ("contains(keys(self), \"name\")", &[]),
        ("keys(self.properties)", &[]),
        // `value` is `self.name` here.
        ("value", &["\"Deploy\""]),
        ("value != null ? \"new\" : \"\"", &[]),
        ("length(value)", &[]),
        // A path that leads nowhere has read nothing of what it goes through.
        ("try(value.seconds, 30)", &[]),
        ("try(self.name.seconds, 30)", &[]),
        ("try(self.name[0], 30)", &[]),
        ("try([for x in self.list : x.k], [])", &[]),
        ("try([for x in self.name : x], [])", &[]),
        ("can(self.name.seconds)", &[]),
        ("can(self.name)", &[]),
        ("try(tonumber(self.name), 0)", &["\"Deploy\""]),
        // What stands behind the value that `coalesce` takes is dropped.
        ("coalesce(\"x\", self.name)", &[]),
        ("coalesce(\"x\", lower(self.name))", &[]),
        ("coalesce(self.nothing, self.name)", &["\"Deploy\"", "null"]),
        ("coalesce(self.name, self.count)", &["\"Deploy\""]),
        // What uses it reads of it.
        ("coalesce(self.list, self.count)", &[]),
        ("coalesce(self.name, self.list)", &["\"Deploy\""]),
        ("coalesce(self.list, [])[0]", &["\"a\""]),
        ("jsonencode(coalesce(self.list, []))", &["\"a\"", "\"b\""]),
    ] {
        let mut wanted: Vec<&str> = wanted.to_vec();
        let mut found = reads(text);
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn of_the_old_value_too_only_what_is_looked_at_counts_as_read() {
    let document = r"list = [1, 2, 3]
map = {
    k = 4
    z = 5
}
maps = [{
    k = 6
    z = 7
}, {
    k = 8
}]
";
    let document = Document::parse(document, Dialect::Current).expect("a document");
    for (name, text, wanted) in [
        ("list", "value[0]", &["1"][..]),
        ("list", "try(value[0], value)", &["1"]),
        ("list", "max(value...)", &["1", "2", "3"]),
        (
            "list",
            "value[0] == 1 ? jsonencode(value) : 0",
            &["1", "2", "3"],
        ),
        ("list", "value != null", &[]),
        ("list", "length(value) > 0", &[]),
        ("map", "{ q = value.k }", &["4"]),
        ("map", "keys(value)", &[]),
        ("map", "coalesce(value, {}).k", &["4"]),
        ("map", "merge(value, { a = 1 })", &["4", "5"]),
        // Of what is put together, the part that is taken.
        ("map", "merge(value, {}).k", &["4"]),
        ("map", "merge(value, { k = 1 })[\"k\"]", &[]),
        ("map", "merge({ k = 1 }, value).k", &["4"]),
        ("map", "merge({ k = value }, {}).k.z", &["5"]),
        ("map", "merge(value, {}).other", &[]),
        ("map", "merge(value, {})", &["4", "5"]),
        ("map", "values(value)[1]", &["5"]),
        ("list", "reverse(value)[0]", &["3"]),
        ("list", "concat([0], value)[1]", &["1"]),
        ("list", "concat(value, [0])[3]", &[]),
        ("list", "reverse(concat(value, [0]))[0]", &["1", "2", "3"]),
        ("maps", "concat(value, [])[0].k", &["6"]),
        ("map", "merge(value, { k = 1 })", &["5"]),
        ("map", "merge({ k = 1 }, value)", &["4", "5"]),
        ("map", "merge(value, value)", &["4", "5"]),
        ("map", "merge({ k = value }, { k = 1 })", &[]),
        ("maps", "[for x in value : x.k]", &["6", "8"]),
        ("maps", "value[*].z", &["7"]),
    ] {
        let evaluator = Evaluator::new(&Server);
        let scope = Scope {
            value: document.root().get(name),
            ..scope(document.root())
        };
        let expression = compile(text);
        let result = evaluator.evaluate(&expression, &scope);
        result.unwrap_or_else(|error| panic!("{text}: {}", error.message));
        let mut found: Vec<_> = evaluator.take_reads(document.root());
        found.sort_unstable();
        found.dedup();
        let found: Vec<_> = found
            .into_iter()
            .map(|id| document.node(id).source().into_owned())
            .collect();
        assert_eq!(found, wanted, "{text}");
    }
}

// The budget.

fn many(count: usize) -> String {
    format!("list = [{}]\n", vec!["1"; count].join(", "))
}

/// Whether evaluating over a list of 1000 numbers stays within a number of operations.
fn fits(operations: u64, text: &str) -> bool {
    let document = Document::parse(many(1000), Dialect::Current).expect("a document");
    let expression = compile(text);
    let evaluator = Evaluator::new(&Server).with_operations(operations);
    match evaluator.evaluate(&expression, &scope(document.root())) {
        Ok(_) => true,
        Err(error) => {
            assert!(
                error.message.contains("5 million operations"),
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
fn visiting_large_values_repeatedly_is_stopped() {
    for text in [
        "[for a in self.list : self.list == self.list]",
        "[for a in self.list : length(self.list)]",
        "[for a in self.list : contains(self.list, 2)]",
        "[for a in self.list : self.list[999]]",
        "[for a in self.list : length(self.list[*])]",
    ] {
        assert!(!fits(100_000, text), "{text}");
    }
    for text in [
        "distinct(self.list)",
        "[for a in self.list : unique(\"a\")]",
        "{ for i, a in self.list : i => a }",
    ] {
        assert!(fits(10_000, text), "{text}");
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
        let is_stopped = error.contains("64 MiB") || error.contains("5 million operations");
        assert!(is_stopped, "{text}: {error}");
    }
}

#[test]
fn scanning_a_long_text_repeatedly_is_stopped() {
    let document = format!("text = \"{}\"\n{}", "x".repeat(1 << 20), many(1000));
    for text in [
        "[for a in self.list : strcontains(self.text, \"y\")]",
        "[for a in self.list : self.text == \"y\"]",
        "[for a in self.list : can(regex(\"y\", self.text))]",
        "[for text in [self.text] : [for a in self.list : startswith(text, \"y\")]]",
    ] {
        let error = evaluate_over(&document, text).expect_err("a gigabyte");
        assert!(error.contains("5 million operations"), "{text}: {error}");
    }
}

#[test]
fn copying_a_long_text_repeatedly_is_stopped() {
    let document = format!("text = \"{}\"\n{}", "x".repeat(1 << 20), many(1000));
    for text in [
        "[for text in [upper(self.text)] : [for a in self.list : can(text.x)]]",
        "[for text in [[upper(self.text)]] : [for a in self.list : can(text[0].x)]]",
        "[for text in [{ a = upper(self.text) }] : [for a in self.list : can(text.a.x)]]",
        "[for text in [[upper(self.text)]] : [for a in self.list : [for b in text : 1]]]",
    ] {
        let error = evaluate_over(&document, text).expect_err("a gigabyte");
        assert!(error.contains("5 million operations"), "{text}: {error}");
    }
}

#[test]
fn computed_patterns_are_charged() {
    assert!(!fits(
        100_000,
        "[for a in self.list : can(regex(\"${a}x{500}\", \"y\"))]"
    ));
    assert!(fits(
        100_000,
        "[for a in self.list : can(regex(\"x{500}\", \"y\"))]"
    ));
}

#[test]
fn edits_and_paths_are_charged() {
    let evaluator = || Evaluator::new(&Server).with_operations(100);
    assert_eq!(evaluator().spend_on_edit(100), Ok(()));
    assert!(evaluator().spend_on_edit(1000).is_err());
    assert_eq!(evaluator().spend_on_selection(100), Ok(()));
    assert!(evaluator().spend_on_selection(1000).is_err());
    let evaluator = evaluator();
    let edits = (0..1000).take_while(|_| evaluator.spend_on_edit(0).is_ok());
    assert_eq!(edits.count(), 100);
}

#[test]
fn try_does_not_hide_a_spent_budget() {
    let loops = "[for a in self.list : [for b in self.list : 1]]";
    assert!(!fits(100_000, &format!("can({loops})")));
    assert!(!fits(100_000, &format!("try({loops}, 1)")));
    let growing = "[for x in split(\"x\", self.text) : \"${self.text}\"]";
    let document = format!("text = \"{}\"\n", "x".repeat(10_000));
    let error = evaluate_over(&document, &format!("can({growing})")).expect_err("100 megabytes");
    assert!(error.contains("64 MiB"), "{error}");
}

#[test]
fn all_expressions_of_a_step_on_a_document_share_the_budget() {
    let document = Document::parse(many(1000), Dialect::Current).expect("a document");
    let expression = compile("[for a in self.list : a + 1]");
    let evaluator = Evaluator::new(&Server).with_operations(20_000);
    let scope = scope(document.root());
    let spent = (0..20).find(|_| evaluator.evaluate(&expression, &scope).is_err());
    assert!(spent.is_some_and(|round| round > 0), "{spent:?}");
}
