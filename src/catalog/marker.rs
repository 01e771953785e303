//! The text of a marker: the file that states the version of a base path.

use crate::ocl::{Dialect, Document, Kind, Node, ParseError};

/// A marker that doesn't state one version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MarkerError {
    /// Its path in the repository.
    pub path: String,
    /// The path of a second marker, if there are two.
    pub also_at: Option<String>,
    /// Line and column, from 1; `None` if the problem is not within its text.
    pub position: Option<(usize, usize)>,
    /// What is wrong and what to do, with the source line if there is one.
    pub message: String,
}

impl MarkerError {
    /// A problem with a marker as a whole.
    pub(crate) fn of_file(path: impl Into<String>, message: String) -> MarkerError {
        MarkerError {
            path: path.into(),
            also_at: None,
            position: None,
            message,
        }
    }
}

/// The version that a marker's text states.
pub(crate) fn read(bytes: &[u8], attribute: &str, path: &str) -> Result<u32, MarkerError> {
    let shown = |problem: ParseError, message| MarkerError {
        path: path.to_owned(),
        also_at: None,
        position: Some((problem.line(), problem.column())),
        message,
    };
    let document = Document::from_bytes(bytes.to_vec(), Dialect::Current).map_err(|problem| {
        let message = format!("the version can't be read: {}", problem.render(path));
        shown(problem, message)
    })?;
    let wrong = |node: Node<'_>, message: String| {
        let problem = node.problem(message);
        let message = problem.render(path);
        shown(problem, message)
    };
    let children = || document.root().children();
    let mut stated =
        children().filter(|child| child.kind() == Kind::Attribute && child.name() == attribute);
    let Some(first) = stated.next() else {
        let message = format!("no version is stated here: write `{attribute} = N`");
        // Point at what the file has instead, such as a misspelt name.
        return Err(match children().next() {
            Some(child) => wrong(child, message),
            None => MarkerError::of_file(path, format!("{path}: {message}")),
        });
    };
    if let Some(second) = stated.next() {
        let message = format!("`{attribute}` is set twice: keep the right one");
        return Err(wrong(second, message));
    }
    let value = first.value();
    let text = value.map(|value| value.source()).unwrap_or_default();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match digits.then(|| text.parse::<u32>().ok()).flatten() {
        Some(version) if version > 0 => Ok(version),
        _ => {
            let message = format!(
                "the version must be a whole number from 1 to {}, without quotes: write `{attribute} = N`",
                u32::MAX
            );
            Err(wrong(value.unwrap_or(first), message))
        }
    }
}

/// The text of a marker, in the form the server writes: without a final newline.
pub(crate) fn write(attribute: &str, version: u32) -> String {
    format!("{attribute} = {version}")
}

/// A marker's text with another version in it; the rest is unchanged.
pub(crate) fn rewrite(bytes: &[u8], attribute: &str, version: u32) -> Vec<u8> {
    let span = Document::from_bytes(bytes.to_vec(), Dialect::Current)
        .ok()
        .and_then(|document| document.root().get(attribute)?.span());
    match span {
        Some(span) => [
            &bytes[..span.start],
            version.to_string().as_bytes(),
            &bytes[span.end..],
        ]
        .concat(),
        None => write(attribute, version).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewritten_marker_differs_only_in_its_version() {
        let text = b"# ours\r\nversion   = 9 # nine\r\nother = 1";
        let rewritten = b"# ours\r\nversion   = 14 # nine\r\nother = 1";
        assert_eq!(rewrite(text, "version", 14), rewritten);
    }

    #[test]
    fn a_marker_states_one_positive_whole_number() {
        assert_eq!(read(b"version = 9", "version", "m"), Ok(9));
        assert_eq!(read(b"version = 9\r\n", "version", "m"), Ok(9));
        assert_eq!(
            read(write("version", 14).as_bytes(), "version", "m"),
            Ok(14)
        );
        for text in [
            "version = 0",
            "version = -1",
            "version = \"9\"",
            "version = 1.5",
            "version = 99999999999999999999",
            "version = [9]",
            "version = 9\nversion = 10",
            "<<<<<<< ours\nversion = 9\n=======\nversion = 10\n>>>>>>> theirs\n",
            "",
            "other = 1",
            "version {\n}",
        ] {
            let error = read(text.as_bytes(), "version", "a/m.ocl").unwrap_err();
            assert!(error.message.contains("a/m.ocl"), "{text:?}: {error}");
            let has_caret = error
                .message
                .lines()
                .any(|line| line.ends_with("| ^") || line.ends_with(" ^"));
            assert_eq!(has_caret, !text.is_empty(), "{text:?}: {error}");
        }
    }
}
