//! What concerns a whole store: its tables, its tenants, its copies.

use std::path::{Path, PathBuf};

use crate::project::leave_steps;
use crate::report::FORMAT_VERSION;
use crate::store::{Inspect, Location, Options, ServerTables, copy as copy_store};
use crate::text;

use super::report::{
    CopyReport, MigrationReport, ProjectName, TenantReport, TenantsReport, ValidationReport,
};
use crate::cli::failure::{Exit, Failure};
use crate::cli::global::{Format, Global};
use crate::cli::output::Output;
use crate::cli::store_place::NamedStore;

/// `store copy`: of two stores that it names itself.
pub(super) fn copy(
    global: &Global,
    from: &Path,
    to: &Path,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let catalog = global.catalog()?;
    let open = |name| NamedStore::of(name, Options::default());
    let (from, to) = (open(from)?, open(to)?);
    let (from, to) = (from.inspect(), to.inspect());
    let copied = copy_store(from, to)?;
    leave_steps(&catalog, to)?;
    let (from, to) = (from.location().to_string(), to.location().to_string());
    if global.format == Format::Json {
        output.json(&CopyReport {
            format_version: FORMAT_VERSION,
            from: &from,
            to: &to,
            copied: copied.projects.iter().map(ProjectName::from).collect(),
            already: copied.already.iter().map(ProjectName::from).collect(),
        })?;
        return Ok(Exit::Done);
    }
    for project in &copied.projects {
        output.line(format_args!("{project}: copied"))?;
    }
    for project in &copied.already {
        output.line(format_args!("{project}: was there already"))?;
    }
    let count = copied.projects.len() + copied.already.len();
    let projects = text::count(count, "project");
    output.line(format_args!(
        "{to} holds all of {from}: {projects}, compared"
    ))?;
    Ok(Exit::Done)
}

/// The store's place and the version of its tables, and how a server's came to be.
pub(super) fn print_tables(
    location: &Location,
    schema: u32,
    tables: Option<&ServerTables>,
    output: &mut Output,
) -> Result<(), Failure> {
    let Some(ServerTables { server, history }) = tables else {
        return Ok(output.line(format_args!("{location} (schema {schema})"))?);
    };
    output.line(format_args!("{location} ({server}, schema {schema})"))?;
    for step in history {
        output.line(format_args!(
            "  schema {} was {} by release {}",
            step.version, step.action, step.program
        ))?;
    }
    Ok(())
}

pub(super) fn migrate(
    global: &Global,
    store: &dyn Inspect,
    to: Option<u32>,
    dry_run: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let migration = store.migrate(to, dry_run)?;
    if global.format == Format::Json {
        return Ok(output.json(&MigrationReport {
            format_version: FORMAT_VERSION,
            found: migration.found,
            schema: migration.version,
            dry_run,
            statements: &migration.statements,
        })?);
    }
    if dry_run {
        let statements = migration.statements.iter();
        for line in statements.flat_map(|statement| statement.trim_end().lines()) {
            output.line(line)?;
        }
    }
    let to = migration.version;
    let text = match (migration.found, dry_run) {
        _ if migration.statements.is_empty() => {
            format!("the tables are those of version {to}: nothing to do")
        }
        (None, true) => format!("-- this would make the tables of version {to}"),
        (None, false) => format!("the tables of version {to} were made"),
        (Some(from), true) => format!("-- this would lead from version {from} to {to}"),
        (Some(from), false) => format!("the tables were brought from version {from} to {to}"),
    };
    Ok(output.line(text)?)
}

/// Says what differs; of a file, what is damaged is an error.
pub(super) fn validate(
    global: &Global,
    store: &dyn Inspect,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let differences = store.validate()?;
    if global.format == Format::Json {
        output.json(&ValidationReport {
            format_version: FORMAT_VERSION,
            valid: differences.is_empty(),
            differences: &differences,
        })?;
    } else {
        for difference in &differences {
            output.line(difference)?;
        }
        let location = store.location();
        match differences.len() {
            0 => output.line(format_args!("{location} is as it should be"))?,
            count => {
                let count = text::count(count, "difference");
                output.line(format_args!("{location}: {count}"))?;
            }
        }
    }
    Ok(if differences.is_empty() {
        Exit::Done
    } else {
        Exit::Failure
    })
}

pub(super) fn tenants(
    global: &Global,
    store: &dyn Inspect,
    output: &mut Output,
) -> Result<(), Failure> {
    let (names, projects) = (store.tenants()?, store.projects()?);
    let of_tenant = |tenant| {
        let own = projects.iter().map(|known| &known.project);
        let own = own.filter(move |project| project.tenant == tenant);
        own.map(|project| &*project.name).collect()
    };
    let tenants: Vec<TenantReport> = names
        .iter()
        .map(|tenant| TenantReport {
            tenant,
            projects: of_tenant(&**tenant),
        })
        .collect();
    if global.format == Format::Json {
        return Ok(output.json(&TenantsReport {
            format_version: FORMAT_VERSION,
            tenants,
        })?);
    }
    for TenantReport { tenant, projects } in &tenants {
        let name = match *tenant {
            "" => "(the tenant without a name)",
            name => name,
        };
        let projects = match &projects[..] {
            [] => "no project".to_owned(),
            projects => text::list(projects),
        };
        output.line(format_args!("{name}: {projects}"))?;
    }
    Ok(())
}

/// Of a server's database, the backup is a store in a file, checked like any.
pub(super) fn backup(store: &NamedStore, file: &Path, force: bool) -> Result<(), Failure> {
    match store {
        NamedStore::File(store) => store.backup(file, force)?,
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        NamedStore::Server(store) => {
            let folder = tempfile::tempdir().map_err(|error| Failure::File {
                path: std::env::temp_dir().display().to_string(),
                error,
            })?;
            let copy = crate::store::SqliteStore::new(folder.path().join("backup.db"));
            copy_store(store, &copy)?;
            copy.backup(file, force)?;
        }
    }
    Ok(())
}

/// Returns whether anything changed, and where what was in the store's place is kept.
pub(super) fn restore(
    store: &NamedStore,
    file: &Path,
    force: bool,
) -> Result<(bool, Option<PathBuf>), Failure> {
    match store {
        NamedStore::File(store) => {
            let restored = if force {
                store.restore_over(file)?
            } else {
                store.restore(file)?
            };
            Ok((restored.changed, restored.kept))
        }
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        NamedStore::Server(_) if force => Err(Failure::Usage(
            "nothing in a server's database is replaced: restore into an empty database, and use that".to_owned(),
        )),
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        NamedStore::Server(store) => {
            let backup = crate::store::SqliteStore::new(file);
            backup.validate()?;
            copy_store(&backup, store)?;
            Ok((true, None))
        }
    }
}
