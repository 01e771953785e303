//! Random texts and values: nothing panics, and nothing is lost.

use ocl_migrate::ocl::{self, Dialect, Document, Kind};
use proptest::prelude::*;
use serde_json::{Value, json};

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
                for node in document.root().subtree() {
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
        let converted = document.convert(to).unwrap();
        prop_assert_eq!(converted.root().to_json(), view);
        prop_assert_eq!(converted.text() == text, same);
    }
}
