//! `explain`: one document's story.

use crate::git::HistoryEndCause;
use crate::migrate::MigrationErrorKind;
use crate::plan;
use crate::project::{Happened, LastWrite, LoadOptions, Loaded, Project, Story, StoryOrigin, join};
use crate::report::{ExplainReport, FileDiff};
use crate::text;

use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::output::Output;
use super::{complete, effect, preview, warnings};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate explain feature/x runbook/backup
  ocl-migrate explain v1.0 .octopus/deployment_process.ocl
  ocl-migrate explain main variables --format json | jq '.steps[] | select(.happened == \"changed\")'")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit
    #[arg(value_name = "REF", add = complete::refs())]
    revision: String,
    /// A document, by name (`runbook/backup`) or path (default: the only one, if there is one)
    #[arg(value_name = "DOC", add = complete::documents())]
    document: Option<String>,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open()?;
    let options = LoadOptions {
        target: arguments.to,
    };
    let revision = &arguments.revision;
    let (loaded, name) = match &arguments.document {
        Some(wanted) => global.load_document(&project, revision, wanted, options)?,
        None => {
            let loaded = global.load(&project, revision, options)?;
            let name = only_document(&loaded, revision, global, output)?;
            (loaded, name)
        }
    };
    let story = loaded.explain(&name)?;
    let document = loaded.document(&name)?;
    let report = ExplainReport::new(&loaded, document, &story);
    let exit = output.knows(if report.failed() {
        Exit::Failure
    } else {
        Exit::Done
    });
    match global.format {
        Format::Json => output.json(&report)?,
        Format::Text => {
            output.page();
            tell(&loaded, &story, report.outcome(), &global.program(), output)?;
            warnings::tell_ref(&loaded, output);
            preview::tell_document(&loaded, document, output);
            if let Some(error) = document.error()
                && is_in_both(&error.kind)
                && global.store_is_file()
            {
                let base_path = match &global.project {
                    None => format!(" --base-path {}", quoted(text::folder(loaded.base_path()))),
                    Some(project) => format!(" --project {}", quoted(project)),
                };
                output.hint(format_args!(
                    "to keep that of Git, take the other out of the store: {}{base_path} store remove {}",
                    global.program(),
                    quoted(name.as_str())
                ));
            }
        }
    }
    Ok(exit)
}

/// Whether Git and the store's table hold a document, and its import doesn't say which to take.
fn is_in_both(error: &MigrationErrorKind) -> bool {
    let MigrationErrorKind::Import(plan::Refusal::AlreadyInGit { origin, .. }) = error else {
        return false;
    };
    matches!(origin, plan::Source::Table)
}

/// The document, where there is only one.
fn only_document(
    loaded: &Loaded,
    revision: &str,
    global: &Global,
    output: &mut Output,
) -> Result<String, Failure> {
    let mut names = loaded.names();
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name.to_string()),
        (None, _) => {
            warnings::tell_ref(loaded, output);
            let message = format!("{revision} has no document");
            Err(Failure::NoDocument {
                name: None,
                message,
                git_dir: None,
            })
        }
        (Some(_), Some(_)) => {
            let commands = loaded.names().map(|name| {
                let program = global.program_at(loaded.base_path());
                let (revision, name) = (quoted(revision), quoted(name.as_str()));
                format!("\n    {program} explain {revision} {name}")
            });
            Err(Failure::Usage(format!(
                "say which document:{}",
                commands.collect::<String>()
            )))
        }
    }
}

fn tell(
    loaded: &Loaded,
    story: &Story,
    outcome: &str,
    program: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let document = loaded.document(story.name.as_str())?;
    let named = loaded.ref_name().unwrap_or("this commit");
    output.heading(format_args!("{} on {named}: {outcome}", story.name))?;
    match &story.origin {
        StoryOrigin::Git {
            path,
            blob,
            written,
            history_ends,
        } => {
            let blob = blob.map_or("nothing that can be read".into(), |blob| format!("blob {blob}"));
            output.line(format_args!("  in Git at {path} ({blob}), in the shape of version {}", story.shape))?;
            if let Some(written) = written {
                output.line(format_args!("  {}", last_written(written)))?;
            } else if history_ends.is_none() && path.contains(char::REPLACEMENT_CHARACTER) {
                output.line("  which commit wrote it can't be told: the name of its file isn't UTF-8")?;
            }
            if let Some(end) = history_ends {
                let why = match end.cause {
                    HistoryEndCause::Shallow => "the clone is shallow",
                    HistoryEndCause::PartialClone => {
                        "the partial clone left out older folders or markers"
                    }
                };
                output.line(format_args!(
                    "  last written in {} or before, it can't be told: {why}",
                    text::short_id(&end.commit)
                ))?;
                output.hint(fetching_it(end.cause, loaded.project()));
            }
        }
        StoryOrigin::BroughtBack {
            source,
            remove_version,
            commit,
        } => {
            let from = match commit {
                Some(commit) => format!("as commit {commit} held it"),
                None => format!("from the {source}"),
            };
            output.line(format_args!(
                "  not in Git: going below version {remove_version} brings it back, {from}"
            ))?;
        }
        StoryOrigin::Store {
            source,
            import_version,
        } => output.line(format_args!(
            "  not in Git: the import at version {import_version} brings it in from the {source}, in the shape of version {}",
            story.shape
        ))?,
    }
    if let Some(recorded) = &story.recorded {
        output.line(format_args!(
            "  it left the server's database on {} (import at version {}); a snapshot keeps it",
            day(recorded.seconds),
            recorded.import_version
        ))?;
        if let Some(effect) = &recorded.effect {
            output.line(format_args!("  {}", effect::recorded(effect)))?;
        }
    }
    if !story.missed.is_empty() {
        output.warning(format_args!(
            "its text is older than the branch's version: the steps of version {} never ran on it; see: {program} doctor",
            text::list(&story.missed)
        ));
    }
    if !story.looks_older.is_empty() {
        output.warning(format_args!(
            "the {} of version {} would still change its text, but won't run, as the branch is at version {}",
            if story.looks_older.len() == 1 { "step" } else { "steps" },
            text::list(&story.looks_older),
            loaded.version()
        ));
    }
    tell_steps(loaded, story, &document.path, output)?;
    if !story.asked.is_empty() {
        output.line("")?;
        output.heading("the server is asked")?;
    }
    for asked in &story.asked {
        let answer = match &asked.answer {
            Some(answer) => answer.to_string(),
            None => "no answer".into(),
        };
        output.line(format_args!("  {} {:?}: {answer}", asked.table, asked.key))?;
    }
    Ok(())
}

fn tell_steps(
    loaded: &Loaded,
    story: &Story,
    path: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let catalog = loaded.project().catalog();
    let path = join(loaded.base_path(), path);
    if !story.steps.is_empty() {
        output.line("")?;
    }
    for told in &story.steps {
        let step = &catalog.steps()[told.step];
        let line = format!(
            "  {:>3}  {:<7}  {}: {}",
            step.version(),
            step.action().name(),
            step.name(),
            what(&told.happened, loaded, story)
        );
        match &told.happened {
            Happened::RanBefore | Happened::AboveTarget => output.aside(line)?,
            _ => output.line(line)?,
        }
        if let Some(diff) = FileDiff::of_step(&told.happened, &path) {
            output.hunks(&diff)?;
        }
    }
    Ok(())
}

/// What became of a step, and why.
fn what(happened: &Happened, loaded: &Loaded, story: &Story) -> String {
    match happened {
        Happened::RanBefore => format!(
            "not run: the branch is at version {} already",
            loaded.version()
        ),
        Happened::AboveTarget => "not run: it is above the version asked for".into(),
        Happened::Changed { after: Some(_), .. } => "changed".into(),
        Happened::Changed { after: None, .. } => "removed the document".into(),
        Happened::NothingToDo => "ran, and found nothing to change".into(),
        Happened::Undone => "undone".into(),
        Happened::Moved { from, to } if from == to => "ran; the document stays where it is".into(),
        Happened::Moved { from, to } => format!("moved from {from} to {to}"),
        Happened::BroughtIn => "brought the document in".into(),
        Happened::PassedOver => "not run on this one: Git holds it".into(),
        Happened::AlreadyInShape => {
            format!(
                "not run: its content is in the shape of version {} already",
                story.shape
            )
        }
        Happened::RemovedLater => "not run: a later step removes what it would bring in".into(),
        Happened::AnotherLife => {
            "not run on this one: it is about another document of the name".into()
        }
        Happened::Failed(error) => format!("failed: {}", text::first_line(&error.kind.to_string())),
        Happened::NotReached => "not reached: the document failed before".into(),
    }
}

fn last_written(written: &LastWrite) -> String {
    let commit = text::short_id(&written.commit);
    let version = written.version.map_or("no version".to_owned(), |version| {
        format!("version {version}")
    });
    format!(
        "last written at {version}, on {} by {} in {commit} ({})",
        written.day.as_deref().unwrap_or("a day out of range"),
        written.author,
        written.subject
    )
}

/// A day in UTC.
fn day(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => "a day out of range".to_owned(),
    }
}

/// The command that fetches what history lacks.
pub(super) fn fetching_it(cause: HistoryEndCause, project: &Project) -> String {
    let command = match cause {
        HistoryEndCause::Shallow => "fetch --unshallow",
        HistoryEndCause::PartialClone => "fetch --refetch --filter=blob:limit=1k",
    };
    let git_dir = project.repository().git_dir().to_string_lossy();
    format!("to find out: git -C {} {command}", quoted(&git_dir))
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(-1), "1969-12-31");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_700_000_000), "2023-11-14");
        assert_eq!(day(i64::MAX), "a day out of range");
    }
}
