//! The JSON of `uses` and `rename-thing`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::compare::{ComparedRef, UsePlace, UseRole};
use crate::references::{Certainty, ThingPlace};

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
    thing: &'u str,
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
            thing: &place.thing,
            name: &place.name,
            role,
            certainty,
        }
    }
}

/// `rename-thing`: a line per place that gets the new name.
#[derive(Debug, Serialize)]
pub struct RenamedPlaceReport<'u> {
    format_version: u32,
    document: &'u str,
    address: &'u str,
    line: usize,
    kind: &'u str,
    name: &'u str,
    new_name: &'u str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<Certainty>,
}

impl<'u> RenamedPlaceReport<'u> {
    /// A place with its old name, and the new one.
    pub fn new(place: &'u ThingPlace, new_name: &'u str) -> RenamedPlaceReport<'u> {
        RenamedPlaceReport {
            format_version: FORMAT_VERSION,
            document: place.document.as_str(),
            address: &place.address,
            line: place.line,
            kind: &place.kind,
            name: &place.name,
            new_name,
            role: if place.certainty.is_none() {
                "definition"
            } else {
                "use"
            },
            certainty: place.certainty,
        }
    }
}
