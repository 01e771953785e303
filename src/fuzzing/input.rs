//! Splits and filters the inputs of targets.

/// The parts of an input: texts between NUL bytes.
pub(super) fn texts(data: &[u8]) -> Option<Vec<&str>> {
    let parts = data.split(|byte| *byte == 0);
    parts.map(|part| std::str::from_utf8(part).ok()).collect()
}

/// Whether the HCL parser takes long for a text: it can take twice as long for each level of brackets.
pub(super) fn is_deep(hcl: &str) -> bool {
    crate::text::nested_deeper(hcl, 12).is_some()
}
