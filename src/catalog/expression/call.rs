//! Calling a function: its arguments, its cost, and the functions with state.

use std::borrow::Cow;

use super::budget::LOOKS_PER_PATTERN;
use super::evaluator::{Evaluated, EvaluationError, Evaluator, Scope, error};
use super::function::{Function, Run, compile_pattern};
use super::library::{Outcome, coalesce, is_blank, merge, text};
use super::local::Local;
use super::syntax::Expression;
use super::value::Value;
use crate::ocl::doubled_json_name;

impl Evaluator<'_> {
    pub(super) fn call<'a>(
        &self,
        whole: &'a Expression,
        function: &'a Function,
        arguments: &'a [Expression],
        spread: bool,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Evaluated<'a> {
        match function.definition.run {
            Run::Try => {
                let mut failure = None;
                for argument in arguments {
                    match self.run(argument, scope, locals) {
                        Ok(value) => return Ok(value),
                        Err(error) if self.stopped.get() => return Err(error),
                        Err(error) => failure = Some(error),
                    }
                }
                return Err(failure.unwrap_or_else(|| error(whole, "`try` has nothing to try")));
            }
            Run::Can => {
                return match self.run_unread(&arguments[0], scope, locals) {
                    Err(error) if self.stopped.get() => Err(error),
                    result => Ok(Value::Bool(result.is_ok())),
                };
            }
            Run::Plain(_)
            | Run::WritesOut(_)
            | Run::Size(_)
            | Run::Pattern(_)
            | Run::Decode
            | Run::Lookup
            | Run::Unique
            | Run::Type
            | Run::Coalesce
            | Run::Merge => {}
        }
        let read_before = self.reads.borrow().len();
        let mut values = Vec::with_capacity(arguments.len());
        let mut is_found = false;
        for argument in arguments {
            let read_before = self.reads.borrow().len();
            let value = if function.gives_a_size() && !spread {
                self.run_unread(argument, scope, locals)?
            } else {
                self.run(argument, scope, locals)?
            };
            if let Run::Coalesce = function.definition.run {
                // What stands behind the value that is taken can still be lost.
                if is_found && !is_blank(&value) {
                    self.reads.borrow_mut().truncate(read_before);
                }
                is_found |= !is_blank(&value);
            }
            values.push(value);
        }
        if spread && let Some(last) = values.pop() {
            self.touch(&last);
            let items = last.items().ok_or_else(|| {
                error(
                    whole,
                    format!("`...` spreads a list, not {}", last.type_name()),
                )
            })?;
            values.extend(items);
            let (least, most) = function.arity();
            if values.len() < least || most.is_some_and(|most| values.len() > most) {
                let message = format!(
                    "`{}` does not take {} arguments",
                    function.name(),
                    values.len()
                );
                return Err(error(whole, message));
            }
        }
        match function.definition.run {
            Run::Size(_) => values.iter().for_each(|value| self.count_members(value)),
            Run::Type if matches!(values[0], Value::Null) => {}
            // A value of which only the type was read can still be lost.
            Run::Type => self.reads.borrow_mut().truncate(read_before),
            // The one that is taken is handed on: what uses it reads of it.
            Run::Coalesce => {}
            Run::Merge => self.touch_merged(&values),
            _ => values.iter().for_each(|value| self.touch(value)),
        }
        self.answer(whole, function, &values)
    }

    /// What a function makes of its arguments, of which what it reads is noted already.
    pub(super) fn answer<'a>(
        &self,
        whole: &'a Expression,
        function: &'a Function,
        values: &[Value<'a>],
    ) -> Evaluated<'a> {
        let result = match &function.definition.run {
            Run::Plain(run) | Run::Size(run) => run(values),
            Run::WritesOut(run) => {
                self.weigh(&values[0], whole)?;
                run(values)
            }
            Run::Pattern(run) => match &function.pattern {
                Some(pattern) => run(pattern, values),
                None => {
                    self.budget.charge(LOOKS_PER_PATTERN);
                    text(values, 0)
                        .and_then(|pattern| compile_pattern(&pattern))
                        .and_then(|pattern| run(&pattern, values))
                }
            },
            Run::Decode => self.decode(values),
            Run::Lookup => self.ask(values),
            Run::Unique => self.unique(values),
            Run::Type => Ok(Value::string(values[0].type_keyword())),
            Run::Coalesce => coalesce(values),
            Run::Merge => merge(values),
            Run::Try | Run::Can => unreachable!("answered above"),
        };
        let value =
            result.map_err(|message| error(whole, format!("{}: {message}", function.name())))?;
        self.spend_on(&value, whole)?;
        Ok(value)
    }

    fn spend_on(&self, value: &Value<'_>, at: &Expression) -> Result<(), EvaluationError> {
        let bytes = match value {
            Value::String(Cow::Owned(text)) => text.len(),
            Value::List(items) => items.len() * size_of::<Value<'_>>(),
            Value::Map(entries) => entries.len() * size_of::<Value<'_>>() * 2,
            _ => 0,
        };
        self.spend_bytes(bytes, at)
    }

    fn decode<'a>(&self, arguments: &[Value<'a>]) -> Outcome<'a> {
        let json = text(arguments, 0)?;
        let value = serde_json::from_str(&json).map_err(|error| format!("not JSON: {error}"))?;
        if let Some(doubled) = doubled_json_name(&json) {
            // The document is wrong, not the step: a default in its place would lose both values.
            self.stopped.set(true);
            return Err(format!("{doubled} of the text: keep the right one"));
        }
        Value::from_json(value)
    }

    fn ask<'a>(&self, arguments: &[Value<'a>]) -> Outcome<'a> {
        let (table, key) = (text(arguments, 0)?, text(arguments, 1)?);
        let answer = self.lookup.lookup(&table, &key).inspect_err(|_| {
            self.stopped.set(true);
        })?;
        let default = arguments.get(2);
        let answer = match (answer, default) {
            (Some(answer), _) => Value::from_json(answer)
                .map_err(|message| format!("the server's table {table:?}, {key:?}: {message}"))?,
            (None, Some(default)) => return Ok(default.clone()),
            (None, None) => {
                return Err(format!(
                    "no answer for {key:?} in the server's table {table:?}"
                ));
            }
        };
        let wanted = default.filter(|default| !matches!(default, Value::Null));
        match wanted.filter(|wanted| wanted.type_keyword() != answer.type_keyword()) {
            None => Ok(answer),
            Some(wanted) => {
                // The answer is wrong, not the document: `try` must not hide it.
                self.stopped.set(true);
                Err(format!(
                    "the server's table {table:?} has {} under {key:?}, where this step takes {}, as its default is: \
                     correct the table",
                    answer.type_name(),
                    wanted.type_name()
                ))
            }
        }
    }

    fn unique<'a>(&self, arguments: &[Value<'a>]) -> Outcome<'a> {
        let wanted = text(arguments, 0)?;
        let mut given = self.given.borrow_mut();
        let Some(mut number) = given.get(&*wanted).copied() else {
            given.insert(wanted.to_string(), 0);
            return Ok(Value::String(wanted));
        };
        // No earlier result becomes free again, so the search continues at the last number.
        let unique = loop {
            number += 1;
            let unique = format!("{wanted}-{number}");
            if !given.contains_key(&unique) {
                break unique;
            }
        };
        given.insert(wanted.into_owned(), number);
        given.insert(unique.clone(), 0);
        Ok(Value::string(unique))
    }
}
