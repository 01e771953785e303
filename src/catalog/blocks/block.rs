//! What is told of a block and of its attributes.

/// A block of `catalog.hcl` or of a `step.hcl`, and its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockReference {
    /// Its name; empty for a `step.hcl` itself, outside its blocks.
    pub name: &'static str,
    /// Its form: `marker { ... }`.
    pub form: &'static str,
    /// What it means, in a few sentences.
    pub summary: &'static str,
    /// In the recommended order.
    pub attributes: &'static [AttributeReference],
    /// Whole files that use it, and together all its attributes.
    pub examples: &'static [&'static str],
}

/// An attribute of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeReference {
    /// Its name.
    pub name: &'static str,
    /// The value that it takes: `a string`.
    pub value: &'static str,
    /// The value without it; `required` if it can't be left out.
    pub default: &'static str,
    /// What it means, in a sentence or two.
    pub summary: &'static str,
}

impl BlockReference {
    /// The names of its attributes.
    pub(in crate::catalog) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.attributes.iter().map(|attribute| attribute.name)
    }
}

pub(super) const fn attribute(
    name: &'static str,
    value: &'static str,
    default: &'static str,
    summary: &'static str,
) -> AttributeReference {
    AttributeReference {
        name,
        value,
        default,
        summary,
    }
}

pub(super) const REQUIRED: &str = "required";
