//! Leaves, addresses and differences, against reading the documents they come from.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use ocl_migrate::catalog::{Catalog, Identity};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::{Values, difference};

use crate::corpus;
use crate::generate::Random;
use crate::rows::{Row, best, row, shown};

pub(crate) const ALL: &[Row] = &[
    ("values-leaves", leaves_of_real_documents),
    ("values-addresses", addresses_of_real_documents),
    ("values-difference", difference_of_large_documents),
    ("values-growth", growth),
];

/// The documents of the corpus, read once.
fn documents() -> Option<Vec<Document>> {
    let texts = corpus::documents()?;
    let documents = texts
        .into_iter()
        .filter_map(|text| Document::parse(text, Dialect::Current).ok());
    Some(documents.collect())
}

fn read(documents: &[Document]) -> Duration {
    best(|| {
        for document in documents {
            let _ = black_box(Document::parse(
                black_box(document.text()),
                Dialect::Current,
            ));
        }
    })
}

fn leaves_of_real_documents() {
    let Some(documents) = documents() else { return };
    let catalog = Catalog::builtin();
    let identity = catalog.identity("deployment_process");
    let mut count = 0;
    let ours = best(|| {
        count = documents
            .iter()
            .map(|document| Values::of(document, identity).leaves().count())
            .sum();
    });
    let work = format!("{count} leaves, {}", of_each(ours, count));
    row(&work, ours, "reading the documents", read(&documents), 4.0);
}

fn addresses_of_real_documents() {
    let Some(documents) = documents() else { return };
    let catalog = Catalog::builtin();
    let identity = catalog.identity("deployment_process");
    let mut text = String::new();
    let mut count = 0;
    let ours = best(|| {
        count = 0;
        for document in &documents {
            for leaf in Values::of(document, identity).leaves() {
                text.clear();
                let _ = write!(text, "{}", leaf.element());
                black_box(&text);
                count += 1;
            }
        }
    });
    let theirs = best(|| {
        for document in &documents {
            let _ = black_box(serde_json::to_string(&document.root()));
        }
    });
    let work = format!("{count} addresses printed, {}", of_each(ours, count));
    row(&work, ours, "the documents as JSON", theirs, 4.0);
}

fn of_each(time: Duration, count: usize) -> String {
    format!("{:.0} ns each", time.as_secs_f64() * 1e9 / count as f64)
}

/// A process of so many steps, and the same with a value changed here and there, steps moved, gone and added.
fn processes(steps: usize) -> (Document, Document) {
    let mut random = Random(7);
    let step = |name: usize, script: u64| {
        format!(
            "step \"step-{name}\" {{\n    name = \"Step {name}\"\n\n    action {{\n        action_type = \"Octopus.Script\"\n        \
             environments = [\"production\", \"staging\"]\n        properties = {{\n            \
             Octopus.Action.Script.ScriptBody = <<-EOT\n                    echo \"run {script}\"\n                    \
             exit 0\n                EOT\n            Octopus.Action.Script.Syntax = \"Bash\"\n            \
             Octopus.Action.RunOnServer = \"true\"\n        }}\n    }}\n}}\n\n"
        )
    };
    let old: Vec<(usize, u64)> = (0..steps)
        .map(|name| (name, random.next() % 1000))
        .collect();
    let mut new = old.clone();
    for _ in 0..steps / 20 {
        new[random.below(steps)].1 = random.next();
        let (a, b) = (random.below(steps), random.below(steps));
        new.swap(a, b);
        let gone = random.below(steps);
        new[gone] = (steps + random.below(1_000_000), random.next());
    }
    let text = |steps: &[(usize, u64)]| -> String {
        steps
            .iter()
            .map(|(name, script)| step(*name, *script))
            .collect()
    };
    // The new one is written differently: nothing of it is the same to the byte.
    let new = text(&new).replace(" = ", "  =  ");
    let parse = |text: String| Document::parse(text, Dialect::Current).expect("generated");
    (parse(text(&old)), parse(new))
}

fn time_of_difference(old: &Document, new: &Document, identity: &Identity) -> (usize, Duration) {
    let mut count = 0;
    let time = best(|| {
        let found = difference(Values::of(old, identity), Values::of(new, identity));
        count = found.changes().len();
    });
    (count, time)
}

fn difference_of_large_documents() {
    let catalog = Catalog::builtin();
    let identity = catalog.identity("deployment_process");
    for steps in [100, 2_000, 20_000] {
        let (old, new) = processes(steps);
        let (count, ours) = time_of_difference(&old, &new, identity);
        let size = old.text().len();
        let work = format!(
            "{count} differences of two processes of {size} bytes, all written differently"
        );
        let both = [old, new];
        row(&work, ours, "reading both", read(&both), 10.0);
    }
}

/// How the time grows with the size: with 8 and 16 times as much it must not grow much faster.
fn growth() {
    let catalog = Catalog::builtin();
    let process = catalog.identity("deployment_process");
    let times = |name: &str, make: &dyn Fn(usize) -> (Document, Document), identity: &Identity| {
        let base = 500;
        let (old, new) = make(base);
        let (_, once) = time_of_difference(&old, &new, identity);
        for factor in [8, 16] {
            let (old, new) = make(base * factor);
            let (_, more) = time_of_difference(&old, &new, identity);
            let growth = more.as_secs_f64() / once.as_secs_f64() / factor as f64;
            let verdict = if growth <= 2.0 { "reached" } else { "missed" };
            println!(
                "| difference of {name}, {factor} times as long | {} | once: {} | {growth:.2} for each | 2 | {verdict} |",
                shown(more),
                shown(once)
            );
        }
    };
    times("processes", &processes, process);
    let none = Identity::none();
    times(
        "lists with every third item changed",
        &|count| lists(count, 3),
        &none,
    );
    times(
        "lists of two items, again and again",
        &|count| lists(count, 0),
        &none,
    );
    times("blocks without keys", &blocks, &none);
    times(
        "scopes that were widened",
        &scopes,
        catalog.identity("variables"),
    );
}

/// Two lists; with `every` 0 of few distinct items.
fn lists(count: usize, every: usize) -> (Document, Document) {
    let mut random = Random(11);
    let list = |shift: usize, random: &mut Random| {
        let items = (0..count * 10).map(|index| match every {
            0 => format!("\"{}\"", random.below(2)),
            every if (index + shift).is_multiple_of(every) => format!("\"{shift} {index}\""),
            _ => format!("\"{index}\""),
        });
        let text = format!("a = [{}]\n", items.collect::<Vec<_>>().join(", "));
        Document::parse(text, Dialect::Current).expect("generated")
    };
    (list(0, &mut random), list(1, &mut random))
}

fn blocks(count: usize) -> (Document, Document) {
    let mut random = Random(13);
    let text = |random: &mut Random| {
        let blocks = (0..count * 4)
            .map(|_| format!("a {{\n  b = {}\n  c {{\n  }}\n}}\n", random.below(count)));
        Document::parse(blocks.collect::<String>(), Dialect::Current).expect("generated")
    };
    (text(&mut random), text(&mut random))
}

fn scopes(count: usize) -> (Document, Document) {
    let text = |wider: &str| {
        let values = (0..count * 2).map(|index| {
            format!("  value \"{index}\" {{\n    environment = [\"e{index}\"{wider}]\n  }}\n")
        });
        let text = format!("variable \"a\" {{\n{}}}\n", values.collect::<String>());
        Document::parse(text, Dialect::Current).expect("generated")
    };
    (text(""), text(", \"other\""))
}
