//! Text that fits the width of a terminal, and numbers that can be read.

/// The text in lines of at most `width` characters, broken between words; what is longer than a line stays whole. Every
/// line after the first begins with `indent` blanks, which count.
pub(super) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut lines = String::new();
    let mut used = 0;
    // Whether the line has more than its indent.
    let mut begun = false;
    for word in text.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if begun && used + length > width {
            let kept = lines.trim_end().len();
            lines.truncate(kept);
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            used = indent;
            begun = false;
        }
        lines.push_str(word);
        used += word.chars().count();
        begun |= length > 0;
    }
    lines
}

/// `12,345`.
pub(super) fn grouped(number: usize) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(
            wrap("  one two three four", 4, 12),
            "  one two\n    three\n    four"
        );
        assert_eq!(wrap("short", 4, 12), "short");
        assert_eq!(
            wrap("  averyverylongword b", 2, 8),
            "  averyverylongword\n  b"
        );
    }
}
