//! How deeply brackets nest.

/// The first byte at which more than `levels` brackets are open. Brackets in strings and comments count too.
///
/// The HCL parser can take twice as long for each level of brackets in a text that it then refuses, so untrusted texts are
/// checked with this first.
pub fn nested_deeper(text: &str, levels: usize) -> Option<usize> {
    let mut open = 0_usize;
    text.bytes().position(|byte| {
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        open > levels
    })
}

#[cfg(test)]
mod tests {
    use super::nested_deeper;

    #[test]
    fn finds_the_first_bracket_that_is_too_deep() {
        assert_eq!(nested_deeper("a = [(1)]\nb {\n}\n", 2), None);
        assert_eq!(nested_deeper("a = [(1)]", 1), Some(5));
        assert_eq!(nested_deeper("}}}[", 0), Some(3));
    }
}
