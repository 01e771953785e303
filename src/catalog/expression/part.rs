//! A part of what a function has put together: of the function's arguments, only what stands there is read.

use super::evaluator::{Evaluated, Evaluator, Scope};
use super::function::Function;
use super::local::Local;
use super::number;
use super::syntax::{Expression, ExpressionKind};
use super::value::Value;
use crate::ocl::Node;

/// A call of a function that puts lists or objects together out of the parts of its arguments.
pub(super) struct Assembling<'a> {
    whole: &'a Expression,
    function: &'a Function,
    how: How,
    arguments: &'a [Expression],
}

#[derive(Clone, Copy)]
enum How {
    Concat,
    Merge,
    Reverse,
    Values,
}

impl<'a> Assembling<'a> {
    pub(super) fn of(whole: &'a Expression) -> Option<Assembling<'a>> {
        let ExpressionKind::Call {
            function,
            arguments,
            spread: false,
        } = &whole.kind
        else {
            return None;
        };
        let how = match function.name() {
            "concat" => How::Concat,
            "merge" => How::Merge,
            "reverse" => How::Reverse,
            "values" => How::Values,
            _ => return None,
        };
        Some(Assembling {
            whole,
            function,
            how,
            arguments,
        })
    }

    /// The leaves that are the part of a key, which is a name or a position.
    fn leaves(&self, arguments: &[Value<'a>], key: &Value<'a>) -> Vec<Node<'a>> {
        let lists = || arguments.iter().filter_map(Local::items_of);
        let objects = || arguments.iter().filter_map(Local::entries_of);
        let position = match key {
            Value::Number(position) => number::normal(position).parse().ok(),
            _ => None,
        };
        let found = match (self.how, key, position) {
            (How::Concat, _, Some(position)) => lists().flatten().nth(position),
            (How::Reverse, _, Some(position)) => lists()
                .flat_map(|items| items.into_iter().rev())
                .nth(position),
            (How::Values, _, Some(position)) => {
                objects().flatten().map(|(_, local)| local).nth(position)
            }
            (How::Merge, Value::String(name), _) => {
                let entries = objects().flatten().filter(|(key, _)| key == name);
                entries.map(|(_, local)| local).last()
            }
            _ => None,
        };
        found.map_or_else(Vec::new, |local| local.leaves)
    }
}

impl Evaluator<'_> {
    /// What `select` takes out of the result of a call, by a key.
    pub(super) fn part_of<'a>(
        &self,
        call: Assembling<'a>,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
        key: impl FnOnce(&mut Vec<Local<'a>>) -> Evaluated<'a>,
        select: impl FnOnce(&Value<'a>, &Value<'a>) -> Evaluated<'a>,
    ) -> Evaluated<'a> {
        let (whole, arguments) = (call.whole, call.arguments);
        self.spend_operation(whole)?;
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.run(argument, scope, locals)?);
        }
        let key = key(locals)?;
        values.iter().for_each(|value| self.hand_out(value));
        let result = self.answer(whole, call.function, &values)?;
        for leaf in call.leaves(&values, &key) {
            self.note_read(leaf);
        }
        select(&result, &key)
    }
}
