//! The substitution language: what names a text refers to, and where.

mod corpus;
mod hostile;
mod language;
mod properties;
mod rename;
mod script;

use ocl_migrate::template::{Local, Reading, Template};

/// The names of a value, as they are written; those of a loop with `local:` before them.
fn names(text: &str) -> Vec<String> {
    named(&Template::read(text, Reading::Value))
}

fn named(template: &Template<'_>) -> Vec<String> {
    template
        .names()
        .iter()
        .map(|name| {
            let written = &template.text()[name.path.place()];
            match name.local {
                None => written.to_owned(),
                Some(Local::Item(number)) => format!("item {number}: {written}"),
                Some(Local::Special(number)) => format!("loop {number}: {written}"),
            }
        })
        .collect()
}

/// Whether the server leaves the whole value as it is, since it can't read it.
fn is_malformed(text: &str) -> bool {
    let template = Template::read(text, Reading::Value);
    let malformed = !template.mistakes().is_empty();
    assert!(
        !malformed || template.names().is_empty() && template.is_plain(),
        "{text}"
    );
    malformed
}
