//! The character classes of OCL.
//!
//! Most of a document is indent, keys and short strings, so these are skipped eight bytes at a time.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = ONES << 7;

/// The eight bytes at an offset, the first in the lowest place.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
}

/// Flags the bytes below `limit` (at most 0x80). Flags above the lowest one may be wrong.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGHS
}

/// Flags the bytes that are `byte`. Flags above the lowest one may be wrong.
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// The number of bytes before the lowest flag.
fn first(flags: u64) -> usize {
    flags.trailing_zeros() as usize / 8
}

/// The first byte from `at` on for which a word's flags are set, or less than eight bytes before the end.
fn skip_words(bytes: &[u8], mut at: usize, flags: impl Fn(u64) -> u64) -> usize {
    while let Some(word) = word(bytes, at) {
        match flags(word) {
            0 => at += 8,
            flags => return at + first(flags),
        }
    }
    at
}

/// Skips the plain part of a quoted string: up to a quote, a backslash or a control character at most.
pub(super) fn skip_plain(bytes: &[u8], at: usize) -> usize {
    skip_words(bytes, at, |word| {
        equal(word, b'"') | equal(word, b'\\') | below(word, 0x20)
    })
}

/// Skips spaces, or all but the last seven of them.
fn skip_spaces(bytes: &[u8], at: usize) -> usize {
    skip_words(bytes, at, |word| word ^ (ONES * u64::from(b' ')))
}

/// Skips white space from `at`, line ends included.
pub(super) fn skip_white_space(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' => at = skip_spaces(bytes, at + 1),
            b'\t'..=b'\r' => at += 1,
            0..=0x7f => break,
            _ => match char_at(text, at) {
                Some(c) if c.is_whitespace() => at += c.len_utf8(),
                _ => break,
            },
        }
    }
    at
}

/// Whether a character is white space within a line. A carriage return belongs to the line's end.
pub(super) fn is_blank(c: char) -> bool {
    c != '\n' && c != '\r' && c.is_whitespace()
}

/// Skips white space from `at` up to the line's end.
pub(super) fn skip_blanks(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | 0x0b | 0x0c => at += 1,
            0..=0x7f => break,
            _ => match char_at(text, at) {
                Some(c) if c.is_whitespace() => at += c.len_utf8(),
                _ => break,
            },
        }
    }
    at
}

/// The offset after the line end at `at`, if there is one.
pub(super) fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' if bytes.get(at + 1) == Some(&b'\n') => Some(at + 2),
        _ => None,
    }
}

/// The end of the line with `at`, without its line end.
pub(super) fn end_of_line(bytes: &[u8], at: usize) -> usize {
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    if end > at && end < bytes.len() && bytes[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

/// The start of the line with `at`.
pub(super) fn start_of_line(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1)
}

/// Skips the characters of a name: letters, digits, `_` and `-`.
pub(super) fn skip_name(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' | b'_' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => at += 1,
            0..=0x7f => break,
            _ => match char_at(text, at) {
                Some(c) if c.is_alphanumeric() => at += c.len_utf8(),
                _ => break,
            },
        }
    }
    at
}

/// Whether a text can be the name of an attribute or the type of a block.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && skip_name(text, 0) == text.len()
}

/// Skips an unquoted key: anything but white space and double quotes.
pub(super) fn skip_key(text: &str, at: usize) -> usize {
    let plain = skip_words(text.as_bytes(), at, |word| {
        equal(word, b'"') | below(word, b' ' + 1) | (word & HIGHS)
    });
    skip_until(text, plain, |byte| byte == b'"')
}

/// Skips the tag of a heredoc: anything but white space.
pub(super) fn skip_tag(text: &str, at: usize) -> usize {
    skip_until(text, at, |_| false)
}

fn skip_until(text: &str, mut at: usize, stop: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t'..=b'\r' => break,
            0..=0x7f if stop(byte) => break,
            0..=0x7f => at += 1,
            _ => match char_at(text, at) {
                Some(c) if !c.is_whitespace() => at += c.len_utf8(),
                _ => break,
            },
        }
    }
    at
}

/// The character at an offset, which must be a character boundary.
pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Whether a comment starts at `at`, if one is allowed there.
pub(super) fn is_comment(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b'#') => true,
        Some(b'/') => bytes.get(at + 1) == Some(&b'/'),
        _ => false,
    }
}

/// Skips white space and comments.
pub(super) fn skip_trivia(text: &str, mut at: usize) -> usize {
    loop {
        at = skip_white_space(text, at);
        if !is_comment(text.as_bytes(), at) {
            return at;
        }
        at = end_of_line(text.as_bytes(), at);
    }
}
