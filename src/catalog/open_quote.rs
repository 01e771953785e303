//! Quotes that aren't closed, where the parser of HCL tells of the block around them only.

/// What is wrong with such a quote.
pub(crate) const OPEN_QUOTE: &str = "this quote isn't closed in its line";

/// The place of the first quote that isn't closed in its line. For a text that can't be parsed.
pub(crate) fn open_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // What is open here: strings, and templates (`${ ... }`) in them.
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &text.as_bytes()[at..];
        let mut step = 1;
        if let Some(Open::String(_)) = open.last() {
            match byte {
                b'\\' if rest.get(1) != Some(&b'\n') => step = 2,
                b'\n' => break,
                b'"' => drop(open.pop()),
                b'$' | b'%' if rest.get(1) == Some(&byte) && rest.get(2) == Some(&b'{') => step = 3,
                b'$' | b'%' if rest.get(1) == Some(&b'{') => {
                    open.push(Open::Template(0));
                    step = 2;
                }
                _ => {}
            }
        } else {
            match (byte, open.last_mut()) {
                (b'"', _) => open.push(Open::String(at)),
                (b'{', Some(Open::Template(depth))) => *depth += 1,
                (b'}', Some(Open::Template(0))) => drop(open.pop()),
                (b'}', Some(Open::Template(depth))) => *depth -= 1,
                (b'#', _) => step = until(rest, b"\n"),
                (b'/', _) if rest.starts_with(b"//") => step = until(rest, b"\n"),
                (b'/', _) if rest.starts_with(b"/*") => step = until(rest, b"*/"),
                (b'<', None) if rest.starts_with(b"<<") => step = heredoc(&text[at..]),
                _ => {}
            }
        }
        at += step;
    }
    open.into_iter().find_map(|it| match it {
        Open::String(start) => Some(start),
        Open::Template(_) => None,
    })
}

enum Open {
    /// With the place of its quote.
    String(usize),
    /// With the number of braces that are open in it.
    Template(usize),
}

/// How long what ends so is, with its end.
fn until(rest: &[u8], end: &[u8]) -> usize {
    let found = memchr::memmem::find(rest, end);
    found.map_or(rest.len(), |at| at + end.len())
}

/// How long a text in several lines is.
fn heredoc(rest: &str) -> usize {
    let mut lines = rest.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let word = first[2..].trim_start_matches('-').trim();
    if word.is_empty()
        || !word
            .chars()
            .all(|c| c.is_alphanumeric() || "_-".contains(c))
    {
        return 2;
    }
    let mut length = first.len();
    for line in lines {
        length += line.len();
        if line.trim() == word {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::open_quote;

    fn told(text: &str) -> Option<&str> {
        open_quote(text).map(|at| &text[at..])
    }

    #[test]
    fn the_first_that_is_not_closed_in_its_line_is_found() {
        assert_eq!(told("a = \"b\nc = \"d\"\n"), Some("\"b\nc = \"d\"\n"));
        assert_eq!(told("a = \"b\\\"\n"), Some("\"b\\\"\n"));
        assert_eq!(told("a = b\"\n"), Some("\"\n"));
        assert_eq!(told("é = \"é"), Some("\"é"));
        assert_eq!(told("a = \"x${ b[\"c\"] }\n"), Some("\"x${ b[\"c\"] }\n"));
        assert_eq!(told("a = \"x${ b[\"c] }\"\n"), Some("\"x${ b[\"c] }\"\n"));
        assert_eq!(told("<<E\n\"\nE\nb = \"\n"), Some("\"\n"));
    }

    #[test]
    fn what_is_closed_or_no_quote_is_not() {
        for text in [
            "a = \"b\" # it's \"\n// \"\n/* \"\n\" */\nc = \"\\\\\"\n",
            "a = \"x${ { b = \"}\" }[\"b\"] }%{ if c }\"\n",
            "a = \"$${\"\nb = \"%%{\"\n",
            "a = <<-EOT\n  \"\n  EOT\nb = 1 < 2\n",
            "a = <<EOT\n\"\n",
            "",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
