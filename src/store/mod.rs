//! The only user of `rusqlite`.
