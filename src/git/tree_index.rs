//! The names in large trees, for those who look for many of them: a tree is a list, and each look would read it from its beginning.

use std::collections::{HashMap, VecDeque};

use super::object_id::ObjectId;
use super::tree_entries::{EntryKind, entries_of};

/// Smaller trees, in bytes, are looked through as they are.
const SMALLEST: usize = 8 << 10;

/// The bytes of trees that are indexed at most; an index takes about three times as much.
const MOST_BYTES: usize = 4 << 20;

/// Of how many large trees it is known that somebody has looked into them.
const MOST_ASKED: usize = 64;

/// Indexes of the large trees that were looked into last, each made at the second look.
#[derive(Default)]
pub(super) struct TreeIndexes {
    asked: VecDeque<ObjectId>,
    /// With the trees' sizes; the last used first.
    known: VecDeque<(ObjectId, usize, Names)>,
}

type Names = HashMap<Box<[u8]>, (ObjectId, EntryKind)>;

impl TreeIndexes {
    /// The entry of a name; `None` where the tree isn't indexed.
    pub(super) fn find(
        &mut self,
        tree: ObjectId,
        name: &[u8],
    ) -> Option<Option<(ObjectId, EntryKind)>> {
        let at = self.known.iter().position(|(id, ..)| *id == tree)?;
        if at > 0 {
            let used = self.known.remove(at)?;
            self.known.push_front(used);
        }
        let (_, _, names) = self.known.front()?;
        Some(names.get(name).copied())
    }

    /// Notes that a tree is looked into, and indexes it if it was before.
    pub(super) fn offer(&mut self, tree: ObjectId, data: &[u8]) {
        if !(SMALLEST..=MOST_BYTES).contains(&data.len()) {
            return;
        }
        if !self.asked.contains(&tree) {
            self.asked.truncate(MOST_ASKED - 1);
            self.asked.push_front(tree);
            return;
        }
        // A look into a malformed tree says what is wrong with it only if that comes before what is looked for.
        let Ok(names) = names_of(data) else {
            return;
        };
        self.known.push_front((tree, data.len(), names));
        let mut bytes = 0;
        self.known.retain(|(_, size, _)| {
            bytes += size;
            bytes <= MOST_BYTES
        });
    }
}

fn names_of(data: &[u8]) -> Result<Names, String> {
    let mut names = Names::new();
    for entry in entries_of(data) {
        let (name, id, kind) = entry?;
        // The first of a name counts, as for those who look through the tree.
        names.entry(name.into()).or_insert((id, kind));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(first: usize) -> Vec<u8> {
        let mut data = Vec::new();
        for number in first..first + 400 {
            data.extend_from_slice(format!("100644 file-{number:05}\0").as_bytes());
            data.extend_from_slice(&[u8::try_from(number % 251).expect("small"); 20]);
        }
        data
    }

    fn id(number: u8) -> ObjectId {
        ObjectId::from_bytes([number; 20])
    }

    #[test]
    fn a_tree_is_indexed_at_the_second_look() {
        let mut indexes = TreeIndexes::default();
        let data = tree(0);
        indexes.offer(id(1), &data);
        assert_eq!(indexes.find(id(1), b"file-00007"), None);
        indexes.offer(id(1), &data);
        let found = Some((id(7), EntryKind::Blob));
        assert_eq!(indexes.find(id(1), b"file-00007"), Some(found));
        assert_eq!(indexes.find(id(1), b"file-00400"), Some(None));
        assert_eq!(indexes.find(id(2), b"file-00007"), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut indexes = TreeIndexes::default();
        for number in 0..=255 {
            let data = tree(0).repeat(5);
            indexes.offer(id(number), &data);
            indexes.offer(id(number), &data);
        }
        let bytes = indexes.known.iter().map(|(_, size, _)| size).sum::<usize>();
        assert!((MOST_BYTES / 2..=MOST_BYTES).contains(&bytes), "{bytes}");
        assert!(indexes.asked.len() <= MOST_ASKED);
        assert!(indexes.find(id(255), b"file-00007").is_some());
        assert!(indexes.find(id(0), b"file-00007").is_none());
    }

    #[test]
    fn what_is_malformed_stays_a_list() {
        let mut indexes = TreeIndexes::default();
        let mut data = tree(0);
        data.extend_from_slice(b"no entry");
        indexes.offer(id(1), &data);
        indexes.offer(id(1), &data);
        assert_eq!(indexes.find(id(1), b"file-00007"), None);
    }
}
