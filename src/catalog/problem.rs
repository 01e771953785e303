//! The problems of a catalog, with their positions.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::text::{Excerpt, LineStarts, excerpt};

/// One file of a catalog: its path within the catalog's folder, and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path with `/` between its parts, relative to the catalog's folder.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// The byte at a line and a column in characters, both from 1.
    pub fn offset_of(&self, line: usize, column: usize) -> usize {
        let lines = self.text.split_inclusive('\n');
        let start: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
        let before = self.text[start..].chars().take(column.saturating_sub(1));
        start + before.map(char::len_utf8).sum::<usize>()
    }
}

/// One thing that is wrong with a catalog.
///
/// Its `Display` shows the position with the source line and a caret, as compilers do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the catalog's folder.
    pub file: String,
    /// Line, from 1; 0 if the problem is about the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 if the problem is about the file as a whole.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    excerpt: Excerpt,
}

impl Problem {
    /// A problem with a file as a whole.
    pub(crate) fn of_file(file: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem {
            file: file.into(),
            line: 0,
            column: 0,
            message: message.into(),
            help: None,
            excerpt: excerpt("", 0..0, 0),
        }
    }

    /// Where it is: `file:line:column`, or the file alone.
    pub(crate) fn place(&self) -> String {
        if self.line == 0 {
            self.file.clone()
        } else {
            format!("{}:{}:{}", self.file, self.line, self.column)
        }
    }

    /// A problem at a byte range of a file.
    pub fn at(file: &SourceFile, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem::in_lines(file, &LineStarts::of(&file.text), span, message)
    }

    /// The same where many problems are in one file: its lines were counted before.
    pub(crate) fn in_lines(
        file: &SourceFile,
        lines: &LineStarts,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Problem {
        let text = &file.text;
        let start = text.floor_char_boundary(span.start);
        let number = lines.line_at(start);
        let bytes = lines.bytes(number);
        let line_start = bytes.start;
        let line = text[bytes].lines().next().unwrap_or_default();
        let place = start - line_start..span.end.saturating_sub(line_start);
        Problem {
            file: file.path.to_string(),
            line: number + 1,
            column: text[line_start..start].chars().count() + 1,
            message: message.into(),
            help: None,
            excerpt: excerpt(line, place, WIDEST_LINE),
        }
    }

    /// The same problem without the line: what stands there may be a secret.
    #[must_use]
    #[cfg(feature = "serve")]
    pub(crate) fn hiding_its_line(mut self) -> Problem {
        self.excerpt = excerpt("(not shown, as it may hold a secret)", 0..0, WIDEST_LINE);
        self
    }

    /// The same problem with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

/// The maximum width of a shown line, in columns.
const WIDEST_LINE: usize = 120;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        let gutter = self.line.max(1).to_string().len();
        if self.line == 0 {
            write!(f, "\n --> {}", self.file)?;
        } else {
            let Excerpt {
                line,
                before,
                width,
            } = &self.excerpt;
            let caret = format!("{:before$}{:^>width$}", "", "");
            write!(
                f,
                "\n{:gutter$}--> {}:{}:{}\n{:gutter$} |\n{}\n{:gutter$} | {caret}",
                "",
                self.file,
                self.line,
                self.column,
                "",
                format!("{} | {line}", self.line).trim_end(),
                "",
            )?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n{:gutter$} = help: {help}", "")?;
        }
        Ok(())
    }
}

/// A catalog that can't be used, with everything that is wrong with it.
#[derive(Debug, Clone, thiserror::Error)]
pub struct CatalogError {
    /// The problems, by file and line. Never empty.
    pub problems: Vec<Problem>,
}

impl CatalogError {
    /// With these problems, of which there is at least one.
    pub(super) fn of(mut problems: Vec<Problem>) -> CatalogError {
        problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        CatalogError { problems }
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "the catalog has a problem")?,
            n => write!(f, "the catalog has {n} problems")?,
        }
        for problem in &self.problems {
            write!(f, "\n\n{problem}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line_with_a_caret() {
        let file = SourceFile {
            path: "a/step.hcl".into(),
            text: "one = 1\n\ttwo = x\n".into(),
        };
        let problem = Problem::at(&file, 15..16, "unknown name `x`").help("say `self`");
        assert_eq!(
            problem.to_string(),
            "unknown name `x`\n --> a/step.hcl:2:8\n  |\n2 |     two = x\n  |           ^\n  = help: say `self`"
        );
    }
}
