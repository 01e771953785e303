//! Reads the texts of a catalog into its parts.

mod catalog;
mod contracts;
mod identity;
mod modify;
mod names;
mod step;
mod things;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use hcl::edit::expr::Expression as SyntaxExpression;
use hcl::edit::structure::{Attribute, Block, Body};
use hcl::edit::{Span, parser};

use super::blocks::BlockReference;
use super::check::assemble;
use super::contracts::DeclaredContract;
use super::expression::Compiler;
use super::identity::Identities;
use super::model::{Catalog, CatalogParts};
use super::modify::OPERATIONS;
use super::open_quote::{OPEN_QUOTE, open_quote};
use super::problem::{CatalogError, Problem, SourceFile};
use super::spans::Spans;
use super::step::Step;
use super::things::Things;
use crate::text::{list, nearest};
use modify::block_span;

/// What every catalog begins with.
pub(super) const CATALOG_FILE: &str = "catalog.hcl";

/// A catalog from its texts: `catalog.hcl` and every `NNNN_name/step.hcl`. `known` has steps whose files need not be
/// read now.
pub(super) fn catalog(
    files: &[SourceFile],
    mut problems: Vec<Problem>,
    known: impl Fn(&SourceFile) -> Option<Step>,
) -> Result<Catalog, CatalogError> {
    let mut parts = CatalogParts::new("", "");
    let mut spans = Spans {
        lacks_kinds: true,
        ..Spans::default()
    };
    let mut identities = Identities::default();
    let mut things = Things::default();
    let mut contracts = Vec::new();
    let mut unknown = Vec::new();
    for file in files {
        match known(file) {
            Some(step) => parts.steps.push(step),
            None => unknown.push(file),
        }
    }
    let mut is_unreadable = false;
    for (file, read) in unknown.iter().zip(read_all(&unknown)) {
        problems.extend(read.problems);
        is_unreadable |= &*file.path == CATALOG_FILE && read.content.is_none();
        match read.content {
            Some(Content::Catalog(read)) => {
                let steps = std::mem::take(&mut parts.steps);
                (parts, spans, identities, things, contracts) = *read;
                parts.steps = steps;
            }
            Some(Content::Step(step)) => parts.steps.push(*step),
            None => {}
        }
    }
    if is_unreadable {
        // What it may say can't be missing.
        return Err(CatalogError::of(problems));
    }
    let mut catalog = assemble(parts, files.to_vec(), &spans, problems)?;
    catalog.identities = identities;
    catalog.things = things.into();
    catalog.contracts = contracts;
    Ok(catalog)
}

/// The content of one file.
struct ReadFile {
    content: Option<Content>,
    problems: Vec<Problem>,
}

enum Content {
    Catalog(Box<CatalogFile>),
    Step(Box<Step>),
}

/// The content of `catalog.hcl`.
type CatalogFile = (
    CatalogParts,
    Spans,
    Identities,
    Things,
    Vec<DeclaredContract>,
);

/// From this many files on, a second thread pays off.
const MANY_FILES: usize = 8;

/// Reads every file, in their order.
fn read_all(files: &[&SourceFile]) -> Vec<ReadFile> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else {
                return done;
            };
            done.push((index, read_one(file)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let helper = std::thread::Builder::new();
        // If the system refuses a thread, this one reads everything.
        let helper = (files.len() >= MANY_FILES)
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

/// The step of a file; `None` if something is wrong with it.
pub(super) fn step(file: &SourceFile) -> Option<Step> {
    match read_one(file).content? {
        Content::Step(step) => Some(*step),
        Content::Catalog(_) => None,
    }
}

/// What a `catalog.hcl` declares of things; nothing is said of what is wrong.
pub(super) fn things(file: &SourceFile) -> Things {
    let mut reader = Reader {
        compiler: Compiler::new(file),
    };
    let body = reader.parse();
    body.map_or_else(Things::default, |body| reader.things(&body))
}

fn read_one(file: &SourceFile) -> ReadFile {
    let mut reader = Reader {
        compiler: Compiler::new(file),
    };
    let content = reader.parse().and_then(|body| {
        if &*file.path == CATALOG_FILE {
            let mut parts = CatalogParts::new("", "");
            let spans = reader.catalog(&body, &mut parts);
            let identities = reader.identities(&body);
            let things = reader.things(&body);
            let contracts = reader.contracts(&body);
            let read = (parts, spans, identities, things, contracts);
            Some(Content::Catalog(Box::new(read)))
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

impl Compiler<'_> {
    /// A place within a quoted text, which has this span. It is exact only as long as nothing in the text is escaped.
    fn within(&self, text: &str, span: Range<usize>, within: Range<usize>) -> Range<usize> {
        let source = self.file.text.get(span.clone()).unwrap_or_default();
        if source.len() == text.len() + 2 && source[1..].starts_with(text) {
            span.start + 1 + within.start..span.start + 1 + within.end
        } else {
            span
        }
    }
}

const SET_TWICE: &str = "this attribute is set twice in its block";
const TWICE_IN_OBJECT: &str = "this key occurs twice in its object";

/// What the parser of HCL says. It words two mistakes in terms of its grammar.
pub(crate) fn in_plain_words(message: &str) -> &str {
    match message {
        text if text.contains("redefined attribute") => SET_TWICE,
        text if text.contains("redefined object key") => TWICE_IN_OBJECT,
        text => text,
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
                let location = error.location();
                let at = (self.compiler.file).offset_of(location.line(), location.column());
                let message = in_plain_words(error.message());
                if !matches!(message, SET_TWICE | TWICE_IN_OBJECT)
                    && let Some(at) = open_quote(&self.compiler.file.text)
                {
                    let help = "close it with `\"`; a text of several lines stands between `<<EOT` and `EOT`";
                    self.compiler
                        .problem_with_help(at..at + 1, OPEN_QUOTE, help);
                    return None;
                }
                let help = match message {
                    SET_TWICE => self.is_operation(at).then_some(
                        "to run an operation again, write it in a block of its own: `in \"\" { ... }`",
                    ),
                    TWICE_IN_OBJECT => None,
                    _ => self.one_line_block(at),
                };
                match help {
                    Some(help) => self.compiler.problem_with_help(at..at + 1, message, help),
                    None => self.compiler.problem(at..at + 1, message),
                }
                None
            }
        }
    }

    /// Whether an operation of the step language stands at a place of a step's file.
    fn is_operation(&self, at: usize) -> bool {
        let file = self.compiler.file;
        let rest = file.text.get(at..).unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let name = rest.split(|c| !is_part(c)).next().unwrap_or_default();
        &*file.path != CATALOG_FILE && OPERATIONS.contains(&name)
    }

    /// What to do where the parser stops in a line on which a block is opened: a block on one line can't hold more than one attribute.
    fn one_line_block(&self, at: usize) -> Option<&'static str> {
        let text = &self.compiler.file.text;
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let (head, body) = line.split_once('{')?;
        let is_block = !head.contains('=') && !head.trim_start().starts_with(['#', '/']);
        // Where what is in the block begins, something else is wrong with it.
        let begins = start + line.len() - body.trim_start().len();
        (is_block && begins < at && !body.trim().is_empty()).then_some(
            "a block on one line holds one attribute at most, and no block: write each on a line of its own",
        )
    }

    /// Reports anything that a block may not have: labels, other blocks, unknown attributes.
    fn plain_block(&mut self, block: &Block, reference: &BlockReference) {
        if let Some(label) = block.labels.first() {
            let message = format!("`{}` takes no label", block.ident.as_str());
            self.compiler
                .problem(label.span().unwrap_or_default(), message);
        }
        self.known(block, reference);
    }

    /// The same for a block that has a label.
    fn known(&mut self, block: &Block, reference: &BlockReference) {
        for structure in &block.body {
            if structure.is_block() {
                let message = format!("`{}` takes no blocks", block.ident.as_str());
                self.compiler
                    .problem(structure.span().unwrap_or_default(), message);
            }
        }
        self.known_attributes(&block.body, reference);
    }

    fn known_attributes(&mut self, body: &Body, reference: &BlockReference) {
        let known: Vec<&str> = reference.names().collect();
        for attribute in body.attributes() {
            let name = attribute.key.as_str();
            if known.contains(&name) {
                continue;
            }
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "no attribute is allowed here".to_owned(),
                None => format!("known here: {}", list(&known)),
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

    /// The strings of a list, each with its span.
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

/// The span of an attribute's value; empty if it is absent.
fn value_span(body: &Body, name: &str) -> Range<usize> {
    body.get_attribute(name)
        .and_then(|attribute| attribute.value.span())
        .unwrap_or_default()
}
