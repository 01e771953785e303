//! What every `#{` of a text begins, and where that ends.

use std::cell::OnceCell;
use std::collections::HashMap;

/// Where reading stopped, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped(pub(super) usize);

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Conditional,
    Calculation,
    Repetition,
    Substitution,
}

/// What ends a run of text and items, apart from what isn't an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing else: `#{else}` is a variable of that name.
    Plain,
    /// Of an `unless`: `#{else}`.
    Unless,
    /// Of an `if`: `#{else}` and `#{elseif`.
    If,
}

/// What is known of one `#{`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// What it begins and where that ends, else where reading stopped.
    pub(super) read: Result<(Kind, usize), Stopped>,
    /// Read as a substitution of a path alone: where it ends.
    pub(super) plain_substitution: Option<usize>,
    /// Where a run that comes to this item ends, for each [`Body`].
    pub(super) run_ends: [usize; 3],
    /// Where the `elseif`s that begin here are done.
    pub(super) else_ifs_end: usize,
}

/// Every `#{` of a text that isn't escaped.
pub(super) struct Items<'t> {
    pub(super) text: &'t str,
    /// Where they are.
    pub(super) at: Vec<usize>,
    /// What they are, the last first.
    pub(super) reversed: Vec<Item>,
    /// From a bracket to the one that closes it, once a name has an index.
    pub(super) brackets: OnceCell<HashMap<usize, usize>>,
}

impl<'t> Items<'t> {
    fn find(&self, at: usize) -> Option<&Item> {
        let index = self.at.binary_search(&at).ok()?;
        self.reversed.get(self.at.len() - 1 - index)
    }

    /// The first item at or after a place.
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        let index = self.at.partition_point(|&item| item < at);
        self.at.get(index).copied()
    }

    /// What the item there is and where it ends, else where reading stopped.
    pub(super) fn get(&self, at: usize) -> Option<Result<(Kind, usize), Stopped>> {
        self.find(at).map(|item| item.read)
    }

    /// Where the item there ends, if it is one.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        self.find(at)?.read.ok().map(|(_, end)| end)
    }

    pub(super) fn plain_substitution(&self, at: usize) -> Option<usize> {
        self.find(at)?.plain_substitution
    }

    pub(super) fn closing_bracket(&self, at: usize) -> Option<usize> {
        let brackets = self.brackets.get_or_init(|| brackets(self.text.as_bytes()));
        brackets.get(&at).copied()
    }

    /// Where the run of text and items that begins at a place ends: at an item, or with the text.
    pub(super) fn run_end(&self, at: usize, body: Body) -> usize {
        let item = self.next(at).and_then(|next| self.find(next));
        item.map_or(self.text.len(), |item| item.run_ends[body as usize])
    }

    /// Where the `elseif`s that begin at a place are done.
    pub(super) fn else_ifs_end(&self, at: usize) -> usize {
        self.find(at).map_or(at, |item| item.else_ifs_end)
    }
}

/// From each bracket to the one that closes it; those that nothing closes are left out.
fn brackets(bytes: &[u8]) -> HashMap<usize, usize> {
    let mut open = Vec::new();
    let mut pairs = HashMap::new();
    for at in memchr::memchr2_iter(b'[', b']', bytes) {
        match bytes[at] {
            b'[' => open.push(at),
            _ => {
                if let Some(start) = open.pop() {
                    pairs.insert(start, at);
                }
            }
        }
    }
    pairs
}
