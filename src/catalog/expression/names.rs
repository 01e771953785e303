//! Names that an expression reads of documents.

use std::ops::Range;

use super::syntax::{Expression, ExpressionKind, For, Variable};

/// Functions that hand on what they are given.
const HANDING_ON: [&str; 3] = ["coalesce", "merge", "try"];

impl Expression {
    /// Calls `visit` with each name that is written behind a dot and looked for in a document, and with the place. `is_collection` tells
    /// whether there may be several documents of a kind, which go by their slugs.
    pub(crate) fn each_name_read<'e>(
        &'e self,
        is_collection: &dyn Fn(&str) -> bool,
        visit: &mut dyn FnMut(&'e str, &'e Range<usize>),
    ) {
        let mut names = Names {
            is_collection,
            locals: Vec::new(),
            visit,
        };
        names.of(self);
    }
}

/// What an expression certainly is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A document, or a part of one.
    Document,
    /// Those of a kind, by slug.
    Collection,
    /// All that the step reads, by kind.
    Documents,
    /// What the step has written itself: its names are known.
    Written,
    Unknown,
}

struct Names<'n, 'e> {
    is_collection: &'n dyn Fn(&str) -> bool,
    /// What each variable of a `for` or splat is.
    locals: Vec<Part>,
    visit: &'n mut dyn FnMut(&'e str, &'e Range<usize>),
}

impl<'e> Names<'_, 'e> {
    fn of(&mut self, expression: &'e Expression) {
        match &expression.kind {
            ExpressionKind::Get(inner, name) => {
                if self.part(inner) == Part::Document {
                    (self.visit)(name, &expression.span);
                }
                self.of(inner);
            }
            ExpressionKind::Splat(inner, each) => {
                self.of(inner);
                let item = self.item(inner);
                self.locals.push(item);
                self.of(each);
                self.locals.pop();
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
                self.of(collection);
                let outer = self.locals.len();
                let item = match self.part(collection) {
                    Part::Collection => Part::Document,
                    _ => self.item(collection),
                };
                if *has_key {
                    self.locals.push(Part::Unknown);
                }
                self.locals.push(item);
                for inner in key.iter().chain([result]).chain(condition) {
                    self.of(inner);
                }
                self.locals.truncate(outer);
            }
            _ => expression.each_part(&mut |part| self.of(part)),
        }
    }

    /// What is in a list, or in a part of a document.
    fn item(&self, list: &Expression) -> Part {
        match self.part(list) {
            Part::Document => Part::Document,
            _ => Part::Unknown,
        }
    }

    fn part(&self, expression: &Expression) -> Part {
        match &expression.kind {
            ExpressionKind::Variable(variable) => match variable {
                Variable::Itself | Variable::Parent | Variable::Document | Variable::Value => {
                    Part::Document
                }
                Variable::Local(place) => self.locals.get(*place).copied().unwrap_or(Part::Unknown),
                Variable::Documents => Part::Documents,
                Variable::Slug => Part::Unknown,
            },
            ExpressionKind::Get(inner, name) => self.member(inner, Some(name)),
            ExpressionKind::Index(inner, key) => match &key.kind {
                ExpressionKind::String(name) => self.member(inner, Some(name)),
                _ => self.member(inner, None),
            },
            ExpressionKind::Splat(inner, _) => self.item(inner),
            ExpressionKind::Null | ExpressionKind::List(_) | ExpressionKind::Object(_) => {
                Part::Written
            }
            ExpressionKind::Call {
                function,
                arguments,
                spread: false,
            } if HANDING_ON.contains(&function.name()) => {
                let parts = || arguments.iter().map(|argument| self.part(argument));
                if parts().all(|part| part == Part::Written) {
                    return Part::Written;
                }
                let is_known = |part| matches!(part, Part::Document | Part::Written);
                if parts().all(is_known) {
                    Part::Document
                } else {
                    Part::Unknown
                }
            }
            _ => Part::Unknown,
        }
    }

    /// What a member of something is; without a name where that is computed.
    fn member(&self, of: &Expression, name: Option<&str>) -> Part {
        match (self.part(of), name) {
            (Part::Document | Part::Collection, _) => Part::Document,
            (Part::Documents, Some(kind)) if (self.is_collection)(kind) => Part::Collection,
            (Part::Documents, Some(_)) => Part::Document,
            _ => Part::Unknown,
        }
    }
}
