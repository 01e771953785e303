//! The texts of real documents.

use std::fs;
use std::path::Path;

use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::template::script::{Syntax, names};
use ocl_migrate::template::{PartKind, Reading, Template};

use crate::support::corpus;

/// Every string of every document that is OCL.
fn strings(corpus: &Path) -> Vec<String> {
    let table = fs::read_to_string(corpus.join("documents.tsv")).expect("the corpus has a table");
    let mut strings = Vec::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        if fields[1] == "invalid" {
            continue;
        }
        let file = corpus.join("documents").join(format!("{}.ocl", fields[0]));
        let bytes = fs::read(file).expect("the corpus has its documents");
        let document = Document::from_bytes(bytes, Dialect::Current).expect("it is OCL");
        strings.extend(
            document
                .root()
                .subtree()
                .filter_map(|node| node.as_str().map(|text| text.into_owned())),
        );
    }
    strings
}

#[test]
fn real_texts_are_read_as_the_server_reads_them() {
    let Some(corpus) = corpus() else { return };
    let mut templates = 0;
    let mut found = 0;
    let mut mistakes = Vec::new();
    for text in strings(&corpus) {
        let template = Template::read(&text, Reading::Value);
        templates += usize::from(text.contains("#{"));
        found += template.names().len();
        for mistake in template.mistakes() {
            let line = text[mistake.place.start..]
                .lines()
                .next()
                .unwrap_or_default();
            mistakes.push(format!("{mistake}: {line}"));
        }
        // Without mistakes, all that begins is a name, or lies in one.
        if template.mistakes().is_empty() {
            for part in template.parts() {
                let text = &text[part.place.clone()];
                assert!(
                    part.kind != PartKind::Text || !text.contains("#{"),
                    "{text}"
                );
            }
        }
    }
    mistakes.sort();
    mistakes.dedup();
    println!("{templates} templates, {found} names");
    assert!(templates > 5000, "only {templates} templates");
    insta::assert_snapshot!(mistakes.join("\n"));
}

#[test]
fn real_scripts_name_variables() {
    let Some(corpus) = corpus() else { return };
    let mut scripts = 0;
    let mut found = 0;
    let mut computed = 0;
    for text in strings(&corpus) {
        let names = names(&text, None);
        scripts += usize::from(!names.is_empty());
        found += names.len();
        computed += names.iter().filter(|name| name.computed).count();
        // What looks like a name in one of the ways of these scripts is found.
        for syntax in [Syntax::PowerShell, Syntax::Bash] {
            let (word, quotes) = match syntax {
                Syntax::Bash => ("get_octopusvariable ", ["\"", "'"]),
                _ => ("OctopusParameters[", ["\"", "'"]),
            };
            for quote in quotes {
                let begun = format!("{word}{quote}");
                let places = text
                    .match_indices(&begun)
                    .map(|(at, found)| at + found.len());
                for place in places {
                    assert!(
                        names.iter().any(|name| name.place.start == place),
                        "{}",
                        &text[place..]
                    );
                }
            }
        }
    }
    println!("{scripts} scripts, {found} names, {computed} of them computed");
    assert!(scripts > 400, "only {scripts} scripts");
}
