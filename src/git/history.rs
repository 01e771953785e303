//! The commits that last changed files.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::ancestry::Ancestry;
use super::error::{Error, Result};
use super::object_id::ObjectId;
use super::reader::Reader;
use super::tree::EntryKind;

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

/// A question for each file.
type Asked = HashMap<u32, usize>;

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
    /// Asks about a file that the commit holds, by its path below the folder. Returns the place of the answer.
    ///
    /// # Errors
    /// If the commit can't be read.
    pub(crate) fn ask(&mut self, commit: ObjectId, path: &str) -> Result<usize> {
        let file = match self.files.get(path) {
            Some(file) => *file,
            None => {
                let file = u32::try_from(self.files.len()).expect("memory holds fewer paths");
                self.files.insert(path.to_owned(), file);
                file
            }
        };
        let question = self.questions.len();
        self.questions.push(Question::Open);
        self.go_on(commit, Asked::from([(file, question)]))?;
        Ok(question)
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
            let changed = changed
                .into_iter()
                .filter_map(|file| asked.remove_entry(&file))
                .collect();
            let same = std::mem::replace(&mut asked, changed);
            self.go_on(parent, same)?;
        }
        self.answer(asked, LastChange::In(commit));
        Ok(())
    }

    fn answer(&mut self, asked: Asked, answer: LastChange) {
        for question in asked.into_values() {
            self.questions[question] = Question::Answered(answer);
        }
    }

    /// Asks the same about a commit that has the files as well.
    fn go_on(&mut self, commit: ObjectId, mut asked: Asked) -> Result<()> {
        if asked.is_empty() {
            return Ok(());
        }
        let Some(there) = self.pending.get_mut(&commit) else {
            let time = self.ancestry.parents(commit)?.time;
            self.pending.insert(commit, asked);
            self.queue.push((time, commit));
            return Ok(());
        };
        if there.len() < asked.len() {
            std::mem::swap(there, &mut asked);
        }
        for (file, question) in asked {
            match there.get(&file) {
                Some(other) => self.questions[question] = Question::SameAs(*other),
                None => {
                    there.insert(file, question);
                }
            }
        }
        Ok(())
    }

    /// The files asked for that a commit has and its parent has otherwise, or not at all.
    fn changed(&self, commit: ObjectId, parent: ObjectId) -> Result<Vec<u32>> {
        let mut changed = Vec::new();
        let (ours, theirs) = (self.folder_of(commit)?, self.folder_of(parent)?);
        if let Some(ours) = ours
            && Some(ours) != theirs
        {
            self.compare(ours, theirs, "", &mut changed)?;
        }
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
        let theirs = match theirs {
            Some(theirs) => self.reader.list(theirs)?,
            None => Vec::new(),
        };
        let same: HashSet<_> = theirs
            .iter()
            .map(|entry| (&entry.path, entry.id, entry.kind))
            .collect();
        for entry in self.reader.list(ours)? {
            let Some(name) = entry.path.as_str() else {
                continue;
            };
            if same.contains(&(&entry.path, entry.id, entry.kind)) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.kind == EntryKind::Tree {
                let mut folders = theirs.iter().filter(|it| it.kind == EntryKind::Tree);
                let before = folders.find(|it| it.path == entry.path).map(|it| it.id);
                self.compare(entry.id, before, &format!("{path}/"), changed)?;
            } else {
                changed.extend(self.files.get(&path));
            }
        }
        Ok(())
    }
}
