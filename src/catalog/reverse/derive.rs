//! The reverse of a `modify` body: its operations, undone one by one, the last first.
//!
//! Invariant: a derived reverse guesses nothing. It refuses a document that can't be a result of the step.

use std::collections::BTreeSet;
use std::ops::Range;

use super::inverse::{Inverse, invert};
use crate::catalog::expression::{BinaryOperator, Expression, ExpressionKind, Function, Variable};
use crate::catalog::modify::{
    Destination, FIRST_OF_REVERSE, Item, Operation, OperationKind, Selection,
};
use crate::catalog::selector::Selector;
use crate::ocl::LABELS;

/// The body that undoes another, or why there is none.
pub(super) fn reverse(body: &Selection) -> Result<Selection, String> {
    let mut touched = BTreeSet::new();
    gather(body, &mut touched);
    let mut derivation = Derivation {
        touched,
        next_id: FIRST_OF_REVERSE,
    };
    derivation.selection(body, Enclosing::default())
}

/// Properties of the selections around an operation.
#[derive(Debug, Clone, Copy, Default)]
struct Enclosing {
    /// One of the selectors has a `**`, so it may find what an operation creates.
    any_depth: bool,
    /// One of the selectors uses labels.
    by_label: bool,
}

struct Derivation {
    /// Every name that an operation of the step writes, renames or moves.
    touched: BTreeSet<String>,
    next_id: usize,
}

impl Derivation {
    fn selection(
        &mut self,
        selection: &Selection,
        enclosing: Enclosing,
    ) -> Result<Selection, String> {
        if let Some(when) = &selection.when
            && !self.is_stable(when)
        {
            return Err("its `when` reads what the step itself changes".into());
        }
        let enclosing = Enclosing {
            any_depth: enclosing.any_depth || selection.selector.looks_into_any_depth(),
            by_label: enclosing.by_label || selection.selector.goes_by_label(),
        };
        let mut reversed = self.empty(
            selection.span.clone(),
            selection.selector.clone(),
            selection.when.clone(),
        );
        for item in selection.items.iter().rev() {
            match item {
                Item::In(inner) => {
                    let inner = self.selection(inner, enclosing)?;
                    reversed.items.push(Item::In(inner));
                }
                Item::Operation(operation) => {
                    reversed.items.extend(self.operation(operation, enclosing)?);
                }
            }
        }
        Ok(reversed)
    }

    fn empty(
        &mut self,
        span: Range<usize>,
        selector: Selector,
        when: Option<Expression>,
    ) -> Selection {
        let id = self.next_id;
        self.next_id += 1;
        Selection {
            id,
            span,
            selector,
            when,
            pinned: Vec::new(),
            items: Vec::new(),
        }
    }

    fn operation(
        &mut self,
        operation: &Operation,
        enclosing: Enclosing,
    ) -> Result<Vec<Item>, String> {
        let guess = |name: &str, what: &str| Err(format!("`{name}` {what}"));
        let span = &operation.span;
        match &operation.kind {
            OperationKind::Set(_) => guess("set", "may overwrite values"),
            OperationKind::Default(_) => guess(
                "default",
                "writes values that may also have been there before",
            ),
            OperationKind::Remove(_) | OperationKind::RemoveItself => {
                guess("remove", "doesn't keep the removed values")
            }
            OperationKind::Insert(_) => guess(
                "insert",
                "adds blocks that can't be distinguished from others afterwards",
            ),
            // It leaves the documents that it accepts unchanged, and those that it refuses were never results.
            OperationKind::Reject(_) => Ok(vec![Item::Operation(operation.clone())]),
            OperationKind::Rename(_) | OperationKind::Move(_) if enclosing.any_depth => {
                Err("it renames or moves nodes that a `**` on its path may find".into())
            }
            OperationKind::Label(_) if enclosing.by_label => {
                Err("it writes labels by which its path selects".into())
            }
            OperationKind::Rename(names) => {
                let mut items = Vec::new();
                for (old, new) in names.iter().rev().filter(|(old, new)| old != new) {
                    items.push(self.must_be_absent(span, old, new));
                    let back = OperationKind::Rename(vec![(new.clone(), old.clone())]);
                    items.push(item(span, back));
                }
                Ok(items)
            }
            OperationKind::Move(moves) => {
                let mut items = Vec::new();
                for (name, destination) in moves.iter().rev() {
                    check_destination(name, destination)?;
                    items.push(self.must_be_absent(span, name, &destination.name));
                    let back = vec![(name.clone(), destination.clone())];
                    items.push(item(span, OperationKind::MoveBack(back)));
                }
                Ok(items)
            }
            OperationKind::Convert(entries) => {
                let mut items = Vec::new();
                let mut converted = Vec::new();
                for (key, expression) in entries {
                    let ExpressionKind::String(name) = &key.kind else {
                        return guess("convert", "computes the names of what it rewrites");
                    };
                    let inverse = invert(expression)
                        .map_err(|reason| format!("`convert` of `{name}` {reason}"))?;
                    let now = get(Variable::Itself, name, span);
                    items.extend(self.must_come_from(span, &inverse, now, name));
                    converted.push((key.clone(), inverse.expression));
                }
                items.push(item(span, OperationKind::Convert(converted)));
                Ok(items)
            }
            OperationKind::Label(expression) => {
                let inverse = invert(expression).map_err(|reason| format!("`label` {reason}"))?;
                let labels = get(Variable::Itself, LABELS, span);
                let zero = at(span, ExpressionKind::Number("0".into()));
                let now = at(
                    span,
                    ExpressionKind::Index(Box::new(labels), Box::new(zero)),
                );
                let mut items: Vec<Item> = self
                    .must_come_from(span, &inverse, now, "its label")
                    .into_iter()
                    .collect();
                items.push(item(span, OperationKind::Label(inverse.expression)));
                Ok(items)
            }
            OperationKind::MoveBack(_) => Err("it undoes a step itself".into()),
        }
    }

    /// Refuses a node with `old`: the step would have removed that, so the node can't be a result of the step.
    fn must_be_absent(&mut self, span: &Range<usize>, old: &str, new: &str) -> Item {
        let null = at(span, ExpressionKind::Null);
        let there = binary(
            span,
            BinaryOperator::NotEqual,
            get(Variable::Itself, old, span),
            null,
        );
        let message = format!(
            "both `{old}` and its new name `{new}` exist: migrating down would leave only one of them"
        );
        self.refuse(span, there, message)
    }

    /// Refuses a value that can't be a result of the conversion.
    fn must_come_from(
        &mut self,
        span: &Range<usize>,
        inverse: &Inverse,
        now: Expression,
        what: &str,
    ) -> Option<Item> {
        let results = inverse.results.as_ref()?;
        let list = at(span, ExpressionKind::List(results.clone()));
        let function = Function::named("contains").expect("it is in the library");
        let contains = ExpressionKind::Call {
            function,
            arguments: vec![list, now.clone()],
            spread: false,
        };
        let unknown = at(span, ExpressionKind::Not(Box::new(at(span, contains))));
        let null = at(span, ExpressionKind::Null);
        let there = binary(span, BinaryOperator::NotEqual, now, null);
        let wrong = binary(span, BinaryOperator::And, there, unknown);
        let message = format!("the value of {what} is not a possible result of this step");
        Some(self.refuse(span, wrong, message))
    }

    fn refuse(&mut self, span: &Range<usize>, when: Expression, message: String) -> Item {
        let here = Selector::parse("").expect("the empty path is a selector");
        let mut selection = self.empty(span.clone(), here, Some(when));
        let message = at(span, ExpressionKind::String(message));
        selection
            .items
            .push(item(span, OperationKind::Reject(message)));
        Item::In(selection)
    }

    /// Whether a condition has the same result before and after the step.
    fn is_stable(&self, condition: &Expression) -> bool {
        let all = |parts: &[&Expression]| parts.iter().all(|part| self.is_stable(part));
        match &condition.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Variable(Variable::Slug) => true,
            // A node as a whole is stable, whatever changes in it.
            ExpressionKind::Variable(_) | ExpressionKind::For(_) | ExpressionKind::Splat(..) => {
                false
            }
            ExpressionKind::Get(object, name) => {
                !self.touched.contains(name) && self.is_stable_base(object)
            }
            ExpressionKind::Index(object, key) => match &key.kind {
                ExpressionKind::String(name) => {
                    !self.touched.contains(name) && self.is_stable_base(object)
                }
                ExpressionKind::Number(_) => self.is_stable_base(object),
                _ => false,
            },
            ExpressionKind::Template(parts) | ExpressionKind::List(parts) => {
                parts.iter().all(|part| self.is_stable(part))
            }
            ExpressionKind::Object(entries) => {
                entries.iter().all(|(key, value)| all(&[key, value]))
            }
            ExpressionKind::Not(inner) | ExpressionKind::Negate(inner) => self.is_stable(inner),
            ExpressionKind::Call {
                function,
                arguments,
                ..
            } => {
                function.name() != "unique"
                    && arguments.iter().all(|argument| self.is_stable(argument))
            }
            ExpressionKind::Binary(_, a, b) => all(&[a, b]),
            ExpressionKind::Conditional(a, b, c) => all(&[a, b, c]),
        }
    }

    fn is_stable_base(&self, object: &Expression) -> bool {
        matches!(object.kind, ExpressionKind::Variable(_)) || self.is_stable(object)
    }
}

/// Collects the names that operations write, rename or move.
fn gather(selection: &Selection, touched: &mut BTreeSet<String>) {
    for item in &selection.items {
        let operation = match item {
            Item::In(inner) => {
                gather(inner, touched);
                continue;
            }
            Item::Operation(operation) => operation,
        };
        match &operation.kind {
            OperationKind::Rename(names) => {
                for (old, new) in names {
                    touched.extend([old.clone(), new.clone()]);
                }
            }
            OperationKind::Move(moves) | OperationKind::MoveBack(moves) => {
                for (name, destination) in moves {
                    touched.extend([name.clone(), destination.name.clone()]);
                }
            }
            OperationKind::Convert(entries) => {
                touched.extend(entries.iter().filter_map(|(key, _)| match &key.kind {
                    ExpressionKind::String(name) => Some(name.clone()),
                    _ => None,
                }));
            }
            OperationKind::Label(_) => {
                touched.insert(LABELS.to_owned());
            }
            // They have no reverse, or change nothing.
            _ => {}
        }
    }
}

fn check_destination(name: &str, destination: &Destination) -> Result<(), String> {
    if destination.climb > 0 {
        return Err(format!(
            "`move` takes `{name}` out of its block, and the block that it would go back into can't be known"
        ));
    }
    if !destination.selector.is_plain() {
        return Err(format!(
            "`move` puts `{name}` at a place that its own path may select"
        ));
    }
    Ok(())
}

fn item(span: &Range<usize>, kind: OperationKind) -> Item {
    Item::Operation(Operation {
        span: span.clone(),
        kind,
    })
}

fn at(span: &Range<usize>, kind: ExpressionKind) -> Expression {
    Expression {
        span: span.clone(),
        kind,
    }
}

fn get(variable: Variable, name: &str, span: &Range<usize>) -> Expression {
    let object = Box::new(at(span, ExpressionKind::Variable(variable)));
    at(span, ExpressionKind::Get(object, name.to_owned()))
}

fn binary(
    span: &Range<usize>,
    operator: BinaryOperator,
    a: Expression,
    b: Expression,
) -> Expression {
    at(
        span,
        ExpressionKind::Binary(operator, Box::new(a), Box::new(b)),
    )
}
