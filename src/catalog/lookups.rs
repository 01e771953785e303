//! The lookup tables that a catalog's steps ask.

use std::collections::BTreeSet;

use super::action::{Action, Body, Modify};
use super::expression::ExpressionKind;
use super::model::Catalog;

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
                body.selection().each_expression(&mut |expression| {
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
