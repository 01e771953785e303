//! What `catalog.hcl` says, as it is written.

use hcl::edit::expr::Expression;
use hcl::edit::parser;
use hcl::edit::structure::{Block, Body};

use super::model::Catalog;
use super::problem::SourceFile;
use super::read::CATALOG_FILE;

impl Catalog {
    /// The file, and what it holds; none for a catalog that was put together in Rust.
    pub(super) fn own_file(&self) -> Option<(&SourceFile, Body)> {
        let file = self.files.iter().find(|file| &*file.path == CATALOG_FILE)?;
        Some((file, parser::parse_body(&file.text).ok()?))
    }
}

/// Calls back with every block, each before what is in it.
pub(super) fn each_block<'b>(body: &'b Body, visit: &mut dyn FnMut(&'b Block)) {
    for block in body.blocks() {
        visit(block);
        each_block(&block.body, visit);
    }
}

/// The items of an attribute that is a list, or its one value; none where it isn't there.
pub(super) fn items_of<'b>(block: &'b Block, attribute: &str) -> Vec<&'b Expression> {
    let Some(attribute) = block.body.get_attribute(attribute) else {
        return Vec::new();
    };
    match attribute.value.as_array() {
        Some(items) => items.iter().collect(),
        None => vec![&attribute.value],
    }
}
