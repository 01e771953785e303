//! The search over all values.

use std::cell::RefCell;
use std::time::Duration;

use crate::project::Project;
use crate::query::{QueryOptions, SearchedValue};
use crate::report::{FoundPlace, FoundValues};
use crate::text;

use crate::cli::failure::Failure;
use crate::cli::global::Global;
use crate::cli::query::queried;

/// A search looks no longer than this.
const LONGEST: Duration = Duration::from_secs(10);

const MOST_WORDS: usize = 8;

/// In bytes.
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
    let words = words_of(words)?;
    let refs: Vec<String> = refs.split_whitespace().map(str::to_owned).collect();
    let (refs, environments) = queried(global, project, &refs, false);
    let query = project.query(QueryOptions {
        refs,
        environments,
        timeout: Some(LONGEST),
        ..QueryOptions::default()
    })?;
    let places = RefCell::new(&mut found);
    let searched = query.search(
        |value| {
            let place = || FoundPlace {
                document: value.document.to_owned(),
                address: value.address.to_owned(),
                value: value.text.unwrap_or("null").to_owned(),
                kind: value.type_name.to_owned(),
            };
            fits(&words, &value).then(|| places.borrow_mut().place(place()))?
        },
        |reference, place| places.borrow_mut().add(place, reference),
    )?;
    if searched.refs < searched.of {
        found.unfinished = Some(format!(
            "the search was stopped after {} seconds, when it had looked through {} of {}",
            LONGEST.as_secs(),
            text::grouped(searched.refs),
            text::count(searched.of, "ref"),
        ));
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

/// The words, in lower case.
fn words_of(words: &str) -> Result<Vec<String>, Failure> {
    let words: Vec<&str> = words.split_whitespace().collect();
    if words.len() > MOST_WORDS || words.iter().any(|word| word.len() > LONGEST_WORD) {
        return Err(Failure::Usage(format!(
            "a search has at most {MOST_WORDS} words of {LONGEST_WORD} bytes"
        )));
    }
    if words.iter().any(|word| word.contains('\0')) {
        return Err(Failure::Usage("a search has no NUL character".to_owned()));
    }
    Ok(words.iter().map(|word| word.to_ascii_lowercase()).collect())
}

/// Whether each word is in the value, its address or its document's name, whatever its case.
fn fits(words: &[String], value: &SearchedValue<'_>) -> bool {
    let texts = [value.text, Some(value.address), Some(value.document)];
    let texts = texts.map(|text| text.map(str::to_ascii_lowercase));
    let has = |word: &String| texts.iter().flatten().any(|text| text.contains(&**word));
    words.iter().all(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_only_itself() {
        let fits = |words: &str, text| {
            let value = SearchedValue {
                document: "runbook/a",
                address: "step[\"b\"].name",
                text,
                type_name: "string",
            };
            super::fits(&words_of(words).unwrap(), &value)
        };
        assert!(fits("5%_ RUNBOOK Name", Some("it's 5%_")));
        assert!(!fits("5%_", Some("it's 50")));
        assert!(!fits("null", None));
        assert!(words_of(&"a ".repeat(9)).is_err());
        assert!(words_of(&"a".repeat(401)).is_err());
        assert!(words_of("a\0b").is_err());
    }
}
