//! A text, and what the language finds in it.

use std::fmt;
use std::ops::Range;

use super::path::{Path, Step};

/// How deep conditions, loops, options and indexes may lie within each other.
pub const MAX_DEPTH: usize = 128;

/// How the server takes a text with a mistake in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Reading {
    /// The value of a variable or of a property: nothing of it is substituted.
    #[default]
    Value,
    /// The body of a script, or a file of a package: what can't be read is text, the rest is substituted.
    Script,
}

/// A text, and what the server would substitute in it.
#[derive(Debug, Clone)]
pub struct Template<'t> {
    pub(super) text: &'t str,
    pub(super) reading: Reading,
    pub(super) parts: Vec<Part>,
    pub(super) names: Vec<Name<'t>>,
    pub(super) filters: Vec<Filter<'t>>,
    pub(super) loops: Vec<Loop<'t>>,
    pub(super) mistakes: Vec<Mistake>,
}

/// A piece of the text. All of them, one after the other, are the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Where it is, in bytes.
    pub place: Range<usize>,
}

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// It stays as it is.
    Text,
    /// `##{`, which gives `#{`, or `##` before `#{`, which gives `#`.
    Escape,
    /// `#{expression}`
    Substitution,
    /// `#{calc expression}`
    Calculation,
    /// `#{if ...}`, `#{unless ...}` or `#{each ...}`
    Opening,
    /// `#{elseif ...}` or `#{else}`
    Middle,
    /// `#{/if}`, `#{/unless}` or `#{/each}`
    Closing,
}

/// A name that a template refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'t> {
    /// The name.
    pub path: Path<'t>,
    /// What for.
    pub role: Role,
    /// What the name is bound to within the template itself, if it is. Where the loop's item has no such property, the
    /// server looks for a variable of that name after all.
    pub local: Option<Local>,
}

/// What a name is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Its value is put into the text: `#{Name}`.
    Value,
    /// It is looked at: `#{if Name}`.
    Condition,
    /// It is gone through: `#{each item in Name}`.
    Collection,
    /// It chooses: `#{Other[#{Name}]}`.
    Index,
    /// A filter uses it: `#{Other | Format #{Name}}`.
    Option,
    /// It is counted with: `#{calc Name + 1}`.
    Calculation,
}

/// What a name within a loop is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// The item of the [loop](Template::loops) with that index, or one of its properties.
    Item(usize),
    /// What the innermost loop says of itself: `Octopus.Template.Each.Index`, `.First` or `.Last`.
    Special(usize),
}

/// `#{each variable in collection}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop<'t> {
    /// What each item is called.
    pub variable: Step<'t>,
    /// The whole of it, in bytes.
    pub place: Range<usize>,
    /// What is repeated, in bytes. The name of the collection stands between the start of `place` and this.
    pub body: Range<usize>,
}

/// A filter: `| Name options`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter<'t> {
    /// Its name, of which case doesn't count.
    pub name: &'t str,
    /// Where the name stands, in bytes.
    pub place: Range<usize>,
    /// Where its options stand, quotes included.
    pub options: Vec<Range<usize>>,
}

/// A `#{` that the server can't read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub kind: MistakeKind,
    /// From the `#{` to where reading stopped, in bytes. A script is read on from there.
    pub place: Range<usize>,
}

/// What is wrong with a `#{`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MistakeKind {
    /// `#{/if}` with nothing that it closes.
    ClosesNothing,
    /// The text ends before it does.
    Unclosed,
    /// A character that can't stand there.
    Unexpected(char),
    /// More than [`MAX_DEPTH`] lie within each other.
    TooDeep,
}

impl<'t> Template<'t> {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// How the text was read.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// Its pieces in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Every name, in the order of their places. A name within an index comes after the name whose index it is.
    #[must_use]
    pub fn names(&self) -> &[Name<'t>] {
        &self.names
    }

    /// Every filter, in the order of their places.
    #[must_use]
    pub fn filters(&self) -> &[Filter<'t>] {
        &self.filters
    }

    /// Every loop, in the order of their places.
    #[must_use]
    pub fn loops(&self) -> &[Loop<'t>] {
        &self.loops
    }

    /// What the server can't read: of a value the first alone, as that makes all of it text.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Whether another text has the same parts, names of the same kinds and as many filters, loops and mistakes.
    pub(crate) fn has_form_of(&self, other: &Template<'_>) -> bool {
        let parts = |template: &Template<'_>| -> Vec<PartKind> {
            template.parts.iter().map(|part| part.kind).collect()
        };
        let uses = |template: &Template<'_>| -> Vec<(Role, Option<Local>)> {
            let names = template.names.iter();
            names.map(|name| (name.role, name.local)).collect()
        };
        let counts = |template: &Template<'_>| {
            let (filters, loops) = (template.filters.len(), template.loops.len());
            (filters, loops, template.mistakes.len())
        };
        parts(self) == parts(other) && uses(self) == uses(other) && counts(self) == counts(other)
    }

    /// Whether the server leaves the text as it is.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| part.kind == PartKind::Text)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MistakeKind::ClosesNothing => f.write_str("this closes nothing"),
            MistakeKind::Unclosed => f.write_str("this `#{` is never closed"),
            MistakeKind::Unexpected(c) => write!(f, "`{}` can't stand here", c.escape_debug()),
            MistakeKind::TooDeep => write!(f, "more than {MAX_DEPTH} levels lie within each other"),
        }
    }
}
