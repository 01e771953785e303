//! Catalogs in one line.

use std::fs;
use std::sync::Arc;

use ocl_migrate::catalog::{
    Catalog, CatalogParts, DocumentKind, Marker, OnExisting, PathPattern, Step,
};
use serde_json::json;

use super::scratch;

/// A catalog in one line: `fizz: 3 import, 4 modify; runbook[]: 5 modify; marker: 6 rename; unknown: 7`.
///
/// `fizz` lies in `fizz.ocl`, `runbook[]` is a collection in `runbook/*.ocl`. `4 modify` writes `v4 = true`, so that a
/// document tells which steps ran on it; `4 reject` does the same, and refuses documents with `broken`, and `4 panic` panics over them; `4 lookup` writes
/// what the table `names` has under `prod`; `4 rename` moves from `fizz-4.ocl`; `3 import effect X` names an effect.
pub fn catalog(notation: &str) -> Arc<Catalog> {
    let mut parts = CatalogParts {
        marker: Marker {
            legacy_paths: vec!["schema-version.ocl".into()],
            ..Marker::default()
        },
        ..CatalogParts::new("test", ".octopus")
    };
    for lane in notation.split(';').map(str::trim) {
        let (kind, steps) = lane.split_once(':').expect("a kind, a colon, its steps");
        let steps = steps
            .split(',')
            .map(str::trim)
            .filter(|step| !step.is_empty());
        if kind == "unknown" {
            parts.unknown_versions = steps.map(|version| version.parse().unwrap()).collect();
            continue;
        }
        let (name, file) = match kind.strip_suffix("[]") {
            Some(name) => (name, "/*.ocl"),
            None => (kind, ".ocl"),
        };
        if kind != "marker" {
            parts.kinds.push(DocumentKind::new(
                name,
                PathPattern::parse(&format!("{name}{file}")).unwrap(),
            ));
        }
        parts.steps.extend(steps.map(|text| step(name, file, text)));
    }
    Arc::new(Catalog::new(parts).unwrap_or_else(|error| panic!("{error}")))
}

fn step(kind: &str, file: &str, text: &str) -> Step {
    let (version, action) = text.split_once(' ').expect("a version and an action");
    let version: u32 = version.parse().unwrap();
    let name = format!("{}_{kind}", action.replace(' ', "_"));
    let ran = format!("v{version}");
    if let Some(effect) = action.strip_prefix("import effect ") {
        return Step::import(version, &name, kind, OnExisting::Refuse).with_effect(effect);
    }
    match action {
        "import" => Step::import(version, &name, kind, OnExisting::Refuse),
        "import keep" => Step::import(version, &name, kind, OnExisting::Keep),
        "remove" => Step::remove(version, &name, kind),
        "rename" if kind == "marker" => {
            let from = PathPattern::parse("schema-version.ocl").unwrap();
            Step::rename(version, &name, "schema_version", from)
        }
        "rename" => {
            let from = PathPattern::parse(&format!("{kind}-{version}{file}")).unwrap();
            Step::rename(version, &name, kind, from)
        }
        "modify" => Step::modify(version, &name, kind, move |edit, _| {
            let root = edit.root();
            edit.set(root, &ran, json!(true))?;
            Ok(())
        }),
        "reject" => Step::modify(version, &name, kind, move |edit, _| {
            let root = edit.root();
            if edit.document().get("broken").is_some() {
                return Err("it is broken".into());
            }
            edit.set(root, &ran, json!(true))?;
            Ok(())
        }),
        "panic" => Step::modify(version, &name, kind, move |edit, _| {
            let root = edit.root();
            edit.set(root, &ran, json!(true))?;
            assert!(edit.document().get("broken").is_none(), "it is broken");
            Ok(())
        }),
        "lookup" => Step::modify(version, &name, kind, move |edit, context| {
            let root = edit.root();
            let answer = context.lookup("names", "prod")?.unwrap_or(json!("nobody"));
            edit.set(root, "name", &answer)?;
            Ok(())
        }),
        other => panic!("no action {other}"),
    }
}

/// A catalog of a `catalog.hcl` and of steps, each with the name of its folder.
pub fn catalog_with(head: &str, steps: &[(&str, &str)]) -> Result<Catalog, String> {
    let folder = scratch::folder();
    fs::write(folder.path().join("catalog.hcl"), head).unwrap();
    for (name, body) in steps {
        fs::create_dir(folder.path().join(name)).unwrap();
        let text = format!("description = \"a step\"\n{body}\n");
        fs::write(folder.path().join(name).join("step.hcl"), text).unwrap();
    }
    Catalog::load(folder.path()).map_err(|error| error.to_string())
}
