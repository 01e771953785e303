//! The JSON of `applies`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::values::{Alternative, Effective, Leaf, Scope, Scoped};

/// `applies`: a line for each group of blocks and scope.
#[derive(Debug, Serialize)]
pub struct AppliesReport<'a> {
    format_version: u32,
    document: &'a str,
    address: String,
    scope: BTreeMap<&'a str, Vec<&'a str>>,
    applies: Option<Applying<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    equal: Vec<Applying<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<Depending<'a>>,
}

/// A block, and what it says.
#[derive(Debug, Serialize)]
struct Applying<'a> {
    address: String,
    /// `None` where the block says no value.
    value: Option<Leaf<'a>>,
}

#[derive(Debug, Serialize)]
struct Depending<'a> {
    types: &'a [&'a str],
    #[serde(flatten)]
    block: Applying<'a>,
}

/// `applies`: a line for a document that can't be read.
#[derive(Debug, Serialize)]
pub struct NotAppliedReport<'a> {
    format_version: u32,
    document: &'a str,
    error: &'a str,
}

impl<'a> AppliesReport<'a> {
    /// Which of several blocks applies in a scope.
    pub fn new(
        document: &'a str,
        scoped: &Scoped<'a>,
        scope: &'a Scope,
        effective: &'a Effective<'a>,
    ) -> AppliesReport<'a> {
        let types = scope.types();
        let types = types.map(|(name, members)| (name, members.iter().map(|it| &**it).collect()));
        AppliesReport {
            format_version: FORMAT_VERSION,
            document,
            address: scoped.selector().to_string(),
            scope: types.collect(),
            applies: effective.applies.as_ref().map(Applying::new),
            equal: effective.equal.iter().map(Applying::new).collect(),
            depends_on: effective
                .depends_on
                .iter()
                .map(|dependence| Depending {
                    types: &dependence.types,
                    block: Applying::new(&dependence.alternative),
                })
                .collect(),
        }
    }
}

impl<'a> Applying<'a> {
    fn new(alternative: &Alternative<'a>) -> Applying<'a> {
        Applying {
            address: alternative.element.to_string(),
            value: alternative.element.leaf(),
        }
    }
}

impl<'a> NotAppliedReport<'a> {
    /// Why a document can't be read.
    pub fn new(document: &'a str, error: &'a str) -> NotAppliedReport<'a> {
        NotAppliedReport {
            format_version: FORMAT_VERSION,
            document,
            error,
        }
    }
}
