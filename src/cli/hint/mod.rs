//! Hints after a failure: what to do next, as a command to paste where there is one.

mod git;
mod servers;

use std::path::Path;

use crate::catalog::DocumentName;
use crate::git::Error;
use crate::plan::{NeverRead, PlanError};
use crate::project::{
    CommitError, DoubledDocument, DoubledIn, DraftError, LoadError, MergeBranchError,
    MergeSidesError, Remedy,
};
use crate::query::QueryError;
use crate::references::{RenameRefusal, UnknownKind};
use crate::store::{self, Location};
use crate::text::{nearest, short_id};
use crate::values::{FindError, TakeError, ValueEditError};

use crate::cli::failure::{Failure, quoted, short_name};
use crate::cli::global::Environment;
use crate::cli::invocation::Invocation;
use crate::cli::lookups::fill_in;

/// What to do next.
pub(super) fn hint(failure: &Failure, called: &Invocation) -> Option<String> {
    let own = match failure {
        Failure::Load(error) => of_load(error, called),
        Failure::Plan(error) => of_plan(error, called),
        Failure::Commit(error) => of_commit(error.cause(), called),
        Failure::Merge(error) => of_merge(error, called),
        Failure::Store(error) => of_store(error, called),
        Failure::Catalog(error) => match error.problems.as_slice() {
            // The folder itself.
            [problem] if problem.line == 0 && !Path::new(&problem.file).is_file() => {
                let path = Path::new(&problem.file);
                let folder = if path.ends_with("catalog.hcl") {
                    path.parent()
                } else {
                    // Whoever wants a step in a folder that isn't there begins a catalog.
                    Some(path).filter(|path| called.name.trim() == "new" && !path.exists())
                };
                Some(folder.map_or_else(|| look_around(&problem.file), begin_catalog))
            }
            _ => None,
        },
        Failure::File { path, .. } => Some(look_at(path)),
        Failure::Usage(_) => Some(how_it_is_called(called)),
        Failure::UnknownKind(error) => {
            of_unknown_kind(error, called).or_else(|| Some(how_it_is_called(called)))
        }
        Failure::Missing { list, .. } => {
            Some(format!("see what there is: {}", called.command(list)))
        }
        Failure::NeverRead { document, why } => of_never_read(document, why, called),
        Failure::Find(error) => of_find(error, called),
        Failure::Query(error) => of_query(error, called),
        Failure::Environment { name, revision } => {
            let command = called.with(name, short_name(revision));
            command.map(|command| format!("write to the branch that it names: {command}"))
        }
        Failure::Settings(_)
        | Failure::Ocl { .. }
        | Failure::Answers { .. }
        | Failure::Refused(..)
        | Failure::Other(_)
        | Failure::ClosedPipe => None,
    };
    own.or_else(|| match failure.remedy() {
        Remedy::LoadAgain => Some(format!("try again: {}", called.whole())),
        Remedy::UpgradeServer if called.words.iter().any(|word| word == "--catalog") => {
            Some("use a newer release or catalog".into())
        }
        Remedy::UpgradeServer if called.host.own().is_some() => {
            Some(format!("use a newer release of {}", called.host.called()))
        }
        Remedy::UpgradeServer => Some(format!(
            "use a newer release, or a newer catalog: {}",
            called.again("--catalog DIR")
        )),
        Remedy::ReportBug => Some(format!(
            "this is a bug: please report it with this message, the command and the output of `{} --version`",
            called.host.called()
        )),
        _ => None,
    })
}

/// Where a revision that isn't there was named by the repository's settings, and not by the user.
pub(super) fn of_environment(
    failure: &Failure,
    environments: &[Environment],
    called: &Invocation,
) -> Option<String> {
    let Failure::Load(LoadError::Git(Error::RevisionNotFound { revision, .. })) = failure else {
        return None;
    };
    let mut environments = environments.iter();
    let named = environments.find(|environment| environment.revision == *revision)?;
    (!called.words.contains(revision)).then(|| {
        format!(
            "the environment `{}` of the repository's .ocl-migrate.hcl names it: correct that, or see what there is: {}",
            named.name,
            called.command("status --all")
        )
    })
}

fn of_merge(error: &MergeBranchError, called: &Invocation) -> Option<String> {
    match error {
        MergeBranchError::Sides(MergeSidesError::Load { source, .. }) => of_load(source, called),
        MergeBranchError::Sides(MergeSidesError::SeveralBases { ours, theirs, .. }) => {
            let (ours, theirs) = (quoted(short_name(ours)), quoted(short_name(theirs)));
            let restore = called.command(&format!("restore {ours} --from {theirs} -m TEXT"));
            Some(format!(
                "take the other one's documents, then join the histories: {restore}, and on {ours} git merge -s ours {theirs}"
            ))
        }
        MergeBranchError::NoConflictAt { .. } => {
            Some("leave the address out, and see which conflicts there are".to_owned())
        }
        MergeBranchError::InProject { source, .. } => of_merge(source, called),
        MergeBranchError::Theirs { theirs, .. } => {
            let adopt = format!("adopt --dry-run {}", quoted(short_name(theirs)));
            Some(format!(
                "see what it would take: {}",
                called.command(&adopt)
            ))
        }
        _ => None,
    }
}

fn of_query(error: &QueryError, called: &Invocation) -> Option<String> {
    let more = |option, value| format!("to allow more: {}", called.again_with(option, value));
    match error {
        QueryError::Sql { hint, .. } => hint.clone(),
        QueryError::TimedOut { .. } => Some(more("--timeout", "600")),
        QueryError::TooManyRows { .. } => Some(more("--max-rows", "10000000")),
        QueryError::OutOfMemory => Some(more("--memory", "4096")),
        _ => None,
    }
}

fn how_it_is_called(called: &Invocation) -> String {
    format!(
        "see how it is called: {} help{}",
        called.host.called(),
        called.name
    )
}

/// The same command with the kind that was probably meant.
fn of_unknown_kind(error: &UnknownKind, called: &Invocation) -> Option<String> {
    let meant = error.nearest()?;
    let attached = |kind: &str| format!("--kind={kind}");
    let command = called
        .with(&error.kind, meant)
        .or_else(|| called.with(&attached(&error.kind), &attached(meant)))?;
    Some(format!("did you mean {meant}? {command}"))
}

/// The same command with the selector that was probably meant; or, of several things, with the first.
fn of_find(error: &FindError, called: &Invocation) -> Option<String> {
    match error {
        FindError::Nothing { selector, missing } => {
            let command = called.with(selector, missing.nearest.as_ref()?)?;
            Some(format!("if that is what you mean: {command}"))
        }
        FindError::Several {
            selector,
            candidates,
        } => {
            let first = candidates.first_whole()?;
            let command = called.with(selector, first)?;
            Some(format!("name one of them, such as the first: {command}"))
        }
    }
}

/// A command that writes the smallest possible catalog.
fn begin_catalog(folder: &Path) -> String {
    let file = folder.join("catalog.hcl");
    let file = quoted(&file.to_string_lossy());
    let make = if folder.exists() {
        String::new()
    } else {
        format!("mkdir -p {} && ", quoted(&folder.to_string_lossy()))
    };
    let name = folder
        .file_name()
        .map_or("mine".into(), |name| name.to_string_lossy());
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    format!(
        "to begin one, with a kind of your own: {make}cat > {file} <<'END'
catalog \"{name}\" {{ base_path = \".{name}\" }}
marker {{
  path      = \"schema_version.ocl\"
  attribute = \"version\"
}}
document \"job\" {{ path = \"jobs/*.ocl\" }}
END"
    )
}

/// Shows who may do what with what is at a path; what is near it where there is nothing.
fn look_at(path: &str) -> String {
    if Path::new(path).symlink_metadata().is_ok() {
        format!("look at it: ls -ld {}", quoted(path))
    } else {
        look_around(path)
    }
}

/// Shows what is in the nearest folder above a path.
fn look_around(path: &str) -> String {
    let above = Path::new(path).ancestors().skip(1);
    let folder = above
        .filter(|folder| *folder != Path::new(""))
        .find(|folder| folder.exists());
    let folder = folder.map_or(".".into(), |folder| folder.to_string_lossy());
    format!("see what is there: ls -la {}", quoted(&folder))
}

fn of_load(error: &LoadError, called: &Invocation) -> Option<String> {
    Some(match error {
        LoadError::Git(error) => return git::of_git(error, called),
        LoadError::Store(error) => return of_store(error, called),
        LoadError::Plan(error) => return of_plan(error, called),
        LoadError::SeveralProjects { base_paths } => {
            let commands = base_paths.iter().map(|path| {
                let option = format!("--base-path {}", quoted(path));
                format!("\n    {}", called.again(&option))
            });
            format!("choose one:{}", commands.collect::<String>())
        }
        LoadError::Marker(error) => {
            let revision = called.revision.as_deref().unwrap_or("HEAD");
            let place = |path: &str| quoted(&format!("{revision}:{path}"));
            match &error.also_at {
                Some(other) => format!(
                    "look at both: {} show {} {}",
                    called.git,
                    place(&error.path),
                    place(other)
                ),
                None => format!("look at it: {} show {}", called.git, place(&error.path)),
            }
        }
        LoadError::DocumentsWithoutMarker {
            marker, attribute, ..
        } => format!(
            "on that branch, with its version in the place of N: echo '{attribute} = N' > {0} && git add {0} && git commit -m 'State the schema version'",
            quoted(marker)
        ),
        LoadError::NoProjectAt {
            base_path,
            base_paths,
        } if called.name.starts_with(" store") && !called.words.contains(base_path) => format!(
            "name it: {}; to begin one at {base_path:?}: {}",
            called.again(&format!("--base-path {}", quoted(base_paths.first()?))),
            called.store(&format!("init --base-path {}", quoted(base_path)))?
        ),
        LoadError::NoProjectAt {
            base_path,
            base_paths,
        } => {
            let begin = called.store("init");
            let begin = begin.map(|init| format!("to begin a project there: {init}"));
            let meant = nearest(base_path, base_paths.iter().map(String::as_str));
            let meant = meant.map(|meant| match called.with(base_path, meant) {
                Some(command) => format!("did you mean {meant}? {command}"),
                // It isn't in the command.
                None => format!(
                    "look at base_path in the repository's .ocl-migrate.hcl: did you mean {meant}?"
                ),
            });
            match (meant, begin) {
                (Some(meant), Some(begin)) if meant.ends_with('?') => format!("{meant} {begin}"),
                (Some(meant), Some(begin)) => format!("{meant}; {begin}"),
                (meant, begin) => meant.or(begin)?,
            }
        }
        LoadError::InvalidBasePath { .. } | LoadError::NotAFolder { .. } => {
            format!(
                "see which base paths there are: {}",
                called.everywhere("status")
            )
        }
        LoadError::NoSuchDocument { name, known } => {
            let meant = nearest(name, known.iter().map(DocumentName::as_str));
            let command = meant.and_then(|meant| Some((meant, called.with_document(name, meant)?)));
            match (command, meant) {
                (Some((meant, command)), _) => format!("did you mean {meant}? {command}"),
                (None, Some(meant)) => format!("did you mean {meant}?"),
                (None, None) => format!(
                    "see what there is: {}",
                    called.command(&format!("preview --stat {}", called.revision()))
                ),
            }
        }
        LoadError::NothingFits { pattern, meant } => {
            let meant = meant.as_deref();
            match meant.and_then(|meant| called.with(pattern, meant)) {
                Some(command) => format!("did you mean that? {command}"),
                None => format!("see what there is: {}", called.command("status --all")),
            }
        }
        LoadError::NotBroughtBack { commit, .. } => {
            let preview = called.command(&format!("preview {commit}"));
            format!("see what is wrong there: {preview}")
        }
        LoadError::LeftOut { .. } => format!("fetch all of it with: {}", error.fetch_command()?),
        LoadError::NewerSteps { .. } => return None,
    })
}

fn of_plan(error: &PlanError, called: &Invocation) -> Option<String> {
    Some(match error {
        PlanError::TargetAboveServer { .. }
        | PlanError::TargetRetired { .. }
        | PlanError::TargetZero => {
            format!(
                "see which versions there are: {}",
                called.command("plan --branch-version 0")
            )
        }
        PlanError::MissingSnapshot { .. } => format!(
            "see what the store holds: {}; restore a backup: {}",
            called.store("status")?,
            called.store("restore FILE")?
        ),
        _ => return None,
    })
}

fn of_commit(error: &CommitError, called: &Invocation) -> Option<String> {
    let revision = called.revision();
    Some(match error {
        CommitError::Load(error) => return of_load(error, called),
        CommitError::Git(error) => return git::of_git(error, called),
        CommitError::Store(error) => return of_store(error, called),
        CommitError::Draft(error) => return of_draft(error, called),
        CommitError::NotABranch { branch, named } => match branch {
            Some(branch) => format!("name the branch: {}", quoted(branch)),
            None => match named
                .as_deref()
                .and_then(|named| called.local_branch(named))
            {
                Some((branch, command)) => {
                    format!(
                        "make it a branch of yours: {} branch {branch} {revision} && {command}",
                        called.git
                    )
                }
                None => format!(
                    "begin a branch there: {}",
                    called.command(&format!(
                        "commit NAME --new --from {revision} -m TEXT --put DOC=FILE"
                    ))
                ),
            },
        },
        CommitError::NoChange { is_migrated: true } => return None,
        CommitError::NoChange { is_migrated: false } => format!(
            "to migrate it alone: {}",
            called.command(&format!("upgrade {revision} -m 'Migrate'"))
        ),
        CommitError::Downward { target, .. } => format!(
            "to write it at {target}: {}",
            called.command(&format!("downgrade {revision} --to {target} -m TEXT"))
        ),
        CommitError::BelowImport { target, .. } | CommitError::ComesInAgain { target, .. } => {
            format!(
                "to look at it: {}",
                called.command(&format!("show {revision} --to {target}"))
            )
        }
        CommitError::SetAside { .. } => format!(
            "to look at it nevertheless: {}",
            called.command(&format!("show {revision} --to N"))
        ),
        CommitError::NoStoreToAdopt => {
            format!("name it: {}", called.again("--store FILE"))
        }
        CommitError::UnknownVersions { versions } => {
            let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
            let option = format!("--accept-unknown {}", versions.join(","));
            format!("to accept them: {}", called.again(&option))
        }
        CommitError::MissingLookups { lookups } => {
            let keys = lookups.iter().map(|missing| &missing.lookup);
            let options: Vec<String> = keys
                .clone()
                .map(|key| format!("--accept-missing-lookup {}", quoted(&key.to_string())))
                .collect();
            let accept = format!(
                "to accept the defaults: {}",
                called.again(&options.join(" "))
            );
            match called.store("lookup load -") {
                Some(load) => format!("{}; {accept}", fill_in(&load, keys)),
                None => accept,
            }
        }
        CommitError::DoubledNames { documents } => of_doubled(documents.first()?, called),
        CommitError::FailedDocuments { documents } => {
            let name = &documents.first()?.name;
            let why = called.explain(name.as_str());
            match documents.len() {
                1 => format!("see why: {why}"),
                _ => format!(
                    "see why: {why}; see all of them: {}",
                    called.command(&format!("preview --stat {revision}{}", called.to))
                ),
            }
        }
        CommitError::NoStore { .. } | CommitError::UnknownProject { .. } => format!(
            "make the project known: {}; then put what is to be imported there: {}",
            called.store("init")?,
            called.store("put DOC FILE")?
        ),
        CommitError::StoreBehind { .. } => format!(
            "see what it would take: {}",
            called.command(&format!("adopt --dry-run {revision}"))
        ),
        CommitError::DamagedIntent { .. } => {
            format!("restore a backup: {}", called.store("restore FILE")?)
        }
        CommitError::Path { .. } => what_lies_where(called),
        CommitError::Unconfirmed { .. } => {
            format!(
                "see its state: {}",
                called.command(&format!("status {revision}"))
            )
        }
        _ => return None,
    })
}

fn of_doubled(doubled: &DoubledDocument, called: &Invocation) -> String {
    let name = quoted(doubled.document.as_str());
    match &doubled.held_by {
        DoubledIn::Branch => format!(
            "see it, and mend it in the same commit: {}",
            called.command(&format!("show {} {name} --raw", called.revision()))
        ),
        DoubledIn::Put => format!("mend it there, then: {}", called.whole()),
        DoubledIn::Commit(commit) => {
            let show = called.command(&format!("show {} {name} --raw", short_id(commit)));
            match called.name.trim() {
                "merge" => format!("see it: {show}; mend it on that side first"),
                _ => {
                    let put = format!("commit {} -m TEXT --put {name}=FILE", called.revision());
                    let put = called.command(&put);
                    format!("see it: {show}; to restore it mended: {put}")
                }
            }
        }
    }
}

fn what_lies_where(called: &Invocation) -> String {
    format!(
        "see which files there are: {} ls-tree -r --name-only {}",
        called.git,
        called.revision()
    )
}

fn of_draft(error: &DraftError, called: &Invocation) -> Option<String> {
    Some(match error {
        DraftError::Load(error) => return of_load(error, called),
        DraftError::NeedsParent { .. } => format!(
            "start from a branch, or with nothing:\n    {}\n    {}",
            called.again("--from BRANCH"),
            called.again("--orphan")
        ),
        DraftError::BranchExists { branch } => {
            format!(
                "see its state: {}",
                called.command(&format!("status {}", quoted(branch)))
            )
        }
        DraftError::NothingToEdit { name, .. } => {
            format!("see why: {}", called.explain(name.as_str()))
        }
        DraftError::InvalidOcl { .. } => {
            format!("mend it there, then: {}", called.whole())
        }
        DraftError::Path { .. } => what_lies_where(called),
        DraftError::NotInGit { .. } => {
            format!("if the server keeps it: {}", called.store("put DOC FILE")?)
        }
        DraftError::NothingToRestoreInto { name, commit } => format!(
            "to restore all of it: {}",
            called.command(&format!(
                "restore {} --from {commit} {}",
                called.revision(),
                quoted(name.as_str())
            ))
        ),
        DraftError::NotRestored { name, commit, .. } => format!(
            "see why: {}",
            called.command(&format!("explain {commit} {}", quoted(name.as_str())))
        ),
        DraftError::Value {
            source: ValueEditError::Find(error),
            ..
        }
        | DraftError::ValueNotRestored {
            source: TakeError::Find(error),
            ..
        } => return of_find(error, called),
        DraftError::ValueNotRestored { name, commit, .. } => format!(
            "see what was there: {}",
            called.command(&format!("show {commit} {}", quoted(name.as_str())))
        ),
        DraftError::NotRenamed(error) => match &error.refusal {
            RenameRefusal::NoSuchKind(error) => return of_unknown_kind(error, called),
            _ => return None,
        },
        DraftError::NoSuchKind { .. } => format!(
            "see which documents there are: {}",
            called.command(&format!("preview --stat {}", called.revision()))
        ),
        _ => return None,
    })
}

/// What is in the store's place can't be used; or what was named as a backup.
fn replace_store(path: &Path, called: &Invocation) -> String {
    let restores = called.name.trim() == "store restore";
    let path = path.to_string_lossy();
    let backs_up = called.name.trim() == "store backup" && is_argument(&path, called);
    if backs_up || restores && called.words.iter().any(|word| *word == path) {
        return name_another_file(called);
    }
    let again = match restores {
        true if called.words.iter().any(|word| word == "--force") => return look_around(&path),
        true => called.again("--force"),
        false => called.command("store restore FILE --force"),
    };
    format!("to replace it by a backup, and keep it beside: {again}")
}

fn name_another_file(called: &Invocation) -> String {
    match called.name.trim() {
        "store restore" => format!(
            "name another backup: {}",
            called.command("store restore FILE")
        ),
        _ => format!("name another file: {}", called.command("store backup FILE")),
    }
}

/// Whether a path was named as what the command is about, not as its store.
fn is_argument(path: &str, called: &Invocation) -> bool {
    let before = std::iter::once("").chain(called.words.iter().map(String::as_str));
    let mut words = called.words.iter().zip(before);
    words.any(|(word, before)| word == path && before != "--store")
}

fn of_never_read(document: &str, why: &NeverRead, called: &Invocation) -> Option<String> {
    let document = quoted(document);
    Some(match why {
        NeverRead::BelowImport { import, .. } => format!(
            "a server brings its own data to version {import} before it is imported; if FILE is in that shape, say so: {}",
            called.command(&format!("store put {document} FILE --shape {import}"))
        ),
        NeverRead::AboveServer { .. } | NeverRead::BelowBaseline { .. } => return None,
        NeverRead::NoImport { .. } | NeverRead::Removed { .. } | NeverRead::Recorded { .. } => {
            format!(
                "put it into a branch: {}",
                called.command(&format!("commit BRANCH -m TEXT --put {document}=FILE"))
            )
        }
    })
}

/// What to do about a store's file.
fn of_store_file(error: &store::Error, path: &Path, called: &Invocation) -> String {
    let shown = quoted(&path.to_string_lossy());
    match error {
        store::Error::Corrupt { .. } => replace_store(path, called),
        store::Error::NotAStore { .. } if path.is_file() => {
            format!("look at it: ls -l {shown}; {}", replace_store(path, called))
        }
        store::Error::Full { .. } => format!("see how much is left: df -h {shown}"),
        store::Error::NotAStore { .. }
            if path.is_dir() && !is_argument(&path.to_string_lossy(), called) =>
        {
            format!(
                "name a file in it: --store {}",
                quoted(&path.join("store.db").to_string_lossy())
            )
        }
        _ => look_at(&path.to_string_lossy()),
    }
}

fn of_store(error: &store::Error, called: &Invocation) -> Option<String> {
    Some(match error {
        store::Error::Absent { .. } | store::Error::UnknownProject { .. } => {
            format!("make the project known: {}", called.store("init")?)
        }
        store::Error::Outdated { .. } => {
            format!(
                "see what it would do: {}",
                called.store("migrate --dry-run")?
            )
        }
        store::Error::ProjectExists { .. } => {
            format!("see which there are: {}", called.store("tenants")?)
        }
        store::Error::Newer { .. } => format!("use a newer release of {}", called.host.called()),
        // Nor does `--force` help beside what another store left, or has in use.
        store::Error::Exists { path }
            if called.words.iter().any(|word| word == "--force")
                || !is_argument(&path.to_string_lossy(), called) =>
        {
            name_another_file(called)
        }
        store::Error::OwnBackup { .. } => name_another_file(called),
        store::Error::Exists { .. } => format!("to replace it: {}", called.again("--force")),
        store::Error::Corrupt { store, .. }
        | store::Error::NotAStore { store, .. }
        | store::Error::ReadOnly { store, .. }
        | store::Error::Full { store } => match store {
            Location::File(path) => of_store_file(error, path, called),
            Location::Server(_) => return servers::of_server(error, called),
        },
        store::Error::File { path, .. } => look_at(&path.to_string_lossy()),
        store::Error::Unreachable { store, why } => servers::unreachable(&store.to_string(), why),
        store::Error::Denied { store, why } if why.contains("password") => {
            servers::password(&store.to_string())
        }
        store::Error::OutcomeUnknown { .. } => {
            format!("see what it holds: {}", called.store("list")?)
        }
        store::Error::CopyDiffers { .. } => {
            "copy into a database, or a file, that holds nothing yet".to_owned()
        }
        store::Error::NoPermission { path, .. } => {
            // Where a folder above it is closed, not even its owner can be told.
            let is_visible = path.symlink_metadata().is_ok();
            let shown = path.parent().filter(|_| !is_visible).unwrap_or(path);
            format!(
                "see whose it is: ls -ld {}",
                quoted(&shown.to_string_lossy())
            )
        }
        store::Error::AlreadyRecorded { .. } | store::Error::Database { .. } => {
            format!("see what it holds: {}", called.store("status")?)
        }
        _ => return None,
    })
}
