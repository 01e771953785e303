//! Contracts: which documents of a kind are right at a version, as the catalog declares it.
//!
//! A contract is a JSON Schema, held against the plain JSON view of a document ([`Node::to_json`](crate::ocl::Node::to_json)). What
//! is wrong comes with the node that it is about, and with what was probably meant.
//!
//! Contracts are read only by a library that is built with the feature `contracts`. Without it, [`Contracts::of`] reads none and
//! says how many there are: [`Contracts::unread`].
//!
//! Architecture Invariant: this room is pure. A contract refers to nothing but itself, so nothing is ever fetched, and holding a
//! document to it takes bounded time, whatever either says.

#[cfg(feature = "contracts")]
mod pointer;
#[cfg(feature = "contracts")]
mod schema;
#[cfg(feature = "contracts")]
mod subject;
mod violation;

use crate::catalog::{Catalog, CatalogError};
use crate::ocl::Document;

pub use violation::{Rule, TooMuchWork, Violation};

/// The contracts of a catalog.
#[derive(Debug)]
pub struct Contracts {
    contracts: Vec<Contract>,
    unread: usize,
}

/// Which documents of a kind are right, from a version until that of the kind's next contract.
#[derive(Debug)]
pub struct Contract {
    /// The document kind.
    pub kind: String,
    /// The first version that it holds for.
    pub version: u32,
    #[cfg(feature = "contracts")]
    schema: schema::Schema,
    /// Without the feature there is none.
    #[cfg(not(feature = "contracts"))]
    never: std::convert::Infallible,
}

impl Contracts {
    /// Reads the contracts of a catalog.
    ///
    /// # Errors
    /// What is wrong with each of them, with its place.
    #[cfg(feature = "contracts")]
    pub fn of(catalog: &Catalog) -> Result<Contracts, CatalogError> {
        let mut read = Contracts {
            contracts: Vec::new(),
            unread: 0,
        };
        let mut problems = Vec::new();
        for declared in catalog.contracts() {
            let Some(file) = &declared.file else {
                read.unread += 1;
                continue;
            };
            match schema::Schema::read(file) {
                Ok(schema) => read.contracts.push(Contract {
                    kind: declared.kind.clone(),
                    version: declared.version,
                    schema,
                }),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(read)
        } else {
            Err(CatalogError { problems })
        }
    }

    /// Reads none: this library is built without the feature `contracts`.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "contracts"))]
    pub fn of(catalog: &Catalog) -> Result<Contracts, CatalogError> {
        Ok(Contracts {
            contracts: Vec::new(),
            unread: catalog.contracts().len(),
        })
    }

    /// The contract that holds for documents of a kind in the shape of a version.
    pub fn at(&self, kind: &str, version: u32) -> Option<&Contract> {
        let mut newest_first = self.contracts.iter().rev();
        newest_first.find(|contract| contract.kind == kind && contract.version <= version)
    }

    /// How many contracts the catalog declares that can't be read here: documents aren't held to them.
    pub fn unread(&self) -> usize {
        self.unread
    }
}

impl Contract {
    /// Everything that is wrong with a document, in document order.
    ///
    /// # Errors
    /// [`TooMuchWork`].
    pub fn check(&self, document: &Document) -> Result<Vec<Violation>, TooMuchWork> {
        #[cfg(feature = "contracts")]
        return self.schema.check(document);
        #[cfg(not(feature = "contracts"))]
        {
            let _ = document;
            match self.never {}
        }
    }
}
