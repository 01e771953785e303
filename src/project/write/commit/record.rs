//! What the store has to record when a branch reaches a version: rows that leave the table, and the project's version.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::error::CommitError;
use crate::catalog::DocumentName;
use crate::engine::{ReadImport, StoredRow};
use crate::plan::{LiveImport, Origin, live_imports, passing_imports};
use crate::project::read::loaded::Loaded;
use crate::project::read::store_view::rows_in;
use crate::project::write::draft::Draft;
use crate::project::write::effect::{Effects, ImportEffect};
use crate::project::write::run_effects::{self, Occasion};
use crate::store::{IntentImport, ReadTransaction, Row, WriteTransaction};
use crate::text::hex;

/// What a commit, or an adoption, makes the store do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreEffect {
    /// The project's version before.
    pub version_before: u32,
    /// The project's version afterwards.
    pub version: u32,
    /// The rows that leave the table for a snapshot.
    pub taken: Vec<TakenRow>,
    /// What runs once beside the imports that take rows.
    pub effects: Vec<ImportEffect>,
    pub(crate) imports: Vec<IntentImport>,
}

/// A row that leaves the table for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TakenRow {
    /// The document.
    pub document: DocumentName,
    /// The version of the import that takes it.
    pub import_version: u32,
    /// How it compares with the branch.
    pub standing: Standing,
}

/// How a row that leaves the table compares with the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It comes to Git with this commit.
    Imported,
    /// This commit removes it; the row's content is in the snapshot from now on.
    Removed,
    /// Git holds the same.
    SameInGit,
    /// Git holds a document of its name with other content, which stays; the row's is in the snapshot from now on.
    DiffersInGit,
    /// Git holds no document of its name at this branch; the row's content is in the snapshot from now on.
    NotInGit,
}

impl StoreEffect {
    /// What the store has to do so that the project can be at `target`, by its own version now.
    ///
    /// Only the import that is live between the project's version and the target takes rows. Of one whose documents a later step
    /// removes again the rows stay, and where there are none, that is recorded: branches and servers between the two ask for it.
    pub(crate) fn of(
        loaded: &Loaded,
        target: u32,
        read: &mut dyn ReadTransaction,
        project_version: u32,
    ) -> Result<StoreEffect, CommitError> {
        let (catalog, registered) = (loaded.project().catalog(), loaded.project().effects());
        let mut effect = StoreEffect {
            version_before: project_version,
            version: project_version.max(target),
            taken: Vec::new(),
            effects: run_effects::planned_with(registered, catalog, project_version, target),
            imports: Vec::new(),
        };
        for LiveImport { kind, version } in live_imports(catalog, project_version, target) {
            let rows = read.documents(&kind)?;
            for row in &rows {
                let has_passed = version <= loaded.plan().branch_version;
                effect.taken.push(TakenRow {
                    document: DocumentName::new(&kind, &row.slug),
                    import_version: version,
                    standing: standing(loaded, row, has_passed)?,
                });
            }
            effect.imports.push(IntentImport {
                hash: hash(&rows),
                kind,
                import_version: version,
                rows,
            });
        }
        for LiveImport { kind, version } in passing_imports(catalog, project_version, target) {
            let is_taken = effect.imports.iter().any(|import| import.kind == kind);
            if is_taken || read.documents(&kind)?.is_empty() {
                effect.imports.push(IntentImport {
                    hash: hash(&[]),
                    kind,
                    import_version: version,
                    rows: Vec::new(),
                });
            }
        }
        Ok(effect)
    }

    /// Notes that the effects are about to run; to be committed before they do.
    pub(crate) fn begin_effects(
        &mut self,
        write: &mut dyn WriteTransaction,
        time: i64,
    ) -> Result<(), CommitError> {
        for effect in &mut self.effects {
            let ImportEffect {
                kind,
                import_version,
                ..
            } = effect;
            effect.may_have_run =
                write.begin_effect(kind, *import_version, &effect.effect, time)?;
        }
        Ok(())
    }

    /// Runs the effects, in the order of the kinds.
    pub(crate) fn run_effects(
        &mut self,
        registered: &Effects,
        occasion: Occasion<'_>,
        write: &mut dyn WriteTransaction,
    ) -> Result<(), CommitError> {
        for effect in &mut self.effects {
            let import = self.imports.iter().find(|import| {
                (&import.kind, import.import_version) == (&effect.kind, effect.import_version)
            });
            let rows = import.map_or(&[][..], |import| &import.rows);
            run_effects::run(registered, effect, rows, occasion, write)?;
        }
        Ok(())
    }

    /// Whether the store has nothing to do.
    pub fn is_empty(&self) -> bool {
        self.version == self.version_before && self.imports.is_empty()
    }

    /// Whether rows leave the table, or anything runs beside that.
    pub(crate) fn takes_rows(&self) -> bool {
        !self.taken.is_empty() || !self.effects.is_empty()
    }

    /// Marks what a draft removes: it doesn't come to Git.
    pub(crate) fn without_removed(mut self, draft: &Draft) -> StoreEffect {
        for row in &mut self.taken {
            if row.standing == Standing::Imported && draft.removes(&row.document) {
                row.standing = Standing::Removed;
            }
        }
        self
    }

    /// The names of the rows of which the branch has no document.
    pub fn in_no_branch(&self) -> Vec<DocumentName> {
        let rows = self
            .taken
            .iter()
            .filter(|row| row.standing == Standing::NotInGit);
        rows.map(|row| row.document.clone()).collect()
    }

    /// Refuses to take rows of which the branch, at this version, has no document.
    pub(crate) fn refuse_in_no_branch(&self, branch: u32) -> Result<(), CommitError> {
        let rows = self.in_no_branch();
        if rows.is_empty() {
            return Ok(());
        }
        Err(CommitError::StoreBehind {
            branch,
            store: self.version_before,
            rows,
        })
    }
}

/// `has_passed`: the branch is at or above the import, so that what it doesn't hold it doesn't get.
fn standing(loaded: &Loaded, row: &Row, has_passed: bool) -> Result<Standing, CommitError> {
    let name = DocumentName::new(&row.kind, &row.slug);
    match loaded.entry(&name).map(|entry| entry.origin) {
        None if has_passed => return Ok(Standing::NotInGit),
        Some(Origin::Git) => {}
        // Nothing is brought back where the store takes part: the way is down.
        None | Some(Origin::Imported { .. } | Origin::BroughtBack { .. }) => {
            return Ok(Standing::Imported);
        }
    }
    let document = loaded.document(name.as_str())?;
    let row_content = Some(row.content.as_bytes());
    let is_same = loaded.before(document)?.as_deref() == row_content
        || loaded.content(document)?.as_deref() == row_content;
    Ok(if is_same {
        Standing::SameInGit
    } else {
        Standing::DiffersInGit
    })
}

/// Refuses to go on unless every live import, asked for or not, and every answer to a step's question is what the load
/// read.
pub(super) fn compare(loaded: &Loaded, read: &mut dyn ReadTransaction) -> Result<(), CommitError> {
    for lift in loaded.lift().with_pasts() {
        let rows = rows_in(read, &lift.live_imports())?;
        let changed = match &rows {
            None if lift.imports().is_empty() => Vec::new(),
            None => vec!["the store doesn't know the project any more".to_owned()],
            Some(rows) => match lift.imports_with(rows) {
                Ok(now) => difference(lift.imports(), &now),
                Err(error) => vec![error.to_string()],
            },
        };
        if !changed.is_empty() {
            return Err(CommitError::ImportChanged { changed });
        }
    }
    let mut compared = BTreeSet::new();
    for asked in loaded.asked() {
        let is_new = compared.insert((
            &asked.table,
            &asked.key,
            asked.answer.as_ref().map(ToString::to_string),
        ));
        if is_new && read.lookup(&asked.table, &asked.key)? != asked.answer {
            return Err(CommitError::LookupChanged {
                table: asked.table.clone(),
                key: asked.key.clone(),
            });
        }
    }
    Ok(())
}

/// The documents that are imported otherwise than the load read them.
fn difference(loaded: &[ReadImport], now: &[ReadImport]) -> Vec<String> {
    if loaded == now {
        return Vec::new();
    }
    let mut changed = BTreeSet::new();
    for (loaded, now) in loaded.iter().zip(now) {
        let mut add = |row: &StoredRow| changed.insert(DocumentName::new(&loaded.kind, &row.slug));
        for row in loaded.rows.iter().filter(|row| !now.rows.contains(row)) {
            add(row);
        }
        for row in now.rows.iter().filter(|row| !loaded.rows.contains(row)) {
            add(row);
        }
    }
    if changed.is_empty() {
        return now.iter().map(|import| import.kind.clone()).collect();
    }
    changed.iter().map(ToString::to_string).collect()
}

/// Tells whether an intent's rows are those that its writer saw.
pub(crate) fn hash(rows: &[Row]) -> String {
    let mut hasher = Sha256::new();
    for row in rows {
        for part in [&row.kind, &row.slug, &row.content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.update(row.shape.to_le_bytes());
    }
    hex(&hasher.finalize())
}
