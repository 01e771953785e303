//! Adds a declaration to the text of a catalog, and leaves the rest as it is.

use hcl::edit::{Span, parser};

/// The text of `catalog.hcl` with a block at the end of a kind's own. `None` where it isn't HCL or has no such kind.
///
/// The lines of the block come without their indent.
pub(crate) fn with_block(text: &str, kind: &str, lines: &[String]) -> Option<String> {
    let body = parser::parse_body(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()?;
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let block = body.blocks().find(|block| {
        let names: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        block.has_ident("document") && names == [kind]
    })?;
    let end = block.span()?.end + mark - 1;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (before, after) = text.split_at_checked(end)?;
    let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    // The brace stands on a line of its own, or ends a block of one line.
    let outer = &line[..line.len() - line.trim_start().len()];
    let before = if line.trim().is_empty() {
        before.trim_end().to_owned()
    } else {
        let name = block.labels.last()?.span()?.end + mark;
        let open = name + before.get(name..)?.find('{')?;
        let inner = before[open + 1..].trim();
        let inner = if inner.is_empty() {
            String::new()
        } else {
            format!("{newline}{outer}  {inner}")
        };
        format!("{}{inner}", &before[..=open])
    };
    let mut added = String::new();
    if !before.ends_with('{') {
        added.push_str(newline);
    }
    for line in lines {
        added.push_str(newline);
        if !line.is_empty() {
            added.push_str(outer);
            added.push_str("  ");
            added.push_str(line);
        }
    }
    Some(format!("{before}{added}{newline}{outer}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        let lines = [
            "contract \"2\" {".into(),
            "  json_schema = \"x\"".into(),
            "}".into(),
        ];
        with_block(text, "job", &lines)
    }

    #[test]
    fn a_block_is_added_to_its_kind_and_the_rest_stays() {
        let cases = [
            (
                "# é\ndocument \"jobs\" { path = \"a\" }\ndocument \"job\" {\n  path = \"b\" # {\n\n  set \"c\" {}\n}\n\n# end",
                "# é\ndocument \"jobs\" { path = \"a\" }\ndocument \"job\" {\n  path = \"b\" # {\n\n  set \"c\" {}\n\n  contract \"2\" {\n    \
                 json_schema = \"x\"\n  }\n}\n\n# end",
            ),
            (
                "document \"job\" { path = \"{b\" }",
                "document \"job\" {\n  path = \"{b\"\n\n  contract \"2\" {\n    json_schema = \"x\"\n  }\n}",
            ),
            (
                "\u{feff}document \"job\" {\r\n  path = \"b\"\r\n}\r\n",
                "\u{feff}document \"job\" {\r\n  path = \"b\"\r\n\r\n  contract \"2\" {\r\n    json_schema = \"x\"\r\n  }\r\n}\r\n",
            ),
            (
                "document \"job\" {\n}\n",
                "document \"job\" {\n  contract \"2\" {\n    json_schema = \"x\"\n  }\n}\n",
            ),
            (
                "document \"job\" {}\n",
                "document \"job\" {\n  contract \"2\" {\n    json_schema = \"x\"\n  }\n}\n",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(added(text).as_deref(), Some(expected));
        }
        assert_eq!(added("document \"other\" {}\n"), None);
        assert_eq!(added("document \"job\" {"), None);
    }
}
