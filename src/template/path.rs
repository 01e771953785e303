//! What a template names: a path of names and indexes.

use std::borrow::Cow;
use std::ops::Range;

use super::character::{fold, is_blank};

/// What a template refers to: `Octopus.Action[Deploy].Output.Url` has the steps `Octopus`, `Action`, `[Deploy]`, `Output`
/// and `Url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path<'t> {
    /// At least one.
    pub(super) steps: Vec<Step<'t>>,
}

/// One step of a path, and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<'t> {
    /// What the step is.
    pub kind: StepKind<'t>,
    /// In bytes. The dots are no part of it, brackets are.
    pub place: Range<usize>,
}

/// What a step of a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind<'t> {
    /// A name, without the blanks around it.
    Name(&'t str),
    /// `[text]`, as it stands between the brackets.
    Index(&'t str),
    /// `[#{name}]`: known only when the server runs. The name is among the template's own.
    Computed,
}

/// The first steps of a path, written so that every spelling of them gives the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// To be compared with [`Path::key`] of a variable's name.
    pub key: String,
    /// Where the steps stand in the text, in bytes.
    pub place: Range<usize>,
    /// How many steps there are.
    pub steps: usize,
}

impl<'t> Path<'t> {
    /// Its steps, at least one.
    #[must_use]
    pub fn steps(&self) -> &[Step<'t>] {
        &self.steps
    }

    /// Where it stands in the text, in bytes: from its first step to the end of its last.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.place_of(self.steps.len())
    }

    fn place_of(&self, steps: usize) -> Range<usize> {
        self.steps[0].place.start..self.steps[steps - 1].place.end
    }

    /// Whether an index is a template itself, so that what is meant is known only when the server runs.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.kind == StepKind::Computed)
    }

    /// The path so that two spellings of one name are equal, case and blanks aside. Every computed index is alike.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(&self.steps, false)
    }

    /// The key of what stands before the first index that may be any: `X` in `X[#{Y}].Name` and in `X[*].Name`.
    pub(crate) fn before_any_index(&self) -> Option<String> {
        let is_any = |step: &Step<'_>| match step.kind {
            StepKind::Name(_) => false,
            StepKind::Index(index) => index.trim_matches(is_blank) == "*",
            StepKind::Computed => true,
        };
        let steps = self.steps.iter().position(is_any)?;
        Some(key_of(&self.steps[..steps], false))
    }

    /// The index behind names, `Deploy` in `Octopus.Action[Deploy].Output` behind `Octopus.Action`, and where it stands in the
    /// text, without brackets and blanks around it. The index is `None` where it is computed.
    pub(crate) fn index_after(&self, names: &str) -> Option<(Option<&'t str>, Range<usize>)> {
        let count = names.split('.').count();
        let begins_so = self.steps.iter().zip(names.split('.'));
        let begins_so = begins_so.take(count).all(|(step, wanted)| match step.kind {
            StepKind::Name(name) => name.eq_ignore_ascii_case(wanted),
            StepKind::Index(_) | StepKind::Computed => false,
        });
        let step = self.steps.get(count).filter(|_| begins_so)?;
        let inside = step.place.start + 1..step.place.end - 1;
        match step.kind {
            StepKind::Name(_) => None,
            StepKind::Computed => Some((None, inside)),
            StepKind::Index(inner) => {
                let index = inner.trim_matches(is_blank);
                let start = inner.len() - inner.trim_start_matches(is_blank).len();
                let start = inside.start + start;
                Some((Some(index), start..start + index.len()))
            }
        }
    }

    /// Its first steps, the longest first, as far as no index is computed: which of them names a variable is for the
    /// caller to know. `#{Account.Client}` may be about a variable `Account.Client` or about `Account`.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> {
        let known = self
            .steps
            .iter()
            .take_while(|step| step.kind != StepKind::Computed)
            .count();
        (1..=known).rev().map(|steps| Prefix {
            key: key_of(&self.steps[..steps], false),
            place: self.place_of(steps),
            steps,
        })
    }
}

/// The key of some steps, and whether others stand before them.
pub(super) fn key_of(steps: &[Step<'_>], further: bool) -> String {
    let mut key = String::new();
    for (index, step) in steps.iter().enumerate() {
        match &step.kind {
            StepKind::Name(name) => {
                if further || index > 0 {
                    key.push('.');
                }
                key.push_str(&fold(name));
            }
            StepKind::Index(index) => {
                key.push('[');
                key.push_str(&fold(&index_text(index)));
                key.push(']');
            }
            StepKind::Computed => key.push_str("[#{}]"),
        }
    }
    key
}

/// An index as the server takes it: blanks after a bracket that opens don't count.
fn index_text(inner: &str) -> Cow<'_, str> {
    let inner = inner.trim_start_matches(is_blank);
    if !inner.contains('[') {
        return Cow::Borrowed(inner);
    }
    let mut pieces = inner.split('[');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push('[');
        text.push_str(piece.trim_start_matches(is_blank));
    }
    Cow::Owned(text)
}
