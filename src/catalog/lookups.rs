//! The lookup tables that a catalog's steps ask.

use std::collections::BTreeSet;

use super::action::{Action, Body, Modify};
use super::expression::{Expression, ExpressionKind};
use super::model::Catalog;
use super::modify::{Entries, Item, OperationKind, Selection};

impl Catalog {
    /// The lookup tables of the server that steps ask. `None` if they can't be told: a step in Rust may ask any, and a step may
    /// compute a table's name.
    pub fn lookup_tables(&self) -> Option<BTreeSet<&str>> {
        let mut tables = BTreeSet::new();
        let mut all_known = true;
        for step in &self.steps {
            let body = match &step.action {
                Action::Modify(body) => Some(body),
                _ => None,
            };
            for Modify(body) in body.into_iter().chain(step.reverse().body()) {
                let Body::Declared(body) = body else {
                    return None;
                };
                for_each_expression(body.selection(), &mut |expression| {
                    expression.walk(&mut |part| {
                        if let ExpressionKind::Call {
                            function,
                            arguments,
                            ..
                        } = &part.kind
                            && function.name() == "lookup"
                        {
                            match arguments.first().map(|table| &table.kind) {
                                Some(ExpressionKind::String(table)) => {
                                    tables.insert(table.as_str());
                                }
                                _ => all_known = false,
                            }
                        }
                    });
                });
            }
        }
        all_known.then_some(tables)
    }
}

fn for_each_expression<'s>(selection: &'s Selection, visit: &mut dyn FnMut(&'s Expression)) {
    selection.when.iter().for_each(&mut *visit);
    for item in &selection.items {
        let operation = match item {
            Item::In(inner) => {
                for_each_expression(inner, visit);
                continue;
            }
            Item::Operation(operation) => operation,
        };
        match &operation.kind {
            OperationKind::Set(Entries::Written(entries))
            | OperationKind::Default(Entries::Written(entries))
            | OperationKind::Insert(Entries::Written(entries))
            | OperationKind::Convert(entries) => {
                for (key, value) in entries {
                    visit(key);
                    visit(value);
                }
            }
            OperationKind::Set(Entries::Computed(expression))
            | OperationKind::Default(Entries::Computed(expression))
            | OperationKind::Insert(Entries::Computed(expression))
            | OperationKind::Label(expression)
            | OperationKind::Reject(expression) => visit(expression),
            OperationKind::Rename(_)
            | OperationKind::Remove(_)
            | OperationKind::RemoveItself
            | OperationKind::Move(_)
            | OperationKind::MoveBack(_) => {}
        }
    }
}
