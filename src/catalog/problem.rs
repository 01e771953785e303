//! What is wrong with a catalog, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

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
/// Its `Display` shows the place with the source line and a caret, as compilers do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the catalog's folder.
    pub file: String,
    /// Line, from 1; 0 where the problem is about the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 where the problem is about the file as a whole.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    source_line: String,
    width: usize,
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
            source_line: String::new(),
            width: 0,
        }
    }

    /// A problem at a byte range of a file.
    pub fn at(file: &SourceFile, span: Range<usize>, message: impl Into<String>) -> Problem {
        let start = floor_boundary(&file.text, span.start);
        let end = floor_boundary(&file.text, span.end.max(start));
        let before = &file.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = file.text[start..]
            .find('\n')
            .map_or(file.text.len(), |newline| start + newline);
        Problem {
            file: file.path.to_string(),
            line: before.matches('\n').count() + 1,
            column: file.text[line_start..start].chars().count() + 1,
            message: message.into(),
            help: None,
            source_line: file.text[line_start..line_end]
                .trim_end_matches('\r')
                .to_owned(),
            width: file.text[start..end.min(line_end)].chars().count().max(1),
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

impl Problem {
    /// What is shown of the source line, and where within that the caret begins and how long it is, in characters.
    fn window(&self) -> (String, usize, usize) {
        let column = self.column - 1;
        let start = if column < WIDEST_LINE {
            0
        } else {
            column - WIDEST_LINE / 2
        };
        let mut rest = self.source_line.chars().skip(start);
        let mut line: String = rest.by_ref().take(WIDEST_LINE).collect();
        let width = self
            .width
            .min(WIDEST_LINE.saturating_sub(column - start))
            .max(1);
        if rest.next().is_some() {
            line.push('…');
        }
        match start {
            0 => (line, column, width),
            _ => (format!("…{line}"), column - start + 1, width),
        }
    }
}

/// Of longer lines, that many characters are shown.
const WIDEST_LINE: usize = 120;

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        let gutter = self.line.max(1).to_string().len();
        if self.line == 0 {
            write!(f, "\n --> {}", self.file)?;
        } else {
            let (line, column, width) = self.window();
            let marker: String = line
                .chars()
                .take(column)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .chain(std::iter::repeat_n('^', width))
                .collect();
            let source = format!("{} | {line}", self.line);
            write!(
                f,
                "\n{:gutter$}--> {}:{}:{}\n{:gutter$} |\n{}\n{:gutter$} | {marker}",
                "",
                self.file,
                self.line,
                self.column,
                "",
                source.trim_end(),
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

/// Longer words are no slips of a finger, and comparing them takes time.
const LONGEST_WORD: usize = 200;

/// The candidate that `word` was probably meant to be, if one is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .filter(|(distance, candidate)| {
            let longer = candidate.len().max(word.len());
            *distance < longer && *distance <= longer / 3 + 1
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance: a swap of two neighbours counts as one edit.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_only_when_it_is_near() {
        let words = ["set", "default", "rename", "remove"];
        assert_eq!(nearest("defualt", words), Some("default"));
        assert_eq!(nearest("renmae", words), Some("rename"));
        assert_eq!(nearest("transmogrify", words), None);
    }

    #[test]
    fn a_problem_points_at_its_place() {
        let file = SourceFile {
            path: "a/step.hcl".into(),
            text: "one = 1\n\ttwo = x\n".into(),
        };
        let problem = Problem::at(&file, 15..16, "unknown name `x`").help("say `self`");
        assert_eq!(
            problem.to_string(),
            "unknown name `x`\n --> a/step.hcl:2:8\n  |\n2 | \ttwo = x\n  | \t      ^\n  = help: say `self`"
        );
    }
}
