//! `plan`: which steps would run, which not, and why.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Action, Catalog, DocumentName, MARKER_KIND};
use crate::plan::{
    Decision, Direction, Plan, PlanRow, Request, Source, StoreState, StoredDocument, StoredKind,
    live_imports,
};
use crate::project::{LoadOptions, Loaded};
use crate::report::{HtmlPage, PlanReport, describe_decision};
use crate::text;

use super::failure::{Exit, Failure, Refusal};
use super::global::{Format, Global};
use super::output::Output;
use super::warnings::tell_ref;
use super::{complete, html};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate plan feature/x
  ocl-migrate plan --branch-version 5                                 on paper
  ocl-migrate plan --branch-version 5 --project-version 9 --shape runbook=12")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit (default: HEAD)
    #[arg(value_name = "REF", add = complete::refs(), conflicts_with = "branch_version")]
    revision: Option<String>,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Plan on paper, for a branch at this version (0: uninitialised)
    #[arg(long, value_name = "B")]
    branch_version: Option<u32>,
    /// On paper: the highest version ever persisted for the project
    #[arg(long, value_name = "P", requires = "branch_version")]
    project_version: Option<u32>,
    /// On paper: the shape of what the store would give for a kind (default: the server version)
    #[arg(long, value_name = "KIND=N", value_parser = parse_shape, requires = "branch_version", add = complete::shapes())]
    shape: Vec<(String, u32)>,
    #[command(flatten)]
    html: html::PageFile,
}

fn parse_shape(text: &str) -> Result<(String, u32), String> {
    let (kind, shape) = text.split_once('=').ok_or("write it as KIND=N")?;
    let shape = shape
        .parse()
        .map_err(|_| format!("`{shape}` is no version"))?;
    Ok((kind.to_owned(), shape))
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    match arguments.branch_version {
        None if arguments.project_version.is_some() || !arguments.shape.is_empty() => {
            let message = "--project-version and --shape go with --branch-version: a ref's own come from the store";
            return Err(Failure::Usage(message.into()));
        }
        None => {
            let project = global.open()?;
            let loaded = global.load(
                &project,
                arguments.revision.as_deref().unwrap_or("HEAD"),
                LoadOptions {
                    target: arguments.to,
                },
            )?;
            match global.format {
                Format::Json => output.json(&PlanReport::of_ref(&loaded))?,
                Format::Text => {
                    output.page();
                    print_head(&loaded, output)?;
                    print_of(&loaded, output)?;
                    tell_ref(&loaded, output);
                }
            }
            let page = || Ok::<_, Failure>(HtmlPage::plan(&loaded));
            arguments.html.write(global, page, output)?;
        }
        Some(branch_version) => {
            let catalog = global.catalog()?;
            let plan = on_paper(&catalog, branch_version, arguments)?;
            match global.format {
                Format::Json => output.json(&PlanReport::on_paper(&plan, &catalog))?,
                Format::Text => {
                    output.page();
                    print(&plan, &catalog, &|_| true, output)?;
                }
            }
            let page = || Ok::<_, Failure>(HtmlPage::plan_on_paper(&plan, &catalog));
            arguments.html.write(global, page, output)?;
        }
    }
    Ok(Exit::Done)
}

/// A plan for a branch that need not exist, with a store that gives one document of each kind.
fn on_paper(
    catalog: &Catalog,
    branch_version: u32,
    arguments: &Arguments,
) -> Result<Plan, Failure> {
    let target = arguments.to.unwrap_or_else(|| catalog.server_version());
    for (kind, _) in &arguments.shape {
        if catalog.kind(kind).is_none() {
            return Err(Failure::Usage(format!(
                "--shape names the unknown document kind `{kind}`"
            )));
        }
    }
    let live = live_imports(catalog, branch_version, target);
    let shape_of = |kind: &str| {
        let given = arguments.shape.iter().rev().find(|(name, _)| name == kind);
        given.map_or(catalog.server_version(), |(_, shape)| *shape)
    };
    let content: BTreeMap<String, StoredKind> = live
        .iter()
        .map(|import| {
            let document = StoredDocument {
                slug: String::new(),
                shape: shape_of(&import.kind),
            };
            let kind = StoredKind {
                table: vec![document.clone()],
                snapshot: Some(vec![document]),
            };
            (import.kind.clone(), kind)
        })
        .collect();
    // What isn't said isn't known. Without a project version, that is where an import reads from; shapes still decide.
    let says_what_is_stored = arguments.project_version.is_some() || !arguments.shape.is_empty();
    let project_version = arguments.project_version.unwrap_or(0);
    let mut plan = Plan::new(&Request {
        catalog,
        branch_version,
        target,
        held: BTreeMap::new(),
        store: says_what_is_stored.then_some(StoreState {
            project_version,
            content,
        }),
    })?;
    let refused = plan
        .imports
        .iter()
        .find_map(|import| Some((import, import.refused.first()?)));
    if let Some((import, (_, refusal))) = refused {
        let message = format!("{}: {refusal}", import.kind);
        return Err(Failure::Refused(Refusal::PlanImport, message));
    }
    if arguments.project_version.is_none() {
        plan.project_version = None;
        let rows = plan.rows.iter_mut().filter(|row| row.source.is_some());
        rows.for_each(|row| row.source = Some(Source::Unknown));
    }
    Ok(plan)
}

/// What was loaded: ref, commit, base path and versions, and what is special about them.
pub(super) fn print_head(loaded: &Loaded, output: &mut Output) -> Result<(), Failure> {
    let commit = text::short_id(&loaded.commit());
    let name = loaded
        .ref_name()
        .map_or(commit.clone(), |name| format!("{name} ({commit})"));
    let target = loaded.plan().target;
    let versions = if loaded.version().number() == target {
        format!("version {target}, up to date")
    } else {
        format!("version {} -> {target}", loaded.version())
    };
    output.heading(format_args!(
        "{name}, {}: {versions}",
        text::folder(loaded.base_path())
    ))?;
    Ok(())
}

/// The rows of a ref's plan. Those that merely run for kinds of which the ref has no document are counted, not listed.
pub(super) fn print_of(loaded: &Loaded, output: &mut Output) -> Result<(), Failure> {
    let (plan, catalog) = (loaded.plan(), loaded.project().catalog());
    let mut kinds: BTreeSet<&str> = loaded.names().map(DocumentName::kind).collect();
    kinds.insert(MARKER_KIND);
    // What these bring in isn't known.
    let unknown = plan.imports.iter();
    let unknown = unknown.filter(|import| import.source == Source::Unknown);
    kinds.extend(unknown.map(|import| &*import.kind));
    let is_plain = |row: &PlanRow| {
        let is_import = matches!(catalog.steps()[row.step].action(), Action::Import(_));
        row.decision == Decision::Run && row.source.is_none() && !is_import
    };
    let is_shown = |row: &PlanRow| kinds.contains(&*row.kind) || !is_plain(row);
    print(plan, catalog, &is_shown, output)
}

/// The rows of a plan, each with what its step does.
fn print(
    plan: &Plan,
    catalog: &Catalog,
    is_shown: &dyn Fn(&PlanRow) -> bool,
    output: &mut Output,
) -> Result<(), Failure> {
    if plan.rows.is_empty() && plan.unknown_versions.is_empty() {
        output.line("  no step is pending")?;
        return Ok(());
    }
    let (rows, absent): (Vec<&PlanRow>, Vec<&PlanRow>) =
        plan.rows.iter().partition(|row| is_shown(row));
    let width = |text: &dyn Fn(&PlanRow) -> usize| {
        let widths = rows.iter().map(|row| text(row));
        widths.max().unwrap_or(0)
    };
    let kinds = width(&|row| row.kind.len());
    let actions = width(&|row| catalog.steps()[row.step].action().name().len());
    let mut unknown = plan.unknown_versions.iter().peekable();
    let mut described = None;
    for row in rows {
        let step = &catalog.steps()[row.step];
        while let Some(version) = unknown.next_if(|version| match row.direction {
            Direction::Up => **version < step.version(),
            Direction::Down => **version > step.version(),
        }) {
            print_unknown(*version, output)?;
        }
        let (version, action) = (step.version(), step.action().name());
        let why = describe_decision(row, step);
        output.line(format_args!(
            "  {version:>3}  {action:<actions$}  {:<kinds$}  {why}",
            row.kind
        ))?;
        // A step for all kinds is described once.
        if described.replace(row.step) != Some(row.step) && !step.describe().is_empty() {
            output.aside(format_args!("       {}", step.describe()))?;
        }
        if let Some(reason) = step.one_way().filter(|_| row.decision == Decision::OneWay) {
            output.aside(format_args!("       one-way: {reason}"))?;
        }
    }
    for version in unknown {
        print_unknown(*version, output)?;
    }
    let kinds: BTreeSet<&str> = absent.iter().map(|row| &*row.kind).collect();
    if !kinds.is_empty() {
        let steps: BTreeSet<usize> = absent.iter().map(|row| row.step).collect();
        output.aside(format_args!(
            "  {} for kinds without a document here: {}",
            text::count(steps.len(), "step"),
            text::list(kinds)
        ))?;
    }
    Ok(())
}

fn print_unknown(version: u32, output: &mut Output) -> Result<(), Failure> {
    Ok(output.line(format_args!(
        "  {version:>3}  unknown: the version exists, but not what it changed"
    ))?)
}
