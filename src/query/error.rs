//! Why a query fails.

use std::fmt::Write as _;
use std::time::Duration;

use crate::project::LoadError;
use crate::text::{excerpt, grouped};

/// Why a query fails. What can't be read of single refs and documents is no failure: see
/// [`Query::problems`](super::Query::problems).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The SQL is wrong, or can't be evaluated.
    #[error("{}", render(.message, .sql, *.offset))]
    Sql {
        /// What is wrong with it.
        message: String,
        /// What was asked.
        sql: String,
        /// Where in it, in bytes from its beginning, if that is known.
        offset: Option<usize>,
        /// What to do about it, if that is known.
        hint: Option<String>,
    },
    /// It wants something else than reading the tables.
    #[error("a query only reads, by SELECT, and {what} is refused")]
    Refused {
        /// What it wants.
        what: String,
    },
    /// It took longer than it may.
    #[error("the query was stopped after {} s, the time that it may take", .after.as_secs_f64())]
    TimedOut {
        /// What it may take.
        after: Duration,
    },
    /// It has more rows than it may have; the first ones were given out.
    #[error("the query has more than {} rows, and no more may be printed", grouped_u64(*.most))]
    TooManyRows {
        /// How many it may have.
        most: u64,
    },
    /// It needs more memory than it may take.
    #[error("the query needs more memory than it may take")]
    OutOfMemory,
    /// A single value would be too large.
    #[error("a value of the query would be larger than {} MiB", most >> 20)]
    TooLarge {
        /// The largest possible, in bytes.
        most: u64,
    },
    /// It asks for values with their defaults, and nothing says what the defaults are.
    #[error("nothing says what the defaults are, which `effective` fills in")]
    NoDefaults,
    /// It asks for what refers to what, and the catalog doesn't declare that.
    #[error(
        "the catalog doesn't declare what refers to what: add `thing` and `reference` blocks to its catalog.hcl"
    )]
    NoThings,
    /// The refs can't be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A selector that a query has as an argument isn't one.
    #[error("the argument `selector`: {0}")]
    Selector(#[from] crate::values::SyntaxError),
    /// A defect of this crate.
    #[error("a defect of this program ended the query: {0}")]
    Defect(String),
}

impl QueryError {
    /// Line and column in the SQL, both from 1, where that is known.
    pub fn position(&self) -> Option<(usize, usize)> {
        let QueryError::Sql { sql, offset, .. } = self else {
            return None;
        };
        place(sql, *offset).map(|place| (place.number, place.column()))
    }

    /// What to do about it, where that doesn't follow from the message.
    pub fn hint(&self) -> Option<&str> {
        match self {
            QueryError::Sql { hint, .. } => hint.as_deref(),
            _ => None,
        }
    }
}

fn grouped_u64(number: u64) -> String {
    grouped(usize::try_from(number).unwrap_or(usize::MAX))
}

/// Of long lines, this much is shown.
const WIDEST: usize = 100;

/// A place in a line of the SQL.
struct Place<'s> {
    line: &'s str,
    /// From 1.
    number: usize,
    /// In bytes from the line's beginning.
    at: usize,
}

impl Place<'_> {
    /// From 1.
    fn column(&self) -> usize {
        self.line[..self.at].chars().count() + 1
    }
}

fn place(sql: &str, offset: Option<usize>) -> Option<Place<'_>> {
    let offset = offset.filter(|offset| *offset <= sql.len())?;
    let offset = sql.floor_char_boundary(offset);
    let begin = sql[..offset].rfind('\n').map_or(0, |end| end + 1);
    let line = sql[begin..].lines().next().unwrap_or_default();
    Some(Place {
        line,
        number: sql[..begin].matches('\n').count() + 1,
        at: (offset - begin).min(line.len()),
    })
}

/// The message, and below it the line with a caret.
fn render(message: &str, sql: &str, offset: Option<usize>) -> String {
    let mut text = message.to_owned();
    let Some(place) = place(sql, offset) else {
        return text;
    };
    let column = place.column();
    let Place { line, number, at } = place;
    let rest = &line[at..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len()).max(1);
    let shown = excerpt(line, at..at + length, WIDEST);
    let margin = " ".repeat(number.to_string().len());
    let caret = format!("{}{}", " ".repeat(shown.before), "^".repeat(shown.width));
    let line = shown.line;
    let _ = write!(
        text,
        "\n{margin}--> SQL:{number}:{column}\n{margin} |\n{number} | {line}\n{margin} | {caret}"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_shows_the_place() {
        let sql = "SELECT\n  adress FROM leaves";
        assert_eq!(
            render("no such column: adress", sql, Some(9)),
            "no such column: adress\n --> SQL:2:3\n  |\n2 |   adress FROM leaves\n  |   ^^^^^^"
        );
        assert_eq!(
            render("no", "é", Some(1)),
            "no\n --> SQL:1:1\n  |\n1 | é\n  | ^"
        );
        assert_eq!(
            render("no", "a", Some(1)),
            "no\n --> SQL:1:2\n  |\n1 | a\n  |  ^"
        );
        assert_eq!(render("no", "a", None), "no");
    }
}
