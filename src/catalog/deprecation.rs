//! Versions that will not be read for ever.

use std::fmt;

use jiff::civil::Date;

/// That a version, and every one below it, is to be left: from when on it may be retired, and why.
///
/// ```
/// use ocl_migrate::catalog::Deprecation;
///
/// let deprecation = Deprecation::parse("2027-01-01: the last server that writes it is gone")?;
/// assert_eq!(deprecation.date(), "2027-01-01");
/// assert_eq!(deprecation.reason(), "the last server that writes it is gone");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deprecation {
    date: String,
    reason: String,
}

impl Deprecation {
    /// Reads a date and a reason: `2027-01-01: reason`.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn parse(text: &str) -> Result<Deprecation, String> {
        const FORM: &str = "a deprecation is a date and a reason, `2027-01-01: reason`";
        let (date, reason) = text.split_once(':').ok_or(FORM)?;
        let (date, reason) = (date.trim(), reason.trim());
        let is_day = date
            .parse::<Date>()
            .is_ok_and(|day| day.to_string() == date);
        if !is_day {
            return Err(format!("`{date}` is not a day; {FORM}"));
        }
        if reason.is_empty() {
            return Err(format!("the reason is missing; {FORM}"));
        }
        if reason.contains(char::is_control) {
            return Err("the reason is one line of text".to_owned());
        }
        Ok(Deprecation {
            date: date.to_owned(),
            reason: reason.to_owned(),
        })
    }

    /// The day from which on the version may be retired, `YYYY-MM-DD`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Why, on one line.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// What follows the version: `deprecated, and may be retired from 2027-01-01 on: reason`.
impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Deprecation { date, reason } = self;
        write!(f, "deprecated, and may be retired from {date} on: {reason}")
    }
}
