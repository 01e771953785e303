//! `#{calc ...}`: operands with operators between them.

use super::grammar::{Read, Reader};
use super::items::Stopped;
use super::model::Role;

impl Reader<'_, '_> {
    /// `#{calc expression}`.
    pub(super) fn calculation(&mut self, at: usize) -> Read {
        let at = self.blanks(self.opening(at)?);
        let at = self.some_blanks(self.keyword(at, "calc")?)?;
        let end = self.sum(at)?;
        self.closing(end)
    }

    /// Operands with operators between them, in parentheses or not.
    fn sum(&mut self, at: usize) -> Read {
        // For each parenthesis that is open, and for the whole: where the last operand before an operator ends.
        let mut levels: Vec<Option<usize>> = vec![None];
        let mut at = at;
        loop {
            if self.byte(at) == Some(b'(') {
                levels.push(None);
                at += 1;
                continue;
            }
            let mut end = match self.attempt(|reader| reader.operand(at)) {
                Ok(end) => end,
                Err(stopped) => return before_operator(levels, stopped),
            };
            loop {
                let operator = self.blanks(end);
                if matches!(self.byte(operator), Some(b'+' | b'-' | b'*' | b'/' | b'%')) {
                    if let Some(level) = levels.last_mut() {
                        *level = Some(end);
                    }
                    at = self.blanks(operator + 1);
                    break;
                }
                if levels.len() == 1 {
                    return Ok(end);
                }
                if self.byte(end) != Some(b')') {
                    levels.pop();
                    return before_operator(levels, Stopped(end));
                }
                levels.pop();
                end += 1;
            }
        }
    }

    /// A number, `{path}` or a path. What begins like one of them is nothing else.
    fn operand(&mut self, at: usize) -> Read {
        match self.character(at) {
            Some(c) if c.is_numeric() || c == '.' => self.number(at),
            Some('{') => {
                let start = self.blanks(at + 1);
                let end = self.symbol(start, Role::Calculation)?;
                self.closing(end)
            }
            _ => {
                let end = self.symbol(self.blanks(at), Role::Calculation)?;
                Ok(self.blanks(end))
            }
        }
    }

    fn number(&self, at: usize) -> Read {
        let digits = |at: usize| {
            let rest = &self.text.as_bytes()[at..];
            at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let whole = digits(at);
        if self.byte(whole) != Some(b'.') {
            return if whole > at {
                Ok(whole)
            } else {
                Err(Stopped(at))
            };
        }
        let end = digits(whole + 1);
        if end > whole + 1 {
            Ok(end)
        } else {
            Err(Stopped(end))
        }
    }
}

/// An operator without an operand after it isn't one: what stands before it is the result, and inside parentheses it is an
/// error that no parenthesis follows.
fn before_operator(mut levels: Vec<Option<usize>>, stopped: Stopped) -> Read {
    let mut stopped = stopped;
    while let Some(level) = levels.pop() {
        match level {
            Some(end) if levels.is_empty() => return Ok(end),
            Some(end) => stopped = Stopped(end),
            None => {}
        }
    }
    Err(stopped)
}
