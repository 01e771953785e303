//! Reading: the forms of the language, and what is said about a text that isn't OCL.

use std::fs;
use std::path::{Path, PathBuf};

use ocl_migrate::ocl::{Dialect, Document, Kind, MAX_BYTES, MAX_DEPTH};
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

    not a number: expected digits, optionally with a `-` before them, and a `.` and more digits after them
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

    this is a Git conflict marker: resolve the merge first
     --> conflict_in_dictionary.ocl:3:1
      |
    3 | =======
      | ^

    this is a Git conflict marker: resolve the merge first
     --> conflict_in_document.ocl:2:1
      |
    2 | <<<<<<< HEAD
      | ^

    expected the end of the line, found `\u{1b}`
     --> control_characters.ocl:1:7
      |
    1 | a = 1 \u{1b}[31m\u{202e}hidden
      |       ^

    not a number: expected digits, optionally with a `-` before them, and a `.` and more digits after them
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

    this is not closed: a `}` is missing
     --> open_block.ocl:1:7
      |
    1 | outer {
      |       ^

    this is not closed: a `}` is missing
     --> open_dictionary.ocl:1:5
      |
    1 | p = {
      |     ^

    this heredoc has no end: a line with only `EOT` is missing
     --> open_heredoc.ocl:1:5
      |
    1 | a = <<-EOT
      |     ^

    expected `,` or `]`, found `b`
     --> open_list.ocl:2:1
      |
    2 | b = 3
      | ^

    this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
     --> open_string.ocl:1:8
      |
    1 | name = "open
      |        ^

    expected a name without quotes; quoted keys are allowed only in dictionaries (`name = { ... }`)
     --> quoted_name.ocl:2:5
      |
    2 |     "key" = 1
      |     ^

    unknown escape: only `\r`, `\n`, `\t`, `\\` and `\"` are allowed
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

    expected a value after the `,`: the last item of a list has no comma
     --> trailing_comma.ocl:3:1
      |
    3 | ]
      | ^

    expected the end of the line after the entry, found `b`
     --> two_entries_on_a_line.ocl:2:11
      |
    2 |     a = 1 b = 2
      |           ^

    unknown escape: only `\r`, `\n`, `\t`, `\\` and `\"` are allowed
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
        .root()
        .subtree()
        .find(|node| node.kind() == Kind::Number)
        .expect("a number");
    assert_eq!(node.place(), r#"step["a"]["b\""].p["X y"][1]["k"]"#);
    let position = node.position().unwrap();
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
    assert!(error.message().contains("longer than 16777216 bytes"));
}

#[test]
fn a_document_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    shared(&read("a = 1"));
}

/// As editors and scripts write them that turn line ends twice.
#[test]
fn two_carriage_returns_after_a_tag_are_named() {
    let text = "a = <<EOT\r\r\ntext\r\nEOT\r\n";
    let error = Document::parse(text, Dialect::Current).unwrap_err();
    assert_eq!((error.line(), error.column()), (1, 10));
    let message = error.message();
    assert!(
        message.contains("carriage return") && !message.contains("found"),
        "{message}"
    );
}
