//! What tells that two documents have one text, without reading more than must be, and what a ref has of the store.

use std::sync::Arc;

use super::loaded::Loaded;
use crate::engine::{Content, MigratedDocument, Original};
use crate::git::ObjectId;
use crate::project::error::LoadError;

/// Identifies a document's text after its migration: documents with one key have one text. (With two keys they may have one
/// text too.)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ContentKey {
    /// A file of Git's that no step has changed.
    Blob(ObjectId),
    Text(Arc<str>),
    Bytes(Vec<u8>),
}

impl Loaded {
    /// What the store gave for the imports: kind and version of each, and a row's slug, content and shape.
    #[cfg(feature = "serve")]
    pub(crate) fn stored_rows(&self) -> impl Iterator<Item = (&str, u32, [&str; 2], u32)> {
        let imports = self.lift().with_pasts().flat_map(|lift| lift.imports());
        imports.flat_map(|import| {
            let rows = import.rows.iter();
            rows.map(|row| {
                let texts = [&*row.slug, &*row.content];
                (&*import.kind, import.version, texts, row.shape)
            })
        })
    }

    /// The blob that is the text of the document at a place among the [names](Loaded::names), where that is certain without looking at
    /// it: nothing is pending in the ref.
    #[cfg(feature = "query")]
    pub(crate) fn settled_blob(&self, place: usize) -> Option<ObjectId> {
        let plan = self.plan();
        if !plan.rows.is_empty() || plan.branch_version != plan.target {
            return None;
        }
        let entry = self.entries().get(place)?;
        let is_settled = entry.steps.is_empty() && !entry.left_out && entry.path.is_ok();
        match entry.original {
            Original::Held(held) if is_settled => {
                let file = self.lift().source().layout.files[held];
                file.is_text().then_some(file.id)
            }
            _ => None,
        }
    }

    /// Identifies the text of a document after its migration; `None` if it was removed, left out or failed.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub(crate) fn content_key(
        &self,
        document: &MigratedDocument,
    ) -> Result<Option<ContentKey>, LoadError> {
        match &document.content {
            Content::None => return Ok(None),
            Content::Text(text) => return Ok(Some(ContentKey::Text(text.clone()))),
            Content::Original => {}
        }
        let entry = self.entry(&document.name);
        if let Some(Original::Held(_)) = entry.map(|entry| &entry.original)
            && let Some(file) = self.file(&document.name)
        {
            return Ok(Some(ContentKey::Blob(file.id)));
        }
        Ok(self.content(document)?.map(ContentKey::Bytes))
    }
}
