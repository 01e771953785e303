//! `new`: a step's folder, or the Rust code for one; cases that a step lacks; a contract.

mod cases;
mod contract;
mod kind;
mod step;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use self::step::Action;
use super::complete;
use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate --catalog steps new modify runbook owner
  ocl-migrate --catalog steps new modify variables scope --version 20
  ocl-migrate new modify runbook owner --rust
  ocl-migrate --catalog steps new cases runbook owner
  ocl-migrate --catalog steps new contract runbook
  ocl-migrate --catalog steps new contract runbook --as protobuf --from main 'release/*'")]
pub(super) struct Arguments {
    /// What the step does; `cases` for those that a step lacks; or `contract`, for which documents are right
    #[arg(value_name = "ACTION", value_enum)]
    action: What,
    /// The document kind it is about; `*` for a dialect
    #[arg(value_name = "KIND", add = complete::kinds())]
    kind: String,
    /// The step's name, in letters, digits, `_` and `-`
    #[arg(value_name = "NAME", required_if_eq_any = STEPS.map(|action| ("action", action)))]
    name: Option<String>,
    /// Its version: of a step any that has none for the kind (default: the one after the newest); of a contract the first that it
    /// holds for (default: the newest)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// Print the builder call of a step in Rust, and write nothing
    #[arg(long)]
    rust: bool,
    /// Of a contract: the language (default: json-schema)
    #[arg(long = "as", value_name = "LANGUAGE", value_enum)]
    language: Option<contract::Language>,
    /// Of a contract: branches, tags, commits or environments, or patterns of refs, whose documents it is drafted from too
    #[arg(long, value_name = "REF", num_args = 1.., add = complete::refs())]
    from: Vec<String>,
}

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Step(Action),
    Cases,
    Contract,
}

impl ValueEnum for What {
    fn value_variants<'a>() -> &'a [What] {
        &[
            What::Step(Action::Import),
            What::Step(Action::Modify),
            What::Step(Action::Remove),
            What::Step(Action::Rename),
            What::Step(Action::Dialect),
            What::Cases,
            What::Contract,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            What::Step(action) => action.to_possible_value(),
            What::Cases => Some(PossibleValue::new("cases")),
            What::Contract => Some(PossibleValue::new("contract")),
        }
    }
}

/// The actions that are about steps.
const STEPS: [&str; 6] = ["import", "modify", "remove", "rename", "dialect", "cases"];

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Arguments {
        kind,
        name,
        version,
        language,
        from,
        ..
    } = arguments;
    match (arguments.action, name) {
        (What::Step(_) | What::Cases, _) if language.is_some() || !from.is_empty() => {
            let message = "--as and --from are for a contract: write `new contract KIND`";
            Err(Failure::Usage(message.into()))
        }
        (What::Step(action), Some(name)) => {
            let wanted = step::Wanted {
                action,
                kind,
                name,
                version: *version,
                is_rust: arguments.rust,
            };
            step::run(global, &wanted, output)
        }
        (What::Cases, Some(name)) if !arguments.rust => {
            let wanted = cases::Wanted {
                kind,
                name,
                version: *version,
            };
            cases::run(global, &wanted, output)
        }
        (What::Cases, _) => {
            let message = "--rust is for a step: write `new cases KIND NAME`";
            Err(Failure::Usage(message.into()))
        }
        (What::Contract, None) if !arguments.rust => {
            let wanted = contract::Wanted {
                kind,
                version: *version,
                language: *language,
                from,
            };
            contract::run(global, &wanted, output)
        }
        _ => {
            let message = "a contract has neither a NAME nor --rust: write `new contract KIND`";
            Err(Failure::Usage(message.into()))
        }
    }
}
