//! The language's grammar below the level of `#{`: paths, filters, conditions.
//!
//! The server's grammar is one of ordered choice: the first alternative that fits is taken, and is never taken back. Names
//! may hold blanks, so `#{if x}` without its end names the variable `if x`. Every method takes where it begins and gives where
//! it ends, else where it stopped: a script is read on from there.

use memchr::memmem;

use super::character::{is_blank, is_of_name};
use super::items::{Items, Stopped};
use super::model::{Filter, Role};
use super::path::{Path, Step, StepKind};

pub(super) type Read<T = usize> = Result<T, Stopped>;

/// What was met within one `#{...}`.
#[derive(Debug, Clone)]
pub(super) enum Found<'t> {
    Name(Path<'t>, Role),
    Filter(Filter<'t>),
    /// Another item begins there: an index (a substitution and nothing else) or a filter's option.
    Nested(usize, Role),
}

/// Reads one `#{...}`, given those that begin after it.
pub(super) struct Reader<'t, 'i> {
    pub(super) text: &'t str,
    items: &'i Items<'t>,
    /// What was met, if somebody wants to know.
    found: Option<Vec<Found<'t>>>,
}

/// One of several alternatives.
type Alternative<'t, 'i> = fn(&mut Reader<'t, 'i>, usize) -> Read;

impl<'t, 'i> Reader<'t, 'i> {
    /// One that only finds ends.
    pub(super) fn new(text: &'t str, items: &'i Items<'t>) -> Self {
        let found = None;
        Self { text, items, found }
    }

    /// One that keeps what it meets.
    pub(super) fn finding(text: &'t str, items: &'i Items<'t>) -> Self {
        let found = Some(Vec::new());
        Self { text, items, found }
    }

    /// What was met so far.
    pub(super) fn take_found(&mut self) -> Vec<Found<'t>> {
        self.found.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn push(&mut self, found: impl FnOnce() -> Found<'t>) {
        if let Some(all) = &mut self.found {
            all.push(found());
        }
    }

    /// The alternatives in their order. Where none fits, reading stopped where the best of them did.
    fn first_of(&mut self, at: usize, alternatives: &[Alternative<'t, 'i>]) -> Read {
        let mut stopped = at;
        for alternative in alternatives {
            match self.attempt(|reader| alternative(reader, at)) {
                Ok(end) => return Ok(end),
                Err(Stopped(place)) => stopped = stopped.max(place),
            }
        }
        Err(Stopped(stopped))
    }

    /// Forgets what a failure met.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let known = self.found.as_ref().map_or(0, Vec::len);
        let outcome = read(self);
        if let (Err(_), Some(found)) = (&outcome, &mut self.found) {
            found.truncate(known);
        }
        outcome
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn character(&self, at: usize) -> Option<char> {
        match self.byte(at)? {
            byte if byte.is_ascii() => Some(char::from(byte)),
            _ => self.text[at..].chars().next(),
        }
    }

    pub(super) fn blanks(&self, mut at: usize) -> usize {
        while let Some(c) = self.character(at).filter(|&c| is_blank(c)) {
            at += c.len_utf8();
        }
        at
    }

    pub(super) fn some_blanks(&self, at: usize) -> Read {
        let end = self.blanks(at);
        if end > at { Ok(end) } else { Err(Stopped(at)) }
    }

    pub(super) fn literal(&self, at: usize, literal: &str) -> Read {
        self.same(at, literal, |a, b| a == b)
    }

    /// A word without regard to case.
    pub(super) fn keyword(&self, at: usize, word: &str) -> Read {
        self.same(at, word, |a, b| a.eq_ignore_ascii_case(&b))
    }

    fn same(&self, at: usize, wanted: &str, equal: fn(u8, u8) -> bool) -> Read {
        for (index, wanted) in wanted.bytes().enumerate() {
            if !self
                .byte(at + index)
                .is_some_and(|byte| equal(byte, wanted))
            {
                return Err(Stopped(at + index));
            }
        }
        Ok(at + wanted.len())
    }

    /// `#{`, unless it closes something.
    pub(super) fn opening(&self, at: usize) -> Read {
        match self.literal(at, "#{/") {
            Ok(_) => Err(Stopped(at)),
            Err(_) => self.literal(at, "#{"),
        }
    }

    pub(super) fn closing(&self, at: usize) -> Read {
        self.literal(self.blanks(at), "}")
    }

    /// A name, which may hold blanks.
    fn name(&self, at: usize) -> Read<(Step<'t>, usize)> {
        let mut end = at;
        while let Some(c) = self.character(end) {
            let next = end + c.len_utf8();
            if !(is_of_name(c) || is_blank(c) && !self.ends_name(next)) {
                break;
            }
            end = next;
        }
        if end == at {
            return Err(Stopped(at));
        }
        let raw = &self.text[at..end];
        let start = at + raw.len() - raw.trim_start_matches(is_blank).len();
        let name = raw.trim_matches(is_blank);
        let place = start..start + name.len();
        let kind = StepKind::Name(name);
        Ok((Step { kind, place }, end))
    }

    /// Whether a blank before this place is no part of a name: before a bar, a closing brace or a word of the language.
    /// The server doesn't look at the text's last character here.
    fn ends_name(&self, at: usize) -> bool {
        let rest = &self.text.as_bytes()[at..];
        if matches!(rest, [b'|' | b'}', _, ..]) {
            return true;
        }
        let word = matches!(rest, [b'i', b'n', ..] | [b'=' | b'!', b'=', ..]);
        word && self.character(at + 2).is_some_and(is_blank)
    }

    /// A name as filters have it, without blanks.
    fn word(&self, at: usize) -> Read {
        let mut end = at;
        while let Some(c) = self.character(end).filter(|&c| is_of_name(c)) {
            end += c.len_utf8();
        }
        if end > at { Ok(end) } else { Err(Stopped(at)) }
    }

    pub(super) fn symbol(&mut self, at: usize, role: Role) -> Read {
        // The path itself is put together only for somebody who asks.
        if self.found.is_none() {
            return self.path_end(at);
        }
        let (path, end) = self.path(at)?;
        for step in &path.steps {
            if step.kind == StepKind::Computed {
                let item = self.blanks(step.place.start + 1);
                self.push(|| Found::Nested(item, Role::Index));
            }
        }
        self.push(|| Found::Name(path, role));
        Ok(end)
    }

    fn path_end(&self, at: usize) -> Read {
        let (_, mut end) = self.name(at)?;
        while let Ok((_, next)) = self.further_step(end) {
            end = next;
        }
        Ok(end)
    }

    /// A path, and where it ends.
    pub(super) fn path(&self, at: usize) -> Read<(Path<'t>, usize)> {
        let (first, mut end) = self.name(at)?;
        let mut steps = vec![first];
        while let Ok((step, next)) = self.further_step(end) {
            steps.push(step);
            end = next;
        }
        Ok((Path { steps }, end))
    }

    fn further_step(&self, at: usize) -> Read<(Step<'t>, usize)> {
        match self.byte(at) {
            Some(b'.') => self.name(at + 1),
            Some(b'[') => self.index(at),
            _ => Err(Stopped(at)),
        }
    }

    fn index(&self, at: usize) -> Read<(Step<'t>, usize)> {
        let inner = self.blanks(at + 1);
        if let Some(end) = self.items.plain_substitution(inner)
            && let Ok(end) = self.literal(self.blanks(end), "]")
        {
            let kind = StepKind::Computed;
            let place = at..end;
            return Ok((Step { kind, place }, end));
        }
        let close = self.items.closing_bracket(at).ok_or(Stopped(at))?;
        let kind = StepKind::Index(&self.text[at + 1..close]);
        let place = at..close + 1;
        Ok((Step { kind, place }, close + 1))
    }

    /// A path, or a chain of filters with or without one. Also tells whether it is a path alone.
    pub(super) fn expression(&mut self, at: usize, role: Role) -> Read<(usize, bool)> {
        let symbol = self.symbol(at, role);
        let bar = symbol.map_or(at, |end| self.blanks(end));
        match (self.attempt(|reader| reader.filters(bar)), symbol) {
            (Ok(end), _) => Ok((end, false)),
            (Err(_), Ok(end)) => Ok((end, true)),
            (Err(Stopped(a)), Err(Stopped(b))) => Err(Stopped(a.max(b))),
        }
    }

    /// One filter or more. Between an option that is an item and the next bar no blank may stand.
    fn filters(&mut self, at: usize) -> Read {
        let mut end = self.filter(at)?;
        while let Ok(next) = self.attempt(|reader| reader.filter(end)) {
            end = next;
        }
        Ok(end)
    }

    fn filter(&mut self, at: usize) -> Read {
        let start = self.blanks(self.literal(at, "|")?);
        let end = self.word(start)?;
        let text = self.text;
        let mut filter = Filter {
            name: &text[start..end],
            place: start..end,
            options: Vec::new(),
        };
        let mut at = self.blanks(end);
        while let Ok((option, next)) = self.option(at) {
            filter.options.push(option);
            at = next;
        }
        self.push(|| Found::Filter(filter));
        Ok(at)
    }

    fn option(&mut self, at: usize) -> Read<(std::ops::Range<usize>, usize)> {
        if let Some(end) = self.items.end(at) {
            self.push(|| Found::Nested(at, Role::Option));
            return Ok((at..end, end));
        }
        let start = self.blanks(at);
        let end = self
            .word(start)
            .or_else(|_| self.quoted(start))
            .or_else(|_| self.escaped_quoted(start))?;
        Ok((start..end, self.blanks(end)))
    }

    /// `"text"`, in which there may be no `#`.
    fn quoted(&self, at: usize) -> Read {
        let start = self.literal(at, "\"")?;
        let rest = &self.text.as_bytes()[start..];
        let length = memchr::memchr2(b'"', b'#', rest).unwrap_or(rest.len());
        self.literal(start + length, "\"")
    }

    /// `\"text\"`, as it stands in JSON.
    fn escaped_quoted(&self, at: usize) -> Read {
        let start = self.literal(at, "\\\"")?;
        match memmem::find(&self.text.as_bytes()[start..], b"\\\"") {
            Some(length) => Ok(start + length + 2),
            None => Err(Stopped(self.text.len())),
        }
    }

    fn any_quoted(&mut self, at: usize) -> Read {
        let first = self.quoted(at);
        first.or_else(|Stopped(a)| {
            let second = self.escaped_quoted(at);
            second.map_err(|Stopped(b)| Stopped(a.max(b)))
        })
    }

    /// What an `if`, `unless` or `elseif` asks, with the blanks after it.
    pub(super) fn condition(&mut self, at: usize) -> Read {
        let at = self.blanks(at);
        let value: Alternative<'t, 'i> = |reader, at| Ok(reader.expression(at, Role::Condition)?.0);
        let two_values: Alternative<'t, 'i> = |reader, at| {
            let (end, _) = reader.expression(at, Role::Condition)?;
            let right = reader.comparison(end)?;
            Ok(reader.expression(right, Role::Condition)?.0)
        };
        let text_first: Alternative<'t, 'i> = |reader, at| {
            let end = reader.any_quoted(at)?;
            let right = reader.comparison(end)?;
            Ok(reader.expression(right, Role::Condition)?.0)
        };
        let text_last: Alternative<'t, 'i> = |reader, at| {
            let (end, _) = reader.expression(at, Role::Condition)?;
            let right = reader.comparison(end)?;
            reader.any_quoted(right)
        };
        let end = self.first_of(at, &[two_values, text_first, text_last, value])?;
        Ok(self.blanks(end))
    }

    /// `==` or `!=`, with the blanks around it.
    fn comparison(&self, at: usize) -> Read {
        let at = self.blanks(at);
        let equal = self.literal(at, "==");
        let end = equal.or_else(|Stopped(a)| {
            let different = self.literal(at, "!=");
            different.map_err(|Stopped(b)| Stopped(a.max(b)))
        })?;
        Ok(self.blanks(end))
    }

    /// `#{expression}`; also tells whether the expression is a path alone.
    pub(super) fn substitution(&mut self, at: usize, role: Role) -> Read<(usize, bool)> {
        let at = self.blanks(self.opening(at)?);
        let (end, plain) = self.expression(at, role)?;
        Ok((self.closing(end)?, plain))
    }

    /// `#{if condition}` or `#{unless condition}`; also tells whether it is an `if`.
    pub(super) fn conditional_head(&mut self, at: usize) -> Read<(usize, bool)> {
        let at = self.blanks(self.opening(at)?);
        let (end, is_if) = match (self.keyword(at, "if"), self.keyword(at, "unless")) {
            (Ok(end), _) => (end, true),
            (_, Ok(end)) => (end, false),
            (Err(Stopped(a)), Err(Stopped(b))) => return Err(Stopped(a.max(b))),
        };
        let end = self.condition(self.some_blanks(end)?)?;
        Ok((self.closing(end)?, is_if))
    }

    /// `#{elseif` and a blank: where the body of an `if` ends.
    pub(super) fn else_if(&self, at: usize) -> Read {
        let at = self.literal(at, "#{elseif")?;
        let blank = self.character(at).filter(|&c| is_blank(c));
        blank.map(|c| at + c.len_utf8()).ok_or(Stopped(at))
    }

    /// `#{elseif condition}`.
    pub(super) fn else_if_head(&mut self, at: usize) -> Read {
        let at = self.else_if(at)?;
        let end = self.condition(at)?;
        self.closing(end)
    }

    /// `#{each name in collection}`; also gives the name.
    pub(super) fn each_head(&mut self, at: usize) -> Read<(Step<'t>, usize)> {
        let at = self.blanks(self.opening(at)?);
        let at = self.some_blanks(self.keyword(at, "each")?)?;
        let (name, end) = self.name(at)?;
        let at = self.keyword(self.blanks(end), "in")?;
        let end = self.symbol(self.blanks(at), Role::Collection)?;
        Ok((name, self.closing(end)?))
    }
}
