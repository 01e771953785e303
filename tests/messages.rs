//! What the library's errors say, in a row, with what helps: those too that no command can be made to provoke at will.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::fmt::{Debug, Display, Write as _};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ocl_migrate::git::{self, ObjectId, ObjectKind};
use ocl_migrate::plan::PlanError;
use ocl_migrate::project::{CommitError, DraftError, LoadError, Remedy, SettledIntent};
use ocl_migrate::store::{self, IntentId, ProjectKey};

struct Reel {
    text: String,
    variants: Vec<String>,
}

impl Reel {
    fn say(&mut self, error: &(impl Debug + Display), remedy: Remedy) {
        let debug = format!("{error:?}");
        let variant = debug.split([' ', '(', '{']).next().unwrap().to_owned();
        writeln!(self.text, "{variant} ({}): {error}", remedy.name()).unwrap();
        self.variants.push(variant);
    }

    fn git(&mut self, error: git::Error) {
        let remedy = Remedy::of_git(&error);
        self.say(&error, remedy);
    }

    fn store(&mut self, error: store::Error) {
        let remedy = Remedy::of_store(&error);
        self.say(&error, remedy);
    }

    fn load(&mut self, error: LoadError) {
        let remedy = error.remedy();
        self.say(&error, remedy);
    }

    fn commit(&mut self, error: CommitError) {
        let remedy = error.remedy();
        self.say(&error, remedy);
    }

    fn draft(&mut self, error: DraftError) {
        let remedy = error.remedy();
        self.say(&error, remedy);
    }
}

/// The variants of an enum, as its source has them.
fn variants_of(file: &str, name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(path).unwrap();
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let lines = body
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let names = lines.filter_map(|line| line.trim().split([' ', '(', '{', ',']).next());
    names
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect()
}

fn id(digit: u8) -> ObjectId {
    ObjectId::from_bytes([digit; 20])
}

fn git_dir() -> PathBuf {
    "/srv/shop/.git".into()
}

fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

fn finish(reel: Reel, file: &str, name: &str) -> String {
    let missing: Vec<String> = variants_of(file, name)
        .into_iter()
        .filter(|variant| !reel.variants.contains(variant))
        .collect();
    assert!(
        missing.is_empty(),
        "{name} says nothing of {missing:?} here"
    );
    reel.text
}

fn reel() -> Reel {
    Reel {
        text: String::new(),
        variants: Vec::new(),
    }
}

#[test]
fn of_the_repository() {
    use git::Error;
    let mut reel = reel();
    let path = || PathBuf::from("/srv/shop/.git/refs/heads/main");
    reel.git(Error::RepositoryNotFound {
        dir: "/srv".into(),
        reason: "no .git there".into(),
    });
    reel.git(Error::NotOwner {
        path: "/srv/shop".into(),
    });
    reel.git(Error::Unsupported {
        git_dir: git_dir(),
        feature: "reftable".into(),
        remedy: "run: git refs migrate --ref-format=files".into(),
    });
    reel.git(Error::RevisionNotFound {
        revision: "mian".into(),
        git_dir: git_dir(),
        reason: "no ref or object has this name".into(),
    });
    reel.git(Error::InvalidRevision {
        revision: "a..b".into(),
        reason: "it is a range".into(),
    });
    reel.git(Error::Ambiguous {
        prefix: "abc".into(),
        candidates: vec!["abc1 (commit)".into(), "abc2 (tag)".into()],
    });
    reel.git(Error::WrongKind {
        id: id(1),
        expected: ObjectKind::Commit,
        found: ObjectKind::Tree,
        git_dir: git_dir(),
    });
    reel.git(Error::ObjectNotFound {
        id: id(1),
        git_dir: git_dir(),
        remedy: "fetch it",
    });
    reel.git(Error::LeftOutOfPartialClone {
        id: id(1),
        git_dir: git_dir(),
    });
    reel.git(Error::BlobTooLarge {
        id: id(1),
        size: 99,
        limit: 64,
    });
    reel.git(Error::TreeTooLarge {
        id: id(1),
        what: "levels",
        limit: 128,
        path: "a/b".into(),
    });
    reel.git(Error::InvalidPath {
        path: "a/../b".into(),
        reason: "it has a part `..`",
    });
    reel.git(Error::Corrupt {
        what: "object 01".into(),
        git_dir: git_dir(),
        reason: "its checksum differs".into(),
    });
    reel.git(Error::Io {
        action: "write",
        path: path(),
        source: refused(),
    });
    reel.git(Error::Storage {
        action: "list refs".into(),
        git_dir: git_dir(),
        reason: "out of handles".into(),
    });
    reel.git(Error::RefMoved {
        name: "refs/heads/main".into(),
        expected: Some(id(1)),
        found: None,
    });
    reel.git(Error::MovedButNotFlushed {
        name: "refs/heads/main".into(),
        new: id(2),
        source: Box::new(Error::Io {
            action: "flush",
            path: path(),
            source: refused(),
        }),
    });
    reel.git(Error::Locked {
        lock_file: path(),
        age: Duration::from_secs(7),
    });
    reel.git(Error::RefNameClash {
        name: "refs/heads/a/b".into(),
        existing: "refs/heads/a".into(),
    });
    reel.git(Error::SymbolicRef {
        name: "refs/heads/alias".into(),
        target: "refs/heads/main".into(),
    });
    reel.git(Error::InvalidRefName {
        name: "a..b".into(),
        reason: "it has two dots in a row".into(),
    });
    reel.git(Error::TreeClash {
        path: "a/b".into(),
        reason: "`a` is a file".into(),
    });
    reel.git(Error::NoIdentity {
        role: "author",
        what: "email",
    });
    reel.git(Error::InvalidValue {
        what: "date".into(),
        value: "yesterday".into(),
        reason: "no such form".into(),
    });
    insta::assert_snapshot!(finish(reel, "src/git/error.rs", "Error"));
}

#[test]
fn of_the_store() {
    use store::Error;
    let mut reel = reel();
    let path = || PathBuf::from("/srv/state.db");
    reel.store(Error::Absent { path: path() });
    reel.store(Error::UnknownProject {
        project: ProjectKey::new(".octopus"),
    });
    reel.store(Error::RowsChanged(store::RowsChanged {
        kind: "runbook".into(),
        edited: vec!["backup".into()],
        added: vec!["new".into()],
        removed: Vec::new(),
    }));
    reel.store(Error::AlreadyRecorded {
        kind: "runbook".into(),
        import_version: 9,
    });
    reel.store(Error::NotInSnapshot {
        kind: "runbook".into(),
        slug: "backup".into(),
    });
    reel.store(Error::Invalid {
        what: "the slug".into(),
        why: "it has 300 bytes; at most 200".into(),
    });
    reel.store(Error::Aborted);
    reel.store(Error::Locked {
        store: "/srv/state.db".into(),
        waited: Duration::from_secs(5),
    });
    reel.store(Error::ReadOnly {
        path: path(),
        why: "a commit needs to write",
    });
    reel.store(Error::Full { path: path() });
    reel.store(Error::Newer {
        path: path(),
        found: 3,
        known: 1,
    });
    reel.store(Error::NotAStore {
        path: path(),
        why: "it is no SQLite database".into(),
    });
    reel.store(Error::Corrupt {
        path: path(),
        why: "a page is missing".into(),
    });
    reel.store(Error::Exists { path: path() });
    reel.store(Error::File {
        doing: "open",
        path: path(),
        source: refused(),
    });
    reel.store(Error::Database {
        doing: "read the rows",
        source: "disk I/O error".into(),
    });
    insta::assert_snapshot!(finish(reel, "src/store/error.rs", "Error"));
}

#[test]
fn of_loading_and_drafting() {
    let mut reel = reel();
    let ahead = || {
        LoadError::Plan(PlanError::BranchAhead {
            branch: 15,
            server: 14,
        })
    };
    reel.load(ahead());
    reel.load(LoadError::DocumentsWithoutMarker {
        marker: ".octopus/schema_version.ocl".into(),
        attribute: "version".into(),
        documents: vec![".octopus/variables.ocl".into()],
    });
    reel.load(LoadError::SeveralProjects {
        base_paths: vec![".octopus/a".into(), ".octopus/b".into()],
    });
    reel.load(LoadError::InvalidBasePath {
        reason: "\"/etc\" is absolute".into(),
    });
    reel.load(LoadError::NotAFolder {
        base_path: ".octopus".into(),
        found: "file",
    });
    reel.load(LoadError::NoSuchDocument {
        name: "runbok/x".into(),
        known: vec!["runbook/x".into()],
    });
    reel.draft(DraftError::Load(ahead()));
    reel.draft(DraftError::NoSuchKind {
        name: "nothing".into(),
        kinds: vec!["variables (variables.ocl)".into()],
    });
    reel.draft(DraftError::NothingToEdit {
        name: "variables".into(),
        reason: "a step removed it".into(),
    });
    reel.draft(DraftError::Edit {
        name: "variables".into(),
        source: "no such block".into(),
    });
    reel.draft(DraftError::BranchExists {
        branch: "refs/heads/main".into(),
    });
    reel.draft(DraftError::NeedsParent {
        branch: "refs/heads/new".into(),
    });
    insta::assert_snapshot!(reel.text);
}

#[test]
fn of_races_and_of_what_others_left() {
    let mut reel = reel();
    let branch = || "refs/heads/main".to_owned();
    reel.commit(CommitError::BranchMoved {
        branch: branch(),
        expected: Some(id(1)),
        found: Some(id(2)),
    });
    reel.commit(CommitError::ImportChanged {
        changed: vec!["runbook/backup".into()],
    });
    reel.commit(CommitError::LookupChanged {
        table: "environments".into(),
        key: "Production".into(),
    });
    reel.commit(CommitError::Overtaken);
    reel.commit(CommitError::StoreBehind {
        branch: 14,
        store: 9,
        rows: vec!["runbook/backup".into()],
    });
    reel.commit(CommitError::DamagedIntent { id: IntentId(3) });
    reel.commit(CommitError::AfterSettling {
        settled: vec![SettledIntent {
            branch: branch(),
            commit: id(1).to_string(),
            applied: true,
            left: Vec::new(),
        }],
        source: Box::new(CommitError::Overtaken),
    });
    insta::assert_snapshot!(reel.text);
}
