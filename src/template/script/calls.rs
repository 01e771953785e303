//! The calls by which scripts name variables.
//!
//! By hand, since patterns would have to be compiled in every process that looks at one script: that is most of the time that a
//! search of some hundred refs takes.

use std::ops::Range;

use super::syntax::Syntax;

/// A way to name a variable, and the syntaxes that have it.
pub(super) struct Way {
    pub(super) taken_by: &'static [Syntax],
    /// From where `octopus` stands in a script: where the call begins and ends, and the name within.
    read: fn(Script<'_>, usize) -> Option<Call>,
}

/// A call that names a variable.
pub(super) struct Call {
    start: usize,
    pub(super) name: Range<usize>,
    end: usize,
}

pub(super) const WAYS: &[Way] = &[
    Way {
        taken_by: &[
            Syntax::PowerShell,
            Syntax::CSharp,
            Syntax::FSharp,
            Syntax::Python,
        ],
        read: |script, at| script.parameters(at),
    },
    Way {
        taken_by: &[Syntax::Bash, Syntax::Python],
        read: |script, at| script.function(at),
    },
    // A word without quotes. A dollar sign before it would make it a variable of the script.
    Way {
        taken_by: &[Syntax::Bash],
        read: |script, at| script.function_of_word(at),
    },
    Way {
        taken_by: &[Syntax::FSharp],
        read: |script, at| script.find_variable(at),
    },
];

/// Where a script says `octopus`, in any case.
pub(super) fn mentions(script: &str) -> Vec<usize> {
    const WORD: &[u8] = b"octopus";
    const RARE: usize = 4;
    let bytes = script.as_bytes();
    let rare = memchr::memchr2_iter(b'p', b'P', bytes);
    let starts = rare.filter_map(|at| at.checked_sub(RARE));
    let is_one = |start: &usize| {
        let word = bytes.get(*start..*start + WORD.len());
        word.is_some_and(|word| word.eq_ignore_ascii_case(WORD))
    };
    starts.filter(is_one).collect()
}

impl Way {
    /// The calls at these places, in order and without overlaps.
    pub(super) fn calls(&self, script: &str, mentions: &[usize]) -> Vec<Call> {
        let mut calls: Vec<Call> = Vec::new();
        for &at in mentions {
            let done = calls.last().map_or(0, |call| call.end);
            let call = (self.read)(Script(script), at);
            calls.extend(call.filter(|call| call.start >= done));
        }
        calls
    }
}

#[derive(Clone, Copy)]
struct Script<'t>(&'t str);

impl Script<'_> {
    /// `OctopusParameters["X"]`, `Octopus.Parameters["X"]`, `.ContainsKey("X")` and its likes. PowerShell doesn't mind case.
    fn parameters(self, at: usize) -> Option<Call> {
        let start = self.word_start(at)?;
        let at = self.any_case(at, "octopus")?;
        let at = self.any_case(self.literal(at, ".").unwrap_or(at), "parameters")?;
        let at = self.blanks(at);
        let index = self.literal(self.literal(at, ".").unwrap_or(at), "[");
        let at = index.or_else(|| {
            let at = self.literal(at, ".")?;
            let methods = ["containskey", "contains", "get_item", "item", "get"];
            let mut ends = methods.iter().filter_map(|name| self.any_case(at, name));
            ends.find_map(|end| self.literal(self.blanks(end), "("))
        })?;
        self.quoted(start, self.blanks(at))
    }

    /// `get_octopusvariable "X"` and `get_octopusvariable("X")`.
    fn function(self, at: usize) -> Option<Call> {
        let (start, at) = self.function_name(at)?;
        let after_blanks = self.some_blanks_of_line(at);
        let quoted = after_blanks.and_then(|at| self.quoted(start, at));
        quoted.or_else(|| {
            let at = self.literal(self.blanks(at), "(")?;
            self.quoted(start, self.blanks(at))
        })
    }

    /// `get_octopusvariable X`
    fn function_of_word(self, at: usize) -> Option<Call> {
        let (start, at) = self.function_name(at)?;
        let at = self.some_blanks_of_line(at)?;
        let is_of_word = |c: char| is_word(c) || matches!(c, ':' | '/' | '~' | '@' | '-');
        let mut end = self.skip(at, is_of_word);
        if end == at {
            return None;
        }
        while let Some(next) = self.literal(end, ".") {
            let further = self.skip(next, is_of_word);
            if further == next {
                break;
            }
            end = further;
        }
        let name = at..end;
        Some(Call { start, name, end })
    }

    /// `Octopus.findVariable "X"`, `Octopus.tryFindVariable "X"` and `Octopus.findVariableOrDefault "none" "X"`.
    fn find_variable(self, at: usize) -> Option<Call> {
        let start = self.word_start(at)?;
        let at = self.literal(at, "Octopus.")?;
        if let Some(at) = self.literal(at, "tryFindVariable") {
            return self.quoted(start, self.some_blanks(at)?);
        }
        let at = self.literal(at, "findVariable")?;
        let plain = self.some_blanks(at);
        if let Some(call) = plain.and_then(|at| self.quoted(start, at)) {
            return Some(call);
        }
        let at = self.some_blanks(self.literal(at, "OrDefault")?)?;
        let on_line = |c: char| !matches!(c, '\r' | '\n');
        let default = if let Some(inner) = self.literal(at, "(") {
            let end = self.skip(inner, |c| on_line(c) && !matches!(c, '(' | ')'));
            self.literal(end, ")")?
        } else if let Some(inner) = self.literal(at, "\"") {
            self.literal(self.skip(inner, |c| on_line(c) && c != '"'), "\"")?
        } else {
            let end = self.skip(at, |c| is_word(c) || c == '.');
            (end > at).then_some(end)?
        };
        self.quoted(start, self.some_blanks(default)?)
    }

    /// Where `get_octopusvariable` begins and ends.
    fn function_name(self, at: usize) -> Option<(usize, usize)> {
        let start = self.word_start(at.checked_sub(4)?)?;
        Some((start, self.literal(start, "get_octopusvariable")?))
    }

    /// The place, if a word begins there.
    fn word_start(self, at: usize) -> Option<usize> {
        let before = self.0.get(..at)?.chars().next_back();
        before.is_none_or(|c| !is_word(c)).then_some(at)
    }

    /// A call that ends with a text in quotes, which has one character at least.
    fn quoted(self, start: usize, at: usize) -> Option<Call> {
        let quote = char::from(*self.0.as_bytes().get(at)?);
        if !matches!(quote, '"' | '\'') {
            return None;
        }
        let name = at + 1..self.skip(at + 1, |c| c != quote && !matches!(c, '\r' | '\n'));
        let is_closed = self.0[name.end..].starts_with(quote);
        let end = name.end + 1;
        (is_closed && !name.is_empty()).then_some(Call { start, name, end })
    }

    fn literal(self, at: usize, literal: &str) -> Option<usize> {
        let rest = self.0.as_bytes().get(at..)?;
        rest.starts_with(literal.as_bytes())
            .then_some(at + literal.len())
    }

    fn any_case(self, at: usize, word: &str) -> Option<usize> {
        let end = at + word.len();
        let there = self.0.as_bytes().get(at..end)?;
        there.eq_ignore_ascii_case(word.as_bytes()).then_some(end)
    }

    fn skip(self, at: usize, is_part: impl Fn(char) -> bool) -> usize {
        let rest = &self.0[at..];
        at + rest.find(|c| !is_part(c)).unwrap_or(rest.len())
    }

    fn blanks(self, at: usize) -> usize {
        self.skip(at, char::is_whitespace)
    }

    fn some_blanks(self, at: usize) -> Option<usize> {
        let end = self.blanks(at);
        (end > at).then_some(end)
    }

    fn some_blanks_of_line(self, at: usize) -> Option<usize> {
        let end = self.skip(at, |c| matches!(c, ' ' | '\t'));
        (end > at).then_some(end)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
