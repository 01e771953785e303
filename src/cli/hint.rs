//! What to do next about a failure, as a command to paste where there is one.

use std::ffi::OsString;
use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;
use ocl_migrate::catalog::nearest;
use ocl_migrate::git::{self, RefScope, Repository};
use ocl_migrate::plan::PlanError;
use ocl_migrate::project::{CommitError, DraftError, LoadError, Remedy};
use ocl_migrate::store;

use super::failure::{Failure, quoted};

/// How the command was called.
pub(super) struct Invocation {
    /// The program with the options that choose repository, catalog, store and project.
    program: String,
    program_without_base_path: String,
    /// The whole command line.
    whole: String,
    /// The revision or branch that was asked for.
    revision: Option<String>,
}

/// The options that every command in a hint repeats.
const REPEATED: [(&str, &str); 6] = [
    ("directory", "-C"),
    ("repo", "--repo"),
    ("base_path", "--base-path"),
    ("catalog", "--catalog"),
    ("store", "--store"),
    ("project", "--project"),
];

impl Invocation {
    pub(super) fn new(words: &[OsString], matches: &ArgMatches) -> Invocation {
        let mut program = "ocl-migrate".to_owned();
        let mut program_without_base_path = program.clone();
        let mut whole = program.clone();
        for (id, option) in REPEATED {
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            let mut values = matches.get_raw(id).into_iter().flatten();
            if let Some(value) = values.next() {
                let value = quoted(&value.to_string_lossy());
                let option = format!(" {option} {value}");
                program.push_str(&option);
                if id != "base_path" {
                    program_without_base_path.push_str(&option);
                }
            }
        }
        for word in words.iter().skip(1) {
            whole.push(' ');
            whole.push_str(&quoted(&word.to_string_lossy()));
        }
        let revision = matches.subcommand().and_then(|(_, command)| {
            let named = |id| command.try_get_one::<String>(id).ok().flatten();
            named("revision").or_else(|| named("branch")).cloned()
        });
        Invocation {
            program,
            program_without_base_path,
            whole,
            revision,
        }
    }

    /// The same, for commands that no base path narrows.
    fn everywhere(&self, rest: &str) -> String {
        format!("{} {rest}", self.program_without_base_path)
    }

    /// Another command with the same global options.
    fn command(&self, rest: &str) -> String {
        format!("{} {rest}", self.program)
    }

    /// The same command once more, with further options.
    fn again(&self, options: &str) -> String {
        format!("{} {options}", self.whole).trim_end().to_owned()
    }

    fn revision(&self) -> String {
        quoted(self.revision.as_deref().unwrap_or("HEAD"))
    }
}

/// What to do next.
pub(super) fn hint(failure: &Failure, called: &Invocation) -> Option<String> {
    let own = match failure {
        Failure::Load(error) => of_load(error, called),
        Failure::Plan(error) => of_plan(error, called),
        Failure::Commit(error) => of_commit(error.cause(), called),
        Failure::Store(error) => of_store(error, called),
        Failure::Catalog(_) => None,
        Failure::File { path, .. } => {
            let above = Path::new(path).ancestors().skip(1);
            let folder = above
                .filter(|folder| *folder != Path::new(""))
                .find(|folder| folder.exists());
            let folder = folder.map_or(".".into(), |folder| folder.to_string_lossy());
            Some(format!("see what is there: ls -la {}", quoted(&folder)))
        }
        Failure::Usage(_) => Some(format!("see how it is called: {}", called.command("help"))),
        Failure::Missing { list, .. } => {
            Some(format!("see what there is: {}", called.command(list)))
        }
        Failure::Other(_) | Failure::ClosedPipe => None,
    };
    own.or_else(|| match failure.remedy() {
        Remedy::LoadAgain => Some(format!("try again: {}", called.whole)),
        Remedy::UpgradeServer => {
            Some("use a newer release, or name a newer catalog with --catalog DIR".into())
        }
        Remedy::ReportBug => Some(
            "this is a bug: please report it with this message, the command and the output of `ocl-migrate --version`"
                .into(),
        ),
        _ => None,
    })
}

fn of_load(error: &LoadError, called: &Invocation) -> Option<String> {
    Some(match error {
        LoadError::Git(error) => return of_git(error, called),
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
            let place = quoted(&format!(
                "{}:{}",
                called.revision.as_deref().unwrap_or("HEAD"),
                error.path
            ));
            format!("look at it: git show {place}")
        }
        LoadError::DocumentsWithoutMarker {
            marker, attribute, ..
        } => format!(
            "on that branch, with its version in the place of N: echo '{attribute} = N' > {0} && git add {0} && git commit -m 'State the schema version'",
            quoted(marker)
        ),
        LoadError::InvalidBasePath { .. } | LoadError::NotAFolder { .. } => {
            format!(
                "see which base paths there are: {}",
                called.everywhere("status")
            )
        }
        LoadError::NoSuchDocument { name, known } => {
            match nearest(name, known.iter().map(String::as_str)) {
                Some(meant) => format!(
                    "did you mean {meant}? {}",
                    called.command(&format!("show {} {}", called.revision(), quoted(meant)))
                ),
                None => format!(
                    "see what there is: {}",
                    called.command(&format!("preview --stat {}", called.revision()))
                ),
            }
        }
        _ => return None,
    })
}

fn of_git(error: &git::Error, called: &Invocation) -> Option<String> {
    Some(match error {
        git::Error::RepositoryNotFound { .. } => {
            "name a repository: ocl-migrate -C DIR status; or try one out: ocl-migrate demo".into()
        }
        git::Error::RevisionNotFound {
            revision, git_dir, ..
        } => match near_ref(revision, git_dir) {
            Some(meant) => format!(
                "did you mean {meant}? see what there is: {}",
                called.command("status --all")
            ),
            None => format!("see what there is: {}", called.command("status --all")),
        },
        git::Error::InvalidRevision { .. } => {
            format!("see what there is: {}", called.command("status --all"))
        }
        git::Error::WrongKind { id, git_dir, .. } => {
            format!(
                "see what it is: git -C {} show {id}",
                quoted(&git_dir.to_string_lossy())
            )
        }
        git::Error::ObjectNotFound { git_dir, .. } => {
            format!(
                "see what else is missing: git -C {} fsck",
                quoted(&git_dir.to_string_lossy())
            )
        }
        git::Error::Locked { .. } => format!(
            "see which locks are left over: {}",
            called.command("doctor")
        ),
        git::Error::RefNameClash { .. } | git::Error::SymbolicRef { .. } => {
            "see which refs there are: git for-each-ref".into()
        }
        git::Error::InvalidRefName { name, .. } => {
            format!(
                "see what Git says of it: git check-ref-format --branch {}",
                quoted(name)
            )
        }
        _ => return None,
    })
}

/// The branch or tag that was probably meant.
fn near_ref(revision: &str, git_dir: &Path) -> Option<String> {
    let repository = Repository::discover(git_dir).ok()?;
    let refs = repository.reader().refs(RefScope::All).ok()?;
    // A clone has but one branch of its own; the others are the remote's.
    let of_a_remote = refs
        .iter()
        .filter_map(|found| found.name.strip_prefix("refs/remotes/"));
    let tail = format!("/{revision}");
    if let Some(found) = of_a_remote.into_iter().find(|name| name.ends_with(&tail)) {
        return Some(found.to_owned());
    }
    let names = refs.iter().map(|found| {
        let name = found.name.as_str();
        let short = name.strip_prefix("refs/heads/");
        short.or(name.strip_prefix("refs/tags/")).unwrap_or(name)
    });
    nearest(revision, names.filter(|name| *name != revision)).map(str::to_owned)
}

fn of_plan(error: &PlanError, called: &Invocation) -> Option<String> {
    Some(match error {
        PlanError::TargetAboveServer { .. } | PlanError::TargetZero => {
            format!(
                "see which versions there are: {}",
                called.command("plan --branch-version 0")
            )
        }
        PlanError::MissingSnapshot { .. } => format!(
            "see what the store holds: {}; put a backup back: {}",
            called.command("store status"),
            called.command("store restore FILE")
        ),
        _ => return None,
    })
}

fn of_commit(error: &CommitError, called: &Invocation) -> Option<String> {
    let revision = called.revision();
    Some(match error {
        CommitError::Load(error) => return of_load(error, called),
        CommitError::Git(error) => return of_git(error, called),
        CommitError::Store(error) => return of_store(error, called),
        CommitError::Draft(error) => return of_draft(error, called),
        CommitError::NotABranch { branch, .. } => match branch {
            Some(branch) => format!("name the branch: {}", quoted(branch)),
            None => format!(
                "begin a branch there: {}",
                called.command(&format!(
                    "commit NAME --new --from {revision} -m TEXT --put DOC=FILE"
                ))
            ),
        },
        CommitError::NoChange => format!(
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
        CommitError::NothingToUpgrade { .. } | CommitError::NotDownward { .. } => {
            format!(
                "see where it stands: {}",
                called.command(&format!("status {revision}"))
            )
        }
        CommitError::CheckedOut { work_tree, .. } => {
            format!(
                "git -C {} switch --detach",
                quoted(&work_tree.to_string_lossy())
            )
        }
        CommitError::UnknownVersions { versions } => {
            let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
            let option = format!("--accept-unknown {}", versions.join(","));
            format!("to accept them: {}", called.again(&option))
        }
        CommitError::FailedDocuments { documents } => {
            let name = &documents.first()?.name;
            format!(
                "see why: {}",
                called.command(&format!("explain {revision} {}", quoted(name)))
            )
        }
        CommitError::NoStore { .. } | CommitError::UnknownProject { .. } => format!(
            "make the project known: {}; then put what is to be imported there: {}",
            called.command("store init"),
            called.command("store put DOC FILE")
        ),
        CommitError::StoreBehind { .. } => format!(
            "see what it would take: {}",
            called.command(&format!("adopt --dry-run {revision}"))
        ),
        CommitError::DamagedIntent { .. } => {
            format!(
                "put a backup back: {}",
                called.command("store restore FILE")
            )
        }
        CommitError::NotFlushed { .. } => {
            format!(
                "see where it stands: {}",
                called.command(&format!("status {revision}"))
            )
        }
        _ => return None,
    })
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
                "see where it stands: {}",
                called.command(&format!("status {}", quoted(branch)))
            )
        }
        DraftError::NothingToEdit { name, .. } => format!(
            "see why: {}",
            called.command(&format!("explain {} {}", called.revision(), quoted(name)))
        ),
        DraftError::NoSuchKind { .. } => format!(
            "see which documents there are: {}",
            called.command(&format!("preview --stat {}", called.revision()))
        ),
        _ => return None,
    })
}

fn of_store(error: &store::Error, called: &Invocation) -> Option<String> {
    Some(match error {
        store::Error::Absent { .. } | store::Error::UnknownProject { .. } => {
            format!("make the project known: {}", called.command("store init"))
        }
        store::Error::Exists { .. } => format!("to replace it: {}", called.again("--force")),
        store::Error::Corrupt { .. } => {
            format!(
                "put a backup back: {}",
                called.command("store restore FILE")
            )
        }
        store::Error::Full { path } => {
            format!(
                "see how much is left: df -h {}",
                quoted(&path.to_string_lossy())
            )
        }
        store::Error::NotAStore { path, .. } | store::Error::ReadOnly { path, .. } => {
            format!("look at it: ls -l {}", quoted(&path.to_string_lossy()))
        }
        _ => return None,
    })
}
