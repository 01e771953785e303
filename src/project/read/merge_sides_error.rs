//! Why two commits can't be read for a merge.

use super::merge_side::MergeSide;
use crate::git::{self, ObjectId};
use crate::project::error::LoadError;
use crate::project::remedy::Remedy;
use crate::text;

/// Why two commits can't be read for a merge.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeSidesError {
    /// One of the three can't be loaded.
    #[error("{}can't be read: {source}", told(*.side, .revision))]
    Load {
        /// Which of the three.
        side: MergeSide,
        /// What was asked for; for the base, a commit.
        revision: String,
        /// Why not.
        source: LoadError,
    },
    /// The repository can't be read.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The two have no commit in common.
    #[error(
        "{ours} and {theirs} have no commit in common: their histories are unrelated, and what each of them changed can't be told"
    )]
    Unrelated {
        /// One.
        ours: String,
        /// The other.
        theirs: String,
    },
    /// The two come from several commits, as after branches were merged into each other.
    #[error(
        "{ours} and {theirs} come from {} commits ({}), as branches do that were merged into each other, and which of them a change \
         was made to can't be told", .bases.len(), text::list(.bases.iter().map(text::short_id))
    )]
    SeveralBases {
        /// One.
        ours: String,
        /// The other.
        theirs: String,
        /// The commits.
        bases: Vec<ObjectId>,
    },
    /// The version that was asked for is below that of one of the three.
    #[error("{}is at version {version}, and the merge was asked for at version {target}: nothing is merged downward", told(*.side, .revision))]
    Below {
        /// Which of the three.
        side: MergeSide,
        /// What was asked for; for the base, a commit.
        revision: String,
        /// Its version.
        version: u32,
        /// The version that was asked for.
        target: u32,
    },
    /// One side removed the project, or moved it to another folder.
    #[error(
        "{}has no project in {base_path:?}, and the commit that both sides come from has one: it was {}", told(*.side, .revision),
        gone(.moved_to.as_deref())
    )]
    ProjectGone {
        /// Which side.
        side: MergeSide,
        /// What was asked for.
        revision: String,
        /// The other side, as it was asked for.
        other: String,
        /// The base path.
        base_path: String,
        /// Where that side seems to have moved it.
        moved_to: Option<String>,
    },
    /// None of the three holds a project.
    #[error("there is no project in {base_path:?} on either side: nothing states a version there")]
    NoProject {
        /// The base path.
        base_path: String,
    },
}

impl MergeSidesError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            MergeSidesError::Load { source, .. } => source.remedy(),
            _ => Remedy::Mend,
        }
    }
}

fn gone(moved_to: Option<&str>) -> String {
    match moved_to {
        Some(path) => format!("moved to {path:?}"),
        None => "removed there, or moved, and what that means for its documents can't be told"
            .to_owned(),
    }
}

/// A side as the beginning of a message.
fn told(side: MergeSide, revision: &str) -> String {
    match side {
        // Nobody typed it.
        MergeSide::Base if revision.parse::<ObjectId>().is_ok() => {
            let id = text::short_id(&revision);
            format!("{id}, which both sides come from, ")
        }
        MergeSide::Base => format!("{revision}, which both sides come from, "),
        MergeSide::Ours | MergeSide::Theirs => format!("{revision} "),
    }
}
