//! Patterns of refs' names.

use super::glob;

/// A pattern of refs' names: `release/*`, `refs/pull/*/head`.
///
/// It is held against the full name, and against what people call the ref: without `refs/heads/`, `refs/tags/`,
/// `refs/remotes/` or `refs/`. `*` and `?` stop at a `/`, `**` does not; `[a-c]` is one of these characters. As in
/// `git for-each-ref`, a pattern without wildcards also fits everything below it.
///
/// ```
/// use ocl_migrate::git::RefPattern;
/// let pattern = RefPattern::new("release/*");
/// assert!(pattern.fits("refs/heads/release/7"));
/// assert!(!pattern.fits("refs/heads/release/7/fix"));
/// assert!(RefPattern::new("refs/pull").fits("refs/pull/1/head"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefPattern {
    text: String,
}

/// What people leave out of a ref's name.
const LEFT_OUT: [&str; 4] = ["refs/heads/", "refs/tags/", "refs/remotes/", "refs/"];

impl RefPattern {
    /// The pattern with this text.
    pub fn new(text: impl Into<String>) -> RefPattern {
        RefPattern { text: text.into() }
    }

    /// Whether a text holds a wildcard: no ref's name may hold one.
    pub fn is_pattern(text: &str) -> bool {
        glob::is_pattern(text)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a ref's full name fits.
    pub fn fits(&self, full_name: &str) -> bool {
        let short = LEFT_OUT
            .iter()
            .filter_map(|prefix| full_name.strip_prefix(prefix));
        std::iter::once(full_name)
            .chain(short)
            .any(|name| self.fits_as_written(name))
    }

    fn fits_as_written(&self, name: &str) -> bool {
        let below = name
            .strip_prefix(self.text.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below || glob::fits(&self.text, name)
    }
}
