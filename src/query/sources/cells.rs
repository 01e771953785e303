//! Documents of refs, migrated and read: each distinct text once.

use std::sync::Arc;

use super::leaf_table::LeafTable;
use super::places::Place;
use super::read::{Cell, Leaves, Sources, TextKey};
use crate::catalog::DocumentName;
use crate::compare::{LiftedDocument, failure, told_of};
use crate::project::{Loaded, MigratedDocument};

impl Sources {
    /// Calls `ask` with a document of a ref, migrated now if it wasn't yet.
    fn with_document<T>(
        &mut self,
        case: usize,
        base: usize,
        name: &DocumentName,
        ask: impl FnOnce(&mut Sources, &Loaded, &MigratedDocument) -> T,
    ) -> Result<T, String> {
        let all = self.loaded(case);
        let loaded = all.get(base).and_then(Option::as_ref);
        let loaded = loaded.ok_or("the ref can't be read any more")?;
        let document = loaded.document(name.as_str());
        let document = document.map_err(|error| error.to_string())?;
        Ok(ask(self, loaded, document))
    }

    /// The outcome of a document's migration, in one word.
    pub(in crate::query) fn outcome(
        &mut self,
        entry: u32,
        base: usize,
        name: &DocumentName,
    ) -> Result<&'static str, String> {
        let case = self.case(entry)?;
        self.with_document(case, base, name, |_, _, document| document.outcome.name())
    }

    /// What a document is in a ref. What can't be read is noted.
    pub(in crate::query) fn cell(
        &mut self,
        entry: u32,
        base: usize,
        document: usize,
        name: &DocumentName,
    ) -> Cell {
        let cell = match self.case(entry) {
            Err(error) => Cell::Failed(error.into()),
            Ok(case) => {
                let cell = self.cell_of(case, base, document, name);
                self.tell(entry, case, base, name);
                cell
            }
        };
        if let Cell::Failed(message) = &cell {
            let entry = self.entries.get(entry).name.clone();
            self.problems.add(&entry, Some(name.as_str()), message);
        }
        cell
    }

    /// Notes what a reader of a document that was looked at should know.
    fn tell(&mut self, entry: u32, case: usize, base: usize, name: &DocumentName) {
        if self.told.is_empty() {
            return;
        }
        let told = self.told.get(&(case, base, name.clone()));
        for text in told.iter().flat_map(|told| told.iter()) {
            let entry = &self.entries.get(entry).name;
            self.warnings.add(entry, Some(name.as_str()), text);
        }
    }

    fn cell_of(&mut self, case: usize, base: usize, document: usize, name: &DocumentName) -> Cell {
        let known = self.cells.get(&(case, base));
        if let Some(Some(cell)) = known.and_then(|cells| cells.get(document)) {
            return cell.clone();
        }
        let cell = match self.known_cell(case, base, document, name) {
            Some(cell) => cell,
            None => self.new_cell(case, base, name),
        };
        let cells = self.cells.entry((case, base)).or_default();
        if cells.len() <= document {
            cells.resize(document + 1, None);
        }
        cells[document] = Some(cell.clone());
        cell
    }

    /// What a document is that nothing is pending for, and whose text is known as one of which there is nothing to tell: most are
    /// the same in many refs.
    fn known_cell(
        &mut self,
        case: usize,
        base: usize,
        document: usize,
        name: &DocumentName,
    ) -> Option<Cell> {
        let all = self.loaded(case);
        let blob = all.get(base)?.as_ref()?.settled_blob(document)?;
        let known = self.texts.get(&(name.clone(), TextKey::Blob(blob)));
        let (text, doubled) = known?;
        let is_quiet = doubled.as_ref().is_some_and(|told| told.is_empty());
        is_quiet.then_some(Cell::Text {
            text: *text,
            own: true,
        })
    }

    fn new_cell(&mut self, case: usize, base: usize, name: &DocumentName) -> Cell {
        let cell = self.with_document(case, base, name, |sources, loaded, document| {
            sources.look(loaded, document)
        });
        match cell {
            Ok(Ok((cell, told))) => {
                if !told.is_empty() {
                    self.told.insert((case, base, name.clone()), told);
                }
                cell
            }
            Ok(Err(message)) | Err(message) => Cell::Failed(message.into()),
        }
    }

    /// Reads a document, if its text isn't known yet; also tells what a reader of it should know.
    fn look(
        &mut self,
        loaded: &Loaded,
        document: &MigratedDocument,
    ) -> Result<(Cell, Arc<[String]>), String> {
        let failed = |error| failure(loaded, document, &error);
        if document.error().is_some() {
            return LiftedDocument::of(loaded, document)
                .map_err(failed)
                .map(|_| (Cell::Absent, Arc::default()));
        }
        let key = loaded.content_key(document);
        let Some(key) = key.map_err(|error| failed(error.into()))? else {
            return Ok((Cell::Absent, loaded.told_of(document)));
        };
        let own = document.path_before.is_some();
        let key = (document.name.clone(), TextKey::of(key));
        if let Some((text, doubled)) = self.texts.get(&key) {
            let text = *text;
            return Ok((Cell::Text { text, own }, told_of(loaded, document, doubled)));
        }
        let Some(lifted) = LiftedDocument::of(loaded, document).map_err(failed)? else {
            return Ok((Cell::Absent, Arc::default()));
        };
        let text = self.number_text();
        let doubled = lifted.doubled(document);
        let told = told_of(loaded, document, &doubled);
        self.texts.insert(key, (text, doubled));
        let table = LeafTable::of_lifted(lifted);
        self.tables.insert(text, Arc::new(table));
        Ok((Cell::Text { text, own }, told))
    }

    /// A number for a text.
    pub(super) fn number_text(&mut self) -> u32 {
        let number = self.next_text;
        self.next_text = number
            .checked_add(1)
            .expect("there are fewer than 2^32 texts");
        number
    }

    /// The values of a document; `None` if it has none, or they can't be read, which is noted.
    pub(in crate::query) fn leaves(
        &mut self,
        entry: u32,
        base: usize,
        document: usize,
        name: &DocumentName,
    ) -> Option<Leaves> {
        let Cell::Text { text, own } = self.cell(entry, base, document, name) else {
            return None;
        };
        let table = self.table(entry, base, name, text);
        let table = self.noted(entry, name, table)?;
        Some(Leaves {
            table,
            own,
            defaults: None,
        })
    }

    /// What a document refers to and defines; `None` if that can't be told, which is noted.
    pub(in crate::query) fn places(
        &mut self,
        entry: u32,
        base: usize,
        document: usize,
        name: &DocumentName,
    ) -> Option<Arc<[Place]>> {
        let table = self.leaves(entry, base, document, name)?.table;
        let places = table.places(name, self.project.catalog());
        self.noted(entry, name, places)
    }

    /// Notes why something can't be read of a document.
    pub(in crate::query) fn noted<T>(
        &mut self,
        entry: u32,
        name: &DocumentName,
        read: Result<T, String>,
    ) -> Option<T> {
        let noted = read.map_err(|message| {
            let entry = self.entry(entry);
            self.add_problem(&entry.name, Some(name.as_str()), &message);
        });
        noted.ok()
    }

    /// The values of a document's text, read again if they were dropped.
    pub(in crate::query) fn table(
        &mut self,
        entry: u32,
        base: usize,
        name: &DocumentName,
        text: u32,
    ) -> Result<Arc<LeafTable>, String> {
        if let Some(table) = self.tables.get(&text) {
            return Ok(table.clone());
        }
        let case = self.case(entry)?;
        let lifted = self.with_document(case, base, name, |_, loaded, document| {
            LiftedDocument::of(loaded, document).map_err(|error| failure(loaded, document, &error))
        });
        let lifted = lifted??.ok_or("the document isn't there any more")?;
        let table = Arc::new(LeafTable::of_lifted(lifted));
        self.tables.insert(text, table.clone());
        Ok(table)
    }
}
