//! Reading, converting and editing OCL.

use serde_json::{Value, json};

use crate::ocl::{self, Dialect, Document, Editor, Node, NodeId, Position, Splice};

const DIALECTS: [Dialect; 2] = [Dialect::Legacy, Dialect::Current];

/// A document prints as it was read, every node answers every question, and an error has a position in the text.
pub fn read_ocl(data: &[u8]) {
    for dialect in DIALECTS {
        match Document::from_bytes(data.to_vec(), dialect) {
            Ok(document) => {
                assert_eq!(document.text().as_bytes(), data);
                document.root().subtree().for_each(ask);
                let _ = document.root().to_json();
            }
            Err(error) => {
                assert!(error.line() > 0 && error.column() > 0);
                assert!(!error.render("fuzz.ocl").is_empty());
            }
        }
    }
}

fn ask(node: Node<'_>) {
    let _ = (node.kind(), node.name(), node.source(), node.as_str());
    let _ = (node.as_bool(), node.as_number(), node.is_null());
    let children = node.children().chain(node.labels());
    for child in children {
        assert_eq!(child.parent(), Some(node));
    }
}

/// A plain JSON view that can be written has the same view when it is read again.
pub fn convert_ocl(data: &[u8]) {
    for dialect in DIALECTS {
        if let Ok(document) = Document::from_bytes(data.to_vec(), dialect) {
            write_and_read(&document.root().to_json(), dialect);
        }
        if let Ok(value @ Value::Object(_)) = serde_json::from_slice(data) {
            write_and_read(&value, dialect);
        }
    }
}

fn write_and_read(value: &Value, dialect: Dialect) {
    let Ok(text) = ocl::to_string(value, dialect) else {
        return;
    };
    let read = match Document::parse(text.as_str(), dialect) {
        Ok(read) => read.root().to_json(),
        Err(error) => panic!("{value}\nis written as\n{text}\nwhich can't be read: {error}"),
    };
    // An object without a value is an empty dictionary or an empty block: both are written, one is read.
    let again = ocl::to_string(&read, dialect).expect("it was written before");
    assert_eq!(text, again, "{value} and {read} are written differently");
}

/// After any edits the text parses to the edited tree, and the splices turn the old text into the new one.
///
/// The input is the document, a NUL, and four bytes for each edit.
pub fn edit_ocl(data: &[u8]) {
    let split = data.iter().position(|byte| *byte == 0);
    let (text, edits) = data.split_at(split.unwrap_or(data.len()));
    for dialect in DIALECTS {
        let Ok(document) = Document::from_bytes(text.to_vec(), dialect) else {
            continue;
        };
        let before = document.text().to_owned();
        let mut editor = document.edit();
        for edit in edits.get(1..).unwrap_or_default().chunks_exact(4).take(64) {
            let [what, which, other, value] = [edit[0], edit[1], edit[2], edit[3]];
            make(&mut editor, what, which, other, value);
        }
        let (view, text, splices) = (editor.document().to_json(), editor.text(), editor.splices());
        assert_eq!(text, spliced(&before, &splices));
        let after = editor.finish();
        assert_eq!(after.text(), text);
        let read =
            Document::parse(text.as_str(), dialect).expect("what leaves an editor can be read");
        assert_eq!(read.root().to_json(), view);
    }
}

fn spliced(before: &str, splices: &[Splice]) -> String {
    let mut text = String::new();
    let mut at = 0;
    for splice in splices {
        text.push_str(&before[at..splice.old.start]);
        text.push_str(&splice.new);
        at = splice.old.end;
    }
    text + &before[at..]
}

/// Makes an edit, which the editor may refuse.
fn make(editor: &mut Editor, what: u8, which: u8, other: u8, value: u8) {
    let (Some(target), Some(near)) = (nth(editor, which), nth(editor, other)) else {
        return;
    };
    let name = NAMES[usize::from(other) % NAMES.len()];
    let position = match what / 16 % 3 {
        0 => Position::End,
        1 => Position::Before(near),
        _ => Position::After(near),
    };
    let value = literal(value);
    let index = usize::from(other) % 4;
    let _ = match what % 16 {
        0..=2 => editor.set(target, name, value).map(drop),
        3 | 4 => editor.remove(target),
        5 => editor.replace(target, value),
        6 => editor.rename(target, name),
        7 => editor
            .insert_block(target, name, &[], json!({"a": value}), position)
            .map(drop),
        8 => editor
            .insert_block(target, name, &["x"], json!({}), position)
            .map(drop),
        9 => editor.insert_item(target, index, value).map(drop),
        10 => editor.set_label(target, index, name),
        11 => editor.insert_label(target, index, name).map(drop),
        12 => editor.remove_label(target, index),
        _ => editor.move_to(target, near, Position::End),
    };
}

const NAMES: [&str; 8] = ["a", "name", "b_c", "x.y", "a b", "", "ü", "type"];

fn nth(editor: &Editor, which: u8) -> Option<NodeId> {
    let count = editor.document().subtree().count();
    let chosen = usize::from(which) % count.max(1);
    editor
        .document()
        .subtree()
        .nth(chosen)
        .map(|node| node.id())
}

fn literal(which: u8) -> Value {
    match which % 12 {
        0 => json!(null),
        1 => json!(true),
        2 => json!(-12.5),
        3 => json!(""),
        4 => json!("one line"),
        5 => json!("two\nlines"),
        6 => json!("  indented\n\n lines\n"),
        7 => json!("a \"quote\" \\ and EOT\nEOT"),
        8 => json!([1, "b", []]),
        9 => json!({"k": "v", "x.y": "z"}),
        10 => json!({}),
        _ => json!("\r\n\t\u{7}"),
    }
}
