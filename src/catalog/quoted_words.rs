//! Words of `catalog.hcl` that stand in quotes, where they are names of attributes.

use hcl::edit::Span;
use hcl::edit::expr::Expression;
use hcl::edit::parser;
use hcl::edit::structure::{Block, Body};

use super::model::Catalog;
use super::problem::Problem;
use super::read::CATALOG_FILE;

/// Such a word.
pub(crate) struct QuotedWord {
    pub(crate) word: String,
    /// The block's attribute in which it stands.
    pub(crate) attribute: &'static str,
    /// File, line and column.
    pub(crate) place: String,
}

/// Which words mean something else without quotes, by block and attribute.
const WORDS: [(&str, &str, &[&str]); 4] = [
    ("key", "by", &["label"]),
    ("key", "else", &["parent"]),
    ("key", "value", &["label"]),
    ("thing", "name", &["label", "slug"]),
];

impl Catalog {
    /// The words in quotes; none for a catalog that was put together in Rust.
    pub(crate) fn quoted_words(&self) -> Vec<QuotedWord> {
        let mut found = Vec::new();
        let mut files = self.files.iter();
        let Some(file) = files.find(|file| &*file.path == CATALOG_FILE) else {
            return found;
        };
        let Ok(body) = parser::parse_body(&file.text) else {
            return found;
        };
        each_block(&body, &mut |block| {
            for (name, attribute, words) in WORDS {
                let value = block.body.get_attribute(attribute);
                let Some(value) = value.filter(|_| block.has_ident(name)) else {
                    continue;
                };
                let items: Vec<&Expression> = match value.value.as_array() {
                    Some(items) => items.iter().collect(),
                    None => vec![&value.value],
                };
                for item in items {
                    let word = item.as_str().filter(|word| words.contains(word));
                    let Some(word) = word else { continue };
                    let span = item.span().unwrap_or_default();
                    found.push(QuotedWord {
                        word: word.to_owned(),
                        attribute,
                        place: Problem::at(file, span, "").place(),
                    });
                }
            }
        });
        found
    }
}

fn each_block(body: &Body, visit: &mut dyn FnMut(&Block)) {
    for block in body.blocks() {
        visit(block);
        each_block(&block.body, visit);
    }
}
