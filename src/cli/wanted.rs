//! What `resolve` is to settle, and how.

use std::cell::RefCell;

use super::failure::Failure;
use crate::catalog::selector::Selector;
use crate::catalog::{Catalog, DocumentName, Identity};
use crate::merge::{ALL, MarkedText, Said, Side};
use crate::ocl::Document;
use crate::values::{Selected, Values};

/// What is to be settled, and how.
pub(super) struct Wanted {
    all: Said<Asked>,
    /// An address that is asked for from two sides by selectors that count as much.
    clash: RefCell<Option<[String; 3]>>,
}

/// What is to be settled at an address.
struct Asked {
    /// As it prints.
    address: String,
    selector: Selector,
}

impl Wanted {
    pub(super) fn new(asked: [(&Vec<String>, Side); 3]) -> Result<Wanted, Failure> {
        let mut all = Said::new();
        for (addresses, side) in asked {
            for text in addresses {
                // However it is spelt.
                let selector: Selector = match text.parse() {
                    Ok(selector) => selector,
                    Err(error) => return Err(Failure::Usage(format!("{text}: {error}"))),
                };
                let address = selector.to_string();
                let is_other = |(it, of): (&Asked, Side)| it.address == address && of != side;
                if all.places().any(is_other) {
                    let message = format!("{text}: it is asked for from two sides");
                    return Err(Failure::Usage(message));
                }
                // All of it counts least.
                let names = match &*address {
                    ALL => 0,
                    _ => 1 + selector.segments().len(),
                };
                all.push(Asked { address, selector }, names, side);
            }
        }
        Ok(Wanted {
            all,
            clash: RefCell::default(),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.places().next().is_none()
    }

    /// The side that is asked for everything.
    pub(super) fn side_of_all(&self) -> Option<Side> {
        self.side(ALL, &[])
    }

    /// What each selects in a text with markers, in the order of all: in what both sides come from, ours and theirs.
    pub(super) fn select(
        &self,
        marked: &MarkedText,
        document: Option<(DocumentName, u32)>,
        catalog: &Catalog,
    ) -> Vec<Selected> {
        let sides = [Side::Base, Side::Ours, Side::Theirs];
        let dialect = document
            .as_ref()
            .map(|(_, version)| catalog.dialect_at(*version));
        let texts = sides.iter().map(|side| marked.settled(*side));
        let texts = texts.filter_map(|text| Document::parse(text, dialect?).ok());
        let texts: Vec<Document> = texts.collect();
        let none = Identity::none();
        let identity = document
            .as_ref()
            .map_or(&none, |(name, _)| catalog.identity(name.kind()));
        let in_texts = |it: &Asked| {
            let values = texts.iter().map(|text| Values::of(text, identity));
            Selected::in_documents(&it.selector, values)
        };
        self.all.places().map(|(it, _)| in_texts(it)).collect()
    }

    /// The side that is asked for at an address: by the longest selector that it lies within.
    pub(super) fn side(&self, address: &str, selected: &[Selected]) -> Option<Side> {
        let parsed: Option<Selector> = address.parse().ok();
        let is_covered = |at: usize| {
            let selected = selected.get(at).zip(parsed.as_ref());
            selected.is_some_and(|(selected, address)| selected.covers(address))
        };
        let fits = |at, it: &Asked| it.address == address || it.address == ALL || is_covered(at);
        let right = self.all.right(fits)?;
        if let Some(clash) = right.clash {
            let [one, other] = clash.map(|(it, _)| it.address.clone());
            *self.clash.borrow_mut() = Some([address.to_owned(), one, other]);
        }
        Some(right.side)
    }

    /// Refuses what settles nothing, as it may be mistyped, and one thing for two sides.
    pub(super) fn refuse_unused(&self) -> Result<(), Failure> {
        if let Some([address, one, other]) = &*self.clash.borrow() {
            let message = format!(
                "{address}: it is asked for from two sides, by addresses of as many names: {one} and {other}"
            );
            return Err(Failure::Usage(message));
        }
        match self.all.unused() {
            None => Ok(()),
            Some(asked) => Err(Failure::NothingOpen {
                address: asked.address.clone(),
            }),
        }
    }
}
