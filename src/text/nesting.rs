//! How deeply brackets nest.

/// The first byte at which more than `levels` brackets are open, counted without regard to strings and comments.
///
/// The parser of HCL takes up to twice as long for each level of a text that it then refuses, so that texts from strangers
/// are looked at before.
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
    fn says_where() {
        assert_eq!(nested_deeper("a = [(1)]\nb {\n}\n", 2), None);
        assert_eq!(nested_deeper("a = [(1)]", 1), Some(5));
        assert_eq!(nested_deeper("}}}[", 0), Some(3));
    }
}
