//! What holds for the way back on real documents: every project of three real repositories, of real migrations, and every
//! real document alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use crate::support::{Repo, corpus, migrate_one, scratch};
use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{RefScope, Repository};
use ocl_migrate::migrate::SetAside;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::project::{DocumentOutcome, LoadError, LoadOptions, Loaded, Project};
use serde_json::Value as Json;

const LAST: u32 = 14;

/// A project at its version: files below its base path.
type Files = BTreeMap<String, Vec<u8>>;

/// A project of a repository, which is opened only once: in an unoptimised build, that takes as long as loading.
fn open(repository: &Repository, base_path: &str, catalog: &Arc<Catalog>) -> Project {
    let builder = Project::builder(repository.clone(), catalog.clone());
    builder.base_path(base_path).build().unwrap()
}

/// The files of a loaded ref, the marker among them.
fn files(loaded: &Loaded) -> Files {
    let mut files = Files::new();
    for document in loaded.documents() {
        if let Some(bytes) = loaded.content(document).unwrap() {
            files.insert(document.path.clone(), bytes);
        }
    }
    let marker = format!("version = {}", loaded.plan().target);
    files.insert(loaded.marker_paths().1.to_owned(), marker.into_bytes());
    files
}

/// Every distinct project of a repository's refs that can be read as it is.
fn projects_of(repository: &Path, catalog: &Arc<Catalog>, projects: &mut BTreeSet<(u32, Files)>) {
    let mut places = Vec::new();
    let repository = Repository::discover(repository).unwrap();
    let reader = Project::builder(repository.clone(), catalog.clone());
    let reader = reader.build().unwrap();
    let read = reader
        .status()
        .every_ref(RefScope::All, |status| -> Result<(), LoadError> {
            if let Some(version) = status.state.version() {
                let name = status.ref_name.to_owned();
                places.push((name, status.base_path.to_owned(), version));
            }
            Ok(())
        });
    read.unwrap();
    for (name, base_path, version) in places {
        let options = LoadOptions {
            target: Some(version),
        };
        let loaded = open(&repository, &base_path, catalog).load(&name, options);
        let Ok(loaded) = loaded else { continue };
        projects.insert((version, files(&loaded)));
    }
}

fn files_in(folder: &Path, below: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            files_in(&entry.path(), &format!("{name}/"), files)
        } else {
            drop(files.insert(name, fs::read(entry.path()).unwrap()))
        }
    }
}

/// All real projects, in one scratch repository: each in a folder of its own.
struct World {
    _folder: tempfile::TempDir,
    repo: Repo,
    repository: Repository,
    catalog: Arc<Catalog>,
    /// Version and files, by the folder's number.
    projects: Vec<(u32, Files)>,
    /// Made when the first of a folder is loaded.
    opened: Vec<OnceLock<Project>>,
}

/// Every real project, read once for all tests.
fn all_projects(corpus: &Path, catalog: &Arc<Catalog>) -> &'static BTreeSet<(u32, Files)> {
    static PROJECTS: OnceLock<BTreeSet<(u32, Files)>> = OnceLock::new();
    PROJECTS.get_or_init(|| {
        let folder = scratch::folder();
        let mut projects = BTreeSet::new();
        for name in ["cli", "worker-tools", "pitstop"] {
            let clone = folder.path().join(name);
            let bundle = corpus.join(format!("repositories/{name}.bundle"));
            let status = Command::new("git")
                .args(["clone", "--quiet", "--mirror"])
                .args([&bundle, &clone])
                .status()
                .unwrap();
            assert!(status.success());
            projects_of(&clone, catalog, &mut projects);
        }
        for entry in fs::read_dir(corpus.join("migrations")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let (from, to) = name
                .split_once("_v")
                .unwrap()
                .1
                .split_once("_to_v")
                .unwrap();
            for (side, version) in [("before", from), ("after", to)] {
                let mut files = Files::new();
                files_in(&path.join(side), "", &mut files);
                projects.insert((version.parse().unwrap(), files));
            }
        }
        projects
    })
}

impl World {
    fn new(corpus: &Path) -> World {
        let folder = scratch::folder();
        let catalog = Arc::new(Catalog::builtin());
        let projects = all_projects(corpus, &catalog);
        let repo = Repo::bare(&folder.path().join("all"));
        World {
            opened: projects.iter().map(|_| OnceLock::new()).collect(),
            repository: repo.open(),
            repo,
            catalog,
            projects: projects.iter().cloned().collect(),
            _folder: folder,
        }
    }

    /// Commits projects as a branch.
    fn commit(&self, branch: &str, projects: &[Option<Files>]) {
        let mut script = format!(
            "commit refs/heads/{branch}\ncommitter Ada <ada@example.com> 0 +0000\ndata 0\n\n"
        )
        .into_bytes();
        for (index, files) in projects.iter().enumerate() {
            for (path, bytes) in files.iter().flatten() {
                let head = format!(
                    "M 100644 inline \"p{index}/{path}\"\ndata {}\n",
                    bytes.len()
                );
                script.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\n"));
            }
        }
        use std::io::Write as _;
        let mut child = Command::new("git")
            .arg("-C")
            .arg(self.repo.path())
            .args(["fast-import", "--quiet", "--force"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&script).unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn load(&self, index: usize, branch: &str, target: u32) -> Option<Loaded> {
        let options = LoadOptions {
            target: Some(target),
        };
        let open = || open(&self.repository, &format!("p{index}"), &self.catalog);
        let project = self.opened[index].get_or_init(open);
        project.load(branch, options).ok()
    }
}

/// The plain views of a loaded ref's documents, by name.
fn values(loaded: &Loaded) -> BTreeMap<String, Json> {
    let dialect = loaded.project().catalog().dialect_at(loaded.plan().target);
    let documents = loaded.documents().filter_map(|document| {
        let bytes = loaded.content(document).unwrap()?;
        Some((document.name.to_string(), json(dialect, &bytes)))
    });
    documents.collect()
}

fn json(dialect: Dialect, bytes: &[u8]) -> Json {
    let document = Document::from_bytes(bytes.to_vec(), dialect).unwrap();
    document.root().to_json()
}

/// What happened, so that nothing holds because nothing happened.
#[derive(Debug, Default)]
struct Tally {
    ways: usize,
    documents: usize,
    changed: usize,
    left_out: usize,
    failed: usize,
    set_aside: usize,
    /// Documents that changed on the way and came back with their values, but not with their bytes.
    other_bytes: usize,
    /// What couldn't be carried, by step and kind of place.
    places: BTreeMap<String, usize>,
}

impl Tally {
    fn note(&mut self, loaded: &Loaded) {
        self.ways += 1;
        for document in loaded.documents() {
            self.documents += 1;
            match document.outcome {
                DocumentOutcome::Changed => self.changed += 1,
                DocumentOutcome::LeftOut => self.left_out += 1,
                DocumentOutcome::Failed(_) => self.failed += 1,
                _ => {}
            }
            self.set_aside += usize::from(!document.set_aside.is_empty());
            let values = document.set_aside.iter();
            values.for_each(|value| self.not_carried(value));
        }
    }

    fn not_carried(&mut self, value: &SetAside) {
        let name = value.place.rsplit("properties.").next().unwrap();
        let name = name.rsplit(']').next().unwrap();
        let back = value.back.is_some();
        let place = format!(
            "{} {} {name}, comes back: {back}",
            value.version, value.step
        );
        *self.places.entry(place).or_default() += 1;
    }

    fn places(&self) -> String {
        let lines = self
            .places
            .iter()
            .map(|(place, count)| format!("{place}: {count}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn real_projects_go_down_to_every_version_and_come_back_with_their_values() {
    let Some(corpus) = corpus() else { return };
    let world = World::new(&corpus);
    let all: Vec<Option<Files>> = world
        .projects
        .iter()
        .map(|(_, f)| Some(f.clone()))
        .collect();
    world.commit("start", &all);
    let mut tally = Tally::default();
    for to in 1..LAST {
        let down: Vec<Option<Loaded>> = (0..world.projects.len())
            .map(|index| {
                let is_above = world.projects[index].0 > to;
                is_above.then(|| world.load(index, "start", to)).flatten()
            })
            .collect();
        let written: Vec<Option<Files>> = down.iter().map(|d| d.as_ref().map(files)).collect();
        world.commit("down", &written);
        for (index, down) in down.iter().enumerate() {
            let Some(down) = down else { continue };
            tally.note(down);
            let version = world.projects[index].0;
            let start = values(&world.load(index, "start", version).unwrap());
            let back = world.load(index, "down", version).unwrap();
            let after = values(&back);
            for document in down.documents() {
                let name = document.name.as_str();
                let is_gone = matches!(
                    document.outcome,
                    DocumentOutcome::LeftOut | DocumentOutcome::Failed(_)
                );
                if is_gone || !document.set_aside.is_empty() {
                    continue;
                }
                assert_eq!(
                    after.get(name),
                    start.get(name),
                    "{name} of p{index} at {version}, by {to}"
                );
                if !matches!(document.outcome, DocumentOutcome::Changed) {
                    continue;
                }
                let again = back.document(name).unwrap();
                let again = back.content(again).unwrap();
                tally.other_bytes += usize::from(down.before(document).unwrap() != again);
            }
        }
    }
    println!("{} projects: {tally:?}", world.projects.len());
    // Every document without a value set aside came back to the byte.
    assert!(tally.changed > 700 && tally.left_out > 1000, "{tally:?}");
    assert_eq!((tally.other_bytes, tally.failed), (0, 0), "{tally:?}");
    assert_snapshot!(tally.places(), @"
    4 deployment_process_slugs , comes back: true: 36
    4 deployment_process_slugs .name, comes back: true: 6
    4 deployment_process_slugs Octopus.Action.RunOnServer, comes back: false: 45
    4 deployment_process_slugs Octopus.Action.RunOnServer, comes back: true: 165
    8 server_side_apply Octopus.Action.RunOnServer, comes back: true: 112
    ");
}

/// What went up comes up again the same, whatever became of it on the way down.
#[test]
fn real_projects_go_up_down_and_up_again() {
    let Some(corpus) = corpus() else { return };
    let world = World::new(&corpus);
    let all: Vec<Option<Files>> = world
        .projects
        .iter()
        .map(|(_, f)| Some(f.clone()))
        .collect();
    world.commit("start", &all);
    let (mut ways, mut changed, mut set_aside) = (0, 0, BTreeSet::new());
    for to in [6, 8, 10, LAST] {
        let step = |branch: &str, target: &dyn Fn(u32) -> u32| -> Vec<Option<Loaded>> {
            let load = |(index, (version, _)): (usize, &(u32, Files))| {
                let is_below = *version < to;
                is_below
                    .then(|| world.load(index, branch, target(*version)))
                    .flatten()
            };
            world.projects.iter().enumerate().map(load).collect()
        };
        let write = |branch: &str, loaded: &[Option<Loaded>]| {
            let files: Vec<_> = loaded.iter().map(|l| l.as_ref().map(files)).collect();
            world.commit(branch, &files);
        };
        let up = step("start", &|_| to);
        write("up", &up);
        let down = step("up", &|version| version);
        write("down", &down);
        let again = step("down", &|_| to);
        for ((up, down), again) in up.iter().zip(&down).zip(&again) {
            let (Some(up), Some(down), Some(again)) = (up, down, again) else {
                continue;
            };
            ways += 1;
            let (first, second) = (values(up), values(again));
            for document in down.documents() {
                changed += usize::from(matches!(document.outcome, DocumentOutcome::Changed));
                for value in &document.set_aside {
                    set_aside.insert(format!("{} {}", document.name, value.place));
                }
                let is_left_out = matches!(document.outcome, DocumentOutcome::LeftOut);
                if document.set_aside.is_empty() && !is_left_out {
                    let name = document.name.as_str();
                    assert_eq!(second.get(name), first.get(name), "{name} by {to}");
                }
            }
        }
    }
    println!("{ways} ways, {changed} documents changed on the way down");
    assert!(ways > 400 && changed > 150);
    // What came up by itself has nothing that can't go down again.
    assert!(set_aside.is_empty(), "{set_aside:?}");
}

/// Whatever its version was: as a document at 14, it goes down to every version of its kind and comes back, or it says
/// what doesn't.
#[test]
fn real_documents_go_down_or_say_what_they_can_not_carry() {
    let Some(corpus) = corpus() else { return };
    let catalog = Catalog::builtin();
    let table = fs::read_to_string(corpus.join("documents.tsv")).unwrap();
    let (mut there, mut changed, mut set_aside, mut refused) = (0, 0, 0, BTreeMap::new());
    // For time.
    for line in table.lines().skip(1).step_by(2) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (name, state, path) = (columns[0], columns[1], columns[4]);
        let file = path.rsplit('/').next().unwrap().trim_end_matches(".ocl");
        let (kind, least) = match file {
            "deployment_process" => ("deployment_process", 1),
            "deployment_settings" => ("deployment_settings", 2),
            "variables" => ("variables", 5),
            _ if path.contains("runbooks/") => ("runbook", 9),
            _ => continue,
        };
        if state == "invalid" {
            continue;
        }
        let bytes = fs::read(corpus.join(format!("documents/{name}.ocl"))).unwrap();
        let before = json(Dialect::Current, &bytes);
        for to in least..LAST {
            let down = migrate_one(&catalog, kind, &bytes, LAST, to);
            if let Some(error) = down.document.error() {
                let reason = error.kind.to_string().chars().take(60).collect::<String>();
                *refused.entry(reason).or_insert(0) += 1;
                continue;
            }
            there += 1;
            changed += usize::from(!down.document.changes().is_empty());
            set_aside += usize::from(!down.document.set_aside.is_empty());
            let back = migrate_one(&catalog, kind, down.text.unwrap().as_bytes(), to, LAST);
            let back = back.text.unwrap();
            if down.document.set_aside.is_empty() {
                assert_eq!(
                    json(Dialect::Current, back.as_bytes()),
                    before,
                    "{name} by {to}"
                );
            }
        }
    }
    println!("{there} went down, {changed} changed, {set_aside} set aside; refused: {refused:?}");
    assert!(there > 5_000 && changed > 1_000);
    assert_snapshot!(format!("{refused:?}"), @r#"{"this action uses the Kustomize step package, and what versio": 18, "this action uses the step package that deploys to Amazon ECS": 12}"#);
}
