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
use crate::verify::{CaseOutcome, Files, ForgottenCase, StatedUndo, Verification};

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
    /// What undoing the step does, where that isn't to restore the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<String>,
}

impl NewCase {
    fn of(path: &Path, case: &ForgottenCase) -> NewCase {
        let (outcome, message) = match &case.outcome {
            CaseOutcome::After(after) if *after == case.before.as_bytes() => ("unchanged", None),
            CaseOutcome::After(_) => ("changed", None),
            CaseOutcome::Removed => ("removed", None),
            CaseOutcome::Refused(message) => ("refused", Some(message.clone())),
            CaseOutcome::BreaksContract(wrong) => ("breaks_contract", Some(wrong.clone())),
            CaseOutcome::Defect(why) => ("defect", Some(why.clone())),
        };
        let undo = case.undo.as_ref().map(|undo| match undo {
            StatedUndo::Text(_) => "other_values",
            StatedUndo::Refused(_) => "refused",
        });
        NewCase {
            path: path.to_string_lossy().into_owned(),
            outcome,
            message,
            undo,
            set_aside: case.set_aside.clone(),
        }
    }

    /// What is told of it as text, after its folder.
    fn words(&self) -> String {
        let mut words = match self.outcome {
            "breaks_contract" => "not made, as the outcome breaks the contract".to_owned(),
            "defect" => "not made, as verify would refuse it".to_owned(),
            outcome => outcome.to_owned(),
        };
        if let Some(message) = &self.message {
            words = format!("{words}: {message}");
        }
        match self.undo {
            Some("refused") => words.push_str("; undoing it is refused (down_error.txt)"),
            Some(_) => words.push_str("; undone, it has other values (down.ocl)"),
            None => {}
        }
        if !self.set_aside.is_empty() {
            let values = text::count(self.set_aside.len(), "value");
            words.push_str(&format!("; undoing it sets {values} aside (case.hcl)"));
        }
        words
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
        if !case.files.is_empty() {
            write(&place, &case.files)?;
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
    for case in made {
        let path = quoted(&case.path);
        output.line(format_args!("  {path}  {}", case.words()))?;
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
            let mut names: Vec<&str> = of_kind.iter().map(|(_, step)| step.name()).collect();
            names.dedup();
            if names.is_empty() {
                return Err(Failure::Usage(format!(
                    "{kind} has no step yet, so there is nothing to write cases for: write one first, with `new`"
                )));
            }
            let known = match nearest(wanted.name, names.iter().copied()) {
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

/// Writes a case into a folder of its own.
fn write(place: &Path, files: &Files) -> Result<(), Failure> {
    let failed = |error| file_failure(place, error);
    fs::create_dir(place).map_err(failed)?;
    for (name, bytes) in files.iter() {
        let path = place.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(path, bytes).map_err(failed)?;
    }
    Ok(())
}
