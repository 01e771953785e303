//! Documents with their defaults filled in: each distinct combination of texts once.

use std::sync::Arc;

use super::held::{Held, HeldBase, HeldProject};
use super::leaf_table::LeafTable;
use super::read::{Cell, Leaves, Sources};
use crate::catalog::DocumentName;
use crate::compare::{EffectiveDocument, Origin, defaults_of};

/// A document in a ref, and its text.
struct Part {
    origin: Origin,
    entry: u32,
    base: usize,
    name: DocumentName,
    text: u32,
    own: bool,
}

impl Sources {
    /// Whether anything says what the defaults are.
    pub(in crate::query) fn has_defaults(&self) -> bool {
        let mut kinds = self.project.catalog().kinds().iter();
        self.defaults.is_some() || kinds.any(|kind| kind.defaults.is_some())
    }

    /// What a ref holds, and after its own documents those that only the ref of everybody's defaults has.
    pub(in crate::query) fn held_with_defaults(&mut self, entry: u32) -> Arc<Held> {
        let held = self.held(entry);
        let (Some(defaults), Ok(case)) = (self.defaults, self.case(entry)) else {
            return held;
        };
        if let Some(known) = self.held_with_defaults.get(&case) {
            return known.clone();
        }
        let of_defaults = self.held(defaults);
        let bases = held.bases.iter().map(|base| HeldBase {
            path: base.path.clone(),
            project: match &base.project {
                Ok(project) => Ok(with_names_of(project, of_defaults.project(&base.path))),
                Err(error) => Err(error.clone()),
            },
        });
        let both = Arc::new(Held {
            bases: bases.collect(),
            error: held.error.clone(),
        });
        self.held_with_defaults.insert(case, both.clone());
        both
    }

    /// The values of a document with its defaults; `None` if it has none, or they can't be read, which is noted.
    pub(in crate::query) fn effective(
        &mut self,
        entry: u32,
        base: usize,
        name: &DocumentName,
    ) -> Option<Leaves> {
        let own = self.part(Origin::Own, entry, base, name).ok()?;
        let leaves = match self.default_parts(entry, base, name) {
            Ok(defaults) => self.filled(name, own, defaults),
            Err(unread) => Err(format!("{name}: its defaults, {unread}, can't be read")),
        };
        self.noted(entry, name, leaves)?
    }

    /// Fills in a document.
    fn filled(
        &mut self,
        name: &DocumentName,
        own: Option<Part>,
        defaults: Vec<Part>,
    ) -> Result<Option<Leaves>, String> {
        // What only the document of a kind's defaults says makes no document.
        let is_there = |part: &Part| part.name == *name;
        if own.is_none() && !defaults.iter().any(is_there) {
            return Ok(None);
        }
        let of_defaults = match &*defaults {
            [] => None,
            defaults => Some(self.combined(name, defaults)?),
        };
        let is_own = own.as_ref().is_some_and(|own| own.own);
        let table = match (own, &of_defaults) {
            (None, Some(of_defaults)) => of_defaults.clone(),
            (own, _) => {
                let parts: Vec<Part> = own.into_iter().chain(defaults).collect();
                self.combined(name, &parts)?
            }
        };
        Ok(Some(Leaves {
            table,
            own: is_own,
            defaults: of_defaults,
        }))
    }

    /// What fills in a document, in its order.
    ///
    /// # Errors
    /// What of it can't be read, which is noted.
    fn default_parts(
        &mut self,
        entry: u32,
        base: usize,
        name: &DocumentName,
    ) -> Result<Vec<Part>, String> {
        let kind = defaults_of(self.project.catalog(), name);
        let mut parts = Vec::new();
        if let Some(kind) = &kind {
            parts.extend(self.part(Origin::KindDefaults, entry, base, kind)?);
        }
        let Some(of_all) = self.defaults else {
            return Ok(parts);
        };
        let held = self.held(of_all);
        let path = &self.held(entry).bases[base].path;
        let base = held.bases.iter().position(|base| base.path == *path);
        match base.map(|base| (base, &held.bases[base].project)) {
            Some((base, Ok(_))) => {
                for name in [Some(name), kind.as_ref()].into_iter().flatten() {
                    parts.extend(self.part(Origin::RefDefaults, of_all, base, name)?);
                }
            }
            None if held.error.is_none() => {}
            _ => return Err(self.entry(of_all).name.clone()),
        }
        Ok(parts)
    }

    /// A document as a part of another one; `None` where the ref doesn't have it.
    ///
    /// # Errors
    /// Its name, if it can't be read, which is noted.
    fn part(
        &mut self,
        origin: Origin,
        entry: u32,
        base: usize,
        name: &DocumentName,
    ) -> Result<Option<Part>, String> {
        let held = self.held(entry);
        let project = held.bases[base].project.as_ref();
        let place = project.ok().and_then(|project| project.place(name));
        let Some(place) = place else {
            return Ok(None);
        };
        match self.cell(entry, base, place, name) {
            Cell::Text { text, own } => Ok(Some(Part {
                origin,
                entry,
                base,
                name: name.clone(),
                text,
                own,
            })),
            Cell::Absent => Ok(None),
            Cell::Failed(_) => Err(name.to_string()),
        }
    }

    /// The values of some texts, each filled in from those after it.
    fn combined(&mut self, name: &DocumentName, parts: &[Part]) -> Result<Arc<LeafTable>, String> {
        if let [
            Part {
                origin: Origin::Own,
                entry,
                base,
                text,
                ..
            },
        ] = parts
        {
            return self.table(*entry, *base, name, *text);
        }
        let texts = parts.iter().map(|part| (part.origin, part.text));
        let combination = (name.clone(), texts.collect());
        let text = match self.combinations.get(&combination) {
            Some(text) => *text,
            None => {
                let text = self.number_text();
                self.combinations.insert(combination, text);
                text
            }
        };
        if let Some(known) = self.tables.get(&text) {
            return Ok(known.clone());
        }
        let mut tables = Vec::with_capacity(parts.len());
        for part in parts {
            let table = self.table(part.entry, part.base, &part.name, part.text)?;
            tables.push((part.origin, table));
        }
        let parts = tables
            .iter()
            .map(|(origin, table)| (*origin, table.document()));
        let effective = EffectiveDocument::of(self.project.catalog(), name, parts);
        let effective = effective.map_err(|error| format!("with its defaults: {error}"))?;
        let table = Arc::new(LeafTable::of_effective(effective));
        self.tables.insert(text, table.clone());
        Ok(table)
    }
}

/// A project with the names that another one has beside.
fn with_names_of(project: &HeldProject, other: Option<&HeldProject>) -> HeldProject {
    let mut names = project.names.clone();
    // Where there is no project, nothing is filled in.
    if let Some(other) = other.filter(|_| project.version.is_some()) {
        let others = other.names.iter();
        names.extend(others.filter(|name| project.place(name).is_none()).cloned());
    }
    HeldProject::new(
        project.version,
        project.pending,
        names,
        project.warnings.clone(),
    )
}
