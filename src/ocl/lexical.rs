//! The character classes of OCL.

/// Skips white space from `at`, line ends included.
pub(super) fn skip_white_space(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t'..=b'\r' => at += 1,
            0..=0x7f => break,
            _ => match char_at(text, at) {
                Some(c) if c.is_whitespace() => at += c.len_utf8(),
                _ => break,
            },
        }
    }
    at
}

/// Skips white space from `at` up to the line's end. A carriage return belongs to the line's end.
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

/// Where the line that holds `at` ends, its line end not included.
pub(super) fn end_of_line(bytes: &[u8], at: usize) -> usize {
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    if end > at && end < bytes.len() && bytes[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

/// Where the line that holds `at` starts.
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

/// Whether a text can stand as the name of an attribute or the type of a block.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && skip_name(text, 0) == text.len()
}

/// Skips what is neither white space nor a double quote: an unquoted key.
pub(super) fn skip_key(text: &str, at: usize) -> usize {
    skip_until(text, at, |byte| byte == b'"')
}

/// Skips what is not white space: the tag of a heredoc.
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

/// The character at an offset that is a border between characters.
pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}
