//! The answers to lookups.

use std::collections::BTreeSet;

use crate::ocl::{DoubledJsonName, doubled_json_name};
use crate::store::{LookupEntry, Scope};
use crate::text;
use serde_json::Value;

use super::arguments::Lookup;
use super::report::ValueReport;
use super::{Context, did_you_mean, missing};
use crate::cli::failure::{Failure, quoted};
use crate::cli::files;
use crate::cli::global::Format;
use crate::cli::output::Output;

/// Some editors begin a file with it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Context<'_> {
    pub(super) fn lookup(&self, command: &Lookup, output: &mut Output) -> Result<(), Failure> {
        let scope = Scope::Project(self.key.clone());
        match command {
            Lookup::Put { table, key, value } => {
                if table.is_empty() || key.is_empty() {
                    let which = if table.is_empty() { "table" } else { "key" };
                    return Err(Failure::Usage(format!("the {which} is empty")));
                }
                let (text, value) = match value.as_str() {
                    "-" => read_value()?,
                    text => (text.to_owned(), value_of(text)?),
                };
                let type_name = match &value {
                    Value::Null => {
                        return Err(Failure::Usage(format!(
                            "null is not an answer: to store it as text, quote it: '\"null\"'; to take the answer out: store \
                             lookup remove {} {}",
                            quoted(table),
                            quoted(key)
                        )));
                    }
                    Value::Bool(_) => Some("boolean"),
                    Value::Number(_) => Some("number"),
                    Value::String(_) | Value::Array(_) | Value::Object(_) => None,
                };
                self.store
                    .inspect()
                    .put_lookup(&scope, table, key, &value)?;
                self.tell_unasked([&**table], output);
                if let Some(type_name) = type_name {
                    output.note(format_args!(
                        "stored as a {type_name}; to store it as text, quote it: '\"{}\"'",
                        text.trim()
                    ));
                }
                tell_empty(
                    [(table, key, &value)],
                    &self.global.program_of_store(),
                    output,
                );
                let text = format!("{table} {key:?} is {value} now");
                self.done("lookup put", true, vec![key.clone()], &text, output)?;
            }
            Lookup::Get { table, key } => {
                match self.store.inspect().read(&self.key)?.lookup(table, key)? {
                    Some(value) if self.global.format == Format::Json => {
                        output.json(&ValueReport::new(key, None, &value))?;
                    }
                    Some(value) => output.json(&value)?,
                    None => {
                        return Err(self.no_answer(&scope, table, key)?);
                    }
                }
            }
            Lookup::Load { file } => self.load_lookups(&scope, file, output)?,
            Lookup::Remove { table, key } => {
                if !self.store.inspect().remove_lookup(&scope, table, key)? {
                    return Err(self.no_answer(&scope, table, key)?);
                }
                let text = format!("{table} has no key {key:?} any more");
                self.done("lookup remove", true, vec![key.clone()], &text, output)?;
            }
        }
        Ok(())
    }

    /// A warning for each table that no step asks: its name may be mistyped. It is no error: a newer server may ask it.
    fn tell_unasked<'t>(&self, tables: impl IntoIterator<Item = &'t str>, output: &mut Output) {
        // A catalog that asks none has no name that was meant.
        let asked = self.catalog.lookup_tables();
        let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
            return;
        };
        for table in tables {
            if !asked.contains(table) {
                let meant = did_you_mean(table, asked.iter().copied());
                output.warning(format_args!(
                    "no step of this catalog asks a table {table:?}{meant}"
                ));
            }
        }
    }

    /// Says that a table has no such key, and which was probably meant.
    fn no_answer(&self, scope: &Scope, table: &str, key: &str) -> Result<Failure, Failure> {
        let lookups = self.store.inspect().lookups(scope)?;
        let tables: BTreeSet<&str> = lookups.iter().map(|entry| &*entry.table).collect();
        if !tables.contains(table) {
            let meant = did_you_mean(table, tables.into_iter());
            return Ok(missing(format!("there is no table {table:?}{meant}"), None));
        }
        let keys = lookups.iter().filter(|entry| entry.table == table);
        let meant = did_you_mean(key, keys.map(|entry| &*entry.key));
        let message = format!("the table {table:?} has no key {key:?}{meant}");
        Ok(missing(message, None))
    }

    fn load_lookups(
        &self,
        scope: &Scope,
        file: &std::path::Path,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let bytes = files::read(file)?;
        let wrong_at = |position, what: String| Failure::Answers {
            path: file.display().to_string(),
            position,
            message: format!("{what}; write {{\"table\": {{\"key\": value}}}}"),
        };
        let wrong = |what| wrong_at(None, what);
        let not_read = |error: serde_json::Error| {
            let position = Some((error.line(), error.column())).filter(|(line, _)| *line > 0);
            wrong_at(position, error.to_string())
        };
        let tables: serde_json::Map<String, Value> =
            serde_json::from_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes))
                .map_err(not_read)?;
        let mut answers = Vec::new();
        for (table, entries) in &tables {
            let Some(entries) = entries.as_object() else {
                return Err(wrong(format!("the table {table:?} is no object")));
            };
            for (key, value) in entries {
                if table.is_empty() || key.is_empty() {
                    let what =
                        format!("the table {table:?} has the key {key:?}: neither may be empty");
                    return Err(wrong(what));
                }
                if value.is_null() {
                    let what = format!("the table {table:?} has null under {key:?}, not an answer");
                    return Err(wrong(what));
                }
                answers.push(LookupEntry {
                    table: table.clone(),
                    key: key.clone(),
                    value: value.clone(),
                });
            }
        }
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        if let Some(doubled) = doubled_json_name(text) {
            return Err(wrong_at(position_of(&doubled), doubled.to_string()));
        }
        let count = answers.len();
        let told = answers.iter();
        let program = self.global.program_of_store();
        tell_empty(
            told.map(|it| (&it.table, &it.key, &it.value)),
            &program,
            output,
        );
        if count > 0 {
            self.store.inspect().put_lookups(scope, &answers)?;
        }
        self.tell_unasked(tables.keys().map(String::as_str), output);
        let (answers, into) = (
            text::count(count, "answer"),
            text::count(tables.len(), "table"),
        );
        let text = format!("{answers} put into {into}");
        let tables = tables.keys().cloned().collect();
        self.done("lookup load", count > 0, tables, &text, output)
    }
}

/// Of answers that are empty texts, such as a variable that a script hasn't set, the first is named.
fn tell_empty<'a>(
    answers: impl IntoIterator<Item = (&'a String, &'a String, &'a Value)>,
    program: &str,
    output: &mut Output,
) {
    let answers = answers.into_iter();
    let mut empty = answers.filter(|(_, _, value)| value.as_str() == Some(""));
    let Some((table, key, _)) = empty.next() else {
        return;
    };
    let more = match empty.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    output.note(format_args!(
        "{table} {key:?}{more}: the answer is an empty text; if there is none: {program} store lookup remove {} {}",
        quoted(table),
        quoted(key)
    ));
}

/// The JSON of the standard input, as text and as a value.
fn read_value() -> Result<(String, Value), Failure> {
    let wrong = |position, message: String| Failure::Answers {
        path: "-".to_owned(),
        position,
        message: format!("{message}; write JSON: text stands in quotes"),
    };
    let bytes = files::read("-".as_ref())?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let message = format!("it isn't UTF-8 at line {line} column {column}");
        wrong(Some((line, column)), message)
    })?;
    let value = serde_json::from_str(&text).map_err(|error| {
        let position = Some((error.line(), error.column())).filter(|(line, _)| *line > 0);
        wrong(position, error.to_string())
    })?;
    match doubled_json_name(&text) {
        Some(doubled) => Err(wrong(position_of(&doubled), doubled.to_string())),
        None => Ok((text, value)),
    }
}

/// An argument's value: JSON, or else text.
fn value_of(text: &str) -> Result<Value, Failure> {
    let Ok(value) = serde_json::from_str(text) else {
        return Ok(Value::String(text.to_owned()));
    };
    match doubled_json_name(text) {
        Some(doubled) => Err(Failure::Usage(format!(
            "the value's JSON isn't clear: {doubled}"
        ))),
        None => Ok(value),
    }
}

/// Where a name stands for the second time.
fn position_of(doubled: &DoubledJsonName) -> Option<(usize, usize)> {
    Some((doubled.second.line, doubled.second.column))
}
