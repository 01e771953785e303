//! A shell reads exported values as they are.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use ocl_migrate::catalog::Identity;
use ocl_migrate::export::{Export, Format};
use ocl_migrate::ocl::{Dialect, Document, to_string};
use ocl_migrate::values::{Value, Values};

use crate::support::scratch;
use crate::values::corpus::documents;

#[test]
fn a_shell_reads_every_value() {
    let mut texts: BTreeSet<String> = [
        "",
        " a ",
        "it's",
        "$HOME `ls` \\n \"x\" it's",
        "a\nb'",
        "#x",
        "é\u{1b}\r\t",
        "!!",
    ]
    .map(str::to_owned)
    .into();
    for real in documents() {
        let identity = Identity::none();
        let leaves = Values::of(&real.document, &identity).leaves();
        texts.extend(leaves.filter_map(|leaf| match leaf.value() {
            Value::String(text) => Some(text.into_owned()),
            _ => None,
        }));
    }
    let object = texts.iter().enumerate();
    let object = object.map(|(at, text)| (format!("v{at}"), text.clone().into()));
    let object: serde_json::Map<String, serde_json::Value> = object.collect();
    let text = to_string(&object, Dialect::Current).unwrap();
    let document = Document::parse(text, Dialect::Current).unwrap();
    let identity = Identity::none();
    let export = Export::part("d", Values::of(&document, &identity).root());
    let mut script = export.to_text(Format::Env).unwrap();
    for at in 0..texts.len() {
        writeln!(script, "printf '%s\\000' \"$D_V{at}\"").unwrap();
    }
    let folder = scratch::folder();
    std::fs::write(folder.path().join("script"), script).unwrap();
    let done = Command::new("sh")
        .arg("script")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let read = String::from_utf8(done.stdout).unwrap();
    let read: Vec<&str> = read.strip_suffix('\0').unwrap().split('\0').collect();
    assert_eq!(read, texts.iter().collect::<Vec<_>>());
}
