//! `doctor`: what is wrong with repository, store and catalog, and how to mend it.

use crate::project::{DoctorFinding, DoctorSeverity};
use crate::report::DiagnosisReport;
use crate::text;

use super::complete;
use super::doctor_beside::found_beside;
use super::doctor_mend::{NEWER, begun_from, mend};
use super::doctor_merges;
use super::failure::{Exit, Failure};
use super::fleet::FleetArguments;
use super::global::{Format, Global};
use super::output::Output;
use super::progress::{Progress, folder_of};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate doctor
  ocl-migrate doctor --repos '/srv/repos/*.git'       many repositories
  ocl-migrate doctor --merges                         what merges, squashes and picks have done, on all branches
  ocl-migrate doctor --merges main                    on one
  ocl-migrate doctor --format json | jq -r '.findings[].mend'

Reads only. Exit code 1 if there is a problem; notes are none.")]
pub(super) struct Arguments {
    /// Look through the history for merges, squashes, picks and reverts that mixed shapes, and for merges that dropped or doubled
    /// values
    #[arg(long, conflicts_with = "repos")]
    merges: bool,
    /// With --merges: whose history (default: all branches)
    #[arg(value_name = "REF", requires = "merges", add = complete::refs())]
    refs: Vec<String>,
    #[command(flatten)]
    pub(super) fleet: FleetArguments,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if arguments.merges {
        return doctor_merges::run(global, &arguments.refs, output);
    }
    let project = global.open()?;
    let mut mender = Mender::new(global, project.repository().is_bare());
    global.check_base_path(&project, &[])?;
    let mut progress = Progress::of(global);
    progress.begin(&folder_of(project.repository()));
    let diagnosis = project.diagnose_telling(|at| progress.tell(at));
    progress.end();
    let mut diagnosis = diagnosis?;
    diagnosis.findings.extend(found_beside(global, &project));
    let own = project.catalog().base_path();
    let others = diagnosis.base_paths.iter().filter(|path| *path != own);
    if global.base_path.is_none() && others.count() == 0 {
        mender.only = Some(own.to_owned());
    }
    // Those whose names mean something else are told when the command ends.
    global.environments_in(&project).for_each(drop);
    let problems = diagnosis
        .findings
        .iter()
        .filter(|finding| finding.severity() == DoctorSeverity::Problem)
        .count();
    let notes = diagnosis.findings.len() - problems;
    let exit = output.knows(if problems > 0 {
        Exit::Failure
    } else {
        Exit::Done
    });
    match global.format {
        Format::Json => output.json(&DiagnosisReport::new(&diagnosis, |finding| {
            mender.mend(finding)
        }))?,
        Format::Text => {
            output.page();
            for finding in &diagnosis.findings {
                let label = match finding.severity() {
                    DoctorSeverity::Problem => "problem",
                    DoctorSeverity::Note => "note",
                };
                output.lines(format_args!("{label}: {finding}"))?;
                for line in mender.mend(finding).lines() {
                    output.aside(format_args!("    {line}"))?;
                }
            }
            let mut looked = format!("{} looked at", text::count(diagnosis.refs, "ref"));
            // Of the others the version alone.
            if diagnosis.read < diagnosis.refs {
                let read = match diagnosis.read {
                    0 => "none".to_owned(),
                    read => text::grouped(read),
                };
                looked.push_str(&format!(", with the documents of {read}"));
            }
            if diagnosis.findings.is_empty() {
                output.line(format_args!("{looked}: nothing is wrong"))?;
            } else {
                let (problems, notes) =
                    (text::count(problems, "problem"), text::count(notes, "note"));
                output.line(format_args!("{looked}: {problems}, {notes}"))?;
            }
        }
    }
    Ok(exit)
}

/// Says what to do about findings.
pub(super) struct Mender {
    /// The command, with the options that choose repository, catalog and store.
    pub(super) program: String,
    /// The same with those that choose the project in the store.
    pub(super) program_of_store: String,
    /// Git in the same repository.
    pub(super) git: String,
    /// What helps a branch that is ahead.
    pub(super) newer: String,
    /// Whether the store is a file, which the command `store` takes: otherwise it is the server's own.
    pub(super) store_is_file: bool,
    /// Of a store in a server's database: the program with another one, of which only the option is said.
    pub(super) with_other_store: Option<String>,
    /// Whether there is no work tree.
    pub(super) is_bare: bool,
    /// The base path that every command takes by itself, where no ref has a project at another one.
    pub(super) only: Option<String>,
}

impl Mender {
    fn new(global: &Global, is_bare: bool) -> Mender {
        let newer = match (&global.catalog, global.host.own()) {
            (Some(_), _) => "use a newer release or catalog".to_owned(),
            (None, Some(_)) => format!("use a newer release of {}", global.host.called()),
            (None, None) => NEWER.to_owned(),
        };
        let is_server =
            matches!(&global.store, Some(store) if store.to_string_lossy().contains("://"));
        Mender {
            program: global.program(),
            program_of_store: global.program_of_store(),
            git: global.git(),
            newer,
            store_is_file: global.store_is_file(),
            with_other_store: is_server.then(|| {
                let other = Global {
                    store: Some("STORE".into()),
                    ..global.clone()
                };
                other.program()
            }),
            is_bare,
            only: None,
        }
    }

    /// What to do about a finding.
    pub(super) fn mend(&self, finding: &DoctorFinding) -> String {
        if let DoctorFinding::StoreUnusable { reason, .. }
        | DoctorFinding::StoreDamaged { reason, .. } = finding
            && let Some(other) = &self.with_other_store
        {
            return of_server(reason, &self.program, other);
        }
        match finding {
            DoctorFinding::Ahead { .. } => self.newer.clone(),
            DoctorFinding::StrayProject { .. }
            | DoctorFinding::ProjectUnknown { .. }
            | DoctorFinding::StoreUnusable { .. }
            | DoctorFinding::StoreDamaged { .. }
            | DoctorFinding::StoreDenied { .. }
            | DoctorFinding::NeverRead { .. }
            | DoctorFinding::NeverAsked { .. }
                if !self.store_is_file =>
            {
                "the store is the server's own, and is mended there".to_owned()
            }
            finding => {
                let program = match finding {
                    DoctorFinding::StoreUnusable { .. } | DoctorFinding::StoreDamaged { .. } => {
                        &self.program_of_store
                    }
                    _ => &self.program,
                };
                let mut mend = mend(finding, program, &self.git, self.only.as_deref());
                if let DoctorFinding::BrokenDocument { ref_name, .. }
                | DoctorFinding::DoubledNames { ref_name, .. }
                | DoctorFinding::SameScope { ref_name, .. }
                | DoctorFinding::DoubledBlocks { ref_name, .. } = finding
                {
                    mend.push_str(&begun_from(ref_name, &self.git));
                }
                if self.is_bare && mend.contains(&format!("{} mv ", self.git)) {
                    format!("in a clone that has a work tree: {mend}")
                } else {
                    mend
                }
            }
        }
    }
}

/// What helps a store in a server's database, where nothing is replaced.
fn of_server(reason: &str, program: &str, other: &str) -> String {
    let restore =
        format!("to use a backup, restore it into an empty database: {other} store restore FILE");
    if reason.contains("is not a store") {
        return format!("name another database: {other} doctor");
    }
    // Without the history nothing can be compared.
    if reason.contains("oclm_history") {
        return restore;
    }
    format!("see what is wrong: {program} store validate\n{restore}")
}
