//! `doctor`: the commands that mend what is wrong.

use std::path::Path;

use crate::git::ObjectId;
use crate::plan::NeverRead;
use crate::project::{DoctorFinding, DoctorSeverity};
use crate::store::ProjectKey;
use crate::text::folder;

use super::failure::{quoted, short_name};
use super::found::LEADS_OUT;
use super::hint::begin_anew;
use super::put::put;

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
pub(super) fn begun_from(ref_name: &str, git: &str) -> String {
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

pub(super) fn mend(
    finding: &DoctorFinding,
    program: &str,
    git: &str,
    only: Option<&str>,
) -> String {
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
