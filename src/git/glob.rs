//! Wildcards, as Git has them.

use gix::glob::wildmatch::Mode;

/// Whether a text holds a wildcard.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Whether a name fits. `*` and `?` stop at a `/`, `**` does not; `[a-c]` is one of these characters.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    gix::glob::wildmatch(pattern.into(), name.into(), Mode::NO_MATCH_SLASH_LITERAL)
}
