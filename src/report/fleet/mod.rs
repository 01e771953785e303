//! What a command found in many repositories, put together from the lines that it printed.

mod line;

use std::collections::{BTreeMap, BTreeSet};

use line::Line;
pub use line::{FleetHead, FleetList, FleetShard};

use super::json::FORMAT_VERSION;
use crate::text::{count, grouped, some_of};

/// A fleet has at most so many parts.
pub const MOST_PARTS: u32 = 100_000;

/// As many parts that are missing are named.
const NAMED: usize = 10;

/// The repositories of a fleet with what a command found in each, from one output or several parts of it.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The head of each part, with the number of repositories that are done there.
    parts: Vec<(FleetHead, usize)>,
    rows: BTreeMap<String, FleetRow>,
    /// What is known of repositories whose last line wasn't read yet.
    open: BTreeMap<String, FleetRow>,
    /// How many rows end with another exit code than 0: it is asked after each row.
    unwell: usize,
}

/// A repository.
#[derive(Debug, Default, Clone)]
pub struct FleetRow {
    /// How many lines there are of each kind: `("behind", 3)`.
    pub counts: BTreeMap<String, usize>,
    /// How many refs are at a version, each as one of the words counted.
    pub(super) versions: BTreeMap<(Option<u32>, String), usize>,
    /// How the command would have ended for this repository alone.
    pub exit_code: u8,
    /// Why it couldn't be read.
    pub error: Option<String>,
    /// The part that it came with.
    part: usize,
}

/// Why a line can't be put together with those before it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// It isn't a line that a fleet's command prints.
    #[error("this isn't a line of a fleet's output: {0}")]
    NotALine(String),
    /// It is of another version of the format.
    #[error("this line has the format version {0}, and this program reads {FORMAT_VERSION}")]
    OtherFormat(u32),
    /// There is no head before it.
    #[error("the first line isn't the head of a fleet's output, which has `fleet`")]
    NoHead,
    /// The answers are to different questions.
    #[error(
        "this is the answer to another question: `{other}` instead of `{first}`, with other options, or by another catalog"
    )]
    OtherQuestion {
        /// The command of the first head.
        first: String,
        /// The command of this one.
        other: String,
    },
    /// The parts aren't parts of one whole.
    #[error("this is part {0}, which doesn't belong to the parts before it")]
    OtherParts(String),
    /// The parts are made from different lists: repositories may be in two of them or in none.
    #[error(
        "part {part} was made from another list of repositories than the parts before it ({} there, {} here): make every part \
         from the same list, with the same names",
        grouped(*.first),
        grouped(*.other)
    )]
    OtherList {
        /// The part.
        part: String,
        /// The number of repositories on the list of the first part.
        first: usize,
        /// The number of repositories on the list of this one.
        other: usize,
    },
    /// A part without [`FleetHead::whole`].
    #[error("part {0} doesn't say which list it is a part of: make it again")]
    NoList(String),
    /// A repository comes twice.
    #[error("the repository {0} came before: each may come once")]
    Twice(String),
}

impl FleetShard {
    fn named(shard: Option<FleetShard>) -> String {
        shard.map_or("1/1".to_owned(), |it| format!("{}/{}", it.index, it.of))
    }
}

impl FleetHead {
    /// The number of repositories on the whole list.
    pub(crate) fn whole_size(&self) -> usize {
        let whole = self.whole.as_ref();
        whole.map_or(self.repositories, |whole| whole.repositories)
    }
}

impl Fleet {
    /// Begins a part.
    ///
    /// # Errors
    /// Where it doesn't belong to those before it.
    pub fn begin(&mut self, head: FleetHead) -> Result<(), FleetError> {
        if let Some(FleetShard { index, of }) = head.shard
            && !(1..=of.min(MOST_PARTS)).contains(&index)
        {
            return Err(FleetError::OtherParts(FleetShard::named(head.shard)));
        }
        if head.shard.is_some() && head.whole.is_none() {
            return Err(FleetError::NoList(FleetShard::named(head.shard)));
        }
        if let Some((first, _)) = self.parts.first() {
            if (&first.command, &first.question) != (&head.command, &head.question) {
                return Err(FleetError::OtherQuestion {
                    first: first.command.clone(),
                    other: head.command,
                });
            }
            let parts = self.parts.iter().map(|(part, _)| part.shard);
            let of = |shard: Option<FleetShard>| shard.map(|it| it.of);
            let belongs = head.shard.is_some()
                && of(first.shard) == of(head.shard)
                && !parts.clone().any(|shard| shard == head.shard);
            if !belongs {
                return Err(FleetError::OtherParts(FleetShard::named(head.shard)));
            }
            if first.whole != head.whole {
                return Err(FleetError::OtherList {
                    part: FleetShard::named(head.shard),
                    first: first.whole_size(),
                    other: head.whole_size(),
                });
            }
        }
        self.parts.push((head, 0));
        Ok(())
    }

    /// Adds a line of the part begun last; a head begins one.
    ///
    /// # Errors
    /// Where it is no such line, or comes twice.
    pub fn add_line(&mut self, line: &str) -> Result<(), FleetError> {
        let line: Line =
            serde_json::from_str(line).map_err(|error| FleetError::NotALine(error.to_string()))?;
        if line.format_version != FORMAT_VERSION {
            return Err(FleetError::OtherFormat(line.format_version));
        }
        if let Some(head) = line.fleet {
            return self.begin(head);
        }
        let part = self.parts.len().checked_sub(1).ok_or(FleetError::NoHead)?;
        let Some(name) = &line.repository else {
            return Err(FleetError::NotALine("it names no repository".into()));
        };
        let Some(done) = &line.done else {
            self.is_new(name, part)?;
            let row = self.open.entry(name.clone()).or_default();
            for word in line.words() {
                *row.counts.entry(word.to_owned()).or_default() += 1;
            }
            if let Some(word) = line.state.as_ref().or(line.outcome.as_ref()) {
                let key = (line.branch_version, word.clone());
                *row.versions.entry(key).or_default() += 1;
            }
            return Ok(());
        };
        let is_new = self.is_new(name, part)?;
        let mut row = self.open.remove(name).unwrap_or_default();
        row.exit_code = done.exit_code;
        row.error = line.why();
        row.part = part;
        self.unwell += usize::from(row.exit_code != 0);
        let before = self.rows.insert(name.clone(), row);
        self.unwell -= usize::from(before.is_some_and(|before| before.exit_code != 0));
        self.parts[part].1 += usize::from(is_new);
        Ok(())
    }

    /// Whether a repository comes for the first time. One that couldn't be read may come again, after it was mended.
    fn is_new(&self, name: &str, part: usize) -> Result<bool, FleetError> {
        match self.rows.get(name) {
            Some(row) if row.error.is_none() || row.part != part => {
                Err(FleetError::Twice(name.to_owned()))
            }
            row => Ok(row.is_none()),
        }
    }

    /// The head of the first part.
    pub fn head(&self) -> Option<&FleetHead> {
        self.parts.first().map(|(head, _)| head)
    }

    /// The repositories that are done, by name.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&str, &FleetRow)> {
        self.rows.iter().map(|(name, row)| (&**name, row))
    }

    /// Whether a repository is done: it was read.
    pub fn is_done(&self, name: &str) -> bool {
        self.rows.get(name).is_some_and(|row| row.error.is_none())
    }

    /// How many repositories couldn't be read.
    pub fn unread(&self) -> usize {
        let rows = self.rows.values();
        rows.filter(|row| row.error.is_some()).count()
    }

    /// Whether the command would end with 0 for every repository.
    pub fn is_well(&self) -> bool {
        self.unwell == 0
    }

    /// How many lines there are of each kind.
    pub fn totals(&self) -> BTreeMap<&str, usize> {
        let mut totals = BTreeMap::new();
        for (word, number) in self.rows.values().flat_map(|row| &row.counts) {
            *totals.entry(&**word).or_default() += number;
        }
        totals
    }

    /// The words that the command counts by, in the order in which they are shown.
    pub fn columns(&self) -> &'static [&'static str] {
        let command = self.head().map_or("", |head| &head.command);
        match command {
            "status" => &[
                "current",
                "behind",
                "uninitialised",
                "retired",
                "ahead",
                "invalid",
                "deprecated",
            ],
            "rehearse" => &["failed", "loses", "changed", "unchanged"],
            "doctor" => &["problem", "note"],
            "check" => &["error", "warning"],
            "uses" => &["definition", "use", "failed"],
            "query" => &["row"],
            _ => &[],
        }
    }

    /// What is missing, in words: repositories of a part, or whole parts.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (head, done) in &self.parts {
            let left = head.repositories.saturating_sub(*done);
            if left > 0 {
                let part = match head.shard {
                    Some(shard) => {
                        format!(" of part {}", FleetShard::named(Some(shard)))
                    }
                    None => String::new(),
                };
                let verb = if left == 1 { "is" } else { "are" };
                missing.push(format!(
                    "{} of {}{part} {verb} not done",
                    grouped(left),
                    count(head.repositories, "repository"),
                ));
            }
        }
        if let Some(shard) = self.head().and_then(|head| head.shard) {
            let parts = self.parts.iter().filter_map(|(head, _)| head.shard);
            let parts: BTreeSet<u32> = parts.map(|part| part.index).collect();
            let without: Vec<String> = (1..=shard.of)
                .filter(|index| !parts.contains(index))
                .map(|index| format!("{index}/{}", shard.of))
                .collect();
            if !without.is_empty() {
                let (noun, verb) = if without.len() == 1 {
                    ("part", "is")
                } else {
                    ("parts", "are")
                };
                missing.push(format!(
                    "{noun} {} {verb} not there",
                    some_of(without, NAMED)
                ));
            }
        }
        missing
    }
}
