//! Why two branches can't be merged.

use crate::catalog::DocumentName;
use crate::engine::join;
use crate::git;
use crate::merge::MergeError;
use crate::project::error::LoadError;
use crate::project::read::merge_side::MergeSide;
use crate::project::read::merge_sides::NotLifted;
use crate::project::read::merge_sides_error::MergeSidesError;
use crate::project::remedy::Remedy;
use crate::project::write::commit::error::CommitError;
use crate::project::write::draft_error::DraftError;
use crate::text::{folder, list, some_of, visible_line};

/// Why two branches can't be merged. A conflict is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeBranchError {
    /// The two commits, or the one that they come from, can't be read for it.
    #[error(transparent)]
    Sides(#[from] MergeSidesError),
    /// The branch has all of the other side already.
    #[error("already up to date: {branch} has every commit of {theirs}")]
    UpToDate {
        /// The branch.
        branch: String,
        /// The other side.
        theirs: String,
    },
    /// Documents can't be brought to the version of the merge.
    #[error(
        "{} can't be brought to the version of the merge:\n{}",
        some_of(.documents.iter().map(|document| visible_line(document.name.as_str())), 5),
        .documents.iter().flat_map(|document| failures(document, .ours, .theirs)).collect::<Vec<_>>().join("\n")
    )]
    NotLifted {
        /// The documents.
        documents: Vec<NotLifted>,
        /// The branch.
        ours: String,
        /// The other side.
        theirs: String,
    },
    /// A document can't be merged at all.
    #[error("{name} can't be merged: {source}")]
    Document {
        /// The document.
        name: DocumentName,
        /// Why not.
        source: MergeError,
    },
    /// The outcome can't be taken into a draft.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// What the other side is to be merged into is no branch.
    #[error(transparent)]
    NotABranch(Box<CommitError>),
    /// The other side can't be committed to as it is: it passed imports whose rows are still in the store, and it doesn't have them.
    #[error("{theirs} can't be merged: {source}")]
    Theirs {
        /// The other side.
        theirs: String,
        /// What a commit to it would say.
        source: Box<CommitError>,
    },
    /// The repository can't be read, or Git's program can't merge its files.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// Both sides changed files that aren't documents, and no program was given that merges them.
    #[error(
        "both sides changed files that aren't documents{}, and merging those takes the `git` program, which wasn't given",
        told(.paths)
    )]
    NoGitProgram {
        /// Those that both changed; none, where one side moved or removed some.
        paths: Vec<String>,
    },
    /// Another project of the repository, which takes a merge as well, can't be merged.
    #[error("in the project {}: {source}", visible_line(folder(.base_path)))]
    InProject {
        /// Its base path.
        base_path: String,
        /// Why not.
        source: Box<MergeBranchError>,
    },
    /// A file that isn't a document has a name that isn't UTF-8.
    #[error("{} is a file that one side changed, and its name is not UTF-8: rename it first", visible_line(.path))]
    NotUtf8 {
        /// Its path, as far as it can be shown.
        path: String,
    },
    /// One conflict is to be settled as both sides have it.
    #[error("{}", two_sides(.ours, .theirs))]
    TwoSides {
        /// The address that was named for the branch.
        ours: String,
        /// The address that was named for the other side, and says as much.
        theirs: String,
    },
    /// What is to be settled is in conflict in several projects.
    #[error(
        "{}: there are conflicts at this address in several projects; name one of them: {}",
        visible_line(.address),
        list(.base_paths.iter().map(|path| visible_line(&join(path, .address)).into_owned()))
    )]
    InSeveralProjects {
        /// What was named.
        address: String,
        /// The base paths of the projects.
        base_paths: Vec<String>,
    },
    /// The other side changed other projects of the repository too, and the merge was to be of one alone.
    #[error(
        "{} changed other projects of the repository too ({}), and this merge is of one alone",
        visible_line(.theirs),
        some_of(.base_paths.iter().map(|path| visible_line(path)), 5)
    )]
    OtherProjects {
        /// The other side.
        theirs: String,
        /// The base paths of the other projects.
        base_paths: Vec<String>,
    },
    /// What is to be settled is no conflict.
    #[error("there is no conflict at {} to settle; {}", visible_line(.address), open(.conflicts))]
    NoConflictAt {
        /// What was named.
        address: String,
        /// The addresses of the conflicts that aren't settled.
        conflicts: Vec<String>,
    },
}

impl MergeBranchError {
    /// The same about a project beside the first.
    pub(super) fn in_project(self, base_path: &str) -> MergeBranchError {
        MergeBranchError::InProject {
            base_path: base_path.to_owned(),
            source: Box::new(self),
        }
    }

    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            MergeBranchError::Sides(error) => error.remedy(),
            MergeBranchError::Draft(error) => error.remedy(),
            MergeBranchError::NotABranch(source) | MergeBranchError::Theirs { source, .. } => {
                source.remedy()
            }
            MergeBranchError::InProject { source, .. } => source.remedy(),
            _ => Remedy::Mend,
        }
    }
}

impl From<LoadError> for MergeBranchError {
    fn from(error: LoadError) -> MergeBranchError {
        MergeBranchError::Draft(DraftError::Load(error))
    }
}

/// What is wrong with a document, each message once with the sides on which it is so.
fn failures(document: &NotLifted, ours: &str, theirs: &str) -> Vec<String> {
    let mut told: Vec<(&str, Vec<&str>)> = Vec::new();
    let (base, sides): (Vec<_>, Vec<_>) = document
        .failures
        .iter()
        .partition(|(side, _)| *side == MergeSide::Base);
    for (side, failure) in sides.into_iter().chain(base) {
        let message = &*failure.message;
        let name = match side {
            MergeSide::Base => "the commit that both come from",
            MergeSide::Ours => ours,
            MergeSide::Theirs => theirs,
        };
        match told.iter_mut().find(|(known, _)| *known == message) {
            Some((_, sides)) => sides.push(name),
            None => told.push((message, vec![name])),
        }
    }
    let told = told.into_iter();
    let told = told.map(|(message, sides)| {
        let sides = sides.into_iter().map(visible_line);
        format!("on {}: {message}", list(sides))
    });
    told.collect()
}

fn two_sides(ours: &str, theirs: &str) -> String {
    let [our, their] = [ours, theirs].map(visible_line);
    if ours == theirs {
        format!("{our}: it is asked for from two sides")
    } else {
        format!(
            "one conflict is asked for from two sides, by addresses of as many names: {our} as the branch has it, and {their} as the \
             other side has it"
        )
    }
}

fn open(conflicts: &[String]) -> String {
    let shown = || some_of(conflicts.iter().map(|address| visible_line(address)), 20);
    match conflicts {
        [] => "none is open".to_owned(),
        [_] => format!("the open conflict is at {}", shown()),
        _ => format!("the open conflicts are at {}", shown()),
    }
}

fn told(paths: &[String]) -> String {
    if paths.is_empty() {
        return String::new();
    }
    format!(
        " ({})",
        some_of(paths.iter().map(|path| visible_line(path)), 5)
    )
}
