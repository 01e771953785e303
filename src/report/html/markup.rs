//! The only way into a page: markup comes from this program, and everything else is text, which is escaped.

use std::fmt::{self, Write as _};

use crate::text::push_visible;

/// A piece of a page.
///
/// Invariant: markup comes from `&'static str` alone; whatever was read from a repository, a store or a catalog comes
/// through [`text`](Html::text), [`attribute`](Html::attribute) or the two that write an [`Anchor`].
#[derive(Debug, Default)]
pub(super) struct Html {
    markup: String,
}

/// A place in the page that a link leads to.
///
/// Written with characters only that mean themselves in an attribute and in a fragment, and no two names give one anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor(String);

impl Html {
    /// Markup of this program's own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Html {
        self.markup.push_str(markup);
        self
    }

    /// Text from anywhere.
    pub(super) fn text(&mut self, text: impl fmt::Display) -> &mut Html {
        write!(Escaped(&mut self.markup), "{text}").expect("a string takes every text");
        self
    }

    /// An attribute, inside a tag that is still open: ` name="value"`.
    pub(super) fn attribute(&mut self, name: &'static str, value: impl fmt::Display) -> &mut Html {
        self.markup.push(' ');
        self.markup.push_str(name);
        self.markup.push_str("=\"");
        self.text(value);
        self.markup.push('"');
        self
    }

    /// The attribute that makes a place one that links lead to.
    pub(super) fn id(&mut self, anchor: &Anchor) -> &mut Html {
        self.attribute("id", &anchor.0)
    }

    /// The attribute that links to a question of the service that shows the page, with its parameters. Pages in files have none.
    pub(super) fn ask(
        &mut self,
        question: &'static str,
        parameters: &[(&'static str, &str)],
    ) -> &mut Html {
        self.attribute("href", link(question, parameters))
    }

    /// The same, to a place in that question's page.
    pub(super) fn ask_at(
        &mut self,
        question: &'static str,
        parameters: &[(&'static str, &str)],
        place: &Anchor,
    ) -> &mut Html {
        let link = format!("{}#{}", link(question, parameters), place.0);
        self.attribute("href", link)
    }

    /// An attribute that keeps every character, for what a form sends back: nobody reads it there.
    pub(super) fn exact(&mut self, name: &'static str, value: &str) -> &mut Html {
        self.raw(" ").raw(name).raw("=\"");
        self.exact_text(value).raw("\"")
    }

    /// Text that keeps every character, for a field that is edited.
    pub(super) fn exact_text(&mut self, text: &str) -> &mut Html {
        for c in text.chars() {
            match c {
                '&' => self.markup.push_str("&amp;"),
                '<' => self.markup.push_str("&lt;"),
                '>' => self.markup.push_str("&gt;"),
                '"' => self.markup.push_str("&quot;"),
                '\'' => self.markup.push_str("&#39;"),
                // As it stands, it would be read as the end of a line.
                '\r' => self.markup.push_str("&#13;"),
                // It can't stand in a page.
                '\0' => push_visible(&mut self.markup, c),
                c => self.markup.push(c),
            }
        }
        self
    }

    /// The attribute that links to a place in this page.
    pub(super) fn href(&mut self, anchor: &Anchor) -> &mut Html {
        self.attribute("href", format_args!("#{}", anchor.0))
    }

    /// An element that holds text and nothing else.
    pub(super) fn element(
        &mut self,
        open: &'static str,
        text: impl fmt::Display,
        close: &'static str,
    ) -> &mut Html {
        self.raw(open).text(text).raw(close)
    }

    /// Another piece of the page.
    pub(super) fn append(&mut self, piece: Html) -> &mut Html {
        self.markup.push_str(&piece.markup);
        self
    }

    pub(super) fn into_string(self) -> String {
        self.markup
    }
}

impl Anchor {
    /// The anchor of something that is called `name`, among those of one kind: `doc`, `ref`.
    pub(super) fn new(kind: &'static str, name: &str) -> Anchor {
        let mut anchor = format!("{kind}/");
        for byte in name.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => {
                    anchor.push(char::from(byte));
                }
                _ => write!(anchor, ":{byte:02x}").expect("a string takes every text"),
            }
        }
        Anchor(anchor)
    }
}

/// A link to a question of the service, with its parameters.
pub(super) fn link(question: &str, parameters: &[(&str, &str)]) -> String {
    let mut link = question.to_owned();
    for (place, (name, value)) in parameters.iter().enumerate() {
        link.push(if place == 0 { '?' } else { '&' });
        link.push_str(name);
        link.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => {
                    link.push(char::from(byte));
                }
                _ => write!(link, "%{byte:02X}").expect("a string takes every text"),
            }
        }
    }
    link
}

/// Escapes what is written to it.
struct Escaped<'s>(&'s mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(c),
                c => push_visible(self.0, c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(text: &str) -> String {
        let mut html = Html::default();
        html.text(text);
        html.into_string()
    }

    #[test]
    fn text_can_neither_open_a_tag_nor_leave_an_attribute() {
        assert_eq!(
            text_of("</code><script>alert('1' & \"2\")</script>"),
            "&lt;/code&gt;&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;"
        );
        let mut html = Html::default();
        html.raw("<a").attribute("title", "\" onclick=\"x").raw(">");
        assert_eq!(html.into_string(), "<a title=\"&quot; onclick=&quot;x\">");
    }

    #[test]
    fn what_would_not_be_seen_is_shown() {
        assert_eq!(
            text_of("a\r\n\tb\0\x1b[31m\x7f"),
            "a\\r\n\tb\\u{0}\\u{1b}[31m\\u{7f}"
        );
        assert_eq!(text_of("\u{202e}gnp\u{200b}"), "\\u{202e}gnp\\u{200b}");
        assert_eq!(text_of("żółw 🐢 שלום"), "żółw 🐢 שלום");
    }

    #[test]
    fn a_question_has_nothing_of_its_values_but_what_they_mean() {
        let mut html = Html::default();
        html.ask("show", &[("ref", "a&b=\"ü/#"), ("document", "x y")]);
        assert_eq!(
            html.into_string(),
            " href=\"show?ref=a%26b%3D%22%C3%BC/%23&amp;document=x%20y\""
        );
    }

    #[test]
    fn anchors_are_plain_and_differ_where_the_names_do() {
        let anchor = |name| Anchor::new("doc", name).0;
        assert_eq!(anchor("runbook/back up"), "doc/runbook/back:20up");
        assert_eq!(anchor("\"><script>"), "doc/:22:3e:3cscript:3e");
        assert_ne!(anchor("a:20"), anchor("a "));
    }
}
