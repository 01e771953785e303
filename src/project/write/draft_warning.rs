//! What the author of a draft should know before it is committed, though nothing is wrong with it.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::repeat;

use super::draft::{Change, Draft};
use crate::catalog::DocumentName;
use crate::engine::{DocumentOutcome, DocumentWarning};
use crate::migrate::Loss;
use crate::ocl::Document;
use crate::plan::Decision;
use crate::project::error::LoadError;
use crate::project::read::removed::removed_by_steps;
use crate::references::{DoubledBlock, DoubledPairs, doubled_blocks};
use crate::text::{list, some_of, visible_line};
use crate::values::Values;

/// Of the documents that a step removes, so many are named.
const SHOWN: usize = 20;

/// Something about a draft that its author should know, though it can be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DraftWarning {
    /// The migration of a document loses a value.
    Loss {
        /// The document.
        document: DocumentName,
        /// The value, and what loses it.
        loss: Loss,
    },
    /// A document that no step touches isn't OCL, and is written as it is; a step leaves values of it behind; or a branch that only
    /// moves forward gets a name twice.
    Document {
        /// The document.
        document: DocumentName,
        /// What there is to know of it.
        warning: DocumentWarning,
    },
    /// Steps are pending for a document that was put, and none of them runs on its text.
    NotMigrated {
        /// The document.
        document: DocumentName,
        /// The version that the draft writes.
        version: u32,
        /// The versions of the steps, in the order in which they would run.
        steps: Vec<u32>,
    },
    /// A step removes documents that Git holds.
    Removed {
        /// The documents.
        documents: Vec<DocumentName>,
        /// The step's version.
        version: u32,
        /// Its name.
        step: String,
    },
    /// Nothing of what the other side of a merge changed in a document is in the outcome: a step removes it.
    RemovedChange {
        /// The document.
        document: DocumentName,
        /// Its path in the repository, on the other side.
        path: String,
        /// The other side, as it was called.
        theirs: String,
        /// The step's version.
        version: u32,
        /// Its name.
        step: String,
    },
    /// Blocks beside each other in a document that is written have one key, or define a thing by one name.
    DoubledBlocks {
        /// The document.
        document: DocumentName,
        /// The addresses of each two.
        blocks: Vec<(String, String)>,
    },
    /// A text that was put ends its lines otherwise than the one that it replaces.
    LineEnds {
        /// The document.
        document: DocumentName,
        /// Whether the text that was put has CRLF, and the one in Git LF.
        crlf: bool,
    },
}

impl fmt::Display for DraftWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DraftWarning::Loss { document, loss } => write!(f, "{document}: {loss}"),
            DraftWarning::Document { document, warning } => write!(f, "{document}: {warning}"),
            DraftWarning::NotMigrated {
                document,
                version,
                steps,
            } => {
                let noun = if steps.len() == 1 { "step" } else { "steps" };
                write!(
                    f,
                    "{document}: the text is taken as it is, at version {version}; {noun} {} didn't run on it",
                    list(steps)
                )
            }
            DraftWarning::Removed {
                documents,
                version,
                step,
            } => {
                let it = if documents.len() == 1 { "it" } else { "them" };
                let names = documents.iter().map(|name| visible_line(name.as_str()));
                let names = some_of(names.collect::<Vec<_>>(), SHOWN);
                write!(
                    f,
                    "step {version} {step} removes {names}: the commit before still has {it}"
                )
            }
            DraftWarning::RemovedChange {
                document,
                path,
                theirs,
                version,
                step,
            } => write!(
                f,
                "{document}: {theirs} changed it, and nothing of that is in the outcome, since step {version} {step} removes it: {theirs} \
                 still has it, as {path}"
            ),
            DraftWarning::DoubledBlocks { document, blocks } => DoubledPairs {
                document,
                pairs: blocks,
            }
            .fmt(f),
            DraftWarning::LineEnds { document, crlf } => {
                let (put, git) = if *crlf {
                    ("CRLF", "LF")
                } else {
                    ("LF", "CRLF")
                };
                write!(
                    f,
                    "{document}: the text ends its lines with {put}, the one in Git with {git}, so every line changes; a text is put as it is, \
                     without what .gitattributes says of line ends: to change only what you mean, put a text with {git}"
                )
            }
        }
    }
}

impl Draft {
    /// Says what the author should know of the migrated documents that the draft writes, and of the texts that it puts.
    ///
    /// # Errors
    /// Where a document can't be read.
    pub fn warnings(&self) -> Result<Vec<DraftWarning>, LoadError> {
        let mut warnings = self.own_warnings()?;
        for beside in self.beside() {
            warnings.extend(beside.own_warnings()?);
        }
        Ok(warnings)
    }

    fn own_warnings(&self) -> Result<Vec<DraftWarning>, LoadError> {
        let mut warnings = self.removed();
        // Nothing is written then that isn't in Git, so nothing is refused.
        let is_forward = self.is_forward();
        for document in self.loaded.documents() {
            if !self.changes.contains_key(&document.name) && !self.is_untouched(document) {
                warnings.extend(losses(&document.name, &document.losses));
                let told = self.loaded.document_warnings(document).into_iter();
                // The others are asked about, or refused.
                let told = told.filter(|it| match it {
                    DocumentWarning::NotParsed { .. } | DocumentWarning::LeftBehind { .. } => true,
                    DocumentWarning::DoubledName(_) => is_forward,
                    DocumentWarning::MissingLookup(_) => false,
                });
                warnings.extend(of_document(&document.name, told));
                // What can't be read is told above, or refused.
                if let Ok(Some(parsed)) = self.loaded.parsed(document, None) {
                    warnings.extend(self.doubled_blocks(&document.name, &parsed));
                }
            }
        }
        for (name, change) in &self.changes {
            let Change::Put { text, .. } = change else {
                continue;
            };
            let dialect = self.catalog().dialect_at(self.loaded.plan().target);
            if let Ok(parsed) = Document::parse(text.as_str(), dialect) {
                warnings.extend(self.doubled_blocks(name, &parsed));
            }
            if let Some(carried) = self.carried.get(name) {
                warnings.extend(losses(name, &carried.losses));
                warnings.extend(of_document(name, carried.left_behind.iter().cloned()));
            } else if self.loaded.entry(name).is_some() {
                warnings.extend(self.not_migrated(name)?);
                warnings.extend(self.line_ends(name, text)?);
            }
        }
        Ok(warnings)
    }

    /// Blocks of which it isn't clear which one counts. Keys are declared for the newest shape.
    fn doubled_blocks(&self, name: &DocumentName, document: &Document) -> Option<DraftWarning> {
        let catalog = self.catalog();
        if self.loaded.plan().target != catalog.server_version() {
            return None;
        }
        let values = Values::of(document, catalog.identity(name.kind()));
        let blocks = doubled_blocks(values, name, catalog);
        let blocks: Vec<_> = blocks.iter().map(DoubledBlock::addresses).collect();
        (!blocks.is_empty()).then(|| DraftWarning::DoubledBlocks {
            document: name.clone(),
            blocks,
        })
    }

    /// What steps remove of the branch, and of what the other side of a merge changed.
    fn removed(&self) -> Vec<DraftWarning> {
        let mut by_step: BTreeMap<(u32, &str), Vec<DocumentName>> = BTreeMap::new();
        for (name, step) in removed_by_steps(&self.loaded) {
            if !self.changes.contains_key(name) {
                let documents = by_step.entry((step.version(), step.name())).or_default();
                documents.push(name.clone());
            }
        }
        let own = by_step.into_iter();
        let own = own.map(|((version, step), documents)| DraftWarning::Removed {
            documents,
            version,
            step: step.to_owned(),
        });
        let merged_in = self.merged_in.iter();
        let changes =
            merged_in.flat_map(|merged| merged.removed_changes.iter().zip(repeat(merged)));
        let changes = changes.map(|(change, merged)| DraftWarning::RemovedChange {
            document: change.document.clone(),
            path: change.path.clone(),
            theirs: merged.named.clone(),
            version: change.version,
            step: change.step.clone(),
        });
        own.chain(changes).collect()
    }

    /// The steps that would change the document in Git, and don't run on the text in its place.
    fn not_migrated(&self, name: &DocumentName) -> Result<Option<DraftWarning>, LoadError> {
        let loaded = &self.loaded;
        let document = loaded.document(name.as_str())?;
        let all = self.catalog().steps();
        let mut steps: Vec<u32> = match &document.outcome {
            // Where it fails, it isn't known which steps would change it.
            DocumentOutcome::Failed(_) => {
                let rows = loaded.plan().rows.iter();
                rows.filter(|row| row.decision == Decision::Run && row.kind == name.kind())
                    .filter(|row| !row.skipped_for.contains(name))
                    .map(|row| all[row.step].version())
                    .collect()
            }
            _ => {
                let changes = document.changes().iter();
                changes.map(|change| all[change.step].version()).collect()
            }
        };
        steps.dedup();
        Ok((!steps.is_empty()).then(|| DraftWarning::NotMigrated {
            document: name.clone(),
            version: loaded.plan().target,
            steps,
        }))
    }

    /// Whether a text replaces every line only because of its line ends.
    fn line_ends(
        &self,
        name: &DocumentName,
        text: &str,
    ) -> Result<Option<DraftWarning>, LoadError> {
        let document = self.loaded.document(name.as_str())?;
        let before = match &document.path_before {
            Some(_) => self.loaded.before(document)?.unwrap_or_default(),
            None => return Ok(None),
        };
        Ok(match (has_crlf(text.as_bytes()), has_crlf(&before)) {
            (Some(crlf), Some(before)) if crlf != before => Some(DraftWarning::LineEnds {
                document: name.clone(),
                crlf,
            }),
            _ => None,
        })
    }
}

fn losses<'l>(
    document: &'l DocumentName,
    losses: &'l [Loss],
) -> impl Iterator<Item = DraftWarning> + 'l {
    losses.iter().map(|loss| DraftWarning::Loss {
        document: document.clone(),
        loss: loss.clone(),
    })
}

fn of_document(
    document: &DocumentName,
    warnings: impl Iterator<Item = DocumentWarning>,
) -> impl Iterator<Item = DraftWarning> {
    warnings.map(|warning| DraftWarning::Document {
        document: document.clone(),
        warning,
    })
}

/// Whether all lines end with CRLF (true) or all with LF (false); `None` where they are mixed or there is no line end.
fn has_crlf(text: &[u8]) -> Option<bool> {
    let ends = |(at, byte): (usize, &u8)| {
        let crlf = at
            .checked_sub(1)
            .is_some_and(|before| text[before] == b'\r');
        (*byte == b'\n').then_some(crlf)
    };
    let mut ends = text.iter().enumerate().filter_map(ends);
    let first = ends.next()?;
    ends.all(|end| end == first).then_some(first)
}
