//! The search over all values.

use std::time::Duration;

use crate::project::Project;
use crate::query::{QueryError, QueryOptions, QueryValue};
use crate::report::{FoundPlace, FoundValues};
use crate::text;

use crate::cli::failure::Failure;
use crate::cli::global::Global;
use crate::cli::query::queried;

/// A search looks no longer than this.
const LONGEST: Duration = Duration::from_secs(10);

/// It stops after so many values, counted in each ref.
const MOST_VALUES: u64 = 200_000;

const MOST_WORDS: usize = 8;

/// The pattern of a word may have at most 1,000 bytes, of which each character may take two.
const LONGEST_WORD: usize = 400;

/// So many problems are told.
const MOST_PROBLEMS: usize = 20;

/// The values that have all of some words, in themselves, their addresses or the names of their documents.
pub(super) fn search(
    global: &Global,
    project: &Project,
    words: &str,
    refs: &str,
) -> Result<FoundValues, Failure> {
    let mut found = FoundValues::new(words.trim(), refs);
    if words.trim().is_empty() {
        return Ok(found);
    }
    let sql = sql(words)?;
    let refs: Vec<String> = refs.split_whitespace().map(str::to_owned).collect();
    let (refs, environments) = queried(global, project, &refs, false);
    let query = project.query(QueryOptions {
        refs,
        environments,
        timeout: Some(LONGEST),
        max_rows: Some(MOST_VALUES),
        ..QueryOptions::default()
    })?;
    let ran = query.prepare(&sql)?.run(|row| {
        let text = |at: usize| match row.get(at) {
            Some(QueryValue::Text(text)) => text.to_string(),
            _ => "null".to_owned(),
        };
        let place = FoundPlace {
            document: text(1),
            address: text(2),
            value: text(3),
            kind: text(4),
        };
        found.add(place, &text(0));
        Ok::<(), QueryError>(())
    });
    match ran {
        Ok(_) => {}
        Err(error @ (QueryError::TimedOut { .. } | QueryError::TooManyRows { .. })) => {
            found.unfinished = Some(error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    let problems = query.problems();
    for problem in problems.iter().take(MOST_PROBLEMS) {
        let refs = text::some_of(&problem.refs, 3);
        found.problems.push(format!("{refs}: {}", problem.message));
    }
    if problems.len() > MOST_PROBLEMS {
        let more = text::count(problems.len() - MOST_PROBLEMS, "problem");
        found.problems.push(format!("and {more} more like these"));
    }
    Ok(found)
}

fn sql(words: &str) -> Result<String, Failure> {
    let words: Vec<&str> = words.split_whitespace().collect();
    if words.len() > MOST_WORDS || words.iter().any(|word| word.len() > LONGEST_WORD) {
        return Err(Failure::Usage(format!(
            "a search has at most {MOST_WORDS} words of {LONGEST_WORD} bytes"
        )));
    }
    if words.iter().any(|word| word.contains('\0')) {
        return Err(Failure::Usage("a search has no NUL character".to_owned()));
    }
    let conditions = words.iter().map(|word| {
        let pattern = pattern(word);
        let columns = ["value", "address", "document"];
        let alike = columns.map(|column| format!("{column} LIKE {pattern} ESCAPE '\\'"));
        format!("({})", alike.join(" OR "))
    });
    let conditions: Vec<String> = conditions.collect();
    Ok(format!(
        "SELECT ref, document, address, value, type FROM leaves WHERE {}",
        conditions.join(" AND ")
    ))
}

/// A word as a pattern that fits what has it, as a literal of SQL.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("'%");
    for c in word.chars() {
        match c {
            '\'' => pattern.push('\''),
            '%' | '_' | '\\' => pattern.push('\\'),
            _ => {}
        }
        pattern.push(c);
    }
    pattern + "%'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_only_itself() {
        assert_eq!(pattern("it's 5%_\\"), "'%it''s 5\\%\\_\\\\%'");
        assert!(sql(&"a ".repeat(9)).is_err());
        assert!(sql(&"a".repeat(401)).is_err());
        assert!(sql("a\0b").is_err());
    }
}
