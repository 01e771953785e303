//! `merge`: a branch into another, documents value by value.

use std::fmt::Display;

use crate::git::GitProgram;
use crate::project::{MergeConflict, MergeOptions, Merging, NotRaised};
use crate::report::{FileConflictReport, HtmlPage, MergeConflictReport};
use crate::text::{count, folder, some_of, visible_line};
use crate::values::Address;

use super::commit::{self, Writing};
use super::complete;
use super::consent::Consent;
use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::html;
use super::output::Output;
use super::signing::Signing;

/// Of the projects that only the other side changed, so many are named.
const MOST_TAKEN: usize = 5;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate merge feature/x --into main --dry-run      the conflicts, or what would be written
  ocl-migrate merge feature/x --into main -m 'Merge feature/x'
  ocl-migrate merge feature/x --into main -m Merge --theirs 'variables variable[\"Retries\"]' --ours runbook/backup
  ocl-migrate merge feature/x --into main -m Merge --follow-renames
  ocl-migrate merge feature/x --into main --dry-run --html merge.html      both sides and the outcome beside each other")]
pub(super) struct Arguments {
    /// What to merge: a branch, a tag, a commit
    #[arg(value_name = "THEIRS", add = complete::refs())]
    theirs: String,
    /// The branch to merge into
    #[arg(long = "into", value_name = "BRANCH", add = complete::branches())]
    branch: String,
    /// The commit's message
    #[arg(short, long, value_name = "TEXT", required_unless_present = "dry_run")]
    message: Option<String>,
    /// Settle the conflicts at and below this address as the branch has it: a document (`runbook/backup`), a document and a selector,
    /// or the path of a file that isn't a document; of several projects, the document below its base path
    /// (`.octopus/web/runbook/backup`); or `**`, for all there is; may be given several times
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address, add = complete::documents())]
    ours: Vec<Address>,
    /// Settle them as the other side has it. Where both options fit, the address of more names counts, the document and each part of the
    /// selector being one
    #[arg(long = "theirs", value_name = "ADDRESS", value_parser = parse_address, add = complete::documents())]
    theirs_at: Vec<Address>,
    /// Where one side gave a document or a block another name and the other side changed it, take both to be one
    #[arg(long)]
    follow_renames: bool,
    /// Make a merge commit also where the branch could just move forward
    #[arg(long)]
    no_ff: bool,
    #[command(flatten)]
    consent: Consent,
    /// The version to merge at (default: the highest of both sides and of the commit that they come from); of several projects, for all
    /// that both sides have and that are below it
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Show the conflicts or what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    html: html::PageFile,
}

fn parse_address(text: &str) -> Result<Address, String> {
    text.parse()
        .map_err(|error: crate::values::SyntaxError| error.to_string())
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let Arguments { theirs, branch, .. } = arguments;
    let project = global.open_to_write()?;
    global.expect_branch(&project, branch)?;
    global.check_base_path(&project, &[branch.clone(), theirs.clone()])?;
    let options = MergeOptions {
        target: arguments.to,
        ours: arguments.ours.clone(),
        theirs: arguments.theirs_at.clone(),
        follow_renames: arguments.follow_renames,
        always_commit: arguments.no_ff,
        rows: arguments.html.wanted(),
        git: Some(GitProgram::default()),
        // A client's project may be one of several, and the others somebody else's.
        only_this_project: global.served.is_some() && global.base_path.is_some(),
    };
    let merging = project.merge(branch, global.revision(&project, theirs), &options)?;
    let page = || Ok::<_, Failure>(HtmlPage::merge(theirs, branch, &merging));
    arguments.html.write(global, page, output)?;
    let Some(draft) = &merging.draft else {
        tell_conflicts(global, arguments, &merging, output)?;
        return Ok(Exit::Failure);
    };
    let message = arguments.message.clone();
    let of_several =
        merging.is_one_of_several || !merging.beside.is_empty() || !merging.taken.is_empty();
    let writing = Writing {
        branch: branch.clone(),
        message: message.unwrap_or_else(|| format!("Merge {theirs} into {branch}")),
        consent: arguments.consent.clone(),
        to: arguments.to,
        dry_run: arguments.dry_run,
        signing: arguments.signing.clone(),
        base_path: of_several.then(|| merging.base_path.clone()),
    };
    let exit = commit::finish(global, &project, draft, &writing, None, output)?;
    if global.format == Format::Text {
        tell(arguments, &merging, output)?;
    }
    tell_not_raised(global, arguments, &merging, output);
    Ok(exit)
}

fn tell(arguments: &Arguments, merging: &Merging, output: &mut Output) -> Result<(), Failure> {
    let Arguments { theirs, branch, .. } = arguments;
    let (theirs, branch) = (visible_line(theirs), visible_line(branch));
    if merging.is_forward {
        let moves = if arguments.dry_run {
            "would move"
        } else {
            "has moved"
        };
        output.line(format_args!(
            "{branch} has no commits of its own: it {moves} forward to {theirs}"
        ))?;
        return Ok(());
    }
    let is = if arguments.dry_run {
        output.line("")?;
        "would be"
    } else {
        "is"
    };
    let changes = |changed: &[_]| count(changed.len(), "document");
    let of = if merging.beside.is_empty() && merging.taken.is_empty() {
        String::new()
    } else {
        format!(" in {}", visible_line(folder(&merging.base_path)))
    };
    output.line(format_args!(
        "{theirs} {is} merged at version {}: it changes {}{of} of {branch}",
        merging.target,
        changes(&merging.changed)
    ))?;
    if !merging.taken.is_empty() {
        let base_paths = merging.taken.iter().map(|path| visible_line(folder(path)));
        let has = if arguments.dry_run { "would be" } else { "is" };
        output.line(format_args!(
            "only {theirs} changed {}, which {has} taken as it is there",
            some_of(base_paths, MOST_TAKEN)
        ))?;
    }
    for beside in &merging.beside {
        let base_path = visible_line(folder(&beside.base_path));
        output.line(format_args!(
            "and at version {}: {} in {base_path}",
            beside.target,
            changes(&beside.changed)
        ))?;
    }
    Ok(())
}

/// Which projects stay below the version that was asked for, and what brings them there.
fn tell_not_raised(global: &Global, arguments: &Arguments, merging: &Merging, output: &mut Output) {
    let Some(to) = arguments.to else { return };
    for NotRaised { base_path, version } in &merging.not_raised {
        output.warning(format_args!(
            "{} stays at version {version}: only one side has the project, so that nothing of it is merged",
            visible_line(folder(base_path))
        ));
        let (program, path) = (global.program(), quoted(folder(base_path)));
        let branch = quoted(&arguments.branch);
        output.hint(format_args!(
            "afterwards: {program} --base-path {path} upgrade {branch} --to {to} -m TEXT"
        ));
    }
}

fn tell_conflicts(
    global: &Global,
    arguments: &Arguments,
    merging: &Merging,
    output: &mut Output,
) -> Result<(), Failure> {
    let (documents, files) = (&merging.conflicts, &merging.file_conflicts);
    if global.format == Format::Json {
        for conflict in documents {
            output.json(&MergeConflictReport::new(conflict))?;
        }
        for conflict in files {
            output.json(&FileConflictReport::new(conflict))?;
        }
        return Ok(());
    }
    let mut projects = documents.iter().map(|conflict| &conflict.base_path);
    let is_of_several =
        merging.is_one_of_several || projects.any(|base_path| *base_path != merging.base_path);
    for conflict in documents {
        let address = if is_of_several {
            conflict.address_in_repository()
        } else {
            conflict.address()
        };
        tell_conflict(conflict, &address, output)?;
    }
    for conflict in files {
        output.heading(format_args!("{}: file", visible_line(&conflict.path)))?;
        for line in conflict.message.lines() {
            output.line(format_args!("  {}", visible_line(line)))?;
        }
    }
    let conflicts = count(documents.len() + files.len(), "conflict");
    output.line(format_args!("{conflicts}; nothing is merged"))?;
    let renamed = documents
        .iter()
        .any(|it| it.kind == crate::merge::ConflictKind::Identity);
    let follow = if renamed && !arguments.follow_renames {
        "; --follow-renames takes what has another name to be the same"
    } else {
        ""
    };
    output.hint(format_args!(
        "say which side is right with --ours ADDRESS or --theirs ADDRESS{follow}"
    ));
    Ok(())
}

fn tell_conflict(
    conflict: &MergeConflict,
    address: &Address,
    output: &mut Output,
) -> Result<(), Failure> {
    let address = address.to_string();
    output.heading(format_args!(
        "{}: {}",
        visible_line(&address),
        conflict.kind.name()
    ))?;
    for (name, side) in conflict.sides() {
        let text: &dyn Display = match side {
            Some(side) => &visible_line(&side.text),
            None => &"nothing",
        };
        output.line(format_args!("  {name:<7} {text}"))?;
    }
    Ok(())
}
