//! `for` over lists and objects.

use std::borrow::Cow;
use std::rc::Rc;

use indexmap::map::Entry;

use super::evaluate::truth;
use super::evaluator::{Evaluated, EvaluationError, Evaluator, Scope, error};
use super::local::Local;
use super::syntax::For;
use super::value::{Entries, Value};

impl Evaluator<'_> {
    pub(super) fn for_expression<'a>(
        &self,
        for_: &'a For,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Evaluated<'a> {
        let before = self.reads.borrow().len();
        let collection = self.run(&for_.collection, scope, locals)?;
        self.hand_out(&collection);
        let pairs: Vec<(Value<'a>, Local<'a>)> = if let Some(items) = Local::items_of(&collection) {
            let numbered = items.into_iter().enumerate();
            numbered
                .map(|(index, item)| (Value::Number(index.to_string().into()), item))
                .collect()
        } else if let Some(entries) = Local::entries_of(&collection) {
            let entries = entries.into_iter();
            entries
                .map(|(key, value)| (Value::String(key), value))
                .collect()
        } else if matches!(collection, Value::Null) {
            Vec::new()
        } else {
            let message = format!(
                "a `for` goes over a list or an object, not {}",
                collection.type_name()
            );
            return self.led_on(
                &for_.collection,
                before,
                Err(error(&for_.collection, message)),
            );
        };
        let mut list = Vec::new();
        let mut map = Entries::default();
        if for_.key.is_some() {
            map.reserve(pairs.len());
        }
        for (key, value) in pairs {
            let depth = locals.len();
            if for_.has_key {
                locals.push(key.into());
            }
            locals.push(value);
            let result = self.for_item(for_, scope, locals);
            locals.truncate(depth);
            match result? {
                None => {}
                Some((None, value)) => list.push(value),
                Some((Some(key), value)) => match map.entry(key) {
                    Entry::Vacant(place) => {
                        place.insert(if for_.grouping {
                            Value::list(vec![value])
                        } else {
                            value
                        });
                    }
                    Entry::Occupied(mut group) => match group.get_mut() {
                        Value::List(items) if for_.grouping => Rc::make_mut(items).push(value),
                        _ => {
                            let key = group.key();
                            let message = format!(
                                "the key {key:?} occurs twice: write `...` after the result to group its values"
                            );
                            return Err(error(&for_.result, message));
                        }
                    },
                },
            }
        }
        Ok(if for_.key.is_some() {
            Value::map(map)
        } else {
            Value::list(list)
        })
    }

    /// The key and the result for one item; `None` if the condition leaves it out.
    #[allow(clippy::type_complexity)] // an item of a `for` is just that
    fn for_item<'a>(
        &self,
        for_: &'a For,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Result<Option<(Option<Cow<'a, str>>, Value<'a>)>, EvaluationError> {
        if let Some(condition) = &for_.condition
            && !truth(&self.run(condition, scope, locals)?, condition)?
        {
            return Ok(None);
        }
        let key = match &for_.key {
            Some(key) => Some(self.text(key, scope, locals)?),
            None => None,
        };
        Ok(Some((key, self.run(&for_.result, scope, locals)?)))
    }
}
