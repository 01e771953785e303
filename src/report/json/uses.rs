//! The JSON of `uses`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::compare::{ComparedRef, UsePlace, UseRole};
use crate::references::Certainty;

/// `uses`: a line per place and ref.
#[derive(Debug, Serialize)]
pub struct UseReport<'u> {
    format_version: u32,
    #[serde(flatten)]
    reference: &'u ComparedRef,
    base_path: &'u str,
    document: &'u str,
    address: &'u str,
    line: usize,
    kind: &'u str,
    name: &'u str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<Certainty>,
}

impl<'u> UseReport<'u> {
    /// A place in one of its refs, and its line there.
    pub fn new(place: &'u UsePlace, reference: &'u ComparedRef, line: usize) -> UseReport<'u> {
        let (role, certainty) = match place.role {
            UseRole::Definition => ("definition", None),
            UseRole::Use(certainty) => ("use", Some(certainty)),
        };
        UseReport {
            format_version: FORMAT_VERSION,
            reference,
            base_path: &place.base_path,
            document: place.document.as_str(),
            address: &place.address,
            line,
            kind: &place.kind,
            name: &place.name,
            role,
            certainty,
        }
    }
}
