//! Which side a person has said is right.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::error::MergeBranchError;
use super::model::MergeOptions;
use crate::catalog::DocumentName;
use crate::catalog::selector::Selector;
use crate::merge::{ALL, Said, Side};
use crate::values::{Address, Selected, Values};

/// What a person has said of conflicts.
pub(super) struct Settlements<'o> {
    all: Said<Settlement<'o>>,
    /// The project that was chosen: a document's name alone is of it.
    chosen: Option<&'o str>,
    /// Two addresses that fit one conflict equally well, one for each side.
    clash: RefCell<Option<(String, String)>>,
}

struct Settlement<'o> {
    address: &'o Address,
    /// The projects with a document of this name in which it settled something.
    used_in: RefCell<BTreeSet<String>>,
}

impl Settlement<'_> {
    fn is_of_all(&self) -> bool {
        self.address.document == ALL && self.address.selector.is_empty()
    }

    /// How much it says: the document and the names of the selector.
    fn names(&self) -> usize {
        if self.is_of_all() {
            0
        } else {
            1 + self.address.selector.segments().len()
        }
    }
}

impl<'o> Settlements<'o> {
    /// Refuses an address that both sides are to be right at.
    pub(super) fn new(
        options: &'o MergeOptions,
        chosen: Option<&'o str>,
    ) -> Result<Settlements<'o>, MergeBranchError> {
        let twice = |address: &&Address| options.theirs.contains(address);
        if let Some(address) = options.ours.iter().find(twice) {
            return Err(MergeBranchError::TwoSides {
                ours: address.to_string(),
                theirs: address.to_string(),
            });
        }
        let mut all = Said::new();
        for (addresses, side) in [(&options.ours, Side::Ours), (&options.theirs, Side::Theirs)] {
            for address in addresses {
                let used_in = RefCell::default();
                let settlement = Settlement { address, used_in };
                let names = settlement.names();
                all.push(settlement, names, side);
            }
        }
        Ok(Settlements {
            all,
            chosen,
            clash: RefCell::default(),
        })
    }

    /// The side that is right about a document of a project as a whole: see [`Settlements::of`].
    pub(super) fn of_whole(&self, base_path: &str, document: &DocumentName) -> Option<Side> {
        self.of(base_path, document, Selector::is_empty)
    }

    /// The side that is right in a conflict of a document of a project, which `covers` says of the selectors that it lies within: the
    /// document is named as it is, or below the base path.
    pub(super) fn of(
        &self,
        base_path: &str,
        document: &DocumentName,
        covers: impl Fn(&Selector) -> bool,
    ) -> Option<Side> {
        let is_below = |named: &str| {
            let rest = named.strip_prefix(base_path);
            let rest = rest.and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| *document == *rest)
        };
        let fits = |settlement: &Settlement<'_>| {
            if settlement.is_of_all() {
                return true;
            }
            let Address {
                document: named,
                selector: at,
            } = settlement.address;
            let is_named = *document == **named;
            let is_named = is_named && self.chosen.is_none_or(|chosen| chosen == base_path);
            if !is_named && !is_below(named) || !covers(at) {
                return false;
            }
            if is_named {
                let mut used_in = settlement.used_in.borrow_mut();
                used_in.insert(base_path.to_owned());
            }
            true
        };
        self.longest(fits)
    }

    /// The side that is right in a conflict of another file.
    pub(super) fn of_file(&self, path: &str) -> Option<Side> {
        self.longest(|settlement| {
            let Address { document, selector } = settlement.address;
            selector.is_empty() && document == path || settlement.is_of_all()
        })
    }

    fn longest(&self, fits: impl Fn(&Settlement<'_>) -> bool) -> Option<Side> {
        let right = self.all.right(|_, settlement| fits(settlement))?;
        // Written in two ways, with the base path and without; or two selectors, of which neither says more.
        if let Some(mut clash) = right.clash {
            clash.sort_by_key(|(_, side)| *side != Side::Ours);
            let clash = clash.map(|(it, _)| it.address.to_string());
            *self.clash.borrow_mut() = Some(clash.into());
        }
        Some(right.side)
    }

    /// Refuses what settles nothing: it may be mistyped, and `conflicts` are those that are open; what settles something in several projects; and one thing for both sides.
    pub(super) fn refuse_unused(
        &self,
        conflicts: impl FnOnce() -> Vec<String>,
    ) -> Result<(), MergeBranchError> {
        if let Some((ours, theirs)) = self.clash.borrow().clone() {
            return Err(MergeBranchError::TwoSides { ours, theirs });
        }
        for (settlement, _) in self.all.places() {
            let used_in = settlement.used_in.borrow();
            if used_in.len() > 1 {
                return Err(MergeBranchError::InSeveralProjects {
                    address: settlement.address.to_string(),
                    base_paths: used_in.iter().cloned().collect(),
                });
            }
        }
        match self.all.unused() {
            None => Ok(()),
            Some(settlement) => Err(MergeBranchError::NoConflictAt {
                address: settlement.address.to_string(),
                conflicts: conflicts(),
            }),
        }
    }
}

/// What selectors select in the three documents of a merge. Each is looked up once, however many conflicts there are.
pub(super) struct Selections<'d> {
    documents: [Values<'d>; 3],
    known: RefCell<Vec<(Selector, Selected)>>,
}

impl<'d> Selections<'d> {
    pub(super) fn of(documents: [Values<'d>; 3]) -> Selections<'d> {
        Selections {
            documents,
            known: RefCell::default(),
        }
    }

    /// Whether an address lies within what a selector selects.
    pub(super) fn covers(&self, selector: &Selector, address: &Selector) -> bool {
        let mut known = self.known.borrow_mut();
        if let Some((_, selected)) = known.iter().find(|(it, _)| it == selector) {
            return selected.covers(address);
        }
        let selected = Selected::in_documents(selector, self.documents);
        let covers = selected.covers(address);
        known.push((selector.clone(), selected));
        covers
    }
}
