//! `store`: look into the state file, and put documents and lookups into it.

mod adoption;
mod arguments;
mod report;
mod servers;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Catalog, DocumentName};
use crate::git::RefScope;
use crate::ocl::{DoubledJsonName, doubled_json_name};
use crate::plan::never_read;
use crate::project::{LoadError, Project, RefState, leave_steps};
use crate::store::{ProjectKey, Row, Scope};
use crate::text;
use serde_json::Value;

pub(super) use arguments::Arguments;
use arguments::{Command, Lookup};
use report::{ActionReport, ListReport, StatusReport, ValueReport};

use super::doubled::refuse_doubled_names;
use super::effect;
use super::failure::{Exit, Failure, quoted};
use super::files;
use super::global::{Format, Global};
use super::output::Output;
use super::store_place::NamedStore;

/// Some editors begin a file with it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let catalog = global.catalog()?;
    if let Command::Copy { from, to } = &arguments.command {
        return servers::copy(global, from, to, output);
    }
    let store = global.named_store()?;
    let key = global.store_key(&catalog)?;
    let context = Context {
        global,
        catalog,
        store,
        key,
    };
    context.run(&arguments.command, output)
}

fn missing(message: String) -> Failure {
    Failure::Missing {
        message,
        list: "store list",
    }
}

/// What was probably meant, to end a message with; empty where nothing is near.
fn did_you_mean<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> String {
    let meant = text::nearest(word, names);
    meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"))
}

/// The JSON of the standard input, as text and as a value.
fn read_value() -> Result<(String, Value), Failure> {
    let wrong = |position, message: String| Failure::Answers {
        path: "-".to_owned(),
        position,
        message: format!("{message}; write JSON: text stands in quotes"),
    };
    let bytes = files::read("-".as_ref())?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let message = format!("it isn't UTF-8 at line {line} column {column}");
        wrong(Some((line, column)), message)
    })?;
    let value = serde_json::from_str(&text).map_err(|error| {
        let position = Some((error.line(), error.column())).filter(|(line, _)| *line > 0);
        wrong(position, error.to_string())
    })?;
    match doubled_json_name(&text) {
        Some(doubled) => Err(wrong(position_of(&doubled), doubled.to_string())),
        None => Ok((text, value)),
    }
}

/// An argument's value: JSON, or else text.
fn value_of(text: &str) -> Result<Value, Failure> {
    let Ok(value) = serde_json::from_str(text) else {
        return Ok(Value::String(text.to_owned()));
    };
    match doubled_json_name(text) {
        Some(doubled) => Err(Failure::Usage(format!(
            "the value's JSON isn't clear: {doubled}"
        ))),
        None => Ok(value),
    }
}

/// Where a name stands for the second time.
fn position_of(doubled: &DoubledJsonName) -> Option<(usize, usize)> {
    Some((doubled.second.line, doubled.second.column))
}

/// The kind and the slug of a document's name.
fn halves(document: &str) -> (&str, &str) {
    document.split_once('/').unwrap_or((document, ""))
}

impl Command {
    /// Whether it opens the store for writing.
    fn writes(&self) -> bool {
        match self {
            Command::Init
            | Command::Put { .. }
            | Command::Remove { .. }
            | Command::Move { .. }
            | Command::Restore { .. } => true,
            Command::Lookup(lookup) => !matches!(lookup, Lookup::Get { .. }),
            Command::Status
            | Command::List
            | Command::Get { .. }
            | Command::Backup { .. }
            | Command::Migrate { .. }
            | Command::Validate
            | Command::Copy { .. }
            | Command::Tenants => false,
        }
    }

    fn is_about_a_project(&self) -> bool {
        !matches!(
            self,
            Command::Status
                | Command::Backup { .. }
                | Command::Restore { .. }
                | Command::Migrate { .. }
                | Command::Validate
                | Command::Copy { .. }
                | Command::Tenants
        )
    }
}

/// The base paths at which refs have projects.
fn base_paths_of(project: &Project) -> Result<BTreeSet<String>, LoadError> {
    let mut base_paths = BTreeSet::new();
    project.status().every_ref(RefScope::All, |status| {
        if !matches!(status.state, RefState::Uninitialised)
            && !base_paths.contains(status.base_path)
        {
            base_paths.insert(status.base_path.to_owned());
        }
        Ok::<(), LoadError>(())
    })?;
    Ok(base_paths)
}

struct Context<'a> {
    global: &'a Global,
    catalog: Arc<Catalog>,
    store: NamedStore,
    key: ProjectKey,
}

impl Context<'_> {
    /// Refuses the catalog's base path, where nobody named a project: if all that refs have lie elsewhere, and the store doesn't
    /// know it either, it isn't the one that is meant.
    fn expect_project(&self) -> Result<(), Failure> {
        let Global {
            project, base_path, ..
        } = self.global;
        if project.is_some() || base_path.is_some() || self.global.store.is_some() {
            return Ok(());
        }
        let known = self.store.inspect().projects().unwrap_or_default();
        if known.iter().any(|known| known.project == self.key) {
            return Ok(());
        }
        let base_path = self.catalog.base_path();
        // What can't be read is no reason to refuse.
        let found = self.global.open().ok();
        let found = found.and_then(|project| base_paths_of(&project).ok());
        let base_paths = found.unwrap_or_default();
        if base_paths.is_empty() || base_paths.contains(base_path) {
            return Ok(());
        }
        Err(Failure::Load(LoadError::NoProjectAt {
            base_path: base_path.to_owned(),
            base_paths: base_paths.into_iter().collect(),
        }))
    }

    fn run(&self, command: &Command, output: &mut Output) -> Result<Exit, Failure> {
        let (store, key) = (self.store.inspect(), &self.key);
        if command.is_about_a_project() {
            self.expect_project()?;
        }
        match command {
            Command::Init => {
                let path = store.location().to_string();
                let new = store.init(key)?;
                let text = if new {
                    format!("{path} knows the project {key} now")
                } else {
                    format!("{path} knew the project {key} already")
                };
                self.done("init", new, vec![path], &text, output)?;
                adoption::suggest(self.global, key, store, output);
            }
            Command::Status => self.status(output)?,
            Command::List => self.list(output)?,
            Command::Put {
                document,
                file,
                shape,
            } => self.put(document, file, *shape, output)?,
            Command::Get { document, snapshot } => self.get(document, *snapshot, output)?,
            Command::Remove { document } => {
                let (kind, slug) = halves(document);
                if !store.remove_document(key, kind, slug)? {
                    let rows = store.read(key)?.all_documents()?;
                    let rows = rows.iter();
                    let names: Vec<DocumentName> = rows
                        .map(|row| DocumentName::new(&row.kind, &row.slug))
                        .collect();
                    let meant = did_you_mean(document, names.iter().map(DocumentName::as_str));
                    return Err(missing(format!(
                        "the table has no document `{document}`{meant}"
                    )));
                }
                let text = format!("the table has no document {document} any more");
                self.done("remove", true, vec![document.clone()], &text, output)?;
            }
            Command::Lookup(command) => self.lookup(command, output)?,
            Command::Backup { file, force } => {
                servers::backup(&self.store, file, *force)?;
                let file = file.display().to_string();
                let text = format!("{file} holds a copy of the store");
                self.done("backup", true, vec![file], &text, output)?;
            }
            Command::Restore { file, force } => {
                // Not there: the file named, that is, not this store.
                std::fs::metadata(file).map_err(|error| Failure::File {
                    path: file.display().to_string(),
                    error,
                })?;
                let replaced = servers::restore(&self.store, file, *force)?;
                let mut subjects = vec![file.display().to_string()];
                let mut text = format!("the store is as it was in {}", subjects[0]);
                if let Some(replaced) = replaced {
                    let replaced = replaced.display().to_string();
                    text.push_str(&format!("; what was in its place is kept as {replaced}"));
                    subjects.push(replaced);
                }
                self.done("restore", true, subjects, &text, output)?;
            }
            Command::Migrate { to, dry_run } => {
                servers::migrate(self.global, store, *to, *dry_run, output)?;
            }
            Command::Validate => return servers::validate(self.global, store, output),
            Command::Copy { .. } => {}
            Command::Tenants => servers::tenants(self.global, store, output)?,
            Command::Move {
                to_tenant,
                to_project,
            } => {
                let to = ProjectKey {
                    tenant: to_tenant.as_ref().unwrap_or(&key.tenant).clone(),
                    name: to_project.as_ref().unwrap_or(&key.name).clone(),
                };
                store.rename(key, &to)?;
                let text = format!("the project {key} is {to} from now on");
                self.done("move", true, vec![to.to_string()], &text, output)?;
            }
        }
        if command.writes() {
            leave_steps(&self.catalog, store)?;
        }
        Ok(Exit::Done)
    }

    /// Says what was done.
    fn done(
        &self,
        action: &str,
        changed: bool,
        subjects: Vec<String>,
        text: &str,
        output: &mut Output,
    ) -> Result<(), Failure> {
        match self.global.format {
            Format::Json => {
                let project = self.key.to_string();
                output.json(&ActionReport::new(action, project, changed, &subjects))?;
            }
            Format::Text => output.line(text)?,
        }
        Ok(())
    }

    fn status(&self, output: &mut Output) -> Result<(), Failure> {
        let mut status = self.store.inspect().status()?;
        if let Some(tenant) = &self.global.tenant {
            let projects = &mut status.projects;
            projects.retain(|status| status.project.tenant == *tenant);
        }
        let tables = self.store.inspect().server()?;
        if self.global.format == Format::Json {
            return Ok(output.json(&StatusReport::new(&status, tables.as_ref()))?);
        }
        let location = self.store.inspect().location();
        servers::print_tables(&location, status.schema, tables.as_ref(), output)?;
        for project in &status.projects {
            output.heading(format_args!(
                "{}: version {}",
                project.project, project.version
            ))?;
            for (kind, count) in &project.documents {
                output.line(format_args!(
                    "  {kind}: {} in the table",
                    text::count(*count as usize, "document")
                ))?;
            }
            for import in &project.imports {
                let count = text::count(import.documents as usize, "document");
                output.line(format_args!(
                    "  {}: {count} in the snapshot of version {}",
                    import.kind, import.import_version
                ))?;
            }
            for recorded in &project.effects {
                output.line(format_args!("  {}", effect::recorded(recorded)))?;
            }
            for (_, intent) in &project.intents {
                let commit = text::short_id(&intent.new);
                output.line(format_args!(
                    "  a commit to {} ({commit}) to be settled by the next writer",
                    intent.ref_name
                ))?;
            }
        }
        Ok(())
    }

    fn list(&self, output: &mut Output) -> Result<(), Failure> {
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

    fn put(
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
        let row = Row::new(kind, slug, parsed.text(), shape);
        self.store.inspect().put_documents(&self.key, &[row])?;
        if stated.is_none() {
            output.warning(format_args!(
                "shape {shape}, the newest, is assumed, as there is no --shape: a server below version {shape} can't import \
                 {document}"
            ));
        }
        let text = format!("the table holds {document} in shape {shape}");
        self.done("put", true, vec![document.to_owned()], &text, output)
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

    fn unknown_project(&self) -> Failure {
        Failure::Store(crate::store::Error::UnknownProject {
            project: self.key.clone(),
        })
    }

    fn get(
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
                Err(missing(format!(
                    "the {place} has no document `{document}`{meant}"
                )))
            }
        }
    }

    fn lookup(&self, command: &Lookup, output: &mut Output) -> Result<(), Failure> {
        let scope = Scope::Project(self.key.clone());
        match command {
            Lookup::Put { table, key, value } => {
                if table.is_empty() || key.is_empty() {
                    let which = if table.is_empty() { "table" } else { "key" };
                    return Err(Failure::Usage(format!("the {which} is empty")));
                }
                let (text, value) = match value.as_str() {
                    "-" => read_value()?,
                    text => (text.to_owned(), value_of(text)?),
                };
                let type_name = match &value {
                    Value::Null => {
                        return Err(Failure::Usage(format!(
                            "null is not an answer: to store it as text, quote it: '\"null\"'; to take the answer out: store \
                             lookup remove {} {}",
                            quoted(table),
                            quoted(key)
                        )));
                    }
                    Value::Bool(_) => Some("boolean"),
                    Value::Number(_) => Some("number"),
                    Value::String(_) | Value::Array(_) | Value::Object(_) => None,
                };
                self.store
                    .inspect()
                    .put_lookup(&scope, table, key, &value)?;
                self.tell_unasked([&**table], output);
                if let Some(type_name) = type_name {
                    output.note(format_args!(
                        "stored as a {type_name}; to store it as text, quote it: '\"{}\"'",
                        text.trim()
                    ));
                }
                let text = format!("{table} {key:?} is {value} now");
                self.done("lookup put", true, vec![key.clone()], &text, output)?;
            }
            Lookup::Get { table, key } => {
                match self.store.inspect().read(&self.key)?.lookup(table, key)? {
                    Some(value) if self.global.format == Format::Json => {
                        output.json(&ValueReport::new(key, None, &value))?;
                    }
                    Some(value) => output.json(&value)?,
                    None => {
                        return Err(self.no_answer(&scope, table, key)?);
                    }
                }
            }
            Lookup::Load { file } => self.load_lookups(&scope, file, output)?,
            Lookup::Remove { table, key } => {
                if !self.store.inspect().remove_lookup(&scope, table, key)? {
                    return Err(self.no_answer(&scope, table, key)?);
                }
                let text = format!("{table} has no key {key:?} any more");
                self.done("lookup remove", true, vec![key.clone()], &text, output)?;
            }
        }
        Ok(())
    }

    /// A warning for each table that no step asks: its name may be mistyped. It is no error: a newer server may ask it.
    fn tell_unasked<'t>(&self, tables: impl IntoIterator<Item = &'t str>, output: &mut Output) {
        // A catalog that asks none has no name that was meant.
        let asked = self.catalog.lookup_tables();
        let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
            return;
        };
        for table in tables {
            if !asked.contains(table) {
                let meant = did_you_mean(table, asked.iter().copied());
                output.warning(format_args!(
                    "no step of this catalog asks a table {table:?}{meant}"
                ));
            }
        }
    }

    /// Says that a table has no such key, and which was probably meant.
    fn no_answer(&self, scope: &Scope, table: &str, key: &str) -> Result<Failure, Failure> {
        let lookups = self.store.inspect().lookups(scope)?;
        let tables: BTreeSet<&str> = lookups.iter().map(|entry| &*entry.table).collect();
        if !tables.contains(table) {
            let meant = did_you_mean(table, tables.into_iter());
            return Ok(missing(format!("there is no table {table:?}{meant}")));
        }
        let keys = lookups.iter().filter(|entry| entry.table == table);
        let meant = did_you_mean(key, keys.map(|entry| &*entry.key));
        Ok(missing(format!(
            "the table {table:?} has no key {key:?}{meant}"
        )))
    }

    fn load_lookups(
        &self,
        scope: &Scope,
        file: &std::path::Path,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let bytes = files::read(file)?;
        let wrong_at = |position, what: String| Failure::Answers {
            path: file.display().to_string(),
            position,
            message: format!("{what}; write {{\"table\": {{\"key\": value}}}}"),
        };
        let wrong = |what| wrong_at(None, what);
        let not_read = |error: serde_json::Error| {
            let position = Some((error.line(), error.column())).filter(|(line, _)| *line > 0);
            wrong_at(position, error.to_string())
        };
        let tables: serde_json::Map<String, Value> =
            serde_json::from_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes))
                .map_err(not_read)?;
        let mut answers = Vec::new();
        for (table, entries) in &tables {
            let Some(entries) = entries.as_object() else {
                return Err(wrong(format!("the table {table:?} is no object")));
            };
            for (key, value) in entries {
                if table.is_empty() || key.is_empty() {
                    let what =
                        format!("the table {table:?} has the key {key:?}: neither may be empty");
                    return Err(wrong(what));
                }
                if value.is_null() {
                    let what = format!("the table {table:?} has null under {key:?}, not an answer");
                    return Err(wrong(what));
                }
                answers.push((table, key, value));
            }
        }
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        if let Some(doubled) = doubled_json_name(text) {
            return Err(wrong_at(position_of(&doubled), doubled.to_string()));
        }
        let count = answers.len();
        for (table, key, value) in answers {
            self.store.inspect().put_lookup(scope, table, key, value)?;
        }
        self.tell_unasked(tables.keys().map(String::as_str), output);
        let (answers, into) = (
            text::count(count, "answer"),
            text::count(tables.len(), "table"),
        );
        let text = format!("{answers} put into {into}");
        let tables = tables.keys().cloned().collect();
        self.done("lookup load", count > 0, tables, &text, output)
    }

    /// The kind and the slug of a name that a document can have under this catalog.
    fn split(&self, document: &str) -> Result<(String, String), Failure> {
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
