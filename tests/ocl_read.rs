//! Reading: the forms of the language, and what is said about a text that isn't OCL.

use std::fs;
use std::path::{Path, PathBuf};

use ocl_migrate::ocl::{self, Dialect, Document, Kind, MAX_BYTES, MAX_DEPTH};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/ocl")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the fixtures are part of the project")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn read(text: &str) -> Document {
    Document::parse(text, Dialect::Current).unwrap_or_else(|error| panic!("{error}"))
}

fn view(text: &str) -> Value {
    read(text).root().to_json()
}

#[test]
fn every_form_is_read() {
    let path = fixtures("")
        .into_iter()
        .find(|path| path.ends_with("every_form.ocl"));
    let text = fs::read_to_string(path.expect("the fixture")).expect("a readable fixture");
    let view = serde_json::to_string_pretty(&read(&text).root()).expect("a view");
    insta::assert_snapshot!(view, @r##"
    {
      "name": "All of it",
      "escapes": "tab \t quote \" backslash \\ return \r line \n",
      "templates": "#{Octopus} ${not} %{these}",
      "nothing": null,
      "yes": true,
      "no": false,
      "number": -7.50,
      "list": [
        1,
        "two",
        [
          3.0,
          null
        ],
        {
          "k": "v"
        }
      ],
      "empty_list": [],
      "empty_dictionary": {},
      "raw": "    as it is\n  EOT",
      "indented": "        three more\n\n      one more",
      "empty_block": [
        {}
      ],
      "open_block": [
        {}
      ],
      "labels": [
        {
          "$labels": [
            "one",
            "t\"wo",
            ""
          ],
          "dictionary": {
            "Octopus.Action[a=b].X": "bare",
            "quoted key": 1,
            "#x": "an entry, not a comment",
            "//y": 2,
            "a": 3,
            "nested": {
              "list": [
                "a",
                "b"
              ]
            }
          },
          "inner": [
            {
              "$labels": [
                "a"
              ],
              "last": "value"
            },
            {
              "$labels": [
                "b"
              ]
            }
          ]
        }
      ]
    }
    "##);
}

/// The messages are written for the author of the file: what is wrong, where, and what to do where that isn't plain.
#[test]
fn messages_say_what_is_wrong_and_where() {
    let messages: Vec<_> = fixtures("invalid")
        .iter()
        .map(|path| {
            let bytes = fs::read(path).expect("a readable fixture");
            let name = path.file_name().expect("a file").to_string_lossy();
            let error = Document::from_bytes(bytes, Dialect::Current).expect_err(&name);
            error.render(&name)
        })
        .collect();
    insta::assert_snapshot!(messages.join("\n\n"), @r#"
    expected the end of the line, found `"`
     --> after_value.ocl:1:17
      |
    1 | name = "Deploy" "twice"
      |                 ^

    not a number: digits are expected, with a `-` before and `.` digits after them at most
     --> bad_number.ocl:1:5
      |
    1 | a = 1.2.3
      |     ^

    expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found `deploy`
     --> bare_word.ocl:1:5
      |
    1 | a = deploy
      |     ^

    expected the end of the line after `{`, found `name`
     --> block_on_one_line.ocl:1:12
      |
    1 | step "a" { name = 1 }
      |            ^

    this `}` closes nothing: a `{` is missing above it
     --> closing_brace.ocl:2:1
      |
    2 | }
      | ^

    this is a Git conflict marker: the file holds an unresolved merge, resolve it first
     --> conflict_in_dictionary.ocl:3:1
      |
    3 | =======
      | ^

    this is a Git conflict marker: the file holds an unresolved merge, resolve it first
     --> conflict_in_document.ocl:2:1
      |
    2 | <<<<<<< HEAD
      | ^

    expected the end of the line, found `\u{1b}`
     --> control_characters.ocl:1:7
      |
    1 | a = 1 \u{1b}[31m\u{202e}hidden
      |       ^

    not a number: digits are expected, with a `-` before and `.` digits after them at most
     --> exponent.ocl:1:5
      |
    1 | a = 1e5
      |     ^

    byte 0xe9 is not UTF-8: save the file in that encoding
     --> latin1.ocl:2:9
      |
    2 | b = "caf�"
      |         ^

    expected the end of the line, found `!`
     --> long_line.ocl:1:308
      |
    1 | ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" ! "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
      |                                                      ^

    expected the tag of a heredoc, as in `<<-EOT`, found the end of the line
     --> no_tag.ocl:1:8
      |
    1 | a = <<-
      |        ^

    this is never closed: a `}` is missing
     --> open_block.ocl:1:7
      |
    1 | outer {
      |       ^

    this is never closed: a `}` is missing
     --> open_dictionary.ocl:1:5
      |
    1 | p = {
      |     ^

    this heredoc has no end: a line with nothing but `EOT` is missing
     --> open_heredoc.ocl:1:5
      |
    1 | a = <<-EOT
      |     ^

    expected `,` or `]`, found `b`
     --> open_list.ocl:2:1
      |
    2 | b = 3
      | ^

    this string is not closed on its line: a `"` is missing (a line end within is written `\n`, or use a heredoc)
     --> open_string.ocl:1:8
      |
    1 | name = "open
      |        ^

    expected a name without quotes; quoted keys stand in dictionaries (`name = { ... }`) only
     --> quoted_name.ocl:2:5
      |
    2 |     "key" = 1
      |     ^

    unknown escape: there are `\r`, `\n`, `\t`, `\\` and `\"` and no others
     --> tabs.ocl:1:11
      |
    1 |         name    = "\q"
      |                    ^

    expected the end of the line after the tag of a heredoc, found `#`
     --> text_after_tag.ocl:1:12
      |
    1 | a = <<-EOT # why not
      |            ^

    nested more than 128 levels deep
     --> too_deep.ocl:1:133
      |
    1 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]...
      |                                                      ^

    expected a value after the `,`: the last item of a list takes none
     --> trailing_comma.ocl:3:1
      |
    3 | ]
      | ^

    expected the end of the line after the entry, found `b`
     --> two_entries_on_a_line.ocl:2:11
      |
    2 |     a = 1 b = 2
      |           ^

    unknown escape: there are `\r`, `\n`, `\t`, `\\` and `\"` and no others
     --> unknown_escape.ocl:1:16
      |
    1 | path = "C:\temp\users"
      |                ^

    this is UTF-16; documents are UTF-8: save the file in that encoding
     --> utf16.ocl:1:1
      |
    1 | ��a\u{0}
      | ^

    expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found the end of the line
     --> value_on_next_line.ocl:1:4
      |
    1 | a =
      |    ^

    expected the end of the line, found `?`
     --> wide_characters.ocl:1:10
      |
    1 | a = "宽字" ?
      |            ^
    "#);
}

#[test]
fn without_a_file_name_the_place_is_line_and_column() {
    let error = Document::parse("a = 1\n  b = ?", Dialect::Current).expect_err("not OCL");
    assert_eq!((error.line(), error.column(), error.offset()), (2, 7, 12));
    insta::assert_snapshot!(error, @"
    expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found `?`
     --> 2:7
      |
    2 |   b = ?
      |       ^
    ");
}

#[test]
fn a_hostile_file_name_is_escaped() {
    let error = Document::parse("?", Dialect::Current).expect_err("not OCL");
    assert!(
        error
            .render("a\u{1b}[2Jb.ocl")
            .contains("a\\u{1b}[2Jb.ocl:1:1")
    );
}

#[test]
fn heredocs_are_read_in_both_dialects() {
    let cases = [
        ("<<-E\n    a\n      b\n    E", "a\n  b", "a\n  b"),
        ("<<-E\n    a\n  E", "a", "  a"),
        ("<<-E\n  a\n    E", "a", "a"),
        ("<<-E\n    a\n\n \n      \n    E", "a\n\n\n  ", "a\n\n\n  "),
        ("<<-E\n   \n E", "", "  "),
        ("<<-E\nE", "", ""),
        ("<<-E\n\nE", "", ""),
        ("<<-E\n  a\nE", "a", "  a"),
        ("<<E\n  a\n  E", "  a", "  a"),
        ("<<-E\r\n  a\r\n  b\r\n  E", "a\r\nb", "a\r\nb"),
        ("<<-E\r\n  a\n  b\r\n  E", "a\nb", "a\nb"),
        ("<<-E\n  a\r\n  b\n  c\n  E", "a\r\nb\r\nc", "a\r\nb\r\nc"),
        ("<<-E\n  a\r\r\n  E", "a", "a"),
        ("<<-E\n  E1\n  E E\n  E", "E1\nE E", "E1\nE E"),
        ("<<-E \t\n\t\ta\n\u{a0}\u{a0}b\n\t E\t \n", "a\nb", "a\nb"),
        ("<<--E\n  a\n  -E", "a", "a"),
    ];
    for (source, legacy, current) in cases {
        for (dialect, value) in [(Dialect::Legacy, legacy), (Dialect::Current, current)] {
            let document = Document::parse(format!("a = {source}"), dialect).expect(source);
            let read = document.root().get("a").and_then(|node| node.as_str());
            assert_eq!(read.as_deref(), Some(value), "{source:?} {dialect:?}");
        }
    }
}

#[test]
fn the_last_of_several_attributes_counts_and_blocks_hide_none() {
    let text = "a = 1\nx {}\na = 2\nx = 3\nx \"l\" {}\n";
    assert_eq!(
        view(text),
        json!({"a": 2, "x": [{}, 3, {"$labels": ["l"]}]})
    );
    let document = read(text);
    assert_eq!(
        document.root().get("a").and_then(|node| node.as_number()),
        Some("2")
    );
    assert_eq!(document.root().children().count(), 5);

    // The same where there are so many that they are looked up in a table.
    let many: String = (0..50).map(|n| format!("k{} = {n}\n", n % 30)).collect();
    let view = view(&many);
    assert_eq!(view.as_object().map(serde_json::Map::len), Some(30));
    assert_eq!((&view["k0"], &view["k29"]), (&json!(30), &json!(29)));
}

#[test]
fn numbers_keep_their_digits() {
    let text = "a = 12345678901234567890.12345678901234567890\nb = 007\nc = -00.10\nd = 0\n";
    let json = serde_json::to_string(&read(text).root()).expect("a view");
    assert_eq!(
        json,
        r#"{"a":12345678901234567890.12345678901234567890,"b":7,"c":-0.10,"d":0}"#
    );
    assert_eq!(serde_json::to_string(&view(text)).expect("a view"), json);
}

#[test]
fn places_and_positions() {
    let document = read(
        "\u{feff}step \"a\" \"b\\\"\" {\n    p = {\n        \"X y\" = [\"ü\", {\n k = 1\n}]\n    }\n}",
    );
    let node = document
        .nodes()
        .find(|node| node.kind() == Kind::Number)
        .expect("a number");
    assert_eq!(node.place(), r#"step["a"]["b\""].p["X y"][1]["k"]"#);
    let position = document.position(node.span().start);
    assert_eq!((position.line, position.column), (4, 6));
    assert_eq!(document.root().place(), "");
}

#[test]
fn a_byte_order_mark_is_kept() {
    let text = "\u{feff}a = 1";
    assert_eq!(view(text), json!({"a": 1}));
    assert_eq!(read(text).to_string(), text);
}

#[test]
fn limits_are_refused_not_hit() {
    let nested = |depth: usize| format!("{}{}", "b {\n".repeat(depth), "}\n".repeat(depth));
    assert!(Document::parse(nested(MAX_DEPTH), Dialect::Current).is_ok());
    assert!(Document::parse(nested(MAX_DEPTH + 1), Dialect::Current).is_err());
    assert!(Document::parse("\n".repeat(MAX_BYTES), Dialect::Current).is_ok());
    let error =
        Document::parse("\n".repeat(MAX_BYTES + 1), Dialect::Current).expect_err("too long");
    assert!(error.message().contains("16777217 bytes"));
}

mod serde_forms {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Policy {
        Default,
        Count(u32),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Step {
        #[serde(rename = "$labels", default, skip_serializing_if = "Vec::is_empty")]
        labels: Vec<String>,
        policy: Policy,
        #[serde(default)]
        ratio: Option<f64>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Process<'a> {
        name: &'a str,
        step: Vec<Step>,
    }

    #[test]
    fn types_are_read_and_written() {
        let process = Process {
            name: "P",
            step: vec![
                Step {
                    labels: vec!["a".into()],
                    policy: Policy::Default,
                    ratio: Some(1.5),
                },
                Step {
                    labels: Vec::new(),
                    policy: Policy::Count(3),
                    ratio: None,
                },
            ],
        };
        let text = ocl::to_string(&process, Dialect::Current).expect("writable");
        insta::assert_snapshot!(text, @r#"
        name = "P"

        step "a" {
            policy = "default"
            ratio = 1.5
        }

        step {
            policy = {
                count = 3
            }
            ratio = null
        }
        "#);
        let document = read(&text);
        assert_eq!(ocl::from_node::<Process<'_>>(document.root()), Ok(process));
    }

    #[test]
    fn errors_say_which_node_did_not_fit() {
        let errors: Vec<_> = [
            "name = \"x\"\nstep \"a\" {\n    policy = \"never\"\n}",
            "name = 1\nstep {}",
            "name = \"x\"\nstep {\n    policy = {\n        count = -1\n    }\n}",
            "name = \"x\"\nstep \"a\" {\n}",
            "name = \"x\"\nstep = 1",
        ]
        .iter()
        .map(|text| {
            let document = read(text);
            ocl::from_node::<Process<'_>>(document.root())
                .expect_err("it doesn't fit")
                .to_string()
        })
        .collect();
        insta::assert_snapshot!(errors.join("\n"), @r#"
        3:5: step["a"].policy: unknown variant `never`, expected `default` or `count`
        1:1: name: invalid type: integer `1`, expected a borrowed string
        4:9: step.policy["count"]: invalid number
        2:1: step["a"]: missing field `policy`
        2:1: step: invalid type: integer `1`, expected a sequence
        "#);
        assert_eq!(
            ocl::to_string(&[1], Dialect::Current).map_err(|error| error.to_string()),
            Err("a document is an object of attributes and blocks, not a list".to_owned())
        );
        assert!(ocl::to_string(&json!({"not a name": 1}), Dialect::Current).is_err());
    }
}

// ---- properties --------------------------------------------------------------------------------------------------

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b_1",
        " = ",
        "=",
        "\n",
        "\r\n",
        "\r",
        " ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "\"s\"",
        "\\",
        "\\n",
        "#",
        "//",
        "1",
        "-2.5",
        "true",
        "null",
        "<<-EOT\n",
        "<<E\n",
        "  EOT\n",
        "E\n",
        "\u{a0}",
        "é",
        "\u{feff}",
        "<<<<<<< ",
        "x = 1\n",
        "p = {\n",
        "s \"l\" {\n",
        "}\n",
        "k.x = \"v\"\n",
        "\u{0}",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn views() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        "",
        "a",
        "b\nc",
        "  b\n  c\n",
        "\r\n",
        "x\ry",
        "EOT\nEOT1",
        "\"\\\t",
        " \n\n",
    ]);
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    let key = prop::sample::select(vec!["a", "b", "name", "c-d", "E", "x y", "#k", ""]);
    let inner = leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..4).prop_map(|entries| entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    });
    let name = prop::sample::select(vec!["name", "a", "b", "Z", "step", "é"]);
    prop::collection::vec((name, inner), 0..6).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics, and a place that is named exists.
    #[test]
    fn invariant_1_what_is_read_prints_as_it_was(text in pieces()) {
        match Document::parse(text.as_str(), Dialect::Current) {
            Ok(document) => {
                prop_assert_eq!(document.to_string(), text);
                let json = document.root().to_json();
                let streamed: Value = serde_json::from_str(&serde_json::to_string(&document.root()).unwrap()).unwrap();
                prop_assert_eq!(&json, &streamed);
                for node in document.nodes() {
                    prop_assert!(node.kind() == Kind::Document || !node.source().is_empty());
                    prop_assert!(node.place().len() < 1000);
                }
            }
            Err(error) => {
                prop_assert!(text.is_char_boundary(error.offset()));
                prop_assert!(error.line() <= text.matches('\n').count() + 1);
                let shown = error.to_string();
                prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
            }
        }
    }

    #[test]
    fn any_view_that_can_be_written_reads_back(view in views(), dialect in prop::sample::select(vec![Dialect::Legacy, Dialect::Current])) {
        let text = ocl::to_string(&view, dialect).unwrap();
        let document = Document::parse(text, dialect).unwrap();
        prop_assert_eq!(document.root().to_json(), view.clone());
        prop_assert_eq!(ocl::from_document::<Value>(&document).unwrap(), view);
    }

    #[test]
    fn any_heredoc_keeps_its_value_in_the_other_dialect(
        lines in prop::collection::vec(prop::sample::select(vec!["", " ", "    ", "a", "  a", "      b", "\t\tc", "\u{a0}\u{a0}d", "x\r", "  \r"]), 0..6),
        indent in prop::sample::select(vec!["", "  ", "      ", "\t"]),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        from in prop::sample::select(vec![Dialect::Legacy, Dialect::Current]),
    ) {
        let to = if from == Dialect::Legacy { Dialect::Current } else { Dialect::Legacy };
        let body: String = lines.iter().map(|line| format!("{line}{end}")).collect();
        let text = format!("a = <<-E{end}{body}{indent}E{end}b = 1{end}");
        let document = Document::parse(text.as_str(), from).unwrap();
        let view = document.root().to_json();
        let same = document.clone().with_dialect(to).root().to_json() == view;
        let converted = ocl::dialect::convert(document, to).unwrap();
        prop_assert_eq!(converted.root().to_json(), view);
        prop_assert_eq!(converted.text() == text, same);
    }
}
