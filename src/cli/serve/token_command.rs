//! `token`: who may ask a service.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::config::Config;
use super::tokens::{self, Token};
use crate::cli::failure::{Exit, Failure, quoted};
use crate::cli::global::{Format, Global};
use crate::cli::output::Output;
use crate::report::FORMAT_VERSION;
use crate::text;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate token --config serve.hcl new dashboard --scope read
  ocl-migrate token --config serve.hcl new deployer --scope read --scope write --tenant acme
  ocl-migrate token --config serve.hcl list
  ocl-migrate token --config serve.hcl revoke dashboard

They are kept, hashed, in the file that the configuration names with `tokens`. A service that runs follows each change.")]
pub(in crate::cli) struct Arguments {
    /// The configuration of the service
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a token, and print it: nothing shows it again
    New {
        /// What it is called: who has it, say
        #[arg(value_name = "NAME")]
        name: String,
        /// What it is for: `read` to ask, `write` to commit, `admin` for the service's metrics; may be given several times
        #[arg(long, value_name = "SCOPE", required = true, value_parser = ["read", "write", "admin"])]
        scope: Vec<String>,
    },
    /// List the tokens: their names, tenants, scopes and last characters
    List,
    /// Revoke a token: from the next request on it is worth nothing
    Revoke {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

pub(in crate::cli) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    // What the option says is about the token.
    let projects = Global {
        tenant: None,
        ..global.clone()
    };
    let config = Config::read(&arguments.config, &projects)?;
    let Some(path) = &config.tokens else {
        return Err(Failure::Usage(format!(
            "{} names no file of tokens: `tokens = \"serve.tokens\"`",
            arguments.config.display()
        )));
    };
    match &arguments.command {
        Command::New { name, scope } => {
            let tenant = global.tenant.as_deref().unwrap_or_default();
            expect_tenant(&config, tenant)?;
            let scopes = scope.iter().cloned().collect();
            make(global, path, (name, tenant, scopes), output)
        }
        Command::List => list(global, path, output),
        Command::Revoke { name } => revoke(global, path, name, output),
    }
}

/// Refuses a tenant that has no project here, which a slip of the pen makes.
fn expect_tenant(config: &Config, tenant: &str) -> Result<(), Failure> {
    let projects = config.projects.values();
    let tenants = projects.map(|it| it.tenant.as_deref().unwrap_or_default());
    let tenants: BTreeSet<&str> = tenants.collect();
    if tenants.contains(tenant) {
        return Ok(());
    }
    let named = tenants.iter().copied().filter(|it| !it.is_empty());
    let help = match text::nearest(tenant, named.clone()) {
        Some(near) => format!("did you mean --tenant {}?", quoted(near)),
        None if tenants.len() == 1 && named.clone().next().is_none() => {
            "its projects have no tenant".to_owned()
        }
        None => format!("say --tenant with {}", text::either(named)),
    };
    let whose = if tenant.is_empty() {
        "without a tenant".to_owned()
    } else {
        format!("of the tenant {}", text::visible_line(tenant))
    };
    Err(Failure::Usage(format!(
        "the configuration has no project {whose}: {help}"
    )))
}

fn make(
    global: &Global,
    path: &Path,
    (name, tenant, scopes): (&str, &str, BTreeSet<String>),
    output: &mut Output,
) -> Result<Exit, Failure> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_name) {
        return Err(Failure::Usage(
            "a token's name has up to 64 letters, digits, `-`, `_`, `.` and `@`".into(),
        ));
    }
    let (token, secret) = tokens::change(path, |tokens| {
        if tokens.iter().any(|known| known.name == name) {
            return Err(Failure::Usage(format!(
                "there is a token {name} already: revoke it first, or choose another name"
            )));
        }
        let (token, secret) = Token::new(name, tenant, scopes)?;
        tokens.push(token.clone());
        Ok((token, secret))
    })?;
    match global.format {
        Format::Json => {
            let mut made = shown(&token);
            made["token"] = secret.into();
            output.json(&made)?;
        }
        Format::Text => {
            output.line(&secret)?;
            output.note("keep it now: nothing shows it again");
        }
    }
    Ok(Exit::Done)
}

fn list(global: &Global, path: &Path, output: &mut Output) -> Result<Exit, Failure> {
    let tokens = tokens::read(path)?;
    for token in &tokens {
        if global.format == Format::Json {
            output.json(&shown(token))?;
            continue;
        }
        let tenant = match &*token.tenant {
            "" => String::new(),
            tenant => format!(" of {}", text::visible_line(tenant)),
        };
        let scopes = text::list(token.scopes.iter().map(String::as_str));
        output.line(format_args!(
            "{}{tenant}: {scopes}; made {}; ends in {}",
            token.name, token.created, token.ends_in
        ))?;
    }
    if tokens.is_empty() && global.format == Format::Text {
        output.note("there are none");
    }
    Ok(Exit::Done)
}

/// All of a token but what it is kept for.
fn shown(token: &Token) -> serde_json::Value {
    json!({
        "format_version": FORMAT_VERSION,
        "name": token.name,
        "tenant": token.tenant,
        "scopes": token.scopes,
        "created": token.created,
        "ends_in": token.ends_in,
    })
}

fn revoke(global: &Global, path: &Path, name: &str, output: &mut Output) -> Result<Exit, Failure> {
    tokens::change(path, |tokens| {
        let before = tokens.len();
        tokens.retain(|token| token.name != name);
        if tokens.len() < before {
            return Ok(());
        }
        let names = tokens.iter().map(|token| token.name.as_str());
        let help = match text::nearest(name, names) {
            Some(near) => format!("did you mean {near}?"),
            None => "`token list` shows those that there are".to_owned(),
        };
        let name = text::visible_line(name);
        Err(Failure::Usage(format!("there is no token {name}: {help}")))
    })?;
    match global.format {
        Format::Json => {
            output.json(&json!({"format_version": FORMAT_VERSION, "revoked": name}))?;
        }
        Format::Text => output.line(format_args!("{name} is revoked"))?,
    }
    Ok(Exit::Done)
}
