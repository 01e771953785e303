//! Every document of the corpus, as `documents.tsv` says.

use std::fs;
use std::path::PathBuf;

use ocl_migrate::ocl::{self, Dialect, Document};
use serde_json::Value;

use crate::support;

/// One line of `documents.tsv`.
struct Entry {
    name: String,
    state: String,
    folder: PathBuf,
}

impl Entry {
    fn bytes(&self) -> Vec<u8> {
        self.read("ocl").expect("the document")
    }

    fn read(&self, extension: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(format!("{}.{extension}", self.name))).ok()
    }

    fn json(&self, extension: &str) -> Option<Value> {
        let bytes = self.read(extension)?;
        Some(serde_json::from_slice(&bytes).expect("the corpus holds valid JSON"))
    }

    fn document(&self, dialect: Dialect) -> Document {
        Document::from_bytes(self.bytes(), dialect)
            .unwrap_or_else(|error| panic!("{}", error.render(&self.name)))
    }
}

/// The corpus' list of documents; empty (and said so) where there is no corpus.
fn corpus() -> Vec<Entry> {
    let Some(root) = support::corpus() else {
        return Vec::new();
    };
    let list = fs::read_to_string(root.join("documents.tsv")).expect("the table");
    list.lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split('\t');
            Entry {
                name: fields.next().expect("a name").to_owned(),
                state: fields.next().expect("a state").to_owned(),
                folder: root.join("documents"),
            }
        })
        .collect()
}

fn readable() -> impl Iterator<Item = Entry> {
    corpus()
        .into_iter()
        .filter(|entry| entry.state != "invalid")
}

#[test]
fn invariant_1_every_document_prints_as_it_was_read() {
    let mut count = 0;
    for entry in readable() {
        let document = entry.document(Dialect::Current);
        assert_eq!(
            document.to_string().into_bytes(),
            entry.bytes(),
            "{}",
            entry.name
        );
        count += 1;
    }
    println!("{count} documents");
}

#[test]
fn every_document_has_the_json_beside_it_in_both_dialects() {
    let (mut count, mut differing) = (0, 0);
    for entry in readable() {
        let current = entry.json("json").expect("the JSON beside the document");
        let legacy = entry.json("v5.json");
        assert_eq!(legacy.is_some(), entry.state == "dialect", "{}", entry.name);
        differing += usize::from(legacy.is_some());
        assert_eq!(
            entry.document(Dialect::Current).root().to_json(),
            current,
            "{}",
            entry.name
        );
        let legacy = legacy.unwrap_or(current);
        assert_eq!(
            entry.document(Dialect::Legacy).root().to_json(),
            legacy,
            "{} (legacy)",
            entry.name
        );
        count += 1;
    }
    println!("{count} documents, {differing} of them read differently in the older dialect");
}

/// Towards the newer dialect only white space before end tags may change, and only where the readings differ.
#[test]
fn conversion_keeps_every_value_and_touches_nothing_else() {
    let (mut count, mut rewritten) = (0, 0);
    for entry in readable() {
        let old = entry.document(Dialect::Legacy);
        let strings = values(&old);
        let new = old.clone().convert(Dialect::Current);
        let new = new.expect("the corpus is small");
        let lines = |document: &Document| document.text().lines().count();
        assert_eq!(lines(&old), lines(&new), "{}", entry.name);
        let lines = old.text().lines().zip(new.text().lines());
        let differing = lines.filter(|(old, new)| old != new).inspect(|(old, new)| {
            assert_eq!(old.trim_start_matches(' '), new.trim_start_matches(' '));
        });
        let rewrites = differing.count();
        assert_eq!(rewrites > 0, entry.state == "dialect", "{}", entry.name);
        assert_eq!(new.dialect(), Dialect::Current);
        assert_eq!(values(&new), strings, "{}", entry.name);

        let current = entry.document(Dialect::Current);
        let back = current
            .clone()
            .convert(Dialect::Legacy)
            .expect("the corpus is small");
        assert_eq!(values(&back), values(&current), "{} (back)", entry.name);
        let untouched = back.text() == current.text();
        assert_eq!(untouched, entry.state != "dialect", "{} (back)", entry.name);
        count += 1;
        rewritten += rewrites;
    }
    println!("{count} documents, {rewritten} heredocs rewritten");
}

#[test]
fn what_serde_writes_has_the_same_view_and_reads_into_the_same_value() {
    let mut same_text = 0;
    for entry in readable() {
        let differs = entry.state == "dialect";
        for dialect in [Dialect::Current, Dialect::Legacy]
            .into_iter()
            .take(1 + usize::from(differs))
        {
            let document = entry.document(dialect);
            let view = document.root().to_json();
            let text =
                ocl::to_string(&document.root(), dialect).expect("a document can be written");
            let written = Document::parse(text, dialect).expect("what is written can be read");
            assert_eq!(written.root().to_json(), view, "{} {dialect:?}", entry.name);
            let read: Value = ocl::from_document(&document).expect("a view takes everything");
            assert_eq!(read, view, "{} {dialect:?}", entry.name);
            same_text += usize::from(written.text() == document.text().trim_end());
        }
    }
    println!("{same_text} times the very same text");
}

fn values(document: &Document) -> Vec<String> {
    document
        .root()
        .subtree()
        .filter_map(|node| node.as_str().map(Into::into))
        .collect()
}

#[test]
fn what_is_not_ocl_is_refused_with_its_place() {
    let mut count = 0;
    for entry in corpus().iter().filter(|entry| entry.state == "invalid") {
        let error = Document::from_bytes(entry.bytes(), Dialect::Current).expect_err(&entry.name);
        assert!(error.line() >= 1 && error.column() >= 1);
        println!("{}\n", error.render(&entry.name));
        count += 1;
    }
    println!("{count} documents refused");
}

#[test]
fn every_node_lies_within_its_parent_and_is_found_from_it() {
    for entry in readable() {
        let document = entry.document(Dialect::Current);
        let mut reached = 0;
        let mut open = vec![document.root()];
        while let Some(node) = open.pop() {
            reached += 1;
            for child in node.labels().chain(node.children()).chain(node.value()) {
                assert_eq!(child.parent(), Some(node), "{}", entry.name);
                let (inner, outer) = (child.span().unwrap(), node.span().unwrap());
                assert!(
                    outer.start <= inner.start && inner.end <= outer.end,
                    "{}",
                    entry.name
                );
                open.push(child);
            }
        }
        assert_eq!(reached, document.root().subtree().count(), "{}", entry.name);
    }
}
