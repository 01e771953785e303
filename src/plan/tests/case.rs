//! Plans asked for in a line, and told in lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalog::{
    Catalog, CatalogParts, DocumentKind, DocumentName, Marker, OnExisting, PathPattern, Step,
};
use crate::plan::{Origin, Plan, Request, StoreState, StoredDocument, StoredKind};

fn joined(names: &[DocumentName]) -> String {
    let names: Vec<&str> = names.iter().map(DocumentName::as_str).collect();
    names.join(" ")
}

/// A catalog in one line: `fizz: 3 import, 4 modify; buzz: 5 modify`.
///
/// `fizz[]` is a collection, `*` all kinds, `marker` the marker; `unknown: 11, 12` are versions nobody knows.
pub(super) fn catalog(notation: &str) -> Catalog {
    let mut parts = CatalogParts {
        marker: Marker {
            legacy_paths: vec!["old-marker.ocl".into()],
            ..Marker::default()
        },
        ..CatalogParts::new("test", ".octopus")
    };
    for lane in notation.split(';').map(str::trim) {
        let (kind, steps) = lane.split_once(':').expect("a kind, a colon, its steps");
        let steps = steps.split(',').map(str::trim).filter(|s| !s.is_empty());
        if kind == "unknown" {
            parts.unknown_versions = steps.map(|v| v.parse().expect("a version")).collect();
            continue;
        }
        let (name, file) = match kind.strip_suffix("[]") {
            Some(name) => (name, "/*.ocl"),
            None => (kind, ".ocl"),
        };
        if !matches!(kind, "*" | "marker") {
            let path = PathPattern::parse(&format!("{name}{file}")).expect("a path");
            parts.kinds.push(DocumentKind::new(name, path));
        }
        for step in steps {
            let (version, action) = step.split_once(' ').expect("a version and an action");
            let version = version.parse().expect("a version");
            parts.steps.push(match action {
                "import" => Step::import(version, "import", name, OnExisting::Refuse),
                "import keep" => Step::import(version, "import", name, OnExisting::Keep),
                "modify" => Step::modify(version, "modify", name, |_, _| Ok(())),
                "remove" => Step::remove(version, "remove", name),
                "dialect" => Step::dialect(version, "dialect"),
                "rename" if name == "marker" => {
                    let from = PathPattern::parse("old-marker.ocl").expect("a path");
                    Step::rename(version, "rename", "schema_version", from)
                }
                "rename" => {
                    let from = PathPattern::parse(&format!("{name}-{version}{file}"));
                    Step::rename(version, "rename", name, from.expect("a path"))
                }
                other => panic!("no action {other}"),
            });
        }
    }
    Catalog::new(parts).unwrap_or_else(|error| panic!("{error}"))
}

/// What a plan is asked for.
pub(super) struct Case {
    catalog: Catalog,
    branch: u32,
    target: Option<u32>,
    held: BTreeMap<String, Vec<String>>,
    store: Option<StoreState>,
}

pub(super) fn on(notation: &str) -> Case {
    Case {
        catalog: catalog(notation),
        branch: 0,
        target: None,
        held: BTreeMap::new(),
        store: None,
    }
}

/// `fizz@5` is a single document in shape 5, `rb/a@3` one of a collection.
fn rows(notation: &str) -> impl Iterator<Item = (&str, Option<StoredDocument>)> {
    notation.split_whitespace().map(|word| {
        let Some((name, shape)) = word.split_once('@') else {
            return (word, None);
        };
        let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
        let document = StoredDocument {
            slug: slug.to_owned(),
            shape: shape.parse().expect("a shape"),
        };
        (kind, Some(document))
    })
}

impl Case {
    pub(super) fn branch(mut self, version: u32) -> Case {
        self.branch = version;
        self
    }

    pub(super) fn to(mut self, target: u32) -> Case {
        self.target = Some(target);
        self
    }

    /// There is a store, and the project is at this version.
    pub(super) fn project(mut self, version: u32) -> Case {
        self.store.get_or_insert_default().project_version = version;
        self
    }

    pub(super) fn held(mut self, names: &str) -> Case {
        for name in names.split_whitespace() {
            let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
            let slugs = self.held.entry(kind.to_owned()).or_default();
            slugs.push(slug.to_owned());
        }
        self
    }

    pub(super) fn table(mut self, notation: &str) -> Case {
        for (kind, document) in rows(notation) {
            self.stored(kind).table.push(document.expect("a shape"));
        }
        self
    }

    /// A kind without a shape (`fizz`) was recorded as "there was nothing".
    pub(super) fn snapshot(mut self, notation: &str) -> Case {
        for (kind, document) in rows(notation) {
            let snapshot = self.stored(kind).snapshot.get_or_insert_default();
            snapshot.extend(document);
        }
        self
    }

    fn stored(&mut self, kind: &str) -> &mut StoredKind {
        let store = self.store.as_mut().expect("`project` comes first");
        store.content.entry(kind.to_owned()).or_default()
    }

    pub(super) fn plan(&self) -> Result<Plan, String> {
        let request = Request {
            catalog: &self.catalog,
            branch_version: self.branch,
            target: self.target.unwrap_or(self.catalog.server_version()),
            held: self.held.clone(),
            store: self.store.clone(),
        };
        Plan::new(&request).map_err(|error| error.to_string())
    }

    /// The plan as text: a line per row, then what the imports bring in and refuse.
    pub(super) fn text(&self) -> String {
        let plan = match self.plan() {
            Ok(plan) => plan,
            Err(error) => return format!("error: {error}"),
        };
        let mut text = String::new();
        for row in &plan.rows {
            let step = &self.catalog.steps()[row.step];
            let (version, action) = (step.version(), step.action().name());
            let decision = row.decision.name();
            write!(text, "{version} {} {action}: {decision}", row.kind).expect("a string grows");
            if let Some(source) = row.source {
                write!(text, " from {source}").expect("a string grows");
            }
            if let Some(reason) = row.decision.reason() {
                write!(text, ", {reason}").expect("a string grows");
            }
            for (what, names) in [("kept", &row.kept), ("skipped for", &row.skipped_for)] {
                if !names.is_empty() {
                    write!(text, "; {what} {}", joined(names)).expect("a string grows");
                }
            }
            text.push('\n');
        }
        for import in &plan.imports {
            for document in &import.documents {
                let name = DocumentName::new(&import.kind, &document.slug);
                writeln!(text, "  brings {name}@{}", document.shape).expect("a string grows");
            }
            for (document, why) in &import.refused {
                let name = DocumentName::new(&import.kind, &document.slug);
                writeln!(text, "  refuses {name}: {why}").expect("a string grows");
            }
        }
        for version in &plan.unknown_versions {
            writeln!(text, "  nobody knows {version}").expect("a string grows");
        }
        text
    }

    /// The versions of the steps that run on a document.
    pub(super) fn versions_for(&self, kind: &str, origin: Origin) -> Vec<u32> {
        let plan = self.plan().expect("a plan");
        let steps = plan.steps_for(&self.catalog, kind, origin).into_iter();
        steps
            .map(|step| self.catalog.steps()[step].version())
            .collect()
    }
}

pub(super) const TABLE: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";
pub(super) const TABLE_WITH_REMOVE: &str = "fizz: 3 import, 4 modify, 5 remove; buzz: 5 modify";
