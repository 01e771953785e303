//! The language.

mod corpus;
mod edit;
mod edit_properties;
mod properties;
mod read;
mod serde;
