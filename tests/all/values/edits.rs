//! Changing single values: what is written where, what stays, and what is refused.

use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::ocl::{Dialect, Document, Literal};
use ocl_migrate::values::{
    NewValue, ValueEdit, ValueEditError, Values, edit_values, leaves, take_over,
};
use serde_json::json;

const PROCESS: &str = r#"# The process.
step "build" {
    condition = "Always"   # not on failure

    action {
        environments = ["staging", "production", "staging"]
        is_required = true
        properties = {
            Octopus.Action.Script.ScriptBody = <<-EOT
                    echo one
                    echo two
                    EOT
            Octopus.Action.Script.Syntax = "Bash"
        }

        packages "tools" {
            feed = "other"
        }
    }
}

step "test" {
    name = "Test"
    action "unit" {}
    action "slow" {}
}
"#;

const VARIABLES: &str = r#"variable "Retries" {
    value "5" {} # everywhere
    value "9" {
        environment = ["production"]
    }

    value {
        environment = ["test"]
    }
}
"#;

fn edited(kind: &str, text: &str, edits: &[ValueEdit]) -> Result<String, ValueEditError> {
    let mut editor = Document::parse(text, Dialect::Current).unwrap().edit();
    edit_values(&mut editor, Catalog::builtin().identity(kind), edits)?;
    Ok(editor.finish().text().to_owned())
}

fn set(selector: &str, value: impl Into<Literal>) -> ValueEdit {
    ValueEdit::set(selector.parse().unwrap(), value)
}

fn typed(selector: &str, text: &str) -> ValueEdit {
    ValueEdit {
        selector: selector.parse().unwrap(),
        value: Some(NewValue::Typed(text.into())),
    }
}

fn unset(selector: &str) -> ValueEdit {
    ValueEdit::unset(selector.parse().unwrap())
}

/// The lines that differ.
fn changed(kind: &str, before: &str, edits: &[ValueEdit]) -> String {
    let after = match edited(kind, before, edits) {
        Ok(after) => after,
        Err(error) => return error.to_string(),
    };
    let diff = similar::TextDiff::from_lines(before, &after);
    let lines = diff.iter_all_changes();
    let lines = lines.filter(|line| line.tag() != similar::ChangeTag::Equal);
    lines.map(|line| format!("{}{line}", line.tag())).collect()
}

fn process(edits: &[ValueEdit]) -> String {
    changed("deployment_process", PROCESS, edits)
}

fn variables(edits: &[ValueEdit]) -> String {
    changed("variables", VARIABLES, edits)
}

const ACTION: &str = r#"step["build"].action["build"]"#;

fn in_action(rest: &str) -> String {
    format!("{ACTION}{rest}")
}

#[test]
fn a_value_is_replaced_and_nothing_else() {
    assert_snapshot!(process(&[set(r#"step["build"].condition"#, "Success")]), @r#"
    -    condition = "Always"   # not on failure
    +    condition = "Success"   # not on failure
    "#);
    let body = in_action(r#".properties["Octopus.Action.Script.ScriptBody"]"#);
    assert_snapshot!(process(&[set(&body, "echo one\necho three")]), @r"
    -                    echo two
    +                    echo three
    ");
    assert_snapshot!(process(&[set(&in_action(".is_required"), json!([1, "a", null]))]), @r#"
    -        is_required = true
    +        is_required = [1, "a", null]
    "#);
    // The value of a variable is a label; one that has none yet gets it.
    assert_snapshot!(variables(&[set(r#"variable["Retries"].value{}"#, "7")]), @r#"
    -    value "5" {} # everywhere
    +    value "7" {} # everywhere
    "#);
    assert_snapshot!(variables(&[set(r#"variable["Retries"].value{environment=test}"#, 3)]), @r#"
    -    value {
    +    value "3" {
    "#);
}

#[test]
fn what_is_not_there_is_added_to_what_is() {
    let syntax = in_action(r#".properties["Octopus.Action.RunOnServer"]"#);
    assert_snapshot!(process(&[set(&syntax, "true")]), @r#"+            Octopus.Action.RunOnServer = "true""#);
    assert_snapshot!(process(&[set(r#"step["test"].start_trigger"#, "x")]), @r#"
    +    start_trigger = "x"
    +
    "#);
    assert_snapshot!(
        process(&[set(r#"step["tset"].name"#, "x")]),
        @r#"`step["tset"]` selects nothing: there is no `step["tset"]`; did you mean `step["test"]`?"#
    );
    assert_snapshot!(
        process(&[set(r#"step["test"].properties["a"]"#, "x")]),
        @r#"`step["test"].properties["a"]` selects nothing: there is no `properties` in `step["test"]`; there are `name`, `action`"#
    );
    assert_snapshot!(
        process(&[set(r#"step["test"].name.first"#, "x")]),
        @r#"`first` can't be added to `step["test"].name`, which is a string"#
    );
    assert_snapshot!(
        process(&[set(r#"step["test"].action["new"]"#, "x")]),
        @r#"`step["test"].action["new"]` selects nothing: there is no `action["new"]` in `step["test"]`; did you mean `step["test"].action["unit"]`?"#
    );
    assert_snapshot!(
        variables(&[set(r#"variable["Retries"].value{}.environment"#, json!(["a"]))]),
        @r#"`environment` is part of the address of `variable["Retries"].value{}`, so setting it would make it another"#
    );
    assert_snapshot!(
        variables(&[set(r#"variable["Retries"].value{environment=production}.environment"#, json!(["a"]))]),
        @r#"`variable["Retries"].value{environment=production}.environment` selects nothing: there is no `environment` in `variable["Retries"].value{environment=production}` of its own: it belongs to the address of the block"#
    );
}

#[test]
fn what_is_typed_stays_a_string_where_one_stands_and_is_json_elsewhere() {
    let condition = r#"step["build"].condition"#;
    for (text, written) in [
        ("true", "\"true\""),
        ("7", "\"7\""),
        ("\"7\"", "\"7\""),
        ("[1]", "\"[1]\""),
        ("", "\"\""),
    ] {
        let after = edited("deployment_process", PROCESS, &[typed(condition, text)]).unwrap();
        let expected = format!("    condition = {written}   # not on failure\n");
        assert!(after.contains(&expected), "{text}: {after}");
    }
    let required = in_action(".is_required");
    for (text, written) in [
        ("false", "false"),
        ("7.10", "7.10"),
        ("\"7\"", "\"7\""),
        ("[\"a\"]", "[\"a\"]"),
        ("007", "\"007\""),
        ("1e5", "\"1e5\""),
        ("no", "\"no\""),
        ("null", "null"),
    ] {
        let after = edited("deployment_process", PROCESS, &[typed(&required, text)]).unwrap();
        let expected = format!("        is_required = {written}\n");
        assert!(after.contains(&expected), "{text}: {after}");
    }
    assert_snapshot!(variables(&[typed(r#"variable["Retries"].value{}"#, "1e5")]), @r#"
    -    value "5" {} # everywhere
    +    value "1e5" {} # everywhere
    "#);
}

#[test]
fn what_an_address_selects_is_removed() {
    assert_snapshot!(process(&[unset(r#"step["build"].condition"#)]), @r#"
    -    condition = "Always"   # not on failure
    -
    "#);
    let syntax = in_action(r#".properties["Octopus.Action.Script.Syntax"]"#);
    assert_snapshot!(process(&[unset(&syntax)]), @r#"-            Octopus.Action.Script.Syntax = "Bash""#);
    // An item of a set goes wherever it stands.
    assert_snapshot!(process(&[unset(&in_action(".environments{staging}"))]), @r#"
    -        environments = ["staging", "production", "staging"]
    +        environments = ["production"]
    "#);
    assert_snapshot!(process(&[set(&in_action(".environments{staging}"), "test")]), @r#"
    -        environments = ["staging", "production", "staging"]
    +        environments = ["test", "production"]
    "#);
    assert_snapshot!(variables(&[unset(r#"variable["Retries"].value{environment=production}"#)]), @r#"
    -    value "9" {
    -        environment = ["production"]
    -    }
    "#);
    assert_snapshot!(
        process(&[unset(r#"step["build"].conditio"#)]),
        @r#"`step["build"].conditio` selects nothing: there is no `conditio` in `step["build"]`; did you mean `step["build"].condition`?"#
    );
}

#[test]
fn what_is_not_one_value_is_refused() {
    assert_snapshot!(
        process(&[set("step.action", "x")]),
        @r#"`step.action` selects 3 things, and one is needed: `step["build"].action["build"]`, `step["test"].action["unit"]`, `step["test"].action["slow"]`"#
    );
    assert_snapshot!(
        process(&[set(r#"step["test"]"#, "x")]),
        @r#"`step["test"]` is a block, which has no value of its own: name a value in it"#
    );
    assert_snapshot!(process(&[set("", "x")]), @"this address is that of the whole document: name a value in it");
    assert_snapshot!(
        process(&[set(&in_action(".environments{staging}"), "production")]),
        @r#"`step["build"].action["build"].environments{staging}` can't get this value: the set has it already"#
    );
    assert_snapshot!(
        variables(&[set(r#"variable["Retries"].value{}"#, json!(["a"]))]),
        @r#"the value of `variable["Retries"].value{}` is a label, which can't hold a list: only a text"#
    );
    let doubled = changed("x", "a = 1\na = 2\n", &[set("a", 3)]);
    assert_snapshot!(doubled, @"`a` selects 2 things, and one is needed: `a[0]` (line 1), `a[1]` (line 2)");
    assert_eq!(
        changed("x", "a = 1\na = 2\n", &[set("a[1]", 3)]),
        "-a = 2\n+a = 3\n"
    );
}

#[test]
fn several_changes_are_all_read_in_what_was_there() {
    let list = "a = [\"x\", \"y\", \"z\"]\n";
    let edits = [unset("a[0]"), set("a[2]", "w")];
    assert_eq!(edited("x", list, &edits).unwrap(), "a = [\"y\", \"w\"]\n");
    for (one, other) in [("a", "a"), ("a", "a[1]"), ("a[1]", "a[1]")] {
        let error = edited("x", list, &[set(one, "v"), unset(other)]).unwrap_err();
        let expected = if one == other {
            format!("`{one}` is changed twice: what it is to be can't be told")
        } else {
            format!("`{other}` is changed, and so is `{one}` that it is a part of")
        };
        assert_eq!(error.to_string(), expected);
    }
    // A block's own value is no part of what is in it.
    let value = r#"variable["Retries"].value{}"#;
    let within = format!("{value}.description");
    assert_snapshot!(variables(&[set(value, "7"), set(&within, "x")]), @r#"
    -    value "5" {} # everywhere
    +    value "7" {
    +        description = "x"
    +    } # everywhere
    "#);
    let error = edited("variables", VARIABLES, &[unset(value), set(&within, "x")]).unwrap_err();
    assert!(matches!(error, ValueEditError::Overlap { .. }), "{error}");
}

#[test]
fn a_value_is_taken_over_from_another_document() {
    let taken = |now: &str, then: &str, selector: &str| {
        let [now, then] = [now, then].map(|text| Document::parse(text, Dialect::Current).unwrap());
        let identity = Catalog::builtin().identity("deployment_process").clone();
        let values = [&now, &then].map(|document| Values::of(document, &identity));
        match take_over(values[0], values[1], &selector.parse().unwrap()) {
            Ok(Some(text)) => text,
            Ok(None) => "the same".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    let now = "step \"a\" {\n    name = \"A\" # now\n    x = 1\n}\n\nstep \"c\" {\n}\n";
    let then = "step \"b\" {\n  name = \"B\" # then\n\n  action {\n    y = [\n      1 # one\n    ]\n  }\n}\nstep \"a\" {\n  z = {\n    k = 1\n  }\n  name = \"old\"\n}\nstep \"c\" {}\n";
    assert_snapshot!(taken(now, then, r#"step["a"].name"#), @r#"
    step "a" {
        name = "old" # now
        x = 1
    }

    step "c" {
    }
    "#);
    assert_snapshot!(taken(now, then, r#"step["a"]"#), @r#"
    step "a" {
      z = {
        k = 1
      }
      name = "old"
    }

    step "c" {
    }
    "#);
    // A block that went comes back where it stood, as it was written.
    assert_snapshot!(taken(now, then, r#"step["b"]"#), @r#"
    step "b" {
      name = "B" # then

      action {
        y = [
          1 # one
        ]
      }
    }

    step "a" {
        name = "A" # now
        x = 1
    }

    step "c" {
    }
    "#);
    assert_snapshot!(taken(now, then, r#"step["a"].z["k"]"#), @r#"what holds it is not there now: `step["a"].z` selects nothing: there is no `z` in `step["a"]`; there are `name`, `x`"#);
    assert_snapshot!(taken(now, then, r#"step["a"].x"#), @r#"
    step "a" {
        name = "A" # now
    }

    step "c" {
    }
    "#);
    assert_snapshot!(taken(now, then, r#"step["c"]"#), @"the same");
    assert_snapshot!(taken(now, then, r#"step["d"]"#), @r#"`step["d"]` selects nothing: there is no `step["d"]`; did you mean `step["a"]`?"#);
    let (now, then) = ("a = [\"x\", \"z\"]\n", "a = [\"x\", \"y\", \"z\"]\n");
    assert_snapshot!(taken(now, then, "a[2]"), @"the same");
    assert_snapshot!(taken(now, then, "a[1]"), @r#"a = ["x", "y"]"#);
}

/// Every leaf of every real document, set to what it is, changes no byte; each tenth one set to another, unset and taken back
/// gives back the values that were there.
#[test]
fn leaves_of_real_documents_are_set_unset_and_taken_back() {
    let documents = super::corpus::documents();
    if documents.is_empty() {
        return;
    }
    let catalog = Catalog::builtin();
    let (mut same, mut other, mut back) = (0, 0, 0);
    for real in documents {
        let (kind, document) = (real.kind(), &real.document);
        let (text, identity) = (document.text(), catalog.identity(kind));
        for (index, leaf) in leaves(document, identity).enumerate() {
            let selector = leaf.selector();
            let is_text = leaf.value().as_str().is_some();
            if !is_text || index % 10 != 0 {
                continue;
            }
            let old = leaf.value().as_str().unwrap_or_default().to_owned();
            let mut editor = document.clone().edit();
            let kept = [ValueEdit::set(selector.clone(), &*old)];
            edit_values(&mut editor, identity, &kept).unwrap();
            assert_eq!(editor.text(), text, "{kind} {selector}");
            same += 1;
            let new = format!("{old} and more");
            let mut editor = document.clone().edit();
            let Ok(_) = edit_values(
                &mut editor,
                identity,
                &[ValueEdit::set(selector.clone(), &*new)],
            ) else {
                continue;
            };
            let changed = editor.finish();
            other += 1;
            // An item of a set has another address now.
            let now = Values::of(&changed, identity);
            let Ok(found) = now.find(&selector) else {
                continue;
            };
            assert_eq!(
                found.value().unwrap().as_str(),
                Some(&*new),
                "{kind} {selector}"
            );
            let taken = take_over(now, Values::of(document, identity), &selector).unwrap();
            let taken = Document::parse(taken.unwrap(), Dialect::Current).unwrap();
            let (was, is) = (leaves(document, identity), leaves(&taken, identity));
            assert!(
                was.map(|leaf| leaf.to_string())
                    .eq(is.map(|leaf| leaf.to_string())),
                "{kind} {selector}"
            );
            back += 1;
        }
    }
    assert!(
        same > 3000 && other > 3000 && back > 2500,
        "{same} {other} {back}"
    );
}
