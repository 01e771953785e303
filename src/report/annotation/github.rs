//! Annotations of GitHub Actions: commands that a job prints.

use std::fmt;

use super::describe::whole_message;
use crate::check::{Finding, Severity};

/// A finding as a command that a GitHub Actions job prints, on one line.
#[derive(Debug)]
pub struct GithubAnnotation<'f>(pub &'f Finding);

impl fmt::Display for GithubAnnotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = self.0;
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "::{command} file={}", property(&finding.path))?;
        if let Some((line, column)) = finding.place {
            write!(f, ",line={line},col={column}")?;
        }
        let title = finding.rule.to_string();
        let message = data(&whole_message(finding));
        write!(f, ",title={}::{message}", property(&title))
    }
}

/// As the runner reads what follows the last `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// As the runner reads the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_repository_ends_a_command() {
        assert_eq!(property("a,b::c\n%"), "a%2Cb%3A%3Ac%0A%25");
        assert_eq!(data("x\r\n::error::y"), "x%0D%0A::error::y");
    }
}
