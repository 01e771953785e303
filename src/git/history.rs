//! The commits that last changed files.

use std::collections::{BinaryHeap, HashMap};

use super::ancestry::Ancestry;
use super::error::{Error, Result};
use super::object_id::ObjectId;
use super::reader::Reader;
use super::tree_entries::EntryKind;

/// The commit that last changed a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastChange {
    /// This one.
    In(ObjectId),
    /// Can't be told: the history that is here ends before the change.
    Unknown(HistoryEnd),
}

/// Where the history that a repository has ends though commits lie before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct HistoryEnd {
    /// The oldest commit that could be looked at.
    pub commit: ObjectId,
    /// Why the search ends there.
    pub cause: HistoryEndCause,
}

/// Why a search in history ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryEndCause {
    /// The clone is shallow.
    Shallow,
    /// A partial clone left out the folders of older commits.
    PartialClone,
}

/// A search for the commits that last changed files of a folder, in the history of many commits at once: each commit of it
/// is compared with its parents once.
///
/// The answers are those of `git log -1 -- path`: a merge doesn't change what one of its parents has as well, and only the first
/// such parent's history counts then.
pub(crate) struct LastChanges<'r> {
    reader: &'r Reader,
    ancestry: Ancestry<'r>,
    folder: String,
    /// The files asked for, by their path below the folder.
    files: HashMap<String, u32>,
    questions: Vec<Question>,
    /// For each commit that is still to be looked at, the questions about its files.
    pending: HashMap<ObjectId, Asked>,
    /// Newest first, so that most questions meet before their common history. Nothing is concluded from times.
    queue: BinaryHeap<(i64, ObjectId)>,
}

/// Files, each with the question about it; in the order of the files.
type Asked = Vec<(u32, usize)>;

#[derive(Clone, Copy)]
enum Question {
    Open,
    /// Another question, of the same file, that met this one at a commit.
    SameAs(usize),
    Answered(LastChange),
}

impl Reader {
    /// Begins a search below a folder; the empty path is the whole tree.
    ///
    /// # Errors
    /// If the shallow boundary can't be read.
    pub(crate) fn last_changes(&self, folder: &str) -> Result<LastChanges<'_>> {
        Ok(LastChanges {
            reader: self,
            ancestry: Ancestry::new(self)?,
            folder: folder.to_owned(),
            files: HashMap::new(),
            questions: Vec::new(),
            pending: HashMap::new(),
            queue: BinaryHeap::new(),
        })
    }

    /// A commit and those on the way that its branch itself went: its first parent, that one's first parent, and so on.
    ///
    /// # Errors
    /// If the repository's shallow boundary can't be read. Each item may be an error too, after which it ends:
    /// [`Error::CutOffHistory`] where the clone is shallow and has no more of it.
    pub(crate) fn first_parents(
        &self,
        commit: ObjectId,
    ) -> Result<impl Iterator<Item = Result<ObjectId>>> {
        let ancestry = Ancestry::new(self)?;
        let mut next = Some(Ok(commit));
        Ok(std::iter::from_fn(move || {
            let commit = match next.take()? {
                Ok(commit) => commit,
                Err(error) => return Some(Err(error)),
            };
            match ancestry.parents(commit) {
                Ok(parents) if parents.are_cut_off => next = Some(Err(self.cut_off(commit))),
                Ok(parents) => next = parents.ids.into_iter().next().map(Ok),
                Err(error) => return Some(Err(error)),
            }
            Some(Ok(commit))
        }))
    }
}

impl LastChanges<'_> {
    /// Asks about files that the commit holds, by their paths below the folder. Returns the place of the first answer; the
    /// others follow.
    ///
    /// # Errors
    /// If the commit can't be read.
    pub(crate) fn ask<'p>(
        &mut self,
        commit: ObjectId,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Result<usize> {
        let first = self.questions.len();
        let mut asked = Asked::new();
        for path in paths {
            asked.push((self.file(path), self.questions.len()));
            self.questions.push(Question::Open);
        }
        asked.sort_unstable();
        asked.dedup_by(|(file, question), (same, first)| {
            let is_same = file == same;
            if is_same {
                self.questions[*question] = Question::SameAs(*first);
            }
            is_same
        });
        self.go_on(commit, asked)?;
        Ok(first)
    }

    fn file(&mut self, path: &str) -> u32 {
        if let Some(file) = self.files.get(path) {
            return *file;
        }
        let file = u32::try_from(self.files.len()).expect("memory holds fewer paths");
        self.files.insert(path.to_owned(), file);
        file
    }

    /// Answers all questions, in the order in which they were asked.
    ///
    /// # Errors
    /// If a commit or a tree on the way can't be read, unless a partial clone left it out.
    pub(crate) fn answers(mut self) -> Result<Vec<LastChange>> {
        while let Some((_, commit)) = self.queue.pop() {
            let Some(asked) = self.pending.remove(&commit) else {
                continue;
            };
            self.look_at(commit, asked)?;
        }
        let answers = 0..self.questions.len();
        Ok(answers.map(|question| self.answer_to(question)).collect())
    }

    fn answer_to(&mut self, question: usize) -> LastChange {
        let mut met = question;
        let answer = loop {
            match self.questions[met] {
                Question::SameAs(other) => met = other,
                Question::Answered(answer) => break answer,
                Question::Open => unreachable!("a commit either answers or passes on"),
            }
        };
        // The next one on this way finds it at once.
        let mut on_the_way = question;
        while let Question::SameAs(other) = self.questions[on_the_way] {
            self.questions[on_the_way] = Question::Answered(answer);
            on_the_way = other;
        }
        answer
    }

    fn look_at(&mut self, commit: ObjectId, mut asked: Asked) -> Result<()> {
        let parents = self.ancestry.parents(commit)?;
        if parents.are_cut_off {
            let cause = HistoryEndCause::Shallow;
            self.answer(asked, LastChange::Unknown(HistoryEnd { commit, cause }));
            return Ok(());
        }
        for parent in parents.ids {
            if asked.is_empty() {
                break;
            }
            let changed = match self.changed(commit, parent) {
                Err(Error::LeftOutOfPartialClone { .. }) => {
                    let cause = HistoryEndCause::PartialClone;
                    self.answer(asked, LastChange::Unknown(HistoryEnd { commit, cause }));
                    return Ok(());
                }
                changed => changed?,
            };
            let (changed, same) = asked
                .into_iter()
                .partition(|(file, _)| changed.binary_search(file).is_ok());
            asked = changed;
            self.go_on(parent, same)?;
        }
        self.answer(asked, LastChange::In(commit));
        Ok(())
    }

    fn answer(&mut self, asked: Asked, answer: LastChange) {
        for (_, question) in asked {
            self.questions[question] = Question::Answered(answer);
        }
    }

    /// Asks the same about a commit that has the files as well.
    fn go_on(&mut self, commit: ObjectId, asked: Asked) -> Result<()> {
        if asked.is_empty() {
            return Ok(());
        }
        let Some(there) = self.pending.get_mut(&commit) else {
            let time = self.ancestry.parents(commit)?.time;
            self.pending.insert(commit, asked);
            self.queue.push((time, commit));
            return Ok(());
        };
        let mut new = Asked::new();
        let mut known = there.iter().peekable();
        for (file, question) in asked {
            while known.next_if(|(known, _)| *known < file).is_some() {}
            match known.peek() {
                Some((same, other)) if *same == file => {
                    self.questions[question] = Question::SameAs(*other);
                }
                _ => new.push((file, question)),
            }
        }
        if !new.is_empty() {
            there.append(&mut new);
            // Two sorted runs: they are merged.
            there.sort();
        }
        Ok(())
    }

    /// The files asked for that a commit has and its parent has otherwise, or not at all; sorted.
    fn changed(&self, commit: ObjectId, parent: ObjectId) -> Result<Vec<u32>> {
        let mut changed = Vec::new();
        let (ours, theirs) = (self.folder_of(commit)?, self.folder_of(parent)?);
        if let Some(ours) = ours
            && Some(ours) != theirs
        {
            self.compare(ours, theirs, "", &mut changed)?;
        }
        changed.sort_unstable();
        Ok(changed)
    }

    fn folder_of(&self, commit: ObjectId) -> Result<Option<ObjectId>> {
        let tree = self.reader.tree_of(commit)?;
        let entry = self.reader.entry(tree, &self.folder)?;
        Ok(entry
            .filter(|entry| entry.kind == EntryKind::Tree)
            .map(|entry| entry.id))
    }

    fn compare(
        &self,
        ours: ObjectId,
        theirs: Option<ObjectId>,
        prefix: &str,
        changed: &mut Vec<u32>,
    ) -> Result<()> {
        for entry in self.reader.changed_entries(ours, theirs)? {
            let Some(name) = entry.path.as_str() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            if entry.kind == EntryKind::Tree {
                let before = match theirs {
                    Some(theirs) => self.reader.entry(theirs, name)?,
                    None => None,
                };
                let before = before.filter(|before| before.kind == EntryKind::Tree);
                let before = before.map(|before| before.id);
                self.compare(entry.id, before, &format!("{path}/"), changed)?;
            } else {
                changed.extend(self.files.get(&path));
            }
        }
        Ok(())
    }
}
