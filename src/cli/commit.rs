//! `commit` and `upgrade`: a user's change, with the migration, and the migration alone.

use std::collections::BTreeSet;
use std::path::Path;

use crate::ocl::Document;
use crate::project::{
    CommitRequest, Committed, Draft, DraftError, LoadOptions, Loaded, MigratedDocument, NewBranch,
    Prepared, PreparedBeside, Project, StoreOutcome,
};
use crate::report::{CommitReport, FileDiff};
use crate::text;
use clap::Args;

use super::assign::{self, Assignment};
use super::consent::Consent;
use super::doubled::refuse_doubled_names;
use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::output::Output;
use super::sent::Put;
use super::signing::Signing;
use super::{complete, effect, files, put, time};

// What every command that writes a commit takes. (Not as its documentation, which `clap` would take for the command's.)
#[derive(Debug, Args)]
pub(super) struct Writing {
    /// The branch to commit to
    #[arg(value_name = "BRANCH", add = complete::branches())]
    pub(super) branch: String,
    /// The commit's message
    #[arg(short, long, value_name = "TEXT")]
    pub(super) message: String,
    #[command(flatten)]
    pub(super) consent: Consent,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    pub(super) to: Option<u32>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) signing: Signing,
    /// Of several projects: that whose version is told
    #[arg(skip)]
    pub(super) base_path: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate commit feature/x -m 'Rename' --put runbook/backup=backup.ocl
  ocl-migrate commit feature/x -m 'Drop it' --remove runbook/backup --dry-run
  ocl-migrate commit main -m 'Try more often' --set 'variables variable[\"Retries\"].value{}=7'
  ocl-migrate commit main -m 'Always' --unset 'deployment_process step[\"build\"].condition'
  ocl-migrate commit main -m 'Rename' --put variables=- --migration-message 'Migrate' < variables.ocl
  ocl-migrate commit topic -m 'Begin' --new --from main --put variables=variables.ocl")]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub(super) struct Arguments {
    #[command(flatten)]
    writing: Writing,
    /// Put a file's text in place of a document, or add one; `-` is the standard input. The text is taken as it is, at the
    /// version that is written: no step runs on it, and its line ends stay, whatever `.gitattributes` says. A name with a `=` in it
    /// stands in double quotes: `"runbook/a=b"=a.ocl`
    #[arg(long, value_name = "DOC=FILE", value_parser = put::parse, group = "change", add = complete::puts())]
    put: Vec<(String, String)>,
    /// Remove a document
    #[arg(long, value_name = "DOC", group = "change", add = complete::documents())]
    remove: Vec<String>,
    /// Set one value, at its address. Where a string or a label stands, it stays one, with this text; elsewhere VALUE is JSON
    /// (`7`, `true`, `["a"]`) if it reads as such, else a text. JSON in double quotes is always a text. What isn't there is
    /// added, if its block or dictionary is
    #[arg(long, value_name = "DOC SELECTOR=VALUE", value_parser = assign::parse_set, group = "change")]
    set: Vec<Assignment>,
    /// Set one value to JSON, whatever stands there
    #[arg(long, value_name = "DOC SELECTOR=JSON", value_parser = assign::parse_set_json, group = "change")]
    set_json: Vec<Assignment>,
    /// Remove the attribute, entry, block or item at an address
    #[arg(long, value_name = "DOC SELECTOR", value_parser = assign::parse_unset, group = "change")]
    unset: Vec<Assignment>,
    /// Make the migration a commit of its own, with this message, before the change
    #[arg(long, value_name = "TEXT")]
    migration_message: Option<String>,
    #[command(flatten)]
    beginning: Beginning,
}

// Whether the branch is there already.
#[derive(Debug, Args)]
struct Beginning {
    /// Begin the branch, which must not exist yet, at --from, or with nothing
    #[arg(long)]
    new: bool,
    /// Where a new branch begins
    #[arg(long, value_name = "REF", requires = "new", add = complete::refs())]
    from: Option<String>,
    /// Begin a new branch with nothing although the project was converted before
    #[arg(long, requires = "new", conflicts_with = "from")]
    orphan: bool,
}

impl Beginning {
    /// A draft on the branch, new or loaded.
    fn draft(
        &self,
        global: &Global,
        project: &Project,
        writing: &Writing,
    ) -> Result<Draft, Failure> {
        if !self.new {
            return load(global, project, writing);
        }
        global.expect_branch(project, &writing.branch)?;
        let options = NewBranch {
            from: self.from.clone(),
            without_parent: self.orphan,
            target: writing.to,
        };
        Ok(project.draft_new_branch(&writing.branch, options)?)
    }
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate upgrade feature/x -m 'Migrate' --dry-run      what would be written
  ocl-migrate upgrade feature/x -m 'Migrate' --accept-unknown 11,12
  ocl-migrate upgrade feature/x -m 'Migrate' --accept-missing-lookup feeds/docker.io
  ocl-migrate upgrade main -m 'Convert to Git'              a project that is all in the database
  ocl-migrate upgrade main -m 'Convert to Git' --new        in a repository without a commit")]
pub(super) struct Upgrade {
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    beginning: Beginning,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate downgrade release/1 --to 9 -m 'For the old server' --dry-run
  ocl-migrate downgrade release/1 --to 9 -m 'For the old server'")]
pub(super) struct Downgrade {
    /// The branch to commit to
    #[arg(value_name = "BRANCH", add = complete::branches())]
    branch: String,
    /// The version to go down to
    #[arg(long, value_name = "N")]
    to: u32,
    /// The commit's message
    #[arg(short, long, value_name = "TEXT")]
    message: String,
    #[command(flatten)]
    consent: Consent,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    signing: Signing,
}

impl Arguments {
    /// The changes of single values.
    fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.set.iter().chain(&self.set_json).chain(&self.unset)
    }
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open_to_write()?;
    let writing = &arguments.writing;
    let mut draft = arguments.beginning.draft(global, &project, writing)?;
    let puts = Put::all(&arguments.put, global.sent());
    refuse_contradictions(&draft, arguments, &puts)?;
    let catalog = project.catalog().clone();
    let dialect = catalog.dialect_at(draft.loaded().plan().target);
    for put in &puts {
        let Put {
            document,
            file,
            sent,
        } = put;
        let text = match sent {
            Some(text) => text.to_vec(),
            None => files::read(Path::new(file))?,
        };
        refuse_empty(&draft, put, &text)?;
        let parsed = Document::from_bytes(text.clone(), dialect).ok();
        if let Some((name, text)) = draft.identify(document).zip(parsed) {
            refuse_doubled_names(&catalog, &name, &text, file)?;
        }
        draft.put(document, text).map_err(|error| match error {
            // The file at hand, not the path it would get.
            DraftError::InvalidOcl { name, error, .. } => DraftError::InvalidOcl {
                name,
                path: (*file).to_owned(),
                error,
            },
            other => other,
        })?;
    }
    for document in &arguments.remove {
        draft.remove(document)?;
    }
    assign::apply(&mut draft, arguments.assignments(), output)?;
    finish(
        global,
        &project,
        &draft,
        writing,
        arguments.migration_message.clone(),
        output,
    )
}

/// Refuses two changes to one document, and two documents from the one standard input.
fn refuse_contradictions(
    draft: &Draft,
    arguments: &Arguments,
    texts: &[Put<'_>],
) -> Result<(), Failure> {
    let shown = |name: &str| text::visible_line(name).into_owned();
    let puts = arguments.put.iter();
    let mut from_stdin = puts.filter(|(_, file)| file == "-");
    if let (Some((one, _)), Some((other, _))) = (from_stdin.next(), from_stdin.next()) {
        return Err(Failure::Usage(format!(
            "the standard input has the text of one document, and two are to be put from it: {} and {}",
            shown(one),
            shown(other)
        )));
    }
    // A document may be called by its name and by its path.
    let named = |name: &str| draft.identify(name);
    let mut put = BTreeSet::new();
    for Put { document, .. } in texts {
        let Some(name) = named(document) else {
            continue;
        };
        if !put.insert(name.clone()) {
            return Err(Failure::Usage(format!(
                "--put names {} twice: which text it is to have can't be told",
                shown(name.as_str())
            )));
        }
    }
    for document in &arguments.remove {
        if let Some(name) = named(document).filter(|name| put.contains(name)) {
            return Err(Failure::Usage(format!(
                "{} is named by --put and by --remove: choose one",
                shown(name.as_str())
            )));
        }
    }
    let removed: BTreeSet<_> = arguments
        .remove
        .iter()
        .filter_map(|name| named(name))
        .collect();
    for assignment in arguments.assignments() {
        let Some(name) = named(assignment.document()) else {
            continue;
        };
        let option = match (put.contains(&name), removed.contains(&name)) {
            (true, _) => "--put",
            (_, true) => "--remove",
            _ => continue,
        };
        return Err(Failure::Usage(format!(
            "{} is named by {option}, and a value of it is to be changed: choose one",
            shown(name.as_str())
        )));
    }
    Ok(())
}

/// Refuses a text without content, which a program that failed leaves, unless the document in Git has none either.
fn refuse_empty(
    draft: &Draft,
    Put {
        document,
        file,
        sent,
    }: &Put<'_>,
    text: &[u8],
) -> Result<(), Failure> {
    let is_sent = sent.is_some();
    if !text.trim_ascii().is_empty() {
        return Ok(());
    }
    let loaded = draft.loaded();
    let name = draft.identify(document);
    let name = name.filter(|name| loaded.entry(name).is_some());
    let before = match &name {
        Some(name) => loaded.before(loaded.document(name.as_str())?)?,
        None => None,
    };
    if before.is_some_and(|before| before.trim_ascii().is_empty()) {
        return Ok(());
    }
    let (from, remove) = match (is_sent, *file) {
        (true, _) => ("", "in `remove`, name "),
        (false, "-") => (" (the standard input)", "--remove "),
        (false, file) => (&*format!(" ({file})"), "--remove "),
    };
    let instead = match &name {
        Some(name) => format!("; to remove it: {remove}{}", quoted(name.as_str())),
        None => String::new(),
    };
    Err(Failure::Usage(format!(
        "the text for {} is empty{from}{instead}",
        text::visible_line(document)
    )))
}

pub(super) fn upgrade(
    global: &Global,
    arguments: &Upgrade,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open_to_write()?;
    let mut draft = arguments
        .beginning
        .draft(global, &project, &arguments.writing)?;
    draft.upgrade();
    finish(global, &project, &draft, &arguments.writing, None, output)
}

pub(super) fn downgrade(
    global: &Global,
    arguments: &Downgrade,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let writing = Writing {
        branch: arguments.branch.clone(),
        message: arguments.message.clone(),
        consent: arguments.consent.clone(),
        to: Some(arguments.to),
        dry_run: arguments.dry_run,
        signing: arguments.signing.clone(),
        base_path: None,
    };
    let project = global.open_to_write()?;
    let mut draft = load(global, &project, &writing)?;
    draft.downgrade();
    finish(global, &project, &draft, &writing, None, output)
}

fn load(global: &Global, project: &Project, writing: &Writing) -> Result<Draft, Failure> {
    let options = LoadOptions { target: writing.to };
    let loaded = global.load_branch(project, &writing.branch, options)?;
    loaded.refuse_newer()?;
    Ok(loaded.edit())
}

/// Commits a draft, or shows what would be written.
pub(super) fn finish(
    global: &Global,
    project: &Project,
    draft: &Draft,
    writing: &Writing,
    migration_message: Option<String>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    writing.consent.refuse_impossible(project.catalog())?;
    if let Some(sent) = global.sent() {
        sent.expect_place(draft)?;
    }
    refuse_lost_identity()?;
    let identity = project.repository().identity(&environment, time::now())?;
    let author = match global.sent() {
        Some(sent) => sent.author(identity.author),
        None => identity.author,
    };
    let committer = identity.committer.clone();
    let request = CommitRequest {
        message: writing.message.clone(),
        author,
        committer: identity.committer,
        migration_message,
        accept_unknown_versions: writing.consent.versions(),
        accept_missing_lookups: writing.consent.lookups(),
    };
    let drafts: Vec<&Draft> = std::iter::once(draft).chain(draft.beside()).collect();
    let projects: Vec<&Loaded> = drafts.iter().map(|draft| draft.loaded()).collect();
    super::warnings::tell_projects(&projects, output);
    for draft in drafts {
        let loaded = draft.loaded();
        // What it removes or puts another text for doesn't matter any more, nor what a merge has nothing to do with.
        let stays = |document: &&MigratedDocument| {
            !draft.is_changed(&document.name) && !draft.is_untouched(document)
        };
        let older = loaded.looks_older(loaded.documents().filter(stays));
        super::preview::tell_older(older.as_ref(), output);
    }
    super::preview::tell_older(draft.looks_older().as_ref(), output);
    let unused = writing.consent.unused(draft);
    let prepared = if writing.dry_run {
        draft.dry_run(request)
    } else {
        draft.prepare(request)
    };
    let prepared = prepared.inspect_err(|_| {
        for warning in &unused {
            output.warning(warning);
        }
    })?;
    let warnings = draft.warnings()?.into_iter();
    let warnings = warnings.map(|warning| warning.to_string());
    let mut warnings: Vec<String> = warnings.chain(unused.iter().cloned()).collect();
    if writing.dry_run
        && let Err(error) = prepared.check_work_tree()
    {
        warnings.push(format!("without --dry-run this is refused: {error}"));
    }
    for warning in &warnings {
        output.warning(warning);
    }
    if writing.dry_run {
        return show(global, &prepared, &of_project(writing), warnings, output);
    }
    let signer = writing.signing.signer(project.repository(), &committer)?;
    let written = match &signer {
        Some(signer) => prepared.write_signed(signer)?,
        None => prepared.write()?,
    };
    let committed = written.publish()?;
    match global.format {
        Format::Json => {
            output.json(&CommitReport::committed(&committed).with_warnings(warnings))?
        }
        Format::Text => print(&committed, &of_project(writing), output)?,
    }
    Ok(Exit::Done)
}

/// Refuses a name that would be passed over: the commit would be another's.
fn refuse_lost_identity() -> Result<(), Failure> {
    let roles = ["AUTHOR", "COMMITTER"].into_iter();
    let mut variables = roles.flat_map(|role| {
        let parts = ["NAME", "EMAIL", "DATE"].into_iter();
        parts.map(move |part| format!("GIT_{role}_{part}"))
    });
    let is_lost = |name: &String| std::env::var_os(name).is_some_and(|it| it.to_str().is_none());
    match variables.find(is_lost) {
        None => Ok(()),
        Some(name) => Err(Failure::Usage(format!(
            "what {name} says isn't UTF-8, as commits are written: set it in UTF-8"
        ))),
    }
}

/// The process's environment: the library doesn't look there itself.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Of several projects: which one the version that is told is of.
fn of_project(writing: &Writing) -> String {
    let base_path = writing.base_path.as_deref().map(text::folder);
    base_path.map_or_else(String::new, |path| {
        format!(" in {}", text::visible_line(path))
    })
}

fn show(
    global: &Global,
    prepared: &Prepared<'_>,
    of_project: &str,
    warnings: Vec<String>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let store = prepared.store_effect()?;
    let beside = prepared.beside()?;
    if global.format == Format::Json {
        let report = CommitReport::prepared(prepared, store.as_ref(), &beside);
        output.json(&report.with_warnings(warnings))?;
        return Ok(Exit::Done);
    }
    output.page();
    output.heading(format_args!(
        "{} would move to version {}{of_project}",
        prepared.branch(),
        prepared.version()
    ))?;
    for commit in prepared.commits() {
        output.line("")?;
        output.heading(text::first_line(&commit.message))?;
        for file in &commit.files {
            output.diff(&FileDiff::of_change(file))?;
        }
        for file in &commit.other_files {
            let change = match (file.before, file.after) {
                (None, _) => "added",
                (_, None) => "removed",
                _ => "changed",
            };
            output.line(format_args!("{change}: {}", text::visible_line(&file.path)))?;
        }
    }
    if let Some(store) = store.filter(|store| !store.is_empty()) {
        if !beside.is_empty() {
            output.line(format_args!(
                "{}:",
                text::visible_line(prepared.base_path())
            ))?;
        }
        effect::print(&store, "would", output)?;
    }
    for PreparedBeside {
        base_path, effect, ..
    } in &beside
    {
        if let Some(effect) = effect.as_ref().filter(|effect| !effect.is_empty()) {
            output.line(format_args!(
                "{}:",
                text::visible_line(text::folder(base_path))
            ))?;
            effect::print(effect, "would", output)?;
        }
    }
    Ok(Exit::Done)
}

fn print(committed: &Committed, of_project: &str, output: &mut Output) -> Result<(), Failure> {
    let short = text::short_id(&committed.commit);
    output.line(format_args!(
        "{} is at {short} now, at version {}{of_project}",
        committed.branch, committed.version
    ))?;
    effect::print_settled(&committed.settled, output)?;
    let beside = committed.beside.iter();
    let beside = beside.map(|beside| (&*beside.base_path, &beside.store));
    let first = (&*committed.base_path, &committed.store);
    for (base_path, outcome) in std::iter::once(first).chain(beside) {
        let whose = if committed.beside.is_empty() {
            String::new()
        } else {
            format!("{}: ", text::visible_line(base_path))
        };
        print_outcome(outcome, &whose, output)?;
    }
    Ok(())
}

fn print_outcome(outcome: &StoreOutcome, whose: &str, output: &mut Output) -> Result<(), Failure> {
    match outcome {
        StoreOutcome::None | StoreOutcome::Unchanged => {}
        StoreOutcome::Followed(store) => {
            if !whose.is_empty() && !store.is_empty() {
                output.line(whose.trim_end())?;
            }
            effect::print(store, "did", output)?;
        }
        StoreOutcome::Pending { error, .. } => output.warning(format_args!(
            "{whose}the commit was made, but the store could not be updated ({error}); the next commit to the project updates it"
        )),
    }
    Ok(())
}
