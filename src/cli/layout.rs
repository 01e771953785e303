//! Lines that fit the width of a terminal.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// The text in lines of at most `width` columns, broken between words; what is longer than a line stays whole. Every line
/// after the first begins with `indent` blanks.
pub(super) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let words = text.trim_start_matches(' ');
    let indents = [text.len() - words.len(), indent].map(|blanks| " ".repeat(blanks));
    let options = Options::new(width)
        .initial_indent(&indents[0])
        .subsequent_indent(&indents[1])
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::fill(words, options)
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
        assert_eq!(wrap("釣り釣り 釣り", 0, 10), "釣り釣り\n釣り");
    }
}
