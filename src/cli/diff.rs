//! `diff`: what really differs between two refs.

use std::collections::BTreeSet;

use crate::catalog::DocumentName;
use crate::compare::{DocumentDiff, LiftedDocument, NotCompared, diff};
use crate::project::{DocumentOutcome, LoadOptions, Loaded, Project, no_such_document};
use crate::report::{ChangeReport, DiffPage, FileDiff, NotComparedReport, TextDiffReport};
use crate::text::{self, AS_FAR_AS_READ, count, grouped};
use crate::values::{Change, Difference, FindError, Rename};

use super::failure::{Exit, Failure, Refusal};
use super::global::{Format, Global};
use super::output::Output;
use super::subject::Subject;
use super::value_change::print_change;
use super::warnings::Warnings;
use super::{complete, html, plan};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate diff main feature/x                     every value that differs
  ocl-migrate diff main...feature/x                   since the branch left main
  ocl-migrate diff v1.0..v2.0 deployment_process      in one document
  ocl-migrate diff main feature/x variables 'variable[\"Retries\"]'
  ocl-migrate diff main --exit-code                   against HEAD; exit code 3 if anything differs, for scripts
  ocl-migrate diff main feature/x --format json | jq -r .address")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit; or two: A..B, and A...B for B since it left A
    #[arg(value_name = "A", add = complete::refs())]
    revision: String,
    /// The other side (default: HEAD)
    #[arg(value_name = "B", add = complete::refs_and_documents())]
    second: Option<String>,
    /// A document, by name (`runbook/backup`) or path (default: all)
    #[arg(value_name = "DOC", add = complete::documents())]
    third: Option<String>,
    /// What to compare in it (default: all): an address, or a selector of several
    #[arg(value_name = "SELECTOR")]
    fourth: Option<String>,
    /// The version to compare in (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Compare the texts, line by line
    #[arg(long, conflicts_with = "stat")]
    text: bool,
    /// Count the values that differ, per document
    #[arg(long)]
    stat: bool,
    /// Exit with 3 if anything differs
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    html: html::PageFile,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let project = global.open()?;
    let asked = Asked::read(global, &project, arguments)?;
    let options = LoadOptions {
        target: arguments.to,
    };
    let session = project.session();
    let old = if asked.merge_base {
        asked.merge_base(global, &project)?
    } else {
        asked.old.clone()
    };
    let old = global.load_in(&session, &old, options)?;
    asked.refuse_misspelt(&old, &project)?;
    let new = global.load_in(&session, &asked.new, options);
    let new = match new {
        // Nobody typed it: what was typed is neither a ref nor a document.
        Err(_) if let Some(word) = asked.neither(&old) => {
            return Err(no_such_word(word, &[&old], &project));
        }
        new => new?,
    };
    let subject = Subject::parse(&asked.subject)?.settled_in(&[&old, &new])?;
    let document = asked.document(&subject, &old, &new, &project)?;
    if arguments.text && !subject.selector.is_empty() {
        let message =
            "--text compares whole documents, and a selector selects values: use one of them";
        return Err(Failure::Usage(message.into()));
    }
    let mut found = diff(&old, &new).map_err(|error| Failure::Other(error.to_string()))?;
    match &document {
        Some(name) => found = found.only(name)?,
        // On all processors, if it takes long.
        None => [&old, &new].iter().for_each(|loaded| loaded.migrate_all()),
    }
    let mut printer = Printer {
        format: global.format,
        arguments,
        output,
        total: Counts::default(),
        documents: 0,
        rows: Vec::new(),
        has_failed: false,
    };
    if global.format == Format::Text {
        printer.output.page();
        if !arguments.text {
            plan::print_head(&old, printer.output)?;
            plan::print_head(&new, printer.output)?;
        }
    }
    let mut page = arguments.html.wanted().then(|| DiffPage::new(&old, &new));
    let mut compared = BTreeSet::new();
    let mut nothing: Option<Failure> = None;
    let mut is_selected = subject.selector.is_empty();
    for document in found {
        match document {
            Err(failed) => {
                printer.not_compared(&failed)?;
                page.iter_mut().for_each(|page| page.fail(&failed));
            }
            Ok(document) => {
                compared.insert(document.name().clone());
                if arguments.text {
                    printer.texts(&document)?;
                    if page.is_none() {
                        continue;
                    }
                }
                let difference = if subject.selector.is_empty() {
                    document.difference()
                } else {
                    match document.difference_in(&subject.selector) {
                        Ok(difference) => difference,
                        Err(error) => {
                            nothing = Some(not_found(error, document.name()));
                            continue;
                        }
                    }
                };
                is_selected = true;
                if !arguments.text {
                    printer.document(&document, &difference)?;
                }
                page.iter_mut()
                    .for_each(|page| page.add(&document, &difference));
            }
        }
    }
    if let Some(error) = nothing {
        return Err(error);
    }
    // Both sides have one text: whether the selector selects anything in it was not looked at yet.
    if let (false, false, Some(name)) = (is_selected, printer.has_failed, &document) {
        let selected = new.values_of(name)?;
        if selected.values().select(&subject.selector).is_empty()
            && let Err(error) = selected.values().find(&subject.selector)
        {
            return Err(not_found(error, selected.name()));
        }
    }
    printer.end()?;
    tell(
        &[&old, &new],
        document.as_deref(),
        &compared,
        printer.output,
    );
    if let Some(mut page) = page {
        page.warn(&old, &compared);
        page.warn(&new, &compared);
        let page = || Ok::<_, Failure>(page.page());
        arguments.html.write(global, page, printer.output)?;
    }
    Ok(match (printer.has_failed, printer.documents) {
        (true, _) => Exit::Failure,
        (false, 1..) if arguments.exit_code => Exit::Pending,
        (false, _) => Exit::Done,
    })
}

/// A selector that selects nothing on either side.
fn not_found(error: FindError, document: &DocumentName) -> Failure {
    Failure::Find {
        error,
        document: document.to_string(),
        revision: None,
    }
}

/// What the command line asks for.
struct Asked {
    old: String,
    new: String,
    /// `A...B`: from where B left A.
    merge_base: bool,
    /// What follows the refs.
    subject: Vec<String>,
    /// Whether the first word of the subject might have been meant as a ref.
    may_be_ref: bool,
}

impl Asked {
    fn read(global: &Global, project: &Project, arguments: &Arguments) -> Result<Asked, Failure> {
        let first = &arguments.revision;
        let rest = [&arguments.second, &arguments.third, &arguments.fourth];
        let rest: Vec<String> = rest.into_iter().flatten().cloned().collect();
        let range = first.split_once("...").map(|range| (range, true));
        let range = range.or_else(|| first.split_once("..").map(|range| (range, false)));
        if let Some(((old, new), merge_base)) = range {
            let side = |side: &str| if side.is_empty() { "HEAD" } else { side }.to_owned();
            return Ok(Asked {
                old: side(old),
                new: side(new),
                merge_base,
                subject: rest,
                may_be_ref: false,
            });
        }
        let mut rest = rest.iter();
        let second = rest.clone().next();
        let second = second
            .filter(|word| global.is_revision(project, word) || global.environment(word).is_some());
        if let Some(second) = second {
            rest.next();
            // Most refs can't be a document's name, and then nothing is loaded for this.
            let kind = second.split('/').next().unwrap_or_default();
            let may_be_document = project.catalog().kind(kind).is_some();
            let old =
                may_be_document.then(|| project.load_migrated(global.revision(project, first)));
            let is_document = old
                .is_some_and(|old| old.is_ok_and(|old| old.names().any(|name| *name == **second)));
            if is_document {
                return Err(Failure::Usage(format!(
                    "`{second}` is a document and a ref: write {first}..{second} for the ref, and {first}..HEAD {second} for the document"
                )));
            }
        }
        Ok(Asked {
            old: first.clone(),
            new: second.map_or("HEAD", String::as_str).to_owned(),
            merge_base: false,
            subject: rest.cloned().collect(),
            may_be_ref: second.is_none(),
        })
    }

    /// The commit from which the second ref left the first.
    fn merge_base(&self, global: &Global, project: &Project) -> Result<String, Failure> {
        let repository = project.repository();
        let (old, new) = (
            repository.resolve(global.revision(project, &self.old))?,
            repository.resolve(global.revision(project, &self.new))?,
        );
        match repository.merge_base(old, new)? {
            Some(base) => Ok(base.to_string()),
            None => {
                let message = format!(
                    "{} and {} have no commit in common: compare them as they are, with `..`",
                    self.old, self.new
                );
                Err(Failure::Refused(Refusal::NoMergeBase, message))
            }
        }
    }

    /// The word that may have been meant as a ref, where it is no document of the first ref.
    fn neither(&self, old: &Loaded) -> Option<&str> {
        let word = self.subject.first().filter(|_| self.may_be_ref)?;
        let subject = Subject::parse(std::slice::from_ref(word)).ok();
        let name = subject.and_then(|subject| subject.document(&[old]));
        let is_there = name.is_some_and(|name| old.names().any(|known| *known == *name));
        (!is_there).then_some(word)
    }

    /// A document and a selector behind what is no ref: that was meant as one.
    fn refuse_misspelt(&self, old: &Loaded, project: &Project) -> Result<(), Failure> {
        match self.neither(old) {
            Some(word) if self.subject.len() == 3 => Err(no_such_word(word, &[old], project)),
            _ => Ok(()),
        }
    }

    /// The document that is asked about; `None` for all.
    fn document(
        &self,
        subject: &Subject,
        old: &Loaded,
        new: &Loaded,
        project: &Project,
    ) -> Result<Option<String>, Failure> {
        let Some(name) = subject.document(&[new, old]) else {
            return Ok(None);
        };
        let is_there = old.names().chain(new.names()).any(|known| *known == *name);
        if !is_there && self.may_be_ref {
            return Err(no_such_word(&name, &[old, new], project));
        }
        if is_there {
            Ok(Some(name))
        } else {
            let known: BTreeSet<_> = old.names().chain(new.names()).cloned().collect();
            let known = known.into_iter().collect();
            Err(no_such_document(&[new, old], &name, known).into())
        }
    }
}

fn no_such_word(word: &str, loaded: &[&Loaded], project: &Project) -> Failure {
    let known = loaded.iter().flat_map(|loaded| loaded.names());
    let known: BTreeSet<&str> = known.map(|name| name.as_str()).collect();
    let message = format!(
        "`{word}` is neither a branch, tag or commit nor a document; the documents are {}",
        text::some_of(known, 20)
    );
    Failure::NoDocument {
        name: Some(word.to_owned()),
        message,
        git_dir: Some(project.repository().git_dir().to_owned()),
    }
}

/// What of a difference there is how often.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    changed: usize,
    added: usize,
    removed: usize,
    moved: usize,
}

impl Counts {
    fn of(difference: &Difference<'_>) -> Counts {
        let mut counts = Counts::default();
        for change in difference.changes() {
            match change {
                Change::Added { .. } => counts.added += 1,
                Change::Removed { .. } => counts.removed += 1,
                Change::Moved { .. } => counts.moved += 1,
                _ => counts.changed += 1,
            }
        }
        counts
    }

    fn add(&mut self, other: Counts) {
        self.changed += other.changed;
        self.added += other.added;
        self.removed += other.removed;
        self.moved += other.moved;
    }

    /// Those that aren't none, with their marks.
    fn marks(self) -> String {
        let counts = [
            ('~', self.changed),
            ('+', self.added),
            ('-', self.removed),
            ('>', self.moved),
        ];
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(mark, count)| format!("{mark}{count}"))
            .collect();
        counts.join(" ")
    }

    /// The same in words.
    fn words(self) -> String {
        let mut words = vec![
            format!("{} changed", count(self.changed, "value")),
            format!("{} added", grouped(self.added)),
            format!("{} removed", grouped(self.removed)),
        ];
        if self.moved > 0 {
            words.push(format!("{} moved", count(self.moved, "block")));
        }
        words.join(", ")
    }
}

/// Prints what differs, document by document.
struct Printer<'o> {
    format: Format,
    arguments: &'o Arguments,
    output: &'o mut Output,
    total: Counts,
    /// How many documents differ.
    documents: usize,
    /// For `--stat`: names and counts.
    rows: Vec<(String, Counts)>,
    has_failed: bool,
}

impl Printer<'_> {
    fn not_compared(&mut self, failed: &NotCompared) -> Result<(), Failure> {
        self.has_failed = true;
        self.output.knows(Exit::Failure);
        match self.format {
            Format::Json => self.output.json(&NotComparedReport::new(failed))?,
            Format::Text => self.output.problem(failed),
        }
        Ok(())
    }

    /// A document differs.
    fn differs(&mut self) {
        self.documents += 1;
        if self.arguments.exit_code {
            self.output.knows(Exit::Pending);
        }
    }

    /// The texts of a document, compared by lines.
    fn texts(&mut self, document: &DocumentDiff<'_>) -> Result<(), Failure> {
        let diff = FileDiff::new(side(document.in_old()), side(document.in_new()));
        if diff.is_empty() {
            return Ok(());
        }
        self.differs();
        match self.format {
            Format::Json => {
                let report = TextDiffReport::new(document.name().as_str(), &diff);
                Ok(self.output.json(&report)?)
            }
            Format::Text => Ok(self.output.diff(&diff)?),
        }
    }

    fn document(
        &mut self,
        document: &DocumentDiff<'_>,
        difference: &Difference<'_>,
    ) -> Result<(), Failure> {
        let came_or_went = document.in_old().is_none() || document.in_new().is_none();
        if difference.is_empty() && !came_or_went {
            return Ok(());
        }
        self.differs();
        let counts = Counts::of(difference);
        self.total.add(counts);
        match self.format {
            Format::Json => return self.lines(document, difference),
            Format::Text if self.arguments.stat => {
                self.rows.push((name_with_mark(document), counts));
                return Ok(());
            }
            Format::Text => {}
        }
        self.output.line("")?;
        self.output.heading(name_with_mark(document))?;
        for change in difference.changes() {
            print_change(change, self.output)?;
        }
        for Rename { old, new, same, of } in difference.renames() {
            let values = format!("{} of {} are the same", grouped(*same), count(*of, "value"));
            self.output
                .aside(format_args!("  {old} may be {new} now: {values}"))?;
        }
        Ok(())
    }

    fn lines(
        &mut self,
        document: &DocumentDiff<'_>,
        difference: &Difference<'_>,
    ) -> Result<(), Failure> {
        if difference.is_empty() {
            self.output.json(&ChangeReport::of_empty(document))?;
        }
        for change in difference.changes() {
            self.output.json(&ChangeReport::new(document, change))?;
        }
        for rename in difference.renames() {
            self.output
                .json(&ChangeReport::of_rename(document, rename))?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.format == Format::Json || self.arguments.text {
            return Ok(());
        }
        if !self.rows.is_empty() {
            self.output.line("")?;
        }
        let widths = self.rows.iter().map(|(name, _)| text::columns(name));
        let width = widths.max().unwrap_or(0);
        for (name, counts) in &self.rows {
            let padding = text::padding(name, width);
            self.output
                .line(format_args!("{name}{padding}  {}", counts.marks()))?;
        }
        self.output.line("")?;
        let summary = match self.documents {
            0 => "nothing differs".to_owned(),
            1 => format!("1 document differs: {}", self.total.words()),
            documents => format!(
                "{} differ: {}",
                count(documents, "document"),
                self.total.words()
            ),
        };
        let rest = if self.has_failed { AS_FAR_AS_READ } else { "" };
        Ok(self.output.line(format_args!("{summary}{rest}"))?)
    }
}

/// The path and the text of a document, where the ref has it.
fn side(lifted: Option<&LiftedDocument>) -> Option<(&str, &[u8])> {
    lifted.map(|lifted| (lifted.path(), lifted.document().text().as_bytes()))
}

/// A document's name; with `+` or `-` where only one of the refs has it.
fn name_with_mark(document: &DocumentDiff<'_>) -> String {
    let name = document.name();
    match (document.in_old(), document.in_new()) {
        (None, _) => format!("+ {name}"),
        (_, None) => format!("- {name}"),
        _ => name.to_string(),
    }
}

/// What a reader should know of the refs and of the documents that were compared, each thing once.
fn tell(
    refs: &[&Loaded],
    asked: Option<&str>,
    compared: &BTreeSet<DocumentName>,
    output: &mut Output,
) {
    let mut warnings = Warnings::new(output);
    for loaded in refs {
        warnings.of_ref(loaded);
    }
    for loaded in refs {
        let mut left_out = 0;
        for name in loaded
            .names()
            .filter(|name| asked.is_none_or(|asked| **name == *asked))
        {
            let Ok(document) = loaded.document(name.as_str()) else {
                continue;
            };
            if matches!(document.outcome, DocumentOutcome::LeftOut) {
                left_out += 1;
            }
            if compared.contains(name) {
                warnings.of_document(loaded, document);
                continue;
            }
            let shown = text::visible_line(name.as_str());
            for set_aside in &document.set_aside {
                warnings.tell(format!("{shown}: {set_aside}"));
            }
        }
        if left_out > 0 {
            let target = loaded.plan().target;
            warnings.tell(format!(
                "{} not compared: at version {target} the server keeps such documents itself",
                text::count(left_out, "document") + if left_out == 1 { " was" } else { " were" }
            ));
        }
    }
}
