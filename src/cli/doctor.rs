//! `doctor`: what is wrong with repository, store and catalog, and how to mend it.

use std::path::Path;

use crate::git::ObjectId;
use crate::plan::NeverRead;
use crate::project::{DoctorFinding, DoctorSeverity};
use crate::report::DiagnosisReport;
use crate::store::ProjectKey;
use crate::text::{self, folder};

use super::complete;
use super::doctor_beside::found_beside;
use super::doctor_merges;
use super::failure::{Exit, Failure, quoted, short_name};
use super::fleet::FleetArguments;
use super::found::LEADS_OUT;
use super::global::{Format, Global};
use super::hint::begin_anew;
use super::output::Output;
use super::progress::{Progress, folder_of};
use super::put::put;

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

pub(super) const NEWER: &str = "use a newer release, or name a newer catalog: --catalog DIR";

/// The program for one project of the repository.
fn at(program: &str, base_path: &str, only: Option<&str>) -> String {
    match only {
        Some(only) if only == base_path => program.to_owned(),
        _ => format!("{program} --base-path {}", quoted(folder(base_path))),
    }
}

/// The same for commands about the store, which may know it by a name of its own.
fn of_project(program: &str, base_path: &str, project: &ProjectKey, only: Option<&str>) -> String {
    match &*project.name {
        name if name == folder(base_path) => at(program, base_path, only),
        name => format!(
            "{} --project {}",
            at(program, base_path, None),
            quoted(name)
        ),
    }
}

/// The commands that begin a new store of the repository's own where something else lies.
fn anew(file: &Path, program: &str) -> Option<String> {
    begin_anew(file, &format!("{program} store init"))
}

/// What makes a ref a branch that can be written to, before other commands, and the branch.
fn branch_to_write<'r>(ref_name: &'r str, git: &str) -> (String, &'r str) {
    if let Some(branch) = ref_name.strip_prefix("refs/heads/") {
        return (String::new(), branch);
    }
    let of_remote = ref_name.strip_prefix("refs/remotes/");
    let branch = of_remote.and_then(|name| Some(name.split_once('/')?.1));
    let branch = branch.unwrap_or("mended");
    let begin = format!("{git} branch {} {} && ", quoted(branch), quoted(ref_name));
    (begin, branch)
}

/// Where a text can be mended that lies on a tag, or on what a host keeps of a pull request.
fn begun_from(ref_name: &str, git: &str) -> String {
    let is_branch = ["refs/heads/", "refs/remotes/"];
    if ref_name == "HEAD" || is_branch.iter().any(|it| ref_name.starts_with(it)) {
        return String::new();
    }
    let (name, short) = (quoted(ref_name), quoted(short_name(ref_name)));
    format!(
        "\nno commit can be put on {short}: mend it on the branch that it comes from, or if somebody still needs it, on one that \
         begins there: {git} branch mended {name}"
    )
}

/// The commands that move a file: on the branch that has it, or where no commit can be put on the ref, on one that begins there.
fn moved_on(what: &str, ref_name: &str, path: &str, git: &str) -> String {
    let (short, path) = (quoted(short_name(ref_name)), quoted(path));
    if ref_name == "HEAD" || ref_name.starts_with("refs/heads/") {
        return format!("{what} on {short}: {git} mv {path} NEW");
    }
    let (begin, branch) = branch_to_write(ref_name, git);
    format!(
        "no commit can be put on {short}; if somebody still needs it, {what} on a branch that begins there: \
         {begin}{git} switch {} && {git} mv {path} NEW",
        quoted(branch)
    )
}

/// A document's object is damaged, or isn't there.
fn lacks_object(reason: &str) -> bool {
    reason.contains(" fsck")
}

fn mend(finding: &DoctorFinding, program: &str, git: &str, only: Option<&str>) -> String {
    match finding {
        DoctorFinding::LockFile { .. } if finding.severity() == DoctorSeverity::Note => {
            format!("wait until that process ends, and look again: {program} doctor")
        }
        DoctorFinding::LockFile { path, .. } => {
            let remove = format!("rm {}", quoted(&path.to_string_lossy()));
            let is_branch = path.to_string_lossy().contains("/refs/heads/");
            if is_branch {
                // A commit that died left the lock before or after its work tree followed.
                format!(
                    "if the branch is checked out, `git status` there shows what was to be committed\nif no Git process runs \
                     there: {remove}"
                )
            } else {
                format!("if no Git process runs there: {remove}")
            }
        }
        DoctorFinding::LeftOut {
            git_dir, folder, ..
        } => {
            let git = format!("git -C {}", quoted(&git_dir.to_string_lossy()));
            let empty = ObjectId::EMPTY_TREE;
            let below = match folder.as_str() {
                "" => String::new(),
                folder => format!(" -- {}", quoted(folder)),
            };
            // Comparing with nothing makes Git fetch what it compares, all of a ref at once.
            format!(
                "{git} for-each-ref --format='{empty} %(tree)%(*tree)' | {git} diff-tree --stdin -r --numstat{below} > /dev/null"
            )
        }
        DoctorFinding::HistoryLeftOut { git_dir, .. } => format!(
            "git -C {} fetch --refetch --filter=blob:limit=1k",
            quoted(&git_dir.to_string_lossy())
        ),
        DoctorFinding::ShallowClone { git_dir, .. } => format!(
            "git -C {} fetch --unshallow",
            quoted(&git_dir.to_string_lossy())
        ),
        DoctorFinding::Invalid { reason, .. } | DoctorFinding::BrokenDocument { reason, .. }
            if lacks_object(reason) =>
        {
            format!("fetch the objects again, or see what else is missing: {git} fsck")
        }
        DoctorFinding::Invalid {
            ref_name,
            leads_nowhere: true,
            ..
        } => format!("take it away: {git} symbolic-ref -d {}", quoted(ref_name)),
        DoctorFinding::BrokenHead { git_dir, .. } => format!(
            "say which branch it is on: printf 'ref: refs/heads/BRANCH\\n' > {}",
            quoted(&git_dir.join("HEAD").to_string_lossy())
        ),
        DoctorFinding::EnvironmentWithoutRef { .. } => {
            format!("correct it there, or see which refs there are: {program} status --all")
        }
        DoctorFinding::Invalid {
            ref_name,
            base_path,
            ..
        } => {
            let branch = short_name(ref_name);
            format!(
                "see what changed there last: {git} log -1 -p {} -- {}",
                quoted(branch),
                quoted(folder(base_path))
            )
        }
        DoctorFinding::ProjectElsewhere { base_paths, .. } => {
            let first = base_paths.first().map_or("DIR", |path| folder(path));
            format!(
                "look at it there: {program} --base-path {} doctor",
                quoted(first)
            )
        }
        DoctorFinding::Ahead { .. } => NEWER.into(),
        DoctorFinding::Retired {
            ref_name,
            lifted_by,
            ..
        } => format!(
            "upgrade it with {lifted_by}\nor delete it, if nobody needs it: {git} update-ref -d {}",
            quoted(ref_name)
        ),
        DoctorFinding::Deprecated {
            ref_name,
            base_path,
            ..
        } => format!(
            "bring it up to date: {} upgrade {} -m 'Migrate'",
            at(program, base_path, only),
            quoted(short_name(ref_name))
        ),
        DoctorFinding::BrokenDocument { ref_name, path, .. } => {
            let branch = short_name(ref_name);
            // Git takes a pattern, in which `*` stands for bytes that can't be shown.
            format!(
                "see who wrote it: {git} log -1 {} -- {}",
                quoted(branch),
                quoted(&path.replace('\u{fffd}', "*"))
            )
        }
        DoctorFinding::RefusedPath { ref_name, path, .. }
        | DoctorFinding::SamePath { ref_name, path, .. } => {
            moved_on("give it another name", ref_name, path, git)
        }
        DoctorFinding::InTheWay {
            ref_name, obstacle, ..
        } => moved_on("move it away", ref_name, &obstacle.path, git),
        DoctorFinding::DoubledNames { ref_name, path, .. } => {
            let branch = short_name(ref_name);
            format!(
                "keep the right one of each; see who wrote them: {git} blame {} -- {}",
                quoted(branch),
                quoted(path)
            )
        }
        DoctorFinding::SameScope { ref_name, path, .. } => format!(
            "keep one of each two, or narrow its scope; see who wrote them: {git} blame {} -- {}",
            quoted(short_name(ref_name)),
            quoted(path)
        ),
        DoctorFinding::DoubledBlocks { ref_name, path, .. } => format!(
            "keep one of each two, or put them together; see who wrote them: {git} blame {} -- {}",
            quoted(short_name(ref_name)),
            quoted(path)
        ),
        DoctorFinding::MixedShape {
            ref_name,
            base_path,
            document,
            path,
            written_at,
            commit,
            ..
        } => {
            // The steps run on the text as it was written, where its own branch still is at that version.
            let (begin, branch) = branch_to_write(ref_name, git);
            format!(
                "{begin}{program} --base-path {base} show {commit} {document} > /tmp/mended.ocl && {program} --base-path {base} \
                 commit {branch} -m {message} --put {put}",
                put = put(document.as_str(), "/tmp/mended.ocl"),
                base = quoted(folder(base_path)),
                document = quoted(document.as_str()),
                branch = quoted(branch),
                message = quoted(&format!("Migrate {path} from version {written_at}")),
            )
        }
        DoctorFinding::LooksOlder {
            ref_name,
            base_path,
            document,
            ..
        } => format!(
            "see its story: {} explain {} {}",
            at(program, base_path, only),
            quoted(ref_name),
            quoted(document.as_str())
        ),
        DoctorFinding::SameBasePath { one, other, .. } => {
            format!(
                "rename one of the folders: {git} mv {} NEW\nor the other: {git} mv {} NEW",
                quoted(one),
                quoted(other)
            )
        }
        DoctorFinding::BlankInBasePath { base_path, .. } => {
            let parts: Vec<&str> = base_path.split('/').map(str::trim).collect();
            format!(
                "on its branches, if nothing else names it: {git} mv {} {}",
                quoted(base_path),
                quoted(&parts.join("/"))
            )
        }
        DoctorFinding::StrayProject { project, .. } => {
            format!(
                "see what it holds: {program} --project {} store list",
                quoted(&project.name)
            )
        }
        DoctorFinding::ProjectUnknown {
            project, base_path, ..
        } => {
            format!(
                "{} store init",
                of_project(program, base_path, project, only)
            )
        }
        DoctorFinding::StoreBehind {
            ref_name,
            project,
            base_path,
            ..
        } => format!(
            "{} adopt --dry-run {}",
            of_project(program, base_path, project, only),
            quoted(ref_name)
        ),
        DoctorFinding::UnsettledIntent {
            ref_name,
            project,
            base_path,
            ..
        } => {
            format!(
                "the next writer settles it\nor now: {} adopt {}",
                of_project(program, base_path, project, only),
                quoted(ref_name)
            )
        }
        DoctorFinding::UnusedSnapshot { .. } => {
            "nothing has to be done: it costs a few bytes, and old commits stay readable".into()
        }
        DoctorFinding::StoreUnusable {
            file: Some(file), ..
        } if file.is_dir() && !file.is_symlink() => match anew(file, program) {
            Some(anew) => format!("move it away, and begin a new one: {anew}"),
            None => {
                let inside = file.join("store.db");
                format!(
                    "name a file in it: --store {}",
                    quoted(&inside.to_string_lossy())
                )
            }
        },
        DoctorFinding::StoreUnusable { file, reason } if reason.contains(LEADS_OUT) => {
            let file = file.as_deref().unwrap_or(Path::new(""));
            let leads = std::fs::read_link(file).unwrap_or_default();
            // The link's words are relative to where it lies.
            let leads = file.parent().unwrap_or(Path::new("")).join(leads);
            let leads = std::fs::canonicalize(&leads).unwrap_or(leads);
            format!(
                "to use the store there, name it: {program} --store {} doctor\nor take the link away: rm {}",
                quoted(&leads.to_string_lossy()),
                quoted(&file.to_string_lossy())
            )
        }
        DoctorFinding::StoreUnusable {
            file: Some(file), ..
        } if file.exists() && !file.is_file() => match anew(file, program) {
            Some(anew) => format!("move it away, and begin a new one: {anew}"),
            None => format!("see what it is: ls -ld {}", quoted(&file.to_string_lossy())),
        },
        DoctorFinding::StoreUnusable { file, .. } | DoctorFinding::StoreDamaged { file, .. } => {
            let anew = file.as_deref().and_then(|file| anew(file, program));
            let anew = anew.map(|anew| format!("\nwithout one, begin anew: {anew}"));
            let anew = anew.unwrap_or_default();
            format!(
                "replace it by a backup, which keeps it beside: {program} store restore FILE --force{anew}"
            )
        }
        DoctorFinding::ReplacedStore { files, .. } => {
            let files = files.iter().map(|file| quoted(&file.to_string_lossy()));
            format!(
                "if nobody needs what it holds: rm {}",
                files.collect::<Vec<_>>().join(" ")
            )
        }
        DoctorFinding::StoreDenied { .. } => {
            "let the store's owner give you permission, or run this as a user who has it".into()
        }
        DoctorFinding::NeverAsked {
            project,
            base_path,
            lookups,
        } => {
            let program = of_project(program, base_path, project, only);
            let first = lookups.first();
            let (table, key) = first.map_or(("TABLE", "KEY"), |it| (&*it.table, &*it.key));
            format!(
                "if it is a mistake: {program} store lookup remove {} {}",
                quoted(table),
                quoted(key)
            )
        }
        DoctorFinding::NeverRead {
            project,
            base_path,
            documents,
            why,
        } => {
            let program = of_project(program, base_path, project, only);
            let document = documents.first().map_or("DOC".into(), ToString::to_string);
            let put = put(&document, "FILE");
            let document = quoted(&document);
            let keep = format!("{program} store get {document} > FILE");
            match why {
                NeverRead::BelowBaseline { .. } => {
                    "save it again on the server, with the last release that lifts its shape"
                        .to_owned()
                }
                NeverRead::BelowImport { .. } | NeverRead::AboveServer { .. } => format!(
                    "if it is in another shape than the store says: {keep} && {program} store put {document} FILE --shape N"
                ),
                NeverRead::Recorded { .. } => format!(
                    "put it into a branch, or drop it: {keep} && {program} commit BRANCH -m TEXT --put {put} && \
                     {program} store remove {document}"
                ),
                NeverRead::NoImport { .. } | NeverRead::Removed { .. } => {
                    format!("take it out: {keep} && {program} store remove {document}")
                }
            }
        }
    }
}
