//! `export`: the values of a ref in other formats.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::catalog::DocumentName;
use crate::compare::{EffectiveDocument, LiftedDocument, defaults_of};
use crate::export::{Export, ExportError, Format};
use crate::project::{LoadOptions, Loaded, Project, ReadError, no_such_document};
use crate::values::{Leaf, Values};

use super::compare::NO_DEFAULTS;
use super::failure::{Exit, Failure, Refusal};
use super::global::{Defaults, Global};
use super::loading::failed;
use super::output::Output;
use super::subject::Subject;
use super::warnings::Warnings;
use super::{complete, files};

/// Of the values that a format can't hold, so many are named.
const NAMED: usize = 20;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate export main --as json | jq '.variables.variable[]'
  ocl-migrate export main --as yaml variables -o values.yaml
  ocl-migrate export v1.0 --as csv                                every value on a row, with its address
  ocl-migrate export main --as env variables 'variable[\"Retries\"]'
  ocl-migrate export main --as yaml --effective                   with defaults filled in")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit
    #[arg(value_name = "REF", add = complete::refs())]
    revision: String,
    /// A document, by name (`runbook/backup`) or path (default: all, each under its name)
    #[arg(value_name = "DOC", add = complete::documents())]
    document: Option<String>,
    /// One value, block or dictionary of it (default: all of it)
    #[arg(value_name = "SELECTOR", add = complete::selectors())]
    selector: Option<String>,
    /// The format
    #[arg(long = "as", value_name = "FORMAT", value_enum)]
    form: To,
    /// Fill in what documents leave out, from their defaults
    #[arg(long)]
    effective: bool,
    /// With --effective: the ref whose values are everybody's defaults (default: `defaults` of the repository's settings)
    #[arg(long, value_name = "REF", requires = "effective", add = complete::refs())]
    defaults: Option<String>,
    /// Write to this file
    #[arg(short = 'o', long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// With -o: overwrite a file that is there
    #[arg(long, requires = "output")]
    force: bool,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    Json,
    Yaml,
    Toml,
    Hcl,
    Env,
    Csv,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let words = arguments.document.iter().chain(&arguments.selector);
    let subject = Subject::parse(&words.cloned().collect::<Vec<_>>())?;
    if let Some(file) = arguments.output.as_ref().filter(|_| !arguments.force)
        && std::fs::symlink_metadata(file).is_ok_and(|found| found.is_file() && found.len() > 0)
    {
        let message = format!("{} exists: --force overwrites it", file.display());
        return Err(Failure::Refused(Refusal::FileExists, message));
    }
    let project = global.open()?;
    let options = LoadOptions {
        target: arguments.to,
    };
    let session = project.session();
    let loaded = global.load_in(&session, &arguments.revision, options)?;
    let defaults = if arguments.effective {
        defaults(global, &project, arguments)?
    } else {
        None
    };
    let defaults = defaults.map(|revision| {
        let loaded = session.load(&revision, options);
        let loaded = loaded.inspect_err(|_| global.not_loaded.note(&revision));
        loaded.map(|loaded| (revision, loaded))
    });
    let defaults = defaults.transpose()?;
    let mut sides = vec![&loaded];
    sides.extend(defaults.as_ref().map(|(_, defaults)| defaults));
    let subject = subject.settled_in(&sides)?;
    let documents = documents(&loaded, defaults.as_ref(), arguments, &subject, output)?;
    let Some(documents) = documents else {
        return Ok(Exit::Failure);
    };
    let text = text(&documents, arguments, &subject)?;
    match &arguments.output {
        Some(file) => {
            files::replace(file, text.as_bytes()).map_err(|error| Failure::File {
                path: file.display().to_string(),
                error,
            })?;
            output.note(format_args!("the values are in {}", file.display()));
        }
        None => {
            output.page();
            output.document(text.as_bytes())?;
        }
    }
    tell(&sides, &documents, output);
    Ok(Exit::Done)
}

/// The ref of everybody's defaults, where there is one. Without one, some kind must have defaults.
fn defaults(
    global: &Global,
    project: &Project,
    arguments: &Arguments,
) -> Result<Option<String>, Failure> {
    match Defaults::chosen(global, arguments.defaults.as_ref()) {
        Some(defaults) => {
            let revision = defaults.revision(global, project)?;
            Ok(Some(revision.to_owned()))
        }
        None => {
            let mut kinds = project.catalog().kinds().iter();
            if kinds.all(|kind| kind.defaults.is_none()) {
                return Err(Failure::Usage(NO_DEFAULTS.into()));
            }
            Ok(None)
        }
    }
}

/// A document as it is, or with its defaults.
enum Found {
    Own(LiftedDocument),
    Effective(EffectiveDocument),
}

impl Found {
    fn name(&self) -> &DocumentName {
        match self {
            Found::Own(document) => document.name(),
            Found::Effective(document) => document.name(),
        }
    }

    fn values(&self) -> Values<'_> {
        match self {
            Found::Own(document) => document.values(),
            Found::Effective(document) => document.values(),
        }
    }
}

/// The documents that are asked for. `None` where some can't be read, which is told: half a project is no export.
fn documents(
    loaded: &Loaded,
    defaults: Option<&(String, Loaded)>,
    arguments: &Arguments,
    subject: &Subject,
    output: &mut Output,
) -> Result<Option<Vec<Found>>, Failure> {
    let revisions = (&arguments.revision, defaults.map(|(revision, _)| revision));
    let defaults = defaults.map(|(_, loaded)| loaded);
    let names = match subject.typed() {
        None => {
            loaded.migrate_all();
            loaded.effective_names(defaults)
        }
        Some(typed) => {
            let sides = [Some(loaded), defaults];
            let found = sides.iter().flatten().find_map(|side| side.name_of(typed));
            match found {
                Some(name) => vec![name.clone()],
                None => {
                    let known = loaded.effective_names(defaults);
                    let sides: Vec<&Loaded> = sides.into_iter().flatten().collect();
                    return Err(no_such_document(&sides, typed, known).into());
                }
            }
        }
    };
    let mut documents = Vec::new();
    let mut has_failed = false;
    for name in names {
        let found = if arguments.effective {
            let found = loaded.effective(&name, defaults);
            found.map(|found| found.map(Found::Effective))
        } else {
            match loaded.values_of(name.as_str()) {
                Ok(document) => Ok(Some(Found::Own(document))),
                // All that is asked for may be what a step removes.
                Err(ReadError::Removed(_) | ReadError::LeftOut { .. })
                    if subject.typed().is_none() =>
                {
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        };
        match found {
            Ok(found) => documents.extend(found),
            Err(error) => {
                // What another document fills in may be what can't be read.
                let wrong = error.document().unwrap_or(&name).clone();
                let is_of = |side: &Loaded| {
                    let document = side.document(wrong.as_str());
                    document.is_ok_and(|document| document.error().is_some())
                };
                let failure = match (defaults, revisions.1) {
                    (Some(defaults), Some(revision)) if !is_of(loaded) && is_of(defaults) => {
                        failed(defaults, revision, wrong.as_str(), error)
                    }
                    _ => failed(loaded, revisions.0, wrong.as_str(), error),
                };
                if subject.typed().is_some() {
                    return Err(failure);
                }
                has_failed = true;
                output.failure(&failure);
            }
        }
    }
    Ok((!has_failed).then_some(documents))
}

fn text(documents: &[Found], arguments: &Arguments, subject: &Subject) -> Result<String, Failure> {
    let origin = |name: &str, leaf: &Leaf<'_>| {
        let mut documents = documents.iter();
        match documents.find(|document| *document.name() == name) {
            Some(Found::Effective(document)) => document.origin(leaf).word(),
            _ => "own",
        }
    };
    let export = match (subject.typed(), documents) {
        (Some(_), [document]) => {
            let found = document.values().find(&subject.selector);
            let element = found.map_err(|error| Failure::Find {
                error,
                document: document.name().to_string(),
                revision: Some(arguments.revision.clone()),
            })?;
            Export::part(document.name().as_str(), element)
        }
        _ => Export::documents(
            documents
                .iter()
                .map(|document| (document.name().as_str(), document.values())),
        ),
    };
    let export = if arguments.effective {
        export.with_origins(&origin)
    } else {
        export
    };
    let text = export.to_text(arguments.form.into());
    text.map_err(|errors| not_held(&arguments.revision, &errors))
}

/// What a format can't hold.
fn not_held(revision: &str, errors: &[ExportError]) -> Failure {
    let mut lines: Vec<String> = errors.iter().take(NAMED).map(ToString::to_string).collect();
    if let Some(more @ 1..) = errors.len().checked_sub(NAMED) {
        lines.push(format!("and {more} more"));
    }
    let addresses = errors.iter().map(|error| match error {
        ExportError::NotHeld { address, .. } => address,
        ExportError::SameName { first, .. } => first,
    });
    Failure::NotExportable {
        revision: revision.to_owned(),
        documents: addresses.map(|at| at.document.clone()).collect(),
        message: lines.join("\n"),
    }
}

/// What a reader of the values should know, of the ref itself first; what other refs' documents fill in is told too.
fn tell(refs: &[&Loaded], documents: &[Found], output: &mut Output) {
    let mut warnings = Warnings::new(output);
    for (place, loaded) in refs.iter().enumerate() {
        if place == 0 {
            warnings.of_ref(loaded);
        }
        for document in documents {
            let name = document.name();
            warnings.of_named(loaded, name.as_str());
            if let Found::Effective(_) = document
                && let Some(defaults) = defaults_of(loaded.project().catalog(), name)
            {
                warnings.of_named(loaded, defaults.as_str());
            }
        }
    }
}

impl From<To> for Format {
    fn from(to: To) -> Format {
        match to {
            To::Json => Format::Json,
            To::Yaml => Format::Yaml,
            To::Toml => Format::Toml,
            To::Hcl => Format::Hcl,
            To::Env => Format::Env,
            To::Csv => Format::Csv,
        }
    }
}
