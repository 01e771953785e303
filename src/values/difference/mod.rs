//! What differs between two documents of one shape.

mod alike;
mod kept;
mod matching;
mod sequence;

use std::collections::HashMap;
use std::fmt;

use super::document::Values;
use super::element::Element;
use super::leaf::Leaf;
use super::members::Expanded;
use crate::ocl::Kind;
use alike::{Resemblance, resemblances};
pub(crate) use kept::kept;
use matching::Form;
pub(super) use matching::{Both, form, moved, pairs, reads_alike};
pub(crate) use sequence::{common, longest_ascending};

/// Pairs of elements, each by its place in its list, that resemble each other more than any other: at least half of their leaves are
/// the same. What they are known by doesn't count.
pub(crate) fn resembling(old: &[Element<'_>], new: &[Element<'_>]) -> Vec<(usize, usize)> {
    let (old, new): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
    let found = alike::resemblances(&old, &new).into_iter();
    found.map(|pair| (pair.old, pair.new)).collect()
}

/// What differs between two documents: leaf by leaf, and the order of blocks where it matters.
#[derive(Debug, Clone, Default)]
pub struct Difference<'a> {
    pub(super) changes: Vec<Change<'a>>,
    pub(super) renames: Vec<Rename<'a>>,
}

/// One difference.
///
/// Its `Display` is one line: `~ ADDRESS: OLD -> NEW`, `+ ADDRESS = VALUE`, `- ADDRESS = VALUE`, `> ADDRESS: FROM -> TO` for
/// something that has moved.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Change<'a> {
    /// Another value at what is the same address. The two may print differently where a position is part of them.
    Changed {
        /// In the old document.
        old: Leaf<'a>,
        /// In the new document.
        new: Leaf<'a>,
    },
    /// A leaf that only the new document has.
    Added {
        /// The leaf.
        new: Leaf<'a>,
        /// What holds it, in the old document: the innermost element that is in both.
        within: Element<'a>,
        /// The block, dictionary or list that is new as a whole and that it is part of; none where the leaf came alone.
        whole: Option<Element<'a>>,
    },
    /// A leaf that only the old document has.
    Removed {
        /// The leaf.
        old: Leaf<'a>,
        /// What held it, in the new document: the innermost element that is in both.
        within: Element<'a>,
        /// The block, dictionary or list that went as a whole and that it was part of; none where the leaf went alone.
        whole: Option<Element<'a>>,
    },
    /// A block whose order matters stands elsewhere among its siblings. [`Element::order`] says where.
    Moved {
        /// In the old document.
        old: Element<'a>,
        /// In the new document.
        new: Element<'a>,
    },
    /// A key that ignores case is written differently.
    Respelled {
        /// In the old document.
        old: Element<'a>,
        /// In the new document.
        new: Element<'a>,
    },
}

/// A proposal: a block that went and one that came may be one block with another key.
///
/// Nothing follows from it by itself: the leaves of both are among the changes, as removed and added.
#[derive(Debug, Clone)]
pub struct Rename<'a> {
    /// The block that went.
    pub old: Element<'a>,
    /// The block that came.
    pub new: Element<'a>,
    /// How many leaves are the same in both.
    pub same: usize,
    /// How many leaves the larger of them has.
    pub of: usize,
}

/// What differs between two documents. Both must be in one shape and seen by one identity.
///
/// Blocks, entries and items of sets are matched by their keys, wherever they stand; items of other lists by a longest
/// common subsequence; blocks that no key tells apart by what they say. Time grows as n log n with the documents' size, and
/// what is the same to the byte is not looked into.
///
/// ```
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{Values, difference};
///
/// let catalog = Catalog::builtin();
/// let identity = catalog.identity("deployment_process");
/// let old = "step \"a\" {\n    name = \"A\"\n}\n\nstep \"b\" {\n    name = \"B\"\n}\n";
/// let new = "step \"b\" {\n\tname = \"B\" # the same\n}\nstep \"c\" {\n    name = \"A\"\n}\n";
/// let (old, new) = (Document::parse(old, Dialect::Current)?, Document::parse(new, Dialect::Current)?);
///
/// let difference = difference(Values::of(&old, identity), Values::of(&new, identity));
/// let changes: Vec<String> = difference.changes().iter().map(ToString::to_string).collect();
/// assert_eq!(changes, ["- step[\"a\"].name = \"A\"", "+ step[\"c\"].name = \"A\""]);
///
/// // That `a` may be called `c` now is proposed, never assumed.
/// let rename = &difference.renames()[0];
/// assert_eq!((rename.old.to_string(), rename.new.to_string()), ("step[\"a\"]".into(), "step[\"c\"]".into()));
/// # Ok::<(), ocl_migrate::ocl::ParseError>(())
/// ```
#[must_use]
pub fn difference<'a>(old: Values<'a>, new: Values<'a>) -> Difference<'a> {
    let mut finder = Finder {
        found: Difference::default(),
        prints: Both::default(),
        is_read_alike: reads_alike(&old, &new),
    };
    finder.compare(&old.root(), &new.root());
    finder.found
}

impl<'a> Difference<'a> {
    /// Without the changes that a test doesn't hold for.
    pub(crate) fn retain(&mut self, test: impl FnMut(&Change<'a>) -> bool) {
        self.changes.retain(test);
    }

    /// The differences, in the order of the new document; what was removed where it stood.
    #[must_use]
    pub fn changes(&self) -> &[Change<'a>] {
        &self.changes
    }

    /// Blocks that may have been given another key.
    #[must_use]
    pub fn renames(&self) -> &[Rename<'a>] {
        &self.renames
    }

    /// Whether the documents say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl<'a> IntoIterator for Difference<'a> {
    type Item = Change<'a>;
    type IntoIter = std::vec::IntoIter<Change<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.changes.into_iter()
    }
}

impl<'a> Change<'a> {
    /// In one word: `changed`, `added`, `removed`, `moved` or `respelled`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Added { .. } => "added",
            Self::Removed { .. } => "removed",
            Self::Moved { .. } => "moved",
            Self::Respelled { .. } => "respelled",
        }
    }

    /// What it is about: in the new document, or in the old one for what was removed.
    #[must_use]
    pub fn element(&self) -> &Element<'a> {
        match self {
            Self::Changed { new, .. } | Self::Added { new, .. } => new.element(),
            Self::Removed { old, .. } => old.element(),
            Self::Moved { new, .. } | Self::Respelled { new, .. } => new,
        }
    }

    /// The leaf of the old document, if a leaf of it changed or went.
    #[must_use]
    pub fn old_leaf(&self) -> Option<&Leaf<'a>> {
        match self {
            Self::Changed { old, .. } | Self::Removed { old, .. } => Some(old),
            _ => None,
        }
    }

    /// The leaf of the new document, if it changed or came.
    #[must_use]
    pub fn new_leaf(&self) -> Option<&Leaf<'a>> {
        match self {
            Self::Changed { new, .. } | Self::Added { new, .. } => Some(new),
            _ => None,
        }
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { old, new } => {
                let (element, old, new) = (new.element(), old.value(), new.value());
                write!(f, "~ {element}: {old} -> {new}")
            }
            Self::Added { new, .. } => write!(f, "+ {new}"),
            Self::Removed { old, .. } => write!(f, "- {old}"),
            Self::Moved { old, new } => {
                let order = |element: &Element<'_>| element.order().unwrap_or_default();
                write!(f, "> {new}: {} -> {}", order(old), order(new))
            }
            Self::Respelled { old, new } => write!(f, "~ {old} -> {new}"),
        }
    }
}

struct Finder<'a> {
    found: Difference<'a>,
    prints: Both,
    /// Whether what is the same to the byte says the same in both documents.
    is_read_alike: bool,
}

impl<'a> Finder<'a> {
    /// Compares an element with what it is in the other document.
    fn compare(&mut self, old: &Element<'a>, new: &Element<'a>) {
        if self.is_read_alike && old.node().source() == new.node().source() {
            return;
        }
        if old.is_respelt(new) {
            let (old, new) = (old.clone(), new.clone());
            self.found.changes.push(Change::Respelled { old, new });
        }
        let [of_old, of_new] = self.expanded(old, new);
        match (of_old.own, of_new.own) {
            (Some(a), Some(b)) if !a.equals(&b) => {
                self.found.changes.push(Change::Changed { old: a, new: b });
            }
            (Some(leaf), None) => self.removed(leaf, new, None),
            (None, Some(leaf)) => self.added(leaf, old, None),
            _ => {}
        }
        let (a, b) = (of_old.members, of_new.members);
        let pairs = if form(old) == form(new) {
            pairs(&a, &b, &mut self.prints)
        } else {
            Vec::new()
        };
        let moved = moved(&pairs, &a, &b);
        let lost = unpaired(a.len(), pairs.iter().map(|(at, _)| *at));
        let came = unpaired(b.len(), pairs.iter().map(|(_, at)| *at));
        self.renames(&lost, &a, &came, &b);

        let (mut lost, mut pairs) = (
            lost.into_iter().peekable(),
            pairs.into_iter().zip(moved).peekable(),
        );
        for (at, element) in b.iter().enumerate() {
            let Some(((before, _), has_moved)) = pairs.next_if(|((_, paired), _)| *paired == at)
            else {
                self.all_added(element, old);
                continue;
            };
            while let Some(gone) = lost.next_if(|gone| *gone < before) {
                self.all_removed(&a[gone], new);
            }
            if has_moved {
                let (old, new) = (a[before].clone(), element.clone());
                self.found.changes.push(Change::Moved { old, new });
            }
            self.compare(&a[before], element);
        }
        for gone in lost {
            self.all_removed(&a[gone], new);
        }
    }

    /// What two elements hold, where it may differ.
    fn expanded(&self, old: &Element<'a>, new: &Element<'a>) -> [Expanded<'a>; 2] {
        let apart = self.is_read_alike.then(|| Element::apart(old, new));
        match apart.flatten() {
            Some(members) => members.map(|members| Expanded { own: None, members }),
            None => [old.expand(), new.expand()],
        }
    }

    fn added(&mut self, new: Leaf<'a>, within: &Element<'a>, whole: Option<&Element<'a>>) {
        self.found.changes.push(Change::Added {
            new,
            within: within.clone(),
            whole: whole.cloned(),
        });
    }

    fn removed(&mut self, old: Leaf<'a>, within: &Element<'a>, whole: Option<&Element<'a>>) {
        self.found.changes.push(Change::Removed {
            old,
            within: within.clone(),
            whole: whole.cloned(),
        });
    }

    fn all_added(&mut self, element: &Element<'a>, within: &Element<'a>) {
        let whole = Some(element).filter(|element| form(element) != Form::Value);
        for leaf in element.leaves() {
            self.added(leaf, within, whole);
        }
    }

    fn all_removed(&mut self, element: &Element<'a>, within: &Element<'a>) {
        let whole = Some(element).filter(|element| form(element) != Form::Value);
        for leaf in element.leaves() {
            self.removed(leaf, within, whole);
        }
    }

    /// Proposes what may be the same block under another key.
    fn renames(&mut self, lost: &[usize], a: &[Element<'a>], came: &[usize], b: &[Element<'a>]) {
        let found = alike_blocks(lost, a, came, b);
        let renames = found.into_iter().map(|found| Rename {
            old: a[found.old].clone(),
            new: b[found.new].clone(),
            same: found.same,
            of: found.of,
        });
        self.found.renames.extend(renames);
    }
}

/// Whether two elements say the same, also in their keys and in the order of what is in them.
pub(super) fn says_same(
    old: &Element<'_>,
    new: &Element<'_>,
    prints: &mut Both,
    is_read_alike: bool,
) -> bool {
    if form(old) != form(new) {
        return false;
    }
    let mut finder = Finder {
        found: Difference::default(),
        prints: std::mem::take(prints),
        is_read_alike,
    };
    finder.compare(old, new);
    *prints = finder.prints;
    finder.found.is_empty()
}

/// Of blocks that went and blocks that came, those that may be one block under another key; by the old positions.
pub(super) fn alike_blocks(
    lost: &[usize],
    a: &[Element<'_>],
    came: &[usize],
    b: &[Element<'_>],
) -> Vec<Resemblance> {
    let mut types: HashMap<_, (Vec<usize>, Vec<usize>)> = HashMap::new();
    let is_block = |element: &Element<'_>| element.node().kind() == Kind::Block;
    for at in lost.iter().filter(|at| is_block(&a[**at])) {
        types.entry(a[*at].name()).or_default().0.push(*at);
    }
    for at in came.iter().filter(|at| is_block(&b[**at])) {
        types.entry(b[*at].name()).or_default().1.push(*at);
    }
    let mut found = Vec::new();
    for (lost, came) in types.into_values() {
        if lost.is_empty() || came.is_empty() {
            continue;
        }
        let old: Vec<&Element<'_>> = lost.iter().map(|at| &a[*at]).collect();
        let new: Vec<&Element<'_>> = came.iter().map(|at| &b[*at]).collect();
        let alike = resemblances(&old, &new).into_iter();
        found.extend(alike.map(|alike| Resemblance {
            old: lost[alike.old],
            new: came[alike.new],
            ..alike
        }));
    }
    found.sort_unstable_by_key(|found| found.old);
    found
}

/// The positions that are in no pair, in order.
fn unpaired(count: usize, paired: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut is_free = vec![true; count];
    for at in paired {
        is_free[at] = false;
    }
    (0..count).filter(|at| is_free[*at]).collect()
}
