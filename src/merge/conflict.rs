//! What can't be merged without a person's decision.

use std::fmt;

use crate::catalog::selector::Selector;
use crate::values::Element;

/// Which of the three documents of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The one whose text the result is written on.
    Ours,
    /// The other one.
    Theirs,
    /// The one that both come from.
    Base,
}

/// What kind of decision is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ConflictKind {
    /// Both sides changed a value, each to another one.
    BothChanged,
    /// One side changed something, the other removed it.
    ChangedAndRemoved,
    /// Both sides added something with one address, and it isn't the same.
    AddedDifferently,
    /// Both sides changed the order of blocks or items, or added some in one place.
    Order,
    /// A block seems to have got another key on one side, and the other side changed, removed or renamed it too; or both sides
    /// spell a key differently; or a step that made a key of another one gave it to another block.
    Identity,
}

/// A conflict: what it is about, in each of the three documents that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// What kind of conflict it is.
    pub kind: ConflictKind,
    /// In the base.
    pub base: Option<Element<'a>>,
    /// In ours; for [`ConflictKind::Identity`] under the key that it seems to have there.
    pub ours: Option<Element<'a>>,
    /// In theirs, as for ours.
    pub theirs: Option<Element<'a>>,
}

impl ConflictKind {
    /// The kind as one word: `both-changed`, `changed-and-removed`, `added-differently`, `order` or `identity`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BothChanged => "both-changed",
            Self::ChangedAndRemoved => "changed-and-removed",
            Self::AddedDifferently => "added-differently",
            Self::Order => "order",
            Self::Identity => "identity",
        }
    }
}

impl<'a> Conflict<'a> {
    /// The address: that in the base if it is there, else in ours, else in theirs.
    #[must_use]
    pub fn selector(&self) -> Selector {
        self.elements()
            .next()
            .map(Element::selector)
            .unwrap_or_default()
    }

    /// What it is about, in base, ours and theirs, as far as they have it.
    pub fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        [&self.base, &self.ours, &self.theirs].into_iter().flatten()
    }
}

impl<'a> Conflict<'a> {
    /// What one of its sides has, as its line says it.
    #[must_use]
    pub fn told(&self, side: &Element<'a>) -> String {
        struct Told<'c, 'a>(&'c Conflict<'a>, &'c Element<'a>);
        impl fmt::Display for Told<'_, '_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write_side(self.1, f)
            }
        }
        Told(self, side).to_string()
    }
}

impl fmt::Display for Conflict<'_> {
    /// On one line: the kind, the address, and the three values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:", self.kind.name(), self.selector())?;
        let named = [
            ("base", &self.base),
            ("ours", &self.ours),
            ("theirs", &self.theirs),
        ];
        for (index, (name, element)) in named.into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma} {name} ")?;
            match element {
                None => f.write_str("nothing")?,
                Some(element) => self.write_side(element, f)?,
            }
        }
        Ok(())
    }
}

impl Conflict<'_> {
    fn write_side(&self, element: &Element<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == ConflictKind::Order {
            return f.write_str(&order_of(element));
        }
        // Where all have one address, that tells nothing.
        let selector = self.selector();
        let mut elements = self.elements();
        if self.kind == ConflictKind::Identity && elements.any(|it| it.selector() != selector) {
            return write!(f, "{element}");
        }
        match element.value() {
            Some(value) => write!(f, "{value}"),
            None => match element.leaves().count() {
                1 => f.write_str("1 value"),
                count => write!(f, "{count} values"),
            },
        }
    }
}

/// What stands in an order in an element, on one line.
pub(crate) fn order_of(element: &Element<'_>) -> String {
    let members = element.members().filter(Element::is_in_sequence);
    let told = members.map(|member| {
        let selector = member.selector();
        let last = selector.segments().last().cloned();
        match member.value() {
            Some(value) if member.order().is_none() => value.to_string(),
            _ => Selector::new(last.into_iter().collect()).to_string(),
        }
    });
    told.collect::<Vec<_>>().join(" ")
}
