//! The cases that the author of a step forgets, each made from one that is there, with what the step does about it.

use std::collections::HashMap;
use std::ops::Range;

use super::back::StatedUndo;
use super::cases::Case;
use super::files::Files;
use super::verification::Verification;
use crate::catalog::{Action, Catalog, Target};
use crate::contract::Contracts;
use crate::ocl::{Dialect, Document, Kind, Node};

/// A case that a step doesn't have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgottenCase {
    /// Its name: `absent`, `empty`, `twice`, `crlf` or `comments`.
    pub name: &'static str,
    /// The document before the step.
    pub before: String,
    /// What the step does with it.
    pub outcome: CaseOutcome,
    /// What undoing the step makes of the result, where that isn't the values of the document before it.
    pub undo: Option<StatedUndo>,
    /// Places of the result that undoing the step doesn't carry.
    pub set_aside: Vec<String>,
    /// All files of the case's folder, as [`Verification`] accepts them. None for an outcome that no case can state.
    pub files: Files,
}

/// What a step does with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseOutcome {
    /// The document after it.
    After(Vec<u8>),
    /// The step removes it.
    Removed,
    /// The step refuses it, with this message.
    Refused(String),
    /// It breaks the contract of the step's version, so no such document counts: what is wrong.
    BreaksContract(String),
    /// The step is wrong there, and no case could state what it does: why.
    Defect(String),
}

impl Verification<'_> {
    /// The cases that a step, given by its index in [`Catalog::steps`](crate::catalog::Catalog::steps), doesn't have: what it changes is
    /// absent, the document is empty, a name stands twice, lines end as on Windows, comments stand everywhere. They are made from the
    /// first case in which the step changes a document, or else from the first; its folder comes with them. `None` where there is
    /// none. A step that removes documents has no more to show.
    pub fn forgotten(&self, step: usize) -> Option<(&str, Vec<ForgottenCase>)> {
        let catalog = self.catalog();
        let cases = self.all_cases().iter().filter(|case| case.step == step);
        let (model, before) = model(cases.clone())?;
        let Target::Kind(kind) = catalog.steps()[step].target() else {
            return Some((&model.path, Vec::new()));
        };
        if !matches!(catalog.steps()[step].action(), Action::Modify(_)) {
            return Some((&model.path, Vec::new()));
        }
        let version = catalog.steps()[step].version();
        let dialect = catalog.dialect_at(version - 1);
        // What is wrong with the contracts themselves, `verify` says.
        let contracts = Contracts::of(catalog).ok();
        let contract = contracts.as_ref().and_then(|it| it.at(kind, version));
        let breaks = |text: &[u8]| {
            let document = Document::from_bytes(text.to_vec(), catalog.dialect_at(version)).ok()?;
            let violations = contract?.check(&document).ok()?;
            violations.first().map(ToString::to_string)
        };
        let after = model.after().and_then(|it| std::str::from_utf8(it).ok());
        let mut made: Vec<ForgottenCase> = Vec::new();
        for (name, before) in variants(before, after.unwrap_or_default(), dialect) {
            let is_there = |case: &Case| {
                case.path.ends_with(&format!("/{name}")) || case.before() == Some(before.as_bytes())
            };
            if cases.clone().any(is_there)
                || made.iter().any(|known| known.before == before)
                || Document::parse(&*before, dialect).is_err()
            {
                continue;
            }
            let outcome = match model.migrated(catalog, before.as_bytes(), version - 1, &[step]) {
                Ok(Some(after)) => match breaks(&after) {
                    None => CaseOutcome::After(after),
                    Some(wrong) => CaseOutcome::BreaksContract(wrong),
                },
                Ok(None) => CaseOutcome::Removed,
                Err(error) => CaseOutcome::Refused(error.kind.to_string()),
            };
            let case = ForgottenCase {
                name,
                before,
                outcome,
                undo: None,
                set_aside: Vec::new(),
                files: Files::default(),
            };
            made.push(case.filled(catalog, model));
        }
        Some((&model.path, made))
    }
}

impl ForgottenCase {
    /// With its files. What the case would be refused for is its outcome instead.
    fn filled(mut self, catalog: &Catalog, model: &Case) -> ForgottenCase {
        if let CaseOutcome::After(after) = &self.outcome {
            (self.undo, self.set_aside) = model.undone(catalog, self.before.as_bytes(), after);
        }
        match self.stated(catalog, model) {
            Ok(files) => ForgottenCase { files, ..self },
            Err(why) => ForgottenCase {
                outcome: CaseOutcome::Defect(why),
                undo: None,
                set_aside: Vec::new(),
                ..self
            },
        }
    }

    /// The files that state what the step does.
    fn stated(&self, catalog: &Catalog, model: &Case) -> Result<Files, String> {
        let Some(mut files) = model.beside(&self.set_aside) else {
            return Err("its values that are set aside can't be written into case.hcl".into());
        };
        match &self.outcome {
            CaseOutcome::After(after) => files.insert("after.ocl", after.as_slice()),
            CaseOutcome::Removed => {}
            CaseOutcome::Refused(message) => files.insert("error.txt", format!("{message}\n")),
            CaseOutcome::BreaksContract(_) | CaseOutcome::Defect(_) => return Ok(Files::default()),
        }
        match &self.undo {
            None => {}
            Some(StatedUndo::Text(text)) => files.insert("down.ocl", text.as_slice()),
            Some(StatedUndo::Refused(message)) => {
                files.insert("down_error.txt", format!("{message}\n"));
            }
        }
        files.insert("before.ocl", self.before.as_bytes());
        let path = self.name.to_owned();
        let case = Case::read(&files, path, model.step, &catalog.steps()[model.step]);
        let case = case.map_err(|error| error.message)?;
        case.run(catalog).map_err(|failure| failure.to_string())?;
        Ok(files)
    }
}

/// The case to make others from, with its document.
fn model<'c>(cases: impl Iterator<Item = &'c Case>) -> Option<(&'c Case, &'c str)> {
    let with_before: Vec<(&Case, &str)> = cases
        .filter_map(|case| Some((case, std::str::from_utf8(case.before()?).ok()?)))
        .collect();
    let changes = |(case, before): &&(&Case, &str)| {
        let after = case.after();
        after.is_some_and(|after| after != before.as_bytes())
    };
    with_before
        .iter()
        .find(changes)
        .or(with_before.first())
        .copied()
}

/// What a document that a step changes may be like as well. `after` is what comes of it.
fn variants(before: &str, after: &str, dialect: Dialect) -> Vec<(&'static str, String)> {
    let parse = |text: &str| Document::parse(text, dialect).ok();
    let (Some(old), Some(new)) = (parse(before), parse(after)) else {
        return Vec::new();
    };
    let touched = not_in(&old, &new);
    let twice = touched.first().or(not_in(&new, &old).first()).cloned();
    let mut variants = Vec::new();
    if !touched.is_empty() {
        let spans = touched.iter().map(|(span, _)| span.clone());
        variants.push(("absent", without(before, spans)));
    }
    variants.push(("empty", String::new()));
    if let Some((_, source)) = twice {
        let end = if before.is_empty() || before.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let added = format!("{source}\n").repeat(if touched.is_empty() { 2 } else { 1 });
        variants.push(("twice", format!("{before}{end}{added}")));
    }
    if !before.contains('\r') {
        variants.push(("crlf", before.replace('\n', "\r\n")));
    }
    variants.push(("comments", commented(before, &old)));
    variants
}

/// What stands at the top of a document, and isn't the same in another: its place and its text.
fn not_in(document: &Document, other: &Document) -> Vec<(Range<usize>, String)> {
    let mut known: HashMap<String, usize> = HashMap::new();
    for child in other.root().children() {
        *known.entry(child.source().into_owned()).or_default() += 1;
    }
    let mut found = Vec::new();
    for child in document.root().children() {
        let source = child.source().into_owned();
        match known.get_mut(&source) {
            Some(left) if *left > 0 => *left -= 1,
            _ => found.extend(child.span().map(|span| (span, source))),
        }
    }
    found
}

/// The text without these places and the lines that they leave empty.
fn without(text: &str, places: impl Iterator<Item = Range<usize>>) -> String {
    let mut left = String::new();
    let mut from = 0;
    for place in places {
        left.push_str(&text[from..line_start(text, place.start).max(from)]);
        let rest = &text[place.end..];
        from = match rest.find('\n') {
            _ if text[..place.end].ends_with('\n') => place.end,
            Some(newline) => place.end + newline + 1,
            None => text.len(),
        };
    }
    left.push_str(&text[from..]);
    left
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The text with a comment above each attribute and block.
fn commented(text: &str, document: &Document) -> String {
    let is_named = |node: &Node<'_>| matches!(node.kind(), Kind::Attribute | Kind::Block);
    let nodes = document.root().subtree().filter(is_named);
    let mut lines: Vec<(usize, String)> = nodes
        .filter_map(|node| {
            Some((
                line_start(text, node.span()?.start),
                node.name().into_owned(),
            ))
        })
        .collect();
    lines.sort();
    lines.dedup_by_key(|(at, _)| *at);
    let mut commented = String::new();
    let mut from = 0;
    for (at, name) in lines {
        commented.push_str(&text[from..at]);
        let line = &text[at..];
        let indent = &line[..line.len() - line.trim_start().len()];
        commented.push_str(&format!("{indent}# about {name}\n"));
        from = at;
    }
    commented.push_str(&text[from..]);
    commented
}
