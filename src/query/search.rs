//! A search through the values of all refs, which looks through each distinct text once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::error::QueryError;
use super::run::Query;
use super::sources::Cell;

/// A value that a search comes by.
pub(crate) struct SearchedValue<'v> {
    /// The document's name.
    pub(crate) document: &'v str,
    pub(crate) address: &'v str,
    /// `None` for null.
    pub(crate) text: Option<&'v str>,
    pub(crate) type_name: &'static str,
}

/// How far a search came in its time.
pub(crate) struct Searched {
    /// So many refs it has looked through,
    pub(crate) refs: usize,
    /// of so many.
    pub(crate) of: usize,
}

impl Query {
    /// Looks through the values of all refs. `keep` says what is kept of a value, and is asked once for each text of a document, however
    /// many refs have it; `found` gets what was kept in each ref, with the ref's name. Ends early when the query's time is over.
    ///
    /// # Errors
    /// Where the refs can't be listed.
    pub(crate) fn search<T: Copy>(
        &self,
        mut keep: impl FnMut(SearchedValue<'_>) -> Option<T>,
        mut found: impl FnMut(&str, T),
    ) -> Result<Searched, QueryError> {
        let shared = self.shared();
        shared.begin();
        let mut sources = shared.sources();
        let entries = sources.listed(None, |_| true);
        sources.prepare(&entries)?;
        let mut kept: HashMap<u32, Box<[T]>> = HashMap::new();
        for (refs, number) in entries.iter().enumerate() {
            let held = sources.held(*number);
            let entry = sources.entry(*number);
            for (base, held) in held.bases.iter().enumerate() {
                // What can't be read is noted.
                let names = held.project.iter().flat_map(|project| &project.names);
                for (place, name) in names.enumerate() {
                    if shared.is_over() {
                        let of = entries.len();
                        return Ok(Searched { refs, of });
                    }
                    let Cell::Text { text, .. } = sources.cell(*number, base, place, name) else {
                        continue;
                    };
                    let values = match kept.entry(text) {
                        Entry::Occupied(kept) => kept.into_mut(),
                        Entry::Vacant(place) => {
                            let table = sources.table(*number, base, name, text);
                            let Some(table) = sources.noted(*number, name, table) else {
                                continue;
                            };
                            let values = (0..table.len()).map(|leaf| SearchedValue {
                                document: name.as_str(),
                                address: table.address(leaf),
                                text: table.value(leaf),
                                type_name: table.type_name(leaf),
                            });
                            place.insert(values.filter_map(&mut keep).collect())
                        }
                    };
                    for it in values.iter() {
                        found(&entry.name, *it);
                    }
                }
            }
        }
        let of = entries.len();
        Ok(Searched { refs: of, of })
    }
}
