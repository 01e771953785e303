//! Catalogs of newer servers, made from the steps that those left in the store.

use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::{Catalog, PortableCatalog};
use crate::project::error::LoadError;
use crate::store::StoredCatalog;

/// How many catalogs are kept ready.
const MOST_KEPT: usize = 4;

/// Catalogs of newer servers, by digest.
#[derive(Default)]
pub(crate) struct NewerSteps {
    kept: Mutex<Vec<(String, Arc<Catalog>)>>,
}

impl NewerSteps {
    /// The catalog of stored steps, made only if it isn't kept.
    ///
    /// # Errors
    /// Where they aren't what they say.
    pub(crate) fn catalog(&self, stored: &StoredCatalog) -> Result<Arc<Catalog>, LoadError> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = &stored.digest;
        if let Some((_, catalog)) = lock().iter().find(|(kept, _)| kept == digest) {
            return Ok(catalog.clone());
        }
        let portable = PortableCatalog {
            digest: digest.clone(),
            version: stored.version,
            content: stored.content.clone(),
        };
        let catalog = Catalog::from_portable(&portable).map_err(|error| LoadError::NewerSteps {
            version: stored.version,
            digest: digest.clone(),
            error,
        })?;
        let catalog = Arc::new(catalog);
        let mut kept = lock();
        if kept.len() >= MOST_KEPT {
            kept.remove(0);
        }
        kept.push((digest.clone(), catalog.clone()));
        Ok(catalog)
    }
}
