//! Text that would pass for another text, or make a terminal do something, if it were shown as it is.

use ocl_migrate::text::is_hidden;

/// One of each kind; those that a name in Git may hold come after the others.
pub const HOSTILE: [&str; 14] = [
    "clear\u{1b}[2J",
    "bell\u{7}",
    "back\u{8}",
    "return\r",
    "delete\u{7f}",
    "control\u{9b}2J",
    "override\u{202e}",
    "isolate\u{2066}",
    "mark\u{61c}",
    "zero\u{200b}width",
    "join\u{200d}er",
    "bom\u{feff}",
    "separator\u{2028}",
    "tag\u{e0041}",
];

/// How many of them no ref may be called.
pub const NOT_IN_REFS: usize = 5;

/// Nothing in the text is hidden, but for the ends of its lines.
pub fn assert_harmless(text: &str) {
    let found = text.chars().find(|c| is_hidden(*c) && *c != '\n');
    assert!(found.is_none(), "{found:?} in {text:?}");
}
