//! From the syntax tree of `hcl-rs` to checked expressions.

use std::ops::Range;

use hcl::edit::expr as syntax;
use hcl::edit::template::Element;
use hcl::edit::{Span, expr::TraversalOperator};

use super::function::Function;
use super::number;
use super::syntax::{BinaryOperator, Expression, ExpressionKind, For, Variable};
use super::value::TYPES;
use crate::catalog::problem::{Problem, SourceFile};
use crate::text::{either, nearest};

/// Compiles the expressions of one file and collects their errors.
pub(crate) struct Compiler<'f> {
    pub(crate) file: &'f SourceFile,
    pub(crate) problems: Vec<Problem>,
    /// Whether `value` is defined here: in `convert` and `label` only.
    pub(crate) value_is_known: bool,
    /// The names after `documents` so far, each with its span.
    pub(crate) documents: Vec<(String, Range<usize>)>,
    locals: Vec<String>,
}

/// The maximum number of `.name` and `[key]` in a row: documents nest less deep, and each is a level of recursion.
const MOST_ACCESSES: usize = 128;

const GLOBAL_NAMES: [(&str, Variable); 6] = [
    ("self", Variable::Itself),
    ("parent", Variable::Parent),
    ("document", Variable::Document),
    ("documents", Variable::Documents),
    ("slug", Variable::Slug),
    ("value", Variable::Value),
];

impl<'f> Compiler<'f> {
    pub(crate) fn new(file: &'f SourceFile) -> Compiler<'f> {
        Compiler {
            file,
            problems: Vec::new(),
            value_is_known: false,
            documents: Vec::new(),
            locals: Vec::new(),
        }
    }

    /// Reports a problem at a span of the file.
    pub(crate) fn problem(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.problems.push(Problem::at(self.file, span, message));
    }

    pub(crate) fn problem_with_help(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems
            .push(Problem::at(self.file, span, message).help(help));
    }

    /// The checked form of an expression. Its errors go to `problems`, and a `null` stands in for a wrong part.
    pub(crate) fn expression(&mut self, source: &syntax::Expression) -> Expression {
        let span = source.span().unwrap_or_default();
        let kind = self.kind(source, &span);
        Expression { span, kind }
    }

    fn boxed(&mut self, source: &syntax::Expression) -> Box<Expression> {
        Box::new(self.expression(source))
    }

    fn kind(&mut self, source: &syntax::Expression, span: &Range<usize>) -> ExpressionKind {
        use syntax::Expression as Source;
        match source {
            Source::Null(_) => ExpressionKind::Null,
            Source::Bool(value) => ExpressionKind::Bool(*value.value()),
            Source::Number(_) => self.number(span),
            Source::String(text) => ExpressionKind::String(text.value().clone()),
            Source::Array(items) => {
                ExpressionKind::List(items.iter().map(|item| self.expression(item)).collect())
            }
            Source::Object(entries) => ExpressionKind::Object(
                entries
                    .iter()
                    .map(|(key, value)| self.entry(key, value))
                    .collect(),
            ),
            Source::StringTemplate(template) => {
                ExpressionKind::Template(self.elements(template.iter()))
            }
            // The parser has already unindented `<<-`.
            Source::HeredocTemplate(heredoc) => {
                ExpressionKind::Template(self.elements(heredoc.template.iter()))
            }
            Source::Parenthesis(inner) => self.expression(inner.inner()).kind,
            Source::Variable(name) => self.variable(name.as_str(), span),
            Source::Conditional(conditional) => ExpressionKind::Conditional(
                self.boxed(&conditional.cond_expr),
                self.boxed(&conditional.true_expr),
                self.boxed(&conditional.false_expr),
            ),
            Source::FuncCall(call) => self.call(call, span),
            Source::Traversal(traversal) => {
                if traversal.operators.len() > MOST_ACCESSES {
                    let message = format!("this has more than {MOST_ACCESSES} accesses in a row");
                    self.problem(span.clone(), message);
                    return ExpressionKind::Null;
                }
                let inner = self.expression(&traversal.expr);
                self.traversal(inner, &traversal.operators).kind
            }
            Source::UnaryOp(operation) => {
                let inner = self.boxed(&operation.expr);
                match operation.operator.value() {
                    syntax::UnaryOperator::Not => ExpressionKind::Not(inner),
                    syntax::UnaryOperator::Neg => ExpressionKind::Negate(inner),
                }
            }
            Source::BinaryOp(operation) => {
                let operator = binary_operator(*operation.operator.value());
                let left = self.boxed(&operation.lhs_expr);
                let right = self.boxed(&operation.rhs_expr);
                if matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual) {
                    self.check_type(&left, &right);
                    self.check_type(&right, &left);
                }
                ExpressionKind::Binary(operator, left, right)
            }
            Source::ForExpr(for_expr) => self.for_expression(for_expr),
        }
    }

    /// Reports a comparison of `type(...)` with a text that isn't a type: it is never true.
    fn check_type(&mut self, call: &Expression, with: &Expression) {
        if let ExpressionKind::Call { function, .. } = &call.kind
            && function.gives_a_type()
            && let ExpressionKind::String(name) = &with.kind
            && !TYPES.contains(&name.as_str())
        {
            let message = format!("`type` never gives {name:?}");
            let help = format!("it gives {}", either(TYPES));
            self.problem_with_help(with.span.clone(), message, help);
        }
    }

    /// A number as its source text, so that nothing goes through a float.
    fn number(&mut self, span: &Range<usize>) -> ExpressionKind {
        let text = self.file.text.get(span.clone()).unwrap_or_default().trim();
        match number::plain(text) {
            Some(plain) => ExpressionKind::Number(plain),
            None => {
                self.problem(
                    span.clone(),
                    "this number is larger or finer than a step can write exactly",
                );
                ExpressionKind::Null
            }
        }
    }

    fn entry(
        &mut self,
        key: &syntax::ObjectKey,
        value: &syntax::ObjectValue,
    ) -> (Expression, Expression) {
        let key = match key {
            syntax::ObjectKey::Ident(name) => Expression {
                span: name.span().unwrap_or_default(),
                kind: ExpressionKind::String(name.as_str().to_owned()),
            },
            // A bare name is the key itself, as in HCL; in parentheses it is an expression.
            syntax::ObjectKey::Expression(expression) => match dotted(expression) {
                Some(name) => {
                    let span = expression.span().unwrap_or_default();
                    self.problem_with_help(
                        span.clone(),
                        "a name with a dot stands in quotes",
                        format!("write `{name:?}`; an expression as a name stands in parentheses"),
                    );
                    Expression {
                        span,
                        kind: ExpressionKind::String(name),
                    }
                }
                None => self.expression(expression),
            },
        };
        (key, self.expression(value.expr()))
    }

    fn elements<'t>(&mut self, elements: impl Iterator<Item = &'t Element>) -> Vec<Expression> {
        let mut parts = Vec::new();
        for element in elements {
            match element {
                Element::Literal(text) => parts.push(Expression {
                    span: text.span().unwrap_or_default(),
                    kind: ExpressionKind::String(text.value().clone()),
                }),
                Element::Interpolation(interpolation) => {
                    parts.push(self.expression(&interpolation.expr))
                }
                Element::Directive(directive) => self.problem_with_help(
                    directive.span().unwrap_or_default(),
                    "template directives (`%{ ... }`) are not part of the step language",
                    "use a conditional or a `for` expression inside `${ ... }`",
                ),
            }
        }
        parts
    }

    fn variable(&mut self, name: &str, span: &Range<usize>) -> ExpressionKind {
        if let Some(slot) = self.locals.iter().rposition(|local| local == name) {
            return ExpressionKind::Variable(Variable::Local(slot));
        }
        match GLOBAL_NAMES.iter().find(|(global, _)| *global == name) {
            Some((_, Variable::Value)) if !self.value_is_known => {
                self.problem_with_help(
                    span.clone(),
                    "`value` is defined only in `convert` and `label`",
                    "name the attribute: `self.x`",
                );
                ExpressionKind::Null
            }
            Some((_, variable)) => ExpressionKind::Variable(*variable),
            None => {
                let known = GLOBAL_NAMES.iter().map(|(name, _)| *name);
                let candidates = known.chain(self.locals.iter().map(String::as_str));
                let help = match nearest(name, candidates) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("an attribute of the selected node is `self.{name}`"),
                };
                self.problem_with_help(span.clone(), format!("unknown name `{name}`"), help);
                ExpressionKind::Null
            }
        }
    }

    fn call(&mut self, call: &syntax::FuncCall, span: &Range<usize>) -> ExpressionKind {
        let simple_name = call.name.name.as_str();
        let name_span = call.name.name.span().unwrap_or_else(|| span.clone());
        // Namespaces are for functions of providers, which the step language doesn't have.
        let name_span = span.start.min(name_span.start)..name_span.end;
        let name = self.file.text.get(name_span.clone()).unwrap_or(simple_name);
        let arguments: Vec<Expression> = call.args.iter().map(|a| self.expression(a)).collect();
        let Some(mut function) = Function::named(name) else {
            let help = match nearest(simple_name, Function::names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "the functions are listed in the reference of the step language".to_owned(),
            };
            self.problem_with_help(name_span, format!("unknown function `{name}`"), help);
            return ExpressionKind::Null;
        };
        let spread = call.args.expand_final();
        if spread && function.takes_expressions() {
            self.problem_with_help(
                span.clone(),
                format!("`{name}` takes expressions, so no list can be spread into it"),
                format!("write `{}`", function.signature()),
            );
            return ExpressionKind::Null;
        }
        let (least, most) = function.arity();
        // How many a list spreads into is known when it runs.
        let written = arguments.len() - usize::from(spread);
        if (!spread && written < least) || most.is_some_and(|most| written > most) {
            self.problem_with_help(
                span.clone(),
                format!("`{name}` does not take {written} arguments"),
                format!("write `{}`", function.signature()),
            );
            return ExpressionKind::Null;
        }
        if let Some(Expression {
            kind: ExpressionKind::String(first),
            span,
        }) = arguments.first()
            && let Err(message) = function.prepare(first)
        {
            self.problem(span.clone(), message);
        }
        ExpressionKind::Call {
            function,
            arguments,
            spread,
        }
    }

    fn traversal(
        &mut self,
        mut inner: Expression,
        operators: &[hcl::edit::Decorated<TraversalOperator>],
    ) -> Expression {
        for (index, operator) in operators.iter().enumerate() {
            let span = inner.span.start..operator.span().map_or(inner.span.end, |span| span.end);
            let kind = match operator.value() {
                TraversalOperator::GetAttr(name) => {
                    ExpressionKind::Get(Box::new(inner), name.as_str().to_owned())
                }
                TraversalOperator::Index(key) => {
                    let key = self.boxed(key);
                    match &key.kind {
                        ExpressionKind::String(name) => {
                            ExpressionKind::Get(Box::new(inner), name.clone())
                        }
                        _ => ExpressionKind::Index(Box::new(inner), key),
                    }
                }
                TraversalOperator::LegacyIndex(position) => {
                    let key = Expression {
                        span: span.clone(),
                        kind: ExpressionKind::Number(position.value().to_string()),
                    };
                    ExpressionKind::Index(Box::new(inner), Box::new(key))
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let slot = self.locals.len();
                    self.locals.push(String::new());
                    let item = Expression {
                        span: span.clone(),
                        kind: ExpressionKind::Variable(Variable::Local(slot)),
                    };
                    let each = self.traversal(item, &operators[index + 1..]);
                    self.locals.pop();
                    let span = span.start..each.span.end.max(span.end);
                    return Expression {
                        span,
                        kind: ExpressionKind::Splat(Box::new(inner), Box::new(each)),
                    };
                }
            };
            if let ExpressionKind::Get(of, name) = &kind
                && matches!(of.kind, ExpressionKind::Variable(Variable::Documents))
            {
                self.documents.push((name.clone(), span.clone()));
            }
            inner = Expression { span, kind };
        }
        inner
    }

    fn for_expression(&mut self, source: &syntax::ForExpr) -> ExpressionKind {
        let collection = self.expression(&source.intro.collection_expr);
        let depth = self.locals.len();
        let has_key = source.intro.key_var.is_some();
        if let Some(key) = &source.intro.key_var {
            self.locals.push(key.as_str().to_owned());
        }
        self.locals.push(source.intro.value_var.as_str().to_owned());
        let key = source.key_expr.as_ref().map(|key| self.expression(key));
        let result = self.expression(&source.value_expr);
        let condition = source
            .cond
            .as_ref()
            .map(|condition| self.expression(&condition.expr));
        self.locals.truncate(depth);
        ExpressionKind::For(Box::new(For {
            has_key,
            collection,
            key,
            result,
            condition,
            grouping: source.grouping,
        }))
    }
}

fn binary_operator(operator: syntax::BinaryOperator) -> BinaryOperator {
    use syntax::BinaryOperator as Source;
    match operator {
        Source::Eq => BinaryOperator::Equal,
        Source::NotEq => BinaryOperator::NotEqual,
        Source::LessEq => BinaryOperator::LessOrEqual,
        Source::GreaterEq => BinaryOperator::GreaterOrEqual,
        Source::Less => BinaryOperator::Less,
        Source::Greater => BinaryOperator::Greater,
        Source::Plus => BinaryOperator::Add,
        Source::Minus => BinaryOperator::Subtract,
        Source::Mul => BinaryOperator::Multiply,
        Source::Div => BinaryOperator::Divide,
        Source::Mod => BinaryOperator::Remainder,
        Source::And => BinaryOperator::And,
        Source::Or => BinaryOperator::Or,
    }
}

/// What looks like names with dots between them.
fn dotted(expression: &syntax::Expression) -> Option<String> {
    let syntax::Expression::Traversal(traversal) = expression else {
        return None;
    };
    let mut name = traversal.expr.as_variable()?.as_str().to_owned();
    for operator in &traversal.operators {
        let syntax::TraversalOperator::GetAttr(part) = operator.value() else {
            return None;
        };
        name = format!("{name}.{}", part.as_str());
    }
    Some(name)
}
