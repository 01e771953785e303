//! What is asked, and the answer.

use crate::catalog::DocumentName;
use crate::compare::refs::ComparedRef;
use crate::references::Certainty;

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UseQuestion {
    /// Where a thing of this name is defined and referred to.
    Thing(String),
    /// The same for every thing.
    Everything,
    /// Things that are defined and never referred to, in the same ref and folder.
    Unused,
    /// References to things that nothing defines, of the kinds that documents define.
    Undefined,
    /// Both of these, but only what can't be used or defined where no document shows it, by what the catalog declares.
    Unmatched,
}

/// What was found, and what couldn't be looked at.
#[derive(Debug)]
pub struct Uses {
    /// The refs that were looked at.
    pub refs: Vec<ComparedRef>,
    /// The places: by kind and thing, and of each its definitions first.
    pub places: Vec<UsePlace>,
    /// How many references in these documents have a name that only the server knows when it runs, of the kinds that were
    /// asked for, and may be to what was asked for: more may be used than `places` tells.
    pub computed: usize,
    /// How many things weren't told, as they may be used or defined where no document shows it.
    pub left_out: LeftOut,
    /// Refs and documents that can't be read, with the reason.
    pub failed: Vec<(Vec<ComparedRef>, String)>,
    /// What a reader of refs should know, and of which.
    pub warnings: Vec<(Vec<ComparedRef>, String)>,
    /// Refs that hold no project. They are left out.
    pub without_project: Vec<ComparedRef>,
}

/// Things that may be used or defined where no document shows it, so that an answer leaves them out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Those that no document of the project defines.
    pub undefined: usize,
    /// Those that no document of the project refers to.
    pub unused: usize,
}

/// A place in a document that names or defines a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsePlace {
    /// The kind of the thing, as the catalog calls it.
    pub kind: String,
    /// The thing's name: as it is written where it is defined first, or else referred to first.
    pub thing: String,
    /// What tells the thing from others of its kind: equal for all spellings of its name.
    pub key: String,
    /// The name as it is written there.
    pub name: String,
    /// Whether it is defined or referred to there.
    pub role: UseRole,
    /// The folder of the project's documents.
    pub base_path: String,
    /// The document.
    pub document: DocumentName,
    /// The address of the value that holds the name, or of the block that defines it; empty where the whole document does.
    pub address: String,
    /// Of what nothing defines, the name that was probably meant.
    pub suggestion: Option<String>,
    /// The refs that have it, as places in [`Uses::refs`], and the line there: that of the document at the version that was
    /// looked at.
    pub found: Vec<(usize, usize)>,
    /// For each of these, from where on in the document's text the name is written.
    pub(crate) written_at: Vec<usize>,
}

/// What a place is to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseRole {
    /// It defines it.
    Definition,
    /// It refers to it.
    Use(Certainty),
}
