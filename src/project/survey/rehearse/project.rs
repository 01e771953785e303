//! What became of one project of a ref.

use std::collections::BTreeSet;

use crate::catalog::{DocumentName, Step};
use crate::engine::{Content, DocumentOutcome, DocumentWarning, LookupKey, MigratedDocument, join};
use crate::migrate::{LineChanges, Loss, LossCause, MigrationError, MigrationErrorKind};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::load::LoadOptions;
use crate::project::read::loaded::Loaded;
use crate::project::read::marker::BranchVersion;
use crate::text::first_line;

/// What became of a ref's project, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RehearsedOutcome {
    /// It, or a document of it, can't be migrated.
    Failed,
    /// A step puts something else over a value without reading it, or can't carry it down.
    Loses,
    /// Documents change, come in, go, or are left out.
    Changed,
    /// No document changes; its marker may.
    Unchanged,
}

/// A project of a ref, migrated.
#[derive(Debug, Clone)]
pub struct RehearsedProject {
    /// The folder of its documents.
    pub base_path: String,
    /// What its marker states; `None` for an uninitialised one, and where it couldn't be told.
    pub branch_version: Option<u32>,
    /// The version it was migrated to.
    pub target_version: u32,
    /// How many documents it has.
    pub documents: usize,
    /// Those that change, come in or go.
    pub changed: Vec<RehearsedDocument>,
    /// After migrating down: documents that the result is without, as the server keeps them itself there.
    pub left_out: Vec<DocumentName>,
    /// What failed.
    pub failures: Vec<RehearsedFailure>,
    /// Values that are lost, each with its document.
    pub losses: Vec<(DocumentName, Loss)>,
    /// What a reader should know.
    pub warnings: Vec<String>,
    /// Lookups without an answer, whose defaults stand in.
    pub missing_lookups: BTreeSet<LookupKey>,
    /// Why there is nothing to migrate, where that needs saying.
    pub note: Option<String>,
    /// What groups it with others: problems, or what the steps do to which kinds.
    pub(super) traits: Vec<String>,
}

/// A document that changes, comes in or goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedDocument {
    /// Its name.
    pub name: DocumentName,
    /// Changed, imported or removed, as the JSON output calls it.
    pub outcome: &'static str,
    /// How many lines.
    pub lines: LineChanges,
}

/// Something that can't be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedFailure {
    /// The document; `None` where the project as a whole can't be loaded.
    pub document: Option<DocumentName>,
    /// Where and why, for people, with the line itself where the text is wrong.
    pub message: String,
}

impl RehearsedOutcome {
    /// As the JSON output calls it.
    pub fn name(self) -> &'static str {
        match self {
            RehearsedOutcome::Failed => "failed",
            RehearsedOutcome::Loses => "loses",
            RehearsedOutcome::Changed => "changed",
            RehearsedOutcome::Unchanged => "unchanged",
        }
    }
}

impl RehearsedProject {
    pub(super) fn new(project: &Project, base_path: &str, options: LoadOptions) -> Self {
        let server_version = project.catalog().server_version();
        RehearsedProject {
            base_path: base_path.to_owned(),
            branch_version: None,
            target_version: options.target.unwrap_or(server_version),
            documents: 0,
            changed: Vec::new(),
            left_out: Vec::new(),
            failures: Vec::new(),
            losses: Vec::new(),
            warnings: Vec::new(),
            missing_lookups: BTreeSet::new(),
            note: None,
            traits: Vec::new(),
        }
    }

    /// The worst that happened.
    pub fn outcome(&self) -> RehearsedOutcome {
        if !self.failures.is_empty() {
            RehearsedOutcome::Failed
        } else if !self.losses.is_empty() {
            RehearsedOutcome::Loses
        } else if !self.changed.is_empty() || !self.left_out.is_empty() {
            RehearsedOutcome::Changed
        } else {
            RehearsedOutcome::Unchanged
        }
    }

    /// Whether its marker would state another version.
    pub fn moves_marker(&self) -> bool {
        self.failures.is_empty()
            && self
                .branch_version
                .is_some_and(|version| version != self.target_version)
    }

    /// Whether values get lost because they can't be migrated down.
    pub fn sets_aside(&self) -> bool {
        let mut losses = self.losses.iter();
        losses.any(|(_, loss)| loss.cause == LossCause::NotCarriedDown)
    }

    /// All lines that change.
    pub fn lines(&self) -> LineChanges {
        let mut lines = LineChanges::default();
        for document in &self.changed {
            lines += document.lines;
        }
        lines
    }

    pub(super) fn nothing_in(mut self, reason: &str) -> Self {
        self.note = Some(reason.to_owned());
        self.traits.push(reason.to_owned());
        self
    }

    pub(super) fn failed_as_a_whole(mut self, reason: &str) -> Self {
        // One problem, wherever the project lies.
        let line = first_line(reason);
        self.traits.push(without_folder(line, &self.base_path));
        self.failures.push(RehearsedFailure {
            document: None,
            message: reason.to_owned(),
        });
        self
    }

    pub(super) fn of(mut self, loaded: &Loaded) -> Self {
        self.branch_version = match loaded.version() {
            BranchVersion::Uninitialised => None,
            BranchVersion::At(version) => Some(version),
        };
        self.warnings = loaded.warnings().iter().map(ToString::to_string).collect();
        let (mut problems, mut lost, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for document in loaded.documents() {
            self.documents += 1;
            for warning in loaded.warnings_about(document) {
                match warning {
                    DocumentWarning::DoubledName(name) => {
                        let path = document.path_before.as_ref().unwrap_or(&document.path);
                        let path = join(loaded.base_path(), path);
                        self.warnings.push(format!("{path}: {name}"));
                    }
                    DocumentWarning::MissingLookup(lookup) => {
                        self.missing_lookups.insert(lookup);
                    }
                    DocumentWarning::LeftBehind { .. } | DocumentWarning::NotParsed { .. } => {
                        self.warnings.push(format!("{}: {warning}", document.name));
                    }
                }
            }
            let kind = document.name.kind();
            if let Some(error) = document.error() {
                problems.push(format!("{kind}: {}", problem_of(error)));
                self.failures.extend(failure(loaded, document));
                continue;
            }
            for loss in &document.losses {
                let (version, step, place) = (loss.version, &loss.step, anywhere(&loss.place));
                lost.push(format!("{kind}: step {version} {step} overwrites {place}"));
                self.losses.push((document.name.clone(), loss.clone()));
            }
            for set_aside in &document.set_aside {
                let loss = set_aside.as_loss();
                let (version, step, place) = (loss.version, &loss.step, anywhere(&loss.place));
                lost.push(format!(
                    "{kind}: step {version} {step} can't carry {place} down"
                ));
                self.losses.push((document.name.clone(), loss));
            }
            match document.outcome {
                DocumentOutcome::Unchanged => continue,
                DocumentOutcome::LeftOut => {
                    done.push(format!("{kind} is left out"));
                    self.left_out.push(document.name.clone());
                    continue;
                }
                _ => {}
            }
            match lines_of(loaded, document) {
                Ok(lines) => {
                    done.extend(done_to(loaded, document));
                    self.changed.push(RehearsedDocument {
                        name: document.name.clone(),
                        outcome: document.outcome.name(),
                        lines,
                    });
                }
                Err(error) => {
                    problems.push(format!("{kind}: {error}"));
                    self.failures.push(RehearsedFailure {
                        document: Some(document.name.clone()),
                        message: error.to_string(),
                    });
                }
            }
        }
        self.traits = match self.outcome() {
            RehearsedOutcome::Failed => problems,
            RehearsedOutcome::Loses => lost,
            RehearsedOutcome::Changed | RehearsedOutcome::Unchanged => done,
        };
        self.traits.sort_by(|a, b| {
            let order = in_number_order(a).cmp(&in_number_order(b));
            order.then_with(|| a.cmp(b))
        });
        self.traits.dedup();
        self
    }
}

/// What sorts `step 2` before `step 10`: the text in parts, each with the number behind it.
fn in_number_order(text: &str) -> Vec<(&str, u64)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit());
        let (words, number) = rest.split_at(digits.unwrap_or(rest.len()));
        let end = number.find(|c: char| !c.is_ascii_digit());
        let (number, behind) = number.split_at(end.unwrap_or(number.len()));
        parts.push((words, number.parse().unwrap_or(u64::MAX)));
        rest = behind;
    }
    parts
}

#[cfg(test)]
#[test]
fn numbers_sort_by_what_they_are() {
    let mut texts = [
        "step 10 a",
        "step 2 b",
        "step 2 a 10",
        "step 2 a 9",
        "step",
        "a",
    ];
    texts.sort_by_key(|text| in_number_order(text));
    assert_eq!(
        texts,
        [
            "a",
            "step",
            "step 2 a 9",
            "step 2 a 10",
            "step 2 b",
            "step 10 a"
        ]
    );
}

/// A message with the paths in it as they are below a folder. The folder itself keeps its name.
fn without_folder(message: &str, folder: &str) -> String {
    let below = format!("{folder}/");
    let mut parts = message.split(&below);
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if part.is_empty() || part.starts_with([' ', ',', ';', ':']) {
            short.push_str(&below);
        }
        short.push_str(part);
    }
    short
}

fn failure(loaded: &Loaded, document: &MigratedDocument) -> Option<RehearsedFailure> {
    Some(RehearsedFailure {
        document: Some(document.name.clone()),
        message: document.failure(loaded.base_path())?,
    })
}

/// The problem without its place, which differs from branch to branch.
fn problem_of(error: &MigrationError) -> String {
    let step = error.step.as_ref();
    let step = step.map_or(String::new(), |step| {
        format!("step {} {}: ", step.version, step.name)
    });
    let reason = match &error.kind {
        MigrationErrorKind::Parse(error) => error.message().to_owned(),
        MigrationErrorKind::Rejected { message, .. } | MigrationErrorKind::Step { message, .. } => {
            message.clone()
        }
        other => other.to_string(),
    };
    first_line(&format!("{step}{reason}")).to_owned()
}

/// A place without the labels and numbers of the blocks on its way, which differ from document to document.
fn anywhere(place: &str) -> String {
    let (mut text, mut depth, mut is_quoted) = (String::new(), 0, false);
    for character in place.chars() {
        match character {
            '"' if depth > 0 => is_quoted = !is_quoted,
            '[' if !is_quoted => depth += 1,
            ']' if !is_quoted => depth -= 1,
            _ if depth == 0 => text.push(character),
            _ => {}
        }
    }
    text
}

/// What happens to a document, in words that fit every document of its kind.
fn done_to(loaded: &Loaded, document: &MigratedDocument) -> Vec<String> {
    let kind = document.name.kind();
    let steps = loaded.project().catalog().steps();
    let named = |step: &Step| format!("step {} {}", step.version(), step.name());
    let mut done = Vec::new();
    match &document.outcome {
        DocumentOutcome::Imported { source } => {
            done.push(format!("{kind} comes from the {source}"));
        }
        DocumentOutcome::BroughtBack { source } => {
            done.push(format!("{kind} comes back from the {source}"));
        }
        DocumentOutcome::Changed if document.path_before.as_ref() != Some(&document.path) => {
            done.push(format!("{kind} moves"));
        }
        _ => {}
    }
    let changes = document.changes().iter().map(|change| {
        let step = named(&steps[change.step]);
        match change.text {
            Some(_) => format!("{kind} changes in {step}"),
            None => format!("{kind} is removed in {step}"),
        }
    });
    done.extend(changes);
    done
}

fn lines_of(loaded: &Loaded, document: &MigratedDocument) -> Result<LineChanges, LoadError> {
    let before = || Ok(loaded.before(document)?.unwrap_or_default());
    let recorded = document.recorded.as_deref();
    let Some(recorded) = recorded.filter(|_| document.path_before.is_some()) else {
        // It is new: every line of it.
        let after = loaded.content(document)?.unwrap_or_default();
        return Ok(match (&document.path_before, &document.content) {
            (None, _) => LineChanges::between(&[], &after),
            (Some(_), Content::None) => LineChanges::between(&before()?, &[]),
            (Some(_), _) => LineChanges::default(),
        });
    };
    recorded.lines(before)
}
