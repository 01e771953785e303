//! `query`: SQL over refs, documents, values and their history.

mod table;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::git::{HistoryEndCause, RefScope};
use crate::project::Project;
use crate::query::{
    Prepared, QueriedRefs, Query, QueryError, QueryOptions, QueryProblem, QueryValue, TABLES,
};
use crate::report::FORMAT_VERSION;
use crate::text;

use super::compare::NO_DEFAULTS;
use super::complete;
use super::explain::fetching_it;
use super::failure::{Exit, Failure, Refusal, expect_version};
use super::fleet::FleetArguments;
use super::global::{Defaults, Environment, Format, Global};
use super::left_out::{Fetches, LeftOut};
use super::named_refs::{NamedRef, named_refs};
use super::output::Output;
use super::warnings::{self, NAMED};
use table::{TableWriter, shown};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate query --tables                                 which tables and columns there are
  ocl-migrate query 'SELECT ref, value FROM leaves WHERE address = '\\''variable[\"Retries\"].value{}'\\'''
  ocl-migrate query - --csv < question.sql > answer.csv      SQL from a file
  ocl-migrate query \"SELECT name, version FROM refs WHERE pending > 0\"
  ocl-migrate query \"SELECT * FROM leaves('v1.0') WHERE value GLOB '*nginx*'\"   one ref, anything Git resolves
  ocl-migrate query \"SELECT ref, address, value FROM effective WHERE value <> default_value\" --defaults main
  ocl-migrate query \"SELECT ref, document, line FROM uses WHERE kind = 'feed' AND name = 'docker-hub'\"
  ocl-migrate query \"SELECT * FROM changes('main') WHERE document = 'variables' LIMIT 10\"

docs/how-to/query.md has more questions with their SQL.")]
pub(super) struct Arguments {
    /// One SELECT; `-` reads it from standard input
    #[arg(value_name = "SQL", required_unless_present = "tables")]
    sql: Option<String>,
    /// Branches, tags, commits or environments, or patterns of refs (`release/*`) (default: every branch, tag and environment)
    #[arg(long, value_name = "PATTERN", num_args = 1.., add = complete::refs())]
    refs: Vec<String>,
    /// Every ref there is
    #[arg(long, conflicts_with = "refs")]
    all: bool,
    /// The version to lift to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// For the table `effective`: the ref whose values are everybody's defaults (default: `defaults` of the repository's settings)
    #[arg(long, value_name = "REF", add = complete::refs())]
    defaults: Option<String>,
    /// Print comma-separated values, with the columns' names first
    #[arg(long, conflicts_with = "repos")]
    csv: bool,
    /// Show how the query would be run, and which conditions spare reading; run nothing
    #[arg(long, conflicts_with_all = ["csv", "repos"])]
    explain: bool,
    /// List the tables and their columns
    #[arg(long, visible_alias = "schema", conflicts_with_all = ["sql", "csv", "explain", "repos"])]
    tables: bool,
    /// Stop after so many seconds; 0 for never
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    /// Stop after so many rows; 0 for never
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_rows: u64,
    /// Stop where SQLite needs more memory than so many MiB; 0 for any
    #[arg(long, value_name = "MIB", default_value_t = 1_024)]
    memory: u64,
    #[command(flatten)]
    pub(super) fleet: FleetArguments,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if arguments.tables {
        list_tables(global, output)?;
        return Ok(Exit::Done);
    }
    let sql = match arguments.sql.as_deref() {
        Some("-") if global.fleet.is_some() => {
            return Err(Failure::Usage(
                "standard input can be read once, and each repository has the query: give it as an argument".into(),
            ));
        }
        Some("-") => {
            let mut sql = String::new();
            let read = io::stdin().read_to_string(&mut sql);
            read.map_err(|error| Failure::File {
                path: "standard input".into(),
                error,
            })?;
            sql
        }
        sql => sql.unwrap_or_default().to_owned(),
    };
    let project = global.open()?;
    global.check_base_path(&project, &arguments.refs)?;
    if let Some(version) = arguments.to {
        expect_version("--to", version, project.catalog())?;
    }
    let query = project.query(options(global, &project, arguments)?)?;
    if arguments.explain {
        explain(global, &query, &sql, output)?;
        return Ok(Exit::Done);
    }
    let prepared = query.prepare(&sql)?;
    output.page();
    let printed = match (arguments.csv, global.format) {
        (true, _) => print_csv(prepared, output),
        (false, Format::Json) => print_json(prepared, output),
        (false, Format::Text) => print_table(prepared, output),
    };
    // What was printed before it failed may be incomplete too.
    let has_failed = tell(global, arguments, &project, &query, output)?;
    printed?;
    Ok(if has_failed {
        Exit::Failure
    } else {
        Exit::Done
    })
}

fn options(
    global: &Global,
    project: &Project,
    arguments: &Arguments,
) -> Result<QueryOptions, Failure> {
    let some = |number: u64| Some(number).filter(|number| *number > 0);
    let (refs, environments) = queried(global, project, &arguments.refs, arguments.all);
    let defaults = match Defaults::chosen(global, arguments.defaults.as_ref()) {
        Some(defaults) => Some(defaults.revision(global, project)?.to_owned()),
        None => None,
    };
    Ok(QueryOptions {
        target: arguments.to,
        refs,
        environments,
        defaults,
        timeout: some(arguments.timeout).map(Duration::from_secs),
        max_rows: some(arguments.max_rows),
        max_memory: some(arguments.memory).map(|mebibytes| mebibytes.saturating_mul(1 << 20)),
        ..QueryOptions::default()
    })
}

/// The refs that words name, or all of a scope without any, and environments among them.
pub(super) fn queried(
    global: &Global,
    project: &Project,
    words: &[String],
    all: bool,
) -> (QueriedRefs, Vec<(String, String)>) {
    let pair = |environment: &Environment| {
        let Environment { name, revision } = environment.clone();
        (name, revision)
    };
    let mut environments = Vec::new();
    let refs = match (words, all) {
        ([], all) => {
            let named = global.environments_in(project);
            environments
                .extend(named.map(|(name, revision)| (name.to_owned(), revision.to_owned())));
            QueriedRefs::Scope(if all {
                RefScope::All
            } else {
                RefScope::BranchesAndTags
            })
        }
        (words, _) => {
            let (named, patterns) = named_refs(global, project, words);
            let mut revisions = Vec::new();
            for named in named {
                match named {
                    NamedRef::Environment(environment) => environments.push(pair(environment)),
                    NamedRef::Revision(revision) => revisions.push(revision.to_owned()),
                }
            }
            QueriedRefs::Chosen {
                patterns,
                revisions,
            }
        }
    };
    (refs, environments)
}

fn print_table(prepared: Prepared<'_>, output: &mut Output) -> Result<(), Failure> {
    let mut table = TableWriter::new(prepared.columns().to_vec(), output);
    let ran = prepared.run(|row| table.row(row));
    // The rows before a failure are printed too.
    table.end()?;
    ran.map(drop)
}

fn print_json(prepared: Prepared<'_>, output: &mut Output) -> Result<(), Failure> {
    let names = distinct(prepared.columns());
    prepared.run(|row| {
        Ok::<(), Failure>(output.json(&RowReport {
            format_version: FORMAT_VERSION,
            row: NamedValues {
                names: &names,
                values: row,
            },
        })?)
    })?;
    Ok(())
}

fn print_csv(prepared: Prepared<'_>, output: &mut Output) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(output.data());
    writer.write_record(prepared.columns()).map_err(unwritten)?;
    prepared.run(|row| {
        let fields = row.iter().map(|value| match value {
            QueryValue::Null => String::new(),
            value => shown(value).into_owned(),
        });
        writer.write_record(fields).map_err(unwritten)
    })?;
    Ok(writer.flush()?)
}

fn unwritten(error: csv::Error) -> Failure {
    io::Error::from(error).into()
}

/// Two columns may have one name, and an object of JSON can't have two values of one: the later ones are counted.
fn distinct(columns: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for column in columns {
        let mut name = column.clone();
        let mut count = 1;
        while names.contains(&name) || (count > 1 && columns.contains(&name)) {
            count += 1;
            name = format!("{column}_{count}");
        }
        names.push(name);
    }
    names
}

#[derive(Serialize)]
struct RowReport<'r> {
    format_version: u32,
    row: NamedValues<'r>,
}

struct NamedValues<'r> {
    names: &'r [String],
    values: &'r [QueryValue<'r>],
}

impl Serialize for NamedValues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for (name, value) in self.names.iter().zip(self.values) {
            match value {
                QueryValue::Null => map.serialize_entry(name, &())?,
                QueryValue::Integer(number) => map.serialize_entry(name, number)?,
                QueryValue::Real(number) if number.is_finite() => {
                    map.serialize_entry(name, number)?;
                }
                value => map.serialize_entry(name, &*shown(value))?,
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct ProblemReport<'p> {
    format_version: u32,
    refs: &'p [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'p str>,
    error: &'p str,
}

/// Tells what couldn't be read; whether there is anything.
fn tell(
    global: &Global,
    arguments: &Arguments,
    project: &Project,
    query: &Query,
    output: &mut Output,
) -> Result<bool, Failure> {
    let problems = query.problems();
    let mut told = BTreeSet::new();
    let (mut left_out, mut refs) = (LeftOut::default(), BTreeSet::new());
    let (mut is_shallow, mut fetches) = (false, Fetches::default());
    for problem in &problems {
        if global.format == Format::Json && !arguments.csv {
            output.json(&ProblemReport {
                format_version: FORMAT_VERSION,
                refs: &problem.refs,
                document: problem.document.as_deref(),
                error: &problem.message,
            })?;
        } else {
            is_shallow |= problem.message.contains(": the clone is shallow");
            let commit = problem.message.strip_prefix("in commit ");
            let commit = commit.and_then(|rest| rest.split(',').next());
            if commit.is_some_and(|commit| left_out.takes(commit, &problem.message)) {
                refs.extend(problem.refs.iter().cloned());
                continue;
            }
            // One for each document, which the words don't name.
            let words = in_words(problem, &mut fetches);
            if told.insert(words.clone()) {
                output.problem(words);
            }
        }
    }
    fetches.tell(global, output);
    let refs: Vec<String> = refs.into_iter().collect();
    let repository = project.repository();
    left_out.tell(
        "commit",
        repository.git_dir(),
        &refs,
        project.folder(),
        output,
    );
    if is_shallow {
        output.hint(fetching_it(HistoryEndCause::Shallow, project));
    }
    tell_warnings(&query.warnings(), output);
    Ok(!problems.is_empty())
}

/// What a reader of the refs and documents that were read should know: documents that share it are named together.
fn tell_warnings(told: &[QueryProblem], output: &mut Output) {
    let mut documents: BTreeMap<(&str, &[String]), Vec<Cow<'_, str>>> = BTreeMap::new();
    for QueryProblem {
        refs,
        document,
        message,
    } in told
    {
        let named = documents.entry((message, refs)).or_default();
        named.extend(document.as_deref().map(text::visible_line));
    }
    let told = documents.into_iter().map(|((message, refs), documents)| {
        let refs = text::some_of(refs, NAMED);
        match documents.as_slice() {
            [] => format!("{refs}: {message}"),
            documents => {
                let documents = text::some_of(documents, NAMED);
                format!("{refs}: {documents}: {message}")
            }
        }
    });
    warnings::tell_some(told, "", output);
}

fn in_words(problem: &QueryProblem, fetches: &mut Fetches) -> String {
    let refs = text::some_of(&problem.refs, NAMED);
    format!("{refs}: {}", fetches.take(&problem.message))
}

fn explain(global: &Global, query: &Query, sql: &str, output: &mut Output) -> Result<(), Failure> {
    for line in query.explain(sql)? {
        match global.format {
            Format::Json => output.json(&serde_json::json!({
                "format_version": FORMAT_VERSION,
                "depth": line.depth,
                "plan": line.text,
            }))?,
            Format::Text => {
                let indent = "  ".repeat(line.depth);
                output.line(format_args!("{indent}{}", line.text))?;
            }
        }
    }
    Ok(())
}

fn list_tables(global: &Global, output: &mut Output) -> Result<(), Failure> {
    for (place, table) in TABLES.iter().enumerate() {
        if global.format == Format::Text {
            if place > 0 {
                output.line("")?;
            }
            output.heading(format_args!("{}: {}", table.name, table.about))?;
        }
        for column in table.columns {
            match global.format {
                Format::Json => output.json(&serde_json::json!({
                    "format_version": FORMAT_VERSION,
                    "table": table.name,
                    "column": column.name,
                    "type": column.type_name,
                    "argument": column.argument,
                    "pushed": column.pushed,
                    "about": column.about,
                }))?,
                Format::Text => {
                    let argument = if column.argument { "argument: " } else { "" };
                    let (name, about) = (column.name, column.about);
                    output.line(format_args!("  {name:<13} {argument}{about}"))?;
                }
            }
        }
    }
    Ok(())
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Failure {
        match error {
            QueryError::Load(error) => Failure::Load(error),
            QueryError::NoDefaults => Failure::Usage(NO_DEFAULTS.into()),
            QueryError::NoThings => Failure::Refused(Refusal::NoThings, error.to_string()),
            error => Failure::Query(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_name_are_counted() {
        let names = |columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
            distinct(&columns)
        };
        assert_eq!(names(&["a", "b"]), ["a", "b"]);
        assert_eq!(names(&["a", "a", "a"]), ["a", "a_2", "a_3"]);
        assert_eq!(names(&["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
    }
}
