//! `show`: the migrated documents.

use crate::project::{LoadOptions, Loaded, MigratedDocument, join};
use crate::report::{DocumentReport, RefReport};

use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::output::Output;
use super::{complete, preview, warnings};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate show main                                 all documents
  ocl-migrate show main runbook/backup > backup.ocl     one, ready for an editor
  ocl-migrate show main~3 --raw deployment_process      what Git holds, not migrated
  ocl-migrate show main --format json | jq .documents")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit
    #[arg(value_name = "REF", add = complete::refs())]
    revision: String,
    /// Documents, by name (`runbook/backup`) or path (default: all)
    #[arg(value_name = "DOC", add = complete::documents())]
    documents: Vec<String>,
    /// What Git holds, not migrated
    #[arg(long, conflicts_with = "to")]
    raw: bool,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open()?;
    let options = LoadOptions {
        target: arguments.to,
    };
    let (revision, wanted) = (&arguments.revision, &arguments.documents);
    let (loaded, names) = if wanted.is_empty() {
        let loaded = global.load(&project, revision, options)?;
        if !arguments.raw {
            loaded.migrate_all();
        }
        let names = loaded.names().map(ToString::to_string).collect();
        (loaded, names)
    } else {
        global.load_documents(&project, revision, wanted, options)?
    };
    let documents = names.iter().map(|name| loaded.document(name));
    let documents: Vec<&MigratedDocument> = documents.collect::<Result<_, _>>()?;
    let failed = match global.format {
        Format::Json => print_json(&loaded, &documents, arguments.raw, output)?,
        Format::Text => print_text(&loaded, &documents, arguments, output)?,
    };
    Ok(if failed { Exit::Failure } else { Exit::Done })
}

fn print_json(
    loaded: &Loaded,
    documents: &[&MigratedDocument],
    raw: bool,
    output: &mut Output,
) -> Result<bool, Failure> {
    let mut report = if raw {
        RefReport::raw(loaded)
    } else {
        RefReport::new(loaded)
    };
    for document in documents {
        if raw {
            report
                .documents
                .extend(DocumentReport::raw(loaded, document)?);
        } else {
            report
                .documents
                .push(DocumentReport::with_content(loaded, document)?);
        }
    }
    let failed = report.documents.iter().any(DocumentReport::failed);
    if failed {
        output.knows(Exit::Failure);
    }
    output.json(&report)?;
    Ok(failed)
}

fn print_text(
    loaded: &Loaded,
    documents: &[&MigratedDocument],
    arguments: &Arguments,
    output: &mut Output,
) -> Result<bool, Failure> {
    let mut failed = false;
    output.page();
    // One document asked for by name comes as it is, ready for a pipe.
    let headings = arguments.documents.len() != 1;
    let mut first = true;
    for document in documents {
        if !arguments.raw {
            preview::tell_document(loaded, document, output);
            failed |= document.error().is_some();
        }
        let (bytes, path) = if arguments.raw {
            let bytes = document
                .path_before
                .as_ref()
                .map(|_| loaded.before(document));
            (
                bytes.transpose()?.flatten(),
                document.path_before.as_deref().unwrap_or_default(),
            )
        } else {
            (loaded.content(document)?, &*document.path)
        };
        let Some(bytes) = bytes else { continue };
        if headings {
            if !std::mem::take(&mut first) {
                output.line("")?;
            }
            let path = join(loaded.base_path(), path);
            output.heading(format_args!("==> {path} <=="))?;
        }
        output.document(&bytes)?;
        if headings && !bytes.ends_with(b"\n") {
            output.line("")?;
        }
    }
    if !arguments.raw {
        warnings::tell_ref(loaded, output);
    }
    Ok(failed)
}
