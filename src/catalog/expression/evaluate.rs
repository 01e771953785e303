//! Evaluates checked expressions over a document.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::evaluator::{Evaluated, EvaluationError, Evaluator, Scope, enclosing, error};
use super::local::Local;
use super::number;
use super::part::Assembling;
use super::syntax::{BinaryOperator, Expression, ExpressionKind, Variable};
use super::value::{Entries, Value, labels_of, text_of};
use crate::ocl::{Kind, LABELS, Node};

/// Refuses a key that a table written in the step doesn't have: null in its place would be a value lost.
fn has_key(table: &Value<'_>, key: &Value<'_>, at: &Expression) -> Result<(), EvaluationError> {
    let message = match (table, key) {
        (Value::Map(entries), Value::String(name)) if !entries.contains_key(name) => {
            format!("the table has no key {name:?}; write try(TABLE[...], DEFAULT) for a default")
        }
        (Value::List(items), Value::Number(position))
            if !number::normal(position)
                .parse::<usize>()
                .is_ok_and(|position| position < items.len()) =>
        {
            format!(
                "the list has {} items, so none at position {position}",
                items.len()
            )
        }
        _ => return Ok(()),
    };
    Err(error(at, message))
}

impl Evaluator<'_> {
    /// The value of an expression.
    pub(crate) fn evaluate<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
    ) -> Evaluated<'a> {
        let value = self.run(expression, scope, &mut Vec::new())?;
        self.weigh(&value, expression)?;
        Ok(value)
    }

    /// The value of a condition.
    pub(crate) fn condition(
        &self,
        expression: &Expression,
        scope: &Scope<'_>,
    ) -> Result<bool, EvaluationError> {
        // `'a` of the scope may be shorter than the lifetime of the expression; both end with this call.
        let value = self.run(expression, scope, &mut Vec::new())?;
        truth(&value, expression)
    }

    pub(super) fn run<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Evaluated<'a> {
        self.spend_operation(expression)?;
        Ok(match &expression.kind {
            ExpressionKind::Null => Value::Null,
            ExpressionKind::Bool(value) => Value::Bool(*value),
            ExpressionKind::Number(text) => Value::Number(Cow::Borrowed(text)),
            ExpressionKind::String(text) => Value::String(Cow::Borrowed(text)),
            ExpressionKind::Template(parts) => self.template(expression, parts, scope, locals)?,
            ExpressionKind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.run(item, scope, locals)?);
                }
                Value::list(values)
            }
            ExpressionKind::Object(entries) => {
                let mut values = Entries::default();
                values.reserve(entries.len());
                for (key, value) in entries {
                    let name = self.text(key, scope, locals)?;
                    let value = self.run(value, scope, locals)?;
                    values.insert(name, value);
                }
                Value::map(values)
            }
            ExpressionKind::Variable(variable) => self.variable(*variable, scope, locals),
            ExpressionKind::Get(base, name) => {
                if let Some(call) = Assembling::of(base) {
                    let key = |_: &mut Vec<Local<'a>>| Ok(Value::String(Cow::Borrowed(&**name)));
                    return self.part_of(call, scope, locals, key, |whole, _| {
                        self.get(whole, name, expression)
                    });
                }
                let before = self.reads.borrow().len();
                let inner = self.run(base, scope, locals)?;
                self.led_on(base, before, self.get(&inner, name, expression))?
            }
            ExpressionKind::Index(indexed, key) => {
                if let Some(call) = Assembling::of(indexed) {
                    let key = |locals: &mut Vec<Local<'a>>| self.run(key, scope, locals);
                    return self.part_of(call, scope, locals, key, |whole, key| {
                        self.index(whole, key, expression)
                    });
                }
                let before = self.reads.borrow().len();
                let inner = self.run(indexed, scope, locals)?;
                let key = self.run(key, scope, locals)?;
                if let ExpressionKind::Object(_) | ExpressionKind::List(_) = indexed.kind {
                    has_key(&inner, &key, expression)?;
                }
                self.led_on(indexed, before, self.index(&inner, &key, expression))?
            }
            ExpressionKind::Splat(inner, each) => {
                let collection = self.run(inner, scope, locals)?;
                let items = match (Local::items_of(&collection), collection) {
                    (Some(items), collection) => {
                        self.hand_out(&collection);
                        items
                    }
                    (None, Value::Null) => Vec::new(),
                    (None, value) => vec![value.into()],
                };
                let mut results = Vec::with_capacity(items.len());
                for item in items {
                    results.push(
                        self.with_locals([item], locals, |locals| self.run(each, scope, locals))?,
                    );
                }
                Value::list(results)
            }
            ExpressionKind::Call {
                function,
                arguments,
                spread,
            } => return self.call(expression, function, arguments, *spread, scope, locals),
            ExpressionKind::Not(inner) => {
                Value::Bool(!truth(&self.run(inner, scope, locals)?, inner)?)
            }
            ExpressionKind::Negate(inner) => {
                let value = self.number(inner, scope, locals)?;
                Value::Number(match value.strip_prefix('-') {
                    Some(positive) => positive.to_owned().into(),
                    None => format!("-{value}").into(),
                })
            }
            ExpressionKind::Binary(operator, a, b) => {
                self.binary(expression, *operator, a, b, scope, locals)?
            }
            ExpressionKind::Conditional(condition, yes, no) => {
                let holds = truth(&self.run(condition, scope, locals)?, condition)?;
                self.run(if holds { yes } else { no }, scope, locals)?
            }
            ExpressionKind::For(for_) => self.for_expression(for_, scope, locals)?,
        })
    }

    fn variable<'a>(
        &self,
        variable: Variable,
        scope: &Scope<'a>,
        locals: &[Local<'a>],
    ) -> Value<'a> {
        match variable {
            Variable::Itself => Value::of(scope.node),
            Variable::Parent => enclosing(scope.node).map_or(Value::Null, Value::of),
            Variable::Document => {
                let mut node = scope.node;
                while let Some(parent) = node.parent() {
                    node = parent;
                }
                Value::of(node)
            }
            Variable::Documents => scope.documents.clone(),
            Variable::Slug => Value::String(Cow::Borrowed(scope.slug)),
            Variable::Value => match scope.value {
                Some(node) => self.old_value(node),
                None => Value::Null,
            },
            Variable::Local(slot) => {
                let local = &locals[slot];
                local.leaves.iter().for_each(|leaf| self.note_read(*leaf));
                self.copy(&local.value)
            }
        }
    }

    /// The value that an operation rewrites. A leaf is read at once; of a larger one each part is when an expression looks
    /// into it, but the operation replaces all of it, so no name in it may be doubled.
    fn old_value<'a>(&self, node: Node<'a>) -> Value<'a> {
        if node.is_leaf() {
            self.note_read(node);
        } else if node.is_any_doubled() {
            let subtree = node.subtree().inspect(|part| self.note_doubled(*part));
            self.budget.charge(subtree.count());
        }
        Value::of(node)
    }

    /// Runs `body` with the variables of a `for` or splat.
    fn with_locals<'a, T, const N: usize>(
        &self,
        values: [Local<'a>; N],
        locals: &mut Vec<Local<'a>>,
        body: impl FnOnce(&mut Vec<Local<'a>>) -> T,
    ) -> T {
        let depth = locals.len();
        locals.extend(values);
        let result = body(locals);
        locals.truncate(depth);
        result
    }

    fn get<'a>(&self, inner: &Value<'a>, name: &str, at: &Expression) -> Evaluated<'a> {
        match inner {
            Value::Node(node) if node.kind() != Kind::List => Ok(self.member(*node, name)),
            Value::Map(entries) => Ok(entries
                .get(name)
                .map_or(Value::Null, |value| self.copy(value))),
            Value::Null => Ok(Value::Null),
            other => {
                let message = format!("{} has no attribute `{name}`", other.type_name());
                Err(error(at, message))
            }
        }
    }

    /// The members of a name in a document, block or dictionary. A leaf is read at once, a larger node only when
    /// an expression looks into it.
    fn member<'a>(&self, node: Node<'a>, name: &str) -> Value<'a> {
        if name == LABELS && node.kind() == Kind::Block {
            node.labels().for_each(|label| self.note_read(label));
            return labels_of(node).unwrap_or(Value::Null);
        }
        let member = node.member(name);
        member
            .into_iter()
            .for_each(|member| self.note_doubled(member));
        let attribute = member.and_then(|member| member.value());
        if let Some(leaf) = attribute.filter(Node::is_leaf) {
            self.note_read(leaf);
        }
        let mut nodes: Vec<Node<'a>> = node.blocks(name).collect();
        self.budget.charge(nodes.len());
        nodes.iter().for_each(|block| self.note_doubled(*block));
        if nodes.is_empty() {
            return attribute.map_or(Value::Null, Value::of);
        }
        if let Some(member) = member {
            // It is among the blocks, in document order.
            self.budget.charge(node.children().count());
            let of_name = node.children().filter(|child| child.name() == name);
            nodes = of_name
                .filter(|child| child.kind() == Kind::Block || *child == member)
                .collect();
        }
        Value::list(nodes.into_iter().map(Value::of).collect())
    }

    fn index<'a>(&self, inner: &Value<'a>, key: &Value<'a>, at: &Expression) -> Evaluated<'a> {
        match key {
            Value::String(name) => self.get(inner, name, at),
            Value::Number(position) => {
                let is_list = match inner {
                    Value::List(_) => true,
                    Value::Node(node) => node.kind() == Kind::List,
                    _ => false,
                };
                let normal = number::normal(position);
                if is_list && !normal.bytes().all(|byte| byte.is_ascii_digit()) {
                    let message = format!(
                        "a list has no position {position}: positions are whole numbers from 0 on"
                    );
                    return Err(error(at, message));
                }
                // What is absent is `null`, in a list as in a map.
                let index = normal.parse::<usize>().unwrap_or(usize::MAX);
                match inner {
                    Value::Null => Ok(Value::Null),
                    Value::List(items) => {
                        Ok(items.get(index).map_or(Value::Null, |item| self.copy(item)))
                    }
                    Value::Node(list) if list.kind() == Kind::List => {
                        let item = list.children().nth(index);
                        self.budget.charge(index.min(list.length()));
                        let leaf = item.filter(Node::is_leaf);
                        leaf.into_iter().for_each(|leaf| self.note_read(leaf));
                        Ok(item.map_or(Value::Null, Value::of))
                    }
                    Value::Map(_) | Value::Node(_) => {
                        let message = format!(
                            "{} is indexed by a name, not by a number: if {position} is a name, write `tostring(...)`",
                            inner.type_name()
                        );
                        Err(error(at, message))
                    }
                    _ => Err(error(at, format!("{} has no items", inner.type_name()))),
                }
            }
            _ => Err(error(
                at,
                format!(
                    "a key must be a string or a number, not {}",
                    key.type_name()
                ),
            )),
        }
    }

    fn template<'a>(
        &self,
        whole: &Expression,
        parts: &'a [Expression],
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Evaluated<'a> {
        let mut text = String::new();
        for part in parts {
            let piece = self.text(part, scope, locals)?;
            self.spend_bytes(piece.len(), whole)?;
            text.push_str(&piece);
        }
        Ok(Value::String(text.into()))
    }

    fn binary<'a>(
        &self,
        whole: &Expression,
        operator: BinaryOperator,
        a: &'a Expression,
        b: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Evaluated<'a> {
        use BinaryOperator as Op;
        if matches!(operator, Op::And | Op::Or) {
            let first = truth(&self.run(a, scope, locals)?, a)?;
            let decided = if operator == Op::And { !first } else { first };
            let result = if decided {
                first
            } else {
                truth(&self.run(b, scope, locals)?, b)?
            };
            return Ok(Value::Bool(result));
        }
        if matches!(operator, Op::Equal | Op::NotEqual) {
            let is_null = |side: &Expression| matches!(side.kind, ExpressionKind::Null);
            let compared = |side: &'a Expression, other, locals: &mut Vec<Local<'a>>| {
                if is_null(other) {
                    // Whether it is there is all that is asked.
                    return self.run_unread(side, scope, locals);
                }
                let value = self.run(side, scope, locals)?;
                self.touch(&value);
                Ok(value)
            };
            let (left, right) = (compared(a, b, locals)?, compared(b, a, locals)?);
            return Ok(Value::Bool(left.equals(&right) == (operator == Op::Equal)));
        }
        let (left, right) = (
            self.number(a, scope, locals)?,
            self.number(b, scope, locals)?,
        );
        let order = || number::compare(&left, &right);
        let calculated = match operator {
            Op::Less => return Ok(Value::Bool(order().is_lt())),
            Op::LessOrEqual => return Ok(Value::Bool(order().is_le())),
            Op::Greater => return Ok(Value::Bool(order().is_gt())),
            Op::GreaterOrEqual => return Ok(Value::Bool(order().is_ge())),
            Op::Add => number::calculate(&left, &right, number::add_exactly),
            Op::Subtract => number::calculate(&left, &right, number::subtract_exactly),
            Op::Multiply => number::calculate(&left, &right, number::multiply_exactly),
            Op::Divide | Op::Remainder if number::compare(&right, "0").is_eq() => {
                Err(format!("{left} can't be divided by 0"))
            }
            Op::Divide => number::calculate(&left, &right, number::divide_exactly),
            Op::Remainder => number::calculate(&left, &right, Decimal::checked_rem),
            Op::And | Op::Or | Op::Equal | Op::NotEqual => unreachable!("handled above"),
        };
        calculated
            .map(|text| Value::Number(text.into()))
            .map_err(|message| error(whole, message))
    }

    /// An expression's value as text: a string, or the text of a number or boolean.
    pub(super) fn text<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Result<Cow<'a, str>, EvaluationError> {
        let value = self.run(expression, scope, locals)?;
        text_of(&value).ok_or_else(|| {
            let hint = if matches!(value, Value::Null) {
                " (an absent key is null)"
            } else {
                ""
            };
            error(
                expression,
                format!("expected text, found {}{hint}", value.type_name()),
            )
        })
    }

    pub(super) fn number<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Result<Cow<'a, str>, EvaluationError> {
        match self.run(expression, scope, locals)? {
            Value::Number(text) => Ok(text),
            other => Err(error(
                expression,
                format!("expected a number, found {}", other.type_name()),
            )),
        }
    }
}

pub(super) fn truth(value: &Value<'_>, at: &Expression) -> Result<bool, EvaluationError> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::Null => Err(error(
            at,
            "expected true or false, found null (an absent key is null): compare it, as in `== true`",
        )),
        other => Err(error(
            at,
            format!("expected true or false, found {}", other.type_name()),
        )),
    }
}
