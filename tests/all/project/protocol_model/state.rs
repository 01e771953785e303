//! What there is at one moment: the store, the branches, the moves on their way, and the writers.

/// What document D says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Content {
    /// What the server's row holds at first.
    Original,
    /// What somebody makes of the row, once.
    Edited,
    /// What a fork holds.
    Foreign,
}

/// Everything. The catalog has one step: the import of D, at the target version.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    /// D's row in the table.
    pub table: Option<Content>,
    /// The snapshot of D's import; `None` where it was never recorded.
    pub snapshot: Option<Content>,
    /// Whether the project's version is the target; it is below it otherwise.
    pub project_at_target: bool,
    /// The intents that are committed to the store.
    pub intents: Vec<Intent>,
    /// The writer in its second transaction, who holds the project's row.
    pub holder: Option<usize>,
    /// The branches, where the refs live.
    pub branches: Vec<Branch>,
    /// Moves that were begun, and whose answer nobody hears any more.
    pub on_the_way: Vec<Push>,
    pub writers: Vec<Writer>,
    /// Whether somebody has edited the row.
    pub is_edited: bool,
    /// How often something failed: a writer died, an answer was lost, the store couldn't commit.
    pub failures: u8,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Branch {
    pub is_at_target: bool,
    /// D, if the branch holds it.
    pub content: Option<Content>,
    /// The commits that writers made, oldest first. Their number tells one state of the branch from another.
    pub history: Vec<Commit>,
    /// It came from elsewhere, at the target, without an intent.
    pub is_fork: bool,
    /// How much of the history this machine's own repository has. Only for [`Mistake::SettlesByLocalBranches`].
    ///
    /// [`Mistake::SettlesByLocalBranches`]: super::protocol::Mistake::SettlesByLocalBranches
    pub fetched: usize,
}

/// A commit's id follows from what it holds: who repeats a change on the same commit makes the same commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Commit {
    pub writer: usize,
    /// The number of commits before it on its branch.
    pub depth: usize,
    /// What it imports.
    pub content: Option<Content>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Intent {
    pub commit: Commit,
    /// The row that the import takes; `None` where there was none.
    pub row: Option<Content>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Push {
    pub branch: usize,
    pub commit: Commit,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Writer {
    pub role: Role,
    pub branch: usize,
    pub at: At,
    /// Where the branch was when it was loaded.
    pub depth: usize,
    /// What the import brought then.
    pub imported: Option<Content>,
    /// The row that the intent takes.
    pub row: Option<Content>,
    /// What the caller was told in the end.
    pub told: Told,
    /// Whether it began again after a move whose answer was lost.
    pub begins_again: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Commits a change.
    Commits,
    /// Lets the store catch up with its branch.
    Adopts,
}

/// What a writer does next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum At {
    Load,
    /// Looks whether the store has anything to record.
    Look,
    FirstTransaction,
    SecondTransaction,
    /// Moves the ref, in the second transaction.
    Move,
    /// Moves the ref, with nothing to record.
    MoveAlone,
    /// Commits the second transaction.
    Record,
    /// Adopts the branch, in one transaction.
    Adopt,
    Done,
    Dead,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Told {
    Nothing,
    Moved,
    NotMoved,
    Unknown,
}

/// How a branch begins.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Below the target, without D.
    Old,
    /// At the target, with a D of its own.
    Fork,
    /// At the target, without D.
    BareFork,
}

impl State {
    /// The server holds D, and nobody has loaded anything.
    pub fn new(branches: &[Kind], writers: &[(Role, usize)]) -> State {
        let branch = |kind: &Kind| Branch {
            is_at_target: *kind != Kind::Old,
            content: (*kind == Kind::Fork).then_some(Content::Foreign),
            history: Vec::new(),
            is_fork: *kind != Kind::Old,
            fetched: 0,
        };
        let writer = |(role, branch): &(Role, usize)| Writer {
            role: *role,
            branch: *branch,
            at: At::Load,
            depth: 0,
            imported: None,
            row: None,
            told: Told::Nothing,
            begins_again: false,
        };
        State {
            table: Some(Content::Original),
            snapshot: None,
            project_at_target: false,
            intents: Vec::new(),
            holder: None,
            branches: branches.iter().map(branch).collect(),
            on_the_way: Vec::new(),
            writers: writers.iter().map(writer).collect(),
            is_edited: false,
            failures: 0,
        }
    }

    /// What an import reads now.
    pub fn source(&self) -> Option<Content> {
        if self.project_at_target {
            self.snapshot
        } else {
            self.table
        }
    }

    /// Whether a branch leads to the commit, where the refs live.
    pub fn is_visible(&self, commit: Commit) -> bool {
        let mut branches = self.branches.iter();
        branches.any(|branch| branch.history.contains(&commit))
    }

    /// The same, as far as this machine's own repository knows.
    pub fn is_fetched(&self, commit: Commit) -> bool {
        let mut branches = self.branches.iter();
        branches.any(|branch| branch.history[..branch.fetched].contains(&commit))
    }

    pub fn is_on_the_way(&self, commit: Commit) -> bool {
        self.on_the_way.iter().any(|push| push.commit == commit)
    }

    /// The commit that a writer makes of what it loaded.
    pub fn commit_of(&self, writer: usize) -> Commit {
        let Writer {
            depth, imported, ..
        } = self.writers[writer];
        Commit {
            writer,
            depth,
            content: imported,
        }
    }

    pub fn intent_of(&self, writer: usize) -> Intent {
        Intent {
            commit: self.commit_of(writer),
            row: self.writers[writer].row,
        }
    }

    pub fn drop_intent(&mut self, intent: Intent) {
        if let Some(place) = self.intents.iter().position(|found| *found == intent) {
            self.intents.remove(place);
        }
    }

    /// Gives up the project's row, if the writer holds it.
    pub fn release(&mut self, writer: usize) {
        if self.holder == Some(writer) {
            self.holder = None;
        }
    }

    /// Moves a branch, if it still is where the commit's writer saw it.
    pub fn move_branch(&mut self, Push { branch, commit }: Push) -> bool {
        let branch = &mut self.branches[branch];
        if branch.history.len() != commit.depth {
            return false;
        }
        branch.history.push(commit);
        branch.is_at_target = true;
        branch.content = commit.content.or(branch.content);
        true
    }

    /// Moves a row to the snapshot. One that changed since stays, as does a snapshot that is there.
    pub fn record(&mut self, row: Option<Content>) {
        self.snapshot = self.snapshot.or(row);
        if self.table == row && self.snapshot == row {
            self.table = None;
        }
        self.project_at_target = true;
    }

    /// Forgets what makes no difference any more, so that states which behave alike are one.
    pub fn tidy(&mut self) {
        for writer in &mut self.writers {
            if !matches!(writer.at, At::Done | At::Dead) {
                continue;
            }
            writer.row = None;
            // Whoever began again may be told that nothing happened now, and something did before.
            if writer.told == Told::Unknown || writer.begins_again && writer.told == Told::NotMoved
            {
                writer.told = Told::Nothing;
            }
            if writer.told == Told::Nothing {
                (writer.depth, writer.imported) = (0, None);
                writer.begins_again = false;
            }
        }
        let branches = &self.branches;
        self.on_the_way
            .retain(|push| branches[push.branch].history.len() == push.commit.depth);
        self.on_the_way.sort();
        self.on_the_way.dedup();
        self.intents.sort();
    }
}
