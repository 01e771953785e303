//! Contracts: which documents of a kind are right at a version, as the catalog declares it.
//!
//! A contract is a JSON Schema, held against the plain JSON view of a document ([`Node::to_json`](crate::ocl::Node::to_json)), or a
//! message of a protobuf file. What is wrong comes with the node that it is about, and with what was probably meant.
//!
//! Contracts are read only by a library that is built with the feature `contracts`. Without it, [`Contracts::of`] reads none and
//! says how many there are: [`Contracts::unread`]. A [`Draft`] of one is made from documents, with or without it.
//!
//! Architecture Invariant: this room is pure. A contract refers to nothing outside of its catalog, so nothing is ever fetched, and holding a
//! document to it takes bounded time, whatever either says.

#[cfg(feature = "contracts")]
mod compatibility;
mod draft;
#[cfg(feature = "contracts")]
mod fields;
#[cfg(feature = "contracts")]
mod message;
#[cfg(feature = "contracts")]
mod place;
#[cfg(feature = "contracts")]
mod pointer;
#[cfg(feature = "contracts")]
mod schema;
#[cfg(feature = "contracts")]
mod subject;
mod violation;

use crate::catalog::{Catalog, CatalogError};
#[cfg(feature = "contracts")]
use crate::catalog::{Compatibility, ContractLanguage, DeclaredContract, Problem, SourceFile};
use crate::ocl::Document;

#[cfg(feature = "contracts")]
pub(crate) use compatibility::Incompatibility;
pub use draft::{Draft, DraftedMessage, NoMessage};
#[cfg(feature = "contracts")]
pub(crate) use fields::{Difference, Fields, differences};
#[cfg(feature = "contracts")]
use place::Place;
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
    /// What it promises to readers that run no steps.
    #[cfg(feature = "contracts")]
    pub(crate) compatibility: Compatibility,
    #[cfg(feature = "contracts")]
    form: Form,
    /// Without the feature there is none.
    #[cfg(not(feature = "contracts"))]
    never: std::convert::Infallible,
}

/// A contract that can be used.
#[cfg(feature = "contracts")]
#[derive(Debug)]
enum Form {
    Schema(Box<schema::Schema>),
    Message(message::Message),
}

#[cfg(feature = "contracts")]
impl Form {
    fn read(declared: &DeclaredContract, file: &SourceFile) -> Result<Form, Problem> {
        match &declared.language {
            ContractLanguage::JsonSchema => {
                let schema = schema::Schema::read(file)?;
                Ok(Form::Schema(Box::new(schema)))
            }
            ContractLanguage::Protobuf(root) => {
                message::Message::read(declared, file, root).map(Form::Message)
            }
        }
    }
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
            match Form::read(declared, file) {
                Ok(form) => read.contracts.push(Contract {
                    kind: declared.kind.clone(),
                    version: declared.version,
                    compatibility: declared.compatibility,
                    form,
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

    /// Whether none can be read.
    pub fn is_empty(&self) -> bool {
        self.contracts.is_empty()
    }

    /// Every contract, in the order of the kinds, and of one kind in the order of their versions.
    #[cfg(feature = "contracts")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Contract> {
        self.contracts.iter()
    }

    /// Every contract with those of its kind before it, the oldest first.
    #[cfg(feature = "contracts")]
    pub(crate) fn with_earlier(&self) -> impl Iterator<Item = (&Contract, Vec<&Contract>)> {
        self.contracts.iter().map(|contract| {
            let of_kind = self.contracts.iter().filter(|it| it.kind == contract.kind);
            let earlier = of_kind.filter(|it| it.version < contract.version);
            (contract, earlier.collect())
        })
    }

    /// Every two contracts of a kind of which the one follows the other.
    #[cfg(feature = "contracts")]
    pub(crate) fn successive(&self) -> impl Iterator<Item = (&Contract, &Contract)> {
        let pairs = self.contracts.windows(2);
        // They are in the order of the kinds, and of one kind in the order of their versions.
        pairs.filter_map(|pair| (pair[0].kind == pair[1].kind).then_some((&pair[0], &pair[1])))
    }

    /// How many contracts the catalog declares that can't be read here: documents aren't held to them.
    pub fn unread(&self) -> usize {
        self.unread
    }
}

impl Contract {
    /// What a reader of this contract may not understand of what another allows. None of it if they are in two languages: then
    /// nothing can be said.
    #[cfg(feature = "contracts")]
    pub(crate) fn not_understood(&self, written: &Contract) -> Option<Vec<Incompatibility>> {
        match (&written.form, &self.form) {
            (Form::Message(older), Form::Message(newer)) => {
                Some(compatibility::of_messages(older, newer))
            }
            (Form::Schema(_), Form::Schema(_)) => {
                Some(compatibility::of_schemas(&written.fields(), &self.fields()))
            }
            _ => None,
        }
    }

    /// Where it has something: `file:line:column`.
    #[cfg(feature = "contracts")]
    pub(crate) fn place(&self, place: &Place) -> String {
        match (&self.form, place) {
            (Form::Schema(schema), Place::Pointer(pointer)) => schema.place(pointer),
            (Form::Message(message), Place::Path(file, path)) => message.place(file, path),
            _ => String::new(),
        }
    }

    /// What it passes over, though it was probably meant to be checked, each with its place.
    #[cfg(feature = "contracts")]
    pub(crate) fn passed_over(&self) -> Vec<(String, String)> {
        let Form::Schema(schema) = &self.form else {
            return Vec::new();
        };
        let told = schema.misspelt().into_iter().map(|word| {
            let message = format!(
                "JSON Schema has no keyword `{}`, so nothing is held to it: did you mean `{}`?",
                word.word, word.near
            );
            (schema.place(&word.pointer), message)
        });
        told.collect()
    }

    /// What may and must stand where, as far as that can be listed.
    #[cfg(feature = "contracts")]
    pub(crate) fn fields(&self) -> Fields {
        match &self.form {
            Form::Schema(schema) => fields::of_schema(schema),
            Form::Message(message) => fields::of_message(message),
        }
    }

    /// Everything that is wrong with a document, in document order.
    ///
    /// # Errors
    /// [`TooMuchWork`].
    pub fn check(&self, document: &Document) -> Result<Vec<Violation>, TooMuchWork> {
        #[cfg(feature = "contracts")]
        return match &self.form {
            Form::Schema(schema) => schema.check(document),
            Form::Message(message) => Ok(message::check(message, document)),
        };
        #[cfg(not(feature = "contracts"))]
        {
            let _ = document;
            match self.never {}
        }
    }
}
