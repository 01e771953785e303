//! The JSON of `diff`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::compare::{DocumentDiff, NotCompared, Side};
use crate::report::diff::FileDiff;
use crate::values::{Change, Element, Leaf, Rename};

/// `diff`: a line per change.
#[derive(Debug, Serialize)]
pub struct ChangeReport<'c> {
    format_version: u32,
    document: &'c str,
    address: String,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'c Leaf<'c>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'c Leaf<'c>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<usize>,
}

/// `diff`: a line for a document that can't be compared.
#[derive(Debug, Serialize)]
pub struct NotComparedReport<'c> {
    format_version: u32,
    document: &'c str,
    error: String,
    sides: Vec<Side>,
}

/// `diff --text`: a line per document.
#[derive(Debug, Serialize)]
pub struct TextDiffReport<'c> {
    format_version: u32,
    document: &'c str,
    diff: String,
}

impl<'c> ChangeReport<'c> {
    fn begin(document: &'c str, change: &'static str, address: String) -> ChangeReport<'c> {
        ChangeReport {
            format_version: FORMAT_VERSION,
            document,
            address,
            change,
            old_address: None,
            old: None,
            new: None,
            whole: None,
            from: None,
            to: None,
            same: None,
            of: None,
        }
    }

    /// A change within a document.
    pub fn new(document: &'c DocumentDiff<'_>, change: &'c Change<'c>) -> ChangeReport<'c> {
        let is_in_both = document.in_old().is_some() && document.in_new().is_some();
        ChangeReport::of(document.name().as_str(), is_in_both, change)
    }

    /// A change within a document that is on both sides or on one.
    pub(super) fn of(
        document: &'c str,
        is_in_both: bool,
        change: &'c Change<'c>,
    ) -> ChangeReport<'c> {
        let address = change.element().to_string();
        let report = ChangeReport::begin(document, change.name(), address);
        // A document that came or went as a whole has the empty address, as a selector of all of it.
        let whole = |of_change: &Option<Element<'_>>| {
            if is_in_both {
                of_change.as_ref().map(ToString::to_string)
            } else {
                Some(String::new())
            }
        };
        let old_address = |old: &Element<'_>, new: &Element<'_>| {
            let (old, new) = (old.to_string(), new.to_string());
            (old != new).then_some(old)
        };
        match change {
            Change::Changed { old, new } => ChangeReport {
                old_address: old_address(old.element(), new.element()),
                old: Some(old),
                new: Some(new),
                ..report
            },
            Change::Added { new, whole: of, .. } => ChangeReport {
                new: Some(new),
                whole: whole(of),
                ..report
            },
            Change::Removed { old, whole: of, .. } => ChangeReport {
                old: Some(old),
                whole: whole(of),
                ..report
            },
            Change::Moved { old, new } => ChangeReport {
                old_address: old_address(old, new),
                from: old.order(),
                to: new.order(),
                ..report
            },
            Change::Respelled { old, new } => ChangeReport {
                old_address: old_address(old, new),
                ..report
            },
        }
    }

    /// A document without values that only one of the refs has.
    pub fn of_empty(document: &'c DocumentDiff<'_>) -> ChangeReport<'c> {
        ChangeReport::of_whole(document.name().as_str(), document.in_old().is_none())
    }

    /// The same by its name.
    pub(super) fn of_whole(document: &'c str, is_added: bool) -> ChangeReport<'c> {
        let change = if is_added { "added" } else { "removed" };
        ChangeReport {
            whole: Some(String::new()),
            ..ChangeReport::begin(document, change, String::new())
        }
    }

    /// A proposal: a block may have been given another key.
    pub fn of_rename(document: &'c DocumentDiff<'_>, rename: &'c Rename<'c>) -> ChangeReport<'c> {
        ChangeReport {
            old_address: Some(rename.old.to_string()),
            same: Some(rename.same),
            of: Some(rename.of),
            ..ChangeReport::begin(
                document.name().as_str(),
                "possible_rename",
                rename.new.to_string(),
            )
        }
    }
}

impl<'c> NotComparedReport<'c> {
    /// Why, and in which of the refs.
    pub fn new(failed: &'c NotCompared) -> NotComparedReport<'c> {
        NotComparedReport {
            format_version: FORMAT_VERSION,
            document: failed.name.as_str(),
            error: failed.to_string(),
            sides: failed.failures.iter().map(|(side, _)| *side).collect(),
        }
    }
}

impl<'c> TextDiffReport<'c> {
    /// The texts of a document, compared by lines.
    pub fn new(document: &'c str, diff: &FileDiff) -> TextDiffReport<'c> {
        TextDiffReport {
            format_version: FORMAT_VERSION,
            document,
            diff: diff.to_string(),
        }
    }
}
