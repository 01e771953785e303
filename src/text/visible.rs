//! Which characters are shown as they are, and how the others are escaped.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is not visible as itself: it controls a terminal, changes the direction of the text around it, or has no
/// width. With such a character, a text can look like another.
///
/// These are Unicode's control and format characters, its line and paragraph separators, and its default-ignorable characters.
/// Line ends and tabs are among them.
///
/// ```
/// use ocl_migrate::text::is_hidden;
///
/// assert!(is_hidden('\u{1b}') && is_hidden('\u{202e}') && is_hidden('\u{200b}'));
/// assert!(!is_hidden('é') && !is_hidden('🐢') && !is_hidden(' '));
/// ```
pub fn is_hidden(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' => true,
        '\u{a0}'..='\u{2ff}' => false,
        _ => matches!(c,
            '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'),
    }
}

/// A text with its hidden characters escaped, except line ends and tabs.
///
/// ```
/// use ocl_migrate::text::visible;
///
/// assert_eq!(visible("clear\u{1b}[2J\n"), "clear\\u{1b}[2J\n");
/// assert_eq!(visible("user\u{202e}nimda\r\n"), "user\\u{202e}nimda\\r\n");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    written_out(text, |c| is_hidden(c) && c != '\n' && c != '\t')
}

/// Like [`visible`], for a text within a line, such as a name: line ends and tabs are escaped as well.
///
/// ```
/// use ocl_migrate::text::visible_line;
///
/// assert_eq!(visible_line("a\nerror: b"), "a\\nerror: b");
/// ```
pub fn visible_line(text: &str) -> Cow<'_, str> {
    written_out(text, is_hidden)
}

/// Appends a character as [`visible_line`] writes it.
pub fn push_visible(text: &mut String, c: char) {
    match c {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        c if is_hidden(c) => {
            write!(text, "\\u{{{:x}}}", u32::from(c)).expect("a string takes every text");
        }
        c => text.push(c),
    }
}

/// Whether a text is these characters alone, as nearly all are. So many are looked at at once.
fn is_printable_ascii(text: &str) -> bool {
    let mut chunks = text.as_bytes().chunks(64);
    chunks.all(|bytes| {
        let printable = bytes.iter().map(|byte| matches!(byte, b' '..=b'~'));
        printable.fold(true, |all, one| all & one)
    })
}

fn written_out(text: &str, hidden: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if is_printable_ascii(text) {
        return text.into();
    }
    let Some(first) = text.find(hidden) else {
        return text.into();
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for c in text[first..].chars() {
        if hidden(c) {
            push_visible(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table above, compared with Unicode's own properties.
    #[test]
    fn hidden_characters_are_those_with_unicodes_properties() {
        let class = r"[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--\p{Prepended_Concatenation_Mark}]";
        let class = regex::Regex::new(class).unwrap();
        let mut buffer = [0; 4];
        for c in '\0'..=char::MAX {
            let wanted = class.is_match(c.encode_utf8(&mut buffer));
            assert_eq!(is_hidden(c), wanted, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn hidden_characters_are_escaped_and_others_are_kept() {
        let every: String = ('\0'..=char::MAX).collect();
        assert!(!visible_line(&every).contains(is_hidden));
        let kept: String = every.chars().filter(|c| !is_hidden(*c)).collect();
        assert!(matches!(visible(&kept), Cow::Borrowed(_)));
        assert_eq!(visible("a\tb\nżółw 🐢 שלום"), "a\tb\nżółw 🐢 שלום");
    }
}
