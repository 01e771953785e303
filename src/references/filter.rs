//! Which strings can't name what is looked for: most can be passed over unread.

use crate::catalog::things::Things;

/// Finds the names that a thing goes by in texts, without regard to case. What it passes over names no such thing, nor anything
/// whose name a reference to it begins with.
#[derive(Debug)]
pub(crate) struct Filter {
    needles: Vec<Needle>,
}

/// A part of a name that stands as it is wherever that is written: it has no blanks and needs no escapes.
#[derive(Debug)]
struct Needle {
    text: String,
    /// The place of its rarest letter, and that in both cases.
    rare: usize,
    letters: [u8; 2],
}

/// English letters, the most frequent first. Any other byte is rarer.
const FREQUENT: &[u8] = b"etaoinsrlhdcumpfgybwvkxjqz";

/// Letters beyond ASCII that are an ASCII letter in the other case.
const OTHER_CASES: [&str; 4] = ["ı", "ſ", "\u{212a}", "İ"];

impl Filter {
    /// `None` where a name has no such part: then every string has to be read.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<Filter> {
        let needles = names.into_iter().map(Needle::of);
        let needles = needles.collect::<Option<Vec<Needle>>>()?;
        Some(Filter { needles })
    }

    pub(crate) fn may_hold(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        self.needles.iter().any(|needle| needle.is_in(bytes))
            || !text.is_ascii() && OTHER_CASES.iter().any(|other| text.contains(other))
    }
}

impl Needle {
    fn of(name: &str) -> Option<Needle> {
        // `Db.Host` may be about `Db`: what is defined decides, so both have to be found.
        let first = name.trim().split(['.', '[']).next().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '/');
        let parts = first.split(|c| !is_plain(c));
        let text = parts.max_by_key(|part| part.len())?.to_ascii_lowercase();
        let rareness = |byte: &u8| {
            let known = FREQUENT.iter().position(|frequent| frequent == byte);
            known.unwrap_or(FREQUENT.len())
        };
        let bytes = text.as_bytes();
        let rare = (0..bytes.len()).max_by_key(|at| rareness(&bytes[*at]))?;
        let letter = bytes[rare];
        Some(Needle {
            rare,
            letters: [letter, letter.to_ascii_uppercase()],
            text,
        })
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let [lower, upper] = self.letters;
        let mut found = memchr::memchr2_iter(lower, upper, text);
        found.any(|at| {
            let start = at.checked_sub(self.rare);
            let there = start.and_then(|start| text.get(start..start + self.text.len()));
            there.is_some_and(|there| there.eq_ignore_ascii_case(self.text.as_bytes()))
        })
    }
}

impl Things {
    /// Other spellings of a name of this kind.
    pub(crate) fn aliases_of<'t>(
        &'t self,
        kind: &'t str,
        name: &'t str,
    ) -> impl Iterator<Item = &'t str> {
        let aliases = self.thing(kind).map_or(&[][..], |thing| &thing.aliases);
        let pairs = aliases.iter();
        let is_same = move |one: &str, other: &str| self.is_same_name(kind, one, other);
        let meant = pairs.clone().find(|(alias, _)| is_same(alias, name));
        let meant = meant.map_or(name, |(_, meant)| meant);
        let others = pairs.filter(move |(_, name)| is_same(name, meant));
        others.map(|(alias, _)| &**alias).chain([meant])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(name: &str, text: &str) -> bool {
        Filter::new([name]).unwrap().may_hold(text)
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        for text in [
            "#{Service . HOST}",
            "service.host",
            "x SERVICE",
            "\u{17f}ervice",
            "Service",
        ] {
            assert!(holds("Service.Host", text), "{text}");
        }
        assert!(!holds("Service.Host", "Host of a servic") && !holds("Service.Host", "é"));
        assert!(holds("Say \"it\"", "say \\\"IT") && holds("x", "X") && !holds("x", "y"));
        assert!(Filter::new(["Ключ"]).is_none() && Filter::new([""]).is_none());
        assert!(Filter::new(["a", "."]).is_none());
    }
}
