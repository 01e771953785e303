//! Merging branches and documents.

use ocl_migrate::catalog::Catalog;
use ocl_migrate::merge::merge;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::Values;

use crate::generate;
use crate::process::shell;
use crate::rows::{ROUNDS, Row, best, ours, row, shown};

pub(crate) const ALL: &[Row] = &[
    ("merge", merge_against_git),
    ("merge-growth", large_documents),
];

/// Two branches that changed the same documents, each at another place, so that Git merges them too. Whole processes.
fn merge_against_git() {
    for changed in [10, 200] {
        let repository = generate::two_branches(200, changed);
        let theirs = shell(&repository, "git merge-tree --write-tree one two", ROUNDS);
        let merge = ours(&repository, "merge two --into one --dry-run");
        let work = format!("`merge --dry-run` of 200 documents, {changed} changed on both sides");
        row(
            &work,
            merge.time,
            "`git merge-tree --write-tree`",
            theirs.time,
            2.0,
        );
    }
}

/// One document of a megabyte that both sides changed everywhere, against one of an eighth.
fn large_documents() {
    let time = |bytes: usize| {
        let [base, ours, theirs] = three(bytes);
        let catalog = Catalog::builtin();
        let values = |document| Values::of(document, catalog.identity("deployment_process"));
        best(|| {
            let merged = merge(values(&base), values(&ours), values(&theirs));
            assert!(merged.is_ok_and(|merged| merged.conflicts().is_empty()));
        })
    };
    let (long, short) = (time(1 << 20), time(1 << 17));
    let growth = long.as_secs_f64() / short.as_secs_f64() / 8.0;
    let verdict = if growth <= 2.0 { "reached" } else { "missed" };
    println!(
        "| merging documents of 1 MB, every step changed on both sides | {} | of an eighth: {} | {growth:.2} for each | 2 | {verdict} |",
        shown(long),
        shown(short)
    );
}

/// A process of about so many bytes, and what two sides made of it: each changed another value of every step.
fn three(bytes: usize) -> [Document; 3] {
    let text = |name: &str, script: &str| {
        let mut text = String::new();
        for step in 0.. {
            text.push_str(&format!(
                "step \"step-{step}\" {{\n    name = \"{name} {step}\"\n\n    action {{\n        \
                 action_type = \"Octopus.Script\"\n        properties = {{\n            \
                 Octopus.Action.Script.ScriptBody = \"{script} {step}\"\n            \
                 Octopus.Action.Script.Syntax = \"Bash\"\n        }}\n    }}\n}}\n\n"
            ));
            if text.len() >= bytes {
                break;
            }
        }
        Document::parse(text, Dialect::Current).expect("generated")
    };
    [
        text("Step", "echo"),
        text("Next", "echo"),
        text("Step", "exec"),
    ]
}
