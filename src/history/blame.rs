//! For every value the commit that gave it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::DocumentName;
use crate::compare::LiftedDocument;
use crate::git::{Before, HistoryEndCause, ObjectId, PathHistory, Stop};
use crate::ocl::NodeId;
use crate::project::{LoadError, Loaded, Project, ReadError};
use crate::values::{Leaf, Values, kept};

use super::commit::HistoryCommit;
use super::error::HistoryError;
use super::side::{Side, Sides};
use super::subject::Subject;

/// How to look for the commits that gave values.
#[derive(Debug, Clone, Default)]
pub struct BlameOptions {
    /// The version that all is lifted to; the server's, unless said otherwise.
    pub target: Option<u32>,
    /// Only the way that the branch itself went: of a merge, its first parent.
    pub first_parent: bool,
}

/// For every value of a document the commit that gave it: see [`Project::blame`].
pub struct Blame {
    loaded: Loaded,
    document: Arc<LiftedDocument>,
    /// Of each leaf, in document order.
    given: Vec<Option<Given<usize>>>,
    commits: Vec<HistoryCommit>,
    not_lifted: Vec<HistoryError>,
}

/// Which commit gave a value, by its id or its place among those that gave any.
#[derive(Debug, Clone, Copy)]
struct Given<C> {
    commit: C,
    history_ends: Option<HistoryEndCause>,
    is_before_unread: bool,
}

/// A value and the commit that gave it.
#[derive(Debug, Clone)]
pub struct Blamed<'b> {
    /// The value, with its address.
    pub leaf: Leaf<'b>,
    /// The commit that gave it. `None` where it isn't in Git yet: see [`Loaded::pending_import`].
    pub commit: Option<&'b HistoryCommit>,
    /// Why the commit is only the oldest that could be looked at: it or one before it gave the value.
    pub history_ends: Option<HistoryEndCause>,
    /// Whether the document right before the commit can't be lifted: the value may have been there already.
    pub is_before_unread: bool,
}

/// Values that are looked for, in a commit.
struct Wanted {
    /// The document that they are in.
    side: Arc<Side>,
    /// The elements of the leaves, ascending, and which of the values these are.
    leaves: Vec<(NodeId, usize)>,
    /// What gave them where no commit before has them: whose document it is, where those since can't be lifted.
    mended: Option<Given<ObjectId>>,
}

impl Project {
    /// For every value of a document, in document order, the commit that gave it.
    ///
    /// Every commit's document is lifted to one version: commits that only migrated are looked through, and so are those that
    /// only moved a block or changed formatting. A commit whose document can't be lifted is passed over, and is among
    /// [`not_lifted`](Blame::not_lifted). All of the history is looked at that the values need, now.
    ///
    /// What an import brings in belongs to the commit that wrote it. Until there is one, the values have no commit.
    ///
    /// # Errors
    /// Where the document can't be read at the revision, or its history can't be.
    pub fn blame(
        &self,
        revision: &str,
        document: &str,
        options: BlameOptions,
    ) -> Result<Blame, ReadError> {
        let subject = Subject::find(self, revision, document, options.target)?;
        let document = Arc::new(subject.loaded.values_of(document)?);
        if subject.loaded.pending_import(&subject.name).is_some() {
            return Ok(Blame::without_commits(subject.loaded, document));
        }
        let leaves = document.values().leaves().enumerate();
        let mut leaves: Vec<(NodeId, usize)> = leaves
            .map(|(index, leaf)| (leaf.element().node().id(), index))
            .collect();
        let count = leaves.len();
        leaves.sort_unstable();
        let side = Arc::new(Side::first(document.clone()));
        let wanted = Wanted {
            side,
            leaves,
            mended: None,
        };
        let (walk, sides) = subject.walk(options.first_parent, None, wanted)?;
        let mut search = Search {
            walk,
            sides,
            given: vec![None; count],
            not_lifted: Vec::new(),
        };
        search.run(subject.loaded.project())?;
        search.found(subject.loaded, document)
    }
}

struct Search {
    walk: PathHistory<Wanted>,
    sides: Sides,
    given: Vec<Option<Given<ObjectId>>>,
    not_lifted: Vec<(ObjectId, String)>,
}

impl Search {
    fn run(&mut self, project: &Project) -> Result<(), LoadError> {
        while let Some(mut stop) = self.walk.next_stop()? {
            if project.is_given_up() {
                break;
            }
            let wanted = std::mem::take(&mut stop.cargo);
            let own = self.sides.of(stop.commit, stop.tree, &stop.state);
            if let Err(reason) = &own.document
                && !self
                    .not_lifted
                    .iter()
                    .any(|(commit, _)| *commit == stop.commit)
            {
                self.not_lifted.push((stop.commit, reason.clone()));
            }
            for wanted in wanted {
                self.look_before(&stop, wanted);
            }
        }
        Ok(())
    }

    /// Looks for values among the parents of a commit; those that none has, the commit gave.
    fn look_before(&mut self, stop: &Stop<Wanted>, wanted: Wanted) {
        let Wanted {
            side,
            mut leaves,
            mended,
        } = wanted;
        let mut given = mended.unwrap_or(Given {
            commit: stop.commit,
            history_ends: None,
            is_before_unread: false,
        });
        let parents = match &stop.before {
            Before::Parents(parents) => parents,
            Before::Unknown(cause) => {
                given.commit = stop.commit;
                given.history_ends = Some(*cause);
                for (_, index) in leaves {
                    self.given[index] = Some(given);
                }
                return;
            }
        };
        for parent in parents {
            if leaves.is_empty() {
                return;
            }
            let before = self.sides.of(parent.commit, parent.tree(), &parent.state);
            given.is_before_unread |= before.document.is_err();
            if before.is_left_out {
                given.history_ends = Some(HistoryEndCause::PartialClone);
            }
            let passed = match (&before.document, &side.document) {
                (Err(_), _) if parents.len() == 1 => {
                    let wanted = Wanted {
                        side: side.clone(),
                        leaves: std::mem::take(&mut leaves),
                        mended: Some(given),
                    };
                    self.walk.follow(parent, vec![wanted]);
                    return;
                }
                (Ok(Some(old)), Ok(Some(new))) => pass(old, new, &mut leaves),
                _ => Vec::new(),
            };
            if !passed.is_empty() {
                let wanted = Wanted {
                    side: before,
                    leaves: passed,
                    mended: None,
                };
                self.walk.follow(parent, vec![wanted]);
            }
        }
        for (_, index) in leaves {
            self.given[index] = Some(given);
        }
    }

    fn found(self, loaded: Loaded, document: Arc<LiftedDocument>) -> Result<Blame, ReadError> {
        let reader = self.walk.reader();
        let read = |id| HistoryCommit::read(reader, id).map_err(LoadError::from);
        let mut commits: Vec<HistoryCommit> = Vec::new();
        let mut known: HashMap<ObjectId, usize> = HashMap::new();
        let mut given = Vec::with_capacity(self.given.len());
        for found in self.given {
            // Of some, no commit of the history has anything.
            let Some(found) = found else {
                given.push(None);
                continue;
            };
            let commit = match known.get(&found.commit) {
                Some(commit) => *commit,
                None => {
                    commits.push(read(found.commit)?);
                    known.insert(found.commit, commits.len() - 1);
                    commits.len() - 1
                }
            };
            given.push(Some(Given {
                commit,
                history_ends: found.history_ends,
                is_before_unread: found.is_before_unread,
            }));
        }
        let not_lifted = self.not_lifted.into_iter().map(|(commit, reason)| {
            let commit = Box::new(read(commit)?);
            Ok(HistoryError::NotLifted { commit, reason })
        });
        let not_lifted = not_lifted.collect::<Result<_, LoadError>>()?;
        Ok(Blame {
            loaded,
            document,
            given,
            commits,
            not_lifted,
        })
    }
}

/// Takes those leaves away that the old document has with the same values, and gives their elements there.
fn pass(
    old: &LiftedDocument,
    new: &LiftedDocument,
    leaves: &mut Vec<(NodeId, usize)>,
) -> Vec<(NodeId, usize)> {
    let ids: Vec<NodeId> = leaves.iter().map(|(id, _)| *id).collect();
    let identity = new.identity();
    let (old, new) = (
        Values::of(old.document(), identity),
        Values::of(new.document(), identity),
    );
    let mut before = kept(old, new, &ids).into_iter();
    let mut passed = Vec::new();
    leaves.retain(|(_, index)| match before.next().flatten() {
        Some(id) => {
            passed.push((id, *index));
            false
        }
        None => true,
    });
    passed.sort_unstable();
    passed
}

impl Blame {
    fn without_commits(loaded: Loaded, document: Arc<LiftedDocument>) -> Blame {
        Blame {
            given: vec![None; document.values().leaves().count()],
            loaded,
            document,
            commits: Vec::new(),
            not_lifted: Vec::new(),
        }
    }

    /// The ref.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The document's name.
    pub fn name(&self) -> &DocumentName {
        self.document.name()
    }

    /// The document, lifted.
    pub fn document(&self) -> &LiftedDocument {
        &self.document
    }

    /// The values in document order, each with its commit.
    pub fn values(&self) -> impl Iterator<Item = Blamed<'_>> {
        let leaves = self.document.values().leaves();
        leaves.zip(&self.given).map(|(leaf, given)| Blamed {
            leaf,
            commit: given.map(|given| &self.commits[given.commit]),
            history_ends: given.and_then(|given| given.history_ends),
            is_before_unread: given.is_some_and(|given| given.is_before_unread),
        })
    }

    /// The commits whose document can't be lifted. What they and the commit after them changed counts as that one's.
    pub fn not_lifted(&self) -> &[HistoryError] {
        &self.not_lifted
    }
}
