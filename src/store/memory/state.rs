//! What a store in memory holds.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::store::error::Error;
use crate::store::laws::Noted;
use crate::store::model::{Intent, IntentId, ProjectKey, RecordedEffect, Row, Scope};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) projects: BTreeMap<ProjectKey, Project>,
    pub(super) lookups: BTreeMap<LookupKey, Value>,
    pub(super) last_intent: i64,
    /// By version and digest.
    pub(super) catalogs: BTreeMap<(u32, String), String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Project {
    pub(super) version: u32,
    /// By kind and slug.
    pub(super) documents: BTreeMap<(String, String), Row>,
    /// By kind and import version.
    pub(super) snapshots: BTreeMap<(String, u32), Snapshot>,
    /// By kind and import version.
    pub(super) effects: BTreeMap<(String, u32), RecordedEffect>,
    pub(super) intents: BTreeMap<IntentId, Intent>,
}

#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) rows: Vec<Row>,
    pub(super) time: i64,
}

pub(super) type LookupKey = (Scope, String, String);

pub(super) fn lookup_key(scope: &Scope, table: &str, key: &str) -> LookupKey {
    (scope.clone(), table.to_owned(), key.to_owned())
}

impl State {
    pub(super) fn project(&self, project: &ProjectKey) -> Result<&Project, Error> {
        self.projects.get(project).ok_or_else(|| unknown(project))
    }

    pub(super) fn project_mut(&mut self, project: &ProjectKey) -> Result<&mut Project, Error> {
        self.projects
            .get_mut(project)
            .ok_or_else(|| unknown(project))
    }

    pub(super) fn check_known(&self, scope: &Scope) -> Result<(), Error> {
        match scope {
            Scope::Project(project) => self.project(project).map(drop),
            Scope::Tenant(_) => Ok(()),
        }
    }

    pub(super) fn lookup(&self, project: &ProjectKey, table: &str, key: &str) -> Option<Value> {
        let get = |scope| self.lookups.get(&lookup_key(&scope, table, key));
        get(Scope::Project(project.clone()))
            .or_else(|| get(Scope::Tenant(project.tenant.clone())))
            .cloned()
    }
}

impl Project {
    pub(super) fn documents(&self, kind: &str) -> Vec<Row> {
        self.documents
            .values()
            .filter(|row| row.kind == kind)
            .cloned()
            .collect()
    }

    pub(super) fn record(
        &mut self,
        kind: &str,
        import_version: u32,
        rows: &[Row],
        time: i64,
    ) -> bool {
        if self.is_recorded(kind, import_version) {
            return false;
        }
        let mut rows = rows.to_vec();
        rows.sort();
        let key = (kind.to_owned(), import_version);
        self.snapshots.insert(key, Snapshot { rows, time });
        true
    }

    pub(super) fn is_recorded(&self, kind: &str, import_version: u32) -> bool {
        self.snapshots
            .contains_key(&(kind.to_owned(), import_version))
    }

    /// What is noted of the effect of an import, by its kind and version.
    pub(super) fn noted(&self, import: &(String, u32)) -> Option<Noted> {
        let known = self.effects.get(import)?;
        Some(Noted {
            effect: known.effect.clone(),
            has_outcome: known.outcome.is_some(),
        })
    }
}

fn unknown(project: &ProjectKey) -> Error {
    Error::UnknownProject {
        project: project.clone(),
    }
}
