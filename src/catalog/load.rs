//! Reads a catalog from its folder or from the binary.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use hcl::edit::expr::Expression as SyntaxExpression;
use hcl::edit::structure::{Attribute, Block, Body};
use hcl::edit::{Span, parser};
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use std::sync::Arc;

use super::check::assemble;
use super::expression::Compiler;
use super::modify::{Selection, block_span};
use super::problem::{CatalogError, Problem, SourceFile, nearest};
use super::step::{Action, DeclaredModify, MARKER_KIND, Modify, OnExisting, Step};
use super::{Catalog, CatalogParts, Digest, DocumentKind, Marker, PathPattern};

static BUILTIN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/steps");

const CATALOG_FILE: &str = "catalog.hcl";
const STEP_FILE: &str = "step.hcl";

/// No file of a catalog is larger.
const LARGEST_FILE: u64 = 1 << 20;

/// The name of a step's folder: its version and the step's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepFolder {
    /// The schema version.
    pub version: u32,
    /// The step's name.
    pub name: String,
}

impl StepFolder {
    /// Reads `0010_runbook_retention_type`.
    pub fn parse(folder: &str) -> Option<StepFolder> {
        let (number, name) = folder.split_once('_')?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let version = digits.then(|| number.parse().ok()).flatten()?;
        let named = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        (named && version > 0).then(|| StepFolder {
            version,
            name: name.to_owned(),
        })
    }
}

pub(super) fn builtin() -> Result<Catalog, CatalogError> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let mut add = |path: String, contents: &[u8]| match std::str::from_utf8(contents) {
        Ok(text) => files.push(SourceFile {
            path: path.into(),
            text: text.into(),
        }),
        Err(_) => problems.push(Problem::of_file(path, "this file is not UTF-8")),
    };
    if let Some(file) = BUILTIN.get_file(CATALOG_FILE) {
        add(CATALOG_FILE.into(), file.contents());
    }
    for folder in BUILTIN.dirs() {
        let path = folder.path().join(STEP_FILE);
        if let Some(file) = BUILTIN.get_file(&path) {
            add(path.to_string_lossy().into_owned(), file.contents());
        }
    }
    from_files(files, problems)
}

pub(super) fn from_folder(folder: &Path) -> Result<Catalog, CatalogError> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let mut read = |path: String, problems: &mut Vec<Problem>| match read_text(&folder.join(&path))
    {
        Ok(text) => files.push(SourceFile {
            path: path.into(),
            text: text.into(),
        }),
        Err(error) => problems.push(Problem::of_file(path, format!("can't be read: {error}"))),
    };
    match std::fs::read_dir(folder) {
        Err(error) => {
            let message = format!("the catalog's folder can't be read: {error}");
            problems.push(Problem::of_file(folder.display().to_string(), message));
        }
        Ok(entries) => {
            read(CATALOG_FILE.into(), &mut problems);
            let mut names: Vec<String> = entries
                .filter_map(|entry| {
                    let entry = entry.ok()?;
                    entry
                        .file_type()
                        .ok()?
                        .is_dir()
                        .then(|| entry.file_name().to_string_lossy().into_owned())
                })
                .filter(|name| !name.starts_with('.'))
                .collect();
            names.sort();
            for name in names {
                read(format!("{name}/{STEP_FILE}"), &mut problems);
            }
        }
    }
    from_files(files, problems)
}

fn read_text(path: &Path) -> io::Result<String> {
    let size = std::fs::metadata(path)?.len();
    if size > LARGEST_FILE {
        let message = format!("it has {size} bytes, more than {LARGEST_FILE}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    std::fs::read_to_string(path)
}

/// A catalog from its texts: `catalog.hcl` and every `NNNN_name/step.hcl`.
fn from_files(
    mut files: Vec<SourceFile>,
    mut problems: Vec<Problem>,
) -> Result<Catalog, CatalogError> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut hasher = Sha256::new();
    for file in &files {
        for part in [&*file.path, &*file.text] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    let digest = Digest(hasher.finalize().into());
    let mut parts = CatalogParts {
        name: String::new(),
        base_path: String::new(),
        unknown_versions: BTreeSet::new(),
        marker: Marker {
            path: "schema_version.ocl".into(),
            attribute: "version".into(),
            legacy_paths: Vec::new(),
        },
        kinds: Vec::new(),
        steps: Vec::new(),
    };
    let mut missing = BTreeSet::new();
    for file in &files {
        let mut reader = Reader {
            compiler: Compiler::new(file),
        };
        if let Some(body) = reader.parse() {
            if &*file.path == CATALOG_FILE {
                reader.catalog(&body, &mut parts, &mut missing);
            } else {
                parts.steps.extend(reader.step(&body));
            }
        }
        problems.append(&mut reader.compiler.problems);
    }
    for version in parts.steps.iter().map(Step::version) {
        if missing.contains(&version) {
            let message =
                format!("version {version} has a step, and is listed under `missing_versions`");
            problems.push(Problem::of_file(CATALOG_FILE, message).help("take it off that list"));
        }
    }
    Ok(assemble(parts, digest, problems)?.with_missing_versions(missing))
}

/// Reads one file of a catalog.
struct Reader<'f> {
    compiler: Compiler<'f>,
}

impl Reader<'_> {
    fn parse(&mut self) -> Option<Body> {
        match parser::parse_body(&self.compiler.file.text) {
            Ok(body) => Some(body),
            Err(error) => {
                let text = &self.compiler.file.text;
                let location = error.location();
                let line_start: usize = text
                    .split_inclusive('\n')
                    .take(location.line().saturating_sub(1))
                    .map(str::len)
                    .sum();
                let column: usize = text[line_start..]
                    .chars()
                    .take(location.column().saturating_sub(1))
                    .map(char::len_utf8)
                    .sum();
                let at = line_start + column;
                self.compiler
                    .problem(at..at + 1, error.message().to_owned());
                None
            }
        }
    }

    fn catalog(&mut self, body: &Body, parts: &mut CatalogParts, missing: &mut BTreeSet<u32>) {
        let mut named = false;
        for structure in body {
            let Some(block) = structure.as_block() else {
                let span = structure.span().unwrap_or_default();
                self.compiler
                    .problem(span, "expected a block: `catalog`, `marker` or `document`");
                continue;
            };
            match block.ident.as_str() {
                "catalog" => {
                    if named {
                        self.compiler
                            .problem(block_span(block), "a second `catalog` block");
                    }
                    named = true;
                    parts.name = self.label(block, "the catalog's name").unwrap_or_default();
                    self.known(
                        block,
                        &["base_path", "unknown_versions", "missing_versions"],
                    );
                    parts.base_path = self.required_string(block, "base_path").unwrap_or_default();
                    if let Some(attribute) = block.body.get_attribute("unknown_versions") {
                        parts.unknown_versions = self.versions(attribute);
                    }
                    if let Some(attribute) = block.body.get_attribute("missing_versions") {
                        *missing = self.versions(attribute);
                    }
                }
                "marker" => {
                    self.known(block, &["path", "attribute", "legacy_paths"]);
                    if let Some(path) = self.required_string(block, "path") {
                        parts.marker.path = path;
                    }
                    if let Some(attribute) = self.required_string(block, "attribute") {
                        parts.marker.attribute = attribute;
                    }
                    if let Some(attribute) = block.body.get_attribute("legacy_paths") {
                        parts.marker.legacy_paths = self.strings(attribute);
                    }
                }
                "document" => {
                    self.known(block, &["path"]);
                    let name = self.label(block, "the kind's name");
                    let path = self.required_string(block, "path");
                    if let (Some(name), Some(path)) = (name, path) {
                        let span = value_span(block, "path");
                        match PathPattern::parse(&path) {
                            Ok(path) => parts.kinds.push(DocumentKind { name, path }),
                            Err(message) => self.compiler.problem(span, message),
                        }
                    }
                }
                other => {
                    let help = match nearest(other, ["catalog", "marker", "document"]) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => {
                            "a catalog has the blocks `catalog`, `marker` and `document`".to_owned()
                        }
                    };
                    let message = format!("unknown block `{other}`");
                    self.compiler
                        .problem_with_help(block_span(block), message, help);
                }
            }
        }
        if !named {
            self.compiler.problem_with_help(
                0..0,
                "there is no `catalog` block",
                "begin with `catalog \"name\" { base_path = \"...\" }`",
            );
        }
    }

    fn step(&mut self, body: &Body) -> Option<Step> {
        let path = self.compiler.file.path.clone();
        let folder = path.split('/').next().unwrap_or_default();
        let Some(StepFolder { version, name }) = StepFolder::parse(folder) else {
            self.compiler.problems.push(
                Problem::of_file(&*path, format!("`{folder}` is no name for a step's folder"))
                    .help("a step's folder is its version and its name: `0010_runbook_retention_type`"),
            );
            return None;
        };
        const ATTRIBUTES: [&str; 7] = [
            "description",
            "document",
            "reads",
            "reads_any_shape",
            "overwrites",
            "idempotent",
            "reason",
        ];
        for attribute in body.attributes() {
            self.known_attribute(attribute, &ATTRIBUTES);
        }
        let kind = match body.get_attribute("document") {
            Some(attribute) => self.string(attribute),
            None => {
                self.compiler.problem_with_help(
                    0..0,
                    "the step doesn't say which document it is about",
                    "write `document = \"kind\"`",
                );
                None
            }
        };
        let action = self.action(body, kind.as_deref() == Some(MARKER_KIND));
        let mut step = Step::declared(version, &name, &kind?, action?, self.compiler.file.clone());
        match body
            .get_attribute("description")
            .map(|attribute| self.string(attribute))
        {
            Some(text) => step.description = text.unwrap_or_default(),
            None => self.compiler.problem_with_help(
                0..0,
                "the step has no description",
                "write `description = \"...\"`: it is shown to users beside what it changes",
            ),
        }
        if let Some(attribute) = body.get_attribute("reads") {
            step.reads = self.strings(attribute);
        }
        step.reads_any_shape = self.flag(body, "reads_any_shape", false);
        step.overwrites = self.flag(body, "overwrites", false);
        if !self.flag(body, "idempotent", true) {
            match body
                .get_attribute("reason")
                .map(|attribute| self.string(attribute))
            {
                Some(reason) => step.not_idempotent = Some(reason.unwrap_or_default()),
                None => {
                    let span = attribute_span(body, "idempotent");
                    self.compiler.problem_with_help(
                        span,
                        "a step that isn't idempotent needs a reason",
                        "write `reason = \"...\"`",
                    );
                }
            }
        }
        Some(step)
    }

    fn action(&mut self, body: &Body, is_marker: bool) -> Option<Action> {
        const ACTIONS: [&str; 5] = ["import", "modify", "remove", "rename", "dialect"];
        let mut action = None;
        for block in body.blocks() {
            let name = block.ident.as_str();
            let read = match name {
                "import" => {
                    self.known(block, &["on_existing"]);
                    let on_existing = block.body.get_attribute("on_existing");
                    let on_existing =
                        match on_existing.map(|attribute| (self.string(attribute), attribute)) {
                            None => OnExisting::Refuse,
                            Some((Some(text), _)) if text == "keep" => OnExisting::Keep,
                            Some((Some(text), _)) if text == "refuse" => OnExisting::Refuse,
                            Some((_, attribute)) => {
                                let span = attribute.value.span().unwrap_or_default();
                                self.compiler
                                    .problem(span, "`on_existing` is \"keep\" or \"refuse\"");
                                OnExisting::Refuse
                            }
                        };
                    Action::Import(on_existing)
                }
                "modify" => {
                    let selection = Selection::read(block, &mut self.compiler);
                    Action::Modify(Modify::Declared(Arc::new(DeclaredModify(selection))))
                }
                "remove" | "dialect" => {
                    self.known(block, &[]);
                    if name == "remove" {
                        Action::Remove
                    } else {
                        Action::Dialect
                    }
                }
                "rename" => {
                    self.known(block, &["from"]);
                    let from = self.required_string(block, "from")?;
                    match PathPattern::parse(&from) {
                        Ok(from) => Action::Rename(from),
                        Err(message) => {
                            self.compiler.problem(value_span(block, "from"), message);
                            return None;
                        }
                    }
                }
                other => {
                    let help = match nearest(other, ACTIONS) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("a step has one of the bodies {}", ACTIONS.join(", ")),
                    };
                    let message = format!("unknown step body `{other}`");
                    self.compiler
                        .problem_with_help(block_span(block), message, help);
                    continue;
                }
            };
            if is_marker && !matches!(read, Action::Rename(_)) {
                self.compiler
                    .problem(block_span(block), "the marker can only be renamed");
            }
            if action.replace(read).is_some() {
                self.compiler.problem_with_help(
                    block_span(block),
                    "a step has one body, and this is a second",
                    "make it a step of its own",
                );
            }
        }
        if action.is_none() && body.blocks().next().is_none() {
            let help = format!("give it one of {}", ACTIONS.join(", "));
            self.compiler
                .problem_with_help(0..0, "the step does nothing", help);
        }
        action
    }

    fn known(&mut self, block: &Block, attributes: &[&str]) {
        for structure in &block.body {
            match structure.as_attribute() {
                Some(attribute) => self.known_attribute(attribute, attributes),
                None => {
                    let message = format!("`{}` takes no blocks", block.ident.as_str());
                    self.compiler
                        .problem(structure.span().unwrap_or_default(), message);
                }
            }
        }
    }

    fn known_attribute(&mut self, attribute: &Attribute, known: &[&str]) {
        let name = attribute.key.as_str();
        if !known.contains(&name) {
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "nothing is known here".to_owned(),
                None => format!("known here: {}", known.join(", ")),
            };
            let span = attribute.key.span().unwrap_or_default();
            self.compiler
                .problem_with_help(span, format!("unknown attribute `{name}`"), help);
        }
    }

    fn label(&mut self, block: &Block, what: &str) -> Option<String> {
        match block.labels.as_slice() {
            [label] => Some(label.as_str().to_owned()),
            _ => {
                let message = format!("`{}` takes one label, {what}", block.ident.as_str());
                self.compiler.problem(block_span(block), message);
                None
            }
        }
    }

    fn required_string(&mut self, block: &Block, name: &str) -> Option<String> {
        match block.body.get_attribute(name) {
            Some(attribute) => self.string(attribute),
            None => {
                let message = format!("`{}` lacks `{name}`", block.ident.as_str());
                self.compiler.problem(block_span(block), message);
                None
            }
        }
    }

    fn string(&mut self, attribute: &Attribute) -> Option<String> {
        let text = attribute.value.as_str();
        if text.is_none() {
            let message = format!("`{}` is a string", attribute.key.as_str());
            self.compiler
                .problem(attribute.value.span().unwrap_or_default(), message);
        }
        text.map(str::to_owned)
    }

    fn strings(&mut self, attribute: &Attribute) -> Vec<String> {
        let items = attribute.value.as_array();
        let strings: Option<Vec<String>> = items
            .map(|items| {
                items
                    .iter()
                    .map(|item| item.as_str().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default();
        if strings.is_none() || items.is_none() {
            let message = format!("`{}` is a list of strings", attribute.key.as_str());
            self.compiler
                .problem(attribute.value.span().unwrap_or_default(), message);
        }
        strings.unwrap_or_default()
    }

    fn versions(&mut self, attribute: &Attribute) -> BTreeSet<u32> {
        let mut versions = BTreeSet::new();
        let items: Vec<&SyntaxExpression> = match attribute.value.as_array() {
            Some(items) => items.iter().collect(),
            None => vec![&attribute.value],
        };
        for item in items {
            let number = item.as_number().and_then(hcl::Number::as_u64);
            match number
                .and_then(|number| u32::try_from(number).ok())
                .filter(|n| *n > 0)
            {
                Some(version) => {
                    versions.insert(version);
                }
                None => self.compiler.problem(
                    item.span().unwrap_or_default(),
                    "versions are positive whole numbers",
                ),
            }
        }
        versions
    }

    fn flag(&mut self, body: &Body, name: &str, default: bool) -> bool {
        match body.get_attribute(name) {
            None => default,
            Some(attribute) => attribute.value.as_bool().unwrap_or_else(|| {
                let span = attribute.value.span().unwrap_or_default();
                self.compiler
                    .problem(span, format!("`{name}` is true or false"));
                default
            }),
        }
    }
}

fn attribute_span(body: &Body, name: &str) -> Range<usize> {
    body.get_attribute(name)
        .and_then(|attribute| attribute.span())
        .unwrap_or_default()
}

fn value_span(block: &Block, name: &str) -> Range<usize> {
    block
        .body
        .get_attribute(name)
        .and_then(|attribute| attribute.value.span())
        .unwrap_or_default()
}
