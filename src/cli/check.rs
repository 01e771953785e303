//! `check`: whether what refs hold is right.

use std::collections::BTreeSet;

use clap::ValueEnum;

use crate::check::{Check, Checked, Finding, Rule, Severity};
use crate::compare::LeftOut;
use crate::git::RefScope;
use crate::project::{LoadOptions, Project};
use crate::report::{CheckReport, GithubAnnotation, gitlab_report, sarif};
use crate::text::{self, count};

use super::complete;
use super::failure::{Exit, Failure, quoted};
use super::fleet::FleetArguments;
use super::global::{Format, Global};
use super::left_out::Fetches;
use super::named_refs::{NamedRef, name_of, named_refs};
use super::output::Output;
use super::warnings;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate check                                   the current branch
  ocl-migrate check feature/x --base main             only what isn't in main
  ocl-migrate check --all                             every ref there is
  ocl-migrate check HEAD --base origin/main --as github    in a job of GitHub Actions
  ocl-migrate check --as sarif > check.sarif
  ocl-migrate check --format json | jq -r '\"\\(.path):\\(.line) \\(.message)\"'")]
pub(super) struct Arguments {
    /// Branches, tags, commits or environments, or patterns of refs (`release/*`) (default: the current branch)
    #[arg(value_name = "REF", add = complete::refs())]
    refs: Vec<String>,
    /// Every ref there is
    #[arg(long, conflicts_with = "refs")]
    all: bool,
    /// Only what this branch, tag or commit doesn't have
    #[arg(long, value_name = "REF", add = complete::refs())]
    base: Option<String>,
    /// The format for a host of repositories
    #[arg(
        long = "as",
        value_name = "FORMAT",
        value_enum,
        conflicts_with = "repos"
    )]
    form: Option<To>,
    /// The version to look at (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Name every ref, not only the first few of each finding
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    pub(super) fleet: FleetArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
}

/// How many refs of a finding are named.
const NAMED: usize = 5;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open()?;
    global.check_base_path(&project, &arguments.refs)?;
    let options = LoadOptions {
        target: arguments.to,
    };
    let mut check = project.check(options)?;
    let since = Since::of(&project, arguments)?;
    add_refs(&mut check, global, &project, arguments, since)?;
    let checked = check.run();
    let is_wrong = |finding: &Finding| finding.severity == Severity::Error;
    let exit = output.knows(if checked.findings.iter().any(is_wrong) {
        Exit::Failure
    } else {
        Exit::Done
    });
    output.page();
    match (arguments.form, global.format) {
        (Some(To::Sarif), _) => output.json(&sarif(&checked))?,
        (Some(To::Gitlab), _) => output.json(&gitlab_report(&checked))?,
        (Some(To::Github), _) => {
            for finding in &checked.findings {
                output.line(GithubAnnotation(finding))?;
            }
        }
        (None, Format::Json) => {
            for finding in &checked.findings {
                for reference in &finding.found {
                    let reference = &checked.refs[*reference];
                    output.json(&CheckReport::new(finding, reference))?;
                }
            }
        }
        (None, Format::Text) => {
            let fetches = print(&checked, arguments, since, output)?;
            fetches.tell(global, output);
        }
    }
    left_out(global, arguments, checked.left_out, output);
    for contract in project.catalog().contracts_above() {
        let newest = project.catalog().server_version();
        output.warning(format_args!(
            "no {} was held to the contract {:?}: it holds from version {} on, and the catalog's newest is {newest}",
            contract.kind, contract.path, contract.version
        ));
    }
    asides(&checked, arguments, output);
    match since {
        Since::Nothing if arguments.refs.is_empty() && !arguments.all => {
            output.note("HEAD has no commit yet: there is nothing to look at");
        }
        Since::Nothing => output.note("HEAD has no commit yet, so all that is found is new"),
        Since::Always | Since::Base(_) => {}
    }
    Ok(exit)
}

/// Since when what is found counts.
#[derive(Clone, Copy)]
enum Since<'a> {
    Always,
    /// This ref doesn't have it.
    Base(&'a str),
    /// The base is a `HEAD` that has no commit yet.
    Nothing,
}

impl Since<'_> {
    fn of<'a>(project: &Project, arguments: &'a Arguments) -> Result<Since<'a>, Failure> {
        Ok(match arguments.base.as_deref() {
            None => Since::Always,
            Some("HEAD" | "@") if project.repository().is_unborn()? => Since::Nothing,
            Some(base) => Since::Base(base),
        })
    }

    /// How many of the refs that were looked at are the base.
    fn refs(self) -> usize {
        usize::from(matches!(self, Since::Base(_)))
    }
}

fn add_refs(
    check: &mut Check<'_>,
    global: &Global,
    project: &Project,
    arguments: &Arguments,
    since: Since<'_>,
) -> Result<(), Failure> {
    let (named, patterns) = named_refs(global, project, &arguments.refs);
    for named in named {
        match named {
            NamedRef::Environment(environment) => {
                check.add_environment(&environment.name, &environment.revision)?
            }
            NamedRef::Revision(revision) => check.add_revision(revision)?,
        }
    }
    if !patterns.is_empty() {
        check.add_matching(&patterns)?;
    }
    if arguments.all {
        check.add_scope(RefScope::All)?;
    } else if arguments.refs.is_empty() && !matches!(since, Since::Nothing) {
        check.add_revision("HEAD")?;
    }
    if let Since::Base(base) = since {
        check.since(global.revision(project, base))?;
    }
    Ok(())
}

fn print(
    checked: &Checked,
    arguments: &Arguments,
    since: Since<'_>,
    output: &mut Output,
) -> Result<Fetches, Failure> {
    let mut fetches = Fetches::default();
    for finding in &checked.findings {
        let severity = match finding.severity {
            Severity::Error => crate::verify::Severity::Error,
            Severity::Warning => crate::verify::Severity::Warning,
        };
        let Finding { rule, shown, .. } = finding;
        let shown = fetches.take(shown);
        output.finding(severity, format_args!("[{rule}]: {shown}"))?;
        if let Some(document) = &finding.document {
            let address = format!("{document} {}", finding.address);
            output.aside(format_args!("  at {}", address.trim_end()))?;
        }
        if checked.refs.len() > 1 + since.refs() {
            let names = names(checked, finding, arguments);
            output.aside(format_args!("  in {names}"))?;
        }
        output.line("")?;
    }
    let of_severity = |severity| {
        let findings = checked.findings.iter();
        findings
            .filter(|finding| finding.severity == severity && finding.rule != Rule::BaseUnreadable)
            .count()
    };
    let (errors, warnings) = (of_severity(Severity::Error), of_severity(Severity::Warning));
    let refs = checked.refs.len() - since.refs();
    let new = if arguments.base.is_some() { "new " } else { "" };
    output.heading(format_args!(
        "{}, {}: {}, {}",
        count(refs, "ref"),
        count(checked.documents, "document"),
        count(errors, &format!("{new}error")),
        count(warnings, &format!("{new}warning")),
    ))?;
    Ok(fetches)
}

fn names(checked: &Checked, finding: &Finding, arguments: &Arguments) -> String {
    let names = finding.found.iter();
    let names: Vec<String> = names.map(|place| name_of(&checked.refs[*place])).collect();
    text::some_of(names, most(arguments))
}

fn most(arguments: &Arguments) -> usize {
    if arguments.list { usize::MAX } else { NAMED }
}

/// What may be wrong, but probably isn't.
fn left_out(global: &Global, arguments: &Arguments, left_out: LeftOut, output: &mut Output) {
    let LeftOut { undefined, unused } = left_out;
    let program = global.program();
    let mut of = String::new();
    if let Some(version) = arguments.to {
        of.push_str(&format!(" --to {version}"));
    }
    if arguments.all {
        of.push_str(" --all");
    } else if !arguments.refs.is_empty() {
        let refs: Vec<String> = arguments.refs.iter().map(|it| quoted(it)).collect();
        of.push_str(&format!(" --refs {}", refs.join(" ")));
    }
    if undefined > 0 {
        output.note(format_args!(
            "{} that no document defines may be defined elsewhere: `{program} uses --undefined{of}` lists them",
            count(undefined, "thing")
        ));
    }
    if unused > 0 {
        output.note(format_args!(
            "{} that no document refers to may be used elsewhere: `{program} uses --unused{of}` lists them",
            count(unused, "thing")
        ));
    }
}

/// What belongs to the answer, but isn't it.
fn asides(checked: &Checked, arguments: &Arguments, output: &mut Output) {
    if checked.unread_contracts > 0 {
        output.warning(format_args!(
            "documents weren't held to {}: this program was built without the feature `contracts`",
            count(checked.unread_contracts, "contract")
        ));
    }
    warnings::tell_refs(&checked.warnings, most(arguments), output);
    if !checked.without_project.is_empty() {
        let names: BTreeSet<String> = checked.without_project.iter().map(name_of).collect();
        let why = if names.len() == 1 {
            "it holds"
        } else {
            "they hold"
        };
        let names = text::some_of(names, most(arguments));
        output.note(format_args!("left out, as {why} no project: {names}"));
    }
}
