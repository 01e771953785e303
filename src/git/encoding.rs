//! Texts of commits, which may state another encoding than UTF-8.

use encoding_rs::Encoding;

/// A text in the encoding that its commit's header names. As in Git, one that isn't known, or that the text isn't in, counts as
/// UTF-8; bytes that aren't are shown as `U+FFFD`. Labels mean what they do in browsers: `ISO-8859-1` has the characters of
/// Windows-1252 where its own are control characters.
pub(super) fn decode(text: &[u8], label: Option<impl AsRef<[u8]>>) -> String {
    let stated = label.and_then(|label| encoding(label.as_ref()));
    let decoded =
        stated.and_then(|stated| stated.decode_without_bom_handling_and_without_replacement(text));
    match decoded {
        Some(decoded) => decoded.into_owned(),
        None => String::from_utf8_lossy(text).into_owned(),
    }
}

fn encoding(label: &[u8]) -> Option<&'static Encoding> {
    // Git knows one name more.
    let is_latin = label.eq_ignore_ascii_case(b"latin-1");
    let label = if is_latin { &b"latin1"[..] } else { label };
    // Nothing that Git reads as a commit is in UTF-16.
    Encoding::for_label_no_replacement(label)
        .filter(|known| *known != encoding_rs::UTF_16LE && *known != encoding_rs::UTF_16BE)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_are_read_in_the_encoding_that_is_stated() {
        for (bytes, label, text) in [
            (&b"J\xfcrg"[..], Some("ISO-8859-1"), "J\u{fc}rg"),
            (b"J\xfcrg", Some("latin-1"), "J\u{fc}rg"),
            (b"\xa4", Some("iso8859-15"), "\u{20ac}"),
            (b"\xcf\xf0\xe8", Some("CP1251"), "\u{41f}\u{440}\u{438}"),
            (b"\x93\xfa", Some("Shift_JIS"), "\u{65e5}"),
            (b"\x1b$BF|\x1b(B", Some("ISO-2022-JP"), "\u{65e5}"),
            (b"J\xc3\xbcrg", Some("utf-8"), "J\u{fc}rg"),
            (b"J\xc3\xbcrg", None, "J\u{fc}rg"),
            (b"J\xfcrg", None, "J\u{fffd}rg"),
            // Unknown, never right, or not what the text is in.
            (b"J\xfcrg", Some("EBCDIC"), "J\u{fffd}rg"),
            (b"abcd", Some("UTF-16"), "abcd"),
            (b"abcd", Some("hz-gb-2312"), "abcd"),
            (b"J\xc3\xbcrg \x81", Some("gbk"), "J\u{fc}rg \u{fffd}"),
        ] {
            assert_eq!(decode(bytes, label), text, "{label:?}");
        }
    }
}
