//! Lists, numbers and names in messages.

use std::fmt::{Display, Write as _};

/// Items as a list: `a, b and c`.
///
/// ```
/// use ocl_migrate::text::list;
///
/// assert_eq!(list(["a", "b", "c"]), "a, b and c");
/// assert_eq!(list([1]), "1");
/// ```
pub fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    joined(items, "and")
}

/// A folder of a repository, as messages and options call it: `.` is the top, whose path is empty.
///
/// ```
/// use ocl_migrate::text::folder;
///
/// assert_eq!(folder(".octopus"), ".octopus");
/// assert_eq!(folder(""), ".");
/// ```
pub fn folder(path: &str) -> &str {
    match path {
        "" => ".",
        path => path,
    }
}

/// Items as alternatives: `a, b or c`.
pub fn either(items: impl IntoIterator<Item = impl Display>) -> String {
    joined(items, "or")
}

fn joined(items: impl IntoIterator<Item = impl Display>, word: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// The first items of a list, at least one, and the number of the others: `a, b and 3 more`.
///
/// ```
/// use ocl_migrate::text::some_of;
///
/// assert_eq!(some_of(["a", "b", "c", "d"], 2), "a, b and 2 more");
/// assert_eq!(some_of(["a", "b"], 2), "a and b");
/// ```
pub fn some_of<I>(items: I, most: usize) -> String
where
    I: IntoIterator<Item: Display, IntoIter: ExactSizeIterator>,
{
    let mut items = items.into_iter();
    let few = items.by_ref().take(most.max(1));
    let few: Vec<String> = few.map(|item| item.to_string()).collect();
    match items.len() {
        0 => list(few),
        more => format!("{} and {} more", few.join(", "), grouped(more)),
    }
}

/// A number with its noun: `1 ref`, `5,000 refs`, `2 repositories`.
pub fn count(number: usize, noun: &str) -> String {
    let (stem, end) = match noun.strip_suffix('y') {
        _ if number == 1 => (noun, ""),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => (stem, "ies"),
        _ => (noun, "s"),
    };
    format!("{} {stem}{end}", grouped(number))
}

/// What ends a summary where something couldn't be read.
pub const AS_FAR_AS_READ: &str = ", as far as it can be read";

/// A number with its digits in groups of three: `12,345`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes every text");
        text
    })
}

/// The first digits of an object's id, enough for people to recognise it.
pub fn short_id(id: &impl Display) -> String {
    id.to_string().chars().take(10).collect()
}

/// The text up to its first line end.
pub fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// In shorter words, one letter may be all that makes them different.
const SHORTEST_WORD: usize = 4;

/// Longer words aren't typing errors, and comparing them takes time.
const LONGEST_WORD: usize = 200;

/// The candidate that `word` was probably meant to be; `None` if none is near enough.
///
/// ```
/// use ocl_migrate::text::nearest;
///
/// assert_eq!(nearest("defualt", ["set", "default"]), Some("default"));
/// assert_eq!(nearest("transmogrify", ["set", "default"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let distances = candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate));
    distances
        .filter(|(distance, candidate)| {
            let longer = candidate.len().max(word.len());
            let is_near = *distance <= 1 || longer > SHORTEST_WORD;
            is_near && *distance < longer && *distance <= longer / 3 + 1
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Whether one letter more, one less, another one, or two that changed places tell a name from another. Digits count things: names
/// that differ in one are different names, and so are those whose words are short: `Place.X`, `Place.Y`.
///
/// ```
/// use ocl_migrate::text::is_one_letter_off;
///
/// assert!(is_one_letter_off("Retires", "Retries"));
/// assert!(!is_one_letter_off("Retry", "Retries"));
/// assert!(!is_one_letter_off("Server1", "Server2"));
/// ```
pub fn is_one_letter_off(word: &str, other: &str) -> bool {
    let (a, b) = (word.as_bytes(), other.as_bytes());
    // Most words differ at their beginnings and at their ends.
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest = a[start..].iter().rev().zip(b[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    let longer = a.len().max(b.len());
    if longer > LONGEST_WORD || start + end + 2 * char::MAX.len_utf8() < longer {
        return false;
    }
    let is_of_word = |byte: &&u8| !byte.is_ascii() || byte.is_ascii_alphanumeric();
    let is_long = |text: &[u8]| {
        let differs = start..text.len() - end;
        let before = text[..start].iter().rev().take_while(is_of_word).count();
        let after = text[differs.end..].iter().take_while(is_of_word).count();
        let counts = text[differs.clone()].iter().any(u8::is_ascii_digit);
        !counts && before + differs.len() + after >= SHORTEST_WORD
    };
    is_long(a) && is_long(b) && strsim::osa_distance(word, other) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_every_length_are_worded() {
        assert_eq!(list([""; 0]), "");
        assert_eq!(list(["a", "b"]), "a and b");
        assert_eq!(either(["a", "b"]), "a or b");
        assert_eq!(some_of([""; 0], 2), "");
        assert_eq!(some_of(["a"], 0), "a");
        assert_eq!(some_of(0..5_000_u32, 1), "0 and 4,999 more");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(count(1, "ref"), "1 ref");
        assert_eq!(count(0, "ref"), "0 refs");
        assert_eq!(count(1_234_567, "ref"), "1,234,567 refs");
        assert_eq!(count(1, "repository"), "1 repository");
        assert_eq!(count(2, "repository"), "2 repositories");
        assert_eq!(count(2, "key"), "2 keys");
    }

    #[test]
    fn the_nearest_word_is_suggested_only_when_it_is_near() {
        let words = ["set", "default", "rename", "remove"];
        assert_eq!(nearest("renmae", words), Some("rename"));
        assert_eq!(nearest("x", words), None);
        // Half of a short word says nothing.
        assert_eq!(nearest("nope", ["role"]), None);
        assert_eq!(nearest(&"rename".repeat(50), words), None);
    }

    #[test]
    fn one_letter_tells_a_misspelt_word() {
        for (word, other) in [
            ("HOTS", "HOST"),
            ("SERVICE.HOSTS", "SERVICE.HOST"),
            ("SERVICE.PASWORD", "SERVICE.PASSWORD"),
            ("SERVICE.HÖST", "SERVICE.HOST"),
            ("XSERVICE", "SERVICE"),
            ("AAAAA", "AAAA"),
            ("DB.HOST", "DBHOST"),
            ("DB[HOST].X", "DB[HSOT].X"),
        ] {
            assert!(is_one_letter_off(word, other), "{word} {other}");
            assert!(is_one_letter_off(other, word), "{other} {word}");
        }
        for (word, other) in [
            ("HOST", "HOST"),
            ("URL", "URI"),
            ("SERVICE.URL", "SERVICE.URI"),
            ("SERVICE.URL", "SERVICE.URLS"),
            ("PLACE[X]", "PLACE[Y]"),
            ("HOST1", "HOST2"),
            ("HOST", "HOST2"),
            ("SERVICE.HTSO", "SERVICE.HOST"),
            ("", "HOST"),
        ] {
            assert!(!is_one_letter_off(word, other), "{word} {other}");
        }
    }
}
