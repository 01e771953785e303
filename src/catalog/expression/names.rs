//! Names that an expression reads of a document.

use std::ops::Range;

use super::syntax::{Expression, ExpressionKind, For, Variable};

impl Expression {
    /// Calls `visit` with each name that is written behind a dot and looked for in the step's own document, and with the place.
    pub(crate) fn each_name_read<'e>(&'e self, visit: &mut dyn FnMut(&'e str, &'e Range<usize>)) {
        names_in(self, &mut Vec::new(), visit);
    }
}

/// `locals` tells of each variable of a `for` or splat whether it is a part of the document.
fn names_in<'e>(
    expression: &'e Expression,
    locals: &mut Vec<bool>,
    visit: &mut dyn FnMut(&'e str, &'e Range<usize>),
) {
    match &expression.kind {
        ExpressionKind::Get(inner, name) => {
            if is_of_document(inner, locals) {
                visit(name, &expression.span);
            }
            names_in(inner, locals, visit);
        }
        ExpressionKind::Splat(inner, each) => {
            names_in(inner, locals, visit);
            locals.push(is_of_document(inner, locals));
            names_in(each, locals, visit);
            locals.pop();
        }
        ExpressionKind::For(for_) => {
            let For {
                has_key,
                collection,
                key,
                result,
                condition,
                ..
            } = &**for_;
            names_in(collection, locals, visit);
            let outer = locals.len();
            let is_part = is_of_document(collection, locals);
            if *has_key {
                locals.push(false);
            }
            locals.push(is_part);
            for inner in key.iter().chain([result]).chain(condition) {
                names_in(inner, locals, visit);
            }
            locals.truncate(outer);
        }
        _ => expression.each_part(&mut |part| names_in(part, locals, visit)),
    }
}

/// Whether it is certainly a part of the step's own document.
fn is_of_document(expression: &Expression, locals: &[bool]) -> bool {
    match &expression.kind {
        ExpressionKind::Variable(variable) => match variable {
            Variable::Itself | Variable::Parent | Variable::Document | Variable::Value => true,
            Variable::Local(place) => locals.get(*place).copied().unwrap_or_default(),
            Variable::Documents | Variable::Slug => false,
        },
        ExpressionKind::Get(inner, _)
        | ExpressionKind::Index(inner, _)
        | ExpressionKind::Splat(inner, _) => is_of_document(inner, locals),
        _ => false,
    }
}
