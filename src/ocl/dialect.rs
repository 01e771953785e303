//! Converts a document between dialects without changing its values.

use std::ops::Range;

use super::document::Document;
use super::edit::EditError;
use super::heredoc::{Form, Heredoc, encode};
use super::node::Node;
use super::raw::{Dialect, MAX_BYTES};
use super::text;

impl Document {
    /// Converts the document to a dialect: rewrites exactly those `<<-` heredocs whose value would otherwise change, and no
    /// other byte.
    ///
    /// Towards [`Dialect::Current`], the end tag moves right to the indent of the lines. In [`Dialect::Legacy`], a `<<-` heredoc
    /// can't keep blanks that all lines begin with, so there the heredoc loses its dash and its lines their indent.
    ///
    /// ```
    /// use ocl_migrate::ocl::{Dialect, Document};
    ///
    /// let old = Document::parse("script = <<-EOT\n        echo\n    EOT", Dialect::Legacy)?;
    /// let new = old.convert(Dialect::Current)?;
    /// assert_eq!(new.text(), "script = <<-EOT\n        echo\n        EOT");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The document would become too long.
    pub fn convert(self, to: Dialect) -> Result<Self, EditError> {
        let from = self.dialect();
        if from == to {
            return Ok(self);
        }
        let nodes = self.root().subtree();
        let rewrites: Vec<Rewrite> = nodes.filter_map(|node| rewrite(node, from, to)).collect();
        if rewrites.is_empty() {
            return Ok(self.with_dialect(to));
        }
        let old: usize = rewrites.iter().map(|rewrite| rewrite.range.len()).sum();
        let new: usize = rewrites.iter().map(|rewrite| rewrite.text.len()).sum();
        let bytes = self.text().len() - old + new;
        if bytes > MAX_BYTES {
            return Err(EditError::TooLarge { bytes });
        }
        let mut text = String::with_capacity(bytes);
        let mut copied = 0;
        for rewrite in &rewrites {
            text.push_str(&self.text()[copied..rewrite.range.start]);
            text.push_str(&rewrite.text);
            copied = rewrite.range.end;
        }
        text.push_str(&self.text()[copied..]);
        Document::parse(text, to).map_err(|error| EditError::from_parse(&error, String::new()))
    }
}

/// A new text for a heredoc or a part of it, so that the other dialect reads the same value.
struct Rewrite {
    range: Range<usize>,
    text: String,
}

fn rewrite(node: Node<'_>, from: Dialect, to: Dialect) -> Option<Rewrite> {
    let heredoc = node.heredoc().filter(Heredoc::differs_by_dialect)?;
    let span = node.span()?;
    let tag_start = span.end - heredoc.tag.len();
    Some(match to {
        Dialect::Current => Rewrite {
            range: tag_start - heredoc.end_indent.len()..tag_start,
            text: indent_of_lines(&heredoc),
        },
        Dialect::Legacy => {
            let value = heredoc.value(from);
            let form = Form {
                indented: false,
                tag: heredoc.tag,
                line_indent: "",
                end_indent: heredoc.end_indent,
                line_end: if node.head().ends_with("\r\n") {
                    "\r\n"
                } else {
                    "\n"
                },
            };
            let text = encode(&value, form, to).unwrap_or_else(|| {
                let mut quoted = String::new();
                text::encode(&value, &mut quoted);
                quoted
            });
            Rewrite { range: span, text }
        }
    })
}

/// The indent at which an end tag doesn't change how the lines are unindented.
fn indent_of_lines(heredoc: &Heredoc<'_>) -> String {
    match heredoc.line_indent() {
        Some(least) => heredoc
            .lines()
            .map(|line| &line[..line.len() - line.trim_start().len()])
            .filter(|indent| !indent.is_empty())
            .find(|indent| indent.chars().count() == least)
            .map_or_else(|| " ".repeat(least), str::to_owned),
        // Only blank lines: none may be longer than the indent.
        None => " ".repeat(
            heredoc
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap_or(0),
        ),
    }
}
