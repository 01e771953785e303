//! `new cases`: the cases that a step's author forgets, with what the step does about each.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::kind::{file_failure, known_kind};
use crate::catalog::{Catalog, Step, Target};
use crate::cli::failure::{Exit, Failure, quoted};
use crate::cli::global::{Format, Global};
use crate::cli::output::Output;
use crate::report::FORMAT_VERSION;
use crate::text::{self, nearest};
use crate::verify::{CaseOutcome, ForgottenCase, Verification};

/// The step whose cases are to be made.
pub(super) struct Wanted<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) version: Option<u32>,
}

/// The cases in JSON.
#[derive(Serialize)]
struct NewCases<'a> {
    format_version: u32,
    version: u32,
    name: &'a str,
    cases: Vec<NewCase>,
}

#[derive(Serialize)]
struct NewCase {
    path: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl NewCase {
    fn of(path: &Path, case: &ForgottenCase) -> NewCase {
        let (outcome, message) = match &case.outcome {
            CaseOutcome::After(after) if *after == case.before.as_bytes() => ("unchanged", None),
            CaseOutcome::After(_) => ("changed", None),
            CaseOutcome::Removed => ("removed", None),
            CaseOutcome::Refused(message) => ("refused", Some(message.clone())),
            CaseOutcome::BreaksContract(wrong) => ("breaks_contract", Some(wrong.clone())),
        };
        NewCase {
            path: path.to_string_lossy().into_owned(),
            outcome,
            message,
        }
    }
}

pub(super) fn run(
    global: &Global,
    wanted: &Wanted<'_>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Some(folder) = &global.catalog else {
        let message =
            "the built-in catalog can't grow: name your own catalog's folder with --catalog";
        return Err(Failure::Usage(message.into()));
    };
    let catalog = global.catalog()?;
    let index = step(&catalog, wanted)?;
    let step = &catalog.steps()[index];
    let verification = Verification::of(&catalog).folder(folder)?;
    let Some((model, cases)) = verification.forgotten(index) else {
        return Err(Failure::Other(format!(
            "step {} {} has no case to make others from: write one with a before.ocl",
            step.version(),
            step.name()
        )));
    };
    let model = folder.join(model);
    let mut made = Vec::new();
    for case in &cases {
        let place = model.with_file_name(case.name);
        if !matches!(case.outcome, CaseOutcome::BreaksContract(_)) {
            write(&model, &place, case)?;
        }
        made.push(NewCase::of(&place, case));
    }
    if global.format == Format::Json {
        output.json(&NewCases {
            format_version: FORMAT_VERSION,
            version: step.version(),
            name: step.name(),
            cases: made,
        })?;
        return Ok(Exit::Done);
    }
    if made.is_empty() {
        output.line("No case is missing")?;
        return Ok(Exit::Done);
    }
    output.line(format_args!(
        "Made from {}:",
        quoted(&model.to_string_lossy())
    ))?;
    for NewCase {
        path,
        outcome,
        message,
    } in made
    {
        let outcome = match outcome {
            "breaks_contract" => "not made, as the outcome breaks the contract",
            outcome => outcome,
        };
        let message = message.map_or_else(String::new, |it| format!(": {it}"));
        output.line(format_args!("  {}  {outcome}{message}", quoted(&path)))?;
    }
    output
        .line("Read each: what the step does now is written there, whether or not it is right.")?;
    Ok(Exit::Done)
}

/// The one step of that kind and name.
fn step(catalog: &Catalog, wanted: &Wanted<'_>) -> Result<usize, Failure> {
    let kind = &known_kind(catalog, wanted.kind)?.name;
    let is_about = |step: &Step| *step.target() == Target::Kind(kind.clone());
    let steps = catalog.steps().iter().enumerate();
    let of_kind: Vec<(usize, &Step)> = steps.filter(|(_, step)| is_about(step)).collect();
    let mut named = of_kind.iter().filter(|(_, step)| {
        step.name() == wanted.name && wanted.version.is_none_or(|it| it == step.version())
    });
    match (named.next(), named.next()) {
        (Some((index, _)), None) => Ok(*index),
        (Some(_), Some(_)) => Err(Failure::Usage(format!(
            "{kind} has several steps `{}`: name the version with --version",
            wanted.name
        ))),
        (None, _) => {
            let mut of_name = of_kind.iter().filter(|(_, it)| it.name() == wanted.name);
            if let (Some((_, step)), Some(version)) = (of_name.next(), wanted.version) {
                return Err(Failure::Usage(format!(
                    "the step `{}` of {kind} isn't at version {version}, but at {}",
                    wanted.name,
                    step.version()
                )));
            }
            let names = of_kind.iter().map(|(_, step)| step.name());
            let known = match nearest(wanted.name, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", text::list(names)),
            };
            Err(Failure::Usage(format!(
                "{kind} has no step `{}`; {known}",
                wanted.name
            )))
        }
    }
}

/// Writes a case into a folder of its own, with what it is told beside the document as the model is.
fn write(model: &Path, place: &Path, case: &ForgottenCase) -> Result<(), Failure> {
    let failed = |error| file_failure(place, error);
    fs::create_dir(place).map_err(failed)?;
    for entry in fs::read_dir(model).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let is_stated = [
            "before.ocl",
            "after.ocl",
            "error.txt",
            "down.ocl",
            "down_error.txt",
        ];
        if !is_stated.iter().any(|stated| name == **stated) {
            fs::copy(entry.path(), place.join(&name)).map_err(failed)?;
        }
    }
    fs::write(place.join("before.ocl"), &case.before).map_err(failed)?;
    match &case.outcome {
        CaseOutcome::After(after) => fs::write(place.join("after.ocl"), after),
        CaseOutcome::Refused(message) => fs::write(place.join("error.txt"), format!("{message}\n")),
        CaseOutcome::Removed | CaseOutcome::BreaksContract(_) => Ok(()),
    }
    .map_err(failed)
}
