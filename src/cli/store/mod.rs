//! `store`: look into the state file, and put documents and lookups into it.

mod adoption;
mod arguments;
mod documents;
mod found;
mod lookups;
mod report;
mod servers;

use std::sync::Arc;

use crate::catalog::{Catalog, DocumentName};
use crate::project::{LoadError, leave_steps, record_emptied};
use crate::store::ProjectKey;
use crate::text;

pub(super) use arguments::Arguments;
use arguments::{Command, Lookup};
use found::Found;
use report::{ActionReport, StatusReport};

use super::effect;
use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::output::Output;
use super::store_place::NamedStore;
use super::time;

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

fn missing(message: String, document: Option<&str>) -> Failure {
    Failure::Missing {
        message,
        list: "store list",
        document: document.map(str::to_owned),
    }
}

/// What was probably meant, to end a message with; empty where nothing is near.
fn did_you_mean<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> String {
    let meant = text::nearest(word, names);
    meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"))
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

struct Context<'a> {
    global: &'a Global,
    catalog: Arc<Catalog>,
    store: NamedStore,
    key: ProjectKey,
}

impl Context<'_> {
    /// Refuses the catalog's base path where nobody named a project and it isn't certain that this is the one that is meant: where
    /// the repository has several, or has one elsewhere only that the store doesn't know by this name.
    fn expect_project(&self) -> Result<(), Failure> {
        let Global {
            project, base_path, ..
        } = self.global;
        if project.is_some() || base_path.is_some() || self.global.store.is_some() {
            return Ok(());
        }
        // What can't be read is no reason to refuse.
        let found = self.global.open().ok();
        let Some(found) = found.and_then(|project| Found::of(&project).ok()) else {
            return Ok(());
        };
        let base_path = self.catalog.base_path();
        let is_there = found.base_paths.contains(base_path);
        if found.base_paths.len() > 1 {
            let base_paths = found.base_paths.into_iter().collect();
            return Err(Failure::Load(LoadError::SeveralProjects { base_paths }));
        }
        let known = || {
            let known = self.store.inspect().projects().unwrap_or_default();
            known.iter().any(|known| known.project == self.key)
        };
        if is_there || found.is_empty() || known() {
            return Ok(());
        }
        let elsewhere = found.base_paths.into_iter().chain(found.elsewhere);
        Err(Failure::Load(LoadError::NoProjectAt {
            base_path: base_path.to_owned(),
            base_paths: elsewhere.collect(),
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
                    let message = format!("the table has no document `{document}`{meant}");
                    return Err(missing(message, Some(document)));
                }
                let now = time::now().seconds;
                record_emptied(&self.catalog, store, key, kind, now)?;
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
                let (changed, kept) = servers::restore(&self.store, file, *force)?;
                let kept = kept.map(|path| path.display().to_string());
                let file = file.display().to_string();
                let text = match &kept {
                    Some(kept) => format!(
                        "the store is as it was in {file}; what was in its place is kept as {kept}"
                    ),
                    None if changed => format!("the store is as it was in {file}"),
                    None => format!("the store holds what is in {file} already"),
                };
                let subjects: Vec<_> = [Some(file), kept.clone()].into_iter().flatten().collect();
                match self.global.format {
                    Format::Json => {
                        let project = self.key.to_string();
                        let report = ActionReport::new("restore", project, changed, &subjects);
                        output.json(&report.keeping(kept.as_deref()))?;
                    }
                    Format::Text => output.line(text)?,
                }
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

    fn unknown_project(&self) -> Failure {
        Failure::Store(crate::store::Error::UnknownProject {
            project: self.key.clone(),
        })
    }
}
