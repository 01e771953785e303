//! All that one store holds, into another one of whatever kind.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::{Error, name_of};
use super::model::{
    Intent, LookupEntry, ProjectKey, ProjectVersion, RecordedEffect, RecordedImport, Row, Scope,
    StoredCatalog,
};
use super::traits::{Inspect, Store};

/// What a copy did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// The projects that were copied, by tenant and name.
    pub projects: Vec<ProjectKey>,
    /// The projects that the target held already, exactly so.
    pub already: Vec<ProjectKey>,
}

/// Copies every project, with its rows, snapshots, lookups and intents, every tenant's lookups, and the steps that servers
/// left. At the end, both stores are compared.
///
/// What was copied before is left as it is, so that a copy that was interrupted can be repeated: it goes on where it ended. The
/// target may hold other projects: several stores can be copied into one. Nobody may write to either meanwhile; who does so to
/// the source is found by the comparison.
///
/// # Errors
/// [`Error::CopyDiffers`] where the target has a project, or a tenant's lookup, with something that the source doesn't have;
/// nothing of it is replaced. [`Error::Absent`] where there is no source, or it knows no project. The target is made where
/// there is none.
pub fn copy(from: &dyn Inspect, to: &dyn Inspect) -> Result<Copied, Error> {
    let mut copied = Copied::default();
    let projects = keys(from)?;
    if projects.is_empty() {
        return Err(Error::Absent {
            store: from.location(),
        });
    }
    for project in projects {
        let content = Content::of(from, &project)?;
        let is_new = to.init(&project)?;
        let there = Content::of(to, &project)?;
        if there == content && !is_new {
            copied.already.push(project);
            continue;
        }
        if let Some(what) = there.is_not_begun_from(&content) {
            return Err(differs(to, &Scope::Project(project), what));
        }
        content.write(to, &project)?;
        copied.projects.push(project);
    }
    for tenant in from.tenants()? {
        let scope = Scope::Tenant(tenant);
        let there = to.lookups(&scope)?;
        let there: BTreeMap<_, _> = there.iter().map(by_key).collect();
        let mut missing = Vec::new();
        for entry in from.lookups(&scope)? {
            let (key, value) = by_key(&entry);
            match there.get(&key) {
                None => missing.push(entry),
                Some(other) if *other == value => {}
                Some(_) => return Err(differs(to, &scope, what_of(&entry))),
            }
        }
        if !missing.is_empty() {
            to.put_lookups(&scope, &missing)?;
        }
    }
    for catalog in from.catalogs(0)? {
        to.put_catalog(&catalog)?;
    }
    compare(from, to)?;
    Ok(copied)
}

fn keys(store: &dyn Store) -> Result<Vec<ProjectKey>, Error> {
    let projects = store.projects()?.into_iter();
    Ok(projects
        .map(|ProjectVersion { project, .. }| project)
        .collect())
}

/// Whether the second store holds all that the first one does.
fn compare(from: &dyn Inspect, to: &dyn Inspect) -> Result<(), Error> {
    for project in keys(from)? {
        if Content::of(from, &project)? != Content::of(to, &project)? {
            let what = "it isn't as in the source: somebody has written to one of them meanwhile";
            return Err(differs(to, &Scope::Project(project), what.to_owned()));
        }
    }
    for tenant in from.tenants()? {
        let scope = Scope::Tenant(tenant);
        let there = to.lookups(&scope)?;
        let there: BTreeMap<_, _> = there.iter().map(by_key).collect();
        let is_there = |entry: &&LookupEntry| {
            let (key, value) = by_key(entry);
            there.get(&key) == Some(&value)
        };
        let entries = from.lookups(&scope)?;
        if let Some(entry) = entries.iter().find(|entry| !is_there(entry)) {
            return Err(differs(to, &scope, what_of(entry)));
        }
    }
    let there: Vec<StoredCatalog> = to.catalogs(0)?;
    for catalog in from.catalogs(0)? {
        if !there.contains(&catalog) {
            let what = format!("the steps {} are other ones", catalog.digest);
            return Err(Error::CopyDiffers {
                store: to.location(),
                what,
            });
        }
    }
    Ok(())
}

/// All that belongs to a project, at one moment but for its lookups.
#[derive(PartialEq)]
struct Content {
    version: u32,
    documents: Vec<Row>,
    snapshots: Vec<(RecordedImport, Vec<Row>)>,
    effects: Vec<RecordedEffect>,
    /// Their numbers differ from store to store.
    intents: Vec<Intent>,
    lookups: Vec<LookupEntry>,
}

impl Content {
    fn of(store: &dyn Inspect, project: &ProjectKey) -> Result<Content, Error> {
        let mut read = store.read(project)?;
        let Some(version) = read.version()? else {
            return Err(Error::UnknownProject {
                project: project.clone(),
            });
        };
        let mut snapshots = Vec::new();
        for import in read.recorded_imports()? {
            let rows = read.snapshots(&import.kind, import.import_version)?;
            snapshots.push((import, rows.unwrap_or_default()));
        }
        let intents = read.intents()?.into_iter();
        let content = Content {
            version,
            documents: read.all_documents()?,
            snapshots,
            effects: read.effects()?,
            intents: intents.map(|(_, intent)| intent).collect(),
            lookups: Vec::new(),
        };
        drop(read);
        let lookups = store.lookups(&Scope::Project(project.clone()))?;
        Ok(Content { lookups, ..content })
    }

    /// What this has that an interrupted copy can't have: that writes snapshots, effects, intents and version last, and at once.
    fn is_not_begun_from(&self, source: &Content) -> Option<String> {
        let is_empty =
            self.snapshots.is_empty() && self.effects.is_empty() && self.intents.is_empty();
        if self.version > 0 || !is_empty {
            return Some(format!(
                "it is in use there, at version {}, and {} in the source",
                self.version, source.version
            ));
        }
        let mut rows = self.documents.iter();
        if let Some(row) = rows.find(|row| source.documents.binary_search(row).is_err()) {
            let name = name_of(&row.kind, &row.slug);
            return Some(format!(
                "its table has a {name} that the source doesn't have"
            ));
        }
        let mut entries = self.lookups.iter();
        let entry = entries.find(|entry| !source.lookups.contains(entry));
        entry.map(what_of)
    }

    fn write(&self, to: &dyn Inspect, project: &ProjectKey) -> Result<(), Error> {
        to.put_documents(project, &self.documents)?;
        let scope = Scope::Project(project.clone());
        to.put_lookups(&scope, &self.lookups)?;
        let mut write = to.write(project)?;
        for (import, rows) in &self.snapshots {
            write.record_snapshot(&import.kind, import.import_version, rows, import.time)?;
        }
        for RecordedEffect {
            kind,
            import_version,
            effect,
            outcome,
            time,
        } in &self.effects
        {
            write.begin_effect(kind, *import_version, effect, *time)?;
            if let Some(outcome) = outcome {
                write.record_effect(kind, *import_version, outcome, *time)?;
            }
        }
        for intent in &self.intents {
            write.put_intent(intent)?;
        }
        write.raise_version(self.version)?;
        write.commit()
    }
}

fn by_key(entry: &LookupEntry) -> ((&str, &str), &Value) {
    ((&entry.table, &entry.key), &entry.value)
}

fn what_of(entry: &LookupEntry) -> String {
    format!(
        "its lookup {} {:?} isn't the same there",
        entry.table, entry.key
    )
}

fn differs(to: &dyn Inspect, whose: &Scope, what: String) -> Error {
    Error::CopyDiffers {
        store: to.location(),
        what: format!("{whose}: {what}"),
    }
}
