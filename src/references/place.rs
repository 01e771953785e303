//! Where things are defined and referred to, apart from the document.

use std::fmt;

use super::model::{Definition, Reference};
use super::name::Certainty;
use crate::catalog::DocumentName;

/// Where a thing is defined or referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingPlace {
    /// The document.
    pub document: DocumentName,
    /// The line, from 1.
    pub line: usize,
    /// The address of the value with the name, or of the block that defines the thing; empty where the whole document does.
    pub address: String,
    /// The kind of the thing, as the catalog calls it.
    pub kind: String,
    /// The name as it is written there.
    pub name: String,
    /// How certain the reference is; `None` where the thing is defined.
    pub certainty: Option<Certainty>,
}

impl ThingPlace {
    /// Where a document refers to a thing.
    pub(crate) fn of(document: &DocumentName, reference: &Reference<'_>) -> ThingPlace {
        ThingPlace {
            document: document.clone(),
            line: reference.line,
            address: reference.element.to_string(),
            kind: reference.kind.to_owned(),
            name: reference.name.text().to_owned(),
            certainty: Some(reference.certainty),
        }
    }

    /// Where a document defines a thing, by one of its names.
    pub(crate) fn of_definition(
        document: &DocumentName,
        definition: &Definition<'_>,
        name: usize,
    ) -> ThingPlace {
        ThingPlace {
            document: document.clone(),
            line: definition.line,
            address: definition.element.to_string(),
            kind: definition.kind.to_owned(),
            name: definition.names[name].text().to_owned(),
            certainty: None,
        }
    }
}

impl fmt::Display for ThingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ThingPlace {
            document,
            line,
            address,
            name,
            ..
        } = self;
        write!(f, "{document}:{line}")?;
        if !address.is_empty() {
            write!(f, "  {address}")?;
        }
        write!(f, "  ({name})")
    }
}
