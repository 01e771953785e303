//! Large repositories to measure with, generated from a seed, so the same everywhere.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small random number generator (splitmix64), with the same output on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than a usize")
    }
}

/// Where generated repositories are kept from one run to the next.
pub(crate) fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_TMPDIR");
    let target = target.map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    target.join("generated-repositories")
}

/// The repository of this name, made by `fill` if it isn't there yet.
fn repository(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let path = folder().join(format!("{name}.git"));
    if !path.join("complete").exists() {
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the target folder can be written");
        git(
            &path,
            &["init", "--quiet", "--bare", "--initial-branch=main", "."],
        );
        fill(&path);
        fs::write(path.join("complete"), "").expect("the target folder can be written");
    }
    path
}

/// A number of refs, each with a commit of its own, over a smaller number of distinct trees; all packed.
pub(crate) fn many_refs(refs: usize, trees: usize) -> PathBuf {
    repository(&format!("refs-{refs}-over-{trees}"), |path| {
        let mut random = Random(1);
        let mut stream = String::new();
        let documents: Vec<String> = (0..trees).map(|_| process(&mut random, 12)).collect();
        for (tree, document) in documents.iter().enumerate() {
            blob(&mut stream, tree + 1, document);
        }
        blob(&mut stream, trees + 1, "version = 5");
        for index in 0..refs {
            commit(
                &mut stream,
                &format!("refs/heads/feature/{index:06}"),
                index,
            );
            let _ = write!(
                stream,
                "M 100644 :{} .octopus/schema_version.ocl\nM 100644 :{} .octopus/deployment_process.ocl\n\n",
                trees + 1,
                index % trees + 1
            );
        }
        import(path, &stream);
        git(path, &["repack", "-adq"]);
        git(path, &["pack-refs", "--all"]);
    })
}

/// A line of commits, each changing one document of five: deep deltas.
pub(crate) fn history(commits: usize) -> PathBuf {
    repository(&format!("history-{commits}"), |path| {
        let mut random = Random(2);
        let mut stream = String::new();
        let mut documents: Vec<String> = (0..4).map(|_| process(&mut random, 8)).collect();
        for index in 0..commits {
            commit(&mut stream, "refs/heads/main", index);
            let changed = random.below(documents.len());
            documents[changed] = edit(&mut random, &documents[changed]);
            for (place, document) in documents.iter().enumerate() {
                if index == 0 || place == changed {
                    let path = match place {
                        0 => ".octopus/deployment_process.ocl".to_owned(),
                        place => format!(".octopus/runbooks/runbook-{place}.ocl"),
                    };
                    inline(&mut stream, &path, document);
                }
            }
            if index == 0 {
                inline(&mut stream, ".octopus/schema_version.ocl", "version = 9");
            }
            stream.push('\n');
        }
        import(path, &stream);
        git(path, &["repack", "-adfq", "--depth=50"]);
    })
}

/// So many commits one after the other, half of them each changing one of 200 variables, the others something else. Halfway the
/// project goes from version 9 to 14.
pub(crate) fn variables(commits: usize) -> PathBuf {
    repository(&format!("variables-{commits}"), |path| {
        let mut random = Random(4);
        let mut stream = String::new();
        let mut values: Vec<usize> = (0..200).map(|_| random.below(10_000)).collect();
        let text = |values: &[usize]| {
            let mut text = String::new();
            for (index, value) in values.iter().enumerate() {
                let _ = write!(
                    text,
                    "variable \"Var{index:03}\" {{\n    value \"{value}\" {{}}\n}}\n\n"
                );
            }
            text
        };
        for index in 0..commits {
            commit(&mut stream, "refs/heads/main", index);
            if index == 0 || index == commits / 2 {
                let version = if index == 0 {
                    "version = 9"
                } else {
                    "version = 14"
                };
                inline(&mut stream, ".octopus/schema_version.ocl", version);
            }
            match random.below(10) {
                0..5 => {
                    let changed = random.below(values.len());
                    values[changed] = random.below(10_000);
                    inline(&mut stream, ".octopus/variables.ocl", &text(&values));
                }
                5..7 => {
                    let place = random.below(20);
                    let name = format!("name = \"Runbook {index}\"\n");
                    let path = format!(".octopus/runbooks/runbook-{place}.ocl");
                    inline(&mut stream, &path, &name);
                }
                _ => {
                    let path = format!("src/{}.txt", random.below(50));
                    inline(&mut stream, &path, &format!("{index}\n"));
                }
            }
            stream.push('\n');
        }
        import(path, &stream);
        git(path, &["repack", "-adq"]);
    })
}

/// Branches of one document, each with a small one of its own, at version 3.
pub(crate) fn shared_document(branches: usize, text: &str) -> PathBuf {
    repository(&format!("shared-{branches}"), |path| {
        let mut stream = String::new();
        for index in 0..branches {
            commit(&mut stream, &format!("refs/heads/b{index:04}"), index);
            inline(&mut stream, ".octopus/schema_version.ocl", "version = 3");
            inline(&mut stream, ".octopus/deployment_process.ocl", text);
            let own = format!("connectivity_policy {{\n    number = {index}\n}}\n");
            inline(&mut stream, ".octopus/deployment_settings.ocl", &own);
            stream.push('\n');
        }
        import(path, &stream);
        git(path, &["repack", "-adq"]);
        git(path, &["pack-refs", "--all"]);
    })
}

/// Branches off a history of 200 commits, each with a document of its own among many shared ones. Halfway, the history
/// goes from version 5 to 7, so that documents on either side of it are older than their branch.
pub(crate) fn many_documents(branches: usize, documents: usize) -> PathBuf {
    const HISTORY: usize = 200;
    repository(&format!("documents-{documents}-on-{branches}"), |path| {
        let mut random = Random(5);
        let mut stream = String::new();
        let document = |random: &mut Random| {
            let place = random.below(documents);
            let path = format!(".octopus/runbooks/runbook-{place:04}.ocl");
            (path, runbook(random))
        };
        for index in 0..HISTORY {
            commit(&mut stream, "refs/heads/main", index);
            if index == 0 {
                inline(&mut stream, ".octopus/schema_version.ocl", "version = 5");
                for place in 0..documents {
                    let path = format!(".octopus/runbooks/runbook-{place:04}.ocl");
                    inline(&mut stream, &path, &runbook(&mut random));
                }
            } else {
                let (path, text) = document(&mut random);
                inline(&mut stream, &path, &text);
            }
            if index == HISTORY / 2 {
                inline(&mut stream, ".octopus/schema_version.ocl", "version = 7");
            }
            stream.push('\n');
        }
        import(path, &stream);
        let listed = Command::new("git")
            .current_dir(path)
            .args(["rev-list", "main"])
            .output()
            .expect("git can be started");
        let listed = String::from_utf8(listed.stdout).expect("ids are ASCII");
        let history: Vec<&str> = listed.lines().collect();
        let mut stream = String::new();
        for index in 0..branches {
            commit(
                &mut stream,
                &format!("refs/heads/feature/{index:06}"),
                HISTORY + index,
            );
            let _ = writeln!(stream, "from {}", history[random.below(HISTORY)]);
            let (path, text) = document(&mut random);
            inline(&mut stream, &path, &text);
            stream.push('\n');
        }
        import(path, &stream);
        git(path, &["repack", "-adq"]);
        git(path, &["pack-refs", "--all"]);
    })
}

/// Branches `one` and `two`, which come from one commit with that many runbooks, at the newest version: both changed the first of them,
/// one at the beginning and two at the end.
pub(crate) fn two_branches(documents: usize, changed: usize) -> PathBuf {
    repository(&format!("two-branches-{documents}-{changed}"), |path| {
        let mut random = Random(11);
        let texts: Vec<String> = (0..documents).map(|_| runbook(&mut random)).collect();
        let mut stream = String::new();
        let put = |stream: &mut String, text: &dyn Fn(&str) -> String| {
            for (place, runbook) in texts.iter().enumerate().take(changed) {
                let path = format!(".octopus/runbooks/runbook-{place:03}.ocl");
                inline(stream, &path, &text(runbook));
            }
            stream.push('\n');
        };
        commit(&mut stream, "refs/heads/one", 0);
        inline(&mut stream, ".octopus/schema_version.ocl", "version = 14");
        for (place, runbook) in texts.iter().enumerate() {
            let path = format!(".octopus/runbooks/runbook-{place:03}.ocl");
            inline(&mut stream, &path, runbook);
        }
        stream.push_str("\nreset refs/heads/two\nfrom refs/heads/one\n\n");
        commit(&mut stream, "refs/heads/one", 1);
        put(&mut stream, &|text| {
            text.replacen("name = \"Step 0", "name = \"First", 1)
        });
        commit(&mut stream, "refs/heads/two", 2);
        put(&mut stream, &|text| {
            text.replacen("name = \"Step 7", "name = \"Last", 1)
        });
        import(path, &stream);
        git(path, &["repack", "-adq"]);
    })
}

/// A runbook that no step but the dialect's looks at, and that one leaves as it is.
fn runbook(random: &mut Random) -> String {
    let number = random.below(1_000_000);
    let mut text = format!("name = \"Runbook {number}\"\n\n");
    for step in 0..8 {
        let _ = write!(
            text,
            "step \"step-{step}\" {{\n    name = \"Step {step} of {number}\"\n\n    action {{\n        \
             action_type = \"Octopus.Manual\"\n        properties = {{\n            \
             Octopus.Action.Manual.Instructions = \"Look at {number}\"\n        }}\n    }}\n}}\n\n"
        );
    }
    text
}

/// Branches with documents from 100 bytes to 600 kB; half of the objects are loose.
pub(crate) fn large_documents(branches: usize) -> PathBuf {
    repository(&format!("large-{branches}"), |path| {
        let mut random = Random(3);
        for half in 0..2 {
            let mut stream = String::new();
            for index in (half..branches).step_by(2) {
                commit(&mut stream, &format!("refs/heads/large/{index:04}"), index);
                inline(&mut stream, ".octopus/schema_version.ocl", "version = 5");
                for document in 0..6 {
                    // 100 bytes, and up to 600 kB: each size is a third of the next.
                    let steps = [0, 1, 8, 80, 700, 2400][document];
                    let text = process(&mut random, steps);
                    let path = match document {
                        0 => ".octopus/deployment_process.ocl".to_owned(),
                        place => format!(".octopus/runbooks/runbook-{place}.ocl"),
                    };
                    inline(&mut stream, &path, &text);
                }
                stream.push('\n');
            }
            import(path, &stream);
            if half == 0 {
                git(path, &["repack", "-adfq", "--depth=50"]);
                git(path, &["pack-refs", "--all"]);
                git(path, &["config", "fastimport.unpackLimit", "1000000"]);
            }
        }
    })
}

/// A deployment process with that many steps, about 250 bytes each, some of them scripts.
fn process(random: &mut Random, steps: usize) -> String {
    let mut text = String::new();
    for step in 0..steps.max(1) {
        let number = random.below(1_000_000);
        let _ = write!(
            text,
            "step \"step-{step}-{number}\" {{\n    name = \"Step {step} {number}\"\n\n    action {{\n        \
             action_type = \"Octopus.Script\"\n        properties = {{\n            \
             Octopus.Action.Script.ScriptBody = <<-EOT\n                    echo \"run {number}\"\n                    \
             exit 0\n                EOT\n            Octopus.Action.Script.Syntax = \"Bash\"\n        }}\n    }}\n}}\n\n"
        );
    }
    if steps == 0 {
        text.truncate(0);
        text.push_str("step \"a\" {\n    name = \"A\"\n\n    action {\n        action_type = \"Octopus.Manual\"\n    }\n}\n");
    }
    text
}

/// The same with one number changed.
fn edit(random: &mut Random, text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let scripts: Vec<usize> = (0..lines.len())
        .filter(|line| lines[*line].contains("echo"))
        .collect();
    let chosen = scripts[random.below(scripts.len())];
    let number = random.below(1_000_000);
    let edited = format!("                    echo \"run {number}\"\n");
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text.push_str(if index == chosen { &edited } else { line });
    }
    text
}

fn blob(stream: &mut String, mark: usize, text: &str) {
    let _ = write!(stream, "blob\nmark :{mark}\ndata {}\n{text}\n", text.len());
}

fn inline(stream: &mut String, path: &str, text: &str) {
    let _ = write!(
        stream,
        "M 100644 inline {path}\ndata {}\n{text}\n",
        text.len()
    );
}

fn commit(stream: &mut String, name: &str, index: usize) {
    let message = format!("Change {index}\n");
    let time = 1_700_000_000 + index;
    let _ = write!(
        stream,
        "commit {name}\ncommitter Ann <ann@example.com> {time} +0000\ndata {}\n{message}",
        message.len()
    );
}

fn import(path: &Path, stream: &str) {
    let mut child = Command::new("git")
        .current_dir(path)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("git can be started");
    let mut stdin = child.stdin.take().expect("it was piped");
    stdin
        .write_all(stream.as_bytes())
        .expect("git reads its input");
    drop(stdin);
    assert!(
        child.wait().expect("it was started").success(),
        "git fast-import"
    );
}

pub(crate) fn git(path: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .current_dir(path)
        .args(arguments)
        .status();
    assert!(
        done.expect("git can be started").success(),
        "git {arguments:?}"
    );
}
