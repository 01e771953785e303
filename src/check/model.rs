//! What is found.

use std::fmt;

use serde::Serialize;

use crate::catalog::{DocumentName, Problem};
use crate::compare::{ComparedRef, LeftOut};
use crate::contract;

/// What was looked at, and what was found.
#[derive(Debug)]
pub struct Checked {
    /// The refs that were looked at.
    pub refs: Vec<ComparedRef>,
    /// What is wrong in any of them, in the order of documents and places.
    pub findings: Vec<Finding>,
    /// How many documents were looked at: those that refs share count once, and those of the base alone don't.
    pub documents: usize,
    /// How many contracts the catalog declares that this program can't read: documents weren't held to them.
    pub unread_contracts: usize,
    /// How many things that no document defines, or refers to, aren't told: they may be used or defined elsewhere.
    pub left_out: LeftOut,
    /// What a reader of refs should know, and of which.
    pub warnings: Vec<(Vec<ComparedRef>, String)>,
    /// Refs that hold no project. They are left out.
    pub without_project: Vec<ComparedRef>,
}

/// Something that is wrong, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is certainly wrong.
    pub severity: Severity,
    /// What was broken.
    pub rule: Rule,
    /// The folder of the project's documents.
    pub base_path: String,
    /// The document; `None` where it is about the project as a whole.
    pub document: Option<DocumentName>,
    /// The file in the repository, or the project's folder.
    pub path: String,
    /// Line and column in that file, from 1; `None` where it is about the file as a whole.
    pub place: Option<(usize, usize)>,
    /// What of the document it is about, in the newest shape; empty for all of it.
    pub address: String,
    /// What is wrong, without the place.
    pub message: String,
    /// What was probably meant, or what to do.
    pub help: Option<String>,
    /// Everything, for people, with the line of the file.
    pub shown: String,
    /// The refs that have it, as places in [`Checked::refs`].
    pub found: Vec<usize>,
}

/// Whether a finding is certainly wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is.
    Error,
    /// What is missing may live elsewhere.
    Warning,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A ref or a project in it can't be loaded.
    Project,
    /// The marker states no version, or is missing.
    Marker,
    /// A document isn't OCL.
    Syntax,
    /// What should be a document can't be read: a link, a submodule.
    Unreadable,
    /// A document can't be migrated.
    Migration,
    /// A name stands twice where only one can count.
    DoubledName,
    /// Two values have one scope.
    SameScope,
    /// A block can't be told from one beside it: by its key, or by the name of what it defines.
    DoubledBlock,
    /// A document breaks its contract.
    Contract(contract::Rule),
    /// Holding a document to its contract would take too long.
    TooMuchWork,
    /// What is referred to is defined nowhere, and can't be defined where no document shows it.
    Undefined,
    /// What is defined is never referred to, and can't be used where no document shows it.
    Unused,
    /// The base can't be read, and what is found there counts as new.
    BaseUnreadable,
}

impl Severity {
    /// As it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Rule {
    /// Every rule.
    pub fn all() -> impl Iterator<Item = Rule> {
        let own = [
            Rule::Project,
            Rule::Marker,
            Rule::Syntax,
            Rule::Unreadable,
            Rule::Migration,
            Rule::DoubledName,
            Rule::SameScope,
            Rule::DoubledBlock,
        ];
        let of_contracts = contract::Rule::ALL.into_iter().map(Rule::Contract);
        let last = [
            Rule::TooMuchWork,
            Rule::Undefined,
            Rule::Unused,
            Rule::BaseUnreadable,
        ];
        own.into_iter().chain(of_contracts).chain(last)
    }

    /// How grave it is to break it.
    pub fn severity(self) -> Severity {
        match self {
            Self::SameScope
            | Self::DoubledBlock
            | Self::Undefined
            | Self::Unused
            | Self::BaseUnreadable => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What it asks for, in a sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Project => "Every ref can be loaded.",
            Self::Marker => "The marker states the version of the documents.",
            Self::Syntax => "Documents are OCL.",
            Self::Unreadable => "Documents are files.",
            Self::Migration => "Documents can be migrated to the newest version.",
            Self::DoubledName => "A name that can count only once stands once.",
            Self::SameScope => "Of several values at most one has a scope.",
            Self::DoubledBlock => {
                "A key, or the name of a thing, tells a block from those beside it."
            }
            Self::Contract(_) => "Documents keep to the contract of their kind.",
            Self::TooMuchWork => "Holding a document to its contract takes bounded time.",
            Self::Undefined => "What is referred to is defined.",
            Self::Unused => "What is defined is referred to.",
            Self::BaseUnreadable => "The ref since which only what is new counts can be read.",
        }
    }
}

/// Its name in listings: `syntax`, `contract_unknown_name`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Project => "project",
            Self::Marker => "marker",
            Self::Syntax => "syntax",
            Self::Unreadable => "unreadable",
            Self::Migration => "migration",
            Self::DoubledName => "doubled_name",
            Self::SameScope => "same_scope",
            Self::DoubledBlock => "doubled_block",
            Self::Contract(rule) => return write!(f, "contract_{}", rule.name()),
            Self::TooMuchWork => "too_much_work",
            Self::Undefined => "undefined",
            Self::Unused => "unused",
            Self::BaseUnreadable => "base_unreadable",
        })
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Finding {
    /// A finding about a base path, or about a file as a whole.
    pub(super) fn of_file(rule: Rule, base_path: &str, path: &str, message: &str) -> Finding {
        Finding::at(rule, base_path, Problem::of_file(path, message))
    }

    /// A finding at a place in a file.
    pub(super) fn at(rule: Rule, base_path: &str, problem: Problem) -> Finding {
        Finding {
            severity: rule.severity(),
            rule,
            base_path: base_path.to_owned(),
            document: None,
            shown: problem.to_string(),
            place: (problem.line > 0).then_some((problem.line, problem.column)),
            path: problem.file,
            address: String::new(),
            message: problem.message,
            help: problem.help,
            found: Vec::new(),
        }
    }

    /// What it is about.
    pub(super) fn about(mut self, document: &DocumentName, address: impl Into<String>) -> Finding {
        self.document = Some(document.clone());
        self.address = address.into();
        self
    }
}
