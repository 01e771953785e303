//! `changes`: a row for each value that a commit changed.

use std::collections::HashSet;
use std::sync::Arc;

use super::commits::{HEAD, time};
use super::row::{Arguments, Field, Rows};
use crate::catalog::DocumentName;
use crate::history::{Cause, CommitChange, History, HistoryError, HistoryOptions};
use crate::project::{LoadError, LoadOptions};
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::table::changes::{
    ADDRESS, AUTHOR, CAUSE, CHANGE, COMMIT, DOCUMENT, EMAIL, KIND, NEW, OLD, REVISION, SELECTOR,
    SLUG, SUBJECT, TIME,
};
use crate::values::{Change, Element, Leaf, Selector, Value};

pub(super) struct ChangeRows {
    shared: Arc<Shared>,
    conditions: Conditions,
    arguments: Arguments,
    /// As the argument says, and what that stands for.
    revision: String,
    begin: String,
    selector: Selector,
    documents: std::vec::IntoIter<DocumentName>,
    history: Option<History>,
    commit: Option<CommitChange>,
    /// What the commit changed, and what of it is still to come.
    changes: std::vec::IntoIter<Row>,
    current: Option<Row>,
}

/// A value that a commit changed.
struct Row {
    /// Its place among all that the commit changed in the document.
    place: usize,
    address: String,
    change: &'static str,
    cause: Cause,
    old: Option<String>,
    new: Option<String>,
}

impl ChangeRows {
    pub(super) fn open(
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
    ) -> Result<ChangeRows, QueryError> {
        let revision = arguments.revision.as_deref().unwrap_or(HEAD).to_owned();
        let selector = arguments.selector.as_deref().unwrap_or_default();
        let selector: Selector = selector.parse()?;
        let mut sources = shared.sources();
        let begin = sources.revision(&revision);
        let named: Option<Vec<DocumentName>> = conditions.texts(DOCUMENT).map(|names| {
            let names = names.iter();
            names.filter_map(|name| name.parse().ok()).collect()
        });
        let options = LoadOptions {
            target: Some(sources.target()),
        };
        let loaded = sources.project().load(&begin, options);
        if let Ok(loaded) = &loaded {
            for warning in loaded.warnings() {
                sources.add_warning(&revision, None, &warning.to_string());
            }
        }
        let documents = match (named, &loaded) {
            // Their histories tell what can't be loaded.
            (Some(named), _) => named,
            (None, Ok(loaded)) => loaded.names().cloned().collect(),
            (None, Err(error)) => {
                sources.add_problem(&revision, None, &error.to_string());
                Vec::new()
            }
        };
        drop(sources);
        let is_wanted = |name: &DocumentName| {
            conditions.admit(DOCUMENT, Some(name.as_str()))
                && conditions.admit(KIND, Some(name.kind()))
                && conditions.admit(SLUG, Some(name.slug()))
        };
        let mut documents: Vec<DocumentName> = documents.into_iter().filter(is_wanted).collect();
        documents.dedup();
        if let Ok(loaded) = loaded {
            let mut sources = shared.sources();
            for name in &documents {
                let Ok(document) = loaded.document(name.as_str()) else {
                    continue;
                };
                for text in loaded.told_of(document).iter() {
                    sources.add_warning(&revision, Some(name.as_str()), text);
                }
            }
        }
        Ok(ChangeRows {
            shared,
            arguments: arguments.clone(),
            revision,
            begin,
            selector,
            documents: documents.into_iter(),
            history: None,
            commit: None,
            changes: Vec::new().into_iter(),
            current: None,
            conditions,
        })
    }

    fn next_document(&mut self) -> Result<bool, QueryError> {
        let Some(name) = self.documents.next() else {
            return Ok(false);
        };
        let mut sources = self.shared.sources();
        let options = HistoryOptions {
            selector: self.selector.clone(),
            target: Some(sources.target()),
            migrations: true,
            ..HistoryOptions::default()
        };
        match sources
            .project()
            .history(&self.begin, name.as_str(), options)
        {
            Ok(history) => self.history = Some(history),
            // No commit has such a document.
            Err(LoadError::NoSuchDocument { .. }) => {}
            Err(error) => {
                let document = Some(name.as_str());
                sources.add_problem(&self.revision, document, &error.to_string());
            }
        }
        Ok(true)
    }

    fn next_commit(&mut self) -> Result<bool, QueryError> {
        let Some(history) = &mut self.history else {
            return Ok(false);
        };
        match history.next() {
            None => {
                self.history = None;
                return Ok(false);
            }
            Some(Ok(change)) => {
                let rows = change.difference();
                let beside_import = change.beside_import();
                let edited: Option<HashSet<String>> = beside_import.as_ref().map(|beside| {
                    let changes = beside.changes().iter();
                    changes.map(|it| it.element().to_string()).collect()
                });
                // One without values came or went.
                let whole = (rows.is_empty() && change.is_whole()).then(|| Row {
                    place: 0,
                    address: String::new(),
                    change: match change.after() {
                        Some(_) => "added",
                        None => "removed",
                    },
                    cause: change.cause(),
                    old: None,
                    new: None,
                });
                let rows = rows.changes().iter().enumerate().map(|(place, it)| {
                    let mut row = row(place, it, change.cause());
                    if edited.as_ref().is_some_and(|it| !it.contains(&row.address)) {
                        row.cause = Cause::Migration;
                    }
                    row
                });
                let conditions = &self.conditions;
                let rows = rows.chain(whole);
                let rows = rows.filter(|row| conditions.admit(ADDRESS, Some(&row.address)));
                let rows: Vec<Row> = rows.collect();
                self.changes = rows.into_iter();
                if !change.told().is_empty() {
                    let mut sources = self.shared.sources();
                    for text in change.told() {
                        sources.add_warning(&self.revision, Some(change.name().as_str()), text);
                    }
                }
                self.commit = Some(change);
            }
            Some(Err(HistoryError::Load(error))) => return Err(error.into()),
            Some(Err(error)) => {
                let document = history.name().as_str().to_owned();
                let mut sources = self.shared.sources();
                sources.add_problem(&self.revision, Some(&document), &error.to_string());
            }
        }
        Ok(true)
    }

    fn row(&self) -> (&CommitChange, &Row) {
        let row = self.commit.as_ref().zip(self.current.as_ref());
        row.expect("a column is asked for only on a row")
    }
}

fn row(place: usize, change: &Change<'_>, cause: Cause) -> Row {
    let leaf = |leaf: Option<&Leaf<'_>>| leaf.and_then(|leaf| text(leaf.value()));
    let position = |element: &Element<'_>| element.order().map(|order| order.to_string());
    let (old, new) = match change {
        Change::Moved { old, new } => (position(old), position(new)),
        Change::Respelled { old, new } => (Some(old.to_string()), Some(new.to_string())),
        change => (leaf(change.old_leaf()), leaf(change.new_leaf())),
    };
    Row {
        place,
        address: change.element().to_string(),
        change: change.name(),
        cause,
        old,
        new,
    }
}

/// A value as `leaves.value` has it.
fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.into_owned()),
        value => Some(value.to_string()),
    }
}

impl Rows for ChangeRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        loop {
            self.current = self.changes.next();
            if self.current.is_some() {
                return Ok(true);
            }
            self.shared.check_time()?;
            if !self.next_commit()? && !self.next_document()? {
                return Ok(false);
            }
        }
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        let (change, row) = self.row();
        let commit = change.commit();
        Ok(match column {
            COMMIT => Field::owned(commit.id.to_string()),
            DOCUMENT => Field::text(change.name().as_str()),
            KIND => Field::text(change.name().kind()),
            SLUG => Field::text(change.name().slug()),
            ADDRESS => Field::text(&row.address),
            CHANGE => Field::text(row.change),
            OLD => Field::some(row.old.as_deref()),
            NEW => Field::some(row.new.as_deref()),
            CAUSE => Field::text(row.cause.name()),
            TIME => time(commit.author.seconds),
            AUTHOR => Field::text(&commit.author.name),
            EMAIL => Field::text(&commit.author.email),
            SUBJECT => Field::text(&commit.subject),
            REVISION => Field::text(&self.revision),
            SELECTOR => Field::some(self.arguments.selector.as_deref()),
            _ => Field::Null,
        })
    }

    fn id(&self) -> i64 {
        let (change, row) = self.row();
        let (commit, name) = (change.commit().id, change.name());
        let key = format!(
            "{commit} {name} {} {} {}",
            row.place, self.revision, self.selector
        );
        self.shared.id_of(key)
    }
}
