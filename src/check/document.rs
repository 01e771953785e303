//! What is wrong with one document.

use std::collections::HashMap;
use std::sync::Arc;

use super::lines::Texts;
use super::model::{Finding, Rule};
use crate::catalog::{DocumentName, Problem, SourceFile};
use crate::compare::LiftedDocument;
use crate::contract::{self, Contracts, Violation};
use crate::git::ObjectId;
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::ocl::{DoubledName, Kind, LineColumn, Node, NodeId};
use crate::project::{Before, DocumentWarning, Loaded, MigratedDocument, ReadError};
use crate::values::{Element, Values};

/// A document that was looked at. Other refs may have the same.
pub(super) struct Looked {
    /// Its file in Git; `None` where that can't be read.
    pub(super) file: Option<ObjectId>,
    /// `None` where it can't be read.
    pub(super) texts: Option<Texts>,
    pub(super) findings: Vec<Finding>,
    /// Whether it couldn't be brought to the version that is looked at.
    has_failed: bool,
}

impl Looked {
    /// Why it couldn't be brought to the version that is looked at.
    pub(super) fn failure(&self) -> Option<&Finding> {
        self.findings.first().filter(|_| self.has_failed)
    }

    /// Whether what it says is known.
    pub(super) fn is_read(&self) -> bool {
        !self.has_failed
    }
}

/// Looks at a document that Git holds at this path. The document comes along, lifted, if it can be.
pub(super) fn look(
    loaded: &Loaded,
    document: &MigratedDocument,
    path: String,
    contracts: &Contracts,
) -> (Looked, Option<LiftedDocument>) {
    let base_path = loaded.base_path();
    let unreadable = |message: &str| {
        let finding = Finding::of_file(Rule::Unreadable, base_path, &path, message);
        let looked = Looked {
            file: loaded.file(&document.name).map(|file| file.id),
            texts: None,
            findings: vec![finding.about(&document.name, "")],
            has_failed: true,
        };
        (looked, None)
    };
    if let Some(MigrationErrorKind::Read(message)) = document.error().map(|error| &error.kind) {
        return unreadable(message);
    }
    let bytes = match loaded.before(document) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(error) => return unreadable(&error.to_string()),
    };
    let texts = Texts::new(SourceFile {
        path: path.as_str().into(),
        text: String::from_utf8_lossy(&bytes).into(),
    });
    let mut look = Look {
        base_path,
        name: &document.name,
        texts: &texts,
        findings: Vec::new(),
    };
    let lifted = match LiftedDocument::of(loaded, document) {
        Err(ReadError::Failed(_, error)) => {
            look.failed(&error);
            None
        }
        Err(error) => return unreadable(&error.to_string()),
        Ok(lifted) => lifted,
    };
    let doubled = match &lifted {
        // No step has changed it: the text is at hand.
        Some(lifted) if lifted.document().text().as_bytes() == bytes => {
            let catalog = loaded.project().catalog();
            catalog.doubled_names(document.name.kind(), lifted.document())
        }
        _ => doubled(loaded, document),
    };
    let has_failed = !look.findings.is_empty();
    for name in doubled {
        look.doubled(&name);
    }
    let mut findings = look.findings;
    let texts = match &lifted {
        Some(lifted) if lifted.document().text().as_bytes() != bytes => {
            let before = Before::of(loaded, document, lifted.document().text());
            texts.lifted_to(lifted.document().clone(), before)
        }
        _ => texts,
    };
    if let Some(lifted) = &lifted {
        let contract = contracts.at(document.name.kind(), loaded.plan().target);
        let mut lifted = Lifted {
            base_path,
            texts: &texts,
            lifted,
            findings: &mut findings,
        };
        if let Some(contract) = contract {
            lifted.contract(contract);
        }
        lifted.scopes();
        lifted.doubled();
    }
    let looked = Looked {
        file: loaded.file(&document.name).map(|file| file.id),
        texts: Some(texts),
        findings,
        has_failed,
    };
    (looked, lifted)
}

/// What a reader of a document should know beside what is found in it: names that stand more than once are findings.
pub(super) fn told_beside_findings(loaded: &Loaded, document: &MigratedDocument) -> Arc<[String]> {
    if document.is_untouched() {
        return Arc::default();
    }
    let told = loaded.told_of(document);
    let doubled = doubled(loaded, document).into_iter();
    let doubled: Vec<String> = doubled
        .map(|name| DocumentWarning::DoubledName(name).to_string())
        .collect();
    if doubled.is_empty() {
        return told;
    }
    let told = told.iter().filter(|text| !doubled.contains(text));
    told.cloned().collect()
}

fn doubled(loaded: &Loaded, document: &MigratedDocument) -> Vec<DoubledName> {
    let warnings = loaded.document_warnings(document).into_iter();
    let doubled = warnings.filter_map(|warning| match warning {
        DocumentWarning::DoubledName(name) => Some(name),
        // What isn't OCL is told by itself.
        DocumentWarning::MissingLookup(_)
        | DocumentWarning::LeftBehind { .. }
        | DocumentWarning::NotParsed { .. } => None,
    });
    doubled.collect()
}

/// A document as it was committed.
struct Look<'l> {
    base_path: &'l str,
    name: &'l DocumentName,
    texts: &'l Texts,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn push(&mut self, rule: Rule, problem: Problem, address: &str) {
        let finding = Finding::at(rule, self.base_path, problem);
        self.findings.push(finding.about(self.name, address));
    }

    /// A problem at a line and column.
    fn problem(&self, position: Option<(usize, usize)>, message: String) -> Problem {
        match position {
            Some((line, column)) => self.texts.problem_at(line, column, message),
            None => Problem::of_file(&*self.texts.file.path, message),
        }
    }

    /// It isn't OCL, or can't be migrated.
    fn failed(&mut self, error: &MigrationError) {
        match &error.kind {
            MigrationErrorKind::Parse(wrong) => {
                let place = Some((wrong.line(), wrong.column()));
                let problem = self.problem(place, wrong.message().to_owned());
                self.push(Rule::Syntax, problem, "");
            }
            MigrationErrorKind::DoubledName { name, read: None } => self.doubled(name),
            _ => {
                let problem = self.problem(error.position(), error.to_string());
                self.push(Rule::Migration, problem, "");
            }
        }
    }

    fn doubled(&mut self, name: &DoubledName) {
        // Without positions the message is the same wherever the lines are.
        let named = DoubledName {
            positions: Vec::new(),
            ..name.clone()
        };
        // The second is the one too many.
        let second = name.positions.get(1).or(name.positions.first());
        let second = second.map(|LineColumn { line, column }| (*line, *column));
        let problem = self
            .problem(second, named.to_string())
            .help("it isn't clear which one counts: keep the right one");
        self.push(Rule::DoubledName, problem, &name.holder);
    }
}

/// A document after its migration.
struct Lifted<'l> {
    base_path: &'l str,
    texts: &'l Texts,
    lifted: &'l LiftedDocument,
    findings: &'l mut Vec<Finding>,
}

impl Lifted<'_> {
    fn contract(&mut self, contract: &contract::Contract) {
        let document = self.lifted.document();
        let violations = match contract.check(document) {
            Ok(violations) => violations,
            Err(error) => {
                let path = &self.texts.file.path;
                let finding =
                    Finding::of_file(Rule::TooMuchWork, self.base_path, path, &error.to_string());
                self.findings.push(finding.about(self.lifted.name(), ""));
                return;
            }
        };
        if violations.is_empty() {
            return;
        }
        let addresses = elements(self.lifted.values());
        for violation in violations {
            let node = document.node(violation.node);
            let rule = Rule::Contract(violation.rule);
            let mut problem = self
                .texts
                .problem(span(node, &violation), &violation.message);
            if let Some(suggestion) = &violation.suggestion {
                problem = problem.help(format!("did you mean `{suggestion}`?"));
            }
            let finding = Finding::at(rule, self.base_path, problem);
            let address = address(node, &addresses);
            self.findings
                .push(finding.about(self.lifted.name(), address));
        }
    }

    /// Values of one scope: which of them applies can't be told.
    fn scopes(&mut self) {
        for scoped in self.lifted.values().scoped() {
            for (one, other) in scoped.clashes() {
                let message = format!(
                    "it has the same scope as `{}`: which of them applies can't be told",
                    one.element
                );
                self.about(Rule::SameScope, &other.element, &message, None);
            }
        }
    }

    /// Blocks that can't be told from one beside them.
    fn doubled(&mut self) {
        for doubled in self.lifted.doubled_blocks() {
            let message = doubled.message();
            let help = "it isn't clear which one counts: keep the right one, or put them together";
            self.about(Rule::DoubledBlock, &doubled.again, &message, Some(help));
        }
    }

    fn about(&mut self, rule: Rule, element: &Element<'_>, message: &str, help: Option<&str>) {
        let span = element.node().span().unwrap_or_default();
        let mut problem = self.texts.problem(span, message);
        if let Some(help) = help {
            problem = problem.help(help);
        }
        let finding = Finding::at(rule, self.base_path, problem);
        let finding = finding.about(self.lifted.name(), element.to_string());
        self.findings.push(finding);
    }
}

/// What of a node is shown: of a name that isn't known the name alone.
fn span(node: Node<'_>, violation: &Violation) -> std::ops::Range<usize> {
    let span = node.span().unwrap_or_default();
    let has_name = matches!(node.kind(), Kind::Attribute | Kind::Block);
    if violation.rule == contract::Rule::UnknownName && has_name {
        return span.start..span.start + node.name().len();
    }
    span
}

/// Every part of a document that has an address.
fn elements<'a>(values: Values<'a>) -> HashMap<NodeId, Element<'a>> {
    let mut elements = HashMap::new();
    let mut open = vec![values.root()];
    while let Some(element) = open.pop() {
        let (_, members) = element.leaf_and_members();
        open.extend(members);
        elements.insert(element.node().id(), element);
    }
    elements
}

/// The address of a node, or of the nearest around it that has one.
fn address(node: Node<'_>, elements: &HashMap<NodeId, Element<'_>>) -> String {
    let mut node = Some(node);
    while let Some(here) = node {
        if let Some(element) = elements.get(&here.id()) {
            return element.to_string();
        }
        node = here.parent();
    }
    String::new()
}
