//! From the texts of a catalog to its parts.

mod catalog;
mod identity;
mod step;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hcl::edit::expr::Expression as SyntaxExpression;
use hcl::edit::structure::{Attribute, Block, Body};
use hcl::edit::{Span, parser};

use super::check::{Places, assemble};
use super::expression::Compiler;
use super::identity::Identities;
use super::modify::block_span;
use super::problem::{CatalogError, Problem, SourceFile, nearest};
use super::step::{Action, DeclaredModify, Modify};
use super::{Catalog, CatalogParts, Digest, Marker, Step};
pub(super) use identity::identity;

/// What every catalog begins with.
pub(super) const CATALOG_FILE: &str = "catalog.hcl";

/// When the bodies of `modify` and `down` are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bodies {
    Now,
    /// When a document needs them: for the built-in catalog, whose bodies a test reads. Most commands need few of them,
    /// and reading them all takes longer than most commands' work.
    Later,
}

/// A catalog from its texts: `catalog.hcl` and every `NNNN_name/step.hcl`.
pub(super) fn catalog(
    files: &[SourceFile],
    digest: Digest,
    mut problems: Vec<Problem>,
    bodies: Bodies,
) -> Result<Catalog, CatalogError> {
    let mut parts = empty_parts();
    let mut places = Places {
        lacks_kinds: true,
        ..Places::default()
    };
    let mut identities = Identities::default();
    for read in read_all(files, bodies) {
        problems.extend(read.problems);
        match read.content {
            Some(Content::Catalog(read)) => {
                let steps = std::mem::take(&mut parts.steps);
                (parts, places, identities) = *read;
                parts.steps = steps;
            }
            Some(Content::Step(step)) => parts.steps.push(*step),
            None => {}
        }
    }
    let mut catalog = assemble(parts, digest, &places, problems)?;
    catalog.files = files.to_vec();
    catalog.identities = identities;
    Ok(catalog)
}

fn empty_parts() -> CatalogParts {
    CatalogParts {
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
    }
}

/// What one file says.
struct ReadFile {
    content: Option<Content>,
    problems: Vec<Problem>,
}

enum Content {
    Catalog(Box<(CatalogParts, Places, Identities)>),
    Step(Box<Step>),
}

/// From so many files on, a second thread pays.
const MANY_FILES: usize = 8;

/// Reads every file, in their order.
fn read_all(files: &[SourceFile], bodies: Bodies) -> Vec<ReadFile> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else {
                return done;
            };
            done.push((index, read_one(file, bodies)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let helper = std::thread::Builder::new();
        // Where no thread can be had, one does it all.
        let helper = (files.len() >= MANY_FILES && bodies == Bodies::Now)
            .then(|| helper.spawn_scoped(scope, work).ok())
            .flatten();
        let mut all = work();
        all.extend(helper.into_iter().flat_map(|helper| match helper.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }));
        all
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, read)| read).collect()
}

/// A step of the built-in catalog with its bodies.
pub(super) fn whole(file: &SourceFile) -> Step {
    match read_one(file, Bodies::Now).content {
        Some(Content::Step(step)) => *step,
        _ => unreachable!("a test reads the built-in steps whole"),
    }
}

/// What stands before a step's `modify`, and one that does something in its place; `None` where there is none.
fn outline(file: &SourceFile) -> Option<SourceFile> {
    const BODY: &str = "\nmodify {\n";
    let (head, _) = file.text.split_once(BODY)?;
    Some(SourceFile {
        path: file.path.clone(),
        text: format!("{head}{BODY}remove = [\"_\"]\n}}\n").into(),
    })
}

/// A step without its bodies, which are read later.
fn read_outline(file: &SourceFile) -> Option<ReadFile> {
    let mut read = read_one(&outline(file)?, Bodies::Now);
    if let Some(Content::Step(step)) = &mut read.content {
        let body = DeclaredModify::later(file.clone());
        step.action = Action::Modify(Modify::Declared(Arc::new(body)));
        step.source = Some(file.clone());
    }
    Some(read)
}

fn read_one(file: &SourceFile, bodies: Bodies) -> ReadFile {
    if bodies == Bodies::Later
        && let Some(read) = read_outline(file)
    {
        return read;
    }
    let mut reader = Reader {
        compiler: Compiler::new(file),
    };
    let content = reader.parse().and_then(|body| {
        if &*file.path == CATALOG_FILE {
            let mut parts = empty_parts();
            let places = reader.catalog(&body, &mut parts);
            let identities = reader.identities(&body);
            Some(Content::Catalog(Box::new((parts, places, identities))))
        } else {
            let step = reader.step(&body)?;
            Some(Content::Step(Box::new(step)))
        }
    });
    ReadFile {
        content,
        problems: reader.compiler.problems,
    }
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
                // The parser's own words for these two are those of its grammar.
                let message = match error.message() {
                    text if text.contains("redefined attribute") => {
                        "this attribute stands in its block twice"
                    }
                    text if text.contains("redefined object key") => {
                        "this key stands in its object twice"
                    }
                    text => text,
                };
                self.compiler.problem(at..at + 1, message);
                None
            }
        }
    }

    /// Reports what a block may not hold: labels, other blocks, unknown attributes.
    fn plain_block(&mut self, block: &Block, attributes: &[&str]) {
        if let Some(label) = block.labels.first() {
            let message = format!("`{}` takes no label", block.ident.as_str());
            self.compiler
                .problem(label.span().unwrap_or_default(), message);
        }
        self.known(block, attributes);
    }

    /// The same for a block that has a label.
    fn known(&mut self, block: &Block, attributes: &[&str]) {
        for structure in &block.body {
            if structure.is_block() {
                let message = format!("`{}` takes no blocks", block.ident.as_str());
                self.compiler
                    .problem(structure.span().unwrap_or_default(), message);
            }
        }
        self.known_attributes(&block.body, attributes);
    }

    fn known_attributes(&mut self, body: &Body, known: &[&str]) {
        for attribute in body.attributes() {
            let name = attribute.key.as_str();
            if known.contains(&name) {
                continue;
            }
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "no attribute belongs here".to_owned(),
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
                let name = block.ident.as_str();
                self.compiler.problem_with_help(
                    block_span(block),
                    format!("`{name}` takes one label, {what}"),
                    format!("write `{name} \"name\" {{ ... }}`"),
                );
                None
            }
        }
    }

    fn required_string(&mut self, block: &Block, name: &str) -> Option<String> {
        match block.body.get_attribute(name) {
            Some(attribute) => self.string(attribute),
            None => {
                self.compiler.problem_with_help(
                    block_span(block),
                    format!("`{}` lacks `{name}`", block.ident.as_str()),
                    format!("write `{name} = \"...\"` in it"),
                );
                None
            }
        }
    }

    fn string(&mut self, attribute: &Attribute) -> Option<String> {
        let text = attribute.value.as_str();
        if text.is_none() {
            let name = attribute.key.as_str();
            self.compiler.problem_with_help(
                attribute.value.span().unwrap_or_default(),
                format!("`{name}` is a string"),
                format!("write `{name} = \"...\"`"),
            );
        }
        text.map(str::to_owned)
    }

    /// The strings of a list, each with its place.
    fn strings(&mut self, attribute: &Attribute) -> Vec<(String, Range<usize>)> {
        let strings: Option<Vec<_>> = attribute.value.as_array().and_then(|items| {
            let place = |item: &SyntaxExpression| item.span().unwrap_or_default();
            let items = items.iter();
            items
                .map(|item| Some((item.as_str()?.to_owned(), place(item))))
                .collect()
        });
        if strings.is_none() {
            let name = attribute.key.as_str();
            self.compiler.problem_with_help(
                attribute.value.span().unwrap_or_default(),
                format!("`{name}` is a list of strings"),
                format!("write `{name} = [\"...\"]`"),
            );
        }
        strings.unwrap_or_default()
    }

    fn versions(&mut self, attribute: &Attribute) -> BTreeSet<u32> {
        let Some(items) = attribute.value.as_array() else {
            let name = attribute.key.as_str();
            self.compiler.problem_with_help(
                attribute.value.span().unwrap_or_default(),
                format!("`{name}` is a list of versions"),
                format!("write `{name} = [11, 12]`"),
            );
            return BTreeSet::new();
        };
        let mut versions = BTreeSet::new();
        for item in items {
            let number = item.as_number().and_then(hcl::Number::as_u64);
            match number.and_then(|number| u32::try_from(number).ok()) {
                Some(version) if version > 0 => {
                    versions.insert(version);
                }
                _ => self.compiler.problem(
                    item.span().unwrap_or_default(),
                    "a version is a positive whole number",
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

/// The place of an attribute's value; empty where it is absent.
fn value_span(body: &Body, name: &str) -> Range<usize> {
    body.get_attribute(name)
        .and_then(|attribute| attribute.value.span())
        .unwrap_or_default()
}
