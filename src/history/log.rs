//! The commits that changed a document or a value.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, LazyLock};

use crate::catalog::{Action, Catalog, DocumentName, Identity};
use crate::compare::LiftedDocument;
use crate::git::{Before, ObjectId, PathHistory, PathParent, Stop};
use crate::ocl::{Dialect, Document};
use crate::project::{LoadError, Loaded, Project};
use crate::values::{Change, Difference, Selector, Values, difference, difference_in};

use super::commit::HistoryCommit;
use super::error::HistoryError;
use super::glance;
use super::side::{Side, Sides, Stored};
use super::subject::Subject;

/// What a history is to tell; by default the changes of values in the whole document, lifted to the server's version.
#[derive(Debug, Clone, Default)]
pub struct HistoryOptions {
    /// Only changes of what this selects, in the shape of the version that all is lifted to; the whole document if it is empty.
    pub selector: Selector,
    /// The version that all is lifted to; the server's, unless said otherwise.
    pub target: Option<u32>,
    /// Also commits that only migrated the document.
    pub migrations: bool,
    /// Only the way that the branch itself went: of a merge, its first parent.
    pub first_parent: bool,
    /// Only commits made at this time or later, in seconds since 1970. What lies behind an older one isn't looked at.
    pub since: Option<i64>,
    /// Only commits made at this time or before, in seconds since 1970.
    pub until: Option<i64>,
}

/// The commits that changed a document or a value, newest first: an iterator. See [`Project::history`].
///
/// Commits are looked at when they are asked for. An error isn't the end, unless it is [`HistoryError::Load`].
pub struct History {
    subject: Subject,
    options: HistoryOptions,
    walk: PathHistory<Option<Mended>>,
    sides: Sides,
    /// Commits that were dealt with, once several ways have been followed: with clocks that are wrong, two may meet late.
    done: Option<HashSet<ObjectId>>,
    ready: VecDeque<Result<CommitChange, HistoryError>>,
    /// Whether any commit had the document.
    has_been: bool,
    /// How many commits only migrated it, and weren't asked for.
    passed: usize,
    /// How many passed the import that brought it in, with no store to compare with.
    not_compared: usize,
    has_ended: bool,
}

/// A commit after one whose document can't be lifted, still to be compared.
#[derive(Clone)]
struct Mended {
    commit: ObjectId,
    side: Arc<Side>,
}

/// What a commit changed.
#[derive(Debug, Clone)]
pub struct CommitChange {
    commit: HistoryCommit,
    cause: Cause,
    name: DocumentName,
    catalog: Arc<Catalog>,
    selector: Selector,
    versions: (Option<u32>, Option<u32>),
    old: Option<Arc<LiftedDocument>>,
    new: Option<Arc<LiftedDocument>>,
    /// Of a merge, what the other parents have.
    others: Vec<Option<Arc<LiftedDocument>>>,
    /// What an import brought in, where the commit has something else.
    imported: Option<Arc<LiftedDocument>>,
    is_before_unread: bool,
    told: Arc<[String]>,
}

/// Why a commit changed a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody changed values.
    Edit,
    /// The commit brought the document to another version, and nobody changed a value. What an import adds belongs to it.
    Migration,
    /// The commit brought the document to another version, and somebody changed values. What an import adds is compared with what
    /// the store has; without a store, it counts as the migration's.
    Both,
}

impl Cause {
    /// As the JSON output calls it.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Edit => "edit",
            Cause::Migration => "migration",
            Cause::Both => "both",
        }
    }
}

impl Project {
    /// The commits that changed a document or a value of it, newest first, from a revision on.
    ///
    /// Every commit's document is lifted to one version, so that a migration is no change of values, and an address means the
    /// same in all of them. Of a merge, only the way is followed on which the value came; a merge itself changed what none of
    /// its parents has.
    ///
    /// # Errors
    /// Where the revision can't be loaded, or the catalog knows no such document.
    pub fn history(
        &self,
        revision: &str,
        document: &str,
        options: HistoryOptions,
    ) -> Result<History, LoadError> {
        let subject = Subject::find(self, revision, document, options.target)?;
        let (walk, sides) = subject.walk(options.first_parent, options.since, None)?;
        Ok(History {
            subject,
            options,
            walk,
            sides,
            done: None,
            ready: VecDeque::new(),
            has_been: false,
            passed: 0,
            not_compared: 0,
            has_ended: false,
        })
    }
}

impl History {
    /// Where it began.
    pub fn loaded(&self) -> &Loaded {
        &self.subject.loaded
    }

    /// The document's name.
    pub fn name(&self) -> &DocumentName {
        &self.subject.name
    }

    /// Whether any commit that was looked at so far had the document.
    pub fn has_been(&self) -> bool {
        self.has_been
    }

    /// How many commits that were looked at so far only migrated the document, and weren't
    /// [asked for](HistoryOptions::migrations).
    pub fn passed_migrations(&self) -> usize {
        self.passed
    }

    /// How many commits that were looked at so far passed the import that brought the document in, where no store says what that
    /// was: what somebody changed in them counts as the import's.
    pub fn imports_not_compared(&self) -> usize {
        self.not_compared
    }

    fn look_at(&mut self, stop: Stop<Option<Mended>>) -> Result<(), HistoryError> {
        if let Some(done) = &mut self.done
            && !done.insert(stop.commit)
        {
            return Ok(());
        }
        let parents = match stop.before {
            Before::Parents(parents) => parents,
            Before::Unknown(cause) => {
                let commit = Box::new(self.commit(stop.commit)?);
                return Err(HistoryError::CutOff { commit, cause });
            }
        };
        if self.options.until.is_some_and(|until| stop.time > until) {
            let mut same = parents.iter();
            let same = same.find(|parent| parent.state.entries == stop.state.entries);
            let ways = same.map_or(&*parents, std::slice::from_ref);
            for parent in ways {
                self.follow(parent, None, ways.len());
            }
            return Ok(());
        }
        let side = self.sides.of(stop.commit, stop.tree, &stop.state);
        self.has_been |= side.in_git || side.is_pending() || matches!(side.document, Ok(Some(_)));
        let mut before: Vec<Arc<Side>> = parents
            .iter()
            .map(|parent| self.sides.of(parent.commit, parent.tree(), &parent.state))
            .collect();
        if parents.is_empty() {
            before.extend(self.sides.before_all());
        }
        let mut mended = stop.cargo.into_iter().flatten().next();
        match &side.document {
            Err(reason) => {
                let commit = Box::new(self.commit(stop.commit)?);
                let reason = reason.clone();
                self.ready
                    .push_back(Err(HistoryError::NotLifted { commit, reason }));
            }
            Ok(_) => {
                // What this commit has is what the mended one had before.
                mended = None;
                if let Some(same) = self.same_as(&side, &before) {
                    self.follow(&parents[same], None, 1);
                    return Ok(());
                }
                if before.iter().all(|side| side.document.is_err()) && !before.is_empty() {
                    let (commit, side) = (stop.commit, side.clone());
                    mended = Some(Mended { commit, side });
                } else {
                    self.compare(stop.commit, &side, &before, false)?;
                }
            }
        }
        for (parent, before) in parents.iter().zip(&before) {
            let mut cargo = mended.clone();
            if before.document.is_ok()
                && let Some(Mended { commit, side }) = cargo.take()
            {
                self.compare(commit, &side, std::slice::from_ref(before), true)?;
                mended = None;
            }
            self.follow(parent, cargo, parents.len());
        }
        if parents.is_empty()
            && let Some(Mended { commit, side }) = mended
        {
            self.compare(commit, &side, &[], true)?;
        }
        Ok(())
    }

    fn follow(&mut self, parent: &PathParent, cargo: Option<Mended>, ways: usize) {
        if ways > 1 {
            self.done.get_or_insert_default();
        }
        self.walk.follow(parent, vec![cargo]);
    }

    /// Of a merge, the first parent that has the same: the commits that led there gave the values.
    fn same_as(&self, side: &Side, parents: &[Arc<Side>]) -> Option<usize> {
        if parents.len() < 2 {
            return None;
        }
        let is_same = |before: &Side| match (&before.document, &side.document) {
            (Ok(old), Ok(new)) => !self.differs(old.as_deref(), new.as_deref()),
            _ => false,
        };
        let mut same = (0..parents.len()).filter(|at| is_same(&parents[*at]));
        let first = same.clone().next()?;
        let of_version = same.find(|at| parents[*at].version == side.version);
        Some(of_version.unwrap_or(first))
    }

    fn differs(&self, old: Option<&LiftedDocument>, new: Option<&LiftedDocument>) -> bool {
        let catalog = self.subject.loaded.project().catalog();
        let identity = catalog.identity(self.subject.name.kind());
        let selector = &self.options.selector;
        // One without values comes and goes as well.
        if *selector == Selector::default() && old.is_some() != new.is_some() {
            return true;
        }
        let (old, new) = (values(old, identity), values(new, identity));
        if glance::is_same(old.document(), new.document(), selector) {
            return false;
        }
        !differences(old, new, selector).is_empty()
    }

    /// Tells what a commit changed, if it is asked for. What was right before it may be unread: then it is compared with what was
    /// before that.
    fn compare(
        &mut self,
        commit: ObjectId,
        side: &Side,
        before: &[Arc<Side>],
        is_before_unread: bool,
    ) -> Result<(), HistoryError> {
        let document = |side: &Side| match &side.document {
            Ok(document) => document.clone(),
            Err(_) => None,
        };
        let mut known = before.iter().filter(|side| side.document.is_ok());
        let first = known.next();
        let new = document(side);
        let versions = (first.and_then(|side| side.version), side.version);
        let old = match first {
            Some(first) if before.len() == 1 && self.is_left_out(first, side) => {
                first.stored.document().cloned()
            }
            first => first.and_then(|side| document(side)),
        };
        let is_migrated = match versions {
            (Some(old), Some(new)) => old != new,
            // All imports are pending where there is no project yet.
            (None, Some(_)) => first.is_some_and(|first| first.is_pending()),
            (_, None) => false,
        };
        let is_merge = before.len() > 1;
        let differs = self.differs(old.as_deref(), new.as_deref());
        if !differs && (!is_migrated || is_merge || !self.is_there(new.as_deref())) {
            return Ok(());
        }
        if !differs && !self.options.migrations {
            self.passed += 1;
            return Ok(());
        }
        let mut change = CommitChange {
            commit: self.commit(commit)?,
            cause: Cause::Edit,
            name: self.subject.name.clone(),
            catalog: self.subject.loaded.project().catalog().clone(),
            selector: self.options.selector.clone(),
            versions,
            others: known.map(|side| document(side)).collect(),
            imported: None,
            is_before_unread,
            old,
            new,
            told: side.told.clone(),
        };
        // Of a merge, what differs from the first parent may be that of another.
        let has_changes = differs
            && (change.others.is_empty() || change.is_whole() || !change.difference().is_empty());
        change.cause = match (is_migrated, has_changes) {
            (false, true) => Cause::Edit,
            (true, true) if self.is_migration_alone(&change, first, side) => Cause::Migration,
            (true, true) => Cause::Both,
            (true, false) if !is_merge => Cause::Migration,
            (_, false) => return Ok(()),
        };
        if change.cause == Cause::Both && change.old.is_none() && self.passes_import(&change, first)
        {
            change.imported = first.and_then(|first| first.stored.document().cloned());
        }
        let is_unknown = first.is_some_and(|first| matches!(first.stored, Stored::Unknown));
        if is_unknown && side.in_git && change.old.is_none() && self.passes_import(&change, first) {
            self.not_compared += 1;
        }
        if change.cause == Cause::Migration && !self.options.migrations {
            self.passed += 1;
            return Ok(());
        }
        self.ready.push_back(Ok(change));
        Ok(())
    }

    /// Whether the document has what is asked for.
    fn is_there(&self, document: Option<&LiftedDocument>) -> bool {
        let selector = &self.options.selector;
        document.is_some_and(|document| {
            *selector == Selector::default() || !document.values().select(selector).is_empty()
        })
    }

    /// Whether nobody but a migration changed the document's values.
    fn is_migration_alone(
        &self,
        change: &CommitChange,
        before: Option<&Arc<Side>>,
        side: &Side,
    ) -> bool {
        if !side.in_git && change.new.is_some() {
            // What the commit removed, read in a version below the remove, may say something else.
            return true;
        }
        if !self.passes_import(change, before) {
            return false;
        }
        match (&change.old, &change.new) {
            // Below its import, Git can't hold it.
            (Some(_), None) => return true,
            (None, Some(_)) => {}
            _ => return false,
        }
        match before.map(|before| &before.stored) {
            Some(Stored::Document(Some(stored))) => {
                !self.differs(Some(stored), change.new.as_deref())
            }
            Some(Stored::Nothing) => false,
            _ => true,
        }
    }

    /// Whether a commit passed the import that would have brought the document in, and doesn't have it: somebody left it out.
    fn is_left_out(&self, before: &Side, side: &Side) -> bool {
        let is_missing = !side.in_git && !side.is_pending() && matches!(side.document, Ok(None));
        match (before.pending_from(), side.version) {
            (Some(old), Some(new)) if is_missing && old < new => {
                before.is_pending() && self.has_import_between(old, new)
            }
            _ => false,
        }
    }

    /// Whether an import of the document's kind lies between the versions, of which the document goes along.
    fn passes_import(&self, change: &CommitChange, before: Option<&Arc<Side>>) -> bool {
        let (_, new) = change.versions;
        let old = before.and_then(|before| before.pending_from());
        let (Some(old), Some(new)) = (old, new) else {
            return false;
        };
        // Up, an import brings the document in; down, it goes with it.
        let goes_with = if old < new { &change.new } else { &change.old };
        goes_with.is_some() && self.has_import_between(old.min(new), old.max(new))
    }

    fn has_import_between(&self, low: u32, high: u32) -> bool {
        let steps = self.subject.loaded.project().catalog().steps().iter();
        let mut passed = steps.filter(|step| low < step.version() && step.version() <= high);
        passed.any(|step| {
            step.concerns(self.subject.name.kind()) && matches!(step.action(), Action::Import(_))
        })
    }

    fn commit(&self, id: ObjectId) -> Result<HistoryCommit, HistoryError> {
        Ok(HistoryCommit::read(self.walk.reader(), id)?)
    }
}

impl Iterator for History {
    type Item = Result<CommitChange, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.has_ended || self.subject.loaded.project().is_given_up() {
                return None;
            }
            let looked = match self.walk.next_stop() {
                Ok(Some(stop)) => self.look_at(stop),
                Ok(None) => {
                    self.has_ended = true;
                    Ok(())
                }
                Err(error) => Err(error.into()),
            };
            if let Err(error) = looked {
                if matches!(error, HistoryError::Load(_)) {
                    self.walk.end();
                    self.has_ended = true;
                }
                self.ready.push_back(Err(error));
            }
        }
    }
}

impl CommitChange {
    /// The commit.
    pub fn commit(&self) -> &HistoryCommit {
        &self.commit
    }

    /// Whether somebody changed values, or the document was only brought to another version.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// The document's name.
    pub fn name(&self) -> &DocumentName {
        &self.name
    }

    /// The versions that the markers before and after the commit state; `None` without one.
    pub fn versions(&self) -> (Option<u32>, Option<u32>) {
        self.versions
    }

    /// The document before the commit, lifted; `None` if it wasn't there. Of a merge, that of its first parent. Where the commit
    /// passed an import and left out what it would have brought in, that.
    pub fn before(&self) -> Option<&LiftedDocument> {
        self.old.as_deref()
    }

    /// The document in the commit, lifted; `None` if it isn't there.
    pub fn after(&self) -> Option<&LiftedDocument> {
        self.new.as_deref()
    }

    /// Whether the commit added the whole document, or removed it; of a merge, whether no parent did. All of it must be asked for.
    pub fn is_whole(&self) -> bool {
        let mut others = self.others.iter();
        self.selector == Selector::default()
            && self.old.is_some() != self.new.is_some()
            && others.all(|other| other.is_some() == self.old.is_some())
    }

    /// Whether what was right before the commit can't be read: [`before`](CommitChange::before) is the last that can, and where there is
    /// none, what the commit changed isn't known.
    pub fn is_before_unread(&self) -> bool {
        self.is_before_unread
    }

    /// What a reader of the document in the commit should know, in words: as [`Loaded::told_of`], of what steps looked at.
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// Where the commit passed an import and has something else than that brought in: what differs. All else that it added to the
    /// document is the import's.
    pub fn beside_import(&self) -> Option<Difference<'_>> {
        let identity = self.catalog.identity(self.name.kind());
        let imported = values(Some(self.imported.as_deref()?), identity);
        let new = values(self.new.as_deref(), identity);
        Some(differences(imported, new, &self.selector))
    }

    /// What the commit changed, of what was selected. Of a merge, what none of its parents has.
    pub fn difference(&self) -> Difference<'_> {
        let identity = self.catalog.identity(self.name.kind());
        let new = values(self.new.as_deref(), identity);
        let mut found = differences(values(self.old.as_deref(), identity), new, &self.selector);
        for other in &self.others {
            let other = differences(values(other.as_deref(), identity), new, &self.selector);
            let changed: HashSet<String> = other.changes().iter().map(address).collect();
            found.retain(|change| changed.contains(&address(change)));
        }
        found
    }
}

fn address(change: &Change<'_>) -> String {
    change.element().to_string()
}

/// What is compared where a commit doesn't have the document.
static EMPTY: LazyLock<Document> =
    LazyLock::new(|| Document::parse("", Dialect::Current).expect("an empty text is a document"));

fn values<'a>(document: Option<&'a LiftedDocument>, identity: &'a Identity) -> Values<'a> {
    Values::of(document.map_or(&*EMPTY, LiftedDocument::document), identity)
}

fn differences<'a>(old: Values<'a>, new: Values<'a>, selector: &Selector) -> Difference<'a> {
    if *selector == Selector::default() {
        return difference(old, new);
    }
    // What was never there didn't change.
    difference_in(old, new, selector).unwrap_or_default()
}
