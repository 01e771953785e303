//! What is exported reads back as the same values: real documents and random ones.

use ocl_migrate::catalog::Catalog;
use ocl_migrate::export::{Export, Format, POSITION};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::Values;
use proptest::prelude::*;
use serde_json::Value;

use super::reading::{amounts, ocl_of, ocl_of_hcl, toml, yaml};
use crate::values::corpus::documents;
use crate::values::laws::says_the_same;
use crate::values::random::{identity, texts};

/// How often each format held a document.
#[derive(Debug, Default)]
struct Held {
    nested: usize,
    toml: usize,
    hcl: usize,
}

/// Exports a document in every format, and reads it back.
fn goes_round(values: Values<'_>, held: &mut Held) {
    let export = Export::part("d", values.root());
    let text = |format| match export.to_text(format) {
        Ok(text) => Some(text),
        Err(errors) => {
            assert!(!errors.is_empty());
            None
        }
    };
    let rows = text(Format::Csv).unwrap();
    let mut rows = csv::Reader::from_reader(rows.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let leaves: Vec<_> = values.leaves().collect();
    assert_eq!(rows.len(), leaves.len());
    for (row, leaf) in rows.iter().zip(&leaves) {
        let value = leaf.value();
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let address = leaf.element().to_string();
        assert_eq!(row, vec!["d", &address, &shown, value.type_name()]);
    }
    if let Some(text) = text(Format::Hcl) {
        says_the_same(values, &ocl_of_hcl(&text));
        held.hcl += 1;
    }
    let json = text(Format::Json);
    let yaml_text = text(Format::Yaml);
    assert_eq!(json.is_some(), yaml_text.is_some());
    let (Some(json), Some(yaml_text)) = (json, yaml_text) else {
        return;
    };
    let json: Value = serde_json::from_str(&json).unwrap();
    says_the_same(values, &ocl_of(&json));
    // In order, with the digits of numbers.
    assert_eq!(
        yaml(&yaml_text).to_string(),
        json.to_string(),
        "{yaml_text}"
    );
    held.nested += 1;
    if let Some(text) = text(Format::Toml) {
        assert_eq!(amounts(&toml(&text)), amounts(&json), "{text}");
        held.toml += 1;
    }
}

#[test]
fn real_documents_go_round() {
    let catalog = Catalog::builtin();
    let (mut seen, mut held, mut positions) = (0, Held::default(), 0);
    // For time.
    for real in documents().into_iter().step_by(3) {
        let values = Values::of(&real.document, catalog.identity(real.kind()));
        goes_round(values, &mut held);
        seen += 1;
        let json = Export::part("d", values.root()).to_text(Format::Json);
        positions += usize::from(json.is_ok_and(|json| json.contains(POSITION)));
    }
    if seen > 0 {
        println!("{seen} documents, {held:?}, {positions} with positions");
        assert!(held.nested * 100 > seen * 99, "{held:?} of {seen}");
        assert_eq!((held.toml, positions > 7), (held.nested, true), "{held:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_documents_go_round(text in texts(), identity in identity()) {
        // JSON has no leading zeros.
        let document = Document::parse(text.replace("01", "1"), Dialect::Current).unwrap();
        goes_round(Values::of(&document, &identity), &mut Held::default());
    }

    #[test]
    fn any_text_goes_round(text in any::<String>(), key in any::<String>()) {
        text_goes_round(text, key);
    }
}

fn text_goes_round(text: String, key: String) {
    let json = serde_json::json!({ "a": [text.clone(), { key: text.clone() }], "b": [{ "$labels": [text], "c": {} }] });
    let text = ocl_migrate::ocl::to_string(&json, Dialect::Current).unwrap();
    let document = Document::parse(text, Dialect::Current).unwrap();
    let identity = ocl_migrate::catalog::Identity::none();
    let values = Values::of(&document, &identity);
    goes_round(values, &mut Held::default());
}

/// Some of it ends lines in some formats, and random texts hardly ever have it.
#[test]
fn all_white_space_goes_round() {
    let all = ('\u{80}'..=char::MAX).filter(|it| it.is_whitespace());
    for white in all.chain(['\u{feff}', '\u{fffe}', '\u{200b}']) {
        for text in [
            format!("a{white}b"),
            format!("{white}a"),
            format!("a{white}"),
        ] {
            text_goes_round(text.clone(), text);
        }
    }
}

#[test]
fn numbers_keep_their_digits() {
    let text = "a = 1.10\nb = -0.0\nc = 123456789012345678901234567890.0\nd = [1, 1.0]\n";
    let document = Document::parse(text, Dialect::Current).unwrap();
    let identity = ocl_migrate::catalog::Identity::none();
    let export = Export::part("d", Values::of(&document, &identity).root());
    assert_eq!(
        export.to_text(Format::Yaml).unwrap(),
        "a: 1.10\nb: -0.0\nc: 123456789012345678901234567890.0\nd:\n- 1\n- 1.0\n"
    );
    assert_eq!(export.to_text(Format::Hcl).unwrap(), text);
}
