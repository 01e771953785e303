//! What every `#{` of a text begins, and where that ends.
//!
//! Whether an `if` is one depends on what follows it, to the text's end: the plain way to read that is exponential. Here the
//! items are read from the last to the first, so that all that lies within one is known already: no recursion, linear time.

use std::cell::OnceCell;
use std::collections::HashMap;

use memchr::memmem;

use super::Role;
use super::grammar::{Reader, Stopped};

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
struct Item {
    /// What it begins and where that ends, else where reading stopped.
    read: Result<(Kind, usize), Stopped>,
    /// Read as a substitution of a path alone: where it ends.
    plain_substitution: Option<usize>,
    /// Where a run that comes to this item ends, for each [`Body`].
    run_ends: [usize; 3],
    /// Where the `elseif`s that begin here are done.
    else_ifs_end: usize,
}

/// Every `#{` of a text that isn't escaped.
pub(super) struct Items<'t> {
    text: &'t str,
    /// Where they are.
    at: Vec<usize>,
    /// What they are, the last first.
    reversed: Vec<Item>,
    /// From a bracket to the one that closes it, once a name has an index.
    brackets: OnceCell<HashMap<usize, usize>>,
}

impl<'t> Items<'t> {
    pub(super) fn read(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let at: Vec<usize> = memmem::find_iter(bytes, b"#{")
            .filter(|&at| {
                // `##` before `#{` is one `#`, `##{` is `#{` as text.
                let hashes = bytes[..at].iter().rev().take_while(|&&byte| byte == b'#');
                hashes.count().is_multiple_of(2)
            })
            .collect();
        let mut items = Self {
            text,
            reversed: Vec::with_capacity(at.len()),
            brackets: OnceCell::new(),
            at,
        };
        for index in (0..items.at.len()).rev() {
            let item = items.item(items.at[index]);
            items.reversed.push(item);
        }
        items
    }

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

    /// The item at a place, given those after it.
    fn item(&self, at: usize) -> Item {
        let mut reader = Reader::new(self.text, self);
        let substitution = reader.substitution(at, Role::Value);
        let read = self.kind(&mut reader, at, substitution.map(|(end, _)| end));
        let run_end = |body| match read {
            Ok((_, end)) => self.run_end(end, body),
            Err(_) => at,
        };
        let ends_unless = reader.literal(at, "#{else}").is_ok();
        let ends_if = ends_unless || reader.else_if(at).is_ok();
        Item {
            read,
            plain_substitution: match substitution {
                Ok((end, true)) => Some(end),
                _ => None,
            },
            run_ends: [
                run_end(Body::Plain),
                if ends_unless {
                    at
                } else {
                    run_end(Body::Unless)
                },
                if ends_if { at } else { run_end(Body::If) },
            ],
            else_ifs_end: match reader.else_if_head(at) {
                Ok(body) => self.else_ifs_end(self.run_end(body, Body::If)),
                Err(_) => at,
            },
        }
    }

    fn kind(
        &self,
        reader: &mut Reader<'_, '_>,
        at: usize,
        substitution: Result<usize, Stopped>,
    ) -> Result<(Kind, usize), Stopped> {
        let all = [
            (Kind::Conditional, self.conditional(reader, at)),
            (Kind::Calculation, reader.calculation(at)),
            (Kind::Repetition, self.repetition(reader, at)),
            (Kind::Substitution, substitution),
        ];
        // As text, the server stops after the `#`.
        let mut stopped = at + 1;
        for (kind, read) in all {
            match read {
                Ok(end) => return Ok((kind, end)),
                Err(Stopped(place)) => stopped = stopped.max(place),
            }
        }
        Err(Stopped(stopped))
    }

    fn conditional(&self, reader: &mut Reader<'_, '_>, at: usize) -> Result<usize, Stopped> {
        let (body, is_if) = reader.conditional_head(at)?;
        let mut end = match is_if {
            true => self.else_ifs_end(self.run_end(body, Body::If)),
            false => self.run_end(body, Body::Unless),
        };
        if let Ok(otherwise) = reader.literal(end, "#{else}") {
            end = self.run_end(otherwise, Body::Plain);
        }
        reader.literal(end, if is_if { "#{/if}" } else { "#{/unless}" })
    }

    fn repetition(&self, reader: &mut Reader<'_, '_>, at: usize) -> Result<usize, Stopped> {
        let (_, body) = reader.each_head(at)?;
        reader.literal(self.run_end(body, Body::Plain), "#{/each}")
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
