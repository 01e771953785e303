//! Checked expressions.

use std::ops::Range;

use super::function::Function;

/// A checked expression: names and functions are resolved, constant patterns compiled.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// The span in its file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) kind: ExpressionKind,
}

#[derive(Debug, Clone)]
pub(crate) enum ExpressionKind {
    Null,
    Bool(bool),
    /// A number as its text.
    Number(String),
    String(String),
    Template(Vec<Expression>),
    List(Vec<Expression>),
    Object(Vec<(Expression, Expression)>),
    Variable(Variable),
    Get(Box<Expression>, String),
    Index(Box<Expression>, Box<Expression>),
    /// `list[*].a.b`: each operator applied to each item.
    Splat(Box<Expression>, Box<Expression>),
    Call {
        function: Function,
        arguments: Vec<Expression>,
        /// Whether the last argument is a list to be spread (`f(list...)`).
        spread: bool,
    },
    Not(Box<Expression>),
    Negate(Box<Expression>),
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    For(Box<For>),
}

/// `[for key, value in collection : result if condition]`, or with `{... key => result ...}`.
#[derive(Debug, Clone)]
pub(crate) struct For {
    pub(crate) has_key: bool,
    pub(crate) collection: Expression,
    pub(crate) key: Option<Expression>,
    pub(crate) result: Expression,
    pub(crate) condition: Option<Expression>,
    pub(crate) grouping: bool,
}

/// What a name refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variable {
    /// The plain view of the selected node.
    Itself,
    /// That of the block, dictionary or document around it.
    Parent,
    /// That of the whole document.
    Document,
    /// The documents that the step declares with `reads`, by kind.
    Documents,
    /// The slug of the document; empty for a single one.
    Slug,
    /// In `convert` and `label`: the old value.
    Value,
    /// A variable of an enclosing `for`, counted from the outermost.
    Local(usize),
}

/// The binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinaryOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
}

impl Expression {
    /// Whether it only names a value in a document, by keys that are written in it.
    pub(crate) fn is_path(&self) -> bool {
        match &self.kind {
            ExpressionKind::Variable(_) => true,
            ExpressionKind::Get(inner, _) => inner.is_path(),
            ExpressionKind::Splat(inner, each) => inner.is_path() && each.is_path(),
            ExpressionKind::Index(inner, key) => {
                let is_written = matches!(
                    key.kind,
                    ExpressionKind::Number(_)
                        | ExpressionKind::Variable(Variable::Local(_) | Variable::Slug)
                );
                is_written && inner.is_path()
            }
            ExpressionKind::Call {
                function,
                arguments,
                ..
            } => {
                let may_be_null =
                    |argument: &Expression| matches!(argument.kind, ExpressionKind::Null);
                function.name() == "try"
                    && (arguments.iter())
                        .all(|argument| argument.is_path() || may_be_null(argument))
            }
            _ => false,
        }
    }

    /// Calls `visit` on this expression and on every one within it.
    pub(crate) fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Expression)) {
        visit(self);
        self.each_part(&mut |part| part.walk(visit));
    }

    /// Calls `visit` on every expression that is directly in this one.
    pub(super) fn each_part<'e>(&'e self, visit: &mut dyn FnMut(&'e Expression)) {
        match &self.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Variable(_) => {}
            ExpressionKind::Template(parts) | ExpressionKind::List(parts) => {
                for part in parts {
                    visit(part);
                }
            }
            ExpressionKind::Object(entries) => {
                for (key, value) in entries {
                    visit(key);
                    visit(value);
                }
            }
            ExpressionKind::Get(inner, _)
            | ExpressionKind::Not(inner)
            | ExpressionKind::Negate(inner) => {
                visit(inner);
            }
            ExpressionKind::Index(a, b)
            | ExpressionKind::Splat(a, b)
            | ExpressionKind::Binary(_, a, b) => {
                visit(a);
                visit(b);
            }
            ExpressionKind::Call { arguments, .. } => {
                for argument in arguments {
                    visit(argument);
                }
            }
            ExpressionKind::Conditional(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            ExpressionKind::For(for_) => {
                visit(&for_.collection);
                visit(&for_.result);
                if let Some(key) = &for_.key {
                    visit(key);
                }
                if let Some(condition) = &for_.condition {
                    visit(condition);
                }
            }
        }
    }
}
