//! A step: its folder, or the Rust code for it, with the version after the newest or another free one.

use std::path::Path;
use std::{fs, io};

use crate::catalog::{
    Catalog, CatalogError, DocumentKind, MARKER_KIND, OnExisting, PathPattern, Step, StepFolder,
    Target,
};
use crate::report::FORMAT_VERSION;
use clap::ValueEnum;
use serde::Serialize;

use super::kind::{file_failure, known_kind};
use crate::cli::failure::{Exit, Failure, quoted};
use crate::cli::found::load_catalog;
use crate::cli::global::{Format, Global};
use crate::cli::output::Output;
use crate::cli::snapshot::snapshots_beside;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Action {
    Import,
    Modify,
    Remove,
    Rename,
    Dialect,
}

/// A step that is to be made.
pub(super) struct Wanted<'a> {
    pub(super) action: Action,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) version: Option<u32>,
    pub(super) is_rust: bool,
}

pub(super) fn run(
    global: &Global,
    wanted: &Wanted<'_>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let name = wanted.name;
    let catalog = global.catalog()?;
    let newest = catalog.server_version();
    let version = match wanted.version {
        Some(version) => version,
        None => newest.checked_add(1).ok_or_else(|| {
            let message =
                format!("there is no version above {newest}: name a free one with --version");
            Failure::Usage(message)
        })?,
    };
    let folder_name = format!("{version:04}_{name}");
    if StepFolder::parse(&folder_name).is_none() {
        let message = format!("`{name}` can't name a step: use letters, digits, `_` and `-`");
        return Err(Failure::Usage(message));
    }
    let kind = check_kind(&catalog, wanted)?;
    check_version(&catalog, wanted, version)?;
    let former = former_path(&catalog, global, wanted, kind)?;
    if wanted.is_rust {
        check_place(&catalog, wanted, &former, version)?;
        let code = rust(wanted, &former, version);
        match global.format {
            Format::Json => {
                output.json(&NewStep::new(version, name, NewStepIn::Rust(&code)))?;
            }
            Format::Text => output.lines(code)?,
        }
        return Ok(Exit::Done);
    }
    let Some(catalog_folder) = &global.catalog else {
        let message = "the built-in catalog can't grow: name your own catalog's folder with --catalog, or ask for --rust";
        return Err(Failure::Usage(message.into()));
    };
    let place = catalog_folder.join(&folder_name);
    fs::create_dir(&place).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let shown = quoted(&place.to_string_lossy());
            Failure::Usage(format!(
                "{shown} is there already: give the step another name"
            ))
        }
        _ => file_failure(&place, error),
    })?;
    let made = check_place(&catalog, wanted, &former, version)
        .and_then(|()| write(&place, wanted, kind, &former))
        // What was written must load; else nothing of it stays.
        .and_then(|()| load_catalog(catalog_folder));
    if let Err(failure) = made {
        let _ = fs::remove_dir_all(&place);
        return Err(failure);
    }
    if global.format == Format::Json {
        let path = place.to_string_lossy();
        output.json(&NewStep::new(version, name, NewStepIn::Path(&path)))?;
        return Ok(Exit::Done);
    }
    let shown = quoted(&place.to_string_lossy());
    output.line(format_args!("Made {shown}. Next:"))?;
    let catalog_shown = quoted(&catalog_folder.to_string_lossy());
    let again = if version == newest { " --replace" } else { "" };
    let program = global.host.called();
    let recorded = snapshots_beside(catalog_folder).join(format!("v{version}"));
    let is_frozen = version < newest && recorded.is_dir();
    let record =
        format!("record the new version: {program} --catalog {catalog_shown} snapshot{again}");
    let next_steps = [
        Some(first_to_do(wanted.action, catalog_folder, &place, version)),
        Some(record).filter(|_| !is_frozen),
        Some(format!(
            "check it all: {program} --catalog {catalog_shown} verify"
        )),
    ];
    let next_steps: Vec<String> = next_steps.into_iter().flatten().collect();
    for (number, next) in next_steps.iter().enumerate() {
        output.line(format_args!("  {}. {next}", number + 1))?;
    }
    if is_frozen {
        output.warning(format_args!(
            "version {version} is recorded in {}, which is frozen: the step must change nothing there; if it does, remove {shown} and \
             make it without --version, at a version of its own",
            quoted(&recorded.to_string_lossy())
        ));
    }
    if version <= newest {
        output.warning(format_args!(
            "branches that are at version {version} or above already never run this step"
        ));
    }
    Ok(Exit::Done)
}

/// The step in JSON.
#[derive(Serialize)]
struct NewStep<'a> {
    format_version: u32,
    version: u32,
    name: &'a str,
    #[serde(flatten)]
    made: NewStepIn<'a>,
}

/// The folder that was made, or the code of a step in Rust.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum NewStepIn<'a> {
    Path(&'a str),
    Rust(&'a str),
}

impl<'a> NewStep<'a> {
    fn new(version: u32, name: &'a str, made: NewStepIn<'a>) -> NewStep<'a> {
        NewStep {
            format_version: FORMAT_VERSION,
            version,
            name,
            made,
        }
    }
}

/// The kind, where the action takes one.
fn check_kind<'c>(
    catalog: &'c Catalog,
    wanted: &Wanted<'_>,
) -> Result<Option<&'c DocumentKind>, Failure> {
    let name = wanted.kind;
    match wanted.action {
        Action::Dialect if name == "*" => return Ok(None),
        Action::Dialect => {
            let message = "a dialect holds for every kind: write `new dialect '*' NAME`";
            return Err(Failure::Usage(message.into()));
        }
        Action::Rename if name == MARKER_KIND => return Ok(None),
        _ => {}
    }
    known_kind(catalog, name).map(Some)
}

/// What a rename begins with as the path where the documents, or the marker, lay: that of the kind today, or the marker's earliest
/// that no step renames yet.
fn former_path(
    catalog: &Catalog,
    global: &Global,
    wanted: &Wanted<'_>,
    kind: Option<&DocumentKind>,
) -> Result<String, Failure> {
    let is_of_marker = matches!(wanted.action, Action::Rename) && kind.is_none();
    if !is_of_marker {
        return Ok(kind.map_or_else(String::new, |kind| kind.path.to_string()));
    }
    let is_renamed = |path: &str| {
        let mut steps = catalog.steps().iter();
        steps.any(|step| match (step.target(), step.action()) {
            (Target::Marker, crate::catalog::Action::Rename(from)) => from.as_str() == path,
            _ => false,
        })
    };
    let mut legacy = catalog.marker_paths().skip(1);
    if let Some(path) = legacy.find(|path| !is_renamed(path)) {
        return Ok(path.to_owned());
    }
    let file = match &global.catalog {
        Some(folder) => quoted(&folder.join("catalog.hcl").to_string_lossy()),
        None => "catalog.hcl".to_owned(),
    };
    let now = &catalog.marker().path;
    Err(Failure::Other(format!(
        "the catalog says of no path that the marker lay there: in {file}, give the marker its new `path`, and put the one that \
         it has now into `legacy_paths`: [\"{now}\"]; then make the step"
    )))
}

/// A version has one step for each kind, and a dialect is for all of them.
fn check_version(catalog: &Catalog, wanted: &Wanted<'_>, version: u32) -> Result<(), Failure> {
    if catalog.unknown_versions().contains(&version) {
        return Err(Failure::Usage(format!(
            "version {version} is one of the catalog's `unknown_versions`: take it off that list, or name another"
        )));
    }
    let is_dialect = matches!(wanted.action, Action::Dialect);
    let concerns = |step: &&Step| match step.target() {
        Target::Kind(kind) => is_dialect || *kind == wanted.kind,
        Target::AllKinds => wanted.kind != MARKER_KIND,
        Target::Marker => wanted.kind == MARKER_KIND,
    };
    let mut steps = catalog.steps().iter();
    match steps.find(|step| step.version() == version && concerns(step)) {
        None => Ok(()),
        Some(other) => Err(Failure::Usage(format!(
            "version {version} has a step for `{}` already, `{}`: name another version, or leave --version out",
            other.target(),
            other.name()
        ))),
    }
}

/// Refuses a step that can't stand where it would be, such as an import of what is imported already.
fn check_place(
    catalog: &Catalog,
    wanted: &Wanted<'_>,
    former: &str,
    version: u32,
) -> Result<(), Failure> {
    let Wanted {
        name, kind, action, ..
    } = *wanted;
    let step = match action {
        Action::Import => Step::import(version, name, kind, OnExisting::Refuse),
        Action::Modify => Step::modify(version, name, kind, |_, _| Ok(())),
        Action::Remove => Step::remove(version, name, kind),
        Action::Rename => {
            let former = PathPattern::parse(former).map_err(Failure::Other)?;
            Step::rename(version, name, kind, former)
        }
        Action::Dialect => Step::dialect(version, name),
    };
    let Err(CatalogError { problems }) = catalog.with_steps([step]) else {
        return Ok(());
    };
    let texts = problems.into_iter().map(|problem| match problem.help {
        Some(help) => format!("{} ({help})", problem.message),
        None => problem.message,
    });
    Err(Failure::Usage(texts.collect::<Vec<_>>().join("; ")))
}

fn write(
    place: &Path,
    wanted: &Wanted<'_>,
    kind: Option<&DocumentKind>,
    former: &str,
) -> Result<(), Failure> {
    let put = |path: std::path::PathBuf, text: &str| {
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, text));
        written.map_err(|error| file_failure(&path, error))
    };
    put(place.join("step.hcl"), &step(wanted, former))?;
    for (file, text) in case(wanted.action, kind) {
        put(place.join("cases/first").join(file), &text)?;
    }
    Ok(())
}

/// What the step says it does, until its author says it better.
fn description(wanted: &Wanted<'_>) -> String {
    let words = wanted.name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

fn step(wanted: &Wanted<'_>, former: &str) -> String {
    let body = match wanted.action {
        Action::Import => IMPORT.to_owned(),
        Action::Modify => MODIFY.to_owned(),
        Action::Remove => REMOVE.to_owned(),
        Action::Rename => RENAME.replace("PATH", former),
        Action::Dialect => DIALECT.to_owned(),
    };
    format!(
        "# One sentence, shown to users beside what the step changes.\ndescription = \"{}\"\ndocument    = \"{}\"\n\n{body}",
        description(wanted),
        wanted.kind
    )
}

const IMPORT: &str = "\
# From this version on the documents are in Git; until then they are rows of the server's own table.
import {
  # Where Git holds a document that the server has too, that is an error. \"keep\" lets Git's stay.
  # on_existing = \"keep\"
}
";

const MODIFY: &str = "\
modify {
  # An operation is an attribute; this one writes what is absent. The others: set, rename, remove, convert, label,
  # move, insert, reject.
  default = { new_attribute = \"value\" }

  # What is below the document is selected by a path of block types and dictionaries, and changed only where `when` holds:
  #
  # in \"step.action\" {
  #   when    = self.kind == \"script\"
  #   rename  = { body = \"script\" }
  #   convert = { timeout = \"${value}s\" }
  # }
}

# What `verify` calls one-way is undone by a body of its own, in the same language, on the way to a lower version:
#
# down {
#   remove = [\"new_attribute\"]
# }
";

const REMOVE: &str = "\
# From this version on there are no such documents.
remove {}

# On the way to a lower version they come back only if the step says from where: as the branch last held them.
#
# down {
#   from = \"history\"
# }
";

const RENAME: &str = "\
# Where the documents lay before; where they lie from now on is the kind's path in catalog.hcl: change it there.
rename { from = \"PATH\" }
";

const DIALECT: &str = "\
# From this version on the end tag of `<<-` counts when its lines are unindented.
dialect {}
";

/// A first case, which holds as it is.
fn case(action: Action, kind: Option<&DocumentKind>) -> Vec<(&'static str, String)> {
    let mut files: Vec<(&str, String)> = match action {
        Action::Modify => vec![
            ("before.ocl", "name = \"first\"\n".into()),
            (
                "after.ocl",
                "name = \"first\"\nnew_attribute = \"value\"\n".into(),
            ),
        ],
        Action::Remove => vec![("before.ocl", "name = \"first\"\n".into())],
        Action::Dialect => vec![
            (
                "before.ocl",
                "text = <<-EOT\n        one\n        two\n    EOT\n".into(),
            ),
            (
                "after.ocl",
                "text = <<-EOT\n        one\n        two\n        EOT\n".into(),
            ),
        ],
        Action::Import | Action::Rename => return Vec::new(),
    };
    if kind.is_some_and(|kind| kind.path.is_collection()) {
        let text = "# What the step is told of the document: its slug, and `lookups` and `documents` where it asks.\nslug = \"first\"\n";
        files.push(("case.hcl", text.into()));
    }
    files
}

fn first_to_do(action: Action, catalog: &Path, place: &Path, version: u32) -> String {
    let shown = |path: &Path| quoted(&path.to_string_lossy());
    let step = shown(&place.join("step.hcl"));
    match action {
        Action::Import => {
            let arrivals = snapshots_beside(catalog).join("arrivals");
            format!(
                "put documents as the server has them at this version under {}",
                shown(&arrivals.join(format!("v{version}")))
            )
        }
        Action::Rename => format!(
            "say in {step} where the documents lay, and in {} where they lie now",
            shown(&catalog.join("catalog.hcl"))
        ),
        Action::Dialect => {
            format!("say in {step} what it is for; its first case shows what it does")
        }
        _ => format!("write what it does into {step}, and what that means into its cases"),
    }
}

fn rust(wanted: &Wanted<'_>, former: &str, version: u32) -> String {
    let Wanted {
        name,
        kind: about,
        action,
        ..
    } = *wanted;
    let call = match action {
        Action::Import => {
            format!("Step::import({version}, \"{name}\", \"{about}\", OnExisting::Refuse)")
        }
        Action::Modify => format!(
            "Step::modify({version}, \"{name}\", \"{about}\", |edit, _context| {{\n    let root = edit.root();\n    edit.set(root, \"new_attribute\", \"value\")?;\n    Ok(())\n}})"
        ),
        Action::Remove => format!("Step::remove({version}, \"{name}\", \"{about}\")"),
        Action::Rename => format!(
            "Step::rename({version}, \"{name}\", \"{about}\", PathPattern::parse(\"{former}\")?)"
        ),
        Action::Dialect => format!("Step::dialect({version}, \"{name}\")"),
    };
    format!("{call}\n.description(\"{}\")", description(wanted))
}
