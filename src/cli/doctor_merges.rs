//! `doctor --merges`: what is wrong with merges that were made.

use crate::project::{DoctorSeverity, MergeFault, MergeFinding};
use crate::report::{MergeFindingReport, NotAuditedReport};
use crate::text::{count, grouped, short_id, visible_line};

use super::explain::fetching_it;
use super::failure::{Exit, Failure, quoted, short_name};
use super::global::{Format, Global};
use super::output::Output;
use super::progress::{Progress, folder_of};
use super::put::put;
use crate::git::HistoryEndCause;

pub(super) fn run(global: &Global, refs: &[String], output: &mut Output) -> Result<Exit, Failure> {
    let project = global.open()?;
    global.check_base_path(&project, refs)?;
    let refs = refs.iter().map(|word| global.revision(&project, word));
    let refs: Vec<String> = refs.map(str::to_owned).collect();
    let mut progress = Progress::of(global);
    progress.begin(&folder_of(project.repository()));
    let audited = project.audit_merges(&refs, |at| progress.tell(at));
    progress.end();
    let audited = audited?;
    let findings = &audited.findings;
    let is_problem = |finding: &&MergeFinding| finding.severity() == DoctorSeverity::Problem;
    let problems = findings.iter().filter(is_problem).count();
    let exit = output.knows(if problems > 0 {
        Exit::Failure
    } else {
        Exit::Done
    });
    let program = global.program();
    if global.format == Format::Json {
        for finding in findings {
            output.json(&MergeFindingReport::new(finding, mend(finding, &program)))?;
        }
        for not_audited in &audited.not_audited {
            output.json(&NotAuditedReport::new(not_audited))?;
        }
    } else {
        output.page();
        for finding in findings {
            tell(finding, &program, output)?;
        }
        for not_audited in &audited.not_audited {
            output.warning(format_args!(
                "{}, {}: not looked at: {}",
                short_id(&not_audited.commit),
                visible_line(&not_audited.base_path),
                visible_line(&not_audited.reason),
            ));
        }
        let merges = count(audited.merges, "merge");
        let looked = format!("{} and {merges}", count(audited.commits, "other commit"));
        if findings.is_empty() {
            output.line(format_args!("{looked} looked at: nothing is wrong"))?;
        } else {
            let notes = findings.len() - problems;
            let (problems, notes) = (count(problems, "problem"), count(notes, "note"));
            output.line(format_args!("{looked} looked at: {problems}, {notes}"))?;
        }
    }
    if audited.left_out > 0 {
        output.warning(format_args!(
            "the clone lacks something of {} commits, and what they and those before them did isn't known",
            grouped(audited.left_out)
        ));
        let cause = if project.repository().is_shallow() {
            HistoryEndCause::Shallow
        } else {
            HistoryEndCause::PartialClone
        };
        output.hint(fetching_it(cause, &project));
    }
    Ok(exit)
}

fn tell(finding: &MergeFinding, program: &str, output: &mut Output) -> Result<(), Failure> {
    let label = match finding.severity() {
        DoctorSeverity::Problem => "problem",
        DoctorSeverity::Note => "note",
    };
    output.lines(format_args!("{label}: {finding}"))?;
    if let MergeFault::Value(value) = &finding.fault {
        for (name, side) in value.sides() {
            let text = side.map_or("nothing".into(), |side| visible_line(&side.text));
            output.line(format_args!("    {name:<7} {text}"))?;
        }
    }
    output.aside(format_args!("    {}", mend(finding, program)))?;
    Ok(())
}

/// What to do about a finding.
fn mend(finding: &MergeFinding, program: &str) -> String {
    let Some(still_on) = finding.still_on.as_deref() else {
        return "nothing has to be done, unless what it did still matters".to_owned();
    };
    let branch = quoted(short_name(still_on));
    let program = format!("{program} --base-path {}", quoted(&finding.base_path));
    let document = quoted(finding.document.as_str());
    let (commit, path) = (short_id(&finding.commit), quoted(&finding.path));
    match &finding.fault {
        MergeFault::MixedShape {
            origin,
            not_mended: None,
            ..
        } => {
            let origin = short_id(origin);
            let message = quoted(&format!(
                "Bring {} to its branch's version",
                finding.document
            ));
            let put = put(finding.document.as_str(), "/tmp/mended.ocl");
            format!(
                "{program} show {origin} {document} > /tmp/mended.ocl && {program} commit {branch} -m {message} --put {put}"
            )
        }
        MergeFault::MixedShape { .. } | MergeFault::LooksOlder { .. } => {
            format!(
                "see what it changed: git show {commit} -- {path}; then write the document anew: {program} commit {branch} -m TEXT --put {}",
                put(finding.document.as_str(), "FILE")
            )
        }
        MergeFault::Value(value) => match finding.right_parent() {
            Some(parent) if finding.project_is_gone => {
                let parent = short_id(&parent);
                let folder = match &*finding.base_path {
                    "" => ".".into(),
                    path => quoted(path),
                };
                format!(
                    "if nobody wanted that: git switch {branch} && git checkout {parent} -- {folder} && git commit -m TEXT"
                )
            }
            Some(parent) => {
                let selector = if value.selector.is_empty() {
                    String::new()
                } else {
                    format!(" {}", quoted(&value.selector.to_string()))
                };
                format!(
                    "if nobody wanted that: {program} restore {branch} --from {} {document}{selector}",
                    short_id(&parent)
                )
            }
            None => format!("keep one of them: git show {commit}:{path}"),
        },
    }
}
