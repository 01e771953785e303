//! The language.

mod corpus;
mod edit;
mod edit_properties;
mod properties;
mod read;
mod serde;

use ocl_migrate::ocl::{Dialect, Document, Editor, NodeId};

fn parse(text: &str, dialect: Dialect) -> Document {
    Document::parse(text, dialect).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The node with that place.
fn at(editor: &Editor, place: &str) -> NodeId {
    let node = editor
        .document()
        .subtree()
        .find(|node| node.place() == place);
    node.unwrap_or_else(|| panic!("nothing at {place}")).id()
}
