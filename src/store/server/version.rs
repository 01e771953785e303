//! What a version of the tables is.

/// One released version of the tables, in one dialect.
#[derive(Debug)]
pub(in crate::store) struct Schema {
    /// Positive, without gaps.
    pub(in crate::store) version: u32,
    /// Programs that know this version may read these tables.
    pub(in crate::store) readable_by: u32,
    /// Makes all of it from nothing.
    pub(in crate::store) whole: &'static str,
    /// Makes it from the version before, one statement each; the first has none.
    pub(in crate::store) upgrade: &'static [&'static str],
}
