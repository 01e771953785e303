//! What must hold in a catalog as a whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::pattern::check_relative_path;
use super::problem::{CatalogError, Problem, nearest};
use super::step::{Action, MARKER_KIND, Step, Target};
use super::{Catalog, CatalogParts, Digest};

/// Puts the parts in order, checks them, and reports everything that is wrong at once.
pub(super) fn assemble(
    mut parts: CatalogParts,
    digest: Digest,
    mut problems: Vec<Problem>,
) -> Result<Catalog, CatalogError> {
    parts
        .steps
        .sort_by(|a, b| (a.version, &a.name).cmp(&(b.version, &b.name)));
    let catalog = Catalog {
        name: parts.name,
        base_path: parts.base_path,
        unknown_versions: parts.unknown_versions,
        missing_versions: BTreeSet::new(),
        marker: parts.marker,
        kinds: parts.kinds,
        steps: parts.steps,
        digest,
    };
    // Without its kinds, every step would be wrong: say what is wrong with those first.
    let kinds_are_known = !problems.iter().any(|problem| problem.file == CATALOG_FILE);
    check_kinds(&catalog, &mut problems);
    if kinds_are_known {
        check_steps(&catalog, &mut problems);
        check_life_cycles(&catalog, &mut problems);
        check_paths(&catalog, &mut problems);
    }
    if problems.is_empty() {
        return Ok(catalog);
    }
    problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    Err(CatalogError { problems })
}

const CATALOG_FILE: &str = "catalog.hcl";

fn check_kinds(catalog: &Catalog, problems: &mut Vec<Problem>) {
    let mut report = |message: String| problems.push(Problem::of_file(CATALOG_FILE, message));
    if !catalog.base_path.is_empty()
        && let Err(message) = check_relative_path(&catalog.base_path)
    {
        report(format!("the base path: {message}"));
    }
    for path in catalog.marker_paths() {
        if let Err(message) = check_relative_path(path) {
            report(format!("the marker: {message}"));
        }
    }
    let mut names = BTreeSet::new();
    for kind in &catalog.kinds {
        if !names.insert(&kind.name) {
            report(format!(
                "the document kind `{}` stands here twice",
                kind.name
            ));
        }
        if kind.name == MARKER_KIND
            || kind.name == "*"
            || kind.name.is_empty()
            || kind.name.contains('/')
        {
            report(format!(
                "`{}` can't be the name of a document kind",
                kind.name
            ));
        }
    }
}

fn check_steps(catalog: &Catalog, problems: &mut Vec<Problem>) {
    let mut taken: HashMap<(u32, String), &Step> = HashMap::new();
    let mut dialects = catalog
        .steps
        .iter()
        .filter(|s| matches!(s.action, Action::Dialect));
    if let (Some(first), Some(second)) = (dialects.next(), dialects.next()) {
        let message = format!(
            "a second `dialect` step; the first is {} {}",
            first.version, first.name
        );
        problems.push(of_step(second, message));
    }
    for step in &catalog.steps {
        if step.version == 0 {
            problems.push(of_step(step, "versions begin with 1".to_owned()));
        }
        if catalog.unknown_versions.contains(&step.version) {
            let message = format!(
                "version {} is listed under `unknown_versions`",
                step.version
            );
            problems.push(of_step(step, message));
        }
        match &step.target {
            Target::AllKinds if !matches!(step.action, Action::Dialect) => {
                let message = "only a `dialect` step is about all kinds".to_owned();
                problems.push(of_step(step, message).help("write one step for each kind"));
            }
            Target::Kind(name) if matches!(step.action, Action::Dialect) => {
                let message = format!("a dialect holds for every kind, not for `{name}` alone");
                problems.push(of_step(step, message).help("write `document = \"*\"`"));
            }
            Target::Marker if !matches!(step.action, Action::Rename(_)) => {
                problems.push(of_step(step, "the marker can only be renamed".to_owned()));
            }
            Target::Kind(name) => check_kind_name(catalog, step, name, problems),
            _ => {}
        }
        for name in &step.reads {
            check_kind_name(catalog, step, name, problems);
            if Target::Kind(name.clone()) == step.target {
                let message =
                    format!("`reads` names `{name}`, the step's own kind: that is `document`");
                problems.push(of_step(step, message));
            }
        }
        let kinds: Vec<String> = match &step.target {
            Target::AllKinds => catalog.kinds.iter().map(|kind| kind.name.clone()).collect(),
            other => vec![other.to_string()],
        };
        for kind in kinds {
            if let Some(other) = taken.insert((step.version, kind.clone()), step) {
                let message = format!(
                    "version {} has two steps for `{kind}`: `{}` and `{}`",
                    step.version, other.name, step.name
                );
                problems.push(of_step(step, message).help("give one of them a version of its own"));
            }
        }
    }
}

fn check_kind_name(catalog: &Catalog, step: &Step, name: &str, problems: &mut Vec<Problem>) {
    if catalog.kind(name).is_none() {
        let known = catalog.kinds.iter().map(|kind| kind.name.as_str());
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the catalog has {}", known.collect::<Vec<_>>().join(", ")),
        };
        problems.push(of_step(step, format!("unknown document kind `{name}`")).help(help));
    }
}

/// Per kind, in version order: perhaps an import, then any of modify and rename, then a remove, and again.
fn check_life_cycles(catalog: &Catalog, problems: &mut Vec<Problem>) {
    for kind in &catalog.kinds {
        // What came before: nothing, steps that need the document, or its removal.
        let mut before: Option<&Step> = None;
        for step in &catalog.steps {
            if step.target != Target::Kind(kind.name.clone()) {
                continue;
            }
            let removed = before.filter(|before| matches!(before.action, Action::Remove));
            match (&step.action, before, removed) {
                (Action::Import(_), Some(before), None) => {
                    let message = format!(
                        "`{}` is imported at {}, after `{}` at {}: it is there already",
                        kind.name, step.version, before.name, before.version
                    );
                    problems.push(
                        of_step(step, message).help("import a kind first, or after it was removed"),
                    );
                }
                (Action::Modify(_) | Action::Rename(_) | Action::Remove, _, Some(removed)) => {
                    let message = format!(
                        "`{}` at {} comes after `{}` was removed at {}",
                        step.name, step.version, kind.name, removed.version
                    );
                    problems.push(of_step(step, message).help("import it again first"));
                }
                _ => {}
            }
            before = Some(step);
        }
    }
}

/// At no version may two kinds claim the same path, or a kind the marker's.
fn check_paths(catalog: &Catalog, problems: &mut Vec<Problem>) {
    let mut reported = BTreeSet::new();
    let renames: BTreeMap<u32, &Step> = catalog
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::Rename(_)))
        .map(|step| (step.version, step))
        .collect();
    // Paths change only at renames: look just below each, and at the end.
    let versions = renames.keys().map(|version| version - 1).chain([u32::MAX]);
    for version in versions {
        for (index, a) in catalog.kinds.iter().enumerate() {
            let path = catalog.path_at(a, version);
            for b in &catalog.kinds[index + 1..] {
                let other = catalog.path_at(b, version);
                if path.overlaps(other) && reported.insert((a.name.clone(), b.name.clone())) {
                    let message =
                        format!("`{}` ({path}) and `{}` ({other}) overlap", a.name, b.name);
                    problems.push(Problem::of_file(CATALOG_FILE, message));
                }
            }
            for marker in catalog.marker_paths() {
                if path.slug_of(marker).is_some()
                    && reported.insert((a.name.clone(), marker.to_owned()))
                {
                    let message =
                        format!("`{}` ({path}) overlaps with the marker ({marker})", a.name);
                    problems.push(Problem::of_file(CATALOG_FILE, message));
                }
            }
        }
    }
    for (_, step) in renames {
        let Action::Rename(from) = &step.action else {
            continue;
        };
        match &step.target {
            Target::Kind(name) => {
                let kind = catalog.kind(name);
                if kind.is_some_and(|kind| kind.path.is_collection() != from.is_collection()) {
                    let message = format!(
                        "`{from}` and the path of `{name}` must both have a wildcard, or neither"
                    );
                    problems.push(of_step(step, message));
                }
            }
            _ if from.is_collection() => {
                problems.push(of_step(
                    step,
                    "the marker has one path, without wildcards".to_owned(),
                ));
            }
            _ if !catalog
                .marker
                .legacy_paths
                .iter()
                .any(|path| path == from.as_str()) =>
            {
                let message = format!("`{from}` is not among the marker's `legacy_paths`");
                problems.push(of_step(step, message));
            }
            _ => {}
        }
    }
}

fn of_step(step: &Step, message: String) -> Problem {
    match step.file() {
        Some(file) => Problem::of_file(file, message),
        None => Problem::of_file(format!("step {} {}", step.version, step.name), message),
    }
}
