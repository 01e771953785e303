//! Editing: how what is inserted, removed and moved looks, and what is refused.

use ocl_migrate::ocl::{Dialect, EditError, Editor, MAX_BYTES, Position};
use serde_json::{Value, json};

use super::{at, parse};

const RUNBOOK: &str = include_str!("../../../fixtures/ocl/runbook.ocl");
const BY_HAND: &str = include_str!("../../../fixtures/ocl/by_hand.ocl");

fn editor(text: &str) -> Editor {
    parse(text, Dialect::Current).edit()
}

mod looks {
    use super::*;

    #[test]
    fn a_new_attribute_goes_to_its_sorted_place() {
        let mut editor = editor(RUNBOOK);
        let root = editor.root();
        editor
            .set(root, "force_package_download", json!(false))
            .unwrap();
        editor.set(root, "aardvark", json!(1)).unwrap();
        editor.set(root, "zebra", json!(["a", "b"])).unwrap();
        let text = editor.text();
        let head: Vec<_> = text.lines().take(8).collect();
        assert_eq!(
            head,
            [
                "name = \"Backup\"",
                "aardvark = 1",
                "description = \"Saves it\"",
                "force_package_download = false",
                "multi_tenancy_mode = \"Untenanted\"",
                "zebra = [\"a\", \"b\"]",
                "",
                "connectivity_policy {",
            ]
        );
    }

    /// Up to schema version 3 a block without attributes has a blank line below its first line.
    #[test]
    fn a_first_attribute_goes_above_the_blank_line_of_the_first_block() {
        for end in ["\n", "\r\n"] {
            let text = "step \"Deploy\" {\n\n    action {\n    }\n}".replace('\n', end);
            let mut editor = editor(&text);
            let step = at(&editor, "step[\"Deploy\"]");
            editor.set(step, "name", json!("Deploy")).unwrap();
            let wanted = "step \"Deploy\" {\n    name = \"Deploy\"\n\n    action {\n    }\n}"
                .replace('\n', end);
            assert_eq!(editor.finish().text(), wanted);
        }
    }

    #[test]
    fn keys_texts_and_blocks_are_written_as_the_server_does() {
        let mut editor = editor(RUNBOOK);
        let action = at(&editor, "process.step[\"save\"].action");
        let properties = at(&editor, "process.step[\"save\"].action.properties");
        editor
            .set(
                properties,
                "Octopus.Action.Script.ScriptSource",
                json!("Inline"),
            )
            .unwrap();
        editor
            .set(properties, "Octopus.Action.A key", json!("quoted"))
            .unwrap();
        editor
            .set(action, "notes", json!("one\n  two\nthree"))
            .unwrap();
        editor
            .insert_block(
                action,
                "package",
                &["a \"b\""],
                json!({"feed": "f", "properties": {"X": "1"}, "inner": [{}, {"a": 1}]}),
                Position::End,
            )
            .unwrap();
        insta::assert_snapshot!(editor.finish(), @r#"
        name = "Backup"
        description = "Saves it"
        multi_tenancy_mode = "Untenanted"

        connectivity_policy {
            allow_deployments_to_no_targets = true
        }

        process {
            step "save" {
                name = "Save"
                properties = {
                    Octopus.Action.TargetRoles = "db"
                }

                action {
                    action_type = "Octopus.Script"
                    notes = <<-EOT
                            one
                              two
                            three
                            EOT
                    properties = {
                        "Octopus.Action.A key" = "quoted"
                        Octopus.Action.Script.ScriptBody = <<-EOT
                            echo one
                              echo two

                            echo three
                        EOT
                        Octopus.Action.Script.ScriptSource = "Inline"
                        Octopus.Action.Script.Syntax = "Bash"
                    }
                    worker_pool = "hosted"

                    package "a \"b\"" {
                        feed = "f"
                        properties = {
                            X = "1"
                        }

                        inner {}

                        inner {
                            a = 1
                        }
                    }
                }
            }

            step "tell" "all" {}
        }
        "#);
    }

    #[test]
    fn a_block_opens_up_and_closes_again() {
        let mut editor = editor(RUNBOOK);
        let step = at(&editor, "process.step[\"tell\"][\"all\"]");
        let name = editor.set(step, "name", json!("Tell")).unwrap();
        assert!(
            editor
                .text()
                .ends_with("    step \"tell\" \"all\" {\n        name = \"Tell\"\n    }\n}")
        );
        editor.remove(name).unwrap();
        assert!(editor.node(name).is_none());
        assert_eq!(editor.text(), RUNBOOK);
    }

    #[test]
    fn removing_leaves_no_holes() {
        let mut editor = editor(RUNBOOK);
        for place in [
            "connectivity_policy",
            "multi_tenancy_mode",
            "process.step[\"save\"].properties",
            "process.step[\"save\"].action.properties[\"Octopus.Action.Script.ScriptBody\"]",
            "process.step[\"tell\"][\"all\"]",
        ] {
            let node = at(&editor, place);
            editor.remove(node).unwrap();
        }
        insta::assert_snapshot!(editor.finish(), @r#"
        name = "Backup"
        description = "Saves it"

        process {
            step "save" {
                name = "Save"

                action {
                    action_type = "Octopus.Script"
                    properties = {
                        Octopus.Action.Script.Syntax = "Bash"
                    }
                    worker_pool = "hosted"
                }
            }
        }
        "#);
    }

    #[test]
    fn text_written_by_hand_keeps_its_ways() {
        let mut editor = editor(BY_HAND);
        let root = editor.root();
        let b = at(&editor, "b");
        editor.insert_item(b, 1, json!("between")).unwrap();
        editor.insert_item(b, 3, json!("last")).unwrap();
        editor.insert_item(b, 0, json!("first")).unwrap();
        let c = at(&editor, "c");
        editor.set(c, "k3", json!({"x": {}, "y": "1\n2"})).unwrap();
        editor.set(root, "e", json!(2)).unwrap();
        let d = at(&editor, "d");
        editor.set(d, "new", json!(2)).unwrap();
        let block = at(&editor, "block[\"one\"]");
        editor
            .insert_block(block, "last", &[], json!({}), Position::End)
            .unwrap();
        let a = at(&editor, "a");
        editor.remove(a).unwrap();
        let empty = at(&editor, "empty");
        editor.move_to(empty, block, Position::End).unwrap();
        insta::assert_snapshot!(editor.finish(), @r##"
        # Written by hand
        // above b
        b= [
          "first",
          "x", # first
          "between",
          "y", // second
          "last"
        ]

        c = {
        	"k 1" = null
        	"k2"   = [1, 2.50, -3]
        	# not an entry
        	"#x" = <<RAW
          as it is
        RAW
        	"k3" = {
        		x = {}
        		y = <<-EOT
        			1
        			2
        			EOT
        	}
        }
        block "one" { # opens

        	a = true

        	inner { }

        	last {}

        	empty {
        	}
        }
        list = [ 1 ]
        d = {
        	new = 2
        }
        e = 2
        "##);
    }

    #[test]
    fn blank_lines_stay_where_a_person_would_have_them() {
        // Older servers left a blank line before a block that comes first.
        let text = "step {\r\n\r\n    action {\r\n    }\r\n}";
        let mut editor = editor(text);
        let step = at(&editor, "step");
        let action = at(&editor, "step.action");
        let name = editor.set(step, "name", json!("x")).unwrap();
        assert_eq!(
            editor.text(),
            "step {\r\n    name = \"x\"\r\n\r\n    action {\r\n    }\r\n}"
        );
        editor.remove(action).unwrap();
        let root = editor.root();
        editor
            .insert_block(root, "first", &[], json!({"a": 1}), Position::Before(step))
            .unwrap();
        editor
            .insert_block(step, "b", &[], json!({}), Position::After(name))
            .unwrap();
        assert_eq!(
            editor.finish().text(),
            "first {\r\n    a = 1\r\n}\r\n\r\nstep {\r\n    name = \"x\"\r\n\r\n    b {}\r\n}"
        );
    }

    #[test]
    fn a_comment_behind_a_value_stays_and_rules_a_heredoc_out() {
        let mut editor = editor("a = 1 # one\nb = 2\n");
        let root = editor.root();
        editor.set(root, "a", json!("x\ny")).unwrap();
        editor.set(root, "b", json!("x\ny")).unwrap();
        assert_eq!(
            editor.finish().text(),
            "a = \"x\\ny\" # one\nb = <<-EOT\n        x\n        y\n        EOT\n"
        );
    }

    #[test]
    fn comments_go_along_into_a_dictionary_and_out_of_it() {
        let text = "# about e\n// more\ne = 1 # e\n\nb {\n    q = {\n        # about k\n        k = 2\n        l = 3\n    }\n}\n\n\
                    #x = 1\ng = 2\nlast = 1\n";
        let mut editor = editor(text);
        let (root, q) = (editor.root(), at(&editor, "b.q"));
        let (e, k, g) = (
            at(&editor, "e"),
            at(&editor, "b.q[\"k\"]"),
            at(&editor, "g"),
        );
        editor.move_to(e, q, Position::End).unwrap();
        editor.move_to(k, root, Position::End).unwrap();
        // There it would be an entry.
        editor.move_to(g, q, Position::End).unwrap();
        insta::assert_snapshot!(editor.finish(), @"
        b {
            q = {
                # about e
                // more
                e = 1 # e
                g = 2
                l = 3
            }
        }

        #x = 1
        # about k
        k = 2
        last = 1
        ");
    }

    #[test]
    fn a_moved_step_keeps_the_text_of_its_scripts() {
        let mut editor = editor(RUNBOOK);
        let root = editor.root();
        let step = at(&editor, "process.step[\"save\"]");
        let before = editor.node(step).unwrap().to_json();
        editor.move_to(step, root, Position::End).unwrap();
        assert_eq!(editor.node(step).unwrap().to_json(), before);
        insta::assert_snapshot!(editor.finish(), @r#"
        name = "Backup"
        description = "Saves it"
        multi_tenancy_mode = "Untenanted"

        connectivity_policy {
            allow_deployments_to_no_targets = true
        }

        process {
            step "tell" "all" {}
        }

        step "save" {
            name = "Save"
            properties = {
                Octopus.Action.TargetRoles = "db"
            }

            action {
                action_type = "Octopus.Script"
                properties = {
                    Octopus.Action.Script.ScriptBody = <<-EOT
                        echo one
                          echo two

                        echo three
                    EOT
                    Octopus.Action.Script.Syntax = "Bash"
                }
                worker_pool = "hosted"
            }
        }
        "#);
    }

    #[test]
    fn a_replaced_script_keeps_its_tag_and_indent() {
        let text = "p = {\n    a = <<-JSON\n            {\n            }\n        JSON\n}";
        for (dialect, expected) in [
            (
                Dialect::Legacy,
                "p = {\n    a = <<-JSON\n            x\n              y\n        JSON\n}",
            ),
            (
                Dialect::Current,
                "p = {\n    a = <<-JSON\n        x\n          y\n        JSON\n}",
            ),
        ] {
            let mut editor = parse(text, dialect).edit();
            let p = at(&editor, "p");
            editor.set(p, "a", json!("x\n  y")).unwrap();
            assert_eq!(editor.finish().text(), expected);
        }
    }
}

mod refusals {
    use super::*;

    #[test]
    fn what_can_not_be_is_said_and_changes_nothing() {
        let mut editor = editor(RUNBOOK);
        let root = editor.root();
        let process = at(&editor, "process");
        let name = at(&editor, "name");
        let properties = at(&editor, "process.step[\"save\"].properties");
        let mut refused = Vec::new();
        let mut take = |result: Result<(), ocl_migrate::ocl::EditError>| {
            refused.push(result.expect_err("this must be refused").to_string());
        };
        take(editor.set(root, "not a name", json!(1)).map(drop));
        take(editor.set(root, "process", json!(1)).map(drop));
        take(editor.set(name, "x", json!(1)).map(drop));
        take(editor.rename(name, "description"));
        take(
            editor
                .insert_block(root, "name", &[], json!({}), Position::End)
                .map(drop),
        );
        take(
            editor
                .insert_block(properties, "x", &[], json!({}), Position::End)
                .map(drop),
        );
        take(
            editor
                .insert_block(root, "x", &["a"], json!({"$labels": ["b"]}), Position::End)
                .map(drop),
        );
        take(
            editor
                .insert_block(process, "x", &[], json!({}), Position::After(name))
                .map(drop),
        );
        take(editor.move_to(process, process, Position::End));
        take(editor.move_to(process, properties, Position::End));
        take(editor.set_label(process, 0, "x"));
        take(editor.insert_item(name, 0, json!(1)).map(drop));
        take(editor.remove(root));
        let number: Value = serde_json::from_str("1e9999").unwrap();
        take(editor.set(root, "x", &number).map(drop));
        let deep = (0..200).fold(json!(1), |value, _| json!([value]));
        take(editor.set(process, "x", &deep).map(drop));
        let deep = (0..128).fold(json!(1), |value, _| json!([value]));
        take(editor.set(process, "x", &deep).map(drop));
        assert!(editor.splices().is_empty());
        assert_eq!(editor.text(), RUNBOOK);
        editor.remove(name).unwrap();
        let mut take = |result: Result<(), ocl_migrate::ocl::EditError>| {
            refused.push(result.expect_err("this must be refused").to_string());
        };
        take(editor.rename(name, "x"));
        insta::assert_snapshot!(refused.join("\n"), @r#"
        "not a name" can't be a name: names are letters, digits, `_` and `-`
        there is already "process"
        name: can't set something in an attribute
        there is already "description"
        there is already "name"
        process.step["save"].properties: can't insert a block in an attribute
        this value can't be written: it has labels of its own, and others were given
        process: the position is not inside this node, or is inside the node to be moved
        process: the position is not inside this node, or is inside the node to be moved
        process.step["save"].properties: the position is not inside this node, or is inside the node to be moved
        process: there are only 0, so none has the index 0
        name: can't insert an item in an attribute
        can't remove a document
        this value can't be written: the number 1e+9999 can't be written: OCL has no exponents, and it is too long without one
        process: this would nest more than 128 levels deep
        process: this would nest more than 128 levels deep
        an earlier edit removed this node
        "#);
    }

    #[test]
    fn what_just_fits_is_written_and_what_does_not_is_taken_back() {
        let third = |letter: &str| letter.repeat(MAX_BYTES / 3);
        let text = format!(
            "d = {{\n    a = \"{}\"\n    b = \"\"\n}}\nz = \"{}\"\n",
            third("x"),
            third("x")
        );
        let mut editor = editor(&text);
        let d = at(&editor, "d");
        let fits = json!({"a": third("y"), "c": ""});
        editor.replace(d, &fits).unwrap();
        assert!(editor.document().get("d").unwrap().to_json() == fits);

        let fitting = editor.text();
        let too_large = json!({"b": third("y"), "c": third("y")});
        assert!(matches!(
            editor.replace(d, &too_large),
            Err(EditError::TooLarge { .. })
        ));
        assert!(editor.text() == fitting);
    }

    #[test]
    fn a_document_that_shrinks_may_be_converted_at_any_length() {
        let line = " ".repeat(8) + &"x".repeat(1 << 20) + "\n";
        let text = format!("a = <<-EOT\n{}    EOT\n", line.repeat(12));
        let old = parse(&text, Dialect::Current);
        let value = old.root().get("a").unwrap().as_str().unwrap().into_owned();
        let new = old.convert(Dialect::Legacy).unwrap();
        let converted = new.root().get("a").unwrap().as_str().unwrap().into_owned();
        assert!(converted == value);
    }
}
