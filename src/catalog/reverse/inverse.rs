//! The inverse of an expression over `value`, if it is one-to-one.

use crate::catalog::expression::{BinaryOperator, Expression, ExpressionKind, Variable};

/// The inverse of an expression.
#[derive(Debug)]
pub(super) struct Inverse {
    /// Computes the old value from the new one, again called `value`.
    pub(super) expression: Expression,
    /// The only results of the conversion, if it lists them.
    pub(super) results: Option<Vec<Expression>>,
}

const SAME_RESULT: &str = "may give two values the same result";
const PRODUCT: &str = "multiplies or divides, which is undone only as `down` says";

/// The inverse of an expression.
///
/// # Errors
/// Why it has none.
pub(super) fn invert(expression: &Expression) -> Result<Inverse, &'static str> {
    let value = Expression {
        span: expression.span.clone(),
        kind: ExpressionKind::Variable(Variable::Value),
    };
    if let ExpressionKind::Index(table, key) = &expression.kind
        && let ExpressionKind::Object(entries) = &table.kind
        && is_value(key)
    {
        return invert_table(entries, expression, value);
    }
    let inverse = match &expression.kind {
        ExpressionKind::Conditional(..) => invert_exchange(expression),
        _ => solve(expression, value),
    };
    Ok(Inverse {
        expression: inverse.ok_or_else(|| why_not(expression))?,
        results: None,
    })
}

/// Why an expression has no inverse.
fn why_not(expression: &Expression) -> &'static str {
    let mut is_product = false;
    expression.walk(&mut |part| {
        is_product |= matches!(
            part.kind,
            ExpressionKind::Binary(BinaryOperator::Multiply | BinaryOperator::Divide, ..)
        );
    });
    if is_product { PRODUCT } else { SAME_RESULT }
}

/// Solves `expression = target` for `value`.
fn solve(expression: &Expression, target: Expression) -> Option<Expression> {
    let same_place = |kind| Expression {
        span: expression.span.clone(),
        kind,
    };
    let minus = |a: Expression, b: Expression| {
        same_place(ExpressionKind::Binary(
            BinaryOperator::Subtract,
            Box::new(a),
            Box::new(b),
        ))
    };
    match &expression.kind {
        ExpressionKind::Variable(Variable::Value) => Some(target),
        ExpressionKind::Not(inner) => {
            solve(inner, same_place(ExpressionKind::Not(Box::new(target))))
        }
        ExpressionKind::Negate(inner) => {
            solve(inner, same_place(ExpressionKind::Negate(Box::new(target))))
        }
        ExpressionKind::Binary(BinaryOperator::Add, a, b) => match (is_number(a), is_number(b)) {
            (false, true) => solve(a, minus(target, (**b).clone())),
            (true, false) => solve(b, minus(target, (**a).clone())),
            _ => None,
        },
        ExpressionKind::Binary(BinaryOperator::Subtract, a, b) => {
            match (is_number(a), is_number(b)) {
                (false, true) => {
                    let sum =
                        ExpressionKind::Binary(BinaryOperator::Add, Box::new(target), b.clone());
                    solve(a, same_place(sum))
                }
                (true, false) => solve(b, minus((**a).clone(), target)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `{ a = "b", c = "d" }[value]`: the same table with keys and values swapped. Other values aren't results of it.
fn invert_table(
    entries: &[(Expression, Expression)],
    expression: &Expression,
    value: Expression,
) -> Result<Inverse, &'static str> {
    let texts = |side: fn(&(Expression, Expression)) -> &Expression| {
        let texts = entries.iter().map(|entry| text(side(entry)));
        texts.collect::<Option<Vec<&str>>>()
    };
    let keys = texts(|(key, _)| key).ok_or("has a table with a key that isn't plain text")?;
    let results = texts(|(_, result)| result).ok_or(
        "has a table with a result that isn't plain text, which can't be a key of the table that undoes it",
    )?;
    if !are_distinct(&keys) || !are_distinct(&results) {
        return Err(SAME_RESULT);
    }
    let swapped = entries
        .iter()
        .map(|(key, result)| (result.clone(), key.clone()))
        .collect();
    let table = Expression {
        span: expression.span.clone(),
        kind: ExpressionKind::Object(swapped),
    };
    Ok(Inverse {
        expression: Expression {
            span: expression.span.clone(),
            kind: ExpressionKind::Index(Box::new(table), Box::new(value)),
        },
        results: Some(entries.iter().map(|(_, result)| result.clone()).collect()),
    })
}

/// `value == a ? b : value == b ? a : value`: one-to-one if it only exchanges values.
fn invert_exchange(expression: &Expression) -> Option<Expression> {
    let ExpressionKind::Conditional(condition, result, otherwise) = &expression.kind else {
        return is_value(expression).then(|| expression.clone());
    };
    let mut cases = Vec::new();
    let mut rest = expression;
    while let ExpressionKind::Conditional(condition, result, otherwise) = &rest.kind {
        cases.push((text(compared(condition)?)?, text(result)?));
        rest = otherwise;
    }
    let (mut from, mut to): (Vec<&str>, Vec<&str>) = cases.into_iter().unzip();
    from.sort_unstable();
    to.sort_unstable();
    if !is_value(rest) || from != to || !are_distinct(&from) {
        return None;
    }
    swap_cases(condition, result, otherwise, expression)
}

fn swap_cases(
    condition: &Expression,
    result: &Expression,
    otherwise: &Expression,
    whole: &Expression,
) -> Option<Expression> {
    let otherwise = match &otherwise.kind {
        ExpressionKind::Conditional(condition, result, rest) => {
            swap_cases(condition, result, rest, otherwise)?
        }
        _ => otherwise.clone(),
    };
    let ExpressionKind::Binary(operator, ..) = &condition.kind else {
        return None;
    };
    let value = Expression {
        span: condition.span.clone(),
        kind: ExpressionKind::Variable(Variable::Value),
    };
    let equal = ExpressionKind::Binary(*operator, Box::new(value), Box::new(result.clone()));
    let equal = Expression {
        span: condition.span.clone(),
        kind: equal,
    };
    let back = compared(condition)?.clone();
    Some(Expression {
        span: whole.span.clone(),
        kind: ExpressionKind::Conditional(Box::new(equal), Box::new(back), Box::new(otherwise)),
    })
}

/// The `x` of `value == x`.
fn compared(condition: &Expression) -> Option<&Expression> {
    match &condition.kind {
        ExpressionKind::Binary(BinaryOperator::Equal, a, b) if is_value(a) => Some(b),
        ExpressionKind::Binary(BinaryOperator::Equal, a, b) if is_value(b) => Some(a),
        _ => None,
    }
}

fn is_value(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Variable(Variable::Value))
}

fn is_number(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Number(_))
}

fn text(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::String(text) => Some(text),
        _ => None,
    }
}

fn are_distinct(texts: &[&str]) -> bool {
    let distinct: std::collections::BTreeSet<_> = texts.iter().collect();
    distinct.len() == texts.len()
}
