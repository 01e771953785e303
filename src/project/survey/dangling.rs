//! References that a migration leaves without what they refer to.
//!
//! What refers to what is declared in the newest shape. Documents are read by that before their migration too: of a name that
//! stood elsewhere then nothing is known, and nothing is said.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalog::{Catalog, DocumentName};
use crate::engine::MigratedDocument;
use crate::ocl::Document;
use crate::project::read::loaded::Loaded;
use crate::project::read::warning::Warning;
use crate::references::{Certainty, Name, References};
use crate::values::Values;

/// References that led to something before the migration and lead nowhere after it, by what they referred to. Nothing is said
/// where a document can't be read, nor of a migration that doesn't end at the newest shape.
pub(crate) fn dangling(loaded: &Loaded) -> Vec<Warning> {
    let (catalog, plan) = (loaded.project().catalog(), loaded.plan());
    let is_up = plan.branch_version < plan.target && plan.target == catalog.server_version();
    if !is_up || catalog.thing_kinds().next().is_none() {
        return Vec::new();
    }
    let mut documents = loaded.documents();
    if documents.all(|document| document.changes().is_empty()) {
        return Vec::new();
    }
    Migration::read(loaded).map_or_else(Vec::new, |migration| migration.dangling())
}

/// What the documents of a ref name, before and after.
struct Migration<'l> {
    catalog: &'l Catalog,
    documents: Vec<Migrated<'l>>,
    /// The kinds of the documents that are there after it.
    kinds: HashSet<&'l str>,
    before: Defined,
    after: Defined,
}

struct Migrated<'l> {
    document: &'l MigratedDocument,
    before: Named,
    after: Named,
    /// After each step that changed it, once that is asked for.
    steps: OnceCell<Vec<(usize, Named)>>,
}

/// What one text names.
#[derive(Default)]
struct Named {
    definitions: Vec<Defines>,
    references: Vec<Refers>,
}

/// A name of a thing that is defined.
struct Defines {
    kind: String,
    key: String,
    /// As it is written.
    name: String,
}

struct Refers {
    kind: String,
    name: Name,
    address: String,
    line: usize,
}

/// What is defined, by kind and key: as it is written, and by which document.
#[derive(Default)]
struct Defined(HashMap<String, BTreeMap<String, (String, DocumentName)>>);

/// A reference that led somewhere.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Lost<'l> {
    kind: &'l str,
    /// As it was written where it was defined.
    name: &'l str,
    /// What is referred to instead, where that has changed.
    now: Option<&'l str>,
    /// The step that made it so: its place in the catalog.
    step: Option<usize>,
}

impl<'l> Migration<'l> {
    /// `None` where a document can't be read.
    fn read(loaded: &'l Loaded) -> Option<Migration<'l>> {
        let mut migration = Migration {
            catalog: loaded.project().catalog(),
            documents: Vec::new(),
            kinds: HashSet::new(),
            before: Defined::default(),
            after: Defined::default(),
        };
        for document in loaded.documents() {
            if document.error().is_some() {
                return None;
            }
            let read = |bytes: Option<Vec<u8>>, shape| match bytes {
                Some(bytes) => Named::of(bytes, &document.name, shape, migration.catalog),
                None => Some(Named::default()),
            };
            let before = read(loaded.before(document).ok()?, loaded.shape_of(document))?;
            let content = loaded.content(document).ok()?;
            if content.is_some() {
                migration.kinds.insert(document.name.kind());
            }
            let after = read(content, loaded.plan().target)?;
            migration.before.add(&document.name, &before);
            migration.after.add(&document.name, &after);
            migration.documents.push(Migrated {
                document,
                before,
                after,
                steps: OnceCell::new(),
            });
        }
        Some(migration)
    }

    fn dangling(&self) -> Vec<Warning> {
        let mut lost: BTreeMap<Lost<'_>, Vec<String>> = BTreeMap::new();
        for migrated in &self.documents {
            let mut was_at: HashMap<(&str, &str), Vec<&Refers>> = HashMap::new();
            for was in migrated.before.references.iter().rev() {
                was_at.entry(was.place()).or_default().push(was);
            }
            for is in &migrated.after.references {
                // Several names may stand in one value: they are in the same order still.
                let was = was_at.get_mut(&is.place()).and_then(Vec::pop);
                if !self.leads_nowhere(is) {
                    continue;
                }
                if let Some(found) = self.lost(migrated, was, is) {
                    let place = format!("{}:{}", migrated.document.name, is.line);
                    lost.entry(found).or_default().push(place);
                }
            }
        }
        let lost = lost.into_iter();
        lost.map(|(lost, places)| Warning::LeadsNowhere {
            places,
            kind: lost.kind.to_owned(),
            name: lost.name.to_owned(),
            now: lost.now.map(str::to_owned),
            step: lost.step.map(|step| {
                let step = &self.catalog.steps()[step];
                format!("{} {}", step.version(), step.name())
            }),
        })
        .collect()
    }

    /// Whether documents define things of this kind, and none defines this one.
    fn leads_nowhere(&self, reference: &Refers) -> bool {
        let things = self.catalog.things();
        let Some(thing) = things.thing(&reference.kind) else {
            return false;
        };
        let is_built_in = |name: &String| {
            let built_in = Name::whole(things, &thing.kind, name);
            let mut keys = reference.name.keys().iter();
            keys.any(|key| built_in.keys().contains(key))
        };
        let mut defined_in = thing.defined_in.iter();
        defined_in.any(|kind| self.kinds.contains(&**kind))
            && !thing.built_in.iter().any(is_built_in)
            && self.after.find(reference).is_none()
    }

    /// What a reference that leads nowhere led to: by the name that it has, or by the one that stood there.
    fn lost<'r>(
        &'r self,
        migrated: &'r Migrated<'_>,
        was: Option<&'r Refers>,
        is: &'r Refers,
    ) -> Option<Lost<'r>> {
        if let Some((key, (name, defined_in))) = self.before.find(is) {
            let step = self.step_after_which(defined_in, |named| {
                let mut definitions = named.definitions.iter();
                !definitions.any(|it| it.kind == is.kind && it.key == *key)
            });
            return Some(Lost {
                kind: &is.kind,
                name,
                now: None,
                step,
            });
        }
        let was = was?;
        let (_, (name, _)) = self.before.find(was)?;
        let step = self.step_after_which(&migrated.document.name, |named| {
            let mut references = named.references.iter();
            !references.any(|it| it.place() == was.place() && it.name == was.name)
        });
        Some(Lost {
            kind: &is.kind,
            name,
            now: Some(is.name.text()),
            step,
        })
    }

    /// The first step that leaves a document so.
    fn step_after_which(
        &self,
        document: &DocumentName,
        is_so: impl Fn(&Named) -> bool,
    ) -> Option<usize> {
        let mut documents = self.documents.iter();
        let migrated = documents.find(|it| it.document.name == *document)?;
        let steps = migrated.steps.get_or_init(|| migrated.steps(self.catalog));
        let step = steps.iter().find(|(_, named)| is_so(named));
        step.map(|(step, _)| *step)
    }
}

impl Migrated<'_> {
    /// What it names after each step that changed it.
    fn steps(&self, catalog: &Catalog) -> Vec<(usize, Named)> {
        let changes = self.document.changes().iter();
        let after = changes.filter_map(|change| {
            let shape = catalog.steps()[change.step].version();
            let named = match &change.text {
                Some(text) => Named::of(text.as_bytes(), &self.document.name, shape, catalog),
                None => Some(Named::default()),
            };
            Some((change.step, named?))
        });
        after.collect()
    }
}

impl Named {
    /// `None` where the text, or a condition of the catalog on it, can't be read.
    fn of(
        text: impl Into<Vec<u8>>,
        name: &DocumentName,
        shape: u32,
        catalog: &Catalog,
    ) -> Option<Named> {
        let document = Document::from_bytes(text.into(), catalog.dialect_at(shape)).ok()?;
        let values = Values::of(&document, catalog.identity(name.kind()));
        let found = References::of(values, name, catalog).ok()?;
        let definitions = found.definitions.iter().flat_map(|definition| {
            let names = definition.names.iter();
            names.filter_map(|name| {
                Some(Defines {
                    kind: definition.kind.to_owned(),
                    key: name.keys().first()?.clone(),
                    name: name.text().to_owned(),
                })
            })
        });
        let known = found.references.iter();
        let known = known.filter(|reference| reference.certainty != Certainty::Dynamic);
        Some(Named {
            definitions: definitions.collect(),
            references: known
                .map(|reference| Refers {
                    kind: reference.kind.to_owned(),
                    name: reference.name.clone(),
                    address: reference.element.to_string(),
                    line: reference.line,
                })
                .collect(),
        })
    }
}

impl Refers {
    fn place(&self) -> (&str, &str) {
        (&self.kind, &self.address)
    }
}

impl Defined {
    fn add(&mut self, document: &DocumentName, named: &Named) {
        for Defines { kind, key, name } in &named.definitions {
            let of_kind = self.0.entry(kind.clone()).or_default();
            of_kind
                .entry(key.clone())
                .or_insert_with(|| (name.clone(), document.clone()));
        }
    }

    /// What a reference means.
    fn find(&self, reference: &Refers) -> Option<(&String, &(String, DocumentName))> {
        let of_kind = self.0.get(&reference.kind)?;
        let mut keys = reference.name.keys().iter();
        let found = keys.find_map(|key| of_kind.get_key_value(key));
        let item = || {
            reference.name.items_of()?;
            let mut all = of_kind.iter();
            all.find(|(key, _)| reference.name.may_become(key))
        };
        found.or_else(item)
    }
}
