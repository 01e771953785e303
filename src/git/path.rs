//! Names and paths inside a tree, which need not be UTF-8.

use std::fmt;

/// A file name or a `/`-separated path inside a tree.
///
/// Git stores bytes, and other programs may have written names that aren't UTF-8. Such a name is listed like any
/// other; [`as_str`](GitPath::as_str) is `None` for it, and showing it replaces the bad bytes by `U+FFFD`. It can't
/// be asked for by [`Reader::entry`](super::Reader::entry), which takes text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GitPath(Box<[u8]>);

impl GitPath {
    /// The path with these bytes.
    pub(crate) fn new(bytes: impl Into<Box<[u8]>>) -> GitPath {
        GitPath(bytes.into())
    }

    /// The text, if the bytes are UTF-8.
    pub(crate) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// `self/name`; `name` alone if this is empty.
    pub(crate) fn join(&self, name: impl AsRef<[u8]>) -> GitPath {
        let name = name.as_ref();
        if self.0.is_empty() {
            return GitPath::new(name);
        }
        GitPath([&self.0, b"/".as_slice(), name].concat().into())
    }
}

impl AsRef<[u8]> for GitPath {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for GitPath {
    fn from(text: &str) -> GitPath {
        GitPath(text.as_bytes().into())
    }
}

impl PartialEq<str> for GitPath {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for GitPath {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Display for GitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for GitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}
