//! Yesterday's values in today's shape: documents of an old commit, brought to a branch's version.

use super::draft::{Draft, DraftError};
use super::{DocumentOutcome, LoadError, LoadOptions, Loaded, MigratedDocument, Project};
use crate::plan::{Origin, live_imports};

/// What restoring puts into a draft. Nothing is written before that is committed.
#[must_use = "nothing is restored before the draft is committed"]
pub struct Restoration {
    /// The branch with the old values, at the branch's version.
    pub draft: Draft,
    /// Documents that get the old commit's values, by name.
    pub restored: Vec<String>,
    /// Documents that the old commit didn't hold, by name: they go.
    pub removed: Vec<String>,
    /// Documents that stay as they are, since the old commit is from before their kind lay in Git.
    pub untouched: Vec<String>,
}

impl Project {
    /// Begins a change that gives documents of a branch the values that they had in an old commit, brought to the branch's
    /// own version, up or down. Without names, of all documents.
    ///
    /// A `git revert` across a migration would bring the old shape back instead, which the branch's version denies.
    ///
    /// # Errors
    /// Where either can't be loaded, a document of the old commit can't be brought to the branch's version or not without
    /// setting values aside, or a name is in neither.
    pub fn restore(
        &self,
        branch: &str,
        from: &str,
        names: &[String],
    ) -> Result<Restoration, DraftError> {
        let marker = self.load(branch, LoadOptions::default());
        let version = match marker {
            Ok(loaded) => loaded.version().number(),
            Err(error) => return Err(error.into()),
        };
        let options = LoadOptions {
            target: Some(version),
        };
        let target = self.load(branch, options)?;
        // Several projects in one repository: the old commit's is the one of the same base path.
        let old = self.at(target.base_path()).load(from, options)?;
        let mut restoration = Restoration {
            draft: target.edit(),
            restored: Vec::new(),
            removed: Vec::new(),
            untouched: Vec::new(),
        };
        let chosen = restoration.choose(&old, names)?;
        for name in chosen {
            restoration.document(&old, &name)?;
        }
        Ok(restoration)
    }
}

impl Restoration {
    /// The documents to restore, by name.
    fn choose(&self, old: &Loaded, names: &[String]) -> Result<Vec<String>, LoadError> {
        let now = self.draft.loaded();
        let mut known: Vec<String> = held(now).chain(held(old)).collect();
        known.sort();
        known.dedup();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            let name = unknown.clone();
            return Err(LoadError::NoSuchDocument { name, known });
        }
        Ok(match names {
            [] => known,
            names => names.to_vec(),
        })
    }

    fn document(&mut self, old: &Loaded, name: &str) -> Result<(), DraftError> {
        let is_there = held(self.draft.loaded()).any(|held| held == name);
        if !held(old).any(|held| held == name) {
            if is_imported_since(old, name) {
                self.untouched.push(name.to_owned());
            } else {
                self.draft.remove(name)?;
                self.removed.push(name.to_owned());
            }
            return Ok(());
        }
        let then = old.document(name)?;
        let refused = |reason: String| DraftError::NotRestored {
            name: name.to_owned(),
            commit: old.commit().to_string(),
            reason,
        };
        if let Some(reason) = obstacle(then, old) {
            return Err(refused(reason));
        }
        let Some(bytes) = old.content(then)? else {
            return Err(refused("a step removes it on the way".into()));
        };
        let now = match is_there {
            true => self.draft.loaded().document(name).ok(),
            false => None,
        };
        let current = match now {
            Some(now) => self.draft.loaded().content(now)?,
            None => None,
        };
        if current.as_ref() != Some(&bytes) {
            self.draft.put(name, bytes)?;
            self.restored.push(name.to_owned());
        }
        Ok(())
    }
}

/// The documents that Git holds, by name.
fn held(loaded: &Loaded) -> impl Iterator<Item = String> {
    let entries = loaded.entries().iter();
    let held = entries.filter(|entry| entry.origin == Origin::Git);
    held.map(|entry| entry.name.clone())
}

/// Whether the old commit is from before the documents of this kind lay in Git.
fn is_imported_since(old: &Loaded, name: &str) -> bool {
    let kind = name.split('/').next().unwrap_or_default();
    let plan = old.plan();
    let imports = live_imports(old.project().catalog(), plan.branch_version, plan.target);
    imports.iter().any(|import| import.kind == kind)
}

fn obstacle(then: &MigratedDocument, old: &Loaded) -> Option<String> {
    match &then.outcome {
        DocumentOutcome::Failed(_) => then.failure(old.base_path()),
        DocumentOutcome::LeftOut => Some("the branch is below the import of its kind".into()),
        _ => {
            let set_aside = then.set_aside.iter().map(ToString::to_string);
            let set_aside: Vec<String> = set_aside.collect();
            (!set_aside.is_empty()).then(|| set_aside.join("; "))
        }
    }
}
