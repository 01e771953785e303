//! `docs/catalog.md` is what the reader says: every block and attribute of a catalog's files, each in an example that loads.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use hcl_edit::expr::{Array, Expression};
use hcl_edit::parser;
use hcl_edit::structure::Body;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::catalog::reference::{BlockReference, blocks_of_catalog, blocks_of_step};

use crate::support::scratch;

fn page() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/catalog.md")
}

/// The example of a whole `catalog.hcl`, which its blocks share.
fn catalog_file() -> &'static str {
    let files: Vec<_> = blocks_of_catalog().map(|block| block.examples).collect();
    assert!(files.iter().all(|file| *file == files[0]), "{files:?}");
    files[0][0]
}

/// What is said of a catalog of one `catalog.hcl` and one step.
fn load(catalog: &str, step: Option<&str>) -> Result<Catalog, String> {
    let folder = scratch::folder();
    fs::write(folder.path().join("catalog.hcl"), catalog).expect("a file");
    let contracts = folder.path().join("contracts");
    fs::create_dir(&contracts).expect("a folder");
    fs::write(contracts.join("job_defaults_3.json"), "{}").expect("a file");
    fs::write(contracts.join("job_defaults_7.proto"), "").expect("a file");
    if let Some(step) = step {
        let place = folder.path().join("0010_example");
        fs::create_dir(&place).expect("a folder");
        fs::write(place.join("step.hcl"), step).expect("a file");
    }
    Catalog::load(folder.path()).map_err(|error| error.to_string())
}

/// The same with another value for an attribute; `None` where the example doesn't have it.
fn with_another_value(example: &str, block: &str, attribute: &str) -> Option<String> {
    let mut body = parser::parse_body(example).expect("HCL");
    let inner = Expression::Array(Array::from(vec![Expression::Array(Array::new())]));
    let is_replaced = match block {
        "" => replace(&mut body, attribute, &inner),
        block => replace_in(&mut body, block, attribute, &inner),
    };
    is_replaced.then(|| body.to_string())
}

/// Gives an attribute another value in the first block of a type that has it, at whatever depth.
fn replace_in(body: &mut Body, block: &str, attribute: &str, value: &Expression) -> bool {
    body.blocks_mut().any(|inner| {
        (inner.has_ident(block) && replace(&mut inner.body, attribute, value))
            || replace_in(&mut inner.body, block, attribute, value)
    })
}

fn replace(body: &mut Body, attribute: &str, value: &Expression) -> bool {
    let Some(mut found) = body.get_attribute_mut(attribute) else {
        return false;
    };
    *found.value_mut() = value.clone();
    true
}

#[test]
fn every_example_loads() {
    load(catalog_file(), None).expect("the example of catalog.hcl");
    for block in blocks_of_step() {
        assert!(!block.examples.is_empty(), "{}", block.form);
        for example in block.examples {
            load(catalog_file(), Some(example)).unwrap_or_else(|error| panic!("{example}{error}"));
        }
    }
}

/// Each attribute stands in an example, and the reader looks at it: a list in a list is the value of none.
#[test]
fn every_attribute_is_read() {
    let of_catalog = blocks_of_catalog().map(|block| (block, true));
    for (block, of_catalog) in of_catalog.chain(blocks_of_step().map(|block| (block, false))) {
        for attribute in block.attributes {
            let wrong = |example: &&str| with_another_value(example, block.name, attribute.name);
            let Some(wrong) = block.examples.iter().find_map(wrong) else {
                panic!("no example of {} has `{}`", block.form, attribute.name);
            };
            let loaded = if of_catalog {
                load(&wrong, None)
            } else {
                load(catalog_file(), Some(&wrong))
            };
            assert!(loaded.is_err(), "{wrong}");
        }
    }
}

#[test]
fn the_page_is_what_the_reader_says() {
    let text = fs::read_to_string(page()).expect("the page");
    let (begin, end) = ("<!-- generated: begin -->\n", "<!-- generated: end -->");
    let start = text.find(begin).map(|at| at + begin.len());
    let start = start.expect("a place for what is generated");
    let stop = text.find(end).expect("its end");
    let generated = generate();
    if text[start..stop] != generated {
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            let updated = [&text[..start], &generated, &text[stop..]].concat();
            fs::write(page(), updated).expect("the page can be written");
            return;
        }
        panic!(
            "docs/catalog.md is out of date: run UPDATE_REFERENCE=1 cargo test --test all catalog_reference"
        );
    }
}

fn generate() -> String {
    let mut text = format!("## `catalog.hcl`\n\n```hcl\n{}```\n", catalog_file());
    for block in blocks_of_catalog() {
        describe(&block, &mut text);
    }
    text.push_str("\n## `step.hcl`\n");
    for block in blocks_of_step() {
        describe(&block, &mut text);
        for example in block.examples {
            let _ = write!(text, "\n```hcl\n{example}```\n");
        }
    }
    text
}

fn describe(block: &BlockReference, text: &mut String) {
    match block.name {
        "" => {}
        _ => {
            let _ = writeln!(text, "\n### `{}`", block.form);
        }
    }
    let _ = writeln!(text, "\n{}", block.summary);
    if !block.attributes.is_empty() {
        text.push_str("\n| attribute | takes | without it | says |\n|---|---|---|---|\n");
    }
    for attribute in block.attributes {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            attribute.name, attribute.value, attribute.default, attribute.summary
        );
    }
}
