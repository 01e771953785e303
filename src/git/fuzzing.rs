//! What fuzzing holds this room's parsers to.

use super::{commit, packed_refs, tree_entries};

/// A file of packed refs is refused; or, where it is sorted, every ref in it is found by its name.
pub(crate) fn packed_refs(data: &[u8]) {
    let Ok(refs) = packed_refs::PackedRefs::parse(data.to_vec()) else {
        return;
    };
    let names: Vec<&[u8]> = refs.with_prefix(b"").map(|packed| packed.name).collect();
    // A file that says it is sorted and isn't misleads Git too.
    if names.is_sorted() {
        for name in names {
            let found = refs.find(name).expect("it was listed");
            assert_eq!(found.name, name);
        }
    }
}

/// Commits, tags and trees are read or refused.
pub(crate) fn objects(data: &[u8]) {
    let _ = commit::parse(data);
    let _ = commit::tree(data);
    let _ = commit::tag_target(data);
    let _ = commit::parents_and_time(data);
    for entry in tree_entries::raw_entries_of(data) {
        let Ok((mode, ..)) = entry else { break };
        let _ = tree_entries::EntryKind::from_mode(mode);
    }
}
