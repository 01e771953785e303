//! The documents in the store's table and its snapshots.

use crate::catalog::DocumentName;
use crate::git::check_portable_name;
use crate::plan::never_read;
use crate::store::{Row, Scope};
use crate::text;

use super::report::{ListReport, ValueReport};
use super::{Context, did_you_mean, halves, missing};
use crate::cli::doubled::refuse_doubled_names;
use crate::cli::failure::{Failure, quoted, short_name};
use crate::cli::files;
use crate::cli::global::Format;
use crate::cli::output::Output;

impl Context<'_> {
    pub(super) fn list(&self, output: &mut Output) -> Result<(), Failure> {
        let mut read = self.store.inspect().read(&self.key)?;
        if read.version()?.is_none() {
            return Err(self.unknown_project());
        }
        let table = read.all_documents()?;
        let mut snapshots = Vec::new();
        for import in read.recorded_imports()? {
            let rows = read
                .snapshots(&import.kind, import.import_version)?
                .unwrap_or_default();
            snapshots.push((import, rows));
        }
        drop(read);
        let lookups = self
            .store
            .inspect()
            .lookups(&Scope::Project(self.key.clone()))?;
        if self.global.format == Format::Json {
            return Ok(output.json(&ListReport::new(&table, &snapshots, &lookups))?);
        }
        for row in &table {
            let name = DocumentName::new(&row.kind, &row.slug);
            output.line(format_args!("table           {name}  shape {}", row.shape))?;
        }
        for (import, rows) in &snapshots {
            let version = import.import_version;
            for row in rows {
                let name = DocumentName::new(&row.kind, &row.slug);
                output.line(format_args!(
                    "snapshot of {version:>3} {name}  shape {}",
                    row.shape
                ))?;
            }
            if rows.is_empty() {
                output.line(format_args!(
                    "snapshot of {version:>3} {}: there was nothing",
                    import.kind
                ))?;
            }
        }
        if table.is_empty() && snapshots.is_empty() && lookups.is_empty() {
            output.line(format_args!(
                "the store knows the project {}, and holds nothing of it: no documents, no snapshots, no lookups",
                self.key
            ))?;
        }
        for entry in &lookups {
            output.line(format_args!(
                "lookup          {} {:?} = {}",
                entry.table, entry.key, entry.value
            ))?;
        }
        Ok(())
    }

    pub(super) fn put(
        &self,
        document: &str,
        file: &std::path::Path,
        shape: Option<u32>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let (kind, slug) = self.split(document)?;
        let stated = shape;
        let shape = stated.unwrap_or_else(|| self.catalog.server_version());
        let bytes = files::read(file)?;
        let name = file.display().to_string();
        // What is no OCL would fail every import that reads it.
        let parsed = crate::ocl::Document::from_bytes(bytes, self.catalog.dialect_at(shape))
            .map_err(|error| Failure::Ocl {
                path: name,
                error: Box::new(error),
            })?;
        let name = DocumentName::new(&kind, &slug);
        refuse_doubled_names(&self.catalog, &name, &parsed, &file.display().to_string())?;
        self.refuse_never_read(document, &kind, shape)?;
        self.refuse_path(document, &kind, &slug)?;
        let row = Row::new(kind, slug, parsed.text(), shape);
        let kind = row.kind.clone();
        self.store.inspect().put_documents(&self.key, &[row])?;
        self.tell_unsettled(document, &kind, output)?;
        if stated.is_none() {
            output.warning(format_args!(
                "shape {shape}, the newest, is assumed, as there is no --shape: a server below version {shape} can't import \
                 {document}"
            ));
        }
        let text = format!("the table holds {document} in shape {shape}");
        self.done("put", true, vec![document.to_owned()], &text, output)
    }

    /// Tells of commits whose writers died: where one took the kind's rows, this one comes too late.
    fn tell_unsettled(
        &self,
        document: &str,
        kind: &str,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let intents = self.store.inspect().read(&self.key)?.intents()?;
        let taking = intents
            .iter()
            .map(|(_, intent)| intent)
            .filter(|intent| intent.imports.iter().any(|import| import.kind == kind));
        for intent in taking {
            let branch = short_name(&intent.ref_name);
            output.warning(format_args!(
                "a commit to {} ({}) is to be settled, and takes the rows of {kind}: if it was made, nothing will read {document}",
                text::visible_line(branch),
                text::short_id(&intent.new)
            ));
            output.hint(format_args!(
                "settle it, and see: {} adopt {} && {0} doctor",
                self.global.program_there(),
                quoted(branch)
            ));
        }
        Ok(())
    }

    /// Refuses a row that no import would read.
    fn refuse_never_read(&self, document: &str, kind: &str, shape: u32) -> Result<(), Failure> {
        let mut read = self.store.inspect().read(&self.key)?;
        let Some(version) = read.version()? else {
            return Err(self.unknown_project());
        };
        let recorded = read.recorded_imports()?.into_iter();
        let recorded = recorded.filter(|import| import.kind == kind);
        let recorded: Vec<u32> = recorded.map(|import| import.import_version).collect();
        match never_read(&self.catalog, kind, shape, version, &recorded) {
            None => Ok(()),
            Some(why) => Err(Failure::NeverRead {
                document: document.to_owned(),
                why,
            }),
        }
    }

    /// Refuses a row that could never be checked out where it belongs, alone or beside the other rows.
    fn refuse_path(&self, document: &str, kind: &str, slug: &str) -> Result<(), Failure> {
        let Some(found) = self.catalog.kind(kind) else {
            return Ok(());
        };
        let path_of = |slug: &str| found.path.path_of(slug);
        let path = path_of(slug).map_err(Failure::Usage)?;
        let names = path.split('/').map(check_portable_name);
        names.collect::<Result<(), String>>().map_err(|reason| {
            Failure::Usage(format!(
                "{document} belongs at {path}, and {reason}: choose another name"
            ))
        })?;
        let folded = path.to_lowercase();
        let lies_in = |path: &str, folder: &str| {
            let below = path.strip_prefix(folder);
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        let mut read = self.store.inspect().read(&self.key)?;
        let rows = read.documents(kind)?;
        let others = rows.iter().filter(|row| row.slug != slug);
        let mut clashes = others.filter(|row| {
            path_of(&row.slug).is_ok_and(|other| {
                let other = other.to_lowercase();
                lies_in(&folded, &other) || lies_in(&other, &folded)
            })
        });
        match clashes.next() {
            None => Ok(()),
            Some(row) => Err(Failure::Usage(format!(
                "{document} belongs at {path}, and the table has {}, which can't lie beside it on every disk: choose another name",
                DocumentName::new(kind, &row.slug)
            ))),
        }
    }

    pub(super) fn get(
        &self,
        document: &str,
        snapshot: Option<u32>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let (kind, slug) = halves(document);
        let mut read = self.store.inspect().read(&self.key)?;
        let rows = match snapshot {
            None => read.documents(kind)?,
            Some(version) => read.snapshots(kind, version)?.unwrap_or_default(),
        };
        let all = match snapshot {
            None => read.all_documents()?,
            Some(_) => rows.clone(),
        };
        let names: Vec<DocumentName> = all
            .iter()
            .map(|row| DocumentName::new(&row.kind, &row.slug))
            .collect();
        match rows.into_iter().find(|row| row.slug == slug) {
            Some(row) if self.global.format == Format::Json => {
                let text = row.content.into();
                Ok(output.json(&ValueReport::new(document, Some(row.shape), &text))?)
            }
            Some(row) => Ok(output.document(row.content.as_bytes())?),
            None => {
                let place = snapshot.map_or("table".to_owned(), |version| {
                    format!("snapshot of version {version}")
                });
                let names = names.iter().map(DocumentName::as_str);
                let meant = did_you_mean(document, names);
                let message = format!("the {place} has no document `{document}`{meant}");
                Err(missing(message, Some(document)))
            }
        }
    }

    /// The kind and the slug of a name that a document can have under this catalog.
    pub(super) fn split(&self, document: &str) -> Result<(String, String), Failure> {
        let (kind, slug) = halves(document);
        let Some(found) = self.catalog.kind(kind) else {
            let known = self.catalog.kinds().iter().map(|kind| &kind.name);
            return Err(Failure::Usage(format!(
                "there is no kind `{kind}`; the kinds are {}",
                text::list(known)
            )));
        };
        found.path.path_of(slug).map_err(Failure::Usage)?;
        Ok((kind.to_owned(), slug.to_owned()))
    }
}
