//! The catalog in `steps/` and its snapshots are built into the binary: a file that is new there must rebuild it too.
//!
//! What stands at the head of each step with a `modify` body is read here, so that a command that asks no more of a step
//! need not read the body. See `src/catalog/builtin.rs`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a `step.hcl` says beside its bodies.
#[derive(Deserialize)]
struct StepHead {
    description: String,
    document: String,
    #[serde(default)]
    reads: Vec<String>,
    #[serde(default)]
    reads_any_shape: bool,
    #[serde(default)]
    overwrites: bool,
    idempotent: Option<bool>,
    reason: Option<String>,
    /// Whether there is such a body.
    modify: Option<IgnoredAny>,
}

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=steps");
    println!("cargo::rerun-if-changed=snapshots");
    let mut folders: Vec<_> = fs::read_dir("steps")?.collect::<Result<_, _>>()?;
    folders.sort_by_key(|folder| folder.file_name());
    let mut heads = String::from("&[\n");
    for folder in folders {
        let Ok(text) = fs::read_to_string(folder.path().join("step.hcl")) else {
            continue;
        };
        // A step that can't be read is left to the catalog's own reader, which says what is wrong with it, and where.
        let Ok(head) = hcl::from_str::<StepHead>(&text) else {
            continue;
        };
        if head.modify.is_some() {
            let file = format!("{}/step.hcl", folder.file_name().to_string_lossy());
            write_head(&mut heads, &file, &head);
        }
    }
    heads.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("step_heads.rs"), heads)
}

fn write_head(heads: &mut String, file: &str, head: &StepHead) {
    let StepHead {
        description,
        document,
        reads,
        reads_any_shape,
        overwrites,
        ..
    } = head;
    let not_idempotent = head
        .reason
        .as_ref()
        .filter(|_| head.idempotent == Some(false));
    writeln!(
        heads,
        "StepHead {{ file: {file:?}, description: {description:?}, document: {document:?}, reads: &{reads:?}, \
         reads_any_shape: {reads_any_shape}, overwrites: {overwrites}, not_idempotent: {not_idempotent:?} }},"
    )
    .expect("a string takes every text");
}
