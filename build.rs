//! The catalog in `steps/` and its snapshots are built into the binary: a file that is new there must rebuild it too.
//!
//! What stands at the head of each step with a `modify` body is read here, so that a command that asks no more of a step
//! need not read the body. See `src/catalog/builtin.rs`.
//!
//! The command that tests start is linked so that it starts faster.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;

/// What a `step.hcl` says beside its `modify` body.
struct StepHead {
    description: String,
    document: String,
    reads: Vec<String>,
    reads_any_shape: bool,
    overwrites: bool,
    not_idempotent: Option<String>,
}

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=steps");
    println!("cargo::rerun-if-changed=snapshots");
    link_at_one_address();
    let mut folders: Vec<_> = fs::read_dir("steps")?.collect::<Result<_, _>>()?;
    folders.sort_by_key(|folder| folder.file_name());
    let mut heads = String::from("&[\n");
    for folder in folders {
        let Ok(text) = fs::read_to_string(folder.path().join("step.hcl")) else {
            continue;
        };
        // A step that can't be read is left to the catalog's own reader, which says what is wrong with it, and where.
        let head = hcl_edit::parser::parse_body(&text)
            .ok()
            .and_then(|body| read_head(&body));
        if let Some(head) = head {
            let file = format!("{}/step.hcl", folder.file_name().to_string_lossy());
            write_head(&mut heads, &file, &head);
        }
    }
    heads.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("step_heads.rs"), heads)
}

/// Tests start the command many thousand times. Unoptimised, it has a quarter of a million places that the loader would fill in at each
/// start, which is two thirds of its time; what is released can be loaded anywhere.
fn link_at_one_address() {
    let is = |name: &str, expected: &str| env::var(name).is_ok_and(|value| value == expected);
    if is("PROFILE", "debug")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var_os("CARGO_FEATURE_CLI").is_some()
    {
        println!("cargo::rustc-link-arg-bin=ocl-migrate=-no-pie");
    }
}

/// `None` for a step without a `modify` body, or with something that isn't as it should be.
fn read_head(body: &Body) -> Option<StepHead> {
    body.get_blocks("modify").next()?;
    let attribute = |name| body.get_attribute(name).map(|found| &found.value);
    let text = |value: &Expression| value.as_str().map(str::to_owned);
    // An attribute that isn't there is its default, one of another type is a mistake.
    let flag = |name, default| attribute(name).map_or(Some(default), Expression::as_bool);
    let reason = attribute("reason").map_or(Some(None), |value| text(value).map(Some))?;
    let idempotent = flag("idempotent", true)?;
    Some(StepHead {
        description: text(attribute("description")?)?,
        document: text(attribute("document")?)?,
        reads: match attribute("reads") {
            None => Vec::new(),
            Some(names) => names.as_array()?.iter().map(text).collect::<Option<_>>()?,
        },
        reads_any_shape: flag("reads_any_shape", false)?,
        overwrites: flag("overwrites", false)?,
        not_idempotent: reason.filter(|_| !idempotent),
    })
}

fn write_head(heads: &mut String, file: &str, head: &StepHead) {
    let StepHead {
        description,
        document,
        reads,
        reads_any_shape,
        overwrites,
        not_idempotent,
    } = head;
    writeln!(
        heads,
        "StepHead {{ file: {file:?}, description: {description:?}, document: {document:?}, reads: &{reads:?}, \
         reads_any_shape: {reads_any_shape}, overwrites: {overwrites}, not_idempotent: {not_idempotent:?} }},"
    )
    .expect("a string takes every text");
}
