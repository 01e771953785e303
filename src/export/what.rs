//! What is exported, and to which format.

use crate::values::{Element, Leaf, Values};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JSON, indented.
    Json,
    /// YAML 1.2, which older readers take as well.
    Yaml,
    /// TOML 1.0.
    Toml,
    /// HCL 2: blocks stay blocks.
    Hcl,
    /// A line `NAME=value` for each value, as shells and `.env` files have it.
    Env,
    /// A row for each value: document, address, value, type.
    Csv,
}

/// Tells of each value of an export where it comes from.
pub type Origins<'a> = &'a dyn Fn(&str, &Leaf<'_>) -> &'static str;

/// What is exported.
pub struct Export<'a> {
    pub(super) parts: Vec<Part<'a>>,
    /// Whether each document stands under its name.
    pub(super) is_named: bool,
    pub(super) origins: Option<Origins<'a>>,
}

/// A document, or a part of one.
pub(super) struct Part<'a> {
    pub(super) document: &'a str,
    pub(super) element: Element<'a>,
}

impl<'a> Export<'a> {
    /// Several documents, each under its name.
    #[must_use]
    pub fn documents(documents: impl IntoIterator<Item = (&'a str, Values<'a>)>) -> Export<'a> {
        let parts = documents.into_iter().map(|(document, values)| Part {
            document,
            element: values.root(),
        });
        Export {
            parts: parts.collect(),
            is_named: true,
            origins: None,
        }
    }

    /// One document, or a part of it: what it holds alone.
    #[must_use]
    pub fn part(document: &'a str, element: Element<'a>) -> Export<'a> {
        Export {
            parts: vec![Part { document, element }],
            is_named: false,
            origins: None,
        }
    }

    /// Adds where each value comes from, in a column of its own. CSV has it alone.
    #[must_use]
    pub fn with_origins(mut self, origins: Origins<'a>) -> Export<'a> {
        self.origins = Some(origins);
        self
    }
}

impl Format {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "JSON",
            Format::Yaml => "YAML",
            Format::Toml => "TOML",
            Format::Hcl => "HCL",
            Format::Env => "a file of environment variables",
            Format::Csv => "CSV",
        }
    }
}
