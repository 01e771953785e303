//! What an edit costs in a document eight times as long: the time of a step on it, against that on an eighth.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use ocl_migrate::catalog::Catalog;
use ocl_migrate::project::DocumentOutcome;
use ocl_migrate::verify::{Files, MemoryProject};

use crate::generate;
use crate::rows::{Row, row};

pub(crate) const ALL: &[Row] = &[("edits", rows)];

/// The longer document, in bytes, which a step may let grow to 16 MiB.
const BYTES: usize = 10 << 20;
/// The same where a step makes a document several times as long.
const FEWER: usize = 3 << 20;
const TIMES: usize = 8;
const REACH: f64 = 10.0;

/// A step, and what its documents are made of.
struct Shape {
    name: &'static str,
    /// The body of its `modify`.
    body: &'static str,
    /// What comes before, again and again, and after.
    document: [&'static str; 3],
    bytes: usize,
}

const STEPS: [&str; 3] = [
    "name = \"Deploy\"\n",
    "\nstep \"build-#\" {\n    name = \"Build #\"\n\n    action {\n        action_type = \"Octopus.Script\"\n        \
     properties = {\n            Octopus.Action.Script.ScriptBody = <<-EOT\n                    echo \"run #\"\n                \
     EOT\n            Octopus.Action.Script.Syntax = \"Bash\"\n        }\n        worker_pool = \"hosted\"\n    }\n}\n",
    "",
];
const EMPTY: [&str; 3] = ["a = 1\n", "\nstep \"build-#\" {\n}\n", ""];
const ENTRIES: [&str; 3] = [
    "properties = {\n",
    "    Octopus.Action.Key# = \"value #\"\n",
    "}\n",
];
const ATTRIBUTES: [&str; 3] = ["", "attribute_# = \"value #\"\n", "\nside {\n}\n"];
const NUMBERS: [&str; 3] = ["list = [", "#, ", "0]\n"];
/// Lines without indent, so that nothing says what a level of indent is.
const FLAT: [&str; 3] = [
    "",
    "step \"build-#\" {\nname = \"Build #\"\nlist = [\n1\n]\n}\n",
    "",
];

#[rustfmt::skip] // a table reads best with a line for each
const SHAPES: &[Shape] = &[
    Shape { name: "`set` in each of many blocks", body: "in \"step\" {\n set = { start_trigger = \"StartAfterPrevious\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`set` over what is there", body: "in \"step\" {\n set = { name = upper(self.name) }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`set` of texts over several lines", body: "in \"step.action\" {\n set = { notes = \"one\\n  two\\n\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`set` in empty blocks", body: "in \"step\" {\n set = { properties = { a = \"b\" } }\n}", document: EMPTY, bytes: FEWER },
    Shape { name: "`set` where nothing is indented", body: "in \"step\" {\n set = { list = [{ a = 1 }], properties = { a = \"b\\nc\" } }\n}", document: FLAT, bytes: FEWER },
    Shape { name: "`default` in each of many blocks", body: "in \"step.action\" {\n default = { properties = {}, channel = \"x\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`rename` in each", body: "in \"step.action.properties\" {\n rename = { \"Octopus.Action.Script.Syntax\" = \"Syntax\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`remove` in each", body: "in \"step.action\" {\n remove = [\"worker_pool\", \"action_type\"]\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`convert` in each", body: "in \"step.action.properties\" {\n convert = { \"Octopus.Action.Script.ScriptBody\" = \"# by hand\\n${value}\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`label` in each", body: "in \"step\" {\n label = \"${value}-x\"\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`move` in each", body: "in \"step.action\" {\n move = { worker_pool = \"properties.Pool\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`move` of a block in each", body: "in \"step\" {\n insert = { side = {} }\n move = { action = \"side.action\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`insert` in each", body: "in \"step\" {\n insert = { package = { \"$labels\" = [\"p\"], feed = \"f\" } }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`remove = true` of each", body: "in \"step\" {\n remove = true\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`remove = true` of each action", body: "in \"step.action\" {\n remove = true\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`rename` of many blocks", body: "in \"\" {\n rename = { step = \"stage\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`remove` of many blocks", body: "in \"\" {\n remove = [\"step\"]\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`move` of many blocks", body: "in \"\" {\n insert = { process = {} }\n move = { step = \"process.step\" }\n}", document: STEPS, bytes: BYTES },
    Shape { name: "`insert` of many blocks", body: "in \"\" {\n insert = { package = [for step in self.step : { \"$labels\" = step[\"$labels\"] }] }\n}", document: EMPTY, bytes: FEWER },
    Shape { name: "`set` of many entries of a dictionary", body: "in \"properties\" {\n set = { for key, text in self : key => upper(text) }\n}", document: ENTRIES, bytes: BYTES },
    Shape { name: "`set` of many new entries", body: "in \"properties\" {\n set = { for key, text in self : \"${key}.N\" => 1 }\n}", document: ENTRIES, bytes: FEWER },
    Shape { name: "`set` of many new attributes", body: "in \"\" {\n set = { for name, text in self : \"b${name}\" => 1 if name != \"side\" }\n}", document: ATTRIBUTES, bytes: FEWER },
    Shape { name: "`convert` of a dictionary to others", body: "in \"\" {\n convert = { properties = { for key, text in value : \"New${key}\" => text } }\n}", document: ENTRIES, bytes: BYTES },
    Shape { name: "`convert` of a dictionary", body: "in \"\" {\n convert = { properties = { for key, text in value : key => upper(text) } }\n}", document: ENTRIES, bytes: BYTES },
    Shape { name: "`convert` of a list", body: "in \"\" {\n convert = { list = [for number in value : number + 1] }\n}", document: NUMBERS, bytes: FEWER },
    Shape { name: "`remove` of a list", body: "in \"\" {\n remove = [\"list\"]\n}", document: NUMBERS, bytes: BYTES },
    Shape { name: "`move` of a dictionary", body: "in \"\" {\n insert = { side = {} }\n move = { properties = \"side.properties\" }\n}", document: ENTRIES, bytes: FEWER },
    Shape { name: "a look at the document in each", body: "in \"step\" {\n when = document.name == \"Deploy\"\n set  = { a = document.name }\n}", document: STEPS, bytes: BYTES },
];

/// The argument with which this program measures the rows itself.
pub(crate) const MEASURE: &str = "--measure-edits";

/// Measures the rows in a process that keeps the memory it has freed. The long document would otherwise pay for fresh memory in
/// each round, and the short one in the first alone.
fn rows() {
    let status = Command::new(std::env::current_exe().unwrap())
        .arg(MEASURE)
        .env("MALLOC_MMAP_THRESHOLD_", (1_u32 << 30).to_string())
        .env("MALLOC_TRIM_THRESHOLD_", (1_u64 << 33).to_string())
        .status()
        .unwrap();
    assert!(status.success(), "the rows of edits ended with {status}");
}

pub(crate) fn measure() {
    // `--measure-edits` may be followed by a word: then only the rows whose names hold it.
    let word = std::env::args().nth(2).unwrap_or_default();
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(&word)) {
        let catalog = shape.catalog();
        let time = |bytes: usize| {
            let text = shape.text(bytes);
            let files: Files = [("process.ocl", text)].into_iter().collect();
            let project = MemoryProject::new(&catalog, 1, &files);
            // The first round pays for fresh memory.
            let round = |_| {
                let begin = Instant::now();
                let migrated = black_box(project.migrate(2).unwrap());
                let taken = begin.elapsed();
                match &migrated.documents[0].outcome {
                    DocumentOutcome::Changed => {}
                    other => panic!("{}: {other:?}", shape.name),
                }
                taken
            };
            (0..5).map(round).min().unwrap_or(Duration::MAX)
        };
        let (long, short) = (time(shape.bytes), time(shape.bytes / TIMES));
        let work = format!("{}, {} MB", shape.name, shape.bytes >> 20);
        row(&work, long, "in an eighth", short, REACH);
    }
}

impl Shape {
    fn text(&self, bytes: usize) -> String {
        let [before, each, after] = self.document;
        let mut text = before.to_owned();
        for number in 0.. {
            text.push_str(&each.replace('#', &number.to_string()));
            if text.len() >= bytes {
                break;
            }
        }
        text + after
    }

    /// A catalog with the one step.
    fn catalog(&self) -> Catalog {
        let folder: PathBuf = generate::folder().join("catalog-of-one-step");
        let step = folder.join("0002_edit");
        fs::create_dir_all(&step).unwrap();
        let catalog = "catalog \"edits\" {\n  base_path = \".edits\"\n}\n\nmarker {\n  path      = \"version.ocl\"\n  \
                       attribute = \"version\"\n}\n\ndocument \"process\" { path = \"process.ocl\" }\n";
        fs::write(folder.join("catalog.hcl"), catalog).unwrap();
        let text = format!(
            "description = \"Edits\"\ndocument = \"process\"\noverwrites = true\n\nmodify {{\n{}\n}}\n",
            self.body
        );
        fs::write(step.join("step.hcl"), text).unwrap();
        Catalog::load(&folder).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}
