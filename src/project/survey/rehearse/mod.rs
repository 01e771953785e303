//! What a catalog would do to every ref: all of them migrated, in memory.

pub(crate) mod group;
pub(crate) mod project;
pub(crate) mod refs;
pub(crate) mod run;
