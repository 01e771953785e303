//! Times of commits: how they are typed and how they are shown.

use crate::git::{Signature, Timestamp};
use jiff::tz::Offset;

use super::failure::Failure;

/// The present time where the process runs.
pub(super) fn now() -> Timestamp {
    // Asked for the system's zone by its name, the library would first list all that the system knows.
    let of_system = match std::env::var_os("TZ") {
        None if cfg!(unix) => std::fs::read("/etc/localtime").ok(),
        _ => None,
    };
    let now = of_system.and_then(|zone| Timestamp::now_in(&zone));
    now.unwrap_or_else(Timestamp::now_local)
}

/// The first second of what was typed: a day begins at midnight here.
pub(super) fn since(text: &str) -> Result<i64, Failure> {
    second_of(text, "00:00:00")
}

/// The last second of what was typed.
pub(super) fn until(text: &str) -> Result<i64, Failure> {
    second_of(text, "23:59:59")
}

fn second_of(text: &str, of_day: &str) -> Result<i64, Failure> {
    let is_day = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let typed = if is_day {
        format!("{text} {of_day}")
    } else {
        text.to_owned()
    };
    match Timestamp::parse(&typed, now()) {
        Ok(time) => Ok(time.seconds),
        Err(_) => Err(Failure::Usage(format!(
            "`{text}` is no time: write it as 2024-01-31, 2024-01-31T12:00:00+01:00, '2 weeks ago', @1706698800 or by RFC 2822"
        ))),
    }
}

/// A day, where the author was.
pub(super) fn day(signature: &Signature) -> String {
    signature.day().unwrap_or_else(out_of_range)
}

/// A time, where the author was.
pub(super) fn time(signature: &Signature) -> String {
    let offset = Offset::from_seconds(signature.offset_minutes.saturating_mul(60));
    let time = jiff::Timestamp::from_second(signature.seconds);
    match (time, offset) {
        (Ok(time), Ok(offset)) => time
            .to_zoned(offset.to_time_zone())
            .strftime("%Y-%m-%d %H:%M:%S %z")
            .to_string(),
        _ => out_of_range(),
    }
}

fn out_of_range() -> String {
    "a time out of range".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the zone is found, it is one.
    #[test]
    fn the_time_has_the_offset_of_the_system() {
        let (now, by_name) = (now(), Timestamp::now_local());
        assert_eq!(now.offset_minutes, by_name.offset_minutes);
        assert!(Timestamp::now_in(b"no zone").is_none());
    }

    #[test]
    fn times_are_shown_where_the_author_was() {
        let mut ann = Signature {
            name: "Ann".into(),
            email: "ann@example.com".into(),
            seconds: 1_706_742_000,
            offset_minutes: 60,
        };
        assert_eq!(time(&ann), "2024-02-01 00:00:00 +0100");
        assert_eq!(day(&ann), "2024-02-01");
        ann.offset_minutes = -300;
        assert_eq!(day(&ann), "2024-01-31");
        ann.seconds = i64::MAX;
        assert_eq!(day(&ann), "a time out of range");
    }

    #[test]
    fn a_day_begins_with_its_first_second_and_ends_with_its_last() {
        let (begin, end) = (since("2024-01-31"), until("2024-01-31"));
        assert_eq!(
            end.ok().zip(begin.ok()).map(|(end, begin)| end - begin),
            Some(86_399)
        );
        assert_eq!(since("2024-01-31T12:00:00+01:00").ok(), Some(1_706_698_800));
        assert_eq!(since("@1706698800").ok(), Some(1_706_698_800));
        let now = now().seconds;
        let ago = |text| now - since(text).expect(text);
        assert!((14 * 86_400..14 * 86_400 + 60).contains(&ago("2 weeks ago")));
        assert!((86_400..86_460).contains(&ago("yesterday")));
        assert!((7 * 86_400..7 * 86_400 + 60).contains(&ago("last week")));
        for text in ["", "soon", "2024-13-45", "2024-01-32", "two"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
