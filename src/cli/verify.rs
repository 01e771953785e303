//! `verify`: the catalog against its cases and snapshots.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::catalog::Catalog;
use crate::text::count;
use crate::verify::{
    Files, Mutants, MutateError, NOT_RECORDED, NOTHING_ARRIVES, NotCarried, Progress, Report,
    Severity, Verification, mutate, snapshots_folder,
};
use include_dir::{Dir, include_dir};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::output::Output;

/// What the built-in catalog is verified with.
static STEPS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/steps");
static SNAPSHOTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/snapshots");

/// Work that ends sooner shows no progress.
const SHORT: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate verify                          the shipped catalog
  ocl-migrate --catalog steps verify          your own
  ocl-migrate --catalog steps verify --mutate
      break every step in one place at a time, and list what no case and no snapshot notices")]
pub(super) struct Arguments {
    /// The snapshots' folder (default: `snapshots` in the catalog's folder or beside it)
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
    /// Break each step in one place at a time, and list the mistakes that pass
    #[arg(long)]
    mutate: bool,
    /// With --mutate: one step, by its folder or name
    #[arg(long, value_name = "STEP", requires = "mutate")]
    step: Option<String>,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let catalog = global.catalog()?;
    let (cases, snapshots) = files(global, arguments)?;
    if arguments.mutate {
        return run_mutants(
            &catalog,
            &cases,
            snapshots.as_ref(),
            arguments,
            global,
            output,
        );
    }
    let mut verification = Verification::of(&catalog).cases(&cases);
    if let Some(snapshots) = &snapshots {
        verification = verification.snapshots(snapshots);
    }
    let report = with_progress("verifying", |progress| verification.run_with(progress));
    tell(&report, global, arguments, output)
}

/// The files of the cases, and of the snapshots.
fn files(global: &Global, arguments: &Arguments) -> Result<(Files, Option<Files>), Failure> {
    Ok(match (&global.catalog, global.host.own()) {
        (None, None) if arguments.snapshots.is_some() => {
            let message =
                "the built-in catalog has snapshots of its own: --snapshots goes with --catalog";
            return Err(Failure::Usage(message.into()));
        }
        (None, Some(own)) => {
            let snapshots = match &arguments.snapshots {
                Some(folder) => Files::read(folder)?,
                None => own.snapshots.clone(),
            };
            (own.cases.clone(), Some(snapshots))
        }
        (None, None) => (embedded(&STEPS), Some(embedded(&SNAPSHOTS))),
        (Some(folder), _) => {
            let snapshots = arguments.snapshots.clone();
            let snapshots = snapshots.or_else(|| snapshots_folder(folder));
            let snapshots = snapshots.map(|folder| Files::read(&folder)).transpose()?;
            (Files::read(folder)?, snapshots)
        }
    })
}

fn tell(
    report: &Report,
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let exit = output.knows(if report.is_sound() {
        Exit::Done
    } else {
        Exit::Failure
    });
    match global.format {
        Format::Json => output.json(report)?,
        Format::Text => {
            print(report, output)?;
            let says = |what: &str| {
                let mut findings = report.findings.iter();
                findings.any(|finding| finding.message.starts_with(what))
            };
            if says(NOT_RECORDED) {
                let record = record(global, arguments);
                // What is recorded before is an empty project.
                let when = if says(NOTHING_ARRIVES) {
                    "with a document there, "
                } else {
                    ""
                };
                output.hint(format_args!("{when}{record}"));
            }
        }
    }
    Ok(exit)
}

/// The command that records the snapshots which are missing.
fn record(global: &Global, arguments: &Arguments) -> String {
    let own = global.host.own();
    let own = own.and_then(|own| own.snapshots_folder.as_ref());
    let folder = match (&arguments.snapshots, &global.catalog, own) {
        (Some(folder), ..) | (None, None, Some(folder)) => {
            format!(" --snapshots {}", quoted(&folder.to_string_lossy()))
        }
        (None, Some(_), _) => String::new(),
        (None, None, None) => " --snapshots DIR".to_owned(),
    };
    format!(
        "to record what is missing: {} snapshot{folder}",
        global.program()
    )
}

fn embedded(dir: &Dir<'static>) -> Files {
    let mut files = Files::default();
    let mut folders = vec![dir];
    while let Some(dir) = folders.pop() {
        folders.extend(dir.dirs());
        for file in dir.files() {
            let path = path_text(file.path());
            files.insert(path, file.contents());
        }
    }
    files
}

fn path_text(path: &Path) -> String {
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn run_mutants(
    catalog: &Catalog,
    cases: &Files,
    snapshots: Option<&Files>,
    arguments: &Arguments,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (none, step) = (Files::default(), arguments.step.as_deref());
    let snapshots = snapshots.unwrap_or(&none);
    let mutants = with_progress("breaking", |progress| {
        mutate(catalog, cases, snapshots, step, progress)
    });
    let mutants = match mutants {
        Ok(mutants) => mutants,
        Err(MutateError::NotSound(report)) => {
            tell(&report, global, arguments, output)?;
            let message = "the catalog has to be sound before it is broken";
            return Err(Failure::Other(message.to_owned()));
        }
        Err(error @ MutateError::NoSuchStep { .. }) => {
            return Err(Failure::Usage(error.to_string()));
        }
    };
    let survivors = mutants.survivors().count();
    let exit = output.knows(if survivors == 0 {
        Exit::Done
    } else {
        Exit::Failure
    });
    match global.format {
        Format::Json => output.json(&mutants)?,
        Format::Text => print_mutants(&mutants, survivors, catalog, output)?,
    }
    Ok(exit)
}

fn print_mutants(
    mutants: &Mutants,
    survivors: usize,
    catalog: &Catalog,
    output: &mut Output,
) -> Result<(), Failure> {
    for mutant in &mutants.passing {
        match mutant.accepted {
            Some(_) => output.aside(format_args!("accepted: {mutant}"))?,
            None => output.line(format_args!("not noticed: {mutant}"))?,
        }
    }
    let accepted = mutants.passing.len() - survivors;
    let mut verdict = format!(
        "{}: {} of {} noticed",
        catalog.name(),
        mutants.noticed,
        count(mutants.noticed + survivors, "mistake"),
    );
    if accepted > 0 {
        verdict.push_str(&format!(", {accepted} accepted"));
    }
    output.heading(verdict)?;
    if survivors > 0 {
        output.hint(
            "write a case in which the step and the broken one differ; where they can't, say so on the line: # mutant PART: reason",
        );
    }
    Ok(())
}

/// Does long work, with a bar on a terminal when it takes long.
fn with_progress<T>(what: &str, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let style = ProgressStyle::with_template(&format!("{what} [{{wide_bar}}] {{pos}}/{{len}}"))
        .expect("the template is well-formed");
    // Hidden by itself where stderr is no terminal.
    let bar =
        ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden()).with_style(style);
    let started = std::time::Instant::now();
    let done = work(&mut |progress| {
        if bar.is_hidden() && started.elapsed() > SHORT {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
    });
    bar.finish_and_clear();
    done
}

fn print(report: &Report, output: &mut Output) -> Result<(), Failure> {
    for finding in &report.findings {
        output.finding(finding.severity, finding)?;
        if let Some(diff) = &finding.diff {
            output.diff(diff)?;
        }
    }
    for (version, reason) in &report.exceptions {
        output.aside(format_args!("version {version} is an exception: {reason}"))?;
    }
    for step in &report.one_way {
        let (version, name, reason) = (step.version, &step.name, &step.reason);
        output.aside(format_args!("step {version} {name} is one-way: {reason}"))?;
    }
    for NotCarried { document, value } in &report.not_carried {
        output.aside(format_args!("{document}: {value}"))?;
    }
    let of_severity = |severity| {
        let findings = report.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let checked = report.checked;
    let looked_at = format!(
        "{} {} to {}: {}, {}, {}, {}",
        report.catalog,
        report.lowest_version,
        report.server_version,
        count(checked.cases, "case"),
        count(checked.snapshots, "snapshot"),
        count(checked.migrations, "migration"),
        count(checked.ways_back, "downgrade"),
    );
    let verdict = match (of_severity(Severity::Error), of_severity(Severity::Warning)) {
        (0, 0) => "sound".to_owned(),
        (0, warnings) => format!("sound, {}", count(warnings, "warning")),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    if report.server_version == 0 {
        let catalog = &report.catalog;
        output.heading(format_args!(
            "{catalog} has no steps yet, so there is nothing to verify: {verdict}"
        ))?;
        return Ok(());
    }
    output.heading(format_args!("{looked_at}: {verdict}"))?;
    Ok(())
}
