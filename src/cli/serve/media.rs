//! The media types of answers' data.

use crate::serve::LINES;

const CSV: &str = "text/csv; charset=utf-8";

/// The media type of an answer of a command. `form` is what its parameter `as` asks for.
pub(super) fn media_type(
    command: &str,
    is_document: bool,
    form: Option<&str>,
    csv: bool,
) -> &'static str {
    match (command, form) {
        ("query", _) if csv => CSV,
        ("check", Some("sarif")) => "application/sarif+json",
        (_, Some("json" | "gitlab")) => "application/json",
        (_, Some("yaml")) => "application/yaml",
        (_, Some("toml")) => "application/toml",
        (_, Some("csv")) => CSV,
        (_, Some(_)) => "text/plain; charset=utf-8",
        _ if is_document => "application/json",
        _ => LINES,
    }
}

/// Those that the answers of a command can have; the first where nothing is asked for.
pub(super) fn media_types<'f>(
    command: &str,
    is_document: bool,
    forms: impl IntoIterator<Item = &'f str>,
) -> Vec<&'static str> {
    let mut types = vec![media_type(command, is_document, None, false)];
    let forms = forms.into_iter().map(Some).chain([None]);
    for form in forms {
        let asked = media_type(command, is_document, form, form.is_none());
        if !types.contains(&asked) {
            types.push(asked);
        }
    }
    types
}
