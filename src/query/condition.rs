//! Conditions that were pushed down: what of a table a query asks for.
//!
//! SQLite tests every row again, so a condition may let through more than the query wants, and never less.

use super::table::TableInfo;

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    In,
    Glob,
    Like,
}

/// A column with its comparison: one of the conditions that a plan pushes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pushed {
    pub(super) column: usize,
    pub(super) comparison: Comparison,
}

/// What a column must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// One of these texts.
    OneOf(Vec<String>),
    BeginsWith(String),
    /// The same, without regard to ASCII case.
    BeginsLike(String),
}

/// The conditions of one scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    tests: Vec<(usize, Test)>,
}

impl Comparison {
    fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::In => "IN",
            Comparison::Glob => "GLOB",
            Comparison::Like => "LIKE",
        }
    }

    const ALL: [Comparison; 4] = [
        Comparison::Equal,
        Comparison::In,
        Comparison::Glob,
        Comparison::Like,
    ];
}

/// A plan as SQLite keeps it between choosing and running it, and as it is explained: `ref =, address GLOB`.
pub(super) fn describe(table: &TableInfo, pushed: &[Pushed]) -> String {
    let words = pushed.iter().map(|pushed| {
        let name = table.columns[pushed.column].name;
        format!("{name} {}", pushed.comparison.symbol())
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Reads what [`describe`] wrote.
pub(super) fn read(table: &TableInfo, plan: &str) -> Option<Vec<Pushed>> {
    if plan.is_empty() {
        return Some(Vec::new());
    }
    let words = plan.split(", ").map(|word| {
        let (name, symbol) = word.split_once(' ')?;
        let mut comparisons = Comparison::ALL.into_iter();
        Some(Pushed {
            column: table.column(name)?,
            comparison: comparisons.find(|comparison| comparison.symbol() == symbol)?,
        })
    });
    words.collect()
}

impl Test {
    /// What a pattern of `GLOB` says without doubt: how its texts begin.
    pub(super) fn glob(pattern: &str) -> Test {
        Test::BeginsWith(literal(pattern, &['*', '?', '[']).to_owned())
    }

    /// The same for `LIKE`.
    pub(super) fn like(pattern: &str) -> Test {
        Test::BeginsLike(literal(pattern, &['%', '_']).to_owned())
    }

    pub(super) fn admits(&self, text: &str) -> bool {
        match self {
            Test::OneOf(texts) => texts.iter().any(|wanted| wanted == text),
            Test::BeginsWith(begin) => text.starts_with(&**begin),
            Test::BeginsLike(begin) => {
                let found = text.as_bytes().get(..begin.len());
                found.is_some_and(|found| found.eq_ignore_ascii_case(begin.as_bytes()))
            }
        }
    }
}

/// What stands before the first wildcard. To SQLite, a pattern ends at a NUL.
fn literal<'p>(pattern: &'p str, wildcards: &[char]) -> &'p str {
    let is_end = |c: char| c == '\0' || wildcards.contains(&c);
    &pattern[..pattern.find(is_end).unwrap_or(pattern.len())]
}

impl Conditions {
    pub(super) fn push(&mut self, column: usize, test: Test) {
        self.tests.push((column, test));
    }

    /// Whether a row may have this text in a column. A column that is NULL fits no condition.
    pub(super) fn admit(&self, column: usize, text: Option<&str>) -> bool {
        let mut tests = self.tests.iter().filter(|(tested, _)| *tested == column);
        tests.all(|(_, test)| text.is_some_and(|text| test.admits(text)))
    }

    /// The texts of which a column must have one; `None` where it may have others.
    pub(super) fn texts(&self, column: usize) -> Option<&[String]> {
        self.tests.iter().find_map(|(tested, test)| match test {
            Test::OneOf(texts) if *tested == column => Some(texts.as_slice()),
            _ => None,
        })
    }

    /// Whether nothing is asked of a column.
    pub(super) fn leaves_open(&self, column: usize) -> bool {
        !self.tests.iter().any(|(tested, _)| *tested == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::table::LEAVES;

    #[test]
    fn a_plan_reads_back() {
        let plans = [
            vec![],
            vec![Pushed {
                column: 0,
                comparison: Comparison::Equal,
            }],
            vec![
                Pushed {
                    column: 5,
                    comparison: Comparison::Glob,
                },
                Pushed {
                    column: 2,
                    comparison: Comparison::In,
                },
                Pushed {
                    column: 2,
                    comparison: Comparison::Like,
                },
            ],
        ];
        for plan in plans {
            let text = describe(&LEAVES, &plan);
            assert_eq!(read(&LEAVES, &text), Some(plan), "{text}");
        }
        assert_eq!(read(&LEAVES, "address ~"), None);
    }

    #[test]
    fn a_pattern_says_how_texts_begin() {
        assert!(Test::glob("a[b]c").admits("abc"));
        assert!(!Test::glob("ab*").admits("Abc"));
        assert!(Test::like("ab%").admits("ABc"));
        assert!(!Test::like("ab%").admits("a"));
        assert!(
            Test::like("é%").admits("éa"),
            "only ASCII is folded, and a character isn't cut"
        );
        assert!(Test::like("a%").admits("Aé"));
        assert!(
            Test::glob("ab\0cd*").admits("ab"),
            "a pattern ends at a NUL"
        );
    }

    #[test]
    fn a_column_that_is_null_fits_no_condition() {
        let mut conditions = Conditions::default();
        conditions.push(1, Test::glob("*"));
        assert!(!conditions.admit(1, None));
        assert!(conditions.admit(1, Some("")));
        assert!(conditions.admit(2, None));
    }
}
