//! Text from repositories, made safe to show: a terminal displays it and does nothing else.

use std::borrow::Cow;

/// The text with what would control a terminal, or turn what follows around, written out.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(controls) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\r' => shown.push_str("^M"),
            c if controls(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown.into()
}

fn controls(c: char) -> bool {
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    reorders || (c.is_control() && c != '\t' && c != '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_written_out() {
        assert_eq!(visible("a\tb\n"), "a\tb\n");
        assert_eq!(visible("a\r\n"), "a^M\n");
        assert_eq!(visible("\u{1b}[2J\u{7}"), "\\u{1b}[2J\\u{7}");
        assert_eq!(visible("user\u{202e}nimda"), "user\\u{202e}nimda");
    }
}
