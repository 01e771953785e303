//! Controls of a service's forms. They work without the script.

use super::markup::Html;

/// A field for a line of text.
pub(super) struct Field<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) value: &'a str,
    /// An example, where nothing is written yet.
    pub(super) example: &'static str,
}

impl Field<'_> {
    pub(super) fn empty(
        name: &'static str,
        label: &'static str,
        example: &'static str,
    ) -> Field<'static> {
        Field {
            name,
            label,
            value: "",
            example,
        }
    }

    pub(super) fn draw(&self, html: &mut Html) {
        html.element("<label class=\"field\"><span>", self.label, "</span>");
        html.raw("<input type=\"text\" autocomplete=\"off\" spellcheck=\"false\"")
            .attribute("name", self.name)
            .exact("value", self.value);
        if !self.example.is_empty() {
            html.attribute("placeholder", self.example);
        }
        html.raw("></label>\n");
    }
}

/// What goes along, unseen.
pub(super) fn hidden(name: &'static str, value: &str, html: &mut Html) {
    html.raw("<input type=\"hidden\"")
        .attribute("name", name)
        .exact("value", value)
        .raw(">");
}

/// One of several, by their values and how they are called.
pub(super) fn choice(
    name: &'static str,
    label: &'static str,
    options: &[(&str, &str)],
    chosen: &str,
    html: &mut Html,
) {
    html.element("<label class=\"field\"><span>", label, "</span><select")
        .attribute("name", name)
        .raw(">");
    for (value, shown) in options {
        html.raw("<option").attribute("value", value);
        html.raw(if *value == chosen { " selected>" } else { ">" });
        html.text(shown).raw("</option>");
    }
    html.raw("</select></label>\n");
}

/// What is so or isn't.
pub(super) fn check(name: &'static str, value: &str, label: &str, html: &mut Html) {
    html.raw("<label class=\"check\"><input type=\"checkbox\"")
        .attribute("name", name)
        .exact("value", value)
        .raw(">");
    html.element(" ", label, "</label>\n");
}

/// The section with a field to search values in, among those of some refs.
pub(super) fn search_values(title: &str, words: &str, refs: &str, html: &mut Html) {
    html.element(
        "<section aria-labelledby=\"search-title\"><h2 id=\"search-title\">",
        title,
        "</h2>\n",
    );
    html.raw("<form class=\"fields\" role=\"search\" method=\"get\" action=\"search\">\n");
    html.raw("<label class=\"field wide\"><span>Text of a value, an address or a document\u{2019}s name</span><input type=\"search\" name=\"q\" autocomplete=\"off\" spellcheck=\"false\"")
        .exact("value", words)
        .raw("></label>\n");
    refs_field(refs, html);
    html.raw("<button>Search values</button>\n</form>\n</section>\n");
}

/// The field that names refs.
pub(super) fn refs_field(refs: &str, html: &mut Html) {
    Field {
        name: "ref",
        label: "Ref or pattern",
        value: refs,
        example: "main or release/*",
    }
    .draw(html);
}
