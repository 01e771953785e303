//! What can be wrong with merges that were made.

use std::fmt;

use crate::catalog::DocumentName;
use crate::catalog::selector::Selector;
use crate::git::ObjectId;
use crate::merge::{Fault, Side};
use crate::project::read::merge_side::ConflictSide;
use crate::project::survey::doctor::finding::DoctorSeverity;
use crate::text::{count, list, short_id, visible_line};

/// Something that is wrong with a commit that put branches together. Its `Display` says what, not what to do.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeFinding {
    /// The commit.
    pub commit: ObjectId,
    /// Its parents, as far as the clone has them.
    pub parents: Vec<ObjectId>,
    /// The first line of its message.
    pub subject: String,
    /// When it was made: seconds since 1970.
    pub seconds: i64,
    /// The base path of the project.
    pub base_path: String,
    /// The document; `None` where it is about the whole project.
    pub document: Option<DocumentName>,
    /// Its path in the repository, or the project's.
    pub path: String,
    /// What is wrong with it.
    pub fault: MergeFault,
    /// One of the refs asked about that has the document as the commit left it, by its full name, or as it was asked for. `None`
    /// where it was changed everywhere since.
    pub still_on: Option<String>,
    /// The version of the project there; `None` where that ref doesn't have the project at all.
    pub still_at: Option<u32>,
    /// Where the parents have the project, in their order; `None` of those that don't have it, or where that isn't told.
    pub parent_base_paths: Vec<Option<String>>,
}

/// What is wrong with a document of a commit.
#[derive(Debug, Clone, PartialEq)]
pub enum MergeFault {
    /// It came as it is from a commit at another version, with its shape; or the marker came without it.
    MixedShape {
        /// What the marker of the commit states.
        version: u32,
        /// The version of the commit that it came from.
        written_at: u32,
        /// That commit.
        origin: ObjectId,
        /// The base path of the project there.
        origin_base_path: String,
        /// What the document is called there.
        origin_document: DocumentName,
        /// Why it can't be brought to the commit's version, if it can't.
        not_mended: Option<String>,
    },
    /// It is new in the commit, and steps up to the commit's version would still change its values. No commit at another version has
    /// this text, so that is only what it looks like.
    LooksOlder {
        /// What the marker of the commit states.
        version: u32,
        /// The versions of the steps.
        steps: Vec<u32>,
    },
    /// A value or a block isn't what the sides of a merge made of it.
    Value(Box<ValueFault>),
    /// The merge doesn't have the project at all.
    Project(Box<ProjectFault>),
}

/// A project that a merge doesn't have.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectFault {
    /// What is wrong.
    pub fault: Fault,
    /// The place of the parent that has it, among the parents.
    pub parent: usize,
    /// The documents that the merge should have.
    pub documents: Vec<DocumentName>,
}

/// What is wrong with a value or a block of a merge.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueFault {
    /// What is wrong with it.
    pub fault: Fault,
    /// The place of the parent that has what the merge should have, among the parents.
    pub parent: usize,
    /// Where, at the highest version of the merge and its sides; empty for the document as a whole.
    pub selector: Selector,
    /// What the commit has that both sides come from.
    pub base: Option<ConflictSide>,
    /// What the first parent has.
    pub ours: Option<ConflictSide>,
    /// What the second parent has.
    pub theirs: Option<ConflictSide>,
    /// What the merge has.
    pub result: Option<ConflictSide>,
}

impl MergeFault {
    /// The name of the check that found it, for scripts.
    #[must_use]
    pub fn check(&self) -> &'static str {
        match self {
            MergeFault::MixedShape { .. } => "mixed_shape",
            MergeFault::LooksOlder { .. } => "looks_older",
            MergeFault::Value(value) => check_of(value.fault),
            MergeFault::Project(project) => check_of(project.fault),
        }
    }
}

fn check_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Dropped(_) => "dropped",
        Fault::Lost => "lost",
        Fault::Doubled => "doubled",
        Fault::Order(_) => "order",
    }
}

impl ValueFault {
    /// The four documents with their names: `base`, `ours`, `theirs`, `merge`.
    #[must_use]
    pub fn sides(&self) -> [(&'static str, Option<&ConflictSide>); 4] {
        [
            ("base", self.base.as_ref()),
            ("ours", self.ours.as_ref()),
            ("theirs", self.theirs.as_ref()),
            ("merge", self.result.as_ref()),
        ]
    }
}

impl MergeFinding {
    /// How much it matters: a problem as long as a ref has the document so, and a note where its looks are all that tells.
    #[must_use]
    pub fn severity(&self) -> DoctorSeverity {
        match (&self.fault, &self.still_on) {
            (MergeFault::LooksOlder { .. }, _) | (_, None) => DoctorSeverity::Note,
            _ => DoctorSeverity::Problem,
        }
    }

    /// The parent that has what the merge should have; `None` where that is no question of a parent.
    #[must_use]
    pub fn right_parent(&self) -> Option<ObjectId> {
        let parent = match &self.fault {
            MergeFault::Value(value) if value.fault != Fault::Doubled => value.parent,
            MergeFault::Project(project) => project.parent,
            _ => return None,
        };
        self.parents.get(parent).copied()
    }

    /// The base path that the project has in that parent.
    #[must_use]
    pub fn right_base_path(&self) -> &str {
        let parent = self.right_parent();
        let at = self.parents.iter().position(|it| Some(*it) == parent);
        let path = at.and_then(|at| self.parent_base_paths.get(at)?.as_deref());
        path.unwrap_or(&self.base_path)
    }
}

impl fmt::Display for MergeFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, subject) = (short_id(&self.commit), visible_line(&self.subject));
        write!(f, "{id} ({subject}): ")?;
        let path = visible_line(&self.path);
        match &self.fault {
            MergeFault::MixedShape {
                version,
                written_at,
                origin,
                not_mended,
                ..
            } => {
                let origin = short_id(origin);
                write!(
                    f,
                    "{path} is as in {origin}, which is at version {written_at}, and the marker states version {version}"
                )?;
                if let Some(reason) = not_mended {
                    write!(f, "; it can't be brought there: {reason}")?;
                }
            }
            MergeFault::LooksOlder { version, steps } => {
                let steps_of = if steps.len() == 1 { "step" } else { "steps" };
                write!(
                    f,
                    "{path} came in a form that the {steps_of} of version {} would still change, and the marker states version {version}",
                    list(steps)
                )?;
            }
            MergeFault::Value(value) => {
                let document = self.document.as_ref().map_or("", DocumentName::as_str);
                write!(f, "{}", visible_line(document))?;
                if !value.selector.is_empty() {
                    write!(f, " {}", visible_line(&value.selector.to_string()))?;
                }
                write!(f, ": {}", self.told(value))?;
            }
            MergeFault::Project(project) => {
                let documents = count(project.documents.len(), "document");
                write!(f, "{path}: the project with {documents}: ")?;
                match (project.fault, self.parents.get(project.parent)) {
                    (Fault::Dropped(_), Some(parent)) => {
                        let parent = short_id(parent);
                        write!(f, "only {parent} added it, and the merge dropped that")?;
                    }
                    _ => write!(f, "the sides have it, and the merge doesn't")?,
                }
            }
        }
        if self.still_on.is_none() {
            write!(f, " (changed since)")?;
        }
        Ok(())
    }
}

impl MergeFinding {
    fn told(&self, value: &ValueFault) -> String {
        let parent = |at: usize| self.parents.get(at).map_or(String::new(), short_id);
        match value.fault {
            Fault::Dropped(side) => {
                let who = parent(value.parent);
                let has = match side {
                    Side::Theirs => &value.theirs,
                    _ => &value.ours,
                };
                let did = match (&value.base, has) {
                    (None, _) => "added it",
                    (_, None) => "removed it",
                    _ => "changed it",
                };
                format!("only {who} {did}, and the merge dropped that")
            }
            Fault::Lost if value.ours.is_none() => {
                "both sides removed it, and the merge has it".to_owned()
            }
            Fault::Lost if value.result.is_some() => {
                "both sides have it otherwise than the merge".to_owned()
            }
            Fault::Lost => "both sides have it, and the merge doesn't".to_owned(),
            Fault::Doubled => "the merge has it twice".to_owned(),
            Fault::Order(side) => {
                let order = |side: &Option<ConflictSide>| side.as_ref().map(|it| it.text.clone());
                let (ours, theirs) = (order(&value.ours), order(&value.theirs));
                let who = match side {
                    Side::Ours if ours == theirs => "both sides".to_owned(),
                    _ => format!("only {}", parent(value.parent)),
                };
                format!("{who} changed the order, and the merge dropped that")
            }
        }
    }
}

/// A commit that couldn't be looked at, or not at all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAudited {
    /// The commit.
    pub commit: ObjectId,
    /// The project in it.
    pub base_path: String,
    /// Why not.
    pub reason: String,
}
