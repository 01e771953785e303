//! Characters as the server's language classes them.

use std::sync::OnceLock;

use regex::Regex;

/// White space, as .NET and Unicode both define it.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

/// Whether a name may hold the character. White space is another matter: see [`super::grammar`].
pub(super) fn is_of_name(c: char) -> bool {
    match c {
        '_' | '-' | ':' | '/' | '~' | '(' | ')' | '@' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        // The server looks at UTF-16 units: beyond the first plane there are no letters.
        '\u{80}'..='\u{ffff}' => is_letter_or_digit(c),
        _ => false,
    }
}

/// The server's letters and digits; [`char::is_alphanumeric`] takes marks and numerals too.
fn is_letter_or_digit(c: char) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern =
        PATTERN.get_or_init(|| Regex::new(r"^[\p{L}\p{Nd}]$").expect("a test uses the pattern"));
    pattern.is_match(c.encode_utf8(&mut [0; 4]))
}

/// The text so that two names that differ only in case are alike, as the server compares them: character by character.
pub(super) fn fold(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) => upper,
                _ => c,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_server() {
        for c in "azAZ09_-:/~()@éßЖ字ー٣".chars() {
            assert!(is_of_name(c), "{c}");
        }
        // A combining mark, a Roman numeral, a half, and letters beyond the first plane.
        for c in ".[]{}#|\"'=!*%+,;$\u{301}Ⅷ½𝐀🔍 \t".chars() {
            assert!(!is_of_name(c), "{c}");
        }
    }

    #[test]
    fn folding_is_by_character() {
        assert_eq!(fold("Straße"), "STRAßE");
        assert_eq!(fold("éλж"), fold("ÉΛЖ"));
        assert_ne!(fold("ss"), fold("ß"));
    }
}
