//! Kinds of things that aren't declared.

use std::fmt;

use crate::catalog::Catalog;

/// The catalog declares no such kind of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKind {
    /// What was asked for.
    pub kind: String,
    /// What it declares.
    pub known: Vec<String>,
}

impl UnknownKind {
    pub(crate) fn of(kind: &str, catalog: &Catalog) -> UnknownKind {
        UnknownKind {
            kind: kind.to_owned(),
            known: catalog.thing_kinds().map(str::to_owned).collect(),
        }
    }

    /// What was probably meant.
    pub fn nearest(&self) -> Option<&str> {
        crate::text::nearest(&self.kind, self.known.iter().map(String::as_str))
    }
}

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnknownKind { kind, known } = self;
        if known.is_empty() {
            return write!(
                f,
                "the catalog doesn't declare what refers to what: add `thing` and `reference` blocks to its catalog.hcl"
            );
        }
        write!(f, "there is no kind of things `{kind}`")?;
        match self.nearest() {
            Some(near) => write!(f, ": did you mean `{near}`?"),
            None => write!(f, ": the catalog declares {}", known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownKind {}
