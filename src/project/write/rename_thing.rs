//! Renaming a thing in all documents of a draft.

use super::draft::Draft;
use super::draft_error::DraftError;
use crate::catalog::DocumentName;
use crate::ocl::Document;
use crate::references::{RenamedThing, rename_thing};

impl Draft {
    /// Gives a thing another name: where it is defined, and wherever the documents refer to it, in templates and scripts too.
    /// Nothing else of the texts changes. A document that is known by the name gets another file.
    ///
    /// ```no_run
    /// # use ocl_migrate::project::Project;
    /// # fn change(project: &Project) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut draft = project.load_migrated("feature/x")?.edit();
    /// let renamed = draft.rename_thing("variable", "Retries", "Attempts")?;
    /// println!("it stands at {} places", renamed.places.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`DraftError::NotRenamed`] names every place that is in the way. A document that can't be read is an error too: it may refer
    /// to the thing. The draft is as it was then. What refers to what is declared for the newest version, so that must be the one
    /// that was loaded.
    pub fn rename_thing(
        &mut self,
        kind: &str,
        old: &str,
        new: &str,
    ) -> Result<RenamedThing, DraftError> {
        self.loaded.refuse_newer()?;
        let (target, newest) = (self.loaded.plan().target, self.catalog().server_version());
        if target != newest {
            return Err(DraftError::OlderShape { target, newest });
        }
        let documents = self.documents()?;
        let catalog = self.loaded.project().catalog().clone();
        let renamed = rename_thing(&documents, &catalog, kind, old, new);
        let renamed = renamed.map_err(|error| DraftError::NotRenamed(Box::new(error)))?;
        let before = (
            self.changes.clone(),
            self.carried.clone(),
            self.paths.clone(),
        );
        if let Err(error) = self.take_renamed(&renamed) {
            (self.changes, self.carried, self.paths) = before;
            return Err(error);
        }
        Ok(renamed)
    }

    fn take_renamed(&mut self, renamed: &RenamedThing) -> Result<(), DraftError> {
        for document in &renamed.documents {
            let carried = self.carried_by(&document.name)?;
            if document.name != document.new_name {
                self.remove(document.name.as_str())?;
            }
            self.put_carrying(&document.new_name, document.text.clone(), carried)?;
        }
        Ok(())
    }

    /// Every document as the draft would write it.
    fn documents(&self) -> Result<Vec<(DocumentName, Document)>, DraftError> {
        let added = self.changes.keys();
        let added = added.filter(|name| self.loaded.entry(name).is_none());
        let names = self.loaded.names().chain(added);
        let mut documents = Vec::new();
        for name in names {
            if let Some(document) = self.document(name)? {
                documents.push((name.clone(), document));
            }
        }
        Ok(documents)
    }
}
