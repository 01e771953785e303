//! Checks of a catalog as a whole.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

use super::action::{Action, BringBack, MARKER_KIND, Target};
use super::identity::Identities;
use super::marker;
use super::model::{Catalog, CatalogParts};
use super::pattern::{PathPattern, check_relative_path};
use super::problem::{CatalogError, Problem, SourceFile};
use super::spans::Spans;
use super::step::Step;
use super::things::Things;
use crate::ocl::Document;
use crate::text;

/// Sorts the parts, checks them, and reports everything that is wrong at once.
pub(super) fn assemble(
    mut parts: CatalogParts,
    files: Vec<SourceFile>,
    spans: &Spans,
    problems: Vec<Problem>,
) -> Result<Catalog, CatalogError> {
    parts
        .steps
        .sort_by(|a, b| (a.version, &a.name).cmp(&(b.version, &b.name)));
    let catalog = Catalog {
        name: parts.name,
        base_path: parts.base_path,
        unknown_versions: parts.unknown_versions,
        deprecated: parts.deprecated,
        baseline: parts.baseline,
        marker: parts.marker,
        kinds: parts.kinds,
        steps: parts.steps,
        digest: OnceLock::new(),
        files,
        identities: Identities::default(),
        things: Things::default().into(),
        contracts: Vec::new(),
    };
    let mut check = Check {
        catalog: &catalog,
        spans,
        problems,
    };
    check.base_path_and_marker();
    check.kinds();
    check.defaults();
    check.steps();
    check.versions();
    check.deprecated();
    check.baseline();
    check.life_cycles();
    check.renames();
    check.paths();
    check.portable_paths();
    let problems = check.problems;
    if problems.is_empty() {
        return Ok(catalog);
    }
    Err(CatalogError::of(problems))
}

struct Check<'c> {
    catalog: &'c Catalog,
    spans: &'c Spans,
    problems: Vec<Problem>,
}

impl<'c> Check<'c> {
    /// A problem at a span of `catalog.hcl`.
    fn of_catalog(&self, span: Option<&Range<usize>>, message: impl Into<String>) -> Problem {
        match (&self.spans.file, span) {
            (Some(file), Some(span)) if !span.is_empty() => {
                Problem::at(file, span.clone(), message)
            }
            (Some(file), _) => Problem::of_file(&*file.path, message),
            (None, _) => Problem::of_file(format!("catalog {:?}", self.catalog.name), message),
        }
    }

    fn base_path_and_marker(&mut self) {
        let catalog = self.catalog;
        if !catalog.base_path.is_empty()
            && let Err(message) = check_relative_path(&catalog.base_path)
        {
            let span = Some(&self.spans.base_path);
            let problem = self.of_catalog(span, format!("the base path: {message}"));
            self.problems.push(problem);
        }
        let mut paths = BTreeSet::new();
        for (index, path) in catalog.marker_paths().enumerate() {
            let span = self.spans.marker_paths.get(index);
            if let Err(message) = check_relative_path(path) {
                let problem = self.of_catalog(span, format!("the marker: {message}"));
                self.problems.push(problem);
            }
            if !paths.insert(path) {
                let problem =
                    self.of_catalog(span, format!("the marker: the path `{path}` occurs twice"));
                self.problems.push(problem);
            }
            if path.contains('*') {
                let message = format!("the marker has one path, and `{path}` has a wildcard");
                let problem = self.of_catalog(span, message);
                self.problems
                    .push(problem.help("write it without a wildcard"));
            }
        }
        let attribute = &catalog.marker.attribute;
        if marker::read(marker::write(attribute, 1).as_bytes(), attribute, "") != Ok(1) {
            let message = format!(
                "the marker: no version could be read from the attribute `{attribute}`, as that is no name"
            );
            let problem = self.of_catalog(Some(&self.spans.marker_attribute), message);
            self.problems
                .push(problem.help("a name has letters, digits, `_` and `-`"));
        }
    }

    fn kinds(&mut self) {
        let mut names = BTreeSet::new();
        for (index, kind) in self.catalog.kinds.iter().enumerate() {
            let name = &kind.name;
            let span = self.spans.kinds.get(index).map(|spans| &spans.name);
            if !names.insert(name) {
                let message = format!("the document kind `{name}` is declared twice");
                let problem = self.of_catalog(span, message);
                self.problems.push(problem);
            }
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            if *name == MARKER_KIND || name.is_empty() || !name.chars().all(is_word) {
                let message = format!("`{name}` can't be the name of a document kind");
                let help = match &**name {
                    MARKER_KIND => "this name is the marker's",
                    _ => "a name has letters, digits, `_` and `-`",
                };
                let problem = self.of_catalog(span, message).help(help);
                self.problems.push(problem);
            }
        }
    }

    /// A kind's defaults are one document that has none itself.
    fn defaults(&mut self) {
        let kinds = &self.catalog.kinds;
        for (index, kind) in kinds.iter().enumerate() {
            let Some(name) = &kind.defaults else { continue };
            let named = kinds.iter().find(|other| other.name == *name);
            let message = match named {
                None if self.spans.lacks_kinds => continue,
                None => format!("there is no document kind `{name}`"),
                Some(_) if *name == kind.name => "a kind can't be its own defaults".to_owned(),
                Some(named) if named.path.is_collection() => {
                    format!("`{name}` has many documents, and defaults are one")
                }
                Some(named) if named.defaults.is_some() => {
                    format!("`{name}` has defaults itself: name the last of them alone")
                }
                Some(_) => continue,
            };
            let near = match named {
                None => text::nearest(name, kinds.iter().map(|kind| &*kind.name)),
                Some(_) => None,
            };
            let span = self.spans.kinds.get(index).map(|spans| &spans.defaults);
            let mut problem = self.of_catalog(span, message);
            if let Some(near) = near {
                problem = problem.help(format!("did you mean `{near}`?"));
            }
            self.problems.push(problem);
        }
    }

    fn steps(&mut self) {
        let mut dialect: Option<&Step> = None;
        for step in &self.catalog.steps {
            if step.version == 0 {
                self.problems
                    .push(of_step(step, &step.spans.target, "versions begin with 1"));
            }
            if self.catalog.unknown_versions.contains(&step.version) {
                let message = format!(
                    "version {} is listed under `unknown_versions`",
                    step.version
                );
                let help = "remove it from that list, or give the step another version";
                let problem = of_step_file(step, message);
                self.problems.push(problem.help(help));
            }
            if matches!(step.action, Action::Dialect) {
                if let Some(first) = dialect {
                    let message =
                        format!("a second `dialect` step; the first is {}", full_name(first));
                    let problem = of_step(step, &step.spans.action, message);
                    self.problems
                        .push(problem.help("there are two dialects, so one step between them"));
                }
                dialect = Some(step);
            }
            self.target(step);
            self.brought_back(step);
            self.documents(step);
            for (index, name) in step.reads.iter().enumerate() {
                let span = step.spans.reads.get(index).cloned().unwrap_or_default();
                if Target::Kind(name.clone()) == step.target {
                    let message = format!("`reads` names `{name}`, the step's own kind");
                    let problem = of_step(step, &span, message);
                    self.problems
                        .push(problem.help("that document is `document` in expressions"));
                } else {
                    self.kind_name(step, name, &span);
                }
            }
        }
    }

    /// What a step reads of other documents, it must say under `reads`: anything else is null.
    fn documents(&mut self, step: &Step) {
        for (name, span) in &step.spans.documents {
            if step.reads.contains(name) {
                continue;
            }
            if Target::Kind(name.clone()) == step.target {
                let message = format!("`documents` doesn't hold `{name}`, the step's own kind");
                let problem = of_step(step, span, message);
                self.problems
                    .push(problem.help("that document is `document` in expressions"));
            } else if self.catalog.kind(name).is_some() {
                let message = format!("the step doesn't say that it reads `{name}`");
                let reads = step.reads.iter().chain([name]);
                let reads: Vec<String> = reads.map(|name| format!("\"{name}\"")).collect();
                let help = format!("write `reads = [{}]` in it", reads.join(", "));
                self.problems.push(of_step(step, span, message).help(help));
            } else {
                self.kind_name(step, name, span);
            }
        }
    }

    /// The text that a remove brings back must be a document, and the only one of its kind.
    fn brought_back(&mut self, step: &Step) {
        // Only a remove has such a text, so this reads no body.
        let (Action::Remove, Target::Kind(name)) = (&step.action, &step.target) else {
            return;
        };
        let Some(BringBack::Content(text)) = step.reverse().brings_back() else {
            return;
        };
        let span = &step.spans.action;
        let dialect = self.catalog.dialect_at(step.version.saturating_sub(1));
        if let Err(error) = Document::parse(&**text, dialect) {
            let message = format!("the `content` of `down` is not a document: {error}");
            self.problems.push(of_step(step, span, message));
        }
        let kind = self.catalog.kind(name);
        if kind.is_some_and(|kind| kind.path.is_collection()) {
            let message =
                format!("`content` brings back one document, but `{name}` is a collection");
            let problem = of_step(step, span, message);
            self.problems
                .push(problem.help("bring them back with `from = \"history\"`"));
        }
    }

    fn target(&mut self, step: &Step) {
        let is_dialect = matches!(step.action, Action::Dialect);
        let span = &step.spans.target;
        match &step.target {
            Target::AllKinds if !is_dialect => {
                let message = format!("a `{}` step is about one kind", step.action.name());
                let problem = of_step(step, span, message);
                self.problems
                    .push(problem.help("write one step for each kind"));
            }
            Target::Kind(name) if is_dialect => {
                let message = format!("a dialect applies to every kind, not to `{name}` alone");
                let problem = of_step(step, span, message);
                self.problems.push(problem.help("write `document = \"*\"`"));
            }
            Target::Marker if !matches!(step.action, Action::Rename(_)) => {
                let message = format!(
                    "the marker can only be renamed, and this is `{}`",
                    step.action.name()
                );
                self.problems
                    .push(of_step(step, &step.spans.action, message));
            }
            Target::Kind(name) => self.kind_name(step, name, span),
            _ => {}
        }
    }

    fn kind_name(&mut self, step: &Step, name: &str, span: &Range<usize>) {
        if self.catalog.kind(name).is_some() || self.spans.lacks_kinds {
            return;
        }
        let known = self.catalog.kinds.iter().map(|kind| kind.name.as_str());
        let help = match text::nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.catalog.kinds.is_empty() => {
                "the catalog declares no document kinds".to_owned()
            }
            None => format!("the catalog has {}", text::list(known)),
        };
        let problem = of_step(step, span, format!("unknown document kind `{name}`"));
        self.problems.push(problem.help(help));
    }

    /// A version has at most one step for each kind.
    fn versions(&mut self) {
        let mut taken: HashMap<(u32, &str), &Step> = HashMap::new();
        for step in &self.catalog.steps {
            let kinds: Vec<&str> = match &step.target {
                Target::AllKinds => self.catalog.kinds.iter().map(|kind| &*kind.name).collect(),
                Target::Kind(kind) => vec![kind],
                Target::Marker => vec![MARKER_KIND],
            };
            for kind in kinds {
                let Some(other) = taken.insert((step.version, kind), step) else {
                    continue;
                };
                let message = format!(
                    "version {} has two steps for `{kind}`: `{}` and `{}`",
                    step.version, other.name, step.name
                );
                let problem = of_step(step, &step.spans.target, message);
                self.problems
                    .push(problem.help("give one of them a version of its own"));
            }
        }
    }

    /// Nobody can leave the newest version.
    fn deprecated(&mut self) {
        let newest = self.catalog.server_version();
        for version in self.catalog.deprecated.keys().filter(|v| **v >= newest) {
            let span = self.spans.deprecated.get(version);
            let message = format!(
                "version {version} can't be deprecated: this catalog has none above {newest}"
            );
            let problem = self.of_catalog(span, message);
            self.problems.push(problem);
        }
    }

    /// Below the baseline and at it there are imports alone, of documents that exist there: nothing else would ever run.
    fn baseline(&mut self) {
        let Some(baseline) = self.catalog.baseline() else {
            return;
        };
        let version = baseline.version();
        for unknown in self.catalog.unknown_versions.range(..=version) {
            let message = format!("version {unknown} is not above the baseline, {version}");
            let span = Some(&self.spans.baseline);
            let problem = self.of_catalog(span, message);
            self.problems
                .push(problem.help("remove it from `unknown_versions`"));
        }
        let steps = self.catalog.steps.iter();
        for step in steps.filter(|step| step.version <= version) {
            if matches!(step.action, Action::Import(_)) {
                continue;
            }
            let message = format!(
                "this step would never run: the catalog begins at version {version}, its baseline"
            );
            let problem = of_step(step, &step.spans.action, message);
            self.problems
                .push(problem.help("remove the step's folder, or lower the baseline"));
        }
    }

    /// The allowed order, by version, for each kind: an optional import, then any of modify and rename, then a remove, and again.
    fn life_cycles(&mut self) {
        for kind in &self.catalog.kinds {
            let name = &kind.name;
            let is_about = |step: &&Step| step.target == Target::Kind(name.clone());
            let mut before: Option<&Step> = None;
            for step in self.catalog.steps.iter().filter(is_about) {
                let removed = before.filter(|before| matches!(before.action, Action::Remove));
                let wrong = match (&step.action, before, removed) {
                    (Action::Import(_), Some(before), None) => Some((
                        format!(
                            "`{name}` exists already: {} comes before this import",
                            full_name(before)
                        ),
                        "a kind is imported before any other step, or after it was removed",
                    )),
                    (Action::Modify(_) | Action::Rename(_) | Action::Remove, _, Some(removed)) => {
                        Some((
                            format!("`{name}` doesn't exist: {} removed it", full_name(removed)),
                            "import it again first",
                        ))
                    }
                    _ => None,
                };
                if let Some((message, help)) = wrong {
                    let problem = of_step(step, &step.spans.action, message);
                    self.problems.push(problem.help(help));
                }
                before = Some(step);
            }
        }
    }

    fn renames(&mut self) {
        for step in &self.catalog.steps {
            let Action::Rename(from) = &step.action else {
                continue;
            };
            let (message, help) = match &step.target {
                Target::Kind(name) => match self.catalog.kind(name) {
                    Some(kind) if kind.path.is_collection() != from.is_collection() => (
                        format!(
                            "`{from}` and `{}`, the path of `{name}`, differ in kind",
                            kind.path
                        ),
                        "either both have a wildcard, or neither",
                    ),
                    _ => continue,
                },
                Target::Marker if from.is_collection() => (
                    "the marker has one path".to_owned(),
                    "write it without a wildcard",
                ),
                Target::Marker
                    if !self
                        .catalog
                        .marker_paths()
                        .any(|path| path == from.as_str()) =>
                {
                    (
                        format!("`{from}` is not among the marker's `legacy_paths`"),
                        "list it in `catalog.hcl`: older branches have their marker at that path",
                    )
                }
                _ => continue,
            };
            let problem = of_step(step, &step.spans.action, message);
            self.problems.push(problem.help(help));
        }
    }

    /// No document and no marker could be committed at a path that not every system can check out.
    fn portable_paths(&mut self) {
        let catalog = self.catalog;
        let reason = |path: &str| {
            let mut fixed = path.split('/').filter(|part| !part.contains('*'));
            fixed.find_map(text::unportable_name)
        };
        let mut wrong = Vec::new();
        for (index, kind) in catalog.kinds.iter().enumerate() {
            let span = self.spans.kinds.get(index).map(|spans| &spans.path);
            wrong.push((span, kind.path.as_str()));
        }
        wrong.push((self.spans.marker_paths.first(), &catalog.marker.path));
        wrong.push((Some(&self.spans.base_path), &catalog.base_path));
        for (span, path) in wrong {
            // What is wrong with it on every system is told elsewhere.
            if check_relative_path(&path.replace('*', "x")).is_ok()
                && let Some(reason) = reason(path)
            {
                let problem =
                    self.of_catalog(span, format!("nothing can lie at `{path}`: {reason}"));
                self.problems.push(problem.help("choose another name"));
            }
        }
    }

    /// No two kinds may have overlapping paths at any version, nor may a kind overlap with the marker.
    fn paths(&mut self) {
        let catalog = self.catalog;
        let renames = catalog
            .steps
            .iter()
            .filter(|step| matches!(step.action, Action::Rename(_)));
        // Paths change at renames only: check just below each, and at the end.
        let below: BTreeSet<u32> = renames.map(|step| step.version.saturating_sub(1)).collect();
        let mut reported = BTreeSet::new();
        for version in std::iter::once(u32::MAX).chain(below.into_iter().rev()) {
            for (index, kind) in catalog.kinds.iter().enumerate() {
                let path = catalog.path_at(kind, version);
                let span = self.spans.kinds.get(index).map(|spans| &spans.path);
                let others = catalog.kinds[..index].iter();
                // That a kind is declared twice is told elsewhere.
                let others = others.filter(|other| other.name != kind.name);
                let clashes = others.filter_map(|other| {
                    let other_path = catalog.path_at(other, version);
                    let text = format!("`{}` (`{other_path}`)", other.name);
                    let help = path.clash(other_path)?;
                    Some((other.name.as_str(), text, help))
                });
                let markers = catalog.marker_paths();
                let marker_clashes = markers.filter_map(|marker| {
                    let text = format!("the marker (`{marker}`)");
                    // A marker's path that is none is told elsewhere.
                    let help = path.clash(&PathPattern::parse(marker).ok()?)?;
                    Some((marker, text, help))
                });
                for (name, text, help) in clashes.chain(marker_clashes) {
                    if !reported.insert((index, name)) {
                        continue;
                    }
                    let when = match version {
                        u32::MAX => String::new(),
                        _ => format!(" at version {version}"),
                    };
                    let message = format!("`{}` (`{path}`) overlaps with {text}{when}", kind.name);
                    let problem = self.of_catalog(span, message).help(help);
                    self.problems.push(problem);
                }
            }
        }
    }
}

fn full_name(step: &Step) -> String {
    format!("`{}` at version {}", step.name, step.version)
}

/// A problem with what the step's folder states: its version.
fn of_step_file(step: &Step, message: impl Into<String>) -> Problem {
    match step.file() {
        Some(file) => Problem::of_file(file, message),
        None => Problem::of_file(format!("step {} {}", step.version, step.name), message),
    }
}

fn of_step(step: &Step, span: &Range<usize>, message: impl Into<String>) -> Problem {
    match step.source() {
        Some(file) => Problem::at(file, span.clone(), message),
        None => of_step_file(step, message),
    }
}
