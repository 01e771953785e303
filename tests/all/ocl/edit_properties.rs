//! Editing at random: what must change, and what must not.

use ocl_migrate::ocl::{Dialect, Document, Editor, Kind, Node, NodeId, Position};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{at, parse};

const RUNBOOK: &str = include_str!("../../../fixtures/ocl/runbook.ocl");
const BY_HAND: &str = include_str!("../../../fixtures/ocl/by_hand.ocl");

/// Rebuilds the edited text from the original and the splices.
fn respliced(original: &str, editor: &Editor) -> String {
    let mut text = String::new();
    let mut at = 0;
    for splice in editor.splices() {
        assert!(
            at <= splice.old.start,
            "splices overlap or are out of order"
        );
        text.push_str(&original[at..splice.old.start]);
        text.push_str(&splice.new);
        at = splice.old.end;
    }
    text + &original[at..]
}

/// A step of the way from the root to a node, in the plain JSON view.
#[derive(Debug, Clone)]
enum Way {
    Name(String),
    Index(usize),
}

fn way(node: Node<'_>) -> Vec<Way> {
    let Some(parent) = node.parent() else {
        return Vec::new();
    };
    let mut steps = way(parent);
    match (node.kind(), parent.kind()) {
        (Kind::Block, _) => {
            let name = node.name();
            let index = parent
                .blocks(&name)
                .take_while(|block| *block != node)
                .count();
            steps.extend([Way::Name(name.to_string()), Way::Index(index)]);
        }
        (Kind::Attribute | Kind::Entry, _) => steps.push(Way::Name(node.name().into_owned())),
        (Kind::Label, _) => {
            let index = parent.labels().take_while(|label| *label != node).count();
            steps.extend([Way::Name("$labels".into()), Way::Index(index)]);
        }
        (_, Kind::List) => {
            let index = parent.children().take_while(|item| *item != node).count();
            steps.push(Way::Index(index));
        }
        _ => {}
    }
    steps
}

fn look<'v>(view: &'v mut Value, way: &[Way]) -> &'v mut Value {
    way.iter().fold(view, |view, step| match step {
        Way::Name(name) => &mut view[name.as_str()],
        Way::Index(index) => &mut view[*index],
    })
}

/// Takes a node out of the view, and the array of its type or its labels if that is empty then.
fn take(view: &mut Value, way: &[Way], kind: Kind) -> Value {
    let (last, rest) = way.split_last().expect("not the root");
    let holder = look(view, rest);
    match (last, &mut *holder) {
        (Way::Name(name), Value::Object(map)) => map.remove(name).expect("a member"),
        (Way::Index(index), Value::Array(items)) => {
            let taken = items.remove(*index);
            if items.is_empty() && matches!(kind, Kind::Block | Kind::Label) {
                take(view, rest, Kind::Attribute);
            }
            taken
        }
        _ => panic!("{way:?} leads nowhere"),
    }
}

fn object(view: &mut Value) -> &mut Map<String, Value> {
    view.as_object_mut().expect("an object")
}

/// One random edit, made to the document and to its view.
#[derive(Debug, Clone)]
struct Random {
    what: u8,
    which: prop::sample::Index,
    other: prop::sample::Index,
    name: String,
    value: Value,
}

fn pick(
    editor: &Editor,
    index: &prop::sample::Index,
    wanted: impl Fn(&Node<'_>) -> bool,
) -> Option<NodeId> {
    let all: Vec<_> = editor
        .document()
        .subtree()
        .filter(wanted)
        .map(|node| node.id())
        .collect();
    (!all.is_empty()).then(|| *index.get(&all))
}

fn is_holder(node: &Node<'_>) -> bool {
    matches!(node.kind(), Kind::Document | Kind::Block | Kind::Dictionary)
}

fn is_element(node: &Node<'_>) -> bool {
    matches!(node.kind(), Kind::Attribute | Kind::Block | Kind::Entry)
}

/// Makes the edit; the view is changed if (and only if) the edit was accepted.
fn make(edit: &Random, editor: &mut Editor, view: &mut Value) {
    match edit.what {
        0..=3 => {
            let Some(holder) = pick(editor, &edit.which, is_holder) else {
                return;
            };
            let steps = way(editor.node(holder).unwrap());
            let existing = editor
                .node(holder)
                .unwrap()
                .children()
                .filter(|child| child.kind() != Kind::Block)
                .map(|child| child.name().into_owned())
                .collect::<Vec<_>>();
            let name = match edit.what {
                0 if !existing.is_empty() => edit.other.get(&existing).clone(),
                _ => edit.name.clone(),
            };
            if let Ok(member) = editor.set(holder, &name, &edit.value) {
                assert_eq!(editor.node(member).unwrap().to_json(), edit.value);
                let text = editor.text();
                editor.set(holder, &name, &edit.value).unwrap();
                assert_eq!(
                    editor.text(),
                    text,
                    "the same value again changed something"
                );
                object(look(view, &steps)).insert(name, edit.value.clone());
            }
        }
        4 | 5 => {
            let wanted = |node: &Node<'_>| {
                is_element(node)
                    || node.kind() == Kind::Label
                    || node
                        .parent()
                        .is_some_and(|parent| parent.kind() == Kind::List)
            };
            let Some(target) = pick(editor, &edit.which, wanted) else {
                return;
            };
            let node = editor.node(target).unwrap();
            let (steps, kind) = (way(node), node.kind());
            editor.remove(target).unwrap();
            assert!(editor.node(target).is_none());
            take(view, &steps, kind);
        }
        6 => {
            let Some(target) = pick(editor, &edit.which, is_element) else {
                return;
            };
            let node = editor.node(target).unwrap();
            let (steps, kind) = (way(node), node.kind());
            let parent = way(node.parent().unwrap());
            let ordinal = node
                .parent()
                .unwrap()
                .blocks(&edit.name)
                .take_while(|block| block.id() < node.id())
                .count();
            let same = node.name() == edit.name;
            if editor.rename(target, &edit.name).is_ok() && !same {
                let value = take(view, &steps, kind);
                let holder = object(look(view, &parent));
                match kind {
                    Kind::Block => {
                        let blocks = holder.entry(edit.name.clone()).or_insert_with(|| json!([]));
                        blocks.as_array_mut().unwrap().insert(ordinal, value);
                    }
                    _ => drop(holder.insert(edit.name.clone(), value)),
                }
            }
        }
        7 => {
            let wanted = |node: &Node<'_>| matches!(node.kind(), Kind::Document | Kind::Block);
            let Some(holder) = pick(editor, &edit.which, wanted) else {
                return;
            };
            let steps = way(editor.node(holder).unwrap());
            let children: Vec<_> = editor
                .node(holder)
                .unwrap()
                .children()
                .map(|child| child.id())
                .collect();
            let position = if children.is_empty() {
                Position::End
            } else {
                Position::Before(*edit.other.get(&children))
            };
            let body = json!({"a": edit.value, "inner": [{"$labels": ["x"]}]});
            if let Ok(block) = editor.insert_block(holder, &edit.name, &["l\n"], &body, position) {
                let node = editor.node(block).unwrap();
                let Some(Way::Index(ordinal)) = way(node).pop() else {
                    panic!("a block has an index")
                };
                let mut body = body;
                body["$labels"] = json!(["l\n"]);
                assert_eq!(node.to_json(), body);
                let blocks = object(look(view, &steps))
                    .entry(edit.name.clone())
                    .or_insert_with(|| json!([]));
                blocks.as_array_mut().unwrap().insert(ordinal, body);
            }
        }
        8 | 9 => {
            let Some(list) = pick(editor, &edit.which, |node| node.kind() == Kind::List) else {
                return;
            };
            let steps = way(editor.node(list).unwrap());
            let count = editor.node(list).unwrap().children().count();
            let index = edit.other.index(count + 1);
            if editor.insert_item(list, index, &edit.value).is_ok() {
                look(view, &steps)
                    .as_array_mut()
                    .unwrap()
                    .insert(index, edit.value.clone());
            }
        }
        10 => {
            let Some(block) = pick(editor, &edit.which, |node| node.kind() == Kind::Block) else {
                return;
            };
            let steps = way(editor.node(block).unwrap());
            let count = editor.node(block).unwrap().labels().count();
            let index = edit.other.index(count + 1);
            editor.insert_label(block, index, &edit.name).unwrap();
            if index > 0 {
                editor.set_label(block, index - 1, "changed").unwrap();
            }
            let labels = object(look(view, &steps))
                .entry("$labels")
                .or_insert_with(|| json!([]));
            let labels = labels.as_array_mut().unwrap();
            labels.insert(index, json!(edit.name));
            if index > 0 {
                labels[index - 1] = json!("changed");
            }
        }
        _ => {
            let Some(target) = pick(editor, &edit.which, is_element) else {
                return;
            };
            let Some(holder) = pick(editor, &edit.other, is_holder) else {
                return;
            };
            let children: Vec<_> = editor
                .node(holder)
                .unwrap()
                .children()
                .map(|child| child.id())
                .collect();
            let position = match children.first() {
                Some(_) if edit.what == 12 => Position::After(*edit.which.get(&children)),
                Some(_) if edit.what == 13 => Position::Before(*edit.which.get(&children)),
                _ => Position::End,
            };
            let node = editor.node(target).unwrap();
            let (kind, old, moved) = (node.kind(), way(node), node.to_json());
            if editor.move_to(target, holder, position).is_ok() {
                let node = editor.node(target).expect("a moved node keeps its id");
                assert_eq!(node.to_json(), moved);
                let new = way(node);
                take(view, &old, kind);
                let holder = way(node.parent().unwrap());
                let holder = object(look(view, &holder));
                match new.last() {
                    Some(Way::Index(ordinal)) => {
                        let blocks = holder.entry(node.name()).or_insert_with(|| json!([]));
                        blocks.as_array_mut().unwrap().insert(*ordinal, moved);
                    }
                    _ => drop(holder.insert(node.name().into_owned(), moved)),
                }
            }
        }
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "  x", "\n", "\n", "\r\n", "\r", "\t", "EOT", "EOT1", "\nEOT\n", "${x}", "\"", "\\",
        "é", "\u{a0}", "#", "{", "}", " ", "//", "=", "\u{0}", "<<-EOT", "\u{feff}",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn scripts() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "", "", " ", "    ", "      ", "\t", "a", "  b", "    c", "EOT", " EOT ", "\u{a0}d", "x\r",
    ]);
    let end = prop::sample::select(vec!["\n", "\r\n"]);
    (prop::collection::vec(line, 0..6), end).prop_map(|(lines, end)| lines.join(end))
}

fn values() -> impl Strategy<Value = Value> {
    let number = prop::sample::select(vec!["0", "-1", "007.50", "12345678901234567890123", "1.10"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(|number| serde_json::from_str(number.trim_start_matches("00")).unwrap()),
        hostile().prop_map(Value::from),
        scripts().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((hostile(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn edits() -> impl Strategy<Value = Random> {
    let name = prop_oneof![
        4 => "[a-z]{1,3}",
        1 => hostile(),
        2 => prop::sample::select(vec!["name", "properties", "inner", "step", "Octopus.X", "#x"]).prop_map(str::to_owned),
    ];
    (
        0..14u8,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        name,
        values(),
    )
        .prop_map(|(what, which, other, name, value)| Random {
            what,
            which,
            other,
            name,
            value,
        })
}

fn documents() -> impl Strategy<Value = String> {
    let own: Vec<String> = vec![
        RUNBOOK.to_owned(),
        BY_HAND.to_owned(),
        String::new(),
        "\n".into(),
        "# only this".into(),
        "\u{feff}a = 1\n\n# c\nb {}".into(),
        "a = 1 b = 2 # c\nc = { k = 1 }\nd = { x = 1 }\ne {\n  x = 1 }\nf = [<<A\nx\nA\n, \"y\"]\n"
            .into(),
        "l = [ # c\n]\nm = [1,\n 2\n]\nn = { # c\n}".into(),
        "a = 1\rb = 2\r\nc {\r\n\r}\n".into(),
        "\u{a0}a = 1\u{a0}# c\n\u{2003}b = \"x\" \u{85}c = 2".into(),
    ];
    let texts = [own.clone(), corpus_texts()].concat();
    let chosen = prop_oneof![
        2 => prop::sample::select(own),
        1 => prop::sample::select(texts),
        3 => wild(),
    ];
    (chosen, any::<bool>()).prop_map(|(text, crlf)| {
        if crlf {
            text.replace("\r\n", "\n").replace('\n', "\r\n")
        } else {
            text
        }
    })
}

/// Documents of any layout that the language allows.
fn wild() -> impl Strategy<Value = String> {
    fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
        prop::sample::select(choices)
    }
    const BETWEEN: &[&str] = &[
        "\n",
        "\n\n",
        "\r\n",
        " # c\n",
        "\n  # c = 1\n  ",
        "\n\n\t// x y\n\n",
        " \u{a0}\n\u{a0}",
        "\n\r",
        "\n \n    ",
    ];
    let scalar = one_of(&[
        "1",
        "true",
        "null",
        "\"a\"",
        "\"\\\"#\"",
        "-0.50",
        "[]",
        "{}",
        "{ }",
    ])
    .prop_map(str::to_owned);
    let heredoc = one_of(&[
        "<<-E\n    a\n\n      b\n  E",
        "<<E\r\n  a\r\n  E",
        "<<-E\n\tE b\n\tE",
    ])
    .prop_map(str::to_owned);
    let value = prop_oneof![3 => scalar, 1 => heredoc];
    let value = value.prop_recursive(2, 8, 3, |inner| {
        let gap = one_of(&["\n", "\n ", "\n  # c\n", "\n# c = 1\n\t"]);
        let list =
            prop::collection::vec((gap.clone(), inner.clone(), gap), 1..4).prop_map(|items| {
                let items: Vec<_> = items
                    .into_iter()
                    .map(|(before, item, after)| [before, &item, after].concat())
                    .collect();
                format!("[{}]", items.join(","))
            });
        let line = prop::collection::vec(one_of(&["1", "\"b\"", "{}"]), 1..4)
            .prop_map(|items| format!("[ {}]", items.join(", ")));
        let entries = prop::collection::vec((one_of(BETWEEN), inner), 1..4).prop_map(|entries| {
            let entries: String = entries
                .into_iter()
                .enumerate()
                .map(|(n, (between, value))| format!("{between}k{n} = {value}"))
                .collect();
            format!("{{{entries}\n}}")
        });
        let short = Just("{ k = 1 }".to_owned());
        prop_oneof![list, line, entries, short]
    });
    let attribute = (one_of(&[" = ", "=", "= ", "   = "]), value)
        .prop_map(|(equals, value)| (false, equals.to_owned() + &value));
    let empty = one_of(&[" {}", "{ }", " \"l\" {\n}", " {\n\n  # c\n}", " { # c\n}"])
        .prop_map(|body| (true, body.to_owned()));
    let body = |elements: Vec<(&str, (bool, String))>| -> String {
        let element = |(n, (between, (is_block, rest))): (usize, (&str, (bool, String)))| {
            if is_block {
                format!("{between}b{}{rest}", n % 2)
            } else {
                format!("{between}n{n}{rest}")
            }
        };
        elements.into_iter().enumerate().map(element).collect()
    };
    let element =
        prop_oneof![2 => attribute.clone(), 1 => empty].prop_recursive(2, 10, 4, move |inner| {
            let elements = prop::collection::vec((one_of(BETWEEN), inner), 0..4);
            (
                elements,
                one_of(&[" {", "{", " \"l\"  {"]),
                one_of(&["\n", " # o\n", "\r\n\n"]),
            )
                .prop_map(move |(elements, open, line)| {
                    (true, [open, line, &body(elements), "\n}"].concat())
                })
        });
    (
        prop::collection::vec((one_of(BETWEEN), element), 0..5),
        one_of(&["", "\n", "\n\n", " # end"]),
    )
        .prop_map(move |(elements, end)| body(elements) + end)
        .prop_filter("not OCL, or a name twice", |text| {
            // A heredoc whose end has a comment goes on to the next end, and what it swallows may leave a name twice.
            Document::parse(text.as_str(), Dialect::Current)
                .is_ok_and(|document| document.doubled_names().is_empty())
        })
}

/// Some documents of the corpus that are not long.
fn corpus_texts() -> Vec<String> {
    let Some(root) = crate::support::corpus() else {
        return Vec::new();
    };
    let list = std::fs::read_to_string(root.join("documents.tsv")).unwrap();
    list.lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|fields| {
            fields[1] != "invalid" && fields[2].parse().is_ok_and(|bytes: usize| bytes < 8000)
        })
        .step_by(7)
        .map(|fields| {
            std::fs::read_to_string(root.join("documents").join(format!("{}.ocl", fields[0])))
                .unwrap()
        })
        .collect()
}

fn dialects() -> impl Strategy<Value = Dialect> {
    prop::sample::select(vec![Dialect::Legacy, Dialect::Current])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every edit does what it says and nothing else: to the view, to the list of nodes, to the bytes around.
    #[test]
    fn invariant_2_bytes_outside_the_splices_never_change(
        text in documents(),
        dialect in dialects(),
        edits in prop::collection::vec(edits(), 1..6),
    ) {
        let mut editor = parse(&text, dialect).edit();
        let mut view = editor.document().to_json();
        for edit in &edits {
            make(edit, &mut editor, &mut view);
            prop_assert_eq!(editor.document().to_json(), view.clone(), "after {:?}:\n{}", edit, editor);
            let finished = editor.clone().finish();
            let fresh = parse(finished.text(), dialect);
            let nodes = |document: &Document| document.root().subtree().map(|node| (node.kind(), node.span(), node.parent().map(|parent| parent.id()))).collect::<Vec<_>>();
            prop_assert_eq!(nodes(&finished), nodes(&fresh));
            let sources = |root: Node<'_>| root.subtree().map(|node| node.source().into_owned()).collect::<Vec<_>>();
            prop_assert_eq!(sources(editor.document()), sources(fresh.root()));
            prop_assert_eq!(editor.text(), fresh.text());
            prop_assert_eq!(respliced(&text, &editor), fresh.text());
        }
    }

    /// Any text comes back as it was, in either dialect and with either line end.
    #[test]
    fn every_text_survives_being_written(
        text in prop_oneof![hostile(), scripts()],
        second in scripts(),
        dialect in dialects(),
        crlf in any::<bool>(),
    ) {
        let line_end = if crlf { "\r\n" } else { "\n" };
        let document = ["a = 1", "p = {", "  k = 2", "}"].join(line_end);
        let mut editor = parse(&document, dialect).edit();
        let root = editor.root();
        let p = at(&editor, "p");
        for (holder, name) in [(root, "a"), (root, "new"), (p, "k"), (p, "new")] {
            for value in [&text, &second, &text] {
                editor.set(holder, name, json!(value)).unwrap();
                let read = editor.node(holder).unwrap();
                let read = read.value().unwrap_or(read);
                prop_assert_eq!(read.get(name).unwrap().as_str().unwrap(), value.as_str());
            }
        }
    }

    #[test]
    fn renaming_twice_gives_the_text_back(text in documents(), which in any::<prop::sample::Index>()) {
        let mut editor = parse(&text, Dialect::Current).edit();
        if let Some(target) = pick(&editor, &which, is_element) {
            let name = editor.node(target).unwrap().name().into_owned();
            editor.rename(target, "unheard-of").unwrap();
            editor.rename(target, &name).unwrap();
            prop_assert_eq!(editor.text(), text);
        }
    }
}
