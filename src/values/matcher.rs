//! Which part of one document is which of another, asked for one element after the other.

use super::difference::{Both, alike_blocks, form, moved, pairs, reads_alike, says_same};
use super::document::Values;
use super::element::Element;

/// Two documents whose parts are matched as [`difference()`](super::difference()) matches them.
pub(crate) struct Matcher {
    prints: Both,
    is_read_alike: bool,
}

impl Matcher {
    pub(crate) fn new(old: &Values<'_>, new: &Values<'_>) -> Matcher {
        Matcher {
            prints: Both::default(),
            is_read_alike: reads_alike(old, new),
        }
    }

    /// Whether both are written in the same bytes, so that they say the same.
    pub(crate) fn is_same_text(&self, old: &Element<'_>, new: &Element<'_>) -> bool {
        self.is_read_alike && old.node().source() == new.node().source()
    }

    /// Whether they say the same, also in their keys and in the order of what is in them.
    pub(crate) fn says_same(&mut self, old: &Element<'_>, new: &Element<'_>) -> bool {
        says_same(old, new, &mut self.prints, self.is_read_alike)
    }

    /// Pairs of positions in what two elements hold: what is the same part of both.
    pub(crate) fn pairs<'a>(
        &mut self,
        old: &[Element<'a>],
        new: &[Element<'a>],
    ) -> Vec<(usize, usize)> {
        pairs(old, new, &mut self.prints)
    }

    /// Which of the pairs have moved: their order matters, and they aren't among the most that kept theirs.
    pub(crate) fn moved(
        pairs: &[(usize, usize)],
        old: &[Element<'_>],
        new: &[Element<'_>],
    ) -> Vec<bool> {
        moved(pairs, old, new)
    }

    /// A number for what an element of each document says, the same for those that say the same.
    pub(crate) fn number_in_old(&mut self, element: &Element<'_>) -> u64 {
        self.prints.old.of(element)
    }

    pub(crate) fn number_in_new(&mut self, element: &Element<'_>) -> u64 {
        self.prints.new.of(element)
    }

    /// Blocks that went and blocks that came which may be the same under another key, as pairs of positions.
    pub(crate) fn renames(
        lost: &[usize],
        old: &[Element<'_>],
        came: &[usize],
        new: &[Element<'_>],
    ) -> Vec<(usize, usize)> {
        let found = alike_blocks(lost, old, came, new).into_iter();
        found.map(|found| (found.old, found.new)).collect()
    }
}

impl Element<'_> {
    /// Whether both hold their members in the same way: as a block, a dictionary or a list; or are single values.
    pub(crate) fn has_form_of(&self, other: &Element<'_>) -> bool {
        form(self) == form(other)
    }
}
