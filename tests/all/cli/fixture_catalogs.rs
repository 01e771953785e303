//! The catalogs under `fixtures/`: whether their cases would notice a mistake, and what becomes of branches at each version.

use std::fs;
use std::path::{Path, PathBuf};

use ocl_migrate::verify::Files;

use crate::support::{Sandbox, project};

/// Each with the folder of a project's documents, its newest version, and what the server has when an import runs.
type Fixture = (
    &'static str,
    &'static str,
    u32,
    &'static [(&'static str, &'static str, u32)],
);

const FIXTURES: [Fixture; 2] = [
    (
        "flags",
        ".flags",
        9,
        &[
            ("segment/nordic", "v6/segments/nordic.ocl", 6),
            ("kill_switches", "v6/kill_switches.ocl", 6),
        ],
    ),
    ("gitops", ".gitops", 8, &[]),
];

fn folder(name: &str) -> PathBuf {
    project().join("fixtures/catalogs").join(name)
}

#[test]
fn their_cases_notice_every_mistake() {
    for name in ["fizz", "flags", "gitops"] {
        let folder = folder(name);
        let folder = folder.to_str().unwrap();
        let said = Sandbox::empty().run_plain(&["--catalog", folder, "verify", "--mutate"]);
        assert!(said.contains("mistakes noticed"), "{said}");
        assert!(said.ends_with("--- exit 0"), "{said}");
    }
}

/// A branch at every version: the commit that brings it to the newest holds what the newest snapshot does, byte for byte.
#[test]
fn their_branches_come_to_the_newest_version_and_keep_their_values() {
    for (name, base_path, newest, rows) in FIXTURES {
        let catalog = folder(name);
        let snapshots = catalog.join("snapshots");
        let repo = Sandbox::empty();
        let run = |arguments: &[&str]| {
            let said =
                repo.run_plain(&[&["--catalog", catalog.to_str().unwrap()], arguments].concat());
            assert!(said.ends_with("--- exit 0"), "{name} {arguments:?}: {said}");
            said
        };
        run(&["store", "init"]);
        for (document, file, shape) in rows {
            let file = snapshots.join("arrivals").join(file);
            let file = file.to_str().unwrap();
            run(&[
                "store",
                "put",
                document,
                file,
                "--shape",
                &shape.to_string(),
            ]);
        }
        let expected = Files::read(&snapshots.join(format!("v{newest}"))).unwrap();
        for version in 1..=newest {
            let from = snapshots.join(format!("v{version}"));
            repo.shell(&format!(
                "git switch -q --orphan b{version} && mkdir {base_path} && cp -R '{}'/. {base_path} && git add -A && git commit -qm Begin",
                from.display()
            ));
            let branch = format!("b{version}");
            if version < newest {
                run(&["upgrade", &branch, "-m", "Upgrade"]);
            }
            let found = held(&repo, &branch, base_path);
            let paths = |files: &Files| -> Vec<String> {
                files.iter().map(|(path, _)| path.to_owned()).collect()
            };
            assert_eq!(paths(&found), paths(&expected), "{name} {version}");
            for (path, bytes) in expected.iter() {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let here = found.get(path).unwrap();
                assert_eq!(text(here), text(bytes), "{name} {version} {path}");
            }
            run(&["check", &branch]);
        }
    }
}

fn held(repo: &Sandbox, branch: &str, base_path: &str) -> Files {
    let target = repo.path().join(".git/held").join(branch);
    fs::create_dir_all(&target).unwrap();
    repo.shell(&format!(
        "git archive {branch} | tar -x -C '{}'",
        target.display()
    ));
    Files::read(Path::new(&target.join(base_path))).unwrap()
}
