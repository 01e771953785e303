//! Evaluates checked expressions over a document.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use rust_decimal::Decimal;

use super::{BinaryOperator, Expression, ExpressionKind, For, Value, Variable, number};
use crate::ocl::{Document, Kind, Node, NodeId};

/// The server's answer to a read-only question: the slug of an environment name, say.
///
/// `Ok(None)` means that the table has no such key; the step's own default then stands in.
pub trait Lookup {
    /// The value that `table` has under `key`.
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String>;
}

/// An expression that couldn't be evaluated on a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EvaluationError {
    /// Where the expression stands in its file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

/// What one step may spend on one document, so that none runs for ever or grows without limit.
#[derive(Debug)]
pub(crate) struct Budget {
    looks: Cell<u64>,
    bytes: Cell<u64>,
}

const OPERATIONS: u64 = 5_000_000;

/// An operation costs as much as looking at that many values.
const LOOKS_PER_OPERATION: u64 = 4;

/// The most text, in bytes.
pub(super) const LARGEST_TEXT: usize = 64 << 20;

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            looks: Cell::new(OPERATIONS * LOOKS_PER_OPERATION),
            bytes: Cell::new(LARGEST_TEXT as u64),
        }
    }
}

/// The names that an expression sees.
pub(crate) struct Scope<'a> {
    /// The selected node: a document, block or dictionary.
    pub(crate) node: Node<'a>,
    /// The documents that the step reads, by kind.
    pub(crate) documents: Value<'a>,
    pub(crate) slug: &'a str,
    /// What stands at the place that `convert` or `label` rewrites.
    pub(crate) value: Option<Node<'a>>,
}

/// The state of one step on one document.
pub(crate) struct Evaluator<'s> {
    pub(super) lookup: &'s dyn Lookup,
    /// What `unique` has given out so far.
    pub(super) used: RefCell<HashSet<String>>,
    budget: Budget,
    /// The budget is spent, or the server couldn't answer: no `try` may hide that.
    pub(super) stopped: Cell<bool>,
    /// The leaves that were read since the last [`take_reads`](Self::take_reads), each with its document.
    reads: RefCell<Vec<(*const Document, NodeId)>>,
}

pub(super) type Evaluated<'a> = Result<Value<'a>, EvaluationError>;

impl<'s> Evaluator<'s> {
    pub(crate) fn new(lookup: &'s dyn Lookup) -> Evaluator<'s> {
        Evaluator {
            lookup,
            used: RefCell::default(),
            budget: Budget::default(),
            stopped: Cell::new(false),
            reads: RefCell::default(),
        }
    }

    /// The same evaluator with a smaller budget, so that a test can spend it in no time.
    #[cfg(test)]
    pub(super) fn with_operations(self, operations: u64) -> Evaluator<'s> {
        self.budget.looks.set(operations * LOOKS_PER_OPERATION);
        self
    }

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
        // `'a` of the scope may be shorter than the expression's own life; both end with this call.
        let value = self.run(expression, scope, &mut Vec::new())?;
        truth(&value, expression)
    }

    /// The leaves of a document that expressions have read since the last call.
    pub(crate) fn take_reads(&self, of: &Document) -> Vec<NodeId> {
        let mut reads = self.reads.take();
        reads.retain(|(document, _)| std::ptr::eq(*document, of));
        reads.into_iter().map(|(_, id)| id).collect()
    }

    fn note_read(&self, leaf: Node<'_>) {
        let document = std::ptr::from_ref(leaf.document());
        self.reads.borrow_mut().push((document, leaf.id()));
    }

    /// Notes that all leaves within a value were read, and charges for looking at each.
    pub(crate) fn touch(&self, value: &Value<'_>) {
        match value {
            _ if self.is_spent() => {}
            Value::Node(node) => self.touch_node(*node),
            Value::List(items) => {
                self.charge(items.len());
                items.iter().for_each(|item| self.touch(item));
            }
            Value::Map(entries) => {
                self.charge(entries.len());
                entries.iter().for_each(|(_, value)| self.touch(value));
            }
            _ => {}
        }
    }

    /// Notes that the leaves directly in a value were read: a `for` or splat hands out the others unread.
    fn touch_members(&self, value: &Value<'_>) {
        match value {
            Value::Node(node) => {
                let before = self.reads.borrow().len();
                if node.kind() != Kind::List {
                    node.labels().for_each(|label| self.note_read(label));
                }
                let values = node.children().map(|child| child.value().unwrap_or(child));
                values
                    .filter(|value| is_leaf(*value))
                    .for_each(|leaf| self.note_read(leaf));
                self.charge(self.reads.borrow().len() - before);
            }
            Value::List(items) => self.charge(items.len()),
            Value::Map(entries) => self.charge(entries.len()),
            _ => {}
        }
    }

    /// Takes the cost of looking at that many values off the budget, which the next operation finds spent.
    pub(super) fn charge(&self, values: usize) {
        let left = self.budget.looks.get();
        self.budget.looks.set(left.saturating_sub(values as u64));
    }

    fn is_spent(&self) -> bool {
        self.budget.looks.get() == 0
    }

    /// Pays for a value that is about to be written out. What is shared within it is written out each time.
    pub(super) fn weigh(&self, value: &Value<'_>, at: &Expression) -> Result<(), EvaluationError> {
        self.charge(1);
        match value {
            Value::String(text) | Value::Number(text) => self.spend_bytes(text.len(), at),
            Value::Node(node) => self.spend_bytes(node.span().len(), at),
            Value::List(items) => items.iter().try_for_each(|item| self.weigh(item, at)),
            Value::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                self.spend_bytes(key.len(), at)?;
                self.weigh(value, at)
            }),
            Value::Null | Value::Bool(_) => self.spend_bytes(1, at),
        }
    }

    fn stop(&self, at: &Expression, message: &str) -> EvaluationError {
        self.stopped.set(true);
        error(at, message)
    }

    fn touch_node(&self, node: Node<'_>) {
        let mut pending = vec![node];
        let mut seen = 0;
        while let Some(node) = pending.pop() {
            seen += 1;
            node.labels().for_each(|label| self.note_read(label));
            match node.kind() {
                Kind::Document | Kind::Block | Kind::Dictionary | Kind::List => {
                    pending.extend(node.children())
                }
                Kind::Attribute | Kind::Entry => pending.extend(node.value()),
                _ => self.note_read(node),
            }
        }
        self.charge(seen);
    }

    pub(super) fn spend_bytes(&self, bytes: usize, at: &Expression) -> Result<(), EvaluationError> {
        match self.budget.bytes.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.budget.bytes.set(left);
                Ok(())
            }
            None => Err(self.stop(
                at,
                "this step makes more text of one document than it may (64 MiB)",
            )),
        }
    }

    pub(super) fn spend_operation(&self, at: &Expression) -> Result<(), EvaluationError> {
        match self.budget.looks.get().checked_sub(LOOKS_PER_OPERATION) {
            Some(left) => {
                self.budget.looks.set(left);
                Ok(())
            }
            None => Err(self.stop(
                at,
                "this step takes longer on one document than it may (5 million operations)",
            )),
        }
    }

    pub(super) fn run<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Value<'a>>,
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
                let mut values = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let name = self.text(key, scope, locals)?;
                    put(&mut values, name, self.run(value, scope, locals)?);
                }
                Value::map(values)
            }
            ExpressionKind::Variable(variable) => self.variable(*variable, scope, locals),
            ExpressionKind::Get(inner, name) => {
                let inner = self.run(inner, scope, locals)?;
                self.get(&inner, name, expression)?
            }
            ExpressionKind::Index(inner, key) => {
                let inner = self.run(inner, scope, locals)?;
                let key = self.run(key, scope, locals)?;
                self.index(&inner, &key, expression)?
            }
            ExpressionKind::Splat(inner, each) => {
                let collection = self.run(inner, scope, locals)?;
                let items = match (collection.items(), collection) {
                    (Some(items), collection) => {
                        self.touch_members(&collection);
                        items
                    }
                    (None, Value::Null) => Vec::new(),
                    (None, value) => vec![value],
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
        locals: &[Value<'a>],
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
                Some(node) => {
                    self.touch_node(node);
                    Value::of(node)
                }
                None => Value::Null,
            },
            Variable::Local(slot) => locals[slot].clone(),
        }
    }

    /// Runs `body` with further variables of a `for` or splat.
    fn with_locals<'a, T, const N: usize>(
        &self,
        values: [Value<'a>; N],
        locals: &mut Vec<Value<'a>>,
        body: impl FnOnce(&mut Vec<Value<'a>>) -> T,
    ) -> T {
        let depth = locals.len();
        locals.extend(values);
        let result = body(locals);
        locals.truncate(depth);
        result
    }

    fn get<'a>(&self, inner: &Value<'a>, name: &str, at: &Expression) -> Evaluated<'a> {
        if let Value::Node(node) = inner {
            // A leaf is read here and now; what is larger, when something looks into it.
            match node.get(name) {
                Some(leaf) if is_leaf(leaf) => self.note_read(leaf),
                _ if name == crate::ocl::LABELS => {
                    node.labels().for_each(|label| self.note_read(label));
                }
                _ => {}
            }
        }
        inner.get(name).ok_or_else(|| {
            error(
                at,
                format!("{} has no attribute `{name}`", inner.type_name()),
            )
        })
    }

    fn index<'a>(&self, inner: &Value<'a>, key: &Value<'a>, at: &Expression) -> Evaluated<'a> {
        match key {
            Value::String(name) => self.get(inner, name, at),
            Value::Number(position) => {
                // What isn't there is `null`, in a list as in a map.
                let position = position.parse::<usize>().unwrap_or(usize::MAX);
                match inner {
                    Value::Null => Ok(Value::Null),
                    Value::List(items) => Ok(items.get(position).cloned().unwrap_or(Value::Null)),
                    Value::Node(list) if list.kind() == Kind::List => {
                        let item = list.children().nth(position);
                        self.charge(position.min(list.span().len()));
                        let leaf = item.filter(|item| is_leaf(*item));
                        leaf.into_iter().for_each(|leaf| self.note_read(leaf));
                        Ok(item.map_or(Value::Null, Value::of))
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
        locals: &mut Vec<Value<'a>>,
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
        locals: &mut Vec<Value<'a>>,
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
            let (left, right) = (self.run(a, scope, locals)?, self.run(b, scope, locals)?);
            self.touch(&left);
            self.touch(&right);
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
            Op::Add => number::calculate(&left, &right, Decimal::checked_add),
            Op::Subtract => number::calculate(&left, &right, Decimal::checked_sub),
            Op::Multiply => number::calculate(&left, &right, Decimal::checked_mul),
            Op::Divide => number::calculate(&left, &right, number::divide_exactly),
            Op::Remainder => number::calculate(&left, &right, Decimal::checked_rem),
            Op::And | Op::Or | Op::Equal | Op::NotEqual => unreachable!("handled above"),
        };
        calculated
            .map(|text| Value::Number(text.into()))
            .map_err(|message| error(whole, message))
    }

    fn for_expression<'a>(
        &self,
        for_: &'a For,
        scope: &Scope<'a>,
        locals: &mut Vec<Value<'a>>,
    ) -> Evaluated<'a> {
        let collection = self.run(&for_.collection, scope, locals)?;
        self.touch_members(&collection);
        let pairs: Vec<(Value<'a>, Value<'a>)> = if let Some(items) = collection.items() {
            let numbered = items.into_iter().enumerate();
            numbered
                .map(|(index, item)| (Value::Number(index.to_string().into()), item))
                .collect()
        } else if let Some(entries) = collection.entries() {
            entries
                .into_iter()
                .map(|(key, value)| (Value::String(key), value))
                .collect()
        } else if matches!(collection, Value::Null) {
            Vec::new()
        } else {
            let message = format!(
                "a `for` goes over a list or an object, not {}",
                collection.type_name()
            );
            return Err(error(&for_.collection, message));
        };
        let mut list = Vec::new();
        let mut map: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for (key, value) in pairs {
            let depth = locals.len();
            if for_.has_key {
                locals.push(key);
            }
            locals.push(value);
            let result = self.for_item(for_, scope, locals);
            locals.truncate(depth);
            match result? {
                None => {}
                Some((None, value)) => list.push(value),
                Some((Some(key), value)) => {
                    match places.get(&key).map(|place| &mut map[*place].1) {
                        None => {
                            places.insert(key.clone(), map.len());
                            let grouped = for_.grouping.then(|| Value::list(vec![value.clone()]));
                            map.push((key, grouped.unwrap_or(value)));
                        }
                        Some(Value::List(group)) if for_.grouping => {
                            Rc::make_mut(group).push(value)
                        }
                        Some(_) => {
                            let message = format!(
                                "the key {key:?} comes twice; `...` after the result groups"
                            );
                            return Err(error(&for_.result, message));
                        }
                    }
                }
            }
        }
        Ok(if for_.key.is_some() {
            Value::map(map)
        } else {
            Value::list(list)
        })
    }

    /// The key and the result for one item; `None` where the condition leaves it out.
    #[allow(clippy::type_complexity)] // an item of a `for` is just that
    fn for_item<'a>(
        &self,
        for_: &'a For,
        scope: &Scope<'a>,
        locals: &mut Vec<Value<'a>>,
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

    /// An expression's value as text: a string, or a number or boolean written out.
    pub(super) fn text<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Value<'a>>,
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
        locals: &mut Vec<Value<'a>>,
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

/// Whether a node is a value without others in it.
fn is_leaf(node: Node<'_>) -> bool {
    !matches!(
        node.kind(),
        Kind::Document
            | Kind::Block
            | Kind::Attribute
            | Kind::Entry
            | Kind::Dictionary
            | Kind::List
    )
}

/// A value as text, where it is a string, number or boolean.
pub(super) fn text_of<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(value) => Some(if *value { "true" } else { "false" }.into()),
        _ => None,
    }
}

/// Sets a key of a map, keeping its place.
fn put<'a>(entries: &mut Vec<(Cow<'a, str>, Value<'a>)>, key: Cow<'a, str>, value: Value<'a>) {
    match entries.iter_mut().find(|(name, _)| *name == key) {
        Some(entry) => entry.1 = value,
        None => entries.push((key, value)),
    }
}

fn truth(value: &Value<'_>, at: &Expression) -> Result<bool, EvaluationError> {
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

pub(super) fn error(at: &Expression, message: impl Into<String>) -> EvaluationError {
    EvaluationError {
        span: at.span.clone(),
        message: message.into(),
    }
}

/// The block, dictionary or document around a node.
pub(crate) fn enclosing(node: Node<'_>) -> Option<Node<'_>> {
    let mut parent = node.parent()?;
    while !matches!(
        parent.kind(),
        Kind::Block | Kind::Dictionary | Kind::Document
    ) {
        parent = parent.parent()?;
    }
    Some(parent)
}
