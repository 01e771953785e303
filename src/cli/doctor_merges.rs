//! `doctor --merges`: what is wrong with merges that were made.

use std::collections::BTreeSet;

use crate::catalog::DocumentName;
use crate::project::{DoctorSeverity, MergeFault, MergeFinding};
use crate::report::{MergeFindingReport, NotAuditedReport};
use crate::text::{count, folder, short_id, visible_line};

use super::explain::fetching_it;
use super::failure::{Exit, Failure, quoted, short_name};
use super::global::{Format, Global};
use super::left_out::{LeftOut, fetching};
use super::output::Output;
use super::progress::{Progress, folder_of};
use super::put::put;
use crate::git::{HistoryEndCause, ObjectId};
use crate::merge::Fault;

pub(super) fn run(global: &Global, refs: &[String], output: &mut Output) -> Result<Exit, Failure> {
    let project = global.open()?;
    if refs.is_empty() {
        global.expect_project(&project)?;
    } else {
        global.check_base_path(&project, refs)?;
    }
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
    let told = Mending {
        program: global.program().to_string(),
        newest: project.catalog().server_version(),
    };
    let mut left_out = LeftOut::default();
    if global.format == Format::Json {
        for finding in findings {
            output.json(&MergeFindingReport::new(finding, told.mend(finding)))?;
        }
        for not_audited in &audited.not_audited {
            output.json(&NotAuditedReport::new(not_audited))?;
        }
    } else {
        output.page();
        for finding in findings {
            tell(finding, &told, output)?;
        }
        for not_audited in &audited.not_audited {
            let commit = short_id(&not_audited.commit);
            if left_out.takes(&commit, &not_audited.reason) {
                continue;
            }
            output.warning(format_args!(
                "{commit}, {}: not looked at: {}",
                visible_line(folder(&not_audited.base_path)),
                visible_line(&not_audited.reason),
            ));
        }
        let merges = count(audited.merges, "merge");
        let looked = format!("{} and {merges}", count(audited.commits, "other commit"));
        let wrong = if findings.is_empty() {
            "nothing is wrong".to_owned()
        } else {
            let notes = findings.len() - problems;
            format!("{}, {}", count(problems, "problem"), count(notes, "note"))
        };
        let commits = audited.not_audited.iter().map(|it| it.commit);
        let rest = match commits.collect::<BTreeSet<_>>().len() {
            0 => String::new(),
            commits => format!(
                "; of {} not all could be looked at",
                count(commits, "commit")
            ),
        };
        output.line(format_args!("{looked} looked at: {wrong}{rest}"))?;
    }
    if audited.left_out > 0 {
        output.warning(format_args!(
            "the clone lacks something of {}, and what was done there and before isn't known",
            count(audited.left_out, "commit")
        ));
    }
    if !left_out.is_empty() {
        output.warning(format_args!(
            "the partial clone left out texts of {}, which aren't looked at",
            left_out.places("commit")
        ));
    }
    let repository = project.repository();
    if audited.left_out > 0 && repository.is_shallow() {
        output.hint(fetching_it(HistoryEndCause::Shallow, &project));
    } else if audited.left_out > 0 || !left_out.is_empty() {
        // A text may come from any ref.
        let all = ["--all".to_owned()];
        output.hint(fetching(repository.git_dir(), &all, project.folder()));
    }
    Ok(exit)
}

fn tell(finding: &MergeFinding, told: &Mending, output: &mut Output) -> Result<(), Failure> {
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
    output.aside(format_args!("    {}", told.mend(finding)))?;
    Ok(())
}

/// What mends findings.
struct Mending {
    program: String,
    /// The version that commands take unless they are told another.
    newest: u32,
}

impl Mending {
    /// What to do about a finding.
    fn mend(&self, finding: &MergeFinding) -> String {
        let Some(still_on) = finding.still_on.as_deref() else {
            return "nothing has to be done, unless what it did still matters".to_owned();
        };
        let branch = quoted(short_name(still_on));
        let below =
            |base_path: &str| format!("{} --base-path {}", self.program, quoted(folder(base_path)));
        let program = below(&finding.base_path);
        let at = finding.still_at.filter(|version| *version != self.newest);
        let to = at.map_or(String::new(), |version| format!(" --to {version}"));
        let name = finding.document.as_ref().map_or("", DocumentName::as_str);
        let document = quoted(name);
        let (commit, path) = (short_id(&finding.commit), quoted(&finding.path));
        match &finding.fault {
            MergeFault::MixedShape {
                origin,
                origin_base_path,
                origin_document,
                not_mended: None,
                ..
            } => {
                let origin = short_id(origin);
                let message = quoted(&format!("Bring {name} to its branch's version"));
                let put = put(name, "/tmp/mended.ocl");
                let (shown_by, there) = (below(origin_base_path), quoted(origin_document.as_str()));
                format!(
                    "{shown_by} show{to} {origin} {there} > /tmp/mended.ocl && {program} commit {branch}{to} -m {message} --put {put}"
                )
            }
            MergeFault::MixedShape { .. } | MergeFault::LooksOlder { .. } => {
                format!(
                    "see what it changed: git show {commit} -- {path}; then write the document anew: {program} commit {branch}{to} -m TEXT --put {}",
                    put(name, "FILE")
                )
            }
            MergeFault::Project(_) => match finding.right_parent() {
                Some(parent) => checking_out(&parent, finding, &branch),
                None => format!("see what it removed: git show --stat {commit}"),
            },
            MergeFault::Value(value) => match finding.right_parent() {
                Some(parent) if finding.still_at.is_none() => {
                    checking_out(&parent, finding, &branch)
                }
                // What stands in it is right, so that taking it over from the parent would be wrong.
                Some(_) if matches!(value.fault, Fault::Order(_)) => {
                    format!(
                        "if nobody wanted that: {program} show{to} {branch} {document} > /tmp/mended.ocl, change the order there, and {program} commit {branch}{to} -m TEXT --put {}",
                        put(name, "/tmp/mended.ocl")
                    )
                }
                Some(parent) => {
                    let selector = if value.selector.is_empty() {
                        String::new()
                    } else {
                        format!(" {}", quoted(&value.selector.to_string()))
                    };
                    let from = match finding.right_base_path() {
                        there if there == finding.base_path => String::new(),
                        there => format!(" --from-base-path {}", quoted(folder(there))),
                    };
                    format!(
                        "if nobody wanted that: {program} restore {branch} --from {}{from} {document}{selector}",
                        short_id(&parent)
                    )
                }
                None => format!("keep one of them: git show {commit}:{path}"),
            },
        }
    }
}

/// Brings the whole project back.
fn checking_out(parent: &ObjectId, finding: &MergeFinding, branch: &str) -> String {
    let parent = short_id(parent);
    let folder = match finding.right_base_path() {
        "" => ".".into(),
        path => quoted(path),
    };
    format!(
        "if nobody wanted that: git switch {branch} && git checkout {parent} -- {folder} && git commit -m TEXT"
    )
}
