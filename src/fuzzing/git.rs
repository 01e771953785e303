//! Git's own files.

/// A file of packed refs is refused, or every ref in it is found by its name.
pub fn packed_refs(data: &[u8]) {
    crate::git::fuzzing::packed_refs(data);
}

/// Commits, tags and trees are read or refused.
pub fn commit_object(data: &[u8]) {
    crate::git::fuzzing::objects(data);
}
