//! From one dialect to the other, with every value staying what it is.

use std::ops::Range;

use super::document::{Dialect, Document, MAX_BYTES};
use super::edit::{EditError, Editor};
use super::heredoc::{Form, Heredoc, encode};
use super::node::Node;
use super::text;

/// Brings a document to a dialect: exactly the `<<-` heredocs whose value would otherwise change are rewritten, and no
/// other byte. See [`Editor::convert`].
///
/// ```
/// use ocl_migrate::ocl::{Dialect, Document, dialect};
///
/// let old = Document::parse("script = <<-EOT\n        echo\n    EOT", Dialect::Legacy)?;
/// let new = dialect::convert(old, Dialect::Current)?;
/// assert_eq!(new.text(), "script = <<-EOT\n        echo\n        EOT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The document would become too long.
pub fn convert(document: Document, to: Dialect) -> Result<Document, EditError> {
    let rewrites = rewrites(&document, to);
    if rewrites.is_empty() {
        return Ok(document.with_dialect(to));
    }
    check_size(&document, &rewrites)?;
    // At once: an editor would move all that follows for each of thousands.
    let mut text = String::with_capacity(document.text().len() + grown(&rewrites));
    let mut copied = 0;
    for rewrite in &rewrites {
        text.push_str(&document.text()[copied..rewrite.range.start]);
        text.push_str(&rewrite.text);
        copied = rewrite.range.end;
    }
    text.push_str(&document.text()[copied..]);
    Document::parse(text, to).map_err(|error| EditError::from_parse(&error, String::new()))
}

fn rewrites(document: &Document, to: Dialect) -> Vec<Rewrite> {
    let from = document.dialect();
    if from == to {
        return Vec::new();
    }
    let nodes = document.nodes();
    nodes.filter_map(|node| rewrite(node, from, to)).collect()
}

fn grown(rewrites: &[Rewrite]) -> usize {
    rewrites.iter().map(|rewrite| rewrite.text.len()).sum()
}

fn check_size(document: &Document, rewrites: &[Rewrite]) -> Result<(), EditError> {
    let bytes = document.text().len() + grown(rewrites);
    if bytes > MAX_BYTES {
        return Err(EditError::TooLarge { bytes });
    }
    Ok(())
}

/// What a heredoc gets so that the other dialect reads the same value.
struct Rewrite {
    node: u32,
    range: Range<usize>,
    text: String,
    /// Whether it is another literal now, or the same with its end tag elsewhere.
    is_value: bool,
}

impl Editor {
    /// Brings the document to a dialect, and says how many heredocs had to be rewritten: exactly the `<<-` ones whose value
    /// would otherwise change.
    ///
    /// Towards [`Dialect::Current`], the end tag moves right to the indent of the lines. Towards [`Dialect::Legacy`],
    /// which can't keep blanks that all lines begin with, the heredoc loses its dash and its lines their indent.
    ///
    /// # Errors
    /// The document would become too long; then nothing has changed.
    pub fn convert(&mut self, to: Dialect) -> Result<usize, EditError> {
        let rewrites = rewrites(self.document(), to);
        check_size(self.document(), &rewrites)?;
        // From the end, so that what is still to come stays where it is.
        for rewrite in rewrites.iter().rev() {
            match rewrite.is_value {
                true => self.replace_source(rewrite.node, rewrite.text.clone())?,
                false => self.replace_within(rewrite.node, rewrite.range.clone(), &rewrite.text)?,
            }
        }
        self.set_dialect(to);
        Ok(rewrites.len())
    }
}

fn rewrite(node: Node<'_>, from: Dialect, to: Dialect) -> Option<Rewrite> {
    let heredoc = node.heredoc().filter(|heredoc| heredoc.indented)?;
    if from == to || !heredoc.differs_by_dialect() {
        return None;
    }
    let span = node.span();
    let tag_start = span.end - heredoc.tag.len();
    Some(match to {
        Dialect::Current => Rewrite {
            node: node.id().0,
            range: tag_start - heredoc.end_indent.len()..tag_start,
            text: indent_of_lines(&heredoc),
            is_value: false,
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
            Rewrite {
                node: node.id().0,
                range: span,
                text,
                is_value: true,
            }
        }
    })
}

/// The indent at which an end tag takes nothing from the lines' own unindenting.
fn indent_of_lines(heredoc: &Heredoc<'_>) -> String {
    match heredoc.line_indent() {
        Some(least) => heredoc
            .lines()
            .map(|line| &line[..line.len() - line.trim_start().len()])
            .filter(|indent| !indent.is_empty())
            .find(|indent| indent.chars().count() == least)
            .map_or_else(|| " ".repeat(least), str::to_owned),
        // Nothing but blank lines: none may be longer than the indent.
        None => " ".repeat(
            heredoc
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap_or(0),
        ),
    }
}
