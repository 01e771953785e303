//! The only user of `gix`.
