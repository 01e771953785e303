//! Who commits.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Zoned;
use jiff::tz::{Offset, TimeZone};

use super::commit::Signature;
use super::error::{Error, Result, explain};
use super::repository::Repository;

/// The author and the committer of a commit to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who makes the change.
    pub author: Signature,
    /// Who makes the commit.
    pub committer: Signature,
}

/// A time as Git keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    /// Seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// The clock's offset from UTC, in minutes; east is positive.
    pub offset_minutes: i32,
}

impl Signature {
    /// Somebody who commits now, at offset 0.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Signature {
        let Timestamp {
            seconds,
            offset_minutes,
        } = Timestamp::now_utc();
        Signature {
            name: name.into(),
            email: email.into(),
            seconds,
            offset_minutes,
        }
    }
}

impl Timestamp {
    /// The present time, at offset 0.
    pub fn now_utc() -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp {
            seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            offset_minutes: 0,
        }
    }

    /// The present time with the offset of the process's time zone, which the environment (`TZ`) may say.
    pub fn now_local() -> Timestamp {
        Timestamp::from_gix(gix::date::Time::now_local_or_utc())
    }

    /// The same for a time zone, given as what stands in its file (TZif); `None` where that isn't one.
    pub fn now_in(zone: &[u8]) -> Option<Timestamp> {
        let zone = TimeZone::tzif("", zone).ok()?;
        let now = jiff::Timestamp::now();
        Some(Timestamp {
            seconds: now.as_second(),
            offset_minutes: zone.to_offset(now).seconds() / 60,
        })
    }

    /// Reads a time: `@seconds +hhmm`, RFC 2822, ISO 8601, or one before `now`, like `2 weeks ago`. Without an offset, that of
    /// `now` is meant.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp> {
        let offset = Offset::from_seconds(now.offset_minutes.saturating_mul(60)).ok();
        let time = jiff::Timestamp::from_second(now.seconds).ok();
        let before = time
            .zip(offset)
            .map(|(time, offset)| time.to_zoned(offset.to_time_zone()));
        parse_date("the time", text, now, before)
    }

    fn from_gix(time: gix::date::Time) -> Timestamp {
        Timestamp {
            seconds: time.seconds,
            offset_minutes: time.offset / 60,
        }
    }
}

impl Repository {
    /// Who commits, by Git's rules: `GIT_AUTHOR_NAME`, `GIT_AUTHOR_EMAIL`, `GIT_AUTHOR_DATE` and the same for
    /// `COMMITTER`; then `author.*` and `committer.*`, then `user.*` in the configuration that the repository was
    /// opened with; `EMAIL` at last. Dates are `@seconds +hhmm`, RFC 2822 or ISO 8601; else it is `now`.
    ///
    /// The environment is read by `environment` alone: a command passes `&|name| std::env::var(name).ok()`.
    ///
    /// # Errors
    /// [`Error::NoIdentity`] if nothing says a name or an address (none is made up);
    /// [`Error::InvalidValue`] for a date that can't be read.
    pub fn identity(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
    ) -> Result<Identity> {
        let gix = self.to_thread_local();
        let config = gix.config_snapshot();
        let configured = |key: &str| config.string(key).map(|value| value.to_string());
        let signature = |role: &'static str| {
            let variable = |part: &str| environment(&format!("GIT_{}_{part}", role.to_uppercase()));
            let part = |what: &'static str, last: Option<String>| {
                variable(&what.to_uppercase())
                    .filter(|value| !value.is_empty())
                    .or_else(|| configured(&format!("{role}.{what}")))
                    .or_else(|| configured(&format!("user.{what}")))
                    .or(last)
                    .map(|value| without_crud(&value))
                    .filter(|value| !value.is_empty())
                    .ok_or(Error::NoIdentity { role, what })
            };
            let time = match variable("DATE").filter(|date| !date.is_empty()) {
                Some(date) => parse_date(
                    &format!("GIT_{}_DATE", role.to_uppercase()),
                    &date,
                    now,
                    None,
                )?,
                None => now,
            };
            Ok::<Signature, Error>(Signature {
                name: part("name", None)?,
                email: part("email", environment("EMAIL"))?,
                seconds: time.seconds,
                offset_minutes: time.offset_minutes,
            })
        };
        Ok(Identity {
            author: signature("author")?,
            committer: signature("committer")?,
        })
    }
}

/// What Git leaves of a name or address: characters that would end it in a commit are dropped everywhere, white space
/// and punctuation at the ends.
fn without_crud(text: &str) -> String {
    let is_crud = |c: char| c <= ' ' || ",:;<>\"\\'".contains(c);
    text.trim_matches(is_crud)
        .chars()
        .filter(|c| !"<>\n\0".contains(*c))
        .collect()
}

/// With `before`, a time may also be how long it was before that.
fn parse_date(
    variable: &str,
    text: &str,
    now: Timestamp,
    before: Option<Zoned>,
) -> Result<Timestamp> {
    let text = text.trim();
    let seconds = text.strip_prefix('@').unwrap_or(text);
    if seconds.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(seconds) = seconds.parse()
    {
        return Ok(Timestamp { seconds, ..now });
    }
    // Without an offset a date is in the local zone.
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let dated = match shape.as_str() {
        "0000-00-00 00:00:00" | "0000-00-00T00:00:00" => {
            let sign = if now.offset_minutes < 0 { '-' } else { '+' };
            let offset = now.offset_minutes.abs();
            let date = text.replace('T', " ");
            format!("{date} {sign}{:02}{:02}", offset / 60, offset % 60)
        }
        _ => text.to_owned(),
    };
    gix::date::parse(&dated, before)
        .map(Timestamp::from_gix)
        .map_err(|error| Error::InvalidValue {
            what: variable.to_owned(),
            value: text.to_owned(),
            reason: format!(
                "{}; write it as '@seconds +hhmm', '2024-01-31T12:00:00+01:00' or by RFC 2822",
                explain(&error)
            ),
        })
}
