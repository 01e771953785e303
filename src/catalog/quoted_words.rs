//! Words of `catalog.hcl` that stand in quotes, where they are names of attributes.

use hcl::edit::Span;

use super::model::Catalog;
use super::problem::Problem;
use super::written::{each_block, items_of};

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
        let Some((file, body)) = self.own_file() else {
            return found;
        };
        each_block(&body, &mut |block| {
            let of_block = WORDS.iter().filter(|(name, ..)| block.has_ident(name));
            for (_, attribute, words) in of_block {
                for item in items_of(block, attribute) {
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
